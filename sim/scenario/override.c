#include "sim/scenario/document.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* Any address of ours: marks attributes that an override wrote. */
static char overridden;

/* One step of a path: `name` or `name[@attribute='value']`. */
struct step {
    char *name;
    char *key; /* NULL: every element of the name */
    char *value;
};

struct path {
    struct step *steps;
    size_t count;
    size_t capacity;
    char *attribute;
    const char *set; /* the whole text, */
    size_t chars;    /* and how much of it messages quote */
    struct ehr_problem_list *problems;
};

static void refuse(const struct path *path, const char *found, const char *allowed)
{
    char *what = ehr_scenario_text_format("%.*s", (int)path->chars, path->set);
    ehr_problem_list_add(path->problems, false, "--set", 0, what, found, allowed);
    free(what);
}

static void path_close(struct path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        free(path->steps[i].name);
        free(path->steps[i].key);
        free(path->steps[i].value);
    }
    free(path->steps);
    free(path->attribute);
}

static char *text_cut(const char *from, const char *to)
{
    return ehr_scenario_text_format("%.*s", (int)(to - from), from);
}

/* Reads "[@key='value']" at `at`; returns its end, NULL if malformed. */
static const char *predicate_read(const char *at, struct step *step)
{
    if (strncmp(at, "[@", 2) != 0)
        return NULL;
    const char *key = at + 2;
    const char *equals = strchr(key, '=');
    if (equals == NULL || equals == key || (equals[1] != '\'' && equals[1] != '"'))
        return NULL;
    const char *value = equals + 2;
    const char *quote = strchr(value, equals[1]);
    if (quote == NULL || quote[1] != ']')
        return NULL;
    step->key = text_cut(key, equals);
    step->value = text_cut(value, quote);
    return quote + 2;
}

/* "a/b[@id='x']/@attribute=value": returns the value, NULL if malformed. */
static const char *path_read(struct path *path)
{
    const char *at = path->set;
    while (*at != '@') {
        const char *end = at + strcspn(at, "/[@=");
        if (end == at || (*end != '/' && *end != '['))
            return NULL;
        path->steps = ehr_scenario_array_grow(path->steps, path->count, &path->capacity,
                                              sizeof(*path->steps));
        struct step *step = &path->steps[path->count++];
        step->name = text_cut(at, end);
        if (*end == '[') {
            end = predicate_read(end, step);
            if (end == NULL || *end != '/')
                return NULL;
        }
        at = end + 1;
    }
    const char *equals = strchr(at, '=');
    if (equals == NULL || equals == at + 1)
        return NULL;
    path->attribute = text_cut(at + 1, equals);
    return equals + 1;
}

static bool step_fits(const struct step *step, xmlNodePtr node)
{
    if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, step->name) != 0)
        return false;
    if (step->key == NULL)
        return true;
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)step->key);
    bool fits = value != NULL && strcmp((const char *)value, step->value) == 0;
    xmlFree(value);
    return fits;
}

/* Writes the attribute in every element below `node` that the steps from `depth` on lead to. An
 * element that may stand once and does not stand there is made, since its defaults do apply. */
static size_t path_apply(const struct path *path, size_t depth, xmlNodePtr node,
                         const struct ehr_vocabulary_element *element, const char *value)
{
    if (depth == path->count) {
        xmlAttrPtr attribute =
            xmlSetProp(node, (const xmlChar *)path->attribute, (const xmlChar *)value);
        if (attribute != NULL)
            attribute->_private = &overridden;
        return 1;
    }
    const struct step *step = &path->steps[depth];
    const struct ehr_vocabulary_element *child = ehr_vocabulary_child_find(element, step->name);
    size_t written = 0;
    for (xmlNodePtr next = node->children; next != NULL; next = next->next)
        if (step_fits(step, next))
            written += path_apply(path, depth + 1, next, child, value);
    if (written == 0 && child->max == 1 && step->key == NULL) {
        xmlNodePtr made = xmlNewChild(node, node->ns, (const xmlChar *)step->name, NULL);
        if (made == NULL)
            return 0;
        made->_private = node->_private; /* the line */
        written = path_apply(path, depth + 1, made, child, value);
    }
    return written;
}

/* Every step and the attribute must be words of the vocabulary; else NULL, and what is wrong. */
static const struct ehr_vocabulary_attribute *attribute_of(const struct path *path, char **found,
                                                           char **allowed)
{
    const struct ehr_vocabulary_element *element = &ehr_vocabulary_scenario;
    for (size_t i = 0; i < path->count; i++) {
        const struct ehr_vocabulary_element *child =
            ehr_vocabulary_child_find(element, path->steps[i].name);
        if (child == NULL) {
            *found = ehr_scenario_text_copy(path->steps[i].name);
            *allowed =
                ehr_vocabulary_suggest(ehr_vocabulary_children_describe(element),
                                       ehr_vocabulary_child_nearest(element, path->steps[i].name));
            return NULL;
        }
        element = child;
    }
    const struct ehr_vocabulary_attribute *attribute =
        ehr_vocabulary_attribute_find(element, path->attribute);
    if (attribute == NULL) {
        *found = ehr_scenario_text_format("@%s", path->attribute);
        *allowed =
            ehr_vocabulary_suggest(ehr_vocabulary_attributes_describe(element),
                                   ehr_vocabulary_attribute_nearest(element, path->attribute));
    }
    return attribute;
}

static bool path_is_known(const struct path *path)
{
    char *found = NULL, *allowed = NULL;
    bool known = attribute_of(path, &found, &allowed) != NULL;
    if (!known)
        refuse(path, found, allowed);
    free(found);
    free(allowed);
    return known;
}

const struct ehr_vocabulary_attribute *ehr_document_path_attribute(const char *parameter,
                                                                   char **found, char **allowed)
{
    char *set = ehr_scenario_text_format("%s=", parameter);
    struct path path = {.set = set};
    const struct ehr_vocabulary_attribute *attribute = NULL;
    const char *value = path_read(&path);
    if (value != NULL && *value == '\0') {
        attribute = attribute_of(&path, found, allowed);
    } else {
        *found = ehr_scenario_text_copy("no path");
        *allowed = ehr_scenario_text_copy("ELEMENT/@ATTRIBUTE, such as alliance/@batch");
    }
    path_close(&path);
    free(set);
    return attribute;
}

struct found_values {
    char **texts;
    size_t count;
    size_t capacity;
};

static void value_add(struct found_values *values, const struct path *path, xmlNodePtr node,
                      const struct ehr_vocabulary_element *element)
{
    const char *text = ehr_vocabulary_attribute_find(element, path->attribute)->default_text;
    xmlChar *written = node != NULL ? xmlGetNoNsProp(node, (const xmlChar *)path->attribute) : NULL;
    if (written != NULL)
        text = (const char *)written;
    values->texts = ehr_scenario_array_grow(values->texts, values->count, &values->capacity,
                                            sizeof(*values->texts));
    values->texts[values->count++] = text != NULL ? ehr_scenario_text_copy(text) : NULL;
    xmlFree(written);
}

/* As path_apply; `node` is NULL where the element does not stand. */
static void values_collect(struct found_values *values, const struct path *path, size_t depth,
                           xmlNodePtr node, const struct ehr_vocabulary_element *element)
{
    if (depth == path->count) {
        value_add(values, path, node, element);
        return;
    }
    const struct step *step = &path->steps[depth];
    const struct ehr_vocabulary_element *child = ehr_vocabulary_child_find(element, step->name);
    bool found = false;
    for (xmlNodePtr next = node != NULL ? node->children : NULL; next != NULL; next = next->next) {
        if (!step_fits(step, next))
            continue;
        found = true;
        values_collect(values, path, depth + 1, next, child);
    }
    if (!found && child->max == 1 && step->key == NULL)
        values_collect(values, path, depth + 1, NULL, child);
}

char **ehr_document_path_values(xmlDocPtr document, const char *parameter, size_t *count)
{
    char *set = ehr_scenario_text_format("%s=", parameter);
    struct path path = {.set = set};
    struct found_values values = {0};
    if (path_read(&path) != NULL)
        values_collect(&values, &path, 0, xmlDocGetRootElement(document), &ehr_vocabulary_scenario);
    path_close(&path);
    free(set);
    *count = values.count;
    return values.texts;
}

const char *ehr_document_override(xmlDocPtr document, const char *set,
                                  struct ehr_problem_list *problems)
{
    struct path path = {.set = set, .chars = strlen(set), .problems = problems};
    const char *value = path_read(&path);
    size_t errors = problems->error_count;
    if (value == NULL || !xmlCheckUTF8((const unsigned char *)set)) {
        refuse(&path, "no path and value", "ELEMENT/@ATTRIBUTE=VALUE, such as alliance/@batch=10");
    } else {
        path.chars = (size_t)(value - 1 - set);
        if (path_is_known(&path) && path_apply(&path, 0, xmlDocGetRootElement(document),
                                               &ehr_vocabulary_scenario, value) == 0)
            refuse(&path, "no such element", "an element of the scenario");
    }
    path_close(&path);
    return problems->error_count > errors ? NULL : value;
}

bool ehr_document_override_is_of_groups(const char *set)
{
    static const char name[] = "hospital-group";
    return strncmp(set, name, sizeof name - 1) == 0 && strchr("/[", set[sizeof name - 1]) != NULL &&
           set[sizeof name - 1] != '\0';
}

bool ehr_document_is_overridden(const xmlAttr *attribute)
{
    return attribute->_private == &overridden;
}
