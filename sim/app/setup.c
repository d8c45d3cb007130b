#include "sim/app/setup.h"
#include "sim/app/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/engines.h"
#include "sim/app/memory.h"
#include "sim/app/world.h"
#include "sim/network/kernel.h"
#include "sim/network/simgrid_compat.h"

enum { ERROR_BYTES = 4096, RECORD_ERROR_BYTES = 1 << 16 };

static enum ehr_exit worse(enum ehr_exit a, enum ehr_exit b)
{
    return a > b ? a : b;
}

/* ---- what the scenario names ---- */

static enum ehr_exit costs_open(struct ehr_setup *setup)
{
    const struct ehr_scenario_crypto *crypto = &setup->scenario->crypto;
    char error[EHR_COST_MESSAGE_BYTES];
    switch (crypto->costs) {
    case EHR_SCENARIO_COSTS_DEFAULT:
        setup->costs = *ehr_cost_table_default();
        return EHR_EXIT_DONE;
    case EHR_SCENARIO_COSTS_ZERO:
        setup->costs = *ehr_cost_table_zero();
        return EHR_EXIT_DONE;
    case EHR_SCENARIO_COSTS_FILE:
        break;
    }
    if (ehr_cost_table_load(&setup->costs, crypto->costs_file, error, sizeof error) == EHR_OK)
        return EHR_EXIT_DONE;
    ehr_said_line("%s", error);
    return EHR_EXIT_INPUT;
}

static void counts_notice(const struct ehr_setup *setup)
{
    size_t visits = 0;
    for (size_t i = 0; i < setup->records.bundle_count; i++)
        visits += setup->records.bundles[i].record_count;
    fprintf(stderr,
            "ehrgrid: %zu patients and %zu visits from %s; the scenario's counts of patients and "
            "visits are ignored\n",
            setup->records.bundle_count, visits, setup->scenario->records.directory);
}

static enum ehr_exit records_open(struct ehr_setup *setup, bool quiet)
{
    if (setup->scenario->records.source != EHR_SCENARIO_SOURCE_DIRECTORY)
        return EHR_EXIT_DONE;
    char *text = ehr_app_zeroed(RECORD_ERROR_BYTES, 1);
    struct ehr_record_errors errors = {.text = text, .capacity = RECORD_ERROR_BYTES};
    enum ehr_record_status status =
        ehr_record_set_load(setup->scenario->records.directory, &setup->records, &errors);
    ehr_said_lines(text);
    free(text);
    setup->from_records = status == EHR_RECORD_OK;
    if (status == EHR_RECORD_OK && !quiet)
        counts_notice(setup);
    return status == EHR_RECORD_OK          ? EHR_EXIT_DONE
           : status == EHR_RECORD_BAD_INPUT ? EHR_EXIT_INPUT
                                            : EHR_EXIT_ENVIRONMENT;
}

/* After the records, which say how many patients there are: they belong to the hospitals in turn.
 */
static enum ehr_exit arrivals_open(struct ehr_setup *setup, struct ehr_problem_list *problems)
{
    const struct ehr_scenario *scenario = setup->scenario;
    const char *path = scenario->workload.trace.file;
    if (path == NULL)
        return EHR_EXIT_DONE;
    size_t hospitals = scenario->hospital_count;
    uint32_t *patients = ehr_app_zeroed(hospitals + 1, sizeof *patients);
    for (size_t h = 0; h < hospitals; h++)
        patients[h] =
            setup->from_records
                ? (uint32_t)((setup->records.bundle_count + hospitals - 1 - h) / hospitals)
                : scenario->hospitals[h].patient_count;
    enum ehr_scenario_status status =
        ehr_arrivals_load(&setup->arrivals, path, scenario, patients, problems);
    free(patients);
    return status == EHR_SCENARIO_OK        ? EHR_EXIT_DONE
           : status == EHR_SCENARIO_INVALID ? EHR_EXIT_INPUT
                                            : EHR_EXIT_ENVIRONMENT;
}

/* ---- platform ---- */

/* The array is the caller's. */
static const char **names_of(uint32_t count, const char *(*name)(uint32_t))
{
    const char **names = ehr_app_zeroed(count, sizeof(char *));
    for (uint32_t i = 0; i < count; i++)
        names[i] = name(i);
    return names;
}

const char **ehr_setup_host_names(uint32_t *count)
{
    *count = ehr_platform_host_count();
    return names_of(*count, ehr_platform_host_name);
}

static enum ehr_exit place(struct ehr_setup *setup, struct ehr_problem_list *problems)
{
    uint32_t hosts, links = ehr_platform_link_count();
    const char **names = ehr_setup_host_names(&hosts);
    bool sound = ehr_scenario_place(setup->scenario, names, hosts, problems) == EHR_SCENARIO_OK;
    free(names);
    names = names_of(links, ehr_platform_link_name);
    sound = ehr_scenario_place_links(setup->scenario, names, links, problems) == EHR_SCENARIO_OK &&
            sound;
    free(names);
    return sound ? EHR_EXIT_DONE : EHR_EXIT_INPUT;
}

/* "ehrgrid" and the settings, in memory that SimGrid may keep pointers into. */
static char **arguments_make(const struct ehr_setup_request *request, int *count)
{
    static char **arguments; /* one platform per process */
    for (int i = 0; arguments != NULL && arguments[i] != NULL; i++)
        free(arguments[i]);
    free(arguments);
    arguments = ehr_app_zeroed(request->setting_count + 2, sizeof *arguments);
    arguments[0] = ehr_app_text("ehrgrid");
    for (size_t i = 0; i < request->setting_count; i++)
        arguments[i + 1] = ehr_app_text("%s", request->settings[i]);
    *count = (int)request->setting_count + 1;
    return arguments;
}

static enum ehr_exit platform_open(struct ehr_setup *setup, const struct ehr_setup_request *request,
                                   struct ehr_problem_list *problems)
{
    int count;
    char **arguments = arguments_make(request, &count);
    char *error = ehr_app_zeroed(ERROR_BYTES, 1);
    if (!ehr_simgrid_version_check(error, ERROR_BYTES)) {
        ehr_said_line("%s", error);
        free(error);
        return EHR_EXIT_ENVIRONMENT;
    }
    const struct ehr_kernel_config config = ehr_world_kernel_config(setup->scenario, &setup->costs);
    bool loaded = ehr_platform_load(setup->scenario->platform_file, &config, &count, arguments,
                                    error, ERROR_BYTES);
    if (!loaded)
        ehr_said_line("%s", error);
    free(error);
    return loaded ? place(setup, problems) : EHR_EXIT_INPUT;
}

/* ---- all ---- */

static void problems_print(struct ehr_problem_list *problems, bool quiet)
{
    ehr_problem_list_sort(problems);
    if (!quiet || problems->error_count > 0)
        ehr_said_problems(problems);
}

static enum ehr_exit scenario_open(struct ehr_setup *setup, const struct ehr_setup_request *request,
                                   struct ehr_problem_list *problems)
{
    enum ehr_scenario_status status = ehr_scenario_load(
        request->path, request->sets, request->set_count, problems, &setup->scenario);
    if (status != EHR_SCENARIO_OK)
        return status == EHR_SCENARIO_INVALID ? EHR_EXIT_INPUT : EHR_EXIT_ENVIRONMENT;
    struct ehr_scenario *scenario = setup->scenario;
    if (request->seed_given)
        scenario->run.seed = request->seed;
    if (request->records != NULL) {
        free(scenario->records.directory);
        scenario->records.directory = ehr_app_text("%s", request->records);
        scenario->records.source = EHR_SCENARIO_SOURCE_DIRECTORY;
    }
    size_t count;
    setup->engines = ehr_app_engines(&count);
    status = ehr_scenario_engines_check(scenario, setup->engines, count, problems);
    return status == EHR_SCENARIO_OK ? EHR_EXIT_DONE : EHR_EXIT_INPUT;
}

enum ehr_exit ehr_setup_open(struct ehr_setup *setup, const struct ehr_setup_request *request)
{
    struct ehr_problem_list problems;
    *setup = (struct ehr_setup){0};
    ehr_problem_list_init(&problems);
    enum ehr_exit result = scenario_open(setup, request, &problems);
    if (result == EHR_EXIT_DONE) {
        result = worse(result, costs_open(setup));
        result = worse(result, records_open(setup, request->quiet));
        result = worse(result, arrivals_open(setup, &problems));
        result = worse(result, platform_open(setup, request, &problems));
    }
    problems_print(&problems, request->quiet);
    ehr_problem_list_close(&problems);
    if (result != EHR_EXIT_DONE)
        ehr_setup_close(setup);
    return result;
}

enum ehr_exit ehr_setup_deploy(struct ehr_setup *setup, const struct ehr_deployment_source *source,
                               bool quiet, struct ehr_problem_list *problems,
                               struct ehr_deployment_seat *seats)
{
    struct ehr_deployment_source whole = *source;
    *setup = (struct ehr_setup){.deployed = true};
    whole.host_count = ehr_platform_host_count();
    whole.link_count = ehr_platform_link_count();
    whole.host_names = names_of((uint32_t)whole.host_count, ehr_platform_host_name);
    whole.link_names = names_of((uint32_t)whole.link_count, ehr_platform_link_name);
    whole.engines = setup->engines = ehr_app_engines(&whole.engine_count);
    enum ehr_exit result = EHR_EXIT_INPUT;
    if (ehr_deployment_read(&whole, problems, &setup->scenario, seats) == EHR_SCENARIO_OK &&
        problems->error_count == 0) {
        result = costs_open(setup);
        result = worse(result, records_open(setup, quiet));
        result = worse(result, arrivals_open(setup, problems));
    }
    problems_print(problems, quiet);
    free((void *)(uintptr_t)whole.host_names);
    free((void *)(uintptr_t)whole.link_names);
    if (result != EHR_EXIT_DONE)
        ehr_setup_close(setup);
    return result;
}

void ehr_setup_close(struct ehr_setup *setup)
{
    ehr_scenario_free(setup->scenario);
    free(setup->engines);
    ehr_record_set_close(&setup->records);
    ehr_arrivals_close(&setup->arrivals);
    if (!setup->deployed) /* libxml2 may be the program's, too */
        ehr_scenario_library_close();
    *setup = (struct ehr_setup){0};
}
