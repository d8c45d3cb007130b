/* What is sent again within a view, to whom and when.
 *
 * TOCS'02, on message retransmission: it is driven by receivers. A replica that waits and sees
 * nothing move says what it lacks (STATUS), and whoever has it sends it again. In a view that is,
 * height by height, the pre-prepare, prepares or commits; between views it is the departures not
 * seen, or the NEW_VIEW. Only what its sender has persisted and sent before is sent again, so
 * nothing is promised that was not: a status has no part in any certificate. Chains make losses
 * costly: one height that is not prepared holds up all above, and a view agrees again on every
 * height above the stable checkpoint.
 *
 * Body of a STATUS with `height` above 0: for each height from there on a byte, what it lacks. With
 * `height` 0 the sender is between views: a bitmap of the replicas known to have left all below. */
#include "sim/consensus/pbft/pbft.h"

enum {
    LACKS_PRE_PREPARE = 1,
    LACKS_PREPARES = 2,
    LACKS_COMMITS = 4,
    LACKS_ALL = LACKS_PRE_PREPARE | LACKS_PREPARES | LACKS_COMMITS,
    ANSWERS = 8, /* at most so many a request timeout to one replica: twice what it asks for */
};

static size_t departures_bytes(const struct ehr_engine *e)
{
    return (e->config.replicas + 7U) / 8U;
}

size_t ehr_pbft_status_bytes(const struct ehr_engine *e)
{
    return e->span > departures_bytes(e) ? e->span : departures_bytes(e);
}

/* ---- the votes ---- */

/* Whether this replica proposed the block in the slot, in this life or an earlier one. */
static bool proposed(const struct ehr_engine *e, const struct ehr_pbft_slot *slot)
{
    const struct ehr_pbft_promise *promise = &e->promises[slot->height & e->mask];
    bool before = promise->height == slot->height && promise->view == e->view && promise->proposed;
    return ehr_pbft_is_primary(e) && (slot->fresh || before);
}

static void votes_send(struct ehr_engine *e, struct ehr_pbft_slot *slot, uint16_t to, uint8_t lacks)
{
    bool mine = proposed(e, slot);
    if (mine && (lacks & LACKS_PRE_PREPARE) != 0) {
        struct ehr_engine_message *message = ehr_effect_send(
            e->out, &e->config, to, EHR_ENGINE_PRE_PREPARE, e->view, slot->height, &slot->block);
        if (message != NULL) {
            message->carried = &slot->block;
            message->carried_count = 1;
        }
    }
    if ((!mine || e->config.votes == EHR_ENGINE_VOTES_ALL) && (lacks & LACKS_PREPARES) != 0)
        ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_PREPARE, e->view, slot->height,
                        &slot->block);
    if (slot->phase >= EHR_PBFT_PREPARED && (lacks & LACKS_COMMITS) != 0)
        ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_COMMIT, e->view, slot->height,
                        &slot->block);
}

void ehr_pbft_votes_resend(struct ehr_engine *e, struct ehr_pbft_slot *slot)
{
    votes_send(e, slot, EHR_ENGINE_TO_ALL, LACKS_ALL);
}

/* ---- asking ---- */

static uint8_t lacks_at(const struct ehr_engine *e, uint64_t height)
{
    const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, height);
    bool empty = slot == NULL || slot->phase == EHR_PBFT_EMPTY;
    bool prepared = !empty && slot->phase >= EHR_PBFT_PREPARED;
    uint8_t lacks = 0;
    if (empty && height > e->carried_top)
        lacks |= LACKS_PRE_PREPARE;
    if (!prepared && (slot == NULL || slot->prepares.count < e->quorum))
        lacks |= LACKS_PREPARES;
    if (height > e->committed && (slot == NULL || slot->commits.count < e->quorum))
        lacks |= LACKS_COMMITS;
    return lacks;
}

/* Up to the highest of which anything was heard; 0 if this replica lacks nothing. Where it waits
 * for its own checkpoint to become stable the answer is the others' votes for that. */
static uint32_t heights_write(struct ehr_engine *e)
{
    uint32_t heard = 0, length = e->own_height > e->stable ? 1 : 0;
    for (uint32_t i = 0; i < e->span; i++)
        if (ehr_pbft_slot_find(e, &e->now, e->stable + 1 + i) != NULL)
            heard = i + 1;
    e->status[0] = 0;
    for (uint32_t i = 0; i < heard; i++) {
        e->status[i] = lacks_at(e, e->stable + 1 + i);
        if (e->status[i] != 0)
            length = i + 1;
    }
    return length;
}

static uint32_t departures_write(struct ehr_engine *e)
{
    memset(e->status, 0, departures_bytes(e));
    for (uint32_t i = 0; i < e->config.replicas; i++)
        if (e->departures[i].view >= e->view)
            e->status[i / 8] |= (uint8_t)(1U << i % 8);
    return (uint32_t)departures_bytes(e);
}

void ehr_pbft_status_send(struct ehr_engine *e)
{
    uint32_t length = e->active ? heights_write(e) : departures_write(e);
    if (length == 0)
        return;
    struct ehr_engine_message *message =
        ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_PBFT_STATUS, e->view,
                        e->active ? e->stable + 1 : 0, NULL);
    if (message == NULL)
        return;
    message->body = e->status;
    message->body_length = length;
}

/* ---- answering ---- */

static void heights_answer(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    for (uint32_t i = 0; i < message->body_length && i < e->span; i++) {
        uint64_t height = message->height + i;
        if (!ehr_pbft_in_reach(e, height))
            continue;
        struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, height);
        if (slot != NULL && slot->phase >= EHR_PBFT_ACCEPTED)
            votes_send(e, slot, message->sender, message->body[i]);
        else if (slot == NULL && message->sender == ehr_pbft_primary(e, e->view))
            ehr_pbft_slot_get(e, &e->now, height); /* it was proposed: from now on it is missed */
    }
    if (e->own_height >= message->height) /* it has not seen it stable */
        ehr_pbft_checkpoint_send(e, message->sender);
}

static bool seen_leaving(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    uint16_t self = e->config.self;
    return message->view == e->view && message->height == 0 &&
           message->body_length == departures_bytes(e) &&
           ((uint32_t)message->body[self / 8] >> self % 8 & 1U) != 0;
}

void ehr_pbft_on_status(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_latest *asker = &e->latest[message->sender];
    if (asker->answered && e->now_ns - asker->answered_ns < e->config.request_timeout_ns / ANSWERS)
        return;
    asker->answered = true;
    asker->answered_ns = e->now_ns;
    if (e->active && message->view == e->view && message->height > 0)
        heights_answer(e, message);
    else if (e->active && e->new_view != NULL)
        ehr_pbft_new_view_resend(e, message->sender);
    else if (!e->active && !seen_leaving(e, message))
        ehr_pbft_view_change_send(e, message->sender);
}
