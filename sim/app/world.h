/* A run: a scenario on a loaded platform, made into nodes on hosts, watched, and measured. What the
 * command and the tests of whole runs use. It does not read scenarios or platforms (setup.h) and
 * writes no file (report.h).
 *
 *     struct ehr_world *world = ehr_world_new(scenario, &options);
 *     ... adversaries: ehr_kernel_rewrite_set(ehr_world_kernel(world), node->id, ...) ...
 *     if (!ehr_world_run(world)) fputs(ehr_world_reason(world), stderr);
 *     ... ehr_world_measure(world) ...
 *     ehr_world_free(world);
 *
 * Nodes are called alliance-node-0, minsk-server, minsk-node-0, minsk-doctor-0, minsk-patients, the
 * id of a data user, client-0, workload. One world per process at a time (SimGrid). */
#ifndef EHR_APP_WORLD_H
#define EHR_APP_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/cost.h"
#include "include/ehrgrid.h"
#include "sim/app/arrivals.h"
#include "sim/app/genesis.h"
#include "sim/measure/measure.h"
#include "sim/measure/progress.h"
#include "sim/network/kernel.h"
#include "sim/records/records.h"
#include "sim/scenario/scenario.h"

struct ehr_world_options {
    uint64_t seed;
    uint32_t replication;
    const struct ehr_cost_table *costs;   /* borrowed */
    const struct ehr_record_set *records; /* borrowed; NULL: synthetic */
    const struct ehr_arrivals *arrivals;  /* of the trace; borrowed; NULL: none */
    /* Called after the world's own hooks; may be NULL. Borrowed. */
    const struct ehr_kernel_hooks *hooks;
    /* Replaces a role: given the node that is about to be added, returns it or another of the same
     * name (then it frees the given one when it likes, before the world). NULL: none is. */
    struct ehr_node *(*replace)(void *context, struct ehr_node *node);
    void *context;
    bool inside; /* ehr_world_run is called by an actor of a program that runs SimGrid itself */
    /* What a program wants to be told; NULL: nothing. Borrowed. */
    const struct ehr_hooks *program;
    /* A program may submit requests: where the workload asks for nothing, the run then lasts until
     * its duration. */
    bool open;
    /* Where a long log of requests lies meanwhile, as for ehr_request_log_new. Borrowed. */
    struct ehr_results *results;
    /* trace.json of at most so many events, as for ehr_timeline_new; 0: none. */
    uint32_t trace_events;
};

struct ehr_world;

/* The kernel's configuration of a scenario: also for ehr_platform_load. */
struct ehr_kernel_config ehr_world_kernel_config(const struct ehr_scenario *scenario,
                                                 const struct ehr_cost_table *costs);

/* The platform is loaded and the scenario placed on it; both borrowed. Never NULL. Sets the group
 * of the whole process (crypto/group.h) until the world is freed. */
struct ehr_world *ehr_world_new(const struct ehr_scenario *scenario,
                                const struct ehr_world_options *options);

/* Accepts NULL. The real group is the one in use again, and nothing is remembered. */
void ehr_world_free(struct ehr_world *world);

struct ehr_kernel *ehr_world_kernel(struct ehr_world *world);
/* The node of that name; NULL if there is none. */
struct ehr_node *ehr_world_node(struct ehr_world *world, const char *name);
/* Keys, committees and chains; a test may exchange generators before the run. */
struct ehr_genesis *ehr_world_genesis(struct ehr_world *world);

/* Runs to the end, and brings the kernel's counters into the measure. True: it ended as it should;
 * else ehr_world_reason says what was wrong. Call once. */
bool ehr_world_run(struct ehr_world *world);

/* Whether the run is over, and everything counted: with `inside` also where the actor that called
 * ehr_world_run has died meanwhile, and another one of the kernel's ended the run. */
bool ehr_world_over(const struct ehr_world *world);

/* Why the run ended wrongly; empty if it did not. */
const char *ehr_world_reason(const struct ehr_world *world);

/* The acts of Byzantine nodes, at most `capacity` of them; returns how many there are. */
uint32_t ehr_world_byzantine(const struct ehr_world *world, struct ehr_measure_byzantine *entries,
                             uint32_t capacity);

/* What is still to come, while the run goes on. */
struct ehr_outlook ehr_world_outlook(const struct ehr_world *world, uint64_t now_ns);

/* How many replicas were left behind when the run ended, up but without the state of a certified
 * height; `text` names them, cut to `capacity`, if there are any. */
uint32_t ehr_world_behind(const struct ehr_world *world, char *text, size_t capacity);

/* When the run ended. */
uint64_t ehr_world_end_ns(const struct ehr_world *world);

struct ehr_measure *ehr_world_measure(struct ehr_world *world);

/* ---- for programs: what include/ehrgrid.h offers is made of these ---- */

/* The world that there is; NULL: none. */
struct ehr_world *ehr_world_current(void);

/* Simulated time: of the run while it goes on, SimGrid's when that is ahead. */
uint64_t ehr_world_now(const struct ehr_world *world);

/* As ehr_metric, ehr_metric_names, ehr_request_read. */
bool ehr_world_metric(struct ehr_world *world, const char *name, double *value);
const char *const *ehr_world_metric_names(struct ehr_world *world);
bool ehr_world_request_read(struct ehr_world *world, uint32_t request,
                            struct ehr_request_event *event);

/* As ehr_submit, ehr_request_wait. */
uint32_t ehr_world_submit(struct ehr_world *world, const struct ehr_submission *submission,
                          char *error, size_t error_size);
bool ehr_world_request_wait(struct ehr_world *world, uint32_t request, double timeout_s,
                            struct ehr_request_event *event);

/* As ehr_adversary_set: false, with a text, where it returns EHR_EXIT_INPUT. */
bool ehr_world_adversary_set(struct ehr_world *world, const char *node, ehr_adversary_hook *hook,
                             void *context, char *error, size_t error_size);

/* Ends the run now, from a hook or an actor, as ehr_plugin_stop. */
void ehr_world_stop(struct ehr_world *world);

/* Messages and bytes that the safety checker searched. */
uint64_t ehr_world_scanned(const struct ehr_world *world, uint64_t *bytes);

#endif /* EHR_APP_WORLD_H */
