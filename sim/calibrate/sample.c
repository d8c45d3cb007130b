#include "sim/calibrate/sample.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/group.h"
#include "crypto/memo.h"
#include "sim/calibrate/memory.h"

static uint64_t elapsed(const struct ehr_calibrate_options *options, struct ehr_fixture *fixture,
                        const struct ehr_sample *sample)
{
    assert(sample->operation != NULL); /* `list` set it */
    void (*run)(struct ehr_fixture *, unsigned) = sample->operation->run;
    uint64_t began = options->clock_ns();
    for (uint64_t i = 0; i < sample->calls; i++)
        run(fixture, sample->at);
    return options->clock_ns() - began;
}

/* Where the stack lies, which differs from process to process, makes some operations slow: with the
 * stack unluckily placed an Ed25519 signature takes half as long again. So the rounds lie at
 * different depths, over more than a page, and the median is of the usual case. After Mytkowicz et
 * al., "Producing wrong data without doing anything obviously wrong", ASPLOS'09. */
enum { DEPTHS = 37, DEPTH_BYTES = 96 };

static uint64_t elapsed_at_depth(const struct ehr_calibrate_options *options,
                                 struct ehr_fixture *fixture, const struct ehr_sample *sample,
                                 unsigned depth)
{
    volatile uint8_t filler[DEPTH_BYTES];
    filler[0] = 1;
    uint64_t ns = depth == 0 ? elapsed(options, fixture, sample)
                             : elapsed_at_depth(options, fixture, sample, depth - 1);
    return ns * filler[0]; /* nothing of this is optimised away */
}

/* As many calls as fill a sample; also the first to touch code and data. */
static void calls_choose(const struct ehr_calibrate_options *options, struct ehr_fixture *fixture,
                         struct ehr_sample *sample)
{
    sample->calls = 1;
    while (elapsed(options, fixture, sample) < options->sample_ns && sample->calls < UINT64_C(1)
                                                                                         << 32)
        sample->calls *= 2;
}

static void list(struct ehr_samples *samples, unsigned rounds)
{
    *samples = (struct ehr_samples){.rounds = rounds};
    for (size_t i = 0; i < ehr_operation_count; i++)
        samples->count += ehr_operation_sizes(&ehr_operations[i]);
    samples->item = ehr_calibrate_zeroed(samples->count, sizeof *samples->item);
    struct ehr_sample *next = samples->item;
    for (size_t i = 0; i < ehr_operation_count; i++)
        for (unsigned at = 0; at < ehr_operation_sizes(&ehr_operations[i]); at++)
            *next++ = (struct ehr_sample){.operation = &ehr_operations[i],
                                          .at = at,
                                          .ns = ehr_calibrate_zeroed(rounds, sizeof(double))};
}

static bool rounds_take(struct ehr_samples *samples, const struct ehr_calibrate_options *options,
                        struct ehr_fixture *fixture)
{
    for (size_t i = 0; i < samples->count; i++)
        calls_choose(options, fixture, &samples->item[i]);
    for (unsigned round = 0; round < samples->rounds; round++) {
        if (options->progress != NULL && !options->progress(options->context, round))
            return false;
        for (size_t i = 0; i < samples->count; i++) {
            struct ehr_sample *sample = &samples->item[i];
            sample->operation->run(fixture, sample->at); /* what ran before has used the caches */
            sample->ns[round] = (double)elapsed_at_depth(options, fixture, sample, round % DEPTHS) /
                                (double)sample->calls;
        }
    }
    return true;
}

bool ehr_samples_take(struct ehr_samples *samples, const struct ehr_calibrate_options *options)
{
    assert(options->rounds >= 1);
    ehr_crypto_init();
    ehr_group_provider_set(&ehr_group_sodium);
    ehr_memo_configure(0);
    struct ehr_fixture *fixture = ehr_fixture_new();
    list(samples, options->rounds);
    bool complete = rounds_take(samples, options, fixture);
    ehr_fixture_free(fixture);
    ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
    if (!complete)
        ehr_samples_close(samples);
    return complete;
}

void ehr_samples_close(struct ehr_samples *samples)
{
    for (size_t i = 0; i < samples->count; i++)
        free(samples->item[i].ns);
    free(samples->item);
    *samples = (struct ehr_samples){0};
}
