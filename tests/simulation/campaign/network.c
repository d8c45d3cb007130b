/* Messages between instances: copied once for all receivers, delayed, lost, doubled, kept. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/campaign/liar.h"

#include <assert.h>
#include <stdlib.h>

static size_t aligned(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static uint32_t index_take(struct ehr_world *w)
{
    if (w->parcels_unused_count > 0)
        return w->parcels_unused[--w->parcels_unused_count];
    if (w->parcel_count == w->parcel_room) {
        w->parcel_room = w->parcel_room == 0 ? 1024 : 2 * w->parcel_room;
        w->parcels = realloc(w->parcels, w->parcel_room * sizeof(struct ehr_parcel *));
        w->parcels_unused = realloc(w->parcels_unused, w->parcel_room * sizeof(uint32_t));
        assert(w->parcels != NULL && w->parcels_unused != NULL);
    }
    return w->parcel_count++;
}

struct ehr_parcel *ehr_network_parcel(struct ehr_world *w, const struct ehr_engine_message *message)
{
    size_t body = aligned(message->body_length);
    size_t carried = message->carried_count * sizeof(struct ehr_digest);
    struct ehr_parcel *parcel = ehr_blob_take(&w->blobs, sizeof(*parcel) + body + carried);
    struct ehr_engine_message *h = &parcel->header;
    *h = *message;
    parcel->references = 1;
    parcel->to_all = false;
    parcel->index = index_take(w);
    w->parcels[parcel->index] = parcel;
    h->body = NULL;
    h->carried = NULL;
    h->signature = NULL;
    if (message->body_length > 0) {
        memcpy(parcel->rest, message->body, message->body_length);
        h->body = parcel->rest;
        ehr_host_hash(h->body, h->body_length, &h->digest);
    }
    if (carried > 0) {
        memcpy(parcel->rest + body, message->carried, carried);
        h->carried = (const struct ehr_digest *)(const void *)(parcel->rest + body);
    }
    bool pairwise = (w->setup.type->pairwise >> h->type & 1U) != 0;
    if (w->setup.config.signatures && !(pairwise && w->setup.macs)) {
        ehr_host_sign(w, h->sender, h->type, h->view, h->height, &h->digest, parcel->signature);
        h->signature = parcel->signature;
    }
    return parcel;
}

void ehr_network_release(struct ehr_world *w, struct ehr_parcel *parcel)
{
    if (--parcel->references > 0)
        return;
    w->parcels[parcel->index] = NULL;
    w->parcels_unused[w->parcels_unused_count++] = parcel->index;
    ehr_blob_give(&w->blobs, parcel);
}

bool ehr_network_linked(const struct ehr_world *w, uint16_t from, uint16_t to)
{
    return ((w->cut[from] | w->oneway[from] | w->deaf[from]) >> to & 1U) == 0;
}

/* What a message takes besides the least; `x`: 16 bits of chance. */
static uint64_t extra(const struct ehr_setup *s, uint64_t x)
{
    uint64_t range = s->delay_range_ns;
    switch (s->shape) {
    case EHR_DELAY_UNIFORM:
        return range * x >> 16;
    case EHR_DELAY_TAIL: /* mostly short, now and then four times the range */
        return ((range * x >> 24) * x * x >> 22) * x >> 16;
    case EHR_DELAY_TWO:
        break;
    }
    return x >= 52000 ? range : (range >> 6) * x >> 16;
}

static uint64_t delay(const struct ehr_world *w, const struct ehr_instance *from,
                      const struct ehr_instance *to, uint64_t x)
{
    const struct ehr_setup *s = &w->setup;
    uint64_t least = s->delay_min_ns + w->link_ns[from->index][to->index];
    uint64_t timeout = s->config.request_timeout_ns, usual = s->delay_range_ns >> 3;
    if (w->settling) /* ATC'14, 5.6: an election takes much longer than a message */
        return s->trusting && least + usual > timeout / 8 ? timeout / 8 : least + usual;
    uint64_t slow = 0;
    if (from->slow_until_ns > w->now_ns || to->slow_until_ns > w->now_ns)
        slow = 2 * s->delay_range_ns + timeout / 2;
    return least + slow + (s->rate[EHR_FAULT_REORDER] != 0 ? extra(s, x) : usual);
}

static void schedule(struct ehr_world *w, const struct ehr_instance *from,
                     const struct ehr_instance *to, struct ehr_parcel *parcel, uint64_t x)
{
    struct ehr_happening happening = {.at_ns = w->now_ns + delay(w, from, to, x),
                                      .ref = parcel->index,
                                      .kind = EHR_HAPPENING_DELIVER,
                                      .to = (uint8_t)to->index,
                                      .from = (uint8_t)from->index};
    parcel->references++;
    ehr_queue_push(&w->queue, &happening);
}

static void keep(struct ehr_world *w, const struct ehr_instance *from,
                 const struct ehr_instance *to, struct ehr_parcel *parcel)
{
    struct ehr_kept *kept = &w->kept[ehr_tape_draw(&w->tape, EHR_KEPT_MAX)];
    if (kept->parcel != UINT32_MAX && ehr_tape_draw(&w->tape, 4) == 0)
        return; /* some are kept very long */
    if (kept->parcel != UINT32_MAX)
        ehr_network_release(w, w->parcels[kept->parcel]);
    parcel->references++;
    *kept = (struct ehr_kept){parcel->index, (uint8_t)from->index, (uint8_t)to->index};
}

void ehr_network_carry(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                       struct ehr_parcel *parcel)
{
    const uint32_t *rate = w->setup.rate;
    if (!ehr_network_linked(w, from->index, to->index)) {
        w->tally.cut++;
        return;
    }
    if (w->settling) {
        schedule(w, from, to, parcel, 0);
        return;
    }
    uint64_t x = ehr_tape_next(&w->tape);
    if ((x & 65535) + rate[EHR_FAULT_LOSS] >= 65536) {
        w->tally.lost++;
        return;
    }
    bool kept = (x >> 32 & 65535) + rate[EHR_FAULT_REPLAY] >= 65536;
    if (kept)
        keep(w, from, to, parcel);
    if (!kept || (x >> 31 & 1) == 0) /* a kept one comes once more, or only then */
        schedule(w, from, to, parcel, x >> 48);
    if ((x >> 16 & 65535) + rate[EHR_FAULT_DUPLICATION] >= 65536) {
        w->tally.duplicated++;
        schedule(w, from, to, parcel, ehr_tape_next(&w->tape) >> 48);
    }
}

void ehr_network_replay(struct ehr_world *w)
{
    for (uint32_t i = 0; i < EHR_KEPT_MAX; i++) {
        struct ehr_kept *kept = &w->kept[i];
        if (kept->parcel == UINT32_MAX || !ehr_tape_chance(&w->tape, 16384))
            continue;
        struct ehr_parcel *parcel = w->parcels[kept->parcel];
        struct ehr_instance *to = &w->instances[kept->to];
        if (parcel->to_all) /* whoever has it can show it to anybody */
            to = &w->instances[ehr_tape_draw(&w->tape, w->instance_count)];
        if (to->replica == parcel->header.sender)
            continue;
        w->tally.replayed++;
        schedule(w, &w->instances[kept->from], to, parcel, 0);
    }
}

void ehr_network_forget(struct ehr_world *w)
{
    for (uint32_t i = 0; i < EHR_KEPT_MAX; i++) {
        if (w->kept[i].parcel != UINT32_MAX)
            ehr_network_release(w, w->parcels[w->kept[i].parcel]);
        w->kept[i].parcel = UINT32_MAX;
    }
}

void ehr_network_send(struct ehr_world *w, struct ehr_instance *from, uint16_t to,
                      const struct ehr_engine_message *message)
{
    struct ehr_parcel *parcel = NULL;
    if (w->liar != NULL)
        ehr_liar_watch(w, message);
    for (uint16_t i = 0; i < w->instance_count; i++) {
        struct ehr_instance *other = &w->instances[i];
        if (other->replica == from->replica || (to != EHR_ENGINE_TO_ALL && to != other->replica))
            continue;
        if (from->byzantine && from->replica >= w->setup.twins) {
            ehr_liar_send(w, from, other, message);
            continue;
        }
        if (parcel == NULL) {
            parcel = ehr_network_parcel(w, message);
            parcel->to_all = to == EHR_ENGINE_TO_ALL;
        }
        w->tally.twin_messages += from->byzantine;
        ehr_network_carry(w, from, other, parcel);
    }
    if (parcel != NULL)
        ehr_network_release(w, parcel);
}

/* ---- what the node checks before the engine hears of a message ---- */

static bool body_valid(const struct ehr_world *w, const struct ehr_body *body)
{
    if (body == NULL || body->count > w->setup.config.batch_max)
        return false;
    for (uint32_t i = 0; i < body->count; i++)
        if (body->requests[i] >= w->submitted)
            return false;
    return true;
}

static bool carried_valid(struct ehr_world *w, const struct ehr_engine_message *m)
{
    for (uint32_t i = 0; i < m->carried_count; i++)
        if (!body_valid(w, ehr_host_body(w, &m->carried[i])))
            return false;
    if (m->type != EHR_ENGINE_PRE_PREPARE && m->type != EHR_ENGINE_HOTSTUFF_PROPOSAL)
        return true;
    if (m->carried_count == 0)
        return m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL; /* an empty node */
    const struct ehr_body *body = ehr_host_body(w, &m->carried[0]);
    bool named = m->type != EHR_ENGINE_PRE_PREPARE || ehr_host_same(&m->digest, &body->digest);
    return named && m->carried_count == 1 && body->height == m->height &&
           body->proposer == m->sender;
}

void ehr_network_deliver(struct ehr_world *w, const struct ehr_happening *happening)
{
    struct ehr_instance *to = &w->instances[happening->to];
    struct ehr_parcel *parcel = w->parcels[happening->ref];
    const struct ehr_engine_message *message = &parcel->header;
    bool heard = to->up && ehr_network_linked(w, happening->from, happening->to);
    w->tally.cut += to->up && !heard;
    if (heard) {
        w->tally.messages++;
        if (w->setup.type->wants(to->engine, message) == EHR_WANT_DROP) {
            w->tally.unwanted++;
        } else if (!carried_valid(w, message)) {
            w->tally.refused++;
        } else {
            ehr_node_hold(w, to, message->carried, message->carried_count);
            ehr_check_delivery(w, to, message);
            struct ehr_event event = {.type = EHR_EVENT_RECEIVE};
            event.as.receive.message = message;
            ehr_node_feed(w, to, &event);
        }
    }
    ehr_network_release(w, parcel);
}
