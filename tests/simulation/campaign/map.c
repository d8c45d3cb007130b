/* Open addressing; a stamp tells the entries of this run from those of earlier ones. */
#include "tests/simulation/campaign/map.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST = 4096 };

static void make(struct ehr_map *map, uint32_t size)
{
    map->entries = calloc(size, sizeof(*map->entries));
    assert(map->entries != NULL);
    map->mask = size - 1;
    map->count = 0;
    map->stamp = 1;
}

void ehr_map_reset(struct ehr_map *map)
{
    if (map->entries == NULL || map->stamp == UINT32_MAX) {
        free(map->entries);
        make(map, FIRST);
        return;
    }
    map->stamp++;
    map->count = 0;
}

static struct ehr_map_entry *entry_of(const struct ehr_map *map, uint64_t key)
{
    uint32_t at = (uint32_t)(key >> 32) & map->mask;
    while (map->entries[at].stamp == map->stamp && map->entries[at].key != key)
        at = (at + 1) & map->mask;
    return &map->entries[at];
}

static void grow(struct ehr_map *map)
{
    struct ehr_map old = *map;
    make(map, 2 * (old.mask + 1));
    for (uint32_t i = 0; i <= old.mask; i++)
        if (old.entries[i].stamp == old.stamp) {
            struct ehr_map_entry *entry = entry_of(map, old.entries[i].key);
            *entry = old.entries[i];
            entry->stamp = map->stamp;
            map->count++;
        }
    free(old.entries);
}

uint64_t *ehr_map_at(struct ehr_map *map, uint64_t key)
{
    if (2 * map->count > map->mask)
        grow(map);
    struct ehr_map_entry *entry = entry_of(map, key);
    if (entry->stamp != map->stamp) {
        *entry = (struct ehr_map_entry){.key = key, .stamp = map->stamp};
        map->count++;
    }
    return &entry->value;
}

void ehr_map_close(struct ehr_map *map)
{
    free(map->entries);
    *map = (struct ehr_map){0};
}
