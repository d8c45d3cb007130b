/* What a private node serves: blocks to its hospital, private entries to alliance nodes. */
#include <string.h>

#include "actors/chain_node_internal.h"

static void body_send(struct chain_node *self, struct ehr_fx *fx, uint64_t height)
{
    struct ehr_msg_body *body = EHR_NEW(body, BODY);
    body->height = height;
    body->blocks = ehr_block_list_new(1);
    body->blocks->block[0] = ehr_block_ref(ehr_chain_block_at(self->config.chain, height)->block);
    ehr_fx_send(fx, (struct ehr_address){chain_node_hospital(self)->server.node, 0},
                ehr_message_seal(&body->head));
}

/* The hospital wants the transactions of a block whose certificate it holds; with a zero hash it
 * has lost its memory and wants the signature again too. */
void chain_node_on_body_get(struct chain_node *self, struct ehr_fx *fx,
                            const struct ehr_delivery *d)
{
    static const uint8_t zero[32];
    const struct ehr_msg_body_get *get = EHR_AS(body_get, d->message);
    if (d->from.node != chain_node_hospital(self)->server.node) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    if (get->height > self->height) {
        /* the hospital heard of it from others; it hears from this node when it is there */
        chain_node_sync_begin(self, fx);
        return;
    }
    if (get->height == 0)
        return;
    const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, get->height);
    bool again = memcmp(get->block_hash, zero, 32) == 0;
    if (!again && memcmp(get->block_hash, entry->block->hash, 32) != 0) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    if (again)
        chain_node_push_signature(self, fx, get->height);
    body_send(self, fx, get->height);
}

/* An alliance node asks for the private part of a leaf (crypto.md f.1). */
void chain_node_on_locate(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_locate *locate = EHR_AS(locate, d->message);
    struct ehr_msg_located *located = EHR_NEW(located, LOCATED);
    struct ehr_ptx ptx;
    located->request = locate->request;
    located->status = EHR_REPLY_NOT_FOUND;
    if (ehr_committee_replica(&self->config.directory->alliance, d->from.node) == UINT32_MAX) {
        ehr_message_unref(&located->head);
        chain_node_drop(fx, d->message->type);
        return;
    }
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, 1, 0);
    uint64_t height = ehr_chain_block_find(self->config.chain, locate->block_hash, self->height);
    const struct ehr_block *block =
        height == 0 ? NULL : ehr_chain_block_at(self->config.chain, height)->block;
    if (block != NULL && locate->leaf < block->count) {
        const struct ehr_tx *tx = block->tx[locate->leaf];
        if (ehr_ptx_parse(&ptx, tx->bytes, tx->length) == EHR_OK) {
            located->status = EHR_REPLY_OK;
            located->entry = ehr_entry_encode(&ptx);
        }
    }
    if (located->status != EHR_REPLY_OK && self->catching_up) /* it may be in what was missed */
        ehr_message_unref(&located->head);
    else
        ehr_fx_send(fx, d->from, ehr_message_seal(&located->head));
}
