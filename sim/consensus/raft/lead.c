/* The leader: opens its term, orders blocks, keeps its followers.
 *
 * What is new goes to all in one message; its previous entry is the last one before it. A follower
 * that misses something refuses it, and gets that alone (replies.c). */
#include "sim/consensus/raft/raft.h"

static uint64_t heartbeat_period(const struct ehr_engine *e)
{
    uint64_t period = e->config.request_timeout_ns / EHR_RAFT_HEARTBEATS;
    return period > 0 ? period : 1;
}

/* The log from `prev` to its end, to all: one entry or none. */
static void broadcast(struct ehr_engine *e, uint64_t prev, bool answer)
{
    struct ehr_raft_append append = {.prev_term = ehr_raft_term_at(e, prev),
                                     .commit = e->committed,
                                     .end_term = e->term,
                                     .answer = answer,
                                     .count = (uint32_t)(e->last - prev)};
    assert(append.count <= 1);
    e->told = e->committed;
    if (answer)
        e->broadcast_ns = e->now_ns;
    uint8_t *body = ehr_raft_small(e);
    uint32_t length = ehr_raft_append_encode(body, &append);
    if (append.count == 1)
        ehr_raft_entry_encode(body + EHR_RAFT_APPEND_BYTES, ehr_raft_term_at(e, e->last),
                              ehr_raft_block_at(e, e->last));
    struct ehr_engine_message *message = ehr_raft_emit_send(
        e, EHR_ENGINE_TO_ALL, EHR_ENGINE_RAFT_APPEND, e->term, prev, body, length);
    if (message != NULL && append.count == 1) {
        message->carried = ehr_raft_block_at(e, e->last);
        message->carried_count = 1;
    }
}

static void heartbeat_timer_start(struct ehr_engine *e)
{
    ehr_effect_timer(e->out, EHR_ENGINE_TIMER_HEARTBEAT, ++e->heartbeat_generation,
                     heartbeat_period(e));
}

/* Alone it is a majority. */
static void commit_alone(struct ehr_engine *e)
{
    if (e->majority == 1)
        ehr_raft_commit(e, e->last);
}

void ehr_raft_lead(struct ehr_engine *e)
{
    /* the first leader of all waits for no timer */
    bool timed_out = e->config.self != 0 || e->term != 1 || e->attempts != 1;
    e->role = EHR_RAFT_LEADER;
    e->leader = e->hint = e->config.self;
    e->attempts = 0;
    e->barrier = e->last;
    e->batch = (struct ehr_batch){.generation = e->batch.generation};
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        struct ehr_raft_peer *peer = &e->peers[i];
        memset(peer, 0, sizeof(*peer));
        peer->heard_ns = e->now_ns;
    }
    uint32_t kept = 0;
    assert(!e->long_used);
    for (uint64_t h = e->committed + 1; h <= e->last; h++) {
        ehr_raft_slot(e, h)->acks = 0;
        e->list[kept++] = *ehr_raft_block_at(e, h);
    }
    e->long_used = kept > 0;
    ehr_raft_emit_new_view(e, e->config.self, kept, timed_out);
    ehr_raft_log_barrier(e, e->last, e->term);
    broadcast(e, e->last, true);
    heartbeat_timer_start(e);
    commit_alone(e);
}

void ehr_raft_resign(struct ehr_engine *e)
{
    e->heartbeat_generation++;
    ehr_batch_stop(&e->batch, e->out);
    e->batch = (struct ehr_batch){.generation = e->batch.generation};
    e->leader = EHR_RAFT_NOBODY;
}

/* In flight are at most `window` blocks: above what is committed, and above what is executed. */
static bool may_propose(const struct ehr_engine *e)
{
    return e->role == EHR_RAFT_LEADER && !ehr_raft_log_full(e) &&
           e->last - e->committed < e->config.window &&
           e->last - e->executed < 2 * e->config.window;
}

void ehr_raft_try_propose(struct ehr_engine *e)
{
    if (!may_propose(e))
        return;
    if (ehr_batch_begin(&e->batch, e->out, &e->config, e->last == e->committed))
        ehr_raft_emit_propose(e);
}

void ehr_raft_notice(struct ehr_engine *e)
{
    if (e->role == EHR_RAFT_LEADER && e->told < e->committed && e->last == e->committed &&
        !e->batch.outstanding)
        broadcast(e, e->last, false);
}

void ehr_raft_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                          const struct ehr_digest *block, bool empty)
{
    if (e->role != EHR_RAFT_LEADER || view != e->term || !e->batch.outstanding)
        return;
    e->batch.outstanding = false;
    if (empty) {
        e->batch.unproposed = 0;
        ehr_raft_notice(e);
        return;
    }
    if (height == e->last + 1 && !ehr_raft_log_full(e)) {
        ehr_raft_log_put(e, height, e->term, block);
        broadcast(e, height - 1, true);
        commit_alone(e);
    }
    ehr_raft_try_propose(e);
}

/* Thesis, 6.2: a leader that a majority has not answered for an election timeout steps down, for
 * its followers may not hear it either, or hear it and answer nobody. */
static bool deserted(const struct ehr_engine *e)
{
    uint32_t heard = 1;
    for (uint16_t i = 0; i < e->config.replicas; i++)
        heard +=
            i != e->config.self && e->now_ns - e->peers[i].heard_ns <= e->config.request_timeout_ns;
    return heard < e->majority;
}

void ehr_raft_on_heartbeat_timer(struct ehr_engine *e, uint32_t generation)
{
    if (e->role != EHR_RAFT_LEADER || generation != e->heartbeat_generation)
        return;
    if (deserted(e)) {
        ehr_raft_follow(e);
        return;
    }
    for (uint32_t i = 0; i < e->config.replicas; i++)
        if (e->peers[i].repairing > 0)
            e->peers[i].repairing--;
    if (e->now_ns - e->broadcast_ns >= heartbeat_period(e))
        broadcast(e, e->last, true);
    heartbeat_timer_start(e);
}
