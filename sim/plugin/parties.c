/* Actors of a deployment: each declares itself, waits at the gate until the world is made, and
 * inhabits its node. */
#include "sim/plugin/internal.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/network/kernel.h"
#include "sim/network/simgrid_compat.h"

/* ---- what an actor says of itself ---- */

static void properties_take(struct ehr_deployment_actor *actor)
{
    char **names = ehr_simgrid_actor_properties(sg_actor_self(), &actor->property_count);
    actor->properties = ehr_app_zeroed(actor->property_count, sizeof *actor->properties);
    for (size_t i = 0; i < actor->property_count; i++) {
        const char *value = sg_actor_get_property_value(sg_actor_self(), names[i]);
        actor->properties[i].id = ehr_app_text("%s", names[i]);
        actor->properties[i].value = ehr_app_text("%s", value != NULL ? value : "");
    }
    ehr_simgrid_names_free(names);
}

/* SimGrid's arguments begin with the function. */
static struct ehr_deployment_actor actor_take(int argc, char **argv)
{
    struct ehr_deployment_actor actor = {
        .function = ehr_app_text("%s", argc > 0 ? argv[0] : ""),
        .host = ehr_app_text("%s", sg_host_self_get_name()),
        .argument_count = argc > 1 ? (size_t)argc - 1 : 0,
    };
    actor.arguments = ehr_app_zeroed(actor.argument_count, sizeof *actor.arguments);
    for (size_t i = 0; i < actor.argument_count; i++)
        actor.arguments[i] = ehr_app_text("%s", argv[i + 1]);
    properties_take(&actor);
    return actor;
}

static bool has_property(const struct ehr_deployment_actor *actor,
                         const struct ehr_deployment_property *wanted)
{
    for (size_t i = 0; i < actor->property_count; i++)
        if (strcmp(actor->properties[i].id, wanted->id) == 0)
            return strcmp(actor->properties[i].value, wanted->value) == 0;
    return false;
}

/* Equal ones are interchangeable. */
static bool are_equal(const struct ehr_deployment_actor *a, const struct ehr_deployment_actor *b)
{
    if (strcmp(a->function, b->function) != 0 || strcmp(a->host, b->host) != 0 ||
        a->argument_count != b->argument_count || a->property_count != b->property_count)
        return false;
    for (size_t i = 0; i < a->argument_count; i++)
        if (strcmp(a->arguments[i], b->arguments[i]) != 0)
            return false;
    for (size_t i = 0; i < a->property_count; i++)
        if (!has_property(b, &a->properties[i]))
            return false;
    return true;
}

/* ---- the deployment that was loaded ---- */

static void actor_refuse(const struct ehr_deployment_actor *actor, int line, const char *found,
                         const char *allowed)
{
    const char *path = ehr_plugin_the.path != NULL ? ehr_plugin_the.path : "deployment";
    fputs(path, stderr);
    if (line > 0)
        fprintf(stderr, ":%d", line);
    fprintf(stderr, ": %s%s%s on %s: %s: %s\n", actor->function,
            actor->argument_count > 0 ? " " : "",
            actor->argument_count > 0 ? actor->arguments[0] : "", actor->host, found, allowed);
}

/* The file's actors begin in its order; `*next` is where the one after the last was. */
static size_t file_find(const struct ehr_deployment_actor *actor, size_t *next)
{
    const struct ehr_plugin *plugin = &ehr_plugin_the;
    size_t count = plugin->file.actor_count;
    for (size_t i = 0; i < count; i++) {
        size_t at = (*next + i) % count;
        if (plugin->taken[at] || !are_equal(&plugin->file.actors[at], actor))
            continue;
        *next = at + 1;
        return at;
    }
    return EHR_PLUGIN_NO_PARTY;
}

bool ehr_plugin_parties_match(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    bool sound = true;
    size_t next = 0;
    for (size_t i = 0; i < plugin->party_count; i++) {
        size_t at = file_find(&plugin->parties[i].actor, &next);
        if (at == EHR_PLUGIN_NO_PARTY) {
            actor_refuse(&plugin->parties[i].actor, 0, "not in the deployment that was loaded",
                         "one deployment holds all roles");
            sound = false;
            continue;
        }
        plugin->taken[at] = true;
        plugin->parties[i].seat = plugin->seats[at];
        plugin->parties[i].restarts = plugin->file.actors[at].restarts;
    }
    for (size_t i = 0; i < plugin->file.actor_count; i++) {
        const struct ehr_deployment_actor *actor = &plugin->file.actors[i];
        if (plugin->taken[i] || (unsigned)plugin->seats[i].role == 0)
            continue;
        actor_refuse(actor, actor->line, "did not begin",
                     "a host that is on when the simulation begins");
        sound = false;
    }
    return sound;
}

/* ---- the life of a party ---- */

static void on_exit_note(int failed, void *data)
{
    (void)failed;
    size_t party = (size_t)(uintptr_t)data;
    if (ehr_plugin_the.open && party < ehr_plugin_the.party_count)
        ehr_plugin_the.parties[party].alive = false;
}

static size_t party_add(struct ehr_deployment_actor take_actor)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->party_count == plugin->party_capacity) {
        plugin->party_capacity = 2 * plugin->party_capacity + 64;
        plugin->parties =
            ehr_app_resize(plugin->parties, plugin->party_capacity * sizeof *plugin->parties);
    }
    bool scenario = ehr_deployment_role_find(take_actor.function) == EHR_DEPLOYMENT_SCENARIO;
    if (scenario && plugin->scenario == EHR_PLUGIN_NO_PARTY)
        plugin->scenario = plugin->party_count;
    plugin->parties[plugin->party_count] = (struct ehr_party){
        .actor = take_actor, .node = EHR_PLUGIN_NO_NODE, .alive = true, .restarts = true};
    return plugin->party_count++;
}

/* Somebody that SimGrid restarts takes the place of the one that died. */
static size_t party_return(struct ehr_deployment_actor take_actor)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    size_t found = EHR_PLUGIN_NO_PARTY;
    for (size_t i = 0; i < plugin->party_count && found == EHR_PLUGIN_NO_PARTY; i++)
        if (!plugin->parties[i].alive && are_equal(&plugin->parties[i].actor, &take_actor))
            found = i;
    if (found == EHR_PLUGIN_NO_PARTY && plugin->passed) {
        char found_text[64];
        snprintf(found_text, sizeof found_text, "began at %g s", simgrid_get_clock());
        actor_refuse(&take_actor, 0, found_text, "roles begin with the simulation");
        ehr_plugin_note(EHR_EXIT_INPUT);
    } else if (found != EHR_PLUGIN_NO_PARTY) {
        plugin->parties[found].alive = true;
    }
    ehr_deployment_actor_close(&take_actor);
    return found;
}

/* Everybody has declared: without ehr.scenario nobody would make a world. */
static void world_miss(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->judged)
        return;
    plugin->judged = plugin->passed = true;
    fputs("ehrgrid: actors: no ehr.scenario: exactly one: it is the world of the others\n", stderr);
    ehr_plugin_note(EHR_EXIT_INPUT);
}

static void gate_pass(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->passed)
        return;
    plugin->waiting++;
    sg_sem_acquire(plugin->gate);
}

static void party_live(size_t number)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->scenario == EHR_PLUGIN_NO_PARTY)
        world_miss();
    else if (number == plugin->scenario && !plugin->judged)
        ehr_plugin_world_run();
    else
        gate_pass();
    uint32_t node = plugin->parties[number].node;
    if (plugin->running && node != EHR_PLUGIN_NO_NODE)
        ehr_kernel_inhabit(ehr_world_kernel(plugin->world), node);
}

/* The function of every role. All of them begin at the same instant, and yield once: then all have
 * declared themselves. */
static void party_main(int argc, char **argv)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (!plugin->open)
        return;
    struct ehr_deployment_actor actor = actor_take(argc, argv);
    bool comes_back = plugin->judged;
    size_t number = comes_back ? party_return(actor) : party_add(actor);
    if (number == EHR_PLUGIN_NO_PARTY)
        return;
    if (plugin->gate == NULL)
        plugin->gate = sg_sem_init(0);
    sg_actor_on_exit(on_exit_note, (void *)(uintptr_t)number);
    if (!comes_back)
        sg_actor_yield();
    party_live(number);
}

void ehr_plugin_roles_register(void)
{
    for (unsigned role = 1; role < EHR_DEPLOYMENT_ROLES; role++)
        simgrid_register_function(ehr_deployment_role_function((enum ehr_deployment_role)role),
                                  party_main);
}

void ehr_plugin_parties_close(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    for (size_t i = 0; i < plugin->party_count; i++)
        ehr_deployment_actor_close(&plugin->parties[i].actor);
    free(plugin->parties);
    if (plugin->gate != NULL)
        sg_sem_destroy(plugin->gate);
}
