/* Signatures and boxes: no bit of a signature, key, message or box can change unnoticed. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/drbg.h"
#include "crypto/schnorr.h"
#include "crypto/sign.h"
#include "crypto/vote.h"
#include "tests/unit/unit.h"

static struct ehr_drbg drbg;

static struct ehr_rng *rng_of_test(void)
{
    ehr_crypto_init();
    ehr_drbg_init(&drbg, 1, 0, "crypto_sign", EHR_DRBG_CRYPTO);
    return &drbg.rng;
}

static void bit_flip(uint8_t *bytes, size_t bit)
{
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static int all_zero(const uint8_t *bytes, size_t length)
{
    uint8_t any = 0;
    for (size_t i = 0; i < length; i++)
        any |= bytes[i];
    return any == 0;
}

static void ed25519_refuses_every_flipped_bit(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_sign_key key;
    uint8_t seed[32], hash[32], sig[64];
    ehr_rng_fill(rng, seed, sizeof seed);
    ehr_rng_fill(rng, hash, sizeof hash);
    ehr_sign_key_init(&key, seed);
    ehr_sign_make(sig, &key, "sig-ptx", hash);
    CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-ptx", hash, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-pty", hash, sig), EHR_SIG);
    for (size_t bit = 0; bit < 512; bit++) {
        bit_flip(sig, bit);
        CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-ptx", hash, sig), EHR_SIG);
        bit_flip(sig, bit);
    }
    for (size_t bit = 0; bit < 256; bit++) {
        bit_flip(hash, bit);
        CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-ptx", hash, sig), EHR_SIG);
        bit_flip(hash, bit);
        bit_flip(key.public, bit);
        CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-ptx", hash, sig), EHR_SIG);
        bit_flip(key.public, bit);
    }
}

static void schnorr_refuses_every_flipped_bit(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key;
    uint8_t m[32], sig[64];
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    ehr_rng_fill(rng, m, sizeof m);
    CU_ASSERT_EQUAL(ehr_schnorr_sign(sig, "sig-visit", &key.secret, &key.public, m, rng), EHR_OK);
    uint8_t *X = key.public.bytes;
    CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-visit", X, m, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-own", X, m, sig), EHR_SIG);
    for (size_t bit = 0; bit < 512; bit++) {
        bit_flip(sig, bit);
        CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-visit", X, m, sig), EHR_SIG);
        bit_flip(sig, bit);
    }
    for (size_t bit = 0; bit < 256; bit++) {
        bit_flip(m, bit);
        CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-visit", X, m, sig), EHR_SIG);
        bit_flip(m, bit);
        bit_flip(X, bit);
        enum ehr_status status = ehr_schnorr_verify("sig-visit", X, m, sig);
        CU_ASSERT_EQUAL(status, ehr_point_check(X) == EHR_OK ? EHR_SIG : EHR_POINT);
        bit_flip(X, bit);
    }
}

static void schnorr_key_is_checked_before_the_signature(void)
{
    uint8_t none[32] = {0}, sig[64];
    memset(sig, 0xff, sizeof sig); /* z out of range as well */
    rng_of_test();
    CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-own", none, none, sig), EHR_POINT);
}

static void schnorr_nonces_differ_when_the_draw_repeats(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key;
    uint8_t m[32] = {0}, a[64], b[64];
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    rng_of_test();
    CU_ASSERT_EQUAL(ehr_schnorr_sign(a, "sig-own", &key.secret, &key.public, m, rng), EHR_OK);
    rng_of_test();
    CU_ASSERT_EQUAL(ehr_schnorr_sign(b, "sig-visit", &key.secret, &key.public, m, rng), EHR_OK);
    CU_ASSERT(memcmp(a, b, 32) != 0); /* R */
    rng_of_test();
    CU_ASSERT_EQUAL(ehr_schnorr_sign(b, "sig-own", &key.secret, &key.public, m, rng), EHR_OK);
    CU_ASSERT(memcmp(a, b, 64) == 0);
}

static void schnorr_with_a_wrong_public_key_yields_a_refused_signature(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key, other;
    uint8_t m[32] = {0}, sig[64];
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_dh_key_make(&other, rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_schnorr_sign(sig, "sig-own", &key.secret, &other.public, m, rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-own", key.public.bytes, m, sig), EHR_SIG);
    CU_ASSERT_EQUAL(ehr_schnorr_verify("sig-own", other.public.bytes, m, sig), EHR_SIG);
    struct ehr_scalar zero = {{0}};
    CU_ASSERT_EQUAL(ehr_schnorr_sign(sig, "sig-own", &zero, &key.public, m, rng), EHR_SCALAR);
    CU_ASSERT_TRUE(all_zero(sig, sizeof sig));
}

static void box_round_trips_at_every_small_length(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key;
    uint8_t context[32] = {5}, plain[80], box[80 + EHR_BOX_OVERHEAD_BYTES], opened[80];
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    ehr_rng_fill(rng, plain, sizeof plain);
    for (size_t length = 0; length <= sizeof plain; length++) {
        size_t boxed = length + EHR_BOX_OVERHEAD_BYTES;
        CU_ASSERT_EQUAL(ehr_box_seal(box, &key.public, context, plain, length, rng), EHR_OK);
        memset(opened, 0xaa, sizeof opened);
        CU_ASSERT_EQUAL(ehr_box_open(opened, &key, context, box, boxed), EHR_OK);
        CU_ASSERT(memcmp(opened, plain, length) == 0);
    }
    for (size_t length = 0; length < EHR_BOX_OVERHEAD_BYTES; length++)
        CU_ASSERT_EQUAL(ehr_box_open(opened, &key, context, box, length), EHR_LEN);
}

static void box_refuses_every_flipped_bit_and_releases_nothing(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key;
    uint8_t context[32] = {5}, plain[20] = {1, 2, 3}, box[20 + EHR_BOX_OVERHEAD_BYTES], opened[20];
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_box_seal(box, &key.public, context, plain, sizeof plain, rng), EHR_OK);
    for (size_t bit = 0; bit < 8 * sizeof box; bit++) {
        bit_flip(box, bit);
        memset(opened, 0xaa, sizeof opened);
        enum ehr_status status = ehr_box_open(opened, &key, context, box, sizeof box);
        CU_ASSERT(status == EHR_AEAD || (status == EHR_POINT && bit < 256));
        CU_ASSERT_TRUE(all_zero(opened, sizeof opened));
        bit_flip(box, bit);
    }
    for (size_t bit = 0; bit < 256; bit++) {
        bit_flip(context, bit);
        CU_ASSERT_EQUAL(ehr_box_open(opened, &key, context, box, sizeof box), EHR_AEAD);
        bit_flip(context, bit);
    }
}

static void mac_key_is_shared_and_tag_is_directed(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key a, b;
    uint8_t ka[32], kb[32], ida[32] = {1}, idb[32] = {2}, digest[32] = {3}, tag[16];
    for (int i = 0; i < 8; i++) { /* both orders of the public keys */
        CU_ASSERT_EQUAL(ehr_dh_key_make(&a, rng), EHR_OK);
        CU_ASSERT_EQUAL(ehr_dh_key_make(&b, rng), EHR_OK);
        CU_ASSERT_EQUAL(ehr_mac_key_derive(ka, &a, b.public.bytes), EHR_OK);
        CU_ASSERT_EQUAL(ehr_mac_key_derive(kb, &b, a.public.bytes), EHR_OK);
        CU_ASSERT(memcmp(ka, kb, 32) == 0);
    }
    ehr_mac_make(tag, ka, ida, idb, digest);
    CU_ASSERT_EQUAL(ehr_mac_verify(kb, ida, idb, digest, tag), EHR_OK);
    CU_ASSERT_EQUAL(ehr_mac_verify(kb, idb, ida, digest, tag), EHR_SIG); /* reflected */
    for (size_t bit = 0; bit < 128; bit++) {
        bit_flip(tag, bit);
        CU_ASSERT_EQUAL(ehr_mac_verify(kb, ida, idb, digest, tag), EHR_SIG);
        bit_flip(tag, bit);
    }
    uint8_t none[32] = {0};
    CU_ASSERT_EQUAL(ehr_mac_key_derive(ka, &a, none), EHR_POINT);
    CU_ASSERT_TRUE(all_zero(ka, sizeof ka));
}

static const struct ehr_unit_case cases[] = {
    {"ed25519_refuses_every_flipped_bit", ed25519_refuses_every_flipped_bit},
    {"schnorr_refuses_every_flipped_bit", schnorr_refuses_every_flipped_bit},
    {"schnorr_key_is_checked_before_the_signature", schnorr_key_is_checked_before_the_signature},
    {"schnorr_nonces_differ_when_the_draw_repeats", schnorr_nonces_differ_when_the_draw_repeats},
    {"schnorr_with_a_wrong_public_key_yields_a_refused_signature",
     schnorr_with_a_wrong_public_key_yields_a_refused_signature},
    {"box_round_trips_at_every_small_length", box_round_trips_at_every_small_length},
    {"box_refuses_every_flipped_bit_and_releases_nothing",
     box_refuses_every_flipped_bit_and_releases_nothing},
    {"mac_key_is_shared_and_tag_is_directed", mac_key_is_shared_and_tag_is_directed},
};

EHR_UNIT_MAIN("crypto_sign", cases)
