/* Attacks on the reading of records by patients: ciphertexts, proofs of ownership, queries,
 * answers. */
#include <assert.h>
#include <string.h>

#include "actors/patient_internal.h"
#include "crypto/codec.h"
#include "sim/app/world_internal.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, KEPT_MAX = 128, NODES_MAX = 256 };

/* ---- ciphertexts ---- */

/* The hospital answers with what is not what it was given, if only by a bit. */
static struct ehr_message *release_flip(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_RELEASE || EHR_AS(release, message)->record == NULL)
        return message;
    struct ehr_msg_release *release = (struct ehr_msg_release *)tamper_copy(message);
    release->record->bytes[release->record->length / 2] ^= 1;
    /* the node's ticket holds the request in its low half */
    tamper_attack(t, (uint32_t)release->request, EHR_OUTCOME_REFUSED,
                  EHR_REASON_TAMPERED_CIPHERTEXT, tamper_node(t, "minsk-server"));
    return &release->head;
}

static void tampered_ciphertext(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", release_flip);
}

/* Only where the body is not asked for: that is by proxies. */
static struct ehr_message *head_flip(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_RELEASE || EHR_AS(release, message)->record != NULL ||
        EHR_AS(release, message)->sealed_head == NULL)
        return message;
    struct ehr_msg_release *release = (struct ehr_msg_release *)tamper_copy(message);
    release->sealed_head->bytes[release->sealed_head->length - 1] ^= 1;
    tamper_attack(t, (uint32_t)release->request, EHR_OUTCOME_REFUSED,
                  EHR_REASON_TAMPERED_CIPHERTEXT, tamper_node(t, "minsk-server"));
    return &release->head;
}

static void tampered_head(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", head_flip);
}

/* It has lost what it was given, and says so. */
static struct ehr_message *release_admit(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_RELEASE)
        return message;
    struct ehr_msg_release *release = EHR_NEW(release, RELEASE);
    release->request = EHR_AS(release, message)->request;
    release->status = EHR_REPLY_TAMPERED;
    tamper_attack(t, (uint32_t)release->request, EHR_OUTCOME_REFUSED,
                  EHR_REASON_TAMPERED_CIPHERTEXT, tamper_node(t, "minsk-server"));
    ehr_message_unref(message);
    return ehr_message_seal(&release->head);
}

static void tampered_admitted(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", release_admit);
}

/* A node that was given the altered one, or was told of it, complained to the three others. */
static void complaints_judge(struct tamper *t)
{
    tamper_check(t,
                 t->complaints >= 3 * t->attacks && t->complaints % 3 == 0 &&
                     t->dropped[EHR_MSG_COMPLAINT] == 0,
                 "%u complaints to 3 nodes each; %u of them not believed", t->complaints / 3,
                 t->dropped[EHR_MSG_COMPLAINT]);
}

static struct ehr_message *record_flip(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_RECORD || EHR_AS(record, message)->record == NULL)
        return message;
    struct ehr_msg_record *record = (struct ehr_msg_record *)tamper_copy(message);
    record->record->bytes[record->record->length / 2] ^= 1;
    tamper_attack(t, record->request, EHR_OUTCOME_OK, EHR_REASON_NONE,
                  tamper_node(t, "alliance-node-0"));
    return &record->head;
}

static void tampered_by_node(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", record_flip);
}

/* ---- entries ---- */

/* A private node says that another ciphertext belongs to the leaf. */
static struct ehr_message *entry_forge(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_LOCATED || EHR_AS(located, message)->entry == NULL)
        return message;
    struct ehr_msg_located *located = (struct ehr_msg_located *)tamper_copy(message);
    located->entry->bytes[32] ^= 1; /* of ct_hash */
    tamper_attack(t, (uint32_t)located->request, EHR_OUTCOME_OK, EHR_REASON_NONE,
                  EHR_REQUEST_NOBODY);
    return &located->head;
}

static void forged_entry(struct tamper *t)
{
    tamper_mouth(t, "minsk-node-0", entry_forge);
}

/* ---- somebody else's record ---- */

/* Shared visits, as anyone finds them who reads the alliance chain. */
static struct {
    struct {
        uint8_t txid[32];
        uint32_t place;
    } shared[KEPT_MAX];
    size_t shared_count;
    struct {
        uint64_t request;
        uint8_t own[32], foreign[32];
    } wanted[KEPT_MAX];
    size_t wanted_count;
} foreign;

static void receipt_see(struct tamper *t, uint32_t from, uint32_t to,
                        const struct ehr_message *message)
{
    (void)t, (void)from;
    if (message->type != EHR_MSG_RECEIPT || foreign.shared_count == KEPT_MAX)
        return;
    memcpy(foreign.shared[foreign.shared_count].txid, EHR_AS(receipt, message)->receipt + 96, 32);
    foreign.shared[foreign.shared_count++].place = to;
}

static uint32_t place_of_txid(const uint8_t txid[32])
{
    for (size_t i = 0; i < foreign.shared_count; i++)
        if (memcmp(foreign.shared[i].txid, txid, 32) == 0)
            return foreign.shared[i].place;
    return UINT32_MAX;
}

/* A visit of a patient of another hospital in the place of the own one. */
static const uint8_t *foreign_txid(const struct ehr_msg_fetch *fetch)
{
    for (size_t i = 0; i < foreign.wanted_count; i++)
        if (foreign.wanted[i].request == fetch->request)
            return foreign.wanted[i].foreign;
    uint32_t home = place_of_txid(fetch->txid);
    for (size_t i = 0; i < foreign.shared_count && foreign.wanted_count < KEPT_MAX; i++) {
        if (foreign.shared[i].place == home)
            continue;
        foreign.wanted[foreign.wanted_count].request = fetch->request;
        memcpy(foreign.wanted[foreign.wanted_count].own, fetch->txid, 32);
        memcpy(foreign.wanted[foreign.wanted_count].foreign, foreign.shared[i].txid, 32);
        return foreign.wanted[foreign.wanted_count++].foreign;
    }
    return NULL;
}

static struct ehr_message *fetch_foreign(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_FETCH)
        return message;
    const uint8_t *txid = foreign_txid(EHR_AS(fetch, message));
    if (txid == NULL)
        return message;
    struct ehr_msg_fetch *fetch = (struct ehr_msg_fetch *)tamper_copy(message);
    memcpy(fetch->txid, txid, 32);
    tamper_refusal(t, fetch->request, EHR_REASON_FOREIGN_TRAPDOOR);
    return &fetch->head;
}

static struct ehr_message *record_hear(struct tamper *t, const struct ehr_delivery *d)
{
    (void)t;
    if (d->message->type != EHR_MSG_RECORD)
        return NULL;
    for (size_t i = 0; i < foreign.wanted_count; i++) {
        if (foreign.wanted[i].request != EHR_AS(record, d->message)->request)
            continue;
        struct ehr_message *mine = ehr_message_ref((struct ehr_message *)(uintptr_t)d->message);
        struct ehr_msg_record *record = (struct ehr_msg_record *)tamper_copy(mine);
        memcpy(record->txid, foreign.wanted[i].own, 32);
        return &record->head;
    }
    return NULL;
}

static void foreign_trapdoor(struct tamper *t)
{
    tamper_mouth(t, "brest-patients", fetch_foreign);
}

/* ---- queries once more ---- */

enum { NONCE_DRAW = 16, ATTACKER_FIRST = 2, ATTACKER_LAST = 3 }; /* lanes: the patients of Grodno */

static struct {
    void (*fill)(struct ehr_rng *rng, uint8_t *out, size_t length);
    struct {
        uint8_t replays, answers; /* of different nodes */
    } heard[TAMPER_REQUESTS_MAX];
} nonce;

/* The generator of a patient whose nonces are all the same. */
static void nonce_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    nonce.fill(rng, out, length);
    if (length == NONCE_DRAW)
        memset(out, 1, length);
}

/* Devices come to life in the run. */
static void nonce_replace(struct tamper *t, uint32_t node, const struct ehr_mark *mark)
{
    (void)node, (void)mark;
    for (uint32_t lane = ATTACKER_FIRST; lane <= ATTACKER_LAST; lane++) {
        struct patient *patient = t->world->patients->devices[lane];
        if (patient == NULL || patient->crypto.rng.fill == nonce_fill)
            continue;
        nonce.fill = patient->crypto.rng.fill;
        patient->crypto.rng.fill = nonce_fill;
    }
}

static void answer_see(struct tamper *t, uint32_t from, uint32_t to,
                       const struct ehr_message *message)
{
    (void)t, (void)from, (void)to;
    if (message->type != EHR_MSG_ANSWER || EHR_AS(answer, message)->request >= TAMPER_REQUESTS_MAX)
        return;
    uint64_t request = EHR_AS(answer, message)->request;
    if (EHR_AS(answer, message)->status == EHR_REPLY_QUERY_REPLAY)
        nonce.heard[request].replays++;
    else if (EHR_AS(answer, message)->status == EHR_REPLY_OK)
        nonce.heard[request].answers++;
}

static void query_replay(struct tamper *t)
{
    (void)t; /* `mark` does it */
}

/* As long as f+1 nodes have not seen the nonce, the query may be as good as new: not if an answer
 * comes when the patient has begun another round. */
static void replays_judge(struct tamper *t)
{
    for (uint32_t request = 1; request < TAMPER_REQUESTS_MAX; request++) {
        if (nonce.heard[request].replays == 0)
            continue;
        tamper_refusal(t, request, EHR_REASON_QUERY_REPLAY);
        t->expected[request].or_well =
            nonce.heard[request].answers >= t->directory->alliance.client_quorum;
    }
    tamper_check(t, t->said[EHR_REPLY_QUERY_REPLAY] > 0, "%u answers were query_replay",
                 t->said[EHR_REPLY_QUERY_REPLAY]);
}

/* Somebody on the way sends an old box instead of the new one, once for each request. */
static struct {
    struct ehr_message *box[NODES_MAX]; /* the first that went to that node */
    uint64_t replaced[KEPT_MAX];
    size_t count;
} old;

static struct ehr_message *query_swap(void *context, uint64_t now_ns, uint32_t to,
                                      struct ehr_message *message)
{
    (void)context, (void)now_ns;
    if (message->type != EHR_MSG_QUERY)
        return message;
    uint64_t request = EHR_AS(query, message)->request;
    assert(to < NODES_MAX);
    if (old.box[to] == NULL) {
        old.box[to] = ehr_message_ref(message);
        return message;
    }
    for (size_t i = 0; i < old.count; i++)
        if (old.replaced[i] == request)
            return message;
    if (old.count == KEPT_MAX || EHR_AS(query, old.box[to])->request == request)
        return message;
    old.replaced[old.count++] = request;
    struct ehr_msg_query *query = EHR_NEW(query, QUERY);
    query->request = request;
    query->box = ehr_blob_ref(EHR_AS(query, old.box[to])->box);
    ehr_message_unref(message);
    return ehr_message_seal(&query->head);
}

static void query_replay_network(struct tamper *t)
{
    tamper_mouth(t, "minsk-patients", query_swap);
    tamper_mouth(t, "grodno-patients", query_swap);
    tamper_mouth(t, "brest-patients", query_swap);
}

static void swaps_judge(struct tamper *t)
{
    tamper_check(t, old.count > 0 && t->said[EHR_REPLY_QUERY_REPLAY] == old.count,
                 "%zu old boxes sent; %u answers were query_replay", old.count,
                 t->said[EHR_REPLY_QUERY_REPLAY]);
    for (size_t i = 0; i < NODES_MAX; i++)
        ehr_message_unref(old.box[i]);
}

/* ---- hits left out, hits added ---- */

/* The answer with other hits, signed again by its node: an attack on the request. */
static struct ehr_message *answer_forge(struct tamper *t, struct ehr_message *take_message,
                                        struct ehr_blob *take_hits)
{
    struct ehr_msg_answer *answer = (struct ehr_msg_answer *)tamper_copy(take_message);
    uint8_t digest[32];
    ehr_blob_unref(answer->hits);
    answer->hits = take_hits;
    ehr_answer_digest(digest, answer->query_id, answer->status, answer->height, answer->hits);
    ehr_sign_make(answer->signature, &t->genesis->alliance.nodes[0].secrets.sign, "sig-answer",
                  digest);
    tamper_attack(t, answer->request, EHR_OUTCOME_OK, EHR_REASON_NONE,
                  tamper_node(t, "alliance-node-0"));
    return ehr_message_seal(&answer->head);
}

static struct ehr_message *hits_omit(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    struct tamper *t = context;
    size_t offset = 0, left = 0;
    struct ehr_hit hit;
    bool malformed = false;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_ANSWER || EHR_AS(answer, message)->status != EHR_REPLY_OK ||
        !ehr_hits_next(EHR_AS(answer, message)->hits, &offset, &left, &hit, &malformed))
        return message;
    return answer_forge(t, message, ehr_hits_encode(NULL, 0));
}

static void omitted_hit(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", hits_omit);
}

/* Hits of an earlier answer about a patient of another hospital. */
static struct {
    uint8_t hid[32], bytes[1 << 15]; /* of all hits, behind their count */
    size_t length;
    uint16_t count;
} extra;

/* Well proved, and not asked for: whoever leaves them out is right. */
static struct ehr_message *hits_add(void *context, uint64_t now_ns, uint32_t to,
                                    struct ehr_message *message)
{
    struct tamper *t = context;
    size_t offset = 0, left = 0;
    struct ehr_hit hit;
    struct ehr_atx atx;
    bool malformed = false;
    (void)now_ns, (void)to;
    const struct ehr_msg_answer *given = EHR_AS(answer, message);
    if (message->type != EHR_MSG_ANSWER || given->status != EHR_REPLY_OK ||
        !ehr_hits_next(given->hits, &offset, &left, &hit, &malformed) ||
        ehr_atx_parse(&atx, hit.atx, hit.atx_len) != EHR_OK)
        return message;
    if (extra.length == 0 && given->hits->length - 2 <= sizeof extra.bytes) {
        memcpy(extra.hid, atx.hid, 32);
        extra.length = given->hits->length - 2;
        extra.count = ehr_le16_get(given->hits->bytes);
        memcpy(extra.bytes, given->hits->bytes + 2, extra.length);
    }
    if (extra.length == 0 || memcmp(extra.hid, atx.hid, 32) == 0)
        return message;
    struct ehr_blob *hits = ehr_blob_new(NULL, given->hits->length + extra.length);
    ehr_le16(hits->bytes, (uint16_t)(ehr_le16_get(given->hits->bytes) + extra.count));
    memcpy(hits->bytes + 2, extra.bytes, extra.length);
    memcpy(hits->bytes + 2 + extra.length, given->hits->bytes + 2, given->hits->length - 2);
    return answer_forge(t, message, hits);
}

static void added_hit(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", hits_add);
}

const struct tamper_case tamper_cases_read[] = {
    {.name = "tampered_ciphertext",
     .attack = "the hospital flips a bit of every ciphertext that it releases",
     .before = EHR_PHASE_OPEN,
     .prepare = tampered_ciphertext,
     .judge = complaints_judge},
    {.name = "tampered_head",
     .attack = "the hospital flips a bit of every head that it releases without its body",
     .prepare = tampered_head,
     .judge = complaints_judge},
    {.name = "tampered_admitted",
     .attack = "the hospital says that its ciphertexts have other hashes",
     .before = EHR_PHASE_OPEN,
     .prepare = tampered_admitted,
     .judge = complaints_judge},
    {.name = "forged_entry",
     .attack = "a private node gives entries with another ciphertext's hash",
     .prepare = forged_entry},
    {.name = "tampered_by_node",
     .attack = "an alliance node flips a bit of every ciphertext that it passes on",
     .prepare = tampered_by_node},
    {.name = "foreign_trapdoor",
     .attack = "patients fetch the records of patients of other hospitals",
     .before = EHR_PHASE_COMPARE,
     .prepare = foreign_trapdoor,
     .see = receipt_see,
     .ear = "brest-patients",
     .hear = record_hear},
    {.name = "query_replay",
     .attack = "the patients of Grodno query with one and the same nonce",
     .sets = {"workload/retrievals/@count=24"},
     .before = EHR_PHASE_LOCATE,
     .prepare = query_replay,
     .mark = nonce_replace,
     .see = answer_see,
     .judge = replays_judge},
    {.name = "query_replay_network",
     .attack = "in the place of one query of each request an old one is sent again",
     .prepare = query_replay_network,
     .judge = swaps_judge,
     .invisible = true},
    {.name = "omitted_hit",
     .attack = "an alliance node leaves all hits out of its signed answers",
     .prepare = omitted_hit},
    {.name = "added_hit",
     .attack = "an alliance node adds other patients' transactions to its signed answers",
     .prepare = added_hit},
    {.name = NULL},
};
