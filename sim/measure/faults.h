/*
 * The faults of a run and what they did to its throughput: faults.csv and recovery.csv. Internal to
 * sim/measure; the public face is measure.h.
 */
#ifndef EHR_MEASURE_FAULTS_H
#define EHR_MEASURE_FAULTS_H

#include "sim/measure/measure.h"

/* In the order in which they began; of one instant, in that of the calls. */
struct ehr_fault_log {
    struct ehr_measure_fault *faults; /* with texts of their own */
    size_t count, capacity;
};

void ehr_fault_log_close(struct ehr_fault_log *log);

#endif /* EHR_MEASURE_FAULTS_H */
