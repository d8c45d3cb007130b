/* The memory of verifications: never a different answer, bounded, and emptied with the provider. */
#include <string.h>

#include "crypto/drbg.h"
#include "crypto/group.h"
#include "crypto/memo.h"
#include "crypto/modelled.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"
#include "crypto/sign.h"
#include "tests/unit/unit.h"

static unsigned computed;

/* A pure function of one byte. */
static enum ehr_status odd_compute(const void *context)
{
    computed++;
    return (*(const uint8_t *)context & 1) != 0 ? EHR_OK : EHR_HASH;
}

static enum ehr_status odd_verify(enum ehr_memo_kind kind, const uint8_t *value)
{
    return EHR_MEMO_VERIFY(kind, odd_compute, value, EHR_P(value, 1));
}

static void start(size_t entries)
{
    ehr_crypto_init();
    ehr_memo_close();
    ehr_memo_configure(entries);
    computed = 0;
}

static void result_is_computed_once_and_counted(void)
{
    const uint8_t one = 1, two = 2;
    start(64);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &one), EHR_OK);
        CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &two), EHR_HASH); /* failures too */
    }
    CU_ASSERT_EQUAL(computed, 2);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_CAPSULE).hits, 8);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_CAPSULE).misses, 2);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_GRANT).misses, 0);
    CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_GRANT, &one), EHR_OK); /* another kind: another result */
    CU_ASSERT_EQUAL(computed, 3);
}

static void nothing_is_remembered_when_switched_off(void)
{
    const uint8_t one = 1;
    start(0);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &one), EHR_OK);
    CU_ASSERT_EQUAL(computed, 3);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_CAPSULE).misses, 3);
}

static void answers_stay_right_when_the_table_overflows(void)
{
    start(4);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < 256; i++) {
            uint8_t value = (uint8_t)i;
            CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &value),
                            (value & 1) != 0 ? EHR_OK : EHR_HASH);
        }
    CU_ASSERT_EQUAL(computed, 768); /* four entries cannot hold a round of 256 */
    start(4096);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < 256; i++) {
            uint8_t value = (uint8_t)i;
            CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &value),
                            (value & 1) != 0 ? EHR_OK : EHR_HASH);
        }
    CU_ASSERT_EQUAL(computed, 256);
}

/* Eight places in two sets of four, 200 different results: 8 are kept, 192 replace another. */
static void memory_is_bounded_and_says_what_it_holds(void)
{
    start(8);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries, 8);
    CU_ASSERT_EQUAL(ehr_memo_use_get().used, 0);
    for (unsigned i = 0; i < 200; i++) {
        uint8_t value = (uint8_t)i;
        CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &value), (value & 1) != 0 ? EHR_OK : EHR_HASH);
        struct ehr_memo_use use = ehr_memo_use_get();
        CU_ASSERT(use.used <= 8);
        CU_ASSERT_EQUAL(use.used + use.replaced, i + 1); /* each is new */
    }
    CU_ASSERT_EQUAL(ehr_memo_use_get().used, 8);
    ehr_memo_clear();
    CU_ASSERT_EQUAL(ehr_memo_use_get().used, 0);
    CU_ASSERT_EQUAL(ehr_memo_use_get().replaced, 192);
    ehr_memo_close();
    CU_ASSERT_EQUAL(ehr_memo_use_get().replaced, 0);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries, 8);
    ehr_memo_configure(1000);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries, 512);
    ehr_memo_configure(1);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries, 4);
    ehr_memo_configure(0);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries, 0);
    ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
    CU_ASSERT_EQUAL(ehr_memo_use_get().entries * EHR_MEMO_ENTRY_BYTES, 65536 * 33);
}

static void parts_are_not_confused_when_concatenated(void)
{
    const uint8_t bytes[3] = {1, 2, 3};
    start(64);
    CU_ASSERT_EQUAL(
        EHR_MEMO_VERIFY(EHR_MEMO_CAPSULE, odd_compute, bytes, EHR_P(bytes, 2), EHR_P(bytes + 2, 1)),
        EHR_OK);
    CU_ASSERT_EQUAL(
        EHR_MEMO_VERIFY(EHR_MEMO_CAPSULE, odd_compute, bytes, EHR_P(bytes, 1), EHR_P(bytes + 1, 2)),
        EHR_OK);
    CU_ASSERT_EQUAL(computed, 2);
}

static void results_are_forgotten_when_the_provider_changes(void)
{
    const uint8_t one = 1;
    const struct ehr_group_provider *own = ehr_group_provider_get();
    const struct ehr_group_provider *other =
        own == &ehr_group_sodium ? &ehr_group_modelled_unsafe : &ehr_group_sodium;
    start(64);
    CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &one), EHR_OK);
    ehr_group_provider_set(other);
    CU_ASSERT_PTR_EQUAL(ehr_group_provider_get(), other);
    CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &one), EHR_OK);
    CU_ASSERT_EQUAL(computed, 2);
    ehr_group_provider_set(own);
    CU_ASSERT_EQUAL(odd_verify(EHR_MEMO_CAPSULE, &one), EHR_OK);
    CU_ASSERT_EQUAL(computed, 3);
}

/* Statuses of a fixed sequence of good and changed signatures, each verified twice. */
static void signatures_verify(enum ehr_status out[96])
{
    struct ehr_drbg drbg;
    struct ehr_sign_key key;
    struct ehr_dh_key pair;
    uint8_t seed[32], hash[32], sig[64];
    size_t count = 0;
    ehr_drbg_init(&drbg, 3, 0, "memo", EHR_DRBG_CRYPTO);
    ehr_rng_fill(&drbg.rng, seed, sizeof seed);
    ehr_sign_key_init(&key, seed);
    CU_ASSERT_EQUAL(ehr_dh_key_make(&pair, &drbg.rng), EHR_OK);
    for (int i = 0; i < 24; i++) {
        ehr_rng_fill(&drbg.rng, hash, sizeof hash);
        ehr_sign_make(sig, &key, "sig-vote", hash);
        sig[i] ^= (uint8_t)(i % 2);
        for (int k = 0; k < 2; k++)
            out[count++] = ehr_sign_verify(key.public, "sig-vote", hash, sig);
        CU_ASSERT_EQUAL(
            ehr_schnorr_sign(sig, "sig-own", &pair.secret, &pair.public, hash, &drbg.rng), EHR_OK);
        sig[i + 20] ^= (uint8_t)(i % 2);
        for (int k = 0; k < 2; k++)
            out[count++] = ehr_schnorr_verify("sig-own", pair.public.bytes, hash, sig);
    }
    CU_ASSERT_EQUAL(count, 96);
}

static void signatures_verify_alike_with_and_without_memory(void)
{
    enum ehr_status with[96], tiny[96], without[96];
    start(1024);
    signatures_verify(with);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_ED_SIGNATURE).hits, 24);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_SCHNORR).hits, 24);
    start(4);
    signatures_verify(tiny);
    start(0);
    signatures_verify(without);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_ED_SIGNATURE).hits, 0);
    CU_ASSERT(memcmp(with, without, sizeof with) == 0);
    CU_ASSERT(memcmp(tiny, without, sizeof tiny) == 0);
    unsigned good = 0;
    for (int i = 0; i < 96; i++)
        good += without[i] == EHR_OK;
    CU_ASSERT_EQUAL(good, 48);
    ehr_memo_close();
}

/* A pseudonym is three points; a bad one is refused however often and whoever asks. */
static void pseudonyms_check_alike_with_and_without_memory(void)
{
    struct ehr_drbg drbg;
    uint8_t good[EHR_PSEUDONYM_BYTES];
    start(1024);
    ehr_drbg_init(&drbg, 4, 0, "memo", EHR_DRBG_CRYPTO);
    for (size_t i = 0; i < 3; i++) {
        struct ehr_dh_key pair;
        CU_ASSERT_EQUAL(ehr_dh_key_make(&pair, &drbg.rng), EHR_OK);
        memcpy(good + 32 * i, pair.public.bytes, 32);
    }
    for (size_t entries = 1024;; entries = 0) {
        start(entries);
        for (int k = 0; k < 2; k++) {
            CU_ASSERT_EQUAL(ehr_pseudonym_check(good), EHR_OK);
            for (size_t i = 0; i < 3; i++) {
                uint8_t bad[EHR_PSEUDONYM_BYTES];
                memcpy(bad, good, sizeof bad);
                bad[32 * i + 31] |= 0x80; /* not canonical */
                CU_ASSERT_EQUAL(ehr_pseudonym_check(bad), EHR_POINT);
            }
        }
        CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_POINTS).hits, entries > 0 ? 4 : 0);
        CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_POINTS).misses, entries > 0 ? 4 : 8);
        if (entries == 0)
            break;
    }
    ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
}

static const struct ehr_unit_case cases[] = {
    {"result_is_computed_once_and_counted", result_is_computed_once_and_counted},
    {"nothing_is_remembered_when_switched_off", nothing_is_remembered_when_switched_off},
    {"answers_stay_right_when_the_table_overflows", answers_stay_right_when_the_table_overflows},
    {"memory_is_bounded_and_says_what_it_holds", memory_is_bounded_and_says_what_it_holds},
    {"parts_are_not_confused_when_concatenated", parts_are_not_confused_when_concatenated},
    {"results_are_forgotten_when_the_provider_changes",
     results_are_forgotten_when_the_provider_changes},
    {"signatures_verify_alike_with_and_without_memory",
     signatures_verify_alike_with_and_without_memory},
    {"pseudonyms_check_alike_with_and_without_memory",
     pseudonyms_check_alike_with_and_without_memory},
};

EHR_UNIT_MAIN("crypto_memo", cases)
