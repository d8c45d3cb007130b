/* What was offered and done per second over the time of a run, with the faults. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/run.h"
#include "sim/figures/table.h"
#include "sim/measure/memory.h"

/* More intervals than this make a curve nobody can read; more chains than this a legend. */
#define BINS_MAX   150
#define CHAINS_MAX 7u

struct event {
    double s, count;
};

struct events {
    char *name;
    struct event *items;
    size_t count, capacity;
};

/* All requests, those that ended ok by flow, transactions by chain. */
struct reading {
    struct events offered, ok, flows[EHR_FLOW_END];
    struct events *chains;
    size_t chain_count;
    struct ehr_figure *figure; /* for the marks */
    double end_s;
};

static void event_add(struct reading *reading, struct events *events, double s, double count)
{
    if (events->count == events->capacity) {
        size_t capacity = events->capacity == 0 ? 1024 : 2 * events->capacity;
        events->items =
            ehr_measure_grow(events->items, events->capacity, capacity, sizeof(*events->items));
        events->capacity = capacity;
    }
    events->items[events->count++] = (struct event){s, count};
    reading->end_s = s > reading->end_s ? s : reading->end_s;
}

/* ---- rows ---- */

static enum ehr_measure_status request_read(void *data, const struct ehr_csv_reader *reader,
                                            const size_t *columns, struct ehr_measure_error *error)
{
    struct reading *reading = data;
    double start_s = 0, end_s = 0;
    enum ehr_measure_status status = ehr_figures_number_read(reader, columns[2], &start_s, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    event_add(reading, &reading->offered, start_s, 1);
    if (strcmp(ehr_csv_reader_cell(reader, columns[1]), "ok") != 0)
        return EHR_MEASURE_DONE;
    status = ehr_figures_number_read(reader, columns[3], &end_s, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    event_add(reading, &reading->ok, end_s, 1);
    const char *name = ehr_csv_reader_cell(reader, columns[0]);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        if (strcmp(name, ehr_flow_name(flow)) == 0)
            event_add(reading, &reading->flows[flow], end_s, 1);
    return EHR_MEASURE_DONE;
}

static struct events *chain_of(struct reading *reading, const char *name)
{
    size_t count = reading->chain_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(reading->chains[i].name, name) == 0)
            return &reading->chains[i];
    reading->chains = ehr_measure_grow(reading->chains, count, count + 1, sizeof(*reading->chains));
    reading->chains[count].name = ehr_figures_text("%s", name);
    reading->chain_count++;
    return &reading->chains[count];
}

static enum ehr_measure_status block_read(void *data, const struct ehr_csv_reader *reader,
                                          const size_t *columns, struct ehr_measure_error *error)
{
    struct reading *reading = data;
    double count = 0, s = 0;
    enum ehr_measure_status status = ehr_figures_number_read(reader, columns[1], &count, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_number_read(reader, columns[2], &s, error);
    if (status == EHR_MEASURE_DONE)
        event_add(reading, chain_of(reading, ehr_csv_reader_cell(reader, columns[0])), s, count);
    return status;
}

static enum ehr_measure_status fault_read(void *data, const struct ehr_csv_reader *reader,
                                          const size_t *columns, struct ehr_measure_error *error)
{
    struct reading *reading = data;
    double begin_s = 0, end_s = NAN;
    enum ehr_measure_status status = ehr_figures_number_read(reader, columns[3], &begin_s, error);
    if (status == EHR_MEASURE_DONE && *ehr_csv_reader_cell(reader, columns[4]) != '\0')
        status = ehr_figures_number_read(reader, columns[4], &end_s, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    char *text = ehr_figures_text("%s %s", ehr_csv_reader_cell(reader, columns[1]),
                                  ehr_csv_reader_cell(reader, columns[2]));
    ehr_figure_mark_add(reading->figure, begin_s, end_s, ehr_csv_reader_cell(reader, columns[0]),
                        text);
    free(text);
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status all_read(struct reading *reading, const char *dir,
                                        struct ehr_measure_error *error)
{
    static const char *const requests[] = {"flow", "outcome", "start_s", "end_s", NULL};
    static const char *const blocks[] = {"chain", "transactions", "committed_first_s", NULL};
    static const char *const faults[] = {"fault", "kind", "target", "begin_s", "end_s", NULL};
    enum ehr_measure_status status =
        ehr_figures_table_read(dir, "requests.csv", requests, request_read, reading, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_table_read(dir, "blocks.csv", blocks, block_read, reading, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_table_read(dir, "faults.csv", faults, fault_read, reading, error);
    return status;
}

/* ---- the figure ---- */

static double bin_choose(double end_s)
{
    static const double lengths[] = {1,   2,   5,    10,   20,   30,    60,    120,
                                     300, 600, 1800, 3600, 7200, 21600, 86400, 604800};
    size_t i = 0;
    while (i + 1 < sizeof(lengths) / sizeof(lengths[0]) && end_s / lengths[i] > BINS_MAX)
        i++;
    return lengths[i];
}

static void series_make(struct ehr_figure_panel *panel, const char *name, size_t style,
                        const struct events *events, const struct reading *reading, double bin_s)
{
    size_t bins = (size_t)(reading->end_s / bin_s) + 1;
    double *counts = ehr_measure_zeroed(bins, sizeof(*counts));
    struct ehr_figure_series *series = ehr_figure_series_new(panel, name, style);
    for (size_t i = 0; i < events->count; i++) {
        size_t bin = (size_t)(events->items[i].s / bin_s);
        counts[bin < bins ? bin : bins - 1] += events->items[i].count;
    }
    for (size_t i = 0; i < bins; i++)
        ehr_figure_point_add(series, ehr_figure_point_of((double)i * bin_s, counts[i] / bin_s, 0));
    /* the last interval is drawn to its end */
    ehr_figure_point_add(series,
                         ehr_figure_point_of((double)bins * bin_s, counts[bins - 1] / bin_s, 0));
    free(counts);
}

static struct ehr_figure_panel *panel_make(struct ehr_figure *figure, const char *label,
                                           double bin_s)
{
    char *time = ehr_figures_text("time, rates over %g s", bin_s);
    struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, "");
    ehr_figure_axis_set(&panel->x, time, "s");
    ehr_figure_axis_set(&panel->y, label, "1/s");
    free(time);
    return panel;
}

static void chains_make(struct ehr_figure_panel *panel, struct reading *reading, double bin_s)
{
    if (reading->chain_count <= CHAINS_MAX) {
        for (size_t i = 0; i < reading->chain_count; i++)
            series_make(panel, reading->chains[i].name, i, &reading->chains[i], reading, bin_s);
        return;
    }
    struct events others = {0};
    for (size_t i = 0; i < reading->chain_count; i++) {
        const struct events *chain = &reading->chains[i];
        if (strcmp(chain->name, "alliance") == 0)
            series_make(panel, chain->name, 0, chain, reading, bin_s);
        for (size_t j = 0; j < chain->count && strcmp(chain->name, "alliance") != 0; j++)
            event_add(reading, &others, chain->items[j].s, chain->items[j].count);
    }
    series_make(panel, "private chains, all", 1, &others, reading, bin_s);
    free(others.items);
}

static void panels_make(struct ehr_figure *figure, struct reading *reading)
{
    double bin_s = bin_choose(reading->end_s);
    size_t flows = 0;
    struct ehr_figure_panel *panel = panel_make(figure, "requests", bin_s);
    series_make(panel, "offered", EHR_FIGURE_STYLES - 4, &reading->offered, reading, bin_s);
    series_make(panel, "ended ok", 0, &reading->ok, reading, bin_s);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        flows += reading->flows[flow].count > 0;
    if (flows > 1) {
        panel = panel_make(figure, "ended ok, by flow", bin_s);
        for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
            if (reading->flows[flow].count > 0)
                series_make(panel, ehr_flow_name(flow), (size_t)flow - 1, &reading->flows[flow],
                            reading, bin_s);
    }
    if (reading->chain_count > 0)
        chains_make(panel_make(figure, "committed transactions", bin_s), reading, bin_s);
}

static void reading_free(struct reading *reading)
{
    for (size_t i = 0; i < reading->chain_count; i++) {
        free(reading->chains[i].name);
        free(reading->chains[i].items);
    }
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        free(reading->flows[flow].items);
    free(reading->chains);
    free(reading->offered.items);
    free(reading->ok.items);
}

enum ehr_measure_status ehr_figures_over_time(struct ehr_figures *figures, const char *dir,
                                              struct ehr_measure_error *error)
{
    struct reading reading = {
        .figure = ehr_figure_new(figures, EHR_FIGURE_STEPS, "throughput", "Throughput over time",
                                 "Requests offered and ended ok, and transactions committed, per "
                                 "second. Grey bands are faults, numbered as in faults.csv.")};
    enum ehr_measure_status status = all_read(&reading, dir, error);
    if (status == EHR_MEASURE_DONE && reading.offered.count > 0)
        panels_make(reading.figure, &reading);
    if (status == EHR_MEASURE_DONE)
        ehr_figure_finish(figures, 2, false);
    reading_free(&reading);
    return status;
}
