/* F: the patient cannot show a card or check a draft. The hospital gives the public keys of the
 * card and writes that it did; a second doctor signs in the place of the patient. */
#include "actors/doctor_internal.h"

#include <string.h>

enum { REASON_UNCONSCIOUS = 1 };

static const struct ehr_member *second_of(const struct doctor *self)
{
    uint32_t next = (self->config.index + 1) % self->hospital->doctor_count;
    return &self->hospital->doctors[next];
}

void doctor_ask_keys(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct ehr_msg_emergency_ask *ask = EHR_NEW(emergency_ask, EMERGENCY_ASK);
    ask->request = visit->request;
    ask->patient = visit->patient->lane; /* who it is stands on the card in its pocket */
    ask->reason = REASON_UNCONSCIOUS;
    doctor_visit_send(self, fx, visit, VISIT_KEYS, doctor_server_address(self),
                      ehr_message_seal(&ask->head));
}

static bool keys_read(struct ehr_fx *fx, struct ehr_patient_public *public, const uint8_t keys[128])
{
    ehr_fx_charge(fx, EHR_COST_POINT_CHECK, 4, 0);
    return ehr_point_import(&public->V, keys) == EHR_OK &&
           ehr_point_import(&public->O, keys + 32) == EHR_OK &&
           ehr_point_import(&public->C, keys + 64) == EHR_OK &&
           ehr_point_import(&public->F, keys + 96) == EHR_OK;
}

static void ask_second(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct ehr_msg_cosign_ask *ask = EHR_NEW(cosign_ask, COSIGN_ASK);
    ask->request = visit->request;
    ask->reason = REASON_UNCONSCIOUS;
    memcpy(ask->pseudonym, visit->pseudonym, sizeof(ask->pseudonym));
    ask->epoch = self->config.directory->epoch;
    ask->labels = ehr_blob_ref(visit->labels);
    memcpy(ask->ct_hash, visit->ct_hash, sizeof(ask->ct_hash));
    ask->ct_len = visit->sealed->length;
    doctor_visit_send(self, fx, visit, VISIT_COSIGN, (struct ehr_address){second_of(self)->node, 0},
                      ehr_message_seal(&ask->head));
}

void doctor_on_emergency_keys(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_emergency_keys *keys = EHR_AS(emergency_keys, d->message);
    struct visit *visit = doctor_visit_at(self, keys->request, VISIT_KEYS);
    if (visit == NULL || d->from.node != self->hospital->server.node) {
        doctor_drop(fx, d->message);
        return;
    }
    if (keys->status != EHR_REPLY_OK || !keys_read(fx, &visit->public, keys->keys)) {
        doctor_visit_refuse(self, fx, visit, ehr_reply_refusal(keys->status));
        return;
    }
    ehr_mark_phase(fx, visit->request, EHR_PHASE_SEAL);
    struct ehr_blob *counters = doctor_seal(self, fx, visit);
    if (counters == NULL) {
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_WRONG_CARD);
        return;
    }
    ehr_blob_unref(counters); /* they are for the patient, who checks nothing now */
    ask_second(self, fx, visit);
}

/* Another doctor of the hospital asks: at the bedside, as is assumed, this one has seen why. */
void doctor_on_cosign_ask(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_cosign_ask *ask = EHR_AS(cosign_ask, d->message);
    const struct ehr_member *asker = NULL;
    for (uint32_t i = 0; i < self->hospital->doctor_count; i++)
        if (self->hospital->doctors[i].node == d->from.node && i != self->config.index)
            asker = &self->hospital->doctors[i];
    if (asker == NULL || ask->epoch != self->config.directory->epoch || ask->reason == 0 ||
        ask->labels == NULL || ask->labels->length % EHR_INDEX_LABEL_BYTES != 0) {
        doctor_drop(fx, d->message);
        return;
    }
    const struct ehr_ptx_terms terms = {
        .hid = self->hospital->server.cert.id,
        .doctor_id = asker->cert.id,
        .epoch = ask->epoch,
        .flags = EHR_PTX_FLAG_EMERGENCY,
        .pseudonym = ask->pseudonym,
        .ct_hash = ask->ct_hash,
        .ct_len = ask->ct_len,
        .labels = ask->labels->bytes,
        .nkw = ask->labels->length / EHR_INDEX_LABEL_BYTES,
    };
    uint8_t body[32], evidence[EHR_PTX_EMERGENCY_BYTES];
    ehr_ptx_terms_body(body, &terms);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, ask->labels->length);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_ptx_sign_emergency(evidence, body, self->self->cert.id, &self->config.secrets.sign);
    struct ehr_msg_cosigned *answer = EHR_NEW(cosigned, COSIGNED);
    answer->request = ask->request;
    answer->status = EHR_REPLY_OK;
    memcpy(answer->signature, evidence + 32, sizeof(answer->signature));
    ehr_fx_send(fx, d->from, ehr_message_seal(&answer->head));
}

void doctor_on_cosigned(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_cosigned *cosigned = EHR_AS(cosigned, d->message);
    struct visit *visit = doctor_visit_at(self, cosigned->request, VISIT_COSIGN);
    const struct ehr_member *second = second_of(self);
    if (visit == NULL || d->from.node != second->node) {
        doctor_drop(fx, d->message);
        return;
    }
    uint8_t body[32];
    const struct ehr_ptx_terms terms = doctor_visit_terms(self, visit);
    ehr_ptx_terms_body(body, &terms);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, visit->labels->length);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (cosigned->status != EHR_REPLY_OK ||
        ehr_sign_verify(second->cert.ed_pk, "sig-emerg", body, cosigned->signature) != EHR_OK) {
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_BAD_EVIDENCE);
        return;
    }
    memcpy(visit->token, second->cert.id, 32);
    memcpy(visit->token + 32, cosigned->signature, sizeof(cosigned->signature));
    ehr_mark_phase(fx, visit->request, EHR_PHASE_STORE);
    doctor_send_store(self, fx, visit);
}
