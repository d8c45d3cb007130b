#include "sim/html/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/html/memory.h"
#include "sim/measure/csv_reader.h"

static void row_add(struct ehr_html_table *table, const struct ehr_csv_reader *reader)
{
    size_t columns = table->column_count;
    if (table->row_count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 16 : 2 * table->capacity;
        char **cells = ehr_html_memory_zeroed(capacity * columns, sizeof(char *));
        if (table->row_count > 0)
            memcpy(cells, table->cells, table->row_count * columns * sizeof(char *));
        ehr_html_memory_free(table->cells);
        table->cells = cells;
        table->capacity = capacity;
    }
    for (size_t i = 0; i < columns; i++)
        table->cells[table->row_count * columns + i] =
            ehr_html_memory_text("%s", ehr_csv_reader_cell(reader, i));
    table->row_count++;
}

static enum ehr_measure_status rows_read(struct ehr_html_table *table,
                                         struct ehr_csv_reader *reader,
                                         struct ehr_measure_error *error)
{
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    table->column_count = reader->column_count;
    table->columns = ehr_html_memory_zeroed(reader->column_count, sizeof(char *));
    for (size_t i = 0; i < reader->column_count; i++)
        table->columns[i] = ehr_html_memory_text("%s", reader->columns[i]);
    for (;;) {
        bool end = false;
        status = ehr_csv_reader_next(reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            return status;
        row_add(table, reader);
    }
}

enum ehr_measure_status ehr_html_table_init(struct ehr_html_table *table, const char *dir,
                                            const char *name, struct ehr_measure_error *error)
{
    struct ehr_csv_reader reader;
    char *path = ehr_html_memory_text("%s/%s", dir, name);
    *table = (struct ehr_html_table){0};
    enum ehr_measure_status status = ehr_csv_reader_init(&reader, path, error);
    if (status == EHR_MEASURE_DONE)
        status = rows_read(table, &reader, error);
    ehr_csv_reader_close(&reader);
    ehr_html_memory_free(path);
    return status;
}

void ehr_html_table_close(struct ehr_html_table *table)
{
    for (size_t i = 0; i < table->row_count * table->column_count; i++)
        ehr_html_memory_free(table->cells[i]);
    for (size_t i = 0; table->columns != NULL && i < table->column_count; i++)
        ehr_html_memory_free(table->columns[i]);
    ehr_html_memory_free(table->cells);
    ehr_html_memory_free(table->columns);
    *table = (struct ehr_html_table){0};
}

size_t ehr_html_table_column(const struct ehr_html_table *table, const char *name)
{
    size_t at = 0;
    while (at < table->column_count && strcmp(table->columns[at], name) != 0)
        at++;
    return at;
}

const char *ehr_html_table_at(const struct ehr_html_table *table, size_t row, size_t column)
{
    assert(row < table->row_count && column <= table->column_count);
    return column == table->column_count ? "" : table->cells[row * table->column_count + column];
}

const char *ehr_html_table_cell(const struct ehr_html_table *table, size_t row, const char *name)
{
    return ehr_html_table_at(table, row, ehr_html_table_column(table, name));
}

double ehr_html_table_parse(const char *text)
{
    char *rest = NULL;
    double number = strtod(text, &rest);
    return rest == text || *rest != '\0' || !isfinite(number) ? NAN : number;
}

double ehr_html_table_number(const struct ehr_html_table *table, size_t row, const char *name)
{
    return ehr_html_table_parse(ehr_html_table_cell(table, row, name));
}
