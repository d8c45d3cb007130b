/*
 * Figures (sim/figures) as JSON for the script of the page (results/report/report.js), thinned to
 * what a screen can show. Internal to sim/html.
 *
 * [{id, title, help, legend, kind, marks: [{begin, end, name, text}], panels: [{title, x, y:
 * {label, unit, log}, categories, series: [{name, reference, style, points: [[x, y, low, high,
 * x_low, x_high], ...]}]}]}]; of a point what follows y may be left out, null is no number.
 */
#ifndef EHR_HTML_CHART_DATA_H
#define EHR_HTML_CHART_DATA_H

#include <cjson/cJSON.h>

#include "sim/figures/figure.h"

/* For cJSON_Delete. */
cJSON *ehr_html_chart_data(const struct ehr_figures *figures);

#endif /* EHR_HTML_CHART_DATA_H */
