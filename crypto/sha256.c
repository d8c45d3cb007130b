#include "crypto/sha256.h"

#include <sodium.h>

void ehr_sha256(uint8_t out[EHR_SHA256_BYTES], const void *data, size_t length)
{
    crypto_hash_sha256(out, length > 0 ? data : (const void *)"", length);
}
