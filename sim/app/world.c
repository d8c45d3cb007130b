#include "sim/app/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/memo.h"
#include "crypto/modelled.h"
#include "crypto/random.h"
#include "sim/app/memory.h"
#include "sim/app/world_internal.h"

static struct ehr_world *current; /* there is one at a time */

/* ---- hooks ---- */

static void on_orphaned(void *context, enum ehr_kernel_end how);

void world_end(struct ehr_world *world, const char *reason, uint64_t now_ns)
{
    if (world->ended)
        return;
    world->ended = true;
    world->end_ns = now_ns;
    if (reason != world->reason)
        snprintf(world->reason, sizeof world->reason, "%s", reason);
    ehr_kernel_stop(world->kernel);
}

/* What happens after its end is not measured. */
bool world_goes_on(struct ehr_world *world, uint64_t now_ns)
{
    if (world->ended)
        return false;
    switch (ehr_monitor_look(&world->monitor, now_ns, world->reason, sizeof world->reason)) {
    case EHR_MONITOR_GO_ON:
        break;
    case EHR_MONITOR_OVER:
        world_end(world, "", ehr_monitor_deadline(&world->monitor));
        break;
    case EHR_MONITOR_STUCK:
        world_end(world, world->reason, now_ns);
        break;
    }
    return !world->ended;
}

static void safety_look(struct ehr_world *world, uint64_t now_ns)
{
    const char *broken = ehr_safety_broken(world->safety);
    if (broken != NULL && !world->ended) {
        char text[sizeof world->reason];
        snprintf(text, sizeof text, "invariant broken at %.9f s: %s", (double)now_ns / 1e9, broken);
        world_end(world, text, now_ns);
    }
}

static void on_mark(void *context, uint64_t now_ns, uint32_t node, const struct ehr_mark *mark)
{
    struct ehr_world *world = context;
    if (!world_goes_on(world, now_ns))
        return;
    world_timeline_mark(world, now_ns, node, mark);
    ehr_observer_mark(world->observer, now_ns, node, mark);
    if (mark->kind == EHR_MARK_PRIVATE_COMMIT)
        world_faults_on_commit(world, (uint32_t)mark->value, now_ns);
    safety_look(world, now_ns);
    const struct ehr_kernel_hooks *hooks = world->options.hooks;
    if (hooks != NULL && hooks->mark != NULL)
        hooks->mark(hooks->context, now_ns, node, mark);
}

static void on_message(void *context, uint64_t now_ns, uint32_t from, uint32_t to,
                       const struct ehr_message *message)
{
    struct ehr_world *world = context;
    ehr_observer_consensus(world->observer, from, EHR_DIRECTION_OUT, message);
    if (!world_goes_on(world, now_ns))
        return;
    ehr_observer_message(world->observer, from, message);
    safety_look(world, now_ns);
    const struct ehr_kernel_hooks *hooks = world->options.hooks;
    if (hooks != NULL && hooks->inspect != NULL)
        hooks->inspect(hooks->context, now_ns, from, to, message);
}

static void on_arrive(void *context, uint32_t to, const struct ehr_message *message, bool lost)
{
    struct ehr_world *world = context;
    ehr_observer_consensus(world->observer, to, lost ? EHR_DIRECTION_LOST : EHR_DIRECTION_IN,
                           message);
}

static void on_progress(void *context, uint64_t now_ns, uint64_t events)
{
    struct ehr_world *world = context;
    const struct ehr_kernel_hooks *hooks = world->options.hooks;
    (void)world_goes_on(world, now_ns);
    if (hooks != NULL && hooks->progress != NULL)
        hooks->progress(hooks->context, now_ns, events);
}

static void on_over(void *context)
{
    world_resources_read(context);
}

/* ---- the workload's side ---- */

static uint32_t on_open(void *context, enum ehr_flow flow, uint32_t hospital, uint64_t now_ns)
{
    return ehr_observer_open(((struct ehr_world *)context)->observer, flow, hospital, now_ns);
}

static void on_close(void *context, uint32_t request, enum ehr_reply reply, uint64_t now_ns)
{
    ehr_observer_close(((struct ehr_world *)context)->observer, request, reply, now_ns);
}

static bool on_up(void *context, uint32_t node)
{
    return ehr_kernel_node_up(((const struct ehr_world *)context)->kernel, node);
}

static void on_done(void *context)
{
    struct ehr_world *world = context;
    world_end(world, "", ehr_kernel_now(world->kernel));
}

/* ---- making ---- */

struct ehr_kernel_config ehr_world_kernel_config(const struct ehr_scenario *scenario,
                                                 const struct ehr_cost_table *costs)
{
    const struct ehr_scenario_network *network = &scenario->network;
    struct ehr_kernel_config config = {
        .fidelity = EHR_FIDELITY_FLOW,
        .lv08 = network->model == EHR_SCENARIO_MODEL_LV08,
        .optim_full = network->optim == EHR_SCENARIO_OPTIM_FULL,
        .overhead_bytes = network->overhead_bytes,
        .loopback_ns = network->loopback_ns,
        .storage_write_ns = scenario->storage.write_ns,
        .storage_bytes_per_s = scenario->storage.bandwidth_Bps,
        .costs = costs,
        .message_types = EHR_MESSAGE_TYPES,
        .resources = world_resources_flags(scenario),
    };
    if (network->fidelity == EHR_SCENARIO_FIDELITY_QUEUE)
        config.fidelity = EHR_FIDELITY_QUEUE;
    if (network->fidelity == EHR_SCENARIO_FIDELITY_DELAY)
        config.fidelity = EHR_FIDELITY_DELAY;
    return config;
}

/* Patients of a set are spread over the hospitals in turn. */
static uint32_t *homes_make(const struct ehr_world *world, uint32_t *count)
{
    const struct ehr_scenario *scenario = world->scenario;
    uint32_t patients = 0, next = 0;
    for (size_t h = 0; h < scenario->hospital_count; h++)
        patients += scenario->hospitals[h].patient_count;
    if (world->options.records != NULL)
        patients = (uint32_t)world->options.records->bundle_count;
    uint32_t *homes = ehr_app_zeroed(patients, sizeof *homes);
    if (world->options.records != NULL)
        for (uint32_t p = 0; p < patients; p++)
            homes[p] = p % (uint32_t)scenario->hospital_count;
    else
        for (uint32_t h = 0; h < scenario->hospital_count; h++)
            for (uint32_t i = 0; i < scenario->hospitals[h].patient_count; i++)
                homes[next++] = h;
    *count = patients;
    return homes;
}

/* Before any key is made. A hash tells a remembered verification from another, and a modelled one
 * is a hash or two. */
static void crypto_choose(const struct ehr_scenario_crypto *crypto)
{
    bool modelled = crypto->mode == EHR_SCENARIO_CRYPTO_MODELLED;
    ehr_crypto_init();
    ehr_group_provider_set(modelled ? &ehr_group_modelled_unsafe : &ehr_group_sodium);
    ehr_memo_configure(modelled ? 0 : crypto->memo_entries);
}

/* A next run in the same process begins as the first did. */
static void crypto_reset(void)
{
    ehr_group_provider_set(&ehr_group_sodium);
    ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
    ehr_memo_close();
}

struct ehr_world *ehr_world_new(const struct ehr_scenario *scenario,
                                const struct ehr_world_options *options)
{
    struct ehr_world *world = ehr_app_zeroed(1, sizeof *world);
    struct ehr_kernel_config config = ehr_world_kernel_config(scenario, options->costs);
    const bool told = options->program != NULL || options->open;
    world->options = *options;
    const struct ehr_kernel_hooks hooks = {.context = world,
                                           .mark = on_mark,
                                           .inspect = on_message,
                                           .arrive = on_arrive,
                                           .progress = on_progress,
                                           .settled = told ? world_on_settled : NULL,
                                           .over = on_over,
                                           .lived = world_on_lived,
                                           .orphaned = on_orphaned,
                                           .watch = world_timeline_watch(world)};
    uint32_t patients;
    config.inside = options->inside;
    world->scenario = scenario;
    world->requests_over = UINT32_MAX; /* nobody has looked */
    world->workload_hooks = (struct ehr_workload_hooks){world, on_open, on_close, on_up, on_done};
    crypto_choose(&scenario->crypto);
    uint32_t *homes = homes_make(world, &patients);
    if (options->records != NULL)
        ehr_app_cases_directory(&world->cases, options->records);
    else
        ehr_app_cases_synthetic(&world->cases, options->seed, options->replication, patients,
                                scenario->records.attachment_bytes);
    world->genesis =
        ehr_genesis_new(scenario, options->seed, options->replication, homes, patients);
    free(homes);
    world->kernel = ehr_kernel_new(&config, &hooks);
    world_nodes_make(world);
    world_lives_open(world);
    world_measure_open(world);
    world_faults_plan(world);
    world_network_plan(world);
    world_adversaries_note(world);
    current = world;
    return world;
}

struct ehr_world *ehr_world_current(void)
{
    return current;
}

void ehr_world_free(struct ehr_world *world)
{
    if (world == NULL)
        return;
    current = NULL;
    world_waits_close(world);
    ehr_kernel_free(world->kernel); /* first: events hold messages, and nodes are borrowed */
    world_nodes_free(world);
    world_meddlers_close(world);
    world_measure_close(world);
    ehr_app_cases_close(&world->cases);
    ehr_genesis_free(world->genesis);
    free(world->crashes);
    free(world->lives);
    free(world->down);
    ehr_resources_free(world->resources);
    free(world);
    ehr_message_pool_close(); /* nothing is left in it: what is would show as a leak */
    crypto_reset();
}

struct ehr_kernel *ehr_world_kernel(struct ehr_world *world)
{
    return world->kernel;
}

struct ehr_node *ehr_world_node(struct ehr_world *world, const char *name)
{
    for (uint32_t i = 0; i < world->seat_count; i++)
        if (strcmp(world->nodes[i]->name, name) == 0)
            return world->nodes[i];
    return NULL;
}

struct ehr_genesis *ehr_world_genesis(struct ehr_world *world)
{
    return world->genesis;
}

/* ---- running ---- */

static void idle_look(struct ehr_world *world)
{
    uint64_t now_ns = ehr_kernel_now(world->kernel);
    uint64_t deadline_ns = ehr_monitor_deadline(&world->monitor);
    if (now_ns >= deadline_ns) /* only timers of no more use were left */
        world_end(world, "", deadline_ns);
    if (!world->ended && ehr_monitor_idle(&world->monitor, world->reason, sizeof world->reason))
        world_end(world, world->reason, now_ns);
    world_end(world, "", now_ns);
}

/* What the end of the kernel's run means, and what is counted then. */
static void run_finish(struct ehr_world *world, enum ehr_kernel_end how)
{
    switch (how) {
    case EHR_KERNEL_STOPPED:
        assert(world->ended);
        break;
    case EHR_KERNEL_IDLE:
        idle_look(world);
        break;
    case EHR_KERNEL_DEADLOCK:
        world_end(world, "SimGrid reported a deadlock: actors wait for each other",
                  ehr_kernel_now(world->kernel));
        break;
    }
    ehr_safety_finish(world->safety);
    const char *broken = ehr_safety_broken(world->safety);
    if (broken != NULL && world->reason[0] == '\0')
        snprintf(world->reason, sizeof world->reason, "invariant broken at the end: %s", broken);
    /* overload leaves requests open, too; but with these liveness was not promised */
    if (world->reason[0] == '\0' && world_adversaries_too_many(world))
        ehr_monitor_left(&world->monitor, world->reason, sizeof world->reason);
    if (world->reason[0] != '\0') {
        size_t length = strlen(world->reason);
        world_adversaries_tell(world, world->reason + length, sizeof world->reason - length);
    }
    world_lives_finish(world);
    ehr_observer_finish(world->observer, world->end_ns);
    world_measure_collect(world);
    world->over = true;
    world_program_over(world);
}

static void on_orphaned(void *context, enum ehr_kernel_end how)
{
    run_finish(context, how);
}

bool ehr_world_run(struct ehr_world *world)
{
    assert(!world->running);
    world->running = true;
    run_finish(world, ehr_kernel_run(world->kernel));
    return world->reason[0] == '\0';
}

bool ehr_world_over(const struct ehr_world *world)
{
    return world->over;
}

const char *ehr_world_reason(const struct ehr_world *world)
{
    return world->reason;
}

struct ehr_outlook ehr_world_outlook(const struct ehr_world *world, uint64_t now_ns)
{
    return ehr_monitor_outlook(&world->monitor, now_ns);
}

uint32_t ehr_world_behind(const struct ehr_world *world, char *text, size_t capacity)
{
    return ehr_monitor_behind(&world->monitor, text, capacity);
}

uint64_t ehr_world_end_ns(const struct ehr_world *world)
{
    return world->end_ns;
}

struct ehr_measure *ehr_world_measure(struct ehr_world *world)
{
    return world->measure;
}

uint64_t ehr_world_scanned(const struct ehr_world *world, uint64_t *bytes)
{
    return ehr_safety_scanned(world->safety, bytes);
}
