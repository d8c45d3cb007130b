/*
 * The files of a result folder, one function each: what is in their columns. They write to an open
 * stream and leave errors to be found when it is closed. Internal to sim/measure; columns are
 * documented in docs/formats/.
 */
#ifndef EHR_MEASURE_TABLES_H
#define EHR_MEASURE_TABLES_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/measure/faults.h"
#include "sim/measure/measure.h"

/* Figures of hosts and links, as they were set. */
struct ehr_resource_log {
    struct ehr_measure_asked asked;
    struct ehr_measure_resource *list; /* NULL: not set */
    size_t count;
    double window_s;
};

struct ehr_measure {
    struct ehr_request_log *requests;
    struct ehr_counters counters;
    struct ehr_fault_log faults;
    struct ehr_resource_log resources;
    struct ehr_timeline *timeline; /* NULL: not asked for */
    uint64_t warmup_ns;
    uint64_t window_end_ns; /* UINT64_MAX: until the end of the run */
};

/* Whether the request was offered inside the measured window. */
bool ehr_measure_is_measured(const struct ehr_measure *measure, const struct ehr_request *request);

typedef void ehr_table_write(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                             FILE *file);

ehr_table_write ehr_table_summary;
ehr_table_write ehr_table_requests;
ehr_table_write ehr_table_blocks;
ehr_table_write ehr_table_nodes;
ehr_table_write ehr_table_messages;
ehr_table_write ehr_table_operations;
ehr_table_write ehr_table_consensus;
ehr_table_write ehr_table_parameters;
ehr_table_write ehr_table_run;
ehr_table_write ehr_table_faults;    /* faults.c */
ehr_table_write ehr_table_recovery;  /* faults.c */
ehr_table_write ehr_table_resources; /* resources.c */
ehr_table_write ehr_table_trace;     /* timeline_write.c */

void ehr_resource_log_close(struct ehr_resource_log *log);
bool ehr_measure_trace_asked(const struct ehr_measure *measure);

#endif /* EHR_MEASURE_TABLES_H */
