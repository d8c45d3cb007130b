/* Reading the tables of a result folder by columns. Internal to sim/figures. */
#ifndef EHR_FIGURES_TABLE_H
#define EHR_FIGURES_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/measure/csv_reader.h"

#define EHR_FIGURES_COLUMNS_MAX 12u

/* Takes a row; `columns` are those that were asked for, in their order. */
typedef enum ehr_measure_status ehr_figures_row(void *data, const struct ehr_csv_reader *reader,
                                                const size_t *columns,
                                                struct ehr_measure_error *error);

/* Hands the rows of dir/name to `row`. `names` ends with NULL, at most EHR_FIGURES_COLUMNS_MAX. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_table_read(const char *dir, const char *name,
                                               const char *const *names, ehr_figures_row *row,
                                               void *data, struct ehr_measure_error *error);

/* A number that is not negative, from the cell; BAD_INPUT if it is none. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_figures_number_read(const struct ehr_csv_reader *reader, size_t column,
                                                double *number, struct ehr_measure_error *error);

#endif /* EHR_FIGURES_TABLE_H */
