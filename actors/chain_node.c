/* Life and dispatch of a chain node, and the requests of clients. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_sync.h"
#include "actors/memory.h"
#include "crypto/codec.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/grant_batch.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"
#include "sim/consensus/registry.h"

void chain_node_drop(struct ehr_fx *fx, uint16_t message_type)
{
    ehr_mark(fx, EHR_MARK_DROPPED, 0, message_type, 0);
}

/* A doctor's certificate chain is verified when a node first meets it. */
static void charge_doctor(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx)
{
    struct ehr_ptx ptx;
    const struct ehr_hospital_info *hospital = chain_node_hospital(self);
    if (ehr_ptx_parse(&ptx, tx->bytes, tx->length) != EHR_OK)
        return;
    for (uint32_t i = 0; i < hospital->doctor_count; i++) {
        if (self->doctor_seen[i] ||
            memcmp(hospital->doctors[i].cert.id, ptx.terms.doctor_id, 32) != 0)
            continue;
        self->doctor_seen[i] = true;
        ehr_fx_charge(fx, EHR_COST_CERT_VERIFY, 2, 0);
    }
}

/* The signatures that the check of an anchor verifies: the hospital's and the certificate's, whose
 * number is that of the hospital's own committee and engine. */
static uint64_t anchor_signatures(const struct chain_node *self, const struct ehr_tx *tx)
{
    const struct ehr_directory *directory = self->config.directory;
    struct ehr_anchor anchor;
    struct ehr_quorum_cert certificate;
    if (ehr_anchor_parse(&anchor, tx->bytes, tx->length) != EHR_OK)
        return 0;
    uint32_t hospital = ehr_directory_hospital(directory, anchor.hid);
    if (hospital == UINT32_MAX)
        return 0;
    if (ehr_quorum_cert_parse(&certificate, anchor.proof.certificate, anchor.proof.certificate_len,
                              directory->hospitals[hospital].committee.count) != EHR_OK)
        return 1;
    return 1 + certificate.signers;
}

static uint64_t grants_in(const struct ehr_tx *tx)
{
    struct ehr_grant_batch batch;
    if (tx->type != EHR_TX_GRANT_BATCH)
        return tx->type == EHR_TX_GRANT;
    return ehr_grant_batch_parse(&batch, tx->bytes, tx->length) == EHR_OK ? batch.count : 0;
}

void chain_node_charge_check(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx)
{
    switch ((enum ehr_tx_type)tx->type) {
    case EHR_TX_RECORD:
        charge_doctor(self, fx, tx);
        ehr_fx_charge(fx, EHR_COST_PTX_VERIFY, 1, 0);
        break;
    case EHR_TX_ANCHOR:
        ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, anchor_signatures(self, tx), 0);
        break;
    case EHR_TX_INDEX:
        ehr_fx_charge(fx, EHR_COST_ATX_VERIFY, 1, 0);
        break;
    case EHR_TX_GRANT:
        ehr_fx_charge(fx, EHR_COST_GRANT_VERIFY_BASE, 1, 0);
        ehr_fx_charge(fx, EHR_COST_GRANT_VERIFY_PER_PROXY, self->config.directory->proxies, 0);
        break;
    case EHR_TX_GRANT_BATCH:
        ehr_fx_charge_parallel(fx, EHR_COST_GRANT_VERIFY_BASE, grants_in(tx), 0);
        ehr_fx_charge_parallel(fx, EHR_COST_GRANT_VERIFY_PER_PROXY,
                               grants_in(tx) * self->config.directory->proxies, 0);
        break;
    case EHR_TX_REVOKE:
        ehr_fx_charge(fx, EHR_COST_SCHNORR_VERIFY, 1, 0);
        break;
    case EHR_TX_CERT_REVOKE: /* the certificate, and its revocation */
    case EHR_TX_DOCTOR_REVOKE:
        ehr_fx_charge(fx, EHR_COST_CERT_VERIFY, 1, 0);
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
        break;
    case EHR_TX_QUERY_LOG:
    case EHR_TX_RAW:
    case EHR_TX_TYPES:
        break;
    }
    ehr_fx_charge(fx, EHR_COST_HASH, 1, tx->length);
}

void chain_node_charge_block(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_block *block)
{
    uint64_t records = 0, indices = 0, grants = 0, signatures = 0, revocations = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ehr_tx *tx = block->tx[i];
        if (ehr_mempool_has(self->pool, tx->id))
            continue; /* checked when the client brought it */
        records += tx->type == EHR_TX_RECORD;
        indices += tx->type == EHR_TX_INDEX;
        grants += grants_in(tx);
        revocations += tx->type == EHR_TX_REVOKE;
        signatures += tx->type == EHR_TX_ANCHOR ? anchor_signatures(self, tx) : 0;
        signatures += tx->type == EHR_TX_CERT_REVOKE || tx->type == EHR_TX_DOCTOR_REVOKE ? 2 : 0;
        if (tx->type == EHR_TX_RECORD)
            charge_doctor(self, fx, tx);
    }
    if (records > 0)
        ehr_fx_charge_parallel(fx, EHR_COST_PTX_VERIFY, records, 0);
    if (signatures > 0)
        ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, signatures, 0);
    if (indices > 0)
        ehr_fx_charge_parallel(fx, EHR_COST_ATX_VERIFY, indices, 0);
    if (revocations > 0)
        ehr_fx_charge_parallel(fx, EHR_COST_SCHNORR_VERIFY, revocations, 0);
    if (grants > 0) {
        ehr_fx_charge_parallel(fx, EHR_COST_GRANT_VERIFY_BASE, grants, 0);
        ehr_fx_charge_parallel(fx, EHR_COST_GRANT_VERIFY_PER_PROXY,
                               grants * self->config.directory->proxies, 0);
    }
    ehr_fx_charge(fx, EHR_COST_HASH, block->count + 1u, block->length);
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, block->count, 0);
}

static void relay(const struct chain_node *self, struct ehr_fx *fx, struct ehr_tx *tx,
                  uint16_t leader)
{
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->request = tx->request;
    submit->tx = ehr_tx_ref(tx);
    ehr_fx_send(fx, (struct ehr_address){self->config.committee->members[leader].node, 0},
                ehr_message_seal(&submit->head));
}

struct relaying {
    const struct chain_node *self;
    struct ehr_fx *fx;
    uint16_t leader;
};

static void relay_one(void *context, struct ehr_tx *tx, uint64_t since_ns)
{
    const struct relaying *relaying = context;
    (void)since_ns;
    relay(relaying->self, relaying->fx, tx, relaying->leader);
}

void chain_node_relay_all(struct chain_node *self, struct ehr_fx *fx, uint16_t leader)
{
    struct relaying relaying = {self, fx, leader};
    ehr_mempool_each(self->pool, relay_one, &relaying);
}

/* A client asks to order a transaction. The primary filters and refuses; a backup relays and, from
 * now on, waits for it too (Castro and Liskov, OSDI'99, 4.1 and 4.4). Where every replica needs the
 * requests the client has sent it to all, and nobody relays. */
static void chain_node_on_submit(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_delivery *d)
{
    const struct ehr_msg_submit *submit = EHR_AS(submit, d->message);
    const struct ehr_committee *committee = self->config.committee;
    struct ehr_tx *tx = submit->tx;
    struct ehr_place place;
    bool from_replica = ehr_committee_replica(committee, d->from.node) != UINT32_MAX;
    /* replies go to who signs off as the client: from outside it can only be the sender */
    if (tx == NULL ||
        (!from_replica && (tx->client != d->from.node || tx->client_lane != d->from.lane))) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    if (ehr_chain_transaction_done(self->config.chain, tx->id, self->height, &place)) {
        struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, place.height);
        chain_node_reply(self, fx, tx, (enum ehr_reply)entry->replies[place.index], place.height);
        return;
    }
    if (ehr_mempool_has(self->pool, tx->id))
        return;
    enum ehr_reply verdict = ehr_contract_check(self->config.chain->contract, tx);
    chain_node_charge_check(self, fx, tx);
    if (verdict == EHR_REPLY_OK)
        verdict = ehr_contract_prefilter(self->config.chain->contract, tx, self->height);
    if (verdict != EHR_REPLY_OK) {
        ehr_mark(fx, EHR_MARK_REFUSED_TX, tx->request, (uint16_t)self->config.committee->chain,
                 (uint64_t)verdict);
        chain_node_reply(self, fx, tx, verdict, 0);
        return;
    }
    ehr_mempool_add(self->pool, tx, ehr_fx_now(fx));
    uint16_t leader = self->config.engine->leader(self->engine);
    if (leader != self->config.replica && !from_replica && !committee->submit_to_all)
        relay(self, fx, tx, leader);
    chain_node_bodies_arrived(self, fx, tx);
    chain_node_pool_changed(self, fx);
}

static void *engine_resize(void *context, void *old, size_t size)
{
    (void)context;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return ehr_actor_resize(old, size);
}

/* What a node has in memory alone. */
static void volatile_open(struct chain_node *self)
{
    static const struct ehr_engine_memory memory = {engine_resize, NULL};
    const struct ehr_chain_node_config *config = &self->config;
    self->engine = config->engine->init(self->engine_storage, &config->engine_config, &memory);
    self->pool = ehr_mempool_new();
    self->requests = ehr_engine_requests_of(config->engine, &config->engine_config);
    self->sync = chain_node_sync_new(self);
    if (config->committee->chain != 0)
        self->doctor_seen =
            ehr_actor_new(chain_node_hospital(self)->doctor_count * sizeof(bool) + 1);
    else
        self->data_user_seen = ehr_actor_new(config->directory->data_user_count * sizeof(bool) + 1);
}

static void volatile_close(struct chain_node *self)
{
    chain_node_bodies_close(self);
    chain_node_consensus_close(self);
    chain_node_known_close(self);
    chain_node_sync_close(self);
    chain_node_auth_close(self);
    chain_node_execute_close(self);
    chain_node_release_close(self);
    ehr_table_close(&self->nonces[0]);
    ehr_table_close(&self->nonces[1]);
    self->config.engine->close(self->engine);
    ehr_mempool_free(self->pool);
    free(self->doctor_seen);
    free(self->data_user_seen);
}

/* A new life knows what the last one wrote to disk. Answers to what the last one asked may still
 * come: the numbers of jobs and of questions begin elsewhere. */
static void restart(struct chain_node *self, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    struct chain_node fresh = {
        .node = self->node, .config = self->config, .engine_storage = self->engine_storage};
    uint8_t serial[4];
    volatile_close(self);
    *self = fresh;
    volatile_open(self);
    ehr_rng_fill(self->config.rng, serial, sizeof serial);
    self->job_serial = ehr_le32_get(serial) >> 1;
    self->sync->number = ehr_le32_get(serial);
    self->catching_up = self->config.committee->count > 1;
    chain_node_consensus_start(self, fx, saved);
    self->nonces_since = self->certified;
    /* others may wait for the signatures that did not leave before the crash */
    uint64_t from = chain_node_is_alliance(self) ? self->certified + 1 : self->height;
    for (uint64_t height = from; height > 0 && height <= self->height && !self->config.bare;
         height++)
        chain_node_push_signature(self, fx, height);
    chain_node_sync_begin(self, fx);
    ehr_wipe(&fresh.config.secrets, sizeof fresh.config.secrets);
}

static void chain_node_on_start(struct ehr_node *node, struct ehr_fx *fx,
                                const struct ehr_journal *saved)
{
    struct chain_node *self = chain_node_of(node);
    if (saved != NULL)
        restart(self, fx, saved);
    else
        chain_node_consensus_start(self, fx, NULL);
}

static void alliance_on_message(struct chain_node *self, struct ehr_fx *fx,
                                const struct ehr_delivery *d)
{
    switch (d->message->type) {
    case EHR_MSG_BLOCK_SIGN:
        chain_node_on_block_sign(self, fx, d);
        break;
    case EHR_MSG_QUERY:
        chain_node_on_query(self, fx, d);
        break;
    case EHR_MSG_FETCH:
        chain_node_on_fetch(self, fx, d);
        break;
    case EHR_MSG_LOCATED:
        chain_node_on_located(self, fx, d);
        break;
    case EHR_MSG_RELEASE:
        chain_node_on_release(self, fx, d);
        break;
    case EHR_MSG_ACCESS:
    case EHR_MSG_ACCESS_SCOPED:
        chain_node_on_access(self, fx, d);
        break;
    case EHR_MSG_COMPLAINT:
        chain_node_on_complaint(self, fx, d);
        break;
    default:
        chain_node_drop(fx, d->message->type);
        break;
    }
}

static void private_on_message(struct chain_node *self, struct ehr_fx *fx,
                               const struct ehr_delivery *d)
{
    switch (d->message->type) {
    case EHR_MSG_BODY_GET:
        chain_node_on_body_get(self, fx, d);
        break;
    case EHR_MSG_LOCATE:
        chain_node_on_locate(self, fx, d);
        break;
    default:
        chain_node_drop(fx, d->message->type);
        break;
    }
}

static void chain_node_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                  const struct ehr_delivery *d)
{
    struct chain_node *self = chain_node_of(node);
    if (d->message->type == EHR_MSG_CONSENSUS) /* first: nearly all of them */
        chain_node_on_consensus(self, fx, d);
    else if (chain_node_on_sync(self, fx, d))
        return;
    else if (d->message->type == EHR_MSG_SUBMIT)
        chain_node_on_submit(self, fx, d);
    else if (d->message->type == EHR_MSG_CONSENSUS_IDS)
        chain_node_on_consensus_ids(self, fx, d);
    else if (d->message->type == EHR_MSG_TX_GET)
        chain_node_on_tx_get(self, fx, d);
    else if (d->message->type == EHR_MSG_TX_BODY)
        chain_node_on_tx_body(self, fx, d);
    else if (chain_node_is_alliance(self))
        alliance_on_message(self, fx, d);
    else
        private_on_message(self, fx, d);
}

static void chain_node_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane,
                                uint32_t id, uint64_t generation)
{
    struct chain_node *self = chain_node_of(node);
    (void)lane;
    if (id == CHAIN_NODE_TIMER_JOB)
        chain_node_on_job_timer(self, fx, generation);
    else if (id == CHAIN_NODE_TIMER_BODIES)
        chain_node_on_bodies_timer(self, fx, generation);
    else if (id == CHAIN_NODE_TIMER_SYNC)
        chain_node_on_sync_timer(self, fx, generation);
    else if (id == CHAIN_NODE_TIMER_LACK)
        chain_node_on_lack_timer(self, fx, generation);
    else if (id == CHAIN_NODE_TIMER_EXECUTE)
        chain_node_on_decided(self, fx);
    else
        chain_node_on_engine_timer(self, fx, (uint16_t)id, (uint32_t)generation);
}

static const struct ehr_node_type private_node_type = {"private-node", chain_node_on_start,
                                                       chain_node_on_message, chain_node_on_timer};
static const struct ehr_node_type alliance_node_type = {"alliance-node", chain_node_on_start,
                                                        chain_node_on_message, chain_node_on_timer};

struct ehr_node *ehr_chain_node_new(const char *name, const struct ehr_chain_node_config *config)
{
    struct chain_node *self = ehr_actor_new(sizeof *self);
    self->config = *config;
    self->config.engine_config.replicas = (uint16_t)config->committee->count;
    self->config.engine_config.self = (uint16_t)config->replica;
    self->node.name = name;
    self->node.type = config->committee->chain == 0 ? &alliance_node_type : &private_node_type;
    self->engine_storage = ehr_actor_new(config->engine->size(&self->config.engine_config));
    volatile_open(self);
    return &self->node;
}

void ehr_chain_node_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct chain_node *self = chain_node_of(node);
    volatile_close(self);
    free(self->engine_storage);
    ehr_wipe(&self->config.secrets, sizeof self->config.secrets);
    free(self);
}

void ehr_chain_node_chain_set(struct ehr_node *node, struct ehr_chain *chain)
{
    struct chain_node *self = chain_node_of(node);
    assert(self->height == 0 && chain->number == self->config.chain->number);
    self->config.chain = chain;
}

/* Counts the requests that the chain has not executed yet. */
struct pending_count {
    const struct chain_node *self;
    struct ehr_chain_node_state *state;
};

static void pending_add(void *context, struct ehr_tx *tx, uint64_t since_ns)
{
    struct pending_count *count = context;
    const struct ehr_chain *chain = count->self->config.chain;
    struct ehr_place place;
    /* what was executed at or below this replica's height came back to be ordered again */
    if (ehr_chain_transaction_find(chain, tx->id, chain->height, &place) &&
        place.height > count->self->height)
        return;
    if (count->state->pending++ == 0)
        count->state->oldest_since_ns = since_ns;
}

struct ehr_chain_node_state ehr_chain_node_state(const struct ehr_node *node)
{
    const struct chain_node *self = (const struct chain_node *)(const void *)node;
    struct ehr_chain_node_state state = {.waiting = ehr_mempool_waiting(self->pool),
                                         .height = self->height,
                                         .behind = chain_node_sync_behind(self),
                                         .view = self->config.engine->view(self->engine),
                                         .engine = self->config.engine->name};
    struct pending_count count = {self, &state};
    ehr_mempool_each(self->pool, pending_add, &count);
    return state;
}
