#include "actors/workload_day.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/memory.h"

static double part_begin(const struct workload_day *day, size_t part)
{
    return part == 0 ? 0 : day->until[part - 1];
}

static double part_ns(const struct workload_day *day)
{
    return day->day_ns / (double)day->parts;
}

/* What has come of a day by this time of it. */
static double come_by(const struct workload_day *day, double time_ns)
{
    size_t part = (size_t)(time_ns / part_ns(day));
    part = part < day->parts ? part : day->parts - 1;
    double begin = part_begin(day, part);
    return begin +
           (day->until[part] - begin) * (time_ns - (double)part * part_ns(day)) / part_ns(day);
}

void workload_day_init(struct workload_day *day, const struct ehr_workload_profile *profile,
                       uint64_t day_ns, uint64_t start_ns)
{
    double sum = 0, so_far = 0;
    *day = (struct workload_day){.day_ns = (double)day_ns, .start_ns = (double)start_ns};
    if (profile->count == 0)
        return;
    assert(day_ns > 0 && start_ns < day_ns);
    day->parts = profile->count;
    day->until = ehr_actor_new(day->parts * sizeof *day->until);
    for (size_t i = 0; i < day->parts; i++)
        sum += profile->weights[i];
    assert(sum > 0);
    for (size_t i = 0; i < day->parts; i++) {
        so_far += profile->weights[i]; /* in the order of the sum: the last is exactly a day */
        day->until[i] = so_far / sum * day->day_ns;
    }
    day->before = come_by(day, day->start_ns);
}

void workload_day_close(struct workload_day *day)
{
    free(day->until);
    *day = (struct workload_day){0};
}

/* The first part that ends with more than `come`; parts in which nothing comes are passed over. */
static size_t part_find(const struct workload_day *day, double come)
{
    size_t low = 0, high = day->parts - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (day->until[middle] > come)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double workload_day_time(const struct workload_day *day, double even_ns)
{
    if (day->parts == 0)
        return even_ns;
    double come = day->before + even_ns;
    double days = (double)(uint64_t)(come / day->day_ns);
    double rest = come - days * day->day_ns;
    if (rest < 0) { /* the quotient was rounded up */
        days -= 1;
        rest += day->day_ns;
    }
    size_t part = part_find(day, rest);
    double begin = part_begin(day, part), width = day->until[part] - begin;
    double within = width > 0 ? (rest - begin) / width : 1; /* 1: a last part without a rate */
    double time = days * day->day_ns + ((double)part + within) * part_ns(day) - day->start_ns;
    return time > 0 ? time : 0;
}

double workload_day_even(const struct workload_day *day, double time_ns)
{
    if (day->parts == 0)
        return time_ns;
    double time = day->start_ns + time_ns;
    double days = (double)(uint64_t)(time / day->day_ns);
    double rest = time - days * day->day_ns;
    return days * day->day_ns + come_by(day, rest > 0 ? rest : 0) - day->before;
}
