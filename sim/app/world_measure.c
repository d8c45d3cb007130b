#include "sim/app/world_internal.h"

#include <stdlib.h>

#include "sim/app/memory.h"

/* Consensus, bodies that its proposals left out, and requests that backups relay to the primary. */
static bool is_ordering(uint16_t type)
{
    return type == EHR_MSG_CONSENSUS || type == EHR_MSG_SUBMIT || type == EHR_MSG_CONSENSUS_IDS ||
           type == EHR_MSG_TX_GET || type == EHR_MSG_TX_BODY;
}

static void names_make(struct ehr_world *world)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    uint32_t chains = 1 + directory->hospital_count;
    world->measure_nodes = ehr_app_zeroed(world->seat_count, sizeof *world->measure_nodes);
    for (uint32_t i = 0; i < world->seat_count; i++) {
        const struct world_seat *seat = &world->seats[i];
        world->measure_nodes[i] =
            (struct ehr_measure_node){seat->node->name, seat->node->type->role,
                                      ehr_platform_host_name(seat->host), seat->tier};
    }
    for (unsigned t = 0; t < EHR_MESSAGE_TYPES; t++) {
        const char *name = ehr_message_name((uint16_t)t);
        world->measure_messages[t] =
            (struct ehr_measure_message){name != NULL ? name : "-", is_ordering((uint16_t)t)};
    }
    world->operations[0] = "-";
    for (unsigned op = 1; op < EHR_COST_COUNT; op++)
        world->operations[op] = ehr_cost_op_name((enum ehr_cost_op)op);
    world->measure_chains = ehr_app_zeroed(chains, sizeof *world->measure_chains);
    world->hospital_names = ehr_app_zeroed(chains, sizeof(char *));
    world->measure_chains[0] = (struct ehr_measure_chain){"alliance", EHR_TIER_ALLIANCE};
    for (uint32_t h = 0; h < directory->hospital_count; h++) {
        world->hospital_names[h] = directory->hospitals[h].id;
        world->measure_chains[1 + h] =
            (struct ehr_measure_chain){directory->hospitals[h].id, EHR_TIER_PRIVATE};
    }
    world->names = (struct ehr_measure_names){.nodes = world->measure_nodes,
                                              .messages = world->measure_messages,
                                              .operations = world->operations,
                                              .chains = world->measure_chains,
                                              .hospitals = world->hospital_names,
                                              .consensus = world_consensus_names(world),
                                              .node_count = world->seat_count,
                                              .message_count = EHR_MESSAGE_TYPES,
                                              .operation_count = EHR_COST_COUNT,
                                              .chain_count = chains,
                                              .hospital_count = directory->hospital_count};
}

/* Where a number of requests is asked for, however long it takes, the window ends with the run. */
static uint64_t window_end(const struct ehr_world *world)
{
    const struct ehr_scenario_workload *workload = &world->scenario->workload;
    bool counted = workload->visits.count > 0 || workload->retrievals.count > 0 ||
                   workload->shares.count > 0 || world->options.records != NULL;
    for (size_t i = 0; i < workload->ordering_count; i++)
        counted = counted || workload->orderings[i].requests > 0;
    return counted ? 0 : world->scenario->run.duration_ns;
}

static bool node_is_up(void *context, uint32_t node)
{
    return ehr_kernel_node_up(((const struct ehr_world *)context)->kernel, node);
}

/* The card numbers that the hospitals may come to issue: every patient registers at home; one
 * number, and one issue of each, more than that. */
static void cards_add(struct ehr_world *world)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    const struct ehr_patient_public nobody = {0};
    struct ehr_card_issued issued;
    uint32_t *patients = ehr_app_zeroed(directory->hospital_count, sizeof *patients);
    for (uint32_t p = 0; p < directory->patient_count; p++)
        patients[directory->patient_home[p]]++;
    for (uint32_t h = 0; h < directory->hospital_count; h++)
        for (uint64_t regno = 0; regno <= patients[h]; regno++)
            for (uint32_t issue = 0; issue <= 1; issue++) {
                const struct ehr_genesis_hospital *hospital = &world->genesis->hospitals[h];
                ehr_card_issue(&issued, hospital->card_secret, regno, issue,
                               directory->hospitals[h].server.cert.id, 0, &nobody,
                               &hospital->server.secrets.sign);
                ehr_safety_card_add(world->safety, issued.m);
            }
    ehr_wipe(&issued, sizeof issued);
    free(patients);
}

void world_card_add(struct ehr_world *world, uint32_t h)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    const struct ehr_genesis_hospital *hospital = &world->genesis->hospitals[h];
    const struct ehr_patient_public nobody = {0};
    struct ehr_card_issued issued;
    uint64_t number = 1;
    if (world->cards_more == NULL)
        world->cards_more = ehr_app_zeroed(directory->hospital_count, sizeof *world->cards_more);
    for (uint32_t p = 0; p < directory->patient_count; p++)
        number += directory->patient_home[p] == h;
    number += world->cards_more[h]++;
    for (uint32_t issue = 0; issue <= 1; issue++) {
        ehr_card_issue(&issued, hospital->card_secret, number, issue,
                       directory->hospitals[h].server.cert.id, 0, &nobody,
                       &hospital->server.secrets.sign);
        ehr_safety_card_add(world->safety, issued.m);
    }
    ehr_wipe(&issued, sizeof issued);
}

void world_measure_open(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    names_make(world);
    const struct ehr_measure_config config = {world->names, scenario->run.warmup_ns,
                                              window_end(world), world->options.results};
    world->measure = ehr_measure_new(&config);
    world_resources_open(world);
    world_timeline_open(world);
    world->chains = ehr_app_zeroed(world->names.chain_count, sizeof(struct ehr_chain *));
    for (uint32_t i = 0; i < world->names.chain_count; i++)
        world->chains[i] = ehr_genesis_chain_of(world->genesis, i)->chain;
    world->safety = ehr_safety_new(world->chains, world->names.chain_count);
    cards_add(world);
    if (world->options.program != NULL)
        world->events = ehr_events_new(world->options.program, &world->names, world->measure);
    const struct ehr_observer_config observer = {
        .directory = &world->genesis->directory,
        .chains = world->chains,
        .names = &world->names,
        .measure = world->measure,
        .safety = world->safety,
        .events = world->events,
        .timeline = world->timeline,
        .overhead_bytes = scenario->network.overhead_bytes,
        .byzantine = world->byzantine,
        .up = node_is_up,
        .context = world,
    };
    world->observer = ehr_observer_new(&observer);
    world->monitor = (struct ehr_monitor){.directory = &world->genesis->directory,
                                          .observer = world->observer,
                                          .kernel = world->kernel,
                                          .nodes = world->nodes,
                                          .byzantine = world->byzantine,
                                          .duration_ns = scenario->run.duration_ns,
                                          .drain_ns = scenario->run.drain_ns,
                                          .window_ns = scenario->run.liveness_window_ns};
}

static void node_collect(struct ehr_world *world, uint32_t node)
{
    struct ehr_counters *to = ehr_measure_counters(world->measure);
    const struct ehr_kernel_counters *from = ehr_kernel_counters(world->kernel, node);
    for (uint32_t t = 0; t < EHR_MESSAGE_TYPES; t++) {
        struct ehr_tally *out = ehr_counters_tally(to, node, EHR_DIRECTION_OUT, t);
        struct ehr_tally *in = ehr_counters_tally(to, node, EHR_DIRECTION_IN, t);
        out->count += from->type_messages_out[t];
        out->bytes += from->type_bytes_out[t];
        in->count += from->type_messages_in[t];
        in->bytes += from->type_bytes_in[t];
        struct ehr_tally *lost = ehr_counters_tally(to, node, EHR_DIRECTION_LOST, t);
        lost->count += from->type_messages_dropped[t];
        lost->bytes += from->type_bytes_dropped[t];
    }
    for (unsigned op = 1; op < EHR_COST_COUNT; op++)
        ehr_counters_charge(to, node, op, from->charged[op], from->charged_ns[op]);
    ehr_counters_busy(to, node, from->busy_ns);
    ehr_counters_disk(to, node, from->disk_ns);
    ehr_counters_queue(to, node, from->queue_max);
}

void world_measure_collect(struct ehr_world *world)
{
    for (uint32_t i = 0; i < world->seat_count; i++)
        node_collect(world, i);
    world_resources_collect(world);
}

void world_measure_close(struct ehr_world *world)
{
    ehr_observer_free(world->observer);
    ehr_events_free(world->events);
    ehr_metrics_free(world->metrics);
    free(world->cards_more);
    ehr_safety_free(world->safety);
    ehr_measure_free(world->measure);
    free(world->chains);
    free(world->measure_nodes);
    free(world->measure_chains);
    free(world->hospital_names);
    world_consensus_close(world);
}
