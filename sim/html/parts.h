/*
 * What the pages of runs and of sweeps have in common: their beginning and end, warnings, figures.
 * Internal to sim/html.
 */
#ifndef EHR_HTML_PARTS_H
#define EHR_HTML_PARTS_H

#include "sim/figures/figure.h"
#include "sim/html/chart_library.h"
#include "sim/html/page.h"
#include "sim/measure/findings.h"

/* The figures of a page, and how they are shown. */
struct ehr_html_figures {
    const struct ehr_figures *data;
    const struct ehr_html_chart_library *library; /* NULL: still ones */
    const char *folder;                           /* of still ones: NAME.svg for each figure */
    const char *without;                          /* NULL; else why there are none */
};

/* From <!DOCTYPE> to <main>. */
void ehr_html_begin(struct ehr_html_page *page, const char *title);

/* Warnings, or that there are none. */
void ehr_html_findings(struct ehr_html_page *page, const struct ehr_findings *findings);

/* The section of figures: drawn by the page's script, or the SVG files. */
void ehr_html_figures(struct ehr_html_page *page, const struct ehr_html_figures *figures);

/* From </main> to the end, with the licence of what the page carries. */
void ehr_html_end(struct ehr_html_page *page, const struct ehr_html_figures *figures,
                  const char *version);

#endif /* EHR_HTML_PARTS_H */
