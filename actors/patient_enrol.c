/* A: the patient registers at a hospital and gets a card. */
#include <string.h>

#include "actors/patient_internal.h"

enum { CARD_SIGNED_BYTES = 76 };

const struct patient_card *patient_card_find(const struct patient *patient, uint32_t hospital)
{
    const struct patient_card *card = patient->cards;
    while (card != NULL && card->hospital != hospital)
        card = card->next;
    return card;
}

void patient_on_begin_enrol(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_enrol *begin = EHR_AS(begin_enrol, d->message);
    if (d->from.node != here->directory->workload ||
        patient_errand_find(here, begin->request) != NULL) {
        patient_drop(here, d->message);
        return;
    }
    struct patient *patient = here->patient;
    if (!patient->keys_charged)
        ehr_fx_charge(here->fx, EHR_COST_PATIENT_KEYS, 1, 0);
    patient->keys_charged = true;
    struct errand *errand = patient_errand_new(here, begin->request, ERRAND_ENROL);
    struct ehr_msg_enrol *enrol = EHR_NEW(enrol, ENROL);
    enrol->request = begin->request;
    memcpy(enrol->keys, patient->keys.public.V.bytes, 32);
    memcpy(enrol->keys + 32, patient->keys.public.O.bytes, 32);
    memcpy(enrol->keys + 64, patient->keys.public.C.bytes, 32);
    memcpy(enrol->keys + 96, patient->keys.public.F.bytes, 32);
    ehr_mark_phase(here->fx, begin->request, EHR_PHASE_ISSUE);
    uint32_t server = here->directory->hospitals[here->place->hospital].server.node;
    ehr_resend_start(&errand->resend, here->fx, here->directory, (struct ehr_address){server, 0},
                     ehr_message_seal(&enrol->head), PATIENT_TIMER, ++patient->generation);
    ehr_mark(here->fx, EHR_MARK_SENT, begin->request, 0, 0);
}

/* Opens m and checks the card: layout, hospital, commitment to m and the keys, signature. */
static bool card_is_good(const struct here *here, const struct ehr_msg_card *message, uint8_t m[32])
{
    const struct ehr_member *server = &here->directory->hospitals[here->place->hospital].server;
    const struct ehr_patient_keys *keys = &here->patient->keys;
    struct ehr_reader reader = ehr_reader_init(message->card, sizeof(message->card));
    ehr_reader_magic(&reader, "CRD1");
    const uint8_t *hid = ehr_reader_take(&reader, 32);
    const uint8_t *cm = ehr_reader_take(&reader, 32);
    uint64_t not_after = ehr_reader_u64(&reader);
    const uint8_t *sig = ehr_reader_take(&reader, 64);
    if (!ehr_reader_end(&reader) || memcmp(hid, server->cert.id, 32) != 0 ||
        not_after < ehr_fx_now(here->fx))
        return false;
    struct ehr_dh_key C = {.secret = keys->c, .public = keys->public.C};
    ehr_fx_charge(here->fx, EHR_COST_BOX_OPEN, 1, 32);
    bool good = ehr_box_open(m, &C, cm, message->sealed, sizeof(message->sealed)) == EHR_OK;
    ehr_wipe(&C, sizeof(C));
    if (!good)
        return false;
    uint8_t own_cm[32], digest[32];
    EHR_HASH32(own_cm, "card-cm", EHR_H(m), EHR_G(&keys->public.V), EHR_G(&keys->public.O),
               EHR_G(&keys->public.C), EHR_G(&keys->public.F));
    EHR_HASH32(digest, "card-cert", EHR_P(message->card, CARD_SIGNED_BYTES));
    ehr_fx_charge(here->fx, EHR_COST_HASH, 2, 160 + CARD_SIGNED_BYTES);
    ehr_fx_charge(here->fx, EHR_COST_ED_VERIFY, 1, 0);
    return memcmp(own_cm, cm, 32) == 0 &&
           ehr_sign_verify(server->cert.ed_pk, "sig-crd", digest, sig) == EHR_OK;
}

static void card_keep(const struct here *here, const struct ehr_msg_card *message,
                      const uint8_t m[32])
{
    if (patient_card_find(here->patient, here->place->hospital) != NULL)
        return; /* the same one: cards of equal keys are equal */
    struct patient_card *card = ehr_actor_new(sizeof(*card));
    card->hospital = here->place->hospital;
    memcpy(card->m, m, 32);
    memcpy(card->card, message->card, sizeof(card->card));
    card->next = here->patient->cards;
    here->patient->cards = card;
}

void patient_on_card(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_card *message = EHR_AS(card, d->message);
    struct errand *errand = patient_errand_find(here, message->request);
    uint32_t server = here->directory->hospitals[here->place->hospital].server.node;
    if (errand == NULL || errand->kind != ERRAND_ENROL || errand->place != here->place ||
        d->from.node != server) {
        patient_drop(here, d->message);
        return;
    }
    if (message->status != EHR_REPLY_OK) {
        patient_errand_close(here, errand, ehr_reply_refusal(message->status));
        return;
    }
    uint8_t m[32];
    bool good = card_is_good(here, message, m);
    if (good)
        card_keep(here, message, m);
    ehr_wipe(m, sizeof(m));
    patient_errand_close(here, errand, good ? EHR_REPLY_OK : EHR_REPLY_WRONG_CARD);
}
