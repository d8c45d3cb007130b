/* One run of a cluster of real engines under faults, without SimGrid: what happens is a function of
 * the setup and of the tape. Around each engine stands a node reduced to what the engine can notice
 * (sim/consensus/engine.h): bodies as digests with parents, a pool of numbered requests, execution
 * as a chain of digests, records and bodies that survive a crash only if they were persisted.
 *
 * First the faults, then a phase without in which a quorum has to execute everything submitted.
 * Invariants are checked outside the engines, at every step and effect (check.h). The first that is
 * broken ends the run. A world is reused from run to run; what a run did does not show in the next.
 */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_WORLD_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_WORLD_H

#include "tests/simulation/campaign/setup.h"

enum { EHR_VERDICT_KIND_MAX = 96, EHR_VERDICT_DETAIL_MAX = 512 };

/* What a run went through: a bench whose faults do nothing would be green, too. */
struct ehr_tally {
    uint64_t seeds, failed;
    uint64_t steps;    /* events that engines handled */
    uint64_t messages; /* delivered to a node, and of these ... */
    uint64_t unwanted; /* ... dropped by the engine unread */
    uint64_t requests, heights, views, transfers;
    uint64_t repeated; /* requests in a second block */
    uint64_t synchronised;
    uint64_t crashes, restarts, power_cuts, partitions, hunted, slowed;
    uint64_t lost, cut, duplicated, replayed;
    uint64_t lies, garbage, twin_messages, refused; /* refused: by the node, for what they carry */
    uint64_t liars, absent;
    uint64_t lent_max;    /* bytes that one engine had at most; a maximum, not a sum */
    uint64_t settling_ns; /* the longest liveness phase */
};

struct ehr_verdict {
    bool broken;
    char kind[EHR_VERDICT_KIND_MAX];     /* "fork", "liveness", "assertion: ..." */
    char detail[EHR_VERDICT_DETAIL_MAX]; /* who, where, when */
    uint64_t position;                   /* the tape was read so far */
};

struct ehr_world;

struct ehr_world *ehr_world_new(void);
void ehr_world_free(struct ehr_world *world);
/* Runs to the end or to the first broken invariant; an engine's failed assertion is one, too.
 * `cuts` may be NULL; `trace`: every step as lines, or NULL. Adds to `tally` what happened. */
struct ehr_verdict ehr_world_run(struct ehr_world *world, const struct ehr_setup *setup,
                                 const struct ehr_tape_cuts *cuts, FILE *trace,
                                 struct ehr_tally *tally);
void ehr_tally_add(struct ehr_tally *sum, const struct ehr_tally *more);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_WORLD_H */
