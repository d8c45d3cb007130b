#include "sim/scenario/xml.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Hangs off the parser context. */
struct parse {
    struct ehr_xml_error *error;
    enum ehr_xml_doctype doctype;
};

/* Stops before a declaration is read, so that no entity ever exists that could be fetched or
 * expanded. */
static void doctype_refuse(xmlParserCtxtPtr parser)
{
    struct parse *parse = parser->_private;
    if (parse->error->text == NULL && !parse->error->doctype) {
        parse->error->doctype = true;
        parse->error->line = parser->input != NULL ? parser->input->line : 0;
    }
    xmlStopParser(parser);
}

static void doctype_start(void *context, const xmlChar *name, const xmlChar *external_id,
                          const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    xmlParserCtxtPtr parser = context;
    struct parse *parse = parser->_private;
    if (parse->doctype == EHR_XML_DOCTYPE_REFUSED)
        doctype_refuse(parser);
}

static void entity_refuse(void *context, const xmlChar *name, int type, const xmlChar *public_id,
                          const xmlChar *system_id, xmlChar *content)
{
    (void)name;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    doctype_refuse(context);
}

static void attribute_refuse(void *context, const xmlChar *element, const xmlChar *name, int type,
                             int use, const xmlChar *value, xmlEnumerationPtr tree)
{
    (void)element;
    (void)name;
    (void)type;
    (void)use;
    (void)value;
    xmlFreeEnumeration(tree); /* ours, by the rules of SAX2 */
    doctype_refuse(context);
}

static void element_refuse(void *context, const xmlChar *name, int type,
                           xmlElementContentPtr content)
{
    (void)name;
    (void)type;
    (void)content;
    doctype_refuse(context);
}

static void notation_refuse(void *context, const xmlChar *name, const xmlChar *public_id,
                            const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    doctype_refuse(context);
}

static void unparsed_refuse(void *context, const xmlChar *name, const xmlChar *public_id,
                            const xmlChar *system_id, const xmlChar *notation)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    (void)notation;
    doctype_refuse(context);
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
    /* With an external subset that is not read, an unknown entity is a warning to libxml2. */
    bool harmless = error->level == XML_ERR_WARNING && error->code != XML_WAR_UNDECLARED_ENTITY;
    if (parse->error->text != NULL || parse->error->doctype || harmless)
        return;
    const char *message = error->message != NULL ? error->message : "unreadable";
    parse->error->text = ehr_scenario_text_format("%.*s", (int)strcspn(message, "\n"), message);
    parse->error->line = error->line;
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

int ehr_xml_line(const xmlNode *node)
{
    if (node->type == XML_ATTRIBUTE_NODE)
        node = node->parent;
    return (int)(intptr_t)node->_private;
}

xmlDocPtr ehr_xml_read(const uint8_t *text, size_t text_bytes, enum ehr_xml_doctype doctype,
                       struct ehr_xml_error *error)
{
    assert(text_bytes > 0 && text_bytes <= INT_MAX);
    *error = (struct ehr_xml_error){0};
    struct parse parse = {.error = error, .doctype = doctype};
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (parser == NULL)
        return NULL;
    parser->_private = &parse;
    parser->sax->internalSubset = doctype_start;
    parser->sax->externalSubset = NULL;
    parser->sax->entityDecl = entity_refuse;
    parser->sax->attributeDecl = attribute_refuse;
    parser->sax->elementDecl = element_refuse;
    parser->sax->notationDecl = notation_refuse;
    parser->sax->unparsedEntityDecl = unparsed_refuse;
    parser->sax->serror = error_keep;
    parser->sax->startElementNs = element_start;
    xmlDocPtr document =
        xmlCtxtReadMemory(parser, (const char *)text, (int)text_bytes, NULL, NULL, XML_PARSE_NONET);
    xmlFreeParserCtxt(parser);
    bool whole = document != NULL && xmlDocGetRootElement(document) != NULL;
    if (whole && error->text == NULL && !error->doctype)
        return document;
    if (document != NULL)
        xmlFreeDoc(document);
    return NULL;
}
