/* The request timer, which watches the primary, and the batch timer.
 *
 * Between view changes the request timer runs from the moment this replica left its view: when it
 * runs out and a quorum has left too, the new primary has failed and the next one is tried; if they
 * have not, the departure is sent again, since a replica that was away may have missed it
 * (OSDI'99, section 4.5.2: waiting for 2f+1 keeps a replica from running ahead on its own). Who has
 * left for a higher view has left this one, too: where messages are lost and no replica can be
 * spared, the last of a quorum may be one that went on with others who are down now.
 *
 * Its run is cut in parts of a quarter of the request timeout. After each but the last a replica
 * that got nowhere in it says what it lacks (status.c); a run lasts as long as if it were one. */
#include "sim/consensus/back_off.h"
#include "sim/consensus/pbft/pbft.h"

enum { PARTS = 4 };

/* Changes as this replica gets on, in this view or by what it executes. */
static uint64_t mark(const struct ehr_engine *e)
{
    return e->committed + e->prepared_top + e->stable;
}

/* The next part of a run: one of those after which it asks for what it lacks, or the last. */
static void part_start(struct ehr_engine *e)
{
    uint64_t part = e->config.request_timeout_ns / PARTS;
    e->request_final = e->config.replicas == 1 || part == 0 || e->request_left_ns <= part;
    if (e->request_final)
        part = e->request_left_ns;
    e->request_left_ns -= part;
    e->request_mark = mark(e);
    ehr_effect_timer(e->out, e->request_final ? EHR_ENGINE_TIMER_REQUEST : EHR_ENGINE_TIMER_REPEAT,
                     ++e->request_generation, part);
}

void ehr_pbft_request_timer_stop(struct ehr_engine *e)
{
    if (!e->request_armed)
        return;
    e->request_armed = false;
    ehr_effect_timer(e->out, e->request_final ? EHR_ENGINE_TIMER_REQUEST : EHR_ENGINE_TIMER_REPEAT,
                     ++e->request_generation, 0);
}

void ehr_pbft_request_timer_start(struct ehr_engine *e)
{
    if (e->request_armed && e->request_final) /* for the node it is another timer */
        ehr_pbft_request_timer_stop(e);
    e->request_armed = true;
    e->request_left_ns = ehr_back_off(e->config.request_timeout_ns, e->changes);
    part_start(e);
}

static void part_expired(struct ehr_engine *e)
{
    if (!e->active || mark(e) == e->request_mark)
        ehr_pbft_status_send(e);
    part_start(e);
}

void ehr_pbft_on_pending(struct ehr_engine *e, uint32_t unproposed, uint32_t waiting,
                         uint64_t oldest)
{
    bool changed = oldest != e->oldest;
    e->batch.unproposed = unproposed;
    e->waiting = waiting;
    e->oldest = oldest;
    if (!e->active)
        return;
    if (waiting == 0)
        ehr_pbft_request_timer_stop(e);
    else if (changed || !e->request_armed)
        ehr_pbft_request_timer_start(e);
    ehr_pbft_try_propose(e);
}

static void request_expired(struct ehr_engine *e)
{
    e->request_armed = false;
    if (!e->active) {
        if (ehr_pbft_left_count(e) >= e->quorum) {
            ehr_pbft_view_change_start(e, e->view + 1);
        } else {
            ehr_pbft_fetch(e);
            ehr_pbft_checkpoint_resend(e);
            ehr_pbft_view_change_resend(e);
            ehr_pbft_request_timer_start(e);
        }
        return;
    }
    /* Where others are certified to be ahead, this replica is late, not the primary: once. Alone,
     * it has nobody to change to. */
    if (e->config.replicas == 1 || ehr_pbft_fetch(e))
        ehr_pbft_request_timer_start(e);
    else
        ehr_pbft_view_change_start(e, e->view + 1);
}

void ehr_pbft_on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation)
{
    if (id == EHR_ENGINE_TIMER_BATCH) {
        ehr_batch_expired(&e->batch, generation);
        ehr_pbft_try_propose(e);
    } else if (e->request_armed && generation == e->request_generation) {
        if (id == EHR_ENGINE_TIMER_REPEAT && !e->request_final)
            part_expired(e);
        else if (id == EHR_ENGINE_TIMER_REQUEST && e->request_final)
            request_expired(e);
    }
}
