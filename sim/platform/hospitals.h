/* Hospitals hung on a ground: for each a LAN with server, nodes of its chain, desks of doctors and
 * nodes of the alliance, joined by an access link; its patients and the data users beside it. */
#ifndef EHR_PLATFORM_HOSPITALS_H
#define EHR_PLATFORM_HOSPITALS_H

#include "sim/platform/ground.h"

enum {
    EHR_HOSPITALS_MAX = 500, /* SimGrid takes the third power of the number of zones to start */
    EHR_HOSPITALS_HOSTS_MAX = 200, /* of a kind in a hospital */
};

/* A line: what every message over it takes, and the bandwidth each way. */
struct ehr_hospitals_line {
    uint64_t latency_ns;
    uint64_t bytes_per_s;
};

struct ehr_hospitals_options {
    const char *name;            /* of the platform's zone */
    struct ehr_names hospitals;  /* at least one */
    struct ehr_names at;         /* points of the ground, in turn; none: the ground's routers, or
                                    hosts if it has none, in order */
    struct ehr_names data_users; /* hosts, hung where the first hospital is */
    unsigned servers, nodes, desks, homes; /* per hospital */
    unsigned alliance;                     /* in all, the hospitals in turn */
    struct ehr_hospitals_line lan;         /* latency: host to host */
    struct ehr_hospitals_line access;      /* a hospital's, and a data user's */
    struct ehr_hospitals_line home;        /* a patients host's */
};

/* Finds the points: point[hospital], as many as hospitals. False after a problem (of the file
 * "--at" or "--names"): an unknown point, or a name that would stand twice in the platform. A
 * notice: points for which SimGrid 4.1 has no route from the ground's own hosts. */
bool ehr_hospitals_place(const struct ehr_hospitals_options *options,
                         const struct ehr_ground *ground, struct ehr_problem_list *problems,
                         size_t *point);

/* The platform without its head (ehr_markup_head). Hosts: <hospital>-server (-server-1 .. if there
 * are several), -node-1 .., -desk-1 .., -home (-home-1 ..), alliance-1 .., and the data users.
 * Links: lan-<host>, wan-<hospital>, wan-<host> of homes and data users. */
void ehr_hospitals_write(FILE *out, const struct ehr_hospitals_options *options,
                         const struct ehr_ground *ground, const size_t *point);

#endif /* EHR_PLATFORM_HOSPITALS_H */
