/* The verb report: a page with what a run or a sweep came to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/options.h"
#include "sim/app/report.h"
#include "sim/app/said.h"
#include "sim/app/whole_file.h"
#include "sim/html/report.h"

enum { OPTION_OUT = 1, OPTION_STATIC, OPTION_JSON, OPTION_QUIET };

struct report {
    const char *folder;
    const char *out; /* NULL: in the folder */
    bool only_static, json, quiet;
};

static const struct ehr_option option_rows[] = {
    {OPTION_OUT, 0, "out", "FILE", "instead of DIR/report.html; replaced if it exists"},
    {OPTION_STATIC, 0, "static", NULL, "still figures, drawn by gnuplot, and no script"},
    {OPTION_JSON, 0, "json", NULL, "what was written as JSON on stdout"},
    {OPTION_QUIET, 'q', "quiet", NULL, "does not say what was written, or is missing"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct report *report = context;
    switch (id) {
    case OPTION_OUT:
        report->out = value;
        break;
    case OPTION_STATIC:
        report->only_static = true;
        break;
    case OPTION_JSON:
        report->json = true;
        break;
    case OPTION_QUIET:
        report->quiet = true;
        break;
    default:
        report->folder = value;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_report_usage = {
    .verb = "report",
    .synopsis = "DIR [options]",
    .about = "Writes what a run or a sweep came to as one HTML page, which needs no network: what "
             "was run, results, figures, warnings, how to reproduce it. Interactive figures need "
             "Chart.js (Debian: libjs-chart.js), still ones gnuplot.",
    .options = option_rows,
    .operand = "DIR",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid report results/first\n",
    .take = option_take,
};

static enum ehr_exit page_write(const struct report *report, const char *path)
{
    const struct ehr_html_options options = {
        .chart_library = getenv("EHRGRID_CHARTJS"),
        .only_static = report->only_static,
    };
    struct ehr_html_notice notice = {""};
    struct ehr_measure_error error;
    struct ehr_whole_file whole;
    struct stat found;
    if (stat(report->folder, &found) != 0)
        return ehr_options_wrong(&ehr_command_report_usage, "%s: %s", report->folder,
                                 strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return ehr_options_wrong(&ehr_command_report_usage, "%s: not a folder", report->folder);
    enum ehr_exit status = ehr_whole_file_open(&whole, "report", path);
    if (status == EHR_EXIT_DONE) {
        enum ehr_measure_status written =
            ehr_html_report_write(report->folder, &options, whole.file, &notice, &error);
        if (written != EHR_MEASURE_DONE)
            status = ehr_report_failed("ehrgrid report", written, &error);
    }
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    if (status == EHR_EXIT_DONE && !report->quiet && notice.text[0] != '\0')
        ehr_said_notice("ehrgrid report: %s", notice.text);
    if (status == EHR_EXIT_DONE && report->json) {
        cJSON *root = ehr_said_object(status);
        cJSON_AddStringToObject(root, "file", path);
        ehr_said_print(root);
    } else if (status == EHR_EXIT_DONE && !report->quiet) {
        printf("report: %s\n", path);
    }
    return status;
}

enum ehr_exit ehr_command_report(int argc, char **argv)
{
    struct report report = {0};
    enum ehr_exit status;
    if (!ehr_options_read(&ehr_command_report_usage, &report, argc, argv, &status))
        return status;
    char *path = report.out != NULL ? ehr_app_text("%s", report.out)
                                    : ehr_app_text("%s/report.html", report.folder);
    status = page_write(&report, path);
    free(path);
    return status;
}
