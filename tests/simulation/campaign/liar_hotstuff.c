/* Lies about nodes and certificates. Half of the runs have liars that lead everybody to one fork
 * below what few have seen committed, and vote for it; in the others they lie at random. */
#include "tests/simulation/campaign/liar.h"
#include "tests/simulation/hotstuff_node.h"

static uint64_t draw(struct ehr_world *w, uint64_t below)
{
    return ehr_tape_draw(&w->tape, below);
}

static struct ehr_digest node_write(const struct ehr_bytes_node *node, uint8_t *at)
{
    struct ehr_digest id;
    ehr_bytes_node_put(node, at);
    ehr_host_hash(at, EHR_BYTES_NODE, &id);
    return id;
}

/* One of the last certificates before the newest, or NULL. */
static const uint8_t *older(struct ehr_world *w)
{
    const struct ehr_liar *liar = w->liar;
    uint64_t back = 1 + draw(w, liar->cunning ? 2 : 4);
    return liar->seen <= back ? NULL : liar->history[(liar->seen - 1 - back) % EHR_LIAR_HISTORY];
}

/* Puts a node with another block in the place of one that was certified. */
static bool rival(struct ehr_world *w, struct ehr_instance *from, struct ehr_bytes_node *node)
{
    struct ehr_liar *liar = w->liar;
    for (uint32_t i = 0; i < EHR_LIAR_HISTORY && i < liar->seen; i++) {
        struct ehr_bytes_node parent = ehr_bytes_node_get(liar->history[i]);
        struct ehr_digest id;
        ehr_host_hash(liar->history[i], EHR_BYTES_NODE, &id);
        if (!ehr_host_same(&id, &node->parent))
            continue;
        node->empty = false;
        node->height = parent.height + 1;
        return ehr_liar_block(w, from, &parent.block, node->height, &node->block);
    }
    return false;
}

/* A certificate for what nobody voted for: with the signatures of another, or only its own. */
static bool forge(struct ehr_world *w, struct ehr_instance *from, struct ehr_bytes_node *node,
                  struct ehr_bytes_node *under)
{
    struct ehr_liar *liar = w->liar;
    uint8_t *forged = liar->other_body + EHR_BYTES_NODE;
    if (!rival(w, from, under))
        return false;
    *node = (struct ehr_bytes_node){
        .view = node->view, .height = under->height + 1, .parent_view = under->view};
    if (!ehr_liar_block(w, from, &under->block, node->height, &node->block))
        return false;
    node->parent = node_write(under, forged);
    if (draw(w, 2) == 0) {
        uint32_t bitmap = (w->setup.config.replicas + 7U) / 8U;
        memset(forged + EHR_BYTES_NODE, 0, liar->certificate_bytes - EHR_BYTES_NODE);
        forged[EHR_BYTES_NODE + from->replica / 8] = (uint8_t)(1U << from->replica % 8);
        ehr_host_sign(w, from->replica, EHR_ENGINE_HOTSTUFF_VOTE, under->view, 0, &node->parent,
                      forged + EHR_BYTES_NODE + bitmap);
    }
    return true;
}

/* A proposal of the same view on another certificate or with another block; on an older one only
 * if the body shows that a quorum left the view before. */
static bool proposal_change(struct ehr_world *w, struct ehr_instance *from,
                            const struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    const uint8_t *parent = m->body + EHR_BYTES_NODE;
    bool departed = m->body[EHR_BYTES_NODE + liar->certificate_bytes] == 1;
    if (departed && (liar->cunning || draw(w, 4) != 0))
        parent = older(w);
    else if (!departed && !liar->cunning && draw(w, 8) == 7)
        parent = older(w); /* for no reason that it could show */
    if (parent == NULL || m->body_length > EHR_LIAR_BODY_MAX)
        return false;
    struct ehr_bytes_node under = ehr_bytes_node_get(parent), node = ehr_bytes_node_get(m->body);
    node.empty = draw(w, 3) == 0;
    node.height = under.height + !node.empty;
    struct ehr_digest stands_on = under.block;
    if (!liar->cunning && draw(w, 8) == 0) /* a block that does not fit */
        stands_on.bytes[9] ^= 1;
    node.block = under.block;
    if (!node.empty && !ehr_liar_block(w, from, &stands_on, node.height, &node.block))
        return false;
    node.parent_view = under.view;
    ehr_host_hash(parent, EHR_BYTES_NODE, &node.parent);
    memcpy(liar->other_body, m->body, m->body_length);
    memmove(liar->other_body + EHR_BYTES_NODE, parent, liar->certificate_bytes);
    if (!liar->cunning && draw(w, 8) == 0 && !forge(w, from, &node, &under))
        return false;
    liar->other = node_write(&node, liar->other_body);
    liar->other_view = m->view;
    liar->other_length = m->body_length;
    liar->other_block = node.block;
    liar->other_height = node.height;
    return true;
}

static void other_proposal(struct ehr_liar *liar, struct ehr_engine_message *m)
{
    bool empty = liar->other_body[16] == 1;
    m->body = liar->other_body;
    m->body_length = liar->other_length;
    m->height = liar->other_height;
    m->carried = empty ? NULL : &liar->other_block;
    m->carried_count = !empty;
}

static bool lie_proposal(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                         struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (liar->other_view != m->view && !proposal_change(w, from, m))
        return draw(w, 4) != 0;
    struct ehr_engine_message second = *m;
    other_proposal(liar, &second);
    switch (draw(w, 4)) {
    case 0: /* both, in either order */
        ehr_liar_also(w, from, to, &second);
        return true;
    case 1:
        return to->index % 2 == 0 || draw(w, 2) == 0;
    default:
        if (to->index % 2 == 1)
            *m = second;
        return true;
    }
}

/* Everybody else may be right to follow. */
static bool plot(struct ehr_world *w, struct ehr_instance *from, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL && liar->honest_view != m->view) {
        bool departed = m->body[EHR_BYTES_NODE + liar->certificate_bytes] == 1;
        if (liar->other_view != m->view &&
            (!departed || draw(w, 8) == 0 || !proposal_change(w, from, m)))
            liar->honest_view = m->view;
        else
            other_proposal(liar, m);
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE && liar->other_view == m->view)
        m->digest = liar->other;
    else if (m->type == EHR_ENGINE_HOTSTUFF_VOTE)
        return draw(w, 3) != 0;
    return true;
}

/* Understates its highest certificate when it leaves a view. */
static void understate(struct ehr_world *w, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    const uint8_t *old = older(w);
    if (old == NULL)
        return;
    memcpy(liar->body, old, liar->certificate_bytes);
    m->body = liar->body;
    m->body_length = liar->certificate_bytes;
    m->height = ehr_le64_get(old);
}

/* Shows a node of its own as certified, with its own vote alone. */
static void overstate(struct ehr_world *w, struct ehr_instance *from, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    uint32_t bitmap = (w->setup.config.replicas + 7U) / 8U;
    if (liar->other_length == 0)
        return;
    memset(liar->body, 0, liar->certificate_bytes);
    memcpy(liar->body, liar->other_body, EHR_BYTES_NODE);
    liar->body[EHR_BYTES_NODE + from->replica / 8] = (uint8_t)(1U << from->replica % 8);
    ehr_host_sign(w, from->replica, EHR_ENGINE_HOTSTUFF_VOTE, liar->other_view, 0, &liar->other,
                  liar->body + EHR_BYTES_NODE + bitmap);
    m->body = liar->body;
    m->body_length = liar->certificate_bytes;
    m->height = liar->other_view;
}

bool ehr_liar_hotstuff(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                       struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    bool of_nodes = m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL || m->type == EHR_ENGINE_HOTSTUFF_VOTE;
    if (liar->cunning && of_nodes)
        return plot(w, from, m);
    if (m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL)
        return lie_proposal(w, from, to, m);
    if (m->type == EHR_ENGINE_HOTSTUFF_VOTE && liar->other_view == m->view) {
        struct ehr_engine_message second = *m;
        second.digest = liar->other;
        ehr_liar_also(w, from, to, &second);
    }
    if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && draw(w, 2) == 0)
        understate(w, m);
    else if (m->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && draw(w, 4) == 3)
        overstate(w, from, m);
    if (m->type == EHR_ENGINE_HOTSTUFF_CHAIN && draw(w, 3) == 0 &&
        m->body_length <= EHR_LIAR_BODY_MAX) {
        memcpy(liar->body, m->body, m->body_length);
        liar->body[draw(w, m->body_length)] ^= 1;
        m->body = liar->body;
    }
    if (m->type == EHR_ENGINE_CHECKPOINT && draw(w, 3) == 0)
        m->digest.bytes[31] ^= (uint8_t)(1 + draw(w, 3));
    return true;
}
