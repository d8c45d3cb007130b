#include "sim/platform/map.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdlib.h>

void ehr_map_close(struct ehr_map *map)
{
    if (map == NULL)
        return;
    free(map->name);
    free(map->port_ns);
    free(map->links);
    ehr_names_close(&map->sites);
    ehr_names_close(&map->link_names);
    *map = (struct ehr_map){0};
}

void ehr_map_link_add(struct ehr_map *map, struct ehr_map_link link)
{
    assert(link.from < map->sites.count && link.to < map->sites.count && link.bytes_per_s > 0);
    size_t count = map->link_names.count;
    map->links = ehr_scenario_array_grow(map->links, count, &map->link_capacity, sizeof link);
    map->links[count] = link;
    char *name =
        ehr_scenario_text_format("%s-%s", map->sites.items[link.from], map->sites.items[link.to]);
    ehr_names_add_unique(&map->link_names, name);
    free(name);
}

struct way {
    uint64_t latency_ns;
    size_t hops;
    bool known, final;
};

static bool nearer(const struct way *a, const struct way *b)
{
    if (a->latency_ns != b->latency_ns)
        return a->latency_ns < b->latency_ns;
    return a->hops < b->hops;
}

static void link_try(struct way *ways, size_t *arrived, size_t here, size_t there, size_t number,
                     uint64_t latency_ns)
{
    struct way longer = {ways[here].latency_ns + latency_ns, ways[here].hops + 1, true, false};
    if (ways[there].final || (ways[there].known && !nearer(&longer, &ways[there])))
        return;
    ways[there] = longer;
    arrived[there] = number;
}

/* Dijkstra's algorithm without a heap: maps have some hundred sites. */
void ehr_map_ways(const struct ehr_map *map, size_t from, size_t *arrived)
{
    size_t count = map->sites.count;
    struct way *ways = ehr_scenario_allocate(count, sizeof *ways);
    for (size_t i = 0; i < count; i++)
        arrived[i] = SIZE_MAX;
    ways[from].known = true;
    for (;;) {
        size_t here = SIZE_MAX;
        for (size_t i = 0; i < count; i++)
            if (ways[i].known && !ways[i].final &&
                (here == SIZE_MAX || nearer(&ways[i], &ways[here])))
                here = i;
        if (here == SIZE_MAX)
            break;
        ways[here].final = true;
        for (size_t i = 0; i < map->link_names.count; i++) {
            const struct ehr_map_link *link = &map->links[i];
            if (link->from == here)
                link_try(ways, arrived, here, link->to, i, link->latency_ns);
            else if (link->to == here && !map->one_way)
                link_try(ways, arrived, here, link->from, i, link->latency_ns);
        }
    }
    free(ways);
}

char *ehr_map_host_name(const struct ehr_map *map, const struct ehr_map_hosts *hosts, size_t site,
                        unsigned number)
{
    return hosts->per_site == 1 ? ehr_scenario_text_copy(map->sites.items[site])
                                : ehr_scenario_text_format("%s-%u", map->sites.items[site], number);
}

static void host_names(const struct ehr_map *map, const struct ehr_map_hosts *hosts, size_t site,
                       struct ehr_names *netpoints, struct ehr_names *links)
{
    for (unsigned i = 1; i <= hosts->per_site; i++) {
        char *host = ehr_map_host_name(map, hosts, site, i);
        char *port = ehr_scenario_text_format("port-%s", host);
        ehr_names_add(netpoints, host);
        ehr_names_add(links, port);
        free(host);
        free(port);
    }
}

void ehr_map_names(const struct ehr_map *map, const struct ehr_map_hosts *hosts, const bool *used,
                   struct ehr_names *netpoints, struct ehr_names *links)
{
    ehr_names_add(netpoints, map->name);
    for (size_t i = 0; i < map->link_names.count; i++) {
        char *name = ehr_scenario_text_format("link-%s", map->link_names.items[i]);
        ehr_names_add(links, name);
        free(name);
    }
    for (size_t i = 0; i < map->sites.count; i++) {
        if (used != NULL && !used[i])
            continue;
        char *zone = ehr_scenario_text_format("%s-site", map->sites.items[i]);
        char *router = ehr_scenario_text_format("%s-router", map->sites.items[i]);
        ehr_names_add(netpoints, zone);
        ehr_names_add(netpoints, router);
        free(zone);
        free(router);
        host_names(map, hosts, i, netpoints, links);
    }
}
