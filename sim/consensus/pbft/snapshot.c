/* A canonical picture of the state, for the tests that compare two runs step by step. */
#include "sim/consensus/pbft/pbft.h"
#include "sim/consensus/picture.h"

static void put_tally(struct ehr_picture *picture, const struct ehr_engine *e,
                      const struct ehr_pbft_tally *tally)
{
    ehr_picture_number(picture, tally->used);
    if (!tally->used)
        return;
    ehr_picture_bytes(picture, tally->digest.bytes, sizeof(tally->digest.bytes));
    ehr_picture_number(picture, tally->count);
    ehr_picture_number(picture, tally->settled);
    for (uint32_t i = 0; i < e->words; i++) {
        ehr_picture_number(picture, tally->seen[i]);
        ehr_picture_number(picture, tally->voted[i]);
    }
    ehr_picture_number(picture, tally->proof_count);
    if (tally->proof != NULL)
        ehr_picture_bytes(picture, tally->proof,
                          EHR_PBFT_FLAG_BYTES + (size_t)tally->proof_count * EHR_PBFT_SIGNER_BYTES);
    ehr_picture_number(picture, tally->stray_count);
    for (uint32_t i = 0; i < tally->stray_count; i++) {
        ehr_picture_number(picture, tally->strays[i].replica);
        ehr_picture_bytes(picture, tally->strays[i].digest.bytes, 32);
    }
}

static void put_ring(struct ehr_picture *picture, const struct ehr_engine *e,
                     const struct ehr_pbft_ring *ring)
{
    ehr_picture_number(picture, ring->view);
    for (uint64_t h = e->stable; h - e->stable <= e->span; h++) {
        const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, ring, h);
        if (h == 0 || slot == NULL)
            continue;
        ehr_picture_number(picture, h);
        ehr_picture_number(picture, (uint64_t)slot->phase);
        if (slot->phase != EHR_PBFT_EMPTY) {
            ehr_picture_number(picture, slot->fresh);
            ehr_picture_bytes(picture, slot->block.bytes, 32);
            ehr_picture_bytes(picture, slot->parent.bytes, 32);
        }
        put_tally(picture, e, &slot->prepares);
        put_tally(picture, e, &slot->commits);
    }
}

static void put_position(struct ehr_picture *picture, const struct ehr_engine *e)
{
    const uint64_t numbers[] = {
        e->view,
        e->active,
        e->changes,
        e->stable,
        e->top,
        e->prepared_top,
        e->carried_top,
        e->committed,
        e->executed,
        e->certified.height,
        e->asked.height,
        e->checkpoint_base,
        e->waiting,
        e->oldest,
        e->request_armed,
        e->request_generation,
        e->request_final,
        e->request_left_ns,
        e->request_mark,
        e->batch.armed,
        e->batch.generation,
        e->batch.due,
        e->batch.outstanding,
        e->batch.unproposed,
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        ehr_picture_number(picture, numbers[i]);
    ehr_picture_bytes(picture, e->top_block.bytes, 32);
    ehr_picture_bytes(picture, e->stable_block.bytes, 32);
    ehr_picture_bytes(picture, e->stable_certificate.state.bytes, 32);
}

size_t ehr_pbft_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity)
{
    struct ehr_picture picture = {.out = out, .capacity = capacity};
    put_position(&picture, e);
    put_ring(&picture, e, &e->now);
    put_ring(&picture, e, &e->next);
    for (uint64_t h = e->stable; h - e->stable <= e->span; h++) {
        const struct ehr_pbft_prepared *prepared = &e->prepared[h & e->mask];
        if (h == 0 || prepared->height != h)
            continue;
        ehr_picture_number(&picture, h);
        ehr_picture_number(&picture, prepared->view);
        ehr_picture_bytes(&picture, prepared->block.bytes, 32);
        ehr_picture_number(&picture, prepared->proof_count);
        if (prepared->proof_count > 0)
            ehr_picture_bytes(&picture, prepared->proof,
                              (size_t)prepared->proof_count * EHR_PBFT_SIGNER_BYTES);
    }
    for (uint32_t i = 0; i < e->checkpoint_slots; i++) {
        const struct ehr_pbft_checkpoint *checkpoint = &e->checkpoints[i];
        if (checkpoint->height <= e->stable)
            continue;
        ehr_picture_number(&picture, checkpoint->height);
        put_tally(&picture, e, &checkpoint->votes);
    }
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        ehr_picture_number(&picture, e->latest[i].height);
        ehr_picture_number(&picture, e->latest[i].answered ? e->latest[i].answered_ns + 1 : 0);
        ehr_picture_number(&picture, e->departures[i].view);
        ehr_picture_number(&picture, e->departures[i].length);
    }
    return picture.length;
}
