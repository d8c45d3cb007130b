/* Student's t distribution, of a whole number of degrees of freedom, for intervals of means.
 * Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. */
#ifndef EHR_MEASURE_STUDENT_H
#define EHR_MEASURE_STUDENT_H

#include <stdint.h>

/* The probability that |T| is at most `t` >= 0, with `freedom` >= 1 degrees of freedom. */
double ehr_student_within(double t, uint64_t freedom);

/* The t for which that probability is `level`, from 0 up to but not 1: 2.776 for 0.95 and 4. */
double ehr_student_quantile(double level, uint64_t freedom);

#endif /* EHR_MEASURE_STUDENT_H */
