/* From an accepted block to a committed one.
 *
 * A block counts as prepared only when its predecessor is prepared in the same view or lies at or
 * below the stable checkpoint: blocks are chained, and a view change has to find the whole chain
 * below every block that may have been committed (docs/consensus.md, "Why nothing committed is
 * lost"). */
#include "sim/consensus/pbft/pbft.h"

void ehr_pbft_vote(struct ehr_engine *e, struct ehr_pbft_slot *slot)
{
    bool primary = ehr_pbft_is_primary(e);
    bool implicit = slot->fresh && e->config.votes == EHR_ENGINE_VOTES_BACKUPS;
    if (implicit) { /* the pre-prepare stands for the primary's prepare */
        ehr_pbft_tally_overwrite(e, &slot->prepares, ehr_pbft_primary(e, e->view),
                                 primary || !e->config.signatures ? NULL : slot->signature);
        if (slot->prepares.proof != NULL)
            slot->prepares.proof[0] = 1;
    }
    if (primary && implicit)
        return;
    if (!(primary && slot->fresh)) /* else the record of the pre-prepare says it already */
        ehr_pbft_emit_persist(e, EHR_ENGINE_PREPARE, e->view, slot->height, &slot->block);
    ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_PREPARE, e->view,
                    slot->height, &slot->block);
    ehr_pbft_tally_add(e, &slot->prepares, e->config.self, &slot->block, NULL);
}

static void prepare(struct ehr_engine *e, struct ehr_pbft_slot *slot)
{
    slot->phase = EHR_PBFT_PREPARED;
    e->prepared_top = slot->height;
    ehr_pbft_emit_persist_proof(e, EHR_ENGINE_COMMIT, e->view, slot->height, &slot->block,
                                slot->prepares.proof, slot->prepares.proof_count);
    ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_COMMIT, e->view, slot->height,
                    &slot->block);
    ehr_pbft_tally_add(e, &slot->commits, e->config.self, &slot->block, NULL);
}

static void commit(struct ehr_engine *e, struct ehr_pbft_slot *slot)
{
    slot->phase = EHR_PBFT_COMMITTED;
    e->committed = slot->height;
    e->changes = 0;
    ehr_pbft_chain_set(e, slot->height, &slot->block);
    ehr_pbft_emit_commit(e, slot->height, &slot->block);
}

void ehr_pbft_advance(struct ehr_engine *e)
{
    if (!e->active)
        return;
    for (;;) {
        struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, e->prepared_top + 1);
        if (slot == NULL || slot->phase != EHR_PBFT_ACCEPTED || slot->prepares.count < e->quorum)
            break;
        prepare(e, slot);
    }
    /* Heights executed in an earlier view are voted again but not given again. */
    bool progress = false;
    while (e->committed >= e->stable) {
        struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, e->committed + 1);
        if (slot == NULL || slot->phase != EHR_PBFT_PREPARED || slot->commits.count < e->quorum)
            break;
        commit(e, slot);
        progress = true;
    }
    if (progress)
        ehr_pbft_try_propose(e);
}

void ehr_pbft_on_vote(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_ring *ring = ehr_pbft_ring_of(e, message->view);
    struct ehr_pbft_slot *slot = ehr_pbft_slot_get(e, ring, message->height);
    struct ehr_pbft_tally *tally =
        message->type == EHR_ENGINE_PREPARE ? &slot->prepares : &slot->commits;
    uint32_t count =
        ehr_pbft_tally_add(e, tally, message->sender, &message->digest, message->signature);
    if (count >= e->quorum && ring == &e->now && slot->phase >= EHR_PBFT_ACCEPTED)
        ehr_pbft_advance(e);
}
