/* A canonical picture of the state, for the determinism tests. */
#include "sim/consensus/hotstuff/hotstuff.h"

struct picture {
    uint8_t *out;
    size_t capacity, at;
};

static void put(struct picture *p, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    for (size_t i = 0; i < length; i++, p->at++)
        if (p->at < p->capacity)
            p->out[p->at] = from[i];
}

static void put_number(struct picture *p, uint64_t value)
{
    uint8_t bytes[8];
    ehr_hotstuff_put(bytes, value, sizeof(bytes));
    put(p, bytes, sizeof(bytes));
}

static void put_tally(struct picture *p, const struct ehr_engine *e,
                      const struct ehr_hotstuff_tally *tally)
{
    put_number(p, tally->at);
    if (tally->at == 0)
        return;
    put_number(p, tally->done);
    put_number(p, tally->count);
    put_number(p, tally->stray_count);
    put(p, tally->digest.bytes, 32);
    for (uint32_t i = 0; i < e->words; i++) {
        put_number(p, tally->seen[i]);
        put_number(p, tally->voted[i]);
    }
}

size_t ehr_hotstuff_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity)
{
    struct picture p = {.out = out, .capacity = capacity};
    const uint64_t numbers[] = {
        e->view,
        e->barrier,
        e->changes,
        e->voted_view,
        e->locked_view,
        e->high.node.view,
        e->ahead.present,
        e->ahead.node.view,
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
        put_number(&p, numbers[i]);
    put(&p, e->voted.id.bytes, 32);
    put(&p, e->locked.bytes, 32);
    put(&p, e->high.node.id.bytes, 32);
    put(&p, e->root.id.bytes, 32);
    put(&p, e->certified.state.bytes, 32);
    for (uint32_t i = 0; i < e->node_count; i++)
        put(&p, e->nodes[i].id.bytes, 32);
    for (uint32_t i = 0; i < EHR_HOTSTUFF_TALLIES; i++) {
        put_tally(&p, e, &e->tallies[i]);
        put_tally(&p, e, &e->checkpoints[i]);
    }
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        put_number(&p, e->timeouts[i].present ? e->timeouts[i].key + 1 : 0);
        put_number(&p, e->timeouts[i].high);
        put_number(&p, e->latest[i].height);
    }
    return p.at;
}
