/* Tracks of trace.json, and what is drawn on them. */
#include "sim/measure/timeline_write.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/measure/memory.h"

/* ---- tracks ---- */

static void track(struct ehr_trace_writer *writer, const char *kind, const char *name, uint64_t pid,
                  uint64_t tid, uint64_t place)
{
    struct ehr_trace_file *trace = &writer->trace;
    const bool process = pid != 0 && kind[0] == 'p';
    ehr_trace_event(trace, 'M', kind, 0, pid, tid);
    ehr_trace_arg_text(trace, "name", name);
    ehr_trace_event_end(trace);
    ehr_trace_event(trace, 'M', process ? "process_sort_index" : "thread_sort_index", 0, pid, tid);
    ehr_trace_arg_number(trace, "sort_index", place);
    ehr_trace_event_end(trace);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Of the devices, only those that are seen at work. */
static void device_tracks(struct ehr_trace_writer *writer)
{
    uint32_t *lanes = ehr_measure_zeroed(writer->request_at + 1, sizeof *lanes);
    size_t count = 0;
    for (size_t i = 0; i < writer->request_at; i++)
        if (writer->timeline->records[i].device)
            lanes[count++] = writer->timeline->records[i].track;
    qsort(lanes, count, sizeof *lanes, by_number);
    if (count > 0)
        track(writer, "process_name", "devices", writer->devices_pid, writer->devices_pid,
              writer->devices_pid);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        uint64_t tid = writer->devices_pid + lanes[i];
        if (i > 0 && lanes[i] == lanes[i - 1])
            continue;
        snprintf(name, sizeof name, "device %" PRIu32, lanes[i]);
        track(writer, "thread_name", name, writer->devices_pid, tid, tid);
    }
    free(lanes);
}

void ehr_trace_tracks(struct ehr_trace_writer *writer)
{
    const struct ehr_measure_names *names = writer->names;
    track(writer, "process_name", "requests", writer->requests_pid, writer->requests_pid, 0);
    track(writer, "process_name", "chains", writer->chains_pid, writer->chains_pid, 1);
    for (uint32_t chain = 0; chain < names->chain_count; chain++)
        track(writer, "thread_name", names->chains[chain].name, writer->chains_pid,
              writer->chains_pid + chain, chain);
    for (uint32_t node = 0; node < names->node_count; node++) {
        uint64_t pid = (uint64_t)writer->first[node] + 1, tid = (uint64_t)node + 1;
        if (pid == tid)
            track(writer, "process_name", ehr_trace_process(names, node), pid, tid, pid + 1);
        track(writer, "thread_name", names->nodes[node].name, pid, tid, tid);
    }
    device_tracks(writer);
}

/* ---- work ---- */

static uint64_t pid_of(const struct ehr_trace_writer *writer,
                       const struct ehr_timeline_record *record)
{
    return record->device ? writer->devices_pid : (uint64_t)writer->first[record->track] + 1;
}

static uint64_t tid_of(const struct ehr_trace_writer *writer,
                       const struct ehr_timeline_record *record)
{
    return record->device ? writer->devices_pid + record->track : (uint64_t)record->track + 1;
}

/* Of a message; an engine's by its own name. */
static const char *message_name(const struct ehr_trace_writer *writer,
                                const struct ehr_timeline_record *record)
{
    const struct ehr_measure_consensus *consensus = &writer->names->consensus;
    if (record->phase > 0 && consensus->chains != NULL &&
        record->phase <= consensus->message_count) {
        uint32_t chain = consensus->chains[record->node];
        const char *name = chain < writer->names->chain_count
                               ? consensus->messages[chain][record->phase - 1]
                               : NULL;
        if (name != NULL)
            return name;
    }
    return writer->names->messages[record->type].name;
}

static void handler_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    static const char *const categories[] = {[EHR_TIMELINE_START] = "handler,start",
                                             [EHR_TIMELINE_MESSAGE] = "handler,message",
                                             [EHR_TIMELINE_POST] = "handler,post",
                                             [EHR_TIMELINE_TIMER] = "handler,timer"};
    struct ehr_trace_file *trace = &writer->trace;
    char timer[32];
    const char *name = "start";
    if (record->cause == EHR_TIMELINE_TIMER) {
        snprintf(timer, sizeof timer, "timer %" PRIu32, record->type);
        name = timer;
    } else if (record->cause != EHR_TIMELINE_START) {
        name = message_name(writer, record);
    }
    ehr_trace_event(trace, 'X', name, record->at_ns, pid_of(writer, record),
                    tid_of(writer, record));
    ehr_trace_text(trace, "cat", categories[record->cause]);
    ehr_trace_time(trace, "dur", record->span_ns);
    ehr_trace_arg_number(trace, "waiting", record->to);
    if (record->device)
        ehr_trace_arg_text(trace, "node", writer->names->nodes[record->node].name);
    if (record->cut)
        ehr_trace_arg_text(trace, "cut", "by a crash, or the end of the run");
    ehr_trace_event_end(trace);
}

static void step_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    const char *name = record->type == EHR_TIMELINE_COMPUTE ? "compute" : "persist";
    ehr_trace_event(&writer->trace, 'X', name, record->at_ns, pid_of(writer, record),
                    tid_of(writer, record));
    ehr_trace_text(&writer->trace, "cat", name);
    ehr_trace_time(&writer->trace, "dur", record->span_ns);
    ehr_trace_event_end(&writer->trace);
}

static void instant(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record,
                    const char *name, const char *category)
{
    ehr_trace_event(&writer->trace, 'i', name, record->at_ns, pid_of(writer, record),
                    tid_of(writer, record));
    ehr_trace_text(&writer->trace, "cat", category);
    ehr_trace_text(&writer->trace, "s", "t");
}

static void notice_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    static const char *const names[] = {[EHR_TIMELINE_VIEW] = "view change",
                                        [EHR_TIMELINE_EXPIRED] = "time-out",
                                        [EHR_TIMELINE_EXPOSED] = "grant no longer served"};
    static const char *const values[] = {[EHR_TIMELINE_VIEW] = "view",
                                         [EHR_TIMELINE_EXPIRED] = "timer",
                                         [EHR_TIMELINE_EXPOSED] = "request"};
    instant(writer, record, names[record->type], "notice");
    ehr_trace_arg_number(&writer->trace, values[record->type], record->number);
    ehr_trace_event_end(&writer->trace);
}

/* What a message belongs to, and its size. */
static void message_args(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    struct ehr_trace_file *trace = &writer->trace;
    ehr_trace_arg_text(trace, "to", writer->names->nodes[record->to].name);
    ehr_trace_arg_number(trace, "bytes", record->bytes);
    if (record->of == EHR_SUBJECT_REQUEST)
        ehr_trace_arg_number(trace, "request", record->subject);
    if (record->of == EHR_SUBJECT_BLOCK) {
        ehr_trace_arg_text(trace, "chain", writer->names->chains[record->chain].name);
        ehr_trace_arg_number(trace, "height", record->subject);
    }
}

static void arrow_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    struct ehr_trace_file *trace = &writer->trace;
    const bool send = record->kind == EHR_RECORD_SEND;
    char id[24];
    snprintf(id, sizeof id, "m%" PRIu64, record->span_ns);
    ehr_trace_event(trace, send ? 's' : 'f', message_name(writer, record), record->at_ns,
                    pid_of(writer, record), tid_of(writer, record));
    ehr_trace_text(trace, "cat", "message");
    ehr_trace_text(trace, "id", id);
    if (send)
        message_args(writer, record);
    else
        ehr_trace_text(trace, "bp", "e");
    ehr_trace_event_end(trace);
}

/* It was lost as it left, or nobody took it: lost on its way, or the run ended. */
static void lost_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    instant(writer, record, record->kind == EHR_RECORD_LOST ? "lost" : "not taken", "message");
    ehr_trace_arg_text(&writer->trace, "message", message_name(writer, record));
    message_args(writer, record);
    ehr_trace_event_end(&writer->trace);
}

void ehr_trace_work(struct ehr_trace_writer *writer)
{
    for (size_t i = 0; i < writer->request_at; i++) {
        const struct ehr_timeline_record *record = &writer->timeline->records[i];
        if (record->kind == EHR_RECORD_HANDLER)
            handler_write(writer, record);
        else if (record->kind == EHR_RECORD_STEP)
            step_write(writer, record);
        else if (record->kind == EHR_RECORD_NOTICE)
            notice_write(writer, record);
        else if (record->matched)
            arrow_write(writer, record);
        else if (record->kind != EHR_RECORD_RECEIVE)
            lost_write(writer, record);
    }
}
