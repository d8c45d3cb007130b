/* What the actor ehr.scenario does, and what is left of it. */
#include "sim/plugin/internal.h"

#include <simgrid/actor.h>

#include <stdio.h>
#include <stdlib.h>

#include "sim/app/memory.h"
#include "sim/network/factors.h"
#include "sim/network/resources.h"

/* ---- results ---- */

enum ehr_exit ehr_plugin_results_open(void)
{
    static const char *const command[] = {"plugin"};
    static const struct ehr_setup_request request;
    struct ehr_plugin *plugin = &ehr_plugin_the;
    struct ehr_measure_error error;
    if (plugin->config.out == NULL)
        return EHR_EXIT_DONE;
    plugin->report =
        ehr_report_new(&plugin->setup, &request, plugin->config.replication, command, 1);
    enum ehr_measure_status status = ehr_results_new(&plugin->results, plugin->config.out, &error);
    return status == EHR_MEASURE_DONE ? EHR_EXIT_DONE
                                      : ehr_report_failed("ehrgrid", status, &error);
}

static enum ehr_exit results_write(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    struct ehr_measure_error error;
    if (plugin->results == NULL)
        return EHR_EXIT_DONE;
    double wall_s = plugin->wall_s > 0 ? plugin->wall_s : ehr_report_clock_s() - plugin->began_s;
    const struct ehr_measure_meta *meta = ehr_report_finish(plugin->report, plugin->world, wall_s);
    enum ehr_measure_status status =
        ehr_measure_write(ehr_world_measure(plugin->world), plugin->results, meta, &error);
    return status == EHR_MEASURE_DONE ? EHR_EXIT_DONE
                                      : ehr_report_failed("ehrgrid", status, &error);
}

enum ehr_exit ehr_plugin_world_report(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    char text[512];
    if (!plugin->config.quiet && ehr_world_behind(plugin->world, text, sizeof text) > 0)
        fprintf(stderr, "ehrgrid: replicas were left behind: %s\n", text);
    bool well = ehr_world_reason(plugin->world)[0] == '\0';
    if (!well)
        fprintf(stderr, "ehrgrid: the run ended wrongly: %s\n", ehr_world_reason(plugin->world));
    enum ehr_exit status = results_write();
    return status == EHR_EXIT_DONE && !well ? EHR_EXIT_WRONG : status;
}

/* ---- the world ---- */

/* The node's number in the kernel; EHR_PLUGIN_NO_NODE: it is none. */
static uint32_t node_of(const struct ehr_genesis *genesis, const struct ehr_deployment_seat *seat)
{
    switch (seat->role) {
    case EHR_DEPLOYMENT_CHAIN_NODE:
        return seat->group == 0 ? genesis->alliance.nodes[seat->index].node
                                : genesis->hospitals[seat->group - 1].chain.nodes[seat->index].node;
    case EHR_DEPLOYMENT_HOSPITAL:
        return genesis->hospitals[seat->group].server.node;
    case EHR_DEPLOYMENT_DOCTOR:
        return genesis->hospitals[seat->group].doctors[seat->index].node;
    case EHR_DEPLOYMENT_PATIENTS:
        return genesis->directory.hospitals[seat->group].place;
    case EHR_DEPLOYMENT_DATA_USER:
        return genesis->data_users[seat->group].node;
    case EHR_DEPLOYMENT_CLIENT:
        return genesis->orders[seat->group].first + seat->index;
    case EHR_DEPLOYMENT_SCENARIO:
    case EHR_DEPLOYMENT_ORDERING:
    case EHR_DEPLOYMENT_FAULT:
    case EHR_DEPLOYMENT_ROLES:
        break;
    }
    return EHR_PLUGIN_NO_NODE;
}

/* Of actors that SimGrid's own call has loaded, from what they declared. */
static enum ehr_exit declared_read(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    struct ehr_deployment_actor *actors = ehr_app_zeroed(plugin->party_count, sizeof *actors);
    struct ehr_deployment_seat *seats = ehr_app_zeroed(plugin->party_count, sizeof *seats);
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    for (size_t i = 0; i < plugin->party_count; i++)
        actors[i] = plugin->parties[i].actor;
    enum ehr_exit status =
        ehr_plugin_setup("deployment", NULL, actors, plugin->party_count, &problems, seats);
    for (size_t i = 0; i < plugin->party_count; i++)
        plugin->parties[i].seat = seats[i];
    ehr_problem_list_close(&problems);
    free(seats);
    free(actors);
    return status == EHR_EXIT_DONE ? ehr_plugin_results_open() : status;
}

/* The program keeps a network model of its own (EHR_PLUGIN_MODEL_HOST), and this SimGrid does not
 * say what the model does to latency and bandwidth. */
static bool factors_suffice(void)
{
    if (ehr_factors_known() ||
        ehr_plugin_the.setup.scenario->network.fidelity == EHR_SCENARIO_FIDELITY_FLOW)
        return true;
    fputs(
        "ehrgrid: network/@fidelity: the factors of the program's network model are not known, or "
        "differ by size: allowed: flow, or one pair of factors and ehr_plugin_load_platform\n",
        stderr);
    return false;
}

/* Foreign actors share cores and links with ours in flow only. */
static void foreign_notice(void)
{
    const struct ehr_plugin *plugin = &ehr_plugin_the;
    size_t ours = 0;
    for (size_t i = 0; i < plugin->party_count; i++)
        ours += plugin->parties[i].alive;
    if (!plugin->config.quiet && sg_actor_count() > ours &&
        plugin->setup.scenario->network.fidelity != EHR_SCENARIO_FIDELITY_FLOW)
        fputs("ehrgrid: network/@fidelity: only in flow do the program's own actors and the roles "
              "contend for hosts and links\n",
              stderr);
}

static void world_make(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    const struct ehr_world_options options = {
        .seed = plugin->setup.scenario->run.seed,
        .replication = plugin->config.replication,
        .costs = &plugin->setup.costs,
        .records = plugin->setup.from_records ? &plugin->setup.records : NULL,
        .arrivals = &plugin->setup.arrivals,
        .inside = true,
        .program = plugin->config.hooks,
        .open = true,
        .results = plugin->results,
    };
    plugin->began_s = ehr_report_clock_s();
    foreign_notice();
    ehr_platform_adopt();
    ehr_resources_begin();
    plugin->world = ehr_world_new(plugin->setup.scenario, &options);
    for (size_t i = 0; i < plugin->party_count; i++) {
        struct ehr_party *party = &plugin->parties[i];
        uint32_t node = node_of(ehr_world_genesis(plugin->world), &party->seat);
        if (node == EHR_PLUGIN_NO_NODE || !party->alive)
            continue;
        party->node = node;
        ehr_kernel_inhabited_expect(ehr_world_kernel(plugin->world), node);
        if (party->restarts)
            ehr_kernel_journal_keep(ehr_world_kernel(plugin->world), node);
    }
}

static void gate_open(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    plugin->passed = true;
    for (; plugin->waiting > 0; plugin->waiting--)
        sg_sem_release(plugin->gate);
}

void ehr_plugin_world_run(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    plugin->judged = true;
    enum ehr_exit status = EHR_EXIT_DONE;
    if (!plugin->loaded)
        status = declared_read();
    else if (!ehr_plugin_parties_match())
        status = EHR_EXIT_INPUT;
    if (status == EHR_EXIT_DONE && !factors_suffice())
        status = EHR_EXIT_INPUT;
    if (ehr_plugin_note(status) != EHR_EXIT_DONE) {
        gate_open();
        return;
    }
    world_make();
    plugin->running = true;
    gate_open();
    /* What it returns is asked for at the end: this actor may die, and another end the run. */
    (void)ehr_world_run(plugin->world);
    plugin->wall_s = ehr_report_clock_s() - plugin->began_s;
}
