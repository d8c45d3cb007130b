/* The engines by name: one line each. */
#include "sim/consensus/engine.h"
#include "sim/consensus/hotstuff/engine.h"
#include "sim/consensus/pbft/engine.h"
#include "sim/consensus/raft/engine.h"
#include "sim/consensus/solo/engine.h"

#include <string.h>

static const struct ehr_engine_type *const types[] = {
    &ehr_hotstuff_engine_type,
    &ehr_pbft_engine_type,
    &ehr_raft_engine_type,
    &ehr_solo_engine_type,
};

enum { TYPES_COUNT = sizeof(types) / sizeof(types[0]) };

static const char *const names[TYPES_COUNT + 1] = {
    "hotstuff",
    "pbft",
    "raft",
    "solo",
    NULL,
};

const struct ehr_engine_type *ehr_engine_find(const char *name)
{
    for (size_t i = 0; i < TYPES_COUNT; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

const char *const *ehr_engine_names(void)
{
    return names;
}
