#include "sim/measure/plot_throughput.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv_reader.h"
#include "sim/measure/error.h"
#include "sim/measure/memory.h"

/* More intervals than this make a curve nobody can read. */
#define BINS_MAX   150
#define SERIES_MAX 64

struct point {
    double s;
    double count;
};

/* What was done by one flow or on one chain. */
struct series {
    char *name;
    struct point *points;
    size_t count, capacity;
};

struct reading {
    struct series series[SERIES_MAX];
    size_t count, flow_count; /* flows come first */
    double end_s;
    struct ehr_plot_throughput *words;
};

/* ---- reading ---- */

static struct series *series_of(struct reading *reading, const char *name, size_t first)
{
    for (size_t i = first; i < reading->count; i++)
        if (strcmp(reading->series[i].name, name) == 0)
            return &reading->series[i];
    if (reading->count == SERIES_MAX)
        return NULL;
    struct series *series = &reading->series[reading->count++];
    size_t size = strlen(name) + 1;
    *series = (struct series){.name = memcpy(ehr_measure_zeroed(size, 1), name, size)};
    return series;
}

static void point_add(struct reading *reading, struct series *series, double s, double count)
{
    if (series == NULL)
        return;
    if (series->count == series->capacity) {
        size_t capacity = series->capacity == 0 ? 1024 : 2 * series->capacity;
        series->points =
            ehr_measure_grow(series->points, series->capacity, capacity, sizeof(*series->points));
        series->capacity = capacity;
    }
    series->points[series->count++] = (struct point){s, count};
    reading->end_s = s > reading->end_s ? s : reading->end_s;
}

static enum ehr_measure_status bad_cell(const struct ehr_csv_reader *reader, size_t column,
                                        struct ehr_measure_error *error)
{
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s: \"%.40s\": not a number",
                            reader->path, reader->line, reader->columns[column],
                            ehr_csv_reader_cell(reader, column));
}

static bool number_of(const char *text, double *number)
{
    char *rest = NULL;
    *number = strtod(text, &rest);
    return rest != text && *rest == '\0' && isfinite(*number) && *number >= 0;
}

typedef enum ehr_measure_status row_read(struct reading *reading,
                                         const struct ehr_csv_reader *reader, const size_t *columns,
                                         struct ehr_measure_error *error);

static enum ehr_measure_status request_read(struct reading *reading,
                                            const struct ehr_csv_reader *reader,
                                            const size_t *columns, struct ehr_measure_error *error)
{
    double end_s = 0;
    if (strcmp(ehr_csv_reader_cell(reader, columns[1]), "ok") != 0)
        return EHR_MEASURE_DONE;
    if (!number_of(ehr_csv_reader_cell(reader, columns[2]), &end_s))
        return bad_cell(reader, columns[2], error);
    point_add(reading, series_of(reading, ehr_csv_reader_cell(reader, columns[0]), 0), end_s, 1);
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status block_read(struct reading *reading,
                                          const struct ehr_csv_reader *reader,
                                          const size_t *columns, struct ehr_measure_error *error)
{
    double count = 0, s = 0;
    if (!number_of(ehr_csv_reader_cell(reader, columns[1]), &count))
        return bad_cell(reader, columns[1], error);
    if (!number_of(ehr_csv_reader_cell(reader, columns[2]), &s))
        return bad_cell(reader, columns[2], error);
    const char *name = ehr_csv_reader_cell(reader, columns[0]);
    point_add(reading, series_of(reading, name, reading->flow_count), s, count);
    return EHR_MEASURE_DONE;
}

/* Appends a quoted word if it fits. */
static bool word_add(char *list, size_t size, const char *word)
{
    size_t length = strlen(list);
    if (length + strlen(word) + 4 > size)
        return false;
    snprintf(list + length, size - length, "%s\"%s\"", length == 0 ? "" : " ", word);
    return true;
}

/* What never ends reaches to the end of the axis. */
static enum ehr_measure_status fault_read(struct reading *reading,
                                          const struct ehr_csv_reader *reader,
                                          const size_t *columns, struct ehr_measure_error *error)
{
    struct ehr_plot_throughput *words = reading->words;
    const char *begin = ehr_csv_reader_cell(reader, columns[0]);
    const char *end = ehr_csv_reader_cell(reader, columns[1]);
    double s = 0;
    if (!number_of(begin, &s))
        return bad_cell(reader, columns[0], error);
    if (end[0] != '\0' && !number_of(end, &s))
        return bad_cell(reader, columns[1], error);
    if (word_add(words->begins, sizeof(words->begins), begin))
        (void)word_add(words->ends, sizeof(words->ends), end[0] != '\0' ? end : "-");
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status file_read(struct reading *reading, const char *dir, const char *name,
                                         const char *const *columns, row_read *read,
                                         struct ehr_measure_error *error)
{
    size_t size = strlen(dir) + strlen(name) + 2, at[3] = {0};
    char *path = ehr_measure_zeroed(size, 1);
    struct ehr_csv_reader reader;
    bool end = false;
    snprintf(path, size, "%s/%s", dir, name);
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    for (size_t i = 0; i < 3 && columns[i] != NULL && status == EHR_MEASURE_DONE; i++)
        status = ehr_csv_reader_column(&reader, columns[i], &at[i], error);
    while (status == EHR_MEASURE_DONE) {
        status = ehr_csv_reader_next(&reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            break;
        status = read(reading, &reader, at, error);
    }
    ehr_csv_reader_close(&reader);
    free(path);
    return status;
}

static enum ehr_measure_status all_read(struct reading *reading, const char *dir,
                                        struct ehr_measure_error *error)
{
    static const char *const requests[] = {"flow", "outcome", "end_s"};
    static const char *const blocks[] = {"chain", "transactions", "committed_first_s"};
    static const char *const faults[] = {"begin_s", "end_s", NULL};
    enum ehr_measure_status status =
        file_read(reading, dir, "requests.csv", requests, request_read, error);
    reading->flow_count = reading->count;
    if (status == EHR_MEASURE_DONE)
        status = file_read(reading, dir, "blocks.csv", blocks, block_read, error);
    if (status == EHR_MEASURE_DONE)
        status = file_read(reading, dir, "faults.csv", faults, fault_read, error);
    return status;
}

/* ---- writing ---- */

static double bin_choose(double end_s)
{
    static const double lengths[] = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600};
    size_t i = 0;
    while (i + 1 < sizeof(lengths) / sizeof(lengths[0]) && end_s / lengths[i] > BINS_MAX)
        i++;
    return lengths[i];
}

/* A row per interval: its beginning and the rate in it. */
static enum ehr_measure_status series_write(const struct series *series, size_t number,
                                            double bin_s, double end_s, const char *folder,
                                            struct ehr_measure_error *error)
{
    size_t bins = (size_t)(end_s / bin_s) + 1, size = strlen(folder) + 40;
    double *counts = ehr_measure_zeroed(bins, sizeof(*counts));
    char *path = ehr_measure_zeroed(size, 1);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < series->count; i++) {
        size_t bin = (size_t)(series->points[i].s / bin_s);
        counts[bin < bins ? bin : bins - 1] += series->points[i].count;
    }
    snprintf(path, size, "%s/throughput-%zu.dat", folder, number);
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file != NULL && i < bins; i++)
        fprintf(file, "%.9g %.9g\n", (double)i * bin_s, counts[i] / bin_s);
    if (file == NULL || fclose(file) != 0)
        status = ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(errno));
    free(counts);
    free(path);
    return status;
}

enum ehr_measure_status ehr_plot_throughput_write(struct ehr_plot_throughput *words,
                                                  const char *dir, const char *folder,
                                                  struct ehr_measure_error *error)
{
    struct reading reading = {.words = words};
    *words = (struct ehr_plot_throughput){.flows = ""};
    enum ehr_measure_status status = all_read(&reading, dir, error);
    double bin_s = bin_choose(reading.end_s);
    for (size_t i = 0; i < reading.count && status == EHR_MEASURE_DONE; i++) {
        bool flow = i < reading.flow_count;
        if (!word_add(flow ? words->flows : words->chains,
                      flow ? sizeof(words->flows) : sizeof(words->chains), reading.series[i].name))
            break;
        status = series_write(&reading.series[i], i + 1, bin_s, reading.end_s, folder, error);
    }
    snprintf(words->bin, sizeof(words->bin), "%g", bin_s);
    snprintf(words->end, sizeof(words->end), "%.9g", reading.end_s);
    for (size_t i = 0; i < reading.count; i++) {
        free(reading.series[i].name);
        free(reading.series[i].points);
    }
    return status;
}
