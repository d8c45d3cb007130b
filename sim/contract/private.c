/* The private chain: valid evidence of the hospital's own doctors, fresh pseudonyms and labels. */
#include <assert.h>
#include <string.h>

#include "sim/contract/internal.h"
#include "sim/ledger/private_tx.h"

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct ehr_contract *contract = context;
    for (uint32_t i = 0; i < contract->doctor_count; i++) {
        const struct ehr_contract_doctor *doctor = &contract->doctors[i];
        if (memcmp(doctor->cert_id, cert_id, 32) == 0 && !doctor->revoked) {
            memcpy(ed_pk, doctor->ed_pk, 32);
            return true;
        }
    }
    return false;
}

static bool doctor_revoked(const struct ehr_contract *contract, const uint8_t cert_id[32])
{
    for (uint32_t i = 0; i < contract->doctor_count; i++)
        if (memcmp(contract->doctors[i].cert_id, cert_id, 32) == 0)
            return contract->doctors[i].revoked;
    return false;
}

enum ehr_reply ehr_contract_private_check(const struct ehr_contract *contract,
                                          const struct ehr_tx *tx, struct ehr_ptx_verified *record)
{
    struct ehr_ptx ptx;
    struct ehr_contract *borrowed = (struct ehr_contract *)(uintptr_t)contract;
    const struct ehr_ptx_doctors doctors = {doctor_find, borrowed};
    if (tx->type == EHR_TX_DOCTOR_REVOKE)
        return ehr_contract_revocation_check(contract, tx);
    if (tx->type != EHR_TX_RECORD || ehr_ptx_parse(&ptx, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    if (doctor_revoked(contract, ptx.terms.doctor_id))
        return EHR_REPLY_REVOKED_DOCTOR;
    enum ehr_status status =
        ehr_ptx_check(record, tx->bytes, tx->length, contract->hid, contract->epoch, &doctors);
    return ehr_contract_reply(status, EHR_REPLY_UNKNOWN_DOCTOR, EHR_REPLY_BAD_EVIDENCE);
}

enum ehr_reply ehr_contract_record_admit(const struct ehr_contract *contract,
                                         const struct ehr_ptx *ptx, uint64_t height)
{
    const struct ehr_ptx_terms *terms = &ptx->terms;
    bool second = ptx->token_len == EHR_PTX_EMERGENCY_BYTES; /* its certificate opens the token */
    if (ehr_contract_revoked(contract, terms->doctor_id, height) ||
        (second && ehr_contract_revoked(contract, ptx->token, height)))
        return EHR_REPLY_REVOKED_DOCTOR;
    return ehr_contract_fresh(contract, terms->pseudonym, terms->labels, terms->nkw, height);
}

static enum ehr_reply record_execute(struct ehr_contract *contract,
                                     const struct ehr_ptx_verified *record, struct ehr_place place)
{
    const struct ehr_ptx_terms *terms = &record->ptx.terms;
    assert(memcmp(terms->hid, contract->hid, 32) == 0);
    enum ehr_reply admitted = ehr_contract_record_admit(contract, &record->ptx, place.height);
    if (admitted == EHR_REPLY_OK)
        ehr_contract_seen_add(contract, terms->pseudonym, terms->labels, terms->nkw, place);
    return admitted;
}

enum ehr_reply ehr_contract_private_execute(struct ehr_contract *contract, const struct ehr_tx *tx,
                                            struct ehr_place place)
{
    if (tx->type == EHR_TX_DOCTOR_REVOKE)
        return ehr_contract_revocation_execute(contract, tx, place);
    assert(tx->record != NULL);
    return record_execute(contract, tx->record, place);
}
