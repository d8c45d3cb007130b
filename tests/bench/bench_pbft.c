/* PBFT under `delay`: messages per wall second, with empty requests and no authentication.
 *     bench_pbft [blocks [n ...]]
 * Prints one line a committee size; each size runs in a process of its own. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lab/ordering.h"

static int bench(uint32_t replicas, uint64_t blocks)
{
    const struct ehr_lab_config config = {.engine = "pbft",
                                          .fidelity = EHR_FIDELITY_DELAY,
                                          .replicas = replicas,
                                          .votes = EHR_ENGINE_VOTES_BACKUPS,
                                          .batch = 1,
                                          .outstanding = 1,
                                          .requests = blocks,
                                          .one_way_ns = 10000000,
                                          .checkpoint_interval = 128};
    struct ehr_lab_result r;
    if (!ehr_lab_run_forked(&config, &r) || r.answered != blocks || r.blocks < blocks)
        return 1;
    printf(
        "n %4u  blocks %6llu  messages %10llu  wall %8.3f s  %6.2f M messages/s  peak %5.1f MiB\n",
        replicas, (unsigned long long)r.blocks, (unsigned long long)r.messages, r.wall_s,
        (double)r.messages / r.wall_s * 1e-6, (double)r.peak_rss_bytes / 1048576.0);
    return 0;
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {4, 16, 64, 128};
    uint64_t blocks = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    int failed = 0;
    if (blocks == 0) {
        fprintf(stderr, "bench_pbft: %s: blocks must be a number above 0\n", argv[1]);
        return 2;
    }
    for (int i = 2; i < argc; i++)
        failed |= bench((uint32_t)strtoul(argv[i], NULL, 10), blocks);
    for (size_t i = 0; argc <= 2 && i < sizeof sizes / sizeof sizes[0]; i++)
        failed |= bench(sizes[i], blocks);
    return failed;
}
