/* When a leader asks its node for the next block: at once when it is idle or a batch is full, else
 * when the batch timer runs out. Shared by every engine; it knows nothing of views or votes.
 *
 * The pool lives with the node. `unproposed` is what the node said last, less what was asked for
 * since: too high an estimate costs an empty answer, and the node corrects it with its next word.
 */
#ifndef EHR_CONSENSUS_BATCH_H
#define EHR_CONSENSUS_BATCH_H

#include <stdbool.h>
#include <stdint.h>

struct ehr_batch {
    uint32_t unproposed; /* requests */
    uint32_t generation; /* of the batch timer */
    bool outstanding;    /* a PROPOSE awaits its PROPOSAL */
    bool armed;          /* the batch timer runs */
    bool due;            /* it ran out */
};

/* What the engine should do next. WAIT: arm the batch timer. */
enum ehr_batch_action { EHR_BATCH_NOTHING = 1, EHR_BATCH_WAIT, EHR_BATCH_PROPOSE };

/* `idle`: no block of this leader is in flight. `batch_max` in requests; a timeout of 0 never
 * waits. Pure; the caller has checked that it may propose at all. */
enum ehr_batch_action ehr_batch_next(const struct ehr_batch *batch, bool idle, uint32_t batch_max,
                                     uint64_t batch_timeout_ns);
/* The engine emits PROPOSE. */
void ehr_batch_asked(struct ehr_batch *batch, uint32_t batch_max);
/* The engine starts or cancels the batch timer; returns its new generation. */
uint32_t ehr_batch_timer(struct ehr_batch *batch, bool armed);
/* A batch timer ran out; a stale one changes nothing. */
void ehr_batch_expired(struct ehr_batch *batch, uint32_t generation);

#endif /* EHR_CONSENSUS_BATCH_H */
