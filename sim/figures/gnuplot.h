/*
 * Runs gnuplot on a script, without a shell. Internal to sim/figures.
 */
#ifndef EHR_FIGURES_GNUPLOT_H
#define EHR_FIGURES_GNUPLOT_H

#include "sim/measure/results.h"

/* Runs `gnuplot -d -c script arguments...` in `folder`; `arguments` ends with NULL and reaches the
 * script as ARG1, ARG2, ... (at most 9), never parsed as commands. What gnuplot prints goes to
 * `folder`/gnuplot.log. ENVIRONMENT when it is not installed or fails. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_gnuplot_run(const char *folder, const char *script,
                                        const char *const *arguments,
                                        struct ehr_measure_error *error);

#endif /* EHR_FIGURES_GNUPLOT_H */
