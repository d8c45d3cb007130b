#include "tests/unit/program_world.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/app/report.h"
#include "sim/app/setup.h"
#include "sim/measure/csv_reader.h"

enum { TEXT_MAX = 1 << 22 };

static const char *const usual[] = {
    "run/@duration=20s",
    "run/@warmup=0s",
    "workload/visits/@count=12",
    "workload/retrievals/@count=6",
    "workload/shares/@count=4",
    "workload/shares/@consent=1",
    "workload/revocations/@count=0",
    "network/@fidelity=delay",
    "run/@liveness-window=20s",
    "run/@drain=5min",
};

/* ---- in the child ---- */

static FILE *told;
static struct ehr_world *world;

void tell(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vfprintf(told, format, list);
    va_end(list);
    fputc('\n', told);
    fflush(told);
}

struct ehr_world *program_world(void)
{
    return world;
}

static void results_write(const struct ehr_setup *setup, const struct ehr_setup_request *request,
                          const char *folder)
{
    static const char *const words[] = {"program"};
    struct ehr_measure_error error;
    struct ehr_results *results;
    struct ehr_report *report = ehr_report_new(setup, request, 0, words, 1);
    if (ehr_results_new(&results, folder, &error) != EHR_MEASURE_DONE ||
        ehr_measure_write(ehr_world_measure(world), results, ehr_report_finish(report, world, 1),
                          &error) != EHR_MEASURE_DONE)
        exit(4);
    ehr_results_free(results);
    ehr_report_free(report);
}

static void child_run(const struct program *program, const char *folder)
{
    const char *sets[PROGRAM_SETS_MAX + sizeof usual / sizeof usual[0]];
    struct ehr_setup_request request = {
        .path = EHR_SOURCE_DIR "/scenarios/quickstart.xml", .sets = sets, .quiet = true};
    struct ehr_setup setup;
    if (program->scenario != NULL)
        request.path = program->scenario;
    for (size_t i = 0; program->scenario == NULL && i < sizeof usual / sizeof usual[0]; i++)
        sets[request.set_count++] = usual[i];
    for (size_t i = 0; program->sets[i] != NULL; i++)
        sets[request.set_count++] = program->sets[i];
    if (program->before != NULL)
        program->before();
    if (ehr_setup_open(&setup, &request) != EHR_EXIT_DONE)
        exit(2);
    const struct ehr_world_options options = {
        .seed = 42, .costs = &setup.costs, .program = program->hooks, .open = program->open};
    world = ehr_world_new(setup.scenario, &options);
    if (program->prepare != NULL)
        program->prepare(world);
    bool well = ehr_world_run(world);
    tell(well ? "well" : "wrongly: %s", ehr_world_reason(world));
    results_write(&setup, &request, folder);
    ehr_world_free(world);
    ehr_setup_close(&setup);
}

/* ---- in the parent ---- */

static char *text_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, TEXT_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(text, 1, TEXT_MAX - 1, file);
    CU_ASSERT_FATAL(length < TEXT_MAX - 1);
    fclose(file);
    return text;
}

char *program_run(const struct program *program, char folder[PROGRAM_FOLDER_BYTES])
{
    char path[PROGRAM_FOLDER_BYTES + 8];
    int status = -1;
    strcpy(folder, "/tmp/ehr-program-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/told", folder);
    strcat(folder, "/results");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        told = fopen(path, "w");
        if (told == NULL)
            exit(3);
        child_run(program, folder);
        exit(fclose(told) == 0 ? 0 : 3);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL_FATAL(status, 0);
    return text_read(path);
}

void program_forget(const char *folder)
{
    char command[PROGRAM_FOLDER_BYTES + 16];
    snprintf(command, sizeof command, "rm -r %.*s", (int)(strlen(folder) - strlen("/results")),
             folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

/* ---- what files say ---- */

struct table {
    struct ehr_csv_reader reader;
};

unsigned table_read(const char *folder, const char *file, table_row *row, void *context)
{
    char path[2 * PROGRAM_FOLDER_BYTES];
    struct ehr_measure_error error;
    struct table table;
    unsigned count = 0;
    bool end = false;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    CU_ASSERT_EQUAL_FATAL(ehr_csv_reader_init(&table.reader, path, &error), EHR_MEASURE_DONE);
    for (;; count++) {
        CU_ASSERT_EQUAL_FATAL(ehr_csv_reader_next(&table.reader, &end, &error), EHR_MEASURE_DONE);
        if (end)
            break;
        row(&table, context);
    }
    ehr_csv_reader_close(&table.reader);
    return count;
}

const char *table_text(const struct table *table, const char *column)
{
    struct ehr_measure_error error;
    size_t at = 0;
    CU_ASSERT_EQUAL_FATAL(ehr_csv_reader_column(&table->reader, column, &at, &error),
                          EHR_MEASURE_DONE);
    return ehr_csv_reader_cell(&table->reader, at);
}

uint64_t table_number(const struct table *table, const char *column)
{
    return strtoull(table_text(table, column), NULL, 10);
}

uint64_t table_ns(const struct table *table, const char *column)
{
    const char *text = table_text(table, column);
    return text[0] == '\0' ? UINT64_MAX : (uint64_t)llround(strtod(text, NULL) * 1e9);
}

bool table_same(const char *folder, const char *other, const char *file)
{
    char path[2 * PROGRAM_FOLDER_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    char *a = text_read(path);
    snprintf(path, sizeof path, "%s/%s", other, file);
    char *b = text_read(path);
    bool same = strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

static void row_take(const struct table *table, void *context)
{
    struct rows *rows = context;
    CU_ASSERT_FATAL(rows->count < 255);
    rows->count++;
    CU_ASSERT_EQUAL(table_number(table, "id"), rows->count);
    snprintf(rows->row[rows->count].flow, 16, "%s", table_text(table, "flow"));
    snprintf(rows->row[rows->count].hospital, 16, "%s", table_text(table, "hospital"));
    snprintf(rows->row[rows->count].outcome, 16, "%s", table_text(table, "outcome"));
    snprintf(rows->row[rows->count].reason, 24, "%s", table_text(table, "reason"));
    rows->row[rows->count].start_ns = table_ns(table, "start_s");
    rows->row[rows->count].end_ns = table_ns(table, "end_s");
    rows->row[rows->count].identical = table_number(table, "identical") != 0;
}

struct rows rows_read(const char *folder)
{
    struct rows rows = {0};
    table_read(folder, "requests.csv", row_take, &rows);
    return rows;
}

static void time_take(const struct table *table, void *context)
{
    *(uint64_t *)context = table_ns(table, "sim_time_s");
}

uint64_t time_of(const char *folder)
{
    uint64_t ns = 0;
    table_read(folder, "summary.csv", time_take, &ns);
    return ns;
}

void row_is(const struct rows *rows, uint32_t request, const char *flow, const char *hospital,
            const char *outcome)
{
    CU_ASSERT_STRING_EQUAL(rows->row[request].flow, flow);
    CU_ASSERT_STRING_EQUAL(rows->row[request].hospital, hospital);
    CU_ASSERT_STRING_EQUAL(rows->row[request].outcome, outcome);
}
