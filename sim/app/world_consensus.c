#include "sim/app/world_internal.h"

#include <stdlib.h>

#include "sim/app/memory.h"
#include "sim/consensus/registry.h"

static uint32_t chain_count(const struct ehr_world *world)
{
    return 1 + world->genesis->directory.hospital_count;
}

struct ehr_measure_consensus world_consensus_names(struct ehr_world *world)
{
    uint32_t chains = chain_count(world), types = 0;
    world->node_chains = ehr_app_zeroed(world->seat_count, sizeof *world->node_chains);
    for (uint32_t i = 0; i < world->seat_count; i++)
        world->node_chains[i] = UINT32_MAX;
    for (uint32_t i = 0; i < chains; i++) {
        const struct ehr_genesis_chain *chain = ehr_genesis_chain_of(world->genesis, i);
        types = chain->engine->kind_count > types ? chain->engine->kind_count : types;
        for (uint32_t m = 0; m < chain->committee->count; m++)
            world->node_chains[chain->committee->members[m].node] = i;
    }
    world->engine_messages = ehr_app_zeroed(chains, sizeof *world->engine_messages);
    for (uint32_t i = 0; i < chains; i++) {
        const struct ehr_engine_type *engine = ehr_genesis_chain_of(world->genesis, i)->engine;
        world->engine_messages[i] = ehr_app_zeroed(types, sizeof *world->engine_messages[i]);
        for (uint32_t t = 0; t < types; t++)
            world->engine_messages[i][t] = ehr_engine_kind(engine, (uint8_t)t)->name;
    }
    for (uint16_t t = 0; t < EHR_ENGINE_TIMERS; t++)
        world->timeouts[t] = ehr_engine_timeout_name(t);
    return (struct ehr_measure_consensus){
        .chains = world->node_chains,
        .messages = (const char *const *const *)world->engine_messages,
        .timeouts = world->timeouts,
        .message_count = types,
        .timeout_count = EHR_ENGINE_TIMERS,
    };
}

void world_consensus_close(struct ehr_world *world)
{
    for (uint32_t i = 0; world->engine_messages != NULL && i < chain_count(world); i++)
        free(world->engine_messages[i]);
    free(world->engine_messages);
    free(world->node_chains);
}
