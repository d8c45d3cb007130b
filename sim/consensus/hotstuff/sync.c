/* Getting what others have: a branch that is missing, or the view of those who went on.
 *
 * A node is asked for by its id, which a certificate or a quorum of votes has shown, and comes with
 * its ancestors; each is proven by the one above it. What is older than others remember comes by
 * state transfer. */
#include "sim/consensus/hotstuff/hotstuff.h"

enum { COUNT_BYTES = 2 };

static void ask(struct ehr_engine *e, uint16_t to)
{
    e->peer = to;
    e->needed_until_ns = e->now_ns + e->config.request_timeout_ns / 4;
    ehr_effect_send(e->out, &e->config, to, EHR_ENGINE_HOTSTUFF_NEED, e->view, e->committed,
                    &e->needed);
}

static uint16_t other(const struct ehr_engine *e, uint16_t replica)
{
    uint16_t next = (uint16_t)((replica + 1U) % e->config.replicas);
    return (uint16_t)(next != e->config.self ? next : (next + 1U) % e->config.replicas);
}

void ehr_hotstuff_need(struct ehr_engine *e, const struct ehr_digest *id, uint16_t from)
{
    if (!e->started || e->config.replicas == 1 ||
        (e->needing && ehr_hotstuff_same(&e->needed, id) && e->now_ns < e->needed_until_ns))
        return;
    e->needing = true;
    e->needed = *id;
    ask(e, from != e->config.self ? from : other(e, from));
}

void ehr_hotstuff_need_again(struct ehr_engine *e)
{
    struct ehr_digest missing;
    bool hopeless;
    if (e->config.replicas == 1)
        return;
    if (e->ahead.present && !ehr_hotstuff_connected(e, &e->ahead.node, &missing, &hopeless)) {
        e->needing = !hopeless;
        e->needed = missing;
    }
    if (e->needing)
        ask(e, other(e, e->peer));
}

/* Writes `from` and its ancestors down to the one that added the block at `height`; stops where a
 * body is missing. */
static uint32_t write_nodes(struct ehr_engine *e, uint8_t *at, const struct ehr_hotstuff_node *from,
                            uint64_t height, uint32_t *carried)
{
    uint32_t count = 0;
    for (const struct ehr_hotstuff_node *node = from;
         node != NULL && count < e->capacity && ehr_hotstuff_body_held(e, node);
         node = ehr_hotstuff_find(e, &node->parent)) {
        ehr_hotstuff_node_encode(node, at + (size_t)count++ * EHR_HOTSTUFF_NODE_BYTES);
        if (node->height < height || (node->height == height && !node->empty) || node->view == 0)
            break;
        if (!node->empty)
            e->carried[(*carried)++] = node->block;
    }
    return count;
}

void ehr_hotstuff_show(struct ehr_engine *e, uint16_t to, const struct ehr_hotstuff_node *from,
                       uint64_t height)
{
    uint8_t *at = e->chain;
    uint32_t carried = 0;
    memcpy(at, e->high.bytes, e->certificate_bytes);
    at += e->certificate_bytes;
    bool departed = e->departure_present && ehr_hotstuff_after(e, e->departure_key) == e->view;
    *at++ = departed;
    if (departed) {
        memcpy(at, e->departure, e->departure_bytes);
        at += e->departure_bytes;
    }
    uint32_t count = write_nodes(e, at + COUNT_BYTES, from, height, &carried);
    ehr_hotstuff_put(at, count, COUNT_BYTES);
    at += COUNT_BYTES + (size_t)count * EHR_HOTSTUFF_NODE_BYTES;
    struct ehr_engine_message *message = ehr_effect_send(
        e->out, &e->config, to, EHR_ENGINE_HOTSTUFF_CHAIN, e->view, e->high.node.view, NULL);
    if (message == NULL)
        return;
    message->body = e->chain;
    message->body_length = (uint32_t)(at - e->chain);
    message->carried = carried > 0 ? e->carried : NULL;
    message->carried_count = carried;
}

void ehr_hotstuff_on_need(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    const struct ehr_hotstuff_node *node = ehr_hotstuff_find(e, &message->digest);
    if (node != NULL && ehr_hotstuff_body_held(e, node))
        ehr_hotstuff_show(e, message->sender, node, message->height);
    if (node == NULL || e->own_height > message->height)
        ehr_hotstuff_checkpoint_repeat(e, message->sender);
}

/* Takes the nodes if the first is the one asked for. */
static void take_nodes(struct ehr_engine *e, const uint8_t *at, uint32_t count)
{
    struct ehr_digest expected = e->needed;
    for (uint32_t i = 0; e->needing && i < count; i++) {
        struct ehr_hotstuff_node node;
        if (!ehr_hotstuff_node_decode(e, at + (size_t)i * EHR_HOTSTUFF_NODE_BYTES, &node) ||
            !ehr_hotstuff_same(&node.id, &expected))
            return;
        expected = node.parent;
        ehr_hotstuff_add(e, &node);
    }
}

void ehr_hotstuff_on_chain(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    const uint8_t *body = message->body;
    size_t at = e->certificate_bytes, length = message->body_length;
    struct ehr_hotstuff_certificate shown;
    uint64_t key = 0, bound;
    if (length < at + 1 + COUNT_BYTES || body[at] > 1)
        return;
    const uint8_t *departure = body[at] == 1 ? body + at + 1 : NULL;
    at += 1 + (departure != NULL ? e->departure_bytes : 0);
    if (length < at + COUNT_BYTES)
        return;
    uint32_t count = (uint32_t)ehr_hotstuff_get(body + at, COUNT_BYTES);
    if (length != at + COUNT_BYTES + (size_t)count * EHR_HOTSTUFF_NODE_BYTES ||
        ehr_hotstuff_get(body, 8) != message->height)
        return;
    take_nodes(e, body + at + COUNT_BYTES, count);
    if (message->height > e->high.node.view && ehr_hotstuff_certificate_read(e, body, &shown))
        ehr_hotstuff_learn(e, &shown, message->sender);
    if (departure != NULL && ehr_hotstuff_after(e, ehr_hotstuff_get(departure, 8)) > e->view &&
        ehr_hotstuff_departure_read(e, departure, &key, &bound))
        ehr_hotstuff_departure_take(e, key, departure);
    ehr_hotstuff_retry(e);
}
