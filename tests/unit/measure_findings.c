/* Findings against numbers made by hand: requests that arrive evenly and are served one after the
 * other by a server of known speed. */
#include "tests/unit/unit.h"

#include "sim/measure/findings.h"

#include <stdlib.h>
#include <string.h>

#define MS 1000000ull

enum { ROWS_MAX = 2000 };
static struct ehr_request_row rows[ROWS_MAX];

/* `count` requests, one each `gap`, of one queue whose server takes `service` for each. */
static void queue_fill(size_t count, uint64_t gap_ns, uint64_t service_ns)
{
    uint64_t free_ns = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t start_ns = i * gap_ns;
        uint64_t begin_ns = start_ns > free_ns ? start_ns : free_ns;
        free_ns = begin_ns + service_ns;
        rows[i] = (struct ehr_request_row){.start_ns = start_ns,
                                           .sent_ns = start_ns,
                                           .end_ns = free_ns,
                                           .flow = EHR_FLOW_VISIT,
                                           .outcome = EHR_OUTCOME_OK,
                                           .reason = EHR_REASON_NONE,
                                           .measured = true};
    }
}

/* `count` requests, one each `gap`, each of which takes `latency`, however many there are. */
static void delay_fill(size_t count, uint64_t gap_ns, uint64_t latency_ns)
{
    queue_fill(count, gap_ns, 0);
    for (size_t i = 0; i < count; i++)
        rows[i].end_ns = rows[i].start_ns + latency_ns;
}

static void twice_the_capacity_saturates(void)
{
    /* 1000 requests at 100/s, served at 50/s: at 4.995 s, half of the arrivals, 500 were offered
     * (the last one then), 249 are over; at the end 1000 and 499. */
    queue_fill(1000, 10 * MS, 20 * MS);
    struct ehr_load load = ehr_findings_load(rows, 1000);
    CU_ASSERT_TRUE(load.judged);
    CU_ASSERT_TRUE(load.saturated);
    CU_ASSERT_DOUBLE_EQUAL(load.offered_per_s, 100, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(load.committed_per_s, 50, 0.5);
    CU_ASSERT_EQUAL(load.open_half, 500 - 249);
    CU_ASSERT_EQUAL(load.open_end, 1000 - 499);
}

static void warm_up_does_not_hide_saturation(void)
{
    /* four times the capacity; what is measured begins when 600 are waiting already, so that the
     * fastest of these takes 24 s, a good part of the run */
    queue_fill(2000, 10 * MS, 40 * MS);
    for (size_t i = 0; i < 800; i++)
        rows[i].measured = false;
    struct ehr_load load = ehr_findings_load(rows, 2000);
    CU_ASSERT_TRUE(load.judged);
    CU_ASSERT_TRUE(load.saturated);
}

static void half_the_capacity_does_not(void)
{
    queue_fill(1000, 10 * MS, 5 * MS);
    struct ehr_load load = ehr_findings_load(rows, 1000);
    CU_ASSERT_TRUE(load.judged);
    CU_ASSERT_FALSE(load.saturated);
    CU_ASSERT_DOUBLE_EQUAL(load.offered_per_s, load.committed_per_s, 0.5);
}

static void slightly_less_than_offered_does_not(void)
{
    /* 95 of 100 are served: less than a tenth stays open */
    queue_fill(1000, 9500000, 10 * MS);
    CU_ASSERT_FALSE(ehr_findings_load(rows, 1000).saturated);
    /* 80 of 100 */
    queue_fill(1000, 8 * MS, 10 * MS);
    CU_ASSERT_TRUE(ehr_findings_load(rows, 1000).saturated);
}

static void short_run_does_not(void)
{
    /* ten arrive at once on average, none of them is slowed down by another: half of them are open
     * at the end because the run is short, not because the system is slow */
    delay_fill(200, 10 * MS, 1000 * MS);
    struct ehr_load load = ehr_findings_load(rows, 200);
    CU_ASSERT_FALSE(load.judged);
    CU_ASSERT_FALSE(load.saturated);
    /* the same for longer: as many are open at the end as in the middle */
    delay_fill(2000, 10 * MS, 1000 * MS);
    load = ehr_findings_load(rows, 2000);
    CU_ASSERT_TRUE(load.judged);
    CU_ASSERT_FALSE(load.saturated);
    CU_ASSERT_EQUAL(load.open_half, 100);
    CU_ASSERT_EQUAL(load.open_end, 100);
}

static void few_requests_are_not_judged(void)
{
    queue_fill(99, 10 * MS, 20 * MS);
    CU_ASSERT_FALSE(ehr_findings_load(rows, 99).judged);
    queue_fill(1, 10 * MS, 20 * MS);
    CU_ASSERT_FALSE(ehr_findings_load(rows, 1).judged);
    CU_ASSERT_FALSE(ehr_findings_load(rows, 0).judged);
}

static void one_burst_is_no_growth(void)
{
    /* served at once, but 150 of those that come after three quarters never end */
    queue_fill(1000, 10 * MS, 1 * MS);
    for (size_t i = 760; i < 910; i++)
        rows[i].outcome = EHR_OUTCOME_TIMEOUT;
    CU_ASSERT_FALSE(ehr_findings_load(rows, 1000).saturated);
}

static void given_up_stays_open(void)
{
    /* every second one times out in the second half: that is service lost, not served */
    queue_fill(1000, 10 * MS, 1 * MS);
    for (size_t i = 500; i < 1000; i += 2)
        rows[i].outcome = EHR_OUTCOME_TIMEOUT;
    struct ehr_load load = ehr_findings_load(rows, 1000);
    CU_ASSERT_TRUE(load.saturated);
    CU_ASSERT_EQUAL(load.open_end, 250 + 1); /* the last one is being served */
    /* refused and failed ones got their answer */
    for (size_t i = 500; i < 1000; i += 2)
        rows[i].outcome = i % 4 == 0 ? EHR_OUTCOME_REFUSED : EHR_OUTCOME_FAILED;
    CU_ASSERT_FALSE(ehr_findings_load(rows, 1000).saturated);
}

static void warm_up_is_seen(void)
{
    /* tenths of 10 requests: the first takes 300 ms, the others 100 or 110 ms in turn */
    delay_fill(100, 100 * MS, 100 * MS);
    for (size_t i = 0; i < 100; i++)
        rows[i].end_ns = rows[i].start_ns + (i < 10 ? 300 : i / 10 % 2 == 0 ? 100 : 110) * MS;
    struct ehr_warm_up warm_up = ehr_findings_warm_up(rows, 100);
    CU_ASSERT_TRUE(warm_up.judged);
    CU_ASSERT_TRUE(warm_up.too_short);
    CU_ASSERT_DOUBLE_EQUAL(warm_up.first_s, 0.3, 1e-9);
    /* tenths 3 .. 9: 110 100 110 100 110 100 110 */
    CU_ASSERT_DOUBLE_EQUAL(warm_up.later_s, 0.74 / 7, 1e-9);
    /* their standard deviation is 5.345 ms: 21.4 ms off are noise, 22 ms are not */
    for (size_t i = 0; i < 10; i++)
        rows[i].end_ns = rows[i].start_ns + 105714286 + 21 * MS;
    CU_ASSERT_FALSE(ehr_findings_warm_up(rows, 100).too_short);
    for (size_t i = 0; i < 10; i++)
        rows[i].end_ns = rows[i].start_ns + 105714286 + 22 * MS;
    CU_ASSERT_TRUE(ehr_findings_warm_up(rows, 100).too_short);
    /* what was not measured is not looked at */
    for (size_t i = 0; i < 10; i++)
        rows[i].measured = false;
    CU_ASSERT_FALSE(ehr_findings_warm_up(rows, 100).judged);
}

static void warm_up_without_noise_needs_a_tenth(void)
{
    delay_fill(100, 100 * MS, 100 * MS);
    for (size_t i = 0; i < 10; i++)
        rows[i].end_ns = rows[i].start_ns + 109 * MS;
    CU_ASSERT_FALSE(ehr_findings_warm_up(rows, 100).too_short);
    for (size_t i = 0; i < 10; i++)
        rows[i].end_ns = rows[i].start_ns + 111 * MS;
    CU_ASSERT_TRUE(ehr_findings_warm_up(rows, 100).too_short);
}

/* The rows as those of visits alone. */
static struct ehr_request_table table_of(size_t count)
{
    struct ehr_request_table table = {.rows = rows, .count = count};
    for (unsigned flow = EHR_FLOW_VISIT + 1; flow <= EHR_FLOW_END; flow++)
        table.first[flow] = count;
    return table;
}

static const struct ehr_finding *finding_of(const struct ehr_findings *findings,
                                            enum ehr_finding_kind kind)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].kind == kind)
            return &findings->items[i];
    return NULL;
}

static void good_run_has_none(void)
{
    struct ehr_findings findings;
    const struct ehr_findings_run run = {.crypto = "real"};
    queue_fill(1000, 10 * MS, 5 * MS);
    struct ehr_request_table table = table_of(1000);
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL(findings.count, 0);
    table = table_of(999);
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL_FATAL(findings.count, 1);
    CU_ASSERT_EQUAL(findings.items[0].kind, EHR_FINDING_QUANTILE);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.items[0].text, "visit 999"));
}

static void what_run_json_says_is_told(void)
{
    struct ehr_findings findings;
    const struct ehr_findings_run run = {.crypto = "modelled",
                                         .reason = "no progress since 3 s",
                                         .ended_wrongly = true,
                                         .replicas_behind = 2};
    queue_fill(1000, 10 * MS, 20 * MS);
    rows[7].outcome = EHR_OUTCOME_UNFINISHED;
    rows[7].end_ns = EHR_REQUEST_TIME_UNKNOWN;
    struct ehr_request_table table = table_of(1000);
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL_FATAL(findings.items[0].kind, EHR_FINDING_ENDED_WRONGLY);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.items[0].text, "no progress since 3 s"));
    /* a run that came to a stop did not saturate */
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_SATURATED), 0);
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_MODELLED), 1);
    const struct ehr_finding *behind = finding_of(&findings, EHR_FINDING_BEHIND);
    CU_ASSERT_PTR_NOT_NULL_FATAL(behind);
    CU_ASSERT_PTR_NOT_NULL(strstr(behind->text, "2 chain nodes"));
    const struct ehr_finding *open = finding_of(&findings, EHR_FINDING_UNFINISHED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(open);
    CU_ASSERT_PTR_NOT_NULL(strstr(open->text, "visit 1:"));
    /* the gravest first */
    for (size_t i = 1; i < findings.count; i++)
        CU_ASSERT_TRUE(findings.items[i - 1].kind <= findings.items[i].kind);
}

static void limit_of_the_client_is_told(void)
{
    struct ehr_findings findings;
    const struct ehr_findings_run run = {.crypto = "real"};
    /* 5 ms each, of which 1.2 ms wait for the device: less than a quarter; then 1.3 ms */
    queue_fill(1000, 10 * MS, 5 * MS);
    struct ehr_request_table table = table_of(1000);
    for (size_t i = 0; i < 1000; i++)
        rows[i].sent_ns = rows[i].start_ns + 1200000;
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL(findings.count, 0);
    for (size_t i = 0; i < 1000; i++)
        rows[i].sent_ns = rows[i].start_ns + 1300000;
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_CLIENT_LIMIT), 1);
    /* eleven of a thousand were given up before they were sent; who finds nobody up fails at once
     */
    queue_fill(1000, 10 * MS, 5 * MS);
    for (size_t i = 0; i < 11; i++) {
        rows[i].sent_ns = EHR_REQUEST_TIME_UNKNOWN;
        rows[i].outcome = EHR_OUTCOME_FAILED;
    }
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_CLIENT_LIMIT), 0);
    for (size_t i = 0; i < 11; i++)
        rows[i].outcome = EHR_OUTCOME_TIMEOUT;
    ehr_findings_of_run(&findings, &run, &table);
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_CLIENT_LIMIT), 1);
}

static void saturation_is_told_with_its_rates(void)
{
    struct ehr_findings findings;
    const struct ehr_findings_run run = {.crypto = "real"};
    queue_fill(1000, 10 * MS, 20 * MS);
    struct ehr_request_table table = table_of(1000);
    ehr_findings_of_run(&findings, &run, &table);
    const struct ehr_finding *saturated = finding_of(&findings, EHR_FINDING_SATURATED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(saturated);
    CU_ASSERT_PTR_NOT_NULL(strstr(saturated->text, "visit: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(saturated->text, "from 251 to 501"));
    /* latencies that grow all the time are no warm-up */
    CU_ASSERT_EQUAL(ehr_findings_of_kind(&findings, EHR_FINDING_WARM_UP), 0);
}

static void there_is_an_end_to_findings(void)
{
    struct ehr_findings findings = {.count = 0};
    for (unsigned i = 0; i < EHR_FINDINGS_MAX + 5; i++)
        ehr_findings_add(&findings, EHR_FINDING_QUANTILE, "%u", i);
    CU_ASSERT_EQUAL(findings.count, EHR_FINDINGS_MAX);
    CU_ASSERT_STRING_EQUAL(findings.items[0].text, "0");
}

static const struct ehr_unit_case cases[] = {
    {"twice_the_capacity_saturates", twice_the_capacity_saturates},
    {"warm_up_does_not_hide_saturation", warm_up_does_not_hide_saturation},
    {"half_the_capacity_does_not", half_the_capacity_does_not},
    {"slightly_less_than_offered_does_not", slightly_less_than_offered_does_not},
    {"short_run_does_not", short_run_does_not},
    {"few_requests_are_not_judged", few_requests_are_not_judged},
    {"one_burst_is_no_growth", one_burst_is_no_growth},
    {"given_up_stays_open", given_up_stays_open},
    {"warm_up_is_seen", warm_up_is_seen},
    {"warm_up_without_noise_needs_a_tenth", warm_up_without_noise_needs_a_tenth},
    {"good_run_has_none", good_run_has_none},
    {"what_run_json_says_is_told", what_run_json_says_is_told},
    {"limit_of_the_client_is_told", limit_of_the_client_is_told},
    {"saturation_is_told_with_its_rates", saturation_is_told_with_its_rates},
    {"there_is_an_end_to_findings", there_is_an_end_to_findings},
};

EHR_UNIT_MAIN("findings", cases)
