/*
 * The key encapsulation under a record: a capsule that the holder of q, or t proxies for a data
 * user, can open. Not the encryption of the record: that is record.h.
 * Source: crypto.md section c (Umbral's capsule on ristretto255, with a label and a key
 * commitment).
 */
#ifndef EHR_CRYPTO_CAPSULE_H
#define EHR_CRYPTO_CAPSULE_H

#include <stdint.h>
#include "crypto/group.h"
#include "crypto/random.h"
#include "crypto/status.h"

#define EHR_CAPSULE_BYTES 96 /* E 32 | V 32 | s 32 */

/* What K yields for one capsule: the cipher's key and nonce, and the commitment to both. Secret
 * except for `kcom`; wipe with ehr_capsule_keys_close. */
struct ehr_capsule_keys {
    uint8_t key[32];
    uint8_t nonce[24];
    uint8_t kcom[32];
};

/* Makes a capsule for the visit key Q under the record label L and its shared point K (secret).
 * `pt_hash` binds the randomness to the padded plaintext. Draws rnd32.
 * POINT if Q is not valid; SCALAR (probability 2^-252). Outputs are zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_capsule_encap(uint8_t capsule[EHR_CAPSULE_BYTES],
                                                 struct ehr_point *K, const struct ehr_point *Q,
                                                 const uint8_t label[32], const uint8_t pt_hash[32],
                                                 struct ehr_rng *rng);

/* Anyone's check that a capsule was made for this label: E, V (POINT), s (SCALAR), the equation
 * (CAPSULE). Remembered: an equal check is computed once. */
EHR_MUST_CHECK enum ehr_status ehr_capsule_check(const uint8_t capsule[EHR_CAPSULE_BYTES],
                                                 const uint8_t label[32]);

/* h = Hs("capsule"; E, V, L), which the combination of shares needs again. SCALAR for 0. */
EHR_MUST_CHECK enum ehr_status ehr_capsule_challenge(struct ehr_scalar *h,
                                                     const uint8_t capsule[EHR_CAPSULE_BYTES],
                                                     const uint8_t label[32]);

/* The patient's K = q(E+V) (secret) of a capsule that was checked before.
 * POINT if E, V or the result is not valid, SCALAR if q is not; then K is zero. */
EHR_MUST_CHECK enum ehr_status ehr_capsule_decap(struct ehr_point *K, const struct ehr_scalar *q,
                                                 const uint8_t capsule[EHR_CAPSULE_BYTES]);

/* Key, nonce and commitment from K. */
void ehr_capsule_keys_derive(struct ehr_capsule_keys *keys, const struct ehr_point *K,
                             const uint8_t capsule[EHR_CAPSULE_BYTES], const uint8_t label[32]);

/* Wipes; accepts NULL. */
void ehr_capsule_keys_close(struct ehr_capsule_keys *keys);

#endif /* EHR_CRYPTO_CAPSULE_H */
