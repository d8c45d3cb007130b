/*
 * Mean and quantiles of a set of durations. Exact: no sketch, no interpolation. struct
 * ehr_latency is in measure.h.
 */
#ifndef EHR_MEASURE_LATENCY_H
#define EHR_MEASURE_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "sim/measure/measure.h"

/* The nearest-rank quantile of `count` > 0 sorted values: the smallest value such that at least
 * `per_mille`/1000 of all values are not greater. `per_mille` is 1..1000. */
uint64_t ehr_latency_quantile(const uint64_t *sorted, size_t count, unsigned per_mille);

/* Sorts `values` in place and sums them up. */
struct ehr_latency ehr_latency_of(uint64_t *values, size_t count);

#endif /* EHR_MEASURE_LATENCY_H */
