/* Proposals without bodies: clients have sent the transactions to every replica, so a proposal
 * carries the header of its block and the ids of its transactions, and each replica rebuilds the
 * block from what it holds. The ids are the leaves under the header's Merkle root, so a list that
 * is not the block's is seen at once. A replica that lacks a body asks the proposer, then one
 * replica after another, and takes the message in, and votes, when it has them all. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "sim/ledger/merkle.h"
#include "crypto/codec.h"
#include "sim/consensus/registry.h"

/* A block on its way to be rebuilt. */
struct outline {
    const uint8_t *header; /* in the message */
    const uint8_t *ids;
    uint8_t hash[32];
    uint32_t count, missing;
    struct ehr_tx **tx;      /* references; NULL where missing */
    struct ehr_block *block; /* it is known already, or is rebuilt */
};

/* A message that waits for bodies; `missing` 0: it does not. */
struct waiting_message {
    struct waiting_message *next; /* younger */
    struct ehr_msg_consensus *message;
    struct ehr_blob *ids; /* what the outlines point into */
    struct outline *outlines;
    uint32_t outline_count, missing;
    uint32_t from; /* node */
    uint32_t asked;
    uint32_t serial, attempts;
};

/* Asked after so many parts of the request timeout without an answer. */
enum { RETRY_PART = 4 };

/* ---- what travels with which messages ---- */

uint32_t chain_node_carried_max(enum ehr_engine_carriage carriage)
{
    switch (carriage) {
    case EHR_ENGINE_CARRIES_NOTHING:
        break;
    case EHR_ENGINE_CARRIES_PROPOSAL:
        return 1;
    case EHR_ENGINE_CARRIES_BLOCKS:
    case EHR_ENGINE_CARRIES_ENTRIES:
    case EHR_ENGINE_CARRIES_FLIGHT:
    case EHR_ENGINE_CARRIES_VIEW:
        return UINT32_MAX;
    }
    return 0;
}

enum ehr_engine_carriage chain_node_carriage(const struct chain_node *self, uint8_t type)
{
    return ehr_engine_kind(self->config.engine, type)->carries;
}

/* ---- outlines ---- */

bool chain_node_bodies_travel_apart(const struct chain_node *self, uint8_t type)
{
    enum ehr_engine_carriage carriage = chain_node_carriage(self, type);
    return self->config.committee->bodies_broadcast &&
           (carriage == EHR_ENGINE_CARRIES_PROPOSAL || carriage == EHR_ENGINE_CARRIES_ENTRIES);
}

struct ehr_message *chain_node_bodies_leave_out(struct ehr_msg_consensus *take_message)
{
    const struct ehr_block_list *carried = take_message->carried;
    struct ehr_msg_consensus_ids *out = EHR_NEW(consensus_ids, CONSENSUS_IDS);
    size_t length = 0;
    for (uint32_t i = 0; i < carried->count; i++)
        length += EHR_BLOCK_HEADER_BYTES + (size_t)32 * carried->block[i]->count;
    out->phase = take_message->phase;
    out->view = take_message->view;
    out->height = take_message->height;
    memcpy(out->digest, take_message->digest, sizeof out->digest);
    out->auth = take_message->auth;
    out->auth.tags = ehr_blob_ref(take_message->auth.tags);
    out->body = ehr_blob_ref(take_message->body);
    out->ids = ehr_blob_new(NULL, length);
    uint8_t *at = out->ids->bytes;
    for (uint32_t i = 0; i < carried->count; i++) {
        const struct ehr_block *block = carried->block[i];
        memcpy(at, block->header, EHR_BLOCK_HEADER_BYTES);
        at += EHR_BLOCK_HEADER_BYTES;
        for (uint32_t k = 0; k < block->count; k++, at += 32)
            memcpy(at, block->tx[k]->id, 32);
    }
    ehr_message_unref(ehr_message_seal(&take_message->head));
    return ehr_message_seal(&out->head);
}

/* The next outline of the list; false if it is malformed. */
static bool outline_parse(const struct chain_node *self, const struct ehr_blob *ids, size_t *at,
                          struct outline *outline)
{
    struct ehr_block_header header;
    uint8_t root[32];
    if (ids->length - *at < EHR_BLOCK_HEADER_BYTES ||
        ehr_block_header_parse(&header, ids->bytes + *at, EHR_BLOCK_HEADER_BYTES) != EHR_OK ||
        header.count > self->config.engine_config.batch_max ||
        (ids->length - *at - EHR_BLOCK_HEADER_BYTES) / 32 < header.count)
        return false;
    outline->header = ids->bytes + *at;
    outline->ids = outline->header + EHR_BLOCK_HEADER_BYTES;
    outline->count = header.count;
    *at += EHR_BLOCK_HEADER_BYTES + (size_t)32 * header.count;
    ehr_block_hash(outline->hash, outline->header);
    ehr_merkle_root(root, outline->ids, outline->count);
    return memcmp(root, header.merkle_root, 32) == 0;
}

/* A body that this replica holds: it waits to be ordered, or was. */
static struct ehr_tx *body_find(const struct chain_node *self, const uint8_t id[32])
{
    struct ehr_place place;
    struct ehr_tx *tx = ehr_mempool_find(self->pool, id);
    if (tx == NULL && ehr_chain_transaction_find(self->config.chain, id, self->height, &place))
        tx = ehr_chain_block_at(self->config.chain, place.height)->block->tx[place.index];
    return tx;
}

static void outline_fill(const struct chain_node *self, struct outline *outline)
{
    struct ehr_block *known = chain_node_block_find(self, outline->hash);
    if (known != NULL) {
        outline->block = ehr_block_ref(known);
        return;
    }
    outline->tx = ehr_actor_new(outline->count * sizeof(struct ehr_tx *) + 1);
    for (uint32_t k = 0; k < outline->count; k++) {
        struct ehr_tx *tx = body_find(self, outline->ids + (size_t)32 * k);
        outline->tx[k] = tx == NULL ? NULL : ehr_tx_ref(tx);
        outline->missing += tx == NULL;
    }
}

static void outline_close(struct outline *outline)
{
    for (uint32_t k = 0; outline->tx != NULL && k < outline->count; k++)
        ehr_tx_unref(outline->tx[k]);
    free(outline->tx);
    ehr_block_unref(outline->block);
}

/* ---- messages that wait ---- */

static void waiting_free(struct waiting_message *w)
{
    for (uint32_t i = 0; i < w->outline_count; i++)
        outline_close(&w->outlines[i]);
    free(w->outlines);
    ehr_blob_unref(w->ids);
    if (w->message != NULL)
        ehr_message_unref(ehr_message_seal(&w->message->head));
    free(w);
}

static struct waiting_message *waiting_take(struct chain_node *self, uint32_t serial)
{
    struct waiting_message **at = &self->waiting_bodies;
    while (*at != NULL && (*at)->serial != serial)
        at = &(*at)->next;
    struct waiting_message *taken = *at;
    if (taken != NULL) {
        *at = taken->next;
        self->waiting_bodies_count--;
    }
    return taken;
}

/* At the end; the oldest makes room. */
static void waiting_add(struct chain_node *self, struct waiting_message *w)
{
    struct waiting_message **at = &self->waiting_bodies;
    if (self->waiting_bodies_count >= self->config.engine_config.window)
        waiting_free(waiting_take(self, self->waiting_bodies->serial));
    while (*at != NULL)
        at = &(*at)->next;
    *at = w;
    self->waiting_bodies_count++;
}

/* Everything is there: the message goes its way as if it had carried the blocks. */
static void waiting_complete(struct chain_node *self, struct ehr_fx *fx, struct waiting_message *w)
{
    struct ehr_msg_consensus *message = w->message;
    message->carried = ehr_block_list_new(w->outline_count);
    for (uint32_t i = 0; i < w->outline_count; i++) {
        struct outline *o = &w->outlines[i];
        message->carried->block[i] =
            o->block != NULL ? ehr_block_ref(o->block) : ehr_block_new(o->header, o->tx, o->count);
    }
    struct ehr_engine_message heard;
    bool wanted = chain_node_consensus_hear(self, w->from, message, w->outline_count, &heard);
    w->message = NULL;
    waiting_free(w);
    ehr_message_seal(&message->head);
    if (wanted)
        chain_node_consensus_take(self, fx, &heard, message, EHR_MSG_CONSENSUS_IDS);
    ehr_message_unref(&message->head);
}

/* ---- asking ---- */

static void ask(struct chain_node *self, struct ehr_fx *fx, struct waiting_message *w)
{
    const struct ehr_committee *committee = self->config.committee;
    for (uint32_t i = 0; i < w->outline_count; i++) {
        const struct outline *outline = &w->outlines[i];
        if (outline->block != NULL || outline->missing == 0)
            continue;
        struct ehr_msg_tx_get *get = EHR_NEW(tx_get, TX_GET);
        memcpy(get->block_hash, outline->hash, 32);
        get->positions = ehr_blob_new(NULL, (size_t)4 * outline->missing);
        uint8_t *at = get->positions->bytes;
        for (uint32_t k = 0; k < outline->count; k++)
            if (outline->tx[k] == NULL) {
                ehr_le32(at, k);
                at += 4;
            }
        ehr_fx_send(fx, (struct ehr_address){committee->members[w->asked].node, 0},
                    ehr_message_seal(&get->head));
    }
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_BODIES, (uint64_t)w->serial << 32 | ++w->attempts,
                 self->config.engine_config.request_timeout_ns / RETRY_PART + 1);
}

void chain_node_on_bodies_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation)
{
    uint32_t count = self->config.committee->count;
    struct ehr_engine_message heard;
    struct waiting_message *w = self->waiting_bodies;
    while (w != NULL && w->serial != generation >> 32)
        w = w->next;
    if (w == NULL || w->attempts != (uint32_t)generation)
        return;
    if (w->attempts >= 2 * count ||
        !chain_node_consensus_hear(self, w->from, w->message, w->outline_count, &heard)) {
        waiting_free(waiting_take(self, w->serial)); /* nobody has them, or nobody needs them */
        return;
    }
    do
        w->asked = (w->asked + 1) % count;
    while (w->asked == self->config.replica);
    ask(self, fx, w);
}

void chain_node_on_tx_get(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_tx_get *get = EHR_AS(tx_get, d->message);
    struct ehr_block *block = chain_node_block_find(self, get->block_hash);
    uint32_t wanted = get->positions == NULL ? 0 : get->positions->length / 4;
    if (ehr_committee_replica(self->config.committee, d->from.node) == UINT32_MAX || wanted == 0 ||
        get->positions->length % 4 != 0) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    for (uint32_t i = 0; block != NULL && i < wanted && i < block->count; i++) {
        uint32_t position = ehr_le32_get(get->positions->bytes + (size_t)4 * i);
        if (position >= block->count)
            continue;
        struct ehr_msg_tx_body *body = EHR_NEW(tx_body, TX_BODY);
        body->tx = ehr_tx_ref(block->tx[position]);
        ehr_fx_send(fx, d->from, ehr_message_seal(&body->head));
    }
}

/* ---- arriving ---- */

/* Whether the transaction was missed; then it has its places now. */
static bool waiting_fill(struct waiting_message *w, struct ehr_tx *tx)
{
    bool missed = false;
    for (uint32_t i = 0; i < w->outline_count; i++) {
        struct outline *outline = &w->outlines[i];
        for (uint32_t k = 0; outline->missing > 0 && k < outline->count; k++) {
            if (outline->tx[k] != NULL || memcmp(outline->ids + (size_t)32 * k, tx->id, 32) != 0)
                continue;
            outline->tx[k] = ehr_tx_ref(tx);
            outline->missing--;
            w->missing--;
            missed = true;
        }
    }
    return missed;
}

bool chain_node_bodies_arrived(struct chain_node *self, struct ehr_fx *fx, struct ehr_tx *tx)
{
    bool missed = false;
    for (struct waiting_message *w = self->waiting_bodies; w != NULL; w = w->next)
        missed = waiting_fill(w, tx) || missed;
    if (!missed)
        return false;
    for (;;) { /* taking one in may change the list */
        struct waiting_message *w = self->waiting_bodies;
        while (w != NULL && w->missing > 0)
            w = w->next;
        if (w == NULL)
            return true;
        waiting_complete(self, fx, waiting_take(self, w->serial));
    }
}

void chain_node_on_tx_body(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_tx_body *body = EHR_AS(tx_body, d->message);
    if (body->tx == NULL ||
        ehr_committee_replica(self->config.committee, d->from.node) == UINT32_MAX)
        chain_node_drop(fx, d->message->type);
    else
        chain_node_bodies_arrived(self, fx, body->tx); /* or it came from elsewhere meanwhile */
}

/* The message without its blocks. */
static struct ehr_msg_consensus *envelope(const struct ehr_msg_consensus_ids *in)
{
    struct ehr_msg_consensus *message = EHR_NEW(consensus, CONSENSUS);
    message->phase = in->phase;
    message->view = in->view;
    message->height = in->height;
    memcpy(message->digest, in->digest, sizeof message->digest);
    message->auth = in->auth;
    message->auth.tags = ehr_blob_ref(in->auth.tags);
    message->body = ehr_blob_ref(in->body);
    return message;
}

struct ehr_message *chain_node_bodies_put_in(const struct chain_node *self,
                                             const struct ehr_msg_consensus_ids *message)
{
    const size_t length = message->ids->length;
    struct ehr_msg_consensus *out = envelope(message);
    struct outline outline;
    uint32_t count = 0;
    for (size_t at = 0; at < length; count++) {
        bool sound = outline_parse(self, message->ids, &at, &outline);
        assert(sound); /* it is its own */
        (void)sound;
    }
    out->carried = ehr_block_list_new(count);
    for (size_t at = 0, i = 0; i < count; i++) {
        (void)outline_parse(self, message->ids, &at, &outline);
        struct ehr_block *block = chain_node_block_find(self, outline.hash);
        assert(block != NULL);
        out->carried->block[i] = ehr_block_ref(block);
    }
    return ehr_message_seal(&out->head);
}

void chain_node_on_consensus_ids(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_delivery *d)
{
    const struct ehr_msg_consensus_ids *in = EHR_AS(consensus_ids, d->message);
    struct ehr_engine_message heard;
    struct waiting_message *w = ehr_actor_new(sizeof *w);
    size_t capacity = in->ids == NULL ? 0 : in->ids->length / EHR_BLOCK_HEADER_BYTES, at = 0;
    bool sound = capacity > 0 && chain_node_bodies_travel_apart(self, in->phase);
    w->from = d->from.node;
    w->ids = ehr_blob_ref(in->ids);
    w->message = envelope(in);
    w->outlines = ehr_actor_new(capacity * sizeof *w->outlines + 1);
    while (sound && at < in->ids->length) {
        sound = outline_parse(self, in->ids, &at, &w->outlines[w->outline_count]);
        w->outline_count += sound;
    }
    if (!sound)
        chain_node_drop(fx, d->message->type);
    if (!sound || !chain_node_consensus_hear(self, w->from, w->message, w->outline_count, &heard) ||
        !chain_node_consensus_welcome(self, fx, &heard, &w->message->auth, d->message->type)) {
        waiting_free(w);
        return;
    }
    for (uint32_t i = 0; i < w->outline_count; i++) {
        outline_fill(self, &w->outlines[i]);
        w->missing += w->outlines[i].missing;
    }
    if (w->missing == 0) {
        waiting_complete(self, fx, w);
        return;
    }
    w->serial = ++self->waiting_bodies_serial;
    w->asked = ehr_committee_replica(self->config.committee, w->from);
    waiting_add(self, w);
    ask(self, fx, w);
}

void chain_node_bodies_close(struct chain_node *self)
{
    while (self->waiting_bodies != NULL)
        waiting_free(waiting_take(self, self->waiting_bodies->serial));
}
