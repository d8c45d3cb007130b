/* The revocation of a certificate as a transaction. On the alliance chain it is a CERT_REVOKE of
 * the root or a member hospital; a hospital orders the same bytes on its private chain as a
 * DOCTOR_REVOKE, where they take effect on its doctors. It carries the certificate: the alliance
 * chain knows no doctors, and sees from it who issued it. Source: crypto.md section a. */
#ifndef EHR_LEDGER_CERT_REVOKE_H
#define EHR_LEDGER_CERT_REVOKE_H

#include "crypto/cert.h"
#include "sim/ledger/message.h"

/* "CRV1" | certificate 224 | height u64 | reason u8 | issuer sig 64 ("sig-crev" on
 * H32("cert-rev"; cert_id, height, reason)). `height` is the chain's as the issuer knew it when it
 * signed; the revocation takes effect where the transaction is executed. */
enum { EHR_CERT_REVOKE_BYTES = 4 + EHR_CERT_BYTES + 8 + 1 + 64 };

struct ehr_cert_revoke {
    struct ehr_cert cert; /* decoded, not verified */
    uint64_t height;
    uint8_t reason; /* the issuer's own numbering */
    uint8_t sig[64];
};

/* Signs the revocation of an encoded certificate with its issuer's key. One reference. */
struct ehr_blob *ehr_cert_revoke_make(const uint8_t certificate[EHR_CERT_BYTES], uint64_t height,
                                      uint8_t reason, const struct ehr_sign_key *issuer);

/* EHR_LEN, EHR_POINT; then `out` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_cert_revoke_parse(struct ehr_cert_revoke *out,
                                                     const uint8_t *bytes, size_t length);

/* Whether `issuer` (a verified certificate, or one of genesis) issued the certificate, may issue
 * its role, and signed its revocation: EHR_POLICY, EHR_SIG. */
EHR_MUST_CHECK enum ehr_status ehr_cert_revoke_check(const struct ehr_cert_revoke *revoke,
                                                     enum ehr_role issuer_role,
                                                     const uint8_t issuer_id[32],
                                                     const uint8_t issuer_pk[32]);

#endif /* EHR_LEDGER_CERT_REVOKE_H */
