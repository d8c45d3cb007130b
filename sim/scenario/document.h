/* A scenario file as an XML tree: read without entities, network or DOCTYPE, changed by overrides,
 * compared with the schema. What the elements mean is the reader's. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_DOCUMENT_H
#define EHR_SCENARIO_DOCUMENT_H

#include "sim/scenario/problem.h"
#include "sim/scenario/vocabulary.h"
#include "sim/scenario/xml.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* Parses a text called `file`; NULL after one problem was added: empty, not well-formed, with a
 * DOCTYPE, or another document element than the scenario's. The caller frees with xmlFreeDoc. */
xmlDocPtr ehr_document_read(const char *file, const uint8_t *text, size_t text_bytes,
                            struct ehr_problem_list *problems);

/* As ehr_xml_line; of a member of a group that of what it was made of. */
static inline int ehr_document_line(const xmlNode *node)
{
    return abs(ehr_xml_line(node));
}

/* Whether the element is (of) a hospital that a group stands for. */
static inline bool ehr_document_is_member(const xmlNode *node)
{
    return ehr_xml_line(node) < 0;
}

/* Applies one "PATH=VALUE" to the tree and returns where VALUE starts; NULL after a problem (of the
 * file "--set") if PATH names nothing known. */
const char *ehr_document_override(xmlDocPtr document, const char *set,
                                  struct ehr_problem_list *problems);

/* The attribute that a path such as "alliance/@batch" means; NULL after `*found` and `*allowed`,
 * new texts of the caller's, were set. Whether the scenario has such an element is not asked. */
const struct ehr_vocabulary_attribute *ehr_document_path_attribute(const char *parameter,
                                                                   char **found, char **allowed);

/* What the attribute of a known path is in every element that the path leads to: as written, else
 * its default, else NULL; elements that may stand once count where they do not stand, too. New
 * texts in a new array, the caller's; `*count` of them. */
char **ehr_document_path_values(xmlDocPtr document, const char *parameter, size_t *count);

/* Whether "PATH=VALUE" is about groups of hospitals, not about their members. */
bool ehr_document_override_is_of_groups(const char *set);

/* Whether an override wrote this attribute. */
bool ehr_document_is_overridden(const xmlAttr *attribute);

/* Validates against the embedded schema; each error that stands on a line without an error in
 * `problems` is added in libxml2's words. Returns the number of errors that the schema found. */
size_t ehr_document_validate(const char *file, xmlDocPtr document,
                             struct ehr_problem_list *problems);

#endif /* EHR_SCENARIO_DOCUMENT_H */
