#include "sim/app/sweep_gather.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/said.h"
#include "sim/app/whole_file.h"
#include "sim/measure/csv.h"
#include "sim/measure/csv_reader.h"

struct gathering {
    const struct ehr_sweep_folder *folder;
    struct ehr_sweep_tally *tally;
    struct ehr_csv csv;
    char **columns; /* of the first run's summary.csv; NULL before it */
    size_t column_count;
};

/* ---- one run ---- */

/* The whole file as text; NULL if it cannot be read. */
static char *text_read(const char *path)
{
    size_t capacity = 65536, length = 0, more;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = ehr_app_resize(NULL, capacity + 1);
    while ((more = fread(text + length, 1, capacity - length, file)) > 0) {
        length += more;
        if (length == capacity)
            text = ehr_app_resize(text, (capacity *= 2) + 1);
    }
    fclose(file);
    text[length] = '\0';
    return text;
}

/* The fact of run.json. */
static enum ehr_exit wrong_read(const char *run, bool *wrong)
{
    char *path = ehr_app_text("%s/run.json", run), *text = text_read(path);
    cJSON *root = text != NULL ? cJSON_Parse(text) : NULL;
    const cJSON *fact = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "facts"), "ended_wrongly");
    enum ehr_exit status = cJSON_IsNumber(fact) ? EHR_EXIT_DONE : EHR_EXIT_INPUT;
    *wrong = status == EHR_EXIT_DONE && fact->valuedouble != 0;
    if (status != EHR_EXIT_DONE)
        ehr_said_line("ehrgrid sweep: %s: no facts of a run", path);
    cJSON_Delete(root);
    free(text);
    free(path);
    return status;
}

/* Those that the design has already. */
static bool is_repeated(const char *column)
{
    return strcmp(column, "run_id") == 0 || strcmp(column, "seed") == 0 ||
           strcmp(column, "replication") == 0;
}

static void header_write(struct gathering *gathering, const struct ehr_csv_reader *reader)
{
    static const char *const columns[] = {"run", "point", "replication", "seed"};
    const struct ehr_design *design = gathering->folder->design;
    struct ehr_csv *csv = &gathering->csv;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ehr_csv_text(csv, columns[i]);
    for (size_t i = 0; i < design->parameter_count; i++)
        ehr_csv_text(csv, ehr_design_parameter(design, i));
    ehr_csv_text(csv, "run_id");
    ehr_csv_text(csv, "ended_wrongly");
    gathering->column_count = reader->column_count;
    gathering->columns = ehr_app_zeroed(reader->column_count, sizeof(char *));
    for (size_t i = 0; i < reader->column_count; i++) {
        gathering->columns[i] = ehr_app_text("%s", reader->columns[i]);
        if (!is_repeated(reader->columns[i]))
            ehr_csv_text(csv, reader->columns[i]);
    }
    ehr_csv_end(csv);
}

static bool columns_are_equal(const struct gathering *gathering,
                              const struct ehr_csv_reader *reader)
{
    if (reader->column_count != gathering->column_count)
        return false;
    for (size_t i = 0; i < reader->column_count; i++)
        if (strcmp(reader->columns[i], gathering->columns[i]) != 0)
            return false;
    return true;
}

static void row_write(struct gathering *gathering, const struct ehr_csv_reader *reader,
                      const struct ehr_design_run *run, bool wrong)
{
    const struct ehr_design *design = gathering->folder->design;
    struct ehr_csv *csv = &gathering->csv;
    ehr_csv_count(csv, (uint64_t)(run - design->runs) + 1);
    ehr_csv_count(csv, run->point + 1);
    ehr_csv_count(csv, run->replication);
    ehr_csv_count(csv, run->seed);
    for (size_t i = 0; i < design->parameter_count; i++)
        ehr_csv_text(csv, ehr_design_value(design, run, i));
    ehr_csv_text(csv, run->run_id);
    ehr_csv_count(csv, wrong);
    for (size_t i = 0; i < reader->column_count; i++)
        if (!is_repeated(reader->columns[i]))
            ehr_csv_text(csv, ehr_csv_reader_cell(reader, i));
    ehr_csv_end(csv);
}

static enum ehr_exit row_read(struct gathering *gathering, struct ehr_csv_reader *reader,
                              const char *path, const struct ehr_design_run *run, bool wrong)
{
    struct ehr_measure_error error;
    bool end = false;
    size_t id = 0;
    enum ehr_measure_status status = ehr_csv_reader_init(reader, path, &error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_csv_reader_next(reader, &end, &error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_csv_reader_column(reader, "run_id", &id, &error);
    if (status != EHR_MEASURE_DONE)
        return ehr_report_failed("ehrgrid sweep", status, &error);
    if (end || strcmp(ehr_csv_reader_cell(reader, id), run->run_id) != 0) {
        ehr_said_line("ehrgrid sweep: %s: not the run %s: the scenario has changed meanwhile", path,
                      run->run_id);
        return EHR_EXIT_INPUT;
    }
    if (gathering->columns == NULL)
        header_write(gathering, reader);
    if (!columns_are_equal(gathering, reader)) {
        ehr_said_line("ehrgrid sweep: %s: other columns than those of the first run: "
                      "another version of ehrgrid wrote it",
                      path);
        return EHR_EXIT_INPUT;
    }
    row_write(gathering, reader, run, wrong);
    return EHR_EXIT_DONE;
}

static enum ehr_exit run_take(struct gathering *gathering, const struct ehr_design_run *run,
                              bool *wrong)
{
    struct ehr_csv_reader reader = {0};
    char *folder = ehr_sweep_folder_run(gathering->folder, run);
    char *path = ehr_app_text("%s/summary.csv", folder);
    enum ehr_exit status = wrong_read(folder, wrong);
    if (status == EHR_EXIT_DONE)
        status = row_read(gathering, &reader, path, run, *wrong);
    ehr_csv_reader_close(&reader);
    free(path);
    free(folder);
    return status;
}

/* ---- all ---- */

static void failure_print(const struct gathering *gathering, const struct ehr_design_run *run,
                          const char *what)
{
    const struct ehr_design *design = gathering->folder->design;
    if (gathering->tally->wrong + gathering->tally->missing == 1)
        fputs("ehrgrid sweep: failed:\n", stderr);
    fprintf(stderr, "  run %zu %s: point %zu", (size_t)(run - design->runs) + 1, what,
            run->point + 1);
    for (size_t i = 0; i < design->parameter_count; i++)
        fprintf(stderr, " %s=%s", ehr_design_parameter(design, i),
                ehr_design_value(design, run, i));
    fprintf(stderr, ", replication %u\n", run->replication);
}

static enum ehr_exit runs_take(struct gathering *gathering)
{
    const struct ehr_design *design = gathering->folder->design;
    enum ehr_exit status = EHR_EXIT_DONE;
    for (size_t i = 0; status == EHR_EXIT_DONE && i < design->run_count; i++) {
        const struct ehr_design_run *run = &design->runs[i];
        bool wrong = false;
        if (!ehr_sweep_folder_has(gathering->folder, run)) {
            gathering->tally->missing++;
            failure_print(gathering, run, "has no results");
            continue;
        }
        status = run_take(gathering, run, &wrong);
        gathering->tally->there++;
        gathering->tally->wrong += wrong;
        if (wrong)
            failure_print(gathering, run, "ended wrongly");
    }
    return status;
}

enum ehr_exit ehr_sweep_gather(const struct ehr_sweep_folder *folder, struct ehr_sweep_tally *tally)
{
    char *path = ehr_app_text("%s/summary.csv", folder->path);
    struct ehr_whole_file whole;
    *tally = (struct ehr_sweep_tally){0};
    enum ehr_exit status = ehr_whole_file_open(&whole, "sweep", path);
    struct gathering gathering = {.folder = folder, .tally = tally, .csv = {.file = whole.file}};
    if (status == EHR_EXIT_DONE)
        status = runs_take(&gathering);
    if (status == EHR_EXIT_DONE && tally->there > 0)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    for (size_t i = 0; i < gathering.column_count; i++)
        free(gathering.columns[i]);
    free(gathering.columns);
    free(path);
    return status;
}
