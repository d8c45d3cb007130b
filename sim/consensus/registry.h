/* The engines by name, and what the node and the results learn from the type of one. */
#ifndef EHR_CONSENSUS_REGISTRY_H
#define EHR_CONSENSUS_REGISTRY_H

#include "sim/consensus/engine.h"

enum {
    EHR_REGISTRY_MORE_MAX = 16,  /* engines of a program's own */
    EHR_REGISTRY_KINDS_MAX = 32, /* types of messages of an engine: a bit of `pairwise` each */
};

/* Finds an engine by name; NULL if there is none. ehr_engine_names lists them, NULL-terminated:
 * those of registry.c, then those that were added. */
const struct ehr_engine_type *ehr_engine_find(const char *name);
const char *const *ehr_engine_names(void);

/* Adds an engine of a program's own, for the life of the process: what the type points at is
 * borrowed, the type itself copied, with the members it leaves out filled in. NULL: done, else why
 * not (static): its name is taken or cannot stand in scenarios, or a member is not what engine.h
 * says. */
const char *ehr_registry_add(const struct ehr_engine_type *type);

/* Of a type that the engine does not have: no name, carries nothing. */
const struct ehr_engine_message_kind *ehr_engine_kind(const struct ehr_engine_type *type,
                                                      uint8_t message_type);
/* In results; NULL for timers that are no time-outs (of batches, heartbeats). */
const char *ehr_engine_timeout_name(uint16_t timer);

/* Who needs requests under this configuration, and what clients go by. */
enum ehr_engine_requests ehr_engine_requests_of(const struct ehr_engine_type *type,
                                                const struct ehr_engine_config *config);
uint64_t ehr_engine_turn(const struct ehr_engine_type *type, const struct ehr_engine *engine);

/* Replicas that may lie without harm: f where the engine's `trust` is "bft", else none. */
uint32_t ehr_engine_byzantine(const struct ehr_engine_type *type, uint32_t replicas);

#endif /* EHR_CONSENSUS_REGISTRY_H */
