/* Requests, quantiles and counters. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "sim/measure/latency.h"
#include "tests/unit/measure_run.h"

static void quantile_is_nearest_rank(void)
{
    /* ceil(p n): of 10 values, p50 is the 5th, p90 the 9th, p91 and p99 the 10th. */
    const uint64_t ten[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 500), 5);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 501), 6);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 900), 9);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 901), 10);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 990), 10);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 1), 1);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 10, 1000), 10);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 3, 500), 2);
    CU_ASSERT_EQUAL(ehr_latency_quantile(ten, 1, 1), 1);
}

static void quantiles_are_exact_when_there_are_a_thousand(void)
{
    static uint64_t values[1000];
    for (size_t i = 0; i < 1000; i++)
        values[i] = 1000 - i; /* unsorted: 1000 .. 1 */
    struct ehr_latency latency = ehr_latency_of(values, 1000);
    CU_ASSERT_EQUAL(latency.count, 1000);
    CU_ASSERT_EQUAL(latency.p50_ns, 500);
    CU_ASSERT_EQUAL(latency.p90_ns, 900);
    CU_ASSERT_EQUAL(latency.p95_ns, 950);
    CU_ASSERT_EQUAL(latency.p99_ns, 990);
    CU_ASSERT_EQUAL(latency.p999_ns, 999);
    CU_ASSERT_EQUAL(latency.max_ns, 1000);
    CU_ASSERT_EQUAL(latency.mean_ns, 500.5);
}

static void mean_does_not_overflow_when_the_sum_exceeds_64_bits(void)
{
    uint64_t values[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX - 3, UINT64_MAX - 3};
    struct ehr_latency latency = ehr_latency_of(values, 4);
    CU_ASSERT_EQUAL(latency.mean_ns, (double)(UINT64_MAX - 2));
    uint64_t thirds[] = {1, 1, 2};
    latency = ehr_latency_of(thirds, 3);
    CU_ASSERT_EQUAL(latency.mean_ns, 1.0 + 1.0 / 3.0);
}

static void latency_is_zero_when_there_are_none(void)
{
    struct ehr_latency latency = ehr_latency_of(NULL, 0);
    CU_ASSERT_EQUAL(latency.count, 0);
    CU_ASSERT_EQUAL(latency.max_ns, 0);
}

static uint64_t phase_sum(const struct ehr_request *request)
{
    uint64_t sum = 0;
    for (unsigned slot = 0; slot < EHR_FLOW_PHASES_MAX; slot++)
        sum += request->phase_ns[slot];
    return sum;
}

static void phases_add_up_to_the_latency_when_they_follow_each_other(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    uint32_t id = ehr_request_open(log, EHR_FLOW_VISIT, 0, 100);
    CU_ASSERT_EQUAL(id, 1);
    ehr_request_phase(log, id, EHR_PHASE_CHECK, 100);
    ehr_request_phase(log, id, EHR_PHASE_SEAL, 130);
    ehr_request_phase(log, id, EHR_PHASE_STORE, 135);
    ehr_request_phase(log, id, EHR_PHASE_SEAL, 150); /* again, after a refused draft */
    ehr_request_phase(log, id, EHR_PHASE_STORE, 157);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 200);
    const struct ehr_request *request = ehr_request_get(log, id);
    CU_ASSERT_EQUAL(request->phase_ns[0], 30);
    CU_ASSERT_EQUAL(request->phase_ns[1], 5 + 7);
    CU_ASSERT_EQUAL(request->phase_ns[2], 15 + 43);
    CU_ASSERT_EQUAL(request->phases_seen, 0x07);
    CU_ASSERT_EQUAL(phase_sum(request), 100);
    ehr_request_log_free(log);
}

static void late_messages_are_ignored_when_the_request_is_closed(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    uint32_t id = ehr_request_open(log, EHR_FLOW_VISIT, 0, 0);
    ehr_request_phase(log, id, EHR_PHASE_CHECK, 0);
    CU_ASSERT_TRUE(ehr_request_is_open(log, id));
    ehr_request_close(log, id, EHR_OUTCOME_TIMEOUT, EHR_REASON_TIMED_OUT, 10);
    CU_ASSERT_FALSE(ehr_request_is_open(log, id));
    ehr_request_phase(log, id, EHR_PHASE_SEAL, 20);
    ehr_request_phase_add(log, id, EHR_PHASE_SEAL, 5);
    ehr_request_sent(log, id, 20);
    ehr_request_durable(log, id, 30); /* this one counts: durable, though nobody waits */
    ehr_request_durable(log, id, 40);
    const struct ehr_request *request = ehr_request_get(log, id);
    CU_ASSERT_EQUAL(phase_sum(request), 10);
    CU_ASSERT_EQUAL(request->sent_ns, EHR_REQUEST_TIME_UNKNOWN);
    CU_ASSERT_EQUAL(request->durable_ns, 30);
    ehr_request_log_free(log);
}

static void open_requests_become_unfinished_when_the_run_ends(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    for (uint32_t i = 1; i <= 10000; i++)
        CU_ASSERT_EQUAL_FATAL(ehr_request_open(log, EHR_FLOW_ORDERING, 0, i), i);
    for (uint32_t id = 1; id <= 10000; id += 2)
        ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 20000);
    CU_ASSERT_EQUAL(ehr_request_open_count(log), 5000);
    ehr_request_finish_all(log, 30000);
    CU_ASSERT_EQUAL(ehr_request_open_count(log), 0);
    CU_ASSERT_EQUAL(ehr_request_count(log), 10000);
    CU_ASSERT_EQUAL(ehr_request_get(log, 9999)->outcome, EHR_OUTCOME_OK);
    CU_ASSERT_EQUAL(ehr_request_get(log, 10000)->outcome, EHR_OUTCOME_UNFINISHED);
    ehr_request_log_free(log);
}

static void close_twice(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    uint32_t id = ehr_request_open(log, EHR_FLOW_REVOKE, 0, 0);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 1);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 2);
}

static void close_ok_with_a_reason(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    uint32_t id = ehr_request_open(log, EHR_FLOW_REVOKE, 0, 0);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NO_GRANT, 1);
}

static void enter_a_foreign_phase(void)
{
    struct ehr_request_log *log = ehr_request_log_new(NULL);
    uint32_t id = ehr_request_open(log, EHR_FLOW_REVOKE, 0, 0);
    ehr_request_phase(log, id, EHR_PHASE_SEAL, 1);
}

/* Whether `misuse` ends its process with SIGABRT. */
static bool aborts(void (*misuse)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        FILE *silent = freopen("/dev/null", "w", stderr);
        misuse();
        _exit(silent == NULL);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

static void misuse_is_caught_by_assertions(void)
{
    CU_ASSERT_TRUE(aborts(close_twice));
    CU_ASSERT_TRUE(aborts(close_ok_with_a_reason));
    CU_ASSERT_TRUE(aborts(enter_a_foreign_phase));
}

static void every_phase_belongs_to_a_flow_and_names_are_unique(void)
{
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int flows = 0;
        for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
            int slot = ehr_flow_phase_slot(flow, phase);
            flows += slot >= 0;
            CU_ASSERT_TRUE(slot < (int)EHR_FLOW_PHASES_MAX);
        }
        CU_ASSERT_TRUE(flows > 0);
    }
    CU_ASSERT_EQUAL(ehr_flow_phase_slot(EHR_FLOW_SHARE, EHR_PHASE_COMBINE), 5);
    CU_ASSERT_EQUAL(ehr_flow_phase_slot(EHR_FLOW_SHARE, EHR_PHASE_SEARCH), -1);
    for (enum ehr_reason a = EHR_REASON_INVALID + 1; a < EHR_REASON_END; a++) {
        CU_ASSERT_TRUE(ehr_reason_text(a)[0] != '\0');
        for (enum ehr_reason b = a + 1; b < EHR_REASON_END; b++)
            CU_ASSERT_STRING_NOT_EQUAL(ehr_reason_name(a), ehr_reason_name(b));
    }
}

static void tiers_count_ordering_messages_of_their_nodes_only(void)
{
    struct ehr_measure *measure = run_new();
    struct ehr_counters *counters = ehr_measure_counters(measure);
    ehr_counters_message(counters, NODE_A0, EHR_DIRECTION_OUT, MESSAGE_PREPARE, 3, 100);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_OUT, MESSAGE_PREPARE, 1, 50);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_IN, MESSAGE_PREPARE, 3, 100);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_OUT, MESSAGE_QUERY, 7, 10);
    ehr_counters_message(counters, NODE_P0, EHR_DIRECTION_OUT, MESSAGE_PREPARE, 2, 1);
    struct ehr_tier_totals alliance = ehr_counters_tier(counters, EHR_TIER_ALLIANCE);
    CU_ASSERT_EQUAL(alliance.messages, 4);
    CU_ASSERT_EQUAL(alliance.bytes, 350);
    CU_ASSERT_EQUAL(ehr_counters_tier(counters, EHR_TIER_PRIVATE).messages, 2);
    CU_ASSERT_EQUAL(ehr_counters_node(counters, NODE_A1, EHR_DIRECTION_OUT).count, 8);
    CU_ASSERT_EQUAL(ehr_counters_node(counters, NODE_A1, EHR_DIRECTION_OUT).bytes, 120);
    ehr_measure_free(measure);
}

static void block_rows_keep_first_and_last_commit(void)
{
    struct ehr_measure *measure = run_new();
    struct ehr_counters *counters = ehr_measure_counters(measure);
    struct ehr_block_facts facts = {.height = 200, .view = 2, .transactions = 5, .proposer = 1};
    ehr_counters_block_proposed(counters, 0, 200, 1, 0, 10);
    ehr_counters_block_proposed(counters, 0, 200, 2, 1, 20);
    ehr_counters_block_proposed(counters, 0, 200, 1, 0, 30); /* stale */
    ehr_counters_block_committed(counters, 0, &facts, 50);
    ehr_counters_block_committed(counters, 0, &facts, 90);
    ehr_counters_block_committed(counters, 0, &facts, 70);
    ehr_counters_block_proposed(counters, 0, 200, 9, 0, 95);
    ehr_counters_block_signers(counters, 0, 200, 3);
    ehr_counters_block_signers(counters, 0, 200, 2);
    const struct ehr_block_row *row = &counters->chains[0].rows[199];
    CU_ASSERT_EQUAL(row->proposed_ns, 20);
    CU_ASSERT_EQUAL(row->committed_first_ns, 50);
    CU_ASSERT_EQUAL(row->committed_last_ns, 90);
    CU_ASSERT_EQUAL(row->view, 2);
    CU_ASSERT_EQUAL(row->signers, 3);
    CU_ASSERT_EQUAL(ehr_counters_tier(counters, EHR_TIER_ALLIANCE).blocks, 1);
    CU_ASSERT_EQUAL(ehr_counters_tier(counters, EHR_TIER_ALLIANCE).transactions, 5);
    ehr_measure_free(measure);
}

static const struct ehr_unit_case cases[] = {
    {"quantile_is_nearest_rank", quantile_is_nearest_rank},
    {"quantiles_are_exact_when_there_are_a_thousand",
     quantiles_are_exact_when_there_are_a_thousand},
    {"mean_does_not_overflow_when_the_sum_exceeds_64_bits",
     mean_does_not_overflow_when_the_sum_exceeds_64_bits},
    {"latency_is_zero_when_there_are_none", latency_is_zero_when_there_are_none},
    {"phases_add_up_to_the_latency_when_they_follow_each_other",
     phases_add_up_to_the_latency_when_they_follow_each_other},
    {"late_messages_are_ignored_when_the_request_is_closed",
     late_messages_are_ignored_when_the_request_is_closed},
    {"open_requests_become_unfinished_when_the_run_ends",
     open_requests_become_unfinished_when_the_run_ends},
    {"misuse_is_caught_by_assertions", misuse_is_caught_by_assertions},
    {"every_phase_belongs_to_a_flow_and_names_are_unique",
     every_phase_belongs_to_a_flow_and_names_are_unique},
    {"tiers_count_ordering_messages_of_their_nodes_only",
     tiers_count_ordering_messages_of_their_nodes_only},
    {"block_rows_keep_first_and_last_commit", block_rows_keep_first_and_last_commit},
};

EHR_UNIT_MAIN("measure", cases)
