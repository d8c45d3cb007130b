/* Nanoseconds per message of an engine: `wants` and `step`, with a plain queue between the
 * replicas (tests/lab/engine_ring.h). No message is copied but its 100-byte header and its body.
 *
 *   bench_engine [BLOCKS [N ...]]
 *
 * BLOCKS: as many at n = 4; pbft orders fewer at larger n, where each takes 2n(n-1) messages. Half
 * of them warm up. Time is processor time. */
#include "tests/lab/engine_ring.h"
#include "tests/lab/heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void run(const struct ehr_ring_options *options, uint64_t blocks)
{
    uint64_t n = options->replicas;
    uint64_t fewer = strcmp(options->engine, "pbft") == 0 ? blocks * 16 / (n * n) : blocks;
    uint64_t half = fewer / 2 + 33; /* more than a window */
    struct ehr_ring *ring = ehr_ring_new(options);
    ehr_ring_order(ring, half);
    struct ehr_ring_counts before = ehr_ring_counts(ring);
    uint64_t calls = ehr_heap_calls();
    double start = seconds();
    ehr_ring_order(ring, half);
    double ns = (seconds() - start) * 1e9;
    struct ehr_ring_counts after = ehr_ring_counts(ring);
    double messages = (double)(after.messages - before.messages);
    printf("%-10s n %4u %-7s %-8s blocks %6llu %8.1f ns a message, %8.1f ns a step, %5.1f%% "
           "dropped, %8zu B a replica, lent %llu, heap calls %llu\n",
           options->two_chain ? "hotstuff-2" : options->engine, options->replicas,
           options->votes == EHR_ENGINE_VOTES_ALL ? "all" : "backups",
           options->signatures ? "signed" : "unsigned", (unsigned long long)after.blocks,
           ns / messages, ns / (double)(after.steps - before.steps),
           100.0 * (1.0 - (double)(after.wanted - before.wanted) / messages), after.bytes,
           (unsigned long long)(after.lent - before.lent),
           (unsigned long long)(ehr_heap_calls() - calls));
    fflush(stdout);
    ehr_ring_free(ring);
}

static void run_all(uint16_t replicas, uint64_t blocks)
{
    const struct ehr_ring_options all[] = {
        {"pbft", replicas, EHR_ENGINE_VOTES_BACKUPS, false, false},
        {"pbft", replicas, EHR_ENGINE_VOTES_BACKUPS, true, false},
        {"pbft", replicas, EHR_ENGINE_VOTES_ALL, true, false},
        {"hotstuff", replicas, EHR_ENGINE_VOTES_BACKUPS, false, false},
        {"hotstuff", replicas, EHR_ENGINE_VOTES_BACKUPS, true, false},
        {"hotstuff", replicas, EHR_ENGINE_VOTES_BACKUPS, false, true},
        {"raft", replicas, EHR_ENGINE_VOTES_BACKUPS, false, false},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        run(&all[i], blocks);
}

int main(int argc, char **argv)
{
    static const uint16_t sizes[] = {4, 16, 64, 256, 512};
    uint64_t blocks = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
    for (int i = 2; i < argc; i++)
        run_all((uint16_t)strtoul(argv[i], NULL, 10), blocks);
    for (size_t i = 0; argc <= 2 && i < sizeof(sizes) / sizeof(sizes[0]); i++)
        run_all(sizes[i], blocks);
    return 0;
}
