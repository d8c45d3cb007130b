#include "sim/network/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/network/memory.h"

enum { CHILDREN = 4 };

void ehr_heap_init(struct ehr_heap *heap)
{
    *heap = (struct ehr_heap){0};
}

void ehr_heap_close(struct ehr_heap *heap)
{
    free(heap->entries);
    ehr_heap_init(heap);
}

static inline bool before(const struct ehr_heap_entry *a, const struct ehr_heap_entry *b)
{
    return a->ns != b->ns ? a->ns < b->ns : a->sequence < b->sequence;
}

void ehr_heap_push(struct ehr_heap *heap, struct ehr_heap_entry entry)
{
    if (heap->count == heap->capacity)
        heap->entries = ehr_grow(heap->entries, &heap->capacity, sizeof *heap->entries);
    struct ehr_heap_entry *e = heap->entries;
    size_t at = heap->count++;
    while (at > 0) {
        size_t parent = (at - 1) / CHILDREN;
        if (!before(&entry, &e[parent]))
            break;
        e[at] = e[parent];
        at = parent;
    }
    e[at] = entry;
}

static void sink(struct ehr_heap *heap, struct ehr_heap_entry entry)
{
    struct ehr_heap_entry *e = heap->entries;
    size_t at = 0, count = heap->count;
    for (;;) {
        size_t child = at * CHILDREN + 1, end = child + CHILDREN;
        if (child >= count)
            break;
        if (end > count)
            end = count;
        size_t least = child;
        for (size_t c = child + 1; c < end; c++)
            if (before(&e[c], &e[least]))
                least = c;
        if (!before(&e[least], &entry))
            break;
        e[at] = e[least];
        at = least;
    }
    e[at] = entry;
}

struct ehr_heap_entry ehr_heap_pop(struct ehr_heap *heap)
{
    assert(heap->count > 0);
    struct ehr_heap_entry first = heap->entries[0];
    heap->count--;
    if (heap->count > 0)
        sink(heap, heap->entries[heap->count]);
    return first;
}

void ehr_heap_replace(struct ehr_heap *heap, struct ehr_heap_entry entry)
{
    assert(heap->count > 0);
    sink(heap, entry);
}
