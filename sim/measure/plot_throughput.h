/*
 * The figure `throughput`: requests that ended ok per second of each flow, transactions committed
 * per second on each chain, over the time of the run, with the faults marked. Reads requests.csv,
 * blocks.csv and faults.csv. Internal to sim/measure.
 */
#ifndef EHR_MEASURE_PLOT_THROUGHPUT_H
#define EHR_MEASURE_PLOT_THROUGHPUT_H

#include "sim/measure/results.h"

/* What the script is told, as lists of quoted words. */
struct ehr_plot_throughput {
    char flows[256];
    char chains[4096]; /* as many as fit; the others are left out of the figure */
    char begins[2048]; /* of faults, s; the same */
    char ends[2048];
    char bin[32]; /* length of the counted intervals, s */
    char end[32]; /* of the time axis, s */
};

/* Reads the results `dir` and writes throughput-<n>.dat for each series (flows, then chains, n from
 * 1) into `folder`. Fails as ehr_plot_run. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_plot_throughput_write(struct ehr_plot_throughput *words,
                                                  const char *dir, const char *folder,
                                                  struct ehr_measure_error *error);

#endif /* EHR_MEASURE_PLOT_THROUGHPUT_H */
