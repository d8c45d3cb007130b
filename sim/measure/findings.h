/*
 * What a reader of a run's figures should be warned of: that the system saturated, that the warm-up
 * was too short, that cryptography was modelled. Pure functions on what requests.csv and run.json
 * say; they read no files and change no figure. Rules and thresholds: docs/report.md.
 */
#ifndef EHR_MEASURE_FINDINGS_H
#define EHR_MEASURE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/measure/request_table.h"

/* X(SYMBOL, name in the page) */
#define EHR_FINDING_TABLE(X)                                                                       \
    X(ENDED_WRONGLY, "ended wrongly")                                                              \
    X(SATURATED, "saturated")                                                                      \
    X(CLIENT_LIMIT, "limited at the client")                                                       \
    X(UNFINISHED, "unfinished")                                                                    \
    X(BEHIND, "replicas left behind")                                                              \
    X(WARM_UP, "warm-up too short")                                                                \
    X(MODELLED, "modelled cryptography")                                                           \
    X(MIXED, "mixed runs")                                                                         \
    X(MISSING, "missing runs")                                                                     \
    X(REPLICATIONS, "few replications")                                                            \
    X(QUANTILE, "few requests")

enum ehr_finding_kind {
    EHR_FINDING_INVALID = 0,
#define EHR_X(symbol, name) EHR_FINDING_##symbol,
    EHR_FINDING_TABLE(EHR_X)
#undef EHR_X
        EHR_FINDING_END
};

/* "saturated". */
const char *ehr_finding_name(enum ehr_finding_kind kind);

struct ehr_finding {
    enum ehr_finding_kind kind;
    char text[512]; /* a sentence or two, without the kind */
};

#define EHR_FINDINGS_MAX 48u

struct ehr_findings {
    struct ehr_finding items[EHR_FINDINGS_MAX]; /* the gravest first, as in the table */
    size_t count;
};

/* Adds a finding at its place; one that has no room is dropped. */
void ehr_findings_add(struct ehr_findings *findings, enum ehr_finding_kind kind, const char *format,
                      ...) __attribute__((format(printf, 3, 4)));

/* Of that kind, how many there are. */
size_t ehr_findings_of_kind(const struct ehr_findings *findings, enum ehr_finding_kind kind);

/* How a flow's load and its service compare in the second half of the time in which its measured
 * requests were offered. A request is open from its offer until it ends ok, refused or failed: one
 * that was given up or never ended stays open. */
struct ehr_load {
    bool judged; /* enough requests, and time enough for them to end; else not saturated */
    bool saturated;
    double offered_per_s;
    double committed_per_s;
    uint64_t open_half; /* open when the second half began, and when it ended */
    uint64_t open_end;
};

/* `rows` are all requests of one flow in the order of their offer. */
struct ehr_load ehr_findings_load(const struct ehr_request_row *rows, size_t count);

/* Mean latency of the first tenth of the measured requests that ended ok, beside that of the last
 * seven tenths. */
struct ehr_warm_up {
    bool judged; /* enough requests */
    bool too_short;
    double first_s;
    double later_s;
};

struct ehr_warm_up ehr_findings_warm_up(const struct ehr_request_row *rows, size_t count);

/* What run.json says. */
struct ehr_findings_run {
    const char *crypto; /* real, modelled */
    const char *reason; /* why it ended wrongly; NULL: unknown */
    bool ended_wrongly;
    uint64_t replicas_behind;
};

/* All findings of a run. `findings` is emptied first. */
void ehr_findings_of_run(struct ehr_findings *findings, const struct ehr_findings_run *run,
                         const struct ehr_request_table *table);

#endif /* EHR_MEASURE_FINDINGS_H */
