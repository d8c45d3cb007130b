#include "sim/scenario/group.h"

#include "sim/scenario/document.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/reader.h"

#include <stdlib.h>
#include <string.h>

char *ehr_group_text(const char *text, const char *name)
{
    static const size_t place_chars = sizeof EHR_GROUP_PLACE - 1;
    char *made = ehr_scenario_text_copy("");
    for (const char *place; (place = strstr(text, EHR_GROUP_PLACE)) != NULL;
         text = place + place_chars) {
        char *more = ehr_scenario_text_format("%s%.*s%s", made, (int)(place - text), text, name);
        free(made);
        made = more;
    }
    char *whole = ehr_scenario_text_format("%s%s", made, text);
    free(made);
    return whole;
}

char *ehr_group_name(const char *names, uint32_t number)
{
    if (names == NULL)
        return ehr_scenario_text_format("%u", (unsigned)number);
    for (uint32_t i = 1;; i++) {
        names += strspn(names, " ,");
        size_t chars = strcspn(names, " ,");
        if (chars == 0)
            return NULL;
        if (i == number)
            return ehr_scenario_text_format("%.*s", (int)chars, names);
        names += chars;
    }
}

const char *ehr_group_element(const struct ehr_scenario_hospital *hospital)
{
    return hospital->group > 0 ? "hospital-group" : "hospital";
}

/* ---- making them ---- */

static bool is_word(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
           strcmp((const char *)node->ns->href, EHR_SCENARIO_NAMESPACE) == 0;
}

static bool is_element(const xmlNode *node, const char *name)
{
    return is_word(node) && strcmp((const char *)node->name, name) == 0;
}

/* The attributes that the group has and a hospital has, too, with the member's name in them. */
static xmlNodePtr member_copy(xmlNodePtr parent, const xmlNode *from,
                              const struct ehr_vocabulary_element *word, const char *name)
{
    xmlNodePtr made = xmlNewChild(parent, parent->ns, (const xmlChar *)word->name, NULL);
    made->_private = (void *)(intptr_t)-ehr_document_line(from);
    for (const xmlAttr *given = from->properties; given != NULL; given = given->next) {
        const char *attribute = (const char *)given->name;
        if (given->ns != NULL || ehr_vocabulary_attribute_find(word, attribute) == NULL)
            continue;
        xmlChar *value = xmlNodeListGetString(given->doc, given->children, 1);
        char *text = ehr_group_text(value != NULL ? (const char *)value : "", name);
        xmlNewProp(made, given->name, (const xmlChar *)text);
        free(text);
        xmlFree(value);
    }
    return made;
}

static void member_make(xmlNodePtr root, const xmlNode *group, const char *name)
{
    const struct ehr_vocabulary_element *word =
        ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "hospital");
    xmlNodePtr made = member_copy(root, group, word, name);
    for (const xmlNode *child = group->children; child != NULL; child = child->next) {
        const struct ehr_vocabulary_element *part =
            is_word(child) ? ehr_vocabulary_child_find(word, (const char *)child->name) : NULL;
        if (part != NULL)
            member_copy(made, child, part, name);
    }
}

/* One attribute of the group, or its default; false if it is malformed or missing. */
static bool attribute_read(const xmlNode *node, const char *name, const char *file,
                           struct ehr_scenario_hospital_group *group)
{
    const struct ehr_vocabulary_attribute *word = ehr_vocabulary_attribute_find(
        ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "hospital-group"), name);
    xmlChar *given = xmlGetNoNsProp(node, (const xmlChar *)name);
    const char *text = given != NULL ? (const char *)given : word->default_text;
    bool valid =
        text != NULL ? ehr_scenario_field_parse(word, text, file, 0, group) : !word->required;
    xmlFree(given);
    return valid;
}

static size_t members_make(xmlNodePtr root, const xmlNode *node, const char *file)
{
    struct ehr_scenario_hospital_group group = {0};
    bool known = attribute_read(node, "count", file, &group) &&
                 attribute_read(node, "first", file, &group) &&
                 attribute_read(node, "names", file, &group) &&
                 attribute_read(node, "id", file, &group);
    size_t made = 0;
    for (; known && made < group.count; made++) {
        char *name = ehr_group_name(group.names, group.first + (uint32_t)made);
        if (name == NULL)
            break; /* check_groups.c says so */
        member_make(root, node, name);
        free(name);
    }
    free(group.names);
    free(group.model.id);
    return made;
}

size_t *ehr_group_members_make(xmlDocPtr document, const char *file)
{
    xmlNodePtr root = xmlDocGetRootElement(document);
    size_t *members = NULL;
    size_t count = 0, capacity = 0;
    const xmlNode *last = root->last; /* what stands behind it is made here */
    for (const xmlNode *node = root->children; node != NULL;
         node = node == last ? NULL : node->next) {
        if (!is_element(node, "hospital-group"))
            continue;
        members = ehr_scenario_array_grow(members, count, &capacity, sizeof *members);
        members[count++] = members_make(root, node, file);
    }
    return members;
}

/* ---- finding them again ---- */

static bool is_overridden(const xmlNode *node)
{
    for (const xmlAttr *given = node->properties; given != NULL; given = given->next)
        if (ehr_document_is_overridden(given))
            return true;
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE && is_overridden(child))
            return true;
    return false;
}

void ehr_group_members_find(xmlDocPtr document, struct ehr_scenario *scenario,
                            const size_t *members)
{
    size_t next = scenario->hospital_count;
    for (size_t g = 0; g < scenario->hospital_group_count; g++)
        next -= members[g];
    for (size_t g = 0; g < scenario->hospital_group_count; g++)
        for (size_t m = 0; m < members[g]; m++)
            scenario->hospitals[next++].group = (uint32_t)g + 1;
    for (const xmlNode *node = xmlDocGetRootElement(document)->children; node != NULL;
         node = node->next)
        if (is_element(node, "hospital") && ehr_document_is_member(node) && is_overridden(node))
            scenario->members_differ = true;
}
