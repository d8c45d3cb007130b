#include "sim/measure/resources.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv.h"
#include "sim/measure/memory.h"
#include "sim/measure/tables.h"

void ehr_measure_resources_ask(struct ehr_measure *measure, const struct ehr_measure_asked *asked)
{
    measure->resources.asked = *asked;
}

bool ehr_measure_resources_asked(const struct ehr_measure *measure)
{
    const struct ehr_measure_asked *asked = &measure->resources.asked;
    return asked->host_energy || asked->link_energy || asked->host_load || asked->link_load;
}

void ehr_measure_resources_set(struct ehr_measure *measure,
                               const struct ehr_measure_resource *resources, size_t count,
                               double window_s)
{
    struct ehr_resource_log *log = &measure->resources;
    assert(log->list == NULL);
    log->list = ehr_measure_zeroed(count, sizeof(*log->list));
    if (count > 0)
        memcpy(log->list, resources, count * sizeof(*log->list));
    log->count = count;
    log->window_s = window_s;
}

void ehr_resource_log_close(struct ehr_resource_log *log)
{
    free(log->list);
}

/* ---- sums ---- */

static void add(struct ehr_resource_sum *sum, const struct ehr_measure_resource *resource)
{
    sum->energy_J += resource->energy_J;
    sum->idle_J += resource->idle_J;
    sum->busy_core_s += resource->busy_core_s;
    sum->flops += resource->flops;
    sum->bytes += resource->bytes;
}

static uint64_t visits_ok(const struct ehr_measure *measure)
{
    uint64_t count = 0;
    for (uint32_t id = 1; id <= ehr_request_count(measure->requests); id++) {
        const struct ehr_request *request = ehr_request_get(measure->requests, id);
        count += request->flow == EHR_FLOW_VISIT && request->outcome == EHR_OUTCOME_OK;
    }
    return count;
}

struct ehr_resource_totals ehr_measure_resource_totals(const struct ehr_measure *measure)
{
    const struct ehr_resource_log *log = &measure->resources;
    struct ehr_resource_totals totals = {.asked = log->asked, .window_s = log->window_s};
    for (size_t i = 0; i < log->count; i++)
        add(log->list[i].kind == EHR_RESOURCE_HOST ? &totals.hosts : &totals.links, &log->list[i]);
    if (log->asked.host_energy) {
        totals.energy_J += totals.hosts.energy_J;
        totals.idle_J += totals.hosts.idle_J;
    }
    if (log->asked.link_energy) {
        totals.energy_J += totals.links.energy_J;
        totals.idle_J += totals.links.idle_J;
    }
    totals.visits = visits_ok(measure);
    totals.private_transactions =
        ehr_counters_tier(&measure->counters, EHR_TIER_PRIVATE).transactions;
    totals.alliance_transactions =
        ehr_counters_tier(&measure->counters, EHR_TIER_ALLIANCE).transactions;
    return totals;
}

double ehr_resource_per(double joules, uint64_t count)
{
    return count > 0 ? joules / (double)count : NAN;
}

/* ---- the file ---- */

/* What a row stands for, but for its metric. */
struct subject {
    struct ehr_csv *csv;
    const char *kind, *name;
};

static void row(const struct subject *subject, const char *metric, double value)
{
    ehr_csv_text(subject->csv, subject->kind);
    ehr_csv_text(subject->csv, subject->name);
    ehr_csv_text(subject->csv, metric);
    if (isnan(value))
        ehr_csv_empty(subject->csv);
    else
        ehr_csv_number(subject->csv, value);
    ehr_csv_end(subject->csv);
}

static void energy_rows(const struct subject *subject, double energy_J, double idle_J)
{
    row(subject, "energy_J", energy_J);
    row(subject, "idle_J", idle_J);
    row(subject, "above_idle_J", energy_J - idle_J);
}

static void resource_rows(struct ehr_csv *csv, const struct ehr_measure_asked *asked,
                          const struct ehr_measure_resource *resource)
{
    bool host = resource->kind == EHR_RESOURCE_HOST;
    const struct subject subject = {csv, host ? "host" : "link", resource->name};
    if (host ? asked->host_energy : asked->link_energy)
        energy_rows(&subject, resource->energy_J, resource->idle_J);
    if (host && asked->host_load) {
        row(&subject, "busy_core_s", resource->busy_core_s);
        row(&subject, "load", resource->load);
        row(&subject, "flops", resource->flops);
    }
    if (!host && asked->link_load) {
        row(&subject, "bytes", resource->bytes);
        row(&subject, "load", resource->load);
    }
}

static void per_rows(const struct subject *run, const struct ehr_resource_totals *totals)
{
    const struct {
        const char *energy, *above;
        uint64_t count;
    } rows[] = {
        {"energy_per_visit_J", "above_idle_per_visit_J", totals->visits},
        {"energy_per_private_transaction_J", "above_idle_per_private_transaction_J",
         totals->private_transactions},
        {"energy_per_alliance_transaction_J", "above_idle_per_alliance_transaction_J",
         totals->alliance_transactions},
        {"energy_per_transaction_J", "above_idle_per_transaction_J",
         totals->private_transactions + totals->alliance_transactions},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row(run, rows[i].energy, ehr_resource_per(totals->energy_J, rows[i].count));
        row(run, rows[i].above, ehr_resource_per(totals->energy_J - totals->idle_J, rows[i].count));
    }
}

static void total_rows(struct ehr_csv *csv, const struct ehr_resource_totals *totals)
{
    const struct subject hosts = {csv, "hosts", ""}, links = {csv, "links", ""};
    const struct subject run = {csv, "run", ""};
    if (totals->asked.host_energy)
        energy_rows(&hosts, totals->hosts.energy_J, totals->hosts.idle_J);
    if (totals->asked.host_load) {
        row(&hosts, "busy_core_s", totals->hosts.busy_core_s);
        row(&hosts, "flops", totals->hosts.flops);
    }
    if (totals->asked.link_energy)
        energy_rows(&links, totals->links.energy_J, totals->links.idle_J);
    if (totals->asked.link_load)
        row(&links, "bytes", totals->links.bytes);
    row(&run, "window_s", totals->window_s);
    row(&run, "visits", (double)totals->visits);
    row(&run, "private_transactions", (double)totals->private_transactions);
    row(&run, "alliance_transactions", (double)totals->alliance_transactions);
    if (!totals->asked.host_energy && !totals->asked.link_energy)
        return;
    energy_rows(&run, totals->energy_J, totals->idle_J);
    per_rows(&run, totals);
}

/* A run that was not read to its end (SimGrid saw a deadlock) has a header alone. */
void ehr_table_resources(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                         FILE *file)
{
    static const char *const columns[] = {"resource", "name", "metric", "value"};
    const struct ehr_resource_log *log = &measure->resources;
    struct ehr_csv csv = {.file = file};
    (void)meta;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        ehr_csv_text(&csv, columns[i]);
    ehr_csv_end(&csv);
    if (log->list == NULL)
        return;
    for (size_t i = 0; i < log->count; i++)
        resource_rows(&csv, &log->asked, &log->list[i]);
    const struct ehr_resource_totals totals = ehr_measure_resource_totals(measure);
    total_rows(&csv, &totals);
}
