/* Views and who leads them. */
#include "sim/consensus/hotstuff/hotstuff.h"

bool ehr_hotstuff_same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

uint16_t ehr_hotstuff_leader(const struct ehr_engine *e, uint64_t view)
{
    uint64_t turn = e->config.fixed_leader ? view >> EHR_HOTSTUFF_EPOCH : view;
    return (uint16_t)(turn % e->config.replicas);
}

bool ehr_hotstuff_leads(const struct ehr_engine *e)
{
    return ehr_hotstuff_leader(e, e->view) == e->config.self;
}

uint64_t ehr_hotstuff_key(const struct ehr_engine *e, uint64_t view)
{
    return e->config.fixed_leader ? view >> EHR_HOTSTUFF_EPOCH << EHR_HOTSTUFF_EPOCH : view;
}

uint64_t ehr_hotstuff_after(const struct ehr_engine *e, uint64_t key)
{
    return key + (e->config.fixed_leader ? UINT64_C(1) << EHR_HOTSTUFF_EPOCH : 1);
}

bool ehr_hotstuff_left(const struct ehr_engine *e)
{
    return e->view < e->barrier;
}
