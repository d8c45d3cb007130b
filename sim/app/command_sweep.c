/* The verb sweep: all runs of a scenario's sweep, by GNU parallel here or by jobs of Slurm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/design.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/parallel.h"
#include "sim/app/request.h"
#include "sim/app/said.h"
#include "sim/app/shell.h"
#include "sim/app/sweep_folder.h"
#include "sim/app/sweep_gather.h"
#include "sim/app/sweep_jobs.h"
#include "sim/app/sweep_slurm.h"
#include "sim/measure/terminal.h"

enum { JOBS_MAX = 10000 };

struct sweep {
    struct ehr_setup_request request;
    const char **sets;
    const char **sbatch; /* options for it */
    const char *out;
    uint32_t at_once; /* 0: one per core; of Slurm one per task */
    struct ehr_sweep_slurm slurm;
    bool resume, gather, dry_run, on_slurm, json;
};

/* ---- the command line ---- */

enum {
    OPTION_OUT = 1,
    OPTION_JOBS,
    OPTION_RESUME,
    OPTION_GATHER,
    OPTION_DRY_RUN,
    OPTION_SLURM,
    OPTION_PACK,
    OPTION_SBATCH,
    OPTION_SET,
    OPTION_SEED,
    OPTION_CFG,
    OPTION_LOG,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct ehr_option option_rows[] = {
    {OPTION_OUT, 0, "out", "DIR", "where design.csv, runs/ and summary.csv go; it must not exist"},
    {OPTION_JOBS, 'j', "jobs", "N",
     "runs at a time (default: one per core; with --slurm, of a task: 1)"},
    {OPTION_RESUME, 0, "resume", NULL, "goes on in DIR: only runs that are missing are made"},
    {OPTION_GATHER, 0, "gather", NULL, "makes no runs: collects those that are in DIR"},
    {OPTION_DRY_RUN, 0, "dry-run", NULL,
     "writes and runs nothing: prints the commands, or what Slurm would get"},
    {OPTION_SLURM, 0, "slurm", NULL,
     "submits the runs to Slurm, as an array, and a job that then collects them"},
    {OPTION_PACK, 0, "pack", "N",
     "runs of a task of the array (default: as many as make at most 100 tasks)"},
    {OPTION_SBATCH, 0, "sbatch", "OPTION", "for sbatch, such as --time=1:00:00; repeatable"},
    {OPTION_SET, 0, "set", "PATH=VALUE", "as for run; repeatable"},
    {OPTION_SEED, 0, "seed", "N", "instead of run/@seed"},
    {OPTION_CFG, 0, "cfg", "KEY:VALUE", "as for run; repeatable"},
    {OPTION_LOG, 0, "log", "SPEC", "as for run; repeatable"},
    {OPTION_JSON, 0, "json", NULL, "what was made as JSON on stdout"},
    {OPTION_QUIET, 'q', "quiet", NULL, "no progress, nothing but what failed"},
    {0},
};

static enum ehr_exit number_take(const char *name, const char *value, uint32_t *number)
{
    uint64_t taken = 0;
    enum ehr_exit status =
        ehr_options_number(&ehr_command_sweep_usage, name, value, 1, JOBS_MAX, &taken);
    *number = (uint32_t)taken;
    return status;
}

static enum ehr_exit sbatch_take(struct sweep *sweep, const char *value)
{
    if (*value != '-')
        return ehr_options_wrong(&ehr_command_sweep_usage,
                                 "--sbatch: %s: an option of sbatch, such as --time=1:00:00",
                                 value);
    sweep->sbatch[sweep->slurm.option_count++] = value;
    return EHR_EXIT_DONE;
}

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct sweep *sweep = context;
    switch (id) {
    case EHR_OPTION_OPERAND:
        sweep->request.path = value;
        break;
    case OPTION_OUT:
        sweep->out = value;
        break;
    case OPTION_JOBS:
        return number_take("jobs", value, &sweep->at_once);
    case OPTION_RESUME:
        sweep->resume = true;
        break;
    case OPTION_GATHER:
        sweep->gather = true;
        break;
    case OPTION_DRY_RUN:
        sweep->dry_run = true;
        break;
    case OPTION_SLURM:
        sweep->on_slurm = true;
        break;
    case OPTION_PACK:
        return number_take("pack", value, &sweep->slurm.pack);
    case OPTION_SBATCH:
        return sbatch_take(sweep, value);
    case OPTION_SET:
        sweep->sets[sweep->request.set_count++] = value;
        break;
    case OPTION_SEED:
        sweep->request.seed_given = true;
        return ehr_options_number(&ehr_command_sweep_usage, "seed", value, 0, UINT64_MAX,
                                  &sweep->request.seed);
    case OPTION_CFG:
    case OPTION_LOG:
        ehr_request_setting_add(&sweep->request, id == OPTION_CFG ? "cfg" : "log", value);
        break;
    case OPTION_JSON:
        sweep->json = true;
        break;
    case OPTION_QUIET:
        sweep->request.quiet = true;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_sweep_usage = {
    .verb = "sweep",
    .synopsis = "SCENARIO --out DIR [options]",
    .about = "Runs all points and replications of a scenario's sweep, by GNU parallel here or by "
             "jobs of Slurm.",
    .options = option_rows,
    .operand = "SCENARIO",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid sweep scenarios/sweep.xml --out results/sweep\n"
                "ehrgrid sweep scenarios/sweep.xml --out results/sweep --resume\n"
                "ehrgrid sweep mine.xml --out /shared/mine --slurm --sbatch --time=1:00:00\n",
    .take = option_take,
};

static enum ehr_exit options_check(const struct sweep *sweep)
{
    if (sweep->out == NULL)
        return ehr_options_wrong(&ehr_command_sweep_usage,
                                 "--out DIR is missing: where the results go");
    if (sweep->gather && (sweep->resume || sweep->on_slurm || sweep->dry_run))
        return ehr_options_wrong(&ehr_command_sweep_usage,
                                 "--gather makes no runs: not with --resume, --slurm, --dry-run");
    if (sweep->json && (sweep->dry_run || sweep->on_slurm))
        return ehr_options_wrong(&ehr_command_sweep_usage,
                                 "--json tells of results: not with --slurm, --dry-run");
    if (!sweep->on_slurm && (sweep->slurm.pack > 0 || sweep->slurm.option_count > 0))
        return ehr_options_wrong(&ehr_command_sweep_usage, "--pack and --sbatch go with --slurm");
    return ehr_request_settings_check(&ehr_command_sweep_usage, &sweep->request);
}

/* ---- here ---- */

static void count_print(const struct sweep *sweep, const struct ehr_design *design, size_t count)
{
    if (!sweep->request.quiet)
        fprintf(stderr, "ehrgrid sweep: %zu of %zu runs to do\n", count, design->run_count);
}

static bool bar_is_shown(const struct sweep *sweep)
{
    return !sweep->request.quiet && ehr_terminal_moves(stderr);
}

/* Runs what is missing. */
static enum ehr_exit jobs_run(const struct sweep *sweep, const struct ehr_sweep_folder *folder,
                              size_t count)
{
    count_print(sweep, folder->design, count);
    char *jobs = ehr_app_text("%s/jobs.txt", folder->path);
    char *log = ehr_app_text("%s/joblog.tsv", folder->path);
    FILE *labels = bar_is_shown(sweep) ? ehr_sweep_jobs_labels(folder) : NULL;
    enum ehr_exit status = ehr_parallel_run("sweep", jobs, log, sweep->at_once, labels);
    if (labels != NULL)
        fclose(labels);
    free(log);
    free(jobs);
    ehr_sweep_folder_clean(folder);
    return status;
}

static void json_print(const struct sweep *sweep, const struct ehr_sweep_folder *folder,
                       const struct ehr_sweep_tally *tally, enum ehr_exit status)
{
    cJSON *root = ehr_said_object(status);
    cJSON_AddStringToObject(root, "results", sweep->out);
    char *summary = tally->there > 0 ? ehr_app_text("%s/summary.csv", sweep->out) : NULL;
    if (summary != NULL)
        cJSON_AddStringToObject(root, "summary", summary);
    free(summary);
    ehr_said_count(root, "points", folder->design->point_count);
    ehr_said_count(root, "runs", folder->design->run_count);
    ehr_said_count(root, "there", tally->there);
    ehr_said_count(root, "wrong", tally->wrong);
    ehr_said_count(root, "missing", tally->missing);
    ehr_said_print(root);
}

static enum ehr_exit results_gather(const struct sweep *sweep,
                                    const struct ehr_sweep_folder *folder)
{
    struct ehr_sweep_tally tally;
    enum ehr_exit status = ehr_sweep_gather(folder, &tally);
    if (status != EHR_EXIT_DONE)
        return status;
    bool well = tally.wrong + tally.missing == 0;
    if (sweep->json)
        json_print(sweep, folder, &tally, well ? EHR_EXIT_DONE : EHR_EXIT_WRONG);
    else if (!sweep->request.quiet && tally.there == 0)
        printf("no run has results, nothing to collect\n");
    else if (!sweep->request.quiet)
        printf("%zu of %zu runs, %zu of them ended wrongly: %s/summary.csv\n", tally.there,
               folder->design->run_count, tally.wrong, sweep->out);
    if (!sweep->json && !sweep->request.quiet && tally.there > 0 &&
        folder->design->parameter_count > 0)
        ehr_shell_next("aggregate", NULL, sweep->out);
    return well ? EHR_EXIT_DONE : EHR_EXIT_WRONG;
}

static enum ehr_exit folder_fill(const struct sweep *sweep, const struct ehr_sweep_folder *folder)
{
    size_t count = 0;
    enum ehr_exit status = ehr_sweep_slurm_idle(folder);
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_jobs_keep(folder, &count);
    if (status == EHR_EXIT_DONE && count > 0 && sweep->on_slurm)
        return ehr_sweep_slurm_submit(&sweep->slurm, folder, count);
    if (status == EHR_EXIT_DONE && count > 0)
        status = jobs_run(sweep, folder, count);
    if (ehr_interrupt_signal() != 0) {
        fputs("ehrgrid sweep: interrupted; --resume goes on\n", stderr);
        return EHR_EXIT_ENVIRONMENT; /* the caller dies of the signal */
    }
    return status == EHR_EXIT_DONE ? results_gather(sweep, folder) : status;
}

/* Before anything is written. */
static enum ehr_exit slurm_check(const struct sweep *sweep, const struct ehr_design *design)
{
    struct ehr_sweep_folder folder;
    enum ehr_exit status = ehr_sweep_folder_look(&folder, design, sweep->out, sweep->resume);
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_slurm_path_check(&folder);
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_slurm_check();
    ehr_sweep_folder_close(&folder);
    return status;
}

static enum ehr_exit design_run(const struct sweep *sweep, const struct ehr_design *design)
{
    struct ehr_sweep_folder folder;
    enum ehr_exit status =
        sweep->on_slurm ? slurm_check(sweep, design) : ehr_parallel_check("sweep");
    if (status != EHR_EXIT_DONE)
        return status;
    ehr_interrupt_open();
    status = ehr_sweep_folder_open(&folder, design, sweep->out, sweep->resume);
    if (status == EHR_EXIT_DONE)
        status = folder_fill(sweep, &folder);
    ehr_sweep_folder_close(&folder);
    ehr_interrupt_close();
    return status;
}

/* ---- nothing is run ---- */

static enum ehr_exit plan_print(const struct sweep *sweep, const struct ehr_sweep_folder *folder)
{
    char *text = NULL;
    size_t bytes = 0, count = 0;
    FILE *memory = open_memstream(&text, &bytes);
    if (memory == NULL)
        return EHR_EXIT_ENVIRONMENT;
    enum ehr_exit status = sweep->on_slurm ? ehr_sweep_slurm_path_check(folder) : EHR_EXIT_DONE;
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_jobs_write(folder, memory, &count);
    fclose(memory);
    if (status == EHR_EXIT_DONE && !sweep->on_slurm)
        fputs(text, stdout);
    else if (status == EHR_EXIT_DONE && count > 0)
        status = ehr_sweep_slurm_print(&sweep->slurm, folder, count, stdout);
    if (status == EHR_EXIT_DONE)
        count_print(sweep, folder->design, count);
    free(text);
    return status;
}

static enum ehr_exit design_look(const struct sweep *sweep, const struct ehr_design *design)
{
    struct ehr_sweep_folder folder;
    enum ehr_exit status =
        ehr_sweep_folder_look(&folder, design, sweep->out, sweep->gather || sweep->resume);
    if (status == EHR_EXIT_DONE && sweep->gather && !ehr_sweep_folder_begun(&folder))
        status =
            ehr_options_wrong(&ehr_command_sweep_usage, "--out: %s: no sweep is there", sweep->out);
    else if (status == EHR_EXIT_DONE && sweep->dry_run)
        status = plan_print(sweep, &folder);
    else if (status == EHR_EXIT_DONE)
        status = results_gather(sweep, &folder);
    ehr_sweep_folder_close(&folder);
    return status;
}

static enum ehr_exit sweep_run(struct sweep *sweep)
{
    struct ehr_design design;
    sweep->request.sets = sweep->sets;
    sweep->slurm.options = sweep->sbatch;
    sweep->slurm.at_once = sweep->at_once > 0 ? sweep->at_once : 1;
    sweep->slurm.quiet = sweep->request.quiet;
    enum ehr_exit status = ehr_design_open(&design, &sweep->request);
    if (status != EHR_EXIT_DONE)
        return status;
    status =
        sweep->gather || sweep->dry_run ? design_look(sweep, &design) : design_run(sweep, &design);
    ehr_design_close(&design);
    return status;
}

enum ehr_exit ehr_command_sweep(int argc, char **argv)
{
    struct sweep sweep = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *)),
                          .sbatch = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status = EHR_EXIT_DONE;
    if (ehr_options_read(&ehr_command_sweep_usage, &sweep, argc, argv, &status)) {
        status = options_check(&sweep);
        if (status == EHR_EXIT_DONE)
            status = sweep_run(&sweep);
    }
    ehr_request_settings_close(&sweep.request);
    free(sweep.sbatch);
    free(sweep.sets);
    return status;
}
