/* The engines without faults: quorums, counts, order, batching, checkpoints, determinism. */
#include "tests/simulation/engine_cluster.h"
#include "tests/unit/unit.h"
#include "sim/consensus/registry.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000 };

static void quorums_match_the_formula_when_n_is_1_to_12(void)
{
    /* f = floor((n-1)/3), q = ceil((n+f+1)/2), by hand. */
    static const uint32_t faults[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    static const uint32_t quorum[] = {1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8};
    for (uint32_t n = 1; n <= 12; n++) {
        CU_ASSERT_EQUAL(ehr_engine_faults(n), faults[n - 1]);
        CU_ASSERT_EQUAL(ehr_engine_quorum(n), quorum[n - 1]);
        /* Two quorums meet in more than f, and the correct ones alone are a quorum. */
        CU_ASSERT(2 * quorum[n - 1] - n > faults[n - 1]);
        CU_ASSERT(n - faults[n - 1] >= quorum[n - 1]);
    }
}

static void quorums_meet_in_a_correct_member_when_any_two_are_taken(void)
{
    uint32_t bad = 0;
    for (uint32_t n = 1; n <= 1000; n++) {
        uint32_t f = ehr_engine_faults(n), q = ehr_engine_quorum(n);
        bad += 2 * q - n < f + 1; /* safety */
        bad += q > n - f;         /* liveness */
        bad += n % 3 == 1 && q != 2 * f + 1;
    }
    CU_ASSERT_EQUAL(bad, 0);
}

static void engines_are_found_when_named(void)
{
    CU_ASSERT_PTR_NULL(ehr_engine_find("paxos"));
    for (const char *const *name = ehr_engine_names(); *name != NULL; name++) {
        const struct ehr_engine_type *type = ehr_engine_find(*name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(type);
        CU_ASSERT_STRING_EQUAL(type->name, *name);
    }
    CU_ASSERT_EQUAL(ehr_engine_find("pbft")->certificate_quorum(7), 5);
    CU_ASSERT_EQUAL(ehr_engine_find("solo")->certificate_quorum(7), 1);
}

/* Replica messages of one decision without faults, checkpoints left out. */
static uint64_t decision_messages(const char *engine, uint16_t n, enum ehr_engine_votes votes)
{
    struct ehr_cluster_options options = {
        .engine = engine, .replicas = n, .votes = votes, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_submit(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 100 * MS));
    ehr_cluster_run(c, 1000 * (uint64_t)MS);
    for (uint16_t i = 0; i < n; i++)
        CU_ASSERT_EQUAL(ehr_cluster_height(c, i), 1);
    uint64_t count = ehr_cluster_sent(c, EHR_ENGINE_PRE_PREPARE) +
                     ehr_cluster_sent(c, EHR_ENGINE_PREPARE) +
                     ehr_cluster_sent(c, EHR_ENGINE_COMMIT);
    CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0); /* no memory in the steady state */
    ehr_cluster_free(c);
    return count;
}

static void message_counts_are_the_published_when_nothing_fails(void)
{
    CU_ASSERT_EQUAL(decision_messages("pbft", 4, EHR_ENGINE_VOTES_BACKUPS), 24);
    CU_ASSERT_EQUAL(decision_messages("pbft", 7, EHR_ENGINE_VOTES_BACKUPS), 84);
    CU_ASSERT_EQUAL(decision_messages("pbft", 10, EHR_ENGINE_VOTES_BACKUPS), 180);
    CU_ASSERT_EQUAL(decision_messages("pbft", 4, EHR_ENGINE_VOTES_ALL), 27);
    CU_ASSERT_EQUAL(decision_messages("pbft", 7, EHR_ENGINE_VOTES_ALL), 90);
    CU_ASSERT_EQUAL(decision_messages("pbft", 10, EHR_ENGINE_VOTES_ALL), 189);
    CU_ASSERT_EQUAL(decision_messages("solo", 4, EHR_ENGINE_VOTES_BACKUPS), 3);
}

static void every_size_decides_when_n_is_1_to_12(void)
{
    for (uint16_t n = 1; n <= 12; n++) {
        struct ehr_cluster_options options = {.replicas = n, .signatures = true};
        struct ehr_cluster *c = ehr_cluster_new(&options);
        for (uint32_t i = 0; i < 40; i++)
            ehr_cluster_submit(c, i);
        CU_ASSERT(ehr_cluster_run_executed(c, 40, 2000 * (uint64_t)MS));
        CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 0);
        ehr_cluster_free(c);
    }
}

static void three_delays_decide_when_the_network_is_even(void)
{
    struct ehr_cluster_options options = {.replicas = 4};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_submit(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 100 * MS));
    /* pre-prepare, prepare, commit at 1 ms each; building and executing take 1 us each. */
    CU_ASSERT_EQUAL(ehr_cluster_now(c), 3 * MS + 2000);
    ehr_cluster_free(c);
}

/* Heights that n requests submitted at once take. */
static uint64_t heights_used(uint32_t requests, uint32_t batch_max)
{
    struct ehr_cluster_options options = {.replicas = 4, .batch_max = batch_max};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    for (uint32_t i = 0; i < requests; i++)
        ehr_cluster_submit(c, i);
    CU_ASSERT(ehr_cluster_run_executed(c, requests, 1000 * (uint64_t)MS));
    uint64_t height = ehr_cluster_height(c, 0);
    ehr_cluster_free(c);
    return height;
}

static void blocks_are_filled_when_requests_wait(void)
{
    CU_ASSERT_EQUAL(heights_used(12, 4), 3);
    CU_ASSERT_EQUAL(heights_used(13, 4), 4); /* the last by the batch timer or an idle primary */
    CU_ASSERT_EQUAL(heights_used(5, 1), 5);
}

static void batch_timer_waits_when_a_block_is_in_flight(void)
{
    struct ehr_cluster_options options = {
        .replicas = 4, .batch_max = 4, .batch_timeout_ns = 2 * MS, .delay_min_ns = 10 * MS};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run(c, 1 * MS); /* block 1 is in flight until 30 ms */
    ehr_cluster_submit(c, 1);
    ehr_cluster_run(c, 2 * MS);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_PRE_PREPARE), 3);
    ehr_cluster_run(c, 4 * MS); /* the timer ran out at 3 ms */
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_PRE_PREPARE), 6);
    ehr_cluster_free(c);
}

static void window_bounds_the_pipeline_when_nobody_answers(void)
{
    struct ehr_cluster_options options = {.replicas = 4,
                                          .batch_max = 1,
                                          .window = 8,
                                          .checkpoint_interval = 4,
                                          .delay_min_ns = 150 * MS};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    for (uint32_t i = 0; i < 50; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 140 * MS);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_PRE_PREPARE), 8 * 3);
    ehr_cluster_free(c);
}

static void checkpoints_collect_garbage_when_the_chain_grows(void)
{
    struct ehr_cluster_options options = {.replicas = 4, .batch_max = 1, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    for (uint32_t i = 0; i < 400; i++)
        ehr_cluster_submit(c, i);
    CU_ASSERT(ehr_cluster_run_executed(c, 400, 20000 * (uint64_t)MS));
    ehr_cluster_run(c, ehr_cluster_now(c) + 100 * MS);
    for (uint16_t i = 0; i < 4; i++) {
        const struct ehr_engine_record *records;
        uint32_t count = ehr_cluster_records(c, i, &records);
        /* Of 400 heights only the votes at 400 itself and the checkpoint there are left. */
        CU_ASSERT(count <= 4);
        for (uint32_t k = 0; k < count; k++)
            CU_ASSERT_EQUAL(records[k].height, 400);
    }
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_CHECKPOINT), 100 * 4 * 3);
    CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0);
    CU_ASSERT_EQUAL(ehr_cluster_fetches(c), 0);
    ehr_cluster_free(c);
}

struct digesting {
    struct ehr_cluster *cluster;
    uint64_t digest;
};

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    struct digesting *digesting = context;
    char line[4096];
    FILE *out = fmemopen(line, sizeof(line), "w");
    ehr_cluster_print(out, replica, event, effects);
    long length = ftell(out);
    fclose(out);
    for (long i = 0; i < length; i++)
        digesting->digest = (digesting->digest ^ (uint8_t)line[i]) * UINT64_C(1099511628211);
}

static uint64_t whole_run(uint64_t seed)
{
    struct ehr_cluster_options options = {.replicas = 7, .signatures = true, .seed = seed};
    struct digesting digesting = {.cluster = ehr_cluster_new(&options), .digest = 14695981};
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = &digesting};
    ehr_cluster_hooks_set(digesting.cluster, &hooks);
    ehr_cluster_crash_at(digesting.cluster, 0, 60);
    for (uint32_t i = 0; i < 60; i++) {
        ehr_cluster_submit(digesting.cluster, i);
        ehr_cluster_run(digesting.cluster, ehr_cluster_now(digesting.cluster) + 10 * MS);
        digesting.digest ^= ehr_cluster_picture(digesting.cluster);
    }
    CU_ASSERT(ehr_cluster_run_executed(digesting.cluster, 60, 20000 * (uint64_t)MS));
    digesting.digest ^= ehr_cluster_picture(digesting.cluster) + 1;
    ehr_cluster_free(digesting.cluster);
    return digesting.digest;
}

static void runs_are_identical_when_the_seed_is(void)
{
    CU_ASSERT_EQUAL(whole_run(5), whole_run(5));
    CU_ASSERT_NOT_EQUAL(whole_run(5), whole_run(6));
}

static void late_replica_fetches_state_when_checkpoints_pass_it(void)
{
    struct ehr_cluster_options options = {.replicas = 4, .batch_max = 1, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_group_set(c, 3, 1);
    for (uint32_t i = 0; i < 100; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 150 * MS); /* before anybody's timer */
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 3), 0);
    CU_ASSERT(ehr_cluster_height(c, 0) > 50);
    ehr_cluster_group_set(c, 3, 0);
    for (uint32_t i = 100; i < 200; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 600 * MS);
    CU_ASSERT(ehr_cluster_fetches(c) > 0);
    CU_ASSERT(ehr_cluster_executed(c, 3, 99));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 0); /* it did not disturb the others */
    ehr_cluster_free(c);
}

static void nothing_decides_when_more_than_f_are_down(void)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_crash(c, 2);
    ehr_cluster_crash(c, 3);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run(c, 3000 * (uint64_t)MS);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 0);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 1); /* waits for a quorum of departures, no further */
    ehr_cluster_restart(c, 3);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 9000 * (uint64_t)MS));
    ehr_cluster_free(c);
}

static void back_off_doubles_when_primaries_fail_in_a_row(void)
{
    struct ehr_cluster_options options = {.replicas = 7, .request_timeout_ns = 100 * MS};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_crash(c, 0);
    ehr_cluster_crash(c, 1);
    ehr_cluster_submit(c, 0);
    /* 100 ms to leave view 0; 1 ms to hear a quorum; 100 ms for primary 1; then primary 2. */
    CU_ASSERT_FALSE(ehr_cluster_run_executed(c, 1, 201 * MS));
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 210 * MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 6), 2);
    ehr_cluster_free(c);
}

static const struct ehr_unit_case cases[] = {
    {"quorums_match_the_formula_when_n_is_1_to_12", quorums_match_the_formula_when_n_is_1_to_12},
    {"quorums_meet_in_a_correct_member_when_any_two_are_taken",
     quorums_meet_in_a_correct_member_when_any_two_are_taken},
    {"engines_are_found_when_named", engines_are_found_when_named},
    {"message_counts_are_the_published_when_nothing_fails",
     message_counts_are_the_published_when_nothing_fails},
    {"every_size_decides_when_n_is_1_to_12", every_size_decides_when_n_is_1_to_12},
    {"three_delays_decide_when_the_network_is_even", three_delays_decide_when_the_network_is_even},
    {"blocks_are_filled_when_requests_wait", blocks_are_filled_when_requests_wait},
    {"batch_timer_waits_when_a_block_is_in_flight", batch_timer_waits_when_a_block_is_in_flight},
    {"window_bounds_the_pipeline_when_nobody_answers",
     window_bounds_the_pipeline_when_nobody_answers},
    {"checkpoints_collect_garbage_when_the_chain_grows",
     checkpoints_collect_garbage_when_the_chain_grows},
    {"runs_are_identical_when_the_seed_is", runs_are_identical_when_the_seed_is},
    {"late_replica_fetches_state_when_checkpoints_pass_it",
     late_replica_fetches_state_when_checkpoints_pass_it},
    {"nothing_decides_when_more_than_f_are_down", nothing_decides_when_more_than_f_are_down},
    {"back_off_doubles_when_primaries_fail_in_a_row",
     back_off_doubles_when_primaries_fail_in_a_row},
};

EHR_UNIT_MAIN("consensus", cases)
