#include "sim/scenario/document.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/scenario.h"

#include <assert.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

struct schema_errors {
    struct ehr_problem_list list;
};

#if LIBXML_VERSION >= 21200
static void error_keep(void *context, const xmlError *error)
#else
static void error_keep(void *context, xmlErrorPtr error)
#endif
{
    struct schema_errors *errors = context;
    const xmlNode *node = error->node;
    const char *message = error->message != NULL ? error->message : "invalid";
    int line = node != NULL ? ehr_document_line(node) : error->line;
    char *found = ehr_scenario_text_format("%.*s", (int)strcspn(message, "\n"), message);
    ehr_problem_list_add(&errors->list, false, "", line, "schema", found, "what scenario.xsd says");
    free(found);
}

static xmlSchemaPtr schema_load(void)
{
    xmlSchemaParserCtxtPtr parser =
        xmlSchemaNewMemParserCtxt(ehr_scenario_schema, (int)ehr_scenario_schema_bytes);
    assert(parser != NULL);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    assert(schema != NULL); /* embedded: a broken one is our bug */
    return schema;
}

static int line_compare(const void *key, const void *item)
{
    int line = *(const int *)key;
    const struct ehr_problem *problem = item;
    return (line > problem->line) - (line < problem->line);
}

/* The reader has said it in its own words, with the allowed values. */
static bool is_said(const struct ehr_problem_list *sorted, int line)
{
    return sorted->count > 0 && bsearch(&line, sorted->items, sorted->count, sizeof(*sorted->items),
                                        line_compare) != NULL;
}

size_t ehr_document_validate(const char *file, xmlDocPtr document,
                             struct ehr_problem_list *problems)
{
    struct schema_errors errors;
    ehr_problem_list_init(&errors.list);
    xmlSchemaPtr schema = schema_load();
    xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
    assert(validator != NULL);
    xmlSchemaSetValidStructuredErrors(validator, error_keep, &errors);
    int result = xmlSchemaValidateDoc(validator, document);
    assert(result >= 0);
    xmlSchemaFreeValidCtxt(validator);
    xmlSchemaFree(schema);

    struct ehr_problem_list said;
    ehr_problem_list_init(&said);
    for (size_t i = 0; i < problems->count; i++)
        if (!problems->items[i].warning)
            ehr_problem_list_add(&said, false, "", problems->items[i].line, "", "", "");
    ehr_problem_list_sort(&said);
    for (size_t i = 0; i < errors.list.count; i++) {
        const struct ehr_problem *error = &errors.list.items[i];
        if (!is_said(&said, error->line))
            ehr_problem_list_add(problems, false, file, error->line, error->what, error->found,
                                 error->allowed);
    }
    size_t count = errors.list.count;
    ehr_problem_list_close(&said);
    ehr_problem_list_close(&errors.list);
    return count;
}
