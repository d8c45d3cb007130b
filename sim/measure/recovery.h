/*
 * What a fault did to a throughput: how high it was before, how low it fell, when it was back. It
 * knows nothing of flows, chains or files; it is given the moments at which things were done.
 *
 * Before: the mean over the last 60 s before the fault began, from the end of the warm-up on. From
 * the fault's beginning on, things are counted in bins, as short as leaves ten things in a bin at
 * the rate before (1, 2, 5, 10, 20, 30 or 60 s), whole ones, until `until_ns`. Lowest: the first of
 * the lowest bins that begin up to 60 s after the fault was over (after it began, if it never is):
 * what comes later has other reasons. Back: the beginning of the first bin after it that reaches
 * 90 % of before; there was no dip if the lowest does.
 */
#ifndef EHR_MEASURE_RECOVERY_H
#define EHR_MEASURE_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something that was done: a request, or a block of so many transactions. */
struct ehr_done {
    uint64_t ns;
    uint64_t count;
};

/* When to look at what. */
struct ehr_recovery_times {
    uint64_t warmup_ns;
    uint64_t begin_ns, end_ns; /* of the fault; end_ns UINT64_MAX: never */
    uint64_t until_ns;         /* of looking */
};

struct ehr_recovery {
    uint64_t bin_ns;
    double before_per_s; /* above 0 */
    double lowest_per_s;
    uint64_t lowest_ns; /* beginning of that bin */
    bool recovered;
    uint64_t recovered_ns; /* if so; begin_ns if there was no dip */
};

/* `done` in order of time. False: nothing was done before, or no whole bin is after the fault's
 * beginning. */
bool ehr_recovery_find(const struct ehr_done *done, size_t count,
                       const struct ehr_recovery_times *times, struct ehr_recovery *recovery);

#endif /* EHR_MEASURE_RECOVERY_H */
