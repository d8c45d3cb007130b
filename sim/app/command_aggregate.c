/* The verb aggregate: what the replications of a sweep's points have in common. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/said.h"
#include "sim/app/shell.h"
#include "sim/app/whole_file.h"
#include "sim/measure/aggregate.h"

enum { OPTION_OUT = 1, OPTION_MIXED, OPTION_JSON, OPTION_QUIET };

struct aggregate {
    const char *folder;
    const char *out; /* NULL: in the folder */
    bool mixed, json, quiet;
};

static const struct ehr_option option_rows[] = {
    {OPTION_OUT, 0, "out", "FILE", "instead of DIR/aggregate.csv; replaced if it exists"},
    {OPTION_MIXED, 0, "mixed", NULL, "also of several versions, scenarios or fidelities"},
    {OPTION_JSON, 0, "json", NULL, "what was written as JSON on stdout"},
    {OPTION_QUIET, 'q', "quiet", NULL, "does not say what was written"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct aggregate *aggregate = context;
    switch (id) {
    case EHR_OPTION_OPERAND:
        aggregate->folder = value;
        break;
    case OPTION_OUT:
        aggregate->out = value;
        break;
    case OPTION_MIXED:
        aggregate->mixed = true;
        break;
    case OPTION_JSON:
        aggregate->json = true;
        break;
    case OPTION_QUIET:
        aggregate->quiet = true;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_aggregate_usage = {
    .verb = "aggregate",
    .synopsis = "DIR [options]",
    .about = "Writes mean, standard deviation and 95 % interval across replications, for each "
             "point and column of the summary.csv of a sweep.",
    .options = option_rows,
    .operand = "DIR",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid aggregate results/sweep\n",
    .take = option_take,
};

static void json_print(const struct ehr_aggregate_tally *tally, const char *path)
{
    cJSON *root = ehr_said_object(EHR_EXIT_DONE);
    cJSON_AddStringToObject(root, "file", path);
    ehr_said_count(root, "points", tally->points);
    ehr_said_count(root, "runs", tally->runs - tally->wrong);
    ehr_said_count(root, "left_out", tally->wrong);
    ehr_said_print(root);
}

static enum ehr_exit table_write(const struct aggregate *aggregate, const char *summary,
                                 const char *path)
{
    struct ehr_aggregate_tally tally;
    struct ehr_measure_error error;
    struct ehr_whole_file whole;
    if (access(summary, F_OK) != 0)
        return ehr_command_usage("aggregate",
                                 "%s: %s: not the folder of a sweep, or its runs are not "
                                 "collected: `ehrgrid sweep` with --resume makes those that are "
                                 "missing, with --gather takes those there are",
                                 summary, strerror(errno));
    enum ehr_exit status = ehr_whole_file_open(&whole, "aggregate", path);
    if (status == EHR_EXIT_DONE) {
        enum ehr_measure_status read =
            ehr_aggregate_write(summary, aggregate->mixed, whole.file, &tally, &error);
        if (read != EHR_MEASURE_DONE)
            status = ehr_report_failed("ehrgrid aggregate", read, &error);
    }
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    if (status == EHR_EXIT_DONE && tally.wrong > 0)
        fprintf(stderr, "ehrgrid aggregate: %zu of %zu runs ended wrongly and were left out\n",
                tally.wrong, tally.runs);
    if (status == EHR_EXIT_DONE && aggregate->json)
        json_print(&tally, path);
    else if (status == EHR_EXIT_DONE && !aggregate->quiet) {
        printf("%zu points, %zu runs: %s\n", tally.points, tally.runs - tally.wrong, path);
        ehr_shell_next("plot", NULL, aggregate->folder);
    }
    return status;
}

enum ehr_exit ehr_command_aggregate(int argc, char **argv)
{
    struct aggregate aggregate = {0};
    enum ehr_exit status;
    if (!ehr_options_read(&ehr_command_aggregate_usage, &aggregate, argc, argv, &status))
        return status;
    char *summary = ehr_app_text("%s/summary.csv", aggregate.folder);
    char *path = aggregate.out != NULL ? ehr_app_text("%s", aggregate.out)
                                       : ehr_app_text("%s/aggregate.csv", aggregate.folder);
    status = table_write(&aggregate, summary, path);
    free(path);
    free(summary);
    return status;
}
