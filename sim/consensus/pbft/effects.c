/* What a step asks the node to do, in order. */
#include "sim/consensus/pbft/pbft.h"

void ehr_pbft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest)
{
    ehr_pbft_emit_persist_proof(e, type, view, height, digest, NULL, 0);
}

void ehr_pbft_emit_persist_proof(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                                 const struct ehr_digest *digest, const uint8_t *proof,
                                 uint32_t proof_count)
{
    struct ehr_engine_record *record = ehr_effect_persist(e->out, type, view, height, digest);
    if (proof != NULL && proof_count > 0) {
        record->proof = proof;
        record->proof_length = EHR_PBFT_FLAG_BYTES + proof_count * EHR_PBFT_SIGNER_BYTES;
    }
}

void ehr_pbft_emit_propose(struct ehr_engine *e)
{
    ehr_effect_propose(e->out, &e->config, e->view, e->top + 1, &e->top_block);
}

void ehr_pbft_emit_commit(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    ehr_effect_commit(e->out, e->view, height, block);
}

void ehr_pbft_emit_new_view(struct ehr_engine *e, uint64_t view, uint32_t carried)
{
    struct ehr_effect *effect = ehr_effect_next(e->out, EHR_EFFECT_NEW_VIEW);
    effect->as.new_view.view = view;
    effect->as.new_view.leader = ehr_pbft_primary(e, view);
    effect->as.new_view.carried = carried;
    effect->as.new_view.timed_out = true;
}
