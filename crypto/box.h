/* Box: public-key sealing of short messages to a ristretto255 key, bound to a 32-byte context.
 * Not for records (record.h). KE 32 | XChaCha20-Poly1305 body. The sender stays anonymous.
 * Source: crypto.md section 0. */
#ifndef EHR_CRYPTO_BOX_H
#define EHR_CRYPTO_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/group.h"

enum {
    EHR_BOX_TAG_BYTES = 16,
    EHR_BOX_OVERHEAD_BYTES = 48, /* KE and tag */
};

/* Seals `length` bytes to N: writes length + 48 bytes. Draws the scalar k. EHR_SCALAR, EHR_POINT;
 * then `box` is zeroed. `plaintext` and `box` do not overlap. */
EHR_MUST_CHECK enum ehr_status ehr_box_seal(uint8_t *box, const struct ehr_point *N,
                                            const uint8_t context[32], const void *plaintext,
                                            size_t length, struct ehr_rng *rng);

/* Opens `length` bytes: writes length - 48. EHR_LEN, EHR_POINT, EHR_AEAD; then `plaintext` is
 * zeroed (nothing is written for EHR_LEN). `key` is the receiver's pair. */
EHR_MUST_CHECK enum ehr_status ehr_box_open(uint8_t *plaintext, const struct ehr_dh_key *key,
                                            const uint8_t context[32], const uint8_t *box,
                                            size_t length);

/* The body alone, with an ephemeral pair (k, KE) of the caller shared by several bodies: writes
 * length + 16 bytes. Each (N, context) must occur once per ephemeral pair. */
EHR_MUST_CHECK enum ehr_status ehr_box_body_seal(uint8_t *body, const struct ehr_dh_key *ephemeral,
                                                 const struct ehr_point *N,
                                                 const uint8_t context[32], const void *plaintext,
                                                 size_t length);

/* Opens a body of `length` bytes under KE: writes length - 16. EHR_LEN, EHR_POINT, EHR_AEAD. */
EHR_MUST_CHECK enum ehr_status ehr_box_body_open(uint8_t *plaintext, const struct ehr_dh_key *key,
                                                 const uint8_t KE[32], const uint8_t context[32],
                                                 const uint8_t *body, size_t length);

#endif /* EHR_CRYPTO_BOX_H */
