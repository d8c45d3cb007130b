/* What lies below a checkpoint is forgotten: the chain's executed state is the snapshot.
 *
 * In memory the log keeps one window below the checkpoint, so that a follower that is only a little
 * late gets entries and not a state. */
#include "sim/consensus/raft/raft.h"

/* The flag: nothing that was recorded before stands above the checkpoint. */
static void checkpoint_persist(struct ehr_engine *e, bool restarted)
{
    const struct ehr_raft_point *point = &e->checkpoint;
    e->proof[0] = restarted;
    memcpy(e->proof + 1, point->block.bytes, sizeof(point->block.bytes));
    ehr_raft_emit_persist(e, EHR_ENGINE_CHECKPOINT, point->term, point->height, &point->state,
                          e->proof, EHR_RAFT_PROOF_BYTES);
}

static void base_move(struct ehr_engine *e, uint64_t height)
{
    if (height <= e->base.height)
        return;
    struct ehr_raft_point base = {.height = height,
                                  .term = ehr_raft_term_at(e, height),
                                  .block = *ehr_raft_block_at(e, height)};
    e->base = base;
}

void ehr_raft_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state)
{
    if (height <= e->executed || height > e->committed)
        return;
    e->executed = height;
    if (height % e->config.checkpoint_interval == 0) {
        e->checkpoint.height = height;
        e->checkpoint.term = ehr_raft_term_at(e, height);
        e->checkpoint.block = *ehr_raft_block_at(e, height);
        e->checkpoint.state = *state;
        checkpoint_persist(e, false);
        if (height > e->config.window)
            base_move(e, height - e->config.window);
    }
    ehr_raft_try_propose(e);
}

/* Thesis, 5.1: a leader that has forgotten what a follower needs sends a snapshot; here it names
 * the checkpoint, and the node gets the state where it can. What is asked for is persisted, since a
 * replica may stop between installing the state and hearing of it. */
void ehr_raft_on_snapshot(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_point point;
    if (m->view < e->term || !ehr_raft_point_decode(m, &point))
        return;
    ehr_raft_obey(e, m->sender);
    if (point.height <= e->committed) {
        ehr_raft_reply(e, m->sender, true, e->committed, 0, point.height);
    } else if (point.height > e->fetched) {
        e->fetched = point.height;
        ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_SNAPSHOT, point.term, point.height, &point.state,
                              NULL, 0);
        ehr_effect_fetch(e->out, point.term, point.height, &point.state);
    }
}

void ehr_raft_install(struct ehr_engine *e, const struct ehr_raft_point *point)
{
    /* ATC'14, section 7: entries above the snapshot stay if the log holds its last one. */
    bool held = point->height >= e->base.height && point->height <= e->last &&
                ehr_raft_term_at(e, point->height) == point->term;
    if (!held)
        ehr_raft_log_restart(e, point);
    e->committed = e->executed = point->height;
    e->checkpoint = *point;
    checkpoint_persist(e, !held);
    if (held && point->height > e->config.window)
        base_move(e, point->height - e->config.window);
}

void ehr_raft_on_installed(struct ehr_engine *e, const struct ehr_raft_point *point)
{
    if (point->height <= e->committed)
        return;
    ehr_raft_install(e, point);
    if (e->role == EHR_RAFT_FOLLOWER && e->leader != EHR_RAFT_NOBODY)
        ehr_raft_reply(e, e->leader, true, point->height, 0, point->height);
    ehr_raft_try_propose(e);
}
