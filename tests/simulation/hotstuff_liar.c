/* Lies about nodes and certificates. */
#include "tests/simulation/hotstuff_liar.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 8192, HISTORY = 64, VOTES = 1 << 14, BASE = EHR_LIAR_NODE_BYTES };

struct ehr_hotstuff_liar {
    struct ehr_cluster *cluster;
    struct ehr_cluster_options options;
    uint16_t who;
    bool cunning; /* it leads all to one fork and votes for it; else it lies at random */
    uint64_t random, honest_view;
    uint32_t certificate_bytes;
    uint8_t history[HISTORY][BODY_MAX]; /* certificates seen */
    uint32_t seen;
    uint8_t body[BODY_MAX];
    struct ehr_digest other, other_block; /* the second proposal of `other_view` */
    uint64_t other_view;
    uint8_t other_body[BODY_MAX];
    uint32_t other_length;
    uint64_t other_height;
    struct {
        uint64_t view;
        struct ehr_digest id;
    } votes[16][VOTES];
};

static void put(uint8_t *at, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *at)
{
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

struct ehr_digest ehr_liar_node_write(const struct ehr_liar_node *node, uint8_t *at)
{
    struct ehr_digest id;
    put(at, node->view);
    put(at + 8, node->height);
    at[16] = node->empty || node->view == 0;
    memcpy(at + 17, node->block.bytes, 32);
    put(at + 49, node->parent_view);
    memcpy(at + 57, node->parent.bytes, 32);
    ehr_cluster_body_digest(at, EHR_LIAR_NODE_BYTES, &id);
    return id;
}

uint32_t ehr_liar_certificate_write(uint16_t replicas, const struct ehr_liar_node *node,
                                    uint32_t signers, uint8_t *at)
{
    uint32_t bitmap = (replicas + 7U) / 8U;
    uint32_t length = BASE + bitmap + 64 * ehr_engine_quorum(replicas);
    memset(at, 0, length);
    struct ehr_digest id = ehr_liar_node_write(node, at);
    uint8_t *signature = at + BASE + bitmap;
    for (uint16_t i = 0; i < replicas; i++) {
        if (!(signers >> i & 1))
            continue;
        at[BASE + i / 8] |= (uint8_t)(1U << (i % 8));
        if (signature < at + length)
            ehr_cluster_sign(i, EHR_ENGINE_HOTSTUFF_VOTE, node->view, 0, &id, signature);
        signature += 64;
    }
    return length;
}

static struct ehr_liar_node node_read(const uint8_t *at)
{
    struct ehr_liar_node node = {
        .view = get(at), .height = get(at + 8), .empty = at[16] == 1, .parent_view = get(at + 49)};
    memcpy(node.block.bytes, at + 17, 32);
    memcpy(node.parent.bytes, at + 57, 32);
    return node;
}

struct ehr_hotstuff_liar *ehr_hotstuff_liar_new(struct ehr_cluster *cluster,
                                                const struct ehr_cluster_options *options,
                                                uint16_t who, uint64_t seed)
{
    struct ehr_hotstuff_liar *liar = calloc(1, sizeof(*liar));
    assert(liar != NULL);
    liar->cluster = cluster;
    liar->options = *options;
    liar->who = who;
    liar->random = seed;
    liar->cunning = seed % 2 == 0;
    uint16_t n = options->replicas;
    liar->certificate_bytes =
        BASE + (n + 7U) / 8U + (options->signatures ? 64 * ehr_engine_quorum(n) : 0);
    return liar;
}

void ehr_hotstuff_liar_free(struct ehr_hotstuff_liar *liar)
{
    free(liar);
}

static uint64_t draw(struct ehr_hotstuff_liar *liar, uint64_t below)
{
    return ehr_cluster_random(&liar->random) % below;
}

static void watch_vote(struct ehr_hotstuff_liar *liar, const struct ehr_engine_message *m)
{
    uint64_t view = m->view ^ m->view >> 32 << 7;
    if (m->sender == liar->who)
        return;
    uint64_t *known = &liar->votes[m->sender][view % VOTES].view;
    struct ehr_digest *id = &liar->votes[m->sender][view % VOTES].id;
    if (*known == m->view && memcmp(id, &m->digest, sizeof(*id)) != 0) {
        fprintf(stderr, "safety: replica %u votes twice in view %" PRIu64 ", seed %" PRIu64 "\n",
                m->sender, m->view, liar->options.seed);
        abort();
    }
    *known = m->view;
    *id = m->digest;
}

static void remember(struct ehr_hotstuff_liar *liar, const uint8_t *certificate)
{
    uint8_t *last = liar->history[(liar->seen + HISTORY - 1) % HISTORY];
    if (liar->seen > 0 && get(last) >= get(certificate))
        return;
    memcpy(liar->history[liar->seen++ % HISTORY], certificate, liar->certificate_bytes);
}

/* One of the last certificates before the newest, or NULL. */
static const uint8_t *older(struct ehr_hotstuff_liar *liar)
{
    uint64_t back = 1 + draw(liar, liar->cunning ? 2 : 4);
    return liar->seen <= back || back >= HISTORY ? NULL
                                                 : liar->history[(liar->seen - 1 - back) % HISTORY];
}

/* Puts a node with another block in the place of one that was certified. */
static bool rival(struct ehr_hotstuff_liar *liar, struct ehr_liar_node *node)
{
    uint32_t request = 0;
    for (uint32_t i = 0; i < HISTORY && i < liar->seen; i++) {
        struct ehr_liar_node parent = node_read(liar->history[i]);
        struct ehr_digest id;
        ehr_cluster_body_digest(liar->history[i], BASE, &id);
        if (memcmp(&id, &node->parent, sizeof(id)) != 0)
            continue;
        node->empty = false;
        node->height = parent.height + 1;
        node->block = ehr_cluster_block(liar->cluster, &parent.block, &request, 1);
        return true;
    }
    return false;
}

/* A proposal of the same view on another certificate or with another block; `body` may be on an
 * older one only if it shows that a quorum left the view before. */
static bool proposal_change(struct ehr_hotstuff_liar *liar, const struct ehr_engine_message *m,
                            uint32_t requests)
{
    const uint8_t *body = m->body;
    const uint8_t *parent = body + BASE;
    bool departed = body[BASE + liar->certificate_bytes] == 1;
    if (departed && (liar->cunning || draw(liar, 4) != 0))
        parent = older(liar);
    if (parent == NULL || m->body_length > BODY_MAX)
        return false;
    struct ehr_liar_node below = node_read(parent), node = node_read(body);
    uint32_t request = requests > 0 ? (uint32_t)draw(liar, requests) : 0;
    node.empty = draw(liar, 3) == 0;
    node.height = below.height + !node.empty;
    struct ehr_digest stands_on = below.block;
    stands_on.bytes[9] ^= !liar->cunning && draw(liar, 8) == 0; /* a block that does not fit */
    node.block =
        node.empty ? below.block : ehr_cluster_block(liar->cluster, &stands_on, &request, 1);
    node.parent_view = below.view;
    ehr_cluster_body_digest(parent, BASE, &node.parent);
    memcpy(liar->other_body, body, m->body_length);
    liar->other = ehr_liar_node_write(&node, liar->other_body);
    memmove(liar->other_body + BASE, parent, liar->certificate_bytes);
    if (!liar->cunning && draw(liar, 8) == 0) { /* a certificate for what nobody voted for */
        uint8_t *forged = liar->other_body + BASE;
        if (!rival(liar, &below))
            return false;
        node = (struct ehr_liar_node){
            .view = node.view,
            .height = below.height + 1,
            .parent_view = below.view,
            .block = ehr_cluster_block(liar->cluster, &below.block, &request, 1)};
        node.parent = ehr_liar_node_write(&below, forged);
        if (draw(liar, 2) == 0) { /* or only the liar */
            uint32_t bitmap =
                liar->certificate_bytes - BASE - 64 * ehr_engine_quorum(liar->options.replicas);
            memset(forged + BASE, 0, liar->certificate_bytes - BASE);
            forged[BASE + liar->who / 8] = (uint8_t)(1U << liar->who % 8);
            ehr_cluster_sign(liar->who, EHR_ENGINE_HOTSTUFF_VOTE, below.view, 0, &node.parent,
                             forged + BASE + bitmap);
        }
        liar->other = ehr_liar_node_write(&node, liar->other_body);
    }
    liar->other_view = m->view;
    liar->other_length = m->body_length;
    liar->other_block = node.block;
    liar->other_height = node.height;
    return true;
}

static void other_proposal(struct ehr_hotstuff_liar *liar, struct ehr_engine_message *m)
{
    m->body = liar->other_body;
    m->body_length = liar->other_length;
    m->height = liar->other_height;
    bool empty = liar->other_body[16] == 1;
    m->carried = empty ? NULL : &liar->other_block;
    m->carried_count = !empty;
}

static bool lie_proposal(struct ehr_hotstuff_liar *liar, uint16_t to, struct ehr_engine_message *m,
                         uint32_t requests)
{
    if (liar->other_view != m->view && !proposal_change(liar, m, requests))
        return draw(liar, 4) != 0;
    struct ehr_engine_message second = *m;
    other_proposal(liar, &second);
    switch (draw(liar, 4)) {
    case 0: /* both, in either order */
        ehr_cluster_inject(liar->cluster, to, &second);
        return true;
    case 1:
        return to % 2 == 0 || draw(liar, 2) == 0;
    default:
        if (to % 2 == 1)
            *m = second;
        return true;
    }
}

/* Everybody else may be right to follow: a fork below what few have seen committed. */
static bool plot(struct ehr_hotstuff_liar *liar, struct ehr_engine_message *m, uint32_t requests)
{
    if (m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL && liar->honest_view != m->view) {
        bool departed = m->body[BASE + liar->certificate_bytes] == 1;
        if (liar->other_view != m->view &&
            (!departed || draw(liar, 8) == 0 || !proposal_change(liar, m, requests)))
            liar->honest_view = m->view;
        else
            other_proposal(liar, m);
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE && liar->other_view == m->view)
        m->digest = liar->other;
    else if (m->type == EHR_ENGINE_HOTSTUFF_VOTE)
        return draw(liar, 3) != 0;
    return true;
}

static bool lie(struct ehr_hotstuff_liar *liar, uint16_t to, struct ehr_engine_message *m,
                uint32_t requests)
{
    uint64_t mood = draw(liar, 8);
    if (liar->cunning && m->type <= EHR_ENGINE_HOTSTUFF_VOTE &&
        m->type >= EHR_ENGINE_HOTSTUFF_PROPOSAL)
        return plot(liar, m, requests);
    if (mood == 0)
        return false;
    if (m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL && mood > 2)
        return lie_proposal(liar, to, m, requests);
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE && liar->other_view == m->view) {
        struct ehr_engine_message second = *m;
        second.digest = liar->other;
        ehr_cluster_inject(liar->cluster, to, &second);
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && mood > 3) {
        const uint8_t *old = older(liar);
        if (old != NULL) {
            memcpy(liar->body, old, liar->certificate_bytes);
            m->body = liar->body;
            m->height = get(old);
        }
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_CHAIN && mood > 4 && m->body_length <= BODY_MAX) {
        memcpy(liar->body, m->body, m->body_length);
        liar->body[draw(liar, m->body_length)] ^= 1;
        m->body = liar->body;
    }
    if (m->type == EHR_ENGINE_CHECKPOINT && mood > 5)
        m->digest.bytes[31] ^= (uint8_t)(1 + draw(liar, 3));
    return true;
}

bool ehr_hotstuff_liar_sending(struct ehr_hotstuff_liar *liar, uint16_t to,
                               struct ehr_engine_message *message, uint32_t requests)
{
    if (message->type == EHR_ENGINE_HOTSTUFF_VOTE)
        watch_vote(liar, message);
    if (message->type == EHR_ENGINE_HOTSTUFF_PROPOSAL)
        remember(liar, message->body + BASE);
    return message->sender != liar->who || lie(liar, to, message, requests);
}
