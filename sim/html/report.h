/*
 * The report of a run or a sweep: one HTML page that needs no other file and no network, made of
 * what its result folder holds. docs/report.md is the page for people.
 */
#ifndef EHR_HTML_REPORT_H
#define EHR_HTML_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/measure/results.h"

struct ehr_html_options {
    const char *chart_library; /* a file with Chart.js; NULL: where Debian has it */
    bool only_static;          /* figures of gnuplot even where there is Chart.js */
};

/* What the page lacks, for a person: "" if nothing. */
struct ehr_html_notice {
    char text[1200];
};

/* Writes the page of the result folder `dir` to `out`, whose errors are the caller's to find. Where
 * static figures are asked for, or are all that can be had, DIR/figures is drawn anew. BAD_INPUT:
 * neither the folder of a run nor of a sweep, or a file of it is missing or malformed; ENVIRONMENT:
 * one cannot be read. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_html_report_write(const char *dir,
                                              const struct ehr_html_options *options, FILE *out,
                                              struct ehr_html_notice *notice,
                                              struct ehr_measure_error *error);

#endif /* EHR_HTML_REPORT_H */
