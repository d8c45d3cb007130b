#include "sim/measure/timeline_json.h"

#include <inttypes.h>

void ehr_trace_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', file);
        if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            fputc(*c, file);
    }
    fputc('"', file);
}

static void time_write(FILE *file, uint64_t ns)
{
    fprintf(file, "%" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
}

void ehr_trace_event(struct ehr_trace_file *trace, char phase, const char *name, uint64_t at_ns,
                     uint64_t pid, uint64_t tid)
{
    fprintf(trace->file, "%s{\"ph\":\"%c\",\"name\":", trace->events++ == 0 ? "\n" : ",\n", phase);
    ehr_trace_string(trace->file, name);
    ehr_trace_time(trace, "ts", at_ns);
    fprintf(trace->file, ",\"pid\":%" PRIu64 ",\"tid\":%" PRIu64, pid, tid);
    trace->arguments = false;
}

void ehr_trace_text(struct ehr_trace_file *trace, const char *key, const char *text)
{
    fprintf(trace->file, ",\"%s\":", key);
    ehr_trace_string(trace->file, text);
}

void ehr_trace_time(struct ehr_trace_file *trace, const char *key, uint64_t ns)
{
    fprintf(trace->file, ",\"%s\":", key);
    time_write(trace->file, ns);
}

static void argument(struct ehr_trace_file *trace, const char *key)
{
    fprintf(trace->file, trace->arguments ? ",\"%s\":" : ",\"args\":{\"%s\":", key);
    trace->arguments = true;
}

void ehr_trace_arg_text(struct ehr_trace_file *trace, const char *key, const char *text)
{
    argument(trace, key);
    ehr_trace_string(trace->file, text);
}

void ehr_trace_arg_number(struct ehr_trace_file *trace, const char *key, uint64_t number)
{
    argument(trace, key);
    fprintf(trace->file, "%" PRIu64, number);
}

void ehr_trace_arg_time(struct ehr_trace_file *trace, const char *key, uint64_t ns)
{
    argument(trace, key);
    time_write(trace->file, ns);
}

void ehr_trace_event_end(struct ehr_trace_file *trace)
{
    fputs(trace->arguments ? "}}" : "}", trace->file);
}
