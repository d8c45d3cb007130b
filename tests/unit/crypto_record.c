/* Records, keywords, labels and queries. */
#include <stdlib.h>
#include <string.h>

#include "crypto/drbg.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/query.h"
#include "crypto/record.h"
#include "tests/unit/unit.h"

struct setting {
    struct ehr_drbg drbg;
    struct ehr_scalar q;
    struct ehr_record_visit visit;
};

static void setup(struct setting *s)
{
    struct ehr_scalar p;
    ehr_crypto_init();
    ehr_drbg_init(&s->drbg, 11, 0, "record", EHR_DRBG_CRYPTO);
    CU_ASSERT_EQUAL(ehr_scalar_random(&p, &s->drbg.rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_scalar_random(&s->q, &s->drbg.rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul_base(&s->visit.P, &p), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul_base(&s->visit.Q, &s->q), EHR_OK);
    ehr_rng_fill(&s->drbg.rng, s->visit.hid, 32);
}

static size_t count_nonzero(const uint8_t *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] != 0;
    return count;
}

static void length_is_padme_when_above_the_smallest_bucket(void)
{
    /* By hand: n = |pt|+1, e = floor log2 n, b = e - floor(log2 e) - 1, up to a multiple of 2^b. */
    CU_ASSERT_EQUAL(ehr_record_padded_len(0), 256);
    CU_ASSERT_EQUAL(ehr_record_padded_len(255), 256);
    CU_ASSERT_EQUAL(ehr_record_padded_len(256), 272);        /* e 8, b 4 */
    CU_ASSERT_EQUAL(ehr_record_padded_len(999), 1024);       /* e 9, b 5: 32 * 32 */
    CU_ASSERT_EQUAL(ehr_record_padded_len(4095), 4096);      /* e 12, b 8 */
    CU_ASSERT_EQUAL(ehr_record_padded_len(4096), 4352);      /* e 12, b 8: 17 * 256 */
    CU_ASSERT_EQUAL(ehr_record_padded_len(999999), 1015808); /* e 19, b 14: 62 * 16384 */
    CU_ASSERT_EQUAL(ehr_record_padded_len(EHR_RECORD_PLAINTEXT_MAX), 1107296256);
    for (size_t len = 256; len < 100000; len++) {
        size_t padded = ehr_record_padded_len(len);
        if (padded <= len || padded * 8 > (len + 1) * 9 ||
            ehr_record_padded_len(padded - 1) != padded) {
            CU_FAIL("not within 12.5 % of the length, or not a bucket of its own");
            return;
        }
    }
}

static void record_opens_when_its_length_is(size_t len)
{
    struct setting s;
    setup(&s);
    size_t sealed_len = ehr_record_sealed_len(len), opened_len, capacity = sealed_len;
    uint8_t *plaintext = malloc(len + 1), *sealed = malloc(sealed_len);
    uint8_t *opened = malloc(capacity);
    CU_ASSERT_PTR_NOT_NULL_FATAL(plaintext);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sealed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(opened);
    /* ends in what looks like padding */
    ehr_rng_fill(&s.drbg.rng, plaintext, len + 1);
    if (len >= 2) {
        plaintext[len - 2] = 0x80;
        plaintext[len - 1] = 0;
    }
    CU_ASSERT_EQUAL(ehr_record_seal(sealed, sealed_len, &s.visit, plaintext, len, &s.drbg.rng),
                    EHR_OK);
    CU_ASSERT_EQUAL(ehr_record_open(opened, capacity, &opened_len, sealed, sealed_len, &s.q,
                                    &s.visit.P, s.visit.hid),
                    EHR_OK);
    CU_ASSERT_EQUAL(opened_len, len);
    CU_ASSERT_EQUAL(memcmp(opened, plaintext, len), 0);
    CU_ASSERT_EQUAL(count_nonzero(opened + len, sealed_len - EHR_RECORD_OVERHEAD_BYTES - len), 0);
    free(plaintext);
    free(sealed);
    free(opened);
}

static void record_opens_when_sealed(void)
{
    static const size_t lengths[] = {0, 1, 2, 254, 255, 256, 257, 271, 272, 511, 4096, 1000000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        record_opens_when_its_length_is(lengths[i]);
}

static void nothing_is_released_when_any_byte_is_altered(void)
{
    struct setting s;
    uint8_t sealed[256 + EHR_RECORD_OVERHEAD_BYTES], opened[sizeof sealed];
    size_t opened_len, released = 0, altered = 0;
    setup(&s);
    CU_ASSERT_EQUAL(
        ehr_record_seal(sealed, sizeof sealed, &s.visit, (const uint8_t *)"x", 1, &s.drbg.rng),
        EHR_OK);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x40;
        memset(opened, 0xaa, sizeof opened);
        altered += ehr_record_open(opened, sizeof opened, &opened_len, sealed, sizeof sealed, &s.q,
                                   &s.visit.P, s.visit.hid) == EHR_OK;
        released += opened_len + count_nonzero(opened, 256);
        sealed[i] ^= 0x40;
    }
    CU_ASSERT_EQUAL(altered, 0);
    CU_ASSERT_EQUAL(released, 0);
    s.visit.hid[0] ^= 1; /* another hospital: another label */
    CU_ASSERT_EQUAL(ehr_record_open(opened, sizeof opened, &opened_len, sealed, sizeof sealed, &s.q,
                                    &s.visit.P, s.visit.hid),
                    EHR_CAPSULE);
}

/* ---- index ---- */

static enum ehr_status canonical(const char *utf8, char out[EHR_INDEX_KEYWORD_BYTES_MAX + 1])
{
    struct ehr_index_keyword keyword;
    enum ehr_status status = ehr_index_keyword_make(&keyword, (const uint8_t *)utf8, strlen(utf8));
    memcpy(out, keyword.text, keyword.len);
    out[keyword.len] = '\0';
    return status;
}

static void keyword_is_canonical_when_spelt(void)
{
    static const struct {
        const char *utf8, *expected;
    } spellings[] = {
        {"  Diabetes \t\r\n MELLITUS ", "diabetes mellitus"},
        {"E11.9", "e11.9"},
        {"\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x83"}, /* no final sigma */
        {"\xe1\xba\x9e", "\xc3\x9f"},                             /* U+1E9E: sharp s */
        {"\xc4\xb0", "i"},                                        /* U+0130: field 13 */
        {"I\xcc\x87", "i"},                                       /* composed first */
        {"A\xcc\x8a", "\xc3\xa5"},                                /* A + ring: a-ring */
        {"\xe2\x84\xab", "\xc3\xa5"},                             /* Angstrom sign */
        {"\xe2\x84\xa6", "\xcf\x89"},                             /* Ohm sign: omega */
        {"\xe2\x84\xaa", "k"},                                    /* Kelvin sign */
        {"\xc7\x85", "\xc7\x86"},                                 /* title case Dz */
        {"\xe1\xb2\x90", "\xe1\x83\x90"},                         /* Georgian capital */
        {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"},                 /* Deseret */
        {"a\xc2\xa0z", "a\xc2\xa0z"},                             /* no-break space stays */
        {"\xd0\x93\xd0\xa0\xd0\x98\xd0\x9f\xd0\x9f", "\xd0\xb3\xd1\x80\xd0\xb8\xd0\xbf\xd0\xbf"},
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        char out[EHR_INDEX_KEYWORD_BYTES_MAX + 1];
        CU_ASSERT_EQUAL(canonical(spellings[i].utf8, out), EHR_OK);
        CU_ASSERT_STRING_EQUAL(out, spellings[i].expected);
        char again[EHR_INDEX_KEYWORD_BYTES_MAX + 1];
        CU_ASSERT_EQUAL(canonical(out, again), EHR_OK);
        CU_ASSERT_STRING_EQUAL(again, out);
    }
}

static void keyword_is_refused_when_malformed(void)
{
    static const char *const malformed[] = {
        "",
        " \t ",
        "\x80",                 /* continuation alone */
        "\xc0\xaf",             /* overlong */
        "\xe0\x80\xaf",         /* overlong */
        "\xed\xa0\x80",         /* surrogate */
        "\xed\xbf\xbf",         /* surrogate */
        "\xf4\x90\x80\x80",     /* above U+10FFFF */
        "\xf8\x88\x80\x80\x80", /* five bytes */
        "ok\xe2\x84",           /* cut */
        "12345678901234567890123456789012345678901234567890123456789012345", /* 65 */
        "1234567890123456789012345678901234567890123456789012345678901234\xcc\x81",
    };
    char out[EHR_INDEX_KEYWORD_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        CU_ASSERT_EQUAL(canonical(malformed[i], out), EHR_LEN);
        CU_ASSERT_STRING_EQUAL(out, "");
    }
    CU_ASSERT_EQUAL(
        canonical(" 123456789012345678901234567890123456789012345678901234567890 234 ", out),
        EHR_OK);
    CU_ASSERT_EQUAL(strlen(out), 64);
}

static void index_keys_agree_when_both_sides_derive(void)
{
    struct setting s;
    struct ehr_dh_key w, f;
    uint8_t doctor[32], patient[32], swapped[32];
    static const uint8_t identity[32];
    setup(&s);
    CU_ASSERT_EQUAL(ehr_dh_key_make(&w, &s.drbg.rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_dh_key_make(&f, &s.drbg.rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_index_key_doctor(doctor, &w, f.public.bytes), EHR_OK);
    CU_ASSERT_EQUAL(ehr_index_key_patient(patient, &f, w.public.bytes), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(doctor, patient, 32), 0);
    CU_ASSERT_EQUAL(ehr_index_key_patient(swapped, &w, f.public.bytes), EHR_OK);
    CU_ASSERT_NOT_EQUAL(memcmp(doctor, swapped, 32), 0);
    CU_ASSERT_EQUAL(ehr_index_key_doctor(doctor, &w, identity), EHR_POINT);
    CU_ASSERT_EQUAL(count_nonzero(doctor, 32), 0);
}

static void nkw_is_the_next_size_when_keywords_are_counted(void)
{
    static const size_t keywords[] = {0, 8, 9, 16, 17, 33, 64, 65, 73, 128};
    static const size_t expected[] = {8, 8, 16, 16, 32, 64, 64, 128, 128, 128};
    size_t nkw;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        CU_ASSERT_EQUAL(ehr_index_nkw(&nkw, keywords[i]), EHR_OK);
        CU_ASSERT_EQUAL(nkw, expected[i]);
    }
    CU_ASSERT_EQUAL(ehr_index_nkw(&nkw, 129), EHR_LEN);
    CU_ASSERT_EQUAL(nkw, 0);
}

static void every_label_is_there_when_packed(void)
{
    struct setting s;
    uint8_t labels[16 * 5], packed[16 * EHR_INDEX_LABELS_MAX];
    setup(&s);
    for (uint32_t i = 0; i < 5; i++)
        ehr_index_label(labels + 16 * (size_t)i, s.visit.hid, i);
    CU_ASSERT_EQUAL(ehr_index_labels_pack(packed, 8, labels, 5, &s.drbg.rng), EHR_OK);
    size_t found = 0;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 5; j++)
            found += memcmp(packed + 16 * i, labels + 16 * j, 16) == 0;
    CU_ASSERT_EQUAL(found, 5);
    memcpy(labels + 64, labels, 16);
    CU_ASSERT_EQUAL(ehr_index_labels_pack(packed, 8, labels, 5, &s.drbg.rng), EHR_DUP);
    CU_ASSERT_EQUAL(count_nonzero(packed, 128), 0);
    CU_ASSERT_EQUAL(ehr_index_labels_pack(packed, 256, labels, 4, &s.drbg.rng), EHR_OK);
    CU_ASSERT_TRUE(ehr_index_labels_distinct(packed, 256));
    memcpy(packed, packed + 16 * 255, 16);
    CU_ASSERT_FALSE(ehr_index_labels_distinct(packed, 256));
    /* the same leading bytes, on purpose */
    memset(packed, 0, sizeof packed);
    for (size_t i = 0; i < 256; i++)
        packed[16 * i + 15] = (uint8_t)i;
    CU_ASSERT_TRUE(ehr_index_labels_distinct(packed, 256));
    packed[15] = 255;
    CU_ASSERT_FALSE(ehr_index_labels_distinct(packed, 256));
}

static void query_is_read_back_when_encoded(void)
{
    uint8_t bytes[EHR_QUERY_BYTES(2)], again[sizeof bytes], fields[64];
    for (size_t i = 0; i < sizeof fields; i++)
        fields[i] = (uint8_t)i;
    struct ehr_query query = {fields, 1000, 900, 3, fields + 16, fields, 2}, parsed;
    ehr_query_encode(bytes, &query);
    CU_ASSERT_EQUAL(ehr_query_parse(&parsed, bytes, sizeof bytes), EHR_OK);
    CU_ASSERT_EQUAL(parsed.expiry, 1000);
    CU_ASSERT_EQUAL(parsed.min_height, 900);
    CU_ASSERT_EQUAL(parsed.purpose, 3);
    CU_ASSERT_EQUAL(parsed.count, 2);
    ehr_query_encode(again, &parsed);
    CU_ASSERT_EQUAL(memcmp(bytes, again, sizeof bytes), 0);
    CU_ASSERT_EQUAL(ehr_query_parse(&parsed, bytes, sizeof bytes - 1), EHR_LEN);
    CU_ASSERT_PTR_NULL(parsed.nonce);
    bytes[37] = 1; /* reserved */
    CU_ASSERT_EQUAL(ehr_query_parse(&parsed, bytes, sizeof bytes), EHR_LEN);
    bytes[37] = 0;
    bytes[38] = 3; /* count */
    CU_ASSERT_EQUAL(ehr_query_parse(&parsed, bytes, sizeof bytes), EHR_LEN);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct ehr_unit_case cases[] = {
    CASE(length_is_padme_when_above_the_smallest_bucket),
    CASE(record_opens_when_sealed),
    CASE(nothing_is_released_when_any_byte_is_altered),
    CASE(keyword_is_canonical_when_spelt),
    CASE(keyword_is_refused_when_malformed),
    CASE(index_keys_agree_when_both_sides_derive),
    CASE(nkw_is_the_next_size_when_keywords_are_counted),
    CASE(every_label_is_there_when_packed),
    CASE(query_is_read_back_when_encoded),
};

EHR_UNIT_MAIN("crypto record", cases)
