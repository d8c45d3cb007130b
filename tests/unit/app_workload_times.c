/* When requests come: daily profiles, and stated times. */
#include <stdlib.h>

#include "tests/unit/unit.h"
#include "tests/unit/workload_bench.h"

#define hour (3600 * second)

/* ---- the day alone ---- */

/* Weights 1 3 0 4 of 6 h each: mean 2. At the mean rate a day's 24 h come to an eighth in the first
 * quarter (3 h of them), three eighths in the second, none in the third, a half in the last. */
static const double quarters[] = {1, 3, 0, 4};

static void day_check(uint64_t start_ns, const double (*points)[2], size_t count)
{
    const struct ehr_workload_profile profile = {quarters, 4};
    struct workload_day day;
    workload_day_init(&day, &profile, 24 * hour, start_ns);
    for (size_t i = 0; i < count; i++) {
        double at = workload_day_time(&day, points[i][0] * (double)hour);
        CU_ASSERT_DOUBLE_EQUAL(at, points[i][1] * (double)hour, 1.0);
        CU_ASSERT_DOUBLE_EQUAL(workload_day_even(&day, at), points[i][0] * (double)hour, 1.0);
    }
    workload_day_close(&day);
}

static void time_is_the_inverse_of_the_cumulative_rate_when_calculated_by_hand(void)
{
    /* even hours, hours; 12 even hours are over at 12:00, and nothing more comes until 18:00 */
    static const double from_midnight[][2] = {{0, 0},     {1.5, 3}, {3, 6},   {7.5, 9},
                                              {10.5, 11}, {12, 18}, {18, 21}, {25.5, 27}};
    /* At 9:00, 7.5 even hours have come. */
    static const double from_nine[][2] = {{0, 0}, {1.5, 1}, {4.5, 9}, {16.5, 15}, {24, 24}};
    /* At 15:00, when nothing comes. */
    static const double from_three[][2] = {{0, 3}, {12, 9}, {13.5, 12}};
    day_check(0, from_midnight, 8);
    day_check(9 * hour, from_nine, 5);
    day_check(15 * hour, from_three, 3);
}

static void time_is_what_it_was_when_the_profile_is_flat(void)
{
    const struct ehr_workload_profile flat = {NULL, 0};
    struct workload_day day;
    workload_day_init(&day, &flat, 24 * hour, 5 * hour);
    CU_ASSERT_EQUAL(workload_day_time(&day, 12345.5), 12345.5);
    workload_day_close(&day);
}

static void time_never_goes_back_when_days_pass(void)
{
    static const double weights[] = {0, 1e-9, 1e9, 0.1, 0, 0, 7, 0};
    const struct ehr_workload_profile profile = {weights, 8};
    struct workload_day day;
    double last = 0;
    bool ascends = true;
    workload_day_init(&day, &profile, 24 * hour, hour / 7);
    for (uint32_t i = 0; i < 200000; i++) {
        double at = workload_day_time(&day, (double)i * 1e12 / 3);
        ascends = ascends && at >= last;
        last = at;
    }
    CU_ASSERT_TRUE(ascends);
    workload_day_close(&day);
}

/* ---- arrivals ---- */

/* Visits offered in each part of the run; both hospitals. */
static void visits_count(const struct bench *bench, uint64_t part_ns, uint32_t *counts,
                         size_t parts)
{
    for (uint32_t r = 1; r <= bench->opened_count; r++)
        if (bench->flows[r] == EHR_FLOW_VISIT && bench->opened_ns[r] / part_ns < parts)
            counts[bench->opened_ns[r] / part_ns]++;
}

static struct bench *daily_new(const double *weights, size_t count, double per_hour)
{
    struct bench *bench = bench_new();
    bench->config.visits.rate_per_s = per_hour / 3600;
    bench->config.visits_profile = (struct ehr_workload_profile){weights, count};
    bench->config.duration_ns = bench->config.day_ns = 24 * hour;
    return bench;
}

/* 8 an hour at each hospital: 192 a day, of which 1/8, 3/8, 0 and 1/2 in the quarters: 24, 72, 0,
 * 96. Visit n of hospital 0 comes when n of them have, n = 1 .. 191 (the 192nd ends the day, and
 * the 24th is the first of the second quarter); those of hospital 1 half a visit earlier, n - 1/2.
 */
static void counts_are_the_integral_of_the_rate_when_gaps_are_fixed(void)
{
    struct bench *bench = daily_new(quarters, 4, 8);
    uint32_t counts[4] = {0};
    bench->config.uniform = true;
    bench_run(bench);
    visits_count(bench, 6 * hour, counts, 4);
    CU_ASSERT_EQUAL(counts[0], 23 + 24);
    CU_ASSERT_EQUAL(counts[1], 72 + 72);
    CU_ASSERT_EQUAL(counts[2], 0);
    CU_ASSERT_EQUAL(counts[3], 96 + 96);
    bench_free(bench);
}

/* 24 weights 1, 2, .., 24 of an hour each: hour i has 2 hospitals x 60 x (i + 1) / 12.5 visits on
 * average, their standard deviation is the square root of that. Bound: 4 deviations in each hour
 * (one seed in 650 fails with 24 hours) and a chi-square of 24 degrees below 51.2 (one in a
 * thousand). The seed is fixed. */
static void counts_are_those_of_a_poisson_process_when_gaps_are_drawn(void)
{
    double weights[24], chi_square = 0;
    uint32_t counts[24] = {0};
    for (int i = 0; i < 24; i++)
        weights[i] = i + 1;
    struct bench *bench = daily_new(weights, 24, 60);
    bench_run(bench);
    visits_count(bench, hour, counts, 24);
    for (int i = 0; i < 24; i++) {
        double expected = 2 * 60 * (i + 1) / 12.5, off = counts[i] - expected;
        CU_ASSERT(off * off < 16 * expected);
        chi_square += off * off / expected;
    }
    CU_ASSERT(chi_square < 51.2);
    bench_free(bench);
}

/* The run begins at 23:00 of a day that has visits in its first and last hour only, 12 of 24 each.
 */
static void the_day_goes_on_when_the_run_begins_late(void)
{
    double weights[24] = {[0] = 1, [23] = 1};
    uint32_t counts[24] = {0};
    struct bench *bench = daily_new(weights, 24, 1);
    bench->config.uniform = true;
    bench->config.start_ns = 23 * hour;
    bench_run(bench);
    visits_count(bench, hour, counts, 24);
    /* hospital 0: n = 1 .. 11 in the hour before midnight, 12 .. 23 after, and 24 a day later;
     * hospital 1: 0.5 .. 11.5, and 12.5 .. 23.5 */
    CU_ASSERT_EQUAL(counts[0], 11 + 12);
    CU_ASSERT_EQUAL(counts[1], 12 + 12);
    for (int i = 2; i < 24; i++)
        CU_ASSERT_EQUAL(counts[i], 0);
    bench_free(bench);
}

/* A count is reached however long it takes: 24 a day, so that 50 end on the third. */
static void counts_go_on_the_next_day_when_the_day_is_over(void)
{
    static const double morning[] = {0, 1, 0, 0};
    uint32_t counts[12] = {0};
    struct bench *bench = daily_new(morning, 4, 6);
    bench->config.uniform = true;
    bench->config.day_ns = 4 * hour;
    bench->config.visits.count = 100;
    bench->config.duration_ns = hour;
    bench_run(bench);
    visits_count(bench, hour, counts, 12);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_VISIT], 100);
    CU_ASSERT_EQUAL(counts[1], 23 + 24);
    CU_ASSERT_EQUAL(counts[5], 24 + 24);
    CU_ASSERT_EQUAL(counts[9], 3 + 2);
    bench_free(bench);
}

/* ---- stated times ---- */

#define ANY EHR_WORKLOAD_ANY

static void events_set(struct bench *bench, const struct ehr_workload_event *events, size_t count)
{
    bench->config.events = events;
    bench->config.event_count = count;
}

/* The n-th message of the type, from 0. */
static const struct heard *heard_find(const struct bench *bench, uint16_t type, uint32_t n)
{
    for (uint32_t i = 0; i < bench->heard_count; i++)
        if (bench->heard[i].type == type && n-- == 0)
            return &bench->heard[i];
    CU_FAIL_FATAL("heard too little");
    return NULL;
}

/* Patients 3 .. 5 are of hospital 1; its visits take 0.1 s, and the record may be asked for a
 * second later. */
static void requests_come_when_the_trace_says(void)
{
    static const struct ehr_workload_event events[] = {
        {1 * second, 1, 2, ANY, EHR_FLOW_VISIT},
        {1 * second, 0, ANY, ANY, EHR_FLOW_VISIT},
        {3 * second, 1, ANY, ANY, EHR_FLOW_RETRIEVE},
        {4 * second, ANY, ANY, 1, EHR_FLOW_SHARE},
        {4 * second, 1, ANY, 1, EHR_FLOW_SHARE},
        {5 * second + 1, ANY, ANY, ANY, EHR_FLOW_SHARE},
    };
    static const uint64_t offered_s[] = {1, 1, 3, 4, 4, 5};
    struct bench *bench = bench_new();
    uint32_t next = 0;
    events_set(bench, events, 6);
    bench_run(bench);
    for (uint32_t r = 1; r <= bench->opened_count; r++) {
        if (bench->flows[r] == EHR_FLOW_REGISTER)
            continue;
        CU_ASSERT_EQUAL(bench->opened_ns[r], offered_s[next] * second + (next == 5));
        CU_ASSERT_EQUAL(bench->flows[r], events[next].flow);
        next++;
    }
    CU_ASSERT_EQUAL(next, 6);
    const struct heard *visit = heard_find(bench, EHR_MSG_BEGIN_VISIT, 0);
    CU_ASSERT_EQUAL(visit->patient, 5);
    CU_ASSERT_EQUAL(bench->homes[heard_find(bench, EHR_MSG_BEGIN_VISIT, 1)->patient], 0);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_RETRIEVE, 0)->node, bench->hospitals[1].place);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_SHARE, 0)->node, bench->users[1].node);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_SHARE, 1)->node, bench->users[1].node);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_SHARE, 2)->node, bench->users[0].node);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

/* Three visits of one patient at once are one after another, offered together. */
static void visits_of_a_patient_wait_when_it_has_an_open_one(void)
{
    static const struct ehr_workload_event events[] = {
        {2 * second, 0, 1, ANY, EHR_FLOW_VISIT},
        {2 * second, 0, 1, ANY, EHR_FLOW_VISIT},
        {2 * second, 0, 1, ANY, EHR_FLOW_VISIT},
    };
    struct bench *bench = bench_new();
    events_set(bench, events, 3);
    bench_run(bench);
    CU_ASSERT_FALSE(bench->twice);
    for (uint32_t i = 0; i < 3; i++) {
        const struct heard *heard = heard_find(bench, EHR_MSG_BEGIN_VISIT, i);
        CU_ASSERT_EQUAL(heard->patient, 1);
        CU_ASSERT_EQUAL(heard->at_ns, 2 * second + i * bench->takes_ns);
    }
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_VISIT], 3);
    bench_free(bench);
}

/* The visit at 5 s is shared at 5.1 s, its record may be asked for at 6.1 s. */
static void reads_of_a_trace_wait_when_no_record_is_shared_yet(void)
{
    static const struct ehr_workload_event events[] = {
        {1 * second, ANY, ANY, 1, EHR_FLOW_SHARE},
        {2 * second, 0, ANY, ANY, EHR_FLOW_RETRIEVE},
        {5 * second, 0, ANY, ANY, EHR_FLOW_VISIT},
        {7 * second, 0, ANY, ANY, EHR_FLOW_VISIT}, /* they come once, not with each record */
    };
    struct bench *bench = bench_new();
    uint64_t ready_ns = 6 * second + bench->takes_ns;
    events_set(bench, events, 4);
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_SHARE], 1);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_RETRIEVE], 1);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_SHARE, 0)->at_ns, ready_ns);
    CU_ASSERT_EQUAL(heard_find(bench, EHR_MSG_BEGIN_RETRIEVE, 0)->at_ns, ready_ns);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

static void reads_of_a_trace_end_as_not_found_when_no_record_comes(void)
{
    static const struct ehr_workload_event events[] = {
        {1 * second, ANY, ANY, ANY, EHR_FLOW_SHARE},
        {9 * second, 0, ANY, ANY, EHR_FLOW_RETRIEVE},
    };
    struct bench *bench = bench_new();
    events_set(bench, events, 2);
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_SHARE], 1);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_RETRIEVE], 1);
    CU_ASSERT_EQUAL(bench->last_close, EHR_REPLY_NOT_FOUND);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(time_is_the_inverse_of_the_cumulative_rate_when_calculated_by_hand),
    CASE(time_is_what_it_was_when_the_profile_is_flat),
    CASE(time_never_goes_back_when_days_pass),
    CASE(counts_are_the_integral_of_the_rate_when_gaps_are_fixed),
    CASE(counts_are_those_of_a_poisson_process_when_gaps_are_drawn),
    CASE(the_day_goes_on_when_the_run_begins_late),
    CASE(counts_go_on_the_next_day_when_the_day_is_over),
    CASE(requests_come_when_the_trace_says),
    CASE(visits_of_a_patient_wait_when_it_has_an_open_one),
    CASE(reads_of_a_trace_wait_when_no_record_is_shared_yet),
    CASE(reads_of_a_trace_end_as_not_found_when_no_record_comes),
};

EHR_UNIT_CRYPTO_MAIN("workload times", cases)
