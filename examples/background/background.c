/* Retrievals of a record across a WAN link, first alone, then beside other traffic.
 *
 * The actors of the record system stand in the deployment, next to three functions of this program:
 *   stream  sends to a mailbox for ever, as fast as the network takes it;
 *   drain   receives it;
 *   ask     submits one visit, then retrievals of its record one after another, and compares what
 *           the streams add with the calculation of README.md. */
#include <ehrgrid.h>
#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/mailbox.h>
#include <stdio.h>
#include <stdlib.h>

/* Of the platform, and of messages.csv: bytes / count of the types `answer` and `record`. */
static const double wan_bytes_per_s = 125000, answer_bytes = 1029, record_bytes = 4093;

enum { RETRIEVALS = 5 };

static int status = EHR_EXIT_DONE;

static void stream(int argc, char **argv)
{
    (void)argc;
    sg_actor_daemonize(sg_actor_self());
    for (;;)
        sg_mailbox_put(sg_mailbox_by_name(argv[1]), argv[1], 100L * 1000 * 1000);
}

static void drain(int argc, char **argv)
{
    (void)argc;
    sg_actor_daemonize(sg_actor_self());
    for (;;)
        sg_mailbox_get(sg_mailbox_by_name(argv[1]));
}

/* Submits a request and waits for its end. Returns its latency in seconds. */
static double carry_out(struct ehr_submission *submission, uint32_t *number)
{
    char error[256] = "";
    struct ehr_request_event event;
    uint32_t request = ehr_submit(submission, error, sizeof(error));
    if (request == 0 || !ehr_request_wait(request, -1, &event)) {
        fprintf(stderr, "%s: %s\n", submission->flow, error);
        status = EHR_EXIT_WRONG;
        ehr_plugin_stop();
        sg_actor_exit();
    }
    if (number != NULL)
        *number = request;
    return (double)(event.end_ns - event.start_ns) * 1e-9;
}

/* The mean of some retrievals, one after another. */
static double retrieve(uint32_t visit)
{
    double sum = 0;
    for (int i = 0; i < RETRIEVALS; i++) {
        struct ehr_submission retrieval = EHR_SUBMISSION_INIT;
        retrieval.flow = "retrieve";
        retrieval.of = visit;
        sum += carry_out(&retrieval, NULL);
        sg_actor_sleep_for(1);
    }
    return sum / (double)RETRIEVALS;
}

static void ask(int argc, char **argv)
{
    double streams = argc == 2 ? strtod(argv[1], NULL) : 0;
    struct ehr_submission visit = EHR_SUBMISSION_INIT;
    visit.flow = "visit";
    uint32_t number;
    sg_actor_sleep_until(1);
    carry_out(&visit, &number);
    sg_actor_sleep_until(10);
    double alone = retrieve(number);
    sg_actor_sleep_until(40); /* the streams began at 30 s */
    double beside = retrieve(number);

    /* k transfers of ours beside s streams get 1 / (k + s) of the link each, not 1 / k: each takes
     * s * bytes / bandwidth longer, whatever k is. */
    double raise = streams * (answer_bytes + record_bytes) / wan_bytes_per_s;
    printf("retrieval alone: %.6f s\n", alone);
    printf("beside %.0f stream(s): %.6f s, %.6f s more; by hand %.6f s more (%+.2f %%)\n", streams,
           beside, beside - alone, raise, 100 * ((beside - alone) / raise - 1));
    ehr_plugin_stop();
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT [FOLDER FOR RESULTS]\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    simgrid_register_function("stream", stream);
    simgrid_register_function("drain", drain);
    simgrid_register_function("ask", ask);
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.out = argc == 4 ? argv[3] : NULL;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    int run = ehr_plugin_close();
    return run > status ? run : status;
}
