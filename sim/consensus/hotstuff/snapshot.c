/* A canonical picture of the state, for the determinism tests. */
#include "sim/consensus/hotstuff/hotstuff.h"
#include "sim/consensus/picture.h"

static void put_tally(struct ehr_picture *p, const struct ehr_engine *e,
                      const struct ehr_hotstuff_tally *tally)
{
    ehr_picture_number(p, tally->at);
    if (tally->at == 0)
        return;
    ehr_picture_number(p, tally->done);
    ehr_picture_number(p, tally->count);
    ehr_picture_number(p, tally->stray_count);
    ehr_picture_bytes(p, tally->digest.bytes, 32);
    for (uint32_t i = 0; i < e->words; i++) {
        ehr_picture_number(p, tally->seen[i]);
        ehr_picture_number(p, tally->voted[i]);
    }
}

size_t ehr_hotstuff_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity)
{
    struct ehr_picture p = {.out = out, .capacity = capacity};
    const uint64_t numbers[] = {
        e->view,
        e->barrier,
        e->changes,
        e->voted_view,
        e->locked_view,
        e->high.node.view,
        e->ahead.present,
        e->ahead.node.view,
        e->named.node.view,
        e->root.view,
        e->root.height,
        e->root_loose,
        e->committed,
        e->executed,
        e->told,
        e->tip,
        e->stable,
        e->own_height,
        e->fetched,
        e->waiting,
        e->oldest,
        e->timer_armed,
        e->timer_generation,
        e->need_armed,
        e->need_generation,
        e->patience,
        e->held_view,
        e->needing,
        e->needed_until_ns,
        e->peer,
        e->batch.unproposed,
        e->batch.outstanding,
        e->certified.height,
        e->checkpoint_base,
        e->node_count,
        e->departure_present,
        e->departure_key,
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        ehr_picture_number(&p, numbers[i]);
    ehr_picture_bytes(&p, e->voted.id.bytes, 32);
    ehr_picture_bytes(&p, e->locked.bytes, 32);
    ehr_picture_bytes(&p, e->high.node.id.bytes, 32);
    ehr_picture_bytes(&p, e->root.id.bytes, 32);
    ehr_picture_bytes(&p, e->certified.state.bytes, 32);
    for (uint32_t i = 0; i < e->node_count; i++)
        ehr_picture_bytes(&p, e->nodes[i].id.bytes, 32);
    for (uint32_t i = 0; i < EHR_HOTSTUFF_TALLIES; i++) {
        put_tally(&p, e, &e->tallies[i]);
        put_tally(&p, e, &e->checkpoints[i]);
    }
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        ehr_picture_number(&p, e->timeouts[i].present ? e->timeouts[i].key + 1 : 0);
        ehr_picture_number(&p, e->timeouts[i].high);
        ehr_picture_number(&p, e->latest[i].height);
    }
    return p.length;
}
