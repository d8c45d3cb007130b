#include "sim/measure/plot_data.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv_reader.h"
#include "sim/measure/error.h"
#include "sim/measure/latency.h"
#include "sim/measure/memory.h"

#define NS_PER_S 1000000000u

/* Where the cells of interest are in a row of requests.csv. */
struct request_columns {
    size_t flow;
    size_t outcome;
    size_t measured;
    size_t start;
    size_t end;
    size_t phases[EHR_PHASE_END];
};

static char *path_of(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = ehr_measure_zeroed(size, 1);
    snprintf(path, size, "%s/%s", dir, name);
    return path;
}

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(ehr_measure_zeroed(size, 1), text, size);
}

static enum ehr_measure_status read_caption(struct ehr_plot_data *data,
                                            struct ehr_csv_reader *reader,
                                            struct ehr_measure_error *error)
{
    size_t run_id = 0, scenario = 0;
    bool end = false;
    enum ehr_measure_status status = ehr_csv_reader_column(reader, "run_id", &run_id, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_csv_reader_column(reader, "scenario", &scenario, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_csv_reader_next(reader, &end, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    if (end)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: the row is missing",
                                reader->path, reader->line);
    data->run_id = copy_of(ehr_csv_reader_cell(reader, run_id));
    data->scenario = copy_of(ehr_csv_reader_cell(reader, scenario));
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status find_columns(const struct ehr_csv_reader *reader,
                                            struct request_columns *columns,
                                            struct ehr_measure_error *error)
{
    const struct {
        const char *name;
        size_t *column;
    } wanted[] = {{"flow", &columns->flow},
                  {"outcome", &columns->outcome},
                  {"measured", &columns->measured},
                  {"start_s", &columns->start},
                  {"end_s", &columns->end}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        enum ehr_measure_status status =
            ehr_csv_reader_column(reader, wanted[i].name, wanted[i].column, error);
        if (status != EHR_MEASURE_DONE)
            return status;
    }
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        char name[64];
        snprintf(name, sizeof(name), "%s_s", ehr_phase_name(phase));
        enum ehr_measure_status status =
            ehr_csv_reader_column(reader, name, &columns->phases[phase], error);
        if (status != EHR_MEASURE_DONE)
            return status;
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status bad_cell(const struct ehr_csv_reader *reader, size_t column,
                                        const char *allowed, struct ehr_measure_error *error)
{
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s: \"%.40s\": %s", reader->path,
                            reader->line, reader->columns[column],
                            ehr_csv_reader_cell(reader, column), allowed);
}

/* "12.000000345" -> 12000000345. The differences of large times keep every nanosecond this way. */
static bool parse_moment(const char *text, uint64_t *ns)
{
    uint64_t value = 0;
    unsigned digits = 0, decimals = 0;
    for (; isdigit((unsigned char)*text) && digits < 10; text++, digits++)
        value = value * 10 + (uint64_t)(*text - '0');
    if (digits == 0 || *text++ != '.')
        return false;
    for (; isdigit((unsigned char)*text) && decimals < 9; text++, decimals++)
        value = value * 10 + (uint64_t)(*text - '0');
    *ns = value;
    return decimals == 9 && *text == '\0' && value / NS_PER_S < UINT64_MAX / NS_PER_S;
}

static bool parse_duration(const char *text, double *seconds)
{
    char *rest = NULL;
    *seconds = strtod(text, &rest);
    return rest != text && *rest == '\0' && isfinite(*seconds) && *seconds >= 0.0;
}

static enum ehr_flow flow_of(const char *name)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        if (strcmp(name, ehr_flow_name(flow)) == 0)
            return flow;
    }
    return EHR_FLOW_INVALID;
}

static void add_latency(struct ehr_plot_flow *flow, uint64_t latency_ns)
{
    if (flow->count == flow->capacity) {
        size_t capacity = flow->capacity == 0 ? 1024 : 2 * flow->capacity;
        flow->latencies_ns =
            ehr_measure_grow(flow->latencies_ns, flow->capacity, capacity, sizeof(uint64_t));
        flow->capacity = capacity;
    }
    flow->latencies_ns[flow->count++] = latency_ns;
}

static enum ehr_measure_status add_phases(struct ehr_plot_flow *totals, enum ehr_flow flow,
                                          const struct ehr_csv_reader *reader,
                                          const struct request_columns *columns,
                                          struct ehr_measure_error *error)
{
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int slot = ehr_flow_phase_slot(flow, phase);
        const char *cell = ehr_csv_reader_cell(reader, columns->phases[phase]);
        double seconds = 0.0;
        if (slot < 0 || cell[0] == '\0')
            continue;
        if (!parse_duration(cell, &seconds))
            return bad_cell(reader, columns->phases[phase], "seconds or nothing", error);
        totals->phase_s[slot] += seconds;
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status add_row(struct ehr_plot_data *data,
                                       const struct ehr_csv_reader *reader,
                                       const struct request_columns *columns,
                                       struct ehr_measure_error *error)
{
    enum ehr_flow flow = flow_of(ehr_csv_reader_cell(reader, columns->flow));
    if (flow == EHR_FLOW_INVALID)
        return bad_cell(reader, columns->flow, "not the name of a flow", error);
    const char *measured = ehr_csv_reader_cell(reader, columns->measured);
    if (strcmp(measured, "0") != 0 && strcmp(measured, "1") != 0)
        return bad_cell(reader, columns->measured, "0 or 1", error);
    const char *outcome = ehr_csv_reader_cell(reader, columns->outcome);
    bool ok = strcmp(outcome, ehr_outcome_name(EHR_OUTCOME_OK)) == 0;
    if (!ok || measured[0] == '0')
        return EHR_MEASURE_DONE;
    uint64_t start_ns = 0, end_ns = 0;
    if (!parse_moment(ehr_csv_reader_cell(reader, columns->start), &start_ns))
        return bad_cell(reader, columns->start, "seconds with nine decimals", error);
    if (!parse_moment(ehr_csv_reader_cell(reader, columns->end), &end_ns))
        return bad_cell(reader, columns->end, "seconds with nine decimals", error);
    if (end_ns < start_ns)
        return bad_cell(reader, columns->end, "before start_s", error);
    add_latency(&data->flows[flow], end_ns - start_ns);
    return add_phases(&data->flows[flow], flow, reader, columns, error);
}

static enum ehr_measure_status read_requests(struct ehr_plot_data *data,
                                             struct ehr_csv_reader *reader,
                                             struct ehr_measure_error *error)
{
    struct request_columns columns;
    enum ehr_measure_status status = find_columns(reader, &columns, error);
    while (status == EHR_MEASURE_DONE) {
        bool end = false;
        status = ehr_csv_reader_next(reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            break;
        status = add_row(data, reader, &columns, error);
    }
    return status;
}

static enum ehr_measure_status finish(struct ehr_plot_data *data, const char *dir,
                                      struct ehr_measure_error *error)
{
    size_t total = 0;
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        struct ehr_plot_flow *totals = &data->flows[flow];
        total += totals->count;
        if (totals->count == 0)
            continue;
        struct ehr_latency latency = ehr_latency_of(totals->latencies_ns, totals->count);
        totals->mean_s = latency.mean_ns / NS_PER_S;
        for (unsigned slot = 0; slot < EHR_FLOW_PHASES_MAX; slot++)
            totals->phase_s[slot] /= (double)totals->count;
    }
    if (total > 0)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                            "%s/requests.csv: no measured request ended ok: nothing to draw", dir);
}

typedef enum ehr_measure_status file_read(struct ehr_plot_data *data, struct ehr_csv_reader *reader,
                                          struct ehr_measure_error *error);

static enum ehr_measure_status read_file(struct ehr_plot_data *data, const char *dir,
                                         const char *name, file_read *read,
                                         struct ehr_measure_error *error)
{
    char *path = path_of(dir, name);
    struct ehr_csv_reader reader;
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    if (status == EHR_MEASURE_DONE)
        status = read(data, &reader, error);
    ehr_csv_reader_close(&reader);
    free(path);
    return status;
}

enum ehr_measure_status ehr_plot_data_init(struct ehr_plot_data *data, const char *dir,
                                           struct ehr_measure_error *error)
{
    *data = (struct ehr_plot_data){0};
    enum ehr_measure_status status = read_file(data, dir, "summary.csv", read_caption, error);
    if (status == EHR_MEASURE_DONE)
        status = read_file(data, dir, "requests.csv", read_requests, error);
    return status == EHR_MEASURE_DONE ? finish(data, dir, error) : status;
}

void ehr_plot_data_close(struct ehr_plot_data *data)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        free(data->flows[flow].latencies_ns);
    free(data->run_id);
    free(data->scenario);
    *data = (struct ehr_plot_data){0};
}
