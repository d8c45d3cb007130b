/* Groups of hospitals: their members are hospitals like any other. */
#include "sim/scenario/scenario.h"
#include "tests/unit/scenario_hosts.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
    "<scenario xmlns='urn:ehrgrid:scenario:1' name='small'>\n"                                     \
    "<platform file='platforms/uniform.xml'/>\n"                                                   \
    "<alliance><nodes hosts='alliance-*'/></alliance>\n"
#define GROUP(attributes)                                                                          \
    "<hospital-group id='{}' " attributes " server='{}-server' batch='7'>\n"                       \
    "<nodes hosts='{}-node-1 {}-node-2'/><doctors hosts='{}-desk-*' per-host='3'/>\n"              \
    "<patients host='{}-home' count='5'/></hospital-group>\n"
#define ALONE(name, batch)                                                                         \
    "<hospital id='" name "' server='" name "-server' batch='" batch "'>\n"                        \
    "<nodes hosts='" name "-node-1 " name "-node-2'/>"                                             \
    "<doctors hosts='" name "-desk-*' per-host='3'/>\n"                                            \
    "<patients host='" name "-home' count='5'/></hospital>\n"
#define TAIL "</scenario>\n"

static struct ehr_problem_list problems;

static struct ehr_scenario *parse(const char *text, const char *const *sets, size_t count)
{
    struct ehr_scenario *scenario = NULL;
    enum ehr_scenario_status status = ehr_scenario_parse(
        "small.xml", (const uint8_t *)text, strlen(text), sets, count, &problems, &scenario);
    ehr_problem_list_write(&problems, stdout);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    return scenario;
}

static char *effective_text(const struct ehr_scenario *scenario)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    CU_ASSERT_TRUE(ehr_scenario_effective_write(scenario, out));
    fclose(out);
    return text;
}

static void same_hosts(const struct ehr_scenario_hosts *a, const struct ehr_scenario_hosts *b)
{
    CU_ASSERT_STRING_EQUAL(a->pattern, b->pattern);
    CU_ASSERT_EQUAL_FATAL(a->count, b->count);
    CU_ASSERT_EQUAL(memcmp(a->index, b->index, a->count * sizeof(*a->index)), 0);
}

/* As hospitals; groups apart. */
static void same_hospitals(struct ehr_scenario *a, struct ehr_scenario *b)
{
    CU_ASSERT_EQUAL_FATAL(a->hospital_count, b->hospital_count);
    struct ehr_scenario *both[] = {a, b};
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(ehr_scenario_place(both[i], three_hospitals_hosts,
                                                 three_hospitals_host_count, &problems),
                              EHR_SCENARIO_OK);
    for (size_t i = 0; i < a->hospital_count; i++) {
        const struct ehr_scenario_hospital *one = &a->hospitals[i];
        const struct ehr_scenario_hospital *two = &b->hospitals[i];
        CU_ASSERT_STRING_EQUAL(one->id, two->id);
        CU_ASSERT_EQUAL(one->chain.batch, two->chain.batch);
        CU_ASSERT_EQUAL(one->doctors_per_host, two->doctors_per_host);
        CU_ASSERT_EQUAL(one->patient_count, two->patient_count);
        same_hosts(&one->server, &two->server);
        same_hosts(&one->nodes, &two->nodes);
        same_hosts(&one->doctors, &two->doctors);
        same_hosts(&one->patients, &two->patients);
    }
}

static void compare(const char *group, const char *const *sets, size_t count, const char *alone)
{
    struct ehr_scenario *one = parse(group, sets, count);
    struct ehr_scenario *two = parse(alone, NULL, 0);
    same_hospitals(one, two);
    char *text = effective_text(one);
    struct ehr_scenario *again = parse(text, NULL, 0);
    char *text_again = effective_text(again);
    CU_ASSERT_STRING_EQUAL(text, text_again);
    CU_ASSERT_EQUAL(strstr(text, "<hospital-group ") == NULL, one->members_differ);
    same_hospitals(one, again);
    free(text);
    free(text_again);
    ehr_scenario_free(again);
    ehr_scenario_free(one);
    ehr_scenario_free(two);
}

static void members_are_hospitals_when_named(void)
{
    compare(HEAD GROUP("names='minsk brest,grodno' count='3'") TAIL, NULL, 0,
            HEAD ALONE("minsk", "7") ALONE("brest", "7") ALONE("grodno", "7") TAIL);
    compare(HEAD GROUP("names='minsk brest grodno' first='2' count='2'") TAIL, NULL, 0,
            HEAD ALONE("brest", "7") ALONE("grodno", "7") TAIL);
}

static void members_come_last_when_others_stand_alone(void)
{
    compare(HEAD GROUP("names='brest' count='1'") ALONE("grodno", "9")
                GROUP("names='minsk' count='1'") TAIL,
            NULL, 0, HEAD ALONE("grodno", "9") ALONE("brest", "7") ALONE("minsk", "7") TAIL);
}

/* The whole and parts of it, of several for one attribute the last. */
static void members_follow_overrides_when_set(void)
{
    static const char *const more[] = {"hospital-group/@count=2"};
    compare(HEAD GROUP("names='minsk brest grodno' count='3'") TAIL, more, 1,
            HEAD ALONE("minsk", "7") ALONE("brest", "7") TAIL);
    static const char *const all[] = {"hospital[@id='brest']/@batch=11",
                                      "hospital-group[@id='{}']/@batch=8"};
    compare(HEAD GROUP("names='minsk brest' count='2'") TAIL, all, 2,
            HEAD ALONE("minsk", "8") ALONE("brest", "11") TAIL);
    static const char *const both[] = {"hospital/@batch=10"};
    compare(HEAD GROUP("names='minsk' count='1'") ALONE("brest", "7") TAIL, both, 1,
            HEAD ALONE("brest", "10") ALONE("minsk", "10") TAIL);
    struct ehr_scenario *s = parse(HEAD GROUP("names='minsk brest' count='2'") TAIL, all, 2);
    CU_ASSERT_EQUAL_FATAL(s->override_count, 2);
    CU_ASSERT_STRING_EQUAL(s->overrides[0].path, "hospital[@id='brest']/@batch");
    CU_ASSERT_STRING_EQUAL(s->overrides[1].path, "hospital-group[@id='{}']/@batch");
    ehr_scenario_free(s);
}

static void members_are_numbered_when_without_names(void)
{
    struct ehr_scenario *s = parse(
        HEAD "<hospital-group id='h-{}' count='12' first='9' server='h{}-{}'>"
             "<nodes hosts='h{}-*'/><doctors hosts='x'/><patients host='y'/></hospital-group>\n"
             "<workload><ordering chain='h-20'/></workload>"
             "<faults><crash role='hospital' hospital='h-10' at='1s'/>"
             "<revoke certificate='hospital' hospital='h-9' at='1s'/></faults>" TAIL,
        NULL, 0);
    CU_ASSERT_EQUAL_FATAL(s->hospital_count, 12);
    CU_ASSERT_STRING_EQUAL(s->hospitals[0].id, "h-9");
    CU_ASSERT_STRING_EQUAL(s->hospitals[11].id, "h-20");
    CU_ASSERT_STRING_EQUAL(s->hospitals[11].server.pattern, "h20-20");
    CU_ASSERT_STRING_EQUAL(s->hospitals[1].nodes.pattern, "h10-*");
    CU_ASSERT_STRING_EQUAL(s->hospitals[1].doctors.pattern, "x");
    CU_ASSERT_EQUAL(s->hospitals[1].line, 4);
    CU_ASSERT_EQUAL(s->workload.orderings[0].number, 12);
    CU_ASSERT_EQUAL(s->crashes[0].hospital, 1);
    CU_ASSERT_EQUAL(s->revokes[0].hospital, 0);
    ehr_scenario_free(s);
}

/* Conditions of a sweep are about what overrides make of the group and of its members. */
static void conditions_see_members_when_a_sweep_varies_them(void)
{
    static const char *const few[] = {"hospital-group/@count=2", "hospital[@id='brest']/@batch=1"};
    static const char *const many[] = {"hospital-group/@count=3", "hospital[@id='brest']/@batch=1"};
    static const char *const large[] = {"hospital-group/@count=2",
                                        "hospital[@id='brest']/@batch=9"};
    struct ehr_scenario *s = parse(HEAD GROUP("names='minsk brest grodno' count='3'") //
                                   "<sweep><vary parameter='hospital-group/@count' values='1..3'/>"
                                   "<where test='hospital-group/@count le 2'/><where "
                                   "test='hospital/@batch le 7'/></sweep>" TAIL,
                                   NULL, 0);
    CU_ASSERT_TRUE(ehr_scenario_wheres_hold(s, few, 2));
    CU_ASSERT_FALSE(ehr_scenario_wheres_hold(s, many, 2));
    CU_ASSERT_FALSE(ehr_scenario_wheres_hold(s, large, 2));
    ehr_scenario_free(s);
}

static void overrides_of_members_are_refused_when_wrong(void)
{
    static const char text[] = HEAD GROUP("names='minsk brest' count='2'") TAIL;
    static const char *const sets[] = {"hospital/@batch=0", "hospital[@id='grodno']/@batch=1",
                                       "hospital-group/@count=3"};
    static const char expected[] =
        "--set: hospital[@id='grodno']/@batch: no such element: an element of the scenario\n"
        "small.xml:4: hospital/@batch: 0 (from --set): a whole number from 1 to 4294967295\n";
    static const char of_count[] = "small.xml:4: hospital-group/@count: 3 from number 1: as many "
                                   "as there are names: 2 from there\n";
    for (size_t i = 0; i < 2; i++) {
        struct ehr_scenario *scenario = NULL;
        struct ehr_problem_list found;
        ehr_problem_list_init(&found);
        CU_ASSERT_EQUAL(ehr_scenario_parse("small.xml", (const uint8_t *)text, strlen(text),
                                           i == 0 ? sets : sets + 2, i == 0 ? 2 : 1, &found,
                                           &scenario),
                        EHR_SCENARIO_INVALID);
        char *said = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&said, &bytes);
        ehr_problem_list_write(&found, out);
        fclose(out);
        CU_ASSERT_STRING_EQUAL(said, i == 0 ? expected : of_count);
        free(said);
        ehr_problem_list_close(&found);
    }
}

static void closes(void)
{
    ehr_problem_list_close(&problems);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"members_are_hospitals_when_named", members_are_hospitals_when_named},
    {"members_come_last_when_others_stand_alone", members_come_last_when_others_stand_alone},
    {"members_follow_overrides_when_set", members_follow_overrides_when_set},
    {"members_are_numbered_when_without_names", members_are_numbered_when_without_names},
    {"conditions_see_members_when_a_sweep_varies_them",
     conditions_see_members_when_a_sweep_varies_them},
    {"overrides_of_members_are_refused_when_wrong", overrides_of_members_are_refused_when_wrong},
    {"closes", closes},
};

EHR_UNIT_MAIN("scenario groups", cases)
