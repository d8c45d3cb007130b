/* A host program with a consensus engine of its own: the toy of toy.c orders the transactions of
 * the alliance, because the deployment says consensus="toy". Prints its blocks, then the requests.
 */
#include "toy.h"

#include <simgrid/engine.h>
#include <stdio.h>

static void print_block(void *context, const struct ehr_block_event *event)
{
    (void)context;
    printf("block %llu of %s by %s: committed after %.9f s\n", (unsigned long long)event->height,
           event->chain, event->proposer,
           (double)(event->committed_ns - event->proposed_ns) * 1e-9);
}

static void print_request(void *context, const struct ehr_request_event *event)
{
    (void)context;
    printf("%s %u: %s after %.9f s\n", event->flow, event->request, event->outcome,
           (double)(event->end_ns - event->start_ns) * 1e-9);
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 3) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    hooks.block = print_block;
    hooks.request = print_request;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.hooks = &hooks;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_engine_register(&ehr_toy_engine_type) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    return ehr_plugin_close();
}
