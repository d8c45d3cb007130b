/* Append-only table from 16-byte keys (labels, and the first half of hashes and pseudonyms) to a
 * place on a chain: open addressing, 24 bytes a slot, 3/5 to 3/4 full as it grows by a quarter:
 * 32 to 40 bytes an entry. Keys are pseudo-random or hashes, so their own bits spread them.
 * Every entry carries the height that added it: a replica at height h sees entries up to h.
 *
 * A table of more than about 800,000 entries is cut into EHR_TABLE_SEGMENTS tables by the first
 * bits of the keys' hash. Each grows for itself, at a time of its own: then all need about 36 bytes
 * an entry, 1 more while one of them is copied, and no entry waits for the copy of more than a
 * 32nd (at 10^8 entries: 3 million). Below, a copy takes both tables: at most 55 MB for a moment.
 * Figures: tests/bench/bench_search.
 *
 * Limits: heights and indices below 2^32; 2^32 slots a segment, so some 10^11 entries. */
#ifndef EHR_CONTRACT_TABLE_H
#define EHR_CONTRACT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EHR_TABLE_SEGMENT_BITS = 5, EHR_TABLE_SEGMENTS = 1 << EHR_TABLE_SEGMENT_BITS };

/* Transaction `index` of the block at `height` (>= 1), or what else the owner numbers. */
struct ehr_place {
    uint64_t height;
    uint32_t index;
};

struct ehr_table_slot {
    uint8_t key[16];
    uint64_t place; /* height << 32 | index; 0: free */
};

struct ehr_table_segment {
    struct ehr_table_slot *slots;
    size_t capacity;
    size_t count;
};

struct ehr_table {
    struct ehr_table_segment whole;     /* all of a small table */
    struct ehr_table_segment *segments; /* of a large one; NULL: it is small */
    size_t count;
};

/* An all-zero table is empty and valid; so is a closed one. */
void ehr_table_close(struct ehr_table *table);

/* Looks `key` up as a replica at `height` sees it; `place` may be NULL. */
bool ehr_table_get(const struct ehr_table *table, const uint8_t key[16], uint64_t height,
                   struct ehr_place *place);

/* Has the memory that a look-up of `key` will read fetched meanwhile. */
void ehr_table_prefetch(const struct ehr_table *table, const uint8_t key[16]);

/* Adds an entry; false (and nothing changed) if the key is there already. height < 2^32.
 * Running out of memory ends the process. */
bool ehr_table_put(struct ehr_table *table, const uint8_t key[16], struct ehr_place place);

/* Adds the entry, or moves an existing one to `place` (a transaction tried again). */
void ehr_table_move(struct ehr_table *table, const uint8_t key[16], struct ehr_place place);

/* Bytes held. */
size_t ehr_table_bytes(const struct ehr_table *table);

#endif /* EHR_CONTRACT_TABLE_H */
