#include "sim/scenario/document.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/scenario.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_scenario(const xmlNode *root)
{
    return strcmp((const char *)root->name, "scenario") == 0 && root->ns != NULL &&
           strcmp((const char *)root->ns->href, EHR_SCENARIO_NAMESPACE) == 0;
}

static void root_refuse(const char *file, const xmlNode *root, struct ehr_problem_list *problems)
{
    char *found =
        root->ns != NULL
            ? ehr_scenario_text_format("<%s> in the namespace %s", (const char *)root->name,
                                       (const char *)root->ns->href)
            : ehr_scenario_text_format("<%s> in no namespace", (const char *)root->name);
    ehr_problem_list_add(problems, false, file, ehr_document_line(root), "document element", found,
                         "<scenario xmlns=\"" EHR_SCENARIO_NAMESPACE "\">");
    free(found);
}

xmlDocPtr ehr_document_read(const char *file, const uint8_t *text, size_t text_bytes,
                            struct ehr_problem_list *problems)
{
    if (text_bytes == 0 || text_bytes > INT_MAX) {
        ehr_problem_list_add(problems, false, file, 1, "file",
                             text_bytes == 0 ? "empty" : "larger than 2 GiB", "a scenario in XML");
        return NULL;
    }
    struct ehr_xml_error error;
    xmlDocPtr document = ehr_xml_read(text, text_bytes, EHR_XML_DOCTYPE_REFUSED, &error);
    if (error.doctype)
        ehr_problem_list_add(problems, false, file, error.line, "DOCTYPE", "<!DOCTYPE",
                             "none: scenarios have no document type and no entities");
    else if (document == NULL)
        ehr_problem_list_add(problems, false, file, error.line, "XML",
                             error.text != NULL ? error.text : "no element", "well-formed XML");
    free(error.text);
    if (document != NULL && !is_scenario(xmlDocGetRootElement(document))) {
        root_refuse(file, xmlDocGetRootElement(document), problems);
        xmlFreeDoc(document);
        document = NULL;
    }
    return document;
}
