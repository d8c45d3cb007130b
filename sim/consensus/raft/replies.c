/* The leader hears its followers: counts what they hold, and brings those that miss something up to
 * date, one message at a time. */
#include "sim/consensus/raft/raft.h"

static void snapshot_send(struct ehr_engine *e, uint16_t to)
{
    uint8_t *body = ehr_raft_small(e);
    uint32_t length = ehr_raft_point_encode(body, &e->checkpoint);
    ehr_raft_emit_send(e, to, EHR_ENGINE_RAFT_SNAPSHOT, e->term, e->checkpoint.height, body,
                       length);
}

/* Entries from `next` on, at most a window of them; the checkpoint where the log begins above. */
static void repair(struct ehr_engine *e, uint16_t to, uint64_t next)
{
    struct ehr_raft_peer *peer = &e->peers[to];
    peer->repairing = EHR_RAFT_REPAIR_TICKS;
    peer->probe = peer->sent = next - 1;
    if (next <= e->base.height) {
        peer->probe = peer->sent = e->checkpoint.height;
        snapshot_send(e, to);
        return;
    }
    assert(!e->long_used);
    e->long_used = true;
    struct ehr_raft_append append = {
        .prev_term = ehr_raft_term_at(e, next - 1), .commit = e->committed, .answer = true};
    while (peer->sent < e->last && append.count < e->config.window) {
        uint64_t h = ++peer->sent;
        e->list[append.count] = *ehr_raft_block_at(e, h);
        ehr_raft_entry_encode(e->chunk + EHR_RAFT_APPEND_BYTES +
                                  (size_t)append.count++ * EHR_RAFT_ENTRY_BYTES,
                              ehr_raft_term_at(e, h), ehr_raft_block_at(e, h));
    }
    append.end_term = peer->sent >= e->barrier ? e->term : ehr_raft_term_at(e, peer->sent);
    uint32_t length = ehr_raft_append_encode(e->chunk, &append);
    struct ehr_engine_message *message =
        ehr_raft_emit_send(e, to, EHR_ENGINE_RAFT_APPEND, e->term, peer->probe, e->chunk, length);
    message->carried = e->list;
    message->carried_count = append.count;
}

/* ATC'14, 5.3 and 5.4.2: an entry of this term is committed when a majority holds it, and with it
 * everything below. The barrier is this term's too: it stands for its height. */
static void count(struct ehr_engine *e, struct ehr_raft_peer *peer, uint64_t match)
{
    uint64_t from = peer->counted + 1, reached = 0;
    if (from <= e->committed)
        from = e->committed + 1;
    if (from < e->barrier)
        from = e->barrier;
    for (uint64_t h = from; h <= match; h++)
        if (++ehr_raft_slot(e, h)->acks + 1 >= e->majority)
            reached = h;
    if (peer->counted < match)
        peer->counted = match;
    if (reached > e->committed)
        ehr_raft_commit(e, reached);
}

static void on_success(struct ehr_engine *e, const struct ehr_engine_message *m, uint64_t term)
{
    struct ehr_raft_peer *peer = &e->peers[m->sender];
    if (m->height > e->last)
        return;
    if (peer->match < m->height)
        peer->match = m->height;
    if (term == e->term)
        count(e, peer, m->height);
    if (peer->repairing > 0 && peer->match >= peer->sent) {
        peer->repairing = 0;
        if (peer->match < e->last)
            repair(e, m->sender, peer->match + 1);
    }
    ehr_raft_try_propose(e);
    ehr_raft_notice(e);
}

/* ATC'14, 5.3: the next index skips all entries of the conflicting term, one message per term. */
static void on_refusal(struct ehr_engine *e, const struct ehr_engine_message *m,
                       const struct ehr_raft_append_reply *reply)
{
    struct ehr_raft_peer *peer = &e->peers[m->sender];
    if (reply->prev <= peer->match || reply->prev > e->last ||
        (peer->repairing > 0 && reply->prev != peer->probe))
        return; /* overtaken, or answered by what is on its way */
    uint64_t next = reply->term == 0 ? m->height + 1 : m->height;
    if (next > reply->prev)
        next = reply->prev;
    if (next <= peer->match)
        next = peer->match + 1;
    repair(e, m->sender, next);
}

void ehr_raft_on_append_reply(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_append_reply reply;
    if (e->role != EHR_RAFT_LEADER || m->view != e->term || !ehr_raft_reply_decode(m, &reply))
        return;
    e->peers[m->sender].heard_ns = e->now_ns;
    if (reply.success)
        on_success(e, m, reply.term);
    else
        on_refusal(e, m, &reply);
}
