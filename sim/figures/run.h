/* The figures of one run. Internal to sim/figures. */
#ifndef EHR_FIGURES_RUN_H
#define EHR_FIGURES_RUN_H

#include "sim/figures/figure.h"
#include "sim/figures/requests.h"
#include "sim/measure/results.h"

EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_run_read(struct ehr_figures *figures,
                                             struct ehr_measure_error *error);

/* Adds a figure each; those that would show nothing are left out. `dir` is the folder of a run. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_over_time(struct ehr_figures *figures, const char *dir,
                                              struct ehr_measure_error *error);
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_traffic(struct ehr_figures *figures, const char *dir,
                                            struct ehr_measure_error *error);

/* A series of the panel: share of the requests that were not slower. Sorted latencies. */
void ehr_figures_curve_add(struct ehr_figure_panel *panel, const char *name, size_t style,
                           const uint64_t *latencies_ns, size_t count);

/* A part for each phase of the flow, and one for what no phase accounts for, of category `x`.
 * `phase_s` by slot. */
void ehr_figures_phases_add(struct ehr_figure_panel *panel, enum ehr_flow flow, size_t x,
                            const double *phase_s, double mean_s, size_t n);

/* Whether `dir` holds the file. */
bool ehr_figures_has(const char *dir, const char *file);

/* The bytes of a file and a NUL behind them, the caller's; NULL (errno) if it cannot be read. */
char *ehr_figures_file(const char *path, size_t *size);

#endif /* EHR_FIGURES_RUN_H */
