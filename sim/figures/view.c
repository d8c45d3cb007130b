/* From points of a sweep to lines: what is on the axis, what tells the lines apart. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/sweep.h"
#include "sim/measure/memory.h"

double ehr_view_x(const struct ehr_view *view, size_t point)
{
    const struct ehr_points_point *found = &view->points->points[point];
    double x = (double)point;
    if (view->axis == EHR_VIEW_AXIS_NODES)
        return (double)found->nodes;
    if (view->axis == EHR_VIEW_AXIS_HOSPITALS)
        return (double)found->hospitals;
    (void)ehr_quantity_parse(found->texts[view->parameter], &x);
    return x;
}

bool ehr_view_numeric(const struct ehr_view *view)
{
    return view->axis != EHR_VIEW_AXIS_PARAMETER ||
           view->points->parameters[view->parameter].quantity != EHR_QUANTITY_NONE;
}

/* Those that vary, do not follow from the axis, nor from one that is there already. */
static void others_find(struct ehr_view *view, size_t by)
{
    const struct ehr_points *points = view->points;
    size_t count = points->parameter_count;
    view->others = ehr_measure_zeroed(count + 1, sizeof(size_t));
    for (size_t k = 0; k <= count; k++) { /* `by` first, then in the order of the file */
        size_t i = k == 0 ? by : k - 1;
        if (i >= count || (k > 0 && i == by) || i == view->parameter ||
            points->parameters[i].distinct < 2 || ehr_points_determines(points, view->parameter, i))
            continue;
        bool told = false;
        for (size_t j = 0; j < view->other_count && !told; j++)
            told = ehr_points_determines(points, view->others[j], i);
        if (!told)
            view->others[view->other_count++] = i;
    }
}

static char *line_name(const struct ehr_view *view, size_t point)
{
    char *name = ehr_figures_text("%s", "");
    for (size_t i = 0; i < view->other_count; i++) {
        char *value =
            ehr_points_value_label(view->points, point, view->others[i], view->other_count == 1);
        char *longer = ehr_figures_text("%s%s%s", name, i == 0 ? "" : ", ", value);
        free(value);
        free(name);
        name = longer;
    }
    return name;
}

static void lines_find(struct ehr_view *view)
{
    size_t count = view->points->count;
    view->lines = ehr_measure_zeroed(count + 1, sizeof(size_t));
    for (size_t i = 0; i < count; i++) {
        char *name = line_name(view, i);
        size_t line = 0;
        while (line < view->name_count && strcmp(view->names[line], name) != 0)
            line++;
        view->lines[i] = line;
        if (line < view->name_count) {
            free(name);
            continue;
        }
        view->names =
            ehr_measure_grow(view->names, view->name_count, view->name_count + 1, sizeof(char *));
        view->names[view->name_count++] = name;
    }
}

/* By x where it is a number; points of the same x stay in the order of the design. */
static void order_find(struct ehr_view *view)
{
    size_t count = view->points->count;
    view->order = ehr_measure_zeroed(count + 1, sizeof(size_t));
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        while (ehr_view_numeric(view) && at > 0 &&
               ehr_view_x(view, view->order[at - 1]) > ehr_view_x(view, i)) {
            view->order[at] = view->order[at - 1];
            at--;
        }
        view->order[at] = i;
    }
}

void ehr_view_make(struct ehr_view *view, const struct ehr_points *points, enum ehr_view_axis axis,
                   size_t parameter, size_t by)
{
    *view = (struct ehr_view){.points = points, .axis = axis, .parameter = parameter};
    others_find(view, by);
    lines_find(view);
    order_find(view);
}

void ehr_view_close(struct ehr_view *view)
{
    for (size_t i = 0; i < view->name_count; i++)
        free(view->names[i]);
    free(view->names);
    free(view->others);
    free(view->lines);
    free(view->order);
}

char *ehr_view_legend(const struct ehr_view *view)
{
    char *legend = ehr_figures_text("%s", "");
    for (size_t i = 0; i < view->other_count; i++) {
        const char *path = view->points->parameters[view->others[i]].path;
        const char *shown = view->other_count == 1 ? path : ehr_points_attribute(path);
        char *longer = ehr_figures_text("%s%s%s", legend, i == 0 ? "" : ", ", shown);
        free(legend);
        legend = longer;
    }
    return legend;
}
