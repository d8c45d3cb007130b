/*
 * What the page of a run shows, read from its folder. Draws and judges nothing. Internal to
 * sim/html.
 */
#ifndef EHR_HTML_RUN_DATA_H
#define EHR_HTML_RUN_DATA_H

#include <cjson/cJSON.h>

#include "sim/html/table.h"
#include "sim/measure/findings.h"
#include "sim/measure/request_table.h"

struct ehr_html_run {
    const char *dir; /* borrowed */
    cJSON *json;     /* run.json */
    struct ehr_html_table summary;
    struct ehr_html_table faults;
    struct ehr_html_table recovery;
    struct ehr_request_table requests;
    struct ehr_findings findings;
};

/* Reads the result folder of a run. BAD_INPUT: a file is missing or malformed; close in any case.
 */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_run_init(struct ehr_html_run *run, const char *dir,
                                          struct ehr_measure_error *error);

void ehr_html_run_close(struct ehr_html_run *run);

/* DIR/run.json, cJSON's. BAD_INPUT: missing, or not of this format. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_run_json(cJSON **json, const char *dir,
                                          struct ehr_measure_error *error);

/* The findings alone, from requests that were read. */
void ehr_html_run_findings(struct ehr_findings *findings, const cJSON *json,
                           const struct ehr_request_table *requests);

/* A member that is a text; "" if it is not there. */
const char *ehr_html_run_text(const cJSON *object, const char *name);

/* A cell of summary.csv that belongs to a flow or tier: "visit", "_offered"; "" if it is empty. */
const char *ehr_html_run_cell(const struct ehr_html_run *run, const char *name, const char *column);

/* Requests of a flow, in the order of their offer. */
const struct ehr_request_row *ehr_html_run_rows(const struct ehr_html_run *run, enum ehr_flow flow,
                                                size_t *count);

#endif /* EHR_HTML_RUN_DATA_H */
