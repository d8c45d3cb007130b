#include "sim/figures/requests.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
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

static void add_latency(struct ehr_figures_flow *flow, uint64_t latency_ns)
{
    if (flow->count == flow->capacity) {
        size_t capacity = flow->capacity == 0 ? 1024 : 2 * flow->capacity;
        flow->latencies_ns =
            ehr_measure_grow(flow->latencies_ns, flow->capacity, capacity, sizeof(uint64_t));
        flow->capacity = capacity;
    }
    flow->latencies_ns[flow->count++] = latency_ns;
}

static enum ehr_measure_status add_phases(struct ehr_figures_flow *totals, enum ehr_flow flow,
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

static enum ehr_measure_status add_row(struct ehr_figures_requests *data,
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

static enum ehr_measure_status read_requests(struct ehr_figures_requests *data,
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

static void finish(struct ehr_figures_requests *data)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        struct ehr_figures_flow *totals = &data->flows[flow];
        if (totals->count == 0)
            continue;
        struct ehr_latency latency = ehr_latency_of(totals->latencies_ns, totals->count);
        totals->mean_s = latency.mean_ns / NS_PER_S;
        for (unsigned slot = 0; slot < EHR_FLOW_PHASES_MAX; slot++)
            totals->phase_s[slot] /= (double)totals->count;
    }
}

enum ehr_measure_status ehr_figures_requests_init(struct ehr_figures_requests *data,
                                                  const char *dir, struct ehr_measure_error *error)
{
    *data = (struct ehr_figures_requests){0};
    char *path = ehr_figures_text("%s/requests.csv", dir);
    struct ehr_csv_reader reader;
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    if (status == EHR_MEASURE_DONE)
        status = read_requests(data, &reader, error);
    ehr_csv_reader_close(&reader);
    free(path);
    finish(data);
    return status;
}

void ehr_figures_requests_close(struct ehr_figures_requests *data)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        free(data->flows[flow].latencies_ns);
    *data = (struct ehr_figures_requests){0};
}
