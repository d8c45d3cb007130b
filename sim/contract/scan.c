/* The secure index as a scan reads it: pseudonyms and tags in chain order, one behind the other. */
#include <stdlib.h>
#include <string.h>

#include "sim/contract/internal.h"

void ehr_contract_scan_allow(struct ehr_contract *contract)
{
    contract->scannable = true;
}

void ehr_contract_scan_add(struct ehr_contract *contract, const uint8_t *pseudonym,
                           const uint8_t *labels, size_t nkw)
{
    if (!contract->scannable)
        return;
    contract->scan = ehr_contract_grow(contract->scan, contract->scan_count,
                                       &contract->scan_capacity, sizeof *contract->scan);
    struct ehr_scan_entry *added = &contract->scan[contract->scan_count++];
    memcpy(added->P, pseudonym, sizeof added->P);
    added->labels = labels;
    added->nkw = nkw;
}

size_t ehr_contract_scan(const struct ehr_contract *contract, uint64_t height,
                         const struct ehr_scan_entry **entries)
{
    size_t seen = 0, beyond = contract->scan_count; /* the first one above `height` is in between */
    while (seen < beyond) {
        size_t middle = seen + (beyond - seen) / 2;
        if (contract->entries[middle].place.height <= height)
            seen = middle + 1;
        else
            beyond = middle;
    }
    *entries = contract->scan;
    return seen;
}

const struct ehr_index_entry *ehr_contract_scan_entry(const struct ehr_contract *contract,
                                                      size_t number)
{
    return &contract->entries[number];
}
