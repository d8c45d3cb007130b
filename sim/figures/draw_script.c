#include "sim/figures/draw.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/layout.h"
#include "sim/measure/error.h"

#define WIDTH             EHR_LAYOUT_WIDTH
#define LEGEND_CHARACTERS EHR_LAYOUT_LEGEND_CHARACTERS
#define CATEGORY_MAX      EHR_LAYOUT_CATEGORY_MAX
#define CAPTION_MAX       118u
#define TICS_MAX          9u /* more values than this do not get a tic each */

/* ---- texts ---- */

/* In gnuplot's single quotes nothing but the quote means anything. A text that is too long loses
 * its middle. */
static void quoted_write(FILE *file, const char *text, size_t most)
{
    size_t length = ehr_figure_layout_characters(text), at = 0;
    size_t head = length <= most ? length : (most - 1) / 2;
    size_t tail = length <= most ? 0 : length - (most - 1 - head);
    fputc('\'', file);
    for (; *text != '\0'; text++) {
        bool begins = ((unsigned char)*text & 0xc0) != 0x80;
        at += begins;
        if (begins && at == head + 1 && tail > 0)
            fputs("\xe2\x80\xa6", file);
        if (at > head && at <= tail)
            continue;
        if (*text == '\'')
            fputc('\'', file);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
    }
    fputc('\'', file);
}

static char *axis_text(const struct ehr_figure_axis *axis)
{
    return *axis->unit == '\0' ? ehr_figures_text("%s", axis->label)
                               : ehr_figures_text("%s [%s]", axis->label, axis->unit);
}

/* The caption in two lines, broken after a comma. */
static void caption_write(FILE *file, const char *caption)
{
    size_t length = strlen(caption), cut = length;
    if (ehr_figure_layout_characters(caption) > CAPTION_MAX) {
        for (size_t i = 0; i < length && (i <= CAPTION_MAX || cut == length); i++)
            if (caption[i] == ',')
                cut = i + 1;
    }
    char *first = ehr_figures_text("%.*s", (int)cut, caption);
    fputs("caption_1 = ", file);
    quoted_write(file, first, 2 * CAPTION_MAX);
    fputs("\ncaption_2 = ", file);
    quoted_write(file, cut < length ? caption + cut + 1 : "", 2 * CAPTION_MAX);
    fputc('\n', file);
    free(first);
}

/* Three digits: 12.3 ms, 45700, 200/s. */
static void value_write(char *text, size_t size, double value, const char *unit)
{
    bool per = strncmp(unit, "1/", 2) == 0;
    snprintf(text, size, fabs(value) < 999.5 ? "%.3g%s%s" : "%.0f%s%s", value,
             *unit == '\0' || per ? "" : " ", per ? unit + 1 : unit);
}

/* ---- data ---- */

static FILE *file_open(const char *folder, const char *name, struct ehr_measure_error *error)
{
    char *path = ehr_figures_text("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(errno));
    free(path);
    return file;
}

static enum ehr_measure_status file_close(FILE *file, const char *folder,
                                          struct ehr_measure_error *error)
{
    bool failed = ferror(file) != 0;
    if (fclose(file) == 0 && !failed)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: cannot write: %s", folder,
                            strerror(errno));
}

/* An interval that reaches below zero leaves a logarithmic axis at its lower end, without a cap. */
static double low_of(double value, double low, bool logarithmic)
{
    return logarithmic && low <= 0 ? value * 1e-9 : low;
}

static void line_point_write(FILE *file, const struct ehr_figure_panel *panel,
                             const struct ehr_figure_point *point)
{
    fprintf(file, "%.9g %.9g %.9g %.9g %.9g %.9g\n", point->x,
            low_of(point->x, point->x_low, panel->x.logarithmic), point->x_high, point->y,
            low_of(point->y, point->low, panel->y.logarithmic), point->high);
}

/* Value, interval, lower and upper edge of the bar, where its text stands, the text. */
static void bar_write(FILE *file, const struct ehr_figure_panel *panel, size_t series,
                      const struct ehr_figure_point *point)
{
    char text[64];
    double share = 0.84 / (double)panel->series_count;
    double edge = point->x + 0.08 + (double)series * share;
    value_write(text, sizeof(text), point->y, panel->y.unit);
    fprintf(file, "%.9g %.9g %.9g %.9g %.9g %.9g \"%s\"\n", point->y, point->low, point->high, edge,
            edge + share, isnan(point->high) ? point->y : point->high, text);
}

/* Where the part begins and ends, lower and upper edge. */
static void part_write(FILE *file, const struct ehr_figure_panel *panel, size_t series,
                       const struct ehr_figure_point *point)
{
    double begin = 0;
    for (size_t i = 0; i < series; i++)
        for (size_t j = 0; j < panel->series[i].count; j++)
            if (panel->series[i].points[j].x == point->x)
                begin += panel->series[i].points[j].y;
    fprintf(file, "%.9g %.9g %.9g %.9g\n", begin, begin + point->y, point->x + 0.15,
            point->x + 0.85);
}

static enum ehr_measure_status series_write(const struct ehr_figure *figure, size_t panel_index,
                                            size_t series_index, const char *folder,
                                            struct ehr_measure_error *error)
{
    const struct ehr_figure_panel *panel = &figure->panels[panel_index];
    const struct ehr_figure_series *series = &panel->series[series_index];
    char *name = ehr_figures_text("series-%zu-%zu.dat", panel_index + 1, series_index + 1);
    FILE *file = file_open(folder, name, error);
    free(name);
    if (file == NULL)
        return EHR_MEASURE_ENVIRONMENT;
    for (size_t i = 0; i < series->count; i++) {
        if (figure->kind == EHR_FIGURE_BARS)
            bar_write(file, panel, series_index, &series->points[i]);
        else if (figure->kind == EHR_FIGURE_STACK)
            part_write(file, panel, series_index, &series->points[i]);
        else
            line_point_write(file, panel, &series->points[i]);
    }
    return file_close(file, folder, error);
}

/* ---- a panel ---- */

/* Tics at the numbers themselves where these are few and apart from each other. */
static void tics_write(FILE *file, const struct ehr_figure_panel *panel)
{
    double values[TICS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->series[i].count; j++) {
            double x = panel->series[i].points[j].x;
            size_t at = 0;
            while (at < count && values[at] < x)
                at++;
            if (at < count && values[at] == x)
                continue;
            if (count == TICS_MAX || !isnan(panel->series[i].points[j].x_high))
                return; /* a measured quantity */
            memmove(values + at + 1, values + at, (count - at) * sizeof(double));
            values[at] = x;
            count++;
        }
    for (size_t i = 1; i < count; i++) {
        double first = values[0], last = values[count - 1];
        bool close = panel->x.logarithmic ? values[i] / values[i - 1] < 1.3
                                          : values[i] - values[i - 1] < 0.06 * (last - first);
        if (close)
            return;
    }
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s%.6g", i == 0 ? "set xtics (" : ", ", values[i]);
    fputs(count > 0 ? ")\nset mxtics 1\n" : "", file);
}

static void categories_write(FILE *file, const struct ehr_figure_panel *panel)
{
    fprintf(file, "set yrange [%zu:0]\nset ytics scale 0 (", panel->category_count);
    for (size_t i = 0; i < panel->category_count; i++) {
        fputs(i == 0 ? "" : ", ", file);
        quoted_write(file, panel->categories[i], CATEGORY_MAX);
        fprintf(file, " %.1f", (double)i + 0.5);
    }
    fputs(")\n", file);
}

static void entry_write(FILE *file, const struct ehr_figure *figure,
                        const struct ehr_figure_panel *panel,
                        const struct ehr_figure_series *series)
{
    if (!ehr_figure_layout_parts_told(figure, panel) || series->count == 0) {
        quoted_write(file, series->name, LEGEND_CHARACTERS);
        return;
    }
    char text[64];
    double sum = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        sum += panel->series[i].count > 0 ? panel->series[i].points[0].y : 0;
    value_write(text, sizeof(text), series->points[0].y, panel->y.unit);
    char *entry = ehr_figures_text("%s %s (%.1f %%)", series->name, text,
                                   sum > 0 ? 100 * series->points[0].y / sum : 0.0);
    quoted_write(file, entry, LEGEND_CHARACTERS + 5);
    free(entry);
}

static void arrays_write(FILE *file, const struct ehr_figure *figure, size_t panel_index)
{
    const struct ehr_figure_panel *panel = &figure->panels[panel_index];
    size_t count = panel->series_count;
    fprintf(file, "count = %zu\narray files[%zu]\narray entries[%zu]\narray styles[%zu]\n", count,
            count, count, count);
    for (size_t i = 0; i < count; i++) {
        const struct ehr_figure_series *series = &panel->series[i];
        fprintf(file,
                "files[%zu] = 'series-%zu-%zu.dat'\nstyles[%zu] = %zu\nentries[%zu] = ", i + 1,
                panel_index + 1, i + 1, i + 1,
                series->reference ? EHR_FIGURE_STYLES + 1 : series->style % EHR_FIGURE_STYLES + 1,
                i + 1);
        entry_write(file, figure, panel, series);
        fputc('\n', file);
    }
}

static void bounds_take(double value, double *least, double *most)
{
    *least = value < *least ? value : *least; /* false for NAN */
    *most = value > *most ? value : *most;
}

/* What the points of an axis lie between, their intervals too. */
static void bounds_of(const struct ehr_figure_panel *panel, bool x, double *least, double *most)
{
    *least = INFINITY;
    *most = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->series[i].count; j++) {
            const struct ehr_figure_point *point = &panel->series[i].points[j];
            bool logarithmic = (x ? &panel->x : &panel->y)->logarithmic;
            double value = x ? point->x : point->y;
            bounds_take(value, least, most);
            double low = x ? point->x_low : point->low;
            bounds_take(logarithmic && low <= 0 ? value : low, least, most);
            bounds_take(x ? point->x_high : point->high, least, most);
        }
}

/* Bars have room for their text to the right. */
static double bars_end(const struct ehr_figure *figure, const struct ehr_figure_panel *panel)
{
    double least, most;
    bounds_of(panel, false, &least, &most);
    if (figure->kind == EHR_FIGURE_STACK) {
        most = 0;
        for (size_t c = 0; c < panel->category_count; c++) {
            double sum = 0;
            for (size_t i = 0; i < panel->series_count; i++)
                for (size_t j = 0; j < panel->series[i].count; j++)
                    sum += panel->series[i].points[j].x == (double)c ? panel->series[i].points[j].y
                                                                     : 0;
            most = sum > most ? sum : most;
        }
    }
    return most <= 0 ? 1 : figure->kind == EHR_FIGURE_BARS ? 1.14 * most : 1.02 * most;
}

/* The x axis of lines ends a little beyond the points, but not below zero. */
static void span_write(FILE *file, const struct ehr_figure_panel *panel)
{
    double least, most;
    bounds_of(panel, true, &least, &most);
    if (panel->x.logarithmic) {
        fprintf(file, "set logscale x\nset xrange [%.9g:%.9g]\n", least / 1.15, most * 1.15);
        return;
    }
    double room = 0.04 * (most - least);
    double begin = least <= 0 ? least - room / 2 : least < 0.3 * most ? 0 : least - room;
    fprintf(file, "set xrange [%.9g:%.9g]\n", begin, most + (room > 0 ? room : 1));
}

/* A logarithmic y axis begins at a power of ten below all numbers. */
static void decades_write(FILE *file, const struct ehr_figure_panel *panel)
{
    double least, most, begin = 1;
    bounds_of(panel, false, &least, &most);
    while (begin > least)
        begin /= 10;
    while (begin * 10 <= least)
        begin *= 10;
    fprintf(file, "set logscale y\nset yrange [%.9g:*]\n", begin);
}

static void range_write(FILE *file, const struct ehr_figure *figure,
                        const struct ehr_figure_panel *panel)
{
    double least, most;
    bounds_of(panel, true, &least, &most);
    if (figure->kind == EHR_FIGURE_LINES)
        span_write(file, panel);
    else if (figure->kind == EHR_FIGURE_STEPS)
        fprintf(file, "last = %.9g\nset xrange [0:last]\n", most);
    else if (panel->x.logarithmic)
        fprintf(file, "set logscale x\nset xrange [%.9g:%.9g]\n", least / 1.1, most * 1.1);
    else
        fprintf(file, "set xrange [0:%.9g]\n", 1.04 * most);
    if (panel->y.logarithmic)
        decades_write(file, panel);
    else
        fputs("set yrange [0:*]\n", file);
    if (figure->kind == EHR_FIGURE_LINES)
        tics_write(file, panel);
    if (figure->kind == EHR_FIGURE_CURVE)
        fputs("set yrange [0:100]\nset ytics 20\n", file);
}

static void key_write(FILE *file, const struct ehr_figure *figure,
                      const struct ehr_figure_layout *layout, size_t index)
{
    if (!ehr_figure_layout_legend(figure, index)) {
        fputs("unset key\n", file);
        return;
    }
    fprintf(file,
            "set key at screen %.6f, screen %.6f left top vertical Left reverse noenhanced "
            "samplen 3 maxcols 1 maxrows 40 title legend left\n",
            (layout->right + 14) / WIDTH, 1 - layout->tops[index] / layout->height);
}

/* What the numbers of a few faults stand for: below the legend of the first panel. */
static void faults_write(FILE *file, const struct ehr_figure *figure,
                         const struct ehr_figure_layout *layout)
{
    double at = layout->tops[0] + 20 * (double)figure->panels[0].series_count + 20;
    for (size_t i = 0; i < figure->mark_count && figure->mark_count <= EHR_FIGURE_LAYOUT_MARKS;
         i++) {
        char *text = ehr_figures_text("%s  %s", figure->marks[i].name, figure->marks[i].text);
        fprintf(file, "set label %zu ", 200 + i);
        quoted_write(file, text, LEGEND_CHARACTERS + 4);
        fprintf(file, " at screen %.6f, screen %.6f left noenhanced textcolor rgb '#606060'\n",
                (layout->right + 18) / WIDTH, 1 - (at + 17 * (double)i) / layout->height);
        free(text);
    }
}

/* What stands above a panel: its title, or what its y axis shows. */
static void heading_write(FILE *file, const struct ehr_figure *figure,
                          const struct ehr_figure_layout *layout, size_t index)
{
    const struct ehr_figure_panel *panel = &figure->panels[index];
    char *label =
        ehr_figure_layout_horizontal(figure) ? ehr_figures_text("%s", "") : axis_text(&panel->y);
    char *heading = ehr_figures_text("%s%s%s", panel->title,
                                     *panel->title != '\0' && *label != '\0' ? ": " : "", label);
    double above = ehr_figure_layout_horizontal(figure) ? 13 : figure->mark_count > 0 ? 32 : 18;
    fputs("set label 1 ", file);
    quoted_write(file, heading, 100);
    fprintf(file, " at screen %.6f, screen %.6f left noenhanced\n", 12 / WIDTH,
            1 - (layout->tops[index] - above) / layout->height);
    free(heading);
    free(label);
}

static void panel_write(FILE *file, const struct ehr_figure *figure,
                        const struct ehr_figure_layout *layout, size_t index)
{
    const struct ehr_figure_panel *panel = &figure->panels[index];
    bool flat = ehr_figure_layout_horizontal(figure);
    fprintf(file, "set tmargin screen %.6f\nset bmargin screen %.6f\n",
            1 - layout->tops[index] / layout->height, 1 - layout->bottoms[index] / layout->height);
    heading_write(file, figure, layout, index);
    if (!ehr_figure_layout_label_repeated(figure, index)) {
        char *label = axis_text(flat ? &panel->y : &panel->x);
        fputs("set label 2 ", file);
        quoted_write(file, label, 80);
        fprintf(file, " at screen %.6f, screen %.6f center noenhanced\n",
                (layout->left + layout->right) / 2 / WIDTH,
                1 - (layout->bottoms[index] + 47) / layout->height);
        free(label);
    }
    if (flat) {
        fprintf(file, "set xrange [0:%.9g]\n", bars_end(figure, panel));
        categories_write(file, panel);
    } else {
        range_write(file, figure, panel);
    }
    key_write(file, figure, layout, index);
    if (index == 0)
        faults_write(file, figure, layout);
    arrays_write(file, figure, index);
}

/* Faults that begin together, and so have numbers in a row, share a label: "2-4". */
static char *mark_label(const struct ehr_figure *figure, size_t index)
{
    const struct ehr_figure_mark *mark = &figure->marks[index];
    size_t last = index;
    if (index > 0 && mark[-1].begin == mark->begin)
        return ehr_figures_text("%s", "");
    while (last + 1 < figure->mark_count && figure->marks[last + 1].begin == mark->begin)
        last++;
    return last == index ? ehr_figures_text("%s", mark->name)
                         : ehr_figures_text("%s-%s", mark->name, figure->marks[last].name);
}

static void marks_write(FILE *file, const struct ehr_figure *figure)
{
    size_t count = figure->mark_count;
    fprintf(file, "marks = %zu\narray begins[%zu]\narray ends[%zu]\narray names[%zu]\n", count,
            count + 1, count + 1, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct ehr_figure_mark *mark = &figure->marks[i];
        char *label = mark_label(figure, i);
        fprintf(file, "begins[%zu] = %.9g\nends[%zu] = %.9g\nnames[%zu] = ", i + 1, mark->begin,
                i + 1, isnan(mark->end) ? -1.0 : mark->end, i + 1);
        quoted_write(file, label, 12);
        fputc('\n', file);
        free(label);
    }
}

/* ---- the figure ---- */

static enum ehr_measure_status figure_write(const struct ehr_figure *figure, const char *caption,
                                            const char *formats,
                                            const struct ehr_figure_layout *layout,
                                            const char *folder, struct ehr_measure_error *error)
{
    static const char *const scripts[] = {[EHR_FIGURE_LINES] = "lines",
                                          [EHR_FIGURE_CURVE] = "curve",
                                          [EHR_FIGURE_STEPS] = "steps",
                                          [EHR_FIGURE_BARS] = "bars",
                                          [EHR_FIGURE_STACK] = "stack"};
    FILE *file = file_open(folder, "figure.gp", error);
    if (file == NULL)
        return EHR_MEASURE_ENVIRONMENT;
    fprintf(file, "formats = '%s'\nname = '%s'\nkind = '%s'\ntitle = ", formats, figure->name,
            scripts[figure->kind]);
    quoted_write(file, figure->title, 100);
    fputs("\nlegend = ", file);
    quoted_write(file, figure->legend, LEGEND_CHARACTERS + 4);
    fputc('\n', file);
    caption_write(file, caption);
    fprintf(file, "width = %.1f\nheight = %.1f\nleft = %.6f\nright = %.6f\npanels = %zu\n", WIDTH,
            layout->height, layout->left / WIDTH, layout->right / WIDTH, figure->panel_count);
    marks_write(file, figure);
    enum ehr_measure_status status = file_close(file, folder, error);
    for (size_t i = 0; i < figure->panel_count && status == EHR_MEASURE_DONE; i++) {
        char *name = ehr_figures_text("panel-%zu.gp", i + 1);
        file = file_open(folder, name, error);
        free(name);
        if (file == NULL)
            return EHR_MEASURE_ENVIRONMENT;
        panel_write(file, figure, layout, i);
        status = file_close(file, folder, error);
    }
    return status;
}

enum ehr_measure_status ehr_figure_script_write(const struct ehr_figure *figure,
                                                const char *caption, const char *formats,
                                                const char *folder, struct ehr_measure_error *error)
{
    struct ehr_figure_layout layout = ehr_figure_layout_of(figure);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < figure->panel_count; i++)
        for (size_t j = 0; j < figure->panels[i].series_count && status == EHR_MEASURE_DONE; j++)
            status = series_write(figure, i, j, folder, error);
    if (status == EHR_MEASURE_DONE)
        status = figure_write(figure, caption, formats, &layout, folder, error);
    ehr_figure_layout_close(&layout);
    return status;
}
