#include "sim/consensus/effects.h"

#include <assert.h>
#include <string.h>

struct ehr_effect *ehr_effect_next(struct ehr_effects *effects, enum ehr_effect_type type)
{
    assert(effects->count < effects->capacity);
    struct ehr_effect *effect = &effects->item[effects->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

struct ehr_engine_record *ehr_effect_persist(struct ehr_effects *effects, uint8_t type,
                                             uint64_t view, uint64_t height,
                                             const struct ehr_digest *digest)
{
    struct ehr_engine_record *record = &ehr_effect_next(effects, EHR_EFFECT_PERSIST)->as.persist;
    record->type = type;
    record->view = view;
    record->height = height;
    if (digest != NULL)
        record->digest = *digest;
    return record;
}

struct ehr_engine_message *ehr_effect_send(struct ehr_effects *effects,
                                           const struct ehr_engine_config *config, uint16_t to,
                                           uint8_t type, uint64_t view, uint64_t height,
                                           const struct ehr_digest *digest)
{
    if (config->replicas == 1)
        return NULL;
    struct ehr_effect *effect = ehr_effect_next(effects, EHR_EFFECT_SEND);
    effect->as.send.to = to;
    struct ehr_engine_message *message = &effect->as.send.message;
    message->type = type;
    message->sender = config->self;
    message->view = view;
    message->height = height;
    if (digest != NULL)
        message->digest = *digest;
    return message;
}

void ehr_effect_timer(struct ehr_effects *effects, uint16_t id, uint32_t generation,
                      uint64_t delay_ns)
{
    struct ehr_effect *effect = ehr_effect_next(effects, EHR_EFFECT_TIMER);
    effect->as.timer.id = id;
    effect->as.timer.generation = generation;
    effect->as.timer.delay_ns = delay_ns;
}

void ehr_effect_propose(struct ehr_effects *effects, const struct ehr_engine_config *config,
                        uint64_t view, uint64_t height, const struct ehr_digest *parent)
{
    struct ehr_effect *effect = ehr_effect_next(effects, EHR_EFFECT_PROPOSE);
    effect->as.propose.view = view;
    effect->as.propose.height = height;
    effect->as.propose.parent = *parent;
    effect->as.propose.requests_max = config->batch_max;
}

void ehr_effect_commit(struct ehr_effects *effects, uint64_t view, uint64_t height,
                       const struct ehr_digest *block)
{
    struct ehr_effect *effect = ehr_effect_next(effects, EHR_EFFECT_COMMIT);
    effect->as.commit.height = height;
    effect->as.commit.view = view;
    effect->as.commit.block = *block;
}

void ehr_effect_fetch(struct ehr_effects *effects, uint64_t view, uint64_t height,
                      const struct ehr_digest *state)
{
    struct ehr_effect *effect = ehr_effect_next(effects, EHR_EFFECT_FETCH);
    effect->as.fetch.height = height;
    effect->as.fetch.view = view;
    effect->as.fetch.state = *state;
}
