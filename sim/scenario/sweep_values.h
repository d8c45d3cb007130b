/* The values of one `vary`: a list of values and ranges. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_SWEEP_VALUES_H
#define EHR_SCENARIO_SWEEP_VALUES_H

#include "sim/scenario/sweep.h"
#include "sim/scenario/vocabulary.h"

#include <stdbool.h>

/* Fills in `vary->items` from `vary->values`, values of the attribute `word`: "1, 10, 100..500 step
 * 100" where it is a number, with its unit at each of the three. Commas end a value; blanks within
 * it stay, so that hosts of one value are separated by blanks.
 * False: `*found` and `*allowed` say what is wrong, new texts, the caller's. */
bool ehr_sweep_values_read(const struct ehr_vocabulary_attribute *word,
                           struct ehr_scenario_vary *vary, char **found, char **allowed);

#endif /* EHR_SCENARIO_SWEEP_VALUES_H */
