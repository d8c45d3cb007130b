/* The actors of a deployment file. */
#include "sim/scenario/deployment.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/reader.h"
#include "sim/scenario/xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct opening {
    const char *path;
    struct ehr_problem_list *problems;
    struct ehr_deployment_file *file;
    size_t capacity;
};

static void refuse(struct opening *opening, int line, const char *what, const char *found,
                   const char *allowed)
{
    ehr_problem_list_add(opening->problems, false, opening->path, line, what, found, allowed);
}

/* A new text, the caller's; NULL: there is no such attribute. */
static char *attribute_of(const xmlNode *node, const char *name)
{
    const xmlAttr *attribute =
        xmlHasNsProp((xmlNodePtr)(uintptr_t)node, (const xmlChar *)name, NULL);
    if (attribute == NULL)
        return NULL;
    xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
    char *copy = ehr_scenario_text_copy(value != NULL ? (const char *)value : "");
    xmlFree(value);
    return copy;
}

static bool is_named(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static bool is_ours(const struct ehr_deployment_actor *actor)
{
    return strncmp(actor->function, EHR_DEPLOYMENT_PREFIX, strlen(EHR_DEPLOYMENT_PREFIX)) == 0;
}

/* ---- one actor ---- */

/* An attribute that has to be there; a new text. */
static char *attribute_take(struct opening *opening, const xmlNode *node, const char *function,
                            const char *name, bool ours)
{
    char *value = attribute_of(node, name);
    bool empty = value != NULL && *value == '\0' && strcmp(name, "id") == 0;
    if ((value == NULL || empty) && ours) {
        char *what = ehr_scenario_text_format(
            "%s%s<%s> @%s", function, *function != '\0' ? " " : "", (const char *)node->name, name);
        refuse(opening, ehr_xml_line(node), what, empty ? "empty" : "missing",
               empty ? "the name of a property" : "an attribute of this name");
        free(what);
    }
    return value != NULL ? value : ehr_scenario_text_copy("");
}

static void argument_add(struct opening *opening, const xmlNode *node,
                         struct ehr_deployment_actor *actor)
{
    size_t capacity = (actor->argument_count & (actor->argument_count - 1)) == 0
                          ? actor->argument_count
                          : SIZE_MAX;
    actor->arguments = ehr_scenario_array_grow(actor->arguments, actor->argument_count, &capacity,
                                               sizeof *actor->arguments);
    actor->arguments[actor->argument_count++] =
        attribute_take(opening, node, actor->function, "value", is_ours(actor));
}

static void property_add(struct opening *opening, const xmlNode *node,
                         struct ehr_deployment_actor *actor)
{
    size_t capacity = (actor->property_count & (actor->property_count - 1)) == 0
                          ? actor->property_count
                          : SIZE_MAX;
    actor->properties = ehr_scenario_array_grow(actor->properties, actor->property_count, &capacity,
                                                sizeof *actor->properties);
    actor->properties[actor->property_count++] = (struct ehr_deployment_property){
        .id = attribute_take(opening, node, actor->function, "id", is_ours(actor)),
        .value = attribute_take(opening, node, actor->function, "value", is_ours(actor)),
        .line = ehr_xml_line(node),
    };
}

static void attributes_check(struct opening *opening, const xmlNode *node, const char *function,
                             const char *allowed, const char *described)
{
    for (const xmlAttr *attribute = node->properties; attribute != NULL;
         attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        if (ehr_vocabulary_choice_find(allowed, name) != 0)
            continue;
        char *what = ehr_scenario_text_format("%s <%s>", function, (const char *)node->name);
        char *found = ehr_scenario_text_format("unknown attribute %s", name);
        refuse(opening, ehr_xml_line(node), what, found, described);
        free(found);
        free(what);
    }
}

static void actor_check(struct opening *opening, const xmlNode *node,
                        const struct ehr_deployment_actor *actor)
{
    attributes_check(opening, node, actor->function,
                     "host|function|start_time|kill_time|on_failure",
                     "host, function, start_time, kill_time, on_failure");
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        if (is_named(child, "argument")) {
            attributes_check(opening, child, actor->function, "value", "value");
        } else if (is_named(child, "prop")) {
            attributes_check(opening, child, actor->function, "id|value", "id, value");
        } else {
            char *found = ehr_scenario_text_format("element %s", (const char *)child->name);
            refuse(opening, ehr_xml_line(child), actor->function, found, "argument, prop");
            free(found);
        }
    }
}

static void actor_take(struct opening *opening, const xmlNode *node)
{
    struct ehr_deployment_file *file = opening->file;
    file->actors = ehr_scenario_array_grow(file->actors, file->actor_count, &opening->capacity,
                                           sizeof *file->actors);
    struct ehr_deployment_actor *actor = &file->actors[file->actor_count++];
    *actor = (struct ehr_deployment_actor){
        .function = attribute_take(opening, node, "", "function", true),
        .host = attribute_take(opening, node, "", "host", true),
        .start_time = attribute_of(node, "start_time"),
        .line = ehr_xml_line(node),
    };
    char *on_failure = attribute_of(node, "on_failure");
    actor->restarts = on_failure != NULL && strcmp(on_failure, "RESTART") == 0;
    free(on_failure);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (is_named(child, "argument"))
            argument_add(opening, child, actor);
        if (is_named(child, "prop"))
            property_add(opening, child, actor);
    }
    if (is_ours(actor))
        actor_check(opening, node, actor);
}

/* SimGrid's name of an actor in its format 3: of a role nobody would see it. */
static void process_refuse(struct opening *opening, const xmlNode *node)
{
    char *function = attribute_of(node, "function");
    const size_t chars = strlen(EHR_DEPLOYMENT_PREFIX);
    if (function != NULL && strncmp(function, EHR_DEPLOYMENT_PREFIX, chars) == 0)
        refuse(opening, ehr_xml_line(node), function, "element process", "actor");
    free(function);
}

/* ---- the file ---- */

static xmlDocPtr text_read(struct opening *opening, const uint8_t *text, size_t text_bytes)
{
    if (text_bytes == 0 || text_bytes > INT_MAX) {
        refuse(opening, 1, "file", text_bytes == 0 ? "empty" : "larger than 2 GiB",
               "a deployment in XML");
        return NULL;
    }
    struct ehr_xml_error error = {0};
    xmlDocPtr document = ehr_xml_read(text, text_bytes, EHR_XML_DOCTYPE_IGNORED, &error);
    if (document == NULL && error.doctype)
        refuse(opening, error.line, "DOCTYPE", "declarations of its own",
               "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">");
    else if (document == NULL)
        refuse(opening, error.line, "XML", error.text != NULL ? error.text : "no element",
               "well-formed XML");
    free(error.text);
    return document;
}

enum ehr_scenario_status ehr_deployment_file_parse(const char *path, const uint8_t *text,
                                                   size_t text_bytes,
                                                   struct ehr_problem_list *problems,
                                                   struct ehr_deployment_file *file)
{
    struct opening opening = {.path = path, .problems = problems, .file = file};
    *file = (struct ehr_deployment_file){
        .text = ehr_scenario_allocate(text_bytes, 1),
        .text_bytes = text_bytes,
    };
    if (text_bytes > 0)
        memcpy(file->text, text, text_bytes);
    xmlDocPtr document = text_read(&opening, text, text_bytes);
    const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    bool root_sound = root != NULL && is_named(root, "platform");
    if (root != NULL && !root_sound) {
        char *found = ehr_scenario_text_format("<%s>", (const char *)root->name);
        refuse(&opening, ehr_xml_line(root), "document element", found,
               "<platform version=\"4.1\">");
        free(found);
    } else if (root != NULL) {
        for (const xmlNode *node = root->children; node != NULL; node = node->next)
            if (is_named(node, "actor"))
                actor_take(&opening, node);
            else if (is_named(node, "process"))
                process_refuse(&opening, node);
    }
    if (document != NULL)
        xmlFreeDoc(document);
    if (root_sound)
        return EHR_SCENARIO_OK;
    ehr_deployment_file_close(file);
    return EHR_SCENARIO_INVALID;
}

enum ehr_scenario_status ehr_deployment_file_load(const char *path,
                                                  struct ehr_problem_list *problems,
                                                  struct ehr_deployment_file *file)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    *file = (struct ehr_deployment_file){0};
    enum ehr_scenario_status status = ehr_scenario_file_read(path, problems, &bytes, &count);
    if (status == EHR_SCENARIO_OK)
        status = ehr_deployment_file_parse(path, bytes, count, problems, file);
    free(bytes);
    return status;
}

void ehr_deployment_actor_close(struct ehr_deployment_actor *actor)
{
    for (size_t i = 0; i < actor->argument_count; i++)
        free(actor->arguments[i]);
    for (size_t i = 0; i < actor->property_count; i++) {
        free(actor->properties[i].id);
        free(actor->properties[i].value);
    }
    free(actor->function);
    free(actor->host);
    free(actor->start_time);
    free(actor->arguments);
    free(actor->properties);
    *actor = (struct ehr_deployment_actor){0};
}

void ehr_deployment_file_close(struct ehr_deployment_file *file)
{
    for (size_t i = 0; i < file->actor_count; i++)
        ehr_deployment_actor_close(&file->actors[i]);
    free(file->actors);
    free(file->text);
    *file = (struct ehr_deployment_file){0};
}
