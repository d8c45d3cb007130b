/* A canonical picture of the state, for the tests that compare two runs step by step. */
#include "sim/consensus/raft/raft.h"
#include "sim/consensus/picture.h"

static void put_point(struct ehr_picture *picture, const struct ehr_raft_point *point)
{
    ehr_picture_number(picture, point->height);
    ehr_picture_number(picture, point->term);
    ehr_picture_bytes(picture, point->block.bytes, sizeof(point->block.bytes));
    ehr_picture_bytes(picture, point->state.bytes, sizeof(point->state.bytes));
}

static void put_position(struct ehr_picture *picture, const struct ehr_engine *e)
{
    const uint64_t numbers[] = {
        (uint64_t)e->role,
        e->term,
        e->voted,
        e->leader,
        e->hint,
        e->granted,
        e->attempts,
        e->last,
        e->log_term,
        e->committed,
        e->executed,
        e->barrier,
        e->fetched,
        e->told,
        e->broadcast_ns,
        e->heard_ns,
        e->heard,
        e->deadline_ns,
        e->fires_ns,
        e->batch.armed,
        e->batch.due,
        e->batch.outstanding,
        e->batch.unproposed,
        e->batch.generation,
        e->election_generation,
        e->heartbeat_generation,
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        ehr_picture_number(picture, numbers[i]);
}

size_t ehr_raft_picture(const struct ehr_engine *e, uint8_t *out, size_t capacity)
{
    struct ehr_picture picture = {.out = out, .capacity = capacity};
    put_position(&picture, e);
    put_point(&picture, &e->base);
    put_point(&picture, &e->checkpoint);
    for (uint64_t h = e->base.height + 1; h <= e->last; h++) {
        const struct ehr_raft_slot *slot = ehr_raft_slot(e, h);
        ehr_picture_number(&picture, slot->term);
        ehr_picture_number(&picture, slot->acks);
        ehr_picture_bytes(&picture, slot->block.bytes, sizeof(slot->block.bytes));
    }
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        const struct ehr_raft_peer *peer = &e->peers[i];
        const uint64_t numbers[] = {peer->match, peer->counted,   peer->heard_ns, peer->probe,
                                    peer->sent,  peer->repairing, peer->granted};
        for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
            ehr_picture_number(&picture, numbers[k]);
    }
    return picture.length;
}
