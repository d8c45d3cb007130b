/* Attacks on the writing of records: cards, drafts, evidence, pseudonyms and labels. The adversary
 * is a doctor of Minsk or a patient who visits one. */
#include <assert.h>
#include <string.h>

#include "crypto/card.h"
#include "crypto/codec.h"
#include "crypto/record.h"
#include "sim/contract/internal.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, GRODNO = 1, KEPT_MAX = 64 };

/* Length of a sealed pseudonym scalar's draw, of labels and nonces, of a seal's randomness. */
enum { SCALAR_DRAW = 64, LABEL_DRAW = 16 };

static const struct ehr_tx *record_of(const struct ehr_message *message, struct ehr_ptx *ptx)
{
    if (message->type != EHR_MSG_SUBMIT || EHR_AS(submit, message)->tx->type != EHR_TX_RECORD)
        return NULL;
    const struct ehr_tx *tx = EHR_AS(submit, message)->tx;
    enum ehr_status status = ehr_ptx_parse(ptx, tx->bytes, tx->length);
    assert(status == EHR_OK);
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
    else
        for (uint32_t i = 0; i < draft->counters->length; i += 4)
            draft->counters->bytes[i] ^= 1;
    tamper_refusal(t, draft->request, EHR_REASON_DRAFT_REJECTED);
    return &draft->head;
}

static void draft_rejected(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", draft_spoil);
}

/* ---- cards ---- */

enum { VICTIM = 0 };           /* lane of the patient with the wrong card */
enum { CARD_ISSUE_FIRST = 0 }; /* of a registration number */

enum card_way { CARD_FOREIGN = 1, CARD_ALTERED, CARD_UNREGISTERED, CARD_STOLEN };

static struct {
    enum card_way way;
    struct {
        uint64_t request;
        uint32_t lane, doctor; /* node */
        uint8_t nonce[EHR_NONCE_BYTES];
    } asked[KEPT_MAX];
    size_t count;
    uint8_t issued[2][EHR_CARD_BYTES]; /* of VICTIM and of the other patient, as they got them */
} cards;

static struct ehr_message *card_ask_hear(struct tamper *t, const struct ehr_delivery *d)
{
    (void)t;
    if (d->message->type == EHR_MSG_CARD && d->lane <= VICTIM + 1)
        memcpy(cards.issued[d->lane - VICTIM], EHR_AS(card, d->message)->card, EHR_CARD_BYTES);
    if (d->message->type != EHR_MSG_CARD_ASK || d->lane != VICTIM)
        return NULL;
    assert(cards.count < KEPT_MAX);
    cards.asked[cards.count].request = EHR_AS(card_ask, d->message)->request;
    cards.asked[cards.count].lane = d->lane;
    cards.asked[cards.count].doctor = d->from.node;
    memcpy(cards.asked[cards.count++].nonce, EHR_AS(card_ask, d->message)->nonce, EHR_NONCE_BYTES);
    return NULL;
}

/* The registered number of the patient at this hospital: the one that gives the card it has. */
static uint64_t regno_find(const struct tamper *t, const struct ehr_patient_keys *keys,
                           const uint8_t card[EHR_CARD_BYTES])
{
    const struct ehr_genesis_hospital *hospital = &t->genesis->hospitals[MINSK];
    const struct ehr_cert *cert = &t->directory->hospitals[MINSK].server.cert;
    struct ehr_card_issued issued;
    uint64_t regno = 0;
    do {
        assert(regno <= t->directory->patient_count);
        ehr_card_issue(&issued, hospital->card_secret, regno++, CARD_ISSUE_FIRST, cert->id,
                       cert->not_after, &keys->public, &hospital->server.secrets.sign);
    } while (memcmp(issued.card, card, EHR_CARD_BYTES) != 0);
    return regno - 1;
}

/* A card that is not the bearer's of this hospital. Its number is registered, so that the hospital
 * would not object, but for CARD_UNREGISTERED. */
static void card_make(const struct tamper *t, const struct ehr_patient_keys *bearer, uint64_t regno,
                      struct ehr_card_issued *issued)
{
    uint32_t by = cards.way == CARD_FOREIGN ? GRODNO : MINSK;
    const struct ehr_cert *cert = &t->directory->hospitals[by].server.cert;
    bool registered = cards.way != CARD_UNREGISTERED;
    ehr_card_issue(issued, t->genesis->hospitals[MINSK].card_secret, registered ? regno : 9999,
                   CARD_ISSUE_FIRST, cert->id, cert->not_after, &bearer->public,
                   &t->genesis->hospitals[by].server.secrets.sign);
    if (cards.way == CARD_ALTERED)
        issued->card[EHR_CARD_BYTES - 1] ^= 1;
}

static struct ehr_message *card_show(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_patient_keys keys, bearer;
    struct ehr_card_issued issued;
    const struct ehr_member *doctor = NULL;
    size_t at = cards.count;
    (void)now_ns;
    if (message->type != EHR_MSG_CARD_SHOW)
        return message;
    while (at > 0 && cards.asked[at - 1].request != EHR_AS(card_show, message)->request)
        at--;
    if (at == 0)
        return message;
    for (uint32_t i = 0; i < t->directory->hospitals[MINSK].doctor_count; i++)
        if (t->directory->hospitals[MINSK].doctors[i].node == to)
            doctor = &t->directory->hospitals[MINSK].doctors[i];
    assert(doctor != NULL);
    uint32_t whose = cards.way == CARD_STOLEN ? 1 : 0;
    if (cards.issued[whose][0] == 0)
        return message; /* the other patient is not registered yet */
    tamper_patient_keys(t, VICTIM, &keys);
    tamper_patient_keys(t, VICTIM + whose, &bearer);
    card_make(t, &bearer, regno_find(t, &bearer, cards.issued[whose]), &issued);
    const struct ehr_card_holder holder = {
        .m = issued.m, .card = issued.card, .o = &keys.o, .public = &bearer.public};
    struct ehr_msg_card_show *show = (struct ehr_msg_card_show *)tamper_copy(message);
    enum ehr_status status = ehr_card_show(show->box, &holder, doctor->cert.id, &doctor->cert.dh_pk,
                                           cards.asked[at - 1].nonce, &t->rng.rng);
    assert(status == EHR_OK);
    show->status = EHR_REPLY_OK;
    tamper_refusal(t, show->request, EHR_REASON_WRONG_CARD);
    return &show->head;
}

static void card_replace(struct tamper *t, enum card_way way)
{
    cards.way = way;
    tamper_mouth(t, "minsk-patients", card_show);
}

static void wrong_card_foreign(struct tamper *t)
{
    card_replace(t, CARD_FOREIGN);
}

static void wrong_card_altered(struct tamper *t)
{
    card_replace(t, CARD_ALTERED);
}

static void wrong_card_unregistered(struct tamper *t)
{
    card_replace(t, CARD_UNREGISTERED);
}

static void wrong_card_stolen(struct tamper *t)
{
    card_replace(t, CARD_STOLEN);
}

/* ---- doctors ---- */

/* In turn a doctor's certificate of another hospital, and one that the doctor signed itself. */
static struct ehr_message *certificate_show(void *context, uint64_t now_ns, uint32_t to,
                                            struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_CARD_ASK)
        return message;
    struct ehr_msg_card_ask *ask = (struct ehr_msg_card_ask *)tamper_copy(message);
    uint8_t *own = ask->certificates->bytes + EHR_CERT_BYTES;
    if (ask->request % 2 == 0) {
        memcpy(own, t->directory->hospitals[GRODNO].doctors[0].certificate, EHR_CERT_BYTES);
    } else {
        struct ehr_cert cert = t->directory->hospitals[MINSK].doctors[0].cert;
        cert.serial++;
        ehr_cert_issue(own, &cert, &t->genesis->hospitals[MINSK].doctors[0].secrets.sign);
    }
    tamper_refusal(t, ask->request, EHR_REASON_UNKNOWN_DOCTOR);
    return &ask->head;
}

static void unknown_doctor_patient(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", certificate_show);
}

static enum ehr_reason doctor_reason;

static struct ehr_message *record_watch(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    struct ehr_ptx ptx;
    const struct ehr_tx *tx = record_of(message, &ptx);
    (void)now_ns, (void)to;
    if (tx != NULL)
        tamper_refusal(context, tx->request, doctor_reason);
    return message;
}

/* The chain's list of doctors is genesis state. */
static struct ehr_contract_doctor *doctor_of_chain(struct tamper *t, enum ehr_reason reason)
{
    doctor_reason = reason;
    tamper_mouth(t, "minsk-doctor-0", record_watch);
    return &t->genesis->hospitals[MINSK].chain.chain->contract->doctors[0];
}

static void unknown_doctor_chain(struct tamper *t)
{
    memset(doctor_of_chain(t, EHR_REASON_UNKNOWN_DOCTOR)->cert_id, 0, 32);
}

static void revoked_doctor(struct tamper *t)
{
    doctor_of_chain(t, EHR_REASON_REVOKED_DOCTOR)->revoked = true;
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
    {.name = "wrong_card_foreign",
     .attack = "a patient shows a card of another hospital",
     .before = EHR_PHASE_SEAL,
     .prepare = wrong_card_foreign,
     .ear = "minsk-patients",
     .hear = card_ask_hear},
    {.name = "wrong_card_altered",
     .attack = "a patient shows a card whose signature has one bit changed",
     .before = EHR_PHASE_SEAL,
     .prepare = wrong_card_altered,
     .ear = "minsk-patients",
     .hear = card_ask_hear},
    {.name = "wrong_card_unregistered",
     .attack = "a patient shows a card signed with the hospital's stolen key, of no registration",
     .before = EHR_PHASE_SEAL,
     .prepare = wrong_card_unregistered,
     .ear = "minsk-patients",
     .hear = card_ask_hear},
    {.name = "wrong_card_stolen",
     .attack = "a patient shows another patient's card without that patient's key",
     .before = EHR_PHASE_SEAL,
     .prepare = wrong_card_stolen,
     .ear = "minsk-patients",
     .hear = card_ask_hear},
    {.name = "unknown_doctor_patient",
     .attack =
         "a doctor shows, in turn, a certificate of another hospital's doctor and one that it "
         "signed itself",
     .before = EHR_PHASE_SEAL,
     .prepare = unknown_doctor_patient},
    {.name = "unknown_doctor_chain",
     .attack = "a doctor whom its private chain does not know submits records",
     .before = EHR_PHASE_ANCHOR,
     .prepare = unknown_doctor_chain},
    {.name = "revoked_doctor",
     .attack = "a doctor whom its private chain holds as revoked submits records",
     .before = EHR_PHASE_ANCHOR,
     .prepare = revoked_doctor},
    {.name = NULL},
};
