/* What a step asks the node to do, in order. */
#include "sim/consensus/raft/raft.h"

static struct ehr_effect *next_effect(struct ehr_engine *e, enum ehr_effect_type type)
{
    assert(e->out->count < e->out->capacity);
    struct ehr_effect *effect = &e->out->item[e->out->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

void ehr_raft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest, const uint8_t *proof, uint32_t length)
{
    struct ehr_engine_record *record = &next_effect(e, EHR_EFFECT_PERSIST)->as.persist;
    record->type = type;
    record->view = view;
    record->height = height;
    if (digest != NULL)
        record->digest = *digest;
    record->proof = proof;
    record->proof_length = length;
}

struct ehr_engine_message *ehr_raft_emit_send(struct ehr_engine *e, uint16_t to, uint8_t type,
                                              uint64_t view, uint64_t height, const uint8_t *body,
                                              uint32_t length)
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
    message->body = body;
    message->body_length = length;
    return message;
}

void ehr_raft_emit_timer(struct ehr_engine *e, uint16_t id, uint32_t generation, uint64_t delay_ns)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_TIMER);
    effect->as.timer.id = id;
    effect->as.timer.generation = generation;
    effect->as.timer.delay_ns = delay_ns;
}

void ehr_raft_emit_propose(struct ehr_engine *e)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_PROPOSE);
    effect->as.propose.view = e->term;
    effect->as.propose.height = e->last + 1;
    effect->as.propose.parent = *ehr_raft_block_at(e, e->last);
    effect->as.propose.requests_max = e->config.batch_max;
}

void ehr_raft_emit_commit(struct ehr_engine *e, uint64_t height)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_COMMIT);
    effect->as.commit.height = height;
    effect->as.commit.view = e->term;
    effect->as.commit.block = *ehr_raft_block_at(e, height);
}

void ehr_raft_emit_fetch(struct ehr_engine *e, uint64_t height, uint64_t term,
                         const struct ehr_digest *state)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_FETCH);
    effect->as.fetch.height = height;
    effect->as.fetch.view = term;
    effect->as.fetch.state = *state;
}

void ehr_raft_emit_new_view(struct ehr_engine *e, uint16_t leader, uint32_t kept_count)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = e->term;
    effect->as.new_view.leader = leader;
    effect->as.new_view.kept = kept_count > 0 ? e->list : NULL;
    effect->as.new_view.kept_count = kept_count;
}

uint8_t *ehr_raft_small(struct ehr_engine *e)
{
    assert(e->small_count < EHR_RAFT_SMALLS);
    return e->small[e->small_count++];
}
