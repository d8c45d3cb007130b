/* The time to go, on runs made by hand of which it is known. */
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

#include "sim/measure/eta.h"
#include "sim/measure/progress.h"

#define SEC UINT64_C(1000000000)

/* The run at `cpu_s`: wall-clock time is as long unless the case says more. */
typedef struct ehr_eta_look run_at(double cpu_s);

static uint64_t ns(double s)
{
    return (uint64_t)llround(s * 1e9);
}

/* Seconds to go when the run is looked at every `step_s` of processor time until `now_s`. */
static double left_after(run_at *run, double now_s, double step_s)
{
    struct ehr_eta eta = {.count = 0};
    for (unsigned i = 0; i <= (unsigned)lround(now_s / step_s); i++) {
        const struct ehr_eta_look look = run(i * step_s);
        ehr_eta_add(&eta, &look);
    }
    uint64_t left_ns = ehr_eta_left_ns(&eta);
    return left_ns == UINT64_MAX ? INFINITY : (double)left_ns / 1e9;
}

/* 200 s are simulated in 20 s; two units arrive in a second and end at once. */
static struct ehr_eta_look steady(double cpu_s)
{
    const double sim_s = 10 * cpu_s;
    return (struct ehr_eta_look){.wall_ns = ns(7 + cpu_s),
                                 .cpu_ns = ns(3 + cpu_s),
                                 .sim_ns = ns(sim_s),
                                 .outlook = {.until_ns = 200 * SEC,
                                             .deadline_ns = 500 * SEC,
                                             .due = 2 * (200 - sim_s),
                                             .ended = (uint64_t)(2 * sim_s)}};
}

/* Another program takes two thirds of the processor. */
static struct ehr_eta_look disturbed(double cpu_s)
{
    struct ehr_eta_look look = steady(cpu_s);
    look.wall_ns = ns(3 * cpu_s);
    return look;
}

static void is_what_is_left_when_nothing_changes(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(steady, 1, 1), 19, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(steady, 10, 1), 10, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(steady, 19, 0.01), 1, 1e-6); /* looks are forgotten */
    CU_ASSERT_DOUBLE_EQUAL(left_after(disturbed, 10, 1), 30, 1e-6);
    CU_ASSERT_TRUE(isinf(left_after(steady, 0, 1))); /* one look is no speed */
}

/* 300 registrations first, in 2 s; then as `steady`. */
static struct ehr_eta_look registering(double cpu_s)
{
    struct ehr_eta_look look = steady(cpu_s < 2 ? 0 : cpu_s - 2);
    look.cpu_ns = look.wall_ns = ns(cpu_s);
    if (cpu_s < 2)
        look.outlook.due += 300 - 150 * cpu_s;
    return look;
}

static void forgets_how_a_run_began(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(registering, 11, 0.1), 11, 1e-6);
}

/* A day of 200 s: 300 units before noon, which take 15 s, and 100 after it, which take 5. */
static struct ehr_eta_look by_day(double cpu_s)
{
    struct ehr_eta_look look = steady(cpu_s);
    look.sim_ns = cpu_s < 15 ? ns(cpu_s / 15 * 100) : ns(100 + (cpu_s - 15) / 5 * 100);
    return look;
}

static void follows_the_work_and_not_the_simulated_time(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(by_day, 10, 0.1), 10, 1e-6); /* after a third of the day */
    CU_ASSERT_DOUBLE_EQUAL(left_after(by_day, 16, 0.1), 4, 1e-6);
}

/* 1000 requests, eight at a time, 40 in a second; when they end, nobody has said. */
static struct ehr_eta_look counted(double cpu_s)
{
    return (struct ehr_eta_look){.wall_ns = ns(cpu_s),
                                 .cpu_ns = ns(cpu_s),
                                 .sim_ns = ns(cpu_s / 3),
                                 .outlook = {.deadline_ns = UINT64_MAX,
                                             .left = (uint64_t)(1000 - 40 * cpu_s),
                                             .ended = (uint64_t)(40 * cpu_s)}};
}

static void counts_requests_where_no_time_is_given(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(counted, 10, 1), 15, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(counted, 24, 1), 1, 1e-6);
}

/* Ten units arrive in a second and five end. After 100 s, 500 are left: 100 s, or until the
 * deadline. */
static struct ehr_eta_look saturated_until(double cpu_s, uint64_t deadline_s)
{
    bool all = cpu_s >= 100;
    return (struct ehr_eta_look){.wall_ns = ns(cpu_s),
                                 .cpu_ns = ns(cpu_s),
                                 .sim_ns = ns(cpu_s),
                                 .outlook = {.until_ns = all ? 0 : 100 * SEC,
                                             .deadline_ns = deadline_s * SEC,
                                             .due = all ? 0 : 10 * (100 - cpu_s),
                                             .left = (uint64_t)(all ? 1000 - 5 * cpu_s : 5 * cpu_s),
                                             .ended = (uint64_t)(5 * cpu_s)}};
}

static struct ehr_eta_look saturated(double cpu_s)
{
    return saturated_until(cpu_s, 400);
}

static struct ehr_eta_look cut_off(double cpu_s)
{
    return saturated_until(cpu_s, 140);
}

static void counts_what_piles_up_until_the_deadline(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(saturated, 50, 1), 150, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(saturated, 120, 1), 80, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(cut_off, 50, 1), 90, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(left_after(cut_off, 120, 1), 20, 1e-6);
}

/* Each unit costs more than the one before: 400 units in 20 s, after d of them d^2 / 8000 s. */
static struct ehr_eta_look dearer(double cpu_s)
{
    struct ehr_eta_look look = steady(0);
    double done = sqrt(8000 * cpu_s);
    look.cpu_ns = look.wall_ns = ns(cpu_s);
    look.sim_ns = ns(done / 2);
    look.outlook.due = 400 - done;
    return look;
}

/* By hand, at 10 s: d = 282.8427, window from 2 s (126.4911) over 6 s (219.0890). Mean cost
 * 8 / 156.3516 = 0.0511667; slope 0.7 x (4 / 63.7537 - 4 / 92.5979) / 78.1758 = 0.000175; in the
 * middle of what is left 0.0511667 + 0.000175 x 136.7544 = 0.0750988; times 117.1573: 8.7984. The
 * mean alone would say 5.9946; 10 is true. */
static void carries_a_trend_on(void)
{
    CU_ASSERT_DOUBLE_EQUAL(left_after(dearer, 10, 1), 8.7984, 0.0001);
}

static struct ehr_eta_look stuck(double cpu_s)
{
    struct ehr_eta_look look = counted(0);
    look.cpu_ns = look.wall_ns = ns(cpu_s);
    look.sim_ns = ns(cpu_s);
    return look;
}

static void is_unknown_while_nothing_ends(void)
{
    CU_ASSERT_TRUE(isinf(left_after(stuck, 10, 1)));
}

/* ---- the line ---- */

static void line_tells_time_and_rate(void)
{
    char line[80];
    struct ehr_progress_state state = {150 * SEC, 600 * SEC, 10 * SEC, 30 * SEC, 1.25e6};
    ehr_progress_format(line, &state);
    CU_ASSERT_STRING_EQUAL(line,
                           "[####............]  25% sim 2:30/10:00 wall 0:10 1.2 Mev/s ETA 0:30");
    state = (struct ehr_progress_state){0, 86400 * SEC, 0, UINT64_MAX, 0};
    ehr_progress_format(line, &state);
    CU_ASSERT_STRING_EQUAL(line,
                           "[................]   0% sim 0:00/24:00:00 wall 0:00 0 ev/s ETA -");
    state = (struct ehr_progress_state){90 * SEC, 0, 3 * SEC / 2, SEC / 2, 999};
    ehr_progress_format(line, &state);
    CU_ASSERT_STRING_EQUAL(line, "[############....]  75% sim 1:30 wall 0:01 999 ev/s ETA 0:01");
    state = (struct ehr_progress_state){UINT64_MAX, 1, UINT64_MAX, UINT64_MAX - 1, 1e300};
    ehr_progress_format(line, &state);
    CU_ASSERT_TRUE(strlen(line) <= 79);
}

static struct ehr_outlook nothing(void *context, uint64_t sim_ns)
{
    (void)context;
    (void)sim_ns;
    return (struct ehr_outlook){0};
}

static void line_is_silent_when_quiet(void)
{
    struct ehr_progress progress;
    ehr_progress_init(&progress, true, nothing, NULL);
    CU_ASSERT_FALSE(progress.shown);
    ehr_progress_update(&progress, 1, 1);
    ehr_progress_close(&progress);
}

static const struct ehr_unit_case cases[] = {
    {"is_what_is_left_when_nothing_changes", is_what_is_left_when_nothing_changes},
    {"forgets_how_a_run_began", forgets_how_a_run_began},
    {"follows_the_work_and_not_the_simulated_time", follows_the_work_and_not_the_simulated_time},
    {"counts_requests_where_no_time_is_given", counts_requests_where_no_time_is_given},
    {"counts_what_piles_up_until_the_deadline", counts_what_piles_up_until_the_deadline},
    {"carries_a_trend_on", carries_a_trend_on},
    {"is_unknown_while_nothing_ends", is_unknown_while_nothing_ends},
    {"line_tells_time_and_rate", line_tells_time_and_rate},
    {"line_is_silent_when_quiet", line_is_silent_when_quiet},
};

EHR_UNIT_MAIN("measure_eta", cases)
