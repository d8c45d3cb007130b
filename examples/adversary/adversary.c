/* An adversary of one's own: a chain node that withholds every third of its messages of one type
 * from everybody, and what the others make of it: view changes, or nothing. */
#include <ehrgrid.h>
#include <simgrid/engine.h>
#include <stdio.h>
#include <string.h>

enum { OTHERS = 3 }; /* chain nodes that get a copy of what the node says */

static const char *node, *type;
static unsigned copies, dropped;
static int status = EHR_EXIT_DONE;

/* Called for every copy of a message. `consensus` is the name of its type in consensus.csv. */
static void drop_every_third(void *context, const struct ehr_message_view *message,
                             struct ehr_interference *interference)
{
    (void)context;
    if (message->consensus == NULL || strcmp(message->consensus, type) != 0)
        return;
    if (copies++ / OTHERS % 3 == 2) {
        interference->verdict = EHR_VERDICT_DROP;
        dropped++;
    }
}

static void ready(void *context)
{
    (void)context;
    status = ehr_adversary_set(node, drop_every_third, NULL);
    if (status != EHR_EXIT_DONE)
        ehr_plugin_stop();
}

static void view_change(void *context, const struct ehr_view_event *event)
{
    (void)context;
    printf("%.9f s: %s is in view %llu\n", (double)event->now_ns * 1e-9, event->node,
           (unsigned long long)event->view);
}

static void done(void *context)
{
    (void)context;
    double ok = 0, offered = 0;
    ehr_metric("visit_ok", &ok);
    ehr_metric("visit_offered", &offered);
    if (status == EHR_EXIT_DONE)
        printf("%s dropped %u of %u copies of %s; %.0f of %.0f visits ok\n", node, dropped, copies,
               type, ok, offered);
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 5) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT NODE TYPE\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    node = argv[3];
    type = argv[4];
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    hooks.ready = ready;
    hooks.view_change = view_change;
    hooks.done = done;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.hooks = &hooks;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    int run = ehr_plugin_close();
    return run > status ? run : status;
}
