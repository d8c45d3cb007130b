/* Revoked certificates: who may revoke, and since which height it holds. */
#include <string.h>

#include "sim/contract/internal.h"
#include "sim/ledger/cert_revoke.h"

void ehr_contract_issuer_set(struct ehr_contract *contract, const uint8_t id[32],
                             const uint8_t ed_pk[32])
{
    memcpy(contract->issuer_id, id, 32);
    memcpy(contract->issuer_pk, ed_pk, 32);
    contract->issuer_known = true;
}

/* The chain's own issuer: the root on the alliance chain, the hospital on a private one. */
static enum ehr_status check_by_own(const struct ehr_contract *contract,
                                    const struct ehr_cert_revoke *revoke)
{
    enum ehr_role role = contract->alliance ? EHR_ROLE_ROOT : EHR_ROLE_HOSPITAL;
    if (!contract->issuer_known)
        return EHR_POLICY;
    return ehr_cert_revoke_check(revoke, role, contract->issuer_id, contract->issuer_pk);
}

enum ehr_reply ehr_contract_revocation_check(const struct ehr_contract *contract,
                                             const struct ehr_tx *tx)
{
    struct ehr_cert_revoke revoke;
    if (ehr_cert_revoke_parse(&revoke, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    uint32_t h = contract->alliance ? ehr_contract_hospital_find(contract, revoke.cert.issuer_id)
                                    : UINT32_MAX;
    enum ehr_status status = h == UINT32_MAX ? check_by_own(contract, &revoke)
                                             : ehr_cert_revoke_check(&revoke, EHR_ROLE_HOSPITAL,
                                                                     contract->hospitals[h].hid,
                                                                     contract->hospitals[h].ed_pk);
    return status == EHR_OK ? EHR_REPLY_OK : EHR_REPLY_WRONG_CERTIFICATE;
}

enum ehr_reply ehr_contract_revocation_execute(struct ehr_contract *contract,
                                               const struct ehr_tx *tx, struct ehr_place place)
{
    struct ehr_cert_revoke revoke;
    if (ehr_cert_revoke_parse(&revoke, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    return ehr_table_put(&contract->revoked, revoke.cert.id, place) ? EHR_REPLY_OK
                                                                    : EHR_REPLY_DUPLICATE;
}

bool ehr_contract_revoked(const struct ehr_contract *contract, const uint8_t cert_id[32],
                          uint64_t height)
{
    return ehr_table_get(&contract->revoked, cert_id, height, NULL);
}
