/* Byzantine nodes, once hosts are known: whether they are chain nodes, how many of a committee they
 * are, and who their victims are. */
#include "sim/scenario/place.h"

#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

static bool holds(const struct ehr_scenario_hosts *hosts, uint32_t host)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->index[i] == host)
            return true;
    return false;
}

static bool has_chain_node(const struct ehr_scenario *scenario, uint32_t host)
{
    bool has = holds(&scenario->alliance.nodes, host);
    for (size_t i = 0; i < scenario->hospital_count; i++)
        has = has || holds(&scenario->hospitals[i].nodes, host);
    return has;
}

static void hosts_check(struct ehr_placement *placement,
                        const struct ehr_scenario_byzantine *byzantine)
{
    for (size_t i = 0; i < byzantine->node.count; i++) {
        uint32_t host = byzantine->node.index[i];
        if (has_chain_node(placement->scenario, host))
            continue;
        char *found =
            ehr_scenario_text_format("%s, on which no chain node runs", placement->names[host]);
        ehr_placement_refuse(placement, byzantine->line, "faults/byzantine/@node", found,
                             "hosts of alliance/nodes or hospital/nodes");
        free(found);
    }
}

/* How many arbitrary faults a committee survives. */
static size_t faults_of(const struct ehr_scenario_chain *chain, size_t nodes)
{
    return chain->engine != NULL && chain->engine->arbitrary ? (nodes - 1) / 3 : 0;
}

/* Whoever is an adversary at some time is one of them. */
static void committee_check(struct ehr_placement *placement, const char *name,
                            const struct ehr_scenario_chain *chain,
                            const struct ehr_scenario_hosts *nodes)
{
    const struct ehr_scenario *scenario = placement->scenario;
    size_t count = 0;
    int line = 0;
    for (size_t n = 0; n < nodes->count; n++) {
        bool found = false;
        for (size_t i = 0; i < scenario->byzantine_count && !found; i++) {
            found = holds(&scenario->byzantines[i].node, nodes->index[n]);
            if (found)
                line = scenario->byzantines[i].line;
        }
        count += found;
    }
    size_t faults = faults_of(chain, nodes->count);
    if (count <= faults)
        return;
    char *found =
        ehr_scenario_text_format("%zu Byzantine of %zu nodes of %s", count, nodes->count, name);
    char *allowed =
        ehr_scenario_text_format("at most f = %zu: safety and liveness are not promised", faults);
    ehr_problem_list_add(placement->problems, true, scenario->file, line, "faults/byzantine", found,
                         allowed);
    free(found);
    free(allowed);
}

static bool is_named(const char *victim, char *take_name)
{
    bool same = strcmp(victim, take_name) == 0;
    free(take_name);
    return same;
}

/* Whether `victim` is the name of a client, as sim/app/genesis.c gives them. */
static bool is_client(const struct ehr_scenario *scenario, const char *victim)
{
    for (size_t i = 0; i < scenario->data_user_count; i++)
        if (strcmp(scenario->data_users[i].id, victim) == 0)
            return true;
    uint64_t clients = 0;
    for (size_t i = 0; i < scenario->workload.ordering_count; i++)
        clients += scenario->workload.orderings[i].clients;
    for (uint64_t i = 0; i < clients; i++)
        if (is_named(victim, ehr_scenario_text_format("client-%llu", (unsigned long long)i)))
            return true;
    for (size_t h = 0; h < scenario->hospital_count; h++) {
        const struct ehr_scenario_hospital *hospital = &scenario->hospitals[h];
        size_t doctors = hospital->doctors.count * hospital->doctors_per_host;
        if (is_named(victim, ehr_scenario_text_format("%s-server", hospital->id)) ||
            is_named(victim, ehr_scenario_text_format("%s-patients", hospital->id)))
            return true;
        for (size_t i = 0; i < doctors; i++)
            if (is_named(victim, ehr_scenario_text_format("%s-doctor-%zu", hospital->id, i)))
                return true;
    }
    return false;
}

void ehr_placement_byzantine(struct ehr_placement *placement)
{
    const struct ehr_scenario *scenario = placement->scenario;
    for (size_t i = 0; i < scenario->byzantine_count; i++)
        ehr_placement_hosts(placement, "faults/byzantine/@node",
                            &placement->scenario->byzantines[i].node);
    if (scenario->byzantine_count == 0 || placement->problems->error_count > 0)
        return;
    for (size_t i = 0; i < scenario->byzantine_count; i++) {
        const struct ehr_scenario_byzantine *byzantine = &scenario->byzantines[i];
        hosts_check(placement, byzantine);
        if (byzantine->victim != NULL && !is_client(scenario, byzantine->victim))
            ehr_placement_refuse(placement, byzantine->line, "faults/byzantine/@victim",
                                 byzantine->victim,
                                 "a client as in nodes.csv: ID-doctor-N (from 0), ID-server or "
                                 "ID-patients of a hospital ID, the id of a data user, or client-N "
                                 "of orderings");
    }
    committee_check(placement, "the alliance", &scenario->alliance.chain,
                    &scenario->alliance.nodes);
    for (size_t h = 0; h < scenario->hospital_count; h++)
        committee_check(placement, scenario->hospitals[h].id, &scenario->hospitals[h].chain,
                        &scenario->hospitals[h].nodes);
}
