/* Every file of tests/golden/deployments-broken gives exactly the messages in the .expected beside
 * it (expected_messages.h). */
#include "sim/scenario/deployment.h"
#include "tests/unit/expected_messages.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/scenario_hosts.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER         "tests/golden/deployments-broken/"
#define FILES_EXPECTED 41

static char *messages_of(const char *path)
{
    static const char *const links[] = {"site-1_DOWN", "site-1_UP", "wan"};
    struct ehr_problem_list problems;
    struct ehr_deployment_file file;
    struct ehr_scenario *scenario = NULL;
    ehr_problem_list_init(&problems);
    enum ehr_scenario_status status = ehr_deployment_file_load(path, &problems, &file);
    if (status == EHR_SCENARIO_OK) {
        const struct ehr_deployment_source source = {
            .path = path,
            .raw = file.text,
            .raw_bytes = file.text_bytes,
            .actors = file.actors,
            .actor_count = file.actor_count,
            .host_names = three_hospitals_hosts,
            .host_count = three_hospitals_host_count,
            .link_names = links,
            .link_count = 3,
            .engines = test_engines,
            .engine_count = test_engine_count,
        };
        struct ehr_deployment_seat *seats = calloc(file.actor_count + 1, sizeof *seats);
        status = ehr_deployment_read(&source, &problems, &scenario, seats);
        free(seats);
    }
    CU_ASSERT(status == EHR_SCENARIO_INVALID || problems.error_count > 0);
    if (status != EHR_SCENARIO_INVALID)
        ehr_scenario_free(scenario);
    char *text = messages_take(&problems);
    ehr_deployment_file_close(&file);
    return text;
}

static void messages_are_those_expected_when_a_deployment_is_broken(void)
{
    DIR *folder = opendir(FOLDER);
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    unsigned files = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".xml") != 0)
            continue;
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s%s", FOLDER, entry->d_name);
        messages_check(path, messages_of(path));
        files++;
    }
    closedir(folder);
    CU_ASSERT_EQUAL(files, FILES_EXPECTED);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"messages_are_those_expected_when_a_deployment_is_broken",
     messages_are_those_expected_when_a_deployment_is_broken},
};

EHR_UNIT_MAIN("deployment_broken", cases)
