/* Fills a struct ehr_measure_error; internal to sim/measure and sim/figures. */
#ifndef EHR_MEASURE_ERROR_H
#define EHR_MEASURE_ERROR_H

#include "sim/measure/results.h"

/* Formats the message and returns `status`. Too long a text is cut. */
__attribute__((format(printf, 3, 4))) enum ehr_measure_status
ehr_measure_fail(struct ehr_measure_error *error, enum ehr_measure_status status,
                 const char *format, ...);

#endif /* EHR_MEASURE_ERROR_H */
