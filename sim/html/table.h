/*
 * A small CSV file of a result folder whole in memory, cells by row and column name. Not for files
 * with a row per request or block. Internal to sim/html.
 */
#ifndef EHR_HTML_TABLE_H
#define EHR_HTML_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/measure/results.h"

struct ehr_html_table {
    char **columns;
    size_t column_count;
    char **cells; /* row by row */
    size_t row_count;
    size_t capacity; /* rows there is room for */
};

/* Reads DIR/NAME. BAD_INPUT: missing or malformed; close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_table_init(struct ehr_html_table *table, const char *dir,
                                            const char *name, struct ehr_measure_error *error);

void ehr_html_table_close(struct ehr_html_table *table);

/* The position of a column, or column_count. */
size_t ehr_html_table_column(const struct ehr_html_table *table, const char *name);

/* A cell; "" where there is no such column. */
const char *ehr_html_table_cell(const struct ehr_html_table *table, size_t row, const char *name);
const char *ehr_html_table_at(const struct ehr_html_table *table, size_t row, size_t column);

/* The number a text is; NAN if it is none. */
double ehr_html_table_parse(const char *text);
double ehr_html_table_number(const struct ehr_html_table *table, size_t row, const char *name);

#endif /* EHR_HTML_TABLE_H */
