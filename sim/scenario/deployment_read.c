#include "sim/scenario/deployment_parts.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/reader.h"

#include <stdlib.h>
#include <string.h>

/* ---- problems of the text, as those of actors ---- */

static const char *without(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    bool whole =
        strncmp(text, prefix, length) == 0 && (text[length] == '/' || text[length] == '\0');
    if (!whole)
        return NULL;
    return text[length] == '/' ? text + length + 1 : text + length;
}

/* What is said of an element is said of the actor: "hospital/@batch" of an ehr.hospital becomes
 * "@batch". Of ehr.scenario the paths are the properties. */
static const char *what_of(const struct ehr_deployment_actor *actor, const char *what)
{
    enum ehr_deployment_role role = ehr_deployment_role_find(actor->function);
    const char *label = ehr_deployment_word(role)->label;
    const char *rest = label != NULL ? without(what, label) : NULL;
    if (role == EHR_DEPLOYMENT_CHAIN_NODE)
        rest = without(what, "alliance/nodes") != NULL ? without(what, "alliance/nodes")
                                                       : without(what, "hospital/nodes");
    if (role == EHR_DEPLOYMENT_FAULT && without(what, "faults") != NULL) {
        rest = without(what, "faults");
        rest += strcspn(rest, "/");
        rest += *rest == '/';
    }
    if (role == EHR_DEPLOYMENT_SCENARIO && strcmp(what, "scenario") == 0)
        return "";
    if (rest != NULL && strcmp(rest, "@id") == 0)
        return "argument id";
    return rest != NULL ? rest : what;
}

/* The line of the property that a path is about; 0: it is about none. */
static int line_of(const struct ehr_deployment_actor *actor, const char *what)
{
    const struct ehr_deployment_property *property = ehr_deployment_property(actor, what);
    const char *at = strrchr(what, '@');
    if (property == NULL && at != NULL &&
        ehr_deployment_role_find(actor->function) != EHR_DEPLOYMENT_SCENARIO)
        property = ehr_deployment_property(actor, at + 1);
    return property != NULL ? property->line : 0;
}

static void problem_translate(const struct ehr_deployment_parts *parts,
                              const struct ehr_deployment_text *text,
                              const struct ehr_problem *problem)
{
    size_t line = (size_t)problem->line;
    bool ours = strcmp(problem->file, parts->source->path) == 0;
    size_t number = ours && line >= 1 && line <= text->line_count ? text->actors[line - 1]
                                                                  : EHR_DEPLOYMENT_NONE;
    bool nobody = strcmp(problem->found, "no element hospital") == 0;
    if (number == EHR_DEPLOYMENT_NONE) {
        if (!nobody) /* of a deployment without ehr.scenario there is nothing more to say */
            ehr_problem_list_add(parts->problems, problem->warning, problem->file,
                                 ours ? 0 : problem->line, problem->what, problem->found,
                                 problem->allowed);
        return;
    }
    const struct ehr_deployment_actor *actor = &parts->source->actors[number];
    const char *what = what_of(actor, problem->what);
    ehr_deployment_refuse(parts, number, line_of(actor, what), problem->warning, what,
                          nobody ? "no ehr.hospital" : problem->found, problem->allowed);
}

static void problems_translate(const struct ehr_deployment_parts *parts,
                               const struct ehr_deployment_text *text,
                               struct ehr_problem_list *found)
{
    for (size_t i = 0; i < found->count; i++)
        problem_translate(parts, text, &found->items[i]);
    ehr_problem_list_close(found);
}

/* ---- places ---- */

static void hosts_fill(struct ehr_scenario_hosts *hosts, const struct ehr_deployment_list *list)
{
    hosts->count = list->count;
    hosts->index = ehr_scenario_allocate(list->count, sizeof *hosts->index);
    memcpy(hosts->index, list->hosts, list->count * sizeof *hosts->index);
}

static void places_fill(const struct ehr_deployment_parts *parts, struct ehr_scenario *scenario)
{
    hosts_fill(&scenario->alliance.nodes, &parts->alliance);
    for (size_t h = 0; h < parts->hospital_count; h++) {
        struct ehr_scenario_hospital *hospital = &scenario->hospitals[h];
        hosts_fill(&hospital->server, &parts->hospitals[h].server);
        hosts_fill(&hospital->nodes, &parts->hospitals[h].nodes);
        hosts_fill(&hospital->doctors, &parts->hospitals[h].doctors);
        hosts_fill(&hospital->patients, &parts->hospitals[h].patients);
    }
    for (size_t u = 0; u < parts->user_count; u++)
        hosts_fill(&scenario->data_users[u].host, &parts->users[u]);
    for (size_t s = 0; s < parts->stream_count; s++)
        hosts_fill(&scenario->workload.orderings[s].hosts, &parts->streams[s].clients);
}

/* ---- all ---- */

static void set_refuse(const struct ehr_deployment_parts *parts, const char *set, size_t chars,
                       const char *found, const char *allowed)
{
    char *what = ehr_scenario_text_format("%.*s", (int)chars, set);
    ehr_problem_list_add(parts->problems, false, "--set", 0, what, found, allowed);
    free(what);
}

static void set_check(const struct ehr_deployment_parts *parts, const char *set)
{
    const char *refusal = ehr_deployment_set_refusal(set);
    if (refusal != NULL)
        set_refuse(parts, set, strlen(set), "a placement", refusal);
    for (size_t i = 0; i < parts->source->fixed_count; i++) {
        const struct ehr_deployment_fixed *fixed = &parts->source->fixed[i];
        size_t chars = strlen(fixed->path);
        if (strncmp(set, fixed->path, chars) != 0 || set[chars] != '=' ||
            strcmp(set + chars + 1, fixed->value) == 0)
            continue;
        char *allowed =
            ehr_scenario_text_format("%s, as the program has it: %s", fixed->value, fixed->why);
        set_refuse(parts, set, chars, set + chars + 1, allowed);
        free(allowed);
    }
}

/* Places; `found` gets what is wrong. */
static void scenario_complete(const struct ehr_deployment_parts *parts,
                              struct ehr_scenario *scenario, struct ehr_problem_list *found)
{
    const struct ehr_deployment_source *source = parts->source;
    if (source->platform_file != NULL)
        scenario->platform_file = ehr_scenario_text_copy(source->platform_file);
    if (source->raw != NULL) {
        free(scenario->raw);
        scenario->raw = ehr_scenario_allocate(source->raw_bytes, 1);
        scenario->raw_bytes = source->raw_bytes;
        if (source->raw_bytes > 0)
            memcpy(scenario->raw, source->raw, source->raw_bytes);
    }
    places_fill(parts, scenario);
    (void)!ehr_scenario_place(scenario, source->host_names, source->host_count, found);
    (void)!ehr_scenario_place_links(scenario, source->link_names, source->link_count, found);
}

enum ehr_scenario_status ehr_deployment_read(const struct ehr_deployment_source *source,
                                             struct ehr_problem_list *problems,
                                             struct ehr_scenario **scenario,
                                             struct ehr_deployment_seat *seats)
{
    size_t errors = problems->error_count;
    struct ehr_deployment_parts parts = {.source = source, .problems = problems, .seats = seats};
    struct ehr_deployment_text text;
    struct ehr_problem_list found;
    *scenario = NULL;
    for (size_t i = 0; i < source->set_count; i++)
        set_check(&parts, source->sets[i]);
    ehr_deployment_parts_open(&parts);
    ehr_deployment_text_open(&text, &parts);
    const struct ehr_scenario_text whole = {
        .path = source->path,
        .text = (const uint8_t *)text.bytes,
        .bytes = text.length,
        .sets = source->sets,
        .set_count = source->set_count,
        .platform_elsewhere = true,
    };
    ehr_problem_list_init(&found);
    enum ehr_scenario_status status = ehr_scenario_text_read(&whole, &found, scenario);
    if (status == EHR_SCENARIO_OK)
        status =
            ehr_scenario_engines_check(*scenario, source->engines, source->engine_count, &found);
    bool sound = status == EHR_SCENARIO_OK && problems->error_count == errors;
    if (sound)
        scenario_complete(&parts, *scenario, &found);
    problems_translate(&parts, &text, &found);
    ehr_problem_list_sort(problems);
    ehr_deployment_text_close(&text);
    ehr_deployment_parts_close(&parts);
    if (problems->error_count == errors)
        return EHR_SCENARIO_OK;
    ehr_scenario_free(*scenario);
    *scenario = NULL;
    return EHR_SCENARIO_INVALID;
}
