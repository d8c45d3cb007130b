/* Numbers by hashed key, forgotten all at once: what the invariants remember of a run. A key is 64
 * bits of a hash; two that collide would make a run look wrong once in some 10^9 runs. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_MAP_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_MAP_H

#include <stdint.h>

struct ehr_map_entry {
    uint64_t key, value;
    uint32_t stamp;
};

/* All zero is empty. */
struct ehr_map {
    struct ehr_map_entry *entries;
    uint32_t mask, count, stamp;
};

void ehr_map_reset(struct ehr_map *map);
/* The value of a key, 0 when it is new; until the next call. */
uint64_t *ehr_map_at(struct ehr_map *map, uint64_t key);
void ehr_map_close(struct ehr_map *map);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_MAP_H */
