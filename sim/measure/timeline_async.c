/* What trace.json shows that is no node's work: requests, blocks, counters, faults. All of it comes
 * from what the other files of the results come from. */
#include "sim/measure/timeline_write.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/measure/memory.h"

/* ---- requests ---- */

/* One of requests or chains: what it is called there. */
struct span {
    struct ehr_trace_writer *writer;
    const char *category, *id;
    uint64_t pid, tid;
};

static struct ehr_trace_file *span_event(const struct span *span, char phase, const char *name,
                                         uint64_t at_ns)
{
    struct ehr_trace_file *trace = &span->writer->trace;
    ehr_trace_event(trace, phase, name, at_ns, span->pid, span->tid);
    ehr_trace_text(trace, "cat", span->category);
    ehr_trace_text(trace, "id", span->id);
    return trace;
}

static void span_part(const struct span *span, const char *name, uint64_t from_ns, uint64_t to_ns)
{
    ehr_trace_event_end(span_event(span, 'b', name, from_ns));
    ehr_trace_event_end(span_event(span, 'e', name, to_ns));
}

static void span_moment(const struct span *span, const char *name, uint64_t at_ns, uint64_t end_ns)
{
    if (at_ns <= end_ns) /* never: EHR_REQUEST_TIME_UNKNOWN */
        ehr_trace_event_end(span_event(span, 'n', name, at_ns));
}

static void request_phases(const struct span *span, const struct ehr_timeline_record *records,
                           size_t count, uint64_t end_ns)
{
    const struct ehr_timeline_record *running = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct ehr_timeline_record *record = &records[i];
        const char *name = ehr_phase_name((enum ehr_phase)record->type);
        if (record->kind == EHR_RECORD_PHASE_ADD) {
            struct ehr_trace_file *trace = span_event(span, 'n', name, record->at_ns);
            ehr_trace_arg_time(trace, "added_us", record->span_ns);
            ehr_trace_event_end(trace);
            continue;
        }
        if (running != NULL)
            span_part(span, ehr_phase_name((enum ehr_phase)running->type), running->at_ns,
                      record->at_ns);
        running = record;
    }
    if (running != NULL)
        span_part(span, ehr_phase_name((enum ehr_phase)running->type), running->at_ns, end_ns);
}

static void request_write(struct ehr_trace_writer *writer,
                          const struct ehr_timeline_record *records, size_t count)
{
    const struct ehr_measure_names *names = writer->names;
    const uint32_t number = (uint32_t)records[0].subject;
    const struct ehr_request *request = ehr_request_get(writer->measure->requests, number);
    const char *name = ehr_flow_name((enum ehr_flow)request->flow);
    char id[24];
    snprintf(id, sizeof id, "r%" PRIu32, number);
    const struct span span = {writer, "request", id, writer->requests_pid, writer->requests_pid};
    struct ehr_trace_file *trace = span_event(&span, 'b', name, request->start_ns);
    ehr_trace_arg_number(trace, "request", number);
    if (request->hospital < names->hospital_count)
        ehr_trace_arg_text(trace, "hospital", names->hospitals[request->hospital]);
    ehr_trace_event_end(trace);
    request_phases(&span, records + 1, count - 1, request->end_ns);
    span_moment(&span, "durable", request->durable_ns, request->end_ns);
    span_moment(&span, "shared", request->shared_ns, request->end_ns);
    trace = span_event(&span, 'e', name, request->end_ns);
    ehr_trace_arg_text(trace, "outcome", ehr_outcome_name((enum ehr_outcome)request->outcome));
    ehr_trace_arg_text(trace, "reason", ehr_reason_name((enum ehr_reason)request->reason));
    ehr_trace_arg_number(trace, "bytes", request->bytes);
    ehr_trace_event_end(trace);
}

void ehr_trace_requests(struct ehr_trace_writer *writer)
{
    const struct ehr_timeline_record *records = writer->timeline->records;
    for (size_t i = writer->request_at, next; i < writer->block_at; i = next) {
        next = i + 1;
        while (next < writer->block_at && records[next].subject == records[i].subject)
            next++;
        request_write(writer, &records[i], next - i);
    }
}

/* ---- blocks ---- */

static void block_write(struct ehr_trace_writer *writer, const struct ehr_timeline_record *record)
{
    const struct ehr_measure_names *names = writer->names;
    const struct ehr_block_row *row =
        ehr_counters_block(&writer->measure->counters, record->chain, record->subject);
    const bool known = row->proposed_ns != UINT64_MAX;
    char id[32], name[32];
    snprintf(id, sizeof id, "c%" PRIu32 ".%" PRIu64, record->chain, record->subject);
    snprintf(name, sizeof name, "block %" PRIu64, record->subject);
    const struct span span = {writer, "consensus", id, writer->chains_pid,
                              writer->chains_pid + record->chain};
    struct ehr_trace_file *trace =
        span_event(&span, 'b', name, known ? row->proposed_ns : row->committed_first_ns);
    ehr_trace_arg_text(trace, "chain", names->chains[record->chain].name);
    ehr_trace_arg_number(trace, "height", record->subject);
    ehr_trace_arg_number(trace, "view", row->view);
    if (row->proposer < names->node_count)
        ehr_trace_arg_text(trace, "proposer", names->nodes[row->proposer].name);
    ehr_trace_arg_number(trace, "transactions", row->transactions);
    ehr_trace_arg_number(trace, "bytes", row->bytes);
    ehr_trace_event_end(trace);
    if (known)
        span_part(&span, "agree", row->proposed_ns, row->committed_first_ns);
    span_part(&span, "spread", row->committed_first_ns, row->committed_last_ns);
    trace = span_event(&span, 'e', name, row->committed_last_ns);
    ehr_trace_arg_number(trace, "replicas", row->committed);
    ehr_trace_arg_number(trace, "signers", row->signers);
    ehr_trace_event_end(trace);
}

void ehr_trace_blocks(struct ehr_trace_writer *writer)
{
    for (size_t i = writer->block_at; i < writer->owner_at; i++)
        block_write(writer, &writer->timeline->records[i]);
}

/* ---- open requests, of all ---- */

static uint64_t sample_ns(const struct ehr_trace_writer *writer, uint64_t sample)
{
    const uint64_t part = writer->end_ns / EHR_TRACE_SAMPLES;
    return part * sample + writer->end_ns % EHR_TRACE_SAMPLES * sample / EHR_TRACE_SAMPLES;
}

/* The first sample that is not before a moment. */
static size_t sample_of(const struct ehr_trace_writer *writer, uint64_t ns)
{
    size_t low = 0, high = EHR_TRACE_SAMPLES + 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sample_ns(writer, middle) < ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void ehr_trace_open_requests(struct ehr_trace_writer *writer)
{
    const struct ehr_request_log *log = writer->measure->requests;
    uint64_t *begun = ehr_measure_zeroed(EHR_TRACE_SAMPLES + 2, sizeof *begun);
    uint64_t *ended = ehr_measure_zeroed(EHR_TRACE_SAMPLES + 2, sizeof *ended);
    uint64_t open = 0;
    for (uint32_t id = 1; id <= ehr_request_count(log); id++) {
        const struct ehr_request *request = ehr_request_get(log, id);
        begun[sample_of(writer, request->start_ns)]++;
        if (request->outcome != EHR_OUTCOME_UNFINISHED)
            ended[sample_of(writer, request->end_ns)]++;
    }
    for (size_t i = 0; i <= EHR_TRACE_SAMPLES; i++) {
        open += begun[i] - ended[i];
        ehr_trace_event(&writer->trace, 'C', "open requests", sample_ns(writer, i),
                        writer->requests_pid, writer->requests_pid);
        ehr_trace_arg_number(&writer->trace, "open", open);
        ehr_trace_event_end(&writer->trace);
    }
    free(begun);
    free(ended);
}

/* ---- faults ---- */

uint64_t ehr_trace_fault_events(const struct ehr_measure *measure, uint64_t end_ns)
{
    uint64_t events = 0;
    for (size_t i = 0; i < measure->faults.count; i++)
        events += (measure->faults.faults[i].begin_ns <= end_ns ? 1U : 0U) +
                  (measure->faults.faults[i].end_ns <= end_ns ? 1U : 0U);
    return events;
}

static void fault_write(struct ehr_trace_writer *writer, const struct ehr_measure_fault *fault,
                        const char *what, uint64_t at_ns)
{
    struct ehr_trace_file *trace = &writer->trace;
    char name[96];
    if (at_ns > writer->end_ns)
        return;
    snprintf(name, sizeof name, "%s %s", fault->kind, what);
    ehr_trace_event(trace, 'i', name, at_ns, writer->chains_pid, writer->chains_pid);
    ehr_trace_text(trace, "cat", "fault");
    ehr_trace_text(trace, "s", "g");
    ehr_trace_arg_text(trace, "target", fault->target);
    ehr_trace_arg_text(trace, "value", fault->value);
    ehr_trace_event_end(trace);
}

void ehr_trace_faults(struct ehr_trace_writer *writer)
{
    const struct ehr_fault_log *log = &writer->measure->faults;
    for (size_t i = 0; i < log->count; i++) {
        fault_write(writer, &log->faults[i], "begins", log->faults[i].begin_ns);
        fault_write(writer, &log->faults[i], "ends", log->faults[i].end_ns);
    }
}
