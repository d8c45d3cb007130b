#include "sim/measure/faults.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv.h"
#include "sim/measure/memory.h"
#include "sim/measure/tables.h"

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(ehr_measure_zeroed(size, 1), text, size);
}

/* Few, and most in order already: each is put where it belongs. */
void ehr_measure_fault_add(struct ehr_measure *measure, const struct ehr_measure_fault *fault)
{
    struct ehr_fault_log *log = &measure->faults;
    assert(fault->end_ns >= fault->begin_ns); /* a host may go off and on at once */
    if (log->count == log->capacity) {
        size_t capacity = log->capacity == 0 ? 8 : 2 * log->capacity;
        log->faults = ehr_measure_grow(log->faults, log->capacity, capacity, sizeof(*log->faults));
        log->capacity = capacity;
    }
    size_t at = log->count++;
    while (at > 0 && log->faults[at - 1].begin_ns > fault->begin_ns) {
        log->faults[at] = log->faults[at - 1];
        at--;
    }
    log->faults[at] = *fault;
    log->faults[at].target = copy_of(fault->target);
    log->faults[at].value = copy_of(fault->value);
}

void ehr_fault_log_close(struct ehr_fault_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        free((char *)(uintptr_t)log->faults[i].target);
        free((char *)(uintptr_t)log->faults[i].value);
    }
    free(log->faults);
}

static void names_write(struct ehr_csv *csv, const char *const *names)
{
    for (; *names != NULL; names++)
        ehr_csv_text(csv, *names);
    ehr_csv_end(csv);
}

/* What was planned for later than the end never happened. */
static size_t begun(const struct ehr_measure *measure, uint64_t end_ns)
{
    size_t count = 0;
    while (count < measure->faults.count && measure->faults.faults[count].begin_ns <= end_ns)
        count++;
    return count;
}

void ehr_table_faults(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                      FILE *file)
{
    static const char *const names[] = {"fault",   "kind",  "target", "value",
                                        "begin_s", "end_s", NULL};
    struct ehr_csv csv = {.file = file};
    names_write(&csv, names);
    size_t count = begun(measure, meta->sim_time_ns);
    for (size_t i = 0; i < count; i++) {
        const struct ehr_measure_fault *fault = &measure->faults.faults[i];
        ehr_csv_count(&csv, i + 1);
        ehr_csv_text(&csv, fault->kind);
        ehr_csv_text(&csv, fault->target);
        ehr_csv_text(&csv, fault->value);
        ehr_csv_moment(&csv, fault->begin_ns);
        if (fault->end_ns <= meta->sim_time_ns)
            ehr_csv_moment(&csv, fault->end_ns);
        else
            ehr_csv_empty(&csv);
        ehr_csv_end(&csv);
    }
}

/* ---- recovery ---- */

struct series {
    struct ehr_done *done;
    size_t count, capacity;
};

static void series_add(struct series *series, uint64_t ns, uint64_t count)
{
    if (series->count == series->capacity) {
        size_t capacity = series->capacity == 0 ? 1024 : 2 * series->capacity;
        series->done =
            ehr_measure_grow(series->done, series->capacity, capacity, sizeof(*series->done));
        series->capacity = capacity;
    }
    series->done[series->count++] = (struct ehr_done){ns, count};
}

static int by_time(const void *left, const void *right)
{
    const struct ehr_done *a = left, *b = right;
    return (a->ns > b->ns) - (a->ns < b->ns);
}

static void series_sort(struct series *series)
{
    if (series->count > 1)
        qsort(series->done, series->count, sizeof(*series->done), by_time);
}

static void flow_read(const struct ehr_measure *measure, enum ehr_flow flow, struct series *series)
{
    uint32_t count = ehr_request_count(measure->requests);
    series->count = 0;
    for (uint32_t id = 1; id <= count; id++) {
        const struct ehr_request *request = ehr_request_get(measure->requests, id);
        if (request->flow == flow && request->outcome == EHR_OUTCOME_OK)
            series_add(series, request->end_ns, 1);
    }
    series_sort(series);
}

static void chain_read(const struct ehr_measure *measure, uint32_t chain, struct series *series)
{
    const struct ehr_chain_rows *rows = &measure->counters.chains[chain];
    series->count = 0;
    for (size_t i = 0; i < rows->row_count; i++)
        if (rows->rows[i].committed > 0)
            series_add(series, rows->rows[i].committed_first_ns, rows->rows[i].transactions);
    series_sort(series);
}

/* When the last request of a flow was offered: after that less is done anyway. *count of them. */
static uint64_t last_offered(const struct ehr_measure *measure, enum ehr_flow flow, uint32_t *count)
{
    uint32_t all = ehr_request_count(measure->requests);
    uint64_t last_ns = 0;
    *count = 0;
    for (uint32_t id = 1; id <= all; id++) {
        const struct ehr_request *request = ehr_request_get(measure->requests, id);
        if (request->flow != flow)
            continue;
        (*count)++;
        last_ns = request->start_ns > last_ns ? request->start_ns : last_ns;
    }
    return last_ns;
}

struct looking {
    const struct ehr_measure *measure;
    ehr_measure_recovery_hook *hook;
    void *context;
    size_t fault_count;
    uint64_t offered_ns; /* the last request that the series lives on */
};

/* Each fault until the next one begins. */
static void series_look(const struct looking *looking, const struct series *series,
                        const char *kind, const char *name)
{
    const struct ehr_measure_fault *faults = looking->measure->faults.faults;
    for (size_t i = 0; series->count > 0 && i < looking->fault_count; i++) {
        uint64_t until_ns = looking->offered_ns;
        for (size_t k = i + 1; k < looking->fault_count; k++)
            if (faults[k].begin_ns > faults[i].begin_ns) {
                until_ns = faults[k].begin_ns < until_ns ? faults[k].begin_ns : until_ns;
                break;
            }
        struct ehr_measure_recovery row = {.fault = i + 1, .kind = kind, .name = name};
        const struct ehr_recovery_times times = {looking->measure->warmup_ns, faults[i].begin_ns,
                                                 faults[i].end_ns, until_ns};
        if (ehr_recovery_find(series->done, series->count, &times, &row.recovery))
            looking->hook(looking->context, &faults[i], &row);
    }
}

void ehr_measure_recoveries(const struct ehr_measure *measure, uint64_t end_ns,
                            ehr_measure_recovery_hook *hook, void *context)
{
    struct looking looking = {measure, hook, context, begun(measure, end_ns), 0};
    struct series series = {0};
    uint64_t busiest_ns = 0;
    uint32_t most = 0, count;
    if (looking.fault_count == 0)
        return;
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        looking.offered_ns = last_offered(measure, flow, &count);
        busiest_ns = count > most ? looking.offered_ns : busiest_ns;
        most = count > most ? count : most;
        flow_read(measure, flow, &series);
        series_look(&looking, &series, "flow", ehr_flow_name(flow));
    }
    looking.offered_ns = busiest_ns;
    for (uint32_t chain = 0; chain < measure->counters.names.chain_count; chain++) {
        chain_read(measure, chain, &series);
        series_look(&looking, &series, "chain", measure->counters.names.chains[chain].name);
    }
    free(series.done);
}

static void recovery_row(void *context, const struct ehr_measure_fault *fault,
                         const struct ehr_measure_recovery *row)
{
    struct ehr_csv *csv = context;
    const struct ehr_recovery *recovery = &row->recovery;
    ehr_csv_count(csv, row->fault);
    ehr_csv_text(csv, row->kind);
    ehr_csv_text(csv, row->name);
    ehr_csv_duration(csv, (double)recovery->bin_ns);
    ehr_csv_number(csv, recovery->before_per_s);
    ehr_csv_number(csv, recovery->lowest_per_s);
    ehr_csv_moment(csv, recovery->lowest_ns);
    if (recovery->recovered) {
        ehr_csv_moment(csv, recovery->recovered_ns);
        ehr_csv_duration(csv, (double)(recovery->recovered_ns - fault->begin_ns));
    } else {
        ehr_csv_empty(csv);
        ehr_csv_empty(csv);
    }
    ehr_csv_end(csv);
}

void ehr_table_recovery(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                        FILE *file)
{
    static const char *const names[] = {
        "fault",        "series",   "name",        "bin_s",      "before_per_s",
        "lowest_per_s", "lowest_s", "recovered_s", "recovery_s", NULL};
    struct ehr_csv csv = {.file = file};
    names_write(&csv, names);
    ehr_measure_recoveries(measure, meta->sim_time_ns, recovery_row, &csv);
}
