/* Schnorr signatures under ristretto255 keys: patients' and pseudonyms' signatures.
 * Not interchangeable with Ed25519 keys. Signature = R || z, 64 bytes. Source: crypto.md section 0.
 */
#ifndef EHR_CRYPTO_SCHNORR_H
#define EHR_CRYPTO_SCHNORR_H

#include <stdint.h>

#include "crypto/group.h"

enum { EHR_SCHNORR_BYTES = 64 };

/* Signs the 32-byte `m` with x under `label`; X = xB is the caller's (stands in the nonce hash, so
 * a wrong X yields an invalid signature and nothing else). Draws rnd32. EHR_SCALAR. */
EHR_MUST_CHECK enum ehr_status ehr_schnorr_sign(uint8_t sig[64], const char *label,
                                                const struct ehr_scalar *x,
                                                const struct ehr_point *X, const uint8_t m[32],
                                                struct ehr_rng *rng);

/* EHR_POINT for the key, EHR_SIG for everything inside the signature; remembered (memo.h). `X` is
 * not yet checked bytes. */
EHR_MUST_CHECK enum ehr_status ehr_schnorr_verify(const char *label, const uint8_t X[32],
                                                  const uint8_t m[32], const uint8_t sig[64]);

#endif /* EHR_CRYPTO_SCHNORR_H */
