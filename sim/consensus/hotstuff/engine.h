/* HotStuff as an engine: what the registry needs to know of it. See docs/consensus.md. */
#ifndef EHR_CONSENSUS_HOTSTUFF_ENGINE_H
#define EHR_CONSENSUS_HOTSTUFF_ENGINE_H

#include "sim/consensus/engine.h"

extern const struct ehr_engine_type ehr_hotstuff_engine_type;

#endif /* EHR_CONSENSUS_HOTSTUFF_ENGINE_H */
