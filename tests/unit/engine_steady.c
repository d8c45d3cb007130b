/* In the steady state an engine asks nobody for memory: after a warm-up the callback that lends it
 * stops the process, and the calls of the allocator by the whole process (engines and the queue
 * around them) stay where they were, over 10,000 blocks. */
#include "tests/lab/engine_ring.h"
#include "tests/lab/heap.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

enum { WARM_UP = 200, BLOCKS = 10000 };

static void check(const struct ehr_ring_options *options)
{
    struct ehr_ring *ring = ehr_ring_new(options);
    ehr_ring_order(ring, WARM_UP);
    ehr_ring_forbid_memory(ring);
    uint64_t calls = ehr_heap_calls();
    ehr_ring_order(ring, BLOCKS);
    CU_ASSERT_EQUAL(ehr_heap_calls(), calls);
    CU_ASSERT_EQUAL(ehr_ring_counts(ring).blocks, WARM_UP + BLOCKS);
    ehr_ring_free(ring);
}

static void engines_allocate_nothing_when_blocks_follow_each_other(void)
{
    static const struct ehr_ring_options all[] = {
        {"pbft", 4, EHR_ENGINE_VOTES_BACKUPS, true, false},
        {"pbft", 4, EHR_ENGINE_VOTES_ALL, true, false},
        {"pbft", 7, EHR_ENGINE_VOTES_BACKUPS, false, false},
        {"hotstuff", 4, EHR_ENGINE_VOTES_BACKUPS, true, false},
        {"hotstuff", 7, EHR_ENGINE_VOTES_BACKUPS, false, true},
        {"raft", 5, EHR_ENGINE_VOTES_BACKUPS, false, false},
        {"solo", 4, EHR_ENGINE_VOTES_BACKUPS, false, false},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        check(&all[i]);
}

/* The counter counts; where it does (not under the sanitizers). */
static void call_is_counted_when_something_is_allocated(void)
{
    uint64_t calls = ehr_heap_calls();
    void *volatile block = malloc(16);
    block = realloc(block, 4096);
    free(block);
    CU_ASSERT_EQUAL(ehr_heap_calls() - calls, ehr_heap_counted() ? 2 : 0);
}

static const struct ehr_unit_case cases[] = {
    {"engines_allocate_nothing_when_blocks_follow_each_other",
     engines_allocate_nothing_when_blocks_follow_each_other},
    {"call_is_counted_when_something_is_allocated", call_is_counted_when_something_is_allocated},
};

EHR_UNIT_MAIN("engines in the steady state", cases)
