/* The smallest host program: a platform, a deployment, and how long every request took. */
#include <ehrgrid.h>
#include <simgrid/engine.h>
#include <stdio.h>

static void print_request(void *context, const struct ehr_request_event *event)
{
    (void)context;
    printf("%-8s %2u  %.9f s  %s\n", event->flow, event->request,
           (double)(event->end_ns - event->start_ns) * 1e-9, event->outcome);
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 3) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    hooks.request = print_request;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.hooks = &hooks;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    return ehr_plugin_close();
}
