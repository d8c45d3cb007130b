/*
 * The progress line of a run: simulated time, wall time, events per second, time to go. Written to
 * stderr if that is a terminal that can draw over a line (terminal.h), at most five times a second;
 * it has no influence on the results. NO_COLOR (not empty) turns colour off.
 */
#ifndef EHR_MEASURE_PROGRESS_H
#define EHR_MEASURE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/measure/eta.h"

/* Asked now and then, with the simulated time. */
typedef struct ehr_outlook ehr_outlook_look(void *context, uint64_t sim_ns);

/* Fields are private. */
struct ehr_progress {
    uint64_t until_ns;      /* simulated, when the last request is expected to arrive; 0: unknown */
    uint64_t started_ns;    /* wall clock */
    uint64_t looked_ns;     /* wall clock, last time it was read */
    uint64_t drawn_ns;      /* wall clock, last time the line was drawn */
    uint64_t drawn_events;  /* events when it was drawn */
    uint64_t calls_to_look; /* calls left until the clock is read again */
    uint64_t stride;        /* calls between two looks */
    double events_per_s;    /* smoothed */
    ehr_outlook_look *look;
    void *context;
    struct ehr_eta eta;
    bool shown; /* stderr is a terminal and the caller wants it */
    bool colour;
    bool drawn;
};

/* Starts the clock. `look` tells what is still to come. `quiet` (the command's --quiet) or a stderr
 * that is no such terminal turn all further calls into no-ops. */
void ehr_progress_init(struct ehr_progress *progress, bool quiet, ehr_outlook_look *look,
                       void *context);

/* Call as often as you like, once per event: `sim_ns` simulated time, `events` handled so far. */
void ehr_progress_update(struct ehr_progress *progress, uint64_t sim_ns, uint64_t events);

/* Erases the line. Call before anything else is printed, and at the end. */
void ehr_progress_close(struct ehr_progress *progress);

/* What stands in the line. */
struct ehr_progress_state {
    uint64_t sim_ns;
    uint64_t total_ns; /* the simulated time at which requests cease to arrive; 0: nobody knows */
    uint64_t wall_ns;
    uint64_t left_ns; /* wall-clock time; UINT64_MAX: nobody knows */
    double events_per_s;
};

/* The line itself, without colour or carriage return, at most 79 columns, in `line` (80 bytes). The
 * bar and the percentage are of wall-clock time. */
void ehr_progress_format(char line[80], const struct ehr_progress_state *state);

#endif /* EHR_MEASURE_PROGRESS_H */
