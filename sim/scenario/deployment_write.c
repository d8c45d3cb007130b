/* From a placed scenario to the deployment that equals it. */
#include "sim/scenario/deployment.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/markup.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/reader.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct writing {
    const struct ehr_scenario *scenario;
    const char *const *names;
    bool mortal;
    FILE *out;
};

/* ---- actors ---- */

static void actor_open(struct writing *writing, enum ehr_deployment_role role, uint32_t host,
                       const char *argument, bool restarts)
{
    fputs("  <actor", writing->out);
    ehr_markup_attribute_write(writing->out, "host", writing->names[host]);
    ehr_markup_attribute_write(writing->out, "function", ehr_deployment_role_function(role));
    if (restarts)
        ehr_markup_attribute_write(writing->out, "on_failure", "RESTART");
    fputs(">\n    <argument", writing->out);
    ehr_markup_attribute_write(writing->out, "value", argument);
    fputs("/>\n", writing->out);
}

static void actor_begin(struct writing *writing, enum ehr_deployment_role role, uint32_t host,
                        const char *argument)
{
    actor_open(writing, role, host, argument,
               role != EHR_DEPLOYMENT_SCENARIO && role != EHR_DEPLOYMENT_ORDERING &&
                   role != EHR_DEPLOYMENT_FAULT);
}

static void actor_end(struct writing *writing)
{
    fputs("  </actor>\n", writing->out);
}

static void actor_write(struct writing *writing, enum ehr_deployment_role role, uint32_t host,
                        const char *argument)
{
    actor_begin(writing, role, host, argument);
    actor_end(writing);
}

static void nodes_write(struct writing *writing, const struct ehr_scenario_hosts *hosts,
                        const struct ehr_scenario_chain *chain, const char *name)
{
    bool alone = hosts->count == 1 || (chain->engine != NULL && chain->engine->nodes_min == 0);
    for (size_t i = 0; i < hosts->count; i++) {
        actor_open(writing, EHR_DEPLOYMENT_CHAIN_NODE, hosts->index[i], name,
                   writing->mortal || !alone);
        actor_end(writing);
    }
}

/* Of actors that stand for no node. */
static uint32_t some_host(const struct writing *writing)
{
    return writing->scenario->alliance.nodes.index[0];
}

/* ---- properties ---- */

/* The deployment may lie in another folder than the scenario. */
static char *absolute(char *take_path)
{
    char *whole = realpath(take_path, NULL);
    if (whole == NULL)
        return take_path;
    free(take_path);
    char *copy = ehr_scenario_text_copy(whole);
    free(whole);
    return copy;
}

static char *value_of(const struct ehr_vocabulary_attribute *attribute, const void *base)
{
    char *value = ehr_scenario_field_write(attribute, base);
    bool path = attribute->kind == EHR_VOCABULARY_FILE ||
                (attribute->kind == EHR_VOCABULARY_COSTS &&
                 ((const struct ehr_scenario_crypto *)base)->costs == EHR_SCENARIO_COSTS_FILE);
    return path && value != NULL ? absolute(value) : value;
}

static void property_write(struct writing *writing, const char *path, const char *name,
                           const char *value)
{
    char *id = ehr_scenario_text_format("%s%s%s", path, *path != '\0' ? "/@" : "", name);
    fputs("    <prop", writing->out);
    ehr_markup_attribute_write(writing->out, "id", id);
    ehr_markup_attribute_write(writing->out, "value", value);
    fputs("/>\n", writing->out);
    free(id);
}

/* All that the role has of the element; `path` "": it is the actor's own. */
static void properties_write(struct writing *writing, enum ehr_deployment_role role,
                             const char *path, const struct ehr_vocabulary_element *element,
                             const void *base)
{
    for (size_t i = 0; i < element->attribute_count; i++) {
        const struct ehr_vocabulary_attribute *attribute = &element->attributes[i];
        if (ehr_deployment_attribute(role, element, attribute->name) == NULL)
            continue;
        char *value = value_of(attribute, base);
        if (value != NULL)
            property_write(writing, path, attribute->name, value);
        free(value);
    }
}

static void settings_write(struct writing *writing, const char *path,
                           const struct ehr_vocabulary_element *element, const void *base)
{
    properties_write(writing, EHR_DEPLOYMENT_SCENARIO, path, element, base);
    for (size_t i = 0; i < element->child_count; i++) {
        const struct ehr_vocabulary_element *child = &element->children[i];
        if (!ehr_deployment_is_setting(child))
            continue;
        char *below = ehr_scenario_text_format("%s/%s", path, child->name);
        settings_write(writing, below, child, (const char *)base + child->offset);
        free(below);
    }
}

/* ---- roles ---- */

static void scenario_write(struct writing *writing)
{
    const struct ehr_vocabulary_element *root = &ehr_vocabulary_scenario;
    actor_begin(writing, EHR_DEPLOYMENT_SCENARIO, some_host(writing), writing->scenario->name);
    for (size_t i = 0; i < root->child_count; i++) {
        const struct ehr_vocabulary_element *child = &root->children[i];
        if (ehr_deployment_is_setting(child))
            settings_write(writing, child->name, child,
                           (const char *)writing->scenario + child->offset);
    }
    actor_end(writing);
}

static void hospital_write(struct writing *writing, const struct ehr_scenario_hospital *hospital)
{
    actor_begin(writing, EHR_DEPLOYMENT_HOSPITAL, hospital->server.index[0], hospital->id);
    properties_write(writing, EHR_DEPLOYMENT_HOSPITAL, "",
                     ehr_deployment_element(EHR_DEPLOYMENT_HOSPITAL, ""), hospital);
    actor_end(writing);
    nodes_write(writing, &hospital->nodes, &hospital->chain, hospital->id);
    for (size_t i = 0; i < hospital->doctors.count; i++)
        for (uint32_t k = 0; k < hospital->doctors_per_host; k++)
            actor_write(writing, EHR_DEPLOYMENT_DOCTOR, hospital->doctors.index[i], hospital->id);
    actor_begin(writing, EHR_DEPLOYMENT_PATIENTS, hospital->patients.index[0], hospital->id);
    properties_write(writing, EHR_DEPLOYMENT_PATIENTS, "",
                     ehr_deployment_element(EHR_DEPLOYMENT_PATIENTS, ""), hospital);
    actor_end(writing);
}

static void ordering_write(struct writing *writing, size_t number)
{
    const struct ehr_scenario_ordering *ordering = &writing->scenario->workload.orderings[number];
    char *stream = ehr_scenario_text_format("ordering-%zu", number);
    actor_begin(writing, EHR_DEPLOYMENT_ORDERING, some_host(writing), stream);
    properties_write(writing, EHR_DEPLOYMENT_ORDERING, "",
                     ehr_deployment_element(EHR_DEPLOYMENT_ORDERING, ""), ordering);
    actor_end(writing);
    for (uint32_t i = 0; i < ordering->clients; i++)
        actor_write(writing, EHR_DEPLOYMENT_CLIENT,
                    ordering->hosts.index[i % ordering->hosts.count], stream);
    free(stream);
}

static void faults_write(struct writing *writing)
{
    const struct ehr_vocabulary_element *faults =
        ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "faults");
    const char *base = (const char *)writing->scenario + faults->offset;
    for (size_t i = 0; i < faults->child_count; i++) {
        const struct ehr_vocabulary_element *kind = &faults->children[i];
        const char *items = *(const char *const *)(const void *)(base + kind->offset);
        size_t count = *(const size_t *)(const void *)(base + kind->count_offset);
        for (size_t k = 0; k < count; k++) {
            actor_begin(writing, EHR_DEPLOYMENT_FAULT, some_host(writing), kind->name);
            properties_write(writing, EHR_DEPLOYMENT_FAULT, "", kind, items + k * kind->item_bytes);
            actor_end(writing);
        }
    }
}

/* ---- all ---- */

/* "--" may not stand in a comment. */
static void comment_write(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        fputc(*at == '-' && at[1] == '-' ? '_' : *at, out);
}

static bool is_sayable(const struct ehr_scenario *scenario, struct ehr_problem_list *problems)
{
    bool sayable = true;
    for (size_t h = 0; h < scenario->hospital_count; h++) {
        if (strcmp(scenario->hospitals[h].id, EHR_DEPLOYMENT_ALLIANCE) != 0)
            continue;
        ehr_problem_list_add(problems, false, scenario->file, scenario->hospitals[h].line,
                             "hospital/@id", EHR_DEPLOYMENT_ALLIANCE,
                             "another id: in a deployment it is the chain of all hospitals");
        sayable = false;
    }
    return sayable;
}

bool ehr_deployment_write(const struct ehr_scenario *scenario, const char *const *host_names,
                          bool mortal, struct ehr_problem_list *problems, FILE *out)
{
    struct writing writing = {scenario, host_names, mortal, out};
    if (!is_sayable(scenario, problems))
        return false;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
          "<!-- The scenario ",
          out);
    comment_write(out, scenario->name);
    fputs(" as a deployment, by `ehrgrid expand`. Platform: ", out);
    comment_write(out, scenario->platform_file != NULL ? scenario->platform_file : "any");
    fputs(" -->\n<platform version=\"4.1\">\n", out);
    scenario_write(&writing);
    nodes_write(&writing, &scenario->alliance.nodes, &scenario->alliance.chain,
                EHR_DEPLOYMENT_ALLIANCE);
    for (size_t h = 0; h < scenario->hospital_count; h++)
        hospital_write(&writing, &scenario->hospitals[h]);
    for (size_t i = 0; i < scenario->data_user_count; i++)
        actor_write(&writing, EHR_DEPLOYMENT_DATA_USER, scenario->data_users[i].host.index[0],
                    scenario->data_users[i].id);
    for (size_t i = 0; i < scenario->workload.ordering_count; i++)
        ordering_write(&writing, i);
    faults_write(&writing);
    fputs("</platform>\n", out);
    return fflush(out) == 0 && !ferror(out);
}
