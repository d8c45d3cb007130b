#include "crypto/conjunction.h"

#include <assert.h>
#include <string.h>

/* The record with that label, looked for from number `from` on, around; `count`: none. */
static size_t record_find(const struct ehr_scan_entry *records, size_t count, size_t from,
                          const uint8_t label[EHR_INDEX_LABEL_BYTES])
{
    for (size_t i = 0; i < count; i++) {
        size_t at = from + i < count ? from + i : from + i - count;
        if (ehr_scan_entry_carries(&records[at], label))
            return at;
    }
    return count;
}

size_t ehr_conjunction_set_dictionary(bool *set, const uint8_t T[32],
                                      const struct ehr_scan_entry *records, size_t count)
{
    memset(set, 0, count * sizeof *set);
    uint32_t counter = 0, missed = 0;
    size_t next = 0;
    while (missed < EHR_INDEX_GAP) {
        uint8_t label[EHR_INDEX_LABEL_BYTES];
        ehr_index_label(label, T, counter++);
        size_t at = record_find(records, count, next, label);
        missed = at == count ? missed + 1 : 0;
        if (at == count)
            continue;
        set[at] = true;
        next = at + 1 == count ? 0 : at + 1; /* the next label is likely that of the next record */
    }
    return counter;
}

size_t ehr_conjunction_set_scan(bool *set, const uint8_t T[32],
                                const struct ehr_scan_entry *records, size_t count)
{
    struct ehr_scan scan;
    memset(set, 0, count * sizeof *set);
    ehr_scan_open(&scan, T);
    for (size_t at = ehr_scan_next(&scan, records, 0, count); at < count;
         at = ehr_scan_next(&scan, records, at + 1, count))
        set[at] = true;
    ehr_scan_close(&scan);
    return count;
}

void ehr_conjunction_result(bool *result, const bool *sets, size_t groups, size_t terms,
                            size_t count)
{
    assert(terms >= 1);
    for (size_t i = 0; i < count; i++) {
        result[i] = false;
        for (size_t g = 0; g < groups && !result[i]; g++) {
            size_t in = 0;
            while (in < terms && sets[(g * terms + in) * count + i])
                in++;
            result[i] = in == terms;
        }
    }
}
