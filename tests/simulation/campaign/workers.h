/* Many seeds, by several processes; what comes out does not depend on how many. A process that dies
 * is replaced, and the seed it died of is a failed one. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_WORKERS_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_WORKERS_H

#include "tests/simulation/campaign/shrink.h"

struct ehr_failure {
    uint64_t seed;
    struct ehr_verdict verdict;
};

struct ehr_harvest {
    struct ehr_tally tally;
    struct ehr_failure *failures; /* ascending by seed; the caller frees it */
    size_t count;
};

/* Seeds first .. first + count - 1 of the case, whose own seed does not matter. jobs 0: in this
 * process. */
struct ehr_harvest ehr_workers_run(const struct ehr_case *of, uint64_t first, uint64_t count,
                                   uint32_t jobs);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_WORKERS_H */
