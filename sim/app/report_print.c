/* The summary of a run for people and for programs. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "sim/app/report.h"
#include "sim/app/said.h"

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

/* ---- for people ---- */

static void duration_print(FILE *out, uint64_t count, uint64_t ns)
{
    if (count == 0)
        fprintf(out, " %9s", "-");
    else
        fprintf(out, " %9.4f", seconds(ns));
}

static void flow_print(FILE *out, const char *name, const struct ehr_flow_summary *flow)
{
    fprintf(out, "%-9s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %7" PRIu64 " %8" PRIu64 " %10" PRIu64,
            name, flow->offered, flow->ok, flow->refused, flow->failed, flow->timeout,
            flow->unfinished);
    duration_print(out, flow->latency.count, flow->latency.p50_ns);
    duration_print(out, flow->latency.count, flow->latency.p95_ns);
    fputc('\n', out);
}

static void tier_print(FILE *out, const char *name, const struct ehr_tier_totals *tier)
{
    fprintf(out,
            "%s: %" PRIu64 " blocks, %" PRIu64 " transactions, %" PRIu64
            " ordering messages, %" PRIu64 " view changes\n",
            name, tier->blocks, tier->transactions, tier->messages, tier->view_changes);
}

static void energy_print(FILE *out, const struct ehr_resource_totals *totals)
{
    const struct {
        const char *what;
        uint64_t count;
    } per[] = {
        {"visit", totals->visits},
        {"private transaction", totals->private_transactions},
        {"alliance transaction", totals->alliance_transactions},
    };
    double above_J = totals->energy_J - totals->idle_J;
    fprintf(out, "energy: %.6g J in %.3f s", totals->energy_J, totals->window_s);
    if (totals->asked.host_energy && totals->asked.link_energy)
        fprintf(out, " (hosts %.6g J, links %.6g J)", totals->hosts.energy_J,
                totals->links.energy_J);
    fprintf(out, ", %.4g J above idle\n", above_J);
    for (size_t i = 0; i < sizeof per / sizeof per[0]; i++)
        if (per[i].count > 0)
            fprintf(out, "energy per %s: %.4g J, %.4g J above idle\n", per[i].what,
                    ehr_resource_per(totals->energy_J, per[i].count),
                    ehr_resource_per(above_J, per[i].count));
}

static void resources_print(const struct ehr_measure *measure, FILE *out)
{
    if (!ehr_measure_resources_asked(measure))
        return;
    const struct ehr_resource_totals totals = ehr_measure_resource_totals(measure);
    if (totals.asked.host_energy || totals.asked.link_energy)
        energy_print(out, &totals);
    if (totals.asked.host_load)
        fprintf(out, "computed: %.6g core seconds\n", totals.hosts.busy_core_s);
    if (totals.asked.link_load)
        fprintf(out, "carried: %.6g bytes over links\n", totals.links.bytes);
}

static void recovery_print(void *context, const struct ehr_measure_fault *fault,
                           const struct ehr_measure_recovery *row)
{
    FILE *out = context;
    const struct ehr_recovery *recovery = &row->recovery;
    fprintf(out, "fault %zu (%s %s, %.3f s): %s %s %.3g/s before, ", row->fault, fault->kind,
            fault->target, seconds(fault->begin_ns), row->kind, row->name, recovery->before_per_s);
    if (recovery->recovered && recovery->recovered_ns == fault->begin_ns)
        fprintf(out, "no dip (lowest %.3g/s)\n", recovery->lowest_per_s);
    else if (recovery->recovered)
        fprintf(out, "%.3g/s at %.3f s, back after %.3f s\n", recovery->lowest_per_s,
                seconds(recovery->lowest_ns), seconds(recovery->recovered_ns - fault->begin_ns));
    else
        fprintf(out, "%.3g/s at %.3f s, not back\n", recovery->lowest_per_s,
                seconds(recovery->lowest_ns));
}

void ehr_report_table(const struct ehr_report *report, struct ehr_world *world, FILE *out)
{
    struct ehr_measure *measure = ehr_world_measure(world);
    const struct ehr_counters *counters = ehr_measure_counters(measure);
    struct ehr_tier_totals private = ehr_counters_tier(counters, EHR_TIER_PRIVATE);
    struct ehr_tier_totals alliance = ehr_counters_tier(counters, EHR_TIER_ALLIANCE);
    fprintf(out, "run %s: %.3f s simulated\n", ehr_report_run_id(report),
            seconds(ehr_world_end_ns(world)));
    if (ehr_report_warning(report) != NULL)
        fprintf(out, "WARNING: %s\n", ehr_report_warning(report));
    for (size_t i = 0; i < ehr_report_meta(report)->byzantine_count; i++) {
        const struct ehr_measure_byzantine *byzantine = &ehr_report_meta(report)->byzantines[i];
        fprintf(out, "Byzantine: %s (%s from %.3f s on)\n", byzantine->node, byzantine->behaviour,
                seconds(byzantine->at_ns));
    }
    fprintf(out, "%-9s %8s %8s %8s %7s %8s %10s %9s %9s\n", "flow", "offered", "ok", "refused",
            "failed", "timeout", "unfinished", "p50 s", "p95 s");
    for (unsigned f = EHR_FLOW_INVALID + 1; f < EHR_FLOW_END; f++) {
        struct ehr_flow_summary flow = ehr_measure_flow(measure, (enum ehr_flow)f);
        if (flow.offered > 0)
            flow_print(out, ehr_flow_name((enum ehr_flow)f), &flow);
    }
    tier_print(out, "private chains", &private);
    tier_print(out, "alliance chain", &alliance);
    ehr_measure_recoveries(measure, ehr_world_end_ns(world), recovery_print, out);
    resources_print(measure, out);
}

/* ---- for programs ---- */

static void latency_json(cJSON *flow, const struct ehr_latency *latency)
{
    if (latency->count == 0)
        return;
    cJSON_AddNumberToObject(flow, "lat_mean_s", latency->mean_ns / 1e9);
    cJSON_AddNumberToObject(flow, "lat_p50_s", seconds(latency->p50_ns));
    cJSON_AddNumberToObject(flow, "lat_p90_s", seconds(latency->p90_ns));
    cJSON_AddNumberToObject(flow, "lat_p95_s", seconds(latency->p95_ns));
    cJSON_AddNumberToObject(flow, "lat_p99_s", seconds(latency->p99_ns));
    cJSON_AddNumberToObject(flow, "lat_max_s", seconds(latency->max_ns));
}

static void flow_json(cJSON *flows, const char *name, const struct ehr_flow_summary *summary)
{
    cJSON *flow = cJSON_AddObjectToObject(flows, name);
    cJSON_AddNumberToObject(flow, "offered", (double)summary->offered);
    cJSON_AddNumberToObject(flow, "ok", (double)summary->ok);
    cJSON_AddNumberToObject(flow, "refused", (double)summary->refused);
    cJSON_AddNumberToObject(flow, "failed", (double)summary->failed);
    cJSON_AddNumberToObject(flow, "timeout", (double)summary->timeout);
    cJSON_AddNumberToObject(flow, "unfinished", (double)summary->unfinished);
    cJSON_AddNumberToObject(flow, "records_identical", (double)summary->records_identical);
    latency_json(flow, &summary->latency);
}

static void tier_json(cJSON *root, const char *name, const struct ehr_tier_totals *totals)
{
    cJSON *tier = cJSON_AddObjectToObject(root, name);
    cJSON_AddNumberToObject(tier, "blocks", (double)totals->blocks);
    cJSON_AddNumberToObject(tier, "transactions", (double)totals->transactions);
    cJSON_AddNumberToObject(tier, "messages", (double)totals->messages);
    cJSON_AddNumberToObject(tier, "bytes", (double)totals->bytes);
    cJSON_AddNumberToObject(tier, "view_changes", (double)totals->view_changes);
}

/* cJSON writes what has no value as null. */
static void energy_json(cJSON *object, const char *name, double energy_J, double idle_J)
{
    cJSON *energy = cJSON_AddObjectToObject(object, name);
    cJSON_AddNumberToObject(energy, "energy_J", energy_J);
    cJSON_AddNumberToObject(energy, "idle_J", idle_J);
    cJSON_AddNumberToObject(energy, "above_idle_J", energy_J - idle_J);
}

static void per_json(cJSON *object, const char *name, const struct ehr_resource_totals *totals,
                     uint64_t count)
{
    energy_json(object, name, ehr_resource_per(totals->energy_J, count),
                ehr_resource_per(totals->idle_J, count));
}

static void resources_json(cJSON *root, const struct ehr_measure *measure)
{
    if (!ehr_measure_resources_asked(measure))
        return;
    const struct ehr_resource_totals totals = ehr_measure_resource_totals(measure);
    cJSON *object = cJSON_AddObjectToObject(root, "resources");
    cJSON_AddNumberToObject(object, "window_s", totals.window_s);
    if (totals.asked.host_energy)
        energy_json(object, "hosts", totals.hosts.energy_J, totals.hosts.idle_J);
    if (totals.asked.link_energy)
        energy_json(object, "links", totals.links.energy_J, totals.links.idle_J);
    if (totals.asked.host_energy || totals.asked.link_energy) {
        energy_json(object, "all", totals.energy_J, totals.idle_J);
        per_json(object, "per_visit", &totals, totals.visits);
        per_json(object, "per_private_transaction", &totals, totals.private_transactions);
        per_json(object, "per_alliance_transaction", &totals, totals.alliance_transactions);
        per_json(object, "per_transaction", &totals,
                 totals.private_transactions + totals.alliance_transactions);
    }
    if (totals.asked.host_load)
        cJSON_AddNumberToObject(object, "busy_core_s", totals.hosts.busy_core_s);
    if (totals.asked.link_load)
        cJSON_AddNumberToObject(object, "link_bytes", totals.links.bytes);
}

void ehr_report_json(const struct ehr_report *report, struct ehr_world *world, const char *folder)
{
    struct ehr_measure *measure = ehr_world_measure(world);
    const struct ehr_counters *counters = ehr_measure_counters(measure);
    struct ehr_tier_totals private = ehr_counters_tier(counters, EHR_TIER_PRIVATE);
    struct ehr_tier_totals alliance = ehr_counters_tier(counters, EHR_TIER_ALLIANCE);
    bool well = ehr_world_reason(world)[0] == '\0';
    cJSON *root = ehr_said_object(well ? EHR_EXIT_DONE : EHR_EXIT_WRONG);
    cJSON_AddStringToObject(root, "run_id", ehr_report_run_id(report));
    cJSON_AddStringToObject(root, "results", folder);
    cJSON_AddBoolToObject(root, "ended_well", well);
    if (!well)
        cJSON_AddStringToObject(root, "reason", ehr_world_reason(world));
    cJSON_AddStringToObject(root, "crypto", ehr_report_crypto(report));
    if (ehr_report_warning(report) != NULL)
        cJSON_AddStringToObject(root, "warning", ehr_report_warning(report));
    const struct ehr_measure_meta *meta = ehr_report_meta(report);
    cJSON *byzantines =
        meta->byzantine_count > 0 ? cJSON_AddArrayToObject(root, "byzantine") : NULL;
    for (size_t i = 0; i < meta->byzantine_count; i++)
        cJSON_AddItemToArray(byzantines, cJSON_CreateString(meta->byzantines[i].node));
    cJSON_AddNumberToObject(root, "sim_time_s", seconds(ehr_world_end_ns(world)));
    cJSON *flows = cJSON_AddObjectToObject(root, "flows");
    for (unsigned f = EHR_FLOW_INVALID + 1; f < EHR_FLOW_END; f++) {
        struct ehr_flow_summary flow = ehr_measure_flow(measure, (enum ehr_flow)f);
        flow_json(flows, ehr_flow_name((enum ehr_flow)f), &flow);
    }
    tier_json(root, "private", &private);
    tier_json(root, "alliance", &alliance);
    resources_json(root, measure);
    ehr_said_print(root);
}
