/* Sweeps: which values a list stands for, and which points they make. All expected by hand. */
#include "sim/scenario/scenario.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define SMALL                                                                                      \
    "<scenario xmlns='urn:ehrgrid:scenario:1' name='small'>\n"                                     \
    "<platform file='platforms/uniform.xml'/>\n"                                                   \
    "<alliance><nodes hosts='alliance-*'/></alliance>\n"                                           \
    "<hospital id='minsk' server='minsk-server'><nodes hosts='minsk-node-*'/>\n"                   \
    "<doctors hosts='minsk-desk-*'/><patients host='minsk-home'/></hospital>\n"

static struct ehr_scenario *swept(const char *sweep)
{
    char text[4096];
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = NULL;
    ehr_problem_list_init(&problems);
    snprintf(text, sizeof text, "%s%s</scenario>\n", SMALL, sweep);
    enum ehr_scenario_status status = ehr_scenario_parse(
        "small.xml", (const uint8_t *)text, strlen(text), NULL, 0, &problems, &scenario);
    ehr_problem_list_write(&problems, stdout);
    ehr_problem_list_close(&problems);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    return scenario;
}

/* The values of one parameter, with bars between them. */
static void values_check(const char *parameter, const char *values, const char *expected)
{
    char sweep[512], found[512] = "";
    snprintf(sweep, sizeof sweep, "<sweep><vary parameter=\"%s\" values=\"%s\"/></sweep>",
             parameter, values);
    struct ehr_scenario *scenario = swept(sweep);
    size_t points = ehr_sweep_point_count(&scenario->sweep);
    for (size_t p = 0; p < points; p++) {
        strcat(found, p > 0 ? "|" : "");
        strcat(found, ehr_sweep_value(&scenario->sweep, p, 0));
    }
    if (strcmp(found, expected) != 0)
        printf("\n%s: found %s, expected %s\n", values, found, expected);
    CU_ASSERT_STRING_EQUAL(found, expected);
    ehr_scenario_free(scenario);
}

static void lists_and_ranges_are_their_values_when_read(void)
{
    values_check("alliance/@batch", "1,10,100..500 step 100", "1|10|100|200|300|400|500");
    values_check("alliance/@batch", "4..7", "4|5|6|7");
    values_check("alliance/@batch", " 7 , 3..3", "7|3");
    values_check("alliance/@batch", "1..10 step 4", "1|5|9");
}

static void units_stay_when_a_range_has_them(void)
{
    values_check("alliance/@batch-timeout", "500ms..2s step 500ms", "500ms|1s|1500ms|2s");
    values_check("storage/@bandwidth", "100MB/s..300MB/s step 100MB/s", "100MB/s|200MB/s|300MB/s");
    values_check("workload/visits/@rate", "0.1/s..0.4/s step 0.1/s", "0.1/s|0.2/s|0.3/s|0.4/s");
    values_check("workload/visits/@rate", "6/min..18/min step 6/min", "6/min|12/min|18/min");
    values_check("workload/shares/@consent", "0..1 step 0.25", "0|0.25|0.5|0.75|1");
    values_check("alliance/@client-quorum", "f+1, q,n, 3", "f+1|q|n|3");
}

static void hosts_and_paths_are_no_ranges_when_they_have_dots(void)
{
    values_check("alliance/nodes/@hosts", "a-1 a-2, a..b-*", "a-1 a-2|a..b-*");
    values_check("platform/@file", "../platforms/uniform.xml", "../platforms/uniform.xml");
}

static void last_axis_changes_fastest_when_points_are_counted(void)
{
    static const char *const expected[12] = {
        "1 x 4 3", "1 y 4 3", "1 x 5 3", "1 y 5 3", "1 x 6 4", "1 y 6 4",
        "9 x 4 3", "9 y 4 3", "9 x 5 3", "9 y 5 3", "9 x 6 4", "9 y 6 4",
    };
    struct ehr_scenario *scenario =
        swept("<sweep random='common'>\n"
              "<together><vary parameter='alliance/@proxies' values='4,5,6'/>\n"
              "<vary parameter='alliance/@threshold' values='3,3,4'/></together>\n"
              "<together><vary parameter='alliance/@consensus' values='x,y'/></together>\n"
              "<vary parameter='alliance/@batch' values='1,9'/></sweep>");
    const struct ehr_scenario_sweep *sweep = &scenario->sweep;
    CU_ASSERT_EQUAL(sweep->random, EHR_SCENARIO_RANDOM_COMMON);
    CU_ASSERT_EQUAL(ehr_sweep_parameter_count(sweep), 4);
    CU_ASSERT_STRING_EQUAL(ehr_sweep_parameter(sweep, 0)->parameter, "alliance/@batch");
    CU_ASSERT_STRING_EQUAL(ehr_sweep_parameter(sweep, 2)->parameter, "alliance/@threshold");
    CU_ASSERT_EQUAL_FATAL(ehr_sweep_point_count(sweep), 12);
    for (size_t p = 0; p < 12; p++) {
        char found[64];
        snprintf(found, sizeof found, "%s %s %s %s", ehr_sweep_value(sweep, p, 0),
                 ehr_sweep_value(sweep, p, 3), ehr_sweep_value(sweep, p, 1),
                 ehr_sweep_value(sweep, p, 2));
        CU_ASSERT_STRING_EQUAL(found, expected[p]);
    }
    ehr_scenario_free(scenario);
}

static void scenario_is_one_point_when_nothing_is_swept(void)
{
    struct ehr_scenario *scenario = swept("<sweep/>");
    CU_ASSERT_EQUAL(ehr_sweep_point_count(&scenario->sweep), 1);
    CU_ASSERT_EQUAL(ehr_sweep_parameter_count(&scenario->sweep), 0);
    CU_ASSERT_EQUAL(scenario->sweep.random, EHR_SCENARIO_RANDOM_INDEPENDENT);
    ehr_scenario_free(scenario);
    scenario = swept("");
    CU_ASSERT_EQUAL(ehr_sweep_point_count(&scenario->sweep), 1);
    ehr_scenario_free(scenario);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"lists_and_ranges_are_their_values_when_read", lists_and_ranges_are_their_values_when_read},
    {"units_stay_when_a_range_has_them", units_stay_when_a_range_has_them},
    {"hosts_and_paths_are_no_ranges_when_they_have_dots",
     hosts_and_paths_are_no_ranges_when_they_have_dots},
    {"last_axis_changes_fastest_when_points_are_counted",
     last_axis_changes_fastest_when_points_are_counted},
    {"scenario_is_one_point_when_nothing_is_swept", scenario_is_one_point_when_nothing_is_swept},
};

EHR_UNIT_MAIN("sweeps", cases)
