/*
 * The progress line of a run: simulated time, wall time, events per second, time to go. Written to
 * stderr if that is a terminal, at most five times a second; it has no influence on the results.
 * NO_COLOR (not empty) and TERM=dumb turn colour off.
 */
#ifndef EHR_MEASURE_PROGRESS_H
#define EHR_MEASURE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fields are private. */
struct ehr_progress {
    uint64_t total_ns;      /* simulated time at which the run is expected to end */
    uint64_t started_ns;    /* wall clock */
    uint64_t looked_ns;     /* wall clock, last time it was read */
    uint64_t drawn_ns;      /* wall clock, last time the line was drawn */
    uint64_t drawn_events;  /* events when it was drawn */
    uint64_t calls_to_look; /* calls left until the clock is read again */
    uint64_t stride;        /* calls between two looks */
    double events_per_s;    /* smoothed */
    bool shown;             /* stderr is a terminal and the caller wants it */
    bool colour;
    bool drawn;
};

/* Starts the clock. `quiet` (the command's --quiet) or a stderr that is no terminal turn all
 * further calls into no-ops. */
void ehr_progress_init(struct ehr_progress *progress, uint64_t total_ns, bool quiet);

/* Call as often as you like, once per event: `sim_ns` simulated time, `events` handled so far. */
void ehr_progress_update(struct ehr_progress *progress, uint64_t sim_ns, uint64_t events);

/* Erases the line. Call before anything else is printed, and at the end. */
void ehr_progress_close(struct ehr_progress *progress);

/* The line itself, without colour or carriage return, at most 79 columns, in `line` (80 bytes). */
void ehr_progress_format(char line[80], uint64_t sim_ns, uint64_t total_ns, uint64_t wall_ns,
                         double events_per_s);

#endif /* EHR_MEASURE_PROGRESS_H */
