#include "sim/contract/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    CAPACITY_MIN = 64,
    CAPACITY_WHOLE = 1 << 20,    /* slots; a table that outgrows them is cut up */
    HUGE_PAGE_BYTES = 1 << 21,   /* of x86-64 and most others; elsewhere it is only an alignment */
    PAGE_BYTES_LARGEST = 1 << 16 /* of any machine's ordinary pages */
};

/* ---- memory of slots, zeroed ---- */

static size_t mapped_bytes(size_t capacity)
{
    size_t bytes = capacity * sizeof(struct ehr_table_slot);
    return (bytes + PAGE_BYTES_LARGEST - 1) / PAGE_BYTES_LARGEST * PAGE_BYTES_LARGEST;
}

static bool is_mapped(size_t capacity)
{
    return mapped_bytes(capacity) >= HUGE_PAGE_BYTES;
}

/* Look-ups go all over a large table: with ordinary pages each would also wait for the address of
 * its page. Mapped rather than allocated, so that a smaller copy goes back to the system. */
static struct ehr_table_slot *slots_map(size_t bytes)
{
    uint8_t *all = mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE_BYTES - (uintptr_t)all % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
    /* what lies around is never touched: if it stayed it would cost no memory */
    if (before > 0)
        (void)munmap(all, before);
    (void)munmap(all + before + bytes, HUGE_PAGE_BYTES - before);
#ifdef MADV_HUGEPAGE
    (void)madvise(all + before, bytes, MADV_HUGEPAGE); /* refused: ordinary pages */
#endif
    return (struct ehr_table_slot *)(void *)(all + before);
}

static void segment_open(struct ehr_table_segment *segment, size_t capacity)
{
    assert(capacity < UINT32_MAX); /* what segment_start can tell apart */
    *segment = (struct ehr_table_segment){is_mapped(capacity)
                                              ? slots_map(mapped_bytes(capacity))
                                              : calloc(capacity, sizeof(struct ehr_table_slot)),
                                          capacity, 0};
    if (segment->slots == NULL) {
        fprintf(stderr, "ehrgrid: out of memory (table of %zu slots)\n", capacity);
        abort();
    }
}

static void segment_close(struct ehr_table_segment *segment)
{
    if (segment->slots != NULL && is_mapped(segment->capacity))
        (void)munmap(segment->slots, mapped_bytes(segment->capacity));
    else
        free(segment->slots);
    *segment = (struct ehr_table_segment){NULL, 0, 0};
}

/* ---- one segment ---- */

static uint64_t hash_of(const uint8_t key[16])
{
    uint64_t word;
    memcpy(&word, key, sizeof word); /* native order: where an entry lies is nobody's business */
    return word * UINT64_C(0x9E3779B97F4A7C15);
}

/* Capacities are not powers of two (growth by a quarter keeps memory per entry low), so the hash,
 * behind the bits that choose the segment, is scaled, not masked. */
static size_t segment_start(const struct ehr_table_segment *segment, uint64_t hash)
{
    return (size_t)(((hash << EHR_TABLE_SEGMENT_BITS >> 32) * (uint64_t)segment->capacity) >> 32);
}

/* The slot of `key`, or the free one where it belongs. */
static struct ehr_table_slot *segment_slot(const struct ehr_table_segment *segment, uint64_t hash,
                                           const uint8_t key[16])
{
    size_t at = segment_start(segment, hash);
    while (segment->slots[at].place != 0 && memcmp(segment->slots[at].key, key, 16) != 0)
        at = at + 1 == segment->capacity ? 0 : at + 1;
    return &segment->slots[at];
}

static bool segment_is_full(const struct ehr_table_segment *segment)
{
    return 4 * (segment->count + 1) > 3 * segment->capacity;
}

static void segment_take(struct ehr_table_segment *segment, const struct ehr_table_slot *slot)
{
    *segment_slot(segment, hash_of(slot->key), slot->key) = *slot;
    segment->count++;
}

static void segment_grow(struct ehr_table_segment *segment)
{
    struct ehr_table_segment larger;
    segment_open(&larger, segment->capacity < CAPACITY_MIN
                              ? CAPACITY_MIN
                              : segment->capacity + segment->capacity / 4);
    for (size_t i = 0; i < segment->capacity; i++)
        if (segment->slots[i].place != 0)
            segment_take(&larger, &segment->slots[i]);
    segment_close(segment);
    *segment = larger;
}

/* ---- the table ---- */

static struct ehr_table_segment *segment_of(const struct ehr_table *table, uint64_t hash)
{
    return table->segments != NULL ? &table->segments[hash >> (64 - EHR_TABLE_SEGMENT_BITS)]
                                   : (struct ehr_table_segment *)(uintptr_t)&table->whole;
}

/* Segments begin between 3/5 and 3/4 full, each a little fuller than the one before: they fill at
 * the same pace, so they grow one after another, now and ever after. */
static void table_cut(struct ehr_table *table)
{
    struct ehr_table_segment whole = table->whole;
    size_t mean = whole.count / EHR_TABLE_SEGMENTS + 1;
    table->segments = malloc(EHR_TABLE_SEGMENTS * sizeof *table->segments);
    if (table->segments == NULL) {
        fputs("ehrgrid: out of memory (segments of a table)\n", stderr);
        abort();
    }
    for (size_t i = 0; i < EHR_TABLE_SEGMENTS; i++)
        segment_open(&table->segments[i],
                     mean * (5 * EHR_TABLE_SEGMENTS - i) / (3 * EHR_TABLE_SEGMENTS));
    for (size_t i = 0; i < whole.capacity; i++) {
        if (whole.slots[i].place == 0)
            continue;
        struct ehr_table_segment *segment = segment_of(table, hash_of(whole.slots[i].key));
        if (segment_is_full(segment)) /* more than its share */
            segment_grow(segment);
        segment_take(segment, &whole.slots[i]);
    }
    segment_close(&table->whole);
}

void ehr_table_close(struct ehr_table *table)
{
    segment_close(&table->whole);
    for (size_t i = 0; table->segments != NULL && i < EHR_TABLE_SEGMENTS; i++)
        segment_close(&table->segments[i]);
    free(table->segments);
    *table = (struct ehr_table){{NULL, 0, 0}, NULL, 0};
}

bool ehr_table_get(const struct ehr_table *table, const uint8_t key[16], uint64_t height,
                   struct ehr_place *place)
{
    uint64_t hash = hash_of(key);
    const struct ehr_table_segment *segment = segment_of(table, hash);
    if (segment->capacity == 0)
        return false;
    const struct ehr_table_slot *slot = segment_slot(segment, hash, key);
    if (slot->place == 0 || slot->place >> 32 > height)
        return false;
    if (place != NULL)
        *place = (struct ehr_place){slot->place >> 32, (uint32_t)slot->place};
    return true;
}

void ehr_table_prefetch(const struct ehr_table *table, const uint8_t key[16])
{
    uint64_t hash = hash_of(key);
    const struct ehr_table_segment *segment = segment_of(table, hash);
    if (segment->capacity == 0)
        return;
    const struct ehr_table_slot *slot = &segment->slots[segment_start(segment, hash)];
    __builtin_prefetch(slot);
    __builtin_prefetch((const uint8_t *)slot + 64); /* a run of full slots goes on there */
}

/* The slot of `key`, with room made for it if it is not there. */
static struct ehr_table_slot *table_slot(struct ehr_table *table, const uint8_t key[16])
{
    uint64_t hash = hash_of(key);
    if (table->segments == NULL && table->whole.capacity >= CAPACITY_WHOLE &&
        segment_is_full(&table->whole))
        table_cut(table);
    struct ehr_table_segment *segment = segment_of(table, hash);
    if (segment_is_full(segment))
        segment_grow(segment);
    struct ehr_table_slot *slot = segment_slot(segment, hash, key);
    if (slot->place == 0) {
        memcpy(slot->key, key, 16);
        segment->count++;
        table->count++;
    }
    return slot;
}

static uint64_t place_pack(struct ehr_place place)
{
    assert(place.height > 0 && place.height <= UINT32_MAX);
    return place.height << 32 | place.index;
}

bool ehr_table_put(struct ehr_table *table, const uint8_t key[16], struct ehr_place place)
{
    uint64_t packed = place_pack(place);
    struct ehr_table_slot *slot = table_slot(table, key);
    if (slot->place != 0)
        return false;
    slot->place = packed;
    return true;
}

void ehr_table_move(struct ehr_table *table, const uint8_t key[16], struct ehr_place place)
{
    uint64_t packed = place_pack(place);
    table_slot(table, key)->place = packed;
}

size_t ehr_table_bytes(const struct ehr_table *table)
{
    size_t capacity = table->whole.capacity;
    for (size_t i = 0; table->segments != NULL && i < EHR_TABLE_SEGMENTS; i++)
        capacity += table->segments[i].capacity;
    return capacity * sizeof(struct ehr_table_slot);
}
