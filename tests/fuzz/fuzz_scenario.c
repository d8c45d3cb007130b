/* Arbitrary bytes as a scenario: never a crash, a leak or an undefined operation; what is accepted
 * writes an effective scenario that is accepted too. A first line "--set PATH=VALUE" is an
 * override. */
#include "sim/scenario/scenario.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const hosts[] = {"alliance-1", "alliance-2", "alliance-3", "minsk-node-1"};

static void use(struct ehr_scenario *scenario, struct ehr_problem_list *problems)
{
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    bool written = ehr_scenario_effective_write(scenario, out);
    assert(written);
    fclose(out);
    struct ehr_scenario *again = NULL;
    enum ehr_scenario_status status =
        ehr_scenario_parse("effective.xml", (uint8_t *)text, text_bytes, NULL, 0, problems, &again);
    assert(status == EHR_SCENARIO_OK);
    status = ehr_scenario_place(scenario, hosts, 4, problems);
    assert(status == EHR_SCENARIO_OK || status == EHR_SCENARIO_INVALID);
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
    enum ehr_scenario_status status = ehr_scenario_parse("fuzz.xml", data, bytes, sets,
                                                         set != NULL ? 1 : 0, &problems, &scenario);
    assert((status == EHR_SCENARIO_OK) == (scenario != NULL));
    if (scenario != NULL)
        use(scenario, &problems);
    ehr_scenario_free(scenario);
    ehr_problem_list_close(&problems);
    free(set);
    return 0;
}
