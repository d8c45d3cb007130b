/* The verb validate. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/design.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/report.h"
#include "sim/app/request.h"
#include "sim/app/setup.h"

enum { POINTS_MAX = 1000 }; /* of a sweep: checked in a few seconds */
enum {
    OPTION_EFFECTIVE = 1,
    OPTION_SET,
    OPTION_RECORDS,
    OPTION_SCHEMA,
    OPTION_CFG,
    OPTION_LOG,
    OPTION_JSON
};

struct validate {
    struct ehr_setup_request request;
    const char **sets;
    bool effective, schema, json;
};

static const struct ehr_option option_rows[] = {
    {OPTION_EFFECTIVE, 0, "effective", NULL, "prints the scenario with every default filled in"},
    {OPTION_SET, 0, "set", "PATH=VALUE", "as for run; repeatable"},
    {OPTION_RECORDS, 0, "records", "DIR", "as for run"},
    {OPTION_CFG, 0, "cfg", "KEY:VALUE", "as for run; repeatable"},
    {OPTION_LOG, 0, "log", "SPEC", "as for run; repeatable"},
    {OPTION_JSON, 0, "json", NULL, "what is wrong as JSON on stdout, too"},
    {OPTION_SCHEMA, 0, "schema", NULL,
     "instead prints the schema of scenarios, for editors that complete what is typed"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct validate *validate = context;
    switch (id) {
    case EHR_OPTION_OPERAND:
        validate->request.path = value;
        break;
    case OPTION_EFFECTIVE:
        validate->effective = true;
        break;
    case OPTION_CFG:
    case OPTION_LOG:
        ehr_request_setting_add(&validate->request, id == OPTION_CFG ? "cfg" : "log", value);
        break;
    case OPTION_SET:
        validate->sets[validate->request.set_count++] = value;
        break;
    case OPTION_RECORDS:
        validate->request.records = value;
        break;
    case OPTION_JSON:
        validate->json = true;
        break;
    case OPTION_SCHEMA:
        validate->schema = true;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_validate_usage = {
    .verb = "validate",
    .synopsis = "SCENARIO [options] | --schema",
    .about =
        "Checks a scenario, its platform and all files it names; reports every mistake, also in "
        "the points of its sweep.",
    .options = option_rows,
    .operand = "SCENARIO",
    .operands_least = 0, /* with --schema */
    .operands_most = 1,
    .examples = "ehrgrid validate mine.xml\n"
                "ehrgrid validate mine.xml --effective > whole.xml\n"
                "ehrgrid validate --schema > scenario.xsd\n",
    .take = option_take,
};

static void json_print(const struct validate *validate, const struct ehr_design *design,
                       size_t points)
{
    cJSON *root = ehr_said_object(EHR_EXIT_DONE);
    cJSON_AddStringToObject(root, "scenario", validate->request.path);
    cJSON_AddStringToObject(root, "name", design->setup.scenario->name);
    cJSON_AddBoolToObject(root, "sweep", design->parameter_count > 0 || points > POINTS_MAX);
    cJSON_AddBoolToObject(root, "points_checked", points <= POINTS_MAX);
    ehr_said_count(root, "points", points <= POINTS_MAX ? design->point_count : points);
    ehr_said_print(root);
}

static void valid_print(const struct validate *validate, const struct ehr_design *design,
                        size_t points)
{
    printf("%s is valid\n", validate->request.path);
    if (points > POINTS_MAX)
        printf("not checked: the %zu points of its sweep (ehrgrid expand checks them all)\n",
               points);
    else if (design->parameter_count > 0)
        printf("and its sweep, too: %zu points, %zu runs\n", design->point_count,
               design->run_count);
}

static enum ehr_exit schema_print(void)
{
    if (fwrite(ehr_scenario_schema, 1, ehr_scenario_schema_bytes, stdout) ==
            ehr_scenario_schema_bytes &&
        fflush(stdout) == 0)
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid validate: standard output: %s\n", strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

static enum ehr_exit validate_run(const struct validate *validate)
{
    struct ehr_design design = {.request = &validate->request};
    enum ehr_exit status =
        ehr_request_settings_check(&ehr_command_validate_usage, &validate->request);
    if (status == EHR_EXIT_DONE)
        status = ehr_setup_open(&design.setup, &validate->request);
    if (status != EHR_EXIT_DONE)
        return status;
    size_t points = ehr_sweep_point_count(&design.setup.scenario->sweep);
    if (points <= POINTS_MAX)
        status = ehr_design_make(&design);
    if (status != EHR_EXIT_DONE)
        return status;
    if (validate->json)
        json_print(validate, &design, points);
    else if (!validate->effective)
        valid_print(validate, &design, points);
    else if (!ehr_scenario_effective_write(design.setup.scenario, stdout)) {
        fprintf(stderr, "ehrgrid validate: standard output: %s\n", strerror(errno));
        status = EHR_EXIT_ENVIRONMENT;
    }
    ehr_design_close(&design);
    return status;
}

static enum ehr_exit validate_any(const struct validate *validate)
{
    if (!validate->schema && validate->request.path == NULL)
        return ehr_options_wrong(&ehr_command_validate_usage, "SCENARIO is missing");
    if (validate->schema && validate->request.path != NULL)
        return ehr_options_wrong(&ehr_command_validate_usage, "--schema takes no SCENARIO");
    if (validate->json && (validate->schema || validate->effective))
        return ehr_options_wrong(&ehr_command_validate_usage,
                                 "--json with --%s: both have standard output for themselves",
                                 validate->schema ? "schema" : "effective");
    return validate->schema ? schema_print() : validate_run(validate);
}

enum ehr_exit ehr_command_validate(int argc, char **argv)
{
    struct validate validate = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status;
    validate.request.sets = validate.sets;
    if (ehr_options_read(&ehr_command_validate_usage, &validate, argc, argv, &status))
        status = validate_any(&validate);
    ehr_request_settings_close(&validate.request);
    free(validate.sets);
    return status;
}
