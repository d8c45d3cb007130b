/* What hospitals are hung on: one router, a map, or a platform file of any kind; and the places in
 * it where something can be hung. */
#ifndef EHR_PLATFORM_GROUND_H
#define EHR_PLATFORM_GROUND_H

#include "sim/platform/map.h"
#include "sim/scenario/problem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ehr_ground {
    char *zone;                 /* id of the zone that is all of it */
    struct ehr_names points;    /* ids of routers, then of hosts */
    size_t router_count;        /* of the points */
    struct ehr_names inner;     /* of a file: points in zones within its zone */
    struct ehr_names netpoints; /* ids that are taken: zones, routers, hosts; and links */
    struct ehr_names links;
    bool is_map; /* of a map the points are the sites, in its order */
    struct ehr_map map;
    /* Of a file, as it stands there: what comes before its zone in <platform>, the zone, what comes
     * behind it; and its comments and instructions in front. NULL else. */
    char *before, *text, *behind, *comment;
};

/* A zone "exchange-site" with the router "exchange". */
void ehr_ground_exchange(struct ehr_ground *ground);

/* Takes the map, with routers only. */
void ehr_ground_take_map(struct ehr_ground *ground, struct ehr_map *map);

/* A SimGrid platform of version 4 or 4.1 with one zone, as text called `file`. False after adding
 * the problems. What SimGrid itself would say of it is not looked for. */
bool ehr_ground_platform(struct ehr_ground *ground, const char *file, const uint8_t *text,
                         size_t text_bytes, struct ehr_problem_list *problems);

void ehr_ground_close(struct ehr_ground *ground); /* accepts NULL */

/* The router of that id, or <name>-router, or the host of that id; SIZE_MAX: none. */
size_t ehr_ground_point(const struct ehr_ground *ground, const char *name);

/* The zone; `used`: per point whether something hangs there. */
void ehr_ground_write(FILE *out, int indent, const struct ehr_ground *ground, const bool *used);

#endif /* EHR_PLATFORM_GROUND_H */
