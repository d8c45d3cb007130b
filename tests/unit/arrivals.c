/* Arrivals from a file: every file of tests/golden/arrivals-broken gives exactly the messages in
 * the .expected beside it, and what is sound becomes events. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/arrivals.h"
#include "sim/measure/requests.h"
#include "tests/unit/expected_messages.h"
#include "tests/unit/unit.h"

#define FOLDER         "tests/golden/arrivals-broken/"
#define FILES_EXPECTED 8

static const uint32_t patients[] = {20, 20, 20};

/* minsk, grodno and brest; institute and insurer; an <ordering> of grodno's chain. */
static struct ehr_scenario *scenario_open(void)
{
    static const char *const sets[] = {"run/@duration=100s"};
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = NULL;
    char *text = file_text("scenarios/quickstart.xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    char *end = strstr(text, "</workload>");
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    char *whole = calloc(strlen(text) + 100, 1);
    sprintf(whole, "%.*s<ordering chain=\"grodno\" outstanding=\"0\"/>%s", (int)(end - text), text,
            end);
    ehr_problem_list_init(&problems);
    enum ehr_scenario_status status =
        ehr_scenario_parse("scenarios/quickstart.xml", (const uint8_t *)whole, strlen(whole), sets,
                           1, &problems, &scenario);
    if (status != EHR_SCENARIO_OK)
        ehr_problem_list_write(&problems, stderr);
    ehr_problem_list_close(&problems);
    free(whole);
    free(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    return scenario;
}

static void messages_are_exact_when_a_file_is_broken(void)
{
    struct ehr_scenario *scenario = scenario_open();
    struct dirent **entries = NULL;
    int count = scandir(FOLDER, &entries, NULL, alphasort), files = 0;
    CU_ASSERT_FATAL(count > 0);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        size_t chars = strlen(name);
        if (chars > 4 && strcmp(name + chars - 4, ".csv") == 0) {
            char path[PATH_BYTES];
            struct ehr_problem_list problems;
            struct ehr_arrivals arrivals;
            ehr_problem_list_init(&problems);
            snprintf(path, sizeof path, FOLDER "%s", name);
            CU_ASSERT_EQUAL(ehr_arrivals_load(&arrivals, path, scenario, patients, &problems),
                            EHR_SCENARIO_INVALID);
            CU_ASSERT_EQUAL(arrivals.count, 0);
            messages_check(path, messages_take(&problems));
            files++;
        }
        free(entries[i]);
    }
    free(entries);
    CU_ASSERT_EQUAL(files, FILES_EXPECTED);
    ehr_scenario_free(scenario);
}

/* The caller closes `arrivals` and frees the messages. */
static char *text_load(const char *text, struct ehr_arrivals *arrivals,
                       enum ehr_scenario_status expected)
{
    char path[] = "/tmp/ehrgrid-arrivals-XXXXXX";
    int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT_EQUAL(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = scenario_open();
    ehr_problem_list_init(&problems);
    CU_ASSERT_EQUAL(ehr_arrivals_load(arrivals, path, scenario, patients, &problems), expected);
    ehr_scenario_free(scenario);
    unlink(path);
    return messages_take(&problems);
}

static void event_check(const struct ehr_workload_event *event, uint64_t at_ns, enum ehr_flow flow,
                        uint32_t hospital, uint32_t patient, uint32_t who)
{
    CU_ASSERT_EQUAL(event->at_ns, at_ns);
    CU_ASSERT_EQUAL(event->flow, flow);
    CU_ASSERT_EQUAL(event->hospital, hospital);
    CU_ASSERT_EQUAL(event->patient, patient);
    CU_ASSERT_EQUAL(event->who, who);
}

static void rows_are_events_when_columns_stand_in_any_order(void)
{
    struct ehr_arrivals arrivals;
    char *messages = text_load("hospital,data_user,outcome,private_order_s,flow,patient,start_s\n"
                               "minsk,,ok,0.1,visit,19,0\n"
                               "brest,,,,visit,,12.500000001\n"
                               "grodno,,ok,,retrieve,,12.500000001\n"
                               ",,failed,,retrieve,,40\n"
                               "minsk,insurer,ok,,share,,41\n"
                               ",,ok,,share,,99.999999999\n"
                               "grodno,,ok,,ordering,,99.999999999\n",
                               &arrivals, EHR_SCENARIO_OK);
    CU_ASSERT_STRING_EQUAL(messages, "");
    free(messages);
    CU_ASSERT_EQUAL_FATAL(arrivals.count, 7);
    const struct ehr_workload_event *event = arrivals.events;
    event_check(&event[0], 0, EHR_FLOW_VISIT, 0, 19, EHR_WORKLOAD_ANY);
    event_check(&event[1], 12500000001, EHR_FLOW_VISIT, 2, EHR_WORKLOAD_ANY, EHR_WORKLOAD_ANY);
    event_check(&event[2], 12500000001, EHR_FLOW_RETRIEVE, 1, EHR_WORKLOAD_ANY, EHR_WORKLOAD_ANY);
    event_check(&event[3], 40000000000, EHR_FLOW_RETRIEVE, EHR_WORKLOAD_ANY, EHR_WORKLOAD_ANY,
                EHR_WORKLOAD_ANY);
    event_check(&event[4], 41000000000, EHR_FLOW_SHARE, 0, EHR_WORKLOAD_ANY, 1);
    event_check(&event[5], 99999999999, EHR_FLOW_SHARE, EHR_WORKLOAD_ANY, EHR_WORKLOAD_ANY,
                EHR_WORKLOAD_ANY);
    event_check(&event[6], 99999999999, EHR_FLOW_ORDERING, 1, EHR_WORKLOAD_ANY, 0);
    ehr_arrivals_close(&arrivals);
}

static void rows_are_left_out_with_a_word_when_others_see_to_them(void)
{
    struct ehr_arrivals arrivals;
    char *messages = text_load("start_s,flow,hospital\n"
                               "0,register,minsk\n"
                               "0,register,brest\n"
                               "1,visit,minsk\n"
                               "2,revoke,minsk\n"
                               "100,visit,minsk\n",
                               &arrivals, EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL(arrivals.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(messages, ":2: warning: flow: register (2 rows): left out"));
    CU_ASSERT_PTR_NOT_NULL(strstr(messages, ":5: warning: flow: revoke (1 row): left out"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(messages, ":6: warning: start_s: from the end of run/@duration on (1 row)"));
    free(messages);
    ehr_arrivals_close(&arrivals);
}

static void reading_ends_at_the_hundredth_mistake_when_there_are_many(void)
{
    struct ehr_arrivals arrivals;
    char *text = calloc(1, 4000), *messages;
    size_t lines = 0;
    strcpy(text, "start_s,flow,hospital\n");
    for (int i = 0; i < 200; i++)
        strcat(text, "x,visit,minsk\n");
    messages = text_load(text, &arrivals, EHR_SCENARIO_INVALID);
    for (const char *at = messages; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    CU_ASSERT_EQUAL(lines, 100);
    free(messages);
    free(text);
}

static void status_is_invalid_when_there_is_no_file(void)
{
    struct ehr_arrivals arrivals;
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = scenario_open();
    ehr_problem_list_init(&problems);
    CU_ASSERT_EQUAL(ehr_arrivals_load(&arrivals, "no/such.csv", scenario, patients, &problems),
                    EHR_SCENARIO_INVALID);
    ehr_problem_list_close(&problems);
    ehr_scenario_free(scenario);
}

static void closes(void)
{
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"messages_are_exact_when_a_file_is_broken", messages_are_exact_when_a_file_is_broken},
    {"rows_are_events_when_columns_stand_in_any_order",
     rows_are_events_when_columns_stand_in_any_order},
    {"rows_are_left_out_with_a_word_when_others_see_to_them",
     rows_are_left_out_with_a_word_when_others_see_to_them},
    {"reading_ends_at_the_hundredth_mistake_when_there_are_many",
     reading_ends_at_the_hundredth_mistake_when_there_are_many},
    {"status_is_invalid_when_there_is_no_file", status_is_invalid_when_there_is_no_file},
    {"closes", closes},
};

EHR_UNIT_MAIN("arrivals", cases)
