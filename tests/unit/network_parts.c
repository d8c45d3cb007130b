/* Parts of the kernel against plain versions of themselves: the heap, the cores of a host. */
#include "tests/unit/unit.h"

#include "sim/network/state.h"

static uint64_t draw(uint64_t below)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % below;
}

static void gives_the_least_when_popped(void)
{
    static struct ehr_heap_entry plain[600];
    struct ehr_heap heap;
    size_t count = 0;
    ehr_heap_init(&heap);
    for (uint32_t i = 0; i < 20000; i++) {
        struct ehr_heap_entry entry = {draw(50), i, i};
        size_t least = 0;
        for (size_t k = 1; k < count; k++)
            if (plain[k].ns < plain[least].ns ||
                (plain[k].ns == plain[least].ns && plain[k].sequence < plain[least].sequence))
                least = k;
        uint64_t what = count == 0 ? 0 : count == 600 ? 1 : draw(5);
        if (count > 0 && heap.entries[0].slot != plain[least].slot)
            CU_FAIL_FATAL("the first entry is not the least");
        if (what == 1 || what == 2) {
            CU_ASSERT_EQUAL_FATAL(ehr_heap_pop(&heap).slot, plain[least].slot);
            plain[least] = plain[--count];
        } else if (what == 3) {
            ehr_heap_replace(&heap, entry);
            plain[least] = entry;
        } else {
            ehr_heap_push(&heap, entry);
            plain[count++] = entry;
        }
        CU_ASSERT_EQUAL_FATAL(heap.count, count);
    }
    ehr_heap_close(&heap);
}

/* Job by job: each takes the core that is free first. */
static uint64_t plain_compute(uint64_t *free_ns, uint32_t cores, uint64_t now, uint64_t jobs,
                              uint64_t each)
{
    uint64_t end = now;
    for (uint64_t j = 0; j < jobs; j++) {
        uint32_t least = 0;
        for (uint32_t c = 1; c < cores; c++)
            if (free_ns[c] < free_ns[least])
                least = c;
        uint64_t start = free_ns[least] > now ? free_ns[least] : now;
        free_ns[least] = start + each;
        end = start + each > end ? start + each : end;
    }
    return end;
}

static void ends_as_job_by_job_when_reserved(void)
{
    uint64_t a[7] = {0}, b[7] = {0}, now = 0;
    struct ehr_host host = {.cores = 7, .ns_factor = 1, .core_free_ns = a};
    for (int i = 0; i < 5000; i++) {
        uint64_t jobs = 1 + draw(40), each = 1 + draw(1000);
        now += draw(3) == 0 ? draw(9000) : draw(100);
        uint64_t end = ehr_host_compute(&host, now, jobs, each);
        CU_ASSERT_EQUAL_FATAL(end, plain_compute(b, 7, now, jobs, each));
    }
}

static const struct ehr_unit_case cases[] = {
    {"gives_the_least_when_popped", gives_the_least_when_popped},
    {"ends_as_job_by_job_when_reserved", ends_as_job_by_job_when_reserved},
};
EHR_UNIT_MAIN("network parts", cases)
