/* The first event of a life: a first boot, or a restart from what was persisted.
 *
 * The node says what was executed; the votes say which nodes stand above it, the last record of
 * type TIMEOUT the rest. Where the branch has gaps the others are asked. */
#include "sim/consensus/hotstuff/hotstuff.h"

enum { SAFETY_HEAD = 8 + 8 + 8 + 8 + 32 }; /* before the two nodes and the certificate */

size_t ehr_hotstuff_safety_bytes(const struct ehr_engine *e)
{
    return SAFETY_HEAD + 2 * (size_t)EHR_HOTSTUFF_NODE_BYTES + e->certificate_bytes;
}

void ehr_hotstuff_safety_encode(const struct ehr_engine *e, uint8_t *at)
{
    ehr_hotstuff_put(at, e->view, 8);
    ehr_hotstuff_put(at + 8, e->barrier, 8);
    ehr_hotstuff_put(at + 16, e->voted_view, 8);
    ehr_hotstuff_put(at + 24, e->locked_view, 8);
    memcpy(at + 32, e->locked.bytes, 32);
    at += SAFETY_HEAD;
    ehr_hotstuff_node_encode(&e->voted, at);
    at += EHR_HOTSTUFF_NODE_BYTES;
    ehr_hotstuff_node_encode(&e->genesis, at);
    at += EHR_HOTSTUFF_NODE_BYTES;
    memcpy(at, e->named.bytes, e->certificate_bytes);
}

/* The certificate of the genesis node needs no signers. */
static void genesis_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    memset(&e->genesis, 0, sizeof(e->genesis));
    e->genesis.height = height;
    e->genesis.block = *block;
    e->genesis.empty = true;
    ehr_hotstuff_node_seal(e, &e->genesis);
    ehr_hotstuff_add(e, &e->genesis);
    memset(e->high.bytes, 0, e->certificate_bytes);
    ehr_hotstuff_node_encode(&e->genesis, e->high.bytes);
    e->high.node = e->genesis;
    e->high.present = true;
    ehr_hotstuff_certificate_copy(e, &e->named, &e->high);
    e->locked = e->genesis.id;
}

static void first_boot(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    genesis_set(e, height, block);
    e->root = e->genesis;
    e->root_loose = false;
    e->view = 1;
    if (height > 0) /* where this chain's life began cannot be guessed after a restart */
        ehr_hotstuff_emit_safety(e);
}

static void lock(struct ehr_engine *e, uint64_t view, const struct ehr_digest *id)
{
    if (view <= e->locked_view)
        return;
    e->locked_view = view;
    e->locked = *id;
}

/* A certificate it had; it was checked then. */
static void recover_certificate(struct ehr_engine *e, const uint8_t *bytes)
{
    struct ehr_hotstuff_certificate had = {.present = true, .bytes = (uint8_t *)(uintptr_t)bytes};
    if (!ehr_hotstuff_node_decode(e, bytes, &had.node))
        return;
    if (e->config.two_chain)
        lock(e, had.node.view, &had.node.id);
    else
        lock(e, had.node.parent_view, &had.node.parent);
    if (had.node.view > 0)
        ehr_hotstuff_learn(e, &had, e->peer);
}

static void recover_safety(struct ehr_engine *e, const struct ehr_engine_record *record)
{
    const uint8_t *at = record->proof;
    struct ehr_hotstuff_node genesis;
    struct ehr_digest locked;
    if (record->proof_length != ehr_hotstuff_safety_bytes(e))
        return;
    ehr_hotstuff_node_decode(e, at + SAFETY_HEAD, &e->voted);
    if (ehr_hotstuff_node_decode(e, at + SAFETY_HEAD + EHR_HOTSTUFF_NODE_BYTES, &genesis))
        genesis_set(e, genesis.height, &genesis.block);
    e->view = ehr_hotstuff_get(at, 8);
    e->barrier = ehr_hotstuff_get(at + 8, 8);
    e->voted_view = ehr_hotstuff_get(at + 16, 8);
    memcpy(locked.bytes, at + 32, 32);
    lock(e, ehr_hotstuff_get(at + 24, 8), &locked);
    if (e->voted_view > 0)
        ehr_hotstuff_add(e, &e->voted);
}

static void recover_vote(struct ehr_engine *e, const struct ehr_engine_record *record)
{
    struct ehr_hotstuff_node node;
    if (record->proof_length != EHR_HOTSTUFF_NODE_BYTES + e->certificate_bytes ||
        !ehr_hotstuff_node_decode(e, record->proof, &node))
        return;
    recover_certificate(e, record->proof + EHR_HOTSTUFF_NODE_BYTES);
    ehr_hotstuff_add(e, &node);
    if (node.view > e->voted_view) {
        e->voted_view = node.view;
        e->voted = node;
    }
    if (e->view < node.view)
        e->view = node.view;
}

static void recover(struct ehr_engine *e, const struct ehr_event *event)
{
    static const struct ehr_digest none;
    const struct ehr_engine_record *records = event->as.start.records, *safety = NULL;
    uint32_t count = event->as.start.record_count;
    genesis_set(e, 0, &none);
    e->view = 1;
    e->root_loose = true;
    e->root.height = event->as.start.height;
    e->root.block = event->as.start.block;
    for (uint32_t i = 0; i < count; i++) {
        if (records[i].type == EHR_ENGINE_HOTSTUFF_TIMEOUT)
            safety = &records[i];
        if (records[i].type == EHR_ENGINE_CHECKPOINT && records[i].height >= e->certified.height) {
            e->certified.height = e->stable = e->checkpoint_base = records[i].height;
            e->certified.state = records[i].digest;
        }
    }
    if (safety != NULL)
        recover_safety(e, safety);
    for (uint32_t i = 0; i < count; i++)
        if (records[i].type == EHR_ENGINE_HOTSTUFF_VOTE)
            recover_vote(e, &records[i]);
    if (safety != NULL && safety->proof_length == ehr_hotstuff_safety_bytes(e))
        recover_certificate(e, safety->proof + SAFETY_HEAD + 2 * EHR_HOTSTUFF_NODE_BYTES);
    e->told = e->committed;
    if (e->voted_view > 0 && e->tip < e->voted.height)
        e->tip = e->voted.height;
}

void ehr_hotstuff_on_start(struct ehr_engine *e, const struct ehr_event *event)
{
    uint64_t height = event->as.start.height;
    e->committed = e->executed = e->told = e->tip = height;
    e->peer = (uint16_t)((e->config.self + 1U) % e->config.replicas);
    if (event->as.start.records == NULL || event->as.start.record_count == 0) {
        first_boot(e, height, &event->as.start.block);
        e->started = true;
        return;
    }
    recover(e, event);
    e->started = true;
    if (e->stable > 0 && e->stable <= height) { /* for others who are late */
        e->own_height = e->stable;
        e->own_state = e->certified.state;
    }
    if (height < e->stable)
        ehr_hotstuff_fetch(e);
    if (height > 0 && height % e->config.checkpoint_interval == 0)
        ehr_hotstuff_checkpoint_own(e, height, &event->as.start.state);
    if (ehr_hotstuff_left(e)) {
        e->changes = 1;
        ehr_hotstuff_timeout_send(e);
    } else if (e->voted_view == e->view) {
        ehr_hotstuff_vote_send(e);
    }
    ehr_hotstuff_retry(e);
}
