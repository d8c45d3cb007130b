/* A map of a network as GraphML files of the Internet Topology Zoo hold it: places, where they are,
 * the links between them and what is said of their speed. Read only; not yet a platform. */
#ifndef EHR_PLATFORM_GRAPH_H
#define EHR_PLATFORM_GRAPH_H

#include "sim/platform/geo.h"
#include "sim/scenario/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ehr_graph_node {
    char *id;
    char *label; /* or the id */
    bool placed;
    struct ehr_geo_point point; /* if placed */
    bool external;              /* Internal = 0: of another network */
    int line;
};

struct ehr_graph_edge {
    size_t from, to;      /* nodes */
    uint64_t bytes_per_s; /* 0: nothing is said that could be understood */
    int line;
};

struct ehr_graph {
    char *file;
    char *name; /* never NULL; of the rest each may be NULL: what the file says of itself */
    char *place, *date, *source;
    struct ehr_graph_node *nodes; /* at least one */
    size_t node_count, node_capacity;
    struct ehr_graph_edge *edges;
    size_t edge_count, edge_capacity;
};

/* Reads a text called `file`: one undirected graph, without hyperedges or graphs within nodes; the
 * data attributes label, Latitude, Longitude, Internal of nodes and LinkSpeedRaw (bit/s), LinkSpeed
 * with LinkSpeedUnits, LinkLabel of edges, the first of these that says a speed. NULL after adding
 * every problem that was found. The caller frees. */
struct ehr_graph *ehr_graphml_read(const char *file, const uint8_t *text, size_t text_bytes,
                                   struct ehr_problem_list *problems);

void ehr_graph_free(struct ehr_graph *graph); /* accepts NULL */

#endif /* EHR_PLATFORM_GRAPH_H */
