/* What the engines of chains did, and consensus.csv. */
#include "sim/measure/csv.h"
#include "sim/measure/tables.h"

static struct ehr_tally *tally_of(const struct ehr_counters *counters, uint32_t node,
                                  enum ehr_direction direction, uint32_t type)
{
    size_t row = (size_t)node * (EHR_DIRECTION_END - 1) + (size_t)direction - 1;
    return &counters->consensus[row * counters->names.consensus.message_count + type];
}

void ehr_counters_consensus(struct ehr_counters *counters, uint32_t node,
                            enum ehr_direction direction, uint32_t type, uint64_t bytes)
{
    assert(node < counters->names.node_count);
    assert(direction > EHR_DIRECTION_INVALID && direction < EHR_DIRECTION_END);
    if (type >= counters->names.consensus.message_count)
        return;
    struct ehr_tally *tally = tally_of(counters, node, direction, type);
    tally->count++;
    tally->bytes += bytes;
}

void ehr_counters_timeout(struct ehr_counters *counters, uint32_t node, uint32_t timer)
{
    assert(node < counters->names.node_count);
    if (timer < counters->names.consensus.timeout_count)
        counters->timeouts[(size_t)node * counters->names.consensus.timeout_count + timer]++;
}

/* `node` and `direction` may be absent; `bytes` is for messages. */
static void row(struct ehr_csv *csv, const char *chain, const char *node, const char *kind,
                const char *type, const char *direction, const struct ehr_tally *tally, bool bytes)
{
    const char *const texts[] = {chain, node, kind, type, direction};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i] == NULL)
            ehr_csv_empty(csv);
        else
            ehr_csv_text(csv, texts[i]);
    ehr_csv_count(csv, tally->count);
    if (bytes)
        ehr_csv_count(csv, tally->bytes);
    else
        ehr_csv_empty(csv);
    ehr_csv_end(csv);
}

static void messages(struct ehr_csv *csv, const struct ehr_counters *counters, uint32_t chain,
                     uint32_t node)
{
    const struct ehr_measure_names *names = &counters->names;
    for (uint32_t type = 0; type < names->consensus.message_count; type++) {
        const char *name = names->consensus.messages[chain][type];
        for (enum ehr_direction direction = EHR_DIRECTION_INVALID + 1;
             name != NULL && direction < EHR_DIRECTION_END; direction++) {
            const struct ehr_tally *tally = tally_of(counters, node, direction, type);
            if (tally->count > 0)
                row(csv, names->chains[chain].name, names->nodes[node].name, "message", name,
                    ehr_direction_name(direction), tally, true);
        }
    }
}

static void timeouts(struct ehr_csv *csv, const struct ehr_counters *counters, uint32_t chain,
                     uint32_t node)
{
    const struct ehr_measure_names *names = &counters->names;
    for (uint32_t timer = 0; timer < names->consensus.timeout_count; timer++) {
        const struct ehr_tally tally = {
            .count = counters->timeouts[(size_t)node * names->consensus.timeout_count + timer]};
        if (tally.count > 0 && names->consensus.timeouts[timer] != NULL)
            row(csv, names->chains[chain].name, names->nodes[node].name, "timeout",
                names->consensus.timeouts[timer], NULL, &tally, false);
    }
}

void ehr_table_consensus(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                         FILE *file)
{
    static const char *const columns[] = {"chain",     "node",  "kind", "type",
                                          "direction", "count", "bytes"};
    const struct ehr_counters *counters = &measure->counters;
    const struct ehr_measure_names *names = &counters->names;
    struct ehr_csv csv = {.file = file};
    (void)meta;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        ehr_csv_text(&csv, columns[i]);
    ehr_csv_end(&csv);
    for (uint32_t chain = 0; chain < names->chain_count; chain++) {
        const struct ehr_tally changes = {.count = counters->chains[chain].view_changes};
        row(&csv, names->chains[chain].name, NULL, "view_change", NULL, NULL, &changes, false);
        for (uint32_t node = 0; names->consensus.chains != NULL && node < names->node_count;
             node++) {
            if (names->consensus.chains[node] != chain)
                continue;
            messages(&csv, counters, chain, node);
            timeouts(&csv, counters, chain, node);
        }
    }
}
