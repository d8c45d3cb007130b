#include "sim/scenario/reader.h"

#include "sim/scenario/document.h"
#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FOUND_CHARS_MAX 80 /* of a value quoted in a message */
#define SCHEMA_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

struct reader {
    struct ehr_scenario *scenario;
    struct ehr_problem_list *problems;
};

static char *value_of(const xmlAttr *attribute)
{
    xmlChar *value = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    char *copy = ehr_scenario_text_copy(value != NULL ? (const char *)value : "");
    xmlFree(value);
    return copy;
}

/* Takes `what`. */
static void problem_add(struct reader *reader, const xmlNode *node, char *what, const char *found,
                        const char *allowed)
{
    int chars = (int)strlen(found);
    if (chars <= FOUND_CHARS_MAX) {
        ehr_problem_list_add(reader->problems, false, reader->scenario->file,
                             ehr_document_line(node), what, found, allowed);
    } else {
        chars = FOUND_CHARS_MAX;
        while ((found[chars] & 0xc0) == 0x80)
            chars--; /* not within a UTF-8 character */
        char *part = ehr_scenario_text_format("%.*s... (%zu bytes)", chars, found, strlen(found));
        ehr_problem_list_add(reader->problems, false, reader->scenario->file,
                             ehr_document_line(node), what, part, allowed);
        free(part);
    }
    free(what);
}

/* As problem_add. Of members nothing is said that is said of their group. */
static void refuse(struct reader *reader, const xmlNode *node, char *what, const char *found,
                   const char *allowed)
{
    if (ehr_document_is_member(node))
        free(what);
    else
        problem_add(reader, node, what, found, allowed);
}

/* "hospital/doctors"; the document element is left out, except for itself. */
static char *path_of(const xmlNode *node)
{
    const xmlNode *parent = node->parent;
    if (parent == NULL || parent->type != XML_ELEMENT_NODE || parent->parent == NULL ||
        parent->parent->type != XML_ELEMENT_NODE)
        return ehr_scenario_text_copy((const char *)node->name);
    char *above = path_of(parent);
    char *path = ehr_scenario_text_format("%s/%s", above, (const char *)node->name);
    free(above);
    return path;
}

static char *attribute_path(const xmlNode *node, const char *name)
{
    char *path = path_of(node);
    char *text = ehr_scenario_text_format("%s/@%s", path, name);
    free(path);
    return text;
}

static void value_refuse(struct reader *reader, const xmlNode *node, const xmlAttr *attribute,
                         const struct ehr_vocabulary_attribute *word, const char *value)
{
    char *allowed = ehr_vocabulary_value_describe(word);
    char *found =
        ehr_scenario_text_format("%s%s", *value == '\0' ? "empty" : value,
                                 ehr_document_is_overridden(attribute) ? " (from --set)" : "");
    char *nearest = word->kind == EHR_VOCABULARY_CHOICE
                        ? ehr_vocabulary_choice_nearest(word->values, value)
                        : NULL;
    allowed = ehr_vocabulary_suggest(allowed, nearest);
    if (ehr_document_is_overridden(attribute))
        problem_add(reader, node, attribute_path(node, word->name), found, allowed);
    else
        refuse(reader, node, attribute_path(node, word->name), found, allowed);
    free(nearest);
    free(found);
    free(allowed);
}

static void attribute_unknown_refuse(struct reader *reader, const xmlNode *node,
                                     const xmlAttr *attribute,
                                     const struct ehr_vocabulary_element *word)
{
    const char *name = (const char *)attribute->name;
    char *names = ehr_vocabulary_attributes_describe(word);
    if (attribute->ns == NULL)
        names = ehr_vocabulary_suggest(names, ehr_vocabulary_attribute_nearest(word, name));
    char *found = attribute->ns != NULL
                      ? ehr_scenario_text_format("attribute %s in the namespace %s", name,
                                                 (const char *)attribute->ns->href)
                      : ehr_scenario_text_format("unknown attribute %s", name);
    refuse(reader, node, path_of(node), found, names);
    free(found);
    free(names);
}

/* Where editors find the schema: pairs of a namespace and a place, ours among them. It is read by
 * nobody here. */
static bool hint_is_sound(const char *value)
{
    static const char blanks[] = " \t\r\n";
    bool ours = false;
    size_t words = 0;
    for (const char *at = value + strspn(value, blanks); *at != '\0'; words++) {
        size_t chars = strcspn(at, blanks);
        ours |= words % 2 == 0 && chars == strlen(EHR_SCENARIO_NAMESPACE) &&
                strncmp(at, EHR_SCENARIO_NAMESPACE, chars) == 0;
        at += chars;
        at += strspn(at, blanks);
    }
    return ours && words % 2 == 0;
}

/* Whether the attribute is such a hint; a problem if it is a wrong one. */
static bool hint_read(struct reader *reader, const xmlNode *node, const xmlAttr *attribute)
{
    if (node->parent->type == XML_ELEMENT_NODE || attribute->ns == NULL ||
        strcmp((const char *)attribute->ns->href, SCHEMA_INSTANCE) != 0 ||
        strcmp((const char *)attribute->name, "schemaLocation") != 0)
        return false;
    char *value = value_of(attribute);
    if (!hint_is_sound(value))
        refuse(reader, node, ehr_scenario_text_copy("scenario/@xsi:schemaLocation"), value,
               "namespaces and the places of their schemas in turn, such as \"" //
               EHR_SCENARIO_NAMESPACE " scenario.xsd\"");
    free(value);
    return true;
}

static void attributes_unknown_find(struct reader *reader, xmlNode *node,
                                    const struct ehr_vocabulary_element *word)
{
    xmlAttrPtr next = NULL;
    for (xmlAttrPtr attribute = node->properties; attribute != NULL; attribute = next) {
        next = attribute->next;
        if (attribute->ns == NULL &&
            ehr_vocabulary_attribute_find(word, (const char *)attribute->name) != NULL)
            continue;
        if (!hint_read(reader, node, attribute))
            attribute_unknown_refuse(reader, node, attribute, word);
        if (attribute->ns != NULL)
            xmlRemoveProp(attribute);
    }
}

/* The default; what is absent without one is NULL, 0 or never. */
static void default_set(struct reader *reader, const struct ehr_vocabulary_attribute *word,
                        int line, void *base)
{
    if (word->default_text != NULL) {
        bool valid =
            ehr_scenario_field_parse(word, word->default_text, reader->scenario->file, line, base);
        assert(valid); /* the tables' */
    } else if (word->kind == EHR_VOCABULARY_TIME) {
        *(uint64_t *)(void *)((char *)base + word->offset) = EHR_SCENARIO_NEVER;
    }
}

static void attributes_read(struct reader *reader, xmlNode *node,
                            const struct ehr_vocabulary_element *word, int line, void *base)
{
    for (size_t i = 0; i < word->attribute_count; i++) {
        const struct ehr_vocabulary_attribute *attribute = &word->attributes[i];
        default_set(reader, attribute, line, base);
        if (node == NULL)
            continue;
        const xmlAttr *given = xmlHasNsProp(node, (const xmlChar *)attribute->name, NULL);
        if (given == NULL) {
            if (attribute->required) {
                char *allowed = ehr_vocabulary_value_describe(attribute);
                refuse(reader, node, attribute_path(node, attribute->name), "missing", allowed);
                free(allowed);
            }
            continue;
        }
        char *value = value_of(given);
        if (!ehr_scenario_field_parse(attribute, value, reader->scenario->file, line, base))
            value_refuse(reader, node, given, attribute, value);
        free(value);
    }
}

static void child_unknown_refuse(struct reader *reader, const xmlNode *node,
                                 const struct ehr_vocabulary_element *word)
{
    const char *name = (const char *)node->name;
    bool foreign =
        node->ns == NULL || strcmp((const char *)node->ns->href, EHR_SCENARIO_NAMESPACE) != 0;
    char *names = ehr_vocabulary_children_describe(word);
    if (!foreign)
        names = ehr_vocabulary_suggest(names, ehr_vocabulary_child_nearest(word, name));
    char *found =
        foreign ? ehr_scenario_text_format("element %s in %s%s", name,
                                           node->ns != NULL ? "the namespace " : "no namespace",
                                           node->ns != NULL ? (const char *)node->ns->href : "")
                : ehr_scenario_text_format("element %s", name);
    refuse(reader, node, path_of(node->parent), found, names);
    free(found);
    free(names);
}

static void text_refuse(struct reader *reader, const xmlNode *node)
{
    char *text = ehr_scenario_text_copy((const char *)node->content);
    size_t start = strspn(text, " \t\r\n");
    size_t end = strlen(text);
    while (end > start && strchr(" \t\r\n", text[end - 1]) != NULL)
        end--;
    char *found = ehr_scenario_text_format("text \"%.*s\"", (int)(end - start), text + start);
    refuse(reader, node->parent, path_of(node->parent), found, "elements and attributes only");
    free(found);
    free(text);
}

static void element_read(struct reader *reader, xmlNode *node,
                         const struct ehr_vocabulary_element *word, void *base);

static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
           strcmp((const char *)node->ns->href, EHR_SCENARIO_NAMESPACE) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

/* A zeroed item at the end of the array of `word`; the array doubles at each power of two. */
static void *item_add(const struct ehr_vocabulary_element *word, void *parent)
{
    void **items = (void **)(void *)((char *)parent + word->offset);
    size_t *count = (size_t *)(void *)((char *)parent + word->count_offset);
    size_t capacity = (*count & (*count - 1)) == 0 ? *count : SIZE_MAX;
    *items = ehr_scenario_array_grow(*items, *count, &capacity, word->item_bytes);
    return (char *)*items + (*count)++ * word->item_bytes;
}

static void single_read(struct reader *reader, xmlNode *node,
                        const struct ehr_vocabulary_element *word, void *parent)
{
    xmlNode *first = NULL;
    for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL;
         child = child->next) {
        if (!is_element(child, word->name))
            continue;
        if (first == NULL) {
            first = child;
            continue;
        }
        char *allowed = ehr_scenario_text_format("once (line %d)", ehr_document_line(first));
        refuse(reader, child, path_of(child), "given again", allowed);
        free(allowed);
    }
    if (first == NULL && word->min > 0 && node != NULL) {
        char *found = ehr_scenario_text_format("no element %s", word->name);
        refuse(reader, node, path_of(node), found, "exactly one");
        free(found);
    }
    element_read(reader, first, word, (char *)parent + word->offset);
}

static void array_read(struct reader *reader, xmlNode *node,
                       const struct ehr_vocabulary_element *word, void *parent)
{
    size_t found = 0;
    for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL;
         child = child->next) {
        if (!is_element(child, word->name))
            continue;
        element_read(reader, child, word, item_add(word, parent));
        found++;
    }
    if (found < word->min && node != NULL) {
        char *text = ehr_scenario_text_format("no element %s", word->name);
        refuse(reader, node, path_of(node), text, "at least one");
        free(text);
    }
}

/* `node` is NULL for an element that is absent: its defaults apply, and those of its children. */
static void element_read(struct reader *reader, xmlNode *node,
                         const struct ehr_vocabulary_element *word, void *base)
{
    int line = node != NULL ? ehr_document_line(node) : 0;
    if (word->line_offset != EHR_VOCABULARY_NO_LINE)
        *(int *)(void *)((char *)base + word->line_offset) = line;
    if (node != NULL)
        attributes_unknown_find(reader, node, word);
    attributes_read(reader, node, word, line, base);
    for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL;
         child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            const char *name = (const char *)child->name;
            if (ehr_vocabulary_child_find(word, name) == NULL || !is_element(child, name))
                child_unknown_refuse(reader, child, word);
        } else if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
                   !xmlIsBlankNode(child) && child->content != NULL) {
            text_refuse(reader, child);
        }
    }
    for (size_t i = 0; i < word->child_count; i++) {
        const struct ehr_vocabulary_element *child = &word->children[i];
        if (child->max == 1)
            single_read(reader, node, child, base);
        else
            array_read(reader, node, child, base);
    }
}

/* Below elements that the reader skips, too. */
static void foreign_attributes_remove(xmlNode *node)
{
    for (; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        xmlAttrPtr next = NULL;
        for (xmlAttrPtr attribute = node->properties; attribute != NULL; attribute = next) {
            next = attribute->next;
            if (attribute->ns != NULL)
                xmlRemoveProp(attribute);
        }
        foreign_attributes_remove(node->children);
    }
}

void ehr_scenario_tree_read(xmlDocPtr document, struct ehr_scenario *scenario,
                            struct ehr_problem_list *problems)
{
    struct reader reader = {.scenario = scenario, .problems = problems};
    xmlNode *root = xmlDocGetRootElement(document);
    element_read(&reader, root, &ehr_vocabulary_scenario, scenario);
    foreign_attributes_remove(root);
}
