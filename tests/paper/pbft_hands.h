/* What the files of cases of the PBFT paper share: replica 1 of 4, f = 1, whose peers are the
 * test's hands. */
#ifndef EHR_TESTS_PAPER_PBFT_HANDS_H
#define EHR_TESTS_PAPER_PBFT_HANDS_H

#include "tests/simulation/engine_puppet.h"
#include "tests/unit/unit.h"

#include <string.h>

#define MS ((uint64_t)EHR_PUPPET_MS)

static const struct ehr_digest none;

/* The engine's peers are this file's hands. */
#define PUPPET(name, replica)                                                                      \
    struct ehr_puppet name;                                                                        \
    do {                                                                                           \
        struct ehr_cluster_options options_ = {.replicas = 4, .signatures = true};                 \
        ehr_puppet_open(&name, &options_, replica);                                                \
    } while (0)

static inline struct ehr_digest block(struct ehr_puppet *p, const struct ehr_digest *parent,
                                      uint32_t id)
{
    return ehr_cluster_block(p->cluster, parent, &id, 1);
}

static inline void prepare_block(struct ehr_puppet *p, uint64_t height, const struct ehr_digest *b)
{
    ehr_puppet_send(p, 0, EHR_ENGINE_PRE_PREPARE, 0, height, b);
    ehr_puppet_send(p, 2, EHR_ENGINE_PREPARE, 0, height, b);
}

static inline void commit_block(struct ehr_puppet *p, uint64_t height, const struct ehr_digest *b)
{
    prepare_block(p, height, b);
    ehr_puppet_send(p, 0, EHR_ENGINE_COMMIT, 0, height, b);
    ehr_puppet_send(p, 2, EHR_ENGINE_COMMIT, 0, height, b);
}

static inline void pass(struct ehr_puppet *p, uint64_t ms)
{
    ehr_cluster_run(p->cluster, ehr_cluster_now(p->cluster) + ms * MS);
}

/* Blocks of requests first .. last at these heights, on `below`; returns the last. */
static inline struct ehr_digest commit_blocks(struct ehr_puppet *p, struct ehr_digest below,
                                              uint64_t first, uint64_t last)
{
    for (uint64_t h = first; h <= last; h++) {
        below = block(p, &below, (uint32_t)h);
        commit_block(p, h, &below);
    }
    return below;
}

#endif /* EHR_TESTS_PAPER_PBFT_HANDS_H */
