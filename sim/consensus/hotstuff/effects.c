/* What a step asks the node to do, in order. */
#include "sim/consensus/hotstuff/hotstuff.h"

static struct ehr_effect *next_effect(struct ehr_engine *e, enum ehr_effect_type type)
{
    assert(e->out->count < e->out->capacity);
    struct ehr_effect *effect = &e->out->item[e->out->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

struct ehr_engine_message *ehr_hotstuff_emit_send(struct ehr_engine *e, uint16_t to, uint8_t type,
                                                  uint64_t view, uint64_t height,
                                                  const struct ehr_digest *digest)
{
    if (e->config.replicas == 1)
        return NULL;
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_SEND);
    effect->as.send.to = to;
    struct ehr_engine_message *message = &effect->as.send.message;
    message->type = type;
    message->sender = e->config.self;
    message->view = view;
    message->height = height;
    if (digest != NULL)
        message->digest = *digest;
    return message;
}

void ehr_hotstuff_emit_vote_record(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                                   const uint8_t *justify)
{
    size_t bytes = EHR_HOTSTUFF_NODE_BYTES + e->certificate_bytes;
    uint32_t slots = e->config.replicas == 1 ? EHR_HOTSTUFF_RECORDS : 1;
    uint8_t *proof = e->records + (e->record_next++ % slots) * bytes;
    struct ehr_engine_record *record = &next_effect(e, EHR_EFFECT_PERSIST)->as.persist;
    ehr_hotstuff_node_encode(node, proof);
    memcpy(proof + EHR_HOTSTUFF_NODE_BYTES, justify, e->certificate_bytes);
    record->type = EHR_ENGINE_HOTSTUFF_VOTE;
    record->view = node->view;
    record->height = node->height;
    record->digest = node->block;
    record->proof = proof;
    record->proof_length = (uint32_t)bytes;
}

void ehr_hotstuff_emit_safety(struct ehr_engine *e)
{
    struct ehr_engine_record *record = &next_effect(e, EHR_EFFECT_PERSIST)->as.persist;
    ehr_hotstuff_safety_encode(e, e->safety);
    record->type = EHR_ENGINE_HOTSTUFF_TIMEOUT;
    record->view = e->barrier;
    record->height = e->committed;
    record->proof = e->safety;
    record->proof_length = (uint32_t)ehr_hotstuff_safety_bytes(e);
}

void ehr_hotstuff_emit_checkpoint_record(struct ehr_engine *e, uint64_t height,
                                         const struct ehr_digest *state)
{
    struct ehr_engine_record *record = &next_effect(e, EHR_EFFECT_PERSIST)->as.persist;
    record->type = EHR_ENGINE_CHECKPOINT;
    record->height = height;
    record->digest = *state;
}

void ehr_hotstuff_emit_timer(struct ehr_engine *e, uint16_t id, uint32_t generation,
                             uint64_t delay_ns)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_TIMER);
    effect->as.timer.id = id;
    effect->as.timer.generation = generation;
    effect->as.timer.delay_ns = delay_ns;
}

void ehr_hotstuff_emit_propose(struct ehr_engine *e, const struct ehr_hotstuff_node *parent)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_PROPOSE);
    effect->as.propose.view = e->view;
    effect->as.propose.height = parent->height + 1;
    effect->as.propose.parent = parent->block;
    effect->as.propose.requests_max = e->config.batch_max;
}

void ehr_hotstuff_emit_commit(struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_COMMIT);
    effect->as.commit.height = node->height;
    effect->as.commit.view = node->view;
    effect->as.commit.block = node->block;
}

void ehr_hotstuff_emit_fetch(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_FETCH);
    effect->as.fetch.height = height;
    effect->as.fetch.state = *state;
}

void ehr_hotstuff_emit_new_view(struct ehr_engine *e)
{
    uint32_t count = ehr_hotstuff_branch(e, &e->high.node);
    for (uint32_t i = 0; i < count; i++)
        e->released[i] = e->path[i]->block;
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = e->view;
    effect->as.new_view.leader = ehr_hotstuff_leader(e, e->view);
    effect->as.new_view.kept = e->released;
    effect->as.new_view.kept_count = count;
}
