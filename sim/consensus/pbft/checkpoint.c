/* Checkpoints: the low water mark, garbage collection and falling behind.
 *
 * A checkpoint is certified when q replicas vouch for one state. It becomes stable here when this
 * replica has executed it, too, since forgetting votes earlier would throw away what it still
 * needs; a replica that cannot get there by its own votes asks for the state instead. */
#include "sim/consensus/pbft/pbft.h"

static struct ehr_pbft_checkpoint *checkpoint_at(const struct ehr_engine *e, uint64_t height)
{
    return &e->checkpoints[height / e->config.checkpoint_interval % e->checkpoint_slots];
}

bool ehr_pbft_checkpoint_tallied(const struct ehr_engine *e, uint64_t height)
{
    return height > e->checkpoint_base &&
           (height - e->checkpoint_base) / e->config.checkpoint_interval < e->checkpoint_slots;
}

const struct ehr_pbft_checkpoint *ehr_pbft_checkpoint_find(const struct ehr_engine *e,
                                                           uint64_t height)
{
    const struct ehr_pbft_checkpoint *checkpoint = checkpoint_at(e, height);
    return checkpoint->height == height ? checkpoint : NULL;
}

static void certificate_set(struct ehr_engine *e, struct ehr_pbft_certificate *certificate,
                            uint64_t height, const struct ehr_digest *state, const uint8_t *proof,
                            uint32_t proof_count)
{
    certificate->height = height;
    certificate->state = *state;
    certificate->proof_count = proof_count < e->quorum ? proof_count : e->quorum;
    if (certificate->proof == NULL || proof == NULL)
        certificate->proof_count = 0;
    if (certificate->proof_count > 0) {
        size_t bytes = (size_t)certificate->proof_count * EHR_PBFT_SIGNER_BYTES;
        memmove(certificate->proof + EHR_PBFT_FLAG_BYTES, proof, bytes);
    }
}

static void certificate_copy(struct ehr_engine *e, struct ehr_pbft_certificate *to,
                             const struct ehr_pbft_certificate *from)
{
    certificate_set(e, to, from->height, &from->state,
                    from->proof != NULL ? from->proof + EHR_PBFT_FLAG_BYTES : NULL,
                    from->proof_count);
}

bool ehr_pbft_fetch(struct ehr_engine *e)
{
    if (e->certified.height <= e->committed || e->asked.height >= e->certified.height)
        return false;
    certificate_copy(e, &e->asked, &e->certified);
    ehr_effect_fetch(e->out, 0, e->certified.height, &e->certified.state);
    return true;
}

bool ehr_pbft_stable_short(const struct ehr_engine *e, uint16_t replica)
{
    const struct ehr_pbft_certificate *stable = &e->stable_certificate;
    if (stable->proof == NULL || e->stable == 0 || replica == e->config.self)
        return false;
    uint32_t others = 0;
    for (uint32_t i = 0; i < stable->proof_count; i++) {
        uint16_t signer = ehr_pbft_signer_at(stable->proof + EHR_PBFT_FLAG_BYTES, i);
        if (signer == replica)
            return false;
        others += signer != e->config.self;
    }
    return others + 1 < e->quorum && stable->proof_count < e->quorum;
}

bool ehr_pbft_stable_proven(const struct ehr_engine *e)
{
    const struct ehr_pbft_certificate *stable = &e->stable_certificate;
    uint32_t others = 0;
    if (stable->proof == NULL || e->stable == 0 || e->stable == e->genesis)
        return true;
    for (uint32_t i = 0; i < stable->proof_count; i++)
        others += ehr_pbft_signer_at(stable->proof + EHR_PBFT_FLAG_BYTES, i) != e->config.self;
    return others >= e->faults;
}

void ehr_pbft_stable_add(struct ehr_engine *e, uint16_t replica, const uint8_t *signature)
{
    struct ehr_pbft_certificate *stable = &e->stable_certificate;
    if (signature == NULL || !ehr_pbft_stable_short(e, replica))
        return;
    uint8_t *entry =
        stable->proof + EHR_PBFT_FLAG_BYTES + (size_t)stable->proof_count++ * EHR_PBFT_SIGNER_BYTES;
    entry[0] = (uint8_t)replica;
    entry[1] = (uint8_t)(replica >> 8);
    memcpy(entry + 2, signature, EHR_PBFT_SIGNATURE_BYTES);
}

/* A proof learnt from a view change may name few others; those heard themselves are added. */
static void stable_complete(struct ehr_engine *e)
{
    const struct ehr_pbft_certificate *stable = &e->stable_certificate;
    for (uint16_t i = 0; i < e->config.replicas && e->config.signatures; i++) {
        const struct ehr_pbft_latest *latest = &e->latest[i];
        if (latest->height == stable->height &&
            ehr_pbft_digest_equal(&latest->state, &stable->state))
            ehr_pbft_stable_add(e, i, latest->signature);
    }
}

void ehr_pbft_certified_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                            const uint8_t *proof, uint32_t proof_count)
{
    if (height > e->certified.height)
        certificate_set(e, &e->certified, height, state, proof, proof_count);
}

void ehr_pbft_stabilise(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                        const uint8_t *proof, uint32_t proof_count, const struct ehr_digest *block)
{
    assert(height > e->stable);
    struct ehr_digest known;
    if (block != NULL)
        known = *block; /* may lie in what changes below */
    e->stable = height;
    e->stable_block_known = block != NULL;
    if (block != NULL)
        e->stable_block = known;
    certificate_set(e, &e->stable_certificate, height, state, proof, proof_count);
    stable_complete(e);
    if (e->certified.height <= height)
        certificate_copy(e, &e->certified, &e->stable_certificate);
    if (e->checkpoint_base < height)
        e->checkpoint_base = height;
    ehr_pbft_prepared_drop(e, height);
    if (e->prepared_top < height)
        e->prepared_top = height;
    const struct ehr_pbft_slot *slot = ehr_pbft_slot_find(e, &e->now, height);
    bool agrees = e->top >= height && slot != NULL && block != NULL &&
                  ehr_pbft_digest_equal(&slot->block, &known);
    if (!agrees) { /* this view's chain ends below, or is not the one that was committed */
        e->top = height;
        e->top_known = block != NULL;
        if (block != NULL)
            e->top_block = known;
    }
    for (uint32_t i = 0; i < e->out->count; i++) { /* an earlier one of this step is obsolete */
        struct ehr_effect *earlier = &e->out->item[i];
        if (earlier->type == EHR_EFFECT_PERSIST &&
            earlier->as.persist.type == EHR_ENGINE_CHECKPOINT) {
            earlier->as.persist.proof = NULL;
            earlier->as.persist.proof_length = 0;
        }
    }
    ehr_pbft_emit_persist_proof(e, EHR_ENGINE_CHECKPOINT, 0, height, state,
                                e->stable_certificate.proof, e->stable_certificate.proof_count);
}

/* One of f+1 is correct: the state is right, and may be asked for (TOCS'02: a weak certificate). To
 * wait for q would leave a replica behind that all of the others can do without. */
static void checkpoint_proven(struct ehr_engine *e, struct ehr_pbft_checkpoint *checkpoint,
                              const struct ehr_digest *state)
{
    struct ehr_pbft_tally *votes = &checkpoint->votes;
    struct ehr_pbft_certificate *best = &e->certified;
    uint64_t height = checkpoint->height;
    ehr_pbft_tally_settle(e, votes, state);
    if (height > best->height || (height == best->height && votes->proof_count > best->proof_count))
        certificate_set(e, best, height, state,
                        votes->proof != NULL ? votes->proof + EHR_PBFT_FLAG_BYTES : NULL,
                        votes->proof_count);
}

/* Acts on the votes for one checkpoint once they are q. */
static void checkpoint_certified(struct ehr_engine *e, struct ehr_pbft_checkpoint *checkpoint,
                                 const struct ehr_digest *state)
{
    struct ehr_pbft_tally *votes = &checkpoint->votes;
    uint64_t height = checkpoint->height;
    const uint8_t *proof = votes->proof != NULL ? votes->proof + EHR_PBFT_FLAG_BYTES : NULL;
    uint16_t self = e->config.self;
    if ((votes->voted[self / 64] >> (self % 64)) & 1) {
        if (e->committed < height) { /* executed by block synchronisation */
            e->committed = e->executed = height;
            e->changes = 0;
        }
        ehr_pbft_stabilise(e, height, state, proof, votes->proof_count,
                           ehr_pbft_chain_block(e, height));
        ehr_pbft_accept_held(e);
        ehr_pbft_try_propose(e);
    } else if (height - e->stable > e->config.window) {
        ehr_pbft_fetch(e); /* the others may have gone where this replica cannot hear them */
    }
}

static void checkpoint_add(struct ehr_engine *e, uint16_t replica, uint64_t height,
                           const struct ehr_digest *state, const uint8_t *signature)
{
    struct ehr_pbft_checkpoint *checkpoint = checkpoint_at(e, height);
    if (checkpoint->height != height) {
        checkpoint->height = height;
        ehr_pbft_tally_reset(e, &checkpoint->votes);
    }
    uint32_t count = ehr_pbft_tally_add(e, &checkpoint->votes, replica, state, signature);
    if (count > e->faults && height > e->stable)
        checkpoint_proven(e, checkpoint, state);
    if (count >= e->quorum && height > e->stable)
        checkpoint_certified(e, checkpoint, state);
}

/* Tallies from `height` on, once a correct replica is known to be there. */
static void follow(struct ehr_engine *e, uint64_t height)
{
    uint32_t there = 0;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        there += e->latest[i].height >= height;
    if (there <= e->faults)
        return;
    e->checkpoint_base = height - e->config.checkpoint_interval;
    for (uint16_t i = 0; i < e->config.replicas; i++)
        if (ehr_pbft_checkpoint_tallied(e, e->latest[i].height))
            checkpoint_add(e, i, e->latest[i].height, &e->latest[i].state,
                           e->config.signatures ? e->latest[i].signature : NULL);
}

void ehr_pbft_on_checkpoint(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_pbft_latest *latest = &e->latest[message->sender];
    if (message->height > latest->height) {
        latest->height = message->height;
        latest->state = message->digest;
        if (message->signature != NULL)
            memcpy(latest->signature, message->signature, EHR_PBFT_SIGNATURE_BYTES);
    }
    if (message->height == e->stable &&
        ehr_pbft_digest_equal(&message->digest, &e->stable_certificate.state))
        ehr_pbft_stable_add(e, message->sender, message->signature);
    else if (ehr_pbft_checkpoint_tallied(e, message->height))
        checkpoint_add(e, message->sender, message->height, &message->digest, message->signature);
    else if (message->height > e->checkpoint_base)
        follow(e, message->height);
}

void ehr_pbft_checkpoint_own(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state)
{
    e->own_height = height;
    e->own_state = *state;
    ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_CHECKPOINT, 0, height, state);
    if (height > e->stable && ehr_pbft_checkpoint_tallied(e, height))
        checkpoint_add(e, e->config.self, height, state, NULL);
}

void ehr_pbft_checkpoint_send(struct ehr_engine *e, uint16_t to)
{
    if (e->own_height > 0)
        ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_CHECKPOINT, 0, e->own_height,
                        &e->own_state);
}

void ehr_pbft_checkpoint_resend(struct ehr_engine *e)
{
    ehr_pbft_checkpoint_send(e, EHR_ENGINE_TO_ALL);
}

/* The node is at a checkpoint that this replica has not reached by its own votes: it vouches for
 * the state, since it has it, and goes on from there once a quorum does. Blocks in between are not
 * taken: its prepared certificates have to be a chain from the stable checkpoint on. */
static void executed_ahead(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                           const struct ehr_digest *block)
{
    if (height % e->config.checkpoint_interval != 0 || height <= e->own_height ||
        height <= e->stable || height - e->stable > e->span)
        return;
    ehr_pbft_chain_set(e, height, block);
    ehr_pbft_checkpoint_own(e, height, state);
}

void ehr_pbft_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                          const struct ehr_digest *block)
{
    if (height > e->committed)
        executed_ahead(e, height, state, block);
    if (height <= e->executed || height > e->committed)
        return;
    e->executed = height;
    if (height % e->config.checkpoint_interval != 0)
        return;
    ehr_pbft_checkpoint_own(e, height, state);
}

/* The certificate of a state that was asked for; NULL if it is not known any more. */
static const struct ehr_pbft_certificate *
certificate_of(const struct ehr_engine *e, uint64_t height, const struct ehr_digest *state)
{
    const struct ehr_pbft_certificate *c = e->asked.height == height ? &e->asked : &e->certified;
    return c->height == height && ehr_pbft_digest_equal(&c->state, state) ? c : NULL;
}

void ehr_pbft_on_installed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                           const struct ehr_digest *block)
{
    const struct ehr_pbft_certificate *c = certificate_of(e, height, state);
    if (height <= e->committed) { /* what was committed meanwhile came with the state */
        ehr_pbft_on_executed(e, height, state, block);
        return;
    }
    e->committed = e->executed = height;
    e->changes = 0;
    ehr_pbft_chain_set(e, height, block);
    if (height > e->stable && (c != NULL || !e->config.signatures)) {
        ehr_pbft_stabilise(e, height, state,
                           c != NULL && c->proof != NULL ? c->proof + EHR_PBFT_FLAG_BYTES : NULL,
                           c != NULL ? c->proof_count : 0, block);
    } else if (height == e->stable && !e->stable_block_known) {
        e->stable_block = *block;
        e->stable_block_known = true;
        if (e->top == height) {
            e->top_block = *block;
            e->top_known = true;
        }
    }
    if (height % e->config.checkpoint_interval == 0)
        ehr_pbft_checkpoint_own(e, height, state); /* others may lack this vote */
    ehr_pbft_accept_held(e);
    ehr_pbft_try_propose(e);
}
