/* The leader's side: a node on the highest certificate, in a view that it can show was entered.
 *
 * A block is proposed whenever requests wait: while another is in flight the pace of certificates
 * does the batching, and the batch timer is never needed. An empty node is proposed only while the
 * others have not been told that the last block is committed. */
#include "sim/consensus/hotstuff/hotstuff.h"

static bool consecutive(const struct ehr_engine *e)
{
    return e->high.node.view + 1 == e->view;
}

/* Whether it may propose, and can show why the view was entered. */
static bool entitled(struct ehr_engine *e)
{
    struct ehr_digest missing;
    bool hopeless;
    if (!ehr_hotstuff_leads(e) || ehr_hotstuff_left(e) || e->voted_view >= e->view ||
        e->high.node.view < e->locked_view) /* a restart lost the branch of the lock */
        return false;
    bool departed = e->departure_present && ehr_hotstuff_after(e, e->departure_key) == e->view &&
                    ehr_hotstuff_departure_high(e, e->departure) <= e->high.node.view;
    return (consecutive(e) || departed) &&
           ehr_hotstuff_connected(e, &e->high.node, &missing, &hopeless);
}

static void propose(struct ehr_engine *e, const struct ehr_digest *block)
{
    struct ehr_hotstuff_node node = {.view = e->view,
                                     .height = e->high.node.height + (block != NULL),
                                     .empty = block == NULL,
                                     .block = block != NULL ? *block : e->high.node.block,
                                     .parent_view = e->high.node.view,
                                     .parent = e->high.node.id};
    ehr_hotstuff_node_seal(e, &node);
    ehr_hotstuff_add(e, &e->high.node);
    if (ehr_hotstuff_add(e, &node) == NULL)
        return;
    uint8_t *at = e->proposal;
    ehr_hotstuff_node_encode(&node, at);
    at += EHR_HOTSTUFF_NODE_BYTES;
    memcpy(at, e->high.bytes, e->certificate_bytes);
    at += e->certificate_bytes;
    *at++ = !consecutive(e);
    if (!consecutive(e)) {
        memcpy(at, e->departure, e->departure_bytes);
        at += e->departure_bytes;
    }
    ehr_hotstuff_vote_persist(e, &node, e->high.bytes);
    struct ehr_engine_message *message =
        ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_HOTSTUFF_PROPOSAL,
                        node.view, node.height, NULL);
    if (message != NULL) {
        message->body = e->proposal;
        message->body_length = (uint32_t)(at - e->proposal);
        message->carried = node.empty ? NULL : &e->voted.block;
        message->carried_count = !node.empty;
    }
    e->told = e->committed;
    if (e->tip < node.height)
        e->tip = node.height;
    ehr_hotstuff_vote_send(e);
}

void ehr_hotstuff_try_propose(struct ehr_engine *e)
{
    for (;;) { /* alone, a replica certifies what it proposes at once */
        if (e->batch.outstanding || !entitled(e))
            return;
        bool room = e->high.node.height - e->executed < e->config.window ||
                    e->high.node.height < e->executed;
        if (room && ehr_batch_begin(&e->batch, e->out, &e->config, true)) {
            ehr_hotstuff_emit_propose(e, &e->high.node);
            return;
        }
        if (e->high.node.height <= e->told)
            return;
        propose(e, NULL);
    }
}

void ehr_hotstuff_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                              const struct ehr_digest *block, bool empty)
{
    if (view == e->view)
        e->batch.outstanding = false;
    if (empty) {
        if (view == e->view)
            e->batch.unproposed = 0;
        return;
    }
    if (view != e->view || !entitled(e) || height != e->high.node.height + 1) {
        ehr_hotstuff_emit_new_view(e, false); /* what stands in the block has to be proposed anew */
        return;
    }
    propose(e, block);
}
