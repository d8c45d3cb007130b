/* Leaving a view: sending, checking and collecting VIEW_CHANGE messages. */
#include "sim/consensus/pbft/pbft.h"

uint32_t ehr_pbft_departures_count(const struct ehr_engine *e, uint64_t view)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        count += e->departures[i].view == view && e->departures[i].body != NULL;
    return count;
}

uint32_t ehr_pbft_left_count(const struct ehr_engine *e)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        count += e->departures[i].view >= e->view;
    return count;
}

static void body_drop(struct ehr_engine *e, struct ehr_pbft_departure *departure)
{
    if (departure->body != NULL)
        e->memory.resize(e->memory.context, departure->body, 0);
    departure->body = NULL;
    departure->length = 0;
}

void ehr_pbft_departures_forget(struct ehr_engine *e)
{
    e->departures_stale = false;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        if (e->active && e->departures[i].view <= e->view)
            body_drop(e, &e->departures[i]);
}

/* Takes over `body`, which `memory` lent. */
static void departure_take(struct ehr_engine *e, uint16_t replica, uint64_t view, uint8_t *body,
                           uint32_t length, const uint8_t *signature)
{
    struct ehr_pbft_departure *departure = &e->departures[replica];
    body_drop(e, departure);
    departure->view = view;
    departure->body = body;
    departure->length = length;
    if (signature != NULL)
        memcpy(departure->signature, signature, EHR_PBFT_SIGNATURE_BYTES);
}

void ehr_pbft_view_change_send(struct ehr_engine *e, uint16_t to)
{
    struct ehr_pbft_departure *own = &e->departures[e->config.self];
    uint32_t length;
    uint8_t *body = ehr_pbft_change_encode(e, &length); /* its proofs may be better by now */
    departure_take(e, e->config.self, e->view, body, length, NULL);
    if (!ehr_pbft_stable_proven(e))
        return; /* nobody would take it; the checkpoint votes that lack are asked for meanwhile */
    struct ehr_engine_message *message =
        ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_VIEW_CHANGE, e->view, 0, NULL);
    if (message == NULL)
        return;
    struct ehr_pbft_change_view change;
    bool decoded = ehr_pbft_change_decode(e, own->body, own->length, &change);
    assert(decoded);
    message->height = change.stable;
    message->body = own->body;
    message->body_length = own->length;
    struct ehr_pbft_cursor cursor = change.entries;
    for (uint32_t i = 0; i < change.entry_count; i++) {
        struct ehr_pbft_entry entry;
        ehr_pbft_entry_next(&cursor, &entry);
        if (entry.height > change.stable)
            e->carried[message->carried_count++] = entry.block;
    }
    message->carried = e->carried;
}

void ehr_pbft_view_change_resend(struct ehr_engine *e)
{
    ehr_pbft_view_change_send(e, EHR_ENGINE_TO_ALL);
}

void ehr_pbft_view_change_start(struct ehr_engine *e, uint64_t view)
{
    assert(view > e->view);
    ehr_pbft_prepared_pack(e);
    e->view = view;
    e->active = false;
    e->changes++;
    e->batch.outstanding = false;
    ehr_batch_stop(&e->batch, e->out);
    ehr_pbft_checkpoint_resend(e); /* a full window is one way to stop */
    ehr_pbft_emit_persist(e, EHR_ENGINE_VIEW_CHANGE, view, e->stable, NULL);
    ehr_pbft_view_change_resend(e);
    ehr_pbft_request_timer_start(e);
    ehr_pbft_new_view_try(e);
}

static bool votes_valid(struct ehr_engine *e, const struct ehr_pbft_proof_view *proof,
                        uint16_t sender, uint16_t proposer, uint8_t type, uint64_t view,
                        uint64_t height, const struct ehr_digest *digest)
{
    for (uint32_t i = 0; i < proof->count; i++) {
        uint16_t signer = ehr_pbft_signer_at(proof->entries, i);
        uint8_t vote = signer == proposer ? EHR_ENGINE_PRE_PREPARE : type;
        if (signer == sender ||
            !e->auth->vote_valid(e->auth->context, signer, vote, view, height, digest,
                                 ehr_pbft_signature_at(proof->entries, i)))
            return false;
    }
    return true;
}

static bool entry_valid(struct ehr_engine *e, uint16_t sender, const struct ehr_pbft_entry *entry)
{
    if (!e->config.signatures)
        return true;
    if (entry->proof.count + 1 < e->quorum ||
        (entry->fresh && e->config.votes != EHR_ENGINE_VOTES_BACKUPS))
        return false;
    uint16_t proposer = entry->fresh ? ehr_pbft_primary(e, entry->view) : UINT16_MAX;
    return votes_valid(e, &entry->proof, sender, proposer, EHR_ENGINE_PREPARE, entry->view,
                       entry->height, &entry->block);
}

bool ehr_pbft_change_valid(struct ehr_engine *e, uint16_t sender, uint64_t view,
                           const struct ehr_pbft_change_view *change, bool bodies)
{
    bool proof_needed = e->config.signatures && change->stable > 0 && change->stable != e->genesis;
    if (proof_needed &&
        (change->proof.count < e->faults || /* with the sender itself f+1: one is correct */
         !votes_valid(e, &change->proof, sender, UINT16_MAX, EHR_ENGINE_CHECKPOINT, 0,
                      change->stable, &change->state)))
        return false;
    struct ehr_pbft_cursor cursor = change->entries;
    for (uint32_t i = 0; i < change->entry_count; i++) {
        struct ehr_pbft_entry entry;
        struct ehr_digest parent;
        ehr_pbft_entry_next(&cursor, &entry);
        if (entry.view >= view || !entry_valid(e, sender, &entry))
            return false;
        if (bodies && entry.height > change->stable &&
            !e->auth->block_parent(e->auth->context, &entry.block, &parent))
            return false;
    }
    return true;
}

/* Joins others that have left for higher views once one of them must be correct: the smallest such
 * view, and again from there. */
static void join(struct ehr_engine *e)
{
    uint64_t target = e->view;
    for (;;) {
        uint32_t count = 0;
        uint64_t smallest = UINT64_MAX;
        for (uint32_t i = 0; i < e->config.replicas; i++) {
            uint64_t view = e->departures[i].view;
            if (view <= target || i == e->config.self)
                continue;
            count++;
            if (view < smallest)
                smallest = view;
        }
        if (count <= e->faults)
            break;
        target = smallest;
    }
    if (target > e->view)
        ehr_pbft_view_change_start(e, target);
}

/* A view change also shows how far its sender is. */
static void learn(struct ehr_engine *e, const struct ehr_pbft_change_view *change)
{
    if (!e->config.signatures)
        return;
    const struct ehr_pbft_proof_view *proof = &change->proof;
    if (change->stable > e->stable)
        ehr_pbft_certified_set(e, change->stable, &change->state, proof->entries, proof->count);
    if (change->stable != e->stable ||
        !ehr_pbft_digest_equal(&change->state, &e->stable_certificate.state))
        return;
    for (uint32_t i = 0; i < proof->count; i++)
        ehr_pbft_stable_add(e, ehr_pbft_signer_at(proof->entries, i),
                            ehr_pbft_signature_at(proof->entries, i));
}

/* A departure for a view that this replica, its primary, has opened already. One that is on its way
 * while the NEW_VIEW is too needs no answer. */
static void late(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_departure *departure = &e->departures[message->sender];
    if (message->view == e->view && departure->view < message->view)
        departure->view = message->view;
    else
        ehr_pbft_new_view_resend(e, message->sender);
}

void ehr_pbft_on_view_change(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (message->view < e->view || (message->view == e->view && e->active)) {
        late(e, message);
        return;
    }
    struct ehr_pbft_change_view change;
    if (!ehr_pbft_change_decode(e, message->body, message->body_length, &change) ||
        change.stable != message->height ||
        !ehr_pbft_change_valid(e, message->sender, message->view, &change, true))
        return;
    uint8_t *body = e->memory.resize(e->memory.context, NULL, message->body_length);
    memcpy(body, message->body, message->body_length);
    departure_take(e, message->sender, message->view, body, message->body_length,
                   message->signature);
    learn(e, &change);
    join(e);
    if (e->active || message->view != e->view)
        return;
    if (ehr_pbft_departures_count(e, e->view) == e->quorum)
        ehr_pbft_request_timer_start(e); /* from now on the new primary is being timed */
    ehr_pbft_new_view_try(e);
}
