#include "crypto/modelled.h"

#include <sodium.h>
#include <string.h>

/* ---- the group: Z/l, written additively, with generator 1 ---- */

/* The point s*B is the number s: the numbers that are points are the scalars that are accepted. */
static int modelled_point_check(const uint8_t p[32])
{
    return ehr_scalar_check(p) == EHR_OK ? 0 : -1;
}

/* l is prime: no product of accepted numbers is the identity. */
static int modelled_mul(uint8_t out[32], const uint8_t s[32], const uint8_t p[32])
{
    if (modelled_point_check(p) != 0)
        return -1;
    crypto_core_ristretto255_scalar_mul(out, s, p);
    return 0;
}

static int modelled_mul_base(uint8_t out[32], const uint8_t s[32])
{
    memmove(out, s, 32);
    return 0;
}

static int modelled_add(uint8_t out[32], const uint8_t p[32], const uint8_t q[32])
{
    if (modelled_point_check(p) != 0 || modelled_point_check(q) != 0)
        return -1;
    crypto_core_ristretto255_scalar_add(out, p, q);
    return sodium_is_zero(out, 32) ? -1 : 0;
}

static int modelled_sub(uint8_t out[32], const uint8_t p[32], const uint8_t q[32])
{
    if (modelled_point_check(p) != 0 || modelled_point_check(q) != 0)
        return -1;
    crypto_core_ristretto255_scalar_sub(out, p, q);
    return sodium_is_zero(out, 32) ? -1 : 0;
}

static int modelled_from_hash(uint8_t out[32], const uint8_t wide[64])
{
    crypto_core_ristretto255_scalar_reduce(out, wide);
    return sodium_is_zero(out, 32) ? -1 : 0;
}

/* ---- in the place of Ed25519: hashes that need no secret ---- */

static void modelled_ed_key(uint8_t key[64], const uint8_t seed[32])
{
    uint8_t public[EHR_HASH_BYTES];
    EHR_HASH32(public, "model-key", EHR_H(seed));
    memmove(key, seed, 32);
    memcpy(key + 32, public, sizeof public);
}

/* Under the public key alone, so that a verifier can make it too. */
static void signature_of(uint8_t sig[EHR_WIDE_BYTES], const uint8_t message[48],
                         const uint8_t public[32])
{
    EHR_HASH64(sig, "model-sig", EHR_H(public), EHR_P(message, 48));
}

static void modelled_ed_sign(uint8_t sig[64], const uint8_t message[48], const uint8_t key[64])
{
    signature_of(sig, message, key + 32);
}

static int modelled_ed_verify(const uint8_t sig[64], const uint8_t message[48],
                              const uint8_t public[32])
{
    uint8_t expected[EHR_WIDE_BYTES];
    signature_of(expected, message, public);
    return memcmp(expected, sig, sizeof expected) == 0 ? 0 : -1;
}

const struct ehr_group_provider ehr_group_modelled_unsafe = {
    .name = "modelled (unsafe)",
    .point_check = modelled_point_check,
    .mul = modelled_mul,
    .mul_base = modelled_mul_base,
    .add = modelled_add,
    .sub = modelled_sub,
    .from_hash = modelled_from_hash,
    .ed_key = modelled_ed_key,
    .ed_sign = modelled_ed_sign,
    .ed_verify = modelled_ed_verify,
};
