/* The centralised baseline as an engine: what the registry needs to know of it. */
#ifndef EHR_CONSENSUS_SOLO_ENGINE_H
#define EHR_CONSENSUS_SOLO_ENGINE_H

#include "sim/consensus/engine.h"

extern const struct ehr_engine_type ehr_solo_engine_type;

#endif /* EHR_CONSENSUS_SOLO_ENGINE_H */
