/* The whole stack (kernel in fidelity `delay`, chain nodes, engine) ordering empty requests, one a
 * block, without authentication: what a message costs.
 *     bench_ordering [ENGINE [BLOCKS [N ...]]]      ENGINE: pbft hotstuff hotstuff-2 raft
 * Prints one line a committee size; each size runs in a process of its own. Messages a second (of
 * processor time) and calls of the allocator are those of the second half of the blocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/heap.h"
#include "tests/lab/ordering.h"
#include "sim/consensus/registry.h"

enum { OUTSTANDING = 4 }; /* as many as hotstuff commits in a row */

static int bench(const char *engine, uint32_t replicas, uint64_t blocks)
{
    bool two_chain = strcmp(engine, "hotstuff-2") == 0;
    const struct ehr_lab_config config = {.engine = two_chain ? "hotstuff" : engine,
                                          .two_chain = two_chain,
                                          .fixed_leader = true, /* one request, one receiver */
                                          .fidelity = EHR_FIDELITY_DELAY,
                                          .replicas = replicas,
                                          .votes = EHR_ENGINE_VOTES_BACKUPS,
                                          .batch = 1,
                                          .outstanding = OUTSTANDING,
                                          .requests = blocks,
                                          .one_way_ns = 10000000,
                                          .checkpoint_interval = 128,
                                          .linger_ns = 50000000};
    struct ehr_lab_result r;
    if (!ehr_lab_run_forked(&config, &r) || r.answered != blocks || r.blocks < blocks) {
        fprintf(stderr, "bench_ordering: %s n %u: %llu of %llu blocks\n", engine, replicas,
                (unsigned long long)r.answered, (unsigned long long)blocks);
        return 1;
    }
    double messages = (double)r.late_messages;
    printf("%-10s n %4u  blocks %6llu  messages %11llu  wall %8.3f s  %6.2f M messages/s  %6.1f ns "
           "a message  peak %7.1f MiB",
           engine, replicas, (unsigned long long)r.blocks, (unsigned long long)r.messages, r.wall_s,
           messages / r.late_cpu_s * 1e-6, r.late_cpu_s * 1e9 / messages,
           (double)r.peak_rss_bytes / 1048576.0);
    if (ehr_heap_counted())
        printf("  heap calls %8.4f a message, %6.1f a block and replica",
               (double)r.late_heap_calls / messages,
               2.0 * (double)r.late_heap_calls / (double)blocks / replicas);
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {4, 16, 64, 256};
    const char *engine = argc > 1 ? argv[1] : "pbft";
    uint64_t blocks = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
    int failed = 0;
    if (blocks < 2 || (strcmp(engine, "hotstuff-2") != 0 && ehr_engine_find(engine) == NULL)) {
        fprintf(stderr,
                "usage: bench_ordering [pbft|hotstuff|hotstuff-2|raft [BLOCKS>1 [N ...]]]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        failed |= bench(engine, (uint32_t)strtoul(argv[i], NULL, 10), blocks);
    for (size_t i = 0; argc <= 3 && i < sizeof sizes / sizeof sizes[0]; i++)
        failed |= bench(engine, sizes[i], blocks);
    return failed;
}
