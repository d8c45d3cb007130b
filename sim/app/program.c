/* include/ehrgrid.h for programs: its functions on the one world that there is. */
#include "include/ehrgrid.h"

#include <stddef.h>

#include "sim/app/world.h"

uint64_t ehr_now_ns(void)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL ? ehr_world_now(world) : 0;
}

bool ehr_metric(const char *name, double *value)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL && ehr_world_metric(world, name, value);
}

const char *const *ehr_metric_names(void)
{
    static const char *const none[] = {NULL};
    struct ehr_world *world = ehr_world_current();
    return world != NULL ? ehr_world_metric_names(world) : none;
}

bool ehr_request_read(uint32_t request, struct ehr_request_event *event)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL && ehr_world_request_read(world, request, event);
}

void ehr_plugin_stop(void)
{
    struct ehr_world *world = ehr_world_current();
    if (world != NULL)
        ehr_world_stop(world);
}
