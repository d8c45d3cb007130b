/* Pseudonyms: one fresh key pair (P, Q) per visit that only the patient can open.
 * Not anonymity of the doctor or of the hospital. After stealth addresses (CryptoNote).
 * Source: crypto.md section b. */
#ifndef EHR_CRYPTO_PSEUDONYM_H
#define EHR_CRYPTO_PSEUDONYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/card.h"
#include "crypto/group.h"

enum { EHR_PSEUDONYM_BYTES = 96 };

/* P: ownership; E: ephemeral; Q: encryption. Encoded P|E|Q. */
struct ehr_pseudonym {
    struct ehr_point P, E, Q;
};

/* The secrets of one visit: P = pB, Q = qB. */
struct ehr_visit_keys {
    struct ehr_scalar p, q;
};

/* The doctor's side: draws the scalar e. EHR_POINT (V, O, C; O = C), EHR_SCALAR; then `out` is
 * zeroed. F is not used. */
EHR_MUST_CHECK enum ehr_status ehr_pseudonym_make(struct ehr_pseudonym *out,
                                                  const struct ehr_patient_public *patient,
                                                  const uint8_t hid[32], struct ehr_rng *rng);

void ehr_pseudonym_encode(uint8_t out[EHR_PSEUDONYM_BYTES], const struct ehr_pseudonym *pseudonym);

/* EHR_LEN, EHR_POINT; then `out` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_pseudonym_parse(struct ehr_pseudonym *out, const uint8_t *bytes,
                                                   size_t length);

/* EHR_POINT unless all three encodings are points: what every node asks of a transaction. */
EHR_MUST_CHECK enum ehr_status ehr_pseudonym_check(const uint8_t bytes[EHR_PSEUDONYM_BYTES]);

/* The patient's side: whether the encoded pseudonym is its own. EHR_OK with *hit false is a miss,
 * with *hit true `visit` holds p and q. EHR_LEN, EHR_POINT (P, E, Q; or P fits and Q does not: the
 * doctor's fault). Without a hit `visit` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_pseudonym_detect(struct ehr_visit_keys *visit, bool *hit,
                                                    const uint8_t *bytes, size_t length,
                                                    const struct ehr_patient_keys *keys,
                                                    const uint8_t hid[32]);

/* Ownership of P for one query at one node and height: m = H32("own-msg"; ...), "sig-own". */
void ehr_own_message(uint8_t m[32], const uint8_t query_id[32], const uint8_t node_id[32],
                     uint64_t height);

/* Draws rnd32. EHR_SCALAR. */
EHR_MUST_CHECK enum ehr_status ehr_own_sign(uint8_t sig[64], const struct ehr_scalar *p,
                                            const struct ehr_point *P, const uint8_t query_id[32],
                                            const uint8_t node_id[32], uint64_t height,
                                            struct ehr_rng *rng);

/* EHR_POINT, EHR_SIG. */
EHR_MUST_CHECK enum ehr_status ehr_own_verify(const uint8_t P[32], const uint8_t query_id[32],
                                              const uint8_t node_id[32], uint64_t height,
                                              const uint8_t sig[64]);

#endif /* EHR_CRYPTO_PSEUDONYM_H */
