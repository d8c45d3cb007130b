/* The consensus engines of this program, as scenarios may name them: what sim/scenario, which knows
 * no engine, is told about each. */
#ifndef EHR_APP_ENGINES_H
#define EHR_APP_ENGINES_H

#include <stddef.h>

#include "sim/scenario/scenario.h"

/* In the order of ehr_engine_names; `*count` is set. Free with free(). */
struct ehr_scenario_engine *ehr_app_engines(size_t *count);

#endif /* EHR_APP_ENGINES_H */
