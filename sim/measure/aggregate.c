#include "sim/measure/aggregate.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv.h"
#include "sim/measure/csv_reader.h"
#include "sim/measure/error.h"
#include "sim/measure/locale.h"
#include "sim/measure/memory.h"
#include "sim/measure/student.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Columns that a sweep's summary.csv begins with; the parameters follow, up to run_id. */
enum { POINT = 1, PARAMETERS = 4 };

/* All runs have the same, unless it is what the parameter says. */
static const struct {
    const char *column, *parameter;
} shared[] = {
    {"version", NULL},  {"simgrid_version", NULL},         {"sha256", NULL},
    {"scenario", NULL}, {"fidelity", "network/@fidelity"}, {"crypto", "crypto/@mode"},
};

struct aggregating {
    struct ehr_csv_reader reader;
    struct ehr_csv csv;
    struct ehr_aggregate_tally *tally;
    struct ehr_measure_error *error;
    size_t run_id, wrong;                  /* columns; what is numeric comes after `wrong` */
    size_t shared_columns[LENGTH(shared)]; /* SIZE_MAX: may differ */
    char *shared_texts[LENGTH(shared)];
    bool *numeric;   /* by column */
    double **values; /* by column, of the runs of this point */
    size_t *counts;  /* by column */
    size_t capacity; /* of each */
    char **texts;    /* of this point: itself and its parameters, by column; NULL before */
};

/* ---- statistics ---- */

struct ehr_aggregate_moments ehr_aggregate_moments_of(const double *values, size_t count)
{
    struct ehr_aggregate_moments moments = {.count = count};
    double sum = 0, rest = 0, squares = 0;
    if (count == 0)
        return moments;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    moments.mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) { /* what rounding left of the sum, too */
        rest += values[i] - moments.mean;
        squares += (values[i] - moments.mean) * (values[i] - moments.mean);
    }
    moments.mean += rest / (double)count;
    if (count == 1)
        return moments;
    moments.deviation = sqrt(squares / (double)(count - 1));
    double half = ehr_student_quantile(0.95, count - 1) * moments.deviation / sqrt((double)count);
    moments.low = moments.mean - half;
    moments.high = moments.mean + half;
    return moments;
}

/* ---- columns ---- */

static char *text_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(ehr_measure_zeroed(size, 1), text, size);
}

static bool has_parameter(const struct aggregating *work, const char *parameter)
{
    for (size_t i = PARAMETERS; i < work->run_id; i++)
        if (strcmp(work->reader.columns[i], parameter) == 0)
            return true;
    return false;
}

static enum ehr_measure_status columns_find(struct aggregating *work, bool mixed)
{
    struct ehr_csv_reader *reader = &work->reader;
    static const char *const first[] = {"run", "point", "replication", "seed"};
    bool sound = reader->column_count > LENGTH(first);
    for (size_t i = 0; sound && i < LENGTH(first); i++)
        sound = strcmp(reader->columns[i], first[i]) == 0;
    if (!sound)
        return ehr_measure_fail(work->error, EHR_MEASURE_BAD_INPUT,
                                "%s:1: not the summary.csv of a sweep", reader->path);
    enum ehr_measure_status status =
        ehr_csv_reader_column(reader, "run_id", &work->run_id, work->error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_csv_reader_column(reader, "ended_wrongly", &work->wrong, work->error);
    work->numeric = ehr_measure_zeroed(reader->column_count, sizeof(bool));
    for (size_t i = work->wrong + 1; i < reader->column_count; i++)
        work->numeric[i] = true;
    for (size_t i = 0; status == EHR_MEASURE_DONE && i < LENGTH(shared); i++) {
        size_t *column = &work->shared_columns[i];
        status = ehr_csv_reader_column(reader, shared[i].column, column, work->error);
        if (status != EHR_MEASURE_DONE)
            break;
        work->numeric[*column] = false;
        if (mixed || (shared[i].parameter != NULL && has_parameter(work, shared[i].parameter)))
            *column = SIZE_MAX;
    }
    work->values = ehr_measure_zeroed(reader->column_count, sizeof(double *));
    work->counts = ehr_measure_zeroed(reader->column_count, sizeof(size_t));
    work->texts = ehr_measure_zeroed(reader->column_count, sizeof(char *));
    return status;
}

static void header_write(struct aggregating *work)
{
    static const char *const last[] = {"metric", "n", "mean", "sd", "low", "high"};
    ehr_csv_text(&work->csv, "point");
    for (size_t i = PARAMETERS; i < work->run_id; i++)
        ehr_csv_text(&work->csv, work->reader.columns[i]);
    for (size_t i = 0; i < LENGTH(last); i++)
        ehr_csv_text(&work->csv, last[i]);
    ehr_csv_end(&work->csv);
}

/* ---- points ---- */

static void metric_write(struct aggregating *work, size_t column)
{
    struct ehr_csv *csv = &work->csv;
    struct ehr_aggregate_moments moments =
        ehr_aggregate_moments_of(work->values[column], work->counts[column]);
    const double numbers[] = {moments.mean, moments.deviation, moments.low, moments.high};
    ehr_csv_text(csv, work->texts[POINT]);
    for (size_t i = PARAMETERS; i < work->run_id; i++)
        ehr_csv_text(csv, work->texts[i]);
    ehr_csv_text(csv, work->reader.columns[column]);
    ehr_csv_count(csv, moments.count);
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        if (moments.count > (i == 0 ? 0 : 1))
            ehr_csv_number(csv, numbers[i]);
        else
            ehr_csv_empty(csv);
    }
    ehr_csv_end(csv);
}

static void point_end(struct aggregating *work)
{
    if (work->texts[POINT] == NULL)
        return;
    for (size_t i = 0; i < work->reader.column_count; i++)
        if (work->numeric[i])
            metric_write(work, i);
    for (size_t i = 0; i < work->reader.column_count; i++) {
        work->counts[i] = 0;
        free(work->texts[i]);
        work->texts[i] = NULL;
    }
    work->tally->points++;
}

/* Points are in order, so that one that comes again has been written already. */
static enum ehr_measure_status point_begin(struct aggregating *work)
{
    const struct ehr_csv_reader *reader = &work->reader;
    const char *point = ehr_csv_reader_cell(reader, POINT);
    const char *before = work->texts[POINT];
    if (before != NULL && strcmp(before, point) == 0)
        return EHR_MEASURE_DONE;
    if (before != NULL && strtoull(point, NULL, 10) <= strtoull(before, NULL, 10))
        return ehr_measure_fail(work->error, EHR_MEASURE_BAD_INPUT,
                                "%s:%lu: point %s after point %s: rows are in the order of points",
                                reader->path, reader->line, point, before);
    point_end(work);
    work->texts[POINT] = text_copy(point);
    for (size_t i = PARAMETERS; i < work->run_id; i++)
        work->texts[i] = text_copy(ehr_csv_reader_cell(reader, i));
    return EHR_MEASURE_DONE;
}

/* ---- rows ---- */

static enum ehr_measure_status shared_check(struct aggregating *work)
{
    const struct ehr_csv_reader *reader = &work->reader;
    for (size_t i = 0; i < LENGTH(shared); i++) {
        if (work->shared_columns[i] == SIZE_MAX)
            continue;
        const char *found = ehr_csv_reader_cell(reader, work->shared_columns[i]);
        if (work->shared_texts[i] == NULL)
            work->shared_texts[i] = text_copy(found);
        if (strcmp(work->shared_texts[i], found) != 0)
            return ehr_measure_fail(work->error, EHR_MEASURE_BAD_INPUT,
                                    "%s:%lu: %s: %s: %s as in the first row (--mixed takes both)",
                                    reader->path, reader->line, shared[i].column, found,
                                    work->shared_texts[i]);
    }
    return EHR_MEASURE_DONE;
}

static void room_make(struct aggregating *work, size_t count)
{
    if (count < work->capacity)
        return;
    size_t more = work->capacity == 0 ? 16 : 2 * work->capacity;
    for (size_t i = 0; i < work->reader.column_count; i++)
        work->values[i] = ehr_measure_grow(work->values[i], work->capacity, more, sizeof(double));
    work->capacity = more;
}

static enum ehr_measure_status values_take(struct aggregating *work)
{
    const struct ehr_csv_reader *reader = &work->reader;
    for (size_t i = 0; i < reader->column_count; i++) {
        const char *text = ehr_csv_reader_cell(reader, i);
        if (!work->numeric[i] || *text == '\0')
            continue;
        char *end = NULL;
        double value = strtod(text, &end);
        if (*end != '\0' || !isfinite(value))
            return ehr_measure_fail(work->error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s: %s: a number",
                                    reader->path, reader->line, reader->columns[i], text);
        room_make(work, work->counts[i]);
        work->values[i][work->counts[i]++] = value;
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status rows_take(struct aggregating *work)
{
    for (;;) {
        bool end = false;
        enum ehr_measure_status status = ehr_csv_reader_next(&work->reader, &end, work->error);
        if (status != EHR_MEASURE_DONE || end)
            return status;
        status = shared_check(work);
        if (status == EHR_MEASURE_DONE)
            status = point_begin(work);
        bool wrong = strcmp(ehr_csv_reader_cell(&work->reader, work->wrong), "0") != 0;
        if (status == EHR_MEASURE_DONE && !wrong)
            status = values_take(work);
        if (status != EHR_MEASURE_DONE)
            return status;
        work->tally->runs++;
        work->tally->wrong += wrong;
    }
}

static void work_free(struct aggregating *work)
{
    for (size_t i = 0; i < work->reader.column_count; i++) {
        if (work->values != NULL)
            free(work->values[i]);
        if (work->texts != NULL)
            free(work->texts[i]);
    }
    for (size_t i = 0; i < LENGTH(shared); i++)
        free(work->shared_texts[i]);
    free(work->values);
    free(work->texts);
    free(work->counts);
    free(work->numeric);
    ehr_csv_reader_close(&work->reader);
}

enum ehr_measure_status ehr_aggregate_write(const char *path, bool mixed, FILE *out,
                                            struct ehr_aggregate_tally *tally,
                                            struct ehr_measure_error *error)
{
    struct aggregating work = {.csv = {.file = out}, .tally = tally, .error = error};
    *tally = (struct ehr_aggregate_tally){0};
    locale_t previous;
    if (!ehr_locale_enter_c(&previous))
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "no C locale: no memory");
    enum ehr_measure_status status = ehr_csv_reader_init(&work.reader, path, error);
    if (status == EHR_MEASURE_DONE)
        status = columns_find(&work, mixed);
    if (status == EHR_MEASURE_DONE) {
        header_write(&work);
        status = rows_take(&work);
    }
    if (status == EHR_MEASURE_DONE)
        point_end(&work);
    work_free(&work);
    ehr_locale_leave_c(previous);
    return status;
}
