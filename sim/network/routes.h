/* Hosts and routes of the loaded platform, asked of SimGrid once each and kept in integers: latency
 * in ns, bandwidths in B/s, after the factors of the network model. */
#ifndef EHR_NETWORK_ROUTES_H
#define EHR_NETWORK_ROUTES_H

#include <simgrid/forward.h>
#include <stdbool.h>
#include <stdint.h>

struct ehr_route {
    uint64_t latency_ns;
    uint64_t late_ns;           /* the part of it that SimGrid's links do not have */
    uint64_t bytes_per_s;       /* of the narrowest link */
    uint64_t first_bytes_per_s; /* of the sender's and */
    uint64_t last_bytes_per_s;  /* the receiver's network card */
    bool broken;                /* a link is off; only where links may change */
};

/* The route between two different hosts. The pointer is good until the process ends, what it shows
 * until ehr_routes_forget; where links may change (ehr_platform_changes), until the next call. */
const struct ehr_route *ehr_route_of(uint32_t from, uint32_t to);
/* Goes up with each route that was found changed. */
uint64_t ehr_routes_version(void);
/* What SimGrid itself lets a message wait before it uses the bandwidth of its links, seconds. */
double ehr_route_simgrid_latency(uint32_t from, uint32_t to);
/* Links have changed: each route is asked for again when it is needed next. */
void ehr_routes_forget(void);
/* Routes over the link count this latency for it, whatever SimGrid thinks of it. */
void ehr_route_latency_set(sg_link_t link, double seconds);
/* Latency in s and rate in B/s of a lone transfer, before the model's factors; false: no link lies
 * between the two. */
bool ehr_route_lone(uint32_t from, uint32_t to, double *latency, double *bytes_per_s);
sg_host_t ehr_platform_host(uint32_t host);
/* links.c: as ehr_platform_link_name. */
sg_link_t ehr_platform_link(uint32_t link);
double ehr_platform_host_speed(uint32_t host); /* flop/s of a core, as it is now; not 0 */

#endif /* EHR_NETWORK_ROUTES_H */
