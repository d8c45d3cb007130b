#include "sim/measure/recovery.h"

#define SECOND     UINT64_C(1000000000)
#define AROUND_NS  (60 * SECOND)
#define BIN_THINGS 10.0
#define BACK_SHARE 0.9

static double per_second(uint64_t count, uint64_t ns)
{
    return (double)count * 1e9 / (double)ns;
}

static uint64_t bin_choose(double before_per_s)
{
    static const uint64_t seconds[] = {1, 2, 5, 10, 20, 30, 60};
    size_t i = 0;
    while (i + 1 < sizeof(seconds) / sizeof(seconds[0]) &&
           before_per_s * (double)seconds[i] < BIN_THINGS)
        i++;
    return seconds[i] * SECOND;
}

/* Everything done in [from, to), with *next where the search goes on: the intervals follow one
 * another. */
static uint64_t count_in(const struct ehr_done *done, size_t count, size_t *next, uint64_t from_ns,
                         uint64_t to_ns)
{
    uint64_t sum = 0;
    while (*next < count && done[*next].ns < from_ns)
        (*next)++;
    while (*next < count && done[*next].ns < to_ns)
        sum += done[(*next)++].count;
    return sum;
}

bool ehr_recovery_find(const struct ehr_done *done, size_t count,
                       const struct ehr_recovery_times *times, struct ehr_recovery *recovery)
{
    size_t next = 0;
    uint64_t begin_ns = times->begin_ns;
    uint64_t from_ns = begin_ns > AROUND_NS ? begin_ns - AROUND_NS : 0;
    uint64_t dip_ns = (times->end_ns == UINT64_MAX ? begin_ns : times->end_ns) + AROUND_NS;
    if (from_ns < times->warmup_ns)
        from_ns = times->warmup_ns;
    if (from_ns >= begin_ns)
        return false;
    uint64_t before = count_in(done, count, &next, from_ns, begin_ns);
    if (before == 0)
        return false;
    *recovery = (struct ehr_recovery){.before_per_s = per_second(before, begin_ns - from_ns)};
    recovery->bin_ns = bin_choose(recovery->before_per_s);
    bool any = false;
    for (uint64_t at = begin_ns; at + recovery->bin_ns <= times->until_ns; at += recovery->bin_ns) {
        double rate =
            per_second(count_in(done, count, &next, at, at + recovery->bin_ns), recovery->bin_ns);
        bool back = rate >= BACK_SHARE * recovery->before_per_s;
        if (!any || (rate < recovery->lowest_per_s && at <= dip_ns)) {
            recovery->lowest_per_s = rate;
            recovery->lowest_ns = at;
            recovery->recovered = back;
            recovery->recovered_ns = begin_ns;
        } else if (back && !recovery->recovered) {
            recovery->recovered = true;
            recovery->recovered_ns = at;
        }
        any = true;
    }
    return any;
}
