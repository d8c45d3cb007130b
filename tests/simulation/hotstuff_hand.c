/* Nodes, certificates and timeouts by hand. */
#include "tests/simulation/hotstuff_hand.h"

#include <string.h>

enum { BODY_MAX = 4096 };

static uint64_t number(const uint8_t *at)
{
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static bool certificate_valid(const uint8_t *at)
{
    struct ehr_digest id;
    const uint8_t *signature = at + EHR_BYTES_NODE + 1;
    uint32_t good = 0;
    ehr_cluster_body_digest(at, EHR_BYTES_NODE, &id);
    for (uint16_t i = 0; i < 4; i++) {
        uint8_t expected[64];
        if (!(at[EHR_BYTES_NODE] >> i & 1))
            continue;
        ehr_cluster_sign(i, EHR_ENGINE_HOTSTUFF_VOTE, number(at), 0, &id, expected);
        good += memcmp(expected, signature, 64) == 0;
        signature += 64;
    }
    return good == 3;
}

static void note_send(struct ehr_hand *hand, const struct ehr_effect *effect, bool persisted)
{
    const struct ehr_engine_message *m = &effect->as.send.message;
    hand->sent[m->type]++;
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE) {
        hand->voted = m->digest;
        hand->voted_view = m->view;
        hand->voted_to = effect->as.send.to;
        hand->vote_was_persisted = persisted;
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT) {
        hand->left = m->view;
        hand->left_high = m->height;
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL) {
        struct ehr_bytes_node *node = &hand->own.node;
        memset(node, 0, sizeof(*node));
        node->view = hand->proposed = m->view;
        node->height = number(m->body + 8);
        node->empty = hand->proposed_empty = m->body[16] == 1;
        memcpy(node->block.bytes, m->body + 17, 32);
        node->parent_view = number(m->body + 49);
        memcpy(node->parent.bytes, m->body + 57, 32);
        ehr_cluster_body_digest(m->body, EHR_BYTES_NODE, &hand->own.id);
        hand->justified = number(m->body + EHR_BYTES_NODE);
        hand->justify_valid = certificate_valid(m->body + EHR_BYTES_NODE);
    }
}

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    struct ehr_hand *hand = context;
    bool persisted = false;
    (void)event;
    for (uint32_t i = 0; i < effects->count && replica == hand->self; i++) {
        const struct ehr_effect *effect = &effects->item[i];
        hand->committed += effect->type == EHR_EFFECT_COMMIT;
        hand->fetched += effect->type == EHR_EFFECT_FETCH;
        hand->entered += effect->type == EHR_EFFECT_NEW_VIEW;
        if (effect->type == EHR_EFFECT_COMMIT)
            hand->block = effect->as.commit.block;
        if (effect->type == EHR_EFFECT_PERSIST) {
            hand->persisted[effect->as.persist.type]++;
            persisted |= effect->as.persist.type == EHR_ENGINE_HOTSTUFF_VOTE;
        }
        if (effect->type == EHR_EFFECT_SEND)
            note_send(hand, effect, persisted);
    }
}

void ehr_hand_open(struct ehr_hand *hand, uint16_t self, bool two_chain, bool fixed_leader)
{
    struct ehr_cluster_options options = {.engine = "hotstuff",
                                          .replicas = 4,
                                          .signatures = true,
                                          .two_chain = two_chain,
                                          .fixed_leader = fixed_leader};
    uint8_t bytes[EHR_BYTES_NODE];
    memset(hand, 0, sizeof(*hand));
    hand->cluster = ehr_cluster_new(&options);
    hand->replicas = 4;
    hand->self = self;
    hand->genesis.node.empty = true;
    hand->genesis.id = ehr_bytes_node_write(&hand->genesis.node, bytes);
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = hand};
    for (uint16_t i = 0; i < 4; i++)
        if (i != self)
            ehr_cluster_crash(hand->cluster, i);
    ehr_cluster_run(hand->cluster, EHR_PUPPET_MS);
    ehr_cluster_hooks_set(hand->cluster, &hooks);
}

void ehr_hand_close(struct ehr_hand *hand)
{
    ehr_cluster_free(hand->cluster);
}

void ehr_hand_wait(struct ehr_hand *hand, uint64_t ms)
{
    ehr_cluster_run(hand->cluster, ehr_cluster_now(hand->cluster) + ms * EHR_PUPPET_MS);
}

struct ehr_hand_node ehr_hand_child(struct ehr_hand *hand, const struct ehr_hand_node *parent,
                                    uint64_t view, bool empty)
{
    uint8_t bytes[EHR_BYTES_NODE];
    uint32_t request = hand->made++;
    struct ehr_hand_node child = {.node = {.view = view,
                                           .height = parent->node.height + !empty,
                                           .parent_view = parent->node.view,
                                           .empty = empty,
                                           .block = parent->node.block,
                                           .parent = parent->id}};
    if (!empty)
        child.node.block = ehr_cluster_block(hand->cluster, &parent->node.block, &request, 1);
    child.id = ehr_bytes_node_write(&child.node, bytes);
    return child;
}

static uint32_t certificate(const struct ehr_hand *hand, const struct ehr_hand_node *node,
                            uint32_t signers, uint8_t *at)
{
    return ehr_bytes_certificate_write(hand->replicas, &node->node,
                                       node->node.view == 0 ? 0 : signers, at);
}

static uint32_t departure_write(const struct ehr_hand_departure *departure, uint8_t *at)
{
    static const struct ehr_digest digest = {{7}};
    uint8_t *entry = at + 8 + 1;
    for (size_t i = 0; i < 8; i++)
        at[i] = (uint8_t)(departure->key >> (8 * i));
    at[8] = (uint8_t)departure->signers;
    for (uint16_t i = 0; i < 4; i++) {
        if (!(departure->signers >> i & 1))
            continue;
        for (size_t k = 0; k < 8; k++)
            entry[k] = (uint8_t)(departure->high >> (8 * k));
        memcpy(entry + 8, digest.bytes, 32);
        ehr_cluster_sign(i, EHR_ENGINE_HOTSTUFF_TIMEOUT, departure->key, departure->high, &digest,
                         entry + 40);
        entry += 8 + 32 + 64;
    }
    return (uint32_t)(entry - at);
}

static void deliver(struct ehr_hand *hand, const struct ehr_engine_message *message)
{
    ehr_cluster_inject(hand->cluster, hand->self, message);
    ehr_hand_wait(hand, 2);
}

void ehr_hand_propose_from(struct ehr_hand *hand, uint16_t from, const struct ehr_hand_node *node,
                           const struct ehr_hand_node *justify, uint32_t signers,
                           const struct ehr_hand_departure *departure)
{
    uint8_t body[BODY_MAX];
    uint32_t length = EHR_BYTES_NODE;
    ehr_bytes_node_write(&node->node, body);
    length += certificate(hand, justify, signers, body + length);
    body[length++] = departure != NULL;
    if (departure != NULL)
        length += departure_write(departure, body + length);
    struct ehr_engine_message message = {.type = EHR_ENGINE_HOTSTUFF_PROPOSAL,
                                         .sender = from,
                                         .view = node->node.view,
                                         .height = node->node.height,
                                         .body = body,
                                         .body_length = length,
                                         .carried = &node->node.block,
                                         .carried_count = !node->node.empty};
    deliver(hand, &message);
}

void ehr_hand_propose(struct ehr_hand *hand, const struct ehr_hand_node *node,
                      const struct ehr_hand_node *justify, uint32_t signers,
                      const struct ehr_hand_departure *departure)
{
    ehr_hand_propose_from(hand, (uint16_t)(node->node.view % 4), node, justify, signers, departure);
}

struct ehr_hand_node ehr_hand_chain(struct ehr_hand *hand, const struct ehr_hand_node *from,
                                    uint64_t first, uint64_t last)
{
    struct ehr_hand_node below = *from;
    for (uint64_t view = first; view <= last; view++) {
        struct ehr_hand_node node = ehr_hand_child(hand, &below, view, false);
        ehr_hand_propose(hand, &node, &below, EHR_HAND_QUORUM, NULL);
        below = node;
    }
    return below;
}

void ehr_hand_vote(struct ehr_hand *hand, uint16_t from, const struct ehr_hand_node *node)
{
    struct ehr_engine_message message = {.type = EHR_ENGINE_HOTSTUFF_VOTE,
                                         .sender = from,
                                         .view = node->node.view,
                                         .digest = node->id};
    deliver(hand, &message);
}

void ehr_hand_timeout(struct ehr_hand *hand, uint16_t from, uint64_t key,
                      const struct ehr_hand_node *high, uint32_t signers)
{
    uint8_t body[BODY_MAX];
    struct ehr_engine_message message = {.type = EHR_ENGINE_HOTSTUFF_TIMEOUT,
                                         .sender = from,
                                         .view = key,
                                         .height = high->node.view,
                                         .body = body,
                                         .body_length = certificate(hand, high, signers, body)};
    deliver(hand, &message);
}
