/* Attacks on what a hospital brings to the alliance chain: paths, certificates, headers. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, ANCHOR_BYTES_MAX = 4096 };

static void atx_read(struct ehr_atx *atx, const struct ehr_tx *tx)
{
    enum ehr_status status = ehr_atx_parse(atx, tx->bytes, tx->length);
    assert(status == EHR_OK);
}

static const struct ehr_sign_key *server_key(const struct tamper *t)
{
    return &t->genesis->hospitals[MINSK].server.secrets.sign;
}

/* ---- a path that leads elsewhere ---- */

static struct {
    uint32_t short_ones, long_ones; /* transactions whose own path was empty, was not */
} paths;

static struct ehr_message *path_alter(void *context, uint64_t now_ns, uint32_t to,
                                      struct ehr_message *message)
{
    struct tamper *t = context;
    uint8_t bytes[EHR_ATX_BYTES_MAX], path[EHR_MERKLE_PATH_MAX];
    struct ehr_atx atx;
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_INDEX);
    (void)now_ns, (void)to;
    if (tx == NULL)
        return message;
    atx_read(&atx, tx);
    memcpy(path, atx.path, 32 * (size_t)atx.depth);
    if (atx.depth > 0) {
        path[0] ^= 1;
        paths.long_ones++;
    } else {
        memset(path, 7, 32); /* a sibling that is not there */
        atx.depth = 1;
        paths.short_ones++;
    }
    atx.path = path;
    ehr_atx_make(bytes, NULL, &atx, server_key(t));
    tamper_refusal(t, tx->request, EHR_REASON_WRONG_MERKLE_PATH);
    return tamper_submit(t, message, bytes, EHR_ATX_BYTES(atx.nkw, atx.depth));
}

static void wrong_merkle_path(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", path_alter);
}

static void paths_judge(struct tamper *t)
{
    tamper_check(t, paths.short_ones > 0 && paths.long_ones > 0,
                 "%u submissions with a sibling changed, %u with one too many", paths.long_ones,
                 paths.short_ones);
}

/* ---- a certificate that is none ---- */

static struct ehr_message *certificate_alter(void *context, uint64_t now_ns, uint32_t to,
                                             struct ehr_message *message)
{
    struct tamper *t = context;
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_INDEX);
    struct ehr_anchor anchor;
    uint8_t certificate[ANCHOR_BYTES_MAX];
    (void)now_ns, (void)to;
    if (tx != NULL)
        tamper_refusal(t, tx->request, EHR_REASON_WRONG_CERTIFICATE);
    tx = tamper_submitted(message, EHR_TX_ANCHOR);
    if (tx == NULL)
        return message;
    enum ehr_status status = ehr_anchor_parse(&anchor, tx->bytes, tx->length);
    assert(status == EHR_OK && anchor.proof.certificate_len <= sizeof certificate);
    size_t length = anchor.proof.certificate_len;
    memcpy(certificate, anchor.proof.certificate, length);
    memcpy(certificate + length - 64, certificate + length - 128, 64); /* another member's */
    anchor.proof.certificate = certificate;
    struct ehr_blob *bytes = ehr_anchor_make(anchor.hid, &anchor.proof, server_key(t));
    message = tamper_submit(t, message, bytes->bytes, bytes->length);
    ehr_blob_unref(bytes);
    return message;
}

static void wrong_certificate(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", certificate_alter);
}

static uint32_t anchors_ordered(const struct tamper *t)
{
    const struct ehr_chain *chain = t->genesis->alliance.chain;
    uint32_t server = tamper_node(t, "minsk-server"), count = 0;
    for (uint64_t height = 1; height <= chain->height; height++) {
        const struct ehr_block *block = ehr_chain_block_at(chain, height)->block;
        for (uint32_t i = 0; i < block->count; i++)
            count += block->tx[i]->type == EHR_TX_ANCHOR && block->tx[i]->client == server;
    }
    return count;
}

/* Their index transactions find no header meanwhile. */
static void headers_judge(struct tamper *t)
{
    tamper_check(t, anchors_ordered(t) == 0, "%u of the hospital's anchors in blocks",
                 anchors_ordered(t));
    tamper_check(t, t->refused[EHR_REPLY_NO_HEADER] > 0 && t->refused[EHR_REPLY_WRONG_CERTIFICATE],
                 "%u transactions refused with no_header, %u with wrong_certificate",
                 t->refused[EHR_REPLY_NO_HEADER], t->refused[EHR_REPLY_WRONG_CERTIFICATE]);
}

/* ---- an anchor that does not come ---- */

static struct ehr_tx *first_anchor;

/* Instead of every further anchor the first one comes again, which is a duplicate. */
static struct ehr_message *anchor_repeat(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_atx atx;
    struct ehr_anchor anchor;
    struct ehr_block_header first = {0};
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_INDEX);
    (void)now_ns, (void)to;
    if (tx != NULL && first_anchor != NULL) {
        atx_read(&atx, tx);
        enum ehr_status status =
            ehr_anchor_parse(&anchor, first_anchor->bytes, first_anchor->length);
        if (status == EHR_OK)
            status = ehr_block_header_parse(&first, anchor.proof.header, EHR_BLOCK_HEADER_BYTES);
        assert(status == EHR_OK);
        if (atx.height != first.height)
            tamper_refusal(t, tx->request, EHR_REASON_NO_HEADER);
    }
    tx = tamper_submitted(message, EHR_TX_ANCHOR);
    if (tx == NULL)
        return message;
    if (first_anchor == NULL)
        first_anchor = ehr_tx_ref(EHR_AS(submit, message)->tx);
    if (memcmp(first_anchor->id, tx->id, 32) == 0)
        return message;
    return tamper_submit(t, message, first_anchor->bytes, first_anchor->length);
}

static void no_header(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", anchor_repeat);
}

static void first_anchor_drop(struct tamper *t)
{
    (void)t;
    ehr_tx_unref(first_anchor);
}

/* ---- two headers at one height ---- */

static struct {
    uint64_t height;    /* of the private chain, where there are two; 0: not yet */
    uint32_t anchors;   /* seen before */
    uint64_t presented; /* how often the forged one was sent */
    uint64_t ns;        /* when the fork was proved */
    uint32_t suspended; /* visits that came after that */
} forked;

/* Another header, certified by a quorum of private nodes. */
static struct ehr_blob *anchor_other(struct tamper *t, const struct ehr_anchor *anchor)
{
    const struct ehr_genesis_chain *chain = &t->genesis->hospitals[MINSK].chain;
    const struct ehr_committee *committee = chain->committee;
    struct ehr_block_header header;
    struct ehr_quorum_vote votes[16];
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES], hash[32], root[32], digest[32];
    uint8_t certificate[ANCHOR_BYTES_MAX];
    enum ehr_status status =
        ehr_block_header_parse(&header, anchor->proof.header, EHR_BLOCK_HEADER_BYTES);
    assert(status == EHR_OK && committee->certificate_quorum <= 16);
    header.time_ns++;
    ehr_block_header_encode(bytes, &header);
    ehr_block_hash(hash, bytes);
    ehr_state_root(root, anchor->proof.previous_state, hash, anchor->proof.refused,
                   anchor->proof.refused_len);
    ehr_block_cert_digest(digest, committee->chain_id, header.epoch, header.height, hash, root);
    for (uint32_t i = 0; i < committee->certificate_quorum; i++) {
        votes[i].member = i;
        ehr_block_cert_sign(votes[i].sig, digest, &chain->nodes[i].secrets.sign);
    }
    size_t length = EHR_QUORUM_CERT_BYTES(committee->count, committee->certificate_quorum);
    status = ehr_quorum_cert_make(certificate, length, digest, committee->count, votes,
                                  committee->certificate_quorum);
    assert(status == EHR_OK);
    struct ehr_block_proof proof = anchor->proof;
    proof.header = bytes;
    proof.certificate = certificate;
    proof.certificate_len = length;
    return ehr_anchor_make(anchor->hid, &proof, server_key(t));
}

/* At the second anchored height the forged header goes first, to the primary alone; the repetition
 * brings the true one. What rests on either waits. */
static struct ehr_message *anchor_fork(struct tamper *t, struct ehr_message *message,
                                       const struct ehr_tx *tx)
{
    struct ehr_anchor anchor;
    struct ehr_block_header header = {0};
    enum ehr_status status = ehr_anchor_parse(&anchor, tx->bytes, tx->length);
    if (status == EHR_OK)
        status = ehr_block_header_parse(&header, anchor.proof.header, EHR_BLOCK_HEADER_BYTES);
    assert(status == EHR_OK);
    if (forked.height == 0 && forked.anchors++ == 1)
        forked.height = header.height;
    if (header.height != forked.height || forked.presented++ > 0)
        return message;
    struct ehr_blob *bytes = anchor_other(t, &anchor);
    /* its answer means nothing to the hospital's role */
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->request = tx->request;
    submit->tx = ehr_tx_new(EHR_TX_ANCHOR, bytes->bytes, bytes->length, tx->client, tx->client_lane,
                            tx->request);
    ehr_blob_unref(bytes);
    ehr_message_unref(message);
    return ehr_message_seal(&submit->head);
}

static struct ehr_message *hospital_fork(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_atx atx;
    (void)now_ns, (void)to;
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_ANCHOR);
    if (tx != NULL)
        return anchor_fork(t, message, tx);
    tx = tamper_submitted(message, EHR_TX_INDEX);
    if (tx == NULL || forked.height == 0)
        return message;
    atx_read(&atx, tx);
    if (atx.height == forked.height) {
        tamper_refusal(t, tx->request, EHR_REASON_FORK_PROOF);
        ehr_message_unref(message);
        return NULL;
    }
    if (atx.height > forked.height) {
        forked.suspended += !tamper_attacked(t, tx->request) && forked.ns > 0;
        tamper_refusal(t, tx->request, EHR_REASON_HOSPITAL_SUSPENDED);
        if (forked.ns == 0) /* in time, or not: the proof is under way */
            t->expected[tx->request].or_well = true;
    }
    return message;
}

static void fork_mark(struct tamper *t, uint32_t node, const struct ehr_mark *mark)
{
    (void)node;
    if (mark->kind == EHR_MARK_REFUSED_TX && mark->value == EHR_REPLY_FORK_PROOF && forked.ns == 0)
        forked.ns = t->now_ns;
}

static void fork_proof(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", hospital_fork);
}

static void fork_judge(struct tamper *t)
{
    const struct ehr_contract *contract = t->genesis->alliance.chain->contract;
    uint64_t height = t->genesis->alliance.chain->height;
    tamper_check(t, forked.ns > 0, "fork at height %" PRIu64 " proved at %.3f s", forked.height,
                 (double)forked.ns / 1e9);
    tamper_check(t, forked.suspended > 0, "%u visits of the hospital came after that",
                 forked.suspended);
    for (uint32_t h = 0; h < t->directory->hospital_count; h++)
        tamper_check(t, ehr_contract_suspended(contract, h, height) == (h == MINSK), "%s is %s",
                     t->directory->hospitals[h].id,
                     ehr_contract_suspended(contract, h, height) ? "suspended" : "a member");
}

const struct tamper_case tamper_cases_chain[] = {
    {.name = "wrong_merkle_path",
     .attack = "the hospital signs index transactions whose path does not lead to the root",
     .sets = {"hospital/patients/@count=8", "workload/visits/@rate=20/s", "storage/@write=20ms",
              "run/@duration=1s"},
     .prepare = wrong_merkle_path,
     .judge = paths_judge,
     .ear = "minsk-server",
     .hear = tamper_hear_own},
    {.name = "wrong_certificate",
     .attack = "in the hospital's anchors one signature is another member's",
     .before = EHR_PHASE_ALLIANCE_ORDER,
     .prepare = wrong_certificate,
     .judge = headers_judge,
     .ear = "minsk-server",
     .hear = tamper_hear_own},
    {.name = "no_header",
     .attack = "the hospital anchors its first block only",
     .prepare = no_header,
     .judge = first_anchor_drop,
     .ear = "minsk-server",
     .hear = tamper_hear_own},
    {.name = "fork_proof",
     .attack = "the hospital brings two headers of one height, each certified by a quorum",
     .prepare = fork_proof,
     .mark = fork_mark,
     .judge = fork_judge},
    {.name = NULL},
};
