/* What a column of summary.csv is called in a figure. Internal to sim/figures. */
#ifndef EHR_FIGURES_METRIC_H
#define EHR_FIGURES_METRIC_H

struct ehr_metric_text {
    char label[96];
    const char *unit; /* static */
};

/* "visit_lat_p95_s" -> "visit latency, 95th percentile", "s". */
void ehr_metric_describe(const char *column, struct ehr_metric_text *text);

#endif /* EHR_FIGURES_METRIC_H */
