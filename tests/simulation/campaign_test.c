/* The bench itself: each invariant notices a breach made by hand, in the effects of a real engine;
 * a run depends on its seed alone; and a failing one is shrunk to what is needed. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/campaign/shrink.h"
#include "tests/simulation/campaign_breaches.h"
#include "sim/consensus/registry.h"

#include <CUnit/Basic.h>
#include <stdlib.h>

enum { NO_FAULTS = (1U << EHR_FAULTS) - 1 };

/* A real engine and what is done to the effects of each of its steps. */
static const struct ehr_engine_type *real;
static struct ehr_engine_type broken;
static ehr_breach_function *breach;
static struct ehr_world *world;

static void step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                 const struct ehr_event *event, struct ehr_effects *effects)
{
    real->step(e, auth, event, effects);
    if (breach != NULL)
        breach(e, event, effects);
}

static struct ehr_engine *init(void *storage, const struct ehr_engine_config *config,
                               const struct ehr_engine_memory *memory)
{
    ehr_breach_memory = *memory;
    return real->init(storage, config, memory);
}

static void take_engine(const char *name)
{
    real = ehr_engine_find(name);
    broken = *real;
    broken.step = step;
    broken.init = init;
}

/* How a run without faults ends with the breach; "" if nothing is noticed. */
static const char *noticed(const char *engine, ehr_breach_function *with)
{
    static struct ehr_verdict verdict;
    struct ehr_case one = {.type = &broken, .seed = 4, .less = {.without = NO_FAULTS}};
    struct ehr_setup setup;
    struct ehr_tally tally = {0};
    take_engine(engine);
    breach = with;
    ehr_setup_draw(&setup, &broken, one.seed, &one.less);
    setup.config.signatures = true;
    setup.config.votes = EHR_ENGINE_VOTES_BACKUPS;
    setup.config.checkpoint_interval = 2;
    setup.config.window = 4;
    setup.config.two_chain = false;
    setup.workload = EHR_WORKLOAD_TRICKLE;
    verdict = ehr_world_run(world, &setup, NULL, NULL, &tally);
    return verdict.kind;
}

/* ---- cases ---- */

static void nothing_is_noticed_when_nothing_is_broken(void)
{
    for (const char *const *name = ehr_engine_names(); *name != NULL; name++)
        CU_ASSERT_STRING_EQUAL(noticed(*name, NULL), "");
}

static void each_breach_is_noticed_when_made(void)
{
    for (size_t i = 0; i < ehr_breaches_count; i++) {
        const char *kind = noticed(ehr_breaches[i].engine, ehr_breaches[i].breach);
        if (strcmp(kind, ehr_breaches[i].kind) != 0)
            printf("\n  %s, breach %zu: expected \"%s\", noticed \"%s\"", ehr_breaches[i].engine, i,
                   ehr_breaches[i].kind, kind);
        CU_ASSERT_STRING_EQUAL(kind, ehr_breaches[i].kind);
    }
}

static void assertion_is_a_verdict_when_an_engine_fails_it(void)
{
    CU_ASSERT_EQUAL(strncmp(noticed("pbft", ehr_breach_assertion), "assertion: ", 11), 0);
    CU_ASSERT_STRING_EQUAL(noticed("pbft", NULL), ""); /* the world goes on */
}

static void run_is_the_same_when_repeated(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct ehr_case one = {.type = ehr_engine_find("raft"), .seed = seed};
        struct ehr_tally first = {0}, other = {0}, again = {0};
        struct ehr_case between = {.type = ehr_engine_find("pbft"), .seed = seed + 100};
        ehr_case_run(world, &one, NULL, &first);
        ehr_case_run(world, &between, NULL, &other);
        ehr_case_run(world, &one, NULL, &again);
        CU_ASSERT_EQUAL(memcmp(&first, &again, sizeof(first)), 0);
    }
}

static void tape_is_zero_when_cut(void)
{
    struct ehr_tape_cuts cuts = {
        .limited = true, .limit = 9, .count = 2, .zeros = {{1, 3}, {5, 6}}};
    struct ehr_tape whole, cut;
    ehr_tape_open(&whole, 7, NULL);
    ehr_tape_open(&cut, 7, &cuts);
    for (uint64_t i = 0; i < 12; i++) {
        uint64_t value = ehr_tape_next(&whole), left = ehr_tape_next(&cut);
        bool gone = i == 1 || i == 2 || i == 5 || i >= 9;
        CU_ASSERT_EQUAL(left, gone ? 0 : value);
    }
}

/* Forgets everything in a crash but what it has executed. */
static void amnesia(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                    const struct ehr_event *event, struct ehr_effects *effects)
{
    struct ehr_event changed = *event;
    if (event->type == EHR_EVENT_START && event->as.start.height == 0) {
        changed.as.start.records = NULL;
        changed.as.start.record_count = 0;
    }
    real->step(e, auth, &changed, effects);
}

static void schedule_shrinks_to_what_is_needed_when_it_fails(void)
{
    take_engine("raft");
    breach = NULL;
    broken.step = amnesia;
    struct ehr_case one = {.type = &broken, .seed = 1};
    struct ehr_tally tally = {0};
    struct ehr_verdict verdict = {0};
    for (; one.seed < 3000; one.seed++) { /* one that has much it does not need */
        verdict = ehr_case_run(world, &one, NULL, &tally);
        struct ehr_setup setup;
        ehr_setup_draw(&setup, &broken, one.seed, &one.less);
        if (verdict.broken && setup.config.replicas >= 4 && ehr_host_members(setup.kinds) >= 6)
            break;
    }
    CU_ASSERT_FATAL(verdict.broken);
    struct ehr_verdict small = ehr_case_shrink(world, &one, &verdict, 400);
    CU_ASSERT_STRING_EQUAL(small.kind, verdict.kind);
    struct ehr_setup setup;
    ehr_setup_draw(&setup, &broken, one.seed, &one.less);
    uint32_t needed = 1U << EHR_FAULT_CRASH | 1U << EHR_FAULT_POWER;
    CU_ASSERT_NOT_EQUAL(setup.kinds & needed, 0);
    CU_ASSERT(ehr_host_members(setup.kinds) <= 4);
    CU_ASSERT(one.cuts.limited);
    CU_ASSERT(one.cuts.limit < verdict.position);
    struct ehr_verdict again = ehr_case_run(world, &one, NULL, &tally);
    CU_ASSERT_STRING_EQUAL(again.kind, small.kind);
    CU_ASSERT_STRING_EQUAL(again.detail, small.detail);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("campaign", NULL, NULL);
    CU_ADD_TEST(suite, nothing_is_noticed_when_nothing_is_broken);
    CU_ADD_TEST(suite, each_breach_is_noticed_when_made);
    CU_ADD_TEST(suite, assertion_is_a_verdict_when_an_engine_fails_it);
    CU_ADD_TEST(suite, run_is_the_same_when_repeated);
    CU_ADD_TEST(suite, tape_is_zero_when_cut);
    CU_ADD_TEST(suite, schedule_shrinks_to_what_is_needed_when_it_fails);
    world = ehr_world_new();
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    ehr_world_free(world);
    CU_cleanup_registry();
    return failed != 0;
}
