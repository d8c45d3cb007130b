/* Sizes of fault sets and quorums. */
#include "sim/consensus/registry.h"

#include <assert.h>
#include <string.h>

uint32_t ehr_engine_faults(uint32_t replicas)
{
    assert(replicas >= 1);
    return (replicas - 1) / 3;
}

uint32_t ehr_engine_byzantine(const struct ehr_engine_type *type, uint32_t replicas)
{
    return strcmp(type->trust, "bft") == 0 ? ehr_engine_faults(replicas) : 0;
}

uint32_t ehr_engine_quorum(uint32_t replicas)
{
    /* ceil((n+f+1)/2) */
    return (replicas + ehr_engine_faults(replicas) + 2) / 2;
}
