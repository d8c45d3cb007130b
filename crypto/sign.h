/* Ed25519 over exactly 48 bytes: pad16(label) || 32-byte hash.
 * Not a general signature interface: one label per purpose, and only hashes are signed.
 * Source: crypto.md section 0; RFC 8032 as libsodium verifies it (canonical S, no small-order key
 * or R, no cofactor). */
#ifndef EHR_CRYPTO_SIGN_H
#define EHR_CRYPTO_SIGN_H

#include <stdint.h>

#include "crypto/status.h"

enum { EHR_SIGN_SEED_BYTES = 32, EHR_SIGN_PUBLIC_BYTES = 32, EHR_SIGNATURE_BYTES = 64 };

/* The key is its 32-byte seed; the public half stands beside it so that signing need not derive
 * it again. */
struct ehr_sign_key {
    uint8_t seed[EHR_SIGN_SEED_BYTES];
    uint8_t public[EHR_SIGN_PUBLIC_BYTES];
};

/* Expands a seed. Wipe the key with ehr_wipe when done. */
void ehr_sign_key_init(struct ehr_sign_key *key, const uint8_t seed[32]);

/* The 48 bytes under the signature. */
void ehr_sign_message(uint8_t message[48], const char *label, const uint8_t hash[32]);

/* Signs `hash` under `label` ("sig-...", <= 10 characters). Deterministic. */
void ehr_sign_make(uint8_t sig[64], const struct ehr_sign_key *key, const char *label,
                   const uint8_t hash[32]);

/* EHR_OK or EHR_SIG; remembered (memo.h). */
EHR_MUST_CHECK enum ehr_status ehr_sign_verify(const uint8_t public[32], const char *label,
                                               const uint8_t hash[32], const uint8_t sig[64]);

#endif /* EHR_CRYPTO_SIGN_H */
