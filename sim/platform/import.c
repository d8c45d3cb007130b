#include "sim/platform/import.h"

#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 8 };

struct import {
    const struct ehr_graph *graph;
    const struct ehr_import_options *options;
    struct ehr_problem_list *problems;
    size_t *first; /* per node where its edges begin in `near`, and one more */
    size_t *near;  /* edges, twice each */
    bool *kept;    /* per node */
    size_t *part;
    bool *placed;
    struct ehr_geo_point *point;
    size_t *site; /* per node that is kept */
};

static void notice(struct import *import, int line, const char *what, const char *found,
                   const char *done)
{
    ehr_problem_list_add(import->problems, true, import->graph->file, line, what, found, done);
}

static void near_make(struct import *import)
{
    const struct ehr_graph *graph = import->graph;
    size_t *filled = ehr_scenario_allocate(graph->node_count, sizeof *filled);
    for (size_t e = 0; e < graph->edge_count; e++) {
        import->first[graph->edges[e].from + 1]++;
        import->first[graph->edges[e].to + 1]++;
    }
    for (size_t i = 0; i < graph->node_count; i++)
        import->first[i + 1] += import->first[i];
    for (size_t e = 0; e < graph->edge_count; e++) {
        size_t a = graph->edges[e].from, b = graph->edges[e].to;
        import->near[import->first[a] + filled[a]++] = e;
        import->near[import->first[b] + filled[b]++] = e;
    }
    free(filled);
}

static size_t other_end(const struct import *import, size_t edge, size_t node)
{
    const struct ehr_graph_edge *e = &import->graph->edges[edge];
    return e->from == node ? e->to : e->from;
}

static bool edge_kept(const struct import *import, size_t edge)
{
    const struct ehr_graph_edge *e = &import->graph->edges[edge];
    return import->kept[e->from] && import->kept[e->to] && e->from != e->to;
}

/* "Telia, DeCix and 5 more": labels of the nodes that are true in `chosen`. */
static char *labels_text(const struct import *import, const bool *chosen)
{
    struct ehr_names names = {0};
    for (size_t i = 0; i < import->graph->node_count; i++)
        if (chosen[i])
            ehr_names_add(&names, import->graph->nodes[i].label);
    char *text = ehr_names_text(&names, NAMES_SHOWN);
    ehr_names_close(&names);
    return text;
}

/* ---- which nodes ---- */

static void internal_keep(struct import *import)
{
    const struct ehr_graph *graph = import->graph;
    bool *left = ehr_scenario_allocate(graph->node_count, sizeof *left);
    size_t count = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        left[i] = import->options->internal_only && graph->nodes[i].external;
        import->kept[i] = !left[i];
        count += left[i];
    }
    if (count > 0) {
        char *text = labels_text(import, left);
        notice(import, 0, "nodes of other networks", text, "left out (--internal)");
        free(text);
    }
    free(left);
}

/* Everything that can be reached from `node` becomes part `number`. */
static void part_fill(struct import *import, size_t node, size_t number, size_t *stack)
{
    size_t count = 0;
    stack[count++] = node;
    import->part[node] = number;
    while (count > 0) {
        size_t here = stack[--count];
        for (size_t k = import->first[here]; k < import->first[here + 1]; k++) {
            size_t there = other_end(import, import->near[k], here);
            if (!edge_kept(import, import->near[k]) || import->part[there] != SIZE_MAX)
                continue;
            import->part[there] = number;
            stack[count++] = there;
        }
    }
}

/* Numbers the parts by their first node, from 0; SIZE_MAX for nodes that are not kept. */
static size_t parts_number(struct import *import)
{
    size_t parts = 0, count = import->graph->node_count;
    size_t *stack = ehr_scenario_allocate(count, sizeof *stack);
    for (size_t i = 0; i < count; i++)
        import->part[i] = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        if (import->kept[i] && import->part[i] == SIZE_MAX)
            part_fill(import, i, parts++, stack);
    free(stack);
    return parts;
}

static size_t part_largest(const struct import *import, size_t parts)
{
    size_t *sizes = ehr_scenario_allocate(parts, sizeof *sizes), largest = 0;
    for (size_t i = 0; i < import->graph->node_count; i++)
        if (import->part[i] != SIZE_MAX)
            sizes[import->part[i]]++;
    for (size_t i = 1; i < parts; i++)
        if (sizes[i] > sizes[largest])
            largest = i;
    free(sizes);
    return largest;
}

/* One part, or the largest one of several if that is wanted. */
static bool parts_check(struct import *import)
{
    const struct ehr_graph *graph = import->graph;
    size_t parts = parts_number(import);
    if (parts == 0) {
        ehr_problem_list_add(import->problems, false, graph->file, 0, "graph",
                             "no node is left of it", "nodes with Internal = 1 (--internal)");
        return false;
    }
    if (parts == 1)
        return true;
    size_t largest = part_largest(import, parts), first = SIZE_MAX;
    bool *outside = ehr_scenario_allocate(graph->node_count, sizeof *outside);
    for (size_t i = 0; i < graph->node_count; i++) {
        outside[i] = import->part[i] != SIZE_MAX && import->part[i] != largest;
        if (outside[i] && first == SIZE_MAX)
            first = i;
    }
    char *text = labels_text(import, outside);
    char *found = ehr_scenario_text_format("%zu parts without a link between them; outside the "
                                           "largest: %s",
                                           parts, text);
    bool allowed = import->options->largest_only;
    ehr_problem_list_add(import->problems, allowed, graph->file, graph->nodes[first].line, "graph",
                         found,
                         allowed ? "only the largest part is taken (--largest)"
                                 : "one part, or --largest to take the largest only");
    for (size_t i = 0; i < graph->node_count; i++)
        if (outside[i])
            import->kept[i] = false;
    free(outside);
    free(text);
    free(found);
    return allowed;
}

/* ---- where they are ---- */

static bool middle_of_neighbours(const struct import *import, size_t node, const bool *placed,
                                 struct ehr_geo_point *points, struct ehr_geo_point *middle)
{
    size_t count = 0;
    for (size_t k = import->first[node]; k < import->first[node + 1]; k++) {
        size_t other = other_end(import, import->near[k], node);
        if (edge_kept(import, import->near[k]) && placed[other])
            points[count++] = import->point[other];
    }
    return count > 0 && ehr_geo_middle(points, count, middle);
}

/* In rounds: those whose neighbours stand, then those whose neighbours stand now, ... so that the
 * order of nodes does not matter. Parallel links count as often as they are there. */
static void unplaced_place(struct import *import)
{
    const struct ehr_graph *graph = import->graph;
    bool *before = ehr_scenario_allocate(graph->node_count, sizeof *before);
    struct ehr_geo_point *points = ehr_scenario_allocate(2 * graph->edge_count, sizeof *points);
    for (bool grown = true; grown;) {
        grown = false;
        memcpy(before, import->placed, graph->node_count * sizeof *before);
        for (size_t i = 0; i < graph->node_count; i++) {
            struct ehr_geo_point middle = {0, 0};
            if (!import->kept[i] || before[i] ||
                !middle_of_neighbours(import, i, before, points, &middle))
                continue;
            import->point[i] = middle;
            import->placed[i] = grown = true;
            notice(import, graph->nodes[i].line, "node without a position", graph->nodes[i].label,
                   "placed in the middle of its neighbours");
        }
    }
    free(before);
    free(points);
}

static bool places_find(struct import *import)
{
    const struct ehr_graph *graph = import->graph;
    size_t unplaced = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        import->placed[i] = graph->nodes[i].placed;
        import->point[i] = graph->nodes[i].point;
    }
    if (import->options->unplaced_is_fixed)
        return true;
    unplaced_place(import);
    bool *left = ehr_scenario_allocate(graph->node_count, sizeof *left);
    for (size_t i = 0; i < graph->node_count; i++) {
        left[i] = import->kept[i] && !import->placed[i];
        unplaced += left[i];
    }
    if (unplaced > 0) {
        char *text = labels_text(import, left);
        ehr_problem_list_add(import->problems, false, graph->file, 0, "positions", text,
                             "Latitude and Longitude, of a neighbour at least; or --unplaced TIME");
        free(text);
    }
    free(left);
    return unplaced == 0;
}

/* ---- links ---- */

static uint64_t latency_of(const struct import *import, size_t a, size_t b)
{
    const struct ehr_import_options *options = import->options;
    uint64_t latency_ns =
        import->placed[a] && import->placed[b]
            ? ehr_geo_fibre_ns(options->route_factor *
                               ehr_geo_distance_km(import->point[a], import->point[b]))
            : options->unplaced_ns;
    return latency_ns > options->latency_min_ns ? latency_ns : options->latency_min_ns;
}

/* Several links between two sites become one. */
static bool merged(struct ehr_map *map, const struct ehr_map_link *link, bool add_speed)
{
    for (size_t i = 0; i < map->link_names.count; i++) {
        struct ehr_map_link *there = &map->links[i];
        if ((there->from == link->from && there->to == link->to) ||
            (there->from == link->to && there->to == link->from)) {
            there->bytes_per_s += add_speed ? link->bytes_per_s : 0;
            return true;
        }
    }
    return false;
}

static void links_make(struct import *import, struct ehr_map *map)
{
    const struct ehr_import_options *options = import->options;
    const struct ehr_graph *graph = import->graph;
    size_t links = 0, unknown = 0;
    for (size_t e = 0; e < graph->edge_count; e++) {
        const struct ehr_graph_edge *edge = &graph->edges[e];
        if (edge->from == edge->to)
            notice(import, edge->line, "edge", graph->nodes[edge->from].label,
                   "leads to itself: left out");
        if (!edge_kept(import, e))
            continue;
        struct ehr_map_link link = {
            .from = import->site[edge->from],
            .to = import->site[edge->to],
            .latency_ns = latency_of(import, edge->from, edge->to),
            .bytes_per_s = options->bytes_per_s > 0 ? options->bytes_per_s
                           : edge->bytes_per_s > 0  ? edge->bytes_per_s
                                                    : options->default_bytes_per_s,
        };
        links++;
        unknown += edge->bytes_per_s == 0;
        if (!merged(map, &link, options->bytes_per_s == 0))
            ehr_map_link_add(map, link);
        else if (options->bytes_per_s == 0)
            notice(import, edge->line, "parallel edge", graph->nodes[edge->from].label,
                   "its speed is added to that of the other one");
    }
    if (unknown > 0 && options->bytes_per_s == 0) {
        char *found = ehr_scenario_text_format("none at %zu of %zu edges", unknown, links);
        notice(import, 0, "speed of links", found, "taken from --default-bandwidth");
        free(found);
    }
}

/* ---- the map ---- */

static void sites_make(struct import *import, struct ehr_map *map)
{
    const struct ehr_graph *graph = import->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        if (!import->kept[i])
            continue;
        char *name = ehr_name_make(graph->nodes[i].label);
        if (*name == '\0') {
            free(name);
            char *id = ehr_name_make(graph->nodes[i].id);
            name = ehr_scenario_text_format("node-%s", id);
            free(id);
        }
        import->site[i] = map->sites.count;
        ehr_names_add_unique(&map->sites, name);
        free(name);
    }
    map->port_ns = ehr_scenario_allocate(map->sites.count, sizeof *map->port_ns);
    for (size_t i = 0; i < map->sites.count; i++)
        map->port_ns[i] = import->options->lan_latency_ns / 2;
}

static bool routing_choose(struct import *import, struct ehr_map *map)
{
    map->routing = import->options->routing;
    bool asked = map->routing == EHR_MAP_LATENCY;
    if (map->routing == EHR_MAP_HOPS)
        return true;
    map->routing = EHR_MAP_LATENCY;
    if (map->sites.count <= EHR_IMPORT_EXPLICIT_MAX)
        return true;
    char *found = ehr_scenario_text_format("%zu sites", map->sites.count);
    bool refused = asked && map->sites.count > EHR_IMPORT_ASKED_MAX;
    if (refused)
        ehr_problem_list_add(import->problems, false, import->graph->file, 0, "--routing latency",
                             found, "at most 1000");
    if (asked) {
        free(found);
        return !refused;
    }
    notice(import, 0, "routes", found,
           "by the fewest links, as SimGrid finds them (--routing latency writes each of them)");
    free(found);
    map->routing = EHR_MAP_HOPS;
    return true;
}

static bool map_make(struct import *import, struct ehr_map *map)
{
    internal_keep(import);
    if (!parts_check(import) || !places_find(import))
        return false;
    map->port_bytes_per_s = import->options->lan_bytes_per_s;
    map->name = import->options->name != NULL ? ehr_scenario_text_copy(import->options->name)
                                              : ehr_name_make(import->graph->name);
    if (*map->name == '\0') {
        free(map->name);
        map->name = ehr_scenario_text_copy("imported");
    }
    sites_make(import, map);
    links_make(import, map);
    return routing_choose(import, map);
}

bool ehr_import_map(const struct ehr_graph *graph, const struct ehr_import_options *options,
                    struct ehr_problem_list *problems, struct ehr_map *map)
{
    size_t count = graph->node_count;
    struct import import = {
        .graph = graph,
        .options = options,
        .problems = problems,
        .first = ehr_scenario_allocate(count + 1, sizeof(size_t)),
        .near = ehr_scenario_allocate(2 * graph->edge_count, sizeof(size_t)),
        .kept = ehr_scenario_allocate(count, sizeof(bool)),
        .part = ehr_scenario_allocate(count, sizeof(size_t)),
        .placed = ehr_scenario_allocate(count, sizeof(bool)),
        .point = ehr_scenario_allocate(count, sizeof(struct ehr_geo_point)),
        .site = ehr_scenario_allocate(count, sizeof(size_t)),
    };
    *map = (struct ehr_map){0};
    near_make(&import);
    bool done = map_make(&import, map);
    free(import.first);
    free(import.near);
    free(import.kept);
    free(import.part);
    free(import.placed);
    free(import.point);
    free(import.site);
    return done;
}
