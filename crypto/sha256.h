/* SHA-256, for the fingerprints of files in results: what sha256sum prints.
 * Not for the protocol, whose only hash is BLAKE2b (hash.h). Source: FIPS 180-4. */
#ifndef EHR_CRYPTO_SHA256_H
#define EHR_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { EHR_SHA256_BYTES = 32 };

/* The hash of `length` bytes; `data` may be NULL with length 0. */
void ehr_sha256(uint8_t out[EHR_SHA256_BYTES], const void *data, size_t length);

#endif /* EHR_CRYPTO_SHA256_H */
