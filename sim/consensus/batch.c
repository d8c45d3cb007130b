/* Batching by size and time. */
#include "sim/consensus/batch.h"

enum ehr_batch_action ehr_batch_next(const struct ehr_batch *batch, bool idle, uint32_t batch_max,
                                     uint64_t batch_timeout_ns)
{
    if (batch->outstanding || batch->unproposed == 0)
        return EHR_BATCH_NOTHING;
    if (idle || batch->due || batch_timeout_ns == 0 || batch->unproposed >= batch_max)
        return EHR_BATCH_PROPOSE;
    return batch->armed ? EHR_BATCH_NOTHING : EHR_BATCH_WAIT;
}

void ehr_batch_asked(struct ehr_batch *batch, uint32_t batch_max)
{
    batch->unproposed -= batch->unproposed < batch_max ? batch->unproposed : batch_max;
    batch->outstanding = true;
    batch->due = false;
}

uint32_t ehr_batch_timer(struct ehr_batch *batch, bool armed)
{
    batch->armed = armed;
    return ++batch->generation;
}

void ehr_batch_expired(struct ehr_batch *batch, uint32_t generation)
{
    if (!batch->armed || generation != batch->generation)
        return;
    batch->armed = false;
    batch->due = true;
}
