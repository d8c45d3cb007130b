/* A SimGrid deployment as another way to write a scenario: its actors are the nodes. Read into a
 * placed scenario, and written from one. It knows nothing of SimGrid: who loads a deployment hands
 * over what its actors are called, where they are, and with which arguments and properties.
 * Roles, arguments and properties: docs/formats/deployment.md. */
#ifndef EHR_SCENARIO_DEPLOYMENT_H
#define EHR_SCENARIO_DEPLOYMENT_H

#include "sim/scenario/scenario.h"

/* What begins so is a role of ours; other functions are the program's own. */
#define EHR_DEPLOYMENT_PREFIX "ehr."

enum ehr_deployment_role {
    EHR_DEPLOYMENT_SCENARIO = 1, /* "ehr.scenario": all that is no placement */
    EHR_DEPLOYMENT_CHAIN_NODE,
    EHR_DEPLOYMENT_HOSPITAL,
    EHR_DEPLOYMENT_DOCTOR,
    EHR_DEPLOYMENT_PATIENTS,
    EHR_DEPLOYMENT_DATA_USER,
    EHR_DEPLOYMENT_ORDERING, /* raw requests to a chain: what, not from where */
    EHR_DEPLOYMENT_CLIENT,   /* one of its clients */
    EHR_DEPLOYMENT_FAULT,
    EHR_DEPLOYMENT_ROLES
};

struct ehr_deployment_property {
    char *id;
    char *value;
    int line; /* of its end; 0: not known */
};

/* An actor, as declared. */
struct ehr_deployment_actor {
    char *function; /* "ehr.hospital" */
    char *host;
    char **arguments;
    size_t argument_count;
    struct ehr_deployment_property *properties;
    size_t property_count;
    int line;         /* of the end of its start tag; 0: not known, messages name its host */
    char *start_time; /* as written; NULL: none */
    bool restarts;    /* on_failure="RESTART" */
};

/* Which node an actor is. */
struct ehr_deployment_seat {
    enum ehr_deployment_role role; /* 0: none of ours, or wrong */
    uint32_t group; /* chain (0 the alliance's, 1 + h), hospital, data user or ordering */
    uint32_t index; /* in it: of the node, the doctor, the client */
};

/* What the program has decided before: the deployment may say the same, or nothing. */
struct ehr_deployment_fixed {
    const char *path;  /* "network/@model" */
    const char *value; /* "cm02" */
    const char *why;   /* "ehr_plugin_config.model": for messages */
};

/* All borrowed. */
struct ehr_deployment_source {
    const char *path;   /* for messages; paths in properties are relative to its folder */
    const uint8_t *raw; /* the file, to be hashed; NULL: the scenario that is made of it is */
    size_t raw_bytes;
    const char *platform_file; /* NULL: not known */
    const struct ehr_deployment_actor *actors;
    size_t actor_count;
    const char *const *host_names; /* of the platform, in its order */
    size_t host_count;
    const char *const *link_names;
    size_t link_count;
    const struct ehr_scenario_engine *engines;
    size_t engine_count;
    const char *const *sets; /* PATH=VALUE over the deployment's; no placements */
    size_t set_count;
    const struct ehr_deployment_fixed *fixed;
    size_t fixed_count;
};

/* Reads, checks and places. Nodes of a chain, doctors, clients, hospitals, data users and faults
 * have the order of the deployment. OK: *scenario is the caller's, all of it as after
 * ehr_scenario_place and ehr_scenario_place_links, and seats[actor_count] says which node each
 * actor is. INVALID: *scenario is NULL, and all mistakes are in `problems`. */
enum ehr_scenario_status
ehr_deployment_read(const struct ehr_deployment_source *source, struct ehr_problem_list *problems,
                    struct ehr_scenario **scenario, struct ehr_deployment_seat *seats)
    __attribute__((warn_unused_result));

/* ---- the file ---- */

struct ehr_deployment_file {
    uint8_t *text;
    size_t text_bytes;
    struct ehr_deployment_actor *actors; /* all of them, in file order */
    size_t actor_count;
};

/* The actors of a deployment file. INVALID, and an empty file: it cannot be read, or is no
 * well-formed XML with the document element <platform>. OK: its actors are known; what is wrong
 * with the elements and attributes of those whose function is one of ours was added to `problems`.
 * The rest is SimGrid's to check. The document type is not looked at. */
enum ehr_scenario_status ehr_deployment_file_load(const char *path,
                                                  struct ehr_problem_list *problems,
                                                  struct ehr_deployment_file *file)
    __attribute__((warn_unused_result));

/* The same for a text in memory that is called `path`; it is copied. */
enum ehr_scenario_status
ehr_deployment_file_parse(const char *path, const uint8_t *text, size_t text_bytes,
                          struct ehr_problem_list *problems, struct ehr_deployment_file *file)
    __attribute__((warn_unused_result));

/* Accepts an empty one. */
void ehr_deployment_file_close(struct ehr_deployment_file *file);

/* Frees what the actor owns. */
void ehr_deployment_actor_close(struct ehr_deployment_actor *actor);

/* ---- from a scenario ---- */

/* Writes the deployment that equals the scenario, which is placed on hosts of these names; every
 * default is filled in, and paths are absolute. Nodes come back with their hosts; but one that
 * decides alone only if hosts go off by themselves (`mortal`: the platform has profiles of them):
 * it has to wait for its disk where it may come back, and does not where the scenario knows of no
 * such thing. False: a write error, or something that no deployment can say, then with
 * `problems`. */
bool ehr_deployment_write(const struct ehr_scenario *scenario, const char *const *host_names,
                          bool mortal, struct ehr_problem_list *problems, FILE *out)
    __attribute__((warn_unused_result));

/* ---- the vocabulary ---- */

/* "ehr.hospital"; static. */
const char *ehr_deployment_role_function(enum ehr_deployment_role role);
/* What its argument is, "id"; NULL: it has none. Static. */
const char *ehr_deployment_role_argument(enum ehr_deployment_role role);
/* 0: no role is called so. */
enum ehr_deployment_role ehr_deployment_role_find(const char *function);

#endif /* EHR_SCENARIO_DEPLOYMENT_H */
