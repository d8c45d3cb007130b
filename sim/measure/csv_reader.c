#include "sim/measure/csv_reader.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/error.h"
#include "sim/measure/memory.h"

static void add_character(struct ehr_csv_reader *reader, char character)
{
    if (reader->text_length == reader->text_capacity) {
        size_t capacity = reader->text_capacity == 0 ? 256 : 2 * reader->text_capacity;
        reader->text = ehr_measure_grow(reader->text, reader->text_capacity, capacity, 1);
        reader->text_capacity = capacity;
    }
    reader->text[reader->text_length++] = character;
}

static void begin_cell(struct ehr_csv_reader *reader)
{
    if (reader->cell_count == reader->cell_capacity) {
        size_t capacity = reader->cell_capacity == 0 ? 64 : 2 * reader->cell_capacity;
        reader->cells =
            ehr_measure_grow(reader->cells, reader->cell_capacity, capacity, sizeof(size_t));
        reader->cell_capacity = capacity;
    }
    reader->cells[reader->cell_count++] = reader->text_length;
}

static enum ehr_measure_status malformed(const struct ehr_csv_reader *reader, const char *what,
                                         struct ehr_measure_error *error)
{
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:%lu: %s", reader->path, reader->line,
                            what);
}

/* Reads the rest of a quoted cell; returns the character after the closing quote, or NUL if the
 * file ends inside. */
static int read_quoted(struct ehr_csv_reader *reader)
{
    for (int c = getc(reader->file); c != EOF; c = getc(reader->file)) {
        if (c == '"') {
            c = getc(reader->file);
            if (c != '"')
                return c;
        } else if (c == '\n') {
            reader->next_line++;
        }
        add_character(reader, (char)c);
    }
    return '\0';
}

static enum ehr_measure_status read_row(struct ehr_csv_reader *reader, bool *end,
                                        struct ehr_measure_error *error)
{
    reader->line = reader->next_line;
    reader->text_length = 0;
    reader->cell_count = 0;
    int c = getc(reader->file);
    *end = c == EOF && ferror(reader->file) == 0;
    if (*end)
        return EHR_MEASURE_DONE;
    begin_cell(reader);
    bool cell_empty = true;
    for (; c != '\n'; c = getc(reader->file)) {
        if (c == '"' && cell_empty) {
            c = read_quoted(reader);
            if (c != ',' && c != '\n')
                return malformed(reader, "a quoted cell does not end", error);
            if (c == '\n')
                break;
        }
        if (c == EOF && ferror(reader->file) != 0)
            return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", reader->path,
                                    strerror(errno));
        if (c == EOF)
            return malformed(reader, "the line is cut off: the file is not whole", error);
        if (c == '\0' || c == '"' || c == '\r')
            return malformed(reader, "a character that cannot be there (NUL, quote, CR)", error);
        cell_empty = c == ',';
        add_character(reader, cell_empty ? '\0' : (char)c);
        if (cell_empty)
            begin_cell(reader);
    }
    add_character(reader, '\0');
    reader->next_line++;
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status read_header(struct ehr_csv_reader *reader,
                                           struct ehr_measure_error *error)
{
    bool end = false;
    enum ehr_measure_status status = read_row(reader, &end, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    if (end)
        return malformed(reader, "the file is empty", error);
    reader->columns = ehr_measure_zeroed(reader->cell_count, sizeof(char *));
    reader->column_count = reader->cell_count;
    for (size_t i = 0; i < reader->cell_count; i++) {
        const char *name = reader->text + reader->cells[i];
        size_t size = strlen(name) + 1;
        reader->columns[i] = memcpy(ehr_measure_zeroed(size, 1), name, size);
    }
    return EHR_MEASURE_DONE;
}

enum ehr_measure_status ehr_csv_reader_init(struct ehr_csv_reader *reader, const char *path,
                                            struct ehr_measure_error *error)
{
    size_t size = strlen(path) + 1;
    *reader = (struct ehr_csv_reader){.next_line = 1};
    reader->path = memcpy(ehr_measure_zeroed(size, 1), path, size);
    reader->file = fopen(path, "r");
    if (reader->file == NULL) {
        bool missing = errno == ENOENT || errno == ENOTDIR;
        return ehr_measure_fail(error, missing ? EHR_MEASURE_BAD_INPUT : EHR_MEASURE_ENVIRONMENT,
                                "%s: %s", path, strerror(errno));
    }
    return read_header(reader, error);
}

void ehr_csv_reader_close(struct ehr_csv_reader *reader)
{
    for (size_t i = 0; i < reader->column_count; i++)
        free(reader->columns[i]);
    free(reader->columns);
    free(reader->cells);
    free(reader->text);
    free(reader->path);
    if (reader->file != NULL)
        fclose(reader->file);
    *reader = (struct ehr_csv_reader){0};
}

enum ehr_measure_status ehr_csv_reader_column(const struct ehr_csv_reader *reader, const char *name,
                                              size_t *column, struct ehr_measure_error *error)
{
    for (size_t i = 0; i < reader->column_count; i++) {
        if (strcmp(reader->columns[i], name) == 0) {
            *column = i;
            return EHR_MEASURE_DONE;
        }
    }
    return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s:1: the column %s is missing",
                            reader->path, name);
}

enum ehr_measure_status ehr_csv_reader_next(struct ehr_csv_reader *reader, bool *end,
                                            struct ehr_measure_error *error)
{
    enum ehr_measure_status status = read_row(reader, end, error);
    if (status != EHR_MEASURE_DONE || *end)
        return status;
    if (reader->cell_count != reader->column_count)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s:%lu: %zu cells where the header has %zu", reader->path,
                                reader->line, reader->cell_count, reader->column_count);
    return EHR_MEASURE_DONE;
}

const char *ehr_csv_reader_cell(const struct ehr_csv_reader *reader, size_t column)
{
    assert(column < reader->cell_count);
    return reader->text + reader->cells[column];
}
