/* The centralised baseline: replica 0 decides, the others follow.
 *
 * Tolerates no fault: it is what the blockchain is compared with. A block is decided when the
 * sequencer has persisted it; followers take decisions in order of height, on trust. A follower
 * that has missed some asks for the state of a checkpoint. */
#include "sim/consensus/batch.h"
#include "sim/consensus/effects.h"
#include "sim/consensus/picture.h"

#include <assert.h>
#include <string.h>

struct slot {
    uint64_t height; /* 0: unused */
    struct ehr_digest block;
    struct ehr_digest parent;
};

struct ehr_engine {
    struct ehr_engine_config config;
    struct ehr_batch batch;
    bool started;
    uint64_t committed, executed;
    uint64_t fetched;    /* height of the last FETCH */
    uint64_t checkpoint; /* highest the sequencer spoke of, with its state */
    struct ehr_digest state;
    struct ehr_digest last; /* block at `committed` */
    bool last_known;
    uint32_t waiting;
    uint64_t oldest;
    bool request_armed;
    uint32_t request_generation;
    struct slot *slots; /* window, by height: decisions that came early; the sequencer's own */
    const struct ehr_engine_auth *auth;
    struct ehr_effects *out;
};

static size_t head_bytes(void)
{
    return (sizeof(struct ehr_engine) + 15) / 16 * 16;
}

static size_t solo_size(const struct ehr_engine_config *config)
{
    assert(config->replicas >= 1 && config->replicas <= EHR_ENGINE_REPLICAS_MAX);
    assert(config->self < config->replicas && config->batch_max >= 1);
    assert(config->window >= 1 && config->checkpoint_interval >= 1);
    return head_bytes() + config->window * sizeof(struct slot);
}

static uint32_t solo_effects_max(const struct ehr_engine_config *config)
{
    return 3 * config->window + 8;
}

static struct ehr_engine *solo_init(void *storage, const struct ehr_engine_config *config,
                                    const struct ehr_engine_memory *memory)
{
    (void)memory;
    memset(storage, 0, solo_size(config));
    struct ehr_engine *e = storage;
    e->config = *config;
    e->slots = (struct slot *)(void *)((uint8_t *)storage + head_bytes());
    return e;
}

static void solo_close(struct ehr_engine *e)
{
    (void)e;
}

static struct ehr_engine_message *emit_send(struct ehr_engine *e, uint8_t type, uint64_t height,
                                            const struct ehr_digest *digest)
{
    return ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, type, 0, height, digest);
}

static bool sequencer(const struct ehr_engine *e)
{
    return e->config.self == 0;
}

static struct slot *slot_of(const struct ehr_engine *e, uint64_t height)
{
    return &e->slots[height % e->config.window];
}

static void commit(struct ehr_engine *e, const struct slot *slot)
{
    e->committed = slot->height;
    e->last = slot->block;
    e->last_known = true;
    ehr_effect_commit(e->out, 0, slot->height, &slot->block);
}

static void announce(struct ehr_engine *e, const struct slot *slot)
{
    struct ehr_engine_message *message =
        emit_send(e, EHR_ENGINE_PRE_PREPARE, slot->height, &slot->block);
    if (message == NULL)
        return;
    message->carried = &slot->block;
    message->carried_count = 1;
}

static void try_propose(struct ehr_engine *e)
{
    if (!sequencer(e) || e->committed - e->executed >= e->config.window)
        return;
    if (ehr_batch_begin(&e->batch, e->out, &e->config, e->committed == e->executed))
        ehr_effect_propose(e->out, &e->config, 0, e->committed + 1, &e->last);
}

/* A sequencer commits again what it had decided but not executed when it stopped. */
static void on_start(struct ehr_engine *e, const struct ehr_event *event)
{
    e->started = true;
    e->committed = e->executed = event->as.start.height;
    e->last = event->as.start.block;
    e->last_known = true;
    for (uint32_t i = 0; sequencer(e) && i < event->as.start.record_count; i++) {
        const struct ehr_engine_record *record = &event->as.start.records[i];
        if (record->type != EHR_ENGINE_PRE_PREPARE || record->height != e->committed + 1)
            continue;
        struct slot *slot = slot_of(e, record->height);
        slot->height = record->height;
        slot->block = record->digest;
        announce(e, slot);
        commit(e, slot);
    }
}

static void on_proposal(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block,
                        bool empty)
{
    if (!e->batch.outstanding)
        return;
    e->batch.outstanding = false;
    if (empty || height != e->committed + 1) {
        e->batch.unproposed = empty ? 0 : e->batch.unproposed;
        return;
    }
    struct slot *slot = slot_of(e, height);
    slot->height = height;
    slot->block = *block;
    ehr_effect_persist(e->out, EHR_ENGINE_PRE_PREPARE, 0, height, block);
    announce(e, slot);
    commit(e, slot);
    try_propose(e);
}

static void follow(struct ehr_engine *e)
{
    for (;;) {
        struct slot *slot = slot_of(e, e->committed + 1);
        if (slot->height != e->committed + 1 ||
            (e->last_known && memcmp(slot->parent.bytes, e->last.bytes, 32) != 0))
            return;
        commit(e, slot);
    }
}

static void fetch(struct ehr_engine *e)
{
    if (e->checkpoint <= e->committed || e->fetched >= e->checkpoint)
        return;
    e->fetched = e->checkpoint;
    ehr_effect_fetch(e->out, 0, e->checkpoint, &e->state);
}

static enum ehr_want solo_wants(const struct ehr_engine *e,
                                const struct ehr_engine_message *message)
{
    bool reach =
        message->height > e->committed && message->height - e->committed <= e->config.window;
    bool decision = message->type == EHR_ENGINE_PRE_PREPARE && reach &&
                    slot_of(e, message->height)->height != message->height;
    bool checkpoint = message->type == EHR_ENGINE_CHECKPOINT && message->height > e->checkpoint &&
                      message->height > e->committed;
    bool wanted = !sequencer(e) && message->sender == 0 && (decision || checkpoint);
    return wanted ? EHR_WANT_VERIFY : EHR_WANT_DROP;
}

static void on_receive(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    if (solo_wants(e, message) == EHR_WANT_DROP)
        return;
    if (message->type == EHR_ENGINE_CHECKPOINT) {
        e->checkpoint = message->height;
        e->state = message->digest;
        if (message->height - e->committed > e->config.checkpoint_interval)
            fetch(e); /* more than the messages on their way */
        return;
    }
    struct ehr_digest parent;
    if (!e->auth->block_parent(e->auth->context, &message->digest, &parent))
        return;
    struct slot *slot = slot_of(e, message->height);
    slot->height = message->height;
    slot->block = message->digest;
    slot->parent = parent;
    follow(e);
}

static void on_installed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block)
{
    if (height <= e->committed)
        return;
    e->committed = e->executed = height;
    e->last = *block;
    e->last_known = true;
    follow(e);
}

/* What block synchronisation brings is the sequencer's as well. */
static void on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                        const struct ehr_digest *block)
{
    if (height > e->committed && !sequencer(e))
        on_installed(e, height, block);
    if (height <= e->executed || height > e->committed)
        return;
    e->executed = height;
    if (sequencer(e) && height % e->config.checkpoint_interval == 0)
        emit_send(e, EHR_ENGINE_CHECKPOINT, height, state);
    try_propose(e);
}

/* Nobody else can lead: the timer only looks for a state to catch up with. */
static void on_pending(struct ehr_engine *e, uint32_t unproposed, uint32_t waiting, uint64_t oldest)
{
    bool restart = waiting > 0 && (oldest != e->oldest || !e->request_armed);
    e->batch.unproposed = unproposed;
    e->waiting = waiting;
    e->oldest = oldest;
    if (!sequencer(e) && (restart || (waiting == 0 && e->request_armed))) {
        e->request_armed = waiting > 0;
        ehr_effect_timer(e->out, EHR_ENGINE_TIMER_REQUEST, ++e->request_generation,
                         waiting > 0 ? e->config.request_timeout_ns : 0);
    }
    try_propose(e);
}

static void on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation)
{
    if (id == EHR_ENGINE_TIMER_BATCH) {
        ehr_batch_expired(&e->batch, generation);
        try_propose(e);
    } else if (id == EHR_ENGINE_TIMER_REQUEST && e->request_armed &&
               generation == e->request_generation) {
        fetch(e);
        ehr_effect_timer(e->out, EHR_ENGINE_TIMER_REQUEST, ++e->request_generation,
                         e->config.request_timeout_ns);
    }
}

static void solo_step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                      const struct ehr_event *event, struct ehr_effects *effects)
{
    assert(e->started == (event->type != EHR_EVENT_START));
    e->auth = auth;
    e->out = effects;
    effects->count = 0;
    switch (event->type) {
    case EHR_EVENT_START:
        on_start(e, event);
        break;
    case EHR_EVENT_RECEIVE:
        on_receive(e, event->as.receive.message);
        break;
    case EHR_EVENT_TIMER:
        on_timer(e, event->as.timer.id, event->as.timer.generation);
        break;
    case EHR_EVENT_PENDING:
        on_pending(e, event->as.pending.unproposed, event->as.pending.waiting,
                   event->as.pending.oldest);
        break;
    case EHR_EVENT_PROPOSAL:
        on_proposal(e, event->as.proposal.height, &event->as.proposal.block,
                    event->as.proposal.empty);
        break;
    case EHR_EVENT_EXECUTED:
        on_executed(e, event->as.executed.height, &event->as.executed.state,
                    &event->as.executed.block);
        break;
    case EHR_EVENT_INSTALLED:
        on_installed(e, event->as.installed.height, &event->as.installed.block);
        break;
    }
    e->auth = NULL;
    e->out = NULL;
}

static uint64_t solo_view(const struct ehr_engine *e)
{
    (void)e;
    return 0;
}

static uint16_t solo_leader(const struct ehr_engine *e)
{
    (void)e;
    return 0;
}

static uint32_t solo_certificate_quorum(uint32_t replicas)
{
    (void)replicas;
    return 1;
}

static size_t solo_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity)
{
    const uint64_t numbers[] = {
        e->committed,         e->executed,    e->fetched,          e->checkpoint,
        e->batch.unproposed,  e->batch.armed, e->batch.generation, e->batch.due,
        e->batch.outstanding, e->waiting,     e->oldest,           e->request_generation,
    };
    struct ehr_picture picture = {.out = out, .capacity = capacity};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        ehr_picture_number(&picture, numbers[i]);
    ehr_picture_bytes(&picture, e->last.bytes, sizeof(e->last.bytes));
    for (uint32_t i = 0; i < e->config.window; i++) {
        const struct slot *slot = &e->slots[i];
        if (slot->height <= e->committed)
            continue;
        ehr_picture_number(&picture, slot->height);
        ehr_picture_bytes(&picture, slot->block.bytes, sizeof(slot->block.bytes));
    }
    return picture.length;
}

/* What the node has to know of the messages; the names stand in consensus.csv. */
static const struct ehr_engine_message_kind kinds[] = {
    [EHR_ENGINE_PRE_PREPARE] = {"decision", EHR_ENGINE_CARRIES_PROPOSAL, EHR_ENGINE_KEEPS_HEIGHTS,
                                true},
    [EHR_ENGINE_CHECKPOINT] = {"checkpoint", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS,
                               false},
};

const struct ehr_engine_type ehr_solo_engine_type = {
    .name = "solo",
    .size = solo_size,
    .effects_max = solo_effects_max,
    .init = solo_init,
    .close = solo_close,
    .wants = solo_wants,
    .step = solo_step,
    .view = solo_view,
    .leader = solo_leader,
    .certificate_quorum = solo_certificate_quorum,
    .pairwise = UINT32_MAX, /* it has no certificates at all */
    .kinds = kinds,
    .kind_count = sizeof(kinds) / sizeof(kinds[0]),
    .trust = "single",
    .snapshot = solo_snapshot,
};
