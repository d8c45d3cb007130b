/* Numbers, bitmaps and nodes as bytes: little-endian, one encoding per value.
 *
 * Node: view u64, height u64, empty u8, block 32, parent's view u64, parent 32.
 * Certificate: node, bitmap of q signers, and with signatures q of them, 64 bytes each, ascending
 * by signer; all zero for the genesis node. Certificate of departure: key u64, bitmap of q signers,
 * then for each, ascending, the view of its highest certificate u64 and with signatures the digest
 * of its TIMEOUT 32 and its signature 64.
 * Bodies: PROPOSAL: node, certificate of its parent, u8 whether a certificate of departure follows.
 * TIMEOUT: the sender's highest certificate. CHAIN: the same, u8 and a certificate of departure as
 * in PROPOSAL, nodes u16, each a node, every one the parent of the one before. */
#include "sim/consensus/hotstuff/hotstuff.h"

void ehr_hotstuff_put(uint8_t *at, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

uint64_t ehr_hotstuff_get(const uint8_t *at, size_t length)
{
    uint64_t value = 0;
    for (size_t i = length; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

bool ehr_hotstuff_bit(const uint8_t *bitmap, uint32_t index)
{
    return (bitmap[index / 8] >> (index % 8)) & 1;
}

size_t ehr_hotstuff_bitmap_bytes(const struct ehr_engine *e)
{
    return (e->config.replicas + 7U) / 8U;
}

size_t ehr_hotstuff_entry_bytes(const struct ehr_engine *e)
{
    return 8 + (e->config.signatures ? 32 + (size_t)EHR_HOTSTUFF_SIGNATURE_BYTES : 0);
}

void ehr_hotstuff_node_encode(const struct ehr_hotstuff_node *node, uint8_t *at)
{
    ehr_hotstuff_put(at, node->view, 8);
    ehr_hotstuff_put(at + 8, node->height, 8);
    at[16] = node->empty;
    memcpy(at + 17, node->block.bytes, 32);
    ehr_hotstuff_put(at + 49, node->parent_view, 8);
    memcpy(at + 57, node->parent.bytes, 32);
}

void ehr_hotstuff_node_seal(struct ehr_engine *e, struct ehr_hotstuff_node *node)
{
    uint8_t bytes[EHR_HOTSTUFF_NODE_BYTES];
    ehr_hotstuff_node_encode(node, bytes);
    e->auth->body_digest(e->auth->context, bytes, sizeof(bytes), &node->id);
}

bool ehr_hotstuff_node_decode(struct ehr_engine *e, const uint8_t *at,
                              struct ehr_hotstuff_node *node)
{
    memset(node, 0, sizeof(*node));
    node->view = ehr_hotstuff_get(at, 8);
    node->height = ehr_hotstuff_get(at + 8, 8);
    node->empty = at[16] == 1;
    memcpy(node->block.bytes, at + 17, 32);
    node->parent_view = ehr_hotstuff_get(at + 49, 8);
    memcpy(node->parent.bytes, at + 57, 32);
    if (at[16] > 1 || node->view > UINT64_MAX / 2 || node->height > UINT64_MAX / 2 ||
        (node->view > 0 && node->parent_view >= node->view) ||
        (node->view == 0 && (!node->empty || node->parent_view != 0)) ||
        (!node->empty && node->height == 0))
        return false;
    e->auth->body_digest(e->auth->context, at, EHR_HOTSTUFF_NODE_BYTES, &node->id);
    return true;
}
