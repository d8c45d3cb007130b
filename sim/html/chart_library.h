/*
 * Chart.js, found on the machine at run time and put into the page with its licence. Nothing of it
 * is part of this program. Internal to sim/html.
 */
#ifndef EHR_HTML_CHART_LIBRARY_H
#define EHR_HTML_CHART_LIBRARY_H

#include <stddef.h>

#include "sim/html/page.h"

struct ehr_html_chart_library {
    char *bytes; /* NULL: not found; `why` says what was looked for */
    size_t size;
    char *path;
    char why[512];
};

/* Reads `path`, or if it is NULL the first of the places where Debian puts the library. A file that
 * is not Chart.js 3 or 4 under the MIT licence, or could not stand in a page, is not taken. Close
 * in any case. */
void ehr_html_chart_library_init(struct ehr_html_chart_library *library, const char *path);

void ehr_html_chart_library_close(struct ehr_html_chart_library *library);

/* <script> with the library; it must have been found. */
void ehr_html_chart_library_write(const struct ehr_html_chart_library *library,
                                  struct ehr_html_page *page);

/* Its licence, for people, in a <details>. */
void ehr_html_chart_library_licence(const struct ehr_html_chart_library *library,
                                    struct ehr_html_page *page);

#endif /* EHR_HTML_CHART_LIBRARY_H */
