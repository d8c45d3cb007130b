/* The verb plot: figures of a run or of a sweep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/said.h"
#include "sim/figures/figures.h"

enum {
    OPTION_FORMAT = 1,
    OPTION_ONLY,
    OPTION_X,
    OPTION_BY,
    OPTION_METRIC,
    OPTION_OUT,
    OPTION_JSON,
    OPTION_QUIET
};

struct plot {
    struct ehr_figures_choice choice;
    const char *folder, *formats;
    const char *out; /* NULL: in the folder */
    bool json, quiet;
};

static const struct ehr_option option_rows[] = {
    {OPTION_FORMAT, 0, "format", "svg|png|pdf,...", "what to write (default: svg,png)"},
    {OPTION_ONLY, 0, "only", "NAME,...", "these figures and no others"},
    {OPTION_X, 0, "x", "PARAM", "of a sweep: the parameter on the axis, as alliance/@batch"},
    {OPTION_BY, 0, "by", "PARAM", "of a sweep: the parameter that tells the lines apart"},
    {OPTION_METRIC, 0, "metric", "COLUMN,...",
     "of a sweep: draws these columns of its summary.csv, as visit_lat_p50_s"},
    {OPTION_OUT, 0, "out", "DIR", "instead of DIR/figures; made if it is missing"},
    {OPTION_JSON, 0, "json", NULL, "what was drawn as JSON on stdout"},
    {OPTION_QUIET, 'q', "quiet", NULL, "no notices, no list of what was drawn"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct plot *plot = context;
    switch (id) {
    case EHR_OPTION_OPERAND:
        plot->folder = value;
        break;
    case OPTION_FORMAT:
        plot->formats = value;
        break;
    case OPTION_ONLY:
        plot->choice.only = value;
        break;
    case OPTION_X:
        plot->choice.x = value;
        break;
    case OPTION_BY:
        plot->choice.by = value;
        break;
    case OPTION_METRIC:
        plot->choice.metric = value;
        break;
    case OPTION_OUT:
        plot->out = value;
        break;
    case OPTION_JSON:
        plot->json = true;
        break;
    case OPTION_QUIET:
        plot->quiet = true;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_plot_usage = {
    .verb = "plot",
    .synopsis = "DIR [options]",
    .about = "Draws the figures of a run or of a sweep into DIR/figures, and writes beside each "
             "what it shows as CSV; needs gnuplot. Which figures make sense follows from what the "
             "sweep varies.",
    .options = option_rows,
    .operand = "DIR",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid plot results/first --format pdf\n"
                "ehrgrid plot results/sweep --x alliance/@batch --metric ordering_lat_p95_s\n",
    .take = option_take,
};

/* Figures with their files, of `formats` and the data; what was not drawn. */
static void json_print(const struct ehr_figures *figures, const char *target, const char *formats)
{
    cJSON *root = ehr_said_object(EHR_EXIT_DONE);
    cJSON *list = cJSON_AddArrayToObject(root, "figures");
    cJSON *notices = cJSON_AddArrayToObject(root, "notices");
    for (size_t i = 0; i < figures->count; i++) {
        const struct ehr_figure *figure = &figures->figures[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "name", figure->name);
        cJSON_AddStringToObject(object, "title", figure->title);
        cJSON_AddStringToObject(object, "help", figure->help);
        cJSON *files = cJSON_AddArrayToObject(object, "files");
        char *suffixes = ehr_app_text("%s,csv", formats);
        for (char *suffix = strtok(suffixes, ","); suffix != NULL; suffix = strtok(NULL, ",")) {
            char *file = ehr_app_text("%s/%s.%s", target, figure->name, suffix);
            cJSON_AddItemToArray(files, cJSON_CreateString(file));
            free(file);
        }
        free(suffixes);
        cJSON_AddItemToArray(list, object);
    }
    for (size_t i = 0; i < figures->notice_count; i++)
        cJSON_AddItemToArray(notices, cJSON_CreateString(figures->notices[i]));
    ehr_said_print(root);
}

static void told_print(const struct plot *plot, const struct ehr_figures *figures,
                       const char *target)
{
    for (size_t i = 0; i < figures->notice_count && !plot->quiet; i++)
        ehr_said_notice("ehrgrid plot: %s", figures->notices[i]);
    if (plot->json) {
        json_print(figures, target, plot->formats);
        return;
    }
    for (size_t i = 0; i < figures->count && !plot->quiet; i++)
        printf("%s%s", i == 0 ? "" : " ", figures->figures[i].name);
    if (figures->count > 0 && !plot->quiet)
        printf(": %s\n", target);
}

enum ehr_exit ehr_command_plot(int argc, char **argv)
{
    struct plot plot = {.formats = "svg,png"};
    struct ehr_measure_error error;
    struct ehr_figures figures;
    enum ehr_exit status;
    if (!ehr_options_read(&ehr_command_plot_usage, &plot, argc, argv, &status))
        return status;
    char *target =
        plot.out != NULL ? ehr_app_text("%s", plot.out) : ehr_app_text("%s/figures", plot.folder);
    enum ehr_measure_status drawn = ehr_figures_read(&figures, plot.folder, &plot.choice, &error);
    if (drawn == EHR_MEASURE_DONE)
        drawn = ehr_figures_draw(&figures, target, plot.formats, &error);
    if (drawn != EHR_MEASURE_DONE)
        status = ehr_report_failed("ehrgrid plot", drawn, &error);
    else
        told_print(&plot, &figures, target);
    ehr_figures_close(&figures);
    free(target);
    return drawn == EHR_MEASURE_DONE ? EHR_EXIT_DONE : status;
}
