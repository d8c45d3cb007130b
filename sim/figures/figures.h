/*
 * The figures of a result folder: of one run (its requests.csv, blocks.csv, ...) or of a sweep (its
 * summary.csv, and what lies in runs/). Which figures there are follows from what was varied;
 * docs/figures.md lists them. Reads and computes; gnuplot is not needed before ehr_figures_draw.
 */
#ifndef EHR_FIGURES_FIGURES_H
#define EHR_FIGURES_FIGURES_H

#include <stdio.h>

#include "sim/figures/figure.h"
#include "sim/measure/results.h"

/* All NULL: everything that makes sense. */
struct ehr_figures_choice {
    const char *x;      /* parameter of the sweep on the axis: "alliance/@batch" */
    const char *by;     /* the one that makes the series */
    const char *metric; /* a column of summary.csv: "visit_lat_p50_s" */
    const char *only;   /* names of figures between commas */
};

/* Reads the folder `dir` and fills `*figures`; close it in any case. BAD_INPUT: no such folder, a
 * file missing or malformed, a choice that the folder does not have, runs that do not go together
 * (aggregate.h). Figures that would show nothing are left out, with a notice. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_read(struct ehr_figures *figures, const char *dir,
                                         const struct ehr_figures_choice *choice,
                                         struct ehr_measure_error *error);

void ehr_figures_close(struct ehr_figures *figures);

/* Draws them into the folder `target`, which is made if it is missing: NAME.csv and, for each of
 * `formats` ("svg,png,pdf"), NAME.svg, ...; files of these names are replaced, each at once. The
 * same figures give the same bytes. BAD_INPUT: a format there is none of; ENVIRONMENT: gnuplot is
 * not installed or fails, disk full. On an error the files are as they were. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_draw(const struct ehr_figures *figures, const char *target,
                                         const char *formats, struct ehr_measure_error *error);

#endif /* EHR_FIGURES_FIGURES_H */
