#include "sim/measure/request_table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv_reader.h"
#include "sim/measure/error.h"
#include "sim/measure/memory.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Where the cells of interest are in a row. */
struct columns {
    size_t flow, outcome, reason, measured, start, sent, end;
    size_t phases[EHR_PHASE_END];
};

static enum ehr_measure_status columns_find(const struct ehr_csv_reader *reader,
                                            struct columns *columns,
                                            struct ehr_measure_error *error)
{
    const struct {
        const char *name;
        size_t *column;
    } wanted[] = {
        {"flow", &columns->flow},     {"outcome", &columns->outcome},
        {"reason", &columns->reason}, {"measured", &columns->measured},
        {"start_s", &columns->start}, {"sent_s", &columns->sent},
        {"end_s", &columns->end},
    };
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < LENGTH(wanted) && status == EHR_MEASURE_DONE; i++)
        status = ehr_csv_reader_column(reader, wanted[i].name, wanted[i].column, error);
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1;
         phase < EHR_PHASE_END && status == EHR_MEASURE_DONE; phase++) {
        char name[64];
        snprintf(name, sizeof(name), "%s_s", ehr_phase_name(phase));
        status = ehr_csv_reader_column(reader, name, &columns->phases[phase], error);
    }
    return status;
}

static enum ehr_measure_status cell_bad(const struct ehr_csv_reader *reader, size_t column,
                                        const char *allowed, struct ehr_measure_error *error)
{
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s: \"%.40s\": %s", reader->path,
                            reader->line, reader->columns[column],
                            ehr_csv_reader_cell(reader, column), allowed);
}

/* "12.000000345" -> 12000000345, in integers: differences of large times keep every nanosecond. */
static bool moment_read(const char *text, uint64_t *ns)
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
    return decimals == 9 && *text == '\0';
}

/* A moment, or nothing where that is allowed. */
static enum ehr_measure_status moment_take(const struct ehr_csv_reader *reader, size_t column,
                                           bool optional, uint64_t *ns,
                                           struct ehr_measure_error *error)
{
    const char *cell = ehr_csv_reader_cell(reader, column);
    *ns = EHR_REQUEST_TIME_UNKNOWN;
    if ((optional && *cell == '\0') || moment_read(cell, ns))
        return EHR_MEASURE_DONE;
    return cell_bad(reader, column, "seconds with nine decimals", error);
}

#define NAME_FIND(END, name_of)                                                                    \
    for (unsigned value = 1; value < (END); value++)                                               \
        if (strcmp(name, name_of(value)) == 0)                                                     \
            return (uint8_t)value;                                                                 \
    return 0

static uint8_t flow_of(const char *name)
{
    NAME_FIND(EHR_FLOW_END, ehr_flow_name);
}

static uint8_t outcome_of(const char *name)
{
    NAME_FIND(EHR_OUTCOME_END, ehr_outcome_name);
}

static uint8_t reason_of(const char *name)
{
    NAME_FIND(EHR_REASON_END, ehr_reason_name);
}

static enum ehr_measure_status names_take(struct ehr_request_row *row,
                                          const struct ehr_csv_reader *reader,
                                          const struct columns *columns,
                                          struct ehr_measure_error *error)
{
    const char *measured = ehr_csv_reader_cell(reader, columns->measured);
    row->flow = flow_of(ehr_csv_reader_cell(reader, columns->flow));
    row->outcome = outcome_of(ehr_csv_reader_cell(reader, columns->outcome));
    row->reason = reason_of(ehr_csv_reader_cell(reader, columns->reason));
    row->measured = measured[0] == '1';
    if (row->flow == 0)
        return cell_bad(reader, columns->flow, "not the name of a flow", error);
    if (row->outcome == 0)
        return cell_bad(reader, columns->outcome, "not the name of an outcome", error);
    if (row->reason == 0)
        return cell_bad(reader, columns->reason, "not the name of a reason", error);
    if (strcmp(measured, "0") != 0 && strcmp(measured, "1") != 0)
        return cell_bad(reader, columns->measured, "0 or 1", error);
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status phases_take(struct ehr_request_table *table, unsigned flow,
                                           const struct ehr_csv_reader *reader,
                                           const struct columns *columns,
                                           struct ehr_measure_error *error)
{
    for (unsigned phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        const char *cell = ehr_csv_reader_cell(reader, columns->phases[phase]);
        char *rest = NULL;
        if (*cell == '\0')
            continue;
        double seconds = strtod(cell, &rest);
        if (rest == cell || *rest != '\0' || !isfinite(seconds) || seconds < 0.0)
            return cell_bad(reader, columns->phases[phase], "seconds or nothing", error);
        table->phase_s[flow][phase] += seconds;
    }
    return EHR_MEASURE_DONE;
}

static struct ehr_request_row *row_add(struct ehr_request_table *table)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 1024 : 2 * table->capacity;
        table->rows =
            ehr_measure_grow(table->rows, table->capacity, capacity, sizeof(*table->rows));
        table->capacity = capacity;
    }
    return &table->rows[table->count++];
}

static enum ehr_measure_status row_take(struct ehr_request_table *table,
                                        const struct ehr_csv_reader *reader,
                                        const struct columns *columns,
                                        struct ehr_measure_error *error)
{
    struct ehr_request_row *row = row_add(table);
    enum ehr_measure_status status = names_take(row, reader, columns, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    bool unfinished = row->outcome == EHR_OUTCOME_UNFINISHED;
    status = moment_take(reader, columns->start, false, &row->start_ns, error);
    if (status == EHR_MEASURE_DONE)
        status = moment_take(reader, columns->sent, true, &row->sent_ns, error);
    if (status == EHR_MEASURE_DONE)
        status = moment_take(reader, columns->end, unfinished, &row->end_ns, error);
    if (status == EHR_MEASURE_DONE && row->sent_ns < row->start_ns)
        status = cell_bad(reader, columns->sent, "before start_s", error);
    if (status == EHR_MEASURE_DONE && row->end_ns < row->start_ns)
        status = cell_bad(reader, columns->end, "before start_s", error);
    if (status == EHR_MEASURE_DONE && row->measured && row->outcome == EHR_OUTCOME_OK)
        status = phases_take(table, row->flow, reader, columns, error);
    return status;
}

static int row_compare(const void *left, const void *right)
{
    const struct ehr_request_row *a = left, *b = right;
    if (a->flow != b->flow)
        return a->flow < b->flow ? -1 : 1;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return (a->end_ns > b->end_ns) - (a->end_ns < b->end_ns);
}

static void rows_sort(struct ehr_request_table *table)
{
    if (table->count > 0)
        qsort(table->rows, table->count, sizeof(*table->rows), row_compare);
    size_t at = 0;
    for (unsigned flow = 0; flow <= EHR_FLOW_END; flow++) {
        while (at < table->count && table->rows[at].flow < flow)
            at++;
        table->first[flow] = at;
    }
}

static enum ehr_measure_status rows_read(struct ehr_request_table *table,
                                         struct ehr_csv_reader *reader,
                                         struct ehr_measure_error *error)
{
    struct columns columns;
    enum ehr_measure_status status = columns_find(reader, &columns, error);
    while (status == EHR_MEASURE_DONE) {
        bool end = false;
        status = ehr_csv_reader_next(reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            break;
        status = row_take(table, reader, &columns, error);
    }
    return status;
}

enum ehr_measure_status ehr_request_table_init(struct ehr_request_table *table, const char *dir,
                                               struct ehr_measure_error *error)
{
    struct ehr_csv_reader reader;
    size_t size = strlen(dir) + sizeof("/requests.csv");
    char *path = ehr_measure_zeroed(size, 1);
    *table = (struct ehr_request_table){0};
    snprintf(path, size, "%s/requests.csv", dir);
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    if (status == EHR_MEASURE_DONE)
        status = rows_read(table, &reader, error);
    ehr_csv_reader_close(&reader);
    free(path);
    rows_sort(table);
    return status;
}

void ehr_request_table_close(struct ehr_request_table *table)
{
    free(table->rows);
    *table = (struct ehr_request_table){0};
}
