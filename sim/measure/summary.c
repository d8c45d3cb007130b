#include <assert.h>
#include <stdlib.h>

#include "sim/measure/csv.h"
#include "sim/measure/latency.h"
#include "sim/measure/memory.h"
#include "sim/measure/tables.h"

bool ehr_measure_is_measured(const struct ehr_measure *measure, const struct ehr_request *request)
{
    return request->start_ns >= measure->warmup_ns && request->start_ns < measure->window_end_ns;
}

static bool inside(const struct ehr_measure *measure, uint64_t ns)
{
    return ns != EHR_REQUEST_TIME_UNKNOWN && ns >= measure->warmup_ns &&
           ns < measure->window_end_ns;
}

uint64_t ehr_measure_window(const struct ehr_measure *measure, uint64_t sim_time_ns)
{
    uint64_t end = measure->window_end_ns == UINT64_MAX ? sim_time_ns : measure->window_end_ns;
    return end > measure->warmup_ns ? end - measure->warmup_ns : 0;
}

static void count_outcome(struct ehr_flow_summary *summary, const struct ehr_request *request)
{
    switch ((enum ehr_outcome)request->outcome) {
    case EHR_OUTCOME_OK:
        summary->ok++;
        summary->records_identical += request->identical;
        return;
    case EHR_OUTCOME_REFUSED:
        summary->refused++;
        return;
    case EHR_OUTCOME_FAILED:
        summary->failed++;
        return;
    case EHR_OUTCOME_TIMEOUT:
        summary->timeout++;
        return;
    case EHR_OUTCOME_UNFINISHED:
        summary->unfinished++;
        return;
    case EHR_OUTCOME_INVALID: /* open: ehr_request_finish_all was not called */
    case EHR_OUTCOME_END:
        break;
    }
    assert(request->outcome > EHR_OUTCOME_INVALID && request->outcome < EHR_OUTCOME_END);
}

/* Durations collected on the way; sized for all requests, as flows are summed up one at a time. */
struct durations {
    uint64_t *latency;
    uint64_t *durable;
    size_t latency_count;
    size_t durable_count;
};

static void add_request(const struct ehr_measure *measure, struct ehr_flow_summary *summary,
                        struct durations *durations, const struct ehr_request *request)
{
    bool ok = request->outcome == EHR_OUTCOME_OK;
    summary->sent_inside += inside(measure, request->sent_ns);
    summary->ok_inside += ok && inside(measure, request->end_ns);
    if (!ehr_measure_is_measured(measure, request))
        return;
    summary->offered++;
    summary->sent += request->sent_ns != EHR_REQUEST_TIME_UNKNOWN;
    count_outcome(summary, request);
    if (ok)
        durations->latency[durations->latency_count++] = request->end_ns - request->start_ns;
    if (request->durable_ns != EHR_REQUEST_TIME_UNKNOWN) {
        summary->durable_unshared += request->shared_ns == EHR_REQUEST_TIME_UNKNOWN;
        durations->durable[durations->durable_count++] = request->durable_ns - request->start_ns;
    }
}

struct ehr_flow_summary ehr_measure_flow(const struct ehr_measure *measure, enum ehr_flow flow)
{
    uint32_t count = ehr_request_count(measure->requests);
    struct ehr_flow_summary summary = {0};
    struct durations durations = {
        .latency = ehr_measure_zeroed(count, sizeof(uint64_t)),
        .durable = ehr_measure_zeroed(count, sizeof(uint64_t)),
    };
    for (uint32_t id = 1; id <= count; id++) {
        const struct ehr_request *request = ehr_request_get(measure->requests, id);
        if (request->flow == flow)
            add_request(measure, &summary, &durations, request);
    }
    summary.latency = ehr_latency_of(durations.latency, durations.latency_count);
    summary.durable = ehr_latency_of(durations.durable, durations.durable_count);
    free(durations.latency);
    free(durations.durable);
    assert(summary.offered ==
           summary.ok + summary.refused + summary.failed + summary.timeout + summary.unfinished);
    assert(summary.latency.count == summary.ok);
    return summary;
}

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const latency_columns[] = {"mean_s", "p50_s",  "p90_s", "p95_s",
                                              "p99_s",  "p999_s", "max_s"};

static void header_latency(struct ehr_csv *csv, const char *flow, const char *kind)
{
    for (size_t i = 0; i < LENGTH(latency_columns); i++)
        ehr_csv_name(csv, flow, kind, latency_columns[i]);
}

static void header_flow(struct ehr_csv *csv, enum ehr_flow flow)
{
    static const char *const before[] = {
        "_offered", "_ok",         "_refused",           "_failed",
        "_timeout", "_unfinished", "_records_identical", "_rate_per_s"};
    static const char *const after[] = {"_sent", "_offered_per_s", "_sent_per_s",
                                        "_committed_per_s"};
    const char *name = ehr_flow_name(flow);
    for (size_t i = 0; i < LENGTH(before); i++)
        ehr_csv_name(csv, name, before[i], "");
    header_latency(csv, name, "_lat_");
    for (size_t i = 0; i < LENGTH(after); i++)
        ehr_csv_name(csv, name, after[i], "");
    if (flow == EHR_FLOW_VISIT) {
        ehr_csv_name(csv, name, "_durable", "");
        ehr_csv_name(csv, name, "_durable_unshared", "");
        header_latency(csv, name, "_durable_");
    }
}

static void header_row(struct ehr_csv *csv)
{
    static const char *const run[] = {"run_id",          "scenario",   "sha256",      "version",
                                      "simgrid_version", "seed",       "replication", "fidelity",
                                      "crypto",          "sim_time_s", "warmup_s",    "window_s"};
    static const char *const tier_columns[] = {"_blocks",      "_transactions",    "_messages",
                                               "_bytes",       "_messages_per_tx", "_bytes_per_tx",
                                               "_view_changes"};
    for (size_t i = 0; i < LENGTH(run); i++)
        ehr_csv_text(csv, run[i]);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        header_flow(csv, flow);
    for (enum ehr_tier tier = EHR_TIER_PRIVATE; tier < EHR_TIER_END; tier++) {
        for (size_t i = 0; i < LENGTH(tier_columns); i++)
            ehr_csv_name(csv, ehr_tier_name(tier), tier_columns[i], "");
    }
    ehr_csv_text(csv, "wall_s");
    ehr_csv_text(csv, "peak_rss_bytes");
    ehr_csv_end(csv);
}

static void row_latency(struct ehr_csv *csv, const struct ehr_latency *latency)
{
    if (latency->count == 0) {
        for (size_t i = 0; i < LENGTH(latency_columns); i++)
            ehr_csv_empty(csv);
        return;
    }
    ehr_csv_duration(csv, latency->mean_ns);
    ehr_csv_duration(csv, (double)latency->p50_ns);
    ehr_csv_duration(csv, (double)latency->p90_ns);
    ehr_csv_duration(csv, (double)latency->p95_ns);
    ehr_csv_duration(csv, (double)latency->p99_ns);
    ehr_csv_duration(csv, (double)latency->p999_ns);
    ehr_csv_duration(csv, (double)latency->max_ns);
}

static void quotient(struct ehr_csv *csv, uint64_t count, double divisor)
{
    if (divisor > 0)
        ehr_csv_number(csv, (double)count / divisor);
    else
        ehr_csv_empty(csv);
}

static void row_flow(struct ehr_csv *csv, enum ehr_flow flow,
                     const struct ehr_flow_summary *summary, double window_s)
{
    ehr_csv_count(csv, summary->offered);
    ehr_csv_count(csv, summary->ok);
    ehr_csv_count(csv, summary->refused);
    ehr_csv_count(csv, summary->failed);
    ehr_csv_count(csv, summary->timeout);
    ehr_csv_count(csv, summary->unfinished);
    ehr_csv_count(csv, summary->records_identical);
    quotient(csv, summary->ok, window_s);
    row_latency(csv, &summary->latency);
    ehr_csv_count(csv, summary->sent);
    quotient(csv, summary->offered, window_s);
    quotient(csv, summary->sent_inside, window_s);
    quotient(csv, summary->ok_inside, window_s);
    if (flow == EHR_FLOW_VISIT) {
        ehr_csv_count(csv, summary->durable.count);
        ehr_csv_count(csv, summary->durable_unshared);
        row_latency(csv, &summary->durable);
    }
}

static void row_tier(struct ehr_csv *csv, const struct ehr_tier_totals *totals)
{
    ehr_csv_count(csv, totals->blocks);
    ehr_csv_count(csv, totals->transactions);
    ehr_csv_count(csv, totals->messages);
    ehr_csv_count(csv, totals->bytes);
    quotient(csv, totals->messages, (double)totals->transactions);
    quotient(csv, totals->bytes, (double)totals->transactions);
    ehr_csv_count(csv, totals->view_changes);
}

void ehr_table_summary(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                       FILE *file)
{
    struct ehr_csv csv = {.file = file};
    uint64_t window_ns = ehr_measure_window(measure, meta->sim_time_ns);
    header_row(&csv);
    ehr_csv_text(&csv, meta->run_id);
    ehr_csv_text(&csv, meta->scenario);
    ehr_csv_text(&csv, meta->sha256);
    ehr_csv_text(&csv, meta->version);
    ehr_csv_text(&csv, meta->simgrid_version);
    ehr_csv_count(&csv, meta->seed);
    ehr_csv_count(&csv, meta->replication);
    ehr_csv_text(&csv, meta->fidelity);
    ehr_csv_text(&csv, meta->crypto);
    ehr_csv_moment(&csv, meta->sim_time_ns);
    ehr_csv_duration(&csv, (double)measure->warmup_ns);
    ehr_csv_duration(&csv, (double)window_ns);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        struct ehr_flow_summary summary = ehr_measure_flow(measure, flow);
        row_flow(&csv, flow, &summary, (double)window_ns / 1e9);
    }
    for (enum ehr_tier tier = EHR_TIER_PRIVATE; tier < EHR_TIER_END; tier++) {
        struct ehr_tier_totals totals = ehr_counters_tier(&measure->counters, tier);
        row_tier(&csv, &totals);
    }
    ehr_csv_number(&csv, meta->wall_s);
    ehr_csv_count(&csv, meta->peak_rss_bytes);
    ehr_csv_end(&csv);
}
