/* The log: a ring of blocks by height above `base`, and the term of the last entry.
 *
 * Records replay to the same log: an entry, or a barrier, is written only when it goes to the end,
 * so that whatever was recorded before it at its height or above is void. */
#include "sim/consensus/raft/raft.h"

struct ehr_raft_slot *ehr_raft_slot(const struct ehr_engine *e, uint64_t height)
{
    return &e->slots[height & e->mask];
}

uint64_t ehr_raft_term_at(const struct ehr_engine *e, uint64_t height)
{
    assert(height >= e->base.height && height <= e->last);
    return height == e->base.height ? e->base.term : ehr_raft_slot(e, height)->term;
}

const struct ehr_digest *ehr_raft_block_at(const struct ehr_engine *e, uint64_t height)
{
    assert(height >= e->base.height && height <= e->last);
    return height == e->base.height ? &e->base.block : &ehr_raft_slot(e, height)->block;
}

bool ehr_raft_log_full(const struct ehr_engine *e)
{
    return e->last - e->base.height >= e->span;
}

void ehr_raft_log_put_replayed(struct ehr_engine *e, uint64_t height, uint64_t term,
                               const struct ehr_digest *block)
{
    assert(height > e->base.height && height <= e->last + 1);
    assert(height - e->base.height <= e->span);
    struct ehr_raft_slot *slot = ehr_raft_slot(e, height);
    slot->term = term;
    slot->block = *block;
    slot->acks = 0;
    e->last = height;
    e->log_term = term;
}

void ehr_raft_log_put(struct ehr_engine *e, uint64_t height, uint64_t term,
                      const struct ehr_digest *block)
{
    assert(height > e->committed); /* what is committed is never overwritten */
    ehr_raft_log_put_replayed(e, height, term, block);
    ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_APPEND, term, height, block, NULL, 0);
}

void ehr_raft_log_barrier(struct ehr_engine *e, uint64_t height, uint64_t term)
{
    assert(height >= e->committed && height <= e->last && term >= ehr_raft_term_at(e, height));
    e->last = height;
    e->log_term = term;
    ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_APPEND, term, height, NULL, NULL, 0);
}

void ehr_raft_log_restart(struct ehr_engine *e, const struct ehr_raft_point *point)
{
    e->base = *point;
    e->last = point->height;
    e->log_term = point->term;
}

bool ehr_raft_log_up_to_date(const struct ehr_engine *e, uint64_t term, uint64_t height)
{
    return term != e->log_term ? term > e->log_term : height >= e->last;
}

void ehr_raft_commit(struct ehr_engine *e, uint64_t height)
{
    assert(height <= e->last);
    while (e->committed < height)
        ehr_raft_emit_commit(e, ++e->committed);
}
