/*
 * Writes cells of a CSV file (RFC 4180 quoting, but LF line ends). It does not report errors: those
 * of the stream are found when the file is closed. Numbers are written for the C numeric locale,
 * which the caller has set. For sim/measure, sim/figures and sim/app.
 */
#ifndef EHR_MEASURE_CSV_H
#define EHR_MEASURE_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ehr_csv {
    FILE *file;
    bool row_begun;
};

/* A cell of text, quoted if it holds a comma, a quote or a line break. */
void ehr_csv_text(struct ehr_csv *csv, const char *text);

/* A column name made of parts: prefix, name, suffix. */
void ehr_csv_name(struct ehr_csv *csv, const char *prefix, const char *name, const char *suffix);

void ehr_csv_count(struct ehr_csv *csv, uint64_t count);

/* A moment in seconds, "%.9f": computed in integers, exact at any size. */
void ehr_csv_moment(struct ehr_csv *csv, uint64_t ns);

/* A duration in seconds, "%.9g". */
void ehr_csv_duration(struct ehr_csv *csv, double ns);

/* Any other number, "%.9g". */
void ehr_csv_number(struct ehr_csv *csv, double number);

/* No value: not the same as zero. */
void ehr_csv_empty(struct ehr_csv *csv);

/* Ends the row. */
void ehr_csv_end(struct ehr_csv *csv);

#endif /* EHR_MEASURE_CSV_H */
