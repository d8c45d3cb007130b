/* Medians, quartiles and a line that outliers do not move. Not statistics of results
 * (sim/measure). */
#ifndef EHR_CALIBRATE_STATISTICS_H
#define EHR_CALIBRATE_STATISTICS_H

#include <stddef.h>

#include "sim/calibrate/calibrate.h"

/* Quartiles of `count` >= 1 values by linear interpolation between ranks; sorts them. */
struct ehr_quartiles ehr_quartiles_of(double *values, size_t count);

/* The line y = base + slope * x through `count` points, 2 .. 8, with x ascending. slope: the median
 * of the slopes of all pairs (Theil 1950, Sen 1968). base: such that the line meets the first
 * point, since y is smallest there, and with it the noise, a share of y. */
struct ehr_line {
    double base, slope;
};
struct ehr_line ehr_line_fit(const double *x, const double *y, size_t count);

#endif /* EHR_CALIBRATE_STATISTICS_H */
