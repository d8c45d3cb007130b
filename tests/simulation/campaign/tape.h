/* The choices of a run: an endless tape of numbers that the seed alone decides, read in order. What
 * a run does is a function of its setup and its tape, so that a shorter tape, or one with zeros in
 * it, is a smaller schedule that a command line can name (shrink.h).
 *
 * Zero is the calm choice everywhere: nothing is lost, nobody crashes, the delay is the smallest.
 */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_TAPE_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_TAPE_H

#include <stdbool.h>
#include <stdint.h>

enum { EHR_TAPE_ZEROS_MAX = 32 };

/* Positions first .. end - 1 read as zero. */
struct ehr_tape_range {
    uint64_t first, end;
};

/* What is left of the tape; all zero: nothing is cut. */
struct ehr_tape_cuts {
    bool limited;
    uint64_t limit; /* positions from here on read as zero */
    uint32_t count;
    struct ehr_tape_range zeros[EHR_TAPE_ZEROS_MAX]; /* ascending, apart */
};

struct ehr_tape {
    uint64_t seed, position;
    uint64_t calm_from, calm_until; /* the next stretch of zeros */
    const struct ehr_tape_cuts *cuts;
    uint32_t next; /* range */
};

/* One step of SplitMix64; also how setups are drawn. */
static inline uint64_t ehr_tape_mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* `cuts` stays the caller's and has to outlive the tape. */
void ehr_tape_open(struct ehr_tape *tape, uint64_t seed, const struct ehr_tape_cuts *cuts);
/* Moves on to the stretch of zeros behind the one that has ended. */
void ehr_tape_stretch(struct ehr_tape *tape);

static inline uint64_t ehr_tape_next(struct ehr_tape *tape)
{
    uint64_t at = tape->position++;
    if (at >= tape->calm_from) {
        if (at >= tape->calm_until)
            ehr_tape_stretch(tape);
        if (at >= tape->calm_from && at < tape->calm_until)
            return 0;
    }
    return ehr_tape_mix(tape->seed + (at + 1) * UINT64_C(0x9E3779B97F4A7C15));
}

/* A number below `below`, which is at most 2^32. */
static inline uint64_t ehr_tape_draw(struct ehr_tape *tape, uint64_t below)
{
    return (ehr_tape_next(tape) >> 32) * below >> 32;
}

/* True `rate` times in 65536; reads nothing where it cannot happen. */
static inline bool ehr_tape_chance(struct ehr_tape *tape, uint32_t rate)
{
    return rate != 0 && (ehr_tape_next(tape) >> 48) + rate >= 65536;
}

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_TAPE_H */
