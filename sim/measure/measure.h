/*
 * Everything measured in one run, and its way to the files: requests (requests.h), counters
 * (counters.h), the description of the run. It is not an observer of its own: the world reports to
 * it. Source: scenario.md, "Results of a run"; columns: docs/formats/.
 *
 *     struct ehr_results *results;             // before the run: refuses an existing folder
 *     status = ehr_results_new(&results, dir, &error);
 *     struct ehr_measure *m = ehr_measure_new(&config);
 *     ...  ehr_request_open(ehr_measure_requests(m), ...), ehr_counters_message(...)  ...
 *     status = ehr_measure_write(m, results, &meta, &error);   // writes and commits
 *     ehr_results_free(results);               // removes the remains if anything failed
 *     ehr_measure_free(m);
 */
#ifndef EHR_MEASURE_MEASURE_H
#define EHR_MEASURE_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/measure/counters.h"
#include "sim/measure/recovery.h"
#include "sim/measure/requests.h"
#include "sim/measure/resources.h"
#include "sim/measure/results.h"
#include "sim/measure/timeline.h"

/* The version of the set of files and columns; run.json carries it. */
#define EHR_MEASURE_FORMAT_VERSION 1

struct ehr_measure_config {
    struct ehr_measure_names names; /* borrowed, see counters.h */
    uint64_t warmup_ns;             /* requests are measured if warmup_ns <= start ... */
    uint64_t window_end_ns;         /* ... < window_end_ns; 0: until the end of the run */
    struct ehr_results *results;    /* as for ehr_request_log_new */
};

struct ehr_measure;

/* Running out of memory ends the program with a message. Free with ehr_measure_free. */
struct ehr_measure *ehr_measure_new(const struct ehr_measure_config *config);

/* Accepts NULL. */
void ehr_measure_free(struct ehr_measure *measure);

/* The parts, owned by the measure. */
struct ehr_request_log *ehr_measure_requests(struct ehr_measure *measure);
struct ehr_counters *ehr_measure_counters(struct ehr_measure *measure);

/* A timeline to be written as trace.json. Before the run; the measure owns it from then on. */
void ehr_measure_timeline_set(struct ehr_measure *measure, struct ehr_timeline *take_timeline);

/* Something that goes wrong on purpose: a row of faults.csv. */
struct ehr_measure_fault {
    const char *kind;   /* "crash", "partition", ...; lasts as long as the measure */
    const char *target; /* node, host, groups, link: what it hits */
    const char *value;  /* how hard: "0.01", "200ms", or "" */
    uint64_t begin_ns;
    uint64_t end_ns; /* after begin_ns; UINT64_MAX: never */
};

/* Adds a fault, before or while it happens; target and value are copied. One that begins after the
 * run has ended is written nowhere. */
void ehr_measure_fault_add(struct ehr_measure *measure, const struct ehr_measure_fault *fault);

/* What fault number `fault` (from 1, as in faults.csv) did to a flow's requests that ended ok, or
 * to a chain's committed transactions. */
struct ehr_measure_recovery {
    size_t fault;
    const char *kind; /* "flow", "chain" */
    const char *name;
    struct ehr_recovery recovery;
};
typedef void ehr_measure_recovery_hook(void *context, const struct ehr_measure_fault *fault,
                                       const struct ehr_measure_recovery *recovery);

/* Calls `hook` for each flow and chain and, within, each fault that began by `end_ns` (the end of
 * the run), unless nothing was done before it. Each fault is looked at until the next begins or the
 * last request of the flow (for chains: of the flow that has most) was offered. Every request must
 * be closed. */
void ehr_measure_recoveries(const struct ehr_measure *measure, uint64_t end_ns,
                            ehr_measure_recovery_hook *hook, void *context);

/* One override or swept value: a row of parameters.csv. */
struct ehr_measure_parameter {
    const char *path; /* alliance/@batch */
    const char *value;
};

/* A file the run read: goes whole into run.json, so that the run can be repeated without it. */
struct ehr_measure_input {
    const char *kind;   /* scenario, platform, costs, trace, ... */
    const char *path;   /* as the user named it */
    const char *sha256; /* hexadecimal */
    const char *text;   /* UTF-8, or NULL to record the hash alone */
};

/* A number about how the run was carried out (cache hits, ...): run.json only, as it may depend on
 * the machine or on the build. */
struct ehr_measure_fact {
    const char *name;
    double value;
};

/* A chain as it was set up. */
struct ehr_measure_committee {
    const char *chain;           /* as in blocks.csv */
    const char *engine;          /* "pbft" */
    const char *trust;           /* "bft", "crash", "single": what its certificates rest on */
    uint32_t replicas;           /* n */
    uint32_t certificate_quorum; /* signatures that make a block certificate */
};

/* What an adversary of the run did, and when. */
struct ehr_measure_byzantine {
    const char *node;      /* as in nodes.csv */
    const char *behaviour; /* as in the scenario */
    uint64_t at_ns;
    uint64_t until_ns; /* UINT64_MAX: to the end */
};

/* The description of the run. All strings and arrays borrowed for the call, none NULL unless said.
 */
struct ehr_measure_meta {
    const char *run_id;          /* H(scenario, overrides, seed, replication), hexadecimal */
    const char *scenario;        /* its name */
    const char *sha256;          /* of the scenario file */
    const char *version;         /* of ehrgrid */
    const char *simgrid_version; /* "3.32" */
    const char *fidelity;        /* flow, queue, delay */
    const char *crypto;          /* real, modelled */
    const char *energy, *load;   /* none, hosts, links, all: what was asked for */
    const char *reason;          /* why the run ended wrongly; NULL: it did not */
    const char *const *command;  /* the words of the command line */
    const struct ehr_measure_parameter *parameters;
    const struct ehr_measure_input *inputs;
    const struct ehr_measure_committee *committees;
    const struct ehr_measure_byzantine *byzantines;
    const struct ehr_measure_fact *facts;
    size_t command_count;
    size_t parameter_count;
    size_t input_count;
    size_t committee_count;
    size_t byzantine_count;
    size_t fact_count;
    uint64_t seed;
    uint64_t replication;
    uint64_t sim_time_ns;    /* when the run ended, drain included */
    double wall_s;           /* wall-clock time the run took */
    uint64_t peak_rss_bytes; /* ehr_measure_peak_rss() */
};

/* Ends open requests as unfinished at meta->sim_time_ns, writes all files and commits the folder.
 * Asserts offered = ok + refused + failed + timeout + unfinished for every flow. On an error
 * nothing is committed, and ehr_results_free removes what was written. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_measure_write(struct ehr_measure *measure, struct ehr_results *results,
                                          const struct ehr_measure_meta *meta,
                                          struct ehr_measure_error *error);

/* A set of durations: nearest-rank quantiles, exact sum. All zero if count is 0. */
struct ehr_latency {
    uint64_t count;
    double mean_ns;
    uint64_t p50_ns;
    uint64_t p90_ns;
    uint64_t p95_ns;
    uint64_t p99_ns;
    uint64_t p999_ns;
    uint64_t max_ns;
};

/* What the requests of one flow come to: the columns of summary.csv. */
struct ehr_flow_summary {
    uint64_t offered; /* measured requests; the next five add up to it */
    uint64_t ok;
    uint64_t refused;
    uint64_t failed;
    uint64_t timeout;
    uint64_t unfinished;
    uint64_t records_identical;
    uint64_t sent;              /* of the offered, how many left their device */
    uint64_t durable_unshared;  /* durable (durable.count) and not shared when the run ended */
    uint64_t sent_inside;       /* sent inside the window, whenever they were offered */
    uint64_t ok_inside;         /* ended ok inside the window, whenever they were offered */
    struct ehr_latency latency; /* end - start of those that ended ok */
    struct ehr_latency durable; /* durable - start of those that became so, whatever the outcome */
};

/* Sums up a flow, for the summary file and for what a command prints. Every request must be closed
 * (ehr_request_finish_all); the five outcomes are asserted to add up to `offered`. */
struct ehr_flow_summary ehr_measure_flow(const struct ehr_measure *measure, enum ehr_flow flow);

/* The length of the measured window in nanoseconds: what rates are divided by. `sim_time_ns`
 * is when the run ended. */
uint64_t ehr_measure_window(const struct ehr_measure *measure, uint64_t sim_time_ns);

/* The largest resident set of this process so far, in bytes. */
uint64_t ehr_measure_peak_rss(void);

#endif /* EHR_MEASURE_MEASURE_H */
