/* What is wrong with an actor by itself: its role, arguments and properties. */
#include "sim/scenario/deployment_parts.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

const char *ehr_deployment_argument(const struct ehr_deployment_actor *actor)
{
    return actor->argument_count > 0 ? actor->arguments[0] : "";
}

const struct ehr_deployment_property *
ehr_deployment_property(const struct ehr_deployment_actor *actor, const char *id)
{
    for (size_t i = 0; i < actor->property_count; i++)
        if (strcmp(actor->properties[i].id, id) == 0)
            return &actor->properties[i];
    return NULL;
}

static const struct ehr_deployment_actor *actor_of(const struct ehr_deployment_parts *parts,
                                                   size_t actor)
{
    return &parts->source->actors[actor];
}

void ehr_deployment_refuse(const struct ehr_deployment_parts *parts, size_t number, int line,
                           bool warning, const char *what, const char *found, const char *allowed)
{
    const struct ehr_deployment_actor *actor = actor_of(parts, number);
    bool scenario = ehr_deployment_role_find(actor->function) == EHR_DEPLOYMENT_SCENARIO;
    const char *argument = scenario ? "" : ehr_deployment_argument(actor);
    char *where = actor->line > 0 ? ehr_scenario_text_copy("")
                                  : ehr_scenario_text_format(" on %s", actor->host);
    char *whole =
        ehr_scenario_text_format("%s%s%s%s%s%s", actor->function, *argument != '\0' ? " " : "",
                                 argument, where, *what != '\0' ? " " : "", what);
    ehr_problem_list_add(parts->problems, warning, parts->source->path,
                         line > 0 ? line : actor->line, whole, found, allowed);
    free(whole);
    free(where);
}

static void refuse(const struct ehr_deployment_parts *parts, size_t actor, const char *what,
                   const char *found, const char *allowed)
{
    ehr_deployment_refuse(parts, actor, 0, false, what, found, allowed);
}

/* Which functions there are, ", " between them. */
static char *functions_describe(void)
{
    char *text = ehr_scenario_text_copy("");
    for (unsigned role = 1; role < EHR_DEPLOYMENT_ROLES; role++) {
        char *more =
            ehr_scenario_text_format("%s%s%s", text, role > 1 ? ", " : "",
                                     ehr_deployment_role_function((enum ehr_deployment_role)role));
        free(text);
        text = more;
    }
    return text;
}

/* No control characters: what becomes the value of an attribute. */
static bool is_text(const char *value)
{
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 && strchr("\t\n\r", *at) == NULL)
            return false;
    return true;
}

static void property_refuse(const struct ehr_deployment_parts *parts, size_t number,
                            const struct ehr_deployment_property *property, const char *found,
                            char *take_allowed)
{
    ehr_deployment_refuse(parts, number, property->line, false, "property", found, take_allowed);
    free(take_allowed);
}

const struct ehr_deployment_fixed *
ehr_deployment_fixed_find(const struct ehr_deployment_parts *parts, const char *path)
{
    for (size_t i = 0; i < parts->source->fixed_count; i++)
        if (strcmp(parts->source->fixed[i].path, path) == 0)
            return &parts->source->fixed[i];
    return NULL;
}

/* A property of ehr.scenario. */
static void setting_check(const struct ehr_deployment_parts *parts, size_t number,
                          const struct ehr_deployment_property *property)
{
    char *allowed = ehr_deployment_path_refusal(property->id);
    const struct ehr_deployment_fixed *fixed = ehr_deployment_fixed_find(parts, property->id);
    if (allowed != NULL) {
        property_refuse(parts, number, property, property->id, allowed);
    } else if (fixed != NULL && strcmp(fixed->value, property->value) != 0) {
        allowed =
            ehr_scenario_text_format("%s, as the program has it: %s", fixed->value, fixed->why);
        ehr_deployment_refuse(parts, number, property->line, false, property->id, property->value,
                              allowed);
        free(allowed);
    }
}

static void property_check(const struct ehr_deployment_parts *parts, size_t number,
                           enum ehr_deployment_role role,
                           const struct ehr_vocabulary_element *element,
                           const struct ehr_deployment_property *property)
{
    const struct ehr_deployment_actor *actor = actor_of(parts, number);
    const struct ehr_deployment_property *first = ehr_deployment_property(actor, property->id);
    if (role == EHR_DEPLOYMENT_SCENARIO) {
        setting_check(parts, number, property);
    } else if (ehr_deployment_attribute(role, element, property->id) == NULL) {
        char *names = ehr_deployment_attributes_describe(role, element);
        char *choices = ehr_deployment_choices_of(names);
        property_refuse(parts, number, property, property->id,
                        ehr_deployment_nearest_add(names, choices, property->id));
        free(choices);
    }
    if (first != property)
        property_refuse(parts, number, property, property->id,
                        ehr_scenario_text_copy("each property once"));
    else if (!is_text(property->value))
        property_refuse(parts, number, property, property->id,
                        ehr_scenario_text_copy("a value without control characters"));
}

/* A fault's kind decides which properties it may have. */
static bool kind_check(const struct ehr_deployment_parts *parts, size_t number)
{
    const char *kind = ehr_deployment_argument(actor_of(parts, number));
    if (ehr_deployment_element(EHR_DEPLOYMENT_FAULT, kind) != NULL)
        return true;
    char *names = ehr_vocabulary_children_describe(
        ehr_vocabulary_child_find(&ehr_vocabulary_scenario, "faults"));
    char *choices = ehr_deployment_choices_of(names);
    names = ehr_deployment_nearest_add(names, choices, kind);
    refuse(parts, number, "argument kind", kind, names);
    free(names);
    free(choices);
    return false;
}

static bool arguments_check(const struct ehr_deployment_parts *parts, size_t number,
                            const struct ehr_deployment_word *word)
{
    const struct ehr_deployment_actor *actor = actor_of(parts, number);
    char *what = ehr_scenario_text_format("argument %s", word->argument);
    bool sound = false;
    if (actor->argument_count == 0 && !word->optional)
        refuse(parts, number, what, "missing", "one argument");
    else if (actor->argument_count > 1)
        refuse(parts, number, "arguments", actor->arguments[1],
               "nothing after the first: the rest are properties");
    else if (!is_text(ehr_deployment_argument(actor)))
        refuse(parts, number, what, "control characters", "a name");
    else
        sound = true;
    free(what);
    return sound;
}

static void host_refuse(const struct ehr_deployment_parts *parts, size_t number)
{
    const struct ehr_deployment_source *source = parts->source;
    char *allowed =
        ehr_scenario_text_format("one of the platform's %zu (%s%s)", source->host_count,
                                 source->host_count > 0 ? source->host_names[0] : "none",
                                 source->host_count > 1 ? ", ..." : "");
    refuse(parts, number, "host", actor_of(parts, number)->host, allowed);
    free(allowed);
}

enum ehr_deployment_role ehr_deployment_actor_check(const struct ehr_deployment_parts *parts,
                                                    size_t number, uint32_t host)
{
    const struct ehr_deployment_actor *actor = actor_of(parts, number);
    enum ehr_deployment_role role = ehr_deployment_role_find(actor->function);
    if ((unsigned)role == 0) {
        char *allowed = ehr_deployment_nearest_add(functions_describe(), ehr_deployment_functions(),
                                                   actor->function);
        refuse(parts, number, "", "no such role", allowed);
        free(allowed);
        return role;
    }
    if (host == EHR_DEPLOYMENT_NO_HOST)
        host_refuse(parts, number);
    if (actor->start_time != NULL && strtod(actor->start_time, NULL) > 0)
        refuse(parts, number, "start_time", actor->start_time,
               "none: all roles begin with the simulation");
    bool sound = arguments_check(parts, number, ehr_deployment_word(role));
    const struct ehr_vocabulary_element *element = NULL;
    if (role == EHR_DEPLOYMENT_FAULT)
        sound = sound && kind_check(parts, number);
    if (sound)
        element = ehr_deployment_element(role, ehr_deployment_argument(actor));
    for (size_t i = 0; sound && i < actor->property_count; i++)
        if (*actor->properties[i].id != '\0')
            property_check(parts, number, role, element, &actor->properties[i]);
        else if (actor->line == 0) /* else the file has been told of it */
            refuse(parts, number, "property", "empty", "the name of a property");
    return sound ? role : (enum ehr_deployment_role)0;
}
