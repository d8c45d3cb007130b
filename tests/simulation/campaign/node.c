/* The node around an engine: pool, execution, state transfer, and performing effects. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/engine_cluster.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static struct ehr_engine_config config_of(const struct ehr_world *w, uint16_t replica)
{
    struct ehr_engine_config config = w->setup.config;
    config.self = replica;
    return config;
}

void ehr_node_open(struct ehr_world *w, uint16_t index, uint16_t replica)
{
    struct ehr_instance *i = &w->instances[index];
    struct ehr_instance kept = *i;
    struct ehr_engine_config config = config_of(w, replica);
    memset(i, 0, offsetof(struct ehr_instance, queue));
    i->storage = kept.storage;
    i->storage_bytes = kept.storage_bytes;
    i->effects = kept.effects;
    i->effects_room = kept.effects_room;
    i->records = kept.records;
    i->record_room = kept.record_room;
    i->record_limit = 64;
    i->world = w;
    i->index = index;
    i->replica = replica;
    i->byzantine = replica < w->setup.liars;
    size_t bytes = w->setup.type->size(&config);
    uint32_t effects = w->setup.type->effects_max(&config);
    if (bytes > i->storage_bytes) {
        i->storage = realloc(i->storage, bytes);
        i->storage_bytes = bytes;
    }
    if (effects > i->effects_room) {
        i->effects.item = realloc(i->effects.item, effects * sizeof(struct ehr_effect));
        i->effects_room = effects;
    }
    i->effects.capacity = effects;
    assert(i->storage != NULL && i->effects.item != NULL);
}

static void stop(struct ehr_world *w, struct ehr_instance *i)
{
    if (i->engine == NULL)
        return;
    w->setup.type->close(i->engine);
    i->engine = NULL;
    if (i->lent != 0)
        ehr_world_broken(w, "memory kept", "r%u keeps %" PRIu64 " bytes it was lent", i->replica,
                         i->lent);
    i->lent = 0;
}

void ehr_node_close(struct ehr_world *w, struct ehr_instance *i)
{
    stop(w, i);
    ehr_node_records_drop(w, i);
}

/* What the node says of a height it has executed. */
static void state_of(const struct ehr_world *w, const struct ehr_instance *i, uint64_t height,
                     struct ehr_digest *block, struct ehr_digest *state)
{
    bool latest = height == i->executed;
    *block = latest ? i->block : w->bodies[w->chain[height]].digest;
    *state = latest ? i->state : w->states[height];
}

void ehr_node_start(struct ehr_world *w, struct ehr_instance *i)
{
    struct ehr_engine_config config = config_of(w, i->replica);
    struct ehr_engine_memory memory = ehr_host_memory(i);
    i->engine = w->setup.type->init(i->storage, &config, &memory);
    i->up = true;
    i->committed = i->ahead = i->decided;
    i->view = 0;
    memset(i->seen, 0, sizeof(i->seen));
    i->told = false;
    i->base = i->record_count == 0 ? 0 : UINT64_MAX;
    i->crash_at = 0;
    i->crash_type = 0;
    if (ehr_tape_chance(&w->tape, 32768)) /* it may forget, it need not */
        ehr_node_records_forget(w, i);
    struct ehr_event event = {.type = EHR_EVENT_START};
    event.as.start.records = i->record_count > 0 ? i->records : NULL;
    event.as.start.record_count = i->record_count;
    event.as.start.height = i->decided;
    if (i->decided > 0)
        state_of(w, i, i->decided, &event.as.start.block, &event.as.start.state);
    i->pool_changed = true;
    i->born = i->record_count > 0 ? 0 : i->decided;
    ehr_node_feed(w, i, &event);
    if (w->setup.rate[EHR_FAULT_SYNC] != 0 && i->record_count > 0)
        ehr_world_push(w, w->setup.transfer_ns, EHR_HAPPENING_SYNC, i->index, 0, 0);
}

/* Bodies that no record or block on disk names are gone. */
static void bodies_forget(struct ehr_world *w, const struct ehr_instance *i)
{
    uint32_t mine = 1U << i->index;
    for (uint32_t k = 0; k < w->body_count; k++)
        if ((w->bodies[k].durable & mine) == 0)
            w->bodies[k].held &= ~mine;
}

void ehr_node_crash(struct ehr_world *w, struct ehr_instance *i)
{
    w->tally.crashes++;
    i->up = false;
    i->life++;
    ehr_check_crash(w, i);
    bodies_forget(w, i);
    stop(w, i);
    if (w->trace != NULL)
        fprintf(w->trace, "%8.3f ms r%u%s crashes\n", (double)w->now_ns / 1e6, i->replica,
                i->index >= w->setup.config.replicas ? "'" : "");
}

/* ---- pool ---- */

void ehr_node_submit(struct ehr_world *w, struct ehr_instance *i, uint32_t request)
{
    (void)w;
    i->known[request / 64] |= UINT64_C(1) << request % 64;
    i->pool_changed = true;
}

void ehr_node_pool(struct ehr_world *w, struct ehr_instance *i)
{
    struct ehr_event event = {.type = EHR_EVENT_PENDING};
    if (!i->pool_changed || !i->up)
        return;
    i->pool_changed = false;
    for (uint32_t k = w->words; k-- > 0;) {
        uint64_t waiting = i->known[k] & ~i->done[k];
        if (waiting == 0)
            continue;
        event.as.pending.waiting += ehr_host_members(waiting);
        event.as.pending.unproposed += ehr_host_members(waiting & ~i->seen[k]);
        event.as.pending.oldest = 64 * (uint64_t)k + (uint64_t)__builtin_ctzll(waiting) + 1;
    }
    if (i->told && event.as.pending.unproposed == i->told_unproposed &&
        event.as.pending.waiting == i->told_waiting && event.as.pending.oldest == i->told_oldest)
        return;
    i->told = true;
    i->told_unproposed = event.as.pending.unproposed;
    i->told_waiting = event.as.pending.waiting;
    i->told_oldest = event.as.pending.oldest;
    ehr_node_feed(w, i, &event);
}

/* A block executed here promises nothing any more. */
static void propose_mark(struct ehr_world *w, struct ehr_instance *i,
                         const struct ehr_digest *digests, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        const struct ehr_body *body = ehr_host_body(w, &digests[k]);
        if (body == NULL || body->height <= i->executed)
            continue;
        for (uint32_t r = 0; r < body->count; r++)
            i->seen[body->requests[r] / 64] |= UINT64_C(1) << body->requests[r] % 64;
        i->pool_changed = true;
    }
}

void ehr_node_hold(struct ehr_world *w, struct ehr_instance *i, const struct ehr_digest *blocks,
                   uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        ehr_host_body(w, &blocks[k])->held |= 1U << i->index;
}

/* ---- effects with an answer ---- */

static uint32_t ask_new(struct ehr_world *w, uint64_t height, uint64_t view,
                        const struct ehr_digest *digest)
{
    uint32_t at = w->ask_unused;
    if (at == UINT32_MAX) {
        ehr_world_broken(w, "endless", "%u questions to the nodes are open", EHR_ASKS_MAX);
        return 0;
    }
    w->ask_unused = w->asks[at].next;
    w->asks[at] = (struct ehr_ask){.height = height, .view = view, .digest = *digest};
    return at;
}

struct ehr_ask ehr_node_ask_end(struct ehr_world *w, uint32_t at)
{
    struct ehr_ask ask = w->asks[at];
    w->asks[at].next = w->ask_unused;
    w->ask_unused = at;
    return ask;
}

void ehr_node_build(struct ehr_world *w, struct ehr_instance *i, uint32_t at)
{
    struct ehr_ask ask = ehr_node_ask_end(w, at);
    struct ehr_event answer = {.type = EHR_EVENT_PROPOSAL};
    uint16_t chosen[EHR_BLOCK_REQUESTS_MAX], count = 0;
    for (uint32_t k = 0; k < w->words && count < w->setup.config.batch_max; k++)
        for (uint64_t rest = i->known[k] & ~i->done[k] & ~i->seen[k];
             rest != 0 && count < w->setup.config.batch_max; rest &= rest - 1)
            chosen[count++] = (uint16_t)(64 * k + (uint32_t)__builtin_ctzll(rest));
    answer.as.proposal.view = ask.view;
    answer.as.proposal.height = ask.height;
    answer.as.proposal.empty = count == 0;
    if (count > 0) {
        struct ehr_body *body =
            ehr_host_body_new(w, &ask.digest, ask.height, i->replica, chosen, count);
        if (body == NULL)
            return;
        body->held = 1U << i->index;
        if (ask.view == i->view) /* else the answer is stale */
            ehr_check_built(w, i, body);
        answer.as.proposal.block = body->digest;
        propose_mark(w, i, &body->digest, 1);
    }
    ehr_node_feed(w, i, &answer);
}

static void apply(struct ehr_world *w, struct ehr_instance *i, const struct ehr_body *body)
{
    for (uint32_t k = 0; k < body->count; k++)
        i->done[body->requests[k] / 64] |= UINT64_C(1) << body->requests[k] % 64;
    i->executed++;
    i->block = body->digest;
    uint64_t h = ehr_host_mix(ehr_host_digest64(&i->state), ehr_host_digest64(&body->digest));
    ehr_host_hash((const uint8_t *)&h, sizeof(h), &i->state);
    w->bodies[body - w->bodies].durable |= 1U << i->index;
    if (!i->byzantine && i->executed > w->states_top) {
        w->states_top = i->executed;
        w->states[i->executed] = i->state;
    }
}

static void executed_feed(struct ehr_world *w, struct ehr_instance *i, uint64_t height)
{
    struct ehr_event event = {.type = EHR_EVENT_EXECUTED};
    event.as.executed.height = height;
    state_of(w, i, height, &event.as.executed.block, &event.as.executed.state);
    ehr_node_feed(w, i, &event);
}

void ehr_node_execute(struct ehr_world *w, struct ehr_instance *i, uint64_t height)
{
    if (height > i->executed + 1)
        return;
    if (height > i->executed) /* else synchronisation was there before */
        apply(w, i, &w->bodies[i->queue[height]]);
    if (height > i->decided)
        i->decided = height;
    i->pool_changed = true;
    executed_feed(w, i, height);
}

/* Executes what others have, up to a height. */
static void catch_up(struct ehr_world *w, struct ehr_instance *i, uint64_t height)
{
    while (i->executed < height) {
        struct ehr_body *body = &w->bodies[w->chain[i->executed + 1]];
        body->held |= 1U << i->index;
        apply(w, i, body);
    }
    i->pool_changed = true;
}

/* The highest that a correct replica has which this one hears, and which hears it. */
static uint64_t height_heard(const struct ehr_world *w, const struct ehr_instance *i)
{
    uint64_t height = 0;
    for (uint16_t k = 0; k < w->instance_count; k++) {
        const struct ehr_instance *other = &w->instances[k];
        if (other->up && !other->byzantine && other->executed > height && k != i->index &&
            ehr_network_linked(w, k, i->index) && ehr_network_linked(w, i->index, k))
            height = other->executed;
    }
    return height;
}

void ehr_node_transfer(struct ehr_world *w, struct ehr_instance *i, uint32_t at)
{
    uint64_t height = w->asks[at].height;
    if (i->executed < height && height_heard(w, i) < height) { /* nobody to ask: later */
        ehr_world_push(w, 4 * w->setup.transfer_ns, EHR_HAPPENING_TRANSFER, i->index, at, 0);
        return;
    }
    struct ehr_ask ask = ehr_node_ask_end(w, at);
    if (i->byzantine && height > w->states_top)
        return;
    catch_up(w, i, height);
    if (i->committed < height)
        i->committed = height;
    if (i->decided < height)
        i->decided = height;
    w->tally.transfers++;
    struct ehr_event event = {.type = EHR_EVENT_INSTALLED};
    event.as.installed.height = height;
    event.as.installed.view = ask.view;
    state_of(w, i, height, &event.as.installed.block, &event.as.installed.state);
    ehr_node_feed(w, i, &event);
}

/* The engine is told of the last checkpoint height among the blocks, and of the last block. */
void ehr_node_sync(struct ehr_world *w, struct ehr_instance *i)
{
    uint64_t before = i->executed, top = height_heard(w, i);
    uint32_t interval = w->setup.config.checkpoint_interval;
    if (top <= before || i->committed > before) /* its own come first */
        return;
    if (!w->settling)
        top -= ehr_tape_draw(&w->tape, top - before); /* a page of them */
    catch_up(w, i, top);
    w->tally.synchronised++;
    uint64_t checkpoint = top / interval * interval;
    if (top > i->decided && top > i->ahead)
        i->ahead = top;
    if (checkpoint > before && checkpoint > i->decided && checkpoint < top)
        executed_feed(w, i, checkpoint);
    if (i->up && top > i->decided)
        executed_feed(w, i, top);
}

static void commit(struct ehr_world *w, struct ehr_instance *i, const struct ehr_effect *effect)
{
    const struct ehr_body *body = ehr_host_body(w, &effect->as.commit.block);
    uint64_t height = effect->as.commit.height;
    if (body == NULL || height <= i->committed || height >= EHR_HEIGHTS_MAX)
        return; /* reported where it matters */
    i->committed = height;
    i->queue[height] = (uint32_t)(body - w->bodies);
    ehr_world_push(w, w->setup.execute_ns, EHR_HAPPENING_EXECUTE, i->index, (uint32_t)height, 0);
    if (!w->settling)
        ehr_faults_committed(w, i);
}

static void perform(struct ehr_world *w, struct ehr_instance *i, const struct ehr_effect *effect)
{
    switch (effect->type) {
    case EHR_EFFECT_PERSIST:
        ehr_node_persist(w, i, &effect->as.persist);
        break;
    case EHR_EFFECT_SEND:
        if (effect->as.send.message.type == EHR_ENGINE_NEW_VIEW) {
            i->base = effect->as.send.message.height;
            propose_mark(w, i, effect->as.send.message.carried, i->carried_over);
        }
        ehr_network_send(w, i, effect->as.send.to, &effect->as.send.message);
        break;
    case EHR_EFFECT_TIMER:
        if (effect->as.timer.delay_ns > 0)
            ehr_world_push(w, effect->as.timer.delay_ns, EHR_HAPPENING_TIMER, i->index,
                           effect->as.timer.id, effect->as.timer.generation);
        break;
    case EHR_EFFECT_PROPOSE:
        ehr_world_push(w, w->setup.build_ns, EHR_HAPPENING_BUILD, i->index,
                       ask_new(w, effect->as.propose.height, effect->as.propose.view,
                               &effect->as.propose.parent),
                       0);
        break;
    case EHR_EFFECT_COMMIT:
        commit(w, i, effect);
        break;
    case EHR_EFFECT_FETCH:
        ehr_world_push(
            w, w->setup.transfer_ns, EHR_HAPPENING_TRANSFER, i->index,
            ask_new(w, effect->as.fetch.height, effect->as.fetch.view, &effect->as.fetch.state), 0);
        break;
    case EHR_EFFECT_NEW_VIEW:
        memset(i->seen, 0, sizeof(i->seen));
        i->carried_over = effect->as.new_view.carried;
        propose_mark(w, i, effect->as.new_view.kept, effect->as.new_view.kept_count);
        i->pool_changed = true;
        i->told = false; /* the engine's figure is as old as its view */
        break;
    }
}

/* What the node does with a message after its engine. */
static void received(struct ehr_world *w, struct ehr_instance *i,
                     const struct ehr_engine_message *m)
{
    if (m->type == EHR_ENGINE_PRE_PREPARE || m->type == EHR_ENGINE_HOTSTUFF_PROPOSAL ||
        m->type == EHR_ENGINE_HOTSTUFF_CHAIN)
        propose_mark(w, i, m->carried, m->carried_count);
    if (m->type == EHR_ENGINE_NEW_VIEW)
        propose_mark(w, i, m->carried,
                     i->carried_over < m->carried_count ? i->carried_over : m->carried_count);
}

void ehr_node_feed(struct ehr_world *w, struct ehr_instance *i, struct ehr_event *event)
{
    struct ehr_engine_auth auth = ehr_host_auth(i);
    event->now_ns = w->now_ns;
    i->carried_over = 0; /* unless the event opens a view */
    w->tally.steps++;
    w->event = event;
    w->setup.type->step(i->engine, &auth, event, &i->effects);
    if (w->trace != NULL)
        ehr_cluster_print(w->trace, i->index, event, &i->effects);
    ehr_check_step(w, i);
    for (uint32_t k = 0; k < i->effects.count && !w->verdict.broken; k++) {
        const struct ehr_effect *effect = &i->effects.item[k];
        if (++i->performed == i->crash_at) {
            ehr_node_crash(w, i);
            return;
        }
        ehr_check_effect(w, i, effect);
        perform(w, i, effect);
        if (i->crash_type != 0 && effect->type == i->crash_type) {
            ehr_node_crash(w, i);
            return;
        }
    }
    if (event->type == EHR_EVENT_RECEIVE)
        received(w, i, event->as.receive.message);
}
