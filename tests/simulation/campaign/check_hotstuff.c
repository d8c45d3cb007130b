/* HotStuff's votes, nodes and certificates (sim/consensus/hotstuff/codec.c has the bytes; they are
 * read here by other code). A node counts as certified when a quorum voted for it: a correct
 * replica by persisting its vote, a Byzantine one in any case. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/hotstuff_node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define UNSEEN UINT32_MAX

enum { NEWEST = 64 };

/* Index + 1 of a node. */
static uint64_t *place(struct ehr_world *w, const struct ehr_digest *id)
{
    return ehr_map_at(&w->checks->map, ehr_host_key(11, ehr_host_digest64(id), 0, 0));
}

uint32_t ehr_check_node_learn(struct ehr_world *w, const uint8_t *bytes)
{
    struct ehr_checks *c = w->checks;
    struct ehr_digest id;
    ehr_host_hash(bytes, EHR_BYTES_NODE, &id);
    uint64_t *at = place(w, &id);
    if (*at != 0)
        return (uint32_t)(*at - 1);
    if (c->node_count == c->node_room) {
        c->node_room = c->node_room == 0 ? 512 : 2 * c->node_room;
        c->nodes = realloc(c->nodes, c->node_room * sizeof(*c->nodes));
        assert(c->nodes != NULL);
    }
    struct ehr_node_seen *node = &c->nodes[c->node_count];
    *node = (struct ehr_node_seen){.id = id,
                                   .view = ehr_le64_get(bytes),
                                   .height = ehr_le64_get(bytes + 8),
                                   .empty = bytes[16] == 1,
                                   .parent_view = ehr_le64_get(bytes + 49),
                                   .below = UNSEEN,
                                   .votes = c->byzantine};
    memcpy(node->block.bytes, bytes + 17, 32);
    memcpy(node->parent.bytes, bytes + 57, 32);
    *at = ++c->node_count;
    return c->node_count - 1;
}

struct ehr_node_seen *ehr_check_node_below(struct ehr_world *w, struct ehr_node_seen *node)
{
    if (node->below == UNSEEN)
        node->below = (uint32_t)*place(w, &node->parent) - 1; /* UNSEEN if 0 */
    return node->below == UNSEEN ? NULL : &w->checks->nodes[node->below];
}

static bool certified(const struct ehr_world *w, const struct ehr_node_seen *node)
{
    return ehr_host_members(node->votes) >= w->checks->quorum;
}

/* Marks what a certified node makes final: the end of a chain of consecutive views, and all it
 * stands on. */
static void finalise(struct ehr_world *w, struct ehr_node_seen *last)
{
    uint32_t links = w->setup.config.two_chain ? 1 : 2;
    struct ehr_node_seen *node = last;
    for (; links > 0; links--) {
        struct ehr_node_seen *parent = ehr_check_node_below(w, node);
        if (parent == NULL || !certified(w, parent) || parent->view + 1 != node->view)
            return;
        node = parent;
    }
    while (node != NULL && !node->final) {
        node->final = true;
        if (!node->empty)
            *ehr_map_at(&w->checks->map,
                        ehr_host_key(12, node->height, ehr_host_digest64(&node->block), 0)) = 1;
        node = ehr_check_node_below(w, node);
    }
}

static void voted(struct ehr_world *w, uint32_t index, uint16_t replica)
{
    struct ehr_checks *c = w->checks;
    struct ehr_node_seen *node = &c->nodes[index];
    bool before = certified(w, node);
    node->votes |= 1U << replica;
    if (before || !certified(w, node))
        return;
    c->newest[c->newest_count++ % NEWEST] = index;
    finalise(w, node);
}

static uint64_t *vote_of(struct ehr_world *w, const struct ehr_instance *i, uint64_t view)
{
    return ehr_map_at(&w->checks->map, ehr_host_key(13, i->index, view, 0));
}

/* A certificate: node, bitmap of a quorum, their signatures on the node's id. */
static bool certificate_good(struct ehr_world *w, const uint8_t *at, uint32_t length,
                             uint32_t *bytes)
{
    uint32_t bitmap = (w->setup.config.replicas + 7U) / 8U, signers = 0;
    bool are_signed = w->setup.config.signatures;
    *bytes = EHR_BYTES_NODE + bitmap + (are_signed ? 64 * w->checks->quorum : 0);
    if (length < *bytes)
        return false;
    if (ehr_le64_get(at) == 0)
        return true; /* genesis needs none */
    struct ehr_digest id;
    ehr_host_hash(at, EHR_BYTES_NODE, &id);
    const uint8_t *signature = at + EHR_BYTES_NODE + bitmap;
    for (uint16_t r = 0; r < 8 * bitmap; r++) {
        if ((at[EHR_BYTES_NODE + r / 8] >> r % 8 & 1) == 0)
            continue;
        if (r >= w->setup.config.replicas || ++signers > w->checks->quorum)
            return false;
        if (are_signed &&
            !ehr_host_signed(w, r, EHR_ENGINE_HOTSTUFF_VOTE, ehr_le64_get(at), 0, &id, signature))
            return false;
        signature += 64;
    }
    const struct ehr_node_seen *node = &w->checks->nodes[ehr_check_node_learn(w, at)];
    return signers == w->checks->quorum && certified(w, node);
}

void ehr_check_hotstuff_persist(struct ehr_world *w, struct ehr_instance *i,
                                const struct ehr_engine_record *record)
{
    struct ehr_checks *c = w->checks;
    if (record->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && record->view > c->left[i->index])
        c->left[i->index] = record->view;
    if (record->type != EHR_ENGINE_HOTSTUFF_VOTE)
        return;
    if (record->proof_length < EHR_BYTES_NODE || ehr_le64_get(record->proof) != record->view) {
        ehr_world_broken(w, "a vote that does not name its node", "r%u", i->replica);
        return;
    }
    uint32_t index = ehr_check_node_learn(w, record->proof);
    uint64_t *before = vote_of(w, i, record->view);
    uint64_t id = ehr_host_digest64(&c->nodes[index].id) | 1;
    if (*before != 0 && *before != id)
        ehr_world_broken(w, "two votes", "r%u view %" PRIu64, i->replica, record->view);
    if (record->view < c->left[i->index])
        ehr_world_broken(w, "a vote in a view it has left",
                         "r%u view %" PRIu64 ", left all below %" PRIu64, i->replica, record->view,
                         c->left[i->index]);
    *before = id;
    uint32_t bytes;
    if (!certificate_good(w, record->proof + EHR_BYTES_NODE, record->proof_length - EHR_BYTES_NODE,
                          &bytes))
        ehr_world_broken(w, "a vote on a certificate that proves nothing", "r%u view %" PRIu64,
                         i->replica, record->view);
    ehr_check_lock_vote(w, i, record);
    voted(w, index, i->replica);
}

void ehr_check_hotstuff_send(struct ehr_world *w, struct ehr_instance *i,
                             const struct ehr_engine_message *m)
{
    uint32_t bytes = 0;
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE &&
        *vote_of(w, i, m->view) != (ehr_host_digest64(&m->digest) | 1))
        ehr_world_broken(w, "a vote that is not persisted", "r%u view %" PRIu64, i->replica,
                         m->view);
    if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && m->view >= w->checks->left[i->index])
        ehr_world_broken(w, "leaves a view before that is persisted", "r%u view %" PRIu64,
                         i->replica, m->view);
    if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT)
        ehr_check_lock_departure(w, i, m);
    bool proposal = m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL;
    uint32_t skip = proposal ? EHR_BYTES_NODE : 0;
    if (proposal || m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT || m->type == EHR_ENGINE_HOTSTUFF_CHAIN)
        if (m->body_length < skip ||
            !certificate_good(w, m->body + skip, m->body_length - skip, &bytes))
            ehr_world_broken(w, "a certificate that proves nothing", "r%u type %u view %" PRIu64,
                             i->replica, m->type, m->view);
    if (proposal) {
        ehr_check_node_learn(w, m->body);
        ehr_check_lock_proposal(w, i, m, true);
    }
}

void ehr_check_hotstuff_delivery(struct ehr_world *w, struct ehr_instance *i,
                                 const struct ehr_engine_message *m)
{
    if (m->type != EHR_ENGINE_HOTSTUFF_PROPOSAL || m->body_length < EHR_BYTES_NODE)
        return;
    ehr_check_node_learn(w, m->body);
    ehr_check_lock_proposal(w, i, m, false);
}

static bool is_final(struct ehr_world *w, const struct ehr_effect *effect)
{
    return *ehr_map_at(&w->checks->map,
                       ehr_host_key(12, effect->as.commit.height,
                                    ehr_host_digest64(&effect->as.commit.block), 0)) != 0;
}

void ehr_check_hotstuff_commit(struct ehr_world *w, struct ehr_instance *i,
                               const struct ehr_effect *effect)
{
    struct ehr_checks *c = w->checks;
    if (is_final(w, effect))
        return;
    /* The last vote of a chain may have come before those of its middle. */
    for (uint32_t k = 0; k < NEWEST && k < c->newest_count; k++)
        finalise(w, &c->nodes[c->newest[k]]);
    if (!is_final(w, effect))
        ehr_world_broken(w, "committed without a chain of certificates",
                         "r%u view %" PRIu64 " height %" PRIu64, i->replica, effect->as.commit.view,
                         effect->as.commit.height);
}
