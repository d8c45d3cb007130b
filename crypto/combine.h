/*
 * A data user's opening of a record from t re-encrypted shares, and the blame for a share that
 * spoils it. Source: crypto.md section c.
 *
 * Optimistic: shares are combined and the key commitment compared first; the proofs in the shares
 * are verified only if that fails, to say whose share was bad. The final equation of the
 * combination alone is not sound, so a key from ehr_combine is unconfirmed until its commitment has
 * matched (ehr_combine_open does that) or every share's proof has been verified.
 */
#ifndef EHR_CRYPTO_COMBINE_H
#define EHR_CRYPTO_COMBINE_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/grant.h"
#include "crypto/record.h"
#include "crypto/reencrypt.h"
#include "crypto/status.h"

/* A share as received. */
struct ehr_share {
    const uint8_t *bytes;
    size_t len;
};

/* Unconfirmed K (secret) from exactly t shares; `data_user` is the data user's dh pair, `head`
 * checked with the grant's visit. yB = Y (POLICY), count (THRESH), per share its length (LEN),
 * grant and index (CFRAG), index new (DUP), E1, V1 (POINT); the equation (COMBINE). K is zero on
 * failure. `faulty` (may be NULL) gets bit i set if shares[i] failed one of the checks per share.
 */
EHR_MUST_CHECK enum ehr_status ehr_combine(struct ehr_point *K, const struct ehr_dh_key *data_user,
                                           const struct ehr_grant_verified *grant,
                                           const struct ehr_record_head *head,
                                           const struct ehr_share *shares, size_t count,
                                           uint32_t *faulty);

/* The same from shares whose proofs hold: K is the record's, no confirmation is needed. Of this
 * grant and record (CFRAG), t of them (THRESH), all different (DUP). */
EHR_MUST_CHECK enum ehr_status
ehr_combine_verified(struct ehr_point *K, const struct ehr_dh_key *data_user,
                     const struct ehr_grant_verified *grant, const struct ehr_record_head *head,
                     const struct ehr_cfrag_verified *shares, size_t count);

/* Checks the record (as ehr_record_check), combines and decrypts (KCOM, AEAD, LEN). `plaintext` as
 * in ehr_record_open. Where shares are the reason, `faulty` (may be NULL) gets bit i set for
 * every bad shares[i]: one that failed a check, or after COMBINE or KCOM each whose proof does not
 * verify. KCOM with no bit set: all shares are good, the record was sealed wrongly. */
EHR_MUST_CHECK enum ehr_status
ehr_combine_open(uint8_t *plaintext, size_t capacity, size_t *plaintext_len,
                 const struct ehr_dh_key *data_user, const struct ehr_grant_verified *grant,
                 const struct ehr_share *shares, size_t count, const uint8_t *sealed,
                 size_t sealed_len, uint32_t *faulty);

#endif /* EHR_CRYPTO_COMBINE_H */
