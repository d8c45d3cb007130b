#include "sim/figures/figure.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/measure/csv.h"
#include "sim/measure/memory.h"

/* From this ratio of the largest to the least number on, an axis is logarithmic. */
#define LINEAR_SPREAD_MAX 20.0

static char *text_make(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = ehr_measure_zeroed(size, 1);
    vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

char *ehr_figures_text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = text_make(format, arguments);
    va_end(arguments);
    return text;
}

/* Room for one more element; the address of the array may change. */
static void *room_make(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t more = *capacity == 0 ? 4 : 2 * *capacity;
    array = ehr_measure_grow(array, *capacity, more, size);
    *capacity = more;
    return array;
}

/* ---- making ---- */

struct ehr_figure *ehr_figure_new(struct ehr_figures *figures, enum ehr_figure_kind kind,
                                  const char *name, const char *title, const char *help)
{
    figures->figures =
        room_make(figures->figures, figures->count, &figures->capacity, sizeof(*figures->figures));
    struct ehr_figure *figure = &figures->figures[figures->count++];
    *figure = (struct ehr_figure){.kind = kind,
                                  .name = ehr_figures_text("%s", name),
                                  .title = ehr_figures_text("%s", title),
                                  .help = ehr_figures_text("%s", help),
                                  .legend = ehr_figures_text("%s", "")};
    return figure;
}

struct ehr_figure_panel *ehr_figure_panel_new(struct ehr_figure *figure, const char *title)
{
    figure->panels = room_make(figure->panels, figure->panel_count, &figure->panel_capacity,
                               sizeof(*figure->panels));
    struct ehr_figure_panel *panel = &figure->panels[figure->panel_count++];
    *panel = (struct ehr_figure_panel){.title = ehr_figures_text("%s", title)};
    ehr_figure_axis_set(&panel->x, "", "");
    ehr_figure_axis_set(&panel->y, "", "");
    return panel;
}

void ehr_figure_axis_set(struct ehr_figure_axis *axis, const char *label, const char *unit)
{
    free(axis->label);
    free(axis->unit);
    axis->label = ehr_figures_text("%s", label);
    axis->unit = ehr_figures_text("%s", unit);
}

struct ehr_figure_series *ehr_figure_series_new(struct ehr_figure_panel *panel, const char *name,
                                                size_t style)
{
    panel->series = room_make(panel->series, panel->series_count, &panel->series_capacity,
                              sizeof(*panel->series));
    struct ehr_figure_series *series = &panel->series[panel->series_count++];
    *series = (struct ehr_figure_series){.name = ehr_figures_text("%s", name), .style = style};
    return series;
}

struct ehr_figure_point ehr_figure_point_of(double x, double y, size_t n)
{
    return (struct ehr_figure_point){
        .x = x, .x_low = NAN, .x_high = NAN, .y = y, .low = NAN, .high = NAN, .n = n};
}

void ehr_figure_point_add(struct ehr_figure_series *series, struct ehr_figure_point point)
{
    series->points =
        room_make(series->points, series->count, &series->capacity, sizeof(*series->points));
    series->points[series->count++] = point;
}

size_t ehr_figure_category(struct ehr_figure_panel *panel, const char *name)
{
    size_t count = panel->category_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(panel->categories[i], name) == 0)
            return i;
    panel->categories = ehr_measure_grow(panel->categories, count, count + 1, sizeof(char *));
    panel->categories[panel->category_count++] = ehr_figures_text("%s", name);
    return count;
}

void ehr_figure_mark_add(struct ehr_figure *figure, double begin, double end, const char *name,
                         const char *text)
{
    figure->marks = room_make(figure->marks, figure->mark_count, &figure->mark_capacity,
                              sizeof(*figure->marks));
    figure->marks[figure->mark_count++] =
        (struct ehr_figure_mark){.begin = begin,
                                 .end = end,
                                 .name = ehr_figures_text("%s", name),
                                 .text = ehr_figures_text("%s", text)};
}

void ehr_figures_notice(struct ehr_figures *figures, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    figures->notices = room_make(figures->notices, figures->notice_count, &figures->notice_capacity,
                                 sizeof(char *));
    figures->notices[figures->notice_count++] = text_make(format, arguments);
    va_end(arguments);
}

/* ---- closing ---- */

static void series_close(struct ehr_figure_series *series)
{
    free(series->name);
    free(series->points);
}

static void panel_close(struct ehr_figure_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++)
        series_close(&panel->series[i]);
    for (size_t i = 0; i < panel->category_count; i++)
        free(panel->categories[i]);
    free(panel->series);
    free(panel->categories);
    free(panel->title);
    free(panel->x.label);
    free(panel->x.unit);
    free(panel->y.label);
    free(panel->y.unit);
}

void ehr_figure_close(struct ehr_figure *figure)
{
    for (size_t i = 0; i < figure->panel_count; i++)
        panel_close(&figure->panels[i]);
    for (size_t i = 0; i < figure->mark_count; i++) {
        free(figure->marks[i].name);
        free(figure->marks[i].text);
    }
    free(figure->panels);
    free(figure->marks);
    free(figure->name);
    free(figure->title);
    free(figure->help);
    free(figure->legend);
}

/* ---- finishing ---- */

/* Points of the fullest series, or categories of bars; 0 without a point. */
static size_t panel_extent(const struct ehr_figure *figure, const struct ehr_figure_panel *panel)
{
    size_t most = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        if (!panel->series[i].reference && panel->series[i].count > most)
            most = panel->series[i].count;
    return most > 0 && figure->kind == EHR_FIGURE_BARS ? panel->category_count : most;
}

void ehr_figure_finish(struct ehr_figures *figures, size_t least, bool quiet)
{
    struct ehr_figure *figure = &figures->figures[figures->count - 1];
    size_t most = 0, kept = 0;
    for (size_t i = 0; i < figure->panel_count; i++) {
        size_t extent = panel_extent(figure, &figure->panels[i]);
        most = extent > most ? extent : most;
        if (extent == 0)
            panel_close(&figure->panels[i]);
        else
            figure->panels[kept++] = figure->panels[i];
    }
    figure->panel_count = kept;
    if (most >= least && most > 0)
        return;
    if (!quiet && most == 0)
        ehr_figures_notice(figures, "%s: not drawn: nothing to show", figure->name);
    else if (!quiet)
        ehr_figures_notice(figures, "%s: not drawn: a single point", figure->name);
    ehr_figure_close(&figures->figures[--figures->count]);
}

void ehr_figure_zeros_drop(struct ehr_figure_panel *panel)
{
    size_t kept = 0;
    for (size_t i = 0; i < panel->series_count; i++) {
        bool some = false;
        for (size_t j = 0; j < panel->series[i].count; j++)
            some = some || panel->series[i].points[j].y != 0;
        if (some)
            panel->series[kept++] = panel->series[i];
        else
            series_close(&panel->series[i]);
    }
    panel->series_count = kept;
}

static void span_take(double value, double *least, double *most)
{
    *least = value < *least ? value : *least; /* false for NAN */
    *most = value > *most ? value : *most;
}

/* Least and largest number of an axis, intervals left out; false without a point. */
static bool panel_span(const struct ehr_figure_panel *panel, bool x, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->series[i].count; j++) {
            const struct ehr_figure_point *point = &panel->series[i].points[j];
            span_take(x ? point->x : point->y, least, most);
        }
    return *least <= *most;
}

static void seconds_scale(struct ehr_figure_panel *panel, bool x, bool milli)
{
    double factor = milli ? 1e3 : 1e6;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->series[i].count; j++) {
            struct ehr_figure_point *point = &panel->series[i].points[j];
            *(x ? &point->x : &point->y) *= factor;
            *(x ? &point->x_low : &point->low) *= factor;
            *(x ? &point->x_high : &point->high) *= factor;
        }
    struct ehr_figure_axis *axis = x ? &panel->x : &panel->y;
    free(axis->unit);
    axis->unit = ehr_figures_text("%s", milli ? "ms" : "\xc2\xb5s");
}

void ehr_figure_seconds_scale(struct ehr_figure_panel *panel, bool x)
{
    double least, most;
    if (panel_span(panel, x, &least, &most) && most < 1 && most > 0)
        seconds_scale(panel, x, most >= 1e-3);
}

void ehr_figure_values_scale(struct ehr_figure_panel *panel)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->series[i].count; j++) {
            double x = panel->series[i].points[j].x;
            least = x > 0 && x < least ? x : least;
            most = x > most ? x : most;
        }
    if (least < 1 && most < 60)
        seconds_scale(panel, true, least >= 1e-3);
}

void ehr_figure_axis_choose(struct ehr_figure_panel *panel, bool x)
{
    double least, most;
    bool some = panel_span(panel, x, &least, &most);
    (x ? &panel->x : &panel->y)->logarithmic =
        some && least > 0 && most / least > LINEAR_SPREAD_MAX;
}

/* ---- the table ---- */

static void number_write(struct ehr_csv *csv, double number)
{
    if (isnan(number))
        ehr_csv_empty(csv);
    else
        ehr_csv_number(csv, number);
}

static void point_write(struct ehr_csv *csv, const struct ehr_figure_panel *panel,
                        const struct ehr_figure_series *series,
                        const struct ehr_figure_point *point)
{
    ehr_csv_text(csv, *panel->title != '\0' ? panel->title : panel->y.label);
    ehr_csv_text(csv, series->name);
    if (panel->category_count > 0)
        ehr_csv_text(csv, panel->categories[(size_t)point->x]);
    else
        ehr_csv_number(csv, point->x);
    ehr_csv_text(csv, panel->x.unit);
    number_write(csv, point->x_low);
    number_write(csv, point->x_high);
    number_write(csv, point->y);
    ehr_csv_text(csv, panel->y.unit);
    number_write(csv, point->low);
    number_write(csv, point->high);
    if (point->n > 0)
        ehr_csv_count(csv, point->n);
    else
        ehr_csv_empty(csv);
    ehr_csv_end(csv);
}

void ehr_figure_table_write(const struct ehr_figure *figure, FILE *out)
{
    static const char *const columns[] = {"panel", "series", "x",   "x_unit", "x_low", "x_high",
                                          "y",     "y_unit", "low", "high",   "n"};
    struct ehr_csv csv = {.file = out};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        ehr_csv_text(&csv, columns[i]);
    ehr_csv_end(&csv);
    for (size_t i = 0; i < figure->panel_count; i++)
        for (size_t j = 0; j < figure->panels[i].series_count; j++) {
            const struct ehr_figure_series *series = &figure->panels[i].series[j];
            for (size_t k = 0; k < series->count; k++)
                point_write(&csv, &figure->panels[i], series, &series->points[k]);
        }
    for (size_t i = 0; i < figure->mark_count; i++) {
        const struct ehr_figure_mark *mark = &figure->marks[i];
        ehr_csv_text(&csv, "fault");
        char *text = ehr_figures_text("%s %s", mark->name, mark->text);
        ehr_csv_text(&csv, text);
        free(text);
        number_write(&csv, mark->begin);
        ehr_csv_text(&csv, "s");
        number_write(&csv, mark->begin);
        number_write(&csv, mark->end);
        for (size_t j = 0; j < 5; j++) /* y to n */
            ehr_csv_empty(&csv);
        ehr_csv_end(&csv);
    }
}
