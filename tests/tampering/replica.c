/* Attacks by replicas: a primary that says different things to different backups, and replicas that
 * lie about what they executed. */
#include <assert.h>
#include <string.h>

#include "crypto/vote.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0 };

/* ---- a primary that equivocates ---- */

static uint32_t equivocations;

/* The same block a nanosecond earlier, for the third and fourth replica. */
static struct ehr_message *proposal_split(void *context, uint64_t now_ns, uint32_t to,
                                          struct ehr_message *message)
{
    struct tamper *t = context;
    const struct ehr_genesis_chain *chain = &t->genesis->hospitals[MINSK].chain;
    uint32_t replica = ehr_committee_replica(chain->committee, to);
    struct ehr_block_header header;
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES], digest[32];
    (void)now_ns;
    if (message->type != EHR_MSG_CONSENSUS ||
        EHR_AS(consensus, message)->phase != EHR_ENGINE_PRE_PREPARE || replica < 2)
        return message;
    const struct ehr_msg_consensus *own = EHR_AS(consensus, message);
    const struct ehr_block *block = own->carried->block[0];
    enum ehr_status status = ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES);
    assert(status == EHR_OK && header.time_ns > 0);
    header.time_ns--;
    ehr_block_header_encode(bytes, &header);
    struct ehr_msg_consensus *other = EHR_NEW(consensus, CONSENSUS);
    other->phase = own->phase;
    other->view = own->view;
    other->height = own->height;
    other->carried = ehr_block_list_new(1);
    other->carried->block[0] = ehr_block_new(bytes, block->tx, block->count);
    memcpy(other->digest, other->carried->block[0]->hash, 32);
    struct ehr_vote vote = {.epoch = t->directory->epoch,
                            .view = own->view,
                            .height = own->height,
                            .phase = own->phase};
    memcpy(vote.chain_id, chain->committee->chain_id, 32);
    memcpy(vote.block_hash, other->digest, 32);
    ehr_vote_digest(digest, &vote);
    ehr_vote_sign(other->auth.signature, &chain->nodes[0].secrets.sign, digest);
    other->auth.kind = own->auth.kind;
    equivocations++;
    ehr_message_unref(message);
    return ehr_message_seal(&other->head);
}

static void equivocating_primary(struct tamper *t)
{
    tamper_mouth(t, "minsk-node-0", proposal_split);
}

static void equivocation_judge(struct tamper *t)
{
    tamper_check(t, equivocations > 0,
                 "%u proposals to others than the first backup were different", equivocations);
    tamper_check(t, t->views > 0, "%u times a replica changed its view", t->views);
}

/* ---- replicas that lie about what they executed ---- */

static uint32_t lies;

static struct ehr_message *share_spoil(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    (void)context, (void)now_ns, (void)to;
    if (message->type != EHR_MSG_BLOCK_SIGN)
        return message;
    struct ehr_msg_block_sign *share = (struct ehr_msg_block_sign *)tamper_copy(message);
    if (lies++ % 2 == 0)
        share->signature[40] ^= 1;
    else
        share->previous_state[0] ^= 1; /* signed is another outcome */
    return &share->head;
}

static void forged_block_share(struct tamper *t)
{
    tamper_mouth(t, "minsk-node-3", share_spoil);
    tamper_mouth(t, "alliance-node-3", share_spoil);
}

/* Those that come after a certificate is there are not looked at. */
static void block_shares_judge(struct tamper *t)
{
    tamper_check(t, lies > 0 && t->dropped[EHR_MSG_BLOCK_SIGN] > 0,
                 "%u forged shares of certificates, %u dropped as such", lies,
                 t->dropped[EHR_MSG_BLOCK_SIGN]);
}

static struct ehr_message *reply_lie(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    (void)context, (void)now_ns, (void)to;
    if (message->type != EHR_MSG_REPLY || EHR_AS(reply, message)->status != EHR_REPLY_OK)
        return message;
    struct ehr_msg_reply *reply = (struct ehr_msg_reply *)tamper_copy(message);
    if (lies++ % 2 == 0)
        reply->status = EHR_REPLY_MALFORMED;
    else
        reply->height += 1000;
    return &reply->head;
}

static void lying_replica(struct tamper *t)
{
    tamper_mouth(t, "minsk-node-0", reply_lie);
    tamper_mouth(t, "alliance-node-0", reply_lie);
}

/* In turn all grants of a batch are refused, and there are none. */
static struct ehr_message *items_lie(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    (void)context, (void)now_ns, (void)to;
    if (message->type != EHR_MSG_REPLY_ITEMS)
        return message;
    struct ehr_msg_reply_items *items = (struct ehr_msg_reply_items *)tamper_copy(message);
    if (lies++ % 2 == 0) {
        memset(items->statuses->bytes, EHR_REPLY_NOT_FOUND, items->statuses->length);
    } else {
        ehr_blob_unref(items->statuses);
        items->statuses = NULL;
    }
    return ehr_message_seal(&items->head);
}

static void lying_about_batches(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-3", items_lie);
}

static void lies_judge(struct tamper *t)
{
    tamper_check(t, lies > 0, "%u replies were lies", lies);
}

/* ---- a primary that refuses what it orders ---- */

enum { REFUSALS = 2, LABELS_MAX = 4096, LABEL_BYTES = 16 };

static struct {
    uint32_t lies;
    uint64_t submitted[TAMPER_REQUESTS_MAX]; /* requests whose labels were looked at */
    size_t submitted_count;
    struct {
        uint8_t bytes[LABEL_BYTES];
        bool refused; /* as a label in use */
    } label[LABELS_MAX];
    size_t label_count;
    uint32_t stubborn; /* labels submitted once more after that */
} refusals;

static struct ehr_message *refusal_lie(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    uint8_t digest[32];
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_REPLY || EHR_AS(reply, message)->status != EHR_REPLY_OK ||
        refusals.lies == REFUSALS)
        return message;
    struct ehr_msg_reply *reply = (struct ehr_msg_reply *)tamper_copy(message);
    reply->status = EHR_REPLY_BAD_EVIDENCE;
    ehr_refuse_digest(digest, reply->tx_id, reply->status, reply->height);
    ehr_sign_make(reply->signature, &t->genesis->hospitals[MINSK].chain.nodes[0].secrets.sign,
                  "sig-refuse", digest);
    reply->has_signature = 1;
    refusals.lies++;
    tamper_refusal(t, reply->request, EHR_REASON_BAD_EVIDENCE);
    return ehr_message_seal(&reply->head);
}

/* The others' word does not reach the doctor in time. */
static struct ehr_message *reply_lose(void *context, uint64_t now_ns, uint32_t to,
                                      struct ehr_message *message)
{
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_REPLY ||
        (refusals.lies == REFUSALS && !tamper_attacked(context, EHR_AS(reply, message)->request)))
        return message;
    ehr_message_unref(message);
    return NULL;
}

/* True if the label was submitted before; then it was ordered, whatever the doctor was told. */
static bool label_submitted(const uint8_t *label)
{
    for (size_t i = 0; i < refusals.label_count; i++) {
        if (memcmp(refusals.label[i].bytes, label, LABEL_BYTES) != 0)
            continue;
        refusals.stubborn += refusals.label[i].refused;
        refusals.label[i].refused = true;
        return true;
    }
    return false;
}

static struct ehr_message *labels_note(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_RECORD);
    struct ehr_ptx ptx;
    bool used = false;
    (void)now_ns, (void)to;
    for (size_t i = 0; tx != NULL && i < refusals.submitted_count; i++)
        if (refusals.submitted[i] == tx->request)
            tx = NULL;
    if (tx == NULL)
        return message;
    refusals.submitted[refusals.submitted_count++] = tx->request;
    enum ehr_status status = ehr_ptx_parse(&ptx, tx->bytes, tx->length);
    assert(status == EHR_OK);
    for (size_t i = 0; i < ptx.terms.nkw; i++)
        used = label_submitted(ptx.terms.labels + LABEL_BYTES * i) || used;
    if (used)
        tamper_refusal(t, tx->request, EHR_REASON_REUSED_LABEL);
    for (size_t i = 0; !used && i < ptx.terms.nkw && refusals.label_count < LABELS_MAX; i++)
        memcpy(refusals.label[refusals.label_count++].bytes, ptx.terms.labels + LABEL_BYTES * i,
               LABEL_BYTES);
    return message;
}

static void refusing_primary(struct tamper *t)
{
    tamper_mouth(t, "minsk-node-0", refusal_lie);
    tamper_mouth(t, "minsk-node-1", reply_lose);
    tamper_mouth(t, "minsk-node-2", reply_lose);
    tamper_mouth(t, "minsk-node-3", reply_lose);
    tamper_mouth(t, "minsk-doctor-0", labels_note);
    tamper_mouth(t, "minsk-doctor-1", labels_note);
}

static void refusals_judge(struct tamper *t)
{
    tamper_check(t, refusals.lies == REFUSALS, "%u records refused and ordered", refusals.lies);
    tamper_check(t, t->refused[EHR_REPLY_REUSED_LABEL] > 0,
                 "%u refusals as labels of these were submitted once more",
                 t->refused[EHR_REPLY_REUSED_LABEL]);
    tamper_check(t, refusals.stubborn == 0, "%u labels submitted again after that",
                 refusals.stubborn);
}

const struct tamper_case tamper_cases_replica[] = {
    {.name = "equivocating_primary",
     .attack = "the primary of a private chain proposes different blocks to different backups",
     .prepare = equivocating_primary,
     .judge = equivocation_judge,
     .invisible = true},
    {.name = "forged_block_share",
     .attack = "one replica of a private chain and one of the alliance sign no block as it is",
     .prepare = forged_block_share,
     .judge = block_shares_judge,
     .invisible = true},
    {.name = "refusing_primary",
     .attack = "the primary of a private chain orders two records and refuses them to the doctors",
     .sets = {"workload/visits/@count=60", "workload/visits/@rate=0.5/s"},
     .prepare = refusing_primary,
     .judge = refusals_judge},
    {.name = "lying_about_batches",
     .attack =
         "a backup of the alliance tells patients that the grants of their batches are refused",
     .sets = {"workload/shares/@visits=3"},
     .prepare = lying_about_batches,
     .judge = lies_judge,
     .invisible = true},
    {.name = "lying_replica",
     .attack =
         "the primaries of a private chain and of the alliance tell clients of other outcomes",
     .prepare = lying_replica,
     .judge = lies_judge,
     .invisible = true},
    {.name = NULL},
};
