/* Messages beside the engine's that are not what is. What they carry a signature for is signed with
 * the seat's own keys: whoever believes them believes the seat. */
#include "actors/adversary_internal.h"

#include <string.h>

#include "actors/chain_node_sync.h"

/* How far above the truth a height is that nobody has reached. */
enum { HEIGHTS_AHEAD = 1000000 };

/* A copy that may be changed: it shares what the original refers to. */
#define COPY(name, NAME, original)                                                                 \
    struct ehr_msg_##name *copy = EHR_NEW(name, NAME);                                             \
    const struct ehr_message head = copy->head;                                                    \
    *copy = *EHR_AS(name, original);                                                               \
    copy->head = head

static struct ehr_message *done_higher(const struct ehr_message *reply)
{
    COPY(reply, REPLY, reply);
    copy->height += HEIGHTS_AHEAD;
    return ehr_message_seal(&copy->head);
}

static struct ehr_message *share_spoiled(const struct ehr_message *share)
{
    COPY(block_sign, BLOCK_SIGN, share);
    ehr_blob_ref(copy->refused);
    copy->signature[0] ^= 1;
    return ehr_message_seal(&copy->head);
}

static void sync_sign(struct adversary *self, struct ehr_fx *fx, struct ehr_auth *auth,
                      uint64_t number, uint64_t height, const uint8_t *hash, uint32_t to)
{
    struct chain_node *puppet = chain_node_of(self->faces[0].puppet);
    const struct ehr_engine_message said =
        sync_statement(self->config.puppet.replica, number, height, hash);
    *auth = (struct ehr_auth){0};
    chain_node_vouch(puppet, fx, auth, &said, &said.digest, (uint16_t)to);
}

static struct ehr_message *hash_other(struct adversary *self, struct ehr_fx *fx,
                                      const struct ehr_message *hash, uint32_t to)
{
    COPY(sync_hash, SYNC_HASH, hash);
    copy->hash[0] ^= 1;
    sync_sign(self, fx, &copy->auth, copy->number, copy->height, copy->hash, to);
    return ehr_message_seal(&copy->head);
}

/* The last block in the list without its last transaction: header and body do not fit. */
static struct ehr_block_list *blocks_cut(const struct ehr_block_list *blocks)
{
    struct ehr_block_list *cut = ehr_block_list_new(blocks->count);
    for (uint32_t i = 0; i + 1 < blocks->count; i++)
        cut->block[i] = ehr_block_ref(blocks->block[i]);
    const struct ehr_block *last = blocks->block[blocks->count - 1];
    cut->block[blocks->count - 1] =
        ehr_block_new(last->header, last->tx, last->count > 0 ? last->count - 1 : 0);
    return cut;
}

/* A chain of its own: the last block at another time, and so another one. */
static struct ehr_block_list *blocks_turned(struct adversary *self,
                                            const struct ehr_block_list *blocks)
{
    struct ehr_block_list *turned = ehr_block_list_new(blocks->count);
    const struct ehr_block *last = blocks->block[blocks->count - 1];
    struct ehr_block_header header;
    for (uint32_t i = 0; i < blocks->count; i++)
        turned->block[i] = ehr_block_ref(blocks->block[i]);
    if (ehr_block_header_parse(&header, last->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK)
        return turned;
    ehr_block_unref(turned->block[blocks->count - 1]);
    turned->block[blocks->count - 1] =
        ehr_chain_block_build(self->faces[0].chain, header.height, header.previous_hash,
                              header.time_ns / 2, header.proposer, last->tx, last->count);
    return turned;
}

static struct ehr_blob *bent(const struct ehr_blob *blob)
{
    struct ehr_blob *other = ehr_blob_new(blob->bytes, blob->length);
    other->bytes[blob->length / 2] ^= 1;
    return other;
}

/* In turn: bodies that do not fit, another last block, a height that is not, outcomes and
 * certificates with a bit changed. */
static struct ehr_message *page_other(struct adversary *self, struct ehr_fx *fx,
                                      const struct ehr_message *page, uint64_t turn, uint32_t to)
{
    COPY(sync_blocks, SYNC_BLOCKS, page);
    const struct ehr_block_list *blocks = EHR_AS(sync_blocks, page)->blocks;
    bool some = blocks != NULL && blocks->count > 0;
    copy->blocks = NULL;
    if (some && turn % 4 == 0) {
        copy->blocks = blocks_cut(blocks);
    } else if (some && turn % 4 == 1) {
        copy->blocks = blocks_turned(self, blocks);
    } else if (some) {
        copy->blocks = ehr_block_list_new(blocks->count);
        for (uint32_t i = 0; i < blocks->count; i++)
            copy->blocks->block[i] = ehr_block_ref(blocks->block[i]);
    }
    if (turn % 4 == 2)
        copy->height += HEIGHTS_AHEAD;
    bool bend = turn % 4 == 3;
    copy->outcomes = bend && copy->outcomes != NULL && copy->outcomes->length > 0
                         ? bent(copy->outcomes)
                         : ehr_blob_ref(copy->outcomes);
    copy->certificates = bend && copy->certificates != NULL && copy->certificates->length > 0
                             ? bent(copy->certificates)
                             : ehr_blob_ref(copy->certificates);
    sync_sign(self, fx, &copy->auth, copy->number, copy->height,
              some ? copy->blocks->block[copy->blocks->count - 1]->hash : NULL, to);
    return ehr_message_seal(&copy->head);
}

struct ehr_message *adversary_lie(struct adversary *self, struct ehr_fx *fx,
                                  struct ehr_message *take_message, uint64_t turn, uint32_t to)
{
    struct ehr_message *lie = NULL;
    if (take_message->type == EHR_MSG_REPLY && EHR_AS(reply, take_message)->height > 0)
        lie = done_higher(take_message);
    else if (take_message->type == EHR_MSG_BLOCK_SIGN)
        lie = share_spoiled(take_message);
    else if (take_message->type == EHR_MSG_SYNC_HASH)
        lie = hash_other(self, fx, take_message, to);
    else if (take_message->type == EHR_MSG_SYNC_BLOCKS)
        lie = page_other(self, fx, take_message, turn, to);
    if (lie == NULL)
        return take_message;
    ehr_message_unref(take_message);
    return lie;
}
