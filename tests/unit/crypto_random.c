/* The seeded generator: one stream whatever the sizes of the draws, and nothing left behind. */
#include <string.h>

#include "crypto/drbg.h"
#include "tests/unit/unit.h"

enum { STREAM_BYTES = 2000 }; /* more than four refills */

static void stream_of(uint8_t out[STREAM_BYTES], uint64_t seed, uint32_t replication,
                      const char *actor, enum ehr_drbg_stream stream)
{
    struct ehr_drbg drbg;
    ehr_crypto_init();
    ehr_drbg_init(&drbg, seed, replication, actor, stream);
    ehr_rng_fill(&drbg.rng, out, STREAM_BYTES);
    ehr_drbg_close(&drbg);
}

static void stream_is_the_same_for_every_size_of_draw(void)
{
    uint8_t whole[STREAM_BYTES], pieces[STREAM_BYTES];
    stream_of(whole, 7, 1, "node", EHR_DRBG_CRYPTO);
    for (size_t step = 1; step <= 1000; step = step * 3 + 1) {
        struct ehr_drbg drbg;
        ehr_drbg_init(&drbg, 7, 1, "node", EHR_DRBG_CRYPTO);
        for (size_t at = 0; at < STREAM_BYTES; at += step)
            ehr_rng_fill(&drbg.rng, pieces + at,
                         at + step <= STREAM_BYTES ? step : STREAM_BYTES - at);
        CU_ASSERT(memcmp(whole, pieces, STREAM_BYTES) == 0);
        ehr_drbg_close(&drbg);
    }
}

static void streams_differ_when_any_input_differs(void)
{
    uint8_t streams[5][STREAM_BYTES];
    stream_of(streams[0], 7, 1, "node", EHR_DRBG_CRYPTO);
    stream_of(streams[1], 8, 1, "node", EHR_DRBG_CRYPTO);
    stream_of(streams[2], 7, 2, "node", EHR_DRBG_CRYPTO);
    stream_of(streams[3], 7, 1, "nodf", EHR_DRBG_CRYPTO);
    stream_of(streams[4], 7, 1, "node", EHR_DRBG_WORKLOAD);
    for (int i = 0; i < 5; i++)
        for (int k = i + 1; k < 5; k++)
            CU_ASSERT(memcmp(streams[i], streams[k], STREAM_BYTES) != 0);
}

static void handed_out_bytes_are_erased(void)
{
    struct ehr_drbg drbg;
    uint8_t drawn[100];
    static const uint8_t zeros[100] = {0};
    ehr_crypto_init();
    ehr_drbg_init(&drbg, 7, 1, "node", EHR_DRBG_CRYPTO);
    uint8_t first_key[32];
    memcpy(first_key, drbg.key, sizeof first_key);
    ehr_rng_fill(&drbg.rng, drawn, sizeof drawn);
    CU_ASSERT(memcmp(drbg.buffer, zeros, sizeof zeros) == 0);
    CU_ASSERT(memcmp(drbg.key, first_key, sizeof first_key) != 0);
    ehr_drbg_close(&drbg);
    CU_ASSERT(memcmp(drbg.key, zeros, 32) == 0);
    ehr_drbg_close(NULL);
}

static void equal_compares_every_byte(void)
{
    uint8_t a[40] = {0}, b[40] = {0};
    CU_ASSERT_EQUAL(ehr_equal(a, b, sizeof a), 1);
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        CU_ASSERT_EQUAL(ehr_equal(a, b, sizeof a), 0);
        ehr_wipe(b, sizeof b);
    }
    ehr_wipe(NULL, 0);
    CU_ASSERT_EQUAL(ehr_equal(a, b, sizeof a), 1);
}

static const struct ehr_unit_case cases[] = {
    {"stream_is_the_same_for_every_size_of_draw", stream_is_the_same_for_every_size_of_draw},
    {"streams_differ_when_any_input_differs", streams_differ_when_any_input_differs},
    {"handed_out_bytes_are_erased", handed_out_bytes_are_erased},
    {"equal_compares_every_byte", equal_compares_every_byte},
};

EHR_UNIT_MAIN("crypto_random", cases)
