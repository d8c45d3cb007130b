/* Sites, the links between them, and the ways over these: what becomes the network of a platform,
 * whether it came from a graph or from a table of round trips. */
#ifndef EHR_PLATFORM_MAP_H
#define EHR_PLATFORM_MAP_H

#include "sim/platform/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ehr_map_link {
    size_t from, to;
    uint64_t latency_ns;  /* one way */
    uint64_t bytes_per_s; /* each way */
};

enum ehr_map_routing {
    EHR_MAP_LATENCY = 1, /* the least sum of latencies, then the fewest links, written route by
                            route */
    EHR_MAP_HOPS,        /* the fewest links, found by SimGrid (routing="Floyd") */
    EHR_MAP_DIRECT,      /* the link between the two */
};

struct ehr_map {
    char *name;             /* of the zone */
    struct ehr_names sites; /* no two alike */
    uint64_t *port_ns;      /* per site: one way between a host and the site's router */
    struct ehr_names link_names;
    struct ehr_map_link *links; /* as many as link_names */
    size_t link_capacity;
    bool one_way; /* links lead from `from` to `to` only */
    enum ehr_map_routing routing;
    uint64_t port_bytes_per_s;
};

void ehr_map_close(struct ehr_map *map); /* accepts NULL */

/* Adds a link called "<from>-<to>", or so with letters if the name is taken. */
void ehr_map_link_add(struct ehr_map *map, struct ehr_map_link link);

/* The ways from `from` to every site by EHR_MAP_LATENCY: arrived[site] is the last link of it,
 * SIZE_MAX for `from` itself and what cannot be reached. Ties go to the link named first. */
void ehr_map_ways(const struct ehr_map *map, size_t from, size_t *arrived);

/* ---- writing ---- */

struct ehr_map_hosts {
    unsigned per_site; /* 0: routers only; 1: the site's name; else <site>-1 ... */
    unsigned cores;
};

/* The name of host `number`, from 1, of a site; the caller's. */
char *ehr_map_host_name(const struct ehr_map *map, const struct ehr_map_hosts *hosts, size_t site,
                        unsigned number);

/* The names of what ehr_map_write writes: zones, routers, hosts in `netpoints`, links in `links`.
 */
void ehr_map_names(const struct ehr_map *map, const struct ehr_map_hosts *hosts, const bool *used,
                   struct ehr_names *netpoints, struct ehr_names *links);

#endif /* EHR_PLATFORM_MAP_H */
