/* The first event of a life: a first boot, or a restart from what was persisted.
 *
 * A restarted replica has its own votes and certificates back but not those of others; it sends its
 * votes again, since a crash may have come between writing and sending, and catches up by
 * checkpoints or at the next view change. */
#include "sim/consensus/pbft/pbft.h"

static void first_boot(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block,
                       const struct ehr_digest *state)
{
    e->genesis = height;
    e->genesis_block = *block;
    e->active = true;
    e->top_known = e->stable_block_known = true;
    e->top_block = e->stable_block = *block;
    if (height > 0) /* where this life began counts as stable without proof */
        ehr_pbft_stabilise(e, height, state, NULL, 0, block);
}

/* The last checkpoint, the last view and whether it was entered. */
static void recover_position(struct ehr_engine *e, const struct ehr_engine_record *records,
                             uint32_t count)
{
    const struct ehr_engine_record *checkpoint = NULL;
    uint64_t entered = 0, left = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_engine_record *record = &records[i];
        if (record->type == EHR_ENGINE_NEW_VIEW && record->view > entered) {
            entered = record->view;
            e->carried_top = record->height;
        }
        if (record->type == EHR_ENGINE_VIEW_CHANGE && record->view > left)
            left = record->view;
        if (record->type == EHR_ENGINE_CHECKPOINT &&
            (checkpoint == NULL || record->height > checkpoint->height))
            checkpoint = record;
    }
    e->active = entered >= left;
    e->view = e->active ? entered : left;
    e->now.view = entered;
    if (checkpoint == NULL)
        return;
    e->stable = e->checkpoint_base = checkpoint->height;
    e->stable_certificate.height = e->certified.height = checkpoint->height;
    e->stable_certificate.state = e->certified.state = checkpoint->digest;
    uint32_t signers = checkpoint->proof_length / EHR_PBFT_SIGNER_BYTES;
    if (e->certified.proof == NULL || signers == 0 || signers > e->quorum)
        return;
    memcpy(e->stable_certificate.proof, checkpoint->proof, checkpoint->proof_length);
    memcpy(e->certified.proof, checkpoint->proof, checkpoint->proof_length);
    e->stable_certificate.proof_count = e->certified.proof_count = signers;
}

static void recover_vote(struct ehr_engine *e, const struct ehr_engine_record *record)
{
    if (record->height < e->stable || record->height - e->stable > e->span || record->height == 0)
        return;
    struct ehr_pbft_promise *promise = &e->promises[record->height & e->mask];
    switch (record->type) {
    case EHR_ENGINE_PRE_PREPARE:
    case EHR_ENGINE_PREPARE:
        if (promise->height == record->height && promise->view > record->view)
            break;
        promise->height = record->height;
        promise->view = record->view;
        promise->block = record->digest;
        promise->proposed = record->type == EHR_ENGINE_PRE_PREPARE;
        break;
    case EHR_ENGINE_COMMIT:
        ehr_pbft_prepared_set(e, record->height, record->view, &record->digest,
                              record->proof_length > 0 && record->proof[0] == 1,
                              record->proof_length > 0 ? record->proof + EHR_PBFT_FLAG_BYTES : NULL,
                              record->proof_length / EHR_PBFT_SIGNER_BYTES);
        break;
    default: /* not a vote */
        break;
    }
}

/* What was executed equals what was prepared in the latest view at that height. */
static void recover_chain(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    e->committed = e->executed = height;
    for (uint64_t h = e->stable; h <= height && h - e->stable <= e->span; h++) {
        const struct ehr_pbft_prepared *prepared = &e->prepared[h & e->mask];
        if (h > 0 && prepared->height == h)
            ehr_pbft_chain_set(e, h, &prepared->block);
    }
    ehr_pbft_chain_set(e, height, block);
    const struct ehr_pbft_executed *known = &e->chain[e->stable & e->mask];
    if (e->stable > 0 && known->height == e->stable) {
        e->stable_block = known->block;
        e->stable_block_known = true;
    }
    if (e->stable == 0)
        e->stable_block_known = true; /* all zero */
    if (e->stable_certificate.proof_count == 0 && e->stable_block_known) {
        e->genesis = e->stable;
        e->genesis_block = e->stable_block;
    }
    e->top = e->prepared_top = e->stable;
    e->top_block = e->stable_block;
    e->top_known = e->stable_block_known;
}

/* Puts this view's votes back in their slots. The primary's pre-prepares are lost, so that a block
 * not prepared yet needs q prepares. */
static void recover_slots(struct ehr_engine *e)
{
    for (uint64_t height = e->stable + 1; ehr_pbft_in_reach(e, height); height++) {
        const struct ehr_pbft_promise *promise = &e->promises[height & e->mask];
        struct ehr_digest parent;
        if (promise->height != height || promise->view != e->view ||
            !e->auth->block_parent(e->auth->context, &promise->block, &parent) ||
            (e->top_known && !ehr_pbft_digest_equal(&parent, &e->top_block)))
            return;
        struct ehr_pbft_slot *slot = ehr_pbft_slot_get(e, &e->now, height);
        slot->block = promise->block;
        slot->parent = parent;
        slot->phase = EHR_PBFT_ACCEPTED;
        ehr_pbft_tally_settle(e, &slot->prepares, &slot->block);
        ehr_pbft_tally_settle(e, &slot->commits, &slot->block);
        ehr_pbft_tally_add(e, &slot->prepares, e->config.self, &slot->block, NULL);
        e->top = height;
        e->top_block = slot->block;
        e->top_known = true;
        const struct ehr_pbft_prepared *prepared = &e->prepared[height & e->mask];
        if (prepared->height == height && prepared->view == e->view &&
            e->prepared_top == height - 1) {
            slot->phase = EHR_PBFT_PREPARED;
            e->prepared_top = height;
            ehr_pbft_tally_add(e, &slot->commits, e->config.self, &slot->block, NULL);
        }
        if (height > e->executed)
            ehr_pbft_votes_resend(e, slot);
    }
}

void ehr_pbft_on_start(struct ehr_engine *e, const struct ehr_event *event)
{
    e->started = true;
    uint64_t height = event->as.start.height;
    e->committed = e->executed = height;
    if (height > 0)
        ehr_pbft_chain_set(e, height, &event->as.start.block);
    if (event->as.start.records == NULL || event->as.start.record_count == 0) {
        first_boot(e, height, &event->as.start.block, &event->as.start.state);
        return;
    }
    recover_position(e, event->as.start.records, event->as.start.record_count);
    for (uint32_t i = 0; i < event->as.start.record_count; i++)
        recover_vote(e, &event->as.start.records[i]);
    recover_chain(e, height, &event->as.start.block);
    if (height < e->stable)
        ehr_pbft_fetch(e);
    if (e->stable > 0 && e->stable <= height) { /* for others who are late */
        e->own_height = e->stable;
        e->own_state = e->stable_certificate.state;
    }
    if (height > 0 && height % e->config.checkpoint_interval == 0)
        ehr_pbft_checkpoint_own(e, height, &event->as.start.state);
    if (e->active) {
        recover_slots(e);
    } else {
        e->changes = 1;
        ehr_pbft_view_change_resend(e);
        ehr_pbft_request_timer_start(e);
    }
}
