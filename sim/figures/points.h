/*
 * A sweep as data: its points, what was varied, and what the replications of each point come to
 * (aggregate.h). Internal to sim/figures.
 */
#ifndef EHR_FIGURES_POINTS_H
#define EHR_FIGURES_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/figures/quantity.h"
#include "sim/measure/results.h"

struct ehr_points_value {
    size_t n; /* replications with a value */
    double mean;
    double low, high; /* NAN where n < 2 */
};

struct ehr_points_point {
    char *number;                    /* as in design.csv */
    char **texts;                    /* by parameter */
    struct ehr_points_value *values; /* by metric */
    char **runs;                     /* run_ids of those that ended well */
    size_t run_count;
    size_t nodes;     /* of the alliance chain; 0: not known */
    size_t hospitals; /* with a private chain */
};

struct ehr_points_parameter {
    char *path;
    enum ehr_quantity quantity; /* of all its values; NONE: words */
    size_t distinct;
};

struct ehr_points {
    char *folder;
    struct ehr_points_parameter *parameters;
    size_t parameter_count;
    char **metrics;
    size_t metric_count, metric_capacity;
    struct ehr_points_point *points;
    size_t count, capacity;
    size_t wrong; /* runs left out, as they ended wrongly */
    char *caption;
};

/* Reads DIR/summary.csv and, where they are there, the runs' run.json. BAD_INPUT as
 * ehr_aggregate_write; close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_points_init(struct ehr_points *points, const char *dir,
                                        struct ehr_measure_error *error);
void ehr_points_close(struct ehr_points *points);

/* Their index; SIZE_MAX: none. */
size_t ehr_points_metric(const struct ehr_points *points, const char *name);
size_t ehr_points_parameter(const struct ehr_points *points, const char *path);

/* "batch" of alliance/@batch. Part of the path. */
const char *ehr_points_attribute(const char *path);

/* "by-batch" of alliance/@batch: a new text, for a file. Where another parameter has the same
 * attribute, of its whole path: "by-alliance-batch". */
char *ehr_points_name(const struct ehr_points *points, size_t parameter);

/* Whether points with the same value of parameter `one` have the same value of `two`. */
bool ehr_points_determines(const struct ehr_points *points, size_t one, size_t two);

/* Whether the parameter sets the number of nodes of the alliance chain, or of hospitals: another
 * value, another number. */
bool ehr_points_counts(const struct ehr_points *points, size_t parameter, bool hospitals);

/* The values of a point that no other parameter of it tells, "batch 10, pbft"; a new text. */
char *ehr_points_label(const struct ehr_points *points, size_t point);

/* The value of a parameter at a point for people, a new text; a number with its attribute in front
 * if it is to be `named`: "batch 10". */
char *ehr_points_value_label(const struct ehr_points *points, size_t point, size_t parameter,
                             bool named);

#endif /* EHR_FIGURES_POINTS_H */
