/* GraphML to struct ehr_graph, in two passes: nodes, then the edges that name them. */
#include "sim/platform/graph.h"

#include "sim/platform/speed.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/xml.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE "http://graphml.graphdrawing.org/xmlns"

/* The largest map of the Topology Zoo has 754 nodes; on more, SimGrid would not find its routes. */
enum { NODES_MAX = 2000, EDGES_MAX = 20000 };

struct reader {
    const char *file;
    struct ehr_problem_list *problems;
    const xmlNode *root;
    struct ehr_graph *graph;
    struct index_entry {
        const char *id;
        size_t node;
    } * index; /* by id */
};

static void refuse(struct reader *reader, const xmlNode *node, const char *what, const char *found,
                   const char *allowed)
{
    ehr_problem_list_add(reader->problems, false, reader->file,
                         node != NULL ? ehr_xml_line(node) : 1, what, found, allowed);
}

/* ---- the tree ---- */

static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The value of an attribute without a namespace, or NULL; the tree's where it is one text. */
static const char *attribute(const xmlNode *node, const char *name)
{
    const xmlAttr *found = xmlHasProp(node, (const xmlChar *)name);
    if (found == NULL)
        return NULL;
    return found->children != NULL ? (const char *)found->children->content : "";
}

/* The text of an element that holds text alone; "" for none. */
static const char *content(const xmlNode *node)
{
    const xmlNode *child = node->children;
    while (child != NULL && child->type != XML_TEXT_NODE && child->type != XML_CDATA_SECTION_NODE)
        child = child->next;
    return child != NULL && child->content != NULL ? (const char *)child->content : "";
}

/* The <key> that a <data> of a node, edge or graph refers to. */
static const xmlNode *key_find(const struct reader *reader, const char *id)
{
    for (const xmlNode *key = reader->root->children; key != NULL; key = key->next) {
        const char *own = is_element(key, "key") ? attribute(key, "id") : NULL;
        if (own != NULL && strcmp(own, id) == 0)
            return key;
    }
    return NULL;
}

/* What is said of `owner` under the attribute name, or NULL. */
static const xmlNode *data_find(const struct reader *reader, const xmlNode *owner, const char *name)
{
    for (const xmlNode *data = owner->children; data != NULL; data = data->next) {
        const char *id = is_element(data, "data") ? attribute(data, "key") : NULL;
        const xmlNode *key = id != NULL ? key_find(reader, id) : NULL;
        const char *said = key != NULL ? attribute(key, "attr.name") : NULL;
        if (said != NULL && strcmp(said, name) == 0)
            return data;
    }
    return NULL;
}

/* The text of data_find, or NULL. */
static const char *data_text(const struct reader *reader, const xmlNode *owner, const char *name)
{
    const xmlNode *data = data_find(reader, owner, name);
    return data != NULL ? content(data) : NULL;
}

static char *copy_or_null(const char *text)
{
    return text != NULL && *text != '\0' ? ehr_scenario_text_copy(text) : NULL;
}

/* ---- nodes ---- */

static bool degrees(struct reader *reader, const xmlNode *data, const char *what, double limit,
                    double *value)
{
    const char *text = content(data);
    char *end = NULL, allowed[64];
    bool good = *text != '\0' && text[strspn(text, "+-.0123456789eE")] == '\0';
    *value = good ? strtod(text, &end) : 0;
    good = good && *end == '\0' && fabs(*value) <= limit;
    snprintf(allowed, sizeof allowed, "degrees from -%g to %g", limit, limit);
    if (!good)
        refuse(reader, data, what, text, allowed);
    return good;
}

static void position_read(struct reader *reader, const xmlNode *element,
                          struct ehr_graph_node *node)
{
    const xmlNode *latitude = data_find(reader, element, "Latitude");
    const xmlNode *longitude = data_find(reader, element, "Longitude");
    if (latitude == NULL && longitude == NULL)
        return;
    if (latitude == NULL || longitude == NULL) {
        refuse(reader, element, "node", latitude == NULL ? "no Latitude" : "no Longitude",
               "both, or none of them");
        return;
    }
    bool north = degrees(reader, latitude, "Latitude", 90, &node->point.latitude);
    bool east = degrees(reader, longitude, "Longitude", 180, &node->point.longitude);
    node->placed = north && east;
}

static bool nested(struct reader *reader, const xmlNode *element)
{
    for (const xmlNode *child = element->children; child != NULL; child = child->next) {
        if (is_element(child, "graph")) {
            refuse(reader, child, "graph", "a graph within a node", "one graph");
            return true;
        }
    }
    return false;
}

static void node_read(struct reader *reader, const xmlNode *element)
{
    struct ehr_graph *graph = reader->graph;
    const char *id = attribute(element, "id");
    if (id == NULL || *id == '\0') {
        refuse(reader, element, "node/@id", "none", "an id");
        return;
    }
    if (nested(reader, element))
        return;
    graph->nodes = ehr_scenario_array_grow(graph->nodes, graph->node_count, &graph->node_capacity,
                                           sizeof *graph->nodes);
    struct ehr_graph_node *node = &graph->nodes[graph->node_count++];
    const char *label = data_text(reader, element, "label");
    const char *internal = data_text(reader, element, "Internal");
    *node = (struct ehr_graph_node){
        .id = ehr_scenario_text_copy(id),
        .label = ehr_scenario_text_copy(label != NULL && *label != '\0' ? label : id),
        .external = internal != NULL && strcmp(internal, "0") == 0,
        .line = ehr_xml_line(element),
    };
    position_read(reader, element, node);
}

static int index_compare(const void *left, const void *right)
{
    const struct index_entry *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->node > b->node) - (a->node < b->node);
}

static void index_make(struct reader *reader)
{
    struct ehr_graph *graph = reader->graph;
    reader->index = ehr_scenario_allocate(graph->node_count, sizeof *reader->index);
    for (size_t i = 0; i < graph->node_count; i++)
        reader->index[i] = (struct index_entry){graph->nodes[i].id, i};
    qsort(reader->index, graph->node_count, sizeof *reader->index, index_compare);
    for (size_t i = 1; i < graph->node_count; i++) {
        const struct ehr_graph_node *node = &graph->nodes[reader->index[i].node];
        if (strcmp(reader->index[i - 1].id, reader->index[i].id) == 0)
            ehr_problem_list_add(reader->problems, false, reader->file, node->line, "node/@id",
                                 node->id, "an id that no other node has");
    }
}

/* ---- edges ---- */

static bool end_find(struct reader *reader, const xmlNode *element, const char *name, size_t *node)
{
    char what[32];
    const char *id = attribute(element, name);
    struct index_entry wanted = {id != NULL ? id : "", 0};
    size_t low = 0, high = reader->graph->node_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(reader->index[middle].id, wanted.id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (id != NULL && low < reader->graph->node_count && strcmp(reader->index[low].id, id) == 0) {
        *node = reader->index[low].node;
        return true;
    }
    snprintf(what, sizeof what, "edge/@%s", name);
    refuse(reader, element, what, id != NULL ? id : "none", "the id of a node");
    return false;
}

static uint64_t speed_read(struct reader *reader, const xmlNode *element)
{
    uint64_t bytes_per_s = 0;
    const xmlNode *raw = data_find(reader, element, "LinkSpeedRaw");
    if (raw != NULL) {
        if (!ehr_speed_number_parse(content(raw), &bytes_per_s))
            refuse(reader, raw, "LinkSpeedRaw", content(raw), "bits per second, 8 to 1e18");
        return bytes_per_s;
    }
    const char *number = data_text(reader, element, "LinkSpeed");
    const char *unit = data_text(reader, element, "LinkSpeedUnits");
    char text[64];
    snprintf(text, sizeof text, "%.30s%.30s", number != NULL ? number : "",
             unit != NULL ? unit : "");
    const char *label = data_text(reader, element, "LinkLabel");
    if (ehr_speed_label_parse(text, &bytes_per_s) ||
        (label != NULL && ehr_speed_label_parse(label, &bytes_per_s)))
        return bytes_per_s;
    return 0;
}

static void edge_read(struct reader *reader, const xmlNode *element)
{
    struct ehr_graph *graph = reader->graph;
    size_t from = 0, to = 0;
    const char *directed = attribute(element, "directed");
    if (directed != NULL && strcmp(directed, "false") != 0)
        refuse(reader, element, "edge/@directed", directed, "false");
    bool source = end_find(reader, element, "source", &from);
    bool target = end_find(reader, element, "target", &to);
    if (!source || !target)
        return;
    graph->edges = ehr_scenario_array_grow(graph->edges, graph->edge_count, &graph->edge_capacity,
                                           sizeof *graph->edges);
    graph->edges[graph->edge_count++] = (struct ehr_graph_edge){
        .from = from,
        .to = to,
        .bytes_per_s = speed_read(reader, element),
        .line = ehr_xml_line(element),
    };
}

/* ---- the graph ---- */

static size_t elements_count(const xmlNode *parent, const char *name)
{
    size_t count = 0;
    for (const xmlNode *child = parent->children; child != NULL; child = child->next)
        count += is_element(child, name);
    return count;
}

static const xmlNode *graph_find(struct reader *reader)
{
    const xmlNode *graph = NULL;
    for (const xmlNode *child = reader->root->children; child != NULL; child = child->next) {
        if (!is_element(child, "graph"))
            continue;
        if (graph != NULL) {
            refuse(reader, child, "graph", "a second one", "one graph");
            return NULL;
        }
        graph = child;
    }
    if (graph == NULL) {
        refuse(reader, reader->root, "graph", "none", "one graph");
        return NULL;
    }
    const char *edges = attribute(graph, "edgedefault");
    if (edges != NULL && strcmp(edges, "undirected") != 0)
        refuse(reader, graph, "graph/@edgedefault", edges, "undirected");
    if (elements_count(graph, "node") == 0)
        refuse(reader, graph, "graph", "no node", "at least one node");
    if (elements_count(graph, "node") > NODES_MAX || elements_count(graph, "edge") > EDGES_MAX) {
        refuse(reader, graph, "graph", "too large", "at most 2000 nodes and 20000 edges");
        return NULL;
    }
    return graph;
}

/* Without the folder and the ending. */
static char *name_of_file(const char *file)
{
    const char *base = strrchr(file, '/');
    base = base != NULL ? base + 1 : file;
    const char *dot = strrchr(base, '.');
    int length = dot != NULL && dot > base ? (int)(dot - base) : (int)strlen(base);
    return ehr_scenario_text_format("%.*s", length, base);
}

static void graph_read(struct reader *reader, const xmlNode *element)
{
    struct ehr_graph *graph = reader->graph;
    const char *label = data_text(reader, element, "label");
    graph->name = label != NULL && *label != '\0' ? ehr_scenario_text_copy(label)
                                                  : name_of_file(reader->file);
    graph->place = copy_or_null(data_text(reader, element, "GeoLocation"));
    graph->date = copy_or_null(data_text(reader, element, "NetworkDate"));
    graph->source = copy_or_null(data_text(reader, element, "Source"));
    for (const xmlNode *child = element->children; child != NULL; child = child->next) {
        if (is_element(child, "node"))
            node_read(reader, child);
        else if (is_element(child, "hyperedge"))
            refuse(reader, child, "hyperedge", "an edge of several nodes", "edges between two");
    }
    index_make(reader);
    for (const xmlNode *child = element->children; child != NULL; child = child->next)
        if (is_element(child, "edge"))
            edge_read(reader, child);
    free(reader->index);
}

static bool root_check(struct reader *reader)
{
    const xmlNode *root = reader->root;
    bool ours = is_element(root, "graphml") && root->ns != NULL &&
                strcmp((const char *)root->ns->href, NAMESPACE) == 0;
    if (!ours)
        refuse(reader, root, "document element", (const char *)root->name,
               "<graphml xmlns=\"" NAMESPACE "\">");
    return ours;
}

struct ehr_graph *ehr_graphml_read(const char *file, const uint8_t *text, size_t text_bytes,
                                   struct ehr_problem_list *problems)
{
    struct reader reader = {.file = file, .problems = problems};
    size_t errors = problems->error_count;
    if (text_bytes == 0 || text_bytes > INT_MAX) {
        refuse(&reader, NULL, "file", text_bytes == 0 ? "empty" : "larger than 2 GiB", "GraphML");
        return NULL;
    }
    struct ehr_xml_error error;
    xmlDocPtr document = ehr_xml_read(text, text_bytes, EHR_XML_DOCTYPE_REFUSED, &error);
    if (document == NULL)
        ehr_problem_list_add(problems, false, file, error.line, error.doctype ? "DOCTYPE" : "XML",
                             error.doctype        ? "<!DOCTYPE"
                             : error.text != NULL ? error.text
                                                  : "no element",
                             error.doctype ? "none" : "well-formed XML");
    free(error.text);
    if (document == NULL)
        return NULL;
    reader.root = xmlDocGetRootElement(document);
    reader.graph = ehr_scenario_allocate(1, sizeof *reader.graph);
    reader.graph->file = ehr_scenario_text_copy(file);
    const xmlNode *element = root_check(&reader) ? graph_find(&reader) : NULL;
    if (element != NULL)
        graph_read(&reader, element);
    xmlFreeDoc(document);
    if (problems->error_count == errors)
        return reader.graph;
    ehr_graph_free(reader.graph);
    return NULL;
}

void ehr_graph_free(struct ehr_graph *graph)
{
    if (graph == NULL)
        return;
    for (size_t i = 0; i < graph->node_count; i++) {
        free(graph->nodes[i].id);
        free(graph->nodes[i].label);
    }
    free(graph->nodes);
    free(graph->edges);
    free(graph->file);
    free(graph->name);
    free(graph->place);
    free(graph->date);
    free(graph->source);
    free(graph);
}
