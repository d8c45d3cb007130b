/* Groups of hospitals: their members, as elements of the tree that everything else takes for
 * hospitals of the file. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_GROUP_H
#define EHR_SCENARIO_GROUP_H

#include "sim/scenario/scenario.h"

#include <libxml/tree.h>

#define EHR_GROUP_PLACE "{}" /* where the name of a member stands */

/* The text with `name` at every such place; a new text, the caller's. */
char *ehr_group_text(const char *text, const char *name);

/* The name of member `number` (from 1): of a list separated by commas and spaces, NULL when it has
 * not as many; the number itself if `names` is NULL. A new text, the caller's. */
char *ehr_group_name(const char *names, uint32_t number);

/* Adds the members of every group to the end of the tree; none of a group whose count, first, names
 * or id are malformed, and no more than it has names. Returns how many of each group, in the file's
 * order; the array is the caller's. */
size_t *ehr_group_members_make(xmlDocPtr document, const char *file);

/* After the tree was read: fills in `group` of the hospitals and `members_differ`. */
void ehr_group_members_find(xmlDocPtr document, struct ehr_scenario *scenario,
                            const size_t *members);

/* What messages call the element that a hospital is made of. */
const char *ehr_group_element(const struct ehr_scenario_hospital *hospital);

#endif /* EHR_SCENARIO_GROUP_H */
