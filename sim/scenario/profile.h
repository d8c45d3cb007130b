/* Daily profiles as scenarios write them; not how arrivals follow them (actors/workload_day.h).
 * The shipped ones and their sources: docs/formats/scenario.md. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_PROFILE_H
#define EHR_SCENARIO_PROFILE_H

#include "sim/scenario/scenario.h"

/* "flat", the name of a shipped profile, or weights with blanks between them. Replaces what
 * `profile` holds; leaves it alone and returns false when `text` is none of these. */
bool ehr_profile_parse(const char *text, struct ehr_scenario_profile *profile);

void ehr_profile_close(struct ehr_scenario_profile *profile);

#endif /* EHR_SCENARIO_PROFILE_H */
