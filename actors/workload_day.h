/* The time of day in arrivals: a rate that is constant within each of the equal parts of a day, and
 * the same every day. An arrival process at the mean rate, whose time is stretched where the rate
 * is low and shortened where it is high, has that rate: exact, by inversion of the cumulative rate
 * (Cinlar, Introduction to Stochastic Processes, 1975, 4.7), for Poisson arrivals and for fixed
 * gaps.
 *
 * Times are nanoseconds, as doubles: + - * / only, so that they are the same bits everywhere. */
#ifndef EHR_ACTORS_WORKLOAD_DAY_H
#define EHR_ACTORS_WORKLOAD_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the rate goes through the day: weights of equal parts, >= 0, at least one above 0; only their
 * ratios count. `count` 0: the same rate all day. */
struct ehr_workload_profile {
    const double *weights;
    size_t count;
};

/* A profile laid on days of one length, as seen by a run that begins at some time of day. */
struct workload_day {
    double
        *until;   /* by part: what a whole day at the mean rate has come to by its end; ascending */
    size_t parts; /* 0: flat */
    double day_ns;
    double start_ns; /* time of day at 0, < day_ns */
    double before;   /* what has come from midnight to then */
};

/* Free with workload_day_close. Preconditions: day_ns > 0, start_ns < day_ns. */
void workload_day_init(struct workload_day *day, const struct ehr_workload_profile *profile,
                       uint64_t day_ns, uint64_t start_ns);
void workload_day_close(struct workload_day *day);

/* When as much has come as at the mean rate comes in even_ns >= 0: both since the start, in ns.
 * Ascending in even_ns; even_ns itself where the profile is flat. */
double workload_day_time(const struct workload_day *day, double even_ns);

/* The other way: at the mean rate, when as much would have come as has by time_ns >= 0. */
double workload_day_even(const struct workload_day *day, double time_ns);

#endif /* EHR_ACTORS_WORKLOAD_DAY_H */
