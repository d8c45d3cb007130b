/* The primary crashes at its k-th effect, for every k of a run, and stays away or comes back; every
 * correct replica has to execute everything. Then the same for a backup, and for the new primary in
 * the middle of the view change.
 *
 *   test_engine_crash_points [engine [fixed]]   HotStuff's leader rotates, or stays */
#include "tests/simulation/engine_cluster.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MS = 1000000, REQUESTS = 12 };

struct setting {
    const char *engine;
    bool fixed_leader;
    uint16_t replicas;
    enum ehr_engine_votes votes;
    bool signatures;
    uint64_t seed;
    uint16_t victim;
    uint16_t second; /* crashed from the start: UINT16_MAX for none */
    bool returns;
};

/* Returns the effects the victim performed, or 0 if something was not executed. */
static uint64_t crash_at(const struct setting *s, uint64_t effect)
{
    struct ehr_cluster_options options = {.engine = s->engine,
                                          .replicas = s->replicas,
                                          .votes = s->votes,
                                          .two_chain = s->votes == EHR_ENGINE_VOTES_ALL,
                                          .fixed_leader = s->fixed_leader,
                                          .signatures = s->signatures,
                                          .seed = s->seed,
                                          .batch_max = 2,
                                          .checkpoint_interval = 2,
                                          .window = 4};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    if (s->second != UINT16_MAX)
        ehr_cluster_crash(c, s->second);
    ehr_cluster_crash_at(c, s->victim, effect);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        ehr_cluster_submit(c, i);
        ehr_cluster_run(c, ehr_cluster_now(c) + 2 * MS);
    }
    ehr_cluster_run(c, ehr_cluster_now(c) + 300 * MS);
    if (s->returns && !ehr_cluster_up(c, s->victim)) {
        ehr_cluster_restart(c, s->victim);
        uint32_t more = REQUESTS;
        for (; more < REQUESTS + 12; more++) { /* checkpoints it can catch up by */
            ehr_cluster_run(c, ehr_cluster_now(c) + 400 * MS);
            ehr_cluster_submit(c, more);
        }
    }
    bool good = ehr_cluster_run_executed(c, REQUESTS, ehr_cluster_now(c) + 60000 * (uint64_t)MS);
    uint64_t performed = ehr_cluster_effects(c, s->victim);
    if (!good)
        printf("n %u votes %d seed %" PRIu64 " victim %u effect %" PRIu64 " returns %d: stuck\n",
               s->replicas, (int)s->votes, s->seed, s->victim, effect, s->returns);
    ehr_cluster_free(c);
    return good ? performed : 0;
}

static uint32_t every_point(const struct setting *s, uint64_t *points)
{
    uint64_t effects = crash_at(s, 0);
    uint32_t failed = effects == 0;
    for (uint64_t k = 1; k <= effects; k++, (*points)++)
        failed += crash_at(s, k) == 0;
    return failed;
}

int main(int argc, char **argv)
{
    uint32_t failed = 0;
    uint64_t points = 0;
    for (uint16_t n = 4; n <= 7; n += 3) {
        for (uint32_t variant = 0; variant < 8; variant++) {
            struct setting s = {
                .engine = argc > 1 ? argv[1] : "pbft",
                .fixed_leader = argc > 2,
                .replicas = n,
                .votes = variant & 1 ? EHR_ENGINE_VOTES_ALL : EHR_ENGINE_VOTES_BACKUPS,
                .returns = (variant & 2) != 0,
                .signatures = true,
                .seed = variant & 4 ? 11 : 0,
                .second = UINT16_MAX,
            };
            failed += every_point(&s, &points); /* the primary */
            s.victim = 2;
            failed += every_point(&s, &points); /* a backup */
            if (n == 7) {                       /* the next primary, in the view change */
                s.second = 0;
                s.victim = 1;
                failed += every_point(&s, &points);
            }
        }
    }
    printf("%" PRIu64 " crash points, %u stuck\n", points, failed);
    return failed != 0;
}
