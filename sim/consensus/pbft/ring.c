/* Slots by height, for this view and for the one that may come next.
 *
 * A link may deliver a vote of the next view before the NEW_VIEW that opens it; such votes wait in
 * a second ring, bounded like the first, which becomes the current one when the view opens. */
#include "sim/consensus/pbft/pbft.h"

bool ehr_pbft_digest_equal(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

uint16_t ehr_pbft_primary(const struct ehr_engine *e, uint64_t view)
{
    return (uint16_t)(view % e->config.replicas);
}

bool ehr_pbft_is_primary(const struct ehr_engine *e)
{
    return ehr_pbft_primary(e, e->view) == e->config.self;
}

static size_t proof_bytes(const struct ehr_engine *e)
{
    size_t bytes = EHR_PBFT_FLAG_BYTES + (size_t)e->quorum * EHR_PBFT_SIGNER_BYTES;
    return e->config.signatures ? (bytes + 7) / 8 * 8 : 0;
}

size_t ehr_pbft_ring_bytes(const struct ehr_engine *e)
{
    size_t slot = sizeof(struct ehr_pbft_slot) + 4 * e->words * sizeof(uint64_t) + proof_bytes(e);
    return (e->mask + 1) * slot;
}

void ehr_pbft_ring_init(struct ehr_engine *e, struct ehr_pbft_ring *ring, void *storage)
{
    size_t count = e->mask + 1, proof = proof_bytes(e);
    memset(storage, 0, ehr_pbft_ring_bytes(e));
    ring->slots = storage;
    uint64_t *words = (uint64_t *)(void *)(ring->slots + count);
    uint8_t *proofs = (uint8_t *)(words + count * 4 * e->words);
    for (size_t i = 0; i < count; i++) {
        struct ehr_pbft_slot *slot = &ring->slots[i];
        slot->phase = EHR_PBFT_EMPTY;
        slot->prepares.seen = words + (4 * i) * e->words;
        slot->prepares.voted = words + (4 * i + 1) * e->words;
        slot->commits.seen = words + (4 * i + 2) * e->words;
        slot->commits.voted = words + (4 * i + 3) * e->words;
        slot->prepares.proof = proof > 0 ? proofs + i * proof : NULL;
    }
}

static void slot_reset(struct ehr_engine *e, struct ehr_pbft_slot *slot, uint64_t height)
{
    slot->height = height;
    slot->phase = EHR_PBFT_EMPTY;
    slot->fresh = false;
    ehr_pbft_tally_reset(e, &slot->prepares);
    ehr_pbft_tally_reset(e, &slot->commits);
}

void ehr_pbft_ring_clear(struct ehr_engine *e, struct ehr_pbft_ring *ring, uint64_t view)
{
    ring->view = view;
    if (ring->slots == NULL)
        return;
    for (uint64_t i = 0; i <= e->mask; i++)
        if (ring->slots[i].height != 0)
            slot_reset(e, &ring->slots[i], 0);
}

bool ehr_pbft_in_reach(const struct ehr_engine *e, uint64_t height)
{
    return height > e->stable && height - e->stable <= e->span;
}

struct ehr_pbft_slot *ehr_pbft_slot_get(struct ehr_engine *e, struct ehr_pbft_ring *ring,
                                        uint64_t height)
{
    struct ehr_pbft_slot *slot = &ring->slots[height & e->mask];
    if (slot->height != height)
        slot_reset(e, slot, height);
    return slot;
}

struct ehr_pbft_slot *ehr_pbft_slot_find(const struct ehr_engine *e,
                                         const struct ehr_pbft_ring *ring, uint64_t height)
{
    if (ring->slots == NULL)
        return NULL;
    struct ehr_pbft_slot *slot = &ring->slots[height & e->mask];
    return slot->height == height ? slot : NULL;
}

/* The view whose messages wait in the second ring. */
static uint64_t next_view(const struct ehr_engine *e)
{
    return e->active ? e->view + 1 : e->view;
}

bool ehr_pbft_view_followed(const struct ehr_engine *e, uint64_t view)
{
    return (e->active && view == e->view) || view == next_view(e);
}

struct ehr_pbft_ring *ehr_pbft_ring_of(struct ehr_engine *e, uint64_t view)
{
    if (e->active && view == e->view)
        return &e->now;
    if (view != next_view(e))
        return NULL;
    if (e->next.slots == NULL) {
        e->next_storage = e->memory.resize(e->memory.context, NULL, ehr_pbft_ring_bytes(e));
        ehr_pbft_ring_init(e, &e->next, e->next_storage);
        e->next.view = view;
    }
    if (e->next.view != view)
        ehr_pbft_ring_clear(e, &e->next, view);
    return &e->next;
}

const struct ehr_pbft_ring *ehr_pbft_ring_find(const struct ehr_engine *e, uint64_t view)
{
    if (e->active && view == e->view)
        return &e->now;
    return view == next_view(e) && view == e->next.view ? &e->next : NULL;
}

const struct ehr_digest *ehr_pbft_chain_block(const struct ehr_engine *e, uint64_t height)
{
    if (height == e->stable)
        return e->stable_block_known ? &e->stable_block : NULL;
    const struct ehr_pbft_executed *known = &e->chain[height & e->mask];
    return height > e->stable && known->height == height ? &known->block : NULL;
}

void ehr_pbft_chain_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    struct ehr_pbft_executed *known = &e->chain[height & e->mask];
    known->height = height;
    known->block = *block;
}
