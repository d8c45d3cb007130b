/* Partitions. A message is lost if a partition in force parts its ends when it leaves, or if one
 * began while it was on its way, even if that has healed since: the connection broke. */
#include "sim/network/impair.h"

#include <assert.h>
#include <string.h>

#include "sim/network/memory.h"

void ehr_kernel_partition(struct ehr_kernel *kernel, const uint16_t *groups, uint64_t at_ns,
                          uint64_t heal_ns)
{
    struct ehr_impair *impair = ehr_impair_of(kernel);
    if (impair->partition_count == impair->partition_capacity)
        impair->partitions =
            ehr_grow(impair->partitions, &impair->partition_capacity, sizeof *impair->partitions);
    struct ehr_partition *partition = &impair->partitions[impair->partition_count];
    *partition =
        (struct ehr_partition){.group = ehr_zeroed(kernel->host_count, sizeof *partition->group)};
    memcpy(partition->group, groups, kernel->host_count * sizeof *groups);
    ehr_fault_plan(kernel, EHR_FAULT_PARTITION, (uint32_t)impair->partition_count++, at_ns,
                   heal_ns);
}

static bool parts(const struct ehr_partition *partition, uint32_t from, uint32_t to)
{
    uint16_t a = partition->group[from], b = partition->group[to];
    return a != 0 && b != 0 && a != b;
}

bool ehr_partition_parts(const struct ehr_impair *impair, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < impair->partition_count; i++)
        if (impair->partitions[i].active && parts(&impair->partitions[i], from, to))
            return true;
    return false;
}

bool ehr_partition_cuts(const struct ehr_kernel *kernel, const struct ehr_item *item)
{
    const struct ehr_impair *impair = kernel->impair;
    uint32_t from = kernel->seats[item->from]->host, to = kernel->seats[item->node]->host;
    for (size_t i = 0; i < impair->partition_count; i++)
        if (item->since < impair->partitions[i].since && parts(&impair->partitions[i], from, to))
            return true;
    return false;
}

void ehr_partition_perform(struct ehr_kernel *kernel, uint32_t index, bool over)
{
    struct ehr_partition *partition = &kernel->impair->partitions[index];
    partition->active = !over;
    if (over) {
        kernel->impaired--;
        return;
    }
    kernel->impaired++;
    /* flow: what reached a computing node before this instant has arrived */
    for (size_t i = 0; kernel->flow != NULL && i < kernel->seat_count; i++)
        ehr_flow_catch_up(kernel, kernel->seats[i]);
    partition->since = kernel->cut_since = ehr_sequence_next(kernel);
}
