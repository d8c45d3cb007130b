#include "sim/figures/run.h"

#include <stdlib.h>

#include "sim/figures/build.h"
#include "sim/figures/table.h"
#include "sim/measure/error.h"
#include "sim/measure/latency.h"

/* A curve of more points than this looks the same and makes the files larger. */
#define CURVE_POINTS_MAX 500u

/* Less than this share of the latency is too little to show as a part of its own. */
#define REST_MIN 1e-3

/* ---- caption ---- */

static enum ehr_measure_status caption_read(void *data, const struct ehr_csv_reader *reader,
                                            const size_t *columns, struct ehr_measure_error *error)
{
    struct ehr_figures *figures = data;
    const char *cells[9];
    (void)error;
    for (size_t i = 0; i < 9; i++)
        cells[i] = ehr_csv_reader_cell(reader, columns[i]);
    free(figures->caption);
    figures->caption = ehr_figures_text(
        "scenario %s (sha256 %.12s), run %s, seed %s, replication %s, ehrgrid %s, SimGrid %s, "
        "fidelity %s, crypto %s",
        cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7], cells[8]);
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status caption_make(struct ehr_figures *figures,
                                            struct ehr_measure_error *error)
{
    static const char *const columns[] = {"scenario",    "sha256",  "run_id",          "seed",
                                          "replication", "version", "simgrid_version", "fidelity",
                                          "crypto",      NULL};
    enum ehr_measure_status status = ehr_figures_table_read(figures->folder, "summary.csv", columns,
                                                            caption_read, figures, error);
    if (status == EHR_MEASURE_DONE && *figures->caption == '\0')
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s/summary.csv:2: the row is missing", figures->folder);
    return status;
}

/* ---- latency ---- */

void ehr_figures_curve_add(struct ehr_figure_panel *panel, const char *name, size_t style,
                           const uint64_t *latencies_ns, size_t count)
{
    struct ehr_figure_series *series = ehr_figure_series_new(panel, name, style);
    size_t points = count < CURVE_POINTS_MAX ? count : CURVE_POINTS_MAX;
    double before = 0;
    for (size_t i = 1; i <= points; i++) {
        size_t rank = i * count / points;
        double latency_s = (double)latencies_ns[rank - 1] / 1e9;
        double percent = 100 * (double)rank / (double)count;
        ehr_figure_point_add(series, ehr_figure_point_of(latency_s, before, count));
        ehr_figure_point_add(series, ehr_figure_point_of(latency_s, percent, count));
        before = percent;
    }
}

static void curves_make(struct ehr_figures *figures, const struct ehr_figures_requests *requests)
{
    struct ehr_figure *figure =
        ehr_figure_new(figures, EHR_FIGURE_CURVE, "latency-cdf", "Distribution of latency",
                       "Share of the measured requests that ended ok and took at most as long.");
    struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, "");
    ehr_figure_axis_set(&panel->x, "latency, from request to answer", "s");
    ehr_figure_axis_set(&panel->y, "requests not slower", "%");
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const struct ehr_figures_flow *found = &requests->flows[flow];
        if (found->count == 0)
            continue;
        char *name = ehr_figures_text("%s (%zu)", ehr_flow_name(flow), found->count);
        ehr_figures_curve_add(panel, name, (size_t)flow - 1, found->latencies_ns, found->count);
        free(name);
    }
    ehr_figure_axis_choose(panel, true);
    ehr_figure_seconds_scale(panel, true);
    ehr_figure_finish(figures, 1, false);
}

/* ---- phases ---- */

void ehr_figures_phases_add(struct ehr_figure_panel *panel, enum ehr_flow flow, size_t x,
                            const double *phase_s, double mean_s, size_t n)
{
    double sum = 0;
    size_t parts = 0;
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int slot = ehr_flow_phase_slot(flow, phase);
        if (slot < 0)
            continue;
        if (parts == panel->series_count)
            ehr_figure_series_new(panel, ehr_phase_name(phase), parts);
        ehr_figure_point_add(&panel->series[parts++],
                             ehr_figure_point_of((double)x, phase_s[slot], n));
        sum += phase_s[slot];
    }
    if (mean_s <= sum * (1 + REST_MIN))
        return;
    if (parts == panel->series_count)
        ehr_figure_series_new(panel, "in no phase", 7);
    ehr_figure_point_add(&panel->series[parts], ehr_figure_point_of((double)x, mean_s - sum, n));
}

static void phases_make(struct ehr_figures *figures, const struct ehr_figures_requests *requests)
{
    struct ehr_figure *figure =
        ehr_figure_new(figures, EHR_FIGURE_STACK, "phases", "Where the time of a request goes",
                       "Mean time in each phase of the protocol, over the measured requests that "
                       "ended ok. Every flow has a scale of its own.");
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const struct ehr_figures_flow *found = &requests->flows[flow];
        if (found->count == 0)
            continue;
        char *title = ehr_figures_text("%s, mean of %zu", ehr_flow_name(flow), found->count);
        struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, title);
        ehr_figure_axis_set(&panel->x, "", "");
        ehr_figure_axis_set(&panel->y, "mean time per request", "s");
        ehr_figures_phases_add(panel, flow, ehr_figure_category(panel, ehr_flow_name(flow)),
                               found->phase_s, found->mean_s, found->count);
        ehr_figure_zeros_drop(panel);
        ehr_figure_seconds_scale(panel, false);
        free(title);
    }
    ehr_figure_finish(figures, 1, false);
}

enum ehr_measure_status ehr_figures_run_read(struct ehr_figures *figures,
                                             struct ehr_measure_error *error)
{
    struct ehr_figures_requests requests = {0};
    const char *dir = figures->folder;
    enum ehr_measure_status status = caption_make(figures, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_requests_init(&requests, dir, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_over_time(figures, dir, error);
    if (status == EHR_MEASURE_DONE) {
        curves_make(figures, &requests);
        phases_make(figures, &requests);
        status = ehr_figures_traffic(figures, dir, error);
    }
    ehr_figures_requests_close(&requests);
    return status;
}
