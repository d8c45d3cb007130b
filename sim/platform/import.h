/* A graph with places to a map with latencies: great-circle distance, times a factor for the way of
 * the cable, over light in fibre; what the graph leaves open by rules that the options state. */
#ifndef EHR_PLATFORM_IMPORT_H
#define EHR_PLATFORM_IMPORT_H

#include "sim/platform/graph.h"
#include "sim/platform/map.h"

enum {
    EHR_IMPORT_EXPLICIT_MAX = 256, /* sites: 32,640 routes */
    EHR_IMPORT_ASKED_MAX = 1000,   /* sites, where each route is asked for: half a million */
};

/* Where no routing is asked for (0): EHR_MAP_LATENCY up to EHR_IMPORT_EXPLICIT_MAX sites, else
 * EHR_MAP_HOPS with a notice. */
struct ehr_import_options {
    double route_factor;          /* cable / great circle, at least 1 */
    uint64_t latency_min_ns;      /* of a link: equipment and the last mile */
    uint64_t bytes_per_s;         /* of every link; 0: as the graph says */
    uint64_t default_bytes_per_s; /* where the graph does not say */
    bool unplaced_is_fixed;       /* links to nodes without a position take unplaced_ns; */
    uint64_t unplaced_ns;         /* else such a node stands in the middle of its neighbours */
    bool internal_only;           /* without nodes of other networks (Internal = 0) */
    bool largest_only;            /* of a graph in parts the largest one */
    enum ehr_map_routing routing;
    uint64_t lan_latency_ns; /* host to host at a site */
    uint64_t lan_bytes_per_s;
    const char *name; /* of the zone; NULL: the graph's */
};

/* Fills `map`; the caller closes it in any case. Rules that had to be applied are notices in
 * `problems`; false after a problem: a graph in parts, no position to begin with. */
bool ehr_import_map(const struct ehr_graph *graph, const struct ehr_import_options *options,
                    struct ehr_problem_list *problems, struct ehr_map *map);

#endif /* EHR_PLATFORM_IMPORT_H */
