/*
 * The timeline of a run, for trace.json: who worked when, and which message led to what. It is told
 * by the world while the run goes on, and knows nothing of the kernel. Source:
 * docs/formats/trace.md.
 *
 * It is bounded: at most `limit` events of the file. Everything told belongs to one or several
 * subjects: a request, a block of a chain, or itself. When more is told than may be kept, only the
 * subjects whose number is a multiple of k stay, k = 1, 2, 4, ...; what belongs to several stays
 * with any of them. So what is shown of a subject is whole. Memory: 72 bytes for each event, and
 * for the subjects of what belongs to several.
 */
#ifndef EHR_MEASURE_TIMELINE_H
#define EHR_MEASURE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/measure/requests.h"

#define EHR_TIMELINE_EVENTS_DEFAULT 200000u
#define EHR_TIMELINE_EVENTS_MIN     10000u
#define EHR_TIMELINE_EVENTS_MAX     10000000u

struct ehr_timeline;

/* A subject: request `number`, block `number` of `chain`, or something of its own. */
enum ehr_subject_kind { EHR_SUBJECT_OWN = 1, EHR_SUBJECT_REQUEST, EHR_SUBJECT_BLOCK };
struct ehr_subject {
    uint64_t number; /* from 1 */
    uint32_t chain;  /* BLOCK */
    enum ehr_subject_kind kind;
};

/* Where work is done, one piece at a time: a node, or a device. */
struct ehr_timeline_track {
    uint32_t index;
    bool device;
};

enum ehr_timeline_cause {
    EHR_TIMELINE_START = 1,
    EHR_TIMELINE_MESSAGE,
    EHR_TIMELINE_POST, /* handed over by the simulation */
    EHR_TIMELINE_TIMER,
};

struct ehr_timeline_handler {
    struct ehr_timeline_track track;
    struct ehr_subject subject;
    enum ehr_timeline_cause cause;
    uint32_t node;
    uint32_t type;    /* message; TIMER: its id */
    uint32_t phase;   /* type of an engine's message, + 1; 0: none */
    uint32_t waiting; /* events that wait */
    uint64_t number;  /* MESSAGE: as it was sent */
};

struct ehr_timeline_message {
    struct ehr_timeline_track track; /* of the sender */
    struct ehr_subject subject;
    uint32_t from, to;
    uint32_t type, phase;
    uint64_t bytes;
    uint64_t number; /* unique with `to`; 0: lost as it left */
};

enum ehr_timeline_step { EHR_TIMELINE_COMPUTE = 1, EHR_TIMELINE_PERSIST };
enum ehr_timeline_notice { EHR_TIMELINE_VIEW = 1, EHR_TIMELINE_EXPIRED, EHR_TIMELINE_EXPOSED };

/* Times of calls do not go back. Running out of memory ends the program with a message. */
struct ehr_timeline *ehr_timeline_new(uint32_t limit);
/* Accepts NULL. */
void ehr_timeline_free(struct ehr_timeline *timeline);

/* A handler runs on its track until it ends; a step is a part of it that takes time. */
void ehr_timeline_begin(struct ehr_timeline *timeline, uint64_t now_ns,
                        const struct ehr_timeline_handler *handler);
void ehr_timeline_step(struct ehr_timeline *timeline, uint64_t now_ns,
                       struct ehr_timeline_track track, enum ehr_timeline_step step);
void ehr_timeline_step_end(struct ehr_timeline *timeline, uint64_t now_ns,
                           struct ehr_timeline_track track);
void ehr_timeline_end(struct ehr_timeline *timeline, uint64_t now_ns,
                      struct ehr_timeline_track track, bool cut);

/* The handler that runs on the track, if one does, belongs to the subject, too. */
void ehr_timeline_belongs(struct ehr_timeline *timeline, struct ehr_timeline_track track,
                          struct ehr_subject subject);
/* It notices something. */
void ehr_timeline_notice(struct ehr_timeline *timeline, uint64_t now_ns,
                         struct ehr_timeline_track track, enum ehr_timeline_notice notice,
                         uint64_t value);
/* It sends a message; also where none runs. */
void ehr_timeline_send(struct ehr_timeline *timeline, uint64_t now_ns,
                       const struct ehr_timeline_message *message);

/* A request was opened; one that is open enters a phase, or has `added_ns` more of another. */
void ehr_timeline_request(struct ehr_timeline *timeline, uint32_t request);
void ehr_timeline_phase(struct ehr_timeline *timeline, uint64_t now_ns, uint32_t request,
                        enum ehr_phase phase);
void ehr_timeline_phase_add(struct ehr_timeline *timeline, uint64_t now_ns, uint32_t request,
                            enum ehr_phase phase, uint64_t added_ns);
/* A block was committed for the first time. */
void ehr_timeline_block(struct ehr_timeline *timeline, uint32_t chain, uint64_t height);

#endif /* EHR_MEASURE_TIMELINE_H */
