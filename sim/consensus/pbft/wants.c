/* Which messages are worth the price of authenticating them. Reads the header only. */
#include "sim/consensus/pbft/pbft.h"

static bool wants_proposal(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (!ehr_pbft_view_followed(e, message->view) || !ehr_pbft_in_reach(e, message->height) ||
        message->sender != ehr_pbft_primary(e, message->view))
        return false;
    const struct ehr_pbft_ring *ring = ehr_pbft_ring_find(e, message->view);
    if (ring == NULL)
        return true;
    if (ring == &e->now && (message->height <= e->top || message->height <= e->carried_top))
        return false; /* what the view carries over needs no pre-prepare and allows no other */
    const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, ring, message->height);
    return slot == NULL || slot->phase == EHR_PBFT_EMPTY;
}

static bool wants_vote(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (!ehr_pbft_view_followed(e, message->view) || !ehr_pbft_in_reach(e, message->height))
        return false;
    const struct ehr_pbft_ring *ring = ehr_pbft_ring_find(e, message->view);
    bool now = ring == &e->now;
    /* A primary prepares only what its new-view carries over, unless everybody prepares. */
    if (now && message->type == EHR_ENGINE_PREPARE && e->config.votes == EHR_ENGINE_VOTES_BACKUPS &&
        message->height > e->carried_top && message->sender == ehr_pbft_primary(e, message->view))
        return false;
    if (ring == NULL)
        return true;
    const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, ring, message->height);
    if (slot == NULL)
        return true;
    const struct ehr_pbft_tally *tally =
        message->type == EHR_ENGINE_PREPARE ? &slot->prepares : &slot->commits;
    bool complete = now && slot->phase >= EHR_PBFT_ACCEPTED && tally->count >= e->quorum;
    return !complete && !ehr_pbft_tally_has(tally, message->sender);
}

static bool wants_checkpoint(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->view != 0) /* it would be no proof of anything */
        return false;
    if (message->height == e->stable)
        return ehr_pbft_stable_short(e, message->sender);
    if (message->height <= e->checkpoint_base ||
        message->height % e->config.checkpoint_interval != 0)
        return false;
    if (!ehr_pbft_checkpoint_tallied(e, message->height))
        return message->height > e->latest[message->sender].height;
    const struct ehr_pbft_checkpoint *checkpoint = ehr_pbft_checkpoint_find(e, message->height);
    if (checkpoint == NULL)
        return true;
    return checkpoint->votes.count < e->quorum &&
           !ehr_pbft_tally_has(&checkpoint->votes, message->sender);
}

static bool wants_view_change(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->view == 0 || message->body == NULL)
        return false;
    if (message->view < e->view || (message->view == e->view && e->active)) /* missed a new-view */
        return e->active && e->new_view != NULL;
    return message->view > e->departures[message->sender].view;
}

static bool wants_new_view(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    return message->body != NULL && message->view > 0 &&
           message->sender == ehr_pbft_primary(e, message->view) &&
           (message->view > e->view || (message->view == e->view && !e->active));
}

/* From one that is in this view, or behind it and can be helped. */
static bool wants_status(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->body == NULL || message->body_length > ehr_pbft_status_bytes(e) ||
        message->view > e->view)
        return false;
    bool together = message->view == e->view && message->height > 0;
    return !e->active || together || e->new_view != NULL;
}

static bool wanted(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->sender >= e->config.replicas || message->sender == e->config.self || !e->started)
        return false;
    switch (message->type) {
    case EHR_ENGINE_PRE_PREPARE:
        return wants_proposal(e, message);
    case EHR_ENGINE_PREPARE:
    case EHR_ENGINE_COMMIT:
        return wants_vote(e, message);
    case EHR_ENGINE_CHECKPOINT:
        return wants_checkpoint(e, message);
    case EHR_ENGINE_VIEW_CHANGE:
        return wants_view_change(e, message);
    case EHR_ENGINE_NEW_VIEW:
        return wants_new_view(e, message);
    case EHR_ENGINE_PBFT_STATUS:
        return wants_status(e, message);
    default: /* not a message of this engine; types come from peers */
        return false;
    }
}

enum ehr_want ehr_pbft_wants(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    return wanted(e, message) ? EHR_WANT_VERIFY : EHR_WANT_DROP;
}
