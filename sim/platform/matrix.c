#include "sim/platform/matrix.h"

#include "sim/measure/csv_reader.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool ehr_matrix_ms_parse(const char *text, uint64_t *ns)
{
    char *end = NULL;
    if (*text < '0' || *text > '9' || text[strspn(text, "0123456789.")] != '\0')
        return false;
    double ms = strtod(text, &end);
    if (*end != '\0' || ms > EHR_MATRIX_MS_MAX)
        return false;
    *ns = (uint64_t)(ms * 1e6 + 0.5);
    return true;
}

size_t ehr_matrix_region(const struct ehr_matrix *matrix, const char *name)
{
    for (size_t i = 0; i < matrix->regions.count; i++)
        if (strcmp(matrix->regions.items[i], name) == 0)
            return i;
    return EHR_MATRIX_REGIONS_MAX;
}

void ehr_matrix_clear(struct ehr_matrix *matrix)
{
    size_t count = matrix->regions.count;
    matrix->rtt_ns = ehr_scenario_allocate(count * count, sizeof *matrix->rtt_ns);
    for (size_t i = 0; i < count * count; i++)
        matrix->rtt_ns[i] = EHR_MATRIX_MISSING;
}

void ehr_matrix_close(struct ehr_matrix *matrix)
{
    if (matrix == NULL)
        return;
    free(matrix->file);
    free(matrix->rtt_ns);
    ehr_names_close(&matrix->regions);
    *matrix = (struct ehr_matrix){0};
}

/* ---- CSV ---- */

struct table {
    struct ehr_csv_reader reader;
    struct ehr_matrix *matrix;
    struct ehr_problem_list *problems;
    size_t from, to, rtt; /* columns of the long form */
};

static void refuse(struct table *table, const char *what, const char *found, const char *allowed)
{
    ehr_problem_list_add(table->problems, false, table->matrix->file, (int)table->reader.line, what,
                         found, allowed);
}

/* The reader's message has the place in front, as problems do. */
static bool reader_failed(struct table *table, const struct ehr_measure_error *error)
{
    const char *file = table->matrix->file, *text = error->text;
    int line = 0;
    size_t length = strlen(file);
    if (strncmp(text, file, length) == 0 && text[length] == ':') {
        char *end = NULL;
        line = (int)strtol(text + length + 1, &end, 10);
        text = line > 0 ? end : text + length;
        text += strspn(text, ": ");
    }
    ehr_problem_list_add(table->problems, false, file, line, "table", text, "CSV with a header");
    return false;
}

static bool entry_set(struct table *table, size_t from, size_t to, const char *text)
{
    uint64_t *entry = &table->matrix->rtt_ns[from * table->matrix->regions.count + to];
    if (*entry != EHR_MATRIX_MISSING) {
        char *pair = ehr_scenario_text_format("%s to %s", table->matrix->regions.items[from],
                                              table->matrix->regions.items[to]);
        refuse(table, "entry", pair, "each pair once");
        free(pair);
        return false;
    }
    if (ehr_matrix_ms_parse(text, entry))
        return true;
    refuse(table, "rtt_ms", text, "milliseconds, 0 to 1000000");
    return false;
}

static void region_know(struct table *table, const char *name)
{
    struct ehr_matrix *matrix = table->matrix;
    if (ehr_matrix_region(matrix, name) != EHR_MATRIX_REGIONS_MAX)
        return;
    if (!ehr_name_is_valid(name))
        refuse(table, "region", name, "letters, digits, '.', '_', '-'");
    else if (matrix->regions.count == EHR_MATRIX_REGIONS_MAX)
        refuse(table, "regions", "more than 200", "at most 200");
    else
        ehr_names_add(&matrix->regions, name);
}

/* Goes through the rows; false after a problem with the file itself. */
static bool rows_visit(struct table *table, bool (*row)(struct table *table))
{
    struct ehr_measure_error error;
    for (bool end = false;;) {
        if (ehr_csv_reader_next(&table->reader, &end, &error) != EHR_MEASURE_DONE)
            return reader_failed(table, &error);
        if (end)
            return true;
        if (!row(table))
            return false;
    }
}

static bool table_open(struct table *table)
{
    struct ehr_measure_error error;
    if (ehr_csv_reader_init(&table->reader, table->matrix->file, &error) == EHR_MEASURE_DONE)
        return true;
    return reader_failed(table, &error);
}

/* The long form is read twice: first for the regions. */
static bool long_regions(struct table *table)
{
    region_know(table, ehr_csv_reader_cell(&table->reader, table->from));
    region_know(table, ehr_csv_reader_cell(&table->reader, table->to));
    return table->problems->error_count == 0;
}

static bool long_row(struct table *table)
{
    size_t from =
        ehr_matrix_region(table->matrix, ehr_csv_reader_cell(&table->reader, table->from));
    size_t to = ehr_matrix_region(table->matrix, ehr_csv_reader_cell(&table->reader, table->to));
    entry_set(table, from, to, ehr_csv_reader_cell(&table->reader, table->rtt));
    return true;
}

static bool long_read(struct table *table)
{
    struct ehr_measure_error error;
    const char *const names[] = {"from", "to", "rtt_ms"};
    size_t *const columns[] = {&table->from, &table->to, &table->rtt};
    for (size_t i = 0; i < 3; i++)
        if (ehr_csv_reader_column(&table->reader, names[i], columns[i], &error) != EHR_MEASURE_DONE)
            return reader_failed(table, &error);
    if (!rows_visit(table, long_regions))
        return false;
    ehr_matrix_clear(table->matrix);
    ehr_csv_reader_close(&table->reader);
    return table_open(table) && rows_visit(table, long_row);
}

static bool square_row(struct table *table)
{
    const char *name = ehr_csv_reader_cell(&table->reader, 0);
    size_t from = ehr_matrix_region(table->matrix, name);
    if (from == EHR_MATRIX_REGIONS_MAX) {
        refuse(table, "row", name, "a region of the header");
        return true;
    }
    for (size_t to = 0; to < table->matrix->regions.count; to++) {
        const char *cell = ehr_csv_reader_cell(&table->reader, to + 1);
        bool known = *cell != '\0' && strcmp(cell, "-") != 0;
        if (known && !entry_set(table, from, to, cell))
            break;
    }
    return true;
}

static bool square_read(struct table *table)
{
    table->reader.line = 1;
    for (size_t i = 1; i < table->reader.column_count; i++) {
        if (ehr_matrix_region(table->matrix, table->reader.columns[i]) != EHR_MATRIX_REGIONS_MAX)
            refuse(table, "region", table->reader.columns[i], "each once");
        region_know(table, table->reader.columns[i]);
    }
    if (table->problems->error_count > 0)
        return false;
    ehr_matrix_clear(table->matrix);
    return rows_visit(table, square_row);
}

static void table_read(struct ehr_matrix *matrix, struct ehr_problem_list *problems)
{
    struct table table = {.matrix = matrix, .problems = problems};
    if (table_open(&table)) {
        if (strcmp(table.reader.columns[0], "rtt_ms") == 0)
            square_read(&table);
        else
            long_read(&table);
    }
    ehr_csv_reader_close(&table.reader);
}

bool ehr_matrix_read(const char *path, enum ehr_matrix_statistic statistic,
                     struct ehr_problem_list *problems, struct ehr_matrix *matrix)
{
    struct stat there;
    size_t errors = problems->error_count;
    *matrix = (struct ehr_matrix){.file = ehr_scenario_text_copy(path)};
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        ehr_matrix_pings_read(path, statistic, problems, matrix);
    else
        table_read(matrix, problems);
    if (problems->error_count == errors && matrix->regions.count == 0)
        ehr_problem_list_add(problems, false, path, 0, "table", "no region", "two or more");
    return problems->error_count == errors;
}
