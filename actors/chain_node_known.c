/* Blocks that a node has checked and that are not, or not yet, deep in the chain: by hash. */
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

/* A block body that this node has checked. */
struct known_block {
    uint8_t hash[32];
    struct ehr_block *block;
    uint64_t height;
    UT_hash_handle hh; /* in order of arrival */
};

static struct known_block *known_find(const struct chain_node *self, const uint8_t hash[32])
{
    struct known_block *found = NULL;
    HASH_FIND(hh, self->known, hash, 32, found);
    return found;
}

static void known_drop(struct chain_node *self, struct known_block *known)
{
    HASH_DELETE(hh, self->known, known);
    ehr_block_unref(known->block);
    free(known);
}

void chain_node_block_know(struct chain_node *self, struct ehr_block *block, uint64_t height)
{
    if (known_find(self, block->hash) != NULL)
        return;
    struct known_block *known = ehr_actor_new(sizeof *known);
    memcpy(known->hash, block->hash, 32);
    known->block = ehr_block_ref(block);
    known->height = height;
    HASH_ADD(hh, self->known, hash, 32, known);
}

/* Forgets what lies more than a window below the executed height: what is committed of it the chain
 * has. Every block is looked at: peers choose the heights in headers, so their order says nothing.
 * Hence only when there are half a window more than were left the last time. */
void chain_node_known_forget(struct chain_node *self)
{
    struct known_block *known, *next;
    if (HASH_COUNT(self->known) <= self->known_limit)
        return;
    HASH_ITER(hh, self->known, known, next)
    {
        if (known->height < self->height &&
            self->height - known->height > self->config.engine_config.window)
            known_drop(self, known);
    }
    self->known_limit = HASH_COUNT(self->known) + self->config.engine_config.window / 2;
}

struct ehr_block *chain_node_block_find(const struct chain_node *self, const uint8_t hash[32])
{
    const struct known_block *known = known_find(self, hash);
    if (known != NULL)
        return known->block;
    uint64_t height = ehr_chain_block_find(self->config.chain, hash, self->height);
    return height == 0 ? NULL : ehr_chain_block_at(self->config.chain, height)->block;
}

/* What the engine asks about blocks. */
bool chain_node_block_parent(void *context, const struct ehr_digest *block,
                             struct ehr_digest *parent)
{
    const struct chain_node_auth *auth = context;
    const struct ehr_block *found = chain_node_block_find(auth->self, block->bytes);
    struct ehr_block_header header;
    if (found == NULL ||
        ehr_block_header_parse(&header, found->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK)
        return false;
    memcpy(parent->bytes, header.previous_hash, 32);
    return true;
}

void chain_node_known_close(struct chain_node *self)
{
    while (self->known != NULL)
        known_drop(self, self->known);
    self->known_limit = 0;
}
