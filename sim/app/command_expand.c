/* The verb expand: a scenario written out as something else. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/design.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/request.h"
#include "sim/app/setup.h"
#include "sim/app/whole_file.h"
#include "sim/network/kernel.h"
#include "sim/scenario/deployment.h"

enum {
    OPTION_DEPLOYMENT = 1,
    OPTION_OUT,
    OPTION_SET,
    OPTION_SEED,
    OPTION_CFG,
    OPTION_LOG,
    OPTION_JSON
};

struct expand {
    struct ehr_setup_request request;
    const char **sets;
    const char *out; /* NULL: stdout */
    bool deployment, json;
};

static const struct ehr_option option_rows[] = {
    {OPTION_DEPLOYMENT, 0, "deployment", NULL,
     "instead the scenario as a SimGrid deployment, for a program that has the plugin"},
    {OPTION_OUT, 0, "out", "FILE", "instead of stdout; replaced if it exists"},
    {OPTION_SET, 0, "set", "PATH=VALUE", "as for run; repeatable"},
    {OPTION_SEED, 0, "seed", "N", "instead of run/@seed"},
    {OPTION_CFG, 0, "cfg", "KEY:VALUE", "as for run; repeatable"},
    {OPTION_LOG, 0, "log", "SPEC", "as for run; repeatable"},
    {OPTION_JSON, 0, "json", NULL, "the runs as JSON on stdout; with --out what was written there"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct expand *expand = context;
    switch (id) {
    case EHR_OPTION_OPERAND:
        expand->request.path = value;
        break;
    case OPTION_DEPLOYMENT:
        expand->deployment = true;
        break;
    case OPTION_OUT:
        expand->out = value;
        break;
    case OPTION_CFG:
    case OPTION_LOG:
        ehr_request_setting_add(&expand->request, id == OPTION_CFG ? "cfg" : "log", value);
        break;
    case OPTION_SET:
        expand->sets[expand->request.set_count++] = value;
        break;
    case OPTION_JSON:
        expand->json = true;
        break;
    case OPTION_SEED:
        expand->request.seed_given = true;
        return ehr_options_number(&ehr_command_expand_usage, "seed", value, 0, UINT64_MAX,
                                  &expand->request.seed);
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_expand_usage = {
    .verb = "expand",
    .synopsis = "SCENARIO [options]",
    .about = "Writes the runs of a scenario's sweep as CSV: point, replication, seed, parameters.",
    .options = option_rows,
    .operand = "SCENARIO",
    .operands_least = 1,
    .operands_most = 1,
    .examples = "ehrgrid expand scenarios/sweep.xml\n"
                "ehrgrid expand scenarios/quickstart.xml --deployment --out deployment.xml\n",
    .take = option_take,
};

static enum ehr_exit file_failed(const char *path)
{
    ehr_said_line("ehrgrid expand: %s: %s", path, strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

static enum ehr_exit deployment_write(const struct ehr_scenario *scenario, const char *path,
                                      FILE *out)
{
    struct ehr_problem_list problems;
    uint32_t count;
    const char **names = ehr_setup_host_names(&count);
    ehr_problem_list_init(&problems);
    bool written = ehr_deployment_write(scenario, names, ehr_platform_changes(), &problems, out);
    enum ehr_exit status = written                    ? EHR_EXIT_DONE
                           : problems.error_count > 0 ? EHR_EXIT_INPUT
                                                      : file_failed(path);
    ehr_said_problems(&problems);
    ehr_problem_list_close(&problems);
    free(names);
    return status;
}

static enum ehr_exit content_write(const struct expand *expand, const struct ehr_design *design,
                                   const char *path, FILE *out)
{
    if (expand->deployment)
        return deployment_write(design->setup.scenario, path, out);
    ehr_design_write(design, out); /* who closes the file looks for errors */
    return EHR_EXIT_DONE;
}

static enum ehr_exit file_write(const struct expand *expand, const struct ehr_design *design)
{
    struct ehr_whole_file whole;
    enum ehr_exit status = ehr_whole_file_open(&whole, "expand", expand->out);
    if (status == EHR_EXIT_DONE)
        status = content_write(expand, design, expand->out, whole.file);
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    return status;
}

/* ---- JSON ---- */

static cJSON *run_json(const struct ehr_design *design, size_t r)
{
    const struct ehr_design_run *run = &design->runs[r];
    cJSON *object = cJSON_CreateObject();
    ehr_said_count(object, "run", r + 1);
    ehr_said_count(object, "point", run->point + 1);
    ehr_said_count(object, "replication", run->replication);
    ehr_said_count(object, "seed", run->seed);
    cJSON *parameters = cJSON_AddObjectToObject(object, "parameters");
    for (size_t i = 0; i < design->parameter_count; i++)
        cJSON_AddStringToObject(parameters, ehr_design_parameter(design, i),
                                ehr_design_value(design, run, i));
    cJSON_AddStringToObject(object, "run_id", run->run_id);
    return object;
}

static void json_print(const struct expand *expand, const struct ehr_design *design)
{
    cJSON *root = ehr_said_object(EHR_EXIT_DONE);
    cJSON_AddStringToObject(root, "scenario", expand->request.path);
    if (expand->out != NULL)
        cJSON_AddStringToObject(root, "file", expand->out);
    if (!expand->deployment) {
        ehr_said_count(root, "points", design->point_count);
        ehr_said_count(root, "runs", design->run_count);
    }
    cJSON *list = expand->out == NULL ? cJSON_AddArrayToObject(root, "design") : NULL;
    for (size_t i = 0; list != NULL && i < design->run_count; i++)
        cJSON_AddItemToArray(list, run_json(design, i));
    ehr_said_print(root);
}

static enum ehr_exit design_print(const struct expand *expand, const struct ehr_design *design)
{
    enum ehr_exit status = EHR_EXIT_DONE;
    if (expand->out != NULL)
        status = file_write(expand, design);
    else if (!expand->json)
        status = content_write(expand, design, "standard output", stdout);
    if (status == EHR_EXIT_DONE && expand->json)
        json_print(expand, design);
    return status;
}

static enum ehr_exit expand_run(const struct expand *expand)
{
    struct ehr_design design = {0};
    if (expand->deployment && expand->json && expand->out == NULL)
        return ehr_options_wrong(&ehr_command_expand_usage,
                                 "--json with --deployment needs --out FILE");
    enum ehr_exit status = ehr_request_settings_check(&ehr_command_expand_usage, &expand->request);
    if (status == EHR_EXIT_DONE)
        status = expand->deployment ? ehr_setup_open(&design.setup, &expand->request)
                                    : ehr_design_open(&design, &expand->request);
    if (status != EHR_EXIT_DONE)
        return status;
    status = design_print(expand, &design);
    ehr_design_close(&design);
    return status;
}

enum ehr_exit ehr_command_expand(int argc, char **argv)
{
    struct expand expand = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status;
    expand.request.sets = expand.sets;
    if (ehr_options_read(&ehr_command_expand_usage, &expand, argc, argv, &status))
        status = expand_run(&expand);
    ehr_request_settings_close(&expand.request);
    free(expand.sets);
    return status;
}
