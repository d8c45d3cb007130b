/* Certificates of quorums: that a node was voted for, and that a view was left.
 *
 * Both name exactly q signers. Without signatures they are counts: anybody could have made them, so
 * that only crash faults are tolerated. */
#include "sim/consensus/hotstuff/hotstuff.h"

static uint32_t signers(const struct ehr_engine *e, const uint8_t *bitmap)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < 8 * ehr_hotstuff_bitmap_bytes(e); i++) {
        if (!ehr_hotstuff_bit(bitmap, i))
            continue;
        if (i >= e->config.replicas)
            return UINT32_MAX;
        count++;
    }
    return count;
}

static bool votes_valid(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                        const uint8_t *bitmap)
{
    const uint8_t *signature = bitmap + ehr_hotstuff_bitmap_bytes(e);
    for (uint16_t i = 0; e->config.signatures && i < e->config.replicas; i++) {
        if (!ehr_hotstuff_bit(bitmap, i))
            continue;
        if (!e->auth->vote_valid(e->auth->context, i, EHR_ENGINE_HOTSTUFF_VOTE, node->view, 0,
                                 &node->id, signature))
            return false;
        signature += EHR_HOTSTUFF_SIGNATURE_BYTES;
    }
    return true;
}

bool ehr_hotstuff_certificate_read(struct ehr_engine *e, const uint8_t *bytes,
                                   struct ehr_hotstuff_certificate *certificate)
{
    struct ehr_hotstuff_node *node = &certificate->node;
    const uint8_t *bitmap = bytes + EHR_HOTSTUFF_NODE_BYTES;
    certificate->present = true;
    certificate->bytes = (uint8_t *)(uintptr_t)bytes; /* read only; copied by whoever keeps it */
    if (!ehr_hotstuff_node_decode(e, bytes, node))
        return false;
    if (node->view == 0) {
        for (size_t i = EHR_HOTSTUFF_NODE_BYTES; i < e->certificate_bytes; i++)
            if (bytes[i] != 0)
                return false;
        return ehr_hotstuff_same(&node->id, &e->genesis.id);
    }
    if (signers(e, bitmap) != e->quorum)
        return false;
    if (ehr_hotstuff_same(&node->id, &e->high.node.id))
        certificate->bytes = e->high.bytes; /* those were checked, these need not be */
    else if (e->ahead.present && ehr_hotstuff_same(&node->id, &e->ahead.node.id))
        certificate->bytes = e->ahead.bytes;
    else
        return votes_valid(e, node, bitmap);
    return true;
}

void ehr_hotstuff_certificate_copy(struct ehr_engine *e, struct ehr_hotstuff_certificate *to,
                                   const struct ehr_hotstuff_certificate *from)
{
    to->present = true;
    to->node = from->node;
    memmove(to->bytes, from->bytes, e->certificate_bytes);
}

void ehr_hotstuff_certificate_build(struct ehr_engine *e, const struct ehr_hotstuff_tally *tally,
                                    const struct ehr_hotstuff_node *node, uint8_t *bytes)
{
    uint8_t *bitmap = bytes + EHR_HOTSTUFF_NODE_BYTES;
    uint8_t *signature = bitmap + ehr_hotstuff_bitmap_bytes(e);
    uint32_t count = 0;
    memset(bytes, 0, e->certificate_bytes);
    ehr_hotstuff_node_encode(node, bytes);
    for (uint16_t i = 0; i < e->config.replicas && count < e->quorum; i++) {
        if (!((tally->voted[i / 64] >> (i % 64)) & 1))
            continue;
        bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
        count++;
        if (!e->config.signatures)
            continue;
        memcpy(signature,
               tally->signatures + (size_t)tally->order[i] * EHR_HOTSTUFF_SIGNATURE_BYTES,
               EHR_HOTSTUFF_SIGNATURE_BYTES);
        signature += EHR_HOTSTUFF_SIGNATURE_BYTES;
    }
    assert(count == e->quorum);
}

bool ehr_hotstuff_departure_read(struct ehr_engine *e, const uint8_t *bytes, uint64_t *key,
                                 uint64_t *high)
{
    const uint8_t *bitmap = bytes + 8;
    const uint8_t *entry = bitmap + ehr_hotstuff_bitmap_bytes(e);
    *key = ehr_hotstuff_get(bytes, 8);
    *high = 0;
    if (signers(e, bitmap) != e->quorum || *key > UINT64_MAX / 2 ||
        ehr_hotstuff_key(e, *key) != *key)
        return false;
    *high = ehr_hotstuff_departure_high(e, bytes);
    if (e->departure_present && e->departure_key == *key &&
        memcmp(e->departure, bytes, e->departure_bytes) == 0)
        return true;
    for (uint16_t i = 0; e->config.signatures && i < e->config.replicas; i++) {
        if (!ehr_hotstuff_bit(bitmap, i))
            continue;
        struct ehr_digest digest;
        memcpy(digest.bytes, entry + 8, 32);
        if (!e->auth->vote_valid(e->auth->context, i, EHR_ENGINE_HOTSTUFF_TIMEOUT, *key,
                                 ehr_hotstuff_get(entry, 8), &digest, entry + 40))
            return false;
        entry += ehr_hotstuff_entry_bytes(e);
    }
    return true;
}

uint64_t ehr_hotstuff_departure_high(const struct ehr_engine *e, const uint8_t *bytes)
{
    const uint8_t *entry = bytes + 8 + ehr_hotstuff_bitmap_bytes(e);
    uint64_t high = 0;
    for (uint32_t i = 0; i < e->quorum; i++, entry += ehr_hotstuff_entry_bytes(e))
        if (ehr_hotstuff_get(entry, 8) > high)
            high = ehr_hotstuff_get(entry, 8);
    return high;
}

void ehr_hotstuff_departure_build(struct ehr_engine *e, uint64_t key, uint8_t *bytes)
{
    uint8_t *bitmap = bytes + 8;
    uint8_t *entry = bitmap + ehr_hotstuff_bitmap_bytes(e);
    uint32_t count = 0;
    memset(bytes, 0, e->departure_bytes);
    ehr_hotstuff_put(bytes, key, 8);
    for (uint16_t i = 0; i < e->config.replicas && count < e->quorum; i++) {
        const struct ehr_hotstuff_timeout *timeout = &e->timeouts[i];
        if (!timeout->present || timeout->key != key || timeout->high > e->high.node.view)
            continue;
        bitmap[i / 8] |= (uint8_t)(1U << (i % 8));
        count++;
        ehr_hotstuff_put(entry, timeout->high, 8);
        if (e->config.signatures) {
            memcpy(entry + 8, timeout->digest.bytes, 32);
            memcpy(entry + 40, timeout->signature, EHR_HOTSTUFF_SIGNATURE_BYTES);
        }
        entry += ehr_hotstuff_entry_bytes(e);
    }
    assert(count == e->quorum);
}
