/*
 * `ehrgrid plot DIR`: figures of one run, drawn by gnuplot from its tables into DIR/figures/:
 * latency-cdf.{svg,png}, the distribution of latency per flow, and phases.{svg,png}, the mean
 * seconds each flow spends in each phase; over measured requests that ended ok; and
 * throughput.{svg,png}, what was finished per second over time, with the faults. It is no general
 * plotting tool.
 */
#ifndef EHR_MEASURE_PLOT_H
#define EHR_MEASURE_PLOT_H

#include "sim/measure/results.h"

/* Draws the figures of the result folder `dir`; figures of an earlier call are replaced, each at
 * once. BAD_INPUT: no such folder, requests.csv or summary.csv missing or malformed (file:line), no
 * measured request that ended ok. ENVIRONMENT: gnuplot is not installed or fails, disk full. On an
 * error the figures are as they were. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_plot_run(const char *dir, struct ehr_measure_error *error);

#endif /* EHR_MEASURE_PLOT_H */
