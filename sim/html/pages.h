/* The pages: of a run, of a sweep. Internal to sim/html. */
#ifndef EHR_HTML_PAGES_H
#define EHR_HTML_PAGES_H

#include "sim/html/page.h"
#include "sim/html/parts.h"
#include "sim/measure/results.h"

/* Whether everything that the page needs can be read is known before its first byte. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_run_page(struct ehr_html_page *page, const char *dir,
                                          const struct ehr_html_figures *figures,
                                          struct ehr_measure_error *error);

EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_sweep_page(struct ehr_html_page *page, const char *dir,
                                            const struct ehr_html_figures *figures,
                                            struct ehr_measure_error *error);

#endif /* EHR_HTML_PAGES_H */
