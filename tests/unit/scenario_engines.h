/* Engines for tests of scenarios, as a program would describe its own. */
#ifndef EHR_TESTS_UNIT_SCENARIO_ENGINES_H
#define EHR_TESTS_UNIT_SCENARIO_ENGINES_H

#include "sim/scenario/scenario.h"

static const struct ehr_scenario_engine test_engines[] = {
    {"hotstuff", 4, "f = floor((n-1)/3)", true, true, true, false},
    {"pbft", 4, "f = floor((n-1)/3)", true, false, false, true},
    {"raft", 3, "floor((n-1)/2) crashes", false, false, false, false},
    {"solo", 0, "none", false, false, false, false},
};
static const size_t test_engine_count = sizeof(test_engines) / sizeof(test_engines[0]);

#endif /* EHR_TESTS_UNIT_SCENARIO_ENGINES_H */
