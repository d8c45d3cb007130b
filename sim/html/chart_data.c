#include "sim/html/chart_data.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A curve of more points looks the same; docs/report.md states the rule. */
#define POINTS_MAX 500u

static const char *kind_name(enum ehr_figure_kind kind)
{
    switch (kind) {
    case EHR_FIGURE_LINES:
        return "lines";
    case EHR_FIGURE_CURVE:
        return "curve";
    case EHR_FIGURE_STEPS:
        return "steps";
    case EHR_FIGURE_BARS:
        return "bars";
    case EHR_FIGURE_STACK:
        return "stack";
    case EHR_FIGURE_INVALID:
        break;
    }
    assert(false);
    return "";
}

/* Six digits are enough for a figure; JSON has no NaN. */
static void number_add(char *text, size_t size, double number)
{
    size_t length = strlen(text);
    const char *comma = length > 1 ? "," : "";
    if (isfinite(number))
        snprintf(text + length, size - length, "%s%.6g", comma, number);
    else
        snprintf(text + length, size - length, "%snull", comma);
}

static void point_add(cJSON *points, const struct ehr_figure_point *point)
{
    char text[160] = "[";
    bool interval = isfinite(point->low) && isfinite(point->high);
    bool wide = isfinite(point->x_low) && isfinite(point->x_high);
    number_add(text, sizeof(text), point->x);
    number_add(text, sizeof(text), point->y);
    if (interval || wide) {
        number_add(text, sizeof(text), point->low);
        number_add(text, sizeof(text), point->high);
    }
    if (wide) {
        number_add(text, sizeof(text), point->x_low);
        number_add(text, sizeof(text), point->x_high);
    }
    strncat(text, "]", sizeof(text) - strlen(text) - 1);
    cJSON_AddItemToArray(points, cJSON_CreateRaw(text));
}

static cJSON *series_make(const struct ehr_figure_series *series, bool thin)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", series->name);
    cJSON_AddNumberToObject(object, "style", (double)series->style);
    if (series->reference)
        cJSON_AddBoolToObject(object, "reference", true);
    cJSON *points = cJSON_AddArrayToObject(object, "points");
    size_t shown = thin && series->count > POINTS_MAX ? POINTS_MAX : series->count;
    /* the first and the last one are always there */
    for (size_t i = 0; i < shown; i++)
        point_add(
            points,
            &series->points[shown == series->count ? i : i * (series->count - 1) / (shown - 1)]);
    return object;
}

static void axis_add(cJSON *panel, const char *name, const struct ehr_figure_axis *axis)
{
    cJSON *object = cJSON_AddObjectToObject(panel, name);
    cJSON_AddStringToObject(object, "label", axis->label);
    cJSON_AddStringToObject(object, "unit", axis->unit);
    if (axis->logarithmic)
        cJSON_AddBoolToObject(object, "log", true);
}

static cJSON *panel_make(const struct ehr_figure_panel *panel, bool thin)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "title", panel->title);
    axis_add(object, "x", &panel->x);
    axis_add(object, "y", &panel->y);
    cJSON *categories = cJSON_AddArrayToObject(object, "categories");
    for (size_t i = 0; i < panel->category_count; i++)
        cJSON_AddItemToArray(categories, cJSON_CreateString(panel->categories[i]));
    cJSON *series = cJSON_AddArrayToObject(object, "series");
    for (size_t i = 0; i < panel->series_count; i++)
        cJSON_AddItemToArray(series, series_make(&panel->series[i], thin));
    return object;
}

static cJSON *figure_make(const struct ehr_figure *figure)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", figure->name);
    cJSON_AddStringToObject(object, "title", figure->title);
    cJSON_AddStringToObject(object, "help", figure->help);
    cJSON_AddStringToObject(object, "legend", figure->legend);
    cJSON_AddStringToObject(object, "kind", kind_name(figure->kind));
    cJSON *panels = cJSON_AddArrayToObject(object, "panels");
    for (size_t i = 0; i < figure->panel_count; i++)
        cJSON_AddItemToArray(panels,
                             panel_make(&figure->panels[i], figure->kind == EHR_FIGURE_CURVE));
    cJSON *marks = cJSON_AddArrayToObject(object, "marks");
    for (size_t i = 0; i < figure->mark_count; i++) {
        const struct ehr_figure_mark *mark = &figure->marks[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "begin", mark->begin);
        if (isfinite(mark->end))
            cJSON_AddNumberToObject(one, "end", mark->end);
        cJSON_AddStringToObject(one, "name", mark->name);
        cJSON_AddStringToObject(one, "text", mark->text);
        cJSON_AddItemToArray(marks, one);
    }
    return object;
}

cJSON *ehr_html_chart_data(const struct ehr_figures *figures)
{
    cJSON *data = cJSON_CreateArray();
    for (size_t i = 0; i < figures->count; i++)
        cJSON_AddItemToArray(data, figure_make(&figures->figures[i]));
    return data;
}
