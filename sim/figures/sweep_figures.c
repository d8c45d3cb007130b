/* The figures of a sweep that are made of the columns of its summary.csv. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/metric.h"
#include "sim/figures/sweep.h"
#include "sim/measure/requests.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct context {
    struct ehr_figures *figures;
    const struct ehr_points *points;
    const struct ehr_view_choice *choice;
    size_t load, nodes, hospitals; /* parameters; SIZE_MAX: none */
    const char *flow;              /* the one that most is about */
};

/* A line of a panel: a metric, under a name of its own or that of the lines of the view. */
struct curve {
    const char *metric, *name;
};

/* ---- panels ---- */

static const struct ehr_points_value *value_of(const struct context *context, size_t point,
                                               const char *metric)
{
    size_t index = ehr_points_metric(context->points, metric);
    const struct ehr_points_value *value =
        index == SIZE_MAX ? NULL : &context->points->points[point].values[index];
    return value != NULL && value->n > 0 ? value : NULL;
}

/* "visit_lat_p95_s" of visit and "_lat_p95_s". */
static char *metric_name(const char *flow, const char *rest)
{
    return ehr_figures_text("%s%s", flow, rest);
}

static char *axis_text(const struct ehr_view *view)
{
    if (view->axis == EHR_VIEW_AXIS_NODES)
        return ehr_figures_text("nodes of the alliance chain");
    if (view->axis == EHR_VIEW_AXIS_HOSPITALS)
        return ehr_figures_text("hospitals");
    return ehr_figures_text("%s", view->points->parameters[view->parameter].path);
}

static struct ehr_figure_panel *panel_make(struct ehr_figure *figure, const struct ehr_view *view,
                                           const char *title, const char *label, const char *unit)
{
    struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, title);
    char *axis = axis_text(view);
    const char *x_unit = "";
    if (view->axis == EHR_VIEW_AXIS_PARAMETER)
        x_unit = ehr_quantity_unit(view->points->parameters[view->parameter].quantity);
    ehr_figure_axis_set(&panel->x, axis, x_unit);
    ehr_figure_axis_set(&panel->y, label, unit);
    free(axis);
    return panel;
}

static double x_of(const struct ehr_view *view, struct ehr_figure_panel *panel, size_t point)
{
    if (ehr_view_numeric(view))
        return ehr_view_x(view, point);
    char *label = ehr_points_value_label(view->points, point, view->parameter, true);
    double x = (double)ehr_figure_category(panel, label);
    free(label);
    return x;
}

static void curve_add(const struct context *context, const struct ehr_view *view,
                      struct ehr_figure_panel *panel, size_t line, const struct curve *curve,
                      size_t style)
{
    const char *name = curve->name != NULL ? curve->name : view->names[line];
    struct ehr_figure_series *series = ehr_figure_series_new(panel, name, style);
    for (size_t i = 0; i < context->points->count; i++) {
        size_t point = view->order[i];
        const struct ehr_points_value *value = value_of(context, point, curve->metric);
        if (view->lines[point] != line || value == NULL)
            continue;
        struct ehr_figure_point drawn =
            ehr_figure_point_of(x_of(view, panel, point), value->mean, value->n);
        drawn.low = value->low;
        drawn.high = value->high;
        ehr_figure_point_add(series, drawn);
    }
}

/* Scales and axes, once all is there. */
static void panel_end(struct ehr_figure_panel *panel)
{
    bool categories = panel->category_count > 0;
    if (strcmp(panel->y.unit, "s") == 0)
        ehr_figure_seconds_scale(panel, false);
    if (categories)
        return;
    ehr_figure_axis_choose(panel, false);
    ehr_figure_axis_choose(panel, true);
    if (strcmp(panel->x.unit, "s") == 0)
        ehr_figure_values_scale(panel);
}

/* A panel of one metric, with all lines of the view. */
static void metric_panel(const struct context *context, const struct ehr_view *view,
                         struct ehr_figure *figure, const char *metric)
{
    struct ehr_metric_text text;
    ehr_metric_describe(metric, &text);
    struct ehr_figure_panel *panel = panel_make(figure, view, "", text.label, text.unit);
    struct curve curve = {.metric = metric};
    if (view->other_count == 0)
        curve.name = text.label;
    for (size_t i = 0; i < view->name_count; i++)
        curve_add(context, view, panel, i, &curve, i);
    panel_end(panel);
}

/* Median, mean and 95th percentile: one panel where there is one line, else one each. */
static void latency_panels(const struct context *context, const struct ehr_view *view,
                           struct ehr_figure *figure, const char *flow)
{
    static const struct curve curves[] = {
        {"_lat_p50_s", "median"}, {"_lat_mean_s", "mean"}, {"_lat_p95_s", "95th percentile"}};
    struct ehr_figure_panel *panel = NULL;
    if (view->name_count == 1) {
        char *label = ehr_figures_text("%s latency", flow);
        panel = panel_make(figure, view, "", label, "s");
        free(label);
    }
    for (size_t i = 0; i < LENGTH(curves); i++) {
        char *metric = metric_name(flow, curves[i].metric);
        struct curve curve = {metric, curves[i].name};
        if (panel != NULL)
            curve_add(context, view, panel, 0, &curve, i);
        else if (i > 0)
            metric_panel(context, view, figure, metric);
        free(metric);
    }
    if (panel != NULL)
        panel_end(panel);
}

/* ---- figures ---- */

/* The view's lines do not fit a figure: says so. */
static bool crowded(const struct context *context, const struct ehr_view *view, const char *name)
{
    if (view->name_count <= EHR_FIGURE_STYLES)
        return false;
    ehr_figures_notice(context->figures,
                       "%s: not drawn: %zu lines, at most %u can be told apart; give other "
                       "parameters with --x and --by, or a sweep of less",
                       name, view->name_count, EHR_FIGURE_STYLES);
    return true;
}

static struct ehr_figure *figure_make(const struct context *context, const struct ehr_view *view,
                                      const char *name, const char *title, const char *help)
{
    enum ehr_figure_kind kind = ehr_view_numeric(view) ? EHR_FIGURE_LINES : EHR_FIGURE_BARS;
    struct ehr_figure *figure = ehr_figure_new(context->figures, kind, name, title, help);
    free(figure->legend);
    figure->legend = ehr_view_legend(view);
    return figure;
}

/* Throughput and latency of a flow against what is on the axis. */
static void flow_figure(const struct context *context, const struct ehr_view *view,
                        const char *name, const char *what, const char *flow, bool main)
{
    char *full = main ? ehr_figures_text("%s", name) : ehr_figures_text("%s-%s", name, flow);
    char *title = ehr_figures_text("%s: throughput and latency by %s", flow, what);
    char *metric = metric_name(flow, "_committed_per_s");
    if (!crowded(context, view, full)) {
        struct ehr_figure *figure =
            figure_make(context, view, full, title,
                        "Requests that ended ok per second, and their latency. Bars: 95 % "
                        "interval of the mean over the replications.");
        metric_panel(context, view, figure, metric);
        latency_panels(context, view, figure, flow);
        ehr_figure_finish(context->figures, 2, !main);
    }
    free(metric);
    free(title);
    free(full);
}

/* Whether requests of the flow were offered, and some ended ok. */
static bool flow_there(const struct context *context, const char *flow)
{
    bool there = false;
    char *metric = metric_name(flow, "_ok");
    for (size_t i = 0; i < context->points->count && !there; i++) {
        const struct ehr_points_value *value = value_of(context, i, metric);
        there = value != NULL && value->mean > 0;
    }
    free(metric);
    return there;
}

/* The metrics that were asked for, a panel each. */
static void chosen_figure(const struct context *context, const struct ehr_view *view,
                          const char *name, const char *what)
{
    if (crowded(context, view, name))
        return;
    char *title = ehr_figures_text("By %s", what);
    struct ehr_figure *figure = figure_make(
        context, view, name, title, "Means over the replications, with their 95 % intervals.");
    for (const char *at = context->choice->metrics; *at != '\0';) {
        size_t length = strcspn(at, ",");
        char *metric = ehr_figures_text("%.*s", (int)length, at);
        metric_panel(context, view, figure, metric);
        free(metric);
        at += length + (at[length] == ',');
    }
    ehr_figure_finish(context->figures, 2, false);
    free(title);
}

static void axis_figures(const struct context *context, enum ehr_view_axis axis, size_t parameter,
                         const char *name, const char *what)
{
    struct ehr_view view;
    ehr_view_make(&view, context->points, axis, parameter, context->choice->by);
    if (context->choice->metrics != NULL) {
        chosen_figure(context, &view, name, what);
    } else {
        flow_figure(context, &view, name, what, context->flow, true);
        for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
            const char *other = ehr_flow_name(flow);
            if (strcmp(other, context->flow) != 0 && flow != EHR_FLOW_REGISTER &&
                flow_there(context, other))
                flow_figure(context, &view, name, what, other, false);
        }
    }
    ehr_view_close(&view);
}

/* ---- load ---- */

static void l_series(const struct context *context, const struct ehr_view *view,
                     struct ehr_figure_panel *panel, size_t line, const struct curve *curve,
                     size_t style)
{
    char *rate = metric_name(context->flow, "_committed_per_s");
    struct ehr_figure_series *series =
        ehr_figure_series_new(panel, curve->name != NULL ? curve->name : view->names[line], style);
    for (size_t i = 0; i < context->points->count; i++) {
        size_t point = view->order[i];
        const struct ehr_points_value *x = value_of(context, point, rate);
        const struct ehr_points_value *y = value_of(context, point, curve->metric);
        if (view->lines[point] != line || x == NULL || y == NULL)
            continue;
        ehr_figure_point_add(series, (struct ehr_figure_point){.x = x->mean,
                                                               .x_low = x->low,
                                                               .x_high = x->high,
                                                               .y = y->mean,
                                                               .low = y->low,
                                                               .high = y->high,
                                                               .n = y->n});
    }
    free(rate);
}

static void l_panel_end(const struct context *context, struct ehr_figure_panel *panel)
{
    char *label = ehr_figures_text("%s committed", context->flow);
    ehr_figure_axis_set(&panel->x, label, "1/s");
    ehr_figure_axis_choose(panel, false);
    ehr_figure_seconds_scale(panel, false);
    free(label);
}

/* Latency against throughput, in order of the load: bent to an L where the system saturates. */
static void l_curve(const struct context *context, const struct ehr_view *view)
{
    static const struct curve curves[] = {
        {"_lat_p50_s", "median"}, {"_lat_mean_s", "mean"}, {"_lat_p95_s", "95th percentile"}};
    if (crowded(context, view, "l-curve"))
        return;
    char *title = ehr_figures_text("%s: latency against throughput", context->flow);
    struct ehr_figure *figure =
        figure_make(context, view, "l-curve", title,
                    "Points in order of the load. Where a line turns upwards the system is "
                    "saturated: more load only waits.");
    figure->kind = EHR_FIGURE_LINES;
    struct ehr_figure_panel *panel = NULL;
    for (size_t i = 0; i < LENGTH(curves); i++) {
        char *metric = metric_name(context->flow, curves[i].metric);
        char *label = view->name_count > 1
                          ? ehr_figures_text("%s latency, %s", context->flow, curves[i].name)
                          : ehr_figures_text("%s latency", context->flow);
        if (panel == NULL || view->name_count > 1) {
            panel = ehr_figure_panel_new(figure, "");
            ehr_figure_axis_set(&panel->y, label, "s");
        }
        struct curve curve = {metric, view->name_count > 1 ? NULL : curves[i].name};
        for (size_t j = 0; j < view->name_count; j++)
            l_series(context, view, panel, j, &curve, view->name_count > 1 ? j : i);
        if (view->name_count > 1 || i + 1 == LENGTH(curves))
            l_panel_end(context, panel);
        free(label);
        free(metric);
    }
    ehr_figure_finish(context->figures, 2, false);
    free(title);
}

/* Committed against offered: below the diagonal the system does not keep up. */
static void offered(const struct context *context, const struct ehr_view *view)
{
    if (crowded(context, view, "offered"))
        return;
    char *title = ehr_figures_text("%s: committed against offered", context->flow);
    char *x_metric = metric_name(context->flow, "_offered_per_s");
    char *y_metric = metric_name(context->flow, "_committed_per_s");
    struct ehr_figure *figure =
        figure_make(context, view, "offered", title,
                    "On the dotted line everything that is offered is done in time; below it the "
                    "system is saturated.");
    figure->kind = EHR_FIGURE_LINES;
    struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, "");
    ehr_figure_axis_set(&panel->x, "requests offered", "1/s");
    ehr_figure_axis_set(&panel->y, "requests committed", "1/s");
    double least = INFINITY, most = 0;
    for (size_t j = 0; j < view->name_count; j++) {
        struct curve curve = {y_metric, view->name_count > 1 ? NULL : "committed"};
        struct ehr_figure_series *series =
            ehr_figure_series_new(panel, curve.name != NULL ? curve.name : view->names[j], j);
        for (size_t i = 0; i < context->points->count; i++) {
            size_t point = view->order[i];
            const struct ehr_points_value *x = value_of(context, point, x_metric);
            const struct ehr_points_value *y = value_of(context, point, y_metric);
            if (view->lines[point] != j || x == NULL || y == NULL)
                continue;
            least = x->mean < least ? x->mean : least;
            most = x->mean > most ? x->mean : most;
            ehr_figure_point_add(series, (struct ehr_figure_point){x->mean, x->low, x->high,
                                                                   y->mean, y->low, y->high, y->n});
        }
    }
    ehr_figure_axis_choose(panel, true);
    ehr_figure_axis_choose(panel, false);
    if (most > least) {
        struct ehr_figure_series *ideal = ehr_figure_series_new(panel, "all that is offered", 0);
        ideal->reference = true;
        ehr_figure_point_add(ideal, ehr_figure_point_of(least, least, 0));
        ehr_figure_point_add(ideal, ehr_figure_point_of(most, most, 0));
    }
    ehr_figure_finish(context->figures, 2, true);
    free(x_metric);
    free(y_metric);
    free(title);
}

/* ---- messages ---- */

static void messages(const struct context *context, enum ehr_view_axis axis, size_t parameter)
{
    static const char *const metrics[2][2] = {
        {"alliance_messages_per_tx", "private_messages_per_tx"},
        {"alliance_bytes_per_tx", "private_bytes_per_tx"}};
    static const char *const tiers[] = {"alliance chain", "private chains"};
    struct ehr_view view;
    ehr_view_make(&view, context->points, axis, parameter, context->choice->by);
    if (!crowded(context, &view, "messages")) {
        struct ehr_figure *figure =
            figure_make(context, &view, "messages", "Messages and bytes per transaction",
                        "What ordering a transaction takes: messages sent by the chain's nodes, "
                        "with the assumed headers.");
        for (size_t k = 0; k < 2; k++) {
            const char *label = k == 0 ? "messages per transaction" : "bytes per transaction";
            struct ehr_figure_panel *panel = NULL;
            for (size_t tier = 0; tier < 2 && view.name_count == 1; tier++) {
                panel = tier == 0 ? panel_make(figure, &view, "", label, k == 0 ? "" : "B") : panel;
                curve_add(context, &view, panel, 0, &(struct curve){metrics[k][tier], tiers[tier]},
                          tier);
            }
            if (panel != NULL)
                panel_end(panel);
            for (size_t tier = 0; tier < 2 && view.name_count > 1; tier++)
                metric_panel(context, &view, figure, metrics[k][tier]);
        }
        ehr_figure_finish(context->figures, 2, true);
    }
    ehr_view_close(&view);
}

/* ---- which ---- */

static bool is_load(const struct ehr_points_parameter *parameter)
{
    static const char *const names[] = {"rate", "clients", "outstanding"};
    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(ehr_points_attribute(parameter->path), names[i]) == 0)
            return parameter->quantity != EHR_QUANTITY_NONE && parameter->distinct > 1;
    return false;
}

static void context_find(struct context *context)
{
    static const enum ehr_flow flows[] = {EHR_FLOW_VISIT, EHR_FLOW_ORDERING, EHR_FLOW_RETRIEVE,
                                          EHR_FLOW_SHARE, EHR_FLOW_REVOKE,   EHR_FLOW_REGISTER};
    const struct ehr_points *points = context->points;
    context->load = context->nodes = context->hospitals = SIZE_MAX;
    for (size_t i = points->parameter_count; i-- > 0;) {
        if (points->parameters[i].distinct < 2)
            continue;
        if (is_load(&points->parameters[i]))
            context->load = i;
        else if (ehr_points_counts(points, i, false))
            context->nodes = i;
        else if (ehr_points_counts(points, i, true))
            context->hospitals = i;
    }
    context->flow = ehr_flow_name(EHR_FLOW_VISIT);
    for (size_t i = LENGTH(flows); i-- > 0;)
        if (flow_there(context, ehr_flow_name(flows[i])))
            context->flow = ehr_flow_name(flows[i]);
}

/* Throughput and latency against each parameter that is not the load. */
static void by_parameters(const struct context *context)
{
    const struct ehr_points *points = context->points;
    for (size_t i = 0; i < points->parameter_count; i++) {
        bool told = points->parameters[i].distinct < 2 || i == context->choice->by;
        for (size_t j = 0; j < i && !told; j++)
            told = points->parameters[j].distinct > 1 && ehr_points_determines(points, j, i) &&
                   ehr_points_determines(points, i, j);
        bool asked = i == context->choice->x;
        if (context->choice->x != SIZE_MAX ? !asked : told)
            continue;
        if (i == context->nodes)
            axis_figures(context, EHR_VIEW_AXIS_NODES, i, "committee", "committee size");
        else if (i == context->hospitals)
            axis_figures(context, EHR_VIEW_AXIS_HOSPITALS, i, "hospitals", "number of hospitals");
        else if (i != context->load || asked || context->choice->metrics != NULL) {
            char *name = ehr_points_name(points, i);
            axis_figures(context, EHR_VIEW_AXIS_PARAMETER, i, name,
                         ehr_points_attribute(points->parameters[i].path));
            free(name);
        }
    }
}

void ehr_figures_sweep_metrics(struct ehr_figures *figures, const struct ehr_points *points,
                               const struct ehr_view_choice *choice)
{
    struct context context = {.figures = figures, .points = points, .choice = choice};
    context_find(&context);
    if (context.load != SIZE_MAX && choice->metrics == NULL) {
        struct ehr_view view;
        ehr_view_make(&view, points, EHR_VIEW_AXIS_PARAMETER, context.load, choice->by);
        l_curve(&context, &view);
        offered(&context, &view);
        ehr_view_close(&view);
    }
    by_parameters(&context);
    if (choice->metrics != NULL)
        return;
    size_t along = choice->x;
    for (size_t i = 0; i < points->parameter_count && along == SIZE_MAX; i++)
        if (points->parameters[i].distinct > 1 && i != context.load && i != choice->by)
            along = i;
    along = context.hospitals != SIZE_MAX && choice->x == SIZE_MAX ? context.hospitals : along;
    along = context.nodes != SIZE_MAX && choice->x == SIZE_MAX ? context.nodes : along;
    along = along == SIZE_MAX ? context.load : along;
    if (along != SIZE_MAX)
        messages(&context,
                 along == context.nodes       ? EHR_VIEW_AXIS_NODES
                 : along == context.hospitals ? EHR_VIEW_AXIS_HOSPITALS
                                              : EHR_VIEW_AXIS_PARAMETER,
                 along);
}
