/* Voting: at most once in a view, on disk before it leaves, and only where it is safe. */
#include "sim/consensus/hotstuff/hotstuff.h"

/* PODC'19, algorithm 1, safeNode: the node extends the locked one, or its certificate is of a
 * higher view than the lock. With two chains (Jolteon, figure 2): its certificate is of the view
 * before, or of none lower than any that those who left the view before had. */
static bool safe(const struct ehr_engine *e, const struct ehr_hotstuff_node *node, uint64_t bound)
{
    if (e->config.two_chain)
        return node->parent_view + 1 == node->view || node->parent_view >= bound;
    return node->parent_view > e->locked_view ||
           ehr_hotstuff_extends(e, node, e->locked_view, &e->locked);
}

bool ehr_hotstuff_may_vote(const struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                           uint64_t bound)
{
    return node->view == e->view && node->view > e->voted_view && node->view >= e->barrier &&
           safe(e, node, bound);
}

void ehr_hotstuff_vote_persist(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                               const uint8_t *justify)
{
    assert(node->view > e->voted_view);
    e->voted_view = node->view;
    e->voted = *node;
    ehr_hotstuff_emit_vote_record(e, node, justify);
}

/* Counts the replica's own vote for the node it voted for last. */
static void count_own(struct ehr_engine *e)
{
    uint8_t signature[EHR_HOTSTUFF_SIGNATURE_BYTES];
    struct ehr_engine_message own = {.type = EHR_ENGINE_HOTSTUFF_VOTE,
                                     .sender = e->config.self,
                                     .view = e->voted.view,
                                     .digest = e->voted.id};
    struct ehr_hotstuff_tally *tally = ehr_hotstuff_tally_of(e, e->voted.view);
    if (tally == NULL || ehr_hotstuff_tally_has(tally, e->config.self))
        return;
    if (e->config.signatures) {
        e->auth->vote_sign(e->auth->context, own.type, own.view, 0, &own.digest, signature);
        own.signature = signature;
    }
    ehr_hotstuff_on_vote(e, &own);
}

void ehr_hotstuff_vote_send(struct ehr_engine *e)
{
    uint16_t next = ehr_hotstuff_leader(e, e->voted.view + 1);
    if (next == e->config.self)
        count_own(e);
    else
        ehr_effect_send(e->out, &e->config, next, EHR_ENGINE_HOTSTUFF_VOTE, e->voted.view, 0,
                        &e->voted.id);
}

void ehr_hotstuff_vote_repeat(struct ehr_engine *e)
{
    if (e->voted_view != e->view || e->voted_view == 0)
        return;
    ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_HOTSTUFF_VOTE, e->voted.view,
                    0, &e->voted.id);
    count_own(e);
}

struct ehr_hotstuff_tally *ehr_hotstuff_tally_of(struct ehr_engine *e, uint64_t view)
{
    struct ehr_hotstuff_tally *tally = &e->tallies[view % EHR_HOTSTUFF_TALLIES];
    if (tally->at > view)
        return NULL;
    if (tally->at < view)
        ehr_hotstuff_tally_reset(e, tally, view);
    return tally;
}

/* Makes the certificate once the votes are there, if the node is known. */
static void certify(struct ehr_engine *e, struct ehr_hotstuff_tally *tally, uint16_t from)
{
    const struct ehr_hotstuff_node *node = ehr_hotstuff_find(e, &tally->digest);
    if (node == NULL) {
        ehr_hotstuff_need(e, &tally->digest, from);
        return;
    }
    struct ehr_hotstuff_certificate made = {.present = true, .node = *node, .bytes = e->scratch};
    tally->done = true;
    ehr_hotstuff_certificate_build(e, tally, &made.node, e->scratch);
    ehr_hotstuff_learn(e, &made, from);
}

void ehr_hotstuff_on_vote(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_hotstuff_tally *tally = ehr_hotstuff_tally_of(e, message->view);
    if (tally != NULL && !tally->done &&
        ehr_hotstuff_tally_add(e, tally, message->sender, &message->digest, message->signature,
                               e->quorum))
        certify(e, tally, message->sender);
}

void ehr_hotstuff_tallies_retry(struct ehr_engine *e)
{
    for (uint32_t i = 0; i < EHR_HOTSTUFF_TALLIES; i++) {
        struct ehr_hotstuff_tally *tally = &e->tallies[i];
        if (tally->at > e->high.node.view && !tally->done && tally->count >= e->quorum)
            certify(e, tally, e->peer);
    }
}
