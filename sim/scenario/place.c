#include "sim/scenario/place.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Greedy, with one step back to the last star: linear in memory, never exponential. */
static bool glob_fits(const char *pattern, size_t pattern_chars, const char *name)
{
    size_t p = 0;
    size_t star = SIZE_MAX;
    const char *resume = NULL;
    while (*name != '\0') {
        if (p < pattern_chars && pattern[p] == '*') {
            star = p++;
            resume = name;
        } else if (p < pattern_chars && (pattern[p] == '?' || pattern[p] == *name)) {
            p++;
            name++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern_chars && pattern[p] == '*')
        p++;
    return p == pattern_chars;
}

void ehr_placement_refuse(struct ehr_placement *placement, int line, const char *what,
                          const char *found, const char *allowed)
{
    if (placement->quiet)
        return;
    ehr_problem_list_add(placement->problems, false, placement->scenario->file, line, what, found,
                         allowed);
}

static int name_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_pattern(const char *text, size_t chars)
{
    return memchr(text, '*', chars) != NULL || memchr(text, '?', chars) != NULL;
}

/* Marks the hosts of one name or pattern; false after a problem: there is none. */
static bool part_take(struct ehr_placement *placement, int line, const char *what, const char *part,
                      size_t chars)
{
    char *text = ehr_scenario_text_format("%.*s", (int)chars, part);
    const char *key = text;
    bool pattern = is_pattern(part, chars);
    bool found = false;
    if (pattern ||
        bsearch(&key, placement->sorted, placement->count, sizeof(key), name_compare) != NULL)
        for (size_t i = 0; i < placement->count; i++)
            if (pattern ? glob_fits(part, chars, placement->names[i])
                        : strcmp(text, placement->names[i]) == 0)
                found = placement->taken[i] = true;
    if (!found) {
        char *first = ehr_scenario_text_format(
            "%s of the platform's %zu (%s%s%s)",
            pattern ? "a pattern that matches at least one" : "one", placement->told,
            placement->told > 0 ? placement->names[0] : "none", placement->told > 1 ? ", " : "",
            placement->told > 1 ? "..." : "");
        char *unknown = ehr_scenario_text_format(
            pattern ? "%s, which matches no %s" : "%s, which is no %s", text, placement->noun);
        ehr_placement_refuse(placement, line, what, unknown, first);
        free(unknown);
        free(first);
    }
    free(text);
    return found;
}

bool ehr_placement_hosts(struct ehr_placement *placement, const char *what,
                         struct ehr_scenario_hosts *hosts)
{
    if (hosts->index != NULL)
        return true; /* by a deployment */
    assert(hosts->pattern != NULL);
    memset(placement->taken, 0, placement->count * sizeof(*placement->taken));
    bool sound = true;
    const char *at = hosts->pattern;
    while (*at != '\0') {
        at += strspn(at, " ,");
        size_t chars = strcspn(at, " ,");
        if (chars > 0)
            sound &= part_take(placement, hosts->line, what, at, chars);
        at += chars;
    }
    hosts->count = 0;
    for (size_t i = 0; i < placement->count; i++)
        hosts->count += placement->taken[i];
    hosts->index = ehr_scenario_allocate(hosts->count, sizeof(*hosts->index));
    size_t next = 0;
    for (size_t i = 0; i < placement->count; i++)
        if (placement->taken[i])
            hosts->index[next++] = (uint32_t)i;
    return sound;
}

void ehr_placement_open(struct ehr_placement *placement, struct ehr_scenario *scenario,
                        const char *noun, const char *const *names, size_t count,
                        struct ehr_problem_list *problems)
{
    *placement = (struct ehr_placement){
        .scenario = scenario,
        .noun = noun,
        .names = names,
        .count = count,
        .told = count,
        .sorted = ehr_scenario_allocate(count, sizeof(char *)),
        .taken = ehr_scenario_allocate(count, sizeof(bool)),
        .problems = problems,
    };
    if (count == 0)
        return;
    memcpy(placement->sorted, names, count * sizeof(*names));
    qsort(placement->sorted, count, sizeof(*placement->sorted), name_compare);
}

void ehr_placement_close(struct ehr_placement *placement)
{
    free(placement->sorted);
    free(placement->taken);
}

static void number_refuse(struct ehr_placement *placement, int line, const char *what,
                          uint32_t value, const char *chain, size_t nodes)
{
    char *found = ehr_scenario_text_format("%u", value);
    char *allowed = ehr_scenario_text_format("at most the number of %s nodes (%zu)", chain, nodes);
    ehr_placement_refuse(placement, line, what, found, allowed);
    free(found);
    free(allowed);
}

static void quorum_check(struct ehr_placement *placement, int line, const char *what,
                         uint32_t quorum, const char *chain, size_t nodes)
{
    if (quorum <= EHR_SCENARIO_QUORUM_MAX && quorum > nodes)
        number_refuse(placement, line, what, quorum, chain, nodes);
}

/* A smaller committee works, but tolerates no fault: worth a word. */
static void committee_warn(struct ehr_placement *placement, int line, const char *what,
                           const struct ehr_scenario_chain *chain, size_t nodes)
{
    const struct ehr_scenario_engine *engine = chain->engine;
    if (engine == NULL || nodes >= engine->nodes_min)
        return;
    char *found = ehr_scenario_text_format("%zu node%s", nodes, nodes == 1 ? "" : "s");
    char *allowed = ehr_scenario_text_format("%u or more to tolerate a fault (%s)",
                                             (unsigned)engine->nodes_min, engine->faults);
    ehr_problem_list_add(placement->problems, true, placement->scenario->file, line, what, found,
                         allowed);
    free(allowed);
    free(found);
}

static void alliance_place(struct ehr_placement *placement)
{
    struct ehr_scenario_alliance *alliance = &placement->scenario->alliance;
    if (!ehr_placement_hosts(placement, "alliance/nodes/@hosts", &alliance->nodes))
        return;
    size_t nodes = alliance->nodes.count;
    if (alliance->proxies > nodes && placement->scenario->hospital_count > 0)
        number_refuse(placement, alliance->line, "alliance/@proxies", alliance->proxies, "alliance",
                      nodes);
    quorum_check(placement, alliance->line, "alliance/@client-quorum", alliance->client_quorum,
                 "alliance", nodes);
    committee_warn(placement, alliance->nodes.line, "alliance/nodes", &alliance->chain, nodes);
}

/* An emergency takes two doctors. */
static void emergency_check(struct ehr_placement *placement,
                            const struct ehr_scenario_hospital *hospital)
{
    if (placement->scenario->workload.visits.emergency <= 0 || hospital->doctors.count == 0 ||
        hospital->doctors.count * hospital->doctors_per_host > 1)
        return;
    ehr_problem_list_add(placement->problems, false, placement->scenario->file,
                         hospital->doctors.line,
                         hospital->group > 0 ? "hospital-group/doctors" : "hospital/doctors",
                         "one doctor, and visits with emergency",
                         "two doctors at least: a second one signs in the patient's place");
}

/* False if hosts are missing. */
static bool hospital_place(struct ehr_placement *placement, struct ehr_scenario_hospital *hospital)
{
    bool member = hospital->group > 0;
    bool server = ehr_placement_hosts(
        placement, member ? "hospital-group/@server" : "hospital/@server", &hospital->server);
    bool nodes = ehr_placement_hosts(
        placement, member ? "hospital-group/nodes/@hosts" : "hospital/nodes/@hosts",
        &hospital->nodes);
    bool doctors = ehr_placement_hosts(
        placement, member ? "hospital-group/doctors/@hosts" : "hospital/doctors/@hosts",
        &hospital->doctors);
    bool patients = ehr_placement_hosts(
        placement, member ? "hospital-group/patients/@host" : "hospital/patients/@host",
        &hospital->patients);
    emergency_check(placement, hospital);
    if (nodes)
        committee_warn(placement, hospital->nodes.line,
                       member ? "hospital-group/nodes" : "hospital/nodes", &hospital->chain,
                       hospital->nodes.count);
    return server && nodes && doctors && patients;
}

/* Of a group the first member without its hosts is told of, not the hundred after it. */
static void hospitals_place(struct ehr_placement *placement)
{
    struct ehr_scenario *scenario = placement->scenario;
    uint32_t group_told = 0;
    for (size_t i = 0; i < scenario->hospital_count; i++) {
        struct ehr_scenario_hospital *hospital = &scenario->hospitals[i];
        placement->quiet = hospital->group > 0 && hospital->group == group_told;
        if (!hospital_place(placement, hospital))
            group_told = hospital->group;
    }
    placement->quiet = false;
}

static void ordering_place(struct ehr_placement *placement, struct ehr_scenario_ordering *ordering)
{
    const struct ehr_scenario *scenario = placement->scenario;
    const struct ehr_scenario_hosts *nodes = ordering->number == 0
                                                 ? &scenario->alliance.nodes
                                                 : &scenario->hospitals[ordering->number - 1].nodes;
    if (ordering->hosts.pattern != NULL) {
        ehr_placement_hosts(placement, "workload/ordering/@client-host", &ordering->hosts);
    } else {
        ordering->hosts.count = nodes->count;
        ordering->hosts.index = ehr_scenario_allocate(nodes->count, sizeof(*nodes->index));
        memcpy(ordering->hosts.index, nodes->index, nodes->count * sizeof(*nodes->index));
    }
    quorum_check(placement, ordering->line, "workload/ordering/@client-quorum",
                 ordering->client_quorum, ordering->chain, nodes->count);
}

static void crash_place(struct ehr_placement *placement, struct ehr_scenario_crash *crash)
{
    if (crash->role == EHR_SCENARIO_CRASH_ROLE_HOST) {
        ehr_placement_hosts(placement, "faults/crash/@host", &crash->host);
        return;
    }
    const struct ehr_scenario_hosts *server =
        &placement->scenario->hospitals[crash->hospital].server;
    crash->host.count = server->count;
    crash->host.index = ehr_scenario_allocate(server->count, sizeof(*server->index));
    memcpy(crash->host.index, server->index, server->count * sizeof(*server->index));
}

/* How many doctors there are is known only now. */
static void revoke_check(struct ehr_placement *placement, const struct ehr_scenario_revoke *revoke)
{
    if (revoke->certificate != EHR_SCENARIO_REVOKE_DOCTOR)
        return;
    const struct ehr_scenario_hospital *hospital =
        &placement->scenario->hospitals[revoke->hospital];
    size_t doctors = hospital->doctors.count * hospital->doctors_per_host;
    if (hospital->doctors.count == 0 || revoke->index < doctors)
        return;
    char *found = ehr_scenario_text_format("%u", (unsigned)revoke->index);
    char *allowed = ehr_scenario_text_format("0 to %zu: %s has %zu doctors", doctors - 1,
                                             hospital->id, doctors);
    ehr_problem_list_add(placement->problems, false, placement->scenario->file, revoke->line,
                         "faults/revoke/@index", found, allowed);
    free(found);
    free(allowed);
}

enum ehr_scenario_status ehr_scenario_place(struct ehr_scenario *scenario,
                                            const char *const *host_names, size_t host_count,
                                            struct ehr_problem_list *problems)
{
    assert(host_count <= UINT32_MAX);
    size_t errors = problems->error_count;
    struct ehr_placement placement;
    ehr_placement_open(&placement, scenario, "host", host_names, host_count, problems);
    alliance_place(&placement);
    hospitals_place(&placement);
    for (size_t i = 0; i < scenario->data_user_count; i++)
        ehr_placement_hosts(&placement, "data-user/@host", &scenario->data_users[i].host);
    for (size_t i = 0; i < scenario->workload.ordering_count; i++)
        ordering_place(&placement, &scenario->workload.orderings[i]);
    for (size_t i = 0; i < scenario->crash_count; i++)
        crash_place(&placement, &scenario->crashes[i]);
    for (size_t i = 0; i < scenario->revoke_count; i++)
        revoke_check(&placement, &scenario->revokes[i]);
    ehr_placement_faults(&placement);
    ehr_placement_byzantine(&placement);
    ehr_placement_close(&placement);
    ehr_problem_list_sort(problems);
    return problems->error_count > errors ? EHR_SCENARIO_INVALID : EHR_SCENARIO_OK;
}
