/* What all liars have in common: silence, delay, noise, and blocks that nobody needs. */
#include "tests/simulation/campaign/liar.h"
#include "tests/simulation/hotstuff_node.h"

#include <assert.h>
#include <stdlib.h>

void ehr_liar_open(struct ehr_world *w)
{
    const struct ehr_setup *s = &w->setup;
    if (s->liars == s->twins) {
        ehr_liar_free(w->liar);
        w->liar = NULL;
        return;
    }
    if (w->liar == NULL)
        w->liar = malloc(sizeof(*w->liar));
    struct ehr_liar *liar = w->liar;
    assert(liar != NULL);
    memset(liar, 0, offsetof(struct ehr_liar, history));
    liar->seen = liar->other_length = 0;
    liar->other_view = 0;
    liar->cunning = ehr_tape_draw(&w->tape, 2) == 1;
    uint32_t n = s->config.replicas, quorum = (n + (n - 1) / 3 + 2) / 2;
    liar->certificate_bytes = EHR_BYTES_NODE + (n + 7) / 8 + 64 * quorum;
    assert(liar->certificate_bytes <= EHR_LIAR_CERTIFICATE_MAX);
}

void ehr_liar_free(struct ehr_liar *liar)
{
    free(liar);
}

bool ehr_liar_block(struct ehr_world *w, const struct ehr_instance *from,
                    const struct ehr_digest *parent, uint64_t height, struct ehr_digest *block)
{
    uint16_t requests[EHR_BLOCK_REQUESTS_MAX];
    uint64_t count = 1 + ehr_tape_draw(&w->tape, w->setup.config.batch_max);
    if (w->submitted == 0 || w->body_count + 1 >= EHR_BLOCKS_MAX)
        return false;
    for (uint64_t i = 0; i < count; i++) /* executed ones, too, and one twice */
        requests[i] = (uint16_t)ehr_tape_draw(&w->tape, w->submitted);
    struct ehr_body *body =
        ehr_host_body_new(w, parent, height, from->replica, requests, (uint16_t)count);
    if (body == NULL)
        return false;
    body->held = w->checks != NULL ? (1U << w->instance_count) - 1 : 0;
    body->held &= (1U << w->setup.liars) - 1; /* those who lie know it */
    *block = body->digest;
    return true;
}

void ehr_liar_also(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   const struct ehr_engine_message *message)
{
    struct ehr_parcel *parcel = ehr_network_parcel(w, message);
    w->tally.lies++;
    ehr_network_carry(w, from, to, parcel);
    ehr_network_release(w, parcel);
}

/* Bytes changed at random; the hash and the signature are right again. */
static void garbage(struct ehr_world *w, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (!ehr_tape_chance(&w->tape, w->setup.rate[EHR_FAULT_GARBAGE]))
        return;
    w->tally.garbage++;
    if (m->body_length == 0) {
        uint64_t which = ehr_tape_draw(&w->tape, 4);
        if (which == 0)
            m->digest.bytes[ehr_tape_draw(&w->tape, 32)] ^= 1;
        else if (which == 1)
            m->view = ehr_tape_next(&w->tape) >> ehr_tape_draw(&w->tape, 64);
        else if (which == 2)
            m->height = ehr_tape_next(&w->tape) >> ehr_tape_draw(&w->tape, 64);
        else
            m->type = (uint8_t)ehr_tape_draw(&w->tape, EHR_ENGINE_MESSAGE_TYPES);
        return;
    }
    if (m->body_length + 8 > EHR_LIAR_BODY_MAX)
        return;
    if (m->body != liar->body)
        memcpy(liar->body, m->body, m->body_length);
    m->body = liar->body;
    uint64_t how = ehr_tape_draw(&w->tape, 4);
    if (how == 0) {
        m->body_length = (uint32_t)ehr_tape_draw(&w->tape, m->body_length + 1);
    } else if (how == 1) {
        memset(liar->body + m->body_length, 0, 8);
        m->body_length += 1 + (uint32_t)ehr_tape_draw(&w->tape, 8);
    } else {
        for (uint64_t k = 1 + ehr_tape_draw(&w->tape, 3); k > 0; k--)
            liar->body[ehr_tape_draw(&w->tape, m->body_length)] ^=
                (uint8_t)(1U << ehr_tape_draw(&w->tape, 8));
    }
    if (m->body_length == 0)
        m->body = NULL;
}

/* One in sixteen lies is silence, or an old view, or a vote for nothing. */
static bool plain_lie(struct ehr_world *w, struct ehr_engine_message *m)
{
    switch (ehr_tape_draw(&w->tape, 16)) {
    case 15:
        return false;
    case 14:
        m->view -= m->view > 0;
        return true;
    case 13:
        if (m->body_length == 0)
            m->digest.bytes[31] ^= (uint8_t)(1 + ehr_tape_draw(&w->tape, 3));
        return true;
    default:
        return true;
    }
}

void ehr_liar_send(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   const struct ehr_engine_message *message)
{
    struct ehr_engine_message changed = *message;
    bool sent = true;
    if (ehr_tape_chance(&w->tape, w->setup.rate[EHR_FAULT_LIES])) {
        w->tally.lies++;
        sent = plain_lie(w, &changed);
        if (sent && strcmp(w->setup.type->name, "pbft") == 0)
            sent = ehr_liar_pbft(w, from, to, &changed);
        if (sent && strcmp(w->setup.type->name, "hotstuff") == 0)
            sent = ehr_liar_hotstuff(w, from, to, &changed);
    }
    if (!sent)
        return;
    garbage(w, &changed);
    struct ehr_parcel *parcel = ehr_network_parcel(w, &changed);
    ehr_network_carry(w, from, to, parcel);
    ehr_network_release(w, parcel);
}

void ehr_liar_watch(struct ehr_world *w, const struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (m->type != EHR_ENGINE_HOTSTUFF_PROPOSAL ||
        m->body_length < EHR_BYTES_NODE + liar->certificate_bytes)
        return;
    const uint8_t *certificate = m->body + EHR_BYTES_NODE;
    uint64_t view, last = 0;
    memcpy(&view, certificate, sizeof(view));
    if (liar->seen > 0)
        memcpy(&last, liar->history[(liar->seen - 1) % EHR_LIAR_HISTORY], sizeof(last));
    if (liar->seen > 0 && last >= view)
        return;
    memcpy(liar->history[liar->seen++ % EHR_LIAR_HISTORY], certificate, liar->certificate_bytes);
}
