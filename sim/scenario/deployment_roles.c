#include "sim/scenario/deployment_roles.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct ehr_deployment_word words[EHR_DEPLOYMENT_ROLES] = {
    [EHR_DEPLOYMENT_SCENARIO] = {.function = "ehr.scenario", .argument = "name", .optional = true},
    [EHR_DEPLOYMENT_CHAIN_NODE] = {.function = "ehr.chain_node", .argument = "chain"},
    [EHR_DEPLOYMENT_HOSPITAL] = {.function = "ehr.hospital",
                                 .argument = "id",
                                 .element = "hospital",
                                 .implied = "id|server",
                                 .label = "hospital"},
    [EHR_DEPLOYMENT_DOCTOR] = {.function = "ehr.doctor",
                               .argument = "hospital",
                               .label = "hospital/doctors"},
    [EHR_DEPLOYMENT_PATIENTS] = {.function = "ehr.patients",
                                 .argument = "hospital",
                                 .element = "patients",
                                 .implied = "host",
                                 .label = "hospital/patients"},
    [EHR_DEPLOYMENT_DATA_USER] = {.function = "ehr.data_user",
                                  .argument = "id",
                                  .label = "data-user"},
    [EHR_DEPLOYMENT_ORDERING] = {.function = "ehr.ordering",
                                 .argument = "stream",
                                 .element = "ordering",
                                 .implied = "clients|client-host",
                                 .label = "workload/ordering"},
    [EHR_DEPLOYMENT_CLIENT] = {.function = "ehr.client", .argument = "stream"},
    [EHR_DEPLOYMENT_FAULT] = {.function = "ehr.fault", .argument = "kind"},
};

static const char functions[] = "ehr.scenario|ehr.chain_node|ehr.hospital|ehr.doctor|ehr.patients|"
                                "ehr.data_user|ehr.ordering|ehr.client|ehr.fault";

const char *ehr_deployment_functions(void)
{
    return functions;
}

const struct ehr_deployment_word *ehr_deployment_word(enum ehr_deployment_role role)
{
    assert(role >= EHR_DEPLOYMENT_SCENARIO && role < EHR_DEPLOYMENT_ROLES);
    return &words[role];
}

const char *ehr_deployment_role_function(enum ehr_deployment_role role)
{
    return ehr_deployment_word(role)->function;
}

const char *ehr_deployment_role_argument(enum ehr_deployment_role role)
{
    return ehr_deployment_word(role)->argument;
}

enum ehr_deployment_role ehr_deployment_role_find(const char *function)
{
    return (enum ehr_deployment_role)ehr_vocabulary_choice_find(functions, function);
}

/* ---- what may have been meant ---- */

char *ehr_deployment_nearest_add(char *take_allowed, const char *choices, const char *found)
{
    char *nearest = ehr_vocabulary_choice_nearest(choices, found);
    if (nearest == NULL)
        return take_allowed;
    char *more = ehr_scenario_text_format("%s; did you mean %s?", take_allowed, nearest);
    free(take_allowed);
    free(nearest);
    return more;
}

char *ehr_deployment_choices_of(const char *names)
{
    char *choices = ehr_scenario_text_copy(names);
    size_t length = 0;
    for (const char *at = names; *at != '\0'; at++)
        if (*at == ',')
            choices[length++] = '|';
        else if (*at != ' ')
            choices[length++] = *at;
    choices[length] = '\0';
    return choices;
}

/* ---- properties that are attributes ---- */

static const struct ehr_vocabulary_element *below(const char *parent, const char *name)
{
    const struct ehr_vocabulary_element *element =
        ehr_vocabulary_child_find(&ehr_vocabulary_scenario, parent);
    assert(element != NULL);
    return ehr_vocabulary_child_find(element, name);
}

const struct ehr_vocabulary_element *ehr_deployment_element(enum ehr_deployment_role role,
                                                            const char *kind)
{
    const char *name = ehr_deployment_word(role)->element;
    if (role == EHR_DEPLOYMENT_FAULT)
        return below("faults", kind);
    if (name == NULL)
        return NULL;
    if (role == EHR_DEPLOYMENT_PATIENTS)
        return below("hospital", name);
    if (role == EHR_DEPLOYMENT_ORDERING)
        return below("workload", name);
    return ehr_vocabulary_child_find(&ehr_vocabulary_scenario, name);
}

static bool is_implied(enum ehr_deployment_role role, const char *name)
{
    const char *implied = ehr_deployment_word(role)->implied;
    return implied != NULL && ehr_vocabulary_choice_find(implied, name) != 0;
}

const struct ehr_vocabulary_attribute *
ehr_deployment_attribute(enum ehr_deployment_role role,
                         const struct ehr_vocabulary_element *element, const char *name)
{
    if (element == NULL || is_implied(role, name))
        return NULL;
    return ehr_vocabulary_attribute_find(element, name);
}

static char *append(char *text, const char *more)
{
    char *joined = ehr_scenario_text_format("%s%s%s", text, *text == '\0' ? "" : ", ", more);
    free(text);
    return joined;
}

char *ehr_deployment_attributes_describe(enum ehr_deployment_role role,
                                         const struct ehr_vocabulary_element *element)
{
    char *text = ehr_scenario_text_copy("");
    for (size_t i = 0; element != NULL && i < element->attribute_count; i++)
        if (!is_implied(role, element->attributes[i].name))
            text = append(text, element->attributes[i].name);
    if (*text == '\0') {
        free(text);
        return ehr_scenario_text_copy("no properties");
    }
    return text;
}

/* ---- properties that are paths ---- */

bool ehr_deployment_is_setting(const struct ehr_vocabulary_element *element)
{
    static const char placing[] = "platform|nodes|doctors|patients|sweep";
    return element->max == 1 && ehr_vocabulary_choice_find(placing, element->name) == 0;
}

/* Faults are actors of their own. */
static bool leads_on(const struct ehr_vocabulary_element *element)
{
    return ehr_deployment_is_setting(element) && strcmp(element->name, "faults") != 0;
}

/* Attributes and elements that a path may go on with, "," between them. */
static char *steps_describe(const struct ehr_vocabulary_element *element)
{
    char *text = ehr_scenario_text_copy("");
    for (size_t i = 0; element != &ehr_vocabulary_scenario && i < element->attribute_count; i++) {
        char *name = ehr_scenario_text_format("@%s", element->attributes[i].name);
        text = append(text, name);
        free(name);
    }
    for (size_t i = 0; i < element->child_count; i++) {
        if (!leads_on(&element->children[i]))
            continue;
        char *name = ehr_scenario_text_format("%s/...", element->children[i].name);
        text = append(text, name);
        free(name);
    }
    return text;
}

/* `chars` of the path are right, and lead to the element. */
static char *path_refuse(const struct ehr_vocabulary_element *element, const char *path,
                         size_t chars)
{
    char *steps = steps_describe(element);
    char *choices = ehr_deployment_choices_of(steps);
    char *allowed = chars == 0 ? ehr_scenario_text_format("a path such as run/@seed: %s", steps)
                               : ehr_scenario_text_format("%.*s and %s", (int)chars, path, steps);
    allowed = ehr_deployment_nearest_add(allowed, choices, path + chars);
    free(choices);
    free(steps);
    return allowed;
}

char *ehr_deployment_path_refusal(const char *path)
{
    const struct ehr_vocabulary_element *element = &ehr_vocabulary_scenario;
    const char *at = path;
    while (*at != '@') {
        size_t chars = strcspn(at, "/");
        char *name = ehr_scenario_text_format("%.*s", (int)chars, at);
        const struct ehr_vocabulary_element *child = ehr_vocabulary_child_find(element, name);
        free(name);
        if (at[chars] != '/' || child == NULL || !leads_on(child))
            return path_refuse(element, path, (size_t)(at - path));
        element = child;
        at += chars + 1;
    }
    if (element == &ehr_vocabulary_scenario ||
        ehr_vocabulary_attribute_find(element, at + 1) == NULL)
        return path_refuse(element, path, (size_t)(at - path));
    return NULL;
}

const char *ehr_deployment_set_refusal(const char *set)
{
    static const char placements[] =
        "@name|platform/@file|alliance/nodes/@hosts|hospital/@id|hospital/@server|"
        "hospital/nodes/@hosts|hospital/doctors/@hosts|hospital/doctors/@per-host|"
        "hospital/patients/@host|data-user/@id|data-user/@host|workload/ordering/@clients|"
        "workload/ordering/@client-host";
    char *path = ehr_scenario_text_copy(set);
    size_t length = 0;
    for (const char *at = set; *at != '\0' && *at != '='; at++) {
        if (*at == '[') /* a predicate, up to its end */
            at += strcspn(at, "]");
        else
            path[length++] = *at;
        if (*at == '\0')
            break;
    }
    path[length] = '\0';
    bool places = ehr_vocabulary_choice_find(placements, path) != 0;
    free(path);
    return places ? "what a deployment's actors do not say themselves" : NULL;
}
