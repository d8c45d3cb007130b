/*
 * What the figures show, read from a result folder: latencies and phases of the measured requests
 * that ended ok. Draws nothing (plot.h). Internal to sim/measure.
 */
#ifndef EHR_MEASURE_PLOT_DATA_H
#define EHR_MEASURE_PLOT_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "sim/measure/requests.h"
#include "sim/measure/results.h"

struct ehr_plot_flow {
    uint64_t *latencies_ns; /* sorted */
    size_t count;
    size_t capacity;
    double mean_s;                       /* of the latency */
    double phase_s[EHR_FLOW_PHASES_MAX]; /* mean over all `count`, by slot */
};

struct ehr_plot_data {
    char *run_id;
    char *scenario;
    struct ehr_plot_flow flows[EHR_FLOW_END]; /* by enum ehr_flow */
};

/* Reads DIR/summary.csv and DIR/requests.csv. BAD_INPUT if one is missing or malformed, or if no
 * measured request ended ok; close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_plot_data_init(struct ehr_plot_data *data, const char *dir,
                                           struct ehr_measure_error *error);

void ehr_plot_data_close(struct ehr_plot_data *data);

#endif /* EHR_MEASURE_PLOT_DATA_H */
