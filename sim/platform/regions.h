/* A table of round trips to a map: every pair of regions has a link of its own, so that no way is
 * shortened through a third region. */
#ifndef EHR_PLATFORM_REGIONS_H
#define EHR_PLATFORM_REGIONS_H

#include "sim/platform/map.h"
#include "sim/platform/matrix.h"

struct ehr_regions_options {
    const struct ehr_names *regions; /* which, in this order; NULL or none: all */
    bool own_directions;             /* one way = half the round trip of its own row; else half
                                        the mean of both rows */
    uint64_t bytes_per_s;            /* of the link of a pair, each way */
    uint64_t lan_latency_ns;         /* host to host in a region whose own entry is missing */
    uint64_t lan_bytes_per_s;
    const char *name; /* of the zone */
};

/* Fills `map`; the caller closes it in any case. A host's port takes half of what is between two
 * hosts of its region, a link what remains, so that host to host is half the table's round trip.
 * Where only one of two rows has an entry it serves both ways, and a link that would take less than
 * nothing takes nothing: notices. False after a problem: an unknown region, a pair without entry.
 */
bool ehr_regions_map(const struct ehr_matrix *matrix, const struct ehr_regions_options *options,
                     struct ehr_problem_list *problems, struct ehr_map *map);

#endif /* EHR_PLATFORM_REGIONS_H */
