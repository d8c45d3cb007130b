/* Attacks on who takes part in a visit: a card that is not the bearer's, a doctor that is none. The
 * adversary is a patient who visits a doctor of Minsk, or that doctor. */
#include <assert.h>
#include <string.h>

#include "crypto/card.h"
#include "sim/contract/internal.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, GRODNO = 1, KEPT_MAX = 64 };

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
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_RECORD);
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

const struct tamper_case tamper_cases_party[] = {
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
