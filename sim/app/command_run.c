#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/request.h"
#include "sim/app/setup.h"
#include "sim/app/shell.h"
#include "sim/app/world.h"
#include "sim/measure/progress.h"
#include "sim/measure/results.h"

struct run {
    struct ehr_setup_request request;
    const char **sets;
    const char *out; /* NULL: the default */
    uint32_t replication;
    uint32_t trace_events;
    bool json;
    const char *const *words; /* of the command line */
    size_t word_count;
    struct ehr_setup setup;
    struct ehr_report *report;
    char *folder;
    struct ehr_results *results;
    struct ehr_progress progress;
    struct ehr_world *world; /* while it runs */
};

/* ---- the command line ---- */

enum {
    OPTION_OUT = 1,
    OPTION_SET,
    OPTION_SEED,
    OPTION_REPLICATION,
    OPTION_RECORDS,
    OPTION_TRACE,
    OPTION_CFG,
    OPTION_LOG,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct ehr_option option_rows[] = {
    {OPTION_OUT, 0, "out", "DIR", "where; it must not exist (default: results/NAME-RUNID)"},
    {OPTION_SET, 0, "set", "PATH=VALUE",
     "replaces an attribute for this run: alliance/@batch=10; repeatable"},
    {OPTION_SEED, 0, "seed", "N", "instead of run/@seed"},
    {OPTION_REPLICATION, 0, "replication", "N", "number of the replication (default: 0)"},
    {OPTION_RECORDS, 0, "records", "DIR", "patients and visits from a folder of FHIR R4 bundles"},
    {OPTION_TRACE, 0, "trace", "[EVENTS]",
     "also trace.json, a timeline for Perfetto (default: 200000 events)"},
    {OPTION_CFG, 0, "cfg", "KEY:VALUE", EHR_REQUEST_CFG_HELP},
    {OPTION_LOG, 0, "log", "SPEC", EHR_REQUEST_LOG_HELP},
    {OPTION_JSON, 0, "json", NULL, "the summary as JSON on stdout"},
    {OPTION_QUIET, 'q', "quiet", NULL, "no progress line, no warnings, no table"},
    {0},
};

static enum ehr_exit trace_take(struct run *run, const char *value)
{
    uint64_t number = EHR_TIMELINE_EVENTS_DEFAULT;
    enum ehr_exit status = value == NULL ? EHR_EXIT_DONE
                                         : ehr_options_number(&ehr_command_run_usage, "trace",
                                                              value, EHR_TIMELINE_EVENTS_MIN,
                                                              EHR_TIMELINE_EVENTS_MAX, &number);
    run->trace_events = (uint32_t)number;
    return status;
}

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct run *run = context;
    uint64_t number = 0;
    enum ehr_exit status = EHR_EXIT_DONE;
    switch (id) {
    case EHR_OPTION_OPERAND:
        run->request.path = value;
        break;
    case OPTION_OUT:
        run->out = value;
        break;
    case OPTION_SET:
        run->sets[run->request.set_count++] = value;
        break;
    case OPTION_SEED:
        run->request.seed_given = true;
        return ehr_options_number(&ehr_command_run_usage, "seed", value, 0, UINT64_MAX,
                                  &run->request.seed);
    case OPTION_REPLICATION:
        status = ehr_options_number(&ehr_command_run_usage, "replication", value, 0, UINT32_MAX,
                                    &number);
        run->replication = (uint32_t)number;
        break;
    case OPTION_RECORDS:
        run->request.records = value;
        break;
    case OPTION_TRACE:
        return trace_take(run, value);
    case OPTION_CFG:
    case OPTION_LOG:
        ehr_request_setting_add(&run->request, id == OPTION_CFG ? "cfg" : "log", value);
        break;
    case OPTION_JSON:
        run->json = true;
        break;
    case OPTION_QUIET:
        run->request.quiet = true;
        break;
    }
    return status;
}

const struct ehr_usage ehr_command_run_usage = {
    .verb = "run",
    .synopsis = "SCENARIO [options]",
    .about = "Runs a scenario and writes a folder of results.",
    .options = option_rows,
    .operand = "SCENARIO",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid run scenarios/quickstart.xml --out results/first\n"
                "ehrgrid run scenarios/quickstart.xml --set alliance/@batch=10 --seed 7\n",
    .take = option_take,
};

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

static struct ehr_outlook look(void *context, uint64_t now_ns)
{
    const struct run *run = context;
    return ehr_world_outlook(run->world, now_ns);
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
        ehr_report_json(run->report, world, run->folder);
    else if (!run->request.quiet) {
        ehr_report_table(run->report, world, stdout);
        printf("results: %s\n", run->folder);
        ehr_shell_next("plot", "report", run->folder);
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
        .arrivals = &run->setup.arrivals,
        .hooks = &hooks,
        .results = run->results,
        .trace_events = run->trace_events,
    };
    double began_s = ehr_report_clock_s();
    struct ehr_world *world = ehr_world_new(run->setup.scenario, &options);
    run->world = world;
    ehr_progress_init(&run->progress, run->request.quiet, look, run);
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

static enum ehr_exit scenario_run(struct run *run)
{
    enum ehr_exit status = ehr_request_settings_check(&ehr_command_run_usage, &run->request);
    if (status == EHR_EXIT_DONE)
        status = ehr_setup_open(&run->setup, &run->request);
    if (status != EHR_EXIT_DONE)
        return status;
    run->report =
        ehr_report_new(&run->setup, &run->request, run->replication, run->words, run->word_count);
    ehr_interrupt_open();
    status = folder_reserve(run);
    if (status == EHR_EXIT_DONE)
        status = world_run(run);
    ehr_results_free(run->results);
    ehr_interrupt_close();
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
    run.request.sets = run.sets;
    enum ehr_exit status;
    if (ehr_options_read(&ehr_command_run_usage, &run, argc, argv, &status))
        status = scenario_run(&run);
    ehr_report_free(run.report);
    ehr_setup_close(&run.setup);
    ehr_request_settings_close(&run.request);
    free(run.folder);
    free(run.sets);
    free(words);
    return status;
}
