#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sim/measure/tables.h"

/* cJSON keeps numbers as doubles: a 64-bit seed must be text to survive. */
static void add_u64_text(cJSON *object, const char *name, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, value);
    cJSON_AddStringToObject(object, name, digits);
}

static void add_parameters(cJSON *root, const struct ehr_measure_meta *meta)
{
    cJSON *list = cJSON_AddArrayToObject(root, "parameters");
    for (size_t i = 0; i < meta->parameter_count; i++) {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "path", meta->parameters[i].path);
        cJSON_AddStringToObject(entry, "value", meta->parameters[i].value);
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_inputs(cJSON *root, const struct ehr_measure_meta *meta)
{
    cJSON *list = cJSON_AddArrayToObject(root, "inputs");
    for (size_t i = 0; i < meta->input_count; i++) {
        const struct ehr_measure_input *input = &meta->inputs[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "kind", input->kind);
        cJSON_AddStringToObject(entry, "path", input->path);
        cJSON_AddStringToObject(entry, "sha256", input->sha256);
        if (input->text != NULL)
            cJSON_AddStringToObject(entry, "text", input->text);
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_chains(cJSON *root, const struct ehr_measure_meta *meta)
{
    cJSON *list = cJSON_AddArrayToObject(root, "chains");
    for (size_t i = 0; i < meta->committee_count; i++) {
        const struct ehr_measure_committee *committee = &meta->committees[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "chain", committee->chain);
        cJSON_AddStringToObject(entry, "engine", committee->engine);
        cJSON_AddStringToObject(entry, "trust", committee->trust);
        cJSON_AddNumberToObject(entry, "replicas", committee->replicas);
        cJSON_AddNumberToObject(entry, "certificate_quorum", committee->certificate_quorum);
        cJSON_AddItemToArray(list, entry);
    }
}

/* Only where something was asked for. */
static void add_measure(cJSON *root, const struct ehr_measure *measure,
                        const struct ehr_measure_meta *meta)
{
    if (!ehr_measure_resources_asked(measure))
        return;
    cJSON *asked = cJSON_AddObjectToObject(root, "measure");
    cJSON_AddStringToObject(asked, "energy", meta->energy);
    cJSON_AddStringToObject(asked, "load", meta->load);
}

/* Only where there are any. */
static void add_byzantines(cJSON *root, const struct ehr_measure_meta *meta)
{
    if (meta->byzantine_count == 0)
        return;
    cJSON *list = cJSON_AddArrayToObject(root, "byzantine");
    for (size_t i = 0; i < meta->byzantine_count; i++) {
        const struct ehr_measure_byzantine *byzantine = &meta->byzantines[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "node", byzantine->node);
        cJSON_AddStringToObject(entry, "behaviour", byzantine->behaviour);
        add_u64_text(entry, "at_ns", byzantine->at_ns);
        if (byzantine->until_ns != UINT64_MAX)
            add_u64_text(entry, "until_ns", byzantine->until_ns);
        cJSON_AddItemToArray(list, entry);
    }
}

static cJSON *describe(const struct ehr_measure *measure, const struct ehr_measure_meta *meta)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "format", "ehrgrid-run");
    cJSON_AddNumberToObject(root, "format_version", EHR_MEASURE_FORMAT_VERSION);
    cJSON_AddStringToObject(root, "run_id", meta->run_id);
    cJSON_AddStringToObject(root, "scenario", meta->scenario);
    cJSON_AddStringToObject(root, "sha256", meta->sha256);
    cJSON_AddStringToObject(root, "version", meta->version);
    cJSON_AddStringToObject(root, "simgrid_version", meta->simgrid_version);
    add_u64_text(root, "seed", meta->seed);
    add_u64_text(root, "replication", meta->replication);
    cJSON_AddStringToObject(root, "fidelity", meta->fidelity);
    cJSON_AddStringToObject(root, "crypto", meta->crypto);
    add_u64_text(root, "warmup_ns", measure->warmup_ns);
    add_u64_text(root, "window_ns", ehr_measure_window(measure, meta->sim_time_ns));
    add_u64_text(root, "sim_time_ns", meta->sim_time_ns);
    cJSON *command = cJSON_AddArrayToObject(root, "command");
    for (size_t i = 0; i < meta->command_count; i++)
        cJSON_AddItemToArray(command, cJSON_CreateString(meta->command[i]));
    add_parameters(root, meta);
    add_inputs(root, meta);
    add_chains(root, meta);
    add_byzantines(root, meta);
    add_measure(root, measure, meta);
    if (meta->reason != NULL)
        cJSON_AddStringToObject(root, "reason", meta->reason);
    cJSON *facts = cJSON_AddObjectToObject(root, "facts");
    for (size_t i = 0; i < meta->fact_count; i++)
        cJSON_AddNumberToObject(facts, meta->facts[i].name, meta->facts[i].value);
    return root;
}

void ehr_table_run(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                   FILE *file)
{
    cJSON *root = describe(measure, meta);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (text == NULL) {
        /* The other allocations of this module end the program too, see memory.h. */
        fputs("ehrgrid: out of memory: run.json\n", stderr);
        exit(3);
    }
    fputs(text, file);
    fputc('\n', file);
    cJSON_free(text);
}
