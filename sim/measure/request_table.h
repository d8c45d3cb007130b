/*
 * The requests.csv of a finished run, read back: when each request was offered, sent and ended, and
 * what the phases of those that ended ok come to. It is not the log of a run under way
 * (requests.h), and judges nothing (findings.h). Columns: docs/formats/requests.md.
 */
#ifndef EHR_MEASURE_REQUEST_TABLE_H
#define EHR_MEASURE_REQUEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/measure/requests.h"
#include "sim/measure/results.h"

struct ehr_request_row {
    uint64_t start_ns;
    uint64_t sent_ns; /* EHR_REQUEST_TIME_UNKNOWN: never */
    uint64_t end_ns;  /* the same: unfinished */
    uint8_t flow;     /* enum ehr_flow */
    uint8_t outcome;  /* enum ehr_outcome */
    uint8_t reason;   /* enum ehr_reason */
    bool measured;
};

struct ehr_request_table {
    struct ehr_request_row *rows; /* by flow; of a flow by start_ns */
    size_t count;
    size_t capacity;
    size_t first[EHR_FLOW_END + 1];              /* rows of flow f: first[f] .. first[f + 1] - 1 */
    double phase_s[EHR_FLOW_END][EHR_PHASE_END]; /* sums over measured requests that ended ok */
};

/* Reads DIR/requests.csv, 32 bytes a request. BAD_INPUT: missing or malformed (file:line: what);
 * close in any case. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_request_table_init(struct ehr_request_table *table, const char *dir,
                                               struct ehr_measure_error *error);

void ehr_request_table_close(struct ehr_request_table *table);

#endif /* EHR_MEASURE_REQUEST_TABLE_H */
