/* Attacks on what is written in a visit: drafts, evidence, pseudonyms and labels. The adversary is
 * a doctor of Minsk or a patient who visits one. */
#include <assert.h>
#include <string.h>

#include "crypto/record.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, KEPT_MAX = 64 };

/* Length of a sealed pseudonym scalar's draw, of labels and nonces, of a seal's randomness. */
enum { SCALAR_DRAW = 64, LABEL_DRAW = 16 };

static const struct ehr_tx *record_of(const struct ehr_message *message, struct ehr_ptx *ptx)
{
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_RECORD);
    if (tx != NULL) {
        enum ehr_status status = ehr_ptx_parse(ptx, tx->bytes, tx->length);
        assert(status == EHR_OK);
    }
    return tx;
}

/* ---- forged evidence ---- */

/* In turn the doctor's signature and the patient's token are not what they were. */
static struct ehr_message *evidence_forge(void *context, uint64_t now_ns, uint32_t to,
                                          struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_ptx ptx;
    const struct ehr_tx *tx = record_of(message, &ptx);
    uint8_t bytes[EHR_PTX_BYTES_MAX];
    (void)now_ns, (void)to;
    if (tx == NULL)
        return message;
    const uint8_t *at = tx->request % 2 == 0 ? ptx.doctor_sig : ptx.token;
    memcpy(bytes, tx->bytes, tx->length);
    bytes[at - tx->bytes + 40] ^= 1;
    tamper_refusal(t, tx->request, EHR_REASON_BAD_EVIDENCE);
    return tamper_submit(t, message, bytes, tx->length);
}

static void bad_evidence(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", evidence_forge);
}

static struct ehr_message *token_forge(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_TOKEN)
        return message;
    struct ehr_message *copy = tamper_copy(message);
    ((struct ehr_msg_token *)copy)->token[40] ^= 1;
    tamper_refusal(t, EHR_AS(token, copy)->request, EHR_REASON_BAD_EVIDENCE);
    return copy;
}

static void bad_token(struct tamper *t)
{
    tamper_mouth(t, "minsk-patients", token_forge);
}

/* ---- a pseudonym once more ---- */

/* A draft as the doctor sent it. */
struct drafted {
    uint64_t request;
    uint8_t pseudonym[EHR_PSEUDONYM_BYTES];
    uint8_t body[32];
};

static struct {
    enum ehr_reason reason; /* with which the honest ones stop it */
    void (*fill)(struct ehr_rng *rng, uint8_t *out, size_t length);
    uint8_t scalar[SCALAR_DRAW];
    bool drawn;
    struct drafted drafted[KEPT_MAX];
    size_t count;
} replay;

/* The generator of a doctor whose scalars are all the same. */
static void replay_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    if (length != SCALAR_DRAW || !replay.drawn)
        replay.fill(rng, out, length);
    if (length != SCALAR_DRAW)
        return;
    if (!replay.drawn)
        memcpy(replay.scalar, out, SCALAR_DRAW);
    replay.drawn = true;
    memcpy(out, replay.scalar, SCALAR_DRAW);
}

static const struct drafted *drafted_find(uint64_t request)
{
    for (size_t i = 0; i < replay.count; i++)
        if (replay.drafted[i].request == request)
            return &replay.drafted[i];
    return NULL;
}

static void draft_keep(struct tamper *t, const struct ehr_msg_draft *draft)
{
    const struct ehr_hospital_info *hospital = &t->directory->hospitals[MINSK];
    uint8_t ct_hash[32];
    if (drafted_find(draft->request) != NULL)
        return;
    for (size_t i = 0; i < replay.count; i++)
        if (memcmp(replay.drafted[i].pseudonym, draft->pseudonym, EHR_PSEUDONYM_BYTES) == 0)
            tamper_refusal(t, draft->request, replay.reason);
    assert(replay.count < KEPT_MAX);
    struct drafted *kept = &replay.drafted[replay.count++];
    kept->request = draft->request;
    memcpy(kept->pseudonym, draft->pseudonym, EHR_PSEUDONYM_BYTES);
    ehr_record_hash(ct_hash, draft->record->bytes, draft->record->length);
    const struct ehr_ptx_terms terms = {.hid = hospital->server.cert.id,
                                        .doctor_id = hospital->doctors[0].cert.id,
                                        .epoch = draft->epoch,
                                        .flags = draft->flags,
                                        .pseudonym = draft->pseudonym,
                                        .ct_hash = ct_hash,
                                        .ct_len = draft->record->length,
                                        .labels = draft->labels->bytes,
                                        .nkw = draft->labels->length / LABEL_DRAW};
    ehr_ptx_terms_body(kept->body, &terms);
}

static struct ehr_message *draft_watch(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    (void)now_ns, (void)to;
    if (message->type == EHR_MSG_DRAFT)
        draft_keep(context, EHR_AS(draft, message));
    return message;
}

/* The patient is in it too, and signs what its device would not. */
static struct ehr_message *token_collude(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_TOKEN || EHR_AS(token, message)->status != EHR_REPLY_BAD_DRAFT ||
        !tamper_attacked(t, EHR_AS(token, message)->request))
        return message;
    const struct drafted *drafted = drafted_find(EHR_AS(token, message)->request);
    struct ehr_visit_keys keys;
    struct ehr_point P;
    tamper_visit_keys(t, drafted->pseudonym, t->directory->hospitals[MINSK].server.cert.id, &keys);
    struct ehr_msg_token *token = (struct ehr_msg_token *)tamper_copy(message);
    enum ehr_status status = ehr_point_import(&P, drafted->pseudonym);
    if (status == EHR_OK)
        status = ehr_ptx_sign_patient(token->token, drafted->body, &keys.p, &P, &t->rng.rng);
    assert(status == EHR_OK);
    token->status = EHR_REPLY_OK;
    return &token->head;
}

/* And so is the hospital, which acknowledges what it refused to store. */
static struct ehr_message *store_collude(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_STORE_ACK ||
        EHR_AS(store_ack, message)->status != EHR_REPLY_REUSED_PSEUDONYM)
        return message;
    struct ehr_msg_store_ack *ack = (struct ehr_msg_store_ack *)tamper_copy(message);
    uint8_t digest[32];
    ehr_ack_digest(digest, ack->request, t->directory->hospitals[MINSK].server.cert.id,
                   ack->ct_hash);
    ehr_sign_make(ack->signature, &t->genesis->hospitals[MINSK].server.secrets.sign, "sig-ack",
                  digest);
    ack->status = EHR_REPLY_OK;
    return &ack->head;
}

static void pseudonym_replay(struct tamper *t, enum ehr_reason reason)
{
    struct ehr_rng *rng = &t->genesis->hospitals[MINSK].doctors[0].rng.rng;
    replay.reason = reason;
    replay.fill = rng->fill;
    rng->fill = replay_fill;
    tamper_mouth(t, "minsk-doctor-0", draft_watch);
}

static void reused_pseudonym_patient(struct tamper *t)
{
    pseudonym_replay(t, EHR_REASON_DRAFT_REJECTED);
}

static void reused_pseudonym_hospital(struct tamper *t)
{
    pseudonym_replay(t, EHR_REASON_REUSED_PSEUDONYM);
    tamper_mouth(t, "minsk-patients", token_collude);
}

static void reused_pseudonym_chain(struct tamper *t)
{
    reused_pseudonym_hospital(t);
    tamper_mouth(t, "minsk-server", store_collude);
}

static void reused_on_chain(struct tamper *t)
{
    tamper_check(t, t->refused[EHR_REPLY_REUSED_PSEUDONYM] > 0,
                 "%u refusals of transactions by private nodes",
                 t->refused[EHR_REPLY_REUSED_PSEUDONYM]);
}

/* ---- a label once more ---- */

static struct {
    void (*fill)(struct ehr_rng *rng, uint8_t *out, size_t length);
    uint8_t next; /* of the padding since the last pseudonym */
    uint64_t owner[KEPT_MAX];
    uint8_t label[KEPT_MAX][LABEL_DRAW];
    size_t count;
} padding;

/* The generator of a doctor that pads every record with the same labels. */
static void padding_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    padding.fill(rng, out, length);
    if (length == SCALAR_DRAW)
        padding.next = 0;
    if (length == LABEL_DRAW)
        memset(out, 1 + padding.next++, length);
}

/* The adversary's labels are one byte repeated. */
static bool is_padding(const uint8_t *label)
{
    return memcmp(label, label + 1, LABEL_DRAW - 1) == 0;
}

static bool label_seen(const uint8_t *label, uint64_t request)
{
    for (size_t i = 0; i < padding.count; i++)
        if (padding.owner[i] != request && memcmp(padding.label[i], label, LABEL_DRAW) == 0)
            return true;
    return false;
}

/* What a record of the doctor that is not refused puts on the chain is used. */
static struct ehr_message *labels_watch(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_ptx ptx;
    const struct ehr_tx *tx = record_of(message, &ptx);
    (void)now_ns, (void)to;
    if (tx == NULL)
        return message;
    bool used = false;
    for (size_t i = 0; i < ptx.terms.nkw; i++)
        used = used || label_seen(ptx.terms.labels + LABEL_DRAW * i, tx->request);
    if (used)
        tamper_refusal(t, tx->request, EHR_REASON_REUSED_LABEL);
    for (size_t i = 0; !used && i < ptx.terms.nkw && padding.count < KEPT_MAX; i++) {
        if (!is_padding(ptx.terms.labels + LABEL_DRAW * i))
            continue;
        memcpy(padding.label[padding.count], ptx.terms.labels + LABEL_DRAW * i, LABEL_DRAW);
        padding.owner[padding.count++] = tx->request;
    }
    return message;
}

static void reused_label(struct tamper *t)
{
    struct ehr_rng *rng = &t->genesis->hospitals[MINSK].doctors[0].rng.rng;
    padding.fill = rng->fill;
    rng->fill = padding_fill;
    tamper_mouth(t, "minsk-doctor-0", labels_watch);
}

/* ---- drafts ---- */

/* In turn labels, record and counters are not what they should be. */
static struct ehr_message *draft_spoil(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_DRAFT)
        return message;
    struct ehr_msg_draft *draft = (struct ehr_msg_draft *)tamper_copy(message);
    uint32_t way = t->attacks % 3;
    if (way == 0)
        for (uint32_t i = 0; i < draft->labels->length; i += LABEL_DRAW)
            draft->labels->bytes[i] ^= 1;
    else if (way == 1)
        draft->record->bytes[draft->record->length - 1] ^= 1;
    else if (draft->counters == NULL) /* tags have none */
        draft->counters = ehr_blob_new((const uint8_t[4]){0}, 4);
    else
        for (uint32_t i = 0; i < draft->counters->length; i += 4)
            draft->counters->bytes[i] ^= 1;
    tamper_refusal(t, draft->request, EHR_REASON_DRAFT_REJECTED);
    return ehr_message_seal(&draft->head);
}

static void draft_rejected(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", draft_spoil);
}

const struct tamper_case tamper_cases_visit[] = {
    {.name = "bad_evidence",
     .attack = "a doctor submits records whose signature, in turn token, has one bit changed",
     .before = EHR_PHASE_ANCHOR,
     .prepare = bad_evidence,
     .ear = "minsk-doctor-0",
     .hear = tamper_hear_own},
    {.name = "bad_token",
     .attack = "patients of Minsk give tokens with one bit changed",
     .before = EHR_PHASE_STORE,
     .prepare = bad_token},
    {.name = "reused_pseudonym_patient",
     .attack = "a doctor draws the same scalar for every pseudonym; the patient's device notices",
     .before = EHR_PHASE_STORE,
     .prepare = reused_pseudonym_patient},
    {.name = "reused_pseudonym_hospital",
     .attack = "the same, and the patient signs all the same; the hospital notices",
     .before = EHR_PHASE_PRIVATE_ORDER,
     .prepare = reused_pseudonym_hospital},
    {.name = "reused_pseudonym_chain",
     .attack = "the same, and the hospital takes it all the same; the private chain notices",
     .before = EHR_PHASE_ANCHOR,
     .prepare = reused_pseudonym_chain,
     .judge = reused_on_chain},
    {.name = "reused_label",
     .attack = "a doctor pads all its records with the same labels",
     .before = EHR_PHASE_ANCHOR,
     .prepare = reused_label},
    {.name = "draft_rejected",
     .attack = "a doctor's drafts have, in turn, wrong labels, a record that does not open, and "
               "wrong counters",
     .before = EHR_PHASE_STORE,
     .prepare = draft_rejected},
    {.name = NULL},
};
