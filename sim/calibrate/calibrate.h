/* Measures what every operation of the cost table (crypto/cost.h) takes on the processor at hand.
 * Not a profiler of a run: the functions are called as the roles call them, on objects made for it.
 *
 * Time is the caller's clock of processor time. All operations take a sample in every round, so
 * that a noisy moment falls on all of them and not on one; figures are medians over the rounds.
 * What grows (with bytes, proxies, shares, path length) is a line through several sizes, fitted in
 * each round.
 *
 * A nanosecond measured here is one at a host of 1 Gf/s: that is how the speed of a host in a
 * platform file is to be understood, as a multiple of the processor that was calibrated.
 *
 * While it measures, the memory of verifications (crypto/memo.h) is off and the group is
 * libsodium's; afterwards the memory is empty, with its default bound. */
#ifndef EHR_CALIBRATE_CALIBRATE_H
#define EHR_CALIBRATE_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/cost.h"

struct ehr_calibrate_options {
    uint64_t (*clock_ns)(void); /* processor time of this thread */
    unsigned rounds;            /* >= 1 */
    uint64_t sample_ns;         /* least length of a sample; operations are repeated to fill it */
    /* Called before every round, if not NULL; false ends the measurement. */
    bool (*progress)(void *context, unsigned round);
    void *context;
};

/* Over the rounds. */
struct ehr_quartiles {
    double low, median, high;
};

struct ehr_calibration;

/* Takes all samples. NULL where `progress` said so. */
struct ehr_calibration *ehr_calibration_new(const struct ehr_calibrate_options *options);
/* Accepts NULL. */
void ehr_calibration_free(struct ehr_calibration *calibration);

/* The table's two figures of an operation: ns, and ps a byte; zeros where it has no such part. */
struct ehr_quartiles ehr_calibration_fixed(const struct ehr_calibration *calibration,
                                           enum ehr_cost_op op);
struct ehr_quartiles ehr_calibration_per_byte(const struct ehr_calibration *calibration,
                                              enum ehr_cost_op op);

/* Writes the rounded medians to the entries of `table`; its texts are left as they are. */
void ehr_calibration_table(const struct ehr_calibration *calibration, struct ehr_cost_table *table);

/* ---- What the figures were made of, and some that are not in the table ---- */

/* Samples: `count` of them, each of a name and a size (0 where there is only one). */
size_t ehr_calibration_sample_count(const struct ehr_calibration *calibration);
const char *ehr_calibration_sample_name(const struct ehr_calibration *calibration, size_t i);
unsigned ehr_calibration_sample_size(const struct ehr_calibration *calibration, size_t i);
/* ns of one call. */
struct ehr_quartiles ehr_calibration_sample(const struct ehr_calibration *calibration, size_t i);

#endif /* EHR_CALIBRATE_CALIBRATE_H */
