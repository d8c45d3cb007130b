/*
 * How long a run will still take, from how it went so far. Looks at a run are all it knows; it
 * reads no clock and no run. Not exact, and without influence on results: for the progress line.
 *
 * Until the last request has arrived, work is what is due, and what that costs is the processor
 * time of the last four fifths of the run, carried on with 7/10 of its trend (state that grows
 * makes requests dearer). Requests that pile up meanwhile, and those that are left in the end, take
 * as long as others did, or until the deadline. Processor time becomes wall-clock time at the rate
 * of the same four fifths, so that other programs disturb less.
 */
#ifndef EHR_MEASURE_ETA_H
#define EHR_MEASURE_ETA_H

#include <stdint.h>

/* What is still to come, as far as it is known. The unit of work is whatever the caller likes. */
struct ehr_outlook {
    uint64_t until_ns;    /* simulated time at which the last request is expected to arrive */
    uint64_t deadline_ns; /* the run ends then at the latest; UINT64_MAX: when all have ended */
    double due;           /* work expected to arrive until then; 0: as much at any time */
    uint64_t left;        /* work to end besides */
    uint64_t ended;       /* so far */
};

/* A look at a run: clocks since any moment, the same for all looks. */
struct ehr_eta_look {
    uint64_t wall_ns;
    uint64_t cpu_ns; /* of the process */
    uint64_t sim_ns;
    struct ehr_outlook outlook;
};

enum { EHR_ETA_LOOKS = 128 };

/* Fields are private. Zeroed: no look so far. */
struct ehr_eta {
    struct ehr_eta_look looks[EHR_ETA_LOOKS]; /* the last one is the newest */
    uint64_t spacing_ns;                      /* of the others, at least, in processor time */
    unsigned count;
};

/* One more look, not before the last one. When there are too many, every second one is forgotten.
 */
void ehr_eta_add(struct ehr_eta *eta, const struct ehr_eta_look *look);

/* Wall-clock time until the run ends, from the newest look on; UINT64_MAX: not known (yet). */
uint64_t ehr_eta_left_ns(const struct ehr_eta *eta);

#endif /* EHR_MEASURE_ETA_H */
