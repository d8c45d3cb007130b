/* One Raft engine in a test's hands: its log is given by the terms of its entries, its peers'
 * messages are made up, and what it does is seen step by step. Not a cluster: nothing is delivered
 * by itself, and time moves only when a timer is fired. Bodies are encoded here a second time, so
 * that the engine's own encoding is tested too.
 *
 * The block of a term and height is always the same one; its parent is what a log said stands below
 * it. */
#ifndef EHR_TESTS_SIMULATION_RAFT_HAND_H
#define EHR_TESTS_SIMULATION_RAFT_HAND_H

#include "sim/consensus/engine.h"

enum {
    EHR_RAFT_HAND_HEIGHTS = 64,
    EHR_RAFT_HAND_TERMS = 16,
    EHR_RAFT_HAND_MS = 1000000,
    EHR_RAFT_HAND_TIMEOUT_MS = 100, /* smallest election timeout */
};

struct ehr_raft_hand {
    const struct ehr_engine_type *type;
    struct ehr_engine *engine;
    void *storage;
    struct ehr_effects effects; /* of the last step */
    uint16_t replicas, self;
    uint64_t now_ns;
    /* Timers set last, by id; at 0: none. */
    uint64_t timer_at[EHR_ENGINE_TIMERS];
    uint32_t timer_generation[EHR_ENGINE_TIMERS];
    uint64_t below[EHR_RAFT_HAND_TERMS][EHR_RAFT_HAND_HEIGHTS]; /* term of the parent */
    /* On disk. */
    uint64_t log[EHR_RAFT_HAND_HEIGHTS]; /* terms by height */
    uint64_t last, log_term, term, voted;
    uint32_t persisted[EHR_ENGINE_MESSAGE_TYPES]; /* of the last step, by record type */
    uint64_t committed;
};

/* Starts replica `self` from what it would have on disk: its term, whom it voted for (plus one; 0:
 * nobody), and the terms of entries 1 .. count. All 0: a first boot. */
void ehr_raft_hand_open(struct ehr_raft_hand *hand, uint16_t replicas, uint16_t self, uint64_t term,
                        uint64_t voted, const uint64_t *terms, uint64_t count);
void ehr_raft_hand_close(struct ehr_raft_hand *hand);
/* Which block stands on which, where a peer has a log of its own. */
void ehr_raft_hand_learn(struct ehr_raft_hand *hand, const uint64_t *terms, uint64_t count);
struct ehr_digest ehr_raft_hand_block(uint64_t term, uint64_t height);

void ehr_raft_hand_step(struct ehr_raft_hand *hand, struct ehr_event *event);
void ehr_raft_hand_receive(struct ehr_raft_hand *hand, const struct ehr_engine_message *message);
/* Fires the timer when it is due. */
void ehr_raft_hand_timer(struct ehr_raft_hand *hand, uint16_t id);
void ehr_raft_hand_wait(struct ehr_raft_hand *hand, uint64_t ms);

/* Entries `terms` above (prev, prev_term); `end_term` as in the engine's append. */
struct ehr_raft_hand_append {
    uint16_t from;
    uint64_t term, prev, prev_term, end_term, commit;
    const uint64_t *terms;
    uint32_t count;
    bool silent; /* no answer wanted */
};
void ehr_raft_hand_append(struct ehr_raft_hand *hand, const struct ehr_raft_hand_append *append);
/* VOTE or PRE_VOTE of a candidate with the last entry (last_term, last). */
void ehr_raft_hand_ask(struct ehr_raft_hand *hand, uint16_t from, uint8_t type, uint64_t term,
                       uint64_t last_term, uint64_t last);
/* The reply to a VOTE or PRE_VOTE for `term`; `own`: the term of who replies. */
void ehr_raft_hand_ballot(struct ehr_raft_hand *hand, uint16_t from, uint8_t type, uint64_t own,
                          uint64_t term, bool granted);
void ehr_raft_hand_reply(struct ehr_raft_hand *hand, uint16_t from, uint64_t term, bool success,
                         uint64_t height, uint64_t match_term, uint64_t prev);
/* Makes it the leader of the next term by the votes of the replicas after it. */
void ehr_raft_hand_elect(struct ehr_raft_hand *hand);
/* It orders a block of its term. */
void ehr_raft_hand_order(struct ehr_raft_hand *hand);

/* The message of a type that the last step sent, or NULL; for replies, what they say. */
const struct ehr_engine_message *ehr_raft_hand_sent(const struct ehr_raft_hand *hand, uint8_t type);
bool ehr_raft_hand_yes(const struct ehr_engine_message *reply);
uint64_t ehr_raft_hand_number(const struct ehr_engine_message *message, uint32_t at);
/* Effects of a type in the last step. */
uint32_t ehr_raft_hand_count(const struct ehr_raft_hand *hand, enum ehr_effect_type type);
bool ehr_raft_hand_log_is(const struct ehr_raft_hand *hand, const uint64_t *terms, uint64_t count);

#endif /* EHR_TESTS_SIMULATION_RAFT_HAND_H */
