/* What roles report to the measurements: the kinds of struct ehr_mark (sim/network/node.h).
 * A mark is an effect: it carries the time at which the work before it is done. */
#ifndef EHR_ACTORS_MARKS_H
#define EHR_ACTORS_MARKS_H

#include <stdint.h>

#include "sim/ledger/message.h"
#include "sim/measure/requests.h"
#include "sim/network/node.h"

enum ehr_mark_kind {
    EHR_MARK_SENT = 1,   /* the first message of `request` leaves */
    EHR_MARK_PHASE,      /* `phase` (enum ehr_phase) of `request` begins */
    EHR_MARK_PHASE_ADD,  /* `value` ns more in `phase` of `request`, measured by another node */
    EHR_MARK_CLOSE,      /* `request` ends; `phase` is an enum ehr_reply */
    EHR_MARK_TIMEOUT,    /* `request` ends: the asker gave up waiting; `phase` as in CLOSE */
    EHR_MARK_BLAME,      /* node `value` is to blame for how `request` ends */
    EHR_MARK_IDENTICAL,  /* the record of `request` opened byte for byte */
    EHR_MARK_DURABLE,    /* the visit `request` is on the private chain */
    EHR_MARK_SHARED,     /* and on the alliance chain */
    EHR_MARK_EXPOSED,    /* a proxy of `request` (a revocation) stops serving now */
    EHR_MARK_PROPOSED,   /* chain `phase`: this node proposes height `value`; request: view */
    EHR_MARK_COMMITTED,  /* chain `phase`: this replica executed height `value`; request: view */
    EHR_MARK_SIGNERS,    /* chain `phase`, height `value`: signatures known now in `request` */
    EHR_MARK_VIEW,       /* chain `phase`: this replica entered view `value` after a time-out */
    EHR_MARK_EXPIRED,    /* chain `phase`: a time-out (engine's timer `value`) that had an effect */
    EHR_MARK_DIVERGED,   /* chain `phase`: this replica committed another block at `value` */
    EHR_MARK_DROPPED,    /* a peer's bad message was dropped; `phase` is its message type */
    EHR_MARK_REFUSED_TX, /* chain `phase`: a transaction was refused; value: enum ehr_reply */
    EHR_MARK_ACKED,      /* a client holds `phase` (chain)'s acknowledgement of height `value` */
    EHR_MARK_PRIVATE_COMMIT, /* hospital `value` learned of a certified private block */
};

static inline void ehr_mark(struct ehr_fx *fx, enum ehr_mark_kind kind, uint64_t request,
                            uint16_t phase, uint64_t value)
{
    ehr_fx_mark(fx, (struct ehr_mark){(uint16_t)kind, phase, (uint32_t)request, value});
}

static inline void ehr_mark_phase(struct ehr_fx *fx, uint64_t request, enum ehr_phase phase)
{
    ehr_mark(fx, EHR_MARK_PHASE, request, (uint16_t)phase, 0);
}

/* How a reply ends a request, and under which reason it is counted. */
enum ehr_outcome ehr_reply_outcome(enum ehr_reply reply);
enum ehr_reason ehr_reply_reason(enum ehr_reply reply);
/* What a peer refused with: `status` as it came, but MALFORMED where it refuses nothing (done, or
 * no reply at all): nobody's word alone ends a request as ok. */
enum ehr_reply ehr_reply_refusal(uint8_t status);

#endif /* EHR_ACTORS_MARKS_H */
