/* From the XML tree to struct ehr_scenario, attribute by attribute, by the vocabulary tables; and
 * the checks that follow. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_READER_H
#define EHR_SCENARIO_READER_H

#include "sim/scenario/scenario.h"
#include "sim/scenario/vocabulary.h"

#include <libxml/tree.h>

/* Fills in every field, with defaults where the tree says nothing or something wrong; adds a
 * problem for each unknown, missing, repeated or malformed element, attribute, value or text.
 * Removes attributes of other namespaces from the tree (xsi:schemaLocation would make a validator
 * open files). */
void ehr_scenario_tree_read(xmlDocPtr document, struct ehr_scenario *scenario,
                            struct ehr_problem_list *problems);

/* What depends on more than one attribute, and on files: ids, ranges, named files. An element with
 * a problem on its line is not checked further. Resolves crash.hospital and the rates that follow
 * from counts. */
void ehr_scenario_check(xmlDocPtr document, struct ehr_scenario *scenario,
                        struct ehr_problem_list *problems);

/* The kinds of attributes: text -> field and back (text NULL: absent and without default). */
bool ehr_scenario_field_parse(const struct ehr_vocabulary_attribute *attribute, const char *text,
                              const char *scenario_file, int line, void *element_struct);

/* The field as text, the caller's; NULL: absent. */
char *ehr_scenario_field_write(const struct ehr_vocabulary_attribute *attribute,
                               const void *element_struct);

#endif /* EHR_SCENARIO_READER_H */
