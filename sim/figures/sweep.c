#include "sim/figures/sweep.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/measure/error.h"
#include "sim/measure/memory.h"

static enum ehr_measure_status parameter_find(const struct ehr_points *points, const char *path,
                                              size_t *parameter, struct ehr_measure_error *error)
{
    char paths[512] = "";
    *parameter = SIZE_MAX;
    if (path == NULL)
        return EHR_MEASURE_DONE;
    *parameter = ehr_points_parameter(points, path);
    if (*parameter != SIZE_MAX)
        return EHR_MEASURE_DONE;
    for (size_t i = 0; i < points->parameter_count; i++)
        snprintf(paths + strlen(paths), sizeof(paths) - strlen(paths), "%s%s", i == 0 ? "" : ", ",
                 points->parameters[i].path);
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: no parameter %.80s: %s",
                            points->folder, path, *paths == '\0' ? "the sweep has none" : paths);
}

static enum ehr_measure_status metrics_check(const struct ehr_points *points, const char *metrics,
                                             struct ehr_measure_error *error)
{
    for (const char *at = metrics; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ",");
        char *metric = ehr_figures_text("%.*s", (int)length, at);
        bool known = ehr_points_metric(points, metric) != SIZE_MAX;
        free(metric);
        if (!known)
            return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                    "%s/summary.csv: %.*s: not a column of numbers", points->folder,
                                    (int)length, at);
        at += length + (at[length] == ',');
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status points_draw(struct ehr_figures *figures,
                                           const struct ehr_points *points,
                                           const struct ehr_figures_choice *choice,
                                           struct ehr_measure_error *error)
{
    struct ehr_view_choice chosen = {.metrics = choice->metric};
    enum ehr_measure_status status = parameter_find(points, choice->x, &chosen.x, error);
    if (status == EHR_MEASURE_DONE)
        status = parameter_find(points, choice->by, &chosen.by, error);
    if (status == EHR_MEASURE_DONE)
        status = metrics_check(points, choice->metric, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    if (chosen.x != SIZE_MAX && chosen.x == chosen.by)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: on the axis and in the lines",
                                choice->x);
    if (points->wrong > 0)
        ehr_figures_notice(figures, "%zu runs ended wrongly and were left out", points->wrong);
    free(figures->caption);
    figures->caption = ehr_figures_text("%s", points->caption);
    if (points->count < 2) {
        ehr_figures_notice(figures,
                           "a sweep of %zu point%s: nothing to compare, no figures; those "
                           "of its runs: ehrgrid plot %s/runs/RUNID",
                           points->count, points->count == 1 ? "" : "s", figures->folder);
        return EHR_MEASURE_DONE;
    }
    ehr_figures_sweep_metrics(figures, points, &chosen);
    return choice->metric != NULL ? EHR_MEASURE_DONE
                                  : ehr_figures_sweep_runs(figures, points, error);
}

enum ehr_measure_status ehr_figures_sweep_read(struct ehr_figures *figures,
                                               const struct ehr_figures_choice *choice,
                                               struct ehr_measure_error *error)
{
    struct ehr_points points;
    enum ehr_measure_status status = ehr_points_init(&points, figures->folder, error);
    if (status == EHR_MEASURE_DONE)
        status = points_draw(figures, &points, choice, error);
    ehr_points_close(&points);
    return status;
}
