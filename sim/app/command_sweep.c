/* The verb sweep: all runs of a scenario's sweep, by GNU parallel. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/design.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/parallel.h"
#include "sim/app/sweep_folder.h"
#include "sim/app/sweep_gather.h"

enum { OPTION_OUT = 1, OPTION_SET, OPTION_SEED, OPTION_RESUME };
enum { JOBS_MAX = 10000 };

struct sweep {
    struct ehr_setup_request request;
    const char **sets;
    const char *out;
    uint32_t at_once; /* 0: one per core */
    bool resume, help;
};

static enum ehr_exit option_take(struct sweep *sweep, int option)
{
    uint64_t number;
    switch (option) {
    case OPTION_OUT:
        sweep->out = optarg;
        break;
    case OPTION_SET:
        sweep->sets[sweep->request.set_count++] = optarg;
        break;
    case OPTION_SEED:
        if (!ehr_command_number(optarg, &sweep->request.seed))
            return ehr_command_usage("sweep", "--seed: %s: a number of at most 64 bits", optarg);
        sweep->request.seed_given = true;
        break;
    case OPTION_RESUME:
        sweep->resume = true;
        break;
    case 'j':
        if (!ehr_command_number(optarg, &number) || number == 0 || number > JOBS_MAX)
            return ehr_command_usage("sweep", "--jobs: %s: a number from 1 to %d", optarg,
                                     JOBS_MAX);
        sweep->at_once = (uint32_t)number;
        break;
    case 'q':
        sweep->request.quiet = true;
        break;
    case 'h':
        sweep->help = true;
        break;
    default: /* getopt has said what is wrong */
        return ehr_command_usage("sweep", "bad usage");
    }
    return EHR_EXIT_DONE;
}

static enum ehr_exit options_read(struct sweep *sweep, int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, OPTION_OUT},
        {"set", required_argument, NULL, OPTION_SET},
        {"seed", required_argument, NULL, OPTION_SEED},
        {"resume", no_argument, NULL, OPTION_RESUME},
        {"jobs", required_argument, NULL, 'j'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum ehr_exit status = EHR_EXIT_DONE;
    optind = 0;
    for (int option; status == EHR_EXIT_DONE &&
                     (option = getopt_long(argc, argv, "j:qh", options, NULL)) != -1;)
        status = option_take(sweep, option);
    if (status != EHR_EXIT_DONE || sweep->help)
        return status;
    if (optind != argc - 1)
        return ehr_command_usage("sweep", optind == argc ? "a scenario is missing"
                                                         : "one scenario at a time");
    if (sweep->out == NULL)
        return ehr_command_usage("sweep", "--out DIR is missing: where the results go");
    sweep->request.path = argv[optind];
    sweep->request.sets = sweep->sets;
    return EHR_EXIT_DONE;
}

/* Runs what is missing. */
static enum ehr_exit jobs_run(const struct sweep *sweep, const struct ehr_sweep_folder *folder)
{
    size_t count;
    enum ehr_exit status = ehr_sweep_folder_jobs(folder, &count);
    if (status != EHR_EXIT_DONE || count == 0)
        return status;
    if (!sweep->request.quiet)
        fprintf(stderr, "ehrgrid sweep: %zu of %zu runs to do\n", count, folder->design->run_count);
    char *jobs = ehr_app_text("%s/jobs.txt", folder->path);
    char *log = ehr_app_text("%s/joblog.tsv", folder->path);
    status = ehr_parallel_run("sweep", jobs, log, sweep->at_once,
                              !sweep->request.quiet && isatty(STDERR_FILENO) == 1);
    free(log);
    free(jobs);
    ehr_sweep_folder_clean(folder);
    return status;
}

static enum ehr_exit folder_fill(const struct sweep *sweep, const struct ehr_sweep_folder *folder)
{
    struct ehr_sweep_tally tally;
    enum ehr_exit status = jobs_run(sweep, folder);
    if (ehr_interrupt_signal() != 0) {
        fputs("ehrgrid sweep: interrupted; --resume goes on\n", stderr);
        return EHR_EXIT_ENVIRONMENT; /* the caller dies of the signal */
    }
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_gather(folder, &tally);
    if (status != EHR_EXIT_DONE)
        return status;
    if (!sweep->request.quiet)
        printf("%zu of %zu runs, %zu of them ended wrongly: %s/summary.csv\n", tally.there,
               folder->design->run_count, tally.wrong, sweep->out);
    return tally.wrong + tally.missing > 0 ? EHR_EXIT_WRONG : EHR_EXIT_DONE;
}

static enum ehr_exit sweep_run(const struct sweep *sweep)
{
    struct ehr_design design;
    struct ehr_sweep_folder folder;
    enum ehr_exit status = ehr_design_open(&design, &sweep->request);
    if (status != EHR_EXIT_DONE)
        return status;
    status = ehr_parallel_check("sweep");
    if (status == EHR_EXIT_DONE) {
        ehr_interrupt_open();
        status = ehr_sweep_folder_open(&folder, &design, sweep->out, sweep->resume);
        if (status == EHR_EXIT_DONE)
            status = folder_fill(sweep, &folder);
        ehr_sweep_folder_close(&folder);
        ehr_interrupt_close();
    }
    ehr_design_close(&design);
    return status;
}

enum ehr_exit ehr_command_sweep(int argc, char **argv)
{
    struct sweep sweep = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status = options_read(&sweep, argc, argv);
    if (sweep.help)
        fputs(ehr_command_help("sweep"), stdout);
    else if (status == EHR_EXIT_DONE)
        status = sweep_run(&sweep);
    free(sweep.sets);
    return status;
}
