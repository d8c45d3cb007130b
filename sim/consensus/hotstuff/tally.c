/* Counting votes: a bitmap test and an increment in the common case.
 *
 * Correct replicas vote for one digest, so the first seen is nearly always the right one. Another
 * is kept aside in lent memory, with its signature, and takes the first one's place when it has the
 * votes needed: garbage that comes early displaces nobody. */
#include "sim/consensus/hotstuff/hotstuff.h"

static bool bit_get(const uint64_t *words, uint16_t index)
{
    return (words[index / 64] >> (index % 64)) & 1;
}

static void bit_set(uint64_t *words, uint16_t index)
{
    words[index / 64] |= UINT64_C(1) << (index % 64);
}

void ehr_hotstuff_tally_reset(struct ehr_engine *e, struct ehr_hotstuff_tally *tally, uint64_t at)
{
    if (tally->strays != NULL)
        e->memory.resize(e->memory.context, tally->strays, 0);
    tally->strays = NULL;
    tally->count = tally->stray_count = 0;
    tally->at = at;
    tally->done = false;
    memset(tally->seen, 0, e->words * sizeof(uint64_t));
    memset(tally->voted, 0, e->words * sizeof(uint64_t));
}

bool ehr_hotstuff_tally_has(const struct ehr_hotstuff_tally *tally, uint16_t replica)
{
    return bit_get(tally->seen, replica);
}

static void count_one(struct ehr_engine *e, struct ehr_hotstuff_tally *tally, uint16_t replica,
                      const uint8_t *signature)
{
    if (tally->count >= e->quorum)
        return; /* complete: the node is not known yet, and there is no room for more */
    bit_set(tally->voted, replica);
    if (tally->signatures != NULL) {
        assert(signature != NULL);
        tally->order[replica] = (uint16_t)tally->count;
        memcpy(tally->signatures + (size_t)tally->count * EHR_HOTSTUFF_SIGNATURE_BYTES, signature,
               EHR_HOTSTUFF_SIGNATURE_BYTES);
    }
    tally->count++;
}

/* Enough voted for what the strays say: they change places with those counted, who are dropped,
 * since no other digest can have as many. */
static void strays_win(struct ehr_engine *e, struct ehr_hotstuff_tally *tally,
                       const struct ehr_digest *digest)
{
    tally->digest = *digest;
    tally->count = 0;
    memset(tally->voted, 0, e->words * sizeof(uint64_t));
    for (uint32_t i = 0; i < tally->stray_count; i++)
        if (ehr_hotstuff_same(&tally->strays[i].digest, digest))
            count_one(e, tally, tally->strays[i].replica, tally->strays[i].signature);
}

bool ehr_hotstuff_tally_add(struct ehr_engine *e, struct ehr_hotstuff_tally *tally,
                            uint16_t replica, const struct ehr_digest *digest,
                            const uint8_t *signature, uint32_t needed)
{
    assert(needed <= e->quorum);
    if (bit_get(tally->seen, replica))
        return false;
    bit_set(tally->seen, replica);
    if (tally->count == 0)
        tally->digest = *digest;
    if (ehr_hotstuff_same(&tally->digest, digest)) {
        count_one(e, tally, replica, signature);
        return tally->count >= needed;
    }
    if (tally->strays == NULL)
        tally->strays =
            e->memory.resize(e->memory.context, NULL,
                             (size_t)e->config.replicas * sizeof(struct ehr_hotstuff_stray));
    struct ehr_hotstuff_stray *stray = &tally->strays[tally->stray_count++];
    memset(stray, 0, sizeof(*stray));
    stray->replica = replica;
    stray->digest = *digest;
    if (signature != NULL)
        memcpy(stray->signature, signature, EHR_HOTSTUFF_SIGNATURE_BYTES);
    uint32_t count = 0;
    for (uint32_t i = 0; i < tally->stray_count; i++)
        count += ehr_hotstuff_same(&tally->strays[i].digest, digest);
    if (count < needed)
        return false;
    strays_win(e, tally, digest);
    return true;
}
