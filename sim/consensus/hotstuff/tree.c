/* The nodes a replica knows, and what lies between one of them and the root.
 *
 * A bounded pool without order, indexed by id and by view: what a look-up costs does not depend on
 * how long the chain is. It holds what leaders proposed and
 * what certificates prove, connected or not, and committed nodes as long as there is room, for
 * those who are late. When it is full the lowest view goes, but never the branch of `high`. */
#include "sim/consensus/hotstuff/hotstuff.h"

static uint64_t bucket_of_id(const struct ehr_engine *e, const struct ehr_digest *id)
{
    return ehr_hotstuff_get(id->bytes, 8) & e->mask;
}

static void index_put(struct ehr_hotstuff_index *index, uint64_t bucket, uint32_t place)
{
    index->next[place] = index->heads[bucket];
    index->heads[bucket] = place + 1;
}

static void index_drop(struct ehr_hotstuff_index *index, uint64_t bucket, uint32_t place)
{
    uint32_t *link = &index->heads[bucket];
    while (*link != place + 1)
        link = &index->next[*link - 1];
    *link = index->next[place];
}

const struct ehr_hotstuff_node *ehr_hotstuff_find(const struct ehr_engine *e,
                                                  const struct ehr_digest *id)
{
    for (uint32_t at = e->by_id.heads[bucket_of_id(e, id)]; at > 0; at = e->by_id.next[at - 1])
        if (ehr_hotstuff_same(&e->nodes[at - 1].id, id))
            return &e->nodes[at - 1];
    return NULL;
}

bool ehr_hotstuff_view_known(const struct ehr_engine *e, uint64_t view)
{
    uint32_t at = e->by_view.heads[view & e->mask];
    while (at > 0 && e->nodes[at - 1].view != view)
        at = e->by_view.next[at - 1];
    return at > 0;
}

bool ehr_hotstuff_is_root(const struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    if (!e->root_loose)
        return ehr_hotstuff_same(&node->id, &e->root.id);
    return node->height == e->root.height && ehr_hotstuff_same(&node->block, &e->root.block);
}

/* Of two places the one that goes first: of the lower view, then the lower place. */
static bool older(const struct ehr_engine *e, uint32_t a, uint32_t b)
{
    return e->nodes[a].view != e->nodes[b].view ? e->nodes[a].view < e->nodes[b].view : a < b;
}

/* Puts the place at position `at` of the heap where it belongs; its view may be a new one. */
static void age_settle(struct ehr_engine *e, uint32_t at)
{
    uint32_t place = e->by_age[at];
    for (; at > 0 && older(e, place, e->by_age[(at - 1) / 2]); at = (at - 1) / 2)
        e->by_age[at] = e->by_age[(at - 1) / 2];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < e->node_count && older(e, e->by_age[child + 1], e->by_age[child]))
            child++;
        if (child >= e->node_count || !older(e, e->by_age[child], place))
            break;
        e->by_age[at] = e->by_age[child];
        at = child;
    }
    e->by_age[at] = place;
}

/* Whether `node` is on the branch of `high`, the root included. */
static bool needed(const struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    const struct ehr_hotstuff_node *at = &e->high.node;
    for (uint32_t i = 0; at != NULL && i <= e->node_count; i++) {
        if (ehr_hotstuff_same(&at->id, &node->id))
            return true;
        if (ehr_hotstuff_is_root(e, at))
            return false;
        at = ehr_hotstuff_find(e, &at->parent);
    }
    return false;
}

static bool may_go(const struct ehr_engine *e, uint32_t place)
{
    const struct ehr_hotstuff_node *node = &e->nodes[place];
    return (!e->root_loose && node->view < e->root.view) || !needed(e, node);
}

/* The position in the heap of the oldest node that may go; node_count if there is none. On top in
 * the good case: the branch is kept, and what lies below the root is older. */
static uint32_t position_free(const struct ehr_engine *e)
{
    uint32_t position = e->node_count;
    if (may_go(e, e->by_age[0]))
        return 0;
    for (uint32_t i = 1; i < e->node_count; i++)
        if ((position == e->node_count || older(e, e->by_age[i], e->by_age[position])) &&
            may_go(e, e->by_age[i]))
            position = i;
    return position;
}

const struct ehr_hotstuff_node *ehr_hotstuff_add(struct ehr_engine *e,
                                                 const struct ehr_hotstuff_node *node)
{
    const struct ehr_hotstuff_node *known = ehr_hotstuff_find(e, &node->id);
    if (known != NULL)
        return known;
    uint32_t position = e->node_count < e->capacity ? e->node_count : position_free(e);
    if (position == e->capacity)
        return NULL;
    uint32_t place = position;
    if (position == e->node_count) {
        e->by_age[e->node_count++] = place;
    } else {
        place = e->by_age[position];
        index_drop(&e->by_id, bucket_of_id(e, &e->nodes[place].id), place);
        index_drop(&e->by_view, e->nodes[place].view & e->mask, place);
    }
    e->nodes[place] = *node;
    age_settle(e, position);
    index_put(&e->by_id, bucket_of_id(e, &node->id), place);
    index_put(&e->by_view, node->view & e->mask, place);
    return &e->nodes[place];
}

bool ehr_hotstuff_body_held(struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    struct ehr_digest parent;
    return node->empty || e->auth->block_parent(e->auth->context, &node->block, &parent);
}

bool ehr_hotstuff_connected(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                            struct ehr_digest *missing, bool *hopeless)
{
    *hopeless = false;
    const struct ehr_hotstuff_node *at = node;
    while (!ehr_hotstuff_is_root(e, at)) {
        bool below = e->root_loose ? at->height <= e->root.height : at->view <= e->root.view;
        if (below || at->height < e->root.height || at->view == 0) {
            *hopeless = true;
            return false;
        }
        if (!ehr_hotstuff_body_held(e, at)) {
            *missing = at->id;
            return false;
        }
        const struct ehr_hotstuff_node *parent = ehr_hotstuff_find(e, &at->parent);
        if (parent == NULL) {
            *missing = at->parent;
            return false;
        }
        if (parent->view != at->parent_view || parent->height + !at->empty != at->height) {
            *hopeless = true; /* more than f replicas lie: a quorum has voted for it */
            return false;
        }
        at = parent;
    }
    return true;
}

bool ehr_hotstuff_extends(const struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                          uint64_t view, const struct ehr_digest *ancestor)
{
    const struct ehr_hotstuff_node *at = node;
    while (at != NULL && at->view > view && at->view > 0)
        at = ehr_hotstuff_find(e, &at->parent);
    return at != NULL && ehr_hotstuff_same(&at->id, ancestor);
}

uint32_t ehr_hotstuff_branch(struct ehr_engine *e, const struct ehr_hotstuff_node *node)
{
    uint32_t count = 0;
    for (const struct ehr_hotstuff_node *at = node; at != NULL && !ehr_hotstuff_is_root(e, at);
         at = ehr_hotstuff_find(e, &at->parent))
        if (!at->empty && count < e->capacity)
            e->path[count++] = at;
    return count;
}
