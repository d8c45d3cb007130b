/* How a run or a sweep is made again: its commands, and the files it read. Internal to sim/html. */
#ifndef EHR_HTML_RUN_REPEAT_H
#define EHR_HTML_RUN_REPEAT_H

#include <cjson/cJSON.h>

#include "sim/html/page.h"
#include "sim/html/table.h"

/* The section, of run.json. */
void ehr_html_run_repeat(struct ehr_html_page *page, const cJSON *json);

/* The commands of a sweep, of run.json of one of its runs; its parameters are columns `first` to
 * `end` of the design. */
void ehr_html_sweep_repeat(struct ehr_html_page *page, const cJSON *json,
                           const struct ehr_html_table *design, size_t first, size_t end);

/* A table of the inputs with their hashes, and their texts to be unfolded. */
void ehr_html_run_inputs(struct ehr_html_page *page, const cJSON *json);

#endif /* EHR_HTML_RUN_REPEAT_H */
