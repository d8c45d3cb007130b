/* What the parts of trace.json share. Internal to sim/measure. */
#ifndef EHR_MEASURE_TIMELINE_WRITE_H
#define EHR_MEASURE_TIMELINE_WRITE_H

#include "sim/measure/tables.h"
#include "sim/measure/timeline_json.h"
#include "sim/measure/timeline_record.h"

/* How often the counter of open requests is drawn, beside time 0. */
enum { EHR_TRACE_SAMPLES = 1000 };

/* Threads: node i has tid i + 1, in the process of its host, whose pid is the tid of its first
 * node. Behind them the process of requests, that of chains with a thread each, that of devices.
 * No two threads have the same tid, whatever their processes: viewers want that. */
struct ehr_trace_writer {
    struct ehr_trace_file trace;
    const struct ehr_measure *measure;
    const struct ehr_measure_names *names;
    const struct ehr_timeline *timeline;
    uint64_t end_ns;
    uint32_t *first; /* by node: the first of its host */
    uint64_t requests_pid, chains_pid, devices_pid;
    size_t request_at, block_at, owner_at; /* where such records begin; before: work */
};

/* timeline_async.c */
void ehr_trace_requests(struct ehr_trace_writer *writer);
void ehr_trace_blocks(struct ehr_trace_writer *writer);
void ehr_trace_open_requests(struct ehr_trace_writer *writer);
void ehr_trace_faults(struct ehr_trace_writer *writer);
uint64_t ehr_trace_fault_events(const struct ehr_measure *measure, uint64_t end_ns);

/* timeline_write.c: the process of a node's track: its host, but for the workload, which is the
 * simulator's and computes nowhere. */
const char *ehr_trace_process(const struct ehr_measure_names *names, uint32_t node);

/* timeline_work.c */
void ehr_trace_tracks(struct ehr_trace_writer *writer);
void ehr_trace_work(struct ehr_trace_writer *writer);

#endif /* EHR_MEASURE_TIMELINE_WRITE_H */
