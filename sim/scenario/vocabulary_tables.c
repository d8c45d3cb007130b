#include "sim/scenario/vocabulary_tables.h"

/* Patients of a hospital, doctors on a host: numbers of all of them together stay small. */
#define PEOPLE_MAX 1000000

/* Both tiers of chains have these. */
#define CHAIN_ATTRIBUTES(owner)                                                                    \
    {.name = "consensus",                                                                          \
     .kind = EHR_VOCABULARY_ID,                                                                    \
     .offset = OFFSET(owner, chain.consensus),                                                     \
     .default_text = "pbft"},                                                                      \
        {.name = "chain",                                                                          \
         .kind = EHR_VOCABULARY_CHOICE,                                                            \
         .offset = OFFSET(owner, chain.chain),                                                     \
         .values = "three|two"},                                                                   \
        {.name = "leader",                                                                         \
         .kind = EHR_VOCABULARY_CHOICE,                                                            \
         .offset = OFFSET(owner, chain.leader),                                                    \
         .values = "rotating|fixed"},                                                              \
        {.name = "batch",                                                                          \
         .kind = EHR_VOCABULARY_NUMBER,                                                            \
         .offset = OFFSET(owner, chain.batch),                                                     \
         .default_text = "100",                                                                    \
         .min = 1},                                                                                \
        {.name = "batch-timeout",                                                                  \
         .kind = EHR_VOCABULARY_TIME,                                                              \
         .offset = OFFSET(owner, chain.batch_timeout_ns),                                          \
         .default_text = "50ms"},                                                                  \
        {.name = "request-timeout",                                                                \
         .kind = EHR_VOCABULARY_TIME,                                                              \
         .offset = OFFSET(owner, chain.request_timeout_ns),                                        \
         .default_text = "2s",                                                                     \
         .min = 1},                                                                                \
        {.name = "checkpoint-interval",                                                            \
         .kind = EHR_VOCABULARY_NUMBER,                                                            \
         .offset = OFFSET(owner, chain.checkpoint_interval),                                       \
         .default_text = "128",                                                                    \
         .min = 1},                                                                                \
        {.name = "window",                                                                         \
         .kind = EHR_VOCABULARY_NUMBER,                                                            \
         .offset = OFFSET(owner, chain.window),                                                    \
         .default_text = "256",                                                                    \
         .min = 1},                                                                                \
        {.name = "votes",                                                                          \
         .kind = EHR_VOCABULARY_CHOICE,                                                            \
         .offset = OFFSET(owner, chain.votes),                                                     \
         .default_text = "backups",                                                                \
         .values = "backups|all"},                                                                 \
        {.name = "authentication",                                                                 \
         .kind = EHR_VOCABULARY_CHOICE,                                                            \
         .offset = OFFSET(owner, chain.authentication),                                            \
         .default_text = "signature",                                                              \
         .values = "signature|mac|none"},                                                          \
    {                                                                                              \
        .name = "bodies", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(owner, chain.bodies),    \
        .default_text = "leader", .values = "leader|broadcast"                                     \
    }

/* clang-format off */
static const struct ehr_vocabulary_attribute scenario_attributes[] = {
    {.name = "version", .kind = EHR_VOCABULARY_VERSION, .default_text = "1"},
    {.name = "name", .kind = EHR_VOCABULARY_ID, .offset = offsetof(struct ehr_scenario, name),
     .required = true},
};

static const struct ehr_vocabulary_attribute platform_attributes[] = {
    {.name = "file", .kind = EHR_VOCABULARY_FILE,
     .offset = offsetof(struct ehr_scenario, platform_file), .required = true},
};

static const struct ehr_vocabulary_attribute run_attributes[] = {
    {.name = "seed", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(run, seed),
     .default_text = "1"},
    {.name = "duration", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(run, duration_ns),
     .default_text = "10min", .min = 1},
    {.name = "warmup", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(run, warmup_ns),
     .default_text = "0s"},
    {.name = "replications", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(run, replications),
     .default_text = "1", .min = 1},
    {.name = "drain", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(run, drain_ns),
     .default_text = "5min"},
    {.name = "liveness-window", .kind = EHR_VOCABULARY_TIME,
     .offset = OFFSET(run, liveness_window_ns), .default_text = "60s", .min = 1},
};

static const struct ehr_vocabulary_attribute network_attributes[] = {
    {.name = "fidelity", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(network, fidelity),
     .default_text = "flow", .values = "flow|queue|delay"},
    {.name = "model", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(network, model),
     .default_text = "cm02", .values = "cm02|lv08"},
    {.name = "optim", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(network, optim),
     .default_text = "lazy", .values = "lazy|full"},
    {.name = "overhead-bytes", .kind = EHR_VOCABULARY_NUMBER,
     .offset = OFFSET(network, overhead_bytes), .default_text = "66"},
    {.name = "loopback", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(network, loopback_ns),
     .default_text = "10us"},
};

static const struct ehr_vocabulary_attribute storage_attributes[] = {
    {.name = "write", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(storage, write_ns),
     .default_text = "100us"},
    {.name = "bandwidth", .kind = EHR_VOCABULARY_BANDWIDTH,
     .offset = OFFSET(storage, bandwidth_Bps), .default_text = "500MB/s", .min = 1},
};

static const struct ehr_vocabulary_attribute crypto_attributes[] = {
    {.name = "mode", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(crypto, mode),
     .default_text = "real", .values = "real|modelled"},
    {.name = "memo", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(crypto, memo_entries),
     .default_text = "65536"},
    {.name = "costs", .kind = EHR_VOCABULARY_COSTS, .default_text = "default"},
};

static const struct ehr_vocabulary_attribute nodes_attributes[] = {
    {.name = "hosts", .kind = EHR_VOCABULARY_HOSTS, .required = true},
};

static const struct ehr_vocabulary_attribute alliance_attributes[] = {
    CHAIN_ATTRIBUTES(alliance),
    {.name = "proxies", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(alliance, proxies),
     .default_text = "4", .min = 2, .max = EHR_SCENARIO_PROXIES_MAX},
    {.name = "threshold", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(alliance, threshold),
     .default_text = "3", .min = 2, .max = EHR_SCENARIO_PROXIES_MAX},
    {.name = "search", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(alliance, search),
     .default_text = "dictionary", .values = "dictionary|scan"},
    {.name = "trapdoors", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(alliance, trapdoors),
     .default_text = "designated", .values = "designated|broadcast"},
    {.name = "scope", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(alliance, scope),
     .default_text = "enforced", .values = "stated|enforced"},
    {.name = "client-quorum", .kind = EHR_VOCABULARY_QUORUM,
     .offset = OFFSET(alliance, client_quorum), .default_text = "f+1"},
    {.name = "query-expiry", .kind = EHR_VOCABULARY_NUMBER,
     .offset = OFFSET(alliance, query_expiry_blocks), .default_text = "100", .min = 1},
};

static const struct ehr_vocabulary_attribute doctors_attributes[] = {
    {.name = "hosts", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(hospital, doctors),
     .required = true},
    {.name = "per-host", .kind = EHR_VOCABULARY_NUMBER,
     .offset = OFFSET(hospital, doctors_per_host), .default_text = "1", .min = 1,
     .max = PEOPLE_MAX},
};

static const struct ehr_vocabulary_attribute patients_attributes[] = {
    {.name = "host", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(hospital, patients),
     .required = true},
    {.name = "count", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(hospital, patient_count),
     .default_text = "20", .min = 1, .max = PEOPLE_MAX},
};

static const struct ehr_vocabulary_attribute hospital_attributes[] = {
    {.name = "id", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(hospital, id), .required = true},
    {.name = "server", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(hospital, server),
     .required = true},
    CHAIN_ATTRIBUTES(hospital),
};

/* A group is its model, which is a hospital, and how many of them there are. */
static const struct ehr_vocabulary_attribute members_nodes_attributes[] = {
    {.name = "hosts", .kind = EHR_VOCABULARY_HOSTS, .required = true, .of_members = true},
};

static const struct ehr_vocabulary_attribute members_doctors_attributes[] = {
    {.name = "hosts", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(hospital, doctors),
     .required = true, .of_members = true},
    {.name = "per-host", .kind = EHR_VOCABULARY_NUMBER,
     .offset = OFFSET(hospital, doctors_per_host), .default_text = "1", .min = 1,
     .max = PEOPLE_MAX},
};

static const struct ehr_vocabulary_attribute members_patients_attributes[] = {
    {.name = "host", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(hospital, patients),
     .required = true, .of_members = true},
    {.name = "count", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(hospital, patient_count),
     .default_text = "20", .min = 1, .max = PEOPLE_MAX},
};

static const struct ehr_vocabulary_attribute hospital_group_attributes[] = {
    {.name = "count", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(hospital_group, count),
     .required = true, .min = 1, .max = EHR_SCENARIO_MEMBERS_MAX},
    {.name = "first", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(hospital_group, first),
     .default_text = "1", .min = 1, .max = PEOPLE_MAX},
    {.name = "names", .kind = EHR_VOCABULARY_NAMES, .offset = OFFSET(hospital_group, names)},
    {.name = "id", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(hospital, id), .required = true,
     .of_members = true},
    {.name = "server", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(hospital, server),
     .required = true, .of_members = true},
    CHAIN_ATTRIBUTES(hospital),
};

static const struct ehr_vocabulary_attribute data_user_attributes[] = {
    {.name = "id", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(data_user, id), .required = true},
    {.name = "host", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(data_user, host),
     .required = true},
};

static const struct ehr_vocabulary_attribute records_attributes[] = {
    {.name = "source", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(records, source),
     .values = "synthetic|directory"},
    {.name = "directory", .kind = EHR_VOCABULARY_FILE, .offset = OFFSET(records, directory)},
    {.name = "attachment-bytes", .kind = EHR_VOCABULARY_NUMBER,
     .offset = OFFSET(records, attachment_bytes), .default_text = "0", .max = 268435456},
};

static const struct ehr_vocabulary_attribute workload_attributes[] = {
    {.name = "enrol", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(workload, enrol),
     .default_text = "yes", .values = "yes|no"},
    {.name = "day", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(workload, day_ns),
     .default_text = "24h", .min = 1},
    {.name = "start", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(workload, start_ns),
     .default_text = "0s"},
    {.name = "retry", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(workload, retry_ns),
     .default_text = "2s", .min = 1},
    {.name = "give-up", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(workload, give_up_ns),
     .default_text = "60s", .min = 1},
};

static const struct ehr_vocabulary_attribute visits_attributes[] = {
    {.name = "arrivals", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(visits, arrivals),
     .default_text = "poisson", .values = "poisson|uniform"},
    {.name = "rate", .kind = EHR_VOCABULARY_RATE, .offset = OFFSET(visits, rate_per_s),
     .default_text = "0.5/s"},
    {.name = "profile", .kind = EHR_VOCABULARY_PROFILE, .offset = OFFSET(visits, profile),
     .default_text = "flat"},
    {.name = "count", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(visits, count),
     .default_text = "0"},
    {.name = "emergency", .kind = EHR_VOCABULARY_PROBABILITY, .offset = OFFSET(visits, emergency),
     .default_text = "0"},
};

static const struct ehr_vocabulary_attribute retrievals_attributes[] = {
    {.name = "probability", .kind = EHR_VOCABULARY_PROBABILITY,
     .offset = OFFSET(retrievals, probability), .default_text = "0"},
    {.name = "delay", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(retrievals, delay_ns),
     .default_text = "0s"},
    {.name = "rate", .kind = EHR_VOCABULARY_RATE, .offset = OFFSET(retrievals, rate_per_s),
     .default_text = "0/s"},
    {.name = "profile", .kind = EHR_VOCABULARY_PROFILE, .offset = OFFSET(retrievals, profile),
     .default_text = "flat"},
    {.name = "count", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(retrievals, count),
     .default_text = "0"},
    {.name = "keywords", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(retrievals, keywords),
     .default_text = "1", .min = 1, .max = EHR_SCENARIO_KEYWORDS_MAX},
    {.name = "query-log", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(retrievals, query_log),
     .default_text = "none", .values = "none|async|before"},
};

static const struct ehr_vocabulary_attribute shares_attributes[] = {
    {.name = "rate", .kind = EHR_VOCABULARY_RATE, .offset = OFFSET(shares, rate_per_s),
     .default_text = "0/s"},
    {.name = "profile", .kind = EHR_VOCABULARY_PROFILE, .offset = OFFSET(shares, profile),
     .default_text = "flat"},
    {.name = "count", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(shares, count),
     .default_text = "0"},
    {.name = "visits", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(shares, visits),
     .default_text = "1", .min = 1, .max = EHR_SCENARIO_VISITS_MAX},
    {.name = "consent", .kind = EHR_VOCABULARY_PROBABILITY, .offset = OFFSET(shares, consent),
     .default_text = "1"},
    {.name = "consent-timeout", .kind = EHR_VOCABULARY_TIME,
     .offset = OFFSET(shares, consent_timeout_ns), .default_text = "1h"},
};

static const struct ehr_vocabulary_attribute revocations_attributes[] = {
    {.name = "probability", .kind = EHR_VOCABULARY_PROBABILITY,
     .offset = OFFSET(revocations, probability), .default_text = "0"},
    {.name = "count", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(revocations, count),
     .default_text = "0"},
    {.name = "delay", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(revocations, delay_ns),
     .default_text = "10s"},
};

static const struct ehr_vocabulary_attribute ordering_attributes[] = {
    {.name = "chain", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(ordering, chain),
     .default_text = "alliance"},
    {.name = "clients", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(ordering, clients),
     .default_text = "1", .min = 1, .max = EHR_SCENARIO_CLIENTS_MAX},
    {.name = "outstanding", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(ordering, outstanding),
     .default_text = "1"},
    {.name = "requests", .kind = EHR_VOCABULARY_LONG, .offset = OFFSET(ordering, requests),
     .default_text = "0"},
    {.name = "rate", .kind = EHR_VOCABULARY_RATE, .offset = OFFSET(ordering, rate_per_s),
     .default_text = "0/s"},
    {.name = "profile", .kind = EHR_VOCABULARY_PROFILE, .offset = OFFSET(ordering, profile),
     .default_text = "flat"},
    {.name = "arrivals", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(ordering, arrivals),
     .default_text = "poisson", .values = "poisson|uniform"},
    {.name = "bytes", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(ordering, bytes),
     .default_text = "0", .max = EHR_SCENARIO_PAYLOAD_MAX},
    {.name = "client-quorum", .kind = EHR_VOCABULARY_QUORUM,
     .offset = OFFSET(ordering, client_quorum), .default_text = "f+1"},
    {.name = "client-host", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(ordering, hosts)},
};

static const struct ehr_vocabulary_attribute trace_attributes[] = {
    {.name = "file", .kind = EHR_VOCABULARY_FILE, .offset = OFFSET(trace, file),
     .required = true},
};

static const struct ehr_vocabulary_attribute measure_attributes[] = {
    {.name = "energy", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(measure, energy),
     .default_text = "none", .values = "none|hosts|links|all"},
    {.name = "load", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(measure, load),
     .default_text = "none", .values = "none|hosts|links|all"},
};

static const struct ehr_vocabulary_attribute vary_attributes[] = {
    {.name = "parameter", .kind = EHR_VOCABULARY_TEXT, .offset = OFFSET(vary, parameter),
     .required = true},
    {.name = "values", .kind = EHR_VOCABULARY_TEXT, .offset = OFFSET(vary, values),
     .required = true},
};

static const struct ehr_vocabulary_attribute where_attributes[] = {
    {.name = "test", .kind = EHR_VOCABULARY_TEXT, .offset = OFFSET(where, test), .required = true},
};

static const struct ehr_vocabulary_attribute sweep_attributes[] = {
    {.name = "random", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(sweep, random),
     .default_text = "independent", .values = "independent|common"},
};


static const struct ehr_vocabulary_element alliance_children[] = {
    {.name = "nodes", ATTRIBUTES(nodes_attributes), SINGLE(1, OFFSET(alliance, nodes)), NO_LINE},
};

/* doctors and patients have no struct of their own: their fields are the hospital's. */
static const struct ehr_vocabulary_element hospital_children[] = {
    {.name = "nodes", ATTRIBUTES(nodes_attributes), SINGLE(1, OFFSET(hospital, nodes)), NO_LINE},
    {.name = "doctors", ATTRIBUTES(doctors_attributes), SINGLE(1, 0), NO_LINE},
    {.name = "patients", ATTRIBUTES(patients_attributes), SINGLE(1, 0), NO_LINE},
};

static const struct ehr_vocabulary_element hospital_group_children[] = {
    {.name = "nodes", ATTRIBUTES(members_nodes_attributes), SINGLE(1, OFFSET(hospital, nodes)),
     NO_LINE},
    {.name = "doctors", ATTRIBUTES(members_doctors_attributes), SINGLE(1, 0), NO_LINE},
    {.name = "patients", ATTRIBUTES(members_patients_attributes), SINGLE(1, 0), NO_LINE},
};
_Static_assert(OFFSET(hospital_group, model) == 0, "a group is a hospital as well");

static const struct ehr_vocabulary_element workload_children[] = {
    {.name = "visits", ATTRIBUTES(visits_attributes), SINGLE(0, OFFSET(workload, visits)),
     NO_LINE},
    {.name = "retrievals", ATTRIBUTES(retrievals_attributes),
     SINGLE(0, OFFSET(workload, retrievals)), NO_LINE},
    {.name = "shares", ATTRIBUTES(shares_attributes), SINGLE(0, OFFSET(workload, shares)),
     NO_LINE},
    {.name = "revocations", ATTRIBUTES(revocations_attributes),
     SINGLE(0, OFFSET(workload, revocations)), NO_LINE},
    {.name = "ordering", ATTRIBUTES(ordering_attributes), .min = 0, .max = SIZE_MAX,
     .offset = OFFSET(workload, orderings), .count_offset = OFFSET(workload, ordering_count),
     .item_bytes = sizeof(struct ehr_scenario_ordering), .line_offset = OFFSET(ordering, line)},
    {.name = "trace", ATTRIBUTES(trace_attributes), SINGLE(0, OFFSET(workload, trace)), NO_LINE},
};

static const struct ehr_vocabulary_element together_children[] = {
    {.name = "vary", ATTRIBUTES(vary_attributes), .min = 1, .max = SIZE_MAX,
     .offset = OFFSET(together, varies), .count_offset = OFFSET(together, vary_count),
     .item_bytes = sizeof(struct ehr_scenario_vary), .line_offset = OFFSET(vary, line)},
};

static const struct ehr_vocabulary_element sweep_children[] = {
    {.name = "vary", ATTRIBUTES(vary_attributes), .min = 0, .max = SIZE_MAX,
     .offset = OFFSET(sweep, varies), .count_offset = OFFSET(sweep, vary_count),
     .item_bytes = sizeof(struct ehr_scenario_vary), .line_offset = OFFSET(vary, line)},
    {.name = "together", CHILDREN(together_children), .min = 0, .max = SIZE_MAX,
     .offset = OFFSET(sweep, togethers), .count_offset = OFFSET(sweep, together_count),
     .item_bytes = sizeof(struct ehr_scenario_together), .line_offset = OFFSET(together, line)},
    {.name = "where", ATTRIBUTES(where_attributes), .min = 0, .max = SIZE_MAX,
     .offset = OFFSET(sweep, wheres), .count_offset = OFFSET(sweep, where_count),
     .item_bytes = sizeof(struct ehr_scenario_where), .line_offset = OFFSET(where, line)},
};

static const struct ehr_vocabulary_element scenario_children[] = {
    {.name = "platform", ATTRIBUTES(platform_attributes), SINGLE(1, 0),
     .line_offset = offsetof(struct ehr_scenario, platform_line)},
    {.name = "run", ATTRIBUTES(run_attributes), SINGLE(0, offsetof(struct ehr_scenario, run)),
     NO_LINE},
    {.name = "network", ATTRIBUTES(network_attributes),
     SINGLE(0, offsetof(struct ehr_scenario, network)), NO_LINE},
    {.name = "storage", ATTRIBUTES(storage_attributes),
     SINGLE(0, offsetof(struct ehr_scenario, storage)), NO_LINE},
    {.name = "crypto", ATTRIBUTES(crypto_attributes),
     SINGLE(0, offsetof(struct ehr_scenario, crypto)), NO_LINE},
    {.name = "alliance", ATTRIBUTES(alliance_attributes), CHILDREN(alliance_children),
     SINGLE(1, offsetof(struct ehr_scenario, alliance)), .line_offset = OFFSET(alliance, line)},
    {.name = "hospital", ATTRIBUTES(hospital_attributes), CHILDREN(hospital_children), .min = 0,
     .max = SIZE_MAX, .offset = offsetof(struct ehr_scenario, hospitals),
     .count_offset = offsetof(struct ehr_scenario, hospital_count),
     .item_bytes = sizeof(struct ehr_scenario_hospital), .line_offset = OFFSET(hospital, line)},
    {.name = "hospital-group", ATTRIBUTES(hospital_group_attributes),
     CHILDREN(hospital_group_children), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, hospital_groups),
     .count_offset = offsetof(struct ehr_scenario, hospital_group_count),
     .item_bytes = sizeof(struct ehr_scenario_hospital_group),
     .line_offset = OFFSET(hospital, line)},
    {.name = "data-user", ATTRIBUTES(data_user_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, data_users),
     .count_offset = offsetof(struct ehr_scenario, data_user_count),
     .item_bytes = sizeof(struct ehr_scenario_data_user), .line_offset = OFFSET(data_user, line)},
    {.name = "records", ATTRIBUTES(records_attributes),
     SINGLE(0, offsetof(struct ehr_scenario, records)), NO_LINE},
    {.name = "workload", ATTRIBUTES(workload_attributes), CHILDREN(workload_children),
     SINGLE(0, offsetof(struct ehr_scenario, workload)), NO_LINE},
    {.name = "measure", ATTRIBUTES(measure_attributes),
     SINGLE(0, offsetof(struct ehr_scenario, measure)), NO_LINE},
    {.name = "sweep", ATTRIBUTES(sweep_attributes), CHILDREN(sweep_children),
     SINGLE(0, offsetof(struct ehr_scenario, sweep)), .line_offset = OFFSET(sweep, line)},
    {.name = "faults", .children = ehr_vocabulary_faults,
     .child_count = EHR_VOCABULARY_FAULT_COUNT, SINGLE(0, 0), NO_LINE},
};

const struct ehr_vocabulary_element ehr_vocabulary_scenario = {
    .name = "scenario", ATTRIBUTES(scenario_attributes), CHILDREN(scenario_children),
    SINGLE(1, 0), NO_LINE,
};
/* clang-format on */
