/* The part of a scenario that says what goes wrong, when, and where. Part of scenario.h. */
#ifndef EHR_SCENARIO_FAULTS_H
#define EHR_SCENARIO_FAULTS_H

#include "sim/scenario/hosts.h"

#include <stddef.h>
#include <stdint.h>

#define EHR_SCENARIO_NEVER UINT64_MAX /* a time that does not come */

enum ehr_scenario_behaviour {
    EHR_SCENARIO_BEHAVIOUR_SILENT = 1,
    EHR_SCENARIO_BEHAVIOUR_EQUIVOCATE,
    EHR_SCENARIO_BEHAVIOUR_CONFLICTING_VOTES,
    EHR_SCENARIO_BEHAVIOUR_DELAYED_VOTES,
    EHR_SCENARIO_BEHAVIOUR_CORRUPT_DIGEST,
    EHR_SCENARIO_BEHAVIOUR_STALE_VIEW,
    EHR_SCENARIO_BEHAVIOUR_SELECTIVE,
};

enum ehr_scenario_crash_role {
    EHR_SCENARIO_CRASH_ROLE_HOST = 1, /* the host named */
    EHR_SCENARIO_CRASH_ROLE_HOSPITAL, /* the host of a hospital's server */
};

enum ehr_scenario_crash_trigger {
    EHR_SCENARIO_CRASH_AT_TIME = 1,       /* at_ns */
    EHR_SCENARIO_CRASH_ON_PRIVATE_COMMIT, /* the count-th private block that the server learns of */
};

enum ehr_scenario_revoke_certificate {
    EHR_SCENARIO_REVOKE_DOCTOR = 1,
    EHR_SCENARIO_REVOKE_DATA_USER,
    EHR_SCENARIO_REVOKE_HOSPITAL,
};

/* A host goes down with all it runs. */
struct ehr_scenario_crash {
    int line;
    enum ehr_scenario_crash_role role;
    struct ehr_scenario_hosts host; /* one host; for ROLE_HOSPITAL that of its server */
    char *hospital_id;              /* NULL for ROLE_HOST */
    size_t hospital;                /* position in hospitals; ROLE_HOSPITAL only */
    enum ehr_scenario_crash_trigger trigger;
    uint64_t at_ns;      /* AT_TIME; else EHR_SCENARIO_NEVER */
    uint32_t count;      /* ON_PRIVATE_COMMIT: 1 = the first */
    uint64_t recover_ns; /* AT_TIME: absolute, > at_ns; else after the crash; or NEVER */
};

/* An issuer revokes a certificate: a hospital its doctor's, the root the others'. */
struct ehr_scenario_revoke {
    int line;
    enum ehr_scenario_revoke_certificate certificate;
    char *hospital_id;  /* NULL for REVOKE_DATA_USER */
    char *data_user_id; /* REVOKE_DATA_USER only */
    size_t hospital;    /* positions in hospitals and data_users */
    size_t data_user;
    uint32_t index; /* REVOKE_DOCTOR: of the doctor in the hospital, from 0 */
    uint64_t at_ns;
};

/* Other faults are in force from at_ns until until_ns, or EHR_SCENARIO_NEVER for the whole run;
 * several may overlap. */

/* Hosts of different groups do not hear each other; several partitions: what any of them parts. */
struct ehr_scenario_partition {
    int line;
    char *groups; /* "minsk-*|alliance-1,alliance-2|rest" */
    uint64_t at_ns, heal_ns;
    uint16_t
        *group; /* by host of the platform, 0: in none (hears everybody); by ehr_scenario_place */
};

/* Messages from hosts to hosts are lost; several losses act one after another. */
struct ehr_scenario_loss {
    int line;
    struct ehr_scenario_hosts from, to;
    double probability; /* above 0 */
    uint64_t at_ns, until_ns;
};

/* Messages that leave take so much longer; several delays add up. */
struct ehr_scenario_delay {
    int line;
    struct ehr_scenario_hosts from, to;
    uint64_t extra_ns;
    uint64_t at_ns, until_ns;
};

/* Computing and writing take `factor` times as long; several factors multiply. */
struct ehr_scenario_slow {
    int line;
    struct ehr_scenario_hosts host;
    double factor; /* >= 1 */
    uint64_t at_ns, until_ns;
};

/* Links have another bandwidth or latency; of several the one that began last holds. */
struct ehr_scenario_link {
    int line;
    struct ehr_scenario_hosts name; /* links of the platform, by ehr_scenario_place_links */
    uint64_t bandwidth_Bps;         /* 0: its own */
    uint64_t latency_ns;            /* EHR_SCENARIO_NEVER: its own */
    uint64_t at_ns, until_ns;
};

/* A chain node that does what its keys allow (actors/adversary.h). */
struct ehr_scenario_byzantine {
    int line;
    struct ehr_scenario_hosts node; /* hosts: every chain node on them */
    enum ehr_scenario_behaviour behaviour;
    uint64_t at_ns, until_ns; /* from at_ns on and before until_ns; or NEVER */
    uint64_t delay_ns;        /* of delayed votes */
    char *victim;             /* a name of nodes.csv; NULL unless SELECTIVE */
};

#endif /* EHR_SCENARIO_FAULTS_H */
