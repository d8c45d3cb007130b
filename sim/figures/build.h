/* Makes figures (figure.h) piece by piece. Texts are copied. What is returned is good until the
 * next one of its kind is made in the same owner. Internal to sim/figures. */
#ifndef EHR_FIGURES_BUILD_H
#define EHR_FIGURES_BUILD_H

#include "sim/figures/figure.h"

/* Lines and bars that can be told apart. */
#define EHR_FIGURE_STYLES 8u

/* A new text, freed with free(). */
__attribute__((format(printf, 1, 2))) char *ehr_figures_text(const char *format, ...);

struct ehr_figure *ehr_figure_new(struct ehr_figures *figures, enum ehr_figure_kind kind,
                                  const char *name, const char *title, const char *help);
struct ehr_figure_panel *ehr_figure_panel_new(struct ehr_figure *figure, const char *title);
void ehr_figure_axis_set(struct ehr_figure_axis *axis, const char *label, const char *unit);
struct ehr_figure_series *ehr_figure_series_new(struct ehr_figure_panel *panel, const char *name,
                                                size_t style);
void ehr_figure_point_add(struct ehr_figure_series *series, struct ehr_figure_point point);
/* The index of the category, added if it is new. */
size_t ehr_figure_category(struct ehr_figure_panel *panel, const char *name);
void ehr_figure_mark_add(struct ehr_figure *figure, double begin, double end, const char *name,
                         const char *text);
__attribute__((format(printf, 2, 3))) void ehr_figures_notice(struct ehr_figures *figures,
                                                              const char *format, ...);

/* No interval, no range. */
struct ehr_figure_point ehr_figure_point_of(double x, double y, size_t n);

/* Removes the last figure if it shows nothing: no panel where a series has `least` points; or, of
 * BARS, that many categories. Panels without points go in any case. With a notice unless `quiet`.
 */
void ehr_figure_finish(struct ehr_figures *figures, size_t least, bool quiet);

/* Removes series whose numbers are all zero. */
void ehr_figure_zeros_drop(struct ehr_figure_panel *panel);

/* Seconds on an axis become ms or us where they are small. */
void ehr_figure_seconds_scale(struct ehr_figure_panel *panel, bool x);

/* The same of the x axis where x was given, not measured: by its least value, as in 10, 50, 1000
 * ms.
 */
void ehr_figure_values_scale(struct ehr_figure_panel *panel);

/* A logarithmic axis where positive numbers differ by more than a factor of 20. */
void ehr_figure_axis_choose(struct ehr_figure_panel *panel, bool x);

void ehr_figure_close(struct ehr_figure *figure);

#endif /* EHR_FIGURES_BUILD_H */
