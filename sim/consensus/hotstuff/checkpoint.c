/* Checkpoints: what may be forgotten, and state for a replica that others have left behind.
 *
 * The chain needs none to commit. A checkpoint is certified when f+1 replicas vouch for one state,
 * so that one of them is correct, and stable here when it was executed here, too; nobody is shown a
 * certificate. To wait for q would leave a replica behind that all of the others can do without. */
#include "sim/consensus/hotstuff/hotstuff.h"

bool ehr_hotstuff_checkpoint_tallied(const struct ehr_engine *e, uint64_t height)
{
    return height > e->checkpoint_base &&
           (height - e->checkpoint_base) / e->config.checkpoint_interval < EHR_HOTSTUFF_TALLIES;
}

struct ehr_hotstuff_tally *ehr_hotstuff_checkpoint_slot(struct ehr_engine *e, uint64_t height)
{
    return &e->checkpoints[height / e->config.checkpoint_interval % EHR_HOTSTUFF_TALLIES];
}

bool ehr_hotstuff_fetch(struct ehr_engine *e)
{
    if (e->certified.height <= e->committed || e->fetched >= e->certified.height)
        return false;
    e->fetched = e->certified.height;
    ehr_effect_fetch(e->out, 0, e->certified.height, &e->certified.state);
    return true;
}

/* Forgetting takes the votes below with it: what they prove to this replica itself is written
 * before. */
static void stabilise(struct ehr_engine *e)
{
    if (e->certified.height <= e->stable || e->certified.height > e->executed)
        return;
    e->stable = e->certified.height;
    if (e->checkpoint_base < e->stable)
        e->checkpoint_base = e->stable;
    ehr_hotstuff_emit_safety(e);
    ehr_effect_persist(e->out, EHR_ENGINE_CHECKPOINT, 0, e->stable, &e->certified.state);
}

static void add(struct ehr_engine *e, uint16_t replica, uint64_t height,
                const struct ehr_digest *state)
{
    struct ehr_hotstuff_tally *tally = ehr_hotstuff_checkpoint_slot(e, height);
    if (tally->at != height)
        ehr_hotstuff_tally_reset(e, tally, height);
    if (!ehr_hotstuff_tally_add(e, tally, replica, state, NULL, e->faults + 1) || tally->done ||
        height <= e->certified.height)
        return;
    tally->done = true;
    e->certified.height = height;
    e->certified.state = *state;
    stabilise(e);
    if (height > e->committed && height - e->committed > e->config.window)
        ehr_hotstuff_fetch(e);
}

/* Tallies from `height` on, once a correct replica is known to be there. */
static void follow(struct ehr_engine *e, uint64_t height)
{
    uint32_t there = 0;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        there += e->latest[i].height >= height;
    if (there <= e->faults)
        return;
    e->checkpoint_base = height - e->config.checkpoint_interval;
    for (uint16_t i = 0; i < e->config.replicas; i++)
        if (ehr_hotstuff_checkpoint_tallied(e, e->latest[i].height))
            add(e, i, e->latest[i].height, &e->latest[i].state);
}

void ehr_hotstuff_on_checkpoint(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_hotstuff_latest *latest = &e->latest[message->sender];
    if (message->height > latest->height) {
        latest->height = message->height;
        latest->state = message->digest;
    }
    if (ehr_hotstuff_checkpoint_tallied(e, message->height))
        add(e, message->sender, message->height, &message->digest);
    else if (message->height > e->checkpoint_base)
        follow(e, message->height);
}

void ehr_hotstuff_checkpoint_own(struct ehr_engine *e, uint64_t height,
                                 const struct ehr_digest *state)
{
    e->own_height = height;
    e->own_state = *state;
    ehr_hotstuff_checkpoint_repeat(e, EHR_ENGINE_TO_ALL);
    if (ehr_hotstuff_checkpoint_tallied(e, height))
        add(e, e->config.self, height, state);
}

void ehr_hotstuff_checkpoint_repeat(struct ehr_engine *e, uint16_t to)
{
    if (e->own_height > 0)
        ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_CHECKPOINT, 0, e->own_height,
                        &e->own_state);
}

/* The node is above what this replica has committed: its branch begins there now, as a committed
 * block has no rival. */
static void go_ahead(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    e->committed = e->told = height;
    ehr_hotstuff_progress(e);
    e->root_loose = true;
    memset(&e->root, 0, sizeof(e->root));
    e->root.height = height;
    e->root.block = *block;
    if (e->tip < height)
        e->tip = height;
}

void ehr_hotstuff_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                              const struct ehr_digest *block)
{
    bool ahead = height > e->committed;
    if (height <= e->executed)
        return;
    if (ahead)
        go_ahead(e, height, block);
    e->executed = height;
    if (height % e->config.checkpoint_interval == 0)
        ehr_hotstuff_checkpoint_own(e, height, state);
    stabilise(e);
    if (ahead)
        ehr_hotstuff_retry(e);
}

void ehr_hotstuff_on_installed(struct ehr_engine *e, uint64_t height,
                               const struct ehr_digest *state, const struct ehr_digest *block)
{
    if (height > e->executed) {
        e->executed = height;
        e->own_height = height; /* for others who are late */
        e->own_state = *state;
    }
    if (height > e->committed)
        go_ahead(e, height, block);
    if (height > e->certified.height) {
        e->certified.height = height;
        e->certified.state = *state;
    }
    stabilise(e);
    ehr_hotstuff_retry(e);
}
