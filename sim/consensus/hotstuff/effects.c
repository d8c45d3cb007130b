/* What a step asks the node to do, in order. */
#include "sim/consensus/hotstuff/hotstuff.h"

void ehr_hotstuff_emit_vote_record(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                                   const uint8_t *justify)
{
    size_t bytes = EHR_HOTSTUFF_NODE_BYTES + e->certificate_bytes;
    assert(e->record_next < EHR_HOTSTUFF_RECORDS);
    uint8_t *proof = e->records + e->record_next++ * bytes;
    struct ehr_engine_record *record = ehr_effect_persist(e->out, EHR_ENGINE_HOTSTUFF_VOTE,
                                                          node->view, node->height, &node->block);
    ehr_hotstuff_node_encode(node, proof);
    memcpy(proof + EHR_HOTSTUFF_NODE_BYTES, justify, e->certificate_bytes);
    record->proof = proof;
    record->proof_length = (uint32_t)bytes;
}

void ehr_hotstuff_emit_safety(struct ehr_engine *e)
{
    struct ehr_engine_record *record =
        ehr_effect_persist(e->out, EHR_ENGINE_HOTSTUFF_TIMEOUT, e->barrier, e->committed, NULL);
    ehr_hotstuff_safety_encode(e, e->safety);
    record->proof = e->safety;
    record->proof_length = (uint32_t)ehr_hotstuff_safety_bytes(e);
}

void ehr_hotstuff_emit_propose(struct ehr_engine *e, const struct ehr_hotstuff_node *parent)
{
    ehr_effect_propose(e->out, &e->config, e->view, parent->height + 1, &parent->block);
}

void ehr_hotstuff_emit_commit(struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    ehr_effect_commit(e->out, node->view, node->height, &node->block);
}

void ehr_hotstuff_emit_new_view(struct ehr_engine *e, bool timed_out)
{
    uint32_t count = ehr_hotstuff_branch(e, &e->high.node);
    for (uint32_t i = 0; i < count; i++)
        e->released[i] = e->path[i]->block;
    struct ehr_effect *effect = ehr_effect_next(e->out, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = e->view;
    effect->as.new_view.leader = ehr_hotstuff_leader(e, e->view);
    effect->as.new_view.kept = e->released;
    effect->as.new_view.kept_count = count;
    effect->as.new_view.timed_out = timed_out;
}
