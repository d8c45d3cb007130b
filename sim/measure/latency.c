#include "sim/measure/latency.h"

#include <assert.h>
#include <stdlib.h>

static int compare_u64(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

uint64_t ehr_latency_quantile(const uint64_t *sorted, size_t count, unsigned per_mille)
{
    assert(count > 0 && per_mille >= 1 && per_mille <= 1000);
    /* ceil(count * per_mille / 1000) in integers: 0.9 * 10 in floating point may be 9.000...1. */
    size_t rank = (count * per_mille + 999) / 1000;
    return sorted[rank - 1];
}

/* The sum of a million hour-long consents overflows 64 bits; quotients and remainders do not. */
static double exact_mean(const uint64_t *values, size_t count)
{
    uint64_t whole = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        whole += values[i] / count;
        rest += values[i] % count;
    }
    whole += rest / count;
    rest %= count;
    return (double)whole + (double)rest / (double)count;
}

struct ehr_latency ehr_latency_of(uint64_t *values, size_t count)
{
    if (count == 0)
        return (struct ehr_latency){0};
    qsort(values, count, sizeof(uint64_t), compare_u64);
    return (struct ehr_latency){
        .count = count,
        .mean_ns = exact_mean(values, count),
        .p50_ns = ehr_latency_quantile(values, count, 500),
        .p90_ns = ehr_latency_quantile(values, count, 900),
        .p95_ns = ehr_latency_quantile(values, count, 950),
        .p99_ns = ehr_latency_quantile(values, count, 990),
        .p999_ns = ehr_latency_quantile(values, count, 999),
        .max_ns = values[count - 1],
    };
}
