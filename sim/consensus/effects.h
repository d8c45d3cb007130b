/* What every engine does with the effects of a step: take the next one, and fill the kinds whose
 * fields do not depend on the protocol. Not the order of effects, nor when to give one. */
#ifndef EHR_CONSENSUS_EFFECTS_H
#define EHR_CONSENSUS_EFFECTS_H

#include <stdint.h>

#include "sim/consensus/engine.h"

/* The next effect of the step, all zero but its type. There is room: effects_max said so. */
struct ehr_effect *ehr_effect_next(struct ehr_effects *effects, enum ehr_effect_type type);

/* A record without proof; `digest` may be NULL (zero). */
struct ehr_engine_record *ehr_effect_persist(struct ehr_effects *effects, uint8_t type,
                                             uint64_t view, uint64_t height,
                                             const struct ehr_digest *digest);

/* A message without body to `to` (EHR_ENGINE_TO_ALL), or NULL and no effect where a replica is
 * alone; `digest` may be NULL (zero). */
struct ehr_engine_message *ehr_effect_send(struct ehr_effects *effects,
                                           const struct ehr_engine_config *config, uint16_t to,
                                           uint8_t type, uint64_t view, uint64_t height,
                                           const struct ehr_digest *digest);

/* Starts a timer, or with delay 0 cancels it. */
void ehr_effect_timer(struct ehr_effects *effects, uint16_t id, uint32_t generation,
                      uint64_t delay_ns);

void ehr_effect_propose(struct ehr_effects *effects, const struct ehr_engine_config *config,
                        uint64_t view, uint64_t height, const struct ehr_digest *parent);
void ehr_effect_commit(struct ehr_effects *effects, uint64_t view, uint64_t height,
                       const struct ehr_digest *block);
void ehr_effect_fetch(struct ehr_effects *effects, uint64_t view, uint64_t height,
                      const struct ehr_digest *state);

#endif /* EHR_CONSENSUS_EFFECTS_H */
