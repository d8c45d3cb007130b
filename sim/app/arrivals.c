#include "sim/app/arrivals.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/csv_reader.h"
#include "sim/measure/requests.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"
#include "sim/scenario/vocabulary.h"

enum { ROWS_MAX = 100000000, PROBLEMS_MAX = 100, CELL_CHARS_MAX = 80 };

enum column { COLUMN_START, COLUMN_FLOW, COLUMN_HOSPITAL, COLUMN_PATIENT, COLUMN_USER, COLUMNS };
static const char *const column_names[COLUMNS] = {"start_s", "flow", "hospital", "patient",
                                                  "data_user"};
/* Those of requests.csv that say what became of a request, beside the phases. */
static const char outcome_columns[] = "id|end_s|outcome|reason|bytes|measured|sent_s|durable_s|"
                                      "shared_s|identical|blamed";
#define FLOWS "visit|retrieve|share|ordering"

/* Rows that are left out. */
struct left_out {
    size_t count;
    int line; /* of the first */
};

struct id {
    const char *text;
    uint32_t number;
};

struct reading {
    const char *path;
    const struct ehr_scenario *scenario;
    const uint32_t *patients;
    struct ehr_problem_list *problems;
    struct ehr_csv_reader csv;
    size_t column[COLUMNS];       /* SIZE_MAX: not there */
    struct id *hospitals, *users; /* by id */
    struct ehr_arrivals *arrivals;
    size_t capacity;
    uint64_t last_ns;
    size_t mistakes;
    struct left_out registers, revokes, late;
};

/* ---- messages ---- */

static int line_of(const struct reading *reading)
{
    return reading->csv.line < INT_MAX ? (int)reading->csv.line : INT_MAX;
}

/* Returns false. */
static bool refuse(struct reading *reading, const char *what, const char *found,
                   const char *allowed)
{
    char *part = strlen(found) > CELL_CHARS_MAX
                     ? ehr_scenario_text_format("%.*s...", CELL_CHARS_MAX, found)
                     : ehr_scenario_text_copy(*found != '\0' ? found : "empty");
    ehr_problem_list_add(reading->problems, false, reading->path, line_of(reading), what, part,
                         allowed);
    free(part);
    reading->mistakes++;
    return false;
}

/* What the CSV reader says, without the place that it begins with. */
static enum ehr_scenario_status unreadable(struct reading *reading, enum ehr_measure_status status,
                                           const struct ehr_measure_error *error)
{
    const char *text = strstr(error->text, ": ");
    reading->mistakes++;
    ehr_problem_list_add(reading->problems, false, reading->path, line_of(reading), "row",
                         text != NULL ? text + 2 : error->text,
                         "CSV with a header, each row whole");
    return status == EHR_MEASURE_BAD_INPUT ? EHR_SCENARIO_INVALID : EHR_SCENARIO_ENVIRONMENT;
}

static void left_out_tell(struct reading *reading, const struct left_out *rows, const char *what,
                          const char *of, const char *why)
{
    if (rows->count == 0)
        return;
    char *found =
        ehr_scenario_text_format("%s (%zu row%s)", of, rows->count, rows->count == 1 ? "" : "s");
    ehr_problem_list_add(reading->problems, true, reading->path, rows->line, what, found, why);
    free(found);
}

static void leave_out(const struct reading *reading, struct left_out *rows)
{
    if (rows->count++ == 0)
        rows->line = line_of(reading);
}

/* ---- names ---- */

static int id_compare(const void *left, const void *right)
{
    return strcmp(((const struct id *)left)->text, ((const struct id *)right)->text);
}

static const struct id *id_find(const struct id *ids, size_t count, const char *text)
{
    const struct id wanted = {text, 0};
    return count == 0 ? NULL : bsearch(&wanted, ids, count, sizeof *ids, id_compare);
}

static void ids_sort(struct reading *reading)
{
    const struct ehr_scenario *scenario = reading->scenario;
    reading->hospitals = ehr_scenario_allocate(scenario->hospital_count, sizeof(struct id));
    reading->users = ehr_scenario_allocate(scenario->data_user_count, sizeof(struct id));
    for (uint32_t i = 0; i < scenario->hospital_count; i++)
        reading->hospitals[i] = (struct id){scenario->hospitals[i].id, i};
    for (uint32_t i = 0; i < scenario->data_user_count; i++)
        reading->users[i] = (struct id){scenario->data_users[i].id, i};
    if (scenario->hospital_count > 1)
        qsort(reading->hospitals, scenario->hospital_count, sizeof(struct id), id_compare);
    if (scenario->data_user_count > 1)
        qsort(reading->users, scenario->data_user_count, sizeof(struct id), id_compare);
}

/* ---- the header ---- */

static bool is_phase(const char *name)
{
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        const char *own = ehr_phase_name(phase);
        size_t chars = strlen(own);
        if (strncmp(name, own, chars) == 0 && strcmp(name + chars, "_s") == 0)
            return true;
    }
    return false;
}

static void columns_find(struct reading *reading)
{
    for (size_t i = 0; i < COLUMNS; i++)
        reading->column[i] = SIZE_MAX;
    for (size_t at = 0; at < reading->csv.column_count; at++) {
        const char *name = reading->csv.columns[at];
        size_t column = 0;
        while (column < COLUMNS && strcmp(column_names[column], name) != 0)
            column++;
        if (column == COLUMNS) {
            if (ehr_vocabulary_choice_find(outcome_columns, name) == 0 && !is_phase(name))
                refuse(reading, "column", name,
                       "start_s, flow, hospital, patient, data_user, and those of requests.csv");
        } else if (reading->column[column] != SIZE_MAX) {
            refuse(reading, "column", name, "each column once");
        } else {
            reading->column[column] = at;
        }
    }
    for (size_t i = COLUMN_START; i <= COLUMN_FLOW; i++)
        if (reading->column[i] == SIZE_MAX)
            refuse(reading, "column", "missing", column_names[i]);
}

/* ---- a row ---- */

static const char *cell(const struct reading *reading, enum column column)
{
    size_t at = reading->column[column];
    return at == SIZE_MAX ? "" : ehr_csv_reader_cell(&reading->csv, at);
}

static bool start_read(struct reading *reading, struct ehr_workload_event *event)
{
    const char *text = cell(reading, COLUMN_START);
    char time[CELL_CHARS_MAX + 2];
    int chars = snprintf(time, sizeof time, "%ss", text);
    if (chars >= (int)sizeof time || !ehr_value_time_parse(time, &event->at_ns))
        return refuse(reading, "start_s", text,
                      "seconds since the start: digits, with at most nine decimals");
    if (event->at_ns < reading->last_ns)
        return refuse(reading, "start_s", text, "not before that of the row above");
    reading->last_ns = event->at_ns;
    return true;
}

/* An empty cell is ANY. */
static bool hospital_read(struct reading *reading, struct ehr_workload_event *event)
{
    const char *text = cell(reading, COLUMN_HOSPITAL);
    const struct id *found = id_find(reading->hospitals, reading->scenario->hospital_count, text);
    event->hospital = found != NULL ? found->number : EHR_WORKLOAD_ANY;
    if (found == NULL && (*text != '\0' || event->flow == EHR_FLOW_VISIT))
        return refuse(reading, "hospital", text,
                      event->flow == EHR_FLOW_VISIT ? "the id of a hospital of the scenario"
                                                    : "the id of a hospital of the scenario, or "
                                                      "nothing");
    return true;
}

static bool patient_read(struct reading *reading, struct ehr_workload_event *event)
{
    const char *text = cell(reading, COLUMN_PATIENT);
    uint64_t number = 0;
    event->patient = EHR_WORKLOAD_ANY;
    if (*text == '\0')
        return true;
    if (event->flow != EHR_FLOW_VISIT)
        return refuse(reading, "patient", text, "nothing: only visits name their patient");
    uint32_t count = reading->patients[event->hospital];
    if (!ehr_value_whole_parse(text, &number) || number >= count) {
        char *allowed = ehr_scenario_text_format(
            "a whole number below %u, the patients of the hospital", count);
        refuse(reading, "patient", text, allowed);
        free(allowed);
        return false;
    }
    event->patient = (uint32_t)number;
    return true;
}

static bool user_read(struct reading *reading, struct ehr_workload_event *event)
{
    const struct ehr_scenario *scenario = reading->scenario;
    const char *text = cell(reading, COLUMN_USER);
    event->who = EHR_WORKLOAD_ANY;
    if (event->flow != EHR_FLOW_SHARE)
        return *text == '\0' ||
               refuse(reading, "data_user", text, "nothing: only shares have a data user");
    if (scenario->data_user_count == 0)
        return refuse(reading, "flow", "share without a data-user", "at least one data-user");
    const struct id *found = id_find(reading->users, scenario->data_user_count, text);
    if (found == NULL && *text != '\0')
        return refuse(reading, "data_user", text,
                      "the id of a data user of the scenario, or nothing");
    event->who = found != NULL ? found->number : EHR_WORKLOAD_ANY;
    return true;
}

/* The first <ordering> of the chain. */
static bool order_find(struct reading *reading, struct ehr_workload_event *event)
{
    const struct ehr_scenario_workload *workload = &reading->scenario->workload;
    uint32_t chain = event->hospital == EHR_WORKLOAD_ANY ? 0 : event->hospital + 1;
    for (uint32_t o = 0; o < workload->ordering_count; o++)
        if (workload->orderings[o].number == chain) {
            event->who = o;
            return true;
        }
    return refuse(reading, "flow", "ordering without an <ordering> of the chain",
                  "an <ordering> in the workload: of the hospital's chain, or without hospital of "
                  "the alliance's");
}

/* False: there is no event in the row. */
static bool flow_read(struct reading *reading, struct ehr_workload_event *event)
{
    static const uint8_t flows[] = {EHR_FLOW_INVALID, EHR_FLOW_VISIT, EHR_FLOW_RETRIEVE,
                                    EHR_FLOW_SHARE, EHR_FLOW_ORDERING};
    const char *text = cell(reading, COLUMN_FLOW);
    event->flow = flows[ehr_vocabulary_choice_find(FLOWS, text)];
    if (event->flow != EHR_FLOW_INVALID)
        return true;
    if (strcmp(text, ehr_flow_name(EHR_FLOW_REGISTER)) == 0)
        leave_out(reading, &reading->registers);
    else if (strcmp(text, ehr_flow_name(EHR_FLOW_REVOKE)) == 0)
        leave_out(reading, &reading->revokes);
    else
        refuse(reading, "flow", text, "visit, retrieve, share, ordering");
    return false;
}

static void row_read(struct reading *reading)
{
    struct ehr_workload_event event = {0};
    bool starts = start_read(reading, &event);
    if (!flow_read(reading, &event) || !hospital_read(reading, &event))
        return;
    bool sound = patient_read(reading, &event);
    sound = user_read(reading, &event) && sound;
    if (event.flow == EHR_FLOW_ORDERING)
        sound = order_find(reading, &event) && sound;
    if (!starts || !sound)
        return;
    if (event.at_ns >= reading->scenario->run.duration_ns) {
        leave_out(reading, &reading->late);
        return;
    }
    struct ehr_arrivals *arrivals = reading->arrivals;
    arrivals->events = ehr_scenario_array_grow(arrivals->events, arrivals->count,
                                               &reading->capacity, sizeof *arrivals->events);
    arrivals->events[arrivals->count++] = event;
    if (arrivals->count > ROWS_MAX)
        refuse(reading, "row", "more requests", "at most 100000000 in a file");
}

/* ---- all ---- */

static enum ehr_scenario_status rows_read(struct reading *reading)
{
    struct ehr_measure_error error;
    enum ehr_measure_status status = ehr_csv_reader_init(&reading->csv, reading->path, &error);
    bool end = false;
    if (status != EHR_MEASURE_DONE)
        return unreadable(reading, status, &error);
    columns_find(reading);
    if (reading->mistakes > 0)
        return EHR_SCENARIO_INVALID;
    while (reading->mistakes < PROBLEMS_MAX && reading->arrivals->count <= ROWS_MAX) {
        status = ehr_csv_reader_next(&reading->csv, &end, &error);
        if (status != EHR_MEASURE_DONE)
            return unreadable(reading, status, &error);
        if (end)
            break;
        row_read(reading);
    }
    left_out_tell(reading, &reading->registers, "flow", "register",
                  "left out: patients are registered by workload/@enrol");
    left_out_tell(reading, &reading->revokes, "flow", "revoke",
                  "left out: shares are revoked by workload/revocations");
    left_out_tell(reading, &reading->late, "start_s", "from the end of run/@duration on",
                  "left out: requests start within the run");
    return reading->mistakes == 0 ? EHR_SCENARIO_OK : EHR_SCENARIO_INVALID;
}

enum ehr_scenario_status ehr_arrivals_load(struct ehr_arrivals *arrivals, const char *path,
                                           const struct ehr_scenario *scenario,
                                           const uint32_t *patients,
                                           struct ehr_problem_list *problems)
{
    struct reading reading = {.path = path,
                              .scenario = scenario,
                              .patients = patients,
                              .problems = problems,
                              .arrivals = arrivals};
    *arrivals = (struct ehr_arrivals){0};
    ids_sort(&reading);
    enum ehr_scenario_status status = rows_read(&reading);
    ehr_csv_reader_close(&reading.csv);
    free(reading.hospitals);
    free(reading.users);
    if (status != EHR_SCENARIO_OK)
        ehr_arrivals_close(arrivals);
    return status;
}

void ehr_arrivals_close(struct ehr_arrivals *arrivals)
{
    free(arrivals->events);
    *arrivals = (struct ehr_arrivals){0};
}
