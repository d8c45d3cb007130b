/* Status, cursors, hashing, scalars and points: edges that the vectors leave out. */
#include <string.h>

#include "crypto/codec.h"
#include "crypto/drbg.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "tests/unit/unit.h"

static struct ehr_drbg drbg;

static struct ehr_rng *rng_of_test(void)
{
    ehr_crypto_init();
    ehr_drbg_init(&drbg, 1, 0, "crypto_base", EHR_DRBG_CRYPTO);
    return &drbg.rng;
}

static void status_of_zeroed_storage_is_not_ok(void)
{
    enum ehr_status status;
    memset(&status, 0, sizeof status);
    CU_ASSERT_NOT_EQUAL(status, EHR_OK);
    CU_ASSERT_STRING_EQUAL(ehr_status_name(status), "INVALID");
    CU_ASSERT_STRING_EQUAL(ehr_status_name(EHR_KCOM), "KCOM");
    CU_ASSERT_EQUAL(EHR_OK, 1);
    CU_ASSERT_EQUAL(EHR_THRESH, 16);
    for (int i = EHR_OK; i <= EHR_THRESH; i++)
        CU_ASSERT(strlen(ehr_status_text((enum ehr_status)i)) > 0);
}

static void reader_refuses_trailing_bytes(void)
{
    const uint8_t bytes[5] = {1, 2, 3, 4, 5};
    struct ehr_reader r = ehr_reader_init(bytes, sizeof bytes);
    CU_ASSERT_EQUAL(ehr_reader_u32(&r), 0x04030201);
    CU_ASSERT_FALSE(ehr_reader_end(&r));
    CU_ASSERT_EQUAL(ehr_reader_left(&r), 1);
    CU_ASSERT_EQUAL(ehr_reader_u8(&r), 5);
    CU_ASSERT_TRUE(ehr_reader_end(&r));
}

static void reader_stays_failed_when_input_is_short(void)
{
    const uint8_t bytes[3] = {1, 2, 3};
    uint8_t copy[4] = {9, 9, 9, 9};
    struct ehr_reader r = ehr_reader_init(bytes, sizeof bytes);
    CU_ASSERT_EQUAL(ehr_reader_u64(&r), 0);
    CU_ASSERT_EQUAL(ehr_reader_u8(&r), 0); /* although a byte is there */
    ehr_reader_bytes(&r, copy, sizeof copy);
    CU_ASSERT_EQUAL(ehr_le32_get(copy), 0);
    CU_ASSERT_FALSE(ehr_reader_end(&r));
    CU_ASSERT_EQUAL(ehr_reader_left(&r), 0);
    struct ehr_reader huge = ehr_reader_init(bytes, sizeof bytes);
    CU_ASSERT_EQUAL(ehr_reader_u8(&huge), 1);
    CU_ASSERT_PTR_NULL(ehr_reader_take(&huge, SIZE_MAX)); /* no wrap-around */
    struct ehr_reader empty = ehr_reader_init(NULL, 0);
    CU_ASSERT_TRUE(ehr_reader_end(&empty));
}

static void reader_refuses_wrong_magic_and_reserved_bytes(void)
{
    struct ehr_reader r = ehr_reader_init("CRT2", 4);
    ehr_reader_magic(&r, "CRT1");
    CU_ASSERT_FALSE(ehr_reader_end(&r));
    r = ehr_reader_init("\0\1", 2);
    ehr_reader_zeros(&r, 2);
    CU_ASSERT_FALSE(ehr_reader_end(&r));
    r = ehr_reader_init("\0\0", 2);
    ehr_reader_zeros(&r, 2);
    CU_ASSERT_TRUE(ehr_reader_end(&r));
}

static void writer_round_trips_and_refuses_overflow(void)
{
    uint8_t bytes[21];
    struct ehr_writer w = ehr_writer_init(bytes, sizeof bytes);
    ehr_writer_magic(&w, "TEST");
    ehr_writer_u8(&w, 0xfe);
    ehr_writer_u16(&w, 0xfedc);
    ehr_writer_u32(&w, 0xfedcba98);
    ehr_writer_u64(&w, UINT64_C(0xfedcba9876543210));
    CU_ASSERT_FALSE(ehr_writer_full(&w));
    ehr_writer_zeros(&w, 2);
    CU_ASSERT_TRUE(ehr_writer_full(&w));
    struct ehr_reader r = ehr_reader_init(bytes, sizeof bytes);
    ehr_reader_magic(&r, "TEST");
    CU_ASSERT_EQUAL(ehr_reader_u8(&r), 0xfe);
    CU_ASSERT_EQUAL(ehr_reader_u16(&r), 0xfedc);
    CU_ASSERT_EQUAL(ehr_reader_u32(&r), 0xfedcba98);
    CU_ASSERT_EQUAL(ehr_reader_u64(&r), UINT64_C(0xfedcba9876543210));
    ehr_reader_zeros(&r, 2);
    CU_ASSERT_TRUE(ehr_reader_end(&r));
    ehr_writer_u8(&w, 1);
    CU_ASSERT_FALSE(ehr_writer_full(&w));
}

static void hash_separates_values_labels_and_lengths(void)
{
    uint8_t a[32], b[32], c[32], d[16];
    EHR_HASH32(a, "test", EHR_P("ab", 2), EHR_P("c", 1));
    EHR_HASH32(b, "test", EHR_P("a", 1), EHR_P("bc", 2));
    EHR_HASH32(c, "tesu", EHR_P("ab", 2), EHR_P("c", 1));
    EHR_HASH16(d, "test", EHR_P("ab", 2), EHR_P("c", 1));
    CU_ASSERT(memcmp(a, b, 32) != 0);
    CU_ASSERT(memcmp(a, c, 32) != 0);
    CU_ASSERT(memcmp(a, d, 16) != 0); /* not a truncation */
    const uint8_t key[32] = {0};
    EHR_PRF32(b, key, "test", EHR_P("ab", 2), EHR_P("c", 1));
    CU_ASSERT(memcmp(a, b, 32) != 0); /* a zero key is not no key */
}

static void hash_of_integers_is_of_their_little_endian_bytes(void)
{
    uint8_t a[32], b[32];
    const uint8_t bytes[8] = {8, 7, 6, 5, 4, 3, 2, 1};
    EHR_HASH32(a, "test", EHR_U64(UINT64_C(0x0102030405060708)), EHR_U16(0x0102), EHR_U8(3));
    EHR_HASH32(b, "test", EHR_P(bytes, 8), EHR_P(bytes + 6, 2), EHR_P(bytes + 5, 1));
    CU_ASSERT(memcmp(a, b, 32) == 0);
    EHR_HASH32(a, "test", EHR_U32(0x05060708));
    EHR_HASH32(b, "test", EHR_P(bytes, 4));
    CU_ASSERT(memcmp(a, b, 32) == 0);
}

static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

static void scalar_check_finds_the_edges_at_every_byte(void)
{
    uint8_t s[32];
    memcpy(s, order, 32);
    CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_SCALAR);
    /* One less in any byte that can be less is below l; one more in any byte is above. */
    for (int i = 0; i < 32; i++) {
        memcpy(s, order, 32);
        if (s[i] > 0) {
            s[i]--;
            CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_OK);
            s[i]++;
        }
        s[i]++;
        CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_SCALAR);
    }
    for (int i = 0; i < 253; i++) {
        memset(s, 0, 32);
        s[i / 8] = (uint8_t)(1 << i % 8); /* 2^i, and 2^252 < l */
        CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_OK);
    }
    memset(s, 0, 32);
    CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_SCALAR);
    memset(s, 0xff, 32);
    CU_ASSERT_EQUAL(ehr_scalar_check(s), EHR_SCALAR);
}

static void import_zeroes_the_output_when_refused(void)
{
    struct ehr_scalar s = {{1}}, zero_scalar = {{0}};
    struct ehr_point p = {{1}}, zero_point = {{0}};
    uint8_t bad[32];
    memset(bad, 0xff, sizeof bad);
    CU_ASSERT_EQUAL(ehr_scalar_import(&s, order), EHR_SCALAR);
    CU_ASSERT_TRUE(ehr_scalar_equal(&s, &zero_scalar));
    CU_ASSERT_EQUAL(ehr_point_import(&p, bad), EHR_POINT);
    CU_ASSERT_TRUE(ehr_point_equal(&p, &zero_point));
}

static void operations_zero_their_output_when_they_fail(void)
{
    struct ehr_rng *rng = rng_of_test();
    struct ehr_dh_key key;
    struct ehr_point out, zero = {{0}};
    struct ehr_scalar none = {{0}};
    CU_ASSERT_EQUAL(ehr_dh_key_make(&key, rng), EHR_OK);
    out = key.public;
    CU_ASSERT_EQUAL(ehr_point_sub(&out, &key.public, &key.public), EHR_POINT);
    CU_ASSERT_TRUE(ehr_point_equal(&out, &zero));
    out = key.public;
    CU_ASSERT_EQUAL(ehr_point_mul(&out, &none, &key.public), EHR_SCALAR);
    CU_ASSERT_TRUE(ehr_point_equal(&out, &zero));
    CU_ASSERT_EQUAL(ehr_point_mul(&out, &key.secret, &zero), EHR_POINT);
    CU_ASSERT_EQUAL(ehr_point_add(&out, &key.public, &zero), EHR_POINT);
    struct ehr_point high = key.public;
    high.bytes[31] |= 0x80; /* what libsodium 1.0.18 ignores */
    CU_ASSERT_EQUAL(ehr_point_mul(&out, &key.secret, &high), EHR_POINT);
    CU_ASSERT_EQUAL(ehr_point_add(&out, &key.public, &high), EHR_POINT);
    CU_ASSERT_EQUAL(ehr_point_sub(&out, &high, &key.public), EHR_POINT);
}

static void group_laws_hold_with_outputs_over_inputs(void)
{
    struct ehr_rng *rng = rng_of_test();
    for (int i = 0; i < 20; i++) {
        struct ehr_scalar a, b, c;
        struct ehr_point A, B, C;
        CU_ASSERT_EQUAL(ehr_scalar_random(&a, rng), EHR_OK);
        CU_ASSERT_EQUAL(ehr_scalar_random(&b, rng), EHR_OK);
        CU_ASSERT_EQUAL(ehr_point_mul_base(&A, &a), EHR_OK);
        CU_ASSERT_EQUAL(ehr_point_mul_base(&B, &b), EHR_OK);
        ehr_scalar_add(&c, &a, &b);
        CU_ASSERT_EQUAL(ehr_point_mul_base(&C, &c), EHR_OK); /* (a+b)B */
        ehr_scalar_sub(&c, &c, &b);
        CU_ASSERT_TRUE(ehr_scalar_equal(&c, &a));
        struct ehr_point sum = A;
        CU_ASSERT_EQUAL(ehr_point_add(&sum, &sum, &B), EHR_OK);
        CU_ASSERT_TRUE(ehr_point_equal(&sum, &C));
        CU_ASSERT_EQUAL(ehr_point_sub(&sum, &sum, &A), EHR_OK);
        CU_ASSERT_TRUE(ehr_point_equal(&sum, &B));
        ehr_scalar_mul(&c, &a, &b);
        CU_ASSERT_EQUAL(ehr_point_mul_base(&C, &c), EHR_OK); /* (ab)B */
        CU_ASSERT_EQUAL(ehr_point_mul(&B, &a, &B), EHR_OK);
        CU_ASSERT_TRUE(ehr_point_equal(&B, &C));
        CU_ASSERT_EQUAL(ehr_scalar_invert(&b, &b), EHR_OK);
        ehr_scalar_mul(&c, &c, &b);
        CU_ASSERT_TRUE(ehr_scalar_equal(&c, &a));
    }
}

static const struct ehr_unit_case cases[] = {
    {"status_of_zeroed_storage_is_not_ok", status_of_zeroed_storage_is_not_ok},
    {"reader_refuses_trailing_bytes", reader_refuses_trailing_bytes},
    {"reader_stays_failed_when_input_is_short", reader_stays_failed_when_input_is_short},
    {"reader_refuses_wrong_magic_and_reserved_bytes",
     reader_refuses_wrong_magic_and_reserved_bytes},
    {"writer_round_trips_and_refuses_overflow", writer_round_trips_and_refuses_overflow},
    {"hash_separates_values_labels_and_lengths", hash_separates_values_labels_and_lengths},
    {"hash_of_integers_is_of_their_little_endian_bytes",
     hash_of_integers_is_of_their_little_endian_bytes},
    {"scalar_check_finds_the_edges_at_every_byte", scalar_check_finds_the_edges_at_every_byte},
    {"import_zeroes_the_output_when_refused", import_zeroes_the_output_when_refused},
    {"operations_zero_their_output_when_they_fail", operations_zero_their_output_when_they_fail},
    {"group_laws_hold_with_outputs_over_inputs", group_laws_hold_with_outputs_over_inputs},
};

EHR_UNIT_CRYPTO_MAIN("crypto_base", cases)
