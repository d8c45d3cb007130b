/* Crashes: of a host at a time, or of a hospital's server when it learns of its n-th private
 * block; and those that SimGrid makes. Only nodes that come back need a journal. */
#include "sim/app/world_internal.h"

#include <stdlib.h>

#include "sim/app/memory.h"

static uint32_t server_node(const struct ehr_world *world, size_t hospital)
{
    return world->genesis->directory.hospitals[hospital].server.node;
}

/* Doctors, patients' devices and data users forget what they were asked when they crash. */
static bool forgets(const struct ehr_world *world, uint32_t host)
{
    for (uint32_t i = 0; i < world->seat_count; i++)
        if (world->seats[i].host == host && world->seats[i].forgets)
            return true;
    return false;
}

static void plan_at_time(struct ehr_world *world, const struct ehr_scenario_crash *crash)
{
    bool recovers = crash->recover_ns != EHR_SCENARIO_NEVER;
    uint32_t host = crash->host.index[0];
    if (crash->role == EHR_SCENARIO_CRASH_ROLE_HOSPITAL) {
        uint32_t server = server_node(world, crash->hospital);
        if (recovers)
            ehr_kernel_journal_keep(world->kernel, server);
        ehr_kernel_crash_node(world->kernel, server, crash->at_ns,
                              recovers ? crash->recover_ns : 0);
        world_fault_note(world, "crash", world->nodes[server]->name, "", crash->at_ns,
                         crash->recover_ns);
        return;
    }
    for (uint32_t i = 0; recovers && i < world->seat_count; i++)
        if (world->seats[i].host == host)
            ehr_kernel_journal_keep(world->kernel, i);
    world->monitor.parties_crash = world->monitor.parties_crash || forgets(world, host);
    ehr_kernel_crash_host(world->kernel, host, crash->at_ns, recovers ? crash->recover_ns : 0);
    world_fault_note(world, "crash", crash->host.pattern, "", crash->at_ns, crash->recover_ns);
}

void world_faults_plan(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    world->crashes = ehr_app_zeroed(scenario->crash_count, sizeof *world->crashes);
    for (size_t i = 0; i < scenario->crash_count; i++) {
        const struct ehr_scenario_crash *crash = &scenario->crashes[i];
        if (crash->trigger == EHR_SCENARIO_CRASH_AT_TIME) {
            plan_at_time(world, crash);
            continue;
        }
        if (crash->recover_ns != EHR_SCENARIO_NEVER)
            ehr_kernel_journal_keep(world->kernel, server_node(world, crash->hospital));
        world->crashes[world->crash_count++].wanted = crash;
    }
}

void world_faults_on_commit(struct ehr_world *world, uint32_t hospital, uint64_t now_ns)
{
    for (size_t i = 0; i < world->crash_count; i++) {
        const struct ehr_scenario_crash *crash = world->crashes[i].wanted;
        if (crash->hospital != hospital || ++world->crashes[i].seen != crash->count)
            continue;
        bool recovers = crash->recover_ns != EHR_SCENARIO_NEVER;
        uint32_t server = server_node(world, hospital);
        ehr_kernel_crash_node(world->kernel, server, now_ns,
                              recovers ? now_ns + crash->recover_ns : 0);
        world_fault_note(world, "crash", world->nodes[server]->name, "", now_ns,
                         recovers ? now_ns + crash->recover_ns : UINT64_MAX);
    }
}

/* ---- what SimGrid does: hosts off and on, actors killed and restarted ---- */

void world_lives_open(struct ehr_world *world)
{
    world->down = ehr_app_zeroed(world->seat_count, sizeof *world->down);
}

static void life_add(struct ehr_world *world, uint32_t node, uint64_t begin_ns)
{
    if (world->life_count == world->life_capacity) {
        world->life_capacity = 2 * world->life_capacity + 8;
        world->lives = ehr_app_resize(world->lives, world->life_capacity * sizeof *world->lives);
    }
    world->lives[world->life_count++] = (struct world_life){node, begin_ns, UINT64_MAX};
    world->down[node] = world->life_count;
}

void world_on_lived(void *context, uint64_t now_ns, uint32_t node, bool up)
{
    struct ehr_world *world = context;
    if (world->over)
        return;
    if (up && world->down[node] != 0) {
        world->lives[world->down[node] - 1].end_ns = now_ns;
        world->down[node] = 0;
    }
    if (!up && world->down[node] == 0)
        life_add(world, node, now_ns);
    if (!up && world->seats[node].forgets)
        world->monitor.parties_crash = true;
}

static int life_compare(const void *left, const void *right)
{
    const struct world_life *a = left, *b = right;
    if (a->begin_ns != b->begin_ns)
        return a->begin_ns < b->begin_ns ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

/* Whose death is noticed first at an instant depends on whose actors they are. */
void world_lives_finish(struct ehr_world *world)
{
    if (world->life_count > 1)
        qsort(world->lives, world->life_count, sizeof *world->lives, life_compare);
    for (size_t i = 0; i < world->life_count; i++)
        world_fault_note(world, "crash", world->nodes[world->lives[i].node]->name, "",
                         world->lives[i].begin_ns, world->lives[i].end_ns);
    free(world->lives);
    free(world->down);
    world->lives = NULL;
    world->down = NULL;
    world->life_count = 0;
}
