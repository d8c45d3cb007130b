/* Latencies and phases of the measured requests of a run that ended ok. Internal to sim/figures. */
#ifndef EHR_FIGURES_REQUESTS_H
#define EHR_FIGURES_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/measure/requests.h"
#include "sim/measure/results.h"

struct ehr_figures_flow {
    uint64_t *latencies_ns; /* sorted */
    size_t count;
    double mean_s;                       /* of the latency */
    double phase_s[EHR_FLOW_PHASES_MAX]; /* mean over all `count`, by slot */
};

struct ehr_figures_requests {
    struct ehr_figures_flow flows[EHR_FLOW_END]; /* by enum ehr_flow */
};

/* Reads DIR/requests.csv. BAD_INPUT if it is missing or malformed; close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_requests_init(struct ehr_figures_requests *data,
                                                  const char *dir, struct ehr_measure_error *error);

void ehr_figures_requests_close(struct ehr_figures_requests *data);

#endif /* EHR_FIGURES_REQUESTS_H */
