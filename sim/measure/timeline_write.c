/* trace.json: columns and rules in docs/formats/trace.md. */
#include "sim/measure/timeline_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/memory.h"

/* ---- order ---- */

static unsigned section(const struct ehr_timeline_record *record)
{
    switch ((enum ehr_record_kind)record->kind) {
    case EHR_RECORD_HANDLER:
    case EHR_RECORD_STEP:
    case EHR_RECORD_NOTICE:
    case EHR_RECORD_SEND:
    case EHR_RECORD_RECEIVE:
    case EHR_RECORD_LOST:
        return 0;
    case EHR_RECORD_REQUEST:
    case EHR_RECORD_PHASE:
    case EHR_RECORD_PHASE_ADD:
        return 1;
    case EHR_RECORD_BLOCK:
        return 2;
    case EHR_RECORD_OWNER:
        return 3;
    }
    return 3;
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Work as it happened; requests and blocks one behind another. */
static int by_section(const void *a, const void *b)
{
    const struct ehr_timeline_record *x = a, *y = b;
    int order = compare(section(x), section(y));
    if (order == 0 && section(x) != 0)
        order = compare(x->chain, y->chain);
    if (order == 0 && section(x) != 0)
        order = compare(x->subject, y->subject);
    return order != 0 ? order : compare(x->order, y->order);
}

static int by_message(const void *a, const void *b)
{
    const struct ehr_timeline_record *x = *(struct ehr_timeline_record *const *)a;
    const struct ehr_timeline_record *y = *(struct ehr_timeline_record *const *)b;
    int order = compare(x->number, y->number);
    if (order == 0)
        order = compare(x->to, y->to);
    return order != 0 ? order : compare(x->kind, y->kind);
}

/* An arrow needs both ends: a message may be lost on its way, or be there too late. */
static void messages_match(struct ehr_timeline *timeline, size_t work)
{
    struct ehr_timeline_record **ends = ehr_measure_zeroed(work, sizeof(void *));
    size_t count = 0;
    uint64_t pairs = 0;
    for (size_t i = 0; i < work; i++) {
        uint8_t kind = timeline->records[i].kind;
        if (kind == EHR_RECORD_SEND || kind == EHR_RECORD_RECEIVE)
            ends[count++] = &timeline->records[i];
    }
    qsort(ends, count, sizeof(void *), by_message);
    for (size_t i = 0; i + 1 < count; i++) {
        struct ehr_timeline_record *from = ends[i], *to = ends[i + 1];
        if (from->kind != EHR_RECORD_SEND || to->kind != EHR_RECORD_RECEIVE ||
            from->number != to->number || from->to != to->to)
            continue;
        from->matched = to->matched = true;
        from->span_ns = to->span_ns = ++pairs;
        i++;
    }
    free(ends);
}

/* ---- hosts ---- */

struct host_of {
    const char *host;
    uint32_t node;
};

static int by_host(const void *a, const void *b)
{
    const struct host_of *x = a, *y = b;
    int order = strcmp(x->host, y->host);
    return order != 0 ? order : compare(x->node, y->node);
}

const char *ehr_trace_process(const struct ehr_measure_names *names, uint32_t node)
{
    bool nobody = strcmp(names->nodes[node].role, "workload") == 0;
    return nobody ? "workload" : names->nodes[node].host;
}

static uint32_t *hosts_make(const struct ehr_measure_names *names)
{
    struct host_of *hosts = ehr_measure_zeroed(names->node_count, sizeof *hosts);
    uint32_t *first = ehr_measure_zeroed(names->node_count, sizeof *first);
    for (uint32_t i = 0; i < names->node_count; i++)
        hosts[i] = (struct host_of){ehr_trace_process(names, i), i};
    qsort(hosts, names->node_count, sizeof *hosts, by_host);
    for (uint32_t i = 0; i < names->node_count; i++) {
        bool same = i > 0 && strcmp(hosts[i].host, hosts[i - 1].host) == 0;
        first[hosts[i].node] = same ? first[hosts[i - 1].node] : hosts[i].node;
    }
    free(hosts);
    return first;
}

/* ---- the file ---- */

static void fact(FILE *file, const char *key, const char *text)
{
    fprintf(file, "\"%s\":", key);
    ehr_trace_string(file, text);
    fputs(",\n", file);
}

static void number(FILE *file, const char *key, uint64_t value)
{
    fprintf(file, "\"%s\":%" PRIu64 ",\n", key, value);
}

static void about_write(const struct ehr_trace_writer *writer, const struct ehr_measure_meta *meta)
{
    const struct ehr_timeline *timeline = writer->timeline;
    FILE *file = writer->trace.file;
    uint64_t blocks = 0, requests = 0;
    for (uint32_t chain = 0; chain < writer->names->chain_count; chain++)
        blocks += ehr_counters_chain(&writer->measure->counters, chain).blocks;
    for (size_t i = writer->request_at; i < writer->block_at; i++)
        requests += timeline->records[i].kind == EHR_RECORD_REQUEST;
    fputs("{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\n", file);
    number(file, "format_version", EHR_MEASURE_FORMAT_VERSION);
    fact(file, "program", "ehrgrid");
    fact(file, "version", meta->version);
    fact(file, "scenario", meta->scenario);
    fact(file, "run_id", meta->run_id);
    fact(file, "fidelity", meta->fidelity);
    number(file, "events_limit", timeline->limit);
    number(file, "every", timeline->every);
    fact(
        file, "sampling",
        timeline->every == 1
            ? "everything is shown"
            : "shown are the requests, and of each chain the blocks, whose number is a multiple of "
              "`every`, with their messages and the handlers that send and take them; of what "
              "belongs to neither, one in `every`");
    number(file, "requests", ehr_request_count(writer->measure->requests));
    number(file, "requests_shown", requests);
    number(file, "blocks", blocks);
    number(file, "blocks_shown", writer->owner_at - writer->block_at);
    fact(file, "clock", "simulated time; microseconds");
    fprintf(file, "\"end_us\":%" PRIu64 ".%03" PRIu64 "},\n\"traceEvents\":[",
            writer->end_ns / 1000, writer->end_ns % 1000);
}

static size_t section_at(const struct ehr_timeline *timeline, unsigned wanted)
{
    size_t at = 0;
    while (at < timeline->count && section(&timeline->records[at]) < wanted)
        at++;
    return at;
}

void ehr_table_trace(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                     FILE *file)
{
    struct ehr_timeline *timeline = measure->timeline;
    const struct ehr_measure_names *names = &measure->counters.names;
    ehr_timeline_finish(timeline, meta->sim_time_ns,
                        EHR_TRACE_SAMPLES + 1 + ehr_trace_fault_events(measure, meta->sim_time_ns));
    if (timeline->count > 0)
        qsort(timeline->records, timeline->count, sizeof *timeline->records, by_section);
    struct ehr_trace_writer writer = {
        .trace = {.file = file},
        .measure = measure,
        .names = names,
        .timeline = timeline,
        .end_ns = meta->sim_time_ns,
        .first = hosts_make(names),
        .requests_pid = (uint64_t)names->node_count + 1,
        .chains_pid = (uint64_t)names->node_count + 2,
        .devices_pid = (uint64_t)names->node_count + 2 + names->chain_count,
        .request_at = section_at(timeline, 1),
        .block_at = section_at(timeline, 2),
        .owner_at = section_at(timeline, 3),
    };
    messages_match(timeline, writer.request_at);
    about_write(&writer, meta);
    ehr_trace_tracks(&writer);
    ehr_trace_work(&writer);
    ehr_trace_requests(&writer);
    ehr_trace_blocks(&writer);
    ehr_trace_open_requests(&writer);
    ehr_trace_faults(&writer);
    fputs("\n]}\n", file);
    free(writer.first);
}

bool ehr_measure_trace_asked(const struct ehr_measure *measure)
{
    return measure->timeline != NULL;
}

void ehr_measure_timeline_set(struct ehr_measure *measure, struct ehr_timeline *take_timeline)
{
    measure->timeline = take_timeline;
}
