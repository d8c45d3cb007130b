/* Arbitrary bytes as a scenario: never a crash, a leak or an undefined operation; what is accepted
 * writes an effective scenario that is accepted too, and gives the same one again. A first line
 * "--set PATH=VALUE" is an override. Files are found as from the folder of scenarios. */
#include "sim/scenario/scenario.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/scenario_hosts.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define PLACE EHR_SOURCE_DIR "/scenarios/"

static const char *const links[] = {"site-1_DOWN", "site-1_UP", "wan-minsk"};

static char *effective_text(const struct ehr_scenario *scenario, size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);
    bool written = ehr_scenario_effective_write(scenario, out);
    assert(written);
    fclose(out);
    return text;
}

static void use(struct ehr_scenario *scenario, struct ehr_problem_list *problems)
{
    size_t text_bytes = 0, again_bytes = 0;
    char *text = effective_text(scenario, &text_bytes);
    struct ehr_scenario *again = NULL;
    enum ehr_scenario_status status =
        ehr_scenario_parse("effective.xml", (uint8_t *)text, text_bytes, NULL, 0, problems, &again);
    assert(status == EHR_SCENARIO_OK);
    char *text_again = effective_text(again, &again_bytes);
    assert(text_bytes == again_bytes && memcmp(text, text_again, text_bytes) == 0);
    status = ehr_scenario_engines_check(scenario, test_engines, test_engine_count, problems);
    if (status == EHR_SCENARIO_OK)
        status = ehr_scenario_place(scenario, three_hospitals_hosts, three_hospitals_host_count,
                                    problems);
    assert(status == EHR_SCENARIO_OK || status == EHR_SCENARIO_INVALID);
    status = ehr_scenario_place_links(scenario, links, 3, problems);
    assert(status == EHR_SCENARIO_OK || status == EHR_SCENARIO_INVALID);
    free(text_again);
    free(text);
    ehr_scenario_free(again);
    static const char *const sets[] = {"alliance/@batch=7"};
    (void)ehr_scenario_wheres_hold(scenario, sets, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    char *set = NULL;
    const uint8_t *end =
        bytes > 6 && memcmp(data, "--set ", 6) == 0 ? memchr(data, '\n', bytes) : NULL;
    if (end != NULL) {
        set = strndup((const char *)data + 6, (size_t)(end - data) - 6);
        bytes -= (size_t)(end + 1 - data);
        data = end + 1;
    }
    const char *sets[] = {set};
    struct ehr_scenario *scenario = NULL;
    enum ehr_scenario_status status = ehr_scenario_parse(PLACE "fuzz.xml", data, bytes, sets,
                                                         set != NULL ? 1 : 0, &problems, &scenario);
    assert((status == EHR_SCENARIO_OK) == (scenario != NULL));
    if (scenario != NULL)
        use(scenario, &problems);
    ehr_scenario_free(scenario);
    ehr_problem_list_close(&problems);
    free(set);
    return 0;
}
