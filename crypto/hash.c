#include "crypto/hash.h"

#include <assert.h>
#include <sodium.h>

#include "crypto/random.h"

/* Every H_n and PRF: n is a parameter of BLAKE2b, so a short hash is no prefix of a long one. The
 * state is wiped by libsodium's final. */
static void hash_parts(uint8_t *out, size_t out_length, const uint8_t *key, const char *label,
                       const struct ehr_part *parts, size_t count)
{
    static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES] = {0};
    uint8_t personal[EHR_PAD16_BYTES];
    ehr_pad16(personal, label);
    crypto_generichash_blake2b_state state;
    int rc = crypto_generichash_blake2b_init_salt_personal(
        &state, key, key != NULL ? EHR_HASH_BYTES : 0, out_length, salt, personal);
    for (size_t i = 0; i < count; i++) {
        assert(parts[i].length <= UINT32_MAX);
        uint8_t length[4];
        ehr_le32(length, (uint32_t)parts[i].length);
        rc |= crypto_generichash_blake2b_update(&state, length, sizeof length);
        rc |= crypto_generichash_blake2b_update(&state, parts[i].data, parts[i].length);
    }
    rc |= crypto_generichash_blake2b_final(&state, out, out_length);
    assert(rc == 0);
    (void)rc;
}

void ehr_hash16(uint8_t out[16], const char *label, const struct ehr_part *parts, size_t count)
{
    hash_parts(out, 16, NULL, label, parts, count);
}

void ehr_hash32(uint8_t out[32], const char *label, const struct ehr_part *parts, size_t count)
{
    hash_parts(out, 32, NULL, label, parts, count);
}

void ehr_hash64(uint8_t out[64], const char *label, const struct ehr_part *parts, size_t count)
{
    hash_parts(out, 64, NULL, label, parts, count);
}

void ehr_prf16(uint8_t out[16], const uint8_t key[32], const char *label,
               const struct ehr_part *parts, size_t count)
{
    hash_parts(out, 16, key, label, parts, count);
}

void ehr_prf32(uint8_t out[32], const uint8_t key[32], const char *label,
               const struct ehr_part *parts, size_t count)
{
    hash_parts(out, 32, key, label, parts, count);
}

void ehr_pad16(uint8_t out[16], const char *label)
{
    static const char prefix[6] = {'E', 'H', 'R', 'G', '1', ':'};
    /* Every hash and every signature comes by here: no program can do without the start, and so
     * without the generator that aborts. */
    assert(ehr_crypto_started());
    size_t length = strlen(label);
    assert(length >= 1 && length <= EHR_PAD16_BYTES - sizeof prefix);
    memset(out, 0, EHR_PAD16_BYTES);
    memcpy(out, prefix, sizeof prefix);
    memcpy(out + sizeof prefix, label, length);
}
