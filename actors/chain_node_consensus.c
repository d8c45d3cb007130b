/* Between the engine and the world: events in, effects out. */
#include <assert.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "sim/consensus/registry.h"

/* ---- events ---- */

static void event_push(struct chain_node *self, const struct ehr_event *event)
{
    if (self->event_count == self->event_capacity) {
        self->event_capacity = self->event_capacity == 0 ? 8 : 2 * self->event_capacity;
        self->events = ehr_actor_resize(self->events, self->event_capacity * sizeof *self->events);
    }
    self->events[self->event_count++] = *event;
}

/* ---- messages in ---- */

/* Bodies are checked before the engine hears of them: a vote stands for a validated block. */
static bool carried_check(struct chain_node *self, struct ehr_fx *fx,
                          const struct ehr_msg_consensus *m, struct ehr_digest *digests)
{
    for (uint32_t i = 0; m->carried != NULL && i < m->carried->count; i++) {
        struct ehr_block *block = m->carried->block[i];
        struct ehr_block_header header;
        memcpy(digests[i].bytes, block->hash, 32);
        if (chain_node_block_find(self, block->hash) != NULL)
            continue;
        chain_node_charge_block(self, fx, block);
        if (block->count > self->config.engine_config.batch_max ||
            ehr_chain_block_check(self->config.chain, block) != EHR_REPLY_OK ||
            ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK ||
            header.time_ns > ehr_fx_now(fx))
            return false;
        chain_node_block_know(self, block, header.height);
    }
    return true;
}

/* What a proposal says of its block must be what the block says: height and proposer are under the
 * block's hash, and nobody could prove a block that was committed at another height. */
static bool proposal_consistent(const struct chain_node *self,
                                const struct ehr_engine_message *message)
{
    if (message->body_length > 0 && message->carried_count == 0)
        return true; /* an empty node: the digest is the body's */
    const struct ehr_digest *named =
        message->body_length == 0 ? &message->digest : message->carried;
    const struct ehr_block *block = chain_node_block_find(self, named->bytes);
    const struct ehr_member *sender = &self->config.committee->members[message->sender];
    struct ehr_block_header header;
    return block != NULL &&
           ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) == EHR_OK &&
           header.height == message->height && memcmp(header.proposer, sender->cert.id, 32) == 0;
}

/* What is proposed need not be proposed again. A block executed here promises nothing any more: a
 * request that it refused for the time being may wait again. */
static void block_propose(struct chain_node *self, const struct ehr_block *block)
{
    struct ehr_block_header header;
    if (block == NULL ||
        ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK ||
        header.height <= self->height)
        return;
    for (uint32_t k = 0; k < block->count; k++)
        if (self->config.committee->submit_to_all) /* the client's copy may be under way */
            ehr_mempool_expect(self->pool, block->tx[k]->id);
        else
            ehr_mempool_propose(self->pool, block->tx[k]->id);
}

/* The first `count` blocks. */
static void carried_propose(struct chain_node *self, const struct ehr_block_list *carried,
                            uint32_t count)
{
    for (uint32_t i = 0; carried != NULL && i < carried->count && i < count; i++)
        block_propose(self, carried->block[i]);
}

bool chain_node_consensus_hear(const struct chain_node *self, uint32_t from,
                               const struct ehr_msg_consensus *m, uint32_t carried,
                               struct ehr_engine_message *message)
{
    uint32_t sender = ehr_committee_replica(self->config.committee, from);
    *message = (struct ehr_engine_message){
        .type = m->phase,
        .sender = (uint16_t)sender,
        .view = m->view,
        .height = m->height,
        .carried_count = carried,
        .signature = m->auth.kind == EHR_AUTH_SIGNATURE ? m->auth.signature : NULL};
    memcpy(message->digest.bytes, m->digest, 32);
    if (m->body != NULL) {
        message->body = m->body->bytes;
        message->body_length = m->body->length;
    }
    return sender != UINT32_MAX &&
           self->config.engine->wants(self->engine, message) != EHR_WANT_DROP;
}

bool chain_node_consensus_welcome(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_engine_message *message,
                                  const struct ehr_auth *auth, uint16_t type)
{
    if (message->carried_count <=
            chain_node_carried_max(chain_node_carriage(self, message->type)) &&
        chain_node_authentic(self, fx, message, auth))
        return true;
    chain_node_drop(fx, type);
    return false;
}

void chain_node_consensus_take(struct chain_node *self, struct ehr_fx *fx,
                               struct ehr_engine_message *message,
                               const struct ehr_msg_consensus *m, uint16_t type)
{
    enum ehr_engine_carriage carriage = chain_node_carriage(self, m->phase);
    struct ehr_digest few[4], *carried = few;
    message->carried_count = m->carried == NULL ? 0 : m->carried->count;
    if (message->carried_count > 4)
        carried = ehr_actor_new(message->carried_count * sizeof *carried);
    message->carried = message->carried_count > 0 ? carried : NULL;
    bool proposal = carriage == EHR_ENGINE_CARRIES_PROPOSAL;
    if (carried_check(self, fx, m, carried) && (!proposal || proposal_consistent(self, message))) {
        if (proposal) /* before the engine, which may propose next, hears of it */
            carried_propose(self, m->carried, 1);
        self->carried_over = 0; /* unless the message opens a view */
        if (m->phase == EHR_ENGINE_CHECKPOINT)
            chain_node_sync_heard(self, fx, message->sender, m->height);
        if (m->phase == EHR_ENGINE_COMMIT)
            chain_node_sync_voted(self, fx, message->sender, m->height);
        chain_node_feed(self, fx,
                        &(struct ehr_event){.type = EHR_EVENT_RECEIVE,
                                            .now_ns = ehr_fx_now(fx),
                                            .as.receive = {message}});
        if (carriage == EHR_ENGINE_CARRIES_VIEW)
            carried_propose(self, m->carried, self->carried_over);
        if (proposal || carriage == EHR_ENGINE_CARRIES_FLIGHT)
            carried_propose(self, m->carried, message->carried_count);
        chain_node_pool_changed(self, fx);
    } else {
        chain_node_drop(fx, type);
    }
    if (carried != few)
        free(carried);
}

void chain_node_on_consensus(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_delivery *d)
{
    const struct ehr_msg_consensus *m = EHR_AS(consensus, d->message);
    struct ehr_engine_message message;
    if (chain_node_consensus_hear(self, d->from.node, m, m->carried == NULL ? 0 : m->carried->count,
                                  &message) &&
        chain_node_consensus_welcome(self, fx, &message, &m->auth, d->message->type))
        chain_node_consensus_take(self, fx, &message, m, d->message->type);
}

void chain_node_on_engine_timer(struct chain_node *self, struct ehr_fx *fx, uint16_t id,
                                uint32_t generation)
{
    bool waited = id == EHR_ENGINE_TIMER_REQUEST && generation == self->request_generation;
    chain_node_feed(self, fx,
                    &(struct ehr_event){.type = EHR_EVENT_TIMER,
                                        .now_ns = ehr_fx_now(fx),
                                        .as.timer = {id, generation}});
    chain_node_pool_changed(self, fx);
    if (waited) /* perhaps the others have executed what this node waits for */
        chain_node_sync_begin(self, fx);
}

void chain_node_pool_changed(struct chain_node *self, struct ehr_fx *fx)
{
    uint32_t unproposed = ehr_mempool_unproposed(self->pool);
    uint32_t waiting = ehr_mempool_waiting(self->pool);
    uint64_t oldest = ehr_mempool_oldest(self->pool, NULL);
    if (unproposed == self->told_unproposed && waiting == self->told_waiting &&
        oldest == self->told_oldest)
        return;
    self->told_unproposed = unproposed;
    self->told_waiting = waiting;
    self->told_oldest = oldest;
    chain_node_feed(self, fx,
                    &(struct ehr_event){.type = EHR_EVENT_PENDING,
                                        .now_ns = ehr_fx_now(fx),
                                        .as.pending = {unproposed, waiting, oldest}});
}

/* ---- effects out ---- */

static struct ehr_block_list *carried_list(const struct chain_node *self,
                                           const struct ehr_engine_message *m)
{
    if (m->carried_count == 0)
        return NULL;
    struct ehr_block_list *list = ehr_block_list_new(m->carried_count);
    for (uint32_t i = 0; i < m->carried_count; i++) {
        struct ehr_block *block = chain_node_block_find(self, m->carried[i].bytes);
        assert(block != NULL); /* an engine names only blocks whose bodies it was given */
        list->block[i] = ehr_block_ref(block);
    }
    return list;
}

static void perform_send(struct chain_node *self, struct ehr_fx *fx, uint16_t to,
                         const struct ehr_engine_message *m)
{
    const struct ehr_committee *committee = self->config.committee;
    struct ehr_msg_consensus *out = EHR_NEW(consensus, CONSENSUS);
    struct chain_node_auth context = {self, fx};
    struct ehr_digest digest = m->digest;
    out->phase = m->type;
    out->view = m->view;
    out->height = m->height;
    if (m->body_length > 0) {
        out->body = ehr_blob_new(m->body, m->body_length);
        chain_node_body_digest(&context, m->body, m->body_length, &digest);
    }
    memcpy(out->digest, digest.bytes, 32);
    chain_node_vouch(self, fx, &out->auth, m, &digest, to);
    out->carried = carried_list(self, m);
    if (chain_node_carriage(self, m->type) ==
        EHR_ENGINE_CARRIES_VIEW) /* comes behind the effect of that name */
        carried_propose(self, out->carried, self->carried_over);
    struct ehr_message *sealed =
        out->carried != NULL && chain_node_bodies_travel_apart(self, m->type)
            ? chain_node_bodies_leave_out(out)
            : ehr_message_seal(&out->head);
    if (to == EHR_ENGINE_TO_ALL)
        ehr_fx_broadcast(fx, committee->group, sealed);
    else
        ehr_fx_send(fx, (struct ehr_address){committee->members[to].node, 0}, sealed);
}

/* The engine, as primary, wants a block: from the pool, on the parent it names. */
static void perform_propose(struct chain_node *self, struct ehr_fx *fx, uint64_t view,
                            uint64_t height, const struct ehr_digest *parent, uint32_t max)
{
    struct ehr_event answer = {.type = EHR_EVENT_PROPOSAL,
                               .now_ns = ehr_fx_now(fx),
                               .as.proposal = {.view = view, .height = height}};
    struct ehr_tx **picked = ehr_actor_new((size_t)max * sizeof(struct ehr_tx *));
    uint32_t count = ehr_mempool_pick(self->pool, picked, max);
    if (count == 0) {
        answer.as.proposal.empty = true;
        chain_node_feed(self, fx, &answer);
        free(picked);
        return;
    }
    struct ehr_block *block =
        ehr_chain_block_build(self->config.chain, height, parent->bytes, ehr_fx_now(fx),
                              chain_node_self(self)->cert.id, picked, count);
    ehr_fx_charge(fx, EHR_COST_HASH, count + 1u, block->length);
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, count, 0);
    for (uint32_t i = 0; i < count; i++)
        ehr_mempool_propose(self->pool, picked[i]->id);
    free(picked);
    chain_node_block_know(self, block, height);
    memcpy(answer.as.proposal.block.bytes, block->hash, 32);
    chain_node_feed(self, fx, &answer);
    ehr_mark(fx, EHR_MARK_PROPOSED, view, (uint16_t)self->config.committee->chain, height);
    ehr_block_unref(block);
}

void chain_node_executed_feed(struct chain_node *self, struct ehr_fx *fx, uint64_t height)
{
    const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, height);
    struct ehr_event executed = {
        .type = EHR_EVENT_EXECUTED, .now_ns = ehr_fx_now(fx), .as.executed = {.height = height}};
    memcpy(executed.as.executed.state.bytes, entry->state_root, 32);
    memcpy(executed.as.executed.block.bytes, entry->block->hash, 32);
    chain_node_feed(self, fx, &executed);
}

/* Block synchronisation was there before the engine: nothing is executed twice. */
static void decided_again(struct chain_node *self, struct ehr_fx *fx, const struct decided *d)
{
    const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, d->height);
    self->diverged = memcmp(entry->block->hash, d->block.bytes, 32) != 0;
    if (self->diverged) {
        ehr_mark(fx, EHR_MARK_DIVERGED, d->view, (uint16_t)self->config.committee->chain,
                 d->height);
        return;
    }
    if (d->height > self->engine_height) {
        self->engine_height = d->height;
        chain_node_journal_block(self, fx, 0);
    }
    chain_node_executed_feed(self, fx, d->height);
}

static void decided_execute(struct chain_node *self, struct ehr_fx *fx, const struct decided *d)
{
    if (self->diverged)
        return; /* it left the chain: nothing it executes now means anything */
    if (d->height <= self->height) {
        decided_again(self, fx, d);
        return;
    }
    struct ehr_block *block = chain_node_block_find(self, d->block.bytes);
    assert(block != NULL && d->height == self->height + 1);
    self->engine_height = d->height;
    self->diverged = !chain_node_execute(self, fx, d->height, d->view, block,
                                         CHAIN_NODE_REPLY | CHAIN_NODE_SIGN);
    if (self->diverged)
        return;
    chain_node_known_forget(self);
    chain_node_executed_feed(self, fx, d->height);
}

/* Where one replica decides alone, its decision holds from when it is on disk: what it would forget
 * in a crash before must not be on the chain that all share. */
static void perform_commit(struct chain_node *self, struct ehr_fx *fx, uint64_t height,
                           uint64_t view, const struct ehr_digest *digest)
{
    const struct decided decided = {height, view, *digest};
    if (!self->decided_alone && self->decided_count == 0) {
        decided_execute(self, fx, &decided);
        return;
    }
    if (self->decided_count == self->decided_capacity) {
        self->decided_capacity = self->decided_capacity == 0 ? 8 : 2 * self->decided_capacity;
        self->decided =
            ehr_actor_resize(self->decided, self->decided_capacity * sizeof *self->decided);
    }
    self->decided[self->decided_count++] = decided;
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_EXECUTE, height, 0);
}

void chain_node_on_decided(struct chain_node *self, struct ehr_fx *fx)
{
    if (self->decided_count == 0)
        return;
    struct decided next = self->decided[0];
    memmove(self->decided, self->decided + 1, --self->decided_count * sizeof *self->decided);
    decided_execute(self, fx, &next);
}

static void perform_persist(struct chain_node *self, struct ehr_fx *fx,
                            const struct ehr_engine_record *record)
{
    bool stores_block = ehr_engine_kind(self->config.engine, record->type)->keeps_block;
    struct ehr_block *block =
        stores_block ? chain_node_block_find(self, record->digest.bytes) : NULL;
    if (self->requests == EHR_ENGINE_REQUESTS_ALL) /* also where this step began with a new view */
        block_propose(self, block);
    uint32_t replicas = self->config.engine_config.replicas;
    if (stores_block && self->config.engine->certificate_quorum(replicas) == 1)
        self->decided_alone = ehr_fx_journal_kept(fx);
    chain_node_journal_record(self, fx, record, block);
}

/* No proposal counts any more. What the new view carries over is marked again with its message, in
 * which a backup learns of it and which the primary sends after this. The block that travels with
 * it only to show where the chain stops is not among them: its requests have to be proposed anew.
 */
static void perform_new_view(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_effect *effect)
{
    uint16_t leader = effect->as.new_view.leader;
    ehr_mempool_unpropose_all(self->pool);
    self->carried_over = effect->as.new_view.carried;
    for (uint32_t i = 0; i < effect->as.new_view.kept_count; i++)
        block_propose(self, chain_node_block_find(self, effect->as.new_view.kept[i].bytes));
    if (self->requests == EHR_ENGINE_REQUESTS_LEADER && leader != self->config.replica &&
        !self->config.committee->submit_to_all)
        chain_node_relay_all(self, fx, leader);
    if (effect->as.new_view.timed_out)
        ehr_mark(fx, EHR_MARK_VIEW, 0, (uint16_t)self->config.committee->chain,
                 effect->as.new_view.view);
    self->told_unproposed = UINT32_MAX; /* the engine's figure is as old as its view */
}

static void perform(struct chain_node *self, struct ehr_fx *fx, const struct ehr_effect *effect)
{
    switch (effect->type) {
    case EHR_EFFECT_PERSIST:
        perform_persist(self, fx, &effect->as.persist);
        break;
    case EHR_EFFECT_SEND:
        perform_send(self, fx, effect->as.send.to, &effect->as.send.message);
        break;
    case EHR_EFFECT_TIMER:
        if (effect->as.timer.id == EHR_ENGINE_TIMER_REQUEST)
            self->request_generation =
                effect->as.timer.delay_ns > 0 ? effect->as.timer.generation : 0;
        if (effect->as.timer.delay_ns > 0) /* a cancelled timer is recognised by its generation */
            ehr_fx_timer(fx, effect->as.timer.id, effect->as.timer.generation,
                         effect->as.timer.delay_ns);
        break;
    case EHR_EFFECT_PROPOSE:
        perform_propose(self, fx, effect->as.propose.view, effect->as.propose.height,
                        &effect->as.propose.parent, effect->as.propose.requests_max);
        break;
    case EHR_EFFECT_COMMIT:
        perform_commit(self, fx, effect->as.commit.height, effect->as.commit.view,
                       &effect->as.commit.block);
        break;
    case EHR_EFFECT_FETCH:
        chain_node_sync_fetch(self, fx, effect->as.fetch.height, effect->as.fetch.view,
                              &effect->as.fetch.state);
        break;
    case EHR_EFFECT_NEW_VIEW:
        perform_new_view(self, fx, effect);
        break;
    }
}

/* A time-out that is worth counting: what it led to is more than another timer. */
static bool expired(const struct ehr_event *event, const struct ehr_effects *effects)
{
    if (event->type != EHR_EVENT_TIMER || ehr_engine_timeout_name(event->as.timer.id) == NULL)
        return false;
    for (uint32_t k = 0; k < effects->count; k++)
        if (effects->item[k].type != EHR_EFFECT_TIMER)
            return true;
    return false;
}

void chain_node_feed(struct chain_node *self, struct ehr_fx *fx, const struct ehr_event *event)
{
    event_push(self, event);
    if (self->feeding)
        return;
    struct chain_node_auth context = {self, fx};
    const struct ehr_engine_auth auth = {chain_node_vote_valid, chain_node_body_digest,
                                         chain_node_block_parent, &context, chain_node_vote_sign};
    struct ehr_effects *effects = self->config.effects;
    self->feeding = true;
    for (uint32_t i = 0; i < self->event_count; i++) {
        struct ehr_event next = self->events[i];
        self->decided_alone = false;
        self->config.engine->step(self->engine, &auth, &next, effects);
        if (expired(&next, effects))
            ehr_mark(fx, EHR_MARK_EXPIRED, 0, (uint16_t)self->config.committee->chain,
                     next.as.timer.id);
        for (uint32_t k = 0; k < effects->count; k++)
            perform(self, fx, &effects->item[k]);
    }
    self->event_count = 0;
    self->feeding = false;
}

/* The engine hears of the height up to which it knew what was executed, not of what block
 * synchronisation brought on top of that: its records say nothing of it. */
void chain_node_consensus_start(struct chain_node *self, struct ehr_fx *fx,
                                const struct ehr_journal *saved)
{
    struct ehr_event start = {.type = EHR_EVENT_START, .now_ns = ehr_fx_now(fx)};
    struct ehr_engine_record *records = NULL;
    if (saved != NULL)
        records = chain_node_journal_load(self, saved, &start.as.start.record_count);
    if (start.as.start.record_count > 0)
        start.as.start.records = records;
    if (self->engine_height > 0) {
        const struct ehr_chain_block *entry =
            ehr_chain_block_at(self->config.chain, self->engine_height);
        start.as.start.height = self->engine_height;
        memcpy(start.as.start.block.bytes, entry->block->hash, 32);
        memcpy(start.as.start.state.bytes, entry->state_root, 32);
    }
    chain_node_feed(self, fx, &start);
    free(records);
}

void chain_node_consensus_close(struct chain_node *self)
{
    free(self->events);
    free(self->decided);
}
