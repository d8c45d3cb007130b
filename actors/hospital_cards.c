/* Cards: issued once per set of keys, checked at every visit. */
#include "actors/hospital_internal.h"

#include <string.h>

#include "crypto/box.h"
#include "crypto/codec.h"

enum { CARD_ISSUE_FIRST = 0, CARD_JOURNAL_BYTES = 172 };

/* The four keys valid and pairwise different, as the card check demands later. */
static bool read_keys(struct ehr_fx *fx, struct ehr_patient_public *public, const uint8_t keys[128])
{
    struct ehr_point *points[4] = {&public->V, &public->O, &public->C, &public->F};
    ehr_fx_charge(fx, EHR_COST_POINT_CHECK, 4, 0);
    for (int i = 0; i < 4; i++) {
        if (ehr_point_import(points[i], keys + 32 * i) != EHR_OK)
            return false;
        for (int j = 0; j < i; j++)
            if (ehr_point_equal(points[i], points[j]))
                return false;
    }
    return true;
}

static void card_add(struct hospital *self, struct card *card)
{
    HASH_ADD(hh, self->cards, reference, 32, card);
    HASH_ADD(hh_keys, self->cards_by_keys, keys, 128, card);
    if (card->regno >= self->regno)
        self->regno = card->regno + 1;
}

static void card_persist(struct ehr_fx *fx, const struct card *card)
{
    struct ehr_blob *data = ehr_blob_new(NULL, CARD_JOURNAL_BYTES);
    struct ehr_writer writer = ehr_writer_init(data->bytes, data->length);
    ehr_writer_bytes(&writer, card->reference, 32);
    ehr_writer_bytes(&writer, card->keys, 128);
    ehr_writer_u32(&writer, card->patient);
    ehr_writer_u64(&writer, card->regno);
    ehr_fx_persist(fx, data->length, EHR_HOSPITAL_JOURNAL_CARD, data);
}

void hospital_card_restore(struct hospital *self, const struct ehr_blob *data)
{
    struct card *card = ehr_actor_new(sizeof(*card));
    struct ehr_reader reader = ehr_reader_init(data->bytes, data->length);
    ehr_reader_bytes(&reader, card->reference, 32);
    ehr_reader_bytes(&reader, card->keys, 128);
    card->patient = ehr_reader_u32(&reader);
    card->regno = ehr_reader_u64(&reader);
    card_add(self, card);
}

static void send_card(struct ehr_fx *fx, struct ehr_address to, uint64_t request,
                      enum ehr_reply status, const uint8_t sealed[80], const uint8_t card[140])
{
    struct ehr_msg_card *answer = EHR_NEW(card, CARD);
    answer->request = request;
    answer->status = (uint8_t)status;
    if (status == EHR_REPLY_OK) {
        memcpy(answer->sealed, sealed, sizeof(answer->sealed));
        memcpy(answer->card, card, sizeof(answer->card));
    }
    ehr_fx_send(fx, to, ehr_message_seal(&answer->head));
}

/* The card of a patient; equal for equal (regno, keys), so that it need not be kept. */
static bool issue(struct hospital *self, struct ehr_fx *fx, const struct ehr_patient_public *public,
                  uint64_t regno, struct ehr_card_issued *issued, uint8_t sealed[80])
{
    ehr_fx_charge(fx, EHR_COST_CARD_ISSUE, 1, 0);
    ehr_card_issue(issued, self->config.card_secret, regno, CARD_ISSUE_FIRST, hospital_id(self),
                   self->info->server.cert.not_after, public, &self->config.secrets.sign);
    ehr_fx_charge(fx, EHR_COST_BOX_SEAL, 1, sizeof(issued->m));
    return ehr_box_seal(sealed, &public->C, issued->cm, issued->m, sizeof(issued->m),
                        self->config.rng) == EHR_OK;
}

void hospital_on_enrol(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_enrol *enrol = EHR_AS(enrol, d->message);
    if (d->from.node != self->info->place ||
        d->from.lane >= self->config.directory->patient_count) {
        hospital_drop(fx, d->message);
        return;
    }
    struct ehr_patient_public public;
    if (!read_keys(fx, &public, enrol->keys)) {
        send_card(fx, d->from, enrol->request, EHR_REPLY_MALFORMED, NULL, NULL);
        return;
    }
    struct card *card;
    HASH_FIND(hh_keys, self->cards_by_keys, enrol->keys, 128, card);
    struct ehr_card_issued issued;
    uint8_t sealed[80];
    if (!issue(self, fx, &public, card != NULL ? card->regno : self->regno, &issued, sealed)) {
        send_card(fx, d->from, enrol->request, EHR_REPLY_MALFORMED, NULL, NULL);
    } else {
        if (card != NULL) {
            self->counts.cards_again++;
        } else {
            card = ehr_actor_new(sizeof(*card));
            memcpy(card->reference, issued.ref, 32);
            memcpy(card->keys, enrol->keys, 128);
            card->patient = d->from.lane;
            card->regno = self->regno;
            card_add(self, card);
            card_persist(fx, card);
            self->counts.cards++;
        }
        send_card(fx, d->from, enrol->request, EHR_REPLY_OK, sealed, issued.card);
    }
    ehr_wipe(&issued, sizeof(issued));
}

uint32_t hospital_doctor_find(const struct hospital *self, uint32_t node)
{
    for (uint32_t i = 0; i < self->info->doctor_count; i++)
        if (self->info->doctors[i].node == node)
            return i;
    return UINT32_MAX;
}

void hospital_on_card_check(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_card_check *check = EHR_AS(card_check, d->message);
    if (hospital_doctor_find(self, d->from.node) == UINT32_MAX) {
        hospital_drop(fx, d->message);
        return;
    }
    const struct card *card;
    HASH_FIND(hh, self->cards, check->reference, 32, card);
    if (card != NULL)
        hospital_visit_open(self, fx, check->request, card->patient, 0);
    struct ehr_msg_card_status *status = EHR_NEW(card_status, CARD_STATUS);
    status->request = check->request;
    status->status = card != NULL ? EHR_REPLY_OK : EHR_REPLY_WRONG_CARD;
    ehr_fx_send(fx, d->from, ehr_message_seal(&status->head));
}

void hospital_cards_forget(struct hospital *self)
{
    struct card *card, *next;
    HASH_CLEAR(hh_keys, self->cards_by_keys);
    HASH_ITER(hh, self->cards, card, next)
    {
        HASH_DEL(self->cards, card);
        free(card);
    }
}
