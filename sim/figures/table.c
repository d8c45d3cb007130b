#include "sim/figures/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "sim/figures/build.h"
#include "sim/measure/error.h"

enum ehr_measure_status ehr_figures_table_read(const char *dir, const char *name,
                                               const char *const *names, ehr_figures_row *row,
                                               void *data, struct ehr_measure_error *error)
{
    size_t columns[EHR_FIGURES_COLUMNS_MAX] = {0};
    struct ehr_csv_reader reader;
    char *path = ehr_figures_text("%s/%s", dir, name);
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    for (size_t i = 0; status == EHR_MEASURE_DONE && names[i] != NULL; i++) {
        assert(i < EHR_FIGURES_COLUMNS_MAX);
        status = ehr_csv_reader_column(&reader, names[i], &columns[i], error);
    }
    while (status == EHR_MEASURE_DONE) {
        bool end = false;
        status = ehr_csv_reader_next(&reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            break;
        status = row(data, &reader, columns, error);
    }
    ehr_csv_reader_close(&reader);
    free(path);
    return status;
}

enum ehr_measure_status ehr_figures_number_read(const struct ehr_csv_reader *reader, size_t column,
                                                double *number, struct ehr_measure_error *error)
{
    const char *text = ehr_csv_reader_cell(reader, column);
    char *rest = NULL;
    *number = strtod(text, &rest);
    if (rest != text && *rest == '\0' && isfinite(*number) && *number >= 0)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s: \"%.40s\": not a number",
                            reader->path, reader->line, reader->columns[column], text);
}
