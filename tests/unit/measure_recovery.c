/* Dip and recovery of a throughput, against values calculated by hand; faults.csv and recovery.csv.
 */
#include "tests/unit/unit.h"

#include "sim/measure/recovery.h"
#include "tests/unit/measure_run.h"

#define S ((uint64_t)SEC) /* times go beyond 32 bits */

enum { DONE_MAX = 4096 };
static struct ehr_done done[DONE_MAX];
static size_t done_count;

/* `per_second` things evenly over [from_s, to_s). */
static void do_evenly(unsigned from_s, unsigned to_s, unsigned per_second)
{
    for (unsigned s = from_s; s < to_s; s++)
        for (unsigned i = 0; i < per_second; i++)
            done[done_count++] = (struct ehr_done){s * S + (uint64_t)i * (S / per_second), 1};
}

/* Twenty a second until 100 s; none for 7 s, 5 for 3 s, 17 for 2 s, 18 from 112 s on. Bins of 1 s:
 * 90 % of 20 are 18. */
static void is_the_time_until_90_percent_when_throughput_falls_to_nothing(void)
{
    struct ehr_recovery r;
    done_count = 0;
    do_evenly(0, 100, 20);
    do_evenly(107, 110, 5);
    do_evenly(110, 112, 17);
    do_evenly(112, 150, 18);
    const struct ehr_recovery_times times = {0, 100 * S, 105 * S, 150 * S};
    CU_ASSERT_TRUE_FATAL(ehr_recovery_find(done, done_count, &times, &r));
    CU_ASSERT_EQUAL(r.bin_ns, S);
    CU_ASSERT_DOUBLE_EQUAL(r.before_per_s, 20.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(r.lowest_per_s, 0.0, 1e-12);
    CU_ASSERT_EQUAL(r.lowest_ns, 100 * S);
    CU_ASSERT_TRUE(r.recovered);
    CU_ASSERT_EQUAL(r.recovered_ns, 112 * S);
}

/* One a second: ten are done in 10 s. From 60 s on one every 2 s (5 a bin), from 90 s on one a
 * second again; the last bin of ten seconds that ends by 115 s begins at 100 s. */
static void counts_in_longer_bins_when_little_is_done(void)
{
    struct ehr_recovery r;
    done_count = 0;
    do_evenly(0, 60, 1);
    for (unsigned s = 60; s < 90; s += 2)
        do_evenly(s, s + 1, 1);
    do_evenly(90, 120, 1);
    const struct ehr_recovery_times times = {20 * S, 60 * S, UINT64_MAX, 115 * S};
    CU_ASSERT_TRUE_FATAL(ehr_recovery_find(done, done_count, &times, &r));
    CU_ASSERT_EQUAL(r.bin_ns, 10 * S);
    CU_ASSERT_DOUBLE_EQUAL(r.before_per_s, 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(r.lowest_per_s, 0.5, 1e-12);
    CU_ASSERT_EQUAL(r.lowest_ns, 60 * S);
    CU_ASSERT_TRUE(r.recovered);
    CU_ASSERT_EQUAL(r.recovered_ns, 90 * S);
}

/* Nineteen of twenty are no dip; what falls later than 60 s after the end has other reasons. */
static void is_no_dip_when_nothing_falls_below_90_percent_in_time(void)
{
    struct ehr_recovery r;
    done_count = 0;
    do_evenly(0, 10, 20);
    do_evenly(10, 15, 19);
    do_evenly(15, 80, 20);
    const struct ehr_recovery_times times = {0, 10 * S, 15 * S, 100 * S};
    CU_ASSERT_TRUE_FATAL(ehr_recovery_find(done, done_count, &times, &r));
    CU_ASSERT_DOUBLE_EQUAL(r.lowest_per_s, 19.0, 1e-12);
    CU_ASSERT_TRUE(r.recovered);
    CU_ASSERT_EQUAL(r.recovered_ns, 10 * S);
}

static void is_not_back_when_it_stays_low_and_unknown_when_nothing_was_done(void)
{
    struct ehr_recovery r;
    done_count = 0;
    do_evenly(0, 10, 20);
    do_evenly(10, 30, 3);
    const struct ehr_recovery_times times = {0, 10 * S, UINT64_MAX, 30 * S};
    const struct ehr_recovery_times first = {0, 0, UINT64_MAX, 30 * S};
    const struct ehr_recovery_times warm = {10 * S, 10 * S, UINT64_MAX, 30 * S};
    const struct ehr_recovery_times last = {0, 30 * S, UINT64_MAX, 30 * S};
    CU_ASSERT_TRUE_FATAL(ehr_recovery_find(done, done_count, &times, &r));
    CU_ASSERT_FALSE(r.recovered);
    CU_ASSERT_FALSE(ehr_recovery_find(done, done_count, &first, &r));
    CU_ASSERT_FALSE(ehr_recovery_find(done, done_count, &warm, &r));
    CU_ASSERT_FALSE(ehr_recovery_find(done, done_count, &last, &r));
}

/* ---- files ---- */

/* Ten visits a second, each done 1 s after it came; those that come from 30 to 35 s are done at 40
 * s. Two chains' blocks are left out: no chain row. */
static void files_are_exact_when_counted_by_hand(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *folder = folder_new(), *target = path_join(folder, "run");
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, target, &error), EHR_MEASURE_DONE);
    struct ehr_measure *measure = run_new();
    struct ehr_request_log *log = ehr_measure_requests(measure);
    struct ehr_measure_meta meta = run_meta();
    meta.sim_time_ns = 61 * S;
    const struct ehr_measure_fault faults[] = {
        {"slow", "late", "2", 70 * S, UINT64_MAX}, /* after the end: nowhere */
        {"loss", "* -> a,b", "0.01", 50 * S, UINT64_MAX},
        {"crash", "minsk-server", "", 30 * S, 35 * S},
    };
    for (unsigned i = 0; i < 3; i++)
        ehr_measure_fault_add(measure, &faults[i]);
    uint32_t first = 0;
    for (unsigned i = 0; i < 600; i++) {
        uint32_t id = ehr_request_open(log, EHR_FLOW_VISIT, 0, i * (S / 10));
        first = first == 0 ? id : first;
    }
    for (unsigned i = 0; i < 600; i++) {
        uint64_t start_ns = i * (S / 10);
        bool late = start_ns >= 30 * S && start_ns < 35 * S;
        ehr_request_close(log, first + i, EHR_OUTCOME_OK, EHR_REASON_NONE,
                          late ? 40 * S : start_ns + S);
    }
    CU_ASSERT_EQUAL(ehr_measure_write(measure, results, &meta, &error), EHR_MEASURE_DONE);
    char *text = file_read(target, "faults.csv");
    CU_ASSERT_STRING_EQUAL(text, "fault,kind,target,value,begin_s,end_s\n"
                                 "1,crash,minsk-server,,30.000000000,35.000000000\n"
                                 "2,loss,\"* -> a,b\",0.01,50.000000000,\n");
    free(text);
    /* before: from the warm-up on. Ended at 30 s: those of 29 s; at 31 to 35 s nothing. */
    text = file_read(target, "recovery.csv");
    CU_ASSERT_STRING_EQUAL(
        text, "fault,series,name,bin_s,before_per_s,lowest_per_s,lowest_s,recovered_s,recovery_s\n"
              "1,flow,visit,1,10,0,31.000000000,36.000000000,6\n"
              "2,flow,visit,1,10,10,50.000000000,50.000000000,0\n");
    if (getenv("EHRGRID_PRINT") != NULL)
        printf("%s", text);
    free(text);
    ehr_results_free(results);
    ehr_measure_free(measure);
    folder_remove(folder);
    free(target);
    free(folder);
}

static const struct ehr_unit_case cases[] = {
    {"is_the_time_until_90_percent_when_throughput_falls_to_nothing",
     is_the_time_until_90_percent_when_throughput_falls_to_nothing},
    {"counts_in_longer_bins_when_little_is_done", counts_in_longer_bins_when_little_is_done},
    {"is_no_dip_when_nothing_falls_below_90_percent_in_time",
     is_no_dip_when_nothing_falls_below_90_percent_in_time},
    {"is_not_back_when_it_stays_low_and_unknown_when_nothing_was_done",
     is_not_back_when_it_stays_low_and_unknown_when_nothing_was_done},
    {"files_are_exact_when_counted_by_hand", files_are_exact_when_counted_by_hand},
};
EHR_UNIT_MAIN("measure: recovery", cases)
