#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/setup.h"
#include "sim/app/world.h"
#include "sim/measure/progress.h"
#include "sim/measure/results.h"

struct run {
    struct ehr_setup_request request;
    const char **sets;
    const char *out; /* NULL: the default */
    uint32_t replication;
    uint32_t trace_events;
    bool json, help;
    const char *const *words; /* of the command line */
    size_t word_count;
    struct ehr_setup setup;
    struct ehr_report *report;
    char *folder;
    struct ehr_results *results;
    struct ehr_progress progress;
};

/* ---- the command line ---- */

enum {
    OPTION_OUT = 1,
    OPTION_SET,
    OPTION_SEED,
    OPTION_REPLICATION,
    OPTION_RECORDS,
    OPTION_JSON,
    OPTION_TRACE
};

static enum ehr_exit option_take(struct run *run, int option)
{
    uint64_t number;
    switch (option) {
    case OPTION_OUT:
        run->out = optarg;
        break;
    case OPTION_SET:
        run->sets[run->request.set_count++] = optarg;
        break;
    case OPTION_SEED:
        if (!ehr_command_number(optarg, &run->request.seed))
            return ehr_command_usage("run", "--seed: %s: a number of at most 64 bits", optarg);
        run->request.seed_given = true;
        break;
    case OPTION_REPLICATION:
        if (!ehr_command_number(optarg, &number) || number > UINT32_MAX)
            return ehr_command_usage("run", "--replication: %s: a number of at most 32 bits",
                                     optarg);
        run->replication = (uint32_t)number;
        break;
    case OPTION_RECORDS:
        run->request.records = optarg;
        break;
    case OPTION_JSON:
        run->json = true;
        break;
    case OPTION_TRACE:
        number = EHR_TIMELINE_EVENTS_DEFAULT;
        if ((optarg != NULL && !ehr_command_number(optarg, &number)) ||
            number < EHR_TIMELINE_EVENTS_MIN || number > EHR_TIMELINE_EVENTS_MAX)
            return ehr_command_usage("run", "--trace: %s: a number of events from %u to %u", optarg,
                                     EHR_TIMELINE_EVENTS_MIN, EHR_TIMELINE_EVENTS_MAX);
        run->trace_events = (uint32_t)number;
        break;
    case 'q':
        run->request.quiet = true;
        break;
    case 'h':
        run->help = true;
        break;
    default: /* getopt has said what is wrong */
        return ehr_command_usage("run", "bad usage");
    }
    return EHR_EXIT_DONE;
}

static enum ehr_exit options_read(struct run *run, int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, OPTION_OUT},
        {"set", required_argument, NULL, OPTION_SET},
        {"seed", required_argument, NULL, OPTION_SEED},
        {"replication", required_argument, NULL, OPTION_REPLICATION},
        {"records", required_argument, NULL, OPTION_RECORDS},
        {"trace", optional_argument, NULL, OPTION_TRACE},
        {"json", no_argument, NULL, OPTION_JSON},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum ehr_exit status = EHR_EXIT_DONE;
    optind = 0; /* glibc: start again, whatever was parsed before */
    for (int option;
         status == EHR_EXIT_DONE && (option = getopt_long(argc, argv, "qh", options, NULL)) != -1;)
        status = option_take(run, option);
    if (status != EHR_EXIT_DONE || run->help)
        return status;
    if (optind != argc - 1)
        return ehr_command_usage("run", optind == argc ? "a scenario is missing"
                                                       : "one scenario at a time");
    run->request.path = argv[optind];
    run->request.sets = run->sets;
    return EHR_EXIT_DONE;
}

/* ---- the run ---- */

static enum ehr_exit folder_reserve(struct run *run)
{
    struct ehr_measure_error error;
    assert(run->setup.scenario != NULL); /* ehr_setup_open said DONE */
    run->folder = run->out != NULL ? ehr_app_text("%s", run->out)
                                   : ehr_app_text("results/%s-%s", run->setup.scenario->name,
                                                  ehr_report_run_id(run->report));
    enum ehr_measure_status status = ehr_results_new(&run->results, run->folder, &error);
    return status == EHR_MEASURE_DONE ? EHR_EXIT_DONE
                                      : ehr_report_failed("ehrgrid run", status, &error);
}

/* Nothing of an interrupted run stays. */
static void interrupted_leave(struct run *run)
{
    int signal = ehr_interrupt_signal();
    if (signal == 0)
        return;
    ehr_progress_close(&run->progress);
    ehr_results_free(run->results);
    run->results = NULL;
    fputs("ehrgrid run: interrupted\n", stderr);
    ehr_interrupt_close();
    _exit(128 + signal); /* a handler of a caller's own came back: the run is lost all the same */
}

static void on_progress(void *context, uint64_t now_ns, uint64_t events)
{
    struct run *run = context;
    interrupted_leave(run);
    ehr_progress_update(&run->progress, now_ns, events);
}

/* Files first: what is printed may be lost, the results may not. */
static enum ehr_exit world_report(struct run *run, struct ehr_world *world, double wall_s)
{
    struct ehr_measure_error error;
    const struct ehr_measure_meta *meta = ehr_report_finish(run->report, world, wall_s);
    enum ehr_measure_status status =
        ehr_measure_write(ehr_world_measure(world), run->results, meta, &error);
    if (status != EHR_MEASURE_DONE)
        return ehr_report_failed("ehrgrid run", status, &error);
    if (run->json)
        ehr_report_json(run->report, world, run->folder, stdout);
    else if (!run->request.quiet) {
        ehr_report_table(run->report, world, stdout);
        printf("results: %s\n", run->folder);
    }
    return EHR_EXIT_DONE;
}

/* Not wrong, but the run was one with fewer working replicas than the scenario has. */
static void behind_print(const struct run *run, const struct ehr_world *world)
{
    char text[512];
    if (!run->request.quiet && ehr_world_behind(world, text, sizeof text) > 0)
        fprintf(stderr, "ehrgrid run: replicas were left behind: %s\n", text);
}

static enum ehr_exit world_run(struct run *run)
{
    const struct ehr_kernel_hooks hooks = {.context = run, .progress = on_progress};
    const struct ehr_world_options options = {
        .seed = run->setup.scenario->run.seed,
        .replication = run->replication,
        .costs = &run->setup.costs,
        .records = run->setup.from_records ? &run->setup.records : NULL,
        .hooks = &hooks,
        .trace_events = run->trace_events,
    };
    double began_s = ehr_report_clock_s();
    struct ehr_world *world = ehr_world_new(run->setup.scenario, &options);
    ehr_progress_init(&run->progress, run->setup.scenario->run.duration_ns, run->request.quiet);
    bool well = ehr_world_run(world);
    ehr_progress_close(&run->progress);
    interrupted_leave(run);
    enum ehr_exit status = world_report(run, world, ehr_report_clock_s() - began_s);
    behind_print(run, world);
    if (!well)
        fprintf(stderr, "ehrgrid run: the run ended wrongly: %s\n", ehr_world_reason(world));
    if (!well && status == EHR_EXIT_DONE)
        status = EHR_EXIT_WRONG;
    ehr_world_free(world);
    return status;
}

enum ehr_exit ehr_command_run(int argc, char **argv)
{
    struct run run = {.word_count = (size_t)argc};
    const char **words = ehr_app_zeroed((size_t)argc, sizeof(char *));
    run.sets = ehr_app_zeroed((size_t)argc, sizeof(char *));
    words[0] = "run";
    for (int i = 1; i < argc; i++)
        words[i] = argv[i]; /* before getopt permutes them */
    run.words = words;
    enum ehr_exit status = options_read(&run, argc, argv);
    if (run.help) {
        fputs(ehr_command_help("run"), stdout);
    } else if (status == EHR_EXIT_DONE) {
        status = ehr_setup_open(&run.setup, &run.request);
        if (status == EHR_EXIT_DONE) {
            run.report = ehr_report_new(&run.setup, &run.request, run.replication, run.words,
                                        run.word_count);
            ehr_interrupt_open();
            status = folder_reserve(&run);
            if (status == EHR_EXIT_DONE)
                status = world_run(&run);
            ehr_results_free(run.results);
            ehr_interrupt_close();
        }
    }
    ehr_report_free(run.report);
    ehr_setup_close(&run.setup);
    free(run.folder);
    free(run.sets);
    free(words);
    return status;
}
