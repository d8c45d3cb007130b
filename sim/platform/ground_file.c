/* A platform file as ground: its zone is copied as it stands, so that whatever SimGrid knows may be
 * in it; read are only the names. */
#include "sim/platform/ground.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/xml.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct platform {
    struct ehr_ground *ground;
    const char *file;
    struct ehr_problem_list *problems;
    struct ehr_names hosts;
    const xmlNode *zone;
};

static void refuse(struct platform *platform, const xmlNode *node, const char *what,
                   const char *found, const char *allowed)
{
    ehr_problem_list_add(platform->problems, false, platform->file,
                         node != NULL ? ehr_xml_line(node) : 1, what, found, allowed);
}

static const char *attribute(const xmlNode *node, const char *name)
{
    const xmlAttr *found = xmlHasProp(node, (const xmlChar *)name);
    if (found == NULL || found->children == NULL || found->children->content == NULL)
        return "";
    return (const char *)found->children->content;
}

static bool is_one_of(const xmlNode *node, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp((const char *)node->name, *names) == 0)
            return true;
    return false;
}

/* Goes down the tree without recursion: files may be nested deeply. */
static const xmlNode *next_node(const xmlNode *node, const xmlNode *top)
{
    if (node->children != NULL && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node != top && node->next == NULL)
        node = node->parent;
    return node != top ? node->next : NULL;
}

static void names_read(struct platform *platform)
{
    static const char *const netpoints[] = {"zone",    "AS",   "host",    "router",
                                            "cluster", "peer", "cabinet", NULL};
    static const char *const links[] = {"link", NULL};
    struct ehr_ground *ground = platform->ground;
    for (const xmlNode *node = platform->zone; node != NULL;
         node = next_node(node, platform->zone)) {
        const char *id = node->type == XML_ELEMENT_NODE ? attribute(node, "id") : "";
        if (*id == '\0')
            continue;
        if (is_one_of(node, netpoints))
            ehr_names_add(&ground->netpoints, id);
        else if (is_one_of(node, links))
            ehr_names_add(&ground->links, id);
        if (strcmp((const char *)node->name, "router") == 0)
            ehr_names_add(&ground->points, id);
        else if (strcmp((const char *)node->name, "host") == 0)
            ehr_names_add(&platform->hosts, id);
        else
            continue;
        if (node->parent != platform->zone)
            ehr_names_add(&ground->inner, id);
    }
    ground->router_count = ground->points.count;
    for (size_t i = 0; i < platform->hosts.count; i++)
        ehr_names_add(&ground->points, platform->hosts.items[i]);
}

/* The text of a node, at the end of *text. */
static void node_append(char **text, xmlDocPtr document, xmlNode *node)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    assert(buffer != NULL);
    xmlNodeDump(buffer, document, node, 0, 0);
    const char *dumped = (const char *)xmlBufferContent(buffer);
    char *longer = ehr_scenario_text_format("%s%s%s", *text != NULL ? *text : "",
                                            *text != NULL ? "\n  " : "", dumped);
    free(*text);
    *text = longer;
    xmlBufferFree(buffer);
}

/* Comments, and the instruction that says how the file was made. */
static void front_append(struct ehr_ground *ground, xmlDocPtr document, xmlNode *node)
{
    if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE)
        node_append(&ground->comment, document, node);
}

static void children_read(struct platform *platform, xmlDocPtr document, const xmlNode *root)
{
    static const char *const kept[] = {"config", "trace", "trace_connect", NULL};
    for (xmlNode *child = root->children; child != NULL; child = child->next) {
        if (platform->zone == NULL)
            front_append(platform->ground, document, child);
        if (child->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)child->name, "zone") == 0 && platform->zone == NULL) {
            platform->zone = child;
            node_append(&platform->ground->text, document, child);
        } else if (is_one_of(child, kept)) {
            node_append(platform->zone == NULL ? &platform->ground->before
                                               : &platform->ground->behind,
                        document, child);
        } else {
            refuse(platform, child, (const char *)child->name,
                   platform->zone != NULL ? "beside the first zone" : "in <platform>",
                   "one <zone>, <config>, <trace>, <trace_connect>");
        }
    }
    if (platform->zone == NULL)
        refuse(platform, root, "zone", "none", "one <zone> in <platform>");
    else if (*attribute(platform->zone, "id") == '\0')
        refuse(platform, platform->zone, "zone/@id", "none", "a name");
}

static bool root_check(struct platform *platform, const xmlNode *root)
{
    const char *version = attribute(root, "version");
    if (strcmp((const char *)root->name, "platform") != 0) {
        refuse(platform, root, "document element", (const char *)root->name, "<platform>");
        return false;
    }
    if (strcmp(version, "4") != 0 && strcmp(version, "4.1") != 0) {
        refuse(platform, root, "platform/@version", *version != '\0' ? version : "none",
               "4 or 4.1");
        return false;
    }
    return true;
}

static void document_read(struct platform *platform, xmlDocPtr document)
{
    const xmlNode *root = xmlDocGetRootElement(document);
    if (!root_check(platform, root))
        return;
    for (xmlNode *node = document->children; node != NULL && node != root; node = node->next)
        front_append(platform->ground, document, node);
    children_read(platform, document, root);
    if (platform->zone == NULL)
        return;
    platform->ground->zone = ehr_scenario_text_copy(attribute(platform->zone, "id"));
    names_read(platform);
    if (platform->ground->points.count == 0)
        refuse(platform, platform->zone, "zone", "no <host> and no <router>",
               "something to hang a hospital on");
}

bool ehr_ground_platform(struct ehr_ground *ground, const char *file, const uint8_t *text,
                         size_t text_bytes, struct ehr_problem_list *problems)
{
    struct platform platform = {.ground = ground, .file = file, .problems = problems};
    size_t errors = problems->error_count;
    *ground = (struct ehr_ground){0};
    if (text_bytes == 0 || text_bytes > INT_MAX) {
        refuse(&platform, NULL, "file", text_bytes == 0 ? "empty" : "larger than 2 GiB",
               "a SimGrid platform");
        return false;
    }
    struct ehr_xml_error error;
    xmlDocPtr document = ehr_xml_read(text, text_bytes, EHR_XML_DOCTYPE_IGNORED, &error);
    if (document == NULL)
        ehr_problem_list_add(problems, false, file, error.line, error.doctype ? "DOCTYPE" : "XML",
                             error.doctype        ? "declarations"
                             : error.text != NULL ? error.text
                                                  : "no element",
                             error.doctype ? "a name only" : "well-formed XML");
    else
        document_read(&platform, document);
    free(error.text);
    if (document != NULL)
        xmlFreeDoc(document);
    ehr_names_close(&platform.hosts);
    return problems->error_count == errors;
}
