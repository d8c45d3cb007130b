/* Batching by size and time. */
#include "sim/consensus/batch.h"

#include "sim/consensus/effects.h"

void ehr_batch_stop(struct ehr_batch *batch, struct ehr_effects *out)
{
    if (!batch->armed)
        return;
    batch->armed = false;
    ehr_effect_timer(out, EHR_ENGINE_TIMER_BATCH, ++batch->generation, 0);
}

bool ehr_batch_begin(struct ehr_batch *batch, struct ehr_effects *out,
                     const struct ehr_engine_config *config, bool idle)
{
    if (batch->outstanding || batch->unproposed == 0)
        return false;
    if (idle || batch->due || config->batch_timeout_ns == 0 ||
        batch->unproposed >= config->batch_max) {
        ehr_batch_stop(batch, out);
        batch->unproposed -=
            batch->unproposed < config->batch_max ? batch->unproposed : config->batch_max;
        batch->outstanding = true;
        batch->due = false;
        return true;
    }
    if (!batch->armed) {
        batch->armed = true;
        ehr_effect_timer(out, EHR_ENGINE_TIMER_BATCH, ++batch->generation,
                         config->batch_timeout_ns);
    }
    return false;
}

void ehr_batch_expired(struct ehr_batch *batch, uint32_t generation)
{
    if (!batch->armed || generation != batch->generation)
        return;
    batch->armed = false;
    batch->due = true;
}
