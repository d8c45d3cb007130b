/* A run as a command line names it, and how a failing one is made smaller while it fails in the
 * same way: fewer kinds of fault, fewer replicas, fewer rounds and requests, then a shorter tape
 * and zeros in it (delta debugging: Zeller and Hildebrandt, TSE'02). */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_SHRINK_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_SHRINK_H

#include "tests/simulation/campaign/world.h"

struct ehr_case {
    const struct ehr_engine_type *type;
    uint64_t seed;
    struct ehr_setup_less less;
    struct ehr_tape_cuts cuts;
};

struct ehr_verdict ehr_case_run(struct ehr_world *world, const struct ehr_case *of, FILE *trace,
                                struct ehr_tally *tally);
/* The command that replays it, without a line end. */
void ehr_case_print(FILE *out, const struct ehr_case *of);
/* Makes `of`, which fails with `verdict`, smaller in at most `runs` runs; returns the verdict of
 * what it has become, which is of the same kind. */
struct ehr_verdict ehr_case_shrink(struct ehr_world *world, struct ehr_case *of,
                                   const struct ehr_verdict *verdict, uint32_t runs);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_SHRINK_H */
