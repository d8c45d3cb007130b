/* Where the panels of a figure are, and how large it is: pixels of the SVG, characters of its font.
 * Internal to sim/figures. */
#ifndef EHR_FIGURES_LAYOUT_H
#define EHR_FIGURES_LAYOUT_H

#include "sim/figures/figure.h"

#define EHR_LAYOUT_WIDTH             960.0
#define EHR_LAYOUT_LEGEND_CHARACTERS 27u
#define EHR_LAYOUT_CATEGORY_MAX      34u /* characters */

/* More faults than this are not named beside the first panel. */
#define EHR_FIGURE_LAYOUT_MARKS 6u

struct ehr_figure_layout {
    double left, right; /* of all panels */
    double height;
    double *tops, *bottoms; /* by panel, from the top of the figure */
};

struct ehr_figure_layout ehr_figure_layout_of(const struct ehr_figure *figure);
void ehr_figure_layout_close(struct ehr_figure_layout *layout);

/* Characters of a text in UTF-8. */
size_t ehr_figure_layout_characters(const char *text);

/* Whether categories are rows, and values go to the right. */
bool ehr_figure_layout_horizontal(const struct ehr_figure *figure);

/* Whether the label of the x axis is that of the panel below. */
bool ehr_figure_layout_label_repeated(const struct ehr_figure *figure, size_t index);

/* Whether the panel has a legend: it says more than the axis, and than that of the panel above. */
bool ehr_figure_layout_legend(const struct ehr_figure *figure, size_t index);

/* Of a bar that stands alone the legend has the parts in numbers, too. */
bool ehr_figure_layout_parts_told(const struct ehr_figure *figure,
                                  const struct ehr_figure_panel *panel);

#endif /* EHR_FIGURES_LAYOUT_H */
