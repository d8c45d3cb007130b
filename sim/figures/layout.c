#include "sim/figures/layout.h"

#include <stdlib.h>
#include <string.h>

#include "sim/measure/memory.h"

#define WIDTH             EHR_LAYOUT_WIDTH
#define LEGEND_CHARACTERS EHR_LAYOUT_LEGEND_CHARACTERS
#define CATEGORY_MAX      EHR_LAYOUT_CATEGORY_MAX
#define PARTS_CHARACTERS  18u /* "  1.23 ms (45.6 %)" */
#define TITLE_HEIGHT      44.0
#define CAPTION_HEIGHT    48.0
#define CHARACTER_WIDTH   7.6
#define LINE_HEIGHT       22.0 /* less, and gnuplot's SVG leaves out entries of the legend */

size_t ehr_figure_layout_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

bool ehr_figure_layout_horizontal(const struct ehr_figure *figure)
{
    return figure->kind == EHR_FIGURE_BARS || figure->kind == EHR_FIGURE_STACK;
}

bool ehr_figure_layout_label_repeated(const struct ehr_figure *figure, size_t index)
{
    const struct ehr_figure_panel *panel = &figure->panels[index];
    return index + 1 < figure->panel_count && !ehr_figure_layout_horizontal(figure) &&
           strcmp(panel->x.label, panel[1].x.label) == 0 &&
           strcmp(panel->x.unit, panel[1].x.unit) == 0;
}

bool ehr_figure_layout_parts_told(const struct ehr_figure *figure,
                                  const struct ehr_figure_panel *panel)
{
    return figure->kind == EHR_FIGURE_STACK && panel->category_count == 1;
}

static double panel_height(const struct ehr_figure *figure, const struct ehr_figure_panel *panel)
{
    double legend = LINE_HEIGHT * ((double)panel->series_count + (*figure->legend != '\0'));
    double height = figure->panel_count == 1 ? 380 : figure->panel_count == 2 ? 250 : 200;
    if (figure->kind == EHR_FIGURE_BARS)
        height = (double)panel->category_count * ((double)panel->series_count * 15 + 9) + 8;
    if (figure->kind == EHR_FIGURE_STACK)
        height = (double)panel->category_count * 34 + (panel->category_count == 1 ? 40 : 14);
    return height > legend ? height : legend;
}

bool ehr_figure_layout_legend(const struct ehr_figure *figure, size_t index)
{
    const struct ehr_figure_panel *panel = &figure->panels[index];
    bool told = panel->series_count == 1 && (strcmp(panel->series[0].name, panel->y.label) == 0 ||
                                             strcmp(panel->series[0].name, panel->title) == 0);
    if (told && !ehr_figure_layout_parts_told(figure, panel))
        return false;
    if (index == 0 || ehr_figure_layout_parts_told(figure, panel))
        return true;
    bool same = panel->series_count == panel[-1].series_count;
    for (size_t i = 0; same && i < panel->series_count; i++)
        same = strcmp(panel->series[i].name, panel[-1].series[i].name) == 0 &&
               panel->series[i].style == panel[-1].series[i].style;
    return !same;
}

/* Characters of the longest entry of the legends, at least a few; none without a legend. */
static size_t legend_length(const struct ehr_figure *figure)
{
    bool some = figure->mark_count > 0;
    for (size_t i = 0; i < figure->panel_count; i++)
        some = some || ehr_figure_layout_legend(figure, i);
    if (!some)
        return 2;
    size_t longest = ehr_figure_layout_characters(figure->legend);
    for (size_t i = 0; i < figure->mark_count && figure->mark_count <= EHR_FIGURE_LAYOUT_MARKS;
         i++) {
        size_t length = ehr_figure_layout_characters(figure->marks[i].text) + 4;
        longest = length > longest ? length : longest;
    }
    for (size_t i = 0; i < figure->panel_count; i++)
        for (size_t j = 0; j < figure->panels[i].series_count; j++) {
            size_t length =
                ehr_figure_layout_characters(figure->panels[i].series[j].name) + 5; /* a sample */
            length +=
                ehr_figure_layout_parts_told(figure, &figure->panels[i]) ? PARTS_CHARACTERS : 0;
            longest = length > longest ? length : longest;
        }
    return longest < 12 ? 12 : longest > LEGEND_CHARACTERS + 7 ? LEGEND_CHARACTERS + 7 : longest;
}

struct ehr_figure_layout ehr_figure_layout_of(const struct ehr_figure *figure)
{
    struct ehr_figure_layout layout = {
        .left = 68,
        .right = WIDTH - 24 - (double)legend_length(figure) * CHARACTER_WIDTH,
        .tops = ehr_measure_zeroed(figure->panel_count, sizeof(double)),
        .bottoms = ehr_measure_zeroed(figure->panel_count, sizeof(double)),
    };
    size_t longest = 0;
    for (size_t i = 0; i < figure->panel_count; i++)
        for (size_t j = 0; j < figure->panels[i].category_count; j++) {
            size_t length = ehr_figure_layout_characters(figure->panels[i].categories[j]);
            longest = length > longest ? length : longest;
        }
    if (ehr_figure_layout_horizontal(figure))
        layout.left =
            24 + CHARACTER_WIDTH * (double)(longest < CATEGORY_MAX ? longest : CATEGORY_MAX);
    double at = TITLE_HEIGHT;
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct ehr_figure_panel *panel = &figure->panels[i];
        at += !ehr_figure_layout_horizontal(figure) ? 30 : *panel->title != '\0' ? 26 : 10;
        at += figure->mark_count > 0 ? 14 : 0;
        layout.tops[i] = at;
        at += panel_height(figure, panel);
        layout.bottoms[i] = at;
        at += ehr_figure_layout_label_repeated(figure, i) ? 38 : 60; /* tics, label */
    }
    layout.height = at + CAPTION_HEIGHT;
    return layout;
}

void ehr_figure_layout_close(struct ehr_figure_layout *layout)
{
    free(layout->tops);
    free(layout->bottoms);
}
