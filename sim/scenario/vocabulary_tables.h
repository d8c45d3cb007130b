/* What the tables of the vocabulary share: how their rows are written, and the table of faults,
 * which has a file of its own. Internal to vocabulary_*.c. */
#ifndef EHR_SCENARIO_VOCABULARY_TABLES_H
#define EHR_SCENARIO_VOCABULARY_TABLES_H

#include "sim/scenario/scenario.h"
#include "sim/scenario/vocabulary.h"

/* clang-format off */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OFFSET(name, member) offsetof(struct ehr_scenario_##name, member)
#define ATTRIBUTES(table) .attributes = table, .attribute_count = COUNT(table)
#define CHILDREN(table)   .children = table, .child_count = COUNT(table)
#define SINGLE(least, place) .min = least, .max = 1, .offset = place
#define NO_LINE           .line_offset = EHR_VOCABULARY_NO_LINE
/* clang-format on */

#define EHR_VOCABULARY_FAULT_COUNT 8
extern const struct ehr_vocabulary_element ehr_vocabulary_faults[EHR_VOCABULARY_FAULT_COUNT];

#endif /* EHR_SCENARIO_VOCABULARY_TABLES_H */
