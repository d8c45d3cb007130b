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

#include "sim/consensus/engine.h"

struct ehr_batch {
    uint32_t unproposed; /* requests */
    uint32_t generation; /* of the batch timer */
    bool outstanding;    /* a PROPOSE awaits its PROPOSAL */
    bool armed;          /* the batch timer runs */
    bool due;            /* it ran out */
};

/* Whether the engine should ask for a block now: it then emits PROPOSE, for which the batch is
 * marked as asked for and its timer stopped. Else the timer is set where a part-filled batch waits.
 * `idle`: no block of this leader is in flight. A batch timeout of 0 never waits. The caller has
 * checked that it may propose at all. */
bool ehr_batch_begin(struct ehr_batch *batch, struct ehr_effects *out,
                     const struct ehr_engine_config *config, bool idle);
/* Cancels the batch timer if it runs. */
void ehr_batch_stop(struct ehr_batch *batch, struct ehr_effects *out);
/* A batch timer ran out; a stale one changes nothing. */
void ehr_batch_expired(struct ehr_batch *batch, uint32_t generation);

#endif /* EHR_CONSENSUS_BATCH_H */
