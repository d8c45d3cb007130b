/* The calibration: its arithmetic on values by hand, that every entry of the cost table is measured
 * and grows as it should under a clock that counts, and the verb's file. Not the timing itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/group.h"
#include "crypto/memo.h"
#include "crypto/sign.h"
#include "include/ehrgrid.h"
#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/statistics.h"
#include "tests/unit/unit.h"

static void quartiles_lie_between_the_ranks(void)
{
    double five[] = {5, 1, 4, 2, 3}, four[] = {8, 0, 4, 2}, one[] = {7};
    struct ehr_quartiles q = ehr_quartiles_of(five, 5);
    CU_ASSERT(q.low == 2 && q.median == 3 && q.high == 4);
    q = ehr_quartiles_of(four, 4); /* 0 2 4 8: ranks 0.75, 1.5, 2.25 */
    CU_ASSERT(q.low == 1.5 && q.median == 3 && q.high == 5);
    q = ehr_quartiles_of(one, 1);
    CU_ASSERT(q.low == 7 && q.median == 7 && q.high == 7);
}

static void line_is_not_moved_by_an_outlier(void)
{
    const double x[] = {1, 2, 3, 4, 5}, straight[] = {12, 14, 16, 18, 20};
    const double bent[] = {12, 14, 16, 18, 900};
    struct ehr_line line = ehr_line_fit(x, straight, 5);
    CU_ASSERT(line.base == 10 && line.slope == 2);
    line = ehr_line_fit(x, bent, 5); /* slopes 2 six times, and 4 that are larger */
    CU_ASSERT(line.base == 10 && line.slope == 2);
    line = ehr_line_fit(x, bent + 3, 2);
    CU_ASSERT(line.slope == 882 && line.base == -864);
}

/* Each reading is 1000 ns after the one before: a sample of one call takes 1000. */
static uint64_t counting_clock(void)
{
    static uint64_t now = 0;
    return now += 1000;
}

static bool stop_in_round_one(void *context, unsigned round)
{
    unsigned *seen = context;
    *seen = round;
    return round < 1;
}

static void every_entry_is_measured_and_the_median_of_its_rounds(void)
{
    const struct ehr_calibrate_options options = {
        .clock_ns = counting_clock, .rounds = 3, .sample_ns = 1};
    struct ehr_calibration *c = ehr_calibration_new(&options);
    struct ehr_cost_table table = *ehr_cost_table_zero();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    ehr_calibration_table(c, &table);
    size_t samples = ehr_calibration_sample_count(c);
    for (size_t i = 0; i < samples; i++) {
        struct ehr_quartiles q = ehr_calibration_sample(c, i);
        CU_ASSERT(q.low == 1000 && q.median == 1000 && q.high == 1000);
    }
    /* nothing grows under this clock: fixed parts of 1000, slopes of 0 */
    CU_ASSERT_EQUAL(table.entry[EHR_COST_ED_VERIFY].fixed_ns, 1000);
    CU_ASSERT_EQUAL(table.entry[EHR_COST_GRANT_BASE].fixed_ns, 1000);
    CU_ASSERT_EQUAL(table.entry[EHR_COST_GRANT_PER_PROXY].fixed_ns, 0);
    CU_ASSERT_EQUAL(table.entry[EHR_COST_SEAL].per_byte_ps, 0);
    ehr_calibration_free(c);
}

static void interrupted_measurement_gives_nothing(void)
{
    unsigned round = 0;
    const struct ehr_calibrate_options options = {.clock_ns = counting_clock,
                                                  .rounds = 5,
                                                  .sample_ns = 1,
                                                  .progress = stop_in_round_one,
                                                  .context = &round};
    CU_ASSERT_PTR_NULL(ehr_calibration_new(&options));
    CU_ASSERT_EQUAL(round, 1);
    ehr_calibration_free(NULL);
}

/* Afterwards verifications are remembered again. */
static void memory_of_verifications_is_on_afterwards(void)
{
    struct ehr_sign_key key;
    uint8_t seed[32] = {1}, hash[32] = {2}, sig[64];
    ehr_sign_key_init(&key, seed);
    ehr_sign_make(sig, &key, "sig-vote", hash);
    uint64_t before = ehr_memo_counters_get(EHR_MEMO_ED_SIGNATURE).hits;
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(ehr_sign_verify(key.public, "sig-vote", hash, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_ED_SIGNATURE).hits, before + 1);
}

static int command(const char *out, const char *option)
{
    char words[5][64] = {"ehrgrid", "calibrate", "--quick", "--out"}, last[64];
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], last, NULL};
    snprintf(words[4], sizeof words[4], "%s", out);
    snprintf(last, sizeof last, "%s", option);
    return ehr_command_main(6, argv);
}

static void verb_writes_a_table_that_loads(void)
{
    char message[EHR_COST_MESSAGE_BYTES], folder[] = "/tmp/ehr_calibrate_XXXXXX", out[64];
    struct ehr_cost_table table;
    const struct ehr_cost_table *shipped = ehr_cost_table_default();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/costs.json", folder);
    CU_ASSERT_EQUAL(command(out, "--quiet"), 0);
    CU_ASSERT_EQUAL_FATAL(ehr_cost_table_load(&table, out, message, sizeof message), EHR_OK);
    CU_ASSERT_NOT_EQUAL(table.cpu[0], '\0');
    CU_ASSERT_STRING_EQUAL(table.libsodium, ehr_crypto_version());
    CU_ASSERT_EQUAL(strlen(table.date), 10);
    for (int op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        bool same_parts = (table.entry[op].fixed_ns > 0) == (shipped->entry[op].fixed_ns > 0) &&
                          (table.entry[op].per_byte_ps > 0) == (shipped->entry[op].per_byte_ps > 0);
        if (!same_parts)
            printf("%s ", ehr_cost_op_name((enum ehr_cost_op)op));
        CU_ASSERT_TRUE(same_parts);
    }
    CU_ASSERT_EQUAL(command(out, "extra"), 2);
    CU_ASSERT_EQUAL(command(out, "--slow"), 2);
    CU_ASSERT_EQUAL(command(folder, "--quiet"), 2);
    CU_ASSERT_EQUAL(unlink(out), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);           /* nothing else was left in it */
    CU_ASSERT_EQUAL(command(out, "--quiet"), 3); /* before it measures */
}

static const struct ehr_unit_case cases[] = {
    {"quartiles_lie_between_the_ranks", quartiles_lie_between_the_ranks},
    {"line_is_not_moved_by_an_outlier", line_is_not_moved_by_an_outlier},
    {"every_entry_is_measured_and_the_median_of_its_rounds",
     every_entry_is_measured_and_the_median_of_its_rounds},
    {"interrupted_measurement_gives_nothing", interrupted_measurement_gives_nothing},
    {"memory_of_verifications_is_on_afterwards", memory_of_verifications_is_on_afterwards},
    {"verb_writes_a_table_that_loads", verb_writes_a_table_that_loads},
};

EHR_UNIT_MAIN("calibrate", cases)
