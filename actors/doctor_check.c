/* Step 1 and 2 of a visit: the patient shows its card, the hospital knows it. */
#include "actors/doctor_internal.h"

#include <string.h>

void doctor_ask_card(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    ehr_rng_fill(self->config.rng, visit->nonce, sizeof(visit->nonce));
    struct ehr_msg_card_ask *ask = EHR_NEW(card_ask, CARD_ASK);
    ask->request = visit->request;
    memcpy(ask->nonce, visit->nonce, sizeof(ask->nonce));
    ask->certificates = ehr_blob_ref(self->certificates);
    memcpy(ask->index_key, self->self->epoch_certificate, sizeof(ask->index_key));
    doctor_visit_send(self, fx, visit, VISIT_ASKED, doctor_patient_address(self, visit),
                      ehr_message_seal(&ask->head));
}

static bool is_from_patient(const struct doctor *self, const struct visit *visit,
                            const struct ehr_delivery *d)
{
    return d->from.node == self->hospital->place && d->from.lane == visit->patient->lane;
}

static bool card_is_good(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                         const struct ehr_msg_card_show *show, uint8_t reference[32])
{
    const struct ehr_card_expected expected = {
        .doctor_id = self->self->cert.id,
        .nonce = visit->nonce,
        .hid = self->hospital->server.cert.id,
        .hospital_pk = self->hospital->server.cert.ed_pk,
        .now = ehr_fx_now(fx),
    };
    ehr_fx_charge(fx, EHR_COST_CARD_CHECK, 1, 0);
    return ehr_card_check(&visit->public, reference, show->box, sizeof(show->box),
                          &self->config.secrets.dh, &expected) == EHR_OK;
}

void doctor_on_card_show(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_card_show *show = EHR_AS(card_show, d->message);
    struct visit *visit = doctor_visit_at(self, show->request, VISIT_ASKED);
    if (visit == NULL || !is_from_patient(self, visit, d)) {
        doctor_drop(fx, d->message);
        return;
    }
    if (show->status != EHR_REPLY_OK) {
        doctor_visit_refuse(self, fx, visit, ehr_reply_refusal(show->status));
        return;
    }
    uint8_t reference[32];
    if (!card_is_good(self, fx, visit, show, reference)) {
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_WRONG_CARD);
        return;
    }
    struct ehr_msg_card_check *check = EHR_NEW(card_check, CARD_CHECK);
    check->request = visit->request;
    memcpy(check->reference, reference, 32);
    doctor_visit_send(self, fx, visit, VISIT_CHECKED, doctor_server_address(self),
                      ehr_message_seal(&check->head));
}

void doctor_on_card_status(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_card_status *status = EHR_AS(card_status, d->message);
    struct visit *visit = doctor_visit_at(self, status->request, VISIT_CHECKED);
    if (visit == NULL || d->from.node != self->hospital->server.node) {
        doctor_drop(fx, d->message);
        return;
    }
    if (status->status != EHR_REPLY_OK) {
        doctor_visit_refuse(self, fx, visit, ehr_reply_refusal(status->status));
        return;
    }
    ehr_mark_phase(fx, visit->request, EHR_PHASE_SEAL);
    doctor_send_draft(self, fx, visit);
}
