/* How a run is made again: its commands, and the files it read. Internal to sim/html. */
#ifndef EHR_HTML_RUN_REPEAT_H
#define EHR_HTML_RUN_REPEAT_H

#include <cjson/cJSON.h>

#include "sim/html/page.h"

/* The section, of run.json. */
void ehr_html_run_repeat(struct ehr_html_page *page, const cJSON *json);

/* A table of the inputs with their hashes, and their texts to be unfolded. */
void ehr_html_run_inputs(struct ehr_html_page *page, const cJSON *json);

#endif /* EHR_HTML_RUN_REPEAT_H */
