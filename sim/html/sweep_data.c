#include "sim/html/sweep_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/html/memory.h"
#include "sim/html/run_data.h"

static enum ehr_measure_status bad(const char *dir, const char *file, const char *what,
                                   struct ehr_measure_error *error)
{
    snprintf(error->text, sizeof(error->text), "%s/%s: %s", dir, file, what);
    return EHR_MEASURE_BAD_INPUT;
}

/* The number of a row's point, from 0; `most` if it is none. */
static size_t point_of(const struct ehr_html_table *table, size_t row, size_t most)
{
    double number = ehr_html_table_number(table, row, "point");
    return number >= 1 && number <= (double)most ? (size_t)number - 1 : most;
}

static enum ehr_measure_status design_read(struct ehr_html_sweep *sweep,
                                           struct ehr_measure_error *error)
{
    const struct ehr_html_table *design = &sweep->design;
    sweep->parameter_first = ehr_html_table_column(design, "seed") + 1;
    sweep->parameter_end = ehr_html_table_column(design, "run_id");
    if (sweep->parameter_first > sweep->parameter_end ||
        sweep->parameter_end == design->column_count)
        return bad(sweep->dir, "design.csv", "not the design of a sweep", error);
    sweep->points = ehr_html_memory_zeroed(design->row_count, sizeof(*sweep->points));
    for (size_t row = 0; row < design->row_count; row++) {
        size_t point = point_of(design, row, design->row_count);
        if (point > sweep->point_count || point == design->row_count)
            return bad(sweep->dir, "design.csv", "points are numbered from 1, in order", error);
        if (point == sweep->point_count)
            sweep->points[sweep->point_count++].row = row;
        sweep->points[point].planned++;
    }
    return EHR_MEASURE_DONE;
}

static void run_count(struct ehr_html_point *point, const struct ehr_findings *findings,
                      const struct ehr_request_table *requests)
{
    point->looked_at++;
    for (enum ehr_finding_kind kind = EHR_FINDING_INVALID + 1; kind < EHR_FINDING_END; kind++)
        point->warned[kind] += ehr_findings_of_kind(findings, kind) > 0;
    if (ehr_findings_of_kind(findings, EHR_FINDING_SATURATED) == 0)
        return;
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        size_t first = requests->first[flow], count = requests->first[flow + 1] - first;
        if (count > 0)
            point->saturated[flow] += ehr_findings_load(requests->rows + first, count).saturated;
    }
}

/* What run.json and requests.csv of a run say; a run without a folder says nothing. */
static enum ehr_measure_status run_look(struct ehr_html_sweep *sweep, struct ehr_html_point *point,
                                        const char *folder, struct ehr_measure_error *error)
{
    struct ehr_request_table requests = {0};
    struct ehr_findings findings;
    cJSON *json = NULL;
    if (access(folder, F_OK) != 0)
        return EHR_MEASURE_DONE;
    enum ehr_measure_status status = ehr_html_run_json(&json, folder, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_request_table_init(&requests, folder, error);
    if (status == EHR_MEASURE_DONE) {
        ehr_html_run_findings(&findings, json, &requests);
        run_count(point, &findings, &requests);
    }
    ehr_request_table_close(&requests);
    if (status == EHR_MEASURE_DONE && sweep->json == NULL)
        sweep->json = json;
    else
        cJSON_Delete(json);
    return status;
}

static enum ehr_measure_status runs_look(struct ehr_html_sweep *sweep,
                                         struct ehr_measure_error *error)
{
    const struct ehr_html_table *summary = &sweep->summary;
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t row = 0; row < summary->row_count && status == EHR_MEASURE_DONE; row++) {
        size_t at = point_of(summary, row, sweep->point_count);
        if (at == sweep->point_count)
            return bad(sweep->dir, "summary.csv", "a point that design.csv does not have", error);
        struct ehr_html_point *point = &sweep->points[at];
        point->there++;
        point->wrong += strcmp(ehr_html_table_cell(summary, row, "ended_wrongly"), "0") != 0;
        char *folder = ehr_html_memory_text("%s/runs/%s", sweep->dir,
                                            ehr_html_table_cell(summary, row, "run_id"));
        status = run_look(sweep, point, folder, error);
        ehr_html_memory_free(folder);
    }
    return status;
}

enum ehr_measure_status ehr_html_sweep_init(struct ehr_html_sweep *sweep, const char *dir,
                                            struct ehr_measure_error *error)
{
    *sweep = (struct ehr_html_sweep){.dir = dir};
    enum ehr_measure_status status = ehr_html_table_init(&sweep->design, dir, "design.csv", error);
    if (status == EHR_MEASURE_DONE)
        status = design_read(sweep, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_html_table_init(&sweep->summary, dir, "summary.csv", error);
    if (status == EHR_MEASURE_DONE)
        status = runs_look(sweep, error);
    if (status == EHR_MEASURE_DONE)
        ehr_html_sweep_findings(sweep);
    return status;
}

void ehr_html_sweep_close(struct ehr_html_sweep *sweep)
{
    cJSON_Delete(sweep->json);
    ehr_html_table_close(&sweep->design);
    ehr_html_table_close(&sweep->summary);
    ehr_html_memory_free(sweep->points);
    *sweep = (struct ehr_html_sweep){0};
}

struct ehr_aggregate_moments ehr_html_sweep_moments(const struct ehr_html_sweep *sweep,
                                                    size_t point, const char *column)
{
    const struct ehr_html_table *summary = &sweep->summary;
    size_t at = ehr_html_table_column(summary, column), count = 0;
    double *values = ehr_html_memory_zeroed(summary->row_count, sizeof(*values));
    for (size_t row = 0; row < summary->row_count; row++) {
        double value = ehr_html_table_parse(ehr_html_table_at(summary, row, at));
        if (point_of(summary, row, sweep->point_count) == point && isfinite(value) &&
            strcmp(ehr_html_table_cell(summary, row, "ended_wrongly"), "0") == 0)
            values[count++] = value;
    }
    struct ehr_aggregate_moments moments = ehr_aggregate_moments_of(values, count);
    ehr_html_memory_free(values);
    return moments;
}
