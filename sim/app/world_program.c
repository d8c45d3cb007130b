/* What a program is told of a world, and may ask and read. */
#include <math.h>

#include <simgrid/engine.h>

#include "sim/app/world_internal.h"

/* ---- telling ---- */

/* Every request is told of once, and nobody waits for ever: those that are open end with the run.
 */
static void requests_end(struct ehr_world *world)
{
    struct ehr_request_log *log = ehr_measure_requests(world->measure);
    ehr_observer_finish(world->observer, world->end_ns);
    for (uint32_t id = 1; id <= ehr_request_count(log); id++)
        if (ehr_request_is_open(log, id))
            ehr_events_request(world->events, id, world->end_ns);
    ehr_request_finish_all(log, world->end_ns);
}

void world_on_settled(void *context)
{
    struct ehr_world *world = context;
    if (!world->ready) {
        world->ready = world->readying = true;
        ehr_events_ready(world->events);
        world->readying = false;
    }
    if (world->ended)
        requests_end(world);
    if (ehr_events_waiting(world->events)) {
        ehr_kernel_clock(world->kernel);
        ehr_events_flush(world->events);
    }
    world_waits_look(world);
}

void world_program_over(struct ehr_world *world)
{
    if (!world->ready)
        return;
    requests_end(world);
    ehr_events_flush(world->events);
    world_waits_look(world);
    ehr_events_done(world->events);
}

/* ---- reading ---- */

uint64_t ehr_world_now(const struct ehr_world *world)
{
    uint64_t kernel_ns = ehr_kernel_now(world->kernel);
    uint64_t clock_ns = (uint64_t)llround(simgrid_get_clock() * 1e9);
    return clock_ns > kernel_ns ? clock_ns : kernel_ns;
}

static struct ehr_metrics *metrics_of(struct ehr_world *world)
{
    if (world->metrics == NULL)
        world->metrics = ehr_metrics_new(&world->names, world->measure, world->kernel);
    return world->metrics;
}

bool ehr_world_metric(struct ehr_world *world, const char *name, double *value)
{
    uint64_t now_ns = world->ended ? world->end_ns : ehr_world_now(world);
    return ehr_metrics_get(metrics_of(world), name, now_ns, value);
}

const char *const *ehr_world_metric_names(struct ehr_world *world)
{
    return ehr_metrics_names(metrics_of(world));
}

bool ehr_world_request_read(struct ehr_world *world, uint32_t request,
                            struct ehr_request_event *event)
{
    const struct ehr_request_log *log = ehr_measure_requests(world->measure);
    if (request == EHR_REQUEST_NONE || request > ehr_request_count(log))
        return false;
    *event = ehr_events_request_of(&world->names, log, request);
    return true;
}

/* ---- ending ---- */

static void end_now(void *context, struct ehr_node *node, struct ehr_fx *fx)
{
    (void)node;
    world_end(context, "", ehr_fx_now(fx));
}

void ehr_world_stop(struct ehr_world *world)
{
    if (world->ready && !world->ended)
        (void)ehr_kernel_call(world->kernel, world->genesis->directory.workload, end_now, world);
}
