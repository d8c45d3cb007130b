/* Whole worlds, each in a process of its own (SimGrid is one per process): what the checkers say of
 * adversaries, and that a world is the same every time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/memo.h"
#include "crypto/modelled.h"
#include "sim/app/setup.h"
#include "sim/app/world.h"
#include "tests/unit/unit.h"

enum { TEXT_BYTES = 512 };

/* What a child reports: how the run ended and what there was to count. */
struct outcome {
    bool well;
    char reason[TEXT_BYTES], left_behind[TEXT_BYTES];
    uint32_t behind;
    uint64_t end_ns;
    struct ehr_flow_summary visit, retrieve, share;
};

static const char *sets[] = {
    "run/@duration=20s",
    "workload/visits/@count=12",
    "workload/retrievals/@count=6",
    "workload/shares/@count=4",
    "workload/shares/@consent=1",
    "workload/revocations/@count=0",
    "network/@fidelity=delay",
    "run/@liveness-window=20s",
    "run/@drain=5min",
    "alliance/@checkpoint-interval=128",
};

/* Prepares adversaries before the run. */
typedef void prepare(struct ehr_world *world);

static void child_run(int fd, prepare *prepare_world, uint64_t seed)
{
    struct ehr_setup setup;
    struct outcome outcome = {0};
    const struct ehr_setup_request request = {.path = EHR_SOURCE_DIR "/scenarios/quickstart.xml",
                                              .sets = sets,
                                              .set_count = sizeof sets / sizeof sets[0],
                                              .quiet = true};
    if (ehr_setup_open(&setup, &request) != EHR_EXIT_DONE)
        exit(2);
    const struct ehr_world_options options = {.seed = seed, .costs = &setup.costs};
    struct ehr_world *world = ehr_world_new(setup.scenario, &options);
    if (prepare_world != NULL)
        prepare_world(world);
    outcome.well = ehr_world_run(world);
    snprintf(outcome.reason, sizeof outcome.reason, "%s", ehr_world_reason(world));
    outcome.behind = ehr_world_behind(world, outcome.left_behind, sizeof outcome.left_behind);
    outcome.end_ns = ehr_world_end_ns(world);
    struct ehr_measure *measure = ehr_world_measure(world);
    ehr_request_finish_all(ehr_measure_requests(measure), outcome.end_ns);
    outcome.visit = ehr_measure_flow(measure, EHR_FLOW_VISIT);
    outcome.retrieve = ehr_measure_flow(measure, EHR_FLOW_RETRIEVE);
    outcome.share = ehr_measure_flow(measure, EHR_FLOW_SHARE);
    ehr_world_free(world);
    ehr_setup_close(&setup);
    exit(write(fd, &outcome, sizeof outcome) == sizeof outcome ? 0 : 3);
}

/* Whether the process has the group of a world as long as that lives, and no memory of its own. */
static bool group_is_of_the_world(struct ehr_setup *setup, enum ehr_scenario_crypto_mode mode,
                                  const struct ehr_group_provider *expected)
{
    const struct ehr_world_options options = {.seed = 42, .costs = &setup->costs};
    setup->scenario->crypto.mode = mode;
    struct ehr_world *world = ehr_world_new(setup->scenario, &options);
    bool good = ehr_group_provider_get() == expected;
    ehr_world_free(world);
    for (int kind = 1; kind < EHR_MEMO_KIND_COUNT; kind++) {
        struct ehr_memo_counters counters = ehr_memo_counters_get((enum ehr_memo_kind)kind);
        good = good && counters.hits == 0 && counters.misses == 0;
    }
    return good && ehr_group_provider_get() == &ehr_group_sodium;
}

static void child_choose(void)
{
    struct ehr_setup setup;
    const struct ehr_setup_request request = {.path = EHR_SOURCE_DIR "/scenarios/quickstart.xml",
                                              .quiet = true};
    if (ehr_setup_open(&setup, &request) != EHR_EXIT_DONE)
        exit(2);
    bool good =
        group_is_of_the_world(&setup, EHR_SCENARIO_CRYPTO_MODELLED, &ehr_group_modelled_unsafe) &&
        group_is_of_the_world(&setup, EHR_SCENARIO_CRYPTO_REAL, &ehr_group_sodium);
    ehr_setup_close(&setup);
    exit(good ? 0 : 1);
}

static struct outcome world_run(prepare *prepare_world, uint64_t seed)
{
    struct outcome outcome = {0};
    int ends[2], status = -1;
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        child_run(ends[1], prepare_world, seed);
    close(ends[1]);
    ssize_t got = read(ends[0], &outcome, sizeof outcome);
    close(ends[0]);
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL_FATAL(status, 0);
    CU_ASSERT_EQUAL_FATAL(got, (ssize_t)sizeof outcome);
    return outcome;
}

/* ---- adversaries ---- */

/* A doctor that stores the record as it is. */
static struct ehr_message *store_openly(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    static const char text[] = "{\"resourceType\":\"Bundle\"}";
    (void)context, (void)now_ns, (void)to;
    if (message->type != EHR_MSG_STORE)
        return message;
    struct ehr_msg_store *open = EHR_NEW(store, STORE);
    open->request = EHR_AS(store, message)->request;
    open->record = ehr_blob_new(text, sizeof text - 1);
    ehr_message_unref(message);
    return ehr_message_seal(&open->head);
}

static void doctor_leaks(struct ehr_world *world)
{
    struct ehr_node *doctor = ehr_world_node(world, "minsk-doctor-0");
    ehr_kernel_rewrite_set(ehr_world_kernel(world), doctor->id, store_openly, NULL);
}

/* A node that says nothing to its peers. */
static struct ehr_message *silence(void *context, uint64_t now_ns, uint32_t to,
                                   struct ehr_message *message)
{
    (void)context, (void)now_ns, (void)to;
    ehr_message_unref(message);
    return NULL;
}

static void alliance_halts(struct ehr_world *world)
{
    struct ehr_kernel *kernel = ehr_world_kernel(world);
    ehr_kernel_rewrite_set(kernel, ehr_world_node(world, "alliance-node-1")->id, silence, NULL);
    ehr_kernel_rewrite_set(kernel, ehr_world_node(world, "alliance-node-2")->id, silence, NULL);
}

static void one_is_silent(struct ehr_world *world)
{
    struct ehr_kernel *kernel = ehr_world_kernel(world);
    ehr_kernel_rewrite_set(kernel, ehr_world_node(world, "alliance-node-1")->id, silence, NULL);
}

/* What the peers of the last alliance node order does not reach it, but for their checkpoints, and
 * where it may synchronise their blocks. */
static bool may_synchronise;

static struct ehr_message *leave_out(void *context, uint64_t now_ns, uint32_t to,
                                     struct ehr_message *message)
{
    const struct ehr_node *last = context;
    bool ordering = message->type == EHR_MSG_CONSENSUS &&
                    EHR_AS(consensus, message)->phase != EHR_ENGINE_CHECKPOINT;
    (void)now_ns;
    if (to != last->id || (!ordering && (message->type != EHR_MSG_SYNC_BLOCKS || may_synchronise)))
        return message;
    ehr_message_unref(message);
    return NULL;
}

/* The first request of a sender is lost: it repeats it to all. */
static struct ehr_message *lose_first(void *context, uint64_t now_ns, uint32_t to,
                                      struct ehr_message *message)
{
    bool *lost = context;
    (void)now_ns, (void)to;
    if (*lost || message->type != EHR_MSG_SUBMIT)
        return message;
    *lost = true;
    ehr_message_unref(message);
    return NULL;
}

static void one_falls_behind(struct ehr_world *world)
{
    static bool lost;
    struct ehr_kernel *kernel = ehr_world_kernel(world);
    struct ehr_node *last = ehr_world_node(world, "alliance-node-3");
    const char *peers[] = {"alliance-node-0", "alliance-node-1", "alliance-node-2"};
    lost = false;
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++)
        ehr_kernel_rewrite_set(kernel, ehr_world_node(world, peers[i])->id, leave_out, last);
    ehr_kernel_rewrite_set(kernel, ehr_world_node(world, "minsk-server")->id, lose_first, &lost);
}

/* ---- cases ---- */

static void every_flow_ends_well_when_all_are_honest(void)
{
    struct outcome outcome = world_run(NULL, 42);
    CU_ASSERT_TRUE(outcome.well);
    CU_ASSERT_STRING_EQUAL(outcome.reason, "");
    CU_ASSERT_EQUAL(outcome.behind, 0);
    CU_ASSERT_EQUAL(outcome.visit.ok, 12);
    CU_ASSERT_EQUAL(outcome.retrieve.ok, 6);
    CU_ASSERT_EQUAL(outcome.retrieve.records_identical, 6);
    CU_ASSERT_EQUAL(outcome.share.ok, 4);
    CU_ASSERT_EQUAL(outcome.share.records_identical, 4);
}

static void a_run_is_the_same_when_the_seed_is(void)
{
    struct outcome first = world_run(NULL, 42), again = world_run(NULL, 42),
                   other = world_run(NULL, 43);
    CU_ASSERT_EQUAL(first.end_ns, again.end_ns);
    CU_ASSERT_EQUAL(first.visit.latency.max_ns, again.visit.latency.max_ns);
    CU_ASSERT_NOT_EQUAL(first.end_ns, other.end_ns);
}

static void a_run_ends_wrongly_when_plaintext_travels(void)
{
    struct outcome outcome = world_run(doctor_leaks, 42);
    CU_ASSERT_FALSE(outcome.well);
    CU_ASSERT_PTR_NOT_NULL(strstr(outcome.reason, "plaintext"));
    CU_ASSERT_PTR_NOT_NULL(strstr(outcome.reason, "store"));
}

static void a_run_ends_wrongly_when_a_chain_cannot_go_on(void)
{
    struct outcome outcome = world_run(alliance_halts, 42);
    CU_ASSERT_FALSE(outcome.well);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(outcome.reason, "chain alliance (pbft) has committed nothing for"));
    CU_ASSERT_PTR_NOT_NULL(strstr(outcome.reason, "requests are open, the oldest is"));
    CU_ASSERT(outcome.visit.unfinished + outcome.visit.timeout > 0);
}

static void every_visit_ends_well_when_one_node_is_silent(void)
{
    struct outcome outcome = world_run(one_is_silent, 42);
    CU_ASSERT_TRUE(outcome.well);
    CU_ASSERT_STRING_EQUAL(outcome.reason, "");
    CU_ASSERT_EQUAL(outcome.visit.ok, 12);
    CU_ASSERT_EQUAL(outcome.retrieve.ok, 6);
    CU_ASSERT_EQUAL(outcome.share.ok, 4);
}

/* The last node waits for good for what the others have long executed. */
static void a_run_goes_on_when_only_a_node_left_behind_waits(void)
{
    const char *before[] = {sets[7], sets[9]};
    sets[7] = "run/@liveness-window=2s";
    sets[9] = "alliance/@checkpoint-interval=1";
    may_synchronise = false;
    struct outcome outcome = world_run(one_falls_behind, 42);
    CU_ASSERT_TRUE(outcome.well);
    CU_ASSERT_STRING_EQUAL(outcome.reason, "");
    CU_ASSERT_EQUAL(outcome.visit.ok, 12);
    CU_ASSERT_EQUAL(outcome.behind, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(outcome.left_behind, "alliance-node-3 at height 0 lacks"));
    sets[7] = before[0];
    sets[9] = before[1];
}

/* The same node, when it may ask for blocks, though it still hears nothing but checkpoints. */
static void a_node_keeps_up_when_it_hears_nothing_but_checkpoints(void)
{
    const char *before = sets[9];
    sets[9] = "alliance/@checkpoint-interval=1";
    may_synchronise = true;
    struct outcome outcome = world_run(one_falls_behind, 42);
    CU_ASSERT_TRUE(outcome.well);
    CU_ASSERT_EQUAL(outcome.visit.ok, 12);
    CU_ASSERT_EQUAL(outcome.behind, 0);
    CU_ASSERT_STRING_EQUAL(outcome.left_behind, "");
    sets[9] = before;
}

/* Visits arrive long after the duration and nothing is given time to drain: the run ends with the
 * last request, and what happened later is not measured. */
static void a_run_without_drain_ends_with_its_last_request(void)
{
    const char *before[] = {sets[0], sets[8]};
    sets[0] = "run/@duration=2s";
    sets[8] = "run/@drain=0s";
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct outcome outcome = world_run(NULL, seed);
        CU_ASSERT_TRUE(outcome.well);
        CU_ASSERT(outcome.end_ns > 2000000000 && outcome.visit.unfinished > 0);
    }
    sets[0] = before[0];
    sets[8] = before[1];
}

static void the_group_is_the_real_one_again_when_a_world_is_gone(void)
{
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        child_choose();
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

static const struct ehr_unit_case cases[] = {
    {"every_flow_ends_well_when_all_are_honest", every_flow_ends_well_when_all_are_honest},
    {"a_run_is_the_same_when_the_seed_is", a_run_is_the_same_when_the_seed_is},
    {"a_run_ends_wrongly_when_plaintext_travels", a_run_ends_wrongly_when_plaintext_travels},
    {"a_run_ends_wrongly_when_a_chain_cannot_go_on", a_run_ends_wrongly_when_a_chain_cannot_go_on},
    {"every_visit_ends_well_when_one_node_is_silent",
     every_visit_ends_well_when_one_node_is_silent},
    {"a_run_goes_on_when_only_a_node_left_behind_waits",
     a_run_goes_on_when_only_a_node_left_behind_waits},
    {"a_node_keeps_up_when_it_hears_nothing_but_checkpoints",
     a_node_keeps_up_when_it_hears_nothing_but_checkpoints},
    {"a_run_without_drain_ends_with_its_last_request",
     a_run_without_drain_ends_with_its_last_request},
    {"the_group_is_the_real_one_again_when_a_world_is_gone",
     the_group_is_the_real_one_again_when_a_world_is_gone},
};

EHR_UNIT_MAIN("world", cases)
