/* What differs between the versions of SimGrid that are supported (3.32, 4.0, 4.1), in one place.
 * EHR_SIMGRID_* come from the checks in cmake/simgrid.cmake; no other file asks for them or for a
 * version. Nothing here is a wrapper of what is the same everywhere: that is called by its own
 * name. Source: the headers of the three versions; docs/simgrid-versions.md. */
#ifndef EHR_NETWORK_SIMGRID_COMPAT_H
#define EHR_NETWORK_SIMGRID_COMPAT_H

#include <simgrid/forward.h>
#include <stdbool.h>
#include <stddef.h>

/* The configuration item for the precision of time; the newer name came with its variable. */
#ifdef EHR_SIMGRID_PRECISION_TIMING
#define EHR_SIMGRID_PRECISION "precision/timing"
#else
#define EHR_SIMGRID_PRECISION "surf/precision"
#endif

/* The links from one host to another, in their order; the caller frees the array, which is never
 * NULL. */
sg_link_t *ehr_simgrid_route_links(sg_host_t from, sg_host_t to, size_t *count);

/* The names of the properties of an actor (<prop> in a deployment), sorted; NULL at the end. The
 * caller frees the array with ehr_simgrid_names_free. */
char **ehr_simgrid_actor_properties(const_sg_actor_t actor, size_t *count);
void ehr_simgrid_names_free(char **names);

/* Whether the link is on (a state profile, a program); true where SimGrid cannot be asked. */
bool ehr_simgrid_link_on(const_sg_link_t link);

/* Latency and bandwidth factor of the network model, if SimGrid tells them to a C program: after
 * simgrid_init. Since they may differ by size (after 3.32) it does not: see factors.h. */
bool ehr_simgrid_tells_factors(void);
bool ehr_simgrid_factors(double *latency, double *bandwidth);

/* False: the library that runs is of another version than the headers this was compiled with, and
 * `error` says of which. */
bool ehr_simgrid_version_check(char *error, size_t error_size);
/* Of the library that runs: "3.32". */
const char *ehr_simgrid_version(void);

#endif /* EHR_NETWORK_SIMGRID_COMPAT_H */
