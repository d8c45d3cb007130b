/* The state of a world, for the files that make it up.
 *
 * world.c         life, hooks, the end of a run
 * world_nodes.c   roles of a scenario and their places on hosts
 * world_faults.c  crashes of a scenario
 * world_network.c its other faults: of the network, of machines
 * world_adversaries.c  Byzantine nodes of a scenario
 * world_measure.c names of nodes and messages; counters of the kernel
 * world_resources.c energy and load, of SimGrid
 * world_consensus.c names of what the engines of chains do
 * world_timeline.c what the kernel shows, for trace.json
 * world_program.c what a program is told, and may read
 * world_submit.c what it may ask for, and wait for
 * world_meddle.c nodes whose messages it decides on */
#ifndef EHR_APP_WORLD_INTERNAL_H
#define EHR_APP_WORLD_INTERNAL_H

#include "actors/chain_node.h"
#include "actors/roles.h"
#include "actors/workload.h"
#include "sim/app/cases.h"
#include "sim/app/events.h"
#include "sim/app/metrics.h"
#include "sim/app/monitor.h"
#include "sim/app/observer.h"
#include "sim/app/safety.h"
#include "sim/app/world.h"
#include "sim/network/resources.h"

/* A node and how it is freed. */
struct world_seat {
    struct ehr_node *node; /* as in the kernel */
    struct ehr_node *made; /* as made: another one if it was replaced */
    void (*release)(struct ehr_node *made);
    uint32_t host; /* of the platform */
    bool forgets;  /* a crash ends the requests it holds */
    enum ehr_tier tier;
};

/* A crash that waits for private blocks. */
struct world_crash {
    const struct ehr_scenario_crash *wanted;
    uint32_t seen;
};

/* A node was down as its host was off, or its actor dead. */
struct world_life {
    uint32_t node;
    uint64_t begin_ns, end_ns;
};

struct ehr_world {
    const struct ehr_scenario *scenario;
    struct ehr_world_options options;
    struct ehr_app_cases cases;
    struct ehr_genesis *genesis;
    struct ehr_kernel *kernel;
    struct ehr_patients *patients;
    struct world_seat *seats; /* by number, genesis->node_count */
    struct ehr_node **nodes;  /* the same nodes */
    uint32_t seat_count;
    bool *byzantine; /* by number: an adversary, whose word does not count */
    uint8_t **sides; /* by chain: of each replica, where adversaries split the committee */
    struct ehr_drbg workload_rng;
    struct ehr_workload_hooks workload_hooks;
    struct ehr_workload_order *orders; /* genesis->order_count */
    struct world_crash *crashes;
    size_t crash_count;
    struct world_life *lives; /* what SimGrid did */
    size_t life_count, life_capacity;
    size_t *down; /* by node: its last one, from 1, while it lasts; else 0 */
    /* measuring */
    struct ehr_measure_node *measure_nodes;
    struct ehr_measure_message measure_messages[EHR_MESSAGE_TYPES];
    const char *operations[EHR_COST_COUNT];
    struct ehr_measure_chain *measure_chains;
    const char **hospital_names;
    /* consensus.csv: chains by node; names by chain and type; names by timer */
    uint32_t *node_chains;
    const char ***engine_messages;
    const char *timeouts[EHR_ENGINE_TIMERS];
    struct ehr_measure_names names;
    struct ehr_measure *measure;
    const struct ehr_chain **chains;
    struct ehr_safety *safety;
    struct ehr_observer *observer;
    struct ehr_monitor monitor;
    struct ehr_resources *resources; /* NULL: not asked for, or not read yet */
    struct ehr_events *events;       /* NULL: nobody is told */
    struct ehr_metrics *metrics;
    struct world_wait *waits;        /* of a program's actors */
    uint32_t requests_over;          /* that have ended when the waits were looked at last */
    uint32_t *cards_more;            /* by hospital: registrations of patients of others */
    struct world_meddler **meddlers; /* by node; NULL: there are none */
    struct ehr_timeline *timeline;   /* the measure's; NULL: not asked for */
    struct ehr_kernel_watch watch;
    bool running, ended, over;
    bool readying, ready; /* the program is being told that nodes stand; it has been */
    uint64_t end_ns;
    char reason[2048];
};

/* ---- world_nodes.c ---- */
void world_nodes_make(struct ehr_world *world);
void world_nodes_free(struct ehr_world *world);

/* ---- world_faults.c ---- */
void world_faults_plan(struct ehr_world *world);
/* Hospital `hospital` learned of one more private block. */
void world_faults_on_commit(struct ehr_world *world, uint32_t hospital, uint64_t now_ns);
/* Nobody is down yet. */
void world_lives_open(struct ehr_world *world);
/* The kernel's hook `lived`; and, at the end, the rows of what it told. */
void world_on_lived(void *context, uint64_t now_ns, uint32_t node, bool up);
void world_lives_finish(struct ehr_world *world);

/* ---- world_network.c ---- */
void world_network_plan(struct ehr_world *world);
/* A row of faults.csv; `kind` stays where it is. end_ns UINT64_MAX: never. */
void world_fault_note(struct ehr_world *world, const char *kind, const char *target,
                      const char *value, uint64_t begin_ns, uint64_t end_ns);

/* ---- world_consensus.c ---- */
/* The names under which what engines do is counted; world_consensus_close frees them. */
struct ehr_measure_consensus world_consensus_names(struct ehr_world *world);
void world_consensus_close(struct ehr_world *world);

/* ---- world_adversaries.c ---- */
/* Where each replica of a committee stands when its adversaries split it; the caller frees. */
uint8_t *world_adversary_sides(const struct ehr_world *world,
                               const struct ehr_genesis_chain *chain);
/* The adversary that the scenario wants in the place of this chain node; NULL: none. */
struct ehr_node *world_adversary_new(struct ehr_world *world, const struct ehr_identity *identity,
                                     const struct ehr_chain_node_config *config,
                                     const uint8_t *sides);
/* Tells the measurements, once there are any. */
void world_adversaries_note(struct ehr_world *world);
/* Whether a chain has more of them than its engine tolerates. */
bool world_adversaries_too_many(const struct ehr_world *world);
/* Which replicas of which chain are Byzantine, to be put behind a sentence; empty: none is. */
void world_adversaries_tell(const struct ehr_world *world, char *text, size_t capacity);

/* ---- world.c ---- */
/* Whether the run goes on at `now_ns`; it ends here if its time is over. */
bool world_goes_on(struct ehr_world *world, uint64_t now_ns);
/* Ends it; `reason` is empty where it ends as it should. */
void world_end(struct ehr_world *world, const char *reason, uint64_t now_ns);

/* ---- world_program.c ---- */
/* The kernel's hook `settled`. */
void world_on_settled(void *context);
/* The run is over and everything is measured. */
void world_program_over(struct ehr_world *world);

/* ---- world_resources.c ---- */
/* The plugins of SimGrid that the scenario wants. */
unsigned world_resources_flags(const struct ehr_scenario *scenario);
/* Before the run; at its end, from an actor; after it. */
void world_resources_open(struct ehr_world *world);
void world_resources_read(struct ehr_world *world);
void world_resources_collect(struct ehr_world *world);

/* ---- world_timeline.c ---- */
/* With the measure; what the kernel is given, which may be NULL; beside the observer's mark. */
void world_timeline_open(struct ehr_world *world);
const struct ehr_kernel_watch *world_timeline_watch(struct ehr_world *world);
void world_timeline_mark(struct ehr_world *world, uint64_t now_ns, uint32_t node,
                         const struct ehr_mark *mark);

/* ---- world_submit.c ---- */
/* Wakes those whose requests have ended. */
void world_waits_look(struct ehr_world *world);
void world_waits_close(struct ehr_world *world);

/* ---- world_meddle.c ---- */
/* Whether a program decides on what the node sends. */
bool world_meddles(const struct ehr_world *world, uint32_t node);
/* Once nodes are gone. */
void world_meddlers_close(struct ehr_world *world);

/* ---- world_measure.c ---- */
/* The safety checker is to know the card of the next patient of another hospital that registers at
 * `hospital`. */
void world_card_add(struct ehr_world *world, uint32_t hospital);
void world_measure_open(struct ehr_world *world);
void world_measure_collect(struct ehr_world *world);
void world_measure_close(struct ehr_world *world);

#endif /* EHR_APP_WORLD_INTERNAL_H */
