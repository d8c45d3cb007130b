/*
 * What the page of a sweep shows, read from its folder: the runs of the design, those that are
 * there, what is to be warned of in each. Draws nothing. Internal to sim/html.
 */
#ifndef EHR_HTML_SWEEP_DATA_H
#define EHR_HTML_SWEEP_DATA_H

#include <cjson/cJSON.h>

#include "sim/html/table.h"
#include "sim/measure/aggregate.h"
#include "sim/measure/findings.h"

/* A combination of values, and what became of its replications. */
struct ehr_html_point {
    size_t row;                   /* its first one in design.csv */
    size_t planned, there, wrong; /* runs: of the design; in summary.csv; ended wrongly */
    size_t looked_at;             /* whose folder was there to be looked at */
    size_t warned[EHR_FINDING_END];
    size_t saturated[EHR_FLOW_END];
};

struct ehr_html_sweep {
    const char *dir; /* borrowed */
    struct ehr_html_table design;
    struct ehr_html_table summary;
    size_t parameter_first, parameter_end; /* columns of the design */
    struct ehr_html_point *points;         /* point p of the files is points[p - 1] */
    size_t point_count;
    cJSON *json; /* run.json of the first run that is there; NULL: no folder of a run is */
    struct ehr_findings findings;
};

/* Reads the folder of a sweep. BAD_INPUT: a file is missing or malformed; close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_sweep_init(struct ehr_html_sweep *sweep, const char *dir,
                                            struct ehr_measure_error *error);

void ehr_html_sweep_close(struct ehr_html_sweep *sweep);

/* Mean and interval of a column of summary.csv over the replications of a point (from 0) that ended
 * well and have a value. */
struct ehr_aggregate_moments ehr_html_sweep_moments(const struct ehr_html_sweep *sweep,
                                                    size_t point, const char *column);

/* What is to be warned of in a sweep, from its points and from summary.csv (sweep_findings.c). */
void ehr_html_sweep_findings(struct ehr_html_sweep *sweep);

#endif /* EHR_HTML_SWEEP_DATA_H */
