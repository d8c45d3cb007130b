/* Breaches of the invariants, for the tests of the bench (campaign_test.c): what is done to the
 * effects of each step of a real engine, and what the bench has to call it. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_BREACHES_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_BREACHES_H

#include "sim/consensus/engine.h"

/* Called after the engine's step. */
typedef void ehr_breach_function(struct ehr_engine *engine, const struct ehr_event *event,
                                 struct ehr_effects *effects);

struct ehr_breach {
    const char *engine;
    ehr_breach_function *breach;
    const char *kind; /* of the verdict */
};

extern const struct ehr_breach ehr_breaches[];
extern const size_t ehr_breaches_count;
/* Fails an assertion at the first execution. */
ehr_breach_function ehr_breach_assertion;
/* What the engine that steps was lent its memory by; set by the test. */
extern struct ehr_engine_memory ehr_breach_memory;

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_BREACHES_H */
