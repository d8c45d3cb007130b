/* A whole scenario as a plain struct, every default filled in: what to simulate, on which platform,
 * with which load and which faults.
 * It is read from XML (docs/formats/scenario.md), checked, and then only read. It knows nothing of
 * SimGrid or of hashing: the caller gives the platform's host names and hashes `raw` itself.
 *
 * Absolute times and durations are nanoseconds of simulated time, sizes are bytes, rates are per
 * simulated second. Strings are UTF-8 and belong to the scenario. */
#ifndef EHR_SCENARIO_SCENARIO_H
#define EHR_SCENARIO_SCENARIO_H

#include "sim/scenario/faults.h"
#include "sim/scenario/hosts.h"
#include "sim/scenario/measured.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/sweep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EHR_SCENARIO_NAMESPACE    "urn:ehrgrid:scenario:1"
#define EHR_SCENARIO_PROXIES_MAX  32   /* fragments of one grant, crypto.md f */
#define EHR_SCENARIO_KEYWORDS_MAX 16   /* of one retrieval */
#define EHR_SCENARIO_VISITS_MAX   64   /* of one share */
#define EHR_SCENARIO_PARTS_MAX    1440 /* of a day */

#define EHR_SCENARIO_MEMBERS_MAX 10000   /* of one group of hospitals */
#define EHR_SCENARIO_CLIENTS_MAX 65536   /* of one ordering */
#define EHR_SCENARIO_PAYLOAD_MAX 1048576 /* of one raw request, bytes */

/* Matching replies that a client waits for, where they are not a number above 0. */
#define EHR_SCENARIO_QUORUM_CORRECT 0                /* f+1: a correct one among them */
#define EHR_SCENARIO_QUORUM_ENGINE  (UINT32_MAX - 1) /* q: what the engine decides with */
#define EHR_SCENARIO_QUORUM_ALL     UINT32_MAX       /* n */
#define EHR_SCENARIO_QUORUM_MAX     (UINT32_MAX - 2)

enum ehr_scenario_status {
    EHR_SCENARIO_OK = 1,
    EHR_SCENARIO_INVALID,     /* bad scenario, or a file it names is missing: exit 2 */
    EHR_SCENARIO_ENVIRONMENT, /* the file is there but cannot be read: exit 3 */
};

enum ehr_scenario_fidelity {
    EHR_SCENARIO_FIDELITY_FLOW = 1,
    EHR_SCENARIO_FIDELITY_QUEUE,
    EHR_SCENARIO_FIDELITY_DELAY,
};

enum ehr_scenario_model {
    EHR_SCENARIO_MODEL_CM02 = 1,
    EHR_SCENARIO_MODEL_LV08,
};

enum ehr_scenario_optim {
    EHR_SCENARIO_OPTIM_LAZY = 1,
    EHR_SCENARIO_OPTIM_FULL,
};

enum ehr_scenario_crypto_mode {
    EHR_SCENARIO_CRYPTO_REAL = 1,
    EHR_SCENARIO_CRYPTO_MODELLED, /* crypto/modelled.h */
};

enum ehr_scenario_costs {
    EHR_SCENARIO_COSTS_DEFAULT = 1, /* the shipped table */
    EHR_SCENARIO_COSTS_ZERO,        /* computing takes no simulated time */
    EHR_SCENARIO_COSTS_FILE,        /* crypto.costs_file */
};

/* Certificates in a row that commit; 0: the engine has no such choice. */
enum ehr_scenario_chain_length {
    EHR_SCENARIO_CHAIN_THREE = 1,
    EHR_SCENARIO_CHAIN_TWO,
};

/* 0: the engine has no such choice. */
enum ehr_scenario_leader {
    EHR_SCENARIO_LEADER_ROTATING = 1, /* each for one view */
    EHR_SCENARIO_LEADER_FIXED,        /* one until it is timed out */
};

enum ehr_scenario_votes {
    EHR_SCENARIO_VOTES_BACKUPS = 1, /* prepares from backups only */
    EHR_SCENARIO_VOTES_ALL,         /* from the primary too */
};

enum ehr_scenario_authentication {
    EHR_SCENARIO_AUTHENTICATION_SIGNATURE = 1,
    EHR_SCENARIO_AUTHENTICATION_MAC, /* where nothing has to be proven to third parties */
    EHR_SCENARIO_AUTHENTICATION_NONE,
};

enum ehr_scenario_bodies {
    EHR_SCENARIO_BODIES_LEADER = 1, /* proposals carry transactions */
    EHR_SCENARIO_BODIES_BROADCAST,  /* clients send them to all, proposals carry their hashes */
};

enum ehr_scenario_search {
    EHR_SCENARIO_SEARCH_DICTIONARY = 1,
    EHR_SCENARIO_SEARCH_SCAN,
};

enum ehr_scenario_scope {
    EHR_SCENARIO_SCOPE_STATED = 1, /* a grant names its keywords, and nobody has to show one */
    EHR_SCENARIO_SCOPE_ENFORCED,
};

enum ehr_scenario_trapdoors {
    EHR_SCENARIO_TRAPDOORS_DESIGNATED = 1, /* sealed to the nodes that are asked */
    EHR_SCENARIO_TRAPDOORS_BROADCAST,      /* in clear to all alliance nodes */
};

enum ehr_scenario_source {
    EHR_SCENARIO_SOURCE_SYNTHETIC = 1,
    EHR_SCENARIO_SOURCE_DIRECTORY,
};

enum ehr_scenario_arrivals {
    EHR_SCENARIO_ARRIVALS_POISSON = 1,
    EHR_SCENARIO_ARRIVALS_UNIFORM, /* a fixed interval of 1 / rate */
};

/* How a rate goes through the day. */
struct ehr_scenario_profile {
    char *text;      /* as written: flat, the name of a shipped one, or weights */
    double *weights; /* of equal parts of the day, >= 0, at least one above 0; NULL: flat */
    size_t count;    /* at most EHR_SCENARIO_PARTS_MAX */
};

enum ehr_scenario_query_log {
    EHR_SCENARIO_QUERY_LOG_NONE = 1,
    EHR_SCENARIO_QUERY_LOG_ASYNC,  /* beside the search */
    EHR_SCENARIO_QUERY_LOG_BEFORE, /* nodes answer nothing that is not logged */
};

/* What a consensus engine has to be told by a scenario. This library knows no engine: the caller
 * describes those it has. All borrowed. */
struct ehr_scenario_engine {
    const char *name;   /* of chain/@consensus */
    uint32_t nodes_min; /* nodes from which a committee tolerates a fault; 0: it never does */
    const char *faults; /* how many: "f = floor((n-1)/3)" */
    bool arbitrary;     /* and that these may be Byzantine, not only crashes */
    bool chain, leader, votes; /* which of these attributes mean something to it */
};

struct ehr_scenario_chain {
    char *consensus;                          /* the engine's name */
    const struct ehr_scenario_engine *engine; /* after ehr_scenario_engines_check, else NULL */
    enum ehr_scenario_chain_length chain;     /* filled in by ehr_scenario_engines_check */
    enum ehr_scenario_leader leader;
    uint32_t batch;               /* transactions per block, >= 1 */
    uint64_t batch_timeout_ns;    /* a part-filled block waits at most this long */
    uint64_t request_timeout_ns;  /* view change; doubles at each */
    uint32_t checkpoint_interval; /* blocks */
    uint32_t window;              /* blocks between low and high water mark; >= the interval */
    enum ehr_scenario_votes votes;
    enum ehr_scenario_authentication authentication;
    enum ehr_scenario_bodies bodies;
};

struct ehr_scenario_run {
    uint64_t seed;
    uint64_t duration_ns;        /* requests start in [0, duration) */
    uint64_t warmup_ns;          /* requests that start before are not measured; < duration */
    uint32_t replications;       /* >= 1 */
    uint64_t drain_ns;           /* after duration, at most this long for open requests */
    uint64_t liveness_window_ns; /* pending requests and no commit for this long: exit 1 */
};

struct ehr_scenario_network {
    enum ehr_scenario_fidelity fidelity;
    enum ehr_scenario_model model;
    enum ehr_scenario_optim optim; /* SimGrid's network/optim, flow only */
    uint32_t overhead_bytes;       /* headers added to each message */
    uint64_t loopback_ns;          /* a message to the same host */
};

struct ehr_scenario_storage {
    uint64_t write_ns;      /* per write */
    uint64_t bandwidth_Bps; /* bytes per second, >= 1 */
};

struct ehr_scenario_crypto {
    enum ehr_scenario_crypto_mode mode;
    uint32_t memo_entries; /* equal verifications that are remembered; 0: none */
    enum ehr_scenario_costs costs;
    char *costs_file; /* resolved against the scenario's folder; NULL unless COSTS_FILE */
};

struct ehr_scenario_alliance {
    int line;
    struct ehr_scenario_chain chain;
    struct ehr_scenario_hosts nodes; /* one node per host */
    uint32_t proxies;                /* n: key fragments of a grant, <= nodes */
    uint32_t threshold;              /* t: fragments that open a record, 2 <= t <= n <= 32 */
    enum ehr_scenario_search search;
    enum ehr_scenario_trapdoors trapdoors;
    enum ehr_scenario_scope scope;
    uint32_t client_quorum;       /* matching replies a client waits for, or one of the above */
    uint32_t query_expiry_blocks; /* a query is valid for this many blocks */
};

struct ehr_scenario_hospital {
    char *id;
    int line;
    struct ehr_scenario_hosts server; /* one host */
    struct ehr_scenario_chain chain;
    struct ehr_scenario_hosts nodes; /* one private node per host */
    struct ehr_scenario_hosts doctors;
    uint32_t doctors_per_host;
    struct ehr_scenario_hosts patients; /* one host: where the messages of their devices start */
    uint32_t patient_count;
    uint32_t group; /* 1 + position in hospital_groups of what it is a member of; 0: of none */
};

/* The same hospital many times. `{}` in the model's id and hosts stands for the name of a member:
 * its number (first, first + 1, ...), or the name at that place of `names`. */
struct ehr_scenario_hospital_group {
    struct ehr_scenario_hospital model;
    uint32_t count; /* of members, >= 1 */
    uint32_t first; /* number of the first one, >= 1 */
    char *names;    /* separated by commas or spaces; NULL: numbers */
};

struct ehr_scenario_data_user {
    char *id;
    int line;
    struct ehr_scenario_hosts host; /* one host */
};

struct ehr_scenario_records {
    enum ehr_scenario_source source;
    char *directory;           /* of FHIR R4 bundles, resolved; NULL when synthetic */
    uint32_t attachment_bytes; /* of an image in every synthetic record; 0: none */
};

/* Visits, retrievals and shares: count > 0 fixes the total over all hospitals; else they arrive at
 * the rate until run.duration_ns. */
struct ehr_scenario_visits {
    enum ehr_scenario_arrivals arrivals; /* of retrievals and shares too */
    double rate_per_s; /* per hospital, > 0 unless the file says 0/s and count = 0 */
    struct ehr_scenario_profile profile;
    uint64_t count;
    double emergency; /* probability that the patient can show no card */
};

/* At most one of probability and (rate, count) is set; all 0 = none. */
struct ehr_scenario_retrievals {
    double probability; /* that a visit, once shared, is followed by a retrieval */
    uint64_t delay_ns;  /* with probability: until then, beside the way from the visit */
    double rate_per_s; /* over all hospitals; filled in as count / duration when only count given */
    struct ehr_scenario_profile profile;
    uint64_t count;
    uint32_t keywords; /* of the record that a query asks for together, >= 1 */
    enum ehr_scenario_query_log query_log;
};

struct ehr_scenario_shares {
    double
        rate_per_s; /* over all data users; filled in as count / duration when only count given */
    struct ehr_scenario_profile profile;
    uint64_t count;
    uint32_t visits; /* asked for at once, 1 .. EHR_SCENARIO_VISITS_MAX */
    double consent;  /* probability that the patient agrees */
    uint64_t consent_timeout_ns;
};

/* At most one of probability and count is set; both 0 = none. */
struct ehr_scenario_revocations {
    double probability; /* that a share, once finished, is revoked */
    uint64_t count;     /* the first `count` finished shares are */
    uint64_t delay_ns;  /* from the end of the share to the revocation */
};

/* Raw requests to one chain, to study its consensus alone: an open loop by rate, or else clients
 * that each keep `outstanding` requests under way. */
struct ehr_scenario_ordering {
    int line;
    char *chain;          /* "alliance" or the id of a hospital */
    uint32_t number;      /* of the chain: 0 the alliance's, 1 + h that of hospital h */
    uint32_t clients;     /* >= 1, on the hosts in turn */
    uint32_t outstanding; /* 0: what a program submits, and nothing else */
    uint64_t requests;    /* of all clients; 0: until run.duration_ns */
    double rate_per_s;    /* of all clients together; 0: a closed loop */
    enum ehr_scenario_arrivals arrivals;
    struct ehr_scenario_profile profile; /* flat in a closed loop */
    uint32_t bytes;                      /* payload of a request, beside its number */
    uint32_t client_quorum;
    struct ehr_scenario_hosts hosts; /* pattern NULL: those of the chain's nodes */
};

/* Requests at the times of a file (docs/formats/arrivals.md), beside those by rate. */
struct ehr_scenario_trace {
    char *file; /* resolved; NULL: none */
};

/* Whether the workload registers every patient at its hospital; else a program does as it likes. */
enum ehr_scenario_enrol { EHR_SCENARIO_ENROL_YES = 1, EHR_SCENARIO_ENROL_NO };

struct ehr_scenario_workload {
    enum ehr_scenario_enrol enrol;
    uint64_t day_ns;   /* of the profiles: how long a day is */
    uint64_t start_ns; /* time of day at which the run begins, < day_ns */
    uint64_t retry_ns; /* who asks and is not answered asks again, then after twice as long, ... */
    uint64_t give_up_ns; /* a step of a client's request is given up; >= retry_ns */
    struct ehr_scenario_visits visits;
    struct ehr_scenario_retrievals retrievals;
    struct ehr_scenario_shares shares;
    struct ehr_scenario_revocations revocations;
    struct ehr_scenario_ordering *orderings; /* in file order */
    size_t ordering_count;
    struct ehr_scenario_trace trace;
};

/* One `--set PATH=VALUE`, as given. */
struct ehr_scenario_override {
    char *path; /* "alliance/@batch" */
    char *value;
};

struct ehr_scenario {
    char *name;          /* of the scenario; letters, digits, '-', '_', '.' */
    char *file;          /* as given to ehr_scenario_load */
    uint8_t *raw;        /* the file's bytes, to be hashed */
    size_t raw_bytes;    /* overrides are not in them */
    char *platform_file; /* resolved against the scenario's folder */
    int platform_line;
    struct ehr_scenario_run run;
    struct ehr_scenario_network network;
    struct ehr_scenario_storage storage;
    struct ehr_scenario_crypto crypto;
    struct ehr_scenario_alliance alliance;
    /* In file order, then the members of groups; none if all is raw requests. */
    struct ehr_scenario_hospital *hospitals;
    size_t hospital_count;
    struct ehr_scenario_hospital_group *hospital_groups; /* in file order */
    size_t hospital_group_count;
    bool members_differ;                       /* from their groups, by overrides */
    struct ehr_scenario_data_user *data_users; /* in file order */
    size_t data_user_count;
    struct ehr_scenario_records records;
    struct ehr_scenario_workload workload;
    struct ehr_scenario_measure measure;
    struct ehr_scenario_sweep sweep;
    struct ehr_scenario_crash *crashes; /* in file order */
    size_t crash_count;
    struct ehr_scenario_revoke *revokes; /* in file order */
    size_t revoke_count;
    struct ehr_scenario_partition *partitions; /* these too */
    size_t partition_count;
    struct ehr_scenario_loss *losses;
    size_t loss_count;
    struct ehr_scenario_delay *delays;
    size_t delay_count;
    struct ehr_scenario_slow *slows;
    size_t slow_count;
    struct ehr_scenario_link *links;
    size_t link_count;
    struct ehr_scenario_byzantine *byzantines; /* in file order */
    size_t byzantine_count;
    struct ehr_scenario_override *overrides; /* in the order given */
    size_t override_count;
};

/* Reads and checks a scenario without its platform: well-formedness, schema, units, ids, counts,
 * and that the files it names exist. `sets` are `set_count` texts `PATH=VALUE` (PATH as in sweeps,
 * relative to the scenario element: "run/@seed", "hospital[@id='minsk']/@batch") that replace
 * attributes before the check; a path without a predicate means every such element. Those of
 * hospital-group come first; the members that follow from it are hospitals to all the others.
 * On OK `*scenario` is the caller's (ehr_scenario_free) and `problems` may have gained warnings;
 * else `*scenario` is NULL and `problems` names all errors, ordered by line. */
enum ehr_scenario_status ehr_scenario_load(const char *path, const char *const *sets,
                                           size_t set_count, struct ehr_problem_list *problems,
                                           struct ehr_scenario **scenario)
    __attribute__((warn_unused_result));

/* The same for a text in memory that is called `path`. */
enum ehr_scenario_status ehr_scenario_parse(const char *path, const uint8_t *text,
                                            size_t text_bytes, const char *const *sets,
                                            size_t set_count, struct ehr_problem_list *problems,
                                            struct ehr_scenario **scenario)
    __attribute__((warn_unused_result));

/* Finds the engine of every chain among the `count` that the caller has, and fills in what depends
 * on it. Call once, before ehr_scenario_place, which warns of committees that tolerate no fault
 * only then. INVALID: an unknown engine, or an attribute that means nothing to the one named; all
 * of them added to `problems`. `engines` must outlive the scenario. */
enum ehr_scenario_status ehr_scenario_engines_check(struct ehr_scenario *scenario,
                                                    const struct ehr_scenario_engine *engines,
                                                    size_t count, struct ehr_problem_list *problems)
    __attribute__((warn_unused_result));

/* Resolves every host name and pattern against the platform's host names, in platform order; fills
 * in `index` and `count` of each ehr_scenario_hosts. Call once. INVALID: an unknown host, a pattern
 * that matches nothing, more proxies than alliance nodes, ...; all of them added to `problems`. */
enum ehr_scenario_status ehr_scenario_place(struct ehr_scenario *scenario,
                                            const char *const *host_names, size_t host_count,
                                            struct ehr_problem_list *problems)
    __attribute__((warn_unused_result));

/* The same for the names of links (ehr_platform_link_name); a name without its _UP or _DOWN means
 * both directions. */
enum ehr_scenario_status ehr_scenario_place_links(struct ehr_scenario *scenario,
                                                  const char *const *link_names, size_t link_count,
                                                  struct ehr_problem_list *problems)
    __attribute__((warn_unused_result));

/* Whether every `where` of its sweep holds at the point that `sets` make of a scenario. Sets that
 * cannot be applied hold: ehr_scenario_parse will say what is wrong with them. */
bool ehr_scenario_wheres_hold(const struct ehr_scenario *scenario, const char *const *sets,
                              size_t set_count);

/* Writes the scenario as XML with every default filled in; itself a valid scenario that reads back
 * to the same values (paths are as resolved). Groups of hospitals are written as such, unless an
 * override has changed a member. Returns false on a write error. */
bool ehr_scenario_effective_write(const struct ehr_scenario *scenario, FILE *out)
    __attribute__((warn_unused_result));

/* Whether anything is asked for that takes hospitals: visits, retrievals, shares, given records. */
bool ehr_scenario_has_visits(const struct ehr_scenario *scenario);

/* Accepts NULL. */
void ehr_scenario_free(struct ehr_scenario *scenario);

/* The schema, as embedded at build time. */
extern const char ehr_scenario_schema[];
extern const size_t ehr_scenario_schema_bytes;

/* Frees libxml2's global tables; call once at the end of a program that checks for leaks. */
void ehr_scenario_library_close(void);

#endif /* EHR_SCENARIO_SCENARIO_H */
