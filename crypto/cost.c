#include "crypto/cost.h"

#include <assert.h>
#include <string.h>

static const struct ehr_cost_table shipped = {
    .cpu = "Intel(R) Xeon(R) Processor (family 6, model 167)",
    .libsodium = "1.0.18",
    .date = "2026-11-22",
    .entry =
        {
#define COST_ENTRY(name, text, fixed, per_byte) [EHR_COST_##name] = {(fixed), (per_byte)},
            EHR_COST_TABLE(COST_ENTRY)
#undef COST_ENTRY
        },
};

static const struct ehr_cost_table zero = {
    .cpu = "none (all costs zero)", .libsodium = "none", .date = "none"};

static const char *const names[EHR_COST_COUNT] = {
#define COST_NAME(name, text, fixed, per_byte) [EHR_COST_##name] = (text),
    EHR_COST_TABLE(COST_NAME)
#undef COST_NAME
};

const struct ehr_cost_table *ehr_cost_table_default(void)
{
    return &shipped;
}

const struct ehr_cost_table *ehr_cost_table_zero(void)
{
    return &zero;
}

const char *ehr_cost_op_name(enum ehr_cost_op op)
{
    return op > EHR_COST_INVALID && op < EHR_COST_COUNT ? names[op] : NULL;
}

enum ehr_cost_op ehr_cost_op_find(const char *name)
{
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++)
        if (strcmp(names[op], name) == 0)
            return op;
    return EHR_COST_INVALID;
}

uint64_t ehr_cost_ns(const struct ehr_cost_table *table, enum ehr_cost_op op, uint64_t count,
                     uint64_t bytes)
{
    assert(op > EHR_COST_INVALID && op < EHR_COST_COUNT);
    const struct ehr_cost *cost = &table->entry[op];
    uint64_t fixed, streamed_ps, sum;
    if (__builtin_mul_overflow(count, cost->fixed_ns, &fixed) ||
        __builtin_mul_overflow(bytes, cost->per_byte_ps, &streamed_ps))
        return UINT64_MAX;
    uint64_t streamed = streamed_ps / 1000 + (streamed_ps % 1000 != 0);
    return __builtin_add_overflow(fixed, streamed, &sum) ? UINT64_MAX : sum;
}
