/* Messages that an adversary's own keys make true: whoever checks a signature or a tag finds it
 * good, and only what it stands under is a lie. */
#include "actors/adversary_internal.h"

#include <string.h>

static struct chain_node *puppet_of(struct adversary *self)
{
    return chain_node_of(self->faces[0].puppet);
}

static struct ehr_block_list *carried_copy(const struct ehr_block_list *carried,
                                           struct ehr_block *block)
{
    if (carried == NULL)
        return NULL;
    struct ehr_block_list *copy = ehr_block_list_new(block != NULL ? 1 : carried->count);
    for (uint32_t i = 0; i < copy->count; i++)
        copy->block[i] = ehr_block_ref(block != NULL ? block : carried->block[i]);
    return copy;
}

struct ehr_message *adversary_forge(struct adversary *self, struct ehr_fx *fx,
                                    const struct forgery *forgery, uint32_t to)
{
    const struct ehr_msg_consensus *like = forgery->like;
    struct ehr_blob *body = forgery->body != NULL ? forgery->body : like->body;
    struct chain_node_auth context = {puppet_of(self), fx};
    struct ehr_engine_message m = {.type = like->phase,
                                   .sender = (uint16_t)self->config.puppet.replica,
                                   .view = forgery->view,
                                   .height = like->height};
    struct ehr_digest digest;
    memcpy(digest.bytes, forgery->digest != NULL ? forgery->digest : like->digest, 32);
    if (body != NULL && body->length > 0)
        chain_node_body_digest(&context, body->bytes, body->length, &digest);
    struct ehr_msg_consensus *out = EHR_NEW(consensus, CONSENSUS);
    out->phase = like->phase;
    out->view = forgery->view;
    out->height = like->height;
    memcpy(out->digest, digest.bytes, 32);
    out->body = ehr_blob_ref(body);
    out->carried = carried_copy(like->carried, forgery->block);
    chain_node_vouch(puppet_of(self), fx, &out->auth, &m, &digest, (uint16_t)to);
    return ehr_message_seal(&out->head);
}

/* The same bytes but one bit of the one in the middle. */
static struct ehr_blob *blob_bend(const struct ehr_blob *blob)
{
    struct ehr_blob *bent = ehr_blob_new(blob->bytes, blob->length);
    bent->bytes[blob->length / 2] ^= 1;
    return bent;
}

struct ehr_message *adversary_forge_vote(struct adversary *self, struct ehr_fx *fx,
                                         const struct ehr_msg_consensus *like, uint32_t to)
{
    uint8_t digest[32];
    memcpy(digest, like->digest, 32);
    digest[31] ^= 1;
    struct ehr_blob *body =
        like->body != NULL && like->body->length > 0 ? blob_bend(like->body) : NULL;
    const struct forgery forgery = {
        .like = like, .view = like->view, .digest = digest, .body = body};
    struct ehr_message *vote = adversary_forge(self, fx, &forgery, to);
    ehr_blob_unref(body);
    return vote;
}

/* A block of the same transactions whose header is not what the proposal says: of another height,
 * of a time to come, of another proposer. */
static struct ehr_block *block_misname(const struct adversary *self, const struct ehr_block *block,
                                       uint64_t turn)
{
    const uint64_t hour_ns = 3600000000000U;
    const struct ehr_committee *committee = self->config.puppet.committee;
    const struct ehr_member *next =
        &committee->members[(self->config.puppet.replica + 1) % committee->count];
    struct ehr_block_header header;
    if (ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK)
        return ehr_block_ref((struct ehr_block *)(uintptr_t)block);
    if (turn % 3 == 0)
        header.height++;
    else if (turn % 3 == 1)
        header.time_ns += hour_ns;
    else
        memcpy(header.proposer, next->cert.id, 32);
    return ehr_chain_block_build(self->faces[0].chain, header.height, header.previous_hash,
                                 header.time_ns, header.proposer, block->tx, block->count);
}

struct ehr_message *adversary_corrupt(struct adversary *self, struct ehr_fx *fx,
                                      const struct ehr_msg_consensus *like, uint64_t turn,
                                      uint32_t to)
{
    bool proposal =
        like->phase == EHR_ENGINE_PRE_PREPARE || like->phase == EHR_ENGINE_HOTSTUFF_PROPOSAL;
    if (!proposal || like->carried == NULL || like->carried->count != 1)
        return adversary_forge_vote(self, fx, like, to);
    struct ehr_block *block = block_misname(self, like->carried->block[0], turn);
    const struct forgery forgery = {
        .like = like, .view = like->view, .digest = block->hash, .block = block};
    struct ehr_message *lie = adversary_forge(self, fx, &forgery, to);
    ehr_block_unref(block);
    return lie;
}
