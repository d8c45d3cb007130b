/* Counting votes: a bitmap test and an increment in the common case.
 *
 * Correct replicas vote for one digest per view and height, so the first digest is nearly always
 * the right one. Another is kept aside (a Byzantine replica can vote before the pre-prepare comes
 * and must not displace the votes of correct ones) in memory lent for it. */
#include "sim/consensus/pbft/pbft.h"

static bool bit_get(const uint64_t *words, uint16_t index)
{
    return (words[index / 64] >> (index % 64)) & 1;
}

static void bit_set(uint64_t *words, uint16_t index)
{
    words[index / 64] |= UINT64_C(1) << (index % 64);
}

static void proof_add(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                      const uint8_t *signature)
{
    if (tally->proof == NULL || signature == NULL || tally->proof_count == e->quorum)
        return;
    uint8_t *entry =
        tally->proof + EHR_PBFT_FLAG_BYTES + (size_t)tally->proof_count * EHR_PBFT_SIGNER_BYTES;
    entry[0] = (uint8_t)replica;
    entry[1] = (uint8_t)(replica >> 8);
    memcpy(entry + 2, signature, EHR_PBFT_SIGNATURE_BYTES);
    tally->proof_count++;
}

static void strays_drop(struct ehr_engine *e, struct ehr_pbft_tally *tally)
{
    if (tally->strays != NULL)
        e->memory.resize(e->memory.context, tally->strays, 0);
    tally->strays = NULL;
    tally->stray_count = 0;
}

void ehr_pbft_tally_reset(struct ehr_engine *e, struct ehr_pbft_tally *tally)
{
    strays_drop(e, tally);
    tally->count = tally->proof_count = 0;
    tally->used = tally->settled = false;
    memset(tally->seen, 0, e->words * sizeof(uint64_t));
    memset(tally->voted, 0, e->words * sizeof(uint64_t));
    if (tally->proof != NULL)
        tally->proof[0] = 0;
}

bool ehr_pbft_tally_has(const struct ehr_pbft_tally *tally, uint16_t replica)
{
    return bit_get(tally->seen, replica);
}

/* Returns the votes the stray's digest has. */
static uint32_t stray_add(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                          const struct ehr_digest *digest, const uint8_t *signature)
{
    if (tally->strays == NULL)
        tally->strays = e->memory.resize(
            e->memory.context, NULL, (size_t)e->config.replicas * sizeof(struct ehr_pbft_stray));
    struct ehr_pbft_stray *stray = &tally->strays[tally->stray_count++];
    memset(stray, 0, sizeof(*stray));
    stray->replica = replica;
    stray->digest = *digest;
    if (signature != NULL)
        memcpy(stray->signature, signature, EHR_PBFT_SIGNATURE_BYTES);
    uint32_t count = 0;
    for (uint32_t i = 0; i < tally->stray_count; i++)
        count += ehr_pbft_digest_equal(&tally->strays[i].digest, digest);
    return count;
}

uint32_t ehr_pbft_tally_add(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                            const struct ehr_digest *digest, const uint8_t *signature)
{
    if (bit_get(tally->seen, replica))
        return 0;
    bit_set(tally->seen, replica);
    if (!tally->used) {
        tally->used = true;
        tally->digest = *digest;
    }
    if (!ehr_pbft_digest_equal(&tally->digest, digest))
        return tally->settled ? 0 : stray_add(e, tally, replica, digest, signature);
    bit_set(tally->voted, replica);
    proof_add(e, tally, replica, signature);
    return ++tally->count;
}

void ehr_pbft_tally_settle(struct ehr_engine *e, struct ehr_pbft_tally *tally,
                           const struct ehr_digest *digest)
{
    if (tally->settled)
        return;
    if (!tally->used || !ehr_pbft_digest_equal(&tally->digest, digest)) {
        tally->used = true;
        tally->digest = *digest;
        tally->count = tally->proof_count = 0;
        memset(tally->voted, 0, e->words * sizeof(uint64_t));
        for (uint32_t i = 0; i < tally->stray_count; i++) {
            const struct ehr_pbft_stray *stray = &tally->strays[i];
            if (!ehr_pbft_digest_equal(&stray->digest, digest))
                continue;
            bit_set(tally->voted, stray->replica);
            tally->count++;
            if (e->config.signatures && stray->replica != e->config.self)
                proof_add(e, tally, stray->replica, stray->signature);
        }
    }
    tally->settled = true;
    strays_drop(e, tally);
}

void ehr_pbft_tally_overwrite(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                              const uint8_t *signature)
{
    assert(tally->settled);
    if (!bit_get(tally->voted, replica)) {
        bit_set(tally->seen, replica);
        bit_set(tally->voted, replica);
        tally->count++;
        proof_add(e, tally, replica, signature);
        return;
    }
    for (uint32_t i = 0; i < tally->proof_count && signature != NULL; i++) {
        uint8_t *entry = tally->proof + EHR_PBFT_FLAG_BYTES + (size_t)i * EHR_PBFT_SIGNER_BYTES;
        if ((entry[0] | entry[1] << 8) == replica)
            memcpy(entry + 2, signature, EHR_PBFT_SIGNATURE_BYTES);
    }
}
