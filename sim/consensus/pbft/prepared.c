/* What was prepared in views left behind: the set P of view changes. */
#include "sim/consensus/pbft/pbft.h"

#include <assert.h>

static void forget(struct ehr_engine *e, struct ehr_pbft_prepared *prepared)
{
    if (prepared->proof != NULL)
        e->memory.resize(e->memory.context, prepared->proof, 0);
    memset(prepared, 0, sizeof(*prepared));
}

/* Insertion sort: votes arrive nearly in order, and only view changes sort. */
void ehr_pbft_proof_sort(uint8_t *proof, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint8_t entry[EHR_PBFT_SIGNER_BYTES];
        memcpy(entry, proof + (size_t)i * EHR_PBFT_SIGNER_BYTES, sizeof(entry));
        uint32_t at = i;
        while (at > 0 && ehr_pbft_signer_at(proof, at - 1) > ehr_pbft_signer_at(entry, 0)) {
            memcpy(proof + (size_t)at * EHR_PBFT_SIGNER_BYTES,
                   proof + (size_t)(at - 1) * EHR_PBFT_SIGNER_BYTES, EHR_PBFT_SIGNER_BYTES);
            at--;
        }
        memcpy(proof + (size_t)at * EHR_PBFT_SIGNER_BYTES, entry, sizeof(entry));
    }
}

void ehr_pbft_prepared_set(struct ehr_engine *e, uint64_t height, uint64_t view,
                           const struct ehr_digest *block, bool fresh, const uint8_t *proof,
                           uint32_t proof_count)
{
    struct ehr_pbft_prepared *prepared = &e->prepared[height & e->mask];
    forget(e, prepared);
    prepared->height = height;
    prepared->view = view;
    prepared->block = *block;
    prepared->fresh = fresh && proof_count > 0;
    if (proof_count == 0)
        return;
    assert(proof != NULL);
    size_t bytes = (size_t)proof_count * EHR_PBFT_SIGNER_BYTES;
    prepared->proof = e->memory.resize(e->memory.context, NULL, bytes);
    memcpy(prepared->proof, proof, bytes);
    prepared->proof_count = proof_count;
    ehr_pbft_proof_sort(prepared->proof, proof_count);
}

void ehr_pbft_prepared_pack(struct ehr_engine *e)
{
    for (uint64_t height = e->stable; height - e->stable <= e->span; height++) {
        const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, height);
        if (height == 0 || slot == NULL || slot->phase < EHR_PBFT_PREPARED)
            continue;
        const struct ehr_pbft_prepared *prepared = &e->prepared[height & e->mask];
        if (prepared->height == height && prepared->view >= e->now.view)
            continue; /* a restart brought its certificate back */
        const uint8_t *proof = slot->prepares.proof;
        ehr_pbft_prepared_set(
            e, height, e->now.view, &slot->block, slot->fresh && proof != NULL && proof[0] == 1,
            proof != NULL ? proof + EHR_PBFT_FLAG_BYTES : NULL, slot->prepares.proof_count);
    }
}

void ehr_pbft_prepared_drop(struct ehr_engine *e, uint64_t below)
{
    for (uint64_t i = 0; i <= e->mask; i++)
        if (e->prepared[i].height != 0 && e->prepared[i].height < below)
            forget(e, &e->prepared[i]);
}
