/* The text of the scenario that a deployment means: one line for each start tag, so that a line is
 * an actor's. */
#include "sim/scenario/deployment_parts.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/markup.h"
#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct writing {
    struct ehr_deployment_text *text;
    const struct ehr_deployment_parts *parts;
    FILE *out;
};

static const struct ehr_deployment_actor *actor_of(const struct writing *writing, size_t actor)
{
    return &writing->parts->source->actors[actor];
}

/* Ends a line, which is this actor's. */
static void line_end(struct writing *writing, size_t actor)
{
    struct ehr_deployment_text *text = writing->text;
    fputc('\n', writing->out);
    text->actors = ehr_scenario_array_grow(text->actors, text->line_count, &text->line_capacity,
                                           sizeof *text->actors);
    text->actors[text->line_count++] = actor;
}

static void attribute_write(struct writing *writing, const char *name, const char *value)
{
    ehr_markup_attribute_write(writing->out, name, value);
}

/* ---- hosts ---- */

/* Whether the scenario format can name the host; it is placed by its number all the same. */
static bool is_plain(const char *name)
{
    size_t chars =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
    return chars > 0 && name[chars] == '\0';
}

static void hosts_write(struct writing *writing, const char *name,
                        const struct ehr_deployment_list *list)
{
    const struct ehr_deployment_source *source = writing->parts->source;
    fprintf(writing->out, " %s=\"", name);
    for (size_t i = 0; i < list->count; i++) {
        uint32_t host = list->hosts[i];
        const char *text = host < source->host_count ? source->host_names[host] : "-";
        fprintf(writing->out, "%s%s", i > 0 ? "," : "", is_plain(text) ? text : "-");
    }
    fprintf(writing->out, "%s\"", list->count == 0 ? "-" : "");
}

/* ---- properties ---- */

/* Those that are attributes of the element; the first of each name. */
static void properties_write(struct writing *writing, enum ehr_deployment_role role,
                             const struct ehr_vocabulary_element *element, size_t number)
{
    const struct ehr_deployment_actor *actor = actor_of(writing, number);
    for (size_t i = 0; i < actor->property_count; i++) {
        const struct ehr_deployment_property *property = &actor->properties[i];
        if (ehr_deployment_attribute(role, element, property->id) != NULL &&
            ehr_deployment_property(actor, property->id) == property)
            attribute_write(writing, property->id, property->value);
    }
}

static bool is_below(const char *id, const char *path)
{
    size_t length = strlen(path);
    return strncmp(id, path, length) == 0 && id[length] == '/';
}

/* Whether a property of ehr.scenario is of the element at `path`, or below. */
static bool is_named(const struct writing *writing, const struct ehr_deployment_actor *actor,
                     const char *path)
{
    const struct ehr_deployment_source *source = writing->parts->source;
    for (size_t i = 0; actor != NULL && i < actor->property_count; i++)
        if (is_below(actor->properties[i].id, path))
            return true;
    for (size_t i = 0; i < source->fixed_count; i++)
        if (is_below(source->fixed[i].path, path))
            return true;
    return false;
}

/* What the program has decided comes before what the deployment says. */
static const char *setting_of(const struct writing *writing,
                              const struct ehr_deployment_actor *actor, const char *id)
{
    const struct ehr_deployment_fixed *fixed = ehr_deployment_fixed_find(writing->parts, id);
    const struct ehr_deployment_property *property =
        actor != NULL ? ehr_deployment_property(actor, id) : NULL;
    if (fixed != NULL)
        return fixed->value;
    return property != NULL ? property->value : NULL;
}

static void setting_attributes_write(struct writing *writing,
                                     const struct ehr_deployment_actor *actor, const char *path,
                                     const struct ehr_vocabulary_element *element)
{
    for (size_t i = 0; i < element->attribute_count; i++) {
        const char *name = element->attributes[i].name;
        char *id = ehr_scenario_text_format("%s/@%s", path, name);
        const char *value = setting_of(writing, actor, id);
        if (value != NULL)
            attribute_write(writing, name, value);
        free(id);
    }
}

static void stream_write(struct writing *writing, const struct ehr_deployment_stream *stream)
{
    char clients[32];
    snprintf(clients, sizeof clients, "%zu", stream->clients.count);
    fputs("<ordering", writing->out);
    properties_write(writing, EHR_DEPLOYMENT_ORDERING,
                     ehr_deployment_element(EHR_DEPLOYMENT_ORDERING, ""), stream->actor);
    attribute_write(writing, "clients", stream->clients.count > 0 ? clients : "1");
    hosts_write(writing, "client-host", &stream->clients);
    fputs("/>", writing->out);
    line_end(writing, stream->actor);
}

static void faults_write(struct writing *writing)
{
    const struct ehr_deployment_parts *parts = writing->parts;
    for (size_t i = 0; i < parts->fault_count; i++) {
        const char *kind = ehr_deployment_argument(actor_of(writing, parts->faults[i]));
        fprintf(writing->out, "<%s", kind);
        properties_write(writing, EHR_DEPLOYMENT_FAULT,
                         ehr_deployment_element(EHR_DEPLOYMENT_FAULT, kind), parts->faults[i]);
        fputs("/>", writing->out);
        line_end(writing, parts->faults[i]);
    }
}

/* What an element holds beside the properties of ehr.scenario. */
static void placed_write(struct writing *writing, const struct ehr_vocabulary_element *element)
{
    const struct ehr_deployment_parts *parts = writing->parts;
    if (strcmp(element->name, "alliance") == 0) {
        fputs("<nodes", writing->out);
        hosts_write(writing, "hosts", &parts->alliance);
        fputs("/>", writing->out);
        line_end(writing, parts->alliance.count > 0 ? parts->alliance.first : parts->scenario);
    }
    if (strcmp(element->name, "workload") == 0)
        for (size_t i = 0; i < parts->stream_count; i++)
            stream_write(writing, &parts->streams[i]);
    if (strcmp(element->name, "faults") == 0)
        faults_write(writing);
}

/* Elements that nothing is said about stay away: what that means is the format's. */
static void setting_write(struct writing *writing, const struct ehr_deployment_actor *actor,
                          const char *path, const struct ehr_vocabulary_element *element)
{
    bool placed = strcmp(path, "alliance") == 0 || strcmp(path, "faults") == 0 ||
                  strcmp(path, "workload") == 0;
    bool visits = strcmp(path, "workload/visits") == 0;
    if (!placed && !visits && !is_named(writing, actor, path))
        return;
    fprintf(writing->out, "<%s", element->name);
    setting_attributes_write(writing, actor, path, element);
    if (visits && !is_named(writing, actor, path))
        attribute_write(writing, "rate", "0/s"); /* nobody asked for any */
    fputs(element->child_count > 0 ? ">" : "/>", writing->out);
    line_end(writing, writing->parts->scenario);
    if (element->child_count == 0)
        return;
    for (size_t i = 0; i < element->child_count; i++) {
        const struct ehr_vocabulary_element *child = &element->children[i];
        if (!ehr_deployment_is_setting(child))
            continue;
        char *below = ehr_scenario_text_format("%s/%s", path, child->name);
        setting_write(writing, actor, below, child);
        free(below);
    }
    if (placed)
        placed_write(writing, element);
    fprintf(writing->out, "</%s>", element->name);
    line_end(writing, writing->parts->scenario);
}

/* ---- parties ---- */

static void members_write(struct writing *writing, const char *element, const char *attribute,
                          const struct ehr_deployment_list *list, size_t owner)
{
    size_t actor = list->count > 0 ? list->first : owner;
    fprintf(writing->out, "<%s", element);
    hosts_write(writing, attribute, list);
    if (strcmp(element, "patients") == 0 && list->count > 0)
        properties_write(writing, EHR_DEPLOYMENT_PATIENTS,
                         ehr_deployment_element(EHR_DEPLOYMENT_PATIENTS, ""), actor);
    fputs("/>", writing->out);
    line_end(writing, actor);
}

static void hospital_write(struct writing *writing, const struct ehr_deployment_hospital *hospital)
{
    fputs("<hospital", writing->out);
    attribute_write(writing, "id", ehr_deployment_argument(actor_of(writing, hospital->actor)));
    hosts_write(writing, "server", &hospital->server);
    properties_write(writing, EHR_DEPLOYMENT_HOSPITAL,
                     ehr_deployment_element(EHR_DEPLOYMENT_HOSPITAL, ""), hospital->actor);
    fputc('>', writing->out);
    line_end(writing, hospital->actor);
    members_write(writing, "nodes", "hosts", &hospital->nodes, hospital->actor);
    members_write(writing, "doctors", "hosts", &hospital->doctors, hospital->actor);
    members_write(writing, "patients", "host", &hospital->patients, hospital->actor);
    fputs("</hospital>", writing->out);
    line_end(writing, hospital->actor);
}

static void user_write(struct writing *writing, const struct ehr_deployment_list *user)
{
    fputs("<data-user", writing->out);
    attribute_write(writing, "id", ehr_deployment_argument(actor_of(writing, user->first)));
    hosts_write(writing, "host", user);
    fputs("/>", writing->out);
    line_end(writing, user->first);
}

/* ---- all ---- */

static void scenario_write(struct writing *writing)
{
    const struct ehr_deployment_parts *parts = writing->parts;
    const struct ehr_deployment_actor *actor =
        parts->scenario != EHR_DEPLOYMENT_NONE ? actor_of(writing, parts->scenario) : NULL;
    const struct ehr_vocabulary_element *scenario = &ehr_vocabulary_scenario;
    const char *name = actor != NULL ? ehr_deployment_argument(actor) : "";
    fputs("<scenario xmlns=\"" EHR_SCENARIO_NAMESPACE "\"", writing->out);
    attribute_write(writing, "name", *name != '\0' ? name : "deployment");
    fputc('>', writing->out);
    line_end(writing, parts->scenario);
    fputs("<platform file=\"-\"/>", writing->out);
    line_end(writing, parts->scenario);
    for (size_t i = 0; i < scenario->child_count; i++) {
        const struct ehr_vocabulary_element *child = &scenario->children[i];
        if (ehr_deployment_is_setting(child))
            setting_write(writing, actor, child->name, child);
    }
    for (size_t h = 0; h < parts->hospital_count; h++)
        hospital_write(writing, &parts->hospitals[h]);
    for (size_t u = 0; u < parts->user_count; u++)
        user_write(writing, &parts->users[u]);
    fputs("</scenario>", writing->out);
    line_end(writing, parts->scenario);
}

void ehr_deployment_text_open(struct ehr_deployment_text *text,
                              const struct ehr_deployment_parts *parts)
{
    struct writing writing = {.text = text, .parts = parts};
    *text = (struct ehr_deployment_text){0};
    writing.out = open_memstream(&text->bytes, &text->length);
    assert(writing.out != NULL);
    scenario_write(&writing);
    int failed = fclose(writing.out);
    assert(failed == 0);
}

void ehr_deployment_text_close(struct ehr_deployment_text *text)
{
    free(text->bytes);
    free(text->actors);
}
