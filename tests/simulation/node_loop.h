/* Nodes without a kernel: the effects of sim/network/node.h performed in memory. Every message
 * crosses in its canonical bytes, one millisecond a hop; charges and writes cost no time; ids
 * without a node are stand-ins, whose messages wait for the test to take them.
 * Not a model of time or of networks: the kernel is that. */
#ifndef EHR_TESTS_SIMULATION_NODE_LOOP_H
#define EHR_TESTS_SIMULATION_NODE_LOOP_H

#include "actors/marks.h"
#include "sim/network/node.h"
#include "tests/simulation/agenda.h"

enum { NODE_LOOP_NODES = 32, NODE_LOOP_GROUPS = 8, NODE_LOOP_HOP_NS = 1000000 };

/* A message at a stand-in. */
struct node_loop_letter {
    struct ehr_address from, to;
    struct ehr_message *message;
};

/* What a node has persisted and not forgotten. */
struct node_loop_journal {
    struct ehr_journal_record *records;
    uint32_t count, capacity;
};

struct node_loop {
    struct ehr_node *nodes[NODE_LOOP_NODES]; /* borrowed; NULL: a stand-in */
    bool down[NODE_LOOP_NODES];
    uint32_t lives[NODE_LOOP_NODES];
    struct node_loop_journal journals[NODE_LOOP_NODES];
    uint32_t group_first[NODE_LOOP_GROUPS], group_count[NODE_LOOP_GROUPS];
    uint64_t now_ns;
    struct agenda agenda;
    struct node_loop_letter *letters; /* in order of arrival */
    uint32_t letter_count, letter_capacity;
    uint64_t marks[32];       /* how many of each kind */
    struct ehr_mark last[32]; /* the last of each kind */
    uint64_t charged[EHR_COST_COUNT];
    uint64_t delivered, persisted_bytes;
    uint64_t misdirected; /* messages to addresses that do not exist */
    uint64_t undecodable; /* messages that a peer's decoder refuses: never of a correct node */
    /* May look at a message, or put another in its place (taking over the reference), or drop it by
     * returning NULL; NULL: none. */
    struct ehr_message *(*tamper)(void *context, uint32_t from, uint32_t to,
                                  struct ehr_message *take_message);
    void *tamper_context;
};

void node_loop_close(struct node_loop *loop);
/* Calls on_start of every node. */
void node_loop_start(struct node_loop *loop);
/* The node loses its timers, and messages until it restarts with its journal. */
void node_loop_crash(struct node_loop *loop, uint32_t node);
void node_loop_restart(struct node_loop *loop, uint32_t node);
/* A stand-in sends; the reference to the sealed message is taken over. */
void node_loop_send(struct node_loop *loop, struct ehr_address from, struct ehr_address to,
                    struct ehr_message *take_message);
/* Delivers at once, and as it is: what no correct sender would send need not be encodable. */
void node_loop_inject(struct node_loop *loop, struct ehr_address from, uint32_t to,
                      struct ehr_message *take_message);
/* Runs all that happens in the next `ns`. */
void node_loop_run(struct node_loop *loop, uint64_t ns);
/* The oldest message of this type at the stand-in `node`, or NULL; the reference is the caller's.
 * `from` may be NULL. */
struct ehr_message *node_loop_take(struct node_loop *loop, uint32_t node, uint16_t type,
                                   uint32_t *from);
/* Forgets everything that waits at stand-ins. */
void node_loop_clear(struct node_loop *loop);

#endif /* EHR_TESTS_SIMULATION_NODE_LOOP_H */
