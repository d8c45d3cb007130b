#include "sim/scenario/document.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/scenario.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What the SAX handlers saw; hangs off the parser context. */
struct parse {
    char *error; /* first only: the rest of a file that is not well-formed is guesswork */
    int line;
    bool doctype;
};

/* The start of a DOCTYPE: stop before any of its declarations is read, so that no entity ever
 * exists that could be fetched or expanded. */
static void doctype_refuse(void *context, const xmlChar *name, const xmlChar *external_id,
                           const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    xmlParserCtxtPtr parser = context;
    struct parse *parse = parser->_private;
    if (parse->error == NULL && !parse->doctype) {
        parse->doctype = true;
        parse->line = parser->input != NULL ? parser->input->line : 0;
    }
    xmlStopParser(parser);
}

/* libxml2 2.12 made the second parameter const. */
#if LIBXML_VERSION >= 21200
static void error_keep(void *context, const xmlError *error)
#else
static void error_keep(void *context, xmlErrorPtr error)
#endif
{
    xmlParserCtxtPtr parser = context;
    struct parse *parse = parser->_private;
    if (parse->error != NULL || parse->doctype || error->level == XML_ERR_WARNING)
        return;
    const char *message = error->message != NULL ? error->message : "unreadable";
    parse->error = ehr_scenario_text_format("%.*s", (int)strcspn(message, "\n"), message);
    parse->line = error->line;
}

/* As libxml2's own, and keeps the line. */
static void element_start(void *context, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                          int attribute_count, int default_count, const xmlChar **attributes)
{
    xmlParserCtxtPtr parser = context;
    xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count,
                          default_count, attributes);
    if (parser->node != NULL && parser->input != NULL)
        parser->node->_private = (void *)(intptr_t)parser->input->line;
}

int ehr_document_line(const xmlNode *node)
{
    if (node->type == XML_ATTRIBUTE_NODE)
        node = node->parent;
    return (int)(intptr_t)node->_private;
}

static xmlDocPtr parse_run(struct parse *parse, const uint8_t *text, size_t text_bytes)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (parser == NULL)
        return NULL;
    parser->_private = parse;
    parser->sax->internalSubset = doctype_refuse;
    parser->sax->serror = error_keep;
    parser->sax->startElementNs = element_start;
    xmlDocPtr document =
        xmlCtxtReadMemory(parser, (const char *)text, (int)text_bytes, NULL, NULL, XML_PARSE_NONET);
    xmlFreeParserCtxt(parser);
    return document;
}

static bool is_scenario(const xmlNode *root)
{
    return root != NULL && strcmp((const char *)root->name, "scenario") == 0 && root->ns != NULL &&
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
    struct parse parse = {0};
    xmlDocPtr document = parse_run(&parse, text, text_bytes);
    const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    bool refused = true;
    if (parse.doctype)
        ehr_problem_list_add(problems, false, file, parse.line, "DOCTYPE", "<!DOCTYPE",
                             "none: scenarios have no document type and no entities");
    else if (parse.error != NULL || root == NULL)
        ehr_problem_list_add(problems, false, file, parse.line, "XML",
                             parse.error != NULL ? parse.error : "no element", "well-formed XML");
    else if (!is_scenario(root))
        root_refuse(file, root, problems);
    else
        refused = false;
    free(parse.error);
    if (refused && document != NULL) {
        xmlFreeDoc(document);
        document = NULL;
    }
    return document;
}
