/* A SimGrid program outside the tree, C11 and C++17, built with what is installed only: a platform,
 * a deployment of which one actor is the program's own, and the latency of every request. */
#include <ehrgrid.h>
#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <stdio.h>
#include <string.h>

static void request_ended(void *context, const struct ehr_request_event *event)
{
    unsigned *count = (unsigned *)context;
    printf("%s %u %s: %s after %.6f s\n", event->flow, (unsigned)event->request, event->hospital,
           event->outcome, (double)(event->end_ns - event->start_ns) * 1e-9);
    ++*count;
}

/* Of the deployment, beside EHRGrid's: says when it is asked to, whatever the hospitals do. */
static void clock_of_the_cafe(int argc, char **argv)
{
    for (int i = 0; i < 2; i++) {
        sg_actor_sleep_for(3);
        printf("%s: %.0f s\n", argc > 1 ? argv[1] : "?", simgrid_get_clock());
    }
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    simgrid_init(&argc, argv);
    hooks.context = &count;
    hooks.request = request_ended;
    config.hooks = &hooks;
    config.quiet = true;
    if (strcmp(ehr_version(), "0.1.0") != 0 || ehr_plugin_init(&config) != EHR_EXIT_DONE)
        return 1;
    simgrid_register_function("clock_of_the_cafe", clock_of_the_cafe);
    if (ehr_plugin_load_platform("platform.xml") != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment("deployment.xml") != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    printf("%u requests\n", count);
    return ehr_plugin_close();
}
