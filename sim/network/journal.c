#include "sim/network/state.h"

#include <stdlib.h>

#include "sim/network/memory.h"

void ehr_journal_append(struct ehr_seat *seat, uint16_t kind, uint64_t mark,
                        struct ehr_blob *take_data)
{
    if (!seat->journal_kept) {
        ehr_blob_unref(take_data);
        return;
    }
    struct ehr_record_list *list = &seat->journal;
    if (list->count == list->capacity)
        list->records = ehr_grow(list->records, &list->capacity, sizeof *list->records);
    list->records[list->count++] = (struct ehr_journal_record){kind, take_data, mark};
}

void ehr_journal_forget(struct ehr_seat *seat, uint16_t kind, uint64_t mark)
{
    struct ehr_record_list *list = &seat->journal;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct ehr_journal_record *record = &list->records[i];
        if (record->kind == kind && record->mark < mark)
            ehr_blob_unref(record->data);
        else
            list->records[kept++] = *record;
    }
    list->count = kept;
}

struct ehr_journal ehr_journal_view(const struct ehr_seat *seat)
{
    return (struct ehr_journal){(uint32_t)seat->journal.count, seat->journal.records};
}

void ehr_journal_close(struct ehr_seat *seat)
{
    for (size_t i = 0; i < seat->journal.count; i++)
        ehr_blob_unref(seat->journal.records[i].data);
    free(seat->journal.records);
    seat->journal = (struct ehr_record_list){0};
}
