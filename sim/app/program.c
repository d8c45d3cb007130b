/* include/ehrgrid.h for programs: its functions on the one world that there is. */
#include "include/ehrgrid.h"

#include <stdio.h>

#include <simgrid/actor.h>

#include "sim/app/world.h"
#include "sim/consensus/registry.h"

uint64_t ehr_now_ns(void)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL ? ehr_world_now(world) : 0;
}

bool ehr_metric(const char *name, double *value)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL && name != NULL && value != NULL && ehr_world_metric(world, name, value);
}

const char *const *ehr_metric_names(void)
{
    static const char *const none[] = {NULL};
    struct ehr_world *world = ehr_world_current();
    return world != NULL ? ehr_world_metric_names(world) : none;
}

/* All actors of a deployment begin at one instant, and one of them makes the world, once it has let
 * the others begin: who asks before that lets it come. Not SimGrid's maestro, which cannot wait. */
static struct ehr_world *world_await(void)
{
    enum { ROUNDS = 8 };
    bool can_wait = sg_actor_self() != NULL && sg_actor_self_get_pid() != 0;
    for (int i = 0; can_wait && ehr_world_current() == NULL && i < ROUNDS; i++)
        sg_actor_yield();
    return ehr_world_current();
}

uint32_t ehr_submit(const struct ehr_submission *submission, char *error, size_t error_size)
{
    struct ehr_world *world = submission != NULL ? world_await() : NULL;
    if (world != NULL)
        return ehr_world_submit(world, submission, error, error_size);
    if (error != NULL)
        snprintf(error, error_size, "%s",
                 submission == NULL ? "submission: NULL" : "the run has not begun");
    return 0;
}

bool ehr_request_wait(uint32_t request, double timeout_s, struct ehr_request_event *event)
{
    struct ehr_world *world = ehr_world_current();
    return world != NULL && ehr_world_request_wait(world, request, timeout_s, event);
}

bool ehr_request_read(uint32_t request, struct ehr_request_event *event)
{
    struct ehr_world *world = ehr_world_current();
    struct ehr_request_event nowhere;
    return world != NULL &&
           ehr_world_request_read(world, request, event != NULL ? event : &nowhere);
}

int ehr_engine_register(const struct ehr_engine_type *type)
{
    const char *refused = type != NULL ? ehr_registry_add(type) : "no engine";
    if (refused == NULL)
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid: engine \"%s\": %s\n",
            type != NULL && type->name != NULL ? type->name : "", refused);
    return EHR_EXIT_INPUT;
}

int ehr_adversary_set(const char *node, ehr_adversary_hook *hook, void *context)
{
    struct ehr_world *world = ehr_world_current();
    char error[256] = "adversaries are named in hook ready";
    if (world != NULL && ehr_world_adversary_set(world, node, hook, context, error, sizeof error))
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid: %s\n", error);
    return EHR_EXIT_INPUT;
}

void ehr_plugin_stop(void)
{
    struct ehr_world *world = ehr_world_current();
    if (world != NULL)
        ehr_world_stop(world);
}
