/* PBFT's votes: on disk before they leave, never two for one height and view, and a quorum of them
 * behind whatever is called prepared or committed. Counted from what was delivered and persisted,
 * not from what the engine says. */
#include "tests/simulation/campaign/check.h"

#include <inttypes.h>

enum { PREPARES = 1, COMMITS, SIGNER_BYTES = 2 + 64, FLAG_BYTES = 1 };

static uint32_t phase_of(uint8_t type)
{
    return type == EHR_ENGINE_COMMIT ? COMMITS : PREPARES;
}

static uint64_t key(uint32_t what, const struct ehr_instance *i, uint32_t phase, uint64_t view,
                    uint64_t height)
{
    return ehr_host_key(what, (uint64_t)i->index << 8 | phase, view, height);
}

/* What the instance voted for at a height and view; 0: nothing yet. */
static uint64_t *voted(struct ehr_world *w, const struct ehr_instance *i, uint8_t type,
                       uint64_t view, uint64_t height)
{
    return ehr_map_at(&w->checks->map, key(1, i, phase_of(type), view, height));
}

/* Who voted for a block, as far as the instance has heard; bits. */
static uint64_t *heard(struct ehr_world *w, const struct ehr_instance *i, uint32_t phase,
                       uint64_t view, uint64_t height, const struct ehr_digest *digest)
{
    uint64_t h = ehr_host_mix(key(2, i, phase, view, height), ehr_host_digest64(digest));
    return ehr_map_at(&w->checks->map, h);
}

static bool is_vote(uint8_t type)
{
    return type >= EHR_ENGINE_PRE_PREPARE && type <= EHR_ENGINE_COMMIT;
}

/* A list of signers and signatures on one of two kinds of vote. Returns the signers, the replica
 * itself among them, or 0 if anything is wrong. */
static uint32_t proof_signers(const struct ehr_world *w, const struct ehr_instance *i,
                              const struct ehr_engine_record *record, uint8_t type, uint8_t other)
{
    uint64_t signers = UINT64_C(1) << i->replica;
    if (record->proof_length == 0)
        return 1;
    if ((record->proof_length - FLAG_BYTES) % SIGNER_BYTES != 0)
        return 0;
    for (uint32_t at = FLAG_BYTES; at < record->proof_length; at += SIGNER_BYTES) {
        const uint8_t *entry = record->proof + at;
        uint16_t signer = (uint16_t)(entry[0] | entry[1] << 8);
        uint64_t bit = UINT64_C(1) << signer % 64;
        if (signer >= w->setup.config.replicas || (signer != i->replica && (signers & bit) != 0))
            return 0;
        if (!ehr_host_signed(w, signer, type, record->view, record->height, &record->digest,
                             entry + 2) &&
            !ehr_host_signed(w, signer, other, record->view, record->height, &record->digest,
                             entry + 2))
            return 0;
        signers |= bit;
    }
    return ehr_host_members(signers);
}

static void vote_persist(struct ehr_world *w, struct ehr_instance *i,
                         const struct ehr_engine_record *record)
{
    struct ehr_checks *c = w->checks;
    uint64_t digest = ehr_host_digest64(&record->digest) | 1;
    uint64_t *before = voted(w, i, record->type, record->view, record->height);
    if (*before != 0 && *before != digest)
        ehr_world_broken(w, "two votes", "r%u type %u view %" PRIu64 " height %" PRIu64, i->replica,
                         record->type, record->view, record->height);
    *before = digest;
    if (record->view < c->left[i->index])
        ehr_world_broken(w, "a vote in a view it has left",
                         "r%u type %u view %" PRIu64 " height %" PRIu64 ", left all below %" PRIu64,
                         i->replica, record->type, record->view, record->height, c->left[i->index]);
    uint32_t phase = phase_of(record->type);
    *heard(w, i, phase, record->view, record->height, &record->digest) |= UINT64_C(1) << i->replica;
    if (phase != COMMITS)
        return;
    uint64_t prepared = *heard(w, i, PREPARES, record->view, record->height, &record->digest);
    if (ehr_host_members(prepared) < c->quorum)
        ehr_world_broken(w, "prepared without a quorum",
                         "r%u view %" PRIu64 " height %" PRIu64 ", %u votes", i->replica,
                         record->view, record->height, ehr_host_members(prepared));
    if (w->setup.config.signatures &&
        proof_signers(w, i, record, EHR_ENGINE_PREPARE, EHR_ENGINE_PRE_PREPARE) < c->quorum)
        ehr_world_broken(w, "a certificate that proves nothing",
                         "r%u view %" PRIu64 " height %" PRIu64, i->replica, record->view,
                         record->height);
}

void ehr_check_votes_persist(struct ehr_world *w, struct ehr_instance *i,
                             const struct ehr_engine_record *record)
{
    struct ehr_checks *c = w->checks;
    if (is_vote(record->type)) {
        vote_persist(w, i, record);
    } else if (record->type == EHR_ENGINE_VIEW_CHANGE) {
        if (record->view > c->left[i->index])
            c->left[i->index] = record->view;
    } else if (record->type == EHR_ENGINE_NEW_VIEW) {
        if (record->view > c->entered[i->index])
            c->entered[i->index] = record->view;
    } else if (record->type == EHR_ENGINE_CHECKPOINT && record->proof_length > 0) {
        /* It may lack the one who showed it, whose view change says the same. */
        if (proof_signers(w, i, record, EHR_ENGINE_CHECKPOINT, EHR_ENGINE_CHECKPOINT) < c->faults)
            ehr_world_broken(w, "a certificate that proves nothing",
                             "r%u checkpoint at height %" PRIu64, i->replica, record->height);
    }
}

void ehr_check_votes_send(struct ehr_world *w, struct ehr_instance *i,
                          const struct ehr_engine_message *m)
{
    const struct ehr_checks *c = w->checks;
    if (is_vote(m->type)) {
        uint64_t *before = voted(w, i, m->type, m->view, m->height);
        if (*before != (ehr_host_digest64(&m->digest) | 1))
            ehr_world_broken(w, "a vote that is not persisted",
                             "r%u type %u view %" PRIu64 " height %" PRIu64, i->replica, m->type,
                             m->view, m->height);
        if (m->view < c->left[i->index])
            ehr_world_broken(w, "a vote in a view it has left",
                             "r%u type %u view %" PRIu64 " height %" PRIu64, i->replica, m->type,
                             m->view, m->height);
        if (m->type == EHR_ENGINE_PRE_PREPARE && m->view % w->setup.config.replicas != i->replica)
            ehr_world_broken(w, "proposes in another's view", "r%u view %" PRIu64, i->replica,
                             m->view);
    }
    if (m->type == EHR_ENGINE_VIEW_CHANGE && m->view > c->left[i->index])
        ehr_world_broken(w, "leaves a view before that is persisted", "r%u view %" PRIu64,
                         i->replica, m->view);
    if (m->type == EHR_ENGINE_NEW_VIEW && m->view > c->entered[i->index])
        ehr_world_broken(w, "opens a view before that is persisted", "r%u view %" PRIu64,
                         i->replica, m->view);
}

void ehr_check_votes_commit(struct ehr_world *w, struct ehr_instance *i,
                            const struct ehr_effect *effect)
{
    uint64_t voters = *heard(w, i, COMMITS, effect->as.commit.view, effect->as.commit.height,
                             &effect->as.commit.block);
    if (ehr_host_members(voters) < w->checks->quorum)
        ehr_world_broken(
            w, "committed without a quorum", "r%u view %" PRIu64 " height %" PRIu64 ", %u votes",
            i->replica, effect->as.commit.view, effect->as.commit.height, ehr_host_members(voters));
}

void ehr_check_votes_delivery(struct ehr_world *w, struct ehr_instance *i,
                              const struct ehr_engine_message *m)
{
    if (is_vote(m->type))
        *heard(w, i, phase_of(m->type), m->view, m->height, &m->digest) |= UINT64_C(1) << m->sender;
}
