/* Clients that have raw requests ordered: they need no keys, only a seat and a quorum. */
#include <stdlib.h>

#include "sim/app/genesis.h"
#include "sim/app/memory.h"
#include "sim/consensus/registry.h"

uint32_t ehr_genesis_quorum(const struct ehr_genesis_chain *chain, uint32_t wanted)
{
    uint32_t count = chain->committee->count;
    if (wanted == EHR_SCENARIO_QUORUM_ALL)
        return count;
    if (wanted == EHR_SCENARIO_QUORUM_ENGINE)
        return chain->engine->certificate_quorum(count);
    if (wanted != EHR_SCENARIO_QUORUM_CORRECT)
        return wanted;
    return ehr_engine_byzantine(chain->engine, count) + 1; /* one of them is correct */
}

/* Whether the raw requests are all that the chains are for: then nobody asks for proofs. */
static bool alone(const struct ehr_scenario *scenario)
{
    const struct ehr_scenario_workload *workload = &scenario->workload;
    for (size_t i = 0; i < workload->ordering_count; i++) /* a program asks, and may for more */
        if (workload->orderings[i].rate_per_s <= 0 && workload->orderings[i].outstanding == 0)
            return false;
    return scenario->workload.ordering_count > 0 && !ehr_scenario_has_visits(scenario) &&
           scenario->revoke_count == 0;
}

void ehr_genesis_orders_make(struct ehr_genesis *genesis, const struct ehr_scenario *scenario)
{
    const struct ehr_scenario_workload *workload = &scenario->workload;
    uint32_t next = 0;
    genesis->order_count = (uint32_t)workload->ordering_count;
    genesis->orders = ehr_app_zeroed(genesis->order_count, sizeof *genesis->orders);
    for (uint32_t o = 0; o < genesis->order_count; o++) {
        const struct ehr_scenario_ordering *wanted = &workload->orderings[o];
        struct ehr_genesis_chain *chain = ehr_genesis_chain_of(genesis, wanted->number);
        struct ehr_genesis_order *order = &genesis->orders[o];
        ehr_contract_raw_allow(chain->chain->contract);
        order->committee = *chain->committee;
        order->committee.client_quorum = ehr_genesis_quorum(chain, wanted->client_quorum);
        order->first = genesis->node_count;
        order->clients = wanted->clients;
        order->names = ehr_app_zeroed(order->clients, sizeof(char *));
        order->hosts = ehr_app_zeroed(order->clients, sizeof *order->hosts);
        for (uint32_t i = 0; i < order->clients; i++) {
            order->names[i] = ehr_app_text("client-%u", next++);
            order->hosts[i] = wanted->hosts.index[i % wanted->hosts.count];
        }
        genesis->node_count += order->clients;
    }
    for (uint32_t number = 0; number <= genesis->directory.hospital_count; number++)
        ehr_genesis_chain_of(genesis, number)->bare = alone(scenario);
}

void ehr_genesis_orders_free(struct ehr_genesis *genesis)
{
    for (uint32_t o = 0; o < genesis->order_count; o++) {
        struct ehr_genesis_order *order = &genesis->orders[o];
        for (uint32_t i = 0; i < order->clients; i++)
            free(order->names[i]);
        free(order->names);
        free(order->hosts);
    }
    free(genesis->orders);
}
