/* The vocabulary tables, scenarios/scenario.xsd and docs/formats/scenario.md say the same. */
#include "sim/scenario/reader.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/vocabulary.h"
#include "tests/unit/unit.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

static xmlNodePtr schema_root;

static bool is_named(const xmlNode *node, const char *kind, const char *name)
{
    if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, kind) != 0)
        return false;
    xmlChar *found = xmlGetNoNsProp(node, (const xmlChar *)"name");
    bool is = found != NULL && strcmp((const char *)found, name) == 0;
    xmlFree(found);
    return is;
}

static xmlNodePtr global_find(const char *kind, const char *name)
{
    for (xmlNodePtr node = schema_root->children; node != NULL; node = node->next)
        if (is_named(node, kind, name))
            return node;
    return NULL;
}

/* The type of an element of the schema: named, or within. */
static xmlNodePtr type_of(xmlNodePtr element)
{
    xmlChar *type = xmlGetNoNsProp(element, (const xmlChar *)"type");
    xmlNodePtr found = NULL;
    if (type != NULL)
        found = global_find("complexType", (const char *)type);
    else
        for (xmlNodePtr node = element->children; node != NULL && found == NULL; node = node->next)
            if (node->type == XML_ELEMENT_NODE &&
                strcmp((const char *)node->name, "complexType") == 0)
                found = node;
    xmlFree(type);
    return found;
}

/* Counts the attributes declared in a type or group, and finds one of them. */
static size_t attributes_count(xmlNodePtr holder, const char *name, xmlNodePtr *found)
{
    size_t count = 0;
    for (xmlNodePtr node = holder->children; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)node->name, "attribute") == 0) {
            count++;
            if (name != NULL && is_named(node, "attribute", name))
                *found = node;
        } else if (strcmp((const char *)node->name, "attributeGroup") == 0) {
            xmlChar *group = xmlGetNoNsProp(node, (const xmlChar *)"ref");
            count +=
                attributes_count(global_find("attributeGroup", (const char *)group), name, found);
            xmlFree(group);
        }
    }
    return count;
}

/* The text of documentation number `index` (from 0) of an element, attribute or type of the schema;
 * NULL if there is none. The caller frees with xmlFree. */
static xmlChar *documentation_of(xmlNodePtr declared, size_t index)
{
    for (xmlNodePtr note = declared->children; note != NULL; note = note->next) {
        if (note->type != XML_ELEMENT_NODE || strcmp((const char *)note->name, "annotation") != 0)
            continue;
        for (xmlNodePtr text = xmlFirstElementChild(note); text != NULL;
             text = xmlNextElementSibling(text))
            if (index-- == 0)
                return xmlNodeGetContent(text);
    }
    return NULL;
}

/* What editors show beside a meaning, by the tables: "Default: 2s. Allowed: a number ...". */
static char *terms_of(const struct ehr_vocabulary_attribute *attribute)
{
    char *terms = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&terms, &bytes);
    char *allowed = ehr_vocabulary_value_describe(attribute);
    if (attribute->default_text != NULL)
        fprintf(out, "Default: %s. ", attribute->default_text);
    else
        fputs(attribute->required ? "Required. " : "Optional. ", out);
    fprintf(out, "Allowed: %s.", allowed);
    free(allowed);
    fclose(out);
    return terms;
}

/* A meaning, which is for people to write, and the terms, which are the tables'. */
static void documentation_check(const char *element,
                                const struct ehr_vocabulary_attribute *attribute,
                                xmlNodePtr declared)
{
    xmlChar *meaning = documentation_of(declared, 0);
    xmlChar *terms = documentation_of(declared, 1);
    char *expected = terms_of(attribute);
    bool same = meaning != NULL && terms != NULL && strcmp((const char *)terms, expected) == 0;
    if (!same)
        printf("\nscenario.xsd, %s/@%s: wanted: <xs:annotation><xs:documentation>ITS MEANING"
               "</xs:documentation><xs:documentation>%s</xs:documentation></xs:annotation>\n",
               element, attribute->name, expected);
    CU_ASSERT_TRUE(same);
    free(expected);
    xmlFree(terms);
    xmlFree(meaning);
}

static void attribute_check(const struct ehr_vocabulary_element *word,
                            const struct ehr_vocabulary_attribute *attribute, xmlNodePtr type)
{
    xmlNodePtr found = NULL;
    attributes_count(type, attribute->name, &found);
    if (found == NULL)
        printf("\n%s/@%s is not in the schema\n", word->name, attribute->name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    xmlChar *value = xmlGetNoNsProp(found, (const xmlChar *)"default");
    xmlChar *use = xmlGetNoNsProp(found, (const xmlChar *)"use");
    CU_ASSERT_EQUAL(value != NULL, attribute->default_text != NULL);
    if (value != NULL && attribute->default_text != NULL)
        CU_ASSERT_STRING_EQUAL((const char *)value, attribute->default_text);
    CU_ASSERT_EQUAL(use != NULL, attribute->required);
    xmlFree(value);
    xmlFree(use);
    documentation_check(word->name, attribute, found);
}

static void element_check(const struct ehr_vocabulary_element *word, xmlNodePtr element)
{
    xmlNodePtr type = type_of(element);
    CU_ASSERT_PTR_NOT_NULL_FATAL(type);
    xmlChar *own = documentation_of(element, 0);
    xmlChar *of_type = documentation_of(type, 0);
    if (own == NULL && of_type == NULL)
        printf("\nscenario.xsd, %s: no documentation\n", word->name);
    CU_ASSERT_TRUE(own != NULL || of_type != NULL);
    xmlFree(own);
    xmlFree(of_type);
    xmlNodePtr unused = NULL;
    CU_ASSERT_EQUAL(attributes_count(type, NULL, &unused), word->attribute_count);
    for (size_t i = 0; i < word->attribute_count; i++)
        attribute_check(word, &word->attributes[i], type);
    size_t children = 0;
    for (xmlNodePtr choice = type->children; choice != NULL; choice = choice->next) {
        if (choice->type != XML_ELEMENT_NODE || strcmp((const char *)choice->name, "choice") != 0)
            continue;
        for (xmlNodePtr node = choice->children; node != NULL; node = node->next)
            for (size_t i = 0; i < word->child_count; i++)
                if (is_named(node, "element", word->children[i].name)) {
                    element_check(&word->children[i], node);
                    children++;
                }
        CU_ASSERT_EQUAL(xmlChildElementCount(choice), word->child_count);
    }
    CU_ASSERT_EQUAL(children, word->child_count);
}

static void schema_has_the_same_words_and_defaults(void)
{
    xmlDocPtr document = xmlReadMemory(ehr_scenario_schema, (int)ehr_scenario_schema_bytes, NULL,
                                       NULL, XML_PARSE_NONET);
    CU_ASSERT_PTR_NOT_NULL_FATAL(document);
    schema_root = xmlDocGetRootElement(document);
    xmlNodePtr root = global_find("element", "scenario");
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    element_check(&ehr_vocabulary_scenario, root);
    xmlFreeDoc(document);
}

/* The row names every choice. */
static void choices_check(const char *row, const struct ehr_vocabulary_attribute *attribute)
{
    char *line = strndup(row, strcspn(row, "\n"));
    for (unsigned i = 1;; i++) {
        char *choice = ehr_vocabulary_choice_text(attribute->values, i);
        if (choice == NULL)
            break;
        char quoted[64];
        snprintf(quoted, sizeof quoted, "`%s`", choice);
        if (strstr(line, quoted) == NULL)
            printf("\nno %s in: %s\n", quoted, line);
        CU_ASSERT_PTR_NOT_NULL(strstr(line, quoted));
        free(choice);
    }
    free(line);
}

/* A row of the page: "| `element` | `attribute` | default | ...". */
static void row_check(const char *page, const char *element,
                      const struct ehr_vocabulary_attribute *attribute)
{
    char row[256];
    if (attribute->default_text != NULL)
        snprintf(row, sizeof(row), "| `%s` | `%s` | `%s` |", element, attribute->name,
                 attribute->default_text);
    else
        snprintf(row, sizeof(row), "| `%s` | `%s` | %s |", element, attribute->name,
                 attribute->required ? "required" : "-");
    if (strstr(page, row) == NULL)
        printf("\ndocs/formats/scenario.md lacks: %s\n", row);
    CU_ASSERT_PTR_NOT_NULL(strstr(page, row));
    if (strstr(page, row) != NULL && attribute->kind == EHR_VOCABULARY_CHOICE)
        choices_check(strstr(page, row), attribute);
}

static void rows_check(const char *page, const struct ehr_vocabulary_element *word)
{
    for (size_t i = 0; i < word->attribute_count; i++) {
        const char *name = word->attributes[i].name;
        const struct ehr_vocabulary_element *alliance =
            ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "alliance");
        bool shared = strncmp(word->name, "hospital", 8) == 0 && /* or its group */
                      ehr_vocabulary_attribute_find(alliance, name) != NULL;
        bool chain =
            strcmp(word->name, "alliance") == 0 &&
            ehr_vocabulary_attribute_find(
                ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "hospital"), name) != NULL;
        row_check(page, shared || chain ? "alliance`, `hospital" : word->name,
                  &word->attributes[i]);
    }
    for (size_t i = 0; i < word->child_count; i++)
        rows_check(page, &word->children[i]);
}

/* The caller frees. */
static char *page_read(const char *path)
{
    FILE *in = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    char *page = calloc(1, 1 << 20);
    page[fread(page, 1, (1 << 20) - 1, in)] = '\0';
    fclose(in);
    return page;
}

static void page_has_the_same_words_and_defaults(void)
{
    char *page = page_read("docs/formats/scenario.md");
    rows_check(page, &ehr_vocabulary_scenario);
    free(page);
}

/* ---- units ---- */

static bool is_quantity(enum ehr_vocabulary_kind kind)
{
    return kind == EHR_VOCABULARY_TIME || kind == EHR_VOCABULARY_RATE ||
           kind == EHR_VOCABULARY_BANDWIDTH;
}

/* Whether the words in brackets hold the unit: "(/s /min /h)". */
static bool is_named_unit(const char *allowed, const char *unit)
{
    const char *at = strchr(allowed, '(');
    size_t chars = strlen(unit);
    while (at != NULL && chars > 0) {
        at++;
        if (strncmp(at, unit, chars) == 0 && strchr(" )", at[chars]) != NULL)
            return true;
        at = strpbrk(at, " )");
        at = at != NULL && *at == ')' ? NULL : at;
    }
    return false;
}

/* A unit is accepted if, and only if, the message that refuses others names it. */
static void units_check(const char *element, const struct ehr_vocabulary_attribute *attribute)
{
    static const char *const units[] = {
        "",      "ns",   "us",   "ms",   "s",    "min", "h",    "d",    "sec",  "m",     "S",
        "/s",    "/min", "/h",   "/d",   "Hz",   "B/s", "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s",
        "GiB/s", "kbps", "Mbps", "Gbps", "KB/s", "b/s", "MBps", "B",    "%",    " s",    "parsec"};
    char *allowed = ehr_vocabulary_value_describe(attribute);
    size_t accepted = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t field[2] = {0};
        struct ehr_vocabulary_attribute alone = *attribute;
        char text[32];
        alone.offset = 0;
        snprintf(text, sizeof text, "3600%s", units[i]);
        bool valid = ehr_scenario_field_parse(&alone, text, "", 0, field);
        if (valid != is_named_unit(allowed, units[i]))
            printf("\n%s/@%s=%s: %s, but: %s\n", element, attribute->name, text,
                   valid ? "accepted" : "refused", allowed);
        CU_ASSERT_EQUAL(valid, is_named_unit(allowed, units[i]));
        accepted += valid;
    }
    CU_ASSERT_TRUE(accepted >= 3);
    free(allowed);
}

static size_t quantities_check(const struct ehr_vocabulary_element *word)
{
    size_t count = 0;
    for (size_t i = 0; i < word->attribute_count; i++)
        if (is_quantity(word->attributes[i].kind)) {
            units_check(word->name, &word->attributes[i]);
            count++;
        }
    for (size_t i = 0; i < word->child_count; i++)
        count += quantities_check(&word->children[i]);
    return count;
}

static void units_are_those_that_messages_name(void)
{
    CU_ASSERT_TRUE(quantities_check(&ehr_vocabulary_scenario) >= 40);
    xmlCleanupParser();
}

static const struct ehr_unit_case cases[] = {
    {"schema_has_the_same_words_and_defaults", schema_has_the_same_words_and_defaults},
    {"page_has_the_same_words_and_defaults", page_has_the_same_words_and_defaults},
    {"units_are_those_that_messages_name", units_are_those_that_messages_name},
};

EHR_UNIT_MAIN("scenario vocabulary", cases)
