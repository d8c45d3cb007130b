/* Byzantine nodes of a scenario: which seats they take, and how they are told of. */
#include "sim/app/world_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/adversary.h"
#include "sim/app/memory.h"
#include "sim/consensus/registry.h"

static enum ehr_behaviour behaviour_of(enum ehr_scenario_behaviour behaviour)
{
    switch (behaviour) {
    case EHR_SCENARIO_BEHAVIOUR_SILENT:
        return EHR_BEHAVIOUR_SILENT;
    case EHR_SCENARIO_BEHAVIOUR_EQUIVOCATE:
        return EHR_BEHAVIOUR_EQUIVOCATE;
    case EHR_SCENARIO_BEHAVIOUR_CONFLICTING_VOTES:
        return EHR_BEHAVIOUR_CONFLICTING_VOTES;
    case EHR_SCENARIO_BEHAVIOUR_DELAYED_VOTES:
        return EHR_BEHAVIOUR_DELAYED_VOTES;
    case EHR_SCENARIO_BEHAVIOUR_CORRUPT_DIGEST:
        return EHR_BEHAVIOUR_CORRUPT_DIGEST;
    case EHR_SCENARIO_BEHAVIOUR_STALE_VIEW:
        return EHR_BEHAVIOUR_STALE_VIEW;
    case EHR_SCENARIO_BEHAVIOUR_SELECTIVE:
        return EHR_BEHAVIOUR_SELECTIVE;
    }
    return EHR_BEHAVIOUR_SILENT;
}

static bool names_host(const struct ehr_scenario_byzantine *byzantine, uint32_t host)
{
    for (size_t i = 0; i < byzantine->node.count; i++)
        if (byzantine->node.index[i] == host)
            return true;
    return false;
}

/* The client of that name: the scenario has been checked. */
static uint32_t client_find(const struct ehr_genesis *genesis, const char *name)
{
    const struct ehr_directory *directory = &genesis->directory;
    for (uint32_t i = 0; i < directory->data_user_count; i++)
        if (strcmp(genesis->data_users[i].name, name) == 0)
            return genesis->data_users[i].node;
    for (uint32_t h = 0; h < directory->hospital_count; h++) {
        const struct ehr_genesis_hospital *hospital = &genesis->hospitals[h];
        if (strcmp(hospital->server.name, name) == 0)
            return hospital->server.node;
        if (strcmp(hospital->place_name, name) == 0)
            return directory->hospitals[h].place;
        for (uint32_t i = 0; i < directory->hospitals[h].doctor_count; i++)
            if (strcmp(hospital->doctors[i].name, name) == 0)
                return hospital->doctors[i].node;
    }
    for (uint32_t o = 0; o < genesis->order_count; o++)
        for (uint32_t i = 0; i < genesis->orders[o].clients; i++)
            if (strcmp(genesis->orders[o].names[i], name) == 0)
                return genesis->orders[o].first + i;
    assert(false);
    return UINT32_MAX;
}

/* What the scenario wants of the chain nodes of a host; returns how many acts. `acts` has room for
 * all. */
static uint32_t acts_of(const struct ehr_world *world, uint32_t host,
                        struct ehr_adversary_act *acts)
{
    const struct ehr_scenario *scenario = world->scenario;
    uint32_t count = 0;
    for (size_t i = 0; i < scenario->byzantine_count; i++) {
        const struct ehr_scenario_byzantine *wanted = &scenario->byzantines[i];
        if (!names_host(wanted, host))
            continue;
        acts[count++] = (struct ehr_adversary_act){
            .behaviour = behaviour_of(wanted->behaviour),
            .from_ns = wanted->at_ns,
            .until_ns = wanted->until_ns,
            .delay_ns = wanted->delay_ns,
            .victim =
                wanted->victim != NULL ? client_find(world->genesis, wanted->victim) : UINT32_MAX};
    }
    return count;
}

static struct ehr_chain *chain_new(void *context, uint32_t chain)
{
    return ehr_genesis_chain_new(context, chain);
}

uint8_t *world_adversary_sides(const struct ehr_world *world, const struct ehr_genesis_chain *chain)
{
    uint32_t count = chain->committee->count;
    bool *accomplice = ehr_app_zeroed(count, sizeof *accomplice);
    uint8_t *sides = ehr_app_zeroed(count, 1);
    for (uint32_t i = 0; i < count; i++)
        for (size_t b = 0; b < world->scenario->byzantine_count; b++)
            if (world->scenario->byzantines[b].behaviour == EHR_SCENARIO_BEHAVIOUR_EQUIVOCATE &&
                names_host(&world->scenario->byzantines[b], chain->nodes[i].host))
                accomplice[i] = true;
    ehr_adversary_sides(sides, accomplice, count);
    free(accomplice);
    return sides;
}

struct ehr_node *world_adversary_new(struct ehr_world *world, const struct ehr_identity *identity,
                                     const struct ehr_chain_node_config *config,
                                     const uint8_t *sides)
{
    struct ehr_adversary_act *acts = ehr_app_zeroed(world->scenario->byzantine_count, sizeof *acts);
    const struct ehr_adversary_config adversary = {
        .puppet = *config,
        .acts = acts,
        .act_count = acts_of(world, identity->host, acts),
        .sides = sides,
        .chain_new = chain_new,
        .context = world->genesis,
    };
    struct ehr_node *node = NULL;
    if (adversary.act_count > 0)
        node = ehr_adversary_new(identity->name, &adversary);
    free(acts);
    return node;
}

/* ---- telling ---- */

uint32_t ehr_world_byzantine(const struct ehr_world *world, struct ehr_measure_byzantine *entries,
                             uint32_t capacity)
{
    uint32_t count = 0;
    for (uint32_t node = 0; node < world->seat_count; node++) {
        if (!world->byzantine[node])
            continue;
        for (size_t i = 0; i < world->scenario->byzantine_count; i++) {
            const struct ehr_scenario_byzantine *wanted = &world->scenario->byzantines[i];
            if (!names_host(wanted, world->seats[node].host))
                continue;
            if (count < capacity)
                entries[count] = (struct ehr_measure_byzantine){
                    world->nodes[node]->name, ehr_behaviour_name(behaviour_of(wanted->behaviour)),
                    wanted->at_ns, wanted->until_ns};
            count++;
        }
        if (!world_meddles(world, node))
            continue;
        if (count < capacity)
            entries[count] =
                (struct ehr_measure_byzantine){world->nodes[node]->name, "program", 0, UINT64_MAX};
        count++;
    }
    return count;
}

void world_adversaries_note(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    for (size_t i = 0; i < scenario->byzantine_count; i++) {
        const struct ehr_scenario_byzantine *wanted = &scenario->byzantines[i];
        world_fault_note(world, "byzantine", wanted->node.pattern,
                         ehr_behaviour_name(behaviour_of(wanted->behaviour)), wanted->at_ns,
                         wanted->until_ns);
    }
}

bool world_adversaries_too_many(const struct ehr_world *world)
{
    for (uint32_t i = 0; i <= world->genesis->directory.hospital_count; i++) {
        const struct ehr_genesis_chain *chain = ehr_genesis_chain_of(world->genesis, i);
        uint32_t count = 0;
        for (uint32_t k = 0; k < chain->committee->count; k++)
            count += world->byzantine[chain->committee->members[k].node];
        if (count > ehr_engine_byzantine(chain->engine, chain->committee->count))
            return true;
    }
    return false;
}

/* "alliance: 2 of 4 replicas are Byzantine (alliance-node-0, alliance-node-1), more than f = 1" */
static size_t committee_tell(const struct ehr_world *world, const struct ehr_genesis_chain *chain,
                             const char *name, char *text, size_t capacity)
{
    const struct ehr_committee *committee = chain->committee;
    uint32_t count = 0;
    size_t length = 0;
    char names[512] = "";
    for (uint32_t i = 0; i < committee->count; i++) {
        if (!world->byzantine[committee->members[i].node])
            continue;
        const char *comma = count++ > 0 ? ", " : "";
        if (length < sizeof names) { /* as many as there is room for */
            int written = snprintf(names + length, sizeof names - length, "%s%s", comma,
                                   committee->members[i].name);
            length += written > 0 ? (size_t)written : 0;
        }
    }
    if (count == 0)
        return 0;
    uint32_t faults = ehr_engine_byzantine(chain->engine, committee->count);
    int written = snprintf(
        text, capacity,
        "; chain %s: %" PRIu32 " of %" PRIu32 " replicas are Byzantine (%s), %s f = %" PRIu32 "%s",
        name, count, committee->count, names, count > faults ? "more than" : "at most", faults,
        count > faults ? ": neither safety nor liveness is promised" : "");
    return written > 0 ? (size_t)written : 0;
}

void world_adversaries_tell(const struct ehr_world *world, char *text, size_t capacity)
{
    size_t length = 0;
    if (capacity > 0)
        text[0] = '\0';
    for (uint32_t i = 0; i <= world->genesis->directory.hospital_count && length < capacity; i++)
        length +=
            committee_tell(world, ehr_genesis_chain_of(world->genesis, i),
                           i == 0 ? "alliance" : world->genesis->directory.hospitals[i - 1].id,
                           text + length, capacity - length);
}
