/* What a certificate means: a higher lock, a longer committed branch, the next view.
 *
 * PODC'19, algorithms 3 to 5. Let b'' be the node certified, b' its parent, b the parent of b': the
 * lock moves to b' (two certificates in a row), and b is committed with its branch when the three
 * are of consecutive views. With two chains b' is committed when b'' is of the next view. */
#include "sim/consensus/hotstuff/hotstuff.h"

static void commit(struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    struct ehr_digest missing;
    bool hopeless;
    if ((!e->root_loose && node->view <= e->root.view) || node->height < e->committed ||
        !ehr_hotstuff_connected(e, node, &missing, &hopeless))
        return;
    uint32_t count = ehr_hotstuff_branch(e, node);
    while (count-- > 0)
        if (e->path[count]->height > e->committed) {
            e->committed = e->path[count]->height;
            ehr_hotstuff_emit_commit(e, e->path[count]);
            ehr_hotstuff_progress(e);
            e->timer_restart |= e->config.fixed_leader && e->waiting == 0;
        }
    e->root = *node;
    e->root_loose = false;
}

static void apply(struct ehr_engine *e, const struct ehr_hotstuff_node *third)
{
    const struct ehr_hotstuff_node *second = ehr_hotstuff_find(e, &third->parent);
    if (e->config.two_chain) {
        if (third->view > e->locked_view) {
            e->locked_view = third->view;
            e->locked = third->id;
        }
        if (second != NULL && second->view + 1 == third->view)
            commit(e, second);
        return;
    }
    if (third->parent_view > e->locked_view) {
        e->locked_view = third->parent_view;
        e->locked = third->parent;
    }
    if (second == NULL)
        return;
    const struct ehr_hotstuff_node *first = ehr_hotstuff_find(e, &second->parent);
    if (first != NULL && first->view + 1 == second->view && second->view + 1 == third->view)
        commit(e, first);
}

bool ehr_hotstuff_learn(struct ehr_engine *e, const struct ehr_hotstuff_certificate *certificate,
                        uint16_t from)
{
    struct ehr_hotstuff_node node = certificate->node;
    struct ehr_digest missing;
    bool hopeless;
    if (node.view > e->named.node.view)
        ehr_hotstuff_certificate_copy(e, &e->named, certificate);
    ehr_hotstuff_add(e, &node);
    if (!ehr_hotstuff_connected(e, &node, &missing, &hopeless)) {
        if (hopeless)
            return false;
        if (node.view > e->high.node.view &&
            (!e->ahead.present || node.view >= e->ahead.node.view)) {
            ehr_hotstuff_certificate_copy(e, &e->ahead, certificate);
            ehr_hotstuff_need(e, &missing, from);
        }
        ehr_hotstuff_enter(e, node.view + 1, false);
        return false;
    }
    if (node.view > e->high.node.view || !e->high.present) {
        ehr_hotstuff_certificate_copy(e, &e->high, certificate);
        if (e->tip < node.height)
            e->tip = node.height;
    }
    apply(e, &node);
    ehr_hotstuff_enter(e, node.view + 1, false);
    return true;
}

/* One that cannot extend the root any more is dropped: a state transfer went past it. */
static void ahead_retry(struct ehr_engine *e)
{
    struct ehr_digest missing;
    bool hopeless = false;
    if (!e->ahead.present)
        return;
    if (e->ahead.node.view > e->high.node.view && !ehr_hotstuff_learn(e, &e->ahead, e->peer))
        ehr_hotstuff_connected(e, &e->ahead.node, &missing, &hopeless);
    else
        hopeless = true;
    e->ahead.present = !hopeless;
}

void ehr_hotstuff_retry(struct ehr_engine *e)
{
    const struct ehr_hotstuff_node *got = ehr_hotstuff_find(e, &e->needed);
    if (e->needing && got != NULL && ehr_hotstuff_body_held(e, got))
        e->needing = false;
    ahead_retry(e);
    ehr_hotstuff_tallies_retry(e);
    ehr_hotstuff_held_retry(e);
    ehr_hotstuff_departure_try(e);
}
