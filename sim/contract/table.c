#include "sim/contract/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_CAPACITY_MIN = 64 };

/* Capacities are not powers of two (growth by a quarter keeps memory per entry low), so the key's
 * hash is scaled, not masked. */
static size_t table_start(const struct ehr_table *table, const uint8_t key[16])
{
    uint64_t word;
    memcpy(&word, key, sizeof word); /* native order: where an entry lies is nobody's business */
    word *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(((word >> 32) * (uint64_t)table->capacity) >> 32);
}

/* The slot of `key`, or the free one where it belongs. */
static struct ehr_table_slot *table_slot(const struct ehr_table *table, const uint8_t key[16])
{
    size_t at = table_start(table, key);
    while (table->slots[at].place != 0 && memcmp(table->slots[at].key, key, 16) != 0)
        at = at + 1 == table->capacity ? 0 : at + 1;
    return &table->slots[at];
}

static void table_grow(struct ehr_table *table)
{
    size_t capacity = table->capacity < TABLE_CAPACITY_MIN ? TABLE_CAPACITY_MIN
                                                           : table->capacity + table->capacity / 4;
    struct ehr_table larger = {calloc(capacity, sizeof *larger.slots), capacity, table->count};
    if (larger.slots == NULL) {
        fprintf(stderr, "ehrgrid: out of memory (table of %zu entries)\n", capacity);
        abort();
    }
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].place != 0)
            *table_slot(&larger, table->slots[i].key) = table->slots[i];
    free(table->slots);
    *table = larger;
}

void ehr_table_close(struct ehr_table *table)
{
    free(table->slots);
    *table = (struct ehr_table){NULL, 0, 0};
}

bool ehr_table_get(const struct ehr_table *table, const uint8_t key[16], uint64_t height,
                   struct ehr_place *place)
{
    if (table->capacity == 0)
        return false;
    const struct ehr_table_slot *slot = table_slot(table, key);
    if (slot->place == 0 || slot->place >> 24 > height)
        return false;
    if (place != NULL)
        *place = (struct ehr_place){slot->place >> 24, (uint32_t)(slot->place & 0xffffff)};
    return true;
}

bool ehr_table_put(struct ehr_table *table, const uint8_t key[16], struct ehr_place place)
{
    assert(place.height > 0 && place.height < UINT64_C(1) << 40 && place.index < 1u << 24);
    if (4 * (table->count + 1) > 3 * table->capacity)
        table_grow(table);
    struct ehr_table_slot *slot = table_slot(table, key);
    if (slot->place != 0)
        return false;
    memcpy(slot->key, key, 16);
    slot->place = place.height << 24 | place.index;
    table->count++;
    return true;
}

void ehr_table_move(struct ehr_table *table, const uint8_t key[16], struct ehr_place place)
{
    if (!ehr_table_put(table, key, place))
        table_slot(table, key)->place = place.height << 24 | place.index;
}

size_t ehr_table_bytes(const struct ehr_table *table)
{
    return table->capacity * sizeof *table->slots;
}
