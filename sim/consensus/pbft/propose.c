/* From a proposal to an accepted block: the primary's side and the backups'.
 *
 * A block is accepted when its predecessor is and names it as parent. One that comes early waits in
 * its slot; so does one above the window, for a replica whose checkpoints lag behind: it would
 * have to be asked for again. */
#include "sim/consensus/pbft/pbft.h"

/* The high water mark. It is a checkpoint height, so that a cluster that has filled its window
 * always ends on a checkpoint, which can be voted for again even after a restart. */
static uint64_t limit(const struct ehr_engine *e)
{
    uint64_t interval = e->config.checkpoint_interval;
    return (e->stable + e->config.window) / interval * interval;
}

static bool idle(const struct ehr_engine *e)
{
    return e->top <= e->committed;
}

/* What this replica voted for at a height of this view, whether or not it still knows: a restart
 * or a state transfer may have taken the slot away. NULL: nothing. */
static const struct ehr_digest *promised(const struct ehr_engine *e, uint64_t height)
{
    const struct ehr_pbft_promise *promise = &e->promises[height & e->mask];
    return promise->height == height && promise->view == e->view ? &promise->block : NULL;
}

static void promise_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    struct ehr_pbft_promise *promise = &e->promises[height & e->mask];
    promise->proposed &= promise->height == height && promise->view == e->view;
    promise->height = height;
    promise->view = e->view;
    promise->block = *block;
}

void ehr_pbft_try_propose(struct ehr_engine *e)
{
    if (!e->active || !ehr_pbft_is_primary(e) || !e->top_known || e->top >= limit(e) ||
        e->top < e->carried_top || promised(e, e->top + 1) != NULL)
        return; /* the last two: what stands there in this view was lost; the next will find it */
    if (ehr_batch_begin(&e->batch, e->out, &e->config, idle(e)))
        ehr_pbft_emit_propose(e);
}

/* Whether accepting `block` now would contradict a vote or what was executed. */
static bool contradicts(const struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    const struct ehr_digest *voted = promised(e, height);
    if (voted != NULL && !ehr_pbft_digest_equal(voted, block))
        return true;
    const struct ehr_digest *executed =
        height <= e->committed ? ehr_pbft_chain_block(e, height) : NULL;
    return executed != NULL && !ehr_pbft_digest_equal(executed, block);
}

/* Accepts the block held right above `top`; false if it must not be. */
static bool accept(struct ehr_engine *e, struct ehr_pbft_slot *slot)
{
    if ((e->top_known && !ehr_pbft_digest_equal(&slot->parent, &e->top_block)) ||
        contradicts(e, slot->height, &slot->block)) {
        slot->phase = EHR_PBFT_EMPTY; /* the primary is faulty; the timer will find out */
        return false;
    }
    slot->phase = EHR_PBFT_ACCEPTED;
    promise_set(e, slot->height, &slot->block);
    e->top = slot->height;
    e->top_block = slot->block;
    e->top_known = true;
    ehr_pbft_tally_settle(e, &slot->prepares, &slot->block);
    ehr_pbft_tally_settle(e, &slot->commits, &slot->block);
    ehr_pbft_vote(e, slot);
    return true;
}

void ehr_pbft_accept_held(struct ehr_engine *e)
{
    while (e->active && e->top < limit(e)) {
        struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, e->top + 1);
        if (slot == NULL || slot->phase != EHR_PBFT_HELD || !accept(e, slot))
            break;
    }
    ehr_pbft_advance(e);
}

void ehr_pbft_carry_over(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block,
                         const struct ehr_digest *parent)
{
    struct ehr_pbft_slot *slot = ehr_pbft_slot_get(e, &e->now, height);
    slot->phase = EHR_PBFT_HELD;
    slot->fresh = false;
    slot->block = *block;
    slot->parent = *parent;
}

void ehr_pbft_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                          const struct ehr_digest *block, bool empty)
{
    if (!e->batch.outstanding || view != e->view || !e->active)
        return;
    e->batch.outstanding = false;
    if (empty) {
        e->batch.unproposed = 0;
        return;
    }
    if (height != e->top + 1 || height <= e->carried_top || contradicts(e, height, block)) {
        ehr_pbft_try_propose(e); /* state transfer went past it */
        return;
    }
    struct ehr_pbft_slot *slot = ehr_pbft_slot_get(e, &e->now, height);
    slot->phase = EHR_PBFT_HELD;
    slot->fresh = true;
    slot->block = *block;
    slot->parent = e->top_block;
    ehr_pbft_emit_persist(e, EHR_ENGINE_PRE_PREPARE, e->view, height, block);
    struct ehr_engine_message *message = ehr_effect_send(
        e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_PRE_PREPARE, e->view, height, block);
    if (message != NULL) {
        message->carried = &slot->block;
        message->carried_count = 1;
    }
    ehr_pbft_accept_held(e);
    ehr_pbft_try_propose(e);
}

void ehr_pbft_on_pre_prepare(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_ring *ring = ehr_pbft_ring_of(e, message->view);
    struct ehr_pbft_slot *slot = ehr_pbft_slot_get(e, ring, message->height);
    struct ehr_digest parent;
    if (slot->phase != EHR_PBFT_EMPTY ||
        !e->auth->block_parent(e->auth->context, &message->digest, &parent))
        return;
    slot->phase = EHR_PBFT_HELD;
    slot->fresh = true;
    slot->block = message->digest;
    slot->parent = parent;
    if (message->signature != NULL)
        memcpy(slot->signature, message->signature, EHR_PBFT_SIGNATURE_BYTES);
    if (ring == &e->now)
        ehr_pbft_accept_held(e);
}
