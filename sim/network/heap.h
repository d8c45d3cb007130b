/* Priority queue of timed events: 4-ary, keyed (time, sequence), entries of 24 bytes, so that four
 * siblings touch two cache lines. Not a calendar: it knows nothing of what an event is; `slot`
 * names it. Equal times come out in order of sequence, so the order never depends on the heap's
 * shape. */
#ifndef EHR_NETWORK_HEAP_H
#define EHR_NETWORK_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ehr_heap_entry {
    uint64_t ns;
    uint64_t sequence;
    uint32_t slot;
};

struct ehr_heap {
    struct ehr_heap_entry *entries; /* owned; NULL while empty */
    size_t count, capacity;
};

void ehr_heap_init(struct ehr_heap *heap);
void ehr_heap_close(struct ehr_heap *heap);
void ehr_heap_push(struct ehr_heap *heap, struct ehr_heap_entry entry);
/* The heap must not be empty. The first entry is heap->entries[0]. */
struct ehr_heap_entry ehr_heap_pop(struct ehr_heap *heap);
/* Pop and push in one: the first entry gets a new key and sinks to its place. */
void ehr_heap_replace(struct ehr_heap *heap, struct ehr_heap_entry entry);

#endif /* EHR_NETWORK_HEAP_H */
