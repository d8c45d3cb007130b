/* A proposal, from the message to the vote.
 *
 * It has to stand on a certificate, in a view that was entered for a reason it shows: the view
 * before is certified, or a quorum has left it. One whose branch is not all here waits for it. */
#include "sim/consensus/hotstuff/hotstuff.h"

/* What the body says. Pointers are into it. */
struct reading {
    struct ehr_hotstuff_node node;
    struct ehr_hotstuff_certificate justify;
    const uint8_t *departure; /* NULL if the view before is certified */
    uint64_t departure_key, bound;
};

/* Whether the node continues the one that was certified. */
static bool fits(struct ehr_engine *e, const struct reading *r)
{
    const struct ehr_hotstuff_node *node = &r->node, *parent = &r->justify.node;
    struct ehr_digest below;
    if (node->parent_view != parent->view || !ehr_hotstuff_same(&node->parent, &parent->id) ||
        parent->view >= node->view)
        return false;
    if (node->empty)
        return node->height == parent->height && ehr_hotstuff_same(&node->block, &parent->block);
    return node->height == parent->height + 1 &&
           e->auth->block_parent(e->auth->context, &node->block, &below) &&
           ehr_hotstuff_same(&below, &parent->block);
}

static bool read(struct ehr_engine *e, uint64_t view, const uint8_t *body, uint32_t length,
                 struct reading *r)
{
    size_t base = EHR_HOTSTUFF_NODE_BYTES + (size_t)e->certificate_bytes;
    memset(r, 0, sizeof(*r));
    if (length < base + 1 || body[base] > 1 ||
        length != base + 1 + (body[base] == 1 ? e->departure_bytes : 0) ||
        !ehr_hotstuff_node_decode(e, body, &r->node) || r->node.view != view ||
        !ehr_hotstuff_certificate_read(e, body + EHR_HOTSTUFF_NODE_BYTES, &r->justify) ||
        !fits(e, r))
        return false;
    bool next = r->justify.node.view + 1 == view;
    if (next != (body[base] == 0))
        return false;
    if (next)
        return true;
    r->departure = body + base + 1;
    return ehr_hotstuff_departure_read(e, r->departure, &r->departure_key, &r->bound) &&
           ehr_hotstuff_after(e, r->departure_key) == view;
}

static void hold(struct ehr_engine *e, uint64_t view, const uint8_t *body, uint32_t length)
{
    if (view <= e->held_view || body == e->held)
        return;
    memcpy(e->held, body, length);
    e->held_length = length;
    e->held_view = view;
}

static void take(struct ehr_engine *e, const uint8_t *body, uint32_t length, uint64_t view)
{
    struct reading r;
    if (!read(e, view, body, length, &r))
        return;
    bool here = ehr_hotstuff_learn(e, &r.justify, ehr_hotstuff_leader(e, view));
    if (r.departure != NULL)
        ehr_hotstuff_departure_take(e, r.departure_key, r.departure);
    if (!here) {
        if (e->ahead.present && ehr_hotstuff_same(&e->ahead.node.id, &r.justify.node.id))
            hold(e, view, body, length);
        return;
    }
    if (ehr_hotstuff_add(e, &r.node) == NULL)
        return;
    e->told = e->committed;
    if (e->tip < r.node.height && view == e->view)
        e->tip = r.node.height;
    if (!ehr_hotstuff_may_vote(e, &r.node, r.bound))
        return;
    ehr_hotstuff_vote_persist(e, &r.node, r.justify.bytes);
    ehr_hotstuff_vote_send(e);
}

void ehr_hotstuff_on_message(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_hotstuff_node node;
    if (message->body_length < EHR_HOTSTUFF_NODE_BYTES ||
        !ehr_hotstuff_node_decode(e, message->body, &node) || node.height != message->height ||
        message->carried_count != !node.empty ||
        (!node.empty && !ehr_hotstuff_same(&message->carried[0], &node.block)))
        return;
    take(e, message->body, message->body_length, message->view);
    ehr_hotstuff_retry(e);
}

void ehr_hotstuff_held_retry(struct ehr_engine *e)
{
    if (e->held_view == 0 || e->ahead.present)
        return;
    uint64_t view = e->held_view;
    e->held_view = 0;
    if (view >= e->view)
        take(e, e->held, e->held_length, view);
}
