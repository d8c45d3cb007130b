/* Append-only table from 16-byte keys (labels, and the first half of hashes and pseudonyms) to a
 * place on a chain: open addressing, 24 bytes a slot, 3/5 to 3/4 full as it grows by a quarter:
 * 32 to 40 bytes an entry. Keys are pseudo-random or hashes, so their own bits spread them.
 * Every entry carries the height that added it: a replica at height h sees entries up to h. */
#ifndef EHR_CONTRACT_TABLE_H
#define EHR_CONTRACT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Transaction `index` of the block at `height` (>= 1). */
struct ehr_place {
    uint64_t height;
    uint32_t index;
};

struct ehr_table_slot {
    uint8_t key[16];
    uint64_t place; /* height << 24 | index; 0: free */
};

struct ehr_table {
    struct ehr_table_slot *slots;
    size_t capacity;
    size_t count;
};

/* An all-zero table is empty and valid. */
void ehr_table_close(struct ehr_table *table);

/* Looks `key` up as a replica at `height` sees it; `place` may be NULL. */
bool ehr_table_get(const struct ehr_table *table, const uint8_t key[16], uint64_t height,
                   struct ehr_place *place);

/* Adds an entry; false (and nothing changed) if the key is there already. index < 2^24.
 * Running out of memory ends the process. */
bool ehr_table_put(struct ehr_table *table, const uint8_t key[16], struct ehr_place place);

/* Adds the entry, or moves an existing one to `place` (a transaction tried again). */
void ehr_table_move(struct ehr_table *table, const uint8_t key[16], struct ehr_place place);

/* Bytes held. */
size_t ehr_table_bytes(const struct ehr_table *table);

#endif /* EHR_CONTRACT_TABLE_H */
