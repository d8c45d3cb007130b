/* HotStuff: when a vote is safe, from what a replica has persisted and heard, restarts or not.
 *
 * Three chains (PODC'19, algorithm 1): the node extends the locked one, or its certificate is of a
 * higher view; the lock is the highest that the votes on disk show, which is no higher than the
 * engine's own. Two chains (Jolteon, figure 2): the certificate is of the view before, or no lower
 * than any that the departure of the proposal names. In both a view is entered for a reason. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/hotstuff_node.h"

#include <inttypes.h>

enum { EPOCH = 32 };

/* The departure that a proposal for `view` shows: 1 + the highest view it names, or 0 if it is not
 * one of a quorum from the view before. */
static uint64_t departure_bound(const struct ehr_world *w, const uint8_t *at, uint32_t length,
                                uint64_t view)
{
    uint32_t bitmap = (w->setup.config.replicas + 7U) / 8U, signers = 0;
    bool are_signed = w->setup.config.signatures;
    uint32_t entry_bytes = are_signed ? 8 + 32 + 64 : 8;
    uint64_t left = ehr_le64_get(at), bound = 0;
    uint64_t after = left + (w->setup.config.fixed_leader ? UINT64_C(1) << EPOCH : 1);
    if (length != 8 + bitmap + w->checks->quorum * entry_bytes || after != view)
        return 0;
    const uint8_t *entry = at + 8 + bitmap;
    for (uint16_t r = 0; r < w->setup.config.replicas; r++) {
        if ((at[8 + r / 8] >> r % 8 & 1) == 0)
            continue;
        struct ehr_digest named;
        uint64_t high = ehr_le64_get(entry);
        if (are_signed)
            memcpy(named.bytes, entry + 8, sizeof(named.bytes));
        if (++signers > w->checks->quorum ||
            (are_signed &&
             !ehr_host_signed(w, r, EHR_ENGINE_HOTSTUFF_TIMEOUT, left, high, &named, entry + 40)))
            return 0;
        bound = high > bound ? high : bound;
        entry += entry_bytes;
    }
    return signers == w->checks->quorum ? bound + 1 : 0;
}

/* The best reason an instance has heard for a node. */
static uint64_t *reason(struct ehr_world *w, const struct ehr_instance *i,
                        const struct ehr_digest *id)
{
    return ehr_map_at(&w->checks->map, ehr_host_key(21, i->index, ehr_host_digest64(id), 0));
}

void ehr_check_lock_proposal(struct ehr_world *w, struct ehr_instance *i,
                             const struct ehr_engine_message *m, bool own)
{
    uint32_t bitmap = (w->setup.config.replicas + 7U) / 8U;
    uint32_t base =
        2 * EHR_BYTES_NODE + bitmap + (w->setup.config.signatures ? 64 * w->checks->quorum : 0);
    struct ehr_digest id;
    if (m->body_length <= base)
        return;
    uint64_t view = ehr_le64_get(m->body), bound = 0,
             certified = ehr_le64_get(m->body + EHR_BYTES_NODE);
    if (certified + 1 == view)
        bound = 1;
    else if (m->body[base] == 1 && m->body_length > base + 1 + 8 + bitmap)
        bound = departure_bound(w, m->body + base + 1, m->body_length - base - 1, view);
    ehr_host_hash(m->body, EHR_BYTES_NODE, &id);
    uint64_t *known = reason(w, i, &id);
    if (bound != 0 && (*known == 0 || bound < *known))
        *known = bound;
    if (own && (bound == 0 || (w->setup.config.two_chain && certified + 1 < bound)))
        ehr_world_broken(w, "proposes without a reason", "r%u view %" PRIu64, i->replica, view);
}

/* Whether the node extends the one locked, as far as nodes are known. */
static bool extends(struct ehr_world *w, struct ehr_node_seen *node, uint64_t view,
                    const struct ehr_digest *locked)
{
    while (node != NULL && node->view > view)
        node = ehr_check_node_below(w, node);
    return node == NULL || ehr_host_same(&node->id, locked);
}

void ehr_check_lock_vote(struct ehr_world *w, struct ehr_instance *i,
                         const struct ehr_engine_record *record)
{
    const uint8_t *certificate = record->proof + EHR_BYTES_NODE;
    struct ehr_lock *lock = &w->checks->locks[i->index];
    if (record->proof_length < 2 * EHR_BYTES_NODE)
        return;
    uint32_t index = ehr_check_node_learn(w, record->proof);
    if (ehr_le64_get(certificate) > 0)
        ehr_check_node_learn(w, certificate);
    struct ehr_node_seen *node = &w->checks->nodes[index];
    uint64_t certified = ehr_le64_get(certificate), bound = *reason(w, i, &node->id);
    uint64_t turn = w->setup.config.fixed_leader ? node->view >> EPOCH : node->view;
    if (certified > lock->certified)
        lock->certified = certified;
    bool mine = turn % w->setup.config.replicas == i->replica; /* looked at when it is sent */
    if (!mine && bound == 0)
        ehr_world_broken(w, "a vote without a reason for its view", "r%u view %" PRIu64, i->replica,
                         node->view);
    if (w->setup.config.two_chain) {
        if (!mine && certified + 1 < bound)
            ehr_world_broken(w, "a vote below what a quorum knew", "r%u view %" PRIu64, i->replica,
                             node->view);
        return;
    }
    if (certified <= lock->view && !extends(w, node, lock->view, &lock->id))
        ehr_world_broken(w, "a vote against its lock",
                         "r%u view %" PRIu64 ", certificate of %" PRIu64 ", locked in %" PRIu64,
                         i->replica, node->view, certified, lock->view);
    uint64_t below = ehr_le64_get(certificate + 49);
    if (below <= lock->view)
        return;
    lock->view = below;
    memcpy(lock->id.bytes, certificate + 57, sizeof(lock->id.bytes));
}

/* A departure has to name the highest certificate, or two chains are not safe. */
void ehr_check_lock_departure(struct ehr_world *w, struct ehr_instance *i,
                              const struct ehr_engine_message *m)
{
    uint64_t certified = w->checks->locks[i->index].certified;
    if (m->height < certified)
        ehr_world_broken(w, "leaves below what it voted on",
                         "r%u leaves %" PRIu64 " naming %" PRIu64 ", voted on %" PRIu64, i->replica,
                         m->view, m->height, certified);
}
