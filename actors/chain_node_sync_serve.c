/* Block synchronisation, the side that gives: pages of blocks with their outcomes and certificates,
 * and the hash at a height. What it gives it has executed, and so written to disk. */
#include <string.h>

#include "actors/chain_node_sync.h"
#include "crypto/codec.h"

struct ehr_engine_message sync_statement(uint32_t sender, uint64_t number, uint64_t height,
                                         const uint8_t hash[32])
{
    struct ehr_engine_message statement = {
        .type = SYNC_PHASE, .sender = (uint16_t)sender, .view = number, .height = height};
    if (hash != NULL)
        memcpy(statement.digest.bytes, hash, 32);
    return statement;
}

/* How many blocks above `first` - 1 fit on a page; a block alone may be longer. */
static uint32_t page_count(const struct chain_node *self, uint64_t first, uint64_t last)
{
    uint64_t bytes = 0;
    uint32_t count = 0;
    while (first + count <= last && count < SYNC_PAGE_BLOCKS) {
        bytes += ehr_chain_block_at(self->config.chain, first + count)->block->length;
        if (count > 0 && bytes > SYNC_PAGE_BYTES)
            break;
        count++;
    }
    return count;
}

static void blocks_put(const struct chain_node *self, struct ehr_msg_sync_blocks *page,
                       uint64_t first, uint32_t count)
{
    size_t bytes = 0;
    if (count == 0)
        return;
    page->blocks = ehr_block_list_new(count);
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, first + i);
        page->blocks->block[i] = ehr_block_ref(entry->block);
        bytes += entry->refused_len;
    }
    page->outcomes = ehr_blob_new(NULL, bytes);
    uint8_t *at = page->outcomes->bytes;
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_chain_block *entry = ehr_chain_block_at(self->config.chain, first + i);
        memcpy(at, entry->refused, entry->refused_len);
        at += entry->refused_len;
    }
}

/* Of the blocks above `from` up to `last`, as far as they are whole here: height u64, length u32,
 * certificate, of each. */
static struct ehr_blob *certificates_make(const struct chain_node *self, uint64_t from,
                                          uint64_t last)
{
    const struct ehr_chain *chain = self->config.chain;
    uint64_t end = from;
    size_t bytes = 0;
    if (last > self->certified)
        last = self->certified;
    while (end < last && bytes <= SYNC_PAGE_BYTES)
        bytes += 12 + ehr_chain_block_at(chain, ++end)->certificate_len;
    if (bytes == 0)
        return NULL;
    struct ehr_blob *blob = ehr_blob_new(NULL, bytes);
    uint8_t *at = blob->bytes;
    for (uint64_t height = from + 1; height <= end; height++) {
        const struct ehr_chain_block *entry = ehr_chain_block_at(chain, height);
        ehr_le64(at, height);
        ehr_le32(at + 8, (uint32_t)entry->certificate_len);
        memcpy(at + 12, entry->certificate, entry->certificate_len);
        at += 12 + entry->certificate_len;
    }
    return blob;
}

void sync_answer_blocks(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_sync_ask *ask = EHR_AS(sync_ask, d->message);
    uint32_t to = ehr_committee_replica(self->config.committee, d->from.node);
    uint64_t last = ask->last > 0 && ask->last < self->height ? ask->last : self->height;
    uint64_t top = ask->height;
    struct ehr_msg_sync_blocks *page = EHR_NEW(sync_blocks, SYNC_BLOCKS);
    page->number = ask->number;
    page->height = self->height;
    if (ask->height < last) {
        uint32_t count = page_count(self, ask->height + 1, last);
        blocks_put(self, page, ask->height + 1, count);
        top += count;
    }
    if (chain_node_is_alliance(self))
        page->certificates = certificates_make(self, ask->certified, top);
    struct ehr_engine_message said = sync_statement(
        self->config.replica, ask->number, self->height,
        page->blocks != NULL ? page->blocks->block[page->blocks->count - 1]->hash : NULL);
    chain_node_vouch(self, fx, &page->auth, &said, &said.digest, (uint16_t)to);
    ehr_fx_send(fx, d->from, ehr_message_seal(&page->head));
}

void sync_answer_hash(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_sync_hash_ask *ask = EHR_AS(sync_hash_ask, d->message);
    uint32_t to = ehr_committee_replica(self->config.committee, d->from.node);
    if (ask->height == 0 || ask->height > self->height)
        return; /* nothing to say yet */
    const struct ehr_block *block = ehr_chain_block_at(self->config.chain, ask->height)->block;
    struct ehr_msg_sync_hash *hash = EHR_NEW(sync_hash, SYNC_HASH);
    hash->number = ask->number;
    hash->height = ask->height;
    memcpy(hash->hash, block->hash, 32);
    struct ehr_engine_message said =
        sync_statement(self->config.replica, ask->number, ask->height, block->hash);
    chain_node_vouch(self, fx, &hash->auth, &said, &said.digest, (uint16_t)to);
    ehr_fx_send(fx, d->from, ehr_message_seal(&hash->head));
}
