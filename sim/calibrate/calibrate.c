#include "sim/calibrate/calibrate.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/calibrate/memory.h"
#include "sim/calibrate/sample.h"
#include "sim/calibrate/statistics.h"

struct ehr_calibration {
    struct ehr_samples samples;
    struct ehr_quartiles *sample; /* [samples.count] */
    struct ehr_quartiles fixed[EHR_COST_COUNT], per_byte[EHR_COST_COUNT];
};

/* The figures of one operation whose samples begin at `first`: a line in every round, and the
 * quartiles of what the rounds give. Sorts nothing of the samples. */
static void operation_reduce(struct ehr_calibration *c, const struct ehr_sample *first)
{
    const struct ehr_operation *operation = first->operation;
    unsigned rounds = c->samples.rounds, sizes = ehr_operation_sizes(operation);
    double *base = ehr_calibrate_zeroed(rounds, sizeof *base),
           *slope = ehr_calibrate_zeroed(rounds, sizeof *slope);
    for (unsigned round = 0; round < rounds; round++) {
        double x[EHR_OPERATION_SIZES_MAX] = {0}, y[EHR_OPERATION_SIZES_MAX] = {0};
        for (unsigned i = 0; i < sizes; i++) {
            x[i] = operation->sizes[i];
            y[i] = first[i].ns[round];
        }
        struct ehr_line line = {.base = y[0]};
        if (sizes > 1)
            line = ehr_line_fit(x, y, sizes);
        base[round] = line.base;
        slope[round] = operation->growth == EHR_GROWTH_BYTES ? 1000 * line.slope : line.slope;
    }
    if (operation->op != EHR_COST_INVALID)
        c->fixed[operation->op] = ehr_quartiles_of(base, rounds);
    if (operation->growth == EHR_GROWTH_BYTES)
        c->per_byte[operation->growth_op] = ehr_quartiles_of(slope, rounds);
    else if (operation->growth == EHR_GROWTH_ITEMS)
        c->fixed[operation->growth_op] = ehr_quartiles_of(slope, rounds);
    free(base);
    free(slope);
}

struct ehr_calibration *ehr_calibration_new(const struct ehr_calibrate_options *options)
{
    struct ehr_calibration *c = ehr_calibrate_zeroed(1, sizeof *c);
    if (!ehr_samples_take(&c->samples, options)) {
        free(c);
        return NULL;
    }
    c->sample = ehr_calibrate_zeroed(c->samples.count, sizeof *c->sample);
    for (size_t i = 0; i < c->samples.count; i++)
        if (c->samples.item[i].at == 0)
            operation_reduce(c, &c->samples.item[i]);
    for (size_t i = 0; i < c->samples.count; i++)
        c->sample[i] = ehr_quartiles_of(c->samples.item[i].ns, options->rounds);
    return c;
}

void ehr_calibration_free(struct ehr_calibration *c)
{
    if (c == NULL)
        return;
    ehr_samples_close(&c->samples);
    free(c->sample);
    free(c);
}

struct ehr_quartiles ehr_calibration_fixed(const struct ehr_calibration *c, enum ehr_cost_op op)
{
    assert(op > EHR_COST_INVALID && op < EHR_COST_COUNT);
    return c->fixed[op];
}

struct ehr_quartiles ehr_calibration_per_byte(const struct ehr_calibration *c, enum ehr_cost_op op)
{
    assert(op > EHR_COST_INVALID && op < EHR_COST_COUNT);
    return c->per_byte[op];
}

/* Noise can make what is nearly nothing negative. */
static uint64_t price(double median)
{
    return median > 0 ? (uint64_t)(median + 0.5) : 0;
}

void ehr_calibration_table(const struct ehr_calibration *c, struct ehr_cost_table *table)
{
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++)
        table->entry[op] =
            (struct ehr_cost){price(c->fixed[op].median), price(c->per_byte[op].median)};
}

size_t ehr_calibration_sample_count(const struct ehr_calibration *c)
{
    return c->samples.count;
}

const char *ehr_calibration_sample_name(const struct ehr_calibration *c, size_t i)
{
    assert(i < c->samples.count);
    return c->samples.item[i].operation->name;
}

unsigned ehr_calibration_sample_size(const struct ehr_calibration *c, size_t i)
{
    assert(i < c->samples.count);
    return c->samples.item[i].operation->sizes[c->samples.item[i].at];
}

struct ehr_quartiles ehr_calibration_sample(const struct ehr_calibration *c, size_t i)
{
    assert(i < c->samples.count);
    return c->sample[i];
}
