/* Opening a view: the new primary's NEW_VIEW, and entering it. */
#include "sim/consensus/pbft/pbft.h"

/* Whether the blocks chosen contradict what this replica has committed: not while at most f are
 * faulty, but nothing committed is ever given up. */
static bool contradicts_chain(const struct ehr_engine *e, const struct ehr_pbft_choice *choice)
{
    const struct ehr_digest *known =
        choice->base <= e->committed ? ehr_pbft_chain_block(e, choice->base) : NULL;
    if (known != NULL && choice->base_known && !ehr_pbft_digest_equal(known, &choice->base_block))
        return true;
    for (uint32_t i = 0; i < choice->count; i++) {
        uint64_t height = choice->base + 1 + i;
        known = height <= e->committed ? ehr_pbft_chain_block(e, height) : NULL;
        if (known != NULL && !ehr_pbft_digest_equal(known, &choice->blocks[i]))
            return true;
    }
    return false;
}

static void switch_rings(struct ehr_engine *e)
{
    if (e->next.slots != NULL && e->next.view == e->view) {
        struct ehr_pbft_ring left = e->now;
        e->now = e->next;
        e->next = left;
        ehr_pbft_ring_clear(e, &e->next, e->view + 1);
    } else {
        ehr_pbft_ring_clear(e, &e->now, e->view);
    }
}

static void adopt_base(struct ehr_engine *e, const struct ehr_pbft_choice *choice)
{
    if (choice->base > e->stable)
        ehr_pbft_stabilise(e, choice->base, &choice->state, choice->proof.entries,
                           choice->proof.count, choice->base_known ? &choice->base_block : NULL);
    if (choice->base > e->committed)
        ehr_pbft_fetch(e);
}

/* Comes before the primary's NEW_VIEW leaves: the node releases what was proposed, then takes the
 * requests of the blocks chosen, the first that message carries, as proposed again. */
static void announce(struct ehr_engine *e, uint64_t view, const struct ehr_pbft_choice *choice)
{
    ehr_pbft_emit_persist(e, EHR_ENGINE_NEW_VIEW, view, choice->base + choice->count, NULL);
    ehr_pbft_emit_new_view(e, view, choice->count);
}

static void enter(struct ehr_engine *e, uint64_t view, const struct ehr_pbft_choice *choice)
{
    if (e->active)
        ehr_pbft_prepared_pack(e);
    e->view = view;
    e->active = true;
    e->batch.outstanding = false;
    e->departures_stale = true;
    ehr_batch_stop(&e->batch, e->out);
    adopt_base(e, choice);
    switch_rings(e);
    e->top = e->prepared_top = e->stable;
    e->top_block = e->stable_block;
    e->top_known = e->stable_block_known;
    e->carried_top = choice->base + choice->count;
    for (uint32_t i = 0; i < choice->count; i++)
        if (ehr_pbft_in_reach(e, choice->base + 1 + i))
            ehr_pbft_carry_over(e, choice->base + 1 + i, &choice->blocks[i], &choice->parents[i]);
    if (e->waiting > 0)
        ehr_pbft_request_timer_start(e);
    else
        ehr_pbft_request_timer_stop(e);
    ehr_pbft_accept_held(e);
    ehr_pbft_try_propose(e);
}

static void new_view_forget(struct ehr_engine *e)
{
    if (e->new_view != NULL)
        e->memory.resize(e->memory.context, e->new_view, 0);
    e->new_view = NULL;
}

void ehr_pbft_new_view_resend(struct ehr_engine *e, uint16_t to)
{
    struct ehr_engine_message *message = ehr_effect_send(
        e->out, &e->config, to, EHR_ENGINE_NEW_VIEW, e->view, e->new_view_height, NULL);
    if (message == NULL)
        return;
    message->body = e->new_view;
    message->body_length = e->new_view_length;
    message->carried = e->new_view_carried;
    message->carried_count = e->new_view_carried_count;
}

void ehr_pbft_new_view_try(struct ehr_engine *e)
{
    if (e->active || !ehr_pbft_is_primary(e) || !ehr_pbft_stable_proven(e) ||
        ehr_pbft_departures_count(e, e->view) < e->quorum)
        return;
    bool chosen[EHR_ENGINE_REPLICAS_MAX] = {false};
    uint32_t count = 1;
    chosen[e->config.self] = true;
    for (uint16_t i = 0; i < e->config.replicas && count < e->quorum; i++) {
        if (chosen[i] || e->departures[i].view != e->view || e->departures[i].body == NULL)
            continue;
        chosen[i] = true;
        count++;
    }
    ehr_pbft_choose_begin(e);
    for (uint16_t i = 0; i < e->config.replicas; i++) {
        struct ehr_pbft_change_view change;
        if (!chosen[i])
            continue;
        bool decoded =
            ehr_pbft_change_decode(e, e->departures[i].body, e->departures[i].length, &change);
        assert(decoded);
        ehr_pbft_choose_add(e, &change);
    }
    struct ehr_pbft_choice choice;
    if (!ehr_pbft_choose_end(e, &choice) || contradicts_chain(e, &choice))
        return; /* more than f are faulty, or bodies are missing after a restart */
    new_view_forget(e);
    e->new_view =
        ehr_pbft_new_view_encode(e, chosen, choice.blocks, choice.count, &e->new_view_length);
    e->new_view_height = choice.base;
    e->new_view_carried_count = choice.count + choice.stopper;
    if (e->new_view_carried_count > 0)
        memcpy(e->new_view_carried, choice.blocks,
               e->new_view_carried_count * sizeof(struct ehr_digest));
    announce(e, e->view, &choice);
    ehr_pbft_new_view_resend(e, EHR_ENGINE_TO_ALL);
    enter(e, e->view, &choice);
}

/* Whether a view change in V is its sender's and proves what it says; what this replica received
 * and checked itself is not checked again. */
static bool nested_valid(struct ehr_engine *e, uint64_t view,
                         const struct ehr_pbft_nested_view *nested,
                         struct ehr_pbft_change_view *change)
{
    if (!ehr_pbft_change_decode(e, nested->body, nested->length, change))
        return false;
    const struct ehr_pbft_departure *seen = &e->departures[nested->sender];
    bool same_body = seen->view == view && seen->body != NULL && seen->length == nested->length &&
                     memcmp(seen->body, nested->body, nested->length) == 0;
    bool same_signature = same_body && nested->sender != e->config.self &&
                          nested->signature != NULL &&
                          memcmp(seen->signature, nested->signature, EHR_PBFT_SIGNATURE_BYTES) == 0;
    if (nested->signature != NULL && !same_signature) {
        struct ehr_digest digest;
        e->auth->body_digest(e->auth->context, nested->body, nested->length, &digest);
        if (!e->auth->vote_valid(e->auth->context, nested->sender, EHR_ENGINE_VIEW_CHANGE, view,
                                 change->stable, &digest, nested->signature))
            return false;
    }
    return same_body || ehr_pbft_change_valid(e, nested->sender, view, change, false);
}

void ehr_pbft_on_new_view(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_new_view_view new_view;
    if (!ehr_pbft_new_view_decode(e, message->sender, message->body, message->body_length,
                                  &new_view))
        return;
    ehr_pbft_choose_begin(e);
    struct ehr_pbft_cursor cursor = new_view.nested;
    for (uint32_t i = 0; i < new_view.nested_count; i++) {
        struct ehr_pbft_nested_view nested;
        struct ehr_pbft_change_view change;
        ehr_pbft_nested_next(e, message->sender, &cursor, &nested);
        if (!nested_valid(e, message->view, &nested, &change))
            return;
        ehr_pbft_choose_add(e, &change);
    }
    struct ehr_pbft_choice choice;
    if (!ehr_pbft_choose_end(e, &choice) || choice.base != message->height ||
        choice.count != new_view.block_count || contradicts_chain(e, &choice))
        return;
    for (uint32_t i = 0; i < choice.count; i++)
        if (memcmp(choice.blocks[i].bytes, new_view.blocks + (size_t)i * 32, 32) != 0)
            return;
    new_view_forget(e);
    announce(e, message->view, &choice);
    enter(e, message->view, &choice);
}
