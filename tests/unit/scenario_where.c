/* Conditions of sweeps: which points they leave. What is expected follows from the units by hand.
 */
#include "sim/scenario/scenario.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define HOSPITAL(id, batch)                                                                        \
    "<hospital id='" id "' server='" id "-server' batch='" batch "'><nodes hosts='" id             \
    "-node-*'/><doctors hosts='" id "-desk-*'/><patients host='" id "-home'/></hospital>\n"

/* In a macro, so that a failure names the line of the test. */
#define HOLDS(test, ...)                                                                           \
    CU_ASSERT(holds(test, (const char *const[]){__VA_ARGS__},                                      \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))
#define FAILS(test, ...)                                                                           \
    CU_ASSERT_FALSE(holds(test, (const char *const[]){__VA_ARGS__},                                \
                          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))
#define NOTHING "run/@seed=1"

static struct ehr_scenario *tested(const char *wheres)
{
    char text[4096];
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = NULL;
    ehr_problem_list_init(&problems);
    snprintf(text, sizeof text,
             "<scenario xmlns='urn:ehrgrid:scenario:1' name='small'>\n"
             "<platform file='platforms/uniform.xml'/>\n"
             "<storage bandwidth='8Mbps'/>\n"
             "<alliance batch-timeout='1500ms'><nodes hosts='alliance-1 alliance-2'/></alliance>\n"
             "%s%s<sweep>%s</sweep></scenario>\n",
             HOSPITAL("minsk", "3"), HOSPITAL("brest", "5"), wheres);
    enum ehr_scenario_status status = ehr_scenario_parse(
        "small.xml", (const uint8_t *)text, strlen(text), NULL, 0, &problems, &scenario);
    ehr_problem_list_write(&problems, stdout);
    ehr_problem_list_close(&problems);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    return scenario;
}

static bool holds(const char *test, const char *const *sets, size_t set_count)
{
    char where[512];
    snprintf(where, sizeof where, "<where test=\"%s\"/>", test);
    struct ehr_scenario *scenario = tested(where);
    bool found = ehr_scenario_wheres_hold(scenario, sets, set_count);
    ehr_scenario_free(scenario);
    return found;
}

static void numbers_are_compared_when_overridden_or_default(void)
{
    HOLDS("alliance/@threshold le alliance/@proxies", NOTHING); /* defaults: 3 and 4 */
    HOLDS("alliance/@threshold le alliance/@proxies", "alliance/@threshold=4");
    FAILS("alliance/@threshold le alliance/@proxies", "alliance/@threshold=5");
    HOLDS("alliance/@threshold &lt;= alliance/@proxies", "alliance/@threshold=10",
          "alliance/@proxies=11"); /* not as texts */
    FAILS("alliance/@threshold lt alliance/@proxies", "alliance/@proxies=3");
    HOLDS("alliance/@threshold eq 3", NOTHING);
    FAILS("alliance/@threshold ne 3", NOTHING);
    HOLDS("3 ge alliance/@threshold", NOTHING);
    FAILS("3 &gt; alliance/@threshold", NOTHING);
    HOLDS("2.5 lt alliance/@threshold", NOTHING);
    HOLDS("2 * alliance/@threshold gt alliance/@proxies", NOTHING);
    FAILS("2 * alliance/@threshold gt alliance/@proxies", "alliance/@proxies=6");
    HOLDS("workload/shares/@consent lt 1", "workload/shares/@consent=0.5");
}

static void units_are_understood_when_amounts_are_compared(void)
{
    HOLDS("alliance/@batch-timeout eq 1.5s", NOTHING);
    HOLDS("alliance/@batch-timeout lt 2s", NOTHING); /* 1500 of one, 2 of the other */
    FAILS("alliance/@batch-timeout lt 2s", "alliance/@batch-timeout=1min");
    HOLDS("storage/@bandwidth = 1MB/s", NOTHING); /* 8 Mbps */
    HOLDS("workload/visits/@rate eq 0.1/s", "workload/visits/@rate=6/min");
    HOLDS("2 * alliance/@batch-timeout ge 3s", NOTHING);
}

static void texts_are_equal_or_not_when_compared(void)
{
    HOLDS("alliance/@consensus eq pbft", NOTHING);
    HOLDS("alliance/@consensus != 'raft'", NOTHING);
    FAILS("alliance/@consensus eq pbft", "alliance/@consensus=raft");
    HOLDS("alliance/nodes/@hosts eq 'alliance-1 alliance-2'", NOTHING);
    HOLDS("alliance/@client-quorum eq f+1", NOTHING);
    HOLDS("platform/@file ne 'a or b'", NOTHING);
}

static void one_comparison_is_enough_when_or_stands_between(void)
{
    HOLDS("alliance/@consensus ne raft or alliance/@batch gt 5", "alliance/@batch=1");
    HOLDS("alliance/@consensus ne raft or alliance/@batch gt 5", "alliance/@consensus=raft",
          "alliance/@batch=6");
    FAILS("alliance/@consensus ne raft or alliance/@batch gt 5", "alliance/@consensus=raft",
          "alliance/@batch=5");
}

static void every_element_counts_when_a_path_means_several(void)
{
    HOLDS("hospital/@batch le 5", NOTHING); /* 3 and 5 */
    FAILS("hospital/@batch lt 5", NOTHING);
    HOLDS("hospital[@id='minsk']/@batch lt 5", NOTHING);
    HOLDS("hospital[@id='minsk']/@batch lt hospital[@id='brest']/@batch", NOTHING);
    FAILS("hospital/@batch eq hospital/@batch", NOTHING);
    HOLDS("hospital/@batch eq hospital/@batch", "hospital/@batch=7");
}

static void nothing_holds_when_an_attribute_is_absent(void)
{
    FAILS("records/@directory eq x", NOTHING); /* no default */
    FAILS("records/@directory ne x", NOTHING);
}

static void all_tests_count_when_there_are_several(void)
{
    static const char *const set[] = {"alliance/@batch=5"};
    struct ehr_scenario *scenario =
        tested("<where test='alliance/@batch gt 4'/><where test='alliance/@batch lt 6'/>");
    CU_ASSERT(ehr_scenario_wheres_hold(scenario, set, 1));
    CU_ASSERT_FALSE(ehr_scenario_wheres_hold(scenario, NULL, 0)); /* 10 */
    ehr_scenario_free(scenario);
    scenario = tested("");
    CU_ASSERT(ehr_scenario_wheres_hold(scenario, set, 1));
    ehr_scenario_free(scenario);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"numbers_are_compared_when_overridden_or_default",
     numbers_are_compared_when_overridden_or_default},
    {"units_are_understood_when_amounts_are_compared",
     units_are_understood_when_amounts_are_compared},
    {"texts_are_equal_or_not_when_compared", texts_are_equal_or_not_when_compared},
    {"one_comparison_is_enough_when_or_stands_between",
     one_comparison_is_enough_when_or_stands_between},
    {"every_element_counts_when_a_path_means_several",
     every_element_counts_when_a_path_means_several},
    {"nothing_holds_when_an_attribute_is_absent", nothing_holds_when_an_attribute_is_absent},
    {"all_tests_count_when_there_are_several", all_tests_count_when_there_are_several},
};

EHR_UNIT_MAIN("conditions of sweeps", cases)
