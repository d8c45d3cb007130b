/* The figures of a sweep. Internal to sim/figures. */
#ifndef EHR_FIGURES_SWEEP_H
#define EHR_FIGURES_SWEEP_H

#include "sim/figures/figures.h"
#include "sim/figures/points.h"

EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_sweep_read(struct ehr_figures *figures,
                                               const struct ehr_figures_choice *choice,
                                               struct ehr_measure_error *error);

/* What is on the x axis. */
enum ehr_view_axis {
    EHR_VIEW_AXIS_PARAMETER,
    EHR_VIEW_AXIS_NODES,     /* of the alliance chain */
    EHR_VIEW_AXIS_HOSPITALS, /* with a private chain */
};

/* How the points of a sweep become lines. */
struct ehr_view {
    const struct ehr_points *points;
    enum ehr_view_axis axis;
    size_t parameter; /* that varies along the axis */
    /* Parameters that tell lines apart: those that do not follow from the one on the axis. */
    size_t *others;
    size_t other_count;
    char **names; /* of the lines */
    size_t name_count;
    size_t *lines; /* by point: its line */
    size_t *order; /* points in the order of the axis */
};

/* `by` first among what tells lines apart; SIZE_MAX: as they come. */
void ehr_view_make(struct ehr_view *view, const struct ehr_points *points, enum ehr_view_axis axis,
                   size_t parameter, size_t by);
void ehr_view_close(struct ehr_view *view);
/* What the lines differ by, a new text. */
char *ehr_view_legend(const struct ehr_view *view);
double ehr_view_x(const struct ehr_view *view, size_t point);
/* Whether x is a number at every point. */
bool ehr_view_numeric(const struct ehr_view *view);

/* Figures that need the requests of every run: phases and latency-cdf. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_sweep_runs(struct ehr_figures *figures,
                                               const struct ehr_points *points,
                                               struct ehr_measure_error *error);

/* The others. SIZE_MAX: no such choice. */
struct ehr_view_choice {
    size_t x, by;
    const char *metrics; /* NULL, or columns between commas, which exist */
};
void ehr_figures_sweep_metrics(struct ehr_figures *figures, const struct ehr_points *points,
                               const struct ehr_view_choice *choice);

#endif /* EHR_FIGURES_SWEEP_H */
