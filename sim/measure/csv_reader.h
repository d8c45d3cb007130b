/*
 * Reads a CSV file with a header row, row by row: cells by column name, errors by file and line.
 * Not a converter: cells are text. For sim/measure, sim/figures and sim/platform.
 */
#ifndef EHR_MEASURE_CSV_READER_H
#define EHR_MEASURE_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/measure/results.h"

/* Fields are private but `line`. */
struct ehr_csv_reader {
    FILE *file;
    char *path;
    unsigned long line;      /* where the current row begins, from 1 */
    unsigned long next_line; /* where the next one does */
    char *text;              /* the row: cells ended by NUL */
    size_t text_length;
    size_t text_capacity;
    size_t *cells; /* offsets into text */
    size_t cell_count;
    size_t cell_capacity;
    char **columns;
    size_t column_count;
};

/* Opens `path` (copied) and reads the header. BAD_INPUT: missing, empty or malformed; ENVIRONMENT:
 * cannot be read. Close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_csv_reader_init(struct ehr_csv_reader *reader, const char *path,
                                            struct ehr_measure_error *error);

void ehr_csv_reader_close(struct ehr_csv_reader *reader);

/* The position of a column, in `*column`; BAD_INPUT if the header lacks it. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_csv_reader_column(const struct ehr_csv_reader *reader, const char *name,
                                              size_t *column, struct ehr_measure_error *error);

/* Reads the next row; `*end` is set when there is none. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_csv_reader_next(struct ehr_csv_reader *reader, bool *end,
                                            struct ehr_measure_error *error);

/* A cell of the current row, valid until the next one is read. */
const char *ehr_csv_reader_cell(const struct ehr_csv_reader *reader, size_t column);

#endif /* EHR_MEASURE_CSV_READER_H */
