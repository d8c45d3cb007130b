#include "sim/scenario/deployment_parts.h"

#include "sim/scenario/deployment_roles.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct ehr_deployment_actor *actor_of(const struct ehr_deployment_parts *parts,
                                                   size_t actor)
{
    return &parts->source->actors[actor];
}

static void refuse(const struct ehr_deployment_parts *parts, size_t actor, const char *what,
                   const char *found, const char *allowed)
{
    ehr_deployment_refuse(parts, actor, 0, false, what, found, allowed);
}

/* "an id of its own (line 9 has it)"; without lines "(the ehr.hospital on minsk-server has it)". */
static void taken_refuse(const struct ehr_deployment_parts *parts, size_t actor, const char *what,
                         const char *found, const char *wanted, size_t other)
{
    const struct ehr_deployment_actor *before = actor_of(parts, other);
    char *allowed = before->line > 0
                        ? ehr_scenario_text_format("%s (line %d has it)", wanted, before->line)
                        : ehr_scenario_text_format("%s (the %s on %s has it)", wanted,
                                                   before->function, before->host);
    refuse(parts, actor, what, found, allowed);
    free(allowed);
}

/* ---- lists ---- */

static void list_add(struct ehr_deployment_list *list, size_t actor, uint32_t host)
{
    if (list->count == 0)
        list->first = actor;
    list->hosts =
        ehr_scenario_array_grow(list->hosts, list->count, &list->capacity, sizeof *list->hosts);
    list->hosts[list->count++] = host;
}

static bool list_has(const struct ehr_deployment_list *list, uint32_t host)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->hosts[i] == host && host != EHR_DEPLOYMENT_NO_HOST)
            return true;
    return false;
}

static struct ehr_deployment_hospital *hospital_find(const struct ehr_deployment_parts *parts,
                                                     const char *id)
{
    for (size_t h = 0; h < parts->hospital_count; h++)
        if (strcmp(ehr_deployment_argument(actor_of(parts, parts->hospitals[h].actor)), id) == 0)
            return &parts->hospitals[h];
    return NULL;
}

static struct ehr_deployment_list *user_find(const struct ehr_deployment_parts *parts,
                                             const char *id)
{
    for (size_t u = 0; u < parts->user_count; u++)
        if (strcmp(ehr_deployment_argument(actor_of(parts, parts->users[u].first)), id) == 0)
            return &parts->users[u];
    return NULL;
}

static struct ehr_deployment_stream *stream_find(const struct ehr_deployment_parts *parts,
                                                 const char *id)
{
    for (size_t s = 0; s < parts->stream_count; s++)
        if (strcmp(ehr_deployment_argument(actor_of(parts, parts->streams[s].actor)), id) == 0)
            return &parts->streams[s];
    return NULL;
}

/* ---- where it belongs ---- */

static void seat_set(struct ehr_deployment_parts *parts, size_t actor,
                     enum ehr_deployment_role role, size_t group, size_t index)
{
    parts->seats[actor] = (struct ehr_deployment_seat){role, (uint32_t)group, (uint32_t)index};
}

static void scenario_add(struct ehr_deployment_parts *parts, size_t actor)
{
    if (parts->scenario != EHR_DEPLOYMENT_NONE) {
        taken_refuse(parts, actor, "", "given again", "one world in a simulation", parts->scenario);
        return;
    }
    parts->scenario = actor;
    seat_set(parts, actor, EHR_DEPLOYMENT_SCENARIO, 0, 0);
}

/* Ids of hospitals and data users are one space, as in a scenario. */
static bool id_is_free(const struct ehr_deployment_parts *parts, size_t actor)
{
    const char *id = ehr_deployment_argument(actor_of(parts, actor));
    const struct ehr_deployment_hospital *hospital = hospital_find(parts, id);
    const struct ehr_deployment_list *user = user_find(parts, id);
    if (hospital == NULL && user == NULL)
        return true;
    bool server = hospital != NULL && ehr_deployment_role_find(actor_of(parts, actor)->function) ==
                                          EHR_DEPLOYMENT_HOSPITAL;
    taken_refuse(parts, actor, "argument id", id,
                 server ? "one server for a hospital" : "an id of its own",
                 hospital != NULL ? hospital->actor : user->first);
    return false;
}

static void hospital_add(struct ehr_deployment_parts *parts, size_t actor, uint32_t host)
{
    if (strcmp(ehr_deployment_argument(actor_of(parts, actor)), EHR_DEPLOYMENT_ALLIANCE) == 0) {
        refuse(parts, actor, "argument id", EHR_DEPLOYMENT_ALLIANCE,
               "another id: this one is that of the chain of all hospitals");
        return;
    }
    if (!id_is_free(parts, actor))
        return;
    parts->hospitals = ehr_scenario_array_grow(parts->hospitals, parts->hospital_count,
                                               &parts->hospital_capacity, sizeof *parts->hospitals);
    struct ehr_deployment_hospital *hospital = &parts->hospitals[parts->hospital_count];
    hospital->actor = actor;
    list_add(&hospital->server, actor, host);
    seat_set(parts, actor, EHR_DEPLOYMENT_HOSPITAL, parts->hospital_count++, 0);
}

static void user_add(struct ehr_deployment_parts *parts, size_t actor, uint32_t host)
{
    if (!id_is_free(parts, actor))
        return;
    parts->users = ehr_scenario_array_grow(parts->users, parts->user_count, &parts->user_capacity,
                                           sizeof *parts->users);
    list_add(&parts->users[parts->user_count], actor, host);
    seat_set(parts, actor, EHR_DEPLOYMENT_DATA_USER, parts->user_count++, 0);
}

static void stream_add(struct ehr_deployment_parts *parts, size_t actor)
{
    const char *id = ehr_deployment_argument(actor_of(parts, actor));
    const struct ehr_deployment_stream *other = stream_find(parts, id);
    if (other != NULL) {
        taken_refuse(parts, actor, "argument stream", id, "a name of its own", other->actor);
        return;
    }
    parts->streams = ehr_scenario_array_grow(parts->streams, parts->stream_count,
                                             &parts->stream_capacity, sizeof *parts->streams);
    parts->streams[parts->stream_count].actor = actor;
    seat_set(parts, actor, EHR_DEPLOYMENT_ORDERING, parts->stream_count++, 0);
}

static void fault_add(struct ehr_deployment_parts *parts, size_t actor)
{
    parts->faults = ehr_scenario_array_grow(parts->faults, parts->fault_count,
                                            &parts->fault_capacity, sizeof *parts->faults);
    parts->faults[parts->fault_count++] = actor;
    seat_set(parts, actor, EHR_DEPLOYMENT_FAULT, 0, 0);
}

/* Those that others may refer to. */
static void owner_add(struct ehr_deployment_parts *parts, size_t actor,
                      enum ehr_deployment_role role, uint32_t host)
{
    if (role == EHR_DEPLOYMENT_SCENARIO)
        scenario_add(parts, actor);
    if (role == EHR_DEPLOYMENT_HOSPITAL)
        hospital_add(parts, actor, host);
    if (role == EHR_DEPLOYMENT_DATA_USER)
        user_add(parts, actor, host);
    if (role == EHR_DEPLOYMENT_ORDERING)
        stream_add(parts, actor);
    if (role == EHR_DEPLOYMENT_FAULT)
        fault_add(parts, actor);
}

static void hospital_unknown_refuse(const struct ehr_deployment_parts *parts, size_t actor,
                                    const char *what, const char *id, bool alliance)
{
    char *choices = ehr_scenario_text_copy(alliance ? EHR_DEPLOYMENT_ALLIANCE : "");
    for (size_t h = 0; h < parts->hospital_count && h < 8; h++) {
        char *more = ehr_scenario_text_format(
            "%s%s%s", choices, *choices != '\0' ? "|" : "",
            ehr_deployment_argument(actor_of(parts, parts->hospitals[h].actor)));
        free(choices);
        choices = more;
    }
    char *allowed = ehr_deployment_nearest_add(
        ehr_scenario_text_copy(alliance ? "alliance, or the id of an ehr.hospital"
                                        : "the id of an ehr.hospital"),
        choices, id);
    refuse(parts, actor, what, id, allowed);
    free(allowed);
    free(choices);
}

static void chain_node_add(struct ehr_deployment_parts *parts, size_t actor, uint32_t host)
{
    const char *chain = ehr_deployment_argument(actor_of(parts, actor));
    struct ehr_deployment_hospital *hospital = hospital_find(parts, chain);
    bool alliance = strcmp(chain, EHR_DEPLOYMENT_ALLIANCE) == 0;
    if (!alliance && hospital == NULL) {
        hospital_unknown_refuse(parts, actor, "argument chain", chain, true);
        return;
    }
    struct ehr_deployment_list *nodes = alliance ? &parts->alliance : &hospital->nodes;
    if (list_has(nodes, host)) {
        refuse(parts, actor, "host", actor_of(parts, actor)->host, "one node of a chain on a host");
        return;
    }
    seat_set(parts, actor, EHR_DEPLOYMENT_CHAIN_NODE,
             alliance ? 0 : (size_t)(hospital - parts->hospitals) + 1, nodes->count);
    list_add(nodes, actor, host);
}

static void member_add(struct ehr_deployment_parts *parts, size_t actor,
                       enum ehr_deployment_role role, uint32_t host)
{
    const char *id = ehr_deployment_argument(actor_of(parts, actor));
    struct ehr_deployment_hospital *hospital = hospital_find(parts, id);
    if (hospital == NULL) {
        hospital_unknown_refuse(parts, actor, "argument hospital", id, false);
        return;
    }
    struct ehr_deployment_list *list =
        role == EHR_DEPLOYMENT_DOCTOR ? &hospital->doctors : &hospital->patients;
    if (role == EHR_DEPLOYMENT_PATIENTS && list->count > 0) {
        taken_refuse(parts, actor, "", "given again", "once for a hospital", list->first);
        return;
    }
    seat_set(parts, actor, role, (size_t)(hospital - parts->hospitals), list->count);
    list_add(list, actor, host);
}

static void client_add(struct ehr_deployment_parts *parts, size_t actor, uint32_t host)
{
    const char *id = ehr_deployment_argument(actor_of(parts, actor));
    struct ehr_deployment_stream *stream = stream_find(parts, id);
    if (stream == NULL) {
        refuse(parts, actor, "argument stream", id, "the name of an ehr.ordering");
        return;
    }
    seat_set(parts, actor, EHR_DEPLOYMENT_CLIENT, (size_t)(stream - parts->streams),
             stream->clients.count);
    list_add(&stream->clients, actor, host);
}

/* ---- what is missing ---- */

static void missing_refuse(const struct ehr_deployment_parts *parts, size_t actor,
                           enum ehr_deployment_role role, const char *id, const char *allowed)
{
    char *found = ehr_scenario_text_format("no %s %s", ehr_deployment_word(role)->function, id);
    refuse(parts, actor, "", found, allowed);
    free(found);
}

static void missing_find(const struct ehr_deployment_parts *parts)
{
    if (parts->scenario == EHR_DEPLOYMENT_NONE)
        ehr_problem_list_add(parts->problems, false, parts->source->path, 0, "actors",
                             "no ehr.scenario", "exactly one: it is the world of the others");
    else if (parts->alliance.count == 0)
        missing_refuse(parts, parts->scenario, EHR_DEPLOYMENT_CHAIN_NODE, EHR_DEPLOYMENT_ALLIANCE,
                       "at least one");
    for (size_t h = 0; h < parts->hospital_count; h++) {
        const struct ehr_deployment_hospital *hospital = &parts->hospitals[h];
        const char *id = ehr_deployment_argument(actor_of(parts, hospital->actor));
        if (hospital->nodes.count == 0)
            missing_refuse(parts, hospital->actor, EHR_DEPLOYMENT_CHAIN_NODE, id, "at least one");
        if (hospital->doctors.count == 0)
            missing_refuse(parts, hospital->actor, EHR_DEPLOYMENT_DOCTOR, id, "at least one");
        if (hospital->patients.count == 0)
            missing_refuse(parts, hospital->actor, EHR_DEPLOYMENT_PATIENTS, id, "exactly one");
    }
    for (size_t s = 0; s < parts->stream_count; s++) {
        const struct ehr_deployment_stream *stream = &parts->streams[s];
        const char *id = ehr_deployment_argument(actor_of(parts, stream->actor));
        if (stream->clients.count == 0)
            missing_refuse(parts, stream->actor, EHR_DEPLOYMENT_CLIENT, id, "at least one");
    }
}

/* ---- all ---- */

struct host_name {
    const char *name;
    uint32_t index;
};

static int name_compare(const void *left, const void *right)
{
    return strcmp(((const struct host_name *)left)->name, ((const struct host_name *)right)->name);
}

static struct host_name *names_sort(const struct ehr_deployment_source *source)
{
    struct host_name *names = ehr_scenario_allocate(source->host_count, sizeof *names);
    for (size_t i = 0; i < source->host_count; i++)
        names[i] = (struct host_name){source->host_names[i], (uint32_t)i};
    if (source->host_count > 1)
        qsort(names, source->host_count, sizeof *names, name_compare);
    return names;
}

static uint32_t host_find(const struct host_name *names, size_t count, const char *name)
{
    const struct host_name key = {name, 0};
    const struct host_name *found =
        count > 0 ? bsearch(&key, names, count, sizeof *names, name_compare) : NULL;
    return found != NULL ? found->index : EHR_DEPLOYMENT_NO_HOST;
}

/* Owners first: an actor may stand before the one that it belongs to. */
void ehr_deployment_parts_open(struct ehr_deployment_parts *parts)
{
    const struct ehr_deployment_source *source = parts->source;
    struct host_name *names = names_sort(source);
    enum ehr_deployment_role *roles = ehr_scenario_allocate(source->actor_count, sizeof *roles);
    uint32_t *hosts = ehr_scenario_allocate(source->actor_count, sizeof *hosts);
    parts->scenario = EHR_DEPLOYMENT_NONE;
    for (size_t i = 0; i < source->actor_count; i++) {
        const char *function = source->actors[i].function;
        parts->seats[i] = (struct ehr_deployment_seat){0};
        if (strncmp(function, EHR_DEPLOYMENT_PREFIX, strlen(EHR_DEPLOYMENT_PREFIX)) != 0)
            continue;
        hosts[i] = host_find(names, source->host_count, source->actors[i].host);
        roles[i] = ehr_deployment_actor_check(parts, i, hosts[i]);
        owner_add(parts, i, roles[i], hosts[i]);
    }
    for (size_t i = 0; i < source->actor_count; i++) {
        if (roles[i] == EHR_DEPLOYMENT_CHAIN_NODE)
            chain_node_add(parts, i, hosts[i]);
        if (roles[i] == EHR_DEPLOYMENT_DOCTOR || roles[i] == EHR_DEPLOYMENT_PATIENTS)
            member_add(parts, i, roles[i], hosts[i]);
        if (roles[i] == EHR_DEPLOYMENT_CLIENT)
            client_add(parts, i, hosts[i]);
    }
    missing_find(parts);
    free(hosts);
    free(roles);
    free(names);
}

void ehr_deployment_parts_close(struct ehr_deployment_parts *parts)
{
    for (size_t h = 0; h < parts->hospital_count; h++) {
        free(parts->hospitals[h].server.hosts);
        free(parts->hospitals[h].nodes.hosts);
        free(parts->hospitals[h].doctors.hosts);
        free(parts->hospitals[h].patients.hosts);
    }
    for (size_t u = 0; u < parts->user_count; u++)
        free(parts->users[u].hosts);
    for (size_t s = 0; s < parts->stream_count; s++)
        free(parts->streams[s].clients.hosts);
    free(parts->alliance.hosts);
    free(parts->hospitals);
    free(parts->users);
    free(parts->streams);
    free(parts->faults);
}
