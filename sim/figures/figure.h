/*
 * Figures as data: what a figure shows, before anybody draws it. gnuplot draws them (draw.h), and
 * whoever wants to draw the same otherwise takes the points from here. No reading of files
 * (figures.h), no look of a page.
 *
 * A figure has panels of the same kind; a panel has series, a series has points. Numbers are in the
 * unit that the panel names. NAN: there is none (no interval with one replication).
 */
#ifndef EHR_FIGURES_FIGURE_H
#define EHR_FIGURES_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum ehr_figure_kind {
    EHR_FIGURE_INVALID = 0,
    EHR_FIGURE_LINES, /* points with intervals, joined in order of the series */
    EHR_FIGURE_CURVE, /* no marks: a distribution; steps are points */
    EHR_FIGURE_STEPS, /* y holds from x to the next point */
    EHR_FIGURE_BARS,  /* x is a category: bars beside each other, a series each */
    EHR_FIGURE_STACK, /* x is a category: bars on top of each other, a series each */
};

struct ehr_figure_point {
    double x, x_low, x_high; /* BARS, STACK: x is the index of the category, from 0 */
    double y, low, high;
    size_t n; /* replications behind it; in CURVE and STEPS the requests, or 0 */
};

struct ehr_figure_series {
    char *name;
    bool reference; /* no measurement: what would be ideal, a limit */
    size_t style;   /* the same number looks the same in all panels and figures, from 0 */
    struct ehr_figure_point *points;
    size_t count, capacity;
};

struct ehr_figure_axis {
    char *label; /* without the unit */
    char *unit;  /* "ms", "1/s", "%"; "" for a number */
    bool logarithmic;
};

struct ehr_figure_panel {
    char *title; /* "" if the axes say it all */
    struct ehr_figure_axis x, y;
    char **categories; /* of BARS and STACK */
    size_t category_count;
    struct ehr_figure_series *series;
    size_t series_count, series_capacity;
};

/* A time in which something was wrong on purpose. */
struct ehr_figure_mark {
    double begin, end; /* as x; end NAN: until the end */
    char *name;        /* "1", as the fault in faults.csv */
    char *text;        /* "crash alliance-1" */
};

struct ehr_figure {
    char *name;   /* of its files: "l-curve" */
    char *title;  /* "Latency against throughput" */
    char *help;   /* one line: how to read it */
    char *legend; /* what tells the series apart: "alliance/@consensus"; "" if their names do */
    enum ehr_figure_kind kind;
    struct ehr_figure_panel *panels;
    size_t panel_count, panel_capacity;
    struct ehr_figure_mark *marks; /* of STEPS */
    size_t mark_count, mark_capacity;
};

/* All figures of a folder, in the order in which they are best read. */
struct ehr_figures {
    char *folder;
    bool sweep;    /* else one run */
    char *caption; /* scenario, hash, seed, replications, versions, fidelity, cryptography */
    struct ehr_figure *figures;
    size_t count, capacity;
    char **notices; /* what was not drawn, and why; for people, a sentence each */
    size_t notice_count, notice_capacity;
};

/* The tidy table of what is drawn: panel, series, x, x_unit, x_low, x_high, y, y_unit, low, high,
 * n. Errors of `out` are the caller's to find; the caller has set the C numeric locale. */
void ehr_figure_table_write(const struct ehr_figure *figure, FILE *out);

#endif /* EHR_FIGURES_FIGURE_H */
