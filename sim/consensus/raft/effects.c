/* What a step asks the node to do, in order. */
#include "sim/consensus/raft/raft.h"

void ehr_raft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest, const uint8_t *proof, uint32_t length)
{
    struct ehr_engine_record *record = ehr_effect_persist(e->out, type, view, height, digest);
    record->proof = proof;
    record->proof_length = length;
}

struct ehr_engine_message *ehr_raft_emit_send(struct ehr_engine *e, uint16_t to, uint8_t type,
                                              uint64_t view, uint64_t height, const uint8_t *body,
                                              uint32_t length)
{
    struct ehr_engine_message *message =
        ehr_effect_send(e->out, &e->config, to, type, view, height, NULL);
    if (message == NULL)
        return NULL;
    message->body = body;
    message->body_length = length;
    return message;
}

void ehr_raft_emit_propose(struct ehr_engine *e)
{
    ehr_effect_propose(e->out, &e->config, e->term, e->last + 1, ehr_raft_block_at(e, e->last));
}

void ehr_raft_emit_commit(struct ehr_engine *e, uint64_t height)
{
    ehr_effect_commit(e->out, e->term, height, ehr_raft_block_at(e, height));
}

void ehr_raft_emit_new_view(struct ehr_engine *e, uint16_t leader, uint32_t kept_count,
                            bool timed_out)
{
    struct ehr_effect *effect = ehr_effect_next(e->out, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = e->term;
    effect->as.new_view.leader = leader;
    effect->as.new_view.kept = kept_count > 0 ? e->list : NULL;
    effect->as.new_view.kept_count = kept_count;
    effect->as.new_view.timed_out = timed_out;
}

uint8_t *ehr_raft_small(struct ehr_engine *e)
{
    assert(e->small_count < EHR_RAFT_SMALLS);
    return e->small[e->small_count++];
}
