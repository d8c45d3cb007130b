/* What the replications of each point of a sweep have in common: mean, standard deviation and the
 * interval of the mean, of every numeric column of a sweep's summary.csv. Never across the requests
 * of one run, which are not independent. docs/sweeps.md. */
#ifndef EHR_MEASURE_AGGREGATE_H
#define EHR_MEASURE_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/measure/results.h"

struct ehr_aggregate_moments {
    size_t count;
    double mean;
    double deviation; /* with count - 1; only where count > 1, as what follows */
    double low, high; /* 95 % interval of the mean by Student's t */
};

struct ehr_aggregate_tally {
    size_t points;
    size_t runs;  /* rows read; of these */
    size_t wrong; /* left out, as they ended wrongly */
};

struct ehr_aggregate_moments ehr_aggregate_moments_of(const double *values, size_t count);

/* Reads the table `path` and writes a row for each point and metric: point, parameters, metric, n,
 * mean, sd, low, high. Runs that ended wrongly are left out, and empty cells. BAD_INPUT: malformed,
 * or, unless `mixed`, runs of several versions, scenarios, fidelities or kinds of cryptography, but
 * for what is a parameter of the sweep. Errors of `out` are the caller's to find. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_aggregate_write(const char *path, bool mixed, FILE *out,
                                            struct ehr_aggregate_tally *tally,
                                            struct ehr_measure_error *error);

#endif /* EHR_MEASURE_AGGREGATE_H */
