#include "sim/measure/counters.h"

#include <stdlib.h>

#include "sim/measure/memory.h"

void ehr_counters_init(struct ehr_counters *counters, const struct ehr_measure_names *names)
{
    size_t nodes = names->node_count;
    *counters = (struct ehr_counters){.names = *names};
    counters->messages = ehr_measure_zeroed(nodes * (EHR_DIRECTION_END - 1) * names->message_count,
                                            sizeof(struct ehr_tally));
    counters->charges =
        ehr_measure_zeroed(nodes * names->operation_count, sizeof(struct ehr_charge));
    counters->consensus = ehr_measure_zeroed(
        nodes * (EHR_DIRECTION_END - 1) * names->consensus.message_count, sizeof(struct ehr_tally));
    counters->timeouts =
        ehr_measure_zeroed(nodes * names->consensus.timeout_count, sizeof(uint64_t));
    counters->loads = ehr_measure_zeroed(nodes, sizeof(struct ehr_node_load));
    counters->chains = ehr_measure_zeroed(names->chain_count, sizeof(struct ehr_chain_rows));
    for (uint32_t i = 0; i < names->chain_count; i++)
        assert(names->chains[i].tier > EHR_TIER_NONE && names->chains[i].tier < EHR_TIER_END);
    for (uint32_t i = 0; i < names->node_count; i++)
        assert(names->nodes[i].tier < EHR_TIER_END);
}

void ehr_counters_close(struct ehr_counters *counters)
{
    if (counters == NULL)
        return;
    for (uint32_t i = 0; i < counters->names.chain_count; i++)
        free(counters->chains[i].rows);
    free(counters->chains);
    free(counters->loads);
    free(counters->timeouts);
    free(counters->consensus);
    free(counters->charges);
    free(counters->messages);
    *counters = (struct ehr_counters){0};
}

/* Heights of a chain are contiguous and proposals run ahead by a small window, so the row of a
 * height is its position. */
static struct ehr_block_row *block_row(struct ehr_counters *counters, uint32_t chain,
                                       uint64_t height)
{
    assert(chain < counters->names.chain_count && height > 0);
    struct ehr_chain_rows *rows = &counters->chains[chain];
    if (height > rows->row_capacity) {
        size_t capacity = rows->row_capacity == 0 ? 64 : 2 * rows->row_capacity;
        if (capacity < height)
            capacity = height;
        rows->rows = ehr_measure_grow(rows->rows, rows->row_capacity, capacity,
                                      sizeof(struct ehr_block_row));
        rows->row_capacity = capacity;
    }
    while (rows->row_count < height) {
        struct ehr_block_row *fresh = &rows->rows[rows->row_count++];
        fresh->proposed_ns = UINT64_MAX;
        fresh->proposer = UINT32_MAX;
    }
    return &rows->rows[height - 1];
}

void ehr_counters_block_proposed(struct ehr_counters *counters, uint32_t chain, uint64_t height,
                                 uint64_t view, uint32_t proposer, uint64_t now_ns)
{
    struct ehr_block_row *row = block_row(counters, chain, height);
    bool first = row->proposed_ns == UINT64_MAX;
    if (row->committed > 0 || (!first && view <= row->view))
        return;
    row->proposed_ns = now_ns;
    row->view = view;
    row->proposer = proposer;
}

bool ehr_counters_block_committed(struct ehr_counters *counters, uint32_t chain,
                                  const struct ehr_block_facts *facts, uint64_t now_ns)
{
    struct ehr_block_row *row = block_row(counters, chain, facts->height);
    if (row->committed == 0) {
        row->committed_first_ns = now_ns;
        row->view = facts->view;
        row->bytes = facts->bytes;
        row->transactions = facts->transactions;
        row->proposer = facts->proposer;
    }
    assert(now_ns >= row->committed_first_ns);
    if (now_ns > row->committed_last_ns)
        row->committed_last_ns = now_ns;
    return row->committed++ == 0;
}

void ehr_counters_block_signers(struct ehr_counters *counters, uint32_t chain, uint64_t height,
                                uint32_t signers)
{
    struct ehr_block_row *row = block_row(counters, chain, height);
    if (signers > row->signers)
        row->signers = signers;
}

void ehr_counters_view_change(struct ehr_counters *counters, uint32_t chain)
{
    assert(chain < counters->names.chain_count);
    counters->chains[chain].view_changes++;
}

/* The ordering messages that nodes of the tier sent. */
static struct ehr_tally ordering_sent(const struct ehr_counters *counters, enum ehr_tier tier)
{
    const struct ehr_measure_names *names = &counters->names;
    struct ehr_tally sum = {0};
    for (uint32_t node = 0; node < names->node_count; node++) {
        if (names->nodes[node].tier != tier)
            continue;
        for (uint32_t message = 0; message < names->message_count; message++) {
            if (!names->messages[message].ordering)
                continue;
            const struct ehr_tally *tally =
                ehr_counters_tally(counters, node, EHR_DIRECTION_OUT, message);
            sum.count += tally->count;
            sum.bytes += tally->bytes;
        }
    }
    return sum;
}

const struct ehr_block_row *ehr_counters_block(const struct ehr_counters *counters, uint32_t chain,
                                               uint64_t height)
{
    assert(chain < counters->names.chain_count && height > 0);
    assert(height <= counters->chains[chain].row_count);
    return &counters->chains[chain].rows[height - 1];
}

struct ehr_chain_totals ehr_counters_chain(const struct ehr_counters *counters, uint32_t chain)
{
    const struct ehr_chain_rows *rows = &counters->chains[chain];
    struct ehr_chain_totals totals = {.view_changes = rows->view_changes};
    for (size_t i = 0; i < rows->row_count; i++) {
        if (rows->rows[i].committed == 0)
            continue;
        totals.height = i + 1;
        totals.blocks++;
        totals.transactions += rows->rows[i].transactions;
    }
    return totals;
}

struct ehr_tier_totals ehr_counters_tier(const struct ehr_counters *counters, enum ehr_tier tier)
{
    struct ehr_tier_totals totals = {0};
    for (uint32_t chain = 0; chain < counters->names.chain_count; chain++) {
        if (counters->names.chains[chain].tier != tier)
            continue;
        const struct ehr_chain_totals one = ehr_counters_chain(counters, chain);
        totals.blocks += one.blocks;
        totals.transactions += one.transactions;
        totals.view_changes += one.view_changes;
    }
    struct ehr_tally sent = ordering_sent(counters, tier);
    totals.messages = sent.count;
    totals.bytes = sent.bytes;
    return totals;
}

struct ehr_tally ehr_counters_node(const struct ehr_counters *counters, uint32_t node,
                                   enum ehr_direction direction)
{
    struct ehr_tally sum = {0};
    for (uint32_t message = 0; message < counters->names.message_count; message++) {
        const struct ehr_tally *tally = ehr_counters_tally(counters, node, direction, message);
        sum.count += tally->count;
        sum.bytes += tally->bytes;
    }
    return sum;
}

const char *ehr_tier_name(enum ehr_tier tier)
{
    static const char *const names[EHR_TIER_END] = {"none", "private", "alliance"};
    assert(tier < EHR_TIER_END);
    return names[tier];
}

const char *ehr_direction_name(enum ehr_direction direction)
{
    static const char *const names[EHR_DIRECTION_END] = {"", "out", "in", "dropped", "lost"};
    assert(direction > EHR_DIRECTION_INVALID && direction < EHR_DIRECTION_END);
    return names[direction];
}
