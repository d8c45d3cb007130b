/*
 * Counters of one run: messages and bytes by node, type and direction; operations charged; load
 * and queues of nodes; blocks and view changes of chains. It does not know what a message, an
 * operation or a chain is: the caller supplies tables of names, and indices into them. It computes
 * no statistics and writes no file (results.h). Source: scenario.md, "Results of a run".
 *
 * Counting a message or an operation is an addition to an array: no search, no allocation.
 */
#ifndef EHR_MEASURE_COUNTERS_H
#define EHR_MEASURE_COUNTERS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The layers of chains that summary.csv has columns for. */
enum ehr_tier {
    EHR_TIER_NONE = 0, /* not a chain node */
    EHR_TIER_PRIVATE,
    EHR_TIER_ALLIANCE,
    EHR_TIER_END
};

/* What became of a message. OUT = IN + LOST + what is under way when the run ends; DROPPED are
 * among IN. */
enum ehr_direction {
    EHR_DIRECTION_INVALID = 0,
    EHR_DIRECTION_OUT,     /* sent by the node */
    EHR_DIRECTION_IN,      /* delivered to the node */
    EHR_DIRECTION_DROPPED, /* delivered, and thrown away by the node: stale, malformed, unverified
                            */
    EHR_DIRECTION_LOST,    /* addressed to the node, and lost to a crash or a partition */
    EHR_DIRECTION_END
};

struct ehr_measure_node {
    const char *name; /* unique */
    const char *role; /* hospital, doctor, chain_node, ... */
    const char *host; /* host of the platform */
    enum ehr_tier tier;
};

struct ehr_measure_message {
    const char *name; /* unique */
    bool ordering;    /* part of ordering a chain: counts in messages_per_tx of the sender's tier */
};

struct ehr_measure_chain {
    const char *name;   /* "alliance" or the id of the hospital; unique */
    enum ehr_tier tier; /* not NONE */
};

/* What is counted of the engines of chains, beside the messages that carry theirs. All zero:
 * nothing.
 */
struct ehr_measure_consensus {
    const uint32_t *chains;             /* by node: its chain; UINT32_MAX: not a chain node */
    const char *const *const *messages; /* by chain and type; NULL: the engine has no such type */
    const char *const *timeouts;        /* by timer; NULL: that is no time-out */
    uint32_t message_count;             /* types, of any engine */
    uint32_t timeout_count;
};

/* The tables of a run. Borrowed: arrays and strings must outlive the counters. */
struct ehr_measure_names {
    const struct ehr_measure_node *nodes;
    const struct ehr_measure_message *messages;
    const char *const *operations;
    const struct ehr_measure_chain *chains;
    const char *const *hospitals; /* indexed by ehr_request.hospital */
    struct ehr_measure_consensus consensus;
    uint32_t node_count;
    uint32_t message_count;
    uint32_t operation_count;
    uint32_t chain_count;
    uint32_t hospital_count;
};

struct ehr_tally {
    uint64_t count;
    uint64_t bytes;
};

struct ehr_charge {
    uint64_t count;
    uint64_t busy_ns;
};

struct ehr_node_load {
    uint64_t busy_ns;   /* time in which handlers held the processor */
    uint64_t disk_ns;   /* time spent in `persist` */
    uint64_t queue_max; /* most events that waited for the node at one time */
};

/* A committed block, as one row of blocks.csv. */
struct ehr_block_row {
    uint64_t proposed_ns; /* UINT64_MAX: not reported */
    uint64_t committed_first_ns;
    uint64_t committed_last_ns;
    uint64_t view;
    uint64_t bytes;
    uint32_t transactions;
    uint32_t proposer;  /* node index or UINT32_MAX */
    uint32_t signers;   /* signatures in its certificate; 0: no certificate formed */
    uint32_t committed; /* replicas that committed it; 0: only proposed, no row */
};

struct ehr_chain_rows {
    struct ehr_block_row *rows; /* by height - 1 */
    size_t row_count;
    size_t row_capacity;
    uint64_t view_changes;
};

/* Fields are private to this module; visible so that counting is inline. */
struct ehr_counters {
    struct ehr_measure_names names;
    struct ehr_tally *messages;  /* [node][direction - 1][message] */
    struct ehr_tally *consensus; /* the same, by types of the engines' messages */
    uint64_t *timeouts;          /* [node][timer] */
    struct ehr_charge *charges;  /* [node][operation] */
    struct ehr_node_load *loads;
    struct ehr_chain_rows *chains;
};

/* Prepares counters, all zero. Running out of memory ends the program with a message. */
void ehr_counters_init(struct ehr_counters *counters, const struct ehr_measure_names *names);

/* Accepts NULL. */
void ehr_counters_close(struct ehr_counters *counters);

/* The tally of (node, direction, message). */
static inline struct ehr_tally *ehr_counters_tally(const struct ehr_counters *counters,
                                                   uint32_t node, enum ehr_direction direction,
                                                   uint32_t message)
{
    const struct ehr_measure_names *names = &counters->names;
    assert(node < names->node_count && message < names->message_count);
    assert(direction > EHR_DIRECTION_INVALID && direction < EHR_DIRECTION_END);
    size_t row = (size_t)node * (EHR_DIRECTION_END - 1) + (size_t)direction - 1;
    return &counters->messages[row * names->message_count + message];
}

/* Counts `count` messages of one type and size, `bytes` each (with the assumed headers). */
static inline void ehr_counters_message(struct ehr_counters *counters, uint32_t node,
                                        enum ehr_direction direction, uint32_t message,
                                        uint64_t count, uint64_t bytes)
{
    struct ehr_tally *tally = ehr_counters_tally(counters, node, direction, message);
    tally->count += count;
    tally->bytes += count * bytes;
}

/* Counts `count` executions of an operation that together cost `busy_ns` at the node. */
static inline void ehr_counters_charge(struct ehr_counters *counters, uint32_t node,
                                       uint32_t operation, uint64_t count, uint64_t busy_ns)
{
    const struct ehr_measure_names *names = &counters->names;
    assert(node < names->node_count && operation < names->operation_count);
    struct ehr_charge *charge =
        &counters->charges[(size_t)node * names->operation_count + operation];
    charge->count += count;
    charge->busy_ns += busy_ns;
}

/* A handler of the node held the processor for `busy_ns`. (The sum over operations may differ:
 * parallel charges run on several cores.) */
static inline void ehr_counters_busy(struct ehr_counters *counters, uint32_t node, uint64_t busy_ns)
{
    assert(node < counters->names.node_count);
    counters->loads[node].busy_ns += busy_ns;
}

/* The node's disk worked for `disk_ns`. */
static inline void ehr_counters_disk(struct ehr_counters *counters, uint32_t node, uint64_t disk_ns)
{
    assert(node < counters->names.node_count);
    counters->loads[node].disk_ns += disk_ns;
}

/* `length` events wait for the node now. */
static inline void ehr_counters_queue(struct ehr_counters *counters, uint32_t node, uint64_t length)
{
    assert(node < counters->names.node_count);
    if (length > counters->loads[node].queue_max)
        counters->loads[node].queue_max = length;
}

/* A block was proposed at `height` (from 1) in `view` at `now_ns`. The proposal of the highest view
 * counts; after the first commit, none. */
void ehr_counters_block_proposed(struct ehr_counters *counters, uint32_t chain, uint64_t height,
                                 uint64_t view, uint32_t proposer, uint64_t now_ns);

/* What a replica knows of a block it commits. */
struct ehr_block_facts {
    uint64_t height; /* from 1 */
    uint64_t view;
    uint64_t bytes;
    uint32_t transactions;
    uint32_t proposer; /* node index or UINT32_MAX */
};

/* A replica committed the block at `now_ns`. The first replica's facts make the row; each replica
 * reports a height once, those that catch up later too. Whether it is the first. */
bool ehr_counters_block_committed(struct ehr_counters *counters, uint32_t chain,
                                  const struct ehr_block_facts *facts, uint64_t now_ns);

/* The certificate of the block has now `signers` signatures; the largest number stays. */
void ehr_counters_block_signers(struct ehr_counters *counters, uint32_t chain, uint64_t height,
                                uint32_t signers);

/* The chain entered a new view because of a timeout: count it once per view, not per replica. */
void ehr_counters_view_change(struct ehr_counters *counters, uint32_t chain);

/* ---- consensus.c ---- */
/* One message of an engine, of `bytes` bytes; what no engine has is not counted. */
void ehr_counters_consensus(struct ehr_counters *counters, uint32_t node,
                            enum ehr_direction direction, uint32_t type, uint64_t bytes);
/* A time-out of the node's engine ran out and had an effect. */
void ehr_counters_timeout(struct ehr_counters *counters, uint32_t node, uint32_t timer);

/* What a tier did: the columns of summary.csv. */
struct ehr_tier_totals {
    uint64_t blocks;
    uint64_t transactions;
    uint64_t messages; /* ordering messages sent by nodes of the tier */
    uint64_t bytes;
    uint64_t view_changes;
};

/* The block at a height that somebody has committed. Good until the next height is counted. */
const struct ehr_block_row *ehr_counters_block(const struct ehr_counters *counters, uint32_t chain,
                                               uint64_t height);

/* What one chain has committed so far, in all. */
struct ehr_chain_totals {
    uint64_t height; /* highest that was committed */
    uint64_t blocks;
    uint64_t transactions;
    uint64_t view_changes;
};
struct ehr_chain_totals ehr_counters_chain(const struct ehr_counters *counters, uint32_t chain);

/* Sums a tier up. */
struct ehr_tier_totals ehr_counters_tier(const struct ehr_counters *counters, enum ehr_tier tier);

/* All messages of a node in one direction. */
struct ehr_tally ehr_counters_node(const struct ehr_counters *counters, uint32_t node,
                                   enum ehr_direction direction);

const char *ehr_tier_name(enum ehr_tier tier);
const char *ehr_direction_name(enum ehr_direction direction);

#endif /* EHR_MEASURE_COUNTERS_H */
