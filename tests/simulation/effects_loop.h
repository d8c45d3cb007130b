/* Performs the effects of nodes without SimGrid: messages arrive in order of sending after a fixed
 * delay, computing takes no time and is only counted. Defines the ehr_fx_ functions; link it in the
 * place of ehr_network. Not a model of a network: for tests of roles. One loop at a time. */
#ifndef EHR_TESTS_EFFECTS_LOOP_H
#define EHR_TESTS_EFFECTS_LOOP_H

#include "sim/network/node.h"

struct ehr_loop;

/* What a test sees and changes; all may be NULL. */
struct ehr_loop_hooks {
    void *context;
    void (*mark)(void *context, uint32_t node, const struct ehr_mark *mark);
    /* A message is about to travel. Returns what travels: the same, another (then gives up the
     * reference to the first), or NULL for nothing. */
    struct ehr_message *(*travel)(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message);
};

struct ehr_loop *ehr_loop_new(uint64_t delay_ns, const struct ehr_loop_hooks *hooks);
void ehr_loop_free(struct ehr_loop *loop);
/* Sets node->id: 0, 1, ... The node is borrowed and must be freed after the loop. */
uint32_t ehr_loop_node_add(struct ehr_loop *loop, struct ehr_node *node);
uint32_t ehr_loop_group_add(struct ehr_loop *loop, uint32_t first, uint32_t count);
/* How often every message arrives (1 from the start). */
void ehr_loop_copies_set(struct ehr_loop *loop, uint32_t copies);

/* on_start of all nodes. */
void ehr_loop_start(struct ehr_loop *loop);
/* A message from outside, as if posted (delivered at the current time) by `from`. */
void ehr_loop_inject(struct ehr_loop *loop, struct ehr_address from, struct ehr_address to,
                     struct ehr_message *take_message);
/* Handles events up to `until_ns`, or until nothing is left; returns the time reached. */
uint64_t ehr_loop_run(struct ehr_loop *loop, uint64_t until_ns);
uint64_t ehr_loop_now(const struct ehr_loop *loop);

/* The node loses its timers, and messages until it restarts (with its journal). */
void ehr_loop_crash(struct ehr_loop *loop, uint32_t node);
void ehr_loop_restart(struct ehr_loop *loop, uint32_t node);

/* Operations charged so far by a node. */
uint64_t ehr_loop_charged(const struct ehr_loop *loop, uint32_t node, enum ehr_cost_op op);
uint32_t ehr_loop_journal_count(const struct ehr_loop *loop, uint32_t node);

#endif /* EHR_TESTS_EFFECTS_LOOP_H */
