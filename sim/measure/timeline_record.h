/* What a timeline keeps until it is written. Internal to sim/measure. */
#ifndef EHR_MEASURE_TIMELINE_RECORD_H
#define EHR_MEASURE_TIMELINE_RECORD_H

#include <stddef.h>

#include "sim/measure/timeline.h"

/* A group is OWNERs, the HANDLER they stand for, and its STEPs and NOTICEs, one behind another; it
 * stays while one of its owners does. All other records stand alone. */
enum ehr_record_kind {
    EHR_RECORD_OWNER = 1, /* subject */
    EHR_RECORD_HANDLER,
    EHR_RECORD_STEP,
    EHR_RECORD_NOTICE,
    EHR_RECORD_SEND,
    EHR_RECORD_RECEIVE,
    EHR_RECORD_LOST,
    EHR_RECORD_REQUEST,
    EHR_RECORD_PHASE,
    EHR_RECORD_PHASE_ADD,
    EHR_RECORD_BLOCK,
};

struct ehr_timeline_record {
    uint64_t order; /* in which it all happened: the order of times, too */
    uint64_t at_ns;
    uint64_t span_ns;  /* HANDLER, STEP, PHASE_ADD */
    uint64_t number;   /* SEND, RECEIVE: of the message; NOTICE: value */
    uint64_t subject;  /* its number */
    uint32_t chain;    /* of the subject */
    uint32_t track;    /* index */
    uint32_t node, to; /* HANDLER: node, events that wait; messages: sender, receiver */
    uint32_t type;     /* of message, timer, step, notice, phase */
    uint32_t bytes;    /* SEND, LOST */
    uint16_t phase;    /* of an engine's message, + 1 */
    uint8_t kind;      /* enum ehr_record_kind */
    uint8_t of;        /* enum ehr_subject_kind */
    uint8_t cause;     /* HANDLER: enum ehr_timeline_cause */
    bool device;       /* the track is one */
    bool cut;          /* HANDLER */
    bool matched;      /* SEND, RECEIVE: the other one is there; number counts such pairs */
};

struct ehr_timeline_open;

struct ehr_timeline {
    struct ehr_timeline_record *records;
    size_t count, capacity;
    uint64_t limit;
    uint64_t reserved; /* events that are none of the records' */
    uint64_t used;     /* events of the file that the records make */
    uint64_t every;    /* k */
    uint64_t order;
    uint64_t last_ns;
    uint64_t handlers;                  /* number of the last one: a subject of its own */
    struct ehr_timeline_open **open[2]; /* by device, index; NULL: nothing runs */
    size_t open_count[2];
    struct ehr_timeline_open *idle;
};

/* The run is over: what still runs ends. Then leaves room for `reserved` events. */
void ehr_timeline_finish(struct ehr_timeline *timeline, uint64_t now_ns, uint64_t reserved);

/* Events of the file that a record makes. */
uint64_t ehr_timeline_weight(const struct ehr_timeline_record *record);

#endif /* EHR_MEASURE_TIMELINE_RECORD_H */
