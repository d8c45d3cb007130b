/* What a step asks the node to do, in order. */
#include "sim/consensus/pbft/pbft.h"

static struct ehr_effect *next_effect(struct ehr_engine *e, enum ehr_effect_type type)
{
    assert(e->out->count < e->out->capacity);
    struct ehr_effect *effect = &e->out->item[e->out->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

void ehr_pbft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest)
{
    ehr_pbft_emit_persist_proof(e, type, view, height, digest, NULL, 0);
}

void ehr_pbft_emit_persist_proof(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                                 const struct ehr_digest *digest, const uint8_t *proof,
                                 uint32_t proof_count)
{
    struct ehr_engine_record *record = &next_effect(e, EHR_EFFECT_PERSIST)->as.persist;
    record->type = type;
    record->view = view;
    record->height = height;
    if (digest != NULL)
        record->digest = *digest;
    if (proof != NULL && proof_count > 0) {
        record->proof = proof;
        record->proof_length = EHR_PBFT_FLAG_BYTES + proof_count * EHR_PBFT_SIGNER_BYTES;
    }
}

struct ehr_engine_message *ehr_pbft_emit_send(struct ehr_engine *e, uint16_t to, uint8_t type,
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

void ehr_pbft_emit_timer(struct ehr_engine *e, uint16_t id, uint32_t generation, uint64_t delay_ns)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_TIMER);
    effect->as.timer.id = id;
    effect->as.timer.generation = generation;
    effect->as.timer.delay_ns = delay_ns;
}

void ehr_pbft_emit_propose(struct ehr_engine *e)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_PROPOSE);
    effect->as.propose.view = e->view;
    effect->as.propose.height = e->top + 1;
    effect->as.propose.parent = e->top_block;
    effect->as.propose.requests_max = e->config.batch_max;
}

void ehr_pbft_emit_commit(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_COMMIT);
    effect->as.commit.height = height;
    effect->as.commit.view = e->view;
    effect->as.commit.block = *block;
}

void ehr_pbft_emit_fetch(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_FETCH);
    effect->as.fetch.height = height;
    effect->as.fetch.state = *state;
}

void ehr_pbft_emit_new_view(struct ehr_engine *e, uint64_t view, uint32_t carried)
{
    struct ehr_effect *effect = next_effect(e, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = view;
    effect->as.new_view.leader = ehr_pbft_primary(e, view);
    effect->as.new_view.carried = carried;
}
