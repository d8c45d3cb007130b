/* Reads XML as a tree that remembers lines, without entities, network or external subset. What the
 * elements mean, and where errors go, is the caller's. For sim/scenario and sim/platform. */
#ifndef EHR_SCENARIO_XML_H
#define EHR_SCENARIO_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ehr_xml_doctype {
    EHR_XML_DOCTYPE_REFUSED = 1,
    EHR_XML_DOCTYPE_IGNORED, /* a public name of a DTD, which is not read; declarations are refused
                              */
};

/* The first thing that is wrong; the rest of a file that is not well-formed is guesswork. */
struct ehr_xml_error {
    char *text; /* libxml2's words, NULL where there are none; freed by the caller */
    int line;
    bool doctype; /* a DOCTYPE, or one with declarations */
};

/* NULL, with `error` filled, if the text (1 to INT_MAX bytes) is not well-formed, has a DOCTYPE
 * that is refused, or no element. The caller frees with xmlFreeDoc. */
xmlDocPtr ehr_xml_read(const uint8_t *text, size_t text_bytes, enum ehr_xml_doctype doctype,
                       struct ehr_xml_error *error);

/* The line where the start tag of an element, or of an attribute's element, ends. (libxml2 keeps 16
 * bits of it and guesses the rest.) */
int ehr_xml_line(const xmlNode *node);

#endif /* EHR_SCENARIO_XML_H */
