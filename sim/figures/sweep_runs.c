/* The figures of a sweep that are made of the requests of its runs. */
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/run.h"
#include "sim/figures/sweep.h"
#include "sim/measure/latency.h"
#include "sim/measure/memory.h"

/* Bars that fit a figure; curves that can be told apart. */
#define PHASES_POINTS_MAX 16u

/* Of one flow at one point: the requests of all replications together, and the mean over the
 * replications of what a phase takes. */
struct share {
    uint64_t *latencies_ns;
    size_t count, runs;
    double mean_s, phase_s[EHR_FLOW_PHASES_MAX];
};

struct gathering {
    const struct ehr_points *points;
    struct share *shares; /* by point and flow */
};

static struct share *share_of(const struct gathering *gathering, size_t point, enum ehr_flow flow)
{
    return &gathering->shares[point * EHR_FLOW_END + (size_t)flow];
}

static void run_add(const struct gathering *gathering, size_t point,
                    const struct ehr_figures_requests *requests)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const struct ehr_figures_flow *found = &requests->flows[flow];
        struct share *share = share_of(gathering, point, flow);
        if (found->count == 0)
            continue;
        share->latencies_ns = ehr_measure_grow(share->latencies_ns, share->count,
                                               share->count + found->count, sizeof(uint64_t));
        memcpy(share->latencies_ns + share->count, found->latencies_ns,
               found->count * sizeof(uint64_t));
        share->count += found->count;
        share->runs++;
        share->mean_s += found->mean_s;
        for (size_t i = 0; i < EHR_FLOW_PHASES_MAX; i++)
            share->phase_s[i] += found->phase_s[i];
    }
}

static void shares_end(const struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->points->count * EHR_FLOW_END; i++) {
        struct share *share = &gathering->shares[i];
        if (share->count == 0)
            continue;
        (void)ehr_latency_of(share->latencies_ns, share->count); /* sorts */
        share->mean_s /= (double)share->runs;
        for (size_t j = 0; j < EHR_FLOW_PHASES_MAX; j++)
            share->phase_s[j] /= (double)share->runs;
    }
}

static enum ehr_measure_status runs_read(const struct gathering *gathering,
                                         struct ehr_measure_error *error)
{
    const struct ehr_points *points = gathering->points;
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < points->count; i++)
        for (size_t j = 0; j < points->points[i].run_count && status == EHR_MEASURE_DONE; j++) {
            struct ehr_figures_requests requests = {0};
            char *dir = ehr_figures_text("%s/runs/%s", points->folder, points->points[i].runs[j]);
            if (ehr_figures_has(dir, "requests.csv"))
                status = ehr_figures_requests_init(&requests, dir, error);
            if (status == EHR_MEASURE_DONE)
                run_add(gathering, i, &requests);
            ehr_figures_requests_close(&requests);
            free(dir);
        }
    shares_end(gathering);
    return status;
}

/* ---- figures ---- */

typedef void share_add(struct ehr_figure_panel *panel, enum ehr_flow flow, const char *label,
                       size_t point, const struct share *share);

static void phases_add(struct ehr_figure_panel *panel, enum ehr_flow flow, const char *label,
                       size_t point, const struct share *share)
{
    (void)point;
    ehr_figures_phases_add(panel, flow, ehr_figure_category(panel, label), share->phase_s,
                           share->mean_s, share->runs);
}

static void curve_add(struct ehr_figure_panel *panel, enum ehr_flow flow, const char *label,
                      size_t point, const struct share *share)
{
    (void)flow;
    ehr_figures_curve_add(panel, label, point, share->latencies_ns, share->count);
}

/* A panel with what `add` shows of each point that has requests of the flow; NULL: none has, or
 * the flow is that of registrations, which are not shown. */
static struct ehr_figure_panel *shares_panel(struct ehr_figure *figure, const char *title,
                                             const struct gathering *gathering, enum ehr_flow flow,
                                             share_add *add)
{
    struct ehr_figure_panel *panel = NULL;
    for (size_t i = 0; i < gathering->points->count && flow != EHR_FLOW_REGISTER; i++) {
        const struct share *share = share_of(gathering, i, flow);
        if (share->count == 0)
            continue;
        if (panel == NULL)
            panel = ehr_figure_panel_new(figure, title);
        char *label = ehr_points_label(gathering->points, i);
        add(panel, flow, label, i, share);
        free(label);
    }
    return panel;
}

static void phases_make(struct ehr_figures *figures, const struct gathering *gathering)
{
    struct ehr_figure *figure = ehr_figure_new(
        figures, EHR_FIGURE_STACK, "phases", "Where the time of a request goes",
        "Mean time in each phase of the protocol, of measured requests that ended ok; the mean "
        "over the replications.");
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        struct ehr_figure_panel *panel =
            shares_panel(figure, ehr_flow_name(flow), gathering, flow, phases_add);
        if (panel == NULL)
            continue;
        ehr_figure_axis_set(&panel->y, "mean time per request", "s");
        ehr_figure_zeros_drop(panel);
        ehr_figure_seconds_scale(panel, false);
    }
    ehr_figure_finish(figures, 1, false);
}

static void curves_make(struct ehr_figures *figures, const struct gathering *gathering)
{
    struct ehr_figure *figure = ehr_figure_new(
        figures, EHR_FIGURE_CURVE, "latency-cdf", "Distribution of latency",
        "Share of the measured requests that ended ok and took at most as long; the requests of "
        "all replications together.");
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        struct ehr_figure_panel *panel = shares_panel(figure, "", gathering, flow, curve_add);
        if (panel == NULL)
            continue;
        char *axis = ehr_figures_text("%s latency", ehr_flow_name(flow));
        ehr_figure_axis_set(&panel->x, axis, "s");
        ehr_figure_axis_set(&panel->y, "not slower", "%");
        ehr_figure_axis_choose(panel, true);
        ehr_figure_seconds_scale(panel, true);
        free(axis);
    }
    ehr_figure_finish(figures, 1, false);
}

enum ehr_measure_status ehr_figures_sweep_runs(struct ehr_figures *figures,
                                               const struct ehr_points *points,
                                               struct ehr_measure_error *error)
{
    if (points->count > PHASES_POINTS_MAX) {
        ehr_figures_notice(figures,
                           "phases, latency-cdf: not drawn: %zu points, at most %u and %u fit",
                           points->count, PHASES_POINTS_MAX, EHR_FIGURE_STYLES);
        return EHR_MEASURE_DONE;
    }
    struct gathering gathering = {
        points, ehr_measure_zeroed(points->count * EHR_FLOW_END, sizeof(struct share))};
    enum ehr_measure_status status = runs_read(&gathering, error);
    if (status == EHR_MEASURE_DONE) {
        phases_make(figures, &gathering);
        if (points->count <= EHR_FIGURE_STYLES)
            curves_make(figures, &gathering);
        else
            ehr_figures_notice(figures, "latency-cdf: not drawn: %zu points, at most %u fit",
                               points->count, EHR_FIGURE_STYLES);
    }
    for (size_t i = 0; i < points->count * EHR_FLOW_END; i++)
        free(gathering.shares[i].latencies_ns);
    free(gathering.shares);
    return status;
}
