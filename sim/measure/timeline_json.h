/* Events of the Chrome trace-event format, one a line. Times are exact: microseconds with three
 * decimals. Internal to sim/measure. */
#ifndef EHR_MEASURE_TIMELINE_JSON_H
#define EHR_MEASURE_TIMELINE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ehr_trace_file {
    FILE *file;
    uint64_t events;
    bool arguments; /* of the event that is being written: some there are */
};

/* Begins an event: phase, name, time, process and thread. */
void ehr_trace_event(struct ehr_trace_file *trace, char phase, const char *name, uint64_t at_ns,
                     uint64_t pid, uint64_t tid);
/* Members beside these. */
void ehr_trace_text(struct ehr_trace_file *trace, const char *key, const char *text);
void ehr_trace_time(struct ehr_trace_file *trace, const char *key, uint64_t ns);
/* Arguments, once all members are there. */
void ehr_trace_arg_text(struct ehr_trace_file *trace, const char *key, const char *text);
void ehr_trace_arg_number(struct ehr_trace_file *trace, const char *key, uint64_t number);
void ehr_trace_arg_time(struct ehr_trace_file *trace, const char *key, uint64_t ns);
void ehr_trace_event_end(struct ehr_trace_file *trace);

/* A JSON string, with its quotes. */
void ehr_trace_string(FILE *file, const char *text);

#endif /* EHR_MEASURE_TIMELINE_JSON_H */
