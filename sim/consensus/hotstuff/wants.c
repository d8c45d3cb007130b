/* Which messages are worth the price of authenticating them. Reads the header only. */
#include "sim/consensus/hotstuff/hotstuff.h"

static bool wants_proposal(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->body == NULL || message->sender != ehr_hotstuff_leader(e, message->view) ||
        message->view <= e->high.node.view || message->view == e->held_view)
        return false;
    if (ehr_hotstuff_view_known(e, message->view))
        return false; /* the first counts; another, if it wins, comes by its certificate */
    return true;
}

static bool wants_vote(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->view <= e->high.node.view || message->view + 1 < e->view ||
        message->view > e->view + 2 || message->height != 0)
        return false;
    const struct ehr_hotstuff_tally *tally = &e->tallies[message->view % EHR_HOTSTUFF_TALLIES];
    if (tally->at != message->view)
        return tally->at < message->view;
    return !tally->done && !ehr_hotstuff_tally_has(tally, message->sender);
}

static bool wants_timeout(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    const struct ehr_hotstuff_timeout *timeout = &e->timeouts[message->sender];
    uint64_t key = ehr_hotstuff_key(e, e->view);
    if (message->body == NULL)
        return false;
    if (message->height > e->high.node.view || message->view < key ||
        (message->view == key && !ehr_hotstuff_left(e) && message->height < e->high.node.view))
        return true;
    return !timeout->present || message->view > timeout->key || message->height > timeout->high;
}

static bool wants_checkpoint(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    uint64_t interval = e->config.checkpoint_interval;
    if (message->height <= e->checkpoint_base || message->height % interval != 0 ||
        message->view != 0)
        return false;
    if (!ehr_hotstuff_checkpoint_tallied(e, message->height))
        return message->height > e->latest[message->sender].height;
    const struct ehr_hotstuff_tally *tally =
        &e->checkpoints[message->height / interval % EHR_HOTSTUFF_TALLIES];
    return tally->at != message->height ||
           (!tally->done && !ehr_hotstuff_tally_has(tally, message->sender));
}

static bool wanted(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->sender >= e->config.replicas || message->sender == e->config.self || !e->started ||
        message->view > UINT64_MAX / 2 || message->height > UINT64_MAX / 2)
        return false;
    switch (message->type) {
    case EHR_ENGINE_HOTSTUFF_PROPOSAL:
        return wants_proposal(e, message);
    case EHR_ENGINE_HOTSTUFF_VOTE:
        return wants_vote(e, message);
    case EHR_ENGINE_HOTSTUFF_TIMEOUT:
        return wants_timeout(e, message);
    case EHR_ENGINE_HOTSTUFF_NEED:
        return true;
    case EHR_ENGINE_HOTSTUFF_CHAIN:
        return message->body != NULL &&
               (e->needing || message->height > e->high.node.view || message->view > e->view);
    case EHR_ENGINE_CHECKPOINT:
        return wants_checkpoint(e, message);
    default: /* not a message of this engine; types come from peers */
        return false;
    }
}

enum ehr_want ehr_hotstuff_wants(const struct ehr_engine *e,
                                 const struct ehr_engine_message *message)
{
    return wanted(e, message) ? EHR_WANT_VERIFY : EHR_WANT_DROP;
}
