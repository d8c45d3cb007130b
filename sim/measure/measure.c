#include "sim/measure/measure.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "sim/measure/error.h"
#include "sim/measure/locale.h"
#include "sim/measure/memory.h"
#include "sim/measure/tables.h"

struct ehr_measure *ehr_measure_new(const struct ehr_measure_config *config)
{
    struct ehr_measure *measure = ehr_measure_zeroed(1, sizeof(*measure));
    measure->requests = ehr_request_log_new(config->results);
    ehr_counters_init(&measure->counters, &config->names);
    measure->warmup_ns = config->warmup_ns;
    measure->window_end_ns = config->window_end_ns == 0 ? UINT64_MAX : config->window_end_ns;
    assert(measure->warmup_ns < measure->window_end_ns);
    return measure;
}

void ehr_measure_free(struct ehr_measure *measure)
{
    if (measure == NULL)
        return;
    ehr_counters_close(&measure->counters);
    ehr_fault_log_close(&measure->faults);
    ehr_resource_log_close(&measure->resources);
    ehr_request_log_free(measure->requests);
    ehr_timeline_free(measure->timeline);
    free(measure);
}

struct ehr_request_log *ehr_measure_requests(struct ehr_measure *measure)
{
    return measure->requests;
}

struct ehr_counters *ehr_measure_counters(struct ehr_measure *measure)
{
    return &measure->counters;
}

static const struct {
    const char *name;
    ehr_table_write *write;
    bool (*wanted)(const struct ehr_measure *measure); /* NULL: always */
} files[] = {
    {"summary.csv", ehr_table_summary, NULL},
    {"requests.csv", ehr_table_requests, NULL},
    {"blocks.csv", ehr_table_blocks, NULL},
    {"nodes.csv", ehr_table_nodes, NULL},
    {"messages.csv", ehr_table_messages, NULL},
    {"operations.csv", ehr_table_operations, NULL},
    {"consensus.csv", ehr_table_consensus, NULL},
    {"faults.csv", ehr_table_faults, NULL},
    {"recovery.csv", ehr_table_recovery, NULL},
    {"parameters.csv", ehr_table_parameters, NULL},
    {"resources.csv", ehr_table_resources, ehr_measure_resources_asked},
    {"trace.json", ehr_table_trace, ehr_measure_trace_asked},
    {"run.json", ehr_table_run, NULL},
};

static enum ehr_measure_status write_files(const struct ehr_measure *measure,
                                           struct ehr_results *results,
                                           const struct ehr_measure_meta *meta,
                                           struct ehr_measure_error *error)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].wanted != NULL && !files[i].wanted(measure))
            continue;
        FILE *file = ehr_results_file_open(results, files[i].name, error);
        if (file == NULL)
            return EHR_MEASURE_ENVIRONMENT;
        files[i].write(measure, meta, file);
        enum ehr_measure_status status =
            ehr_results_file_close(results, file, files[i].name, error);
        if (status != EHR_MEASURE_DONE)
            return status;
    }
    return ehr_results_commit(results, error);
}

enum ehr_measure_status ehr_measure_write(struct ehr_measure *measure, struct ehr_results *results,
                                          const struct ehr_measure_meta *meta,
                                          struct ehr_measure_error *error)
{
    ehr_request_finish_all(measure->requests, meta->sim_time_ns);
    locale_t previous;
    if (!ehr_locale_enter_c(&previous))
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "the C locale: %s",
                                strerror(errno));
    enum ehr_measure_status status = write_files(measure, results, meta, error);
    ehr_locale_leave_c(previous);
    return status;
}

uint64_t ehr_measure_peak_rss(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}
