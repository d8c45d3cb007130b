/* What gnuplot is told to draw a figure: its data, and where things stand. Internal to sim/figures.
 */
#ifndef EHR_FIGURES_DRAW_H
#define EHR_FIGURES_DRAW_H

#include "sim/figures/figure.h"
#include "sim/measure/results.h"

/* Writes `figure.gp` and a file for each series into `folder`: what the scripts of results/plot
 * read. `formats` is a list of words between blanks. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figure_script_write(const struct ehr_figure *figure,
                                                const char *caption, const char *formats,
                                                const char *folder,
                                                struct ehr_measure_error *error);

#endif /* EHR_FIGURES_DRAW_H */
