/* The verb aggregate: what the replications of a sweep's points have in common. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/whole_file.h"
#include "sim/measure/aggregate.h"

enum { OPTION_OUT = 1, OPTION_MIXED };

struct aggregate {
    const char *folder;
    const char *out; /* NULL: in the folder */
    bool mixed, quiet, help;
};

static enum ehr_exit options_read(struct aggregate *aggregate, int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, OPTION_OUT},
        {"mixed", no_argument, NULL, OPTION_MIXED},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "qh", options, NULL)) != -1;) {
        if (option == OPTION_OUT)
            aggregate->out = optarg;
        else if (option == OPTION_MIXED)
            aggregate->mixed = true;
        else if (option == 'q')
            aggregate->quiet = true;
        else if (option == 'h')
            aggregate->help = true;
        else
            return ehr_command_usage("aggregate", "bad usage"); /* getopt has said what */
    }
    if (aggregate->help)
        return EHR_EXIT_DONE;
    if (optind != argc - 1)
        return ehr_command_usage("aggregate", "one folder of a sweep is needed");
    aggregate->folder = argv[optind];
    return EHR_EXIT_DONE;
}

static enum ehr_exit table_write(const struct aggregate *aggregate, const char *summary,
                                 const char *path)
{
    struct ehr_aggregate_tally tally;
    struct ehr_measure_error error;
    struct ehr_whole_file whole;
    if (access(summary, F_OK) != 0)
        return ehr_command_usage("aggregate", "%s: %s: not the folder of a sweep", summary,
                                 strerror(errno));
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
    if (status == EHR_EXIT_DONE && !aggregate->quiet)
        printf("%zu points, %zu runs: %s\n", tally.points, tally.runs - tally.wrong, path);
    return status;
}

enum ehr_exit ehr_command_aggregate(int argc, char **argv)
{
    struct aggregate aggregate = {0};
    enum ehr_exit status = options_read(&aggregate, argc, argv);
    if (status != EHR_EXIT_DONE)
        return status;
    if (aggregate.help) {
        fputs(ehr_command_help("aggregate"), stdout);
        return EHR_EXIT_DONE;
    }
    char *summary = ehr_app_text("%s/summary.csv", aggregate.folder);
    char *path = aggregate.out != NULL ? ehr_app_text("%s", aggregate.out)
                                       : ehr_app_text("%s/aggregate.csv", aggregate.folder);
    status = table_write(&aggregate, summary, path);
    free(path);
    free(summary);
    return status;
}
