/* The heap. */
#include "tests/simulation/campaign/queue.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static inline bool before(const struct ehr_happening *a, const struct ehr_happening *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->number < b->number;
}

void ehr_queue_push(struct ehr_queue *queue, const struct ehr_happening *happening)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity == 0 ? 1024 : 2 * queue->capacity;
        queue->heap = realloc(queue->heap, queue->capacity * sizeof(*queue->heap));
        assert(queue->heap != NULL);
    }
    struct ehr_happening added = *happening, *heap = queue->heap;
    added.number = queue->number++;
    size_t at = queue->count++;
    while (at > 0 && before(&added, &heap[(at - 1) / 4])) {
        heap[at] = heap[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    heap[at] = added;
}

struct ehr_happening ehr_queue_pop(struct ehr_queue *queue)
{
    assert(queue->count > 0);
    struct ehr_happening *heap = queue->heap;
    struct ehr_happening first = heap[0], last = heap[--queue->count];
    size_t at = 0, count = queue->count;
    for (;;) {
        size_t least = 4 * at + 1, end = least + 4;
        if (least >= count)
            break;
        if (end > count)
            end = count;
        for (size_t child = least + 1; child < end; child++)
            if (before(&heap[child], &heap[least]))
                least = child;
        if (!before(&heap[least], &last))
            break;
        heap[at] = heap[least];
        at = least;
    }
    heap[at] = last;
    return first;
}

void ehr_queue_close(struct ehr_queue *queue)
{
    free(queue->heap);
    *queue = (struct ehr_queue){0};
}
