/* Committed blocks: execution, replies to clients, signatures that prove them to outsiders. */
#include <assert.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/consensus/registry.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

/* Signatures on a block certificate that an alliance node has verified, until there are enough. */
struct certifying {
    uint64_t height;
    uint32_t count;
    bool done;
    UT_hash_handle hh;
    uint8_t signers[]; /* bitmap */
};

/* What execution of one transaction computes: look-ups for freshness, and for an index transaction
 * the leaf and its path to the anchored root. */
static void charge_execution(const struct ehr_contract *contract, struct ehr_fx *fx,
                             const struct ehr_block *block)
{
    uint64_t lookups = 0, nodes = 0, hashes = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ehr_tx *tx = block->tx[i];
        struct ehr_ptx ptx;
        struct ehr_atx atx;
        if (tx->type == EHR_TX_RECORD && ehr_ptx_parse(&ptx, tx->bytes, tx->length) == EHR_OK) {
            lookups += ptx.terms.nkw + 1;
        } else if (tx->type == EHR_TX_INDEX &&
                   ehr_atx_parse(&atx, tx->bytes, tx->length) == EHR_OK) {
            lookups += atx.nkw + 3;
            nodes += atx.depth;
            hashes += 2;
        } else {
            uint32_t grants;
            bool batch = tx->type == EHR_TX_GRANT_BATCH &&
                         ehr_contract_batch_replies(contract, tx->id, UINT64_MAX, &grants) != NULL;
            lookups += batch ? grants : 1;
        }
    }
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, lookups, 0);
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, nodes, 0);
    ehr_fx_charge(fx, EHR_COST_HASH, hashes + 2, 0); /* state root, certificate digest */
}

/* What became of each grant of a batch. */
static void items_send(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx,
                       uint64_t height)
{
    uint32_t count;
    const uint8_t *replies =
        ehr_contract_batch_replies(self->config.chain->contract, tx->id, self->height, &count);
    if (replies == NULL)
        return;
    struct ehr_msg_reply_items *items = EHR_NEW(reply_items, REPLY_ITEMS);
    items->request = tx->request;
    memcpy(items->tx_id, tx->id, 32);
    items->height = height;
    items->statuses = ehr_blob_new(replies, count);
    ehr_fx_send(fx, (struct ehr_address){tx->client, tx->client_lane},
                ehr_message_seal(&items->head));
}

void chain_node_reply(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx,
                      enum ehr_reply status, uint64_t height)
{
    if (tx->type == EHR_TX_GRANT_BATCH && height > 0)
        items_send(self, fx, tx, height);
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = tx->request;
    reply->status = (uint8_t)status;
    memcpy(reply->tx_id, tx->id, 32);
    reply->height = height;
    reply->view = ehr_engine_turn(self->config.engine, self->engine);
    if (height == 0) { /* refused before ordering: one node's word, so it is signed */
        uint8_t digest[32];
        ehr_refuse_digest(digest, tx->id, reply->status, height);
        ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
        ehr_sign_make(reply->signature, &self->config.secrets.sign, "sig-refuse", digest);
        reply->has_signature = 1;
    }
    ehr_fx_send(fx, (struct ehr_address){tx->client, tx->client_lane},
                ehr_message_seal(&reply->head));
}

/* ---- block certificates ---- */

static struct certifying *certifying_at(struct chain_node *self, uint64_t height)
{
    struct certifying *found = NULL;
    HASH_FIND(hh, self->certifying, &height, sizeof height, found);
    if (found == NULL) {
        found = ehr_actor_new(sizeof *found + (self->config.committee->count + 7) / 8);
        found->height = height;
        HASH_ADD(hh, self->certifying, height, sizeof found->height, found);
    }
    return found;
}

static void certified_advance(struct chain_node *self)
{
    for (;;) {
        uint64_t height = self->certified + 1;
        struct certifying *next = NULL;
        HASH_FIND(hh, self->certifying, &height, sizeof height, next);
        if (height > self->height || next == NULL || !next->done)
            return;
        self->certified = height;
        HASH_DELETE(hh, self->certifying, next);
        free(next);
    }
}

static void signature_count(struct chain_node *self, struct ehr_fx *fx, uint64_t height,
                            uint32_t member, const uint8_t sig[64])
{
    struct certifying *tally = certifying_at(self, height);
    if (tally->done || (tally->signers[member / 8] >> member % 8 & 1) != 0)
        return;
    tally->signers[member / 8] = (uint8_t)(tally->signers[member / 8] | 1u << member % 8);
    tally->count++;
    ehr_chain_signature_add(self->config.chain, height, member, sig);
    if (tally->count < self->config.committee->certificate_quorum)
        return;
    tally->done = true;
    ehr_chain_certificate_make(self->config.chain, height, tally->signers, tally->count);
    ehr_mark(fx, EHR_MARK_SIGNERS, tally->count, (uint16_t)self->config.committee->chain, height);
    certified_advance(self);
}

void chain_node_certificate_take(struct chain_node *self, uint64_t height)
{
    if (height <= self->certified || height > self->height ||
        ehr_chain_block_at(self->config.chain, height)->certificate == NULL)
        return;
    certifying_at(self, height)->done = true;
    certified_advance(self);
}

void chain_node_push_signature(struct chain_node *self, struct ehr_fx *fx, uint64_t height)
{
    const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, height);
    struct ehr_msg_block_sign *push = EHR_NEW(block_sign, BLOCK_SIGN);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_block_cert_sign(push->signature, entry->digest, &self->config.secrets.sign);
    memcpy(push->header, entry->block->header, sizeof push->header);
    push->refused = ehr_blob_new(entry->refused, entry->refused_len);
    memcpy(push->previous_state, entry->previous_state, 32);
    if (chain_node_is_alliance(self)) {
        signature_count(self, fx, height, self->config.replica, push->signature);
        ehr_fx_broadcast(fx, self->config.committee->group, ehr_message_seal(&push->head));
    } else {
        ehr_fx_send(fx, (struct ehr_address){chain_node_hospital(self)->server.node, 0},
                    ehr_message_seal(&push->head));
    }
}

/* A peer signed a block certificate digest. A valid signature is on a block that it has executed,
 * so the shared chain holds that block. */
void chain_node_on_block_sign(struct chain_node *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    const struct ehr_msg_block_sign *push = EHR_AS(block_sign, d->message);
    const struct ehr_committee *committee = self->config.committee;
    uint32_t member = ehr_committee_replica(committee, d->from.node);
    struct ehr_block_header header;
    if (member == UINT32_MAX ||
        ehr_block_header_parse(&header, push->header, sizeof push->header) != EHR_OK) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    if (header.height <= self->certified)
        return;
    struct certifying *tally = NULL;
    HASH_FIND(hh, self->certifying, &header.height, sizeof header.height, tally);
    if (tally != NULL && (tally->done || (tally->signers[member / 8] >> member % 8 & 1) != 0))
        return;
    ehr_fx_charge(fx, EHR_COST_HASH, 3, EHR_BLOCK_HEADER_BYTES);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (header.height == 0 || header.height > self->config.chain->height) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, header.height);
    if (memcmp(entry->block->header, push->header, sizeof push->header) != 0 ||
        ehr_block_cert_verify(entry->digest, committee->members[member].cert.ed_pk,
                              push->signature) != EHR_OK) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    signature_count(self, fx, header.height, member, push->signature);
    chain_node_sync_heard(self, fx, member, header.height);
}

/* ---- execution ---- */

static uint32_t proposer_node(const struct ehr_committee *committee, const struct ehr_block *block)
{
    struct ehr_block_header header;
    if (ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) == EHR_OK)
        for (uint32_t i = 0; i < committee->count; i++)
            if (memcmp(committee->members[i].cert.id, header.proposer, 32) == 0)
                return committee->members[i].node;
    return UINT32_MAX;
}

/* A transaction that was on the chain before keeps the outcome it had: its second place changes
 * nothing, and a client must not take "already done" for "done" where it was refused. */
static void reply_executed(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx,
                           enum ehr_reply reply, uint64_t height)
{
    struct ehr_place first;
    if (reply == EHR_REPLY_DUPLICATE &&
        ehr_chain_transaction_done(self->config.chain, tx->id, height, &first)) {
        reply = (enum ehr_reply)ehr_chain_block_at(self->config.chain, first.height)
                    ->replies[first.index];
        height = first.height;
    }
    chain_node_reply(self, fx, tx, reply, height);
}

bool chain_node_execute(struct chain_node *self, struct ehr_fx *fx, uint64_t height, uint64_t view,
                        struct ehr_block *block, unsigned how)
{
    const struct ehr_committee *committee = self->config.committee;
    uint16_t chain = (uint16_t)committee->chain;
    bool first = height > self->config.chain->height;
    struct ehr_chain_block *entry = ehr_chain_commit(self->config.chain, height, block);
    if (entry == NULL) { /* the safety checker ends the run */
        ehr_mark(fx, EHR_MARK_DIVERGED, view, chain, height);
        return false;
    }
    if (first) {
        entry->view = view;
        entry->proposer = proposer_node(committee, block);
        entry->executor = chain_node_self(self)->node;
    }
    self->height = height;
    charge_execution(self->config.chain->contract, fx, block);
    chain_node_journal_block(self, fx, block->length);
    ehr_mark(fx, EHR_MARK_COMMITTED, view, chain, height);
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ehr_tx *tx = block->tx[i];
        enum ehr_reply reply = (enum ehr_reply)entry->replies[i];
        if (tx->type == EHR_TX_REVOKE && reply == EHR_REPLY_OK)
            ehr_mark(fx, EHR_MARK_EXPOSED, tx->request, chain, height);
        if (first && (entry->refused[i / 8] >> i % 8 & 1) != 0)
            ehr_mark(fx, EHR_MARK_REFUSED_TX, tx->request, chain, (uint64_t)reply);
        if ((how & CHAIN_NODE_REPLY) != 0 || ehr_mempool_has(self->pool, tx->id))
            reply_executed(self, fx, tx, reply, height);
        ehr_mempool_remove(self->pool, tx->id);
    }
    if ((how & CHAIN_NODE_SIGN) != 0 && !self->config.bare)
        chain_node_push_signature(self, fx, height);
    certified_advance(self);
    chain_node_lack_check(self, fx);
    chain_node_pool_changed(self, fx);
    return true;
}

void chain_node_execute_close(struct chain_node *self)
{
    struct certifying *tally, *next;
    HASH_ITER(hh, self->certifying, tally, next)
    {
        HASH_DELETE(hh, self->certifying, tally);
        free(tally);
    }
}
