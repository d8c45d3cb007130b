/* Faults of the network and of machines: which hosts and links they concern. */
#include "sim/scenario/place.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS "faults/partition/@groups"

/* ---- partitions ---- */

/* One group while it is being read. */
struct group {
    const char *text; /* up to the next bar, without the blanks around it */
    size_t chars;
    uint16_t number; /* from 1 */
};

static struct group group_trim(const char *text, size_t chars, uint16_t number)
{
    while (chars > 0 && (*text == ' ' || *text == ',')) {
        text++;
        chars--;
    }
    while (chars > 0 && (text[chars - 1] == ' ' || text[chars - 1] == ','))
        chars--;
    return (struct group){text, chars, number};
}

static bool is_rest(const struct group *group)
{
    return group->chars == 4 && memcmp(group->text, "rest", 4) == 0;
}

static void group_take(struct ehr_placement *placement, struct ehr_scenario_partition *partition,
                       const struct group *group)
{
    struct ehr_scenario_hosts hosts = {
        .pattern = ehr_scenario_text_format("%.*s", (int)group->chars, group->text),
        .line = partition->line};
    ehr_placement_hosts(placement, GROUPS, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        uint16_t *place = &partition->group[hosts.index[i]];
        if (*place != 0 && *place != group->number) {
            char *found =
                ehr_scenario_text_format("%s in two groups", placement->names[hosts.index[i]]);
            ehr_placement_refuse(placement, partition->line, GROUPS, found,
                                 "each host in one group at most");
            free(found);
        }
        *place = group->number;
    }
    free(hosts.pattern);
    free(hosts.index);
}

static void rest_take(struct ehr_placement *placement, struct ehr_scenario_partition *partition,
                      uint16_t rest)
{
    bool found = false;
    for (size_t i = 0; i < placement->count; i++)
        if (partition->group[i] == 0) {
            partition->group[i] = rest;
            found = true;
        }
    if (!found)
        ehr_placement_refuse(placement, partition->line, GROUPS, "rest, and no host is left",
                             "rest for the hosts of no other group, if there are any");
}

static void partition_place(struct ehr_placement *placement,
                            struct ehr_scenario_partition *partition)
{
    partition->group = ehr_scenario_allocate(placement->count, sizeof(*partition->group));
    const char *at = partition->groups;
    uint16_t count = 0, rest = 0;
    for (bool more = true; more;) {
        size_t chars = strcspn(at, "|");
        struct group group = group_trim(at, chars, ++count);
        more = at[chars] == '|' && count < UINT16_MAX;
        at += chars + (more ? 1 : 0);
        if (group.chars == 0)
            ehr_placement_refuse(placement, partition->line, GROUPS, "a group without hosts",
                                 "host names or patterns between the bars, or rest");
        else if (!is_rest(&group))
            group_take(placement, partition, &group);
        else if (rest != 0)
            ehr_placement_refuse(placement, partition->line, GROUPS, "rest twice", "rest once");
        else
            rest = group.number;
    }
    if (count < 2)
        ehr_placement_refuse(placement, partition->line, GROUPS, partition->groups,
                             "two groups or more, separated by | (rest: all other hosts)");
    if (rest != 0)
        rest_take(placement, partition, rest);
}

/* ---- the others ---- */

void ehr_placement_faults(struct ehr_placement *placement)
{
    struct ehr_scenario *s = placement->scenario;
    for (size_t i = 0; i < s->partition_count; i++)
        partition_place(placement, &s->partitions[i]);
    for (size_t i = 0; i < s->loss_count; i++) {
        ehr_placement_hosts(placement, "faults/loss/@from", &s->losses[i].from);
        ehr_placement_hosts(placement, "faults/loss/@to", &s->losses[i].to);
    }
    for (size_t i = 0; i < s->delay_count; i++) {
        ehr_placement_hosts(placement, "faults/delay/@from", &s->delays[i].from);
        ehr_placement_hosts(placement, "faults/delay/@to", &s->delays[i].to);
    }
    for (size_t i = 0; i < s->slow_count; i++)
        ehr_placement_hosts(placement, "faults/slow/@host", &s->slows[i].host);
}

/* ---- links ---- */

/* A split duplex link X is two links of SimGrid's, X_UP and X_DOWN; the file says X. */
static size_t base_chars(const char *name)
{
    static const char *const suffixes[] = {"_UP", "_DOWN"};
    size_t chars = strlen(name);
    for (size_t i = 0; i < 2; i++) {
        size_t more = strlen(suffixes[i]);
        if (chars > more && strcmp(name + chars - more, suffixes[i]) == 0)
            return chars - more;
    }
    return 0;
}

/* From positions among names and base names to positions of links, each once. */
static void link_fold(struct ehr_scenario_hosts *links, const size_t *link_of, size_t link_count)
{
    bool *taken = ehr_scenario_allocate(link_count, sizeof(*taken));
    size_t count = 0;
    for (size_t i = 0; i < links->count; i++)
        taken[link_of[links->index[i]]] = true;
    for (size_t i = 0; i < link_count; i++)
        if (taken[i])
            links->index[count++] = (uint32_t)i;
    links->count = count;
    free(taken);
}

enum ehr_scenario_status ehr_scenario_place_links(struct ehr_scenario *scenario,
                                                  const char *const *link_names, size_t link_count,
                                                  struct ehr_problem_list *problems)
{
    size_t errors = problems->error_count, count = 0;
    const char **names = ehr_scenario_allocate(2 * link_count, sizeof(char *));
    char **bases = ehr_scenario_allocate(link_count, sizeof(char *));
    size_t *link_of = ehr_scenario_allocate(2 * link_count, sizeof(*link_of));
    for (size_t i = 0; i < link_count; i++) {
        size_t chars = base_chars(link_names[i]);
        link_of[count] = i;
        names[count++] = link_names[i];
        if (chars == 0)
            continue;
        bases[i] = ehr_scenario_text_format("%.*s", (int)chars, link_names[i]);
        link_of[count] = i;
        names[count++] = bases[i];
    }
    struct ehr_placement placement;
    ehr_placement_open(&placement, scenario, "link", names, count, problems);
    placement.told = link_count;
    for (size_t i = 0; i < scenario->link_count; i++) {
        ehr_placement_hosts(&placement, "faults/link/@name", &scenario->links[i].name);
        link_fold(&scenario->links[i].name, link_of, link_count);
    }
    ehr_placement_close(&placement);
    for (size_t i = 0; i < link_count; i++)
        free(bases[i]);
    free(bases);
    free(names);
    free(link_of);
    return problems->error_count > errors ? EHR_SCENARIO_INVALID : EHR_SCENARIO_OK;
}
