/* The timer that watches a view, with back-off, the one that watches an answer, and the pool.
 *
 * The first runs only while something is expected: a request, a block that is not committed, a
 * branch. With a rotating leader every view gets its time; a fixed one has to execute the oldest
 * request in it. The second runs while a node is asked for and never backs off: how long views
 * take says nothing about the next peer. */
#include "sim/consensus/back_off.h"
#include "sim/consensus/hotstuff/hotstuff.h"

static bool late(const struct ehr_engine *e)
{
    return e->ahead.present || e->needing || e->certified.height > e->committed;
}

static void need_timer_update(struct ehr_engine *e)
{
    bool expects = e->needing || e->ahead.present;
    if (expects == e->need_armed)
        return;
    e->need_armed = expects;
    ehr_effect_timer(e->out, EHR_ENGINE_TIMER_NEED, ++e->need_generation,
                     expects ? e->config.request_timeout_ns : 0);
}

static void view_timer_update(struct ehr_engine *e)
{
    bool expects = e->waiting > 0 || e->tip > e->committed || ehr_hotstuff_left(e) || late(e);
    bool restart = expects && (e->timer_restart || !e->timer_armed);
    e->timer_restart = false;
    if (!restart && (expects || !e->timer_armed))
        return;
    e->timer_armed = expects;
    ehr_effect_timer(e->out, EHR_ENGINE_TIMER_REQUEST, ++e->timer_generation,
                     expects ? ehr_back_off(e->config.request_timeout_ns, e->changes) : 0);
}

/* The timer that runs was backed off; the leader of this view has done nothing to deserve it. */
void ehr_hotstuff_progress(struct ehr_engine *e)
{
    e->timer_restart |= e->changes > 0;
    e->changes = 0;
}

void ehr_hotstuff_timers_update(struct ehr_engine *e)
{
    need_timer_update(e);
    view_timer_update(e);
}

void ehr_hotstuff_on_pending(struct ehr_engine *e, uint32_t unproposed, uint32_t waiting,
                             uint64_t oldest)
{
    if (oldest != e->oldest && e->config.fixed_leader && !ehr_hotstuff_left(e))
        e->timer_restart = true;
    e->batch.unproposed = unproposed;
    e->waiting = waiting;
    e->oldest = oldest;
}

static void view_expired(struct ehr_engine *e)
{
    e->timer_armed = false;
    if (late(e)) {
        ehr_hotstuff_fetch(e);
        ehr_hotstuff_need_again(e);
    }
    if (e->config.replicas == 1)
        return;
    if (ehr_hotstuff_left(e)) {
        ehr_hotstuff_checkpoint_repeat(e, EHR_ENGINE_TO_ALL);
        if (ehr_hotstuff_outrun(e)) /* they may not be able to show how this view was left */
            ehr_hotstuff_leave(e, ehr_hotstuff_after(e, ehr_hotstuff_key(e, e->view)));
        else
            ehr_hotstuff_timeout_send(e);
    } else if (late(e) && e->patience != e->view) {
        e->patience = e->view; /* this replica is late, not the leader: once */
    } else {
        ehr_hotstuff_checkpoint_repeat(e, EHR_ENGINE_TO_ALL);
        ehr_hotstuff_leave(e, ehr_hotstuff_key(e, e->view));
    }
    ehr_hotstuff_retry(e);
}

void ehr_hotstuff_on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation)
{
    if (id == EHR_ENGINE_TIMER_NEED && e->need_armed && generation == e->need_generation) {
        e->need_armed = false;
        ehr_hotstuff_fetch(e); /* nobody may hold the nodes any more */
        ehr_hotstuff_need_again(e);
        ehr_hotstuff_retry(e);
    } else if (id == EHR_ENGINE_TIMER_REQUEST && e->timer_armed &&
               generation == e->timer_generation) {
        view_expired(e);
    }
}
