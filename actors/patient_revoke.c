/* E: the patient withdraws a grant. */
#include <string.h>

#include "actors/patient_internal.h"
#include "crypto/grant.h"
#include "sim/ledger/wire.h"

static const struct patient_grant *grant_find(const struct patient *patient,
                                              const uint8_t grant_id[32])
{
    for (uint32_t i = 0; i < patient->grant_count; i++)
        if (memcmp(patient->grants[i].grant_id, grant_id, 32) == 0)
            return &patient->grants[i];
    return NULL;
}

void patient_on_begin_revoke(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_revoke *begin = EHR_AS(begin_revoke, d->message);
    if (d->from.node != here->directory->workload ||
        patient_errand_find(here, begin->request) != NULL) {
        patient_drop(here, d->message);
        return;
    }
    ehr_mark_phase(here->fx, begin->request, EHR_PHASE_ORDER);
    const struct patient_grant *grant = grant_find(here->patient, begin->grant_id);
    if (grant == NULL) {
        patient_request_close(here, begin->request, EHR_REPLY_NO_GRANT);
        return;
    }
    const struct patient_visit *visit = &here->patient->visits[grant->visit];
    struct errand *errand = patient_errand_new(here, begin->request, ERRAND_REVOKE);
    memcpy(errand->grant_id, begin->grant_id, 32);
    struct ehr_point P;
    uint8_t sig[64];
    ehr_fx_charge(here->fx, EHR_COST_SCHNORR_SIGN, 1, 0);
    if (ehr_point_import(&P, visit->pseudonym) != EHR_OK ||
        ehr_revoke_sign(sig, &visit->keys.p, &P, begin->grant_id, here->patient->known_height,
                        &here->patient->crypto.rng) != EHR_OK) {
        patient_errand_close(here, errand, EHR_REPLY_BAD_GRANT);
        return;
    }
    struct ehr_blob *bytes = ehr_revoke_tx_make(begin->grant_id, here->patient->known_height, sig);
    patient_submit(here, errand, EHR_TX_REVOKE, bytes);
    ehr_blob_unref(bytes);
    ehr_mark(here->fx, EHR_MARK_SENT, begin->request, 0, 0);
}

void patient_revoke_done(const struct here *here, struct errand *errand,
                         const struct ehr_client_result *result)
{
    if (result->status == EHR_REPLY_OK)
        ehr_mark_phase(here->fx, errand->request, EHR_PHASE_EFFECT);
    patient_errand_close(here, errand, result->status);
}
