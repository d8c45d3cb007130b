/* A deployment taken apart: which actors make up which chain, hospital and stream. For the files
 * that read deployments. Internal to sim/scenario.
 *
 * deployment_actor.c  what is wrong with an actor by itself
 * deployment_parts.c  actors -> parts, and what is wrong among them
 * deployment_text.c   parts -> the text of a scenario, line by line from actors
 * deployment_read.c   the text -> a placed scenario; lines of problems -> those of actors */
#ifndef EHR_SCENARIO_DEPLOYMENT_PARTS_H
#define EHR_SCENARIO_DEPLOYMENT_PARTS_H

#include "sim/scenario/deployment.h"

#define EHR_DEPLOYMENT_NONE SIZE_MAX /* no actor */

/* Actors in the deployment's order, each on a host (EHR_DEPLOYMENT_NO_HOST if it is unknown). */
struct ehr_deployment_list {
    uint32_t *hosts;
    size_t first; /* actor */
    size_t count, capacity;
};
#define EHR_DEPLOYMENT_NO_HOST UINT32_MAX

struct ehr_deployment_hospital {
    size_t actor;
    struct ehr_deployment_list server, nodes, doctors, patients;
};

struct ehr_deployment_stream {
    size_t actor;
    struct ehr_deployment_list clients;
};

struct ehr_deployment_parts {
    const struct ehr_deployment_source *source;
    struct ehr_problem_list *problems;
    struct ehr_deployment_seat *seats; /* by actor */
    size_t scenario;                   /* actor */
    struct ehr_deployment_list alliance;
    struct ehr_deployment_hospital *hospitals;
    size_t hospital_count, hospital_capacity;
    struct ehr_deployment_list *users; /* of one actor each */
    size_t user_count, user_capacity;
    struct ehr_deployment_stream *streams;
    size_t stream_count, stream_capacity;
    size_t *faults; /* actors */
    size_t fault_count, fault_capacity;
};

/* Takes the actors apart and fills in `seats`. */
void ehr_deployment_parts_open(struct ehr_deployment_parts *parts);
void ehr_deployment_parts_close(struct ehr_deployment_parts *parts);

/* A problem of an actor: `what` is put behind its function and argument ("" : nothing is); `line`
 * 0: that of the actor. */
void ehr_deployment_refuse(const struct ehr_deployment_parts *parts, size_t actor, int line,
                           bool warning, const char *what, const char *found, const char *allowed);

/* The first argument; "" if it has none. */
const char *ehr_deployment_argument(const struct ehr_deployment_actor *actor);
/* The first property of that name; NULL: there is none. */
const struct ehr_deployment_property *
ehr_deployment_property(const struct ehr_deployment_actor *actor, const char *id);

/* What the program has decided of a setting; NULL: nothing. */
const struct ehr_deployment_fixed *
ehr_deployment_fixed_find(const struct ehr_deployment_parts *parts, const char *path);

/* Everything but whom it belongs to; EHR_DEPLOYMENT_NO_HOST: its host is unknown. 0: it is of no
 * use. */
enum ehr_deployment_role ehr_deployment_actor_check(const struct ehr_deployment_parts *parts,
                                                    size_t actor, uint32_t host);

/* ---- deployment_text.c ---- */

struct ehr_deployment_text {
    char *bytes;
    size_t length;
    size_t *actors; /* by line, from 1: whose it is; EHR_DEPLOYMENT_NONE: nobody's */
    size_t line_count, line_capacity;
};

/* The scenario that the parts make, with "-" for hosts that are missing. */
void ehr_deployment_text_open(struct ehr_deployment_text *text,
                              const struct ehr_deployment_parts *parts);
void ehr_deployment_text_close(struct ehr_deployment_text *text);

#endif /* EHR_SCENARIO_DEPLOYMENT_PARTS_H */
