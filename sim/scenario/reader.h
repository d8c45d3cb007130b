/* From the XML tree to struct ehr_scenario, attribute by attribute, by the vocabulary tables; and
 * the checks that follow. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_READER_H
#define EHR_SCENARIO_READER_H

#include "sim/scenario/scenario.h"
#include "sim/scenario/vocabulary.h"

#include <libxml/tree.h>

/* A scenario in memory. All borrowed. */
struct ehr_scenario_text {
    const char *path;
    const uint8_t *text;
    size_t bytes;
    const char *const *sets;
    size_t set_count;
    bool platform_elsewhere; /* what platform/@file says is not meant: it becomes NULL */
};

/* As ehr_scenario_parse. */
enum ehr_scenario_status ehr_scenario_text_read(const struct ehr_scenario_text *text,
                                                struct ehr_problem_list *problems,
                                                struct ehr_scenario **scenario)
    __attribute__((warn_unused_result));

/* A whole file; the bytes are the caller's. After anything but OK they are NULL, and there is a
 * problem more. */
enum ehr_scenario_status ehr_scenario_file_read(const char *path, struct ehr_problem_list *problems,
                                                uint8_t **bytes, size_t *count)
    __attribute__((warn_unused_result));

/* Fills in every field, with defaults where the tree says nothing or something wrong; adds a
 * problem for each unknown, missing, repeated or malformed element, attribute, value or text.
 * Removes attributes of other namespaces from the tree: xsi:schemaLocation of the document element
 * is welcome, but would make a validator open files. */
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
