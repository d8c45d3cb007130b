/* The follower: takes entries from its leader (ATC'14, figure 2, AppendEntries). */
#include "sim/consensus/raft/raft.h"

void ehr_raft_reply(struct ehr_engine *e, uint16_t to, bool success, uint64_t height, uint64_t term,
                    uint64_t prev)
{
    struct ehr_raft_append_reply reply = {.success = success, .term = term, .prev = prev};
    uint8_t *body = ehr_raft_small(e);
    uint32_t length = ehr_raft_reply_encode(body, &reply);
    ehr_raft_emit_send(e, to, EHR_ENGINE_RAFT_APPEND_REPLY, e->term, height, body, length);
}

void ehr_raft_obey(struct ehr_engine *e, uint16_t leader)
{
    e->role = EHR_RAFT_FOLLOWER;
    e->heard = true;
    e->heard_ns = e->now_ns;
    e->attempts = 0;
    ehr_raft_patience(e);
    if (e->leader == leader)
        return;
    e->leader = e->hint = leader;
    ehr_raft_emit_new_view(e, leader, 0, false); /* counted where it was elected */
}

/* The lowest uncommitted height of the term that stands where another was expected. */
static uint64_t first_of_term(const struct ehr_engine *e, uint64_t height)
{
    uint64_t term = ehr_raft_term_at(e, height);
    while (height - 1 > e->committed && ehr_raft_term_at(e, height - 1) == term)
        height--;
    return height;
}

static bool consistent(struct ehr_engine *e, const struct ehr_engine_message *m,
                       const struct ehr_raft_append *append)
{
    uint64_t prev = m->height;
    if (prev <= e->committed) /* leader completeness: it cannot be another entry */
        return true;
    if (prev <= e->last && ehr_raft_term_at(e, prev) == append->prev_term)
        return true;
    if (!append->answer)
        return false;
    if (prev > e->last)
        ehr_raft_reply(e, m->sender, false, e->last, 0, prev);
    else
        ehr_raft_reply(e, m->sender, false, first_of_term(e, prev), ehr_raft_term_at(e, prev),
                       prev);
    return false;
}

static bool acceptable(const struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    struct ehr_digest parent;
    return height - e->base.height <= e->span &&
           e->auth->block_parent(e->auth->context, block, &parent) &&
           memcmp(parent.bytes, ehr_raft_block_at(e, height - 1)->bytes, sizeof(parent.bytes)) == 0;
}

/* "If an existing entry conflicts with a new one (same index but different terms), delete the
 * existing entry and all that follow it. Append any new entries not already in the log." Returns
 * the height up to which the log now equals the message. */
static uint64_t take_entries(struct ehr_engine *e, uint64_t prev,
                             const struct ehr_raft_append *append)
{
    uint64_t end = prev;
    for (uint32_t i = 0; i < append->count; i++) {
        uint64_t height = prev + 1 + i, term;
        struct ehr_digest block;
        ehr_raft_entry_decode(append->entries + (size_t)i * EHR_RAFT_ENTRY_BYTES, &term, &block);
        bool held =
            height <= e->committed || (height <= e->last && ehr_raft_term_at(e, height) == term);
        if (!held && !acceptable(e, height, &block))
            break;
        if (!held)
            ehr_raft_log_put(e, height, term, &block);
        end = height;
    }
    return end;
}

/* The barrier on top of `end` is an entry like others: what follows there in another term goes. */
static void take_barrier(struct ehr_engine *e, uint64_t end, uint64_t term)
{
    if (end < e->committed || ehr_raft_term_at(e, end) >= term)
        return;
    uint64_t follows = e->last == end ? e->log_term : ehr_raft_term_at(e, end + 1);
    if (follows != term)
        ehr_raft_log_barrier(e, end, term);
}

void ehr_raft_on_append(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_append append;
    if (!ehr_raft_append_decode(m, &append) || append.count > e->config.window)
        return;
    if (m->view < e->term) {
        if (append.answer)
            ehr_raft_reply(e, m->sender, false, e->last, 0, m->height);
        return;
    }
    ehr_raft_obey(e, m->sender);
    if (!consistent(e, m, &append))
        return;
    uint64_t end = take_entries(e, m->height, &append), whole = m->height + append.count;
    uint64_t term = end == whole ? append.end_term : 0;
    if (end == whole)
        take_barrier(e, end, term);
    uint64_t commit = append.commit < end ? append.commit : end;
    if (commit > e->committed)
        ehr_raft_commit(e, commit);
    if (append.answer)
        ehr_raft_reply(e, m->sender, true, end, term, m->height);
}
