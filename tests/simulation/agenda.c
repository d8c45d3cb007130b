#include "tests/simulation/agenda.h"

#include <assert.h>
#include <stdlib.h>

static bool comes_before(const struct agenda_event *a, const struct agenda_event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->sequence < b->sequence;
}

void agenda_push(struct agenda *agenda, const struct agenda_event *event)
{
    struct agenda_event added = *event;
    if (agenda->count == agenda->capacity) {
        agenda->capacity = agenda->capacity == 0 ? 256 : 2 * agenda->capacity;
        agenda->heap = realloc(agenda->heap, agenda->capacity * sizeof *agenda->heap);
        assert(agenda->heap != NULL);
    }
    added.sequence = agenda->sequence++;
    size_t at = agenda->count++;
    while (at > 0 && comes_before(&added, &agenda->heap[(at - 1) / 2])) {
        agenda->heap[at] = agenda->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    agenda->heap[at] = added;
}

bool agenda_due(const struct agenda *agenda, uint64_t until_ns)
{
    return agenda->count > 0 && agenda->heap[0].at_ns <= until_ns;
}

struct agenda_event agenda_pop(struct agenda *agenda)
{
    assert(agenda->count > 0);
    struct agenda_event *heap = agenda->heap;
    struct agenda_event first = heap[0], last = heap[--agenda->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= agenda->count)
            break;
        if (child + 1 < agenda->count && comes_before(&heap[child + 1], &heap[child]))
            child++;
        if (!comes_before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    if (agenda->count > 0)
        heap[at] = last;
    return first;
}

void agenda_close(struct agenda *agenda)
{
    while (agenda->count > 0)
        ehr_message_unref(agenda->heap[--agenda->count].message);
    free(agenda->heap);
    *agenda = (struct agenda){0};
}
