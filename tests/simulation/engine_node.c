/* The node around an engine: pool, execution, records, and performing effects. */
#include "tests/simulation/engine_cluster_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LOCAL_DELAY_NS = 1000, TRANSFER_DELAY_NS = 5000000 };

static void *resize(void *context, void *old, size_t size)
{
    struct ehr_cluster *c = context;
    c->lent++;
    c->lent_now += old == NULL && size > 0;
    c->lent_now -= old != NULL && size == 0;
    if (size == 0) {
        free(old);
        return NULL;
    }
    void *lent = realloc(old, size);
    assert(lent != NULL);
    return lent;
}

static struct ehr_engine_config config_of(const struct ehr_cluster *c, uint16_t replica)
{
    return (struct ehr_engine_config){
        .replicas = c->options.replicas,
        .self = replica,
        .batch_max = c->options.batch_max,
        .batch_timeout_ns = c->options.batch_timeout_ns,
        .request_timeout_ns = c->options.request_timeout_ns,
        .checkpoint_interval = c->options.checkpoint_interval,
        .window = c->options.window,
        .votes = c->options.votes,
        .signatures = c->options.signatures,
        .two_chain = c->options.two_chain,
        .fixed_leader = c->options.fixed_leader,
    };
}

void node_open(struct ehr_cluster *c, uint16_t replica)
{
    struct node *node = &c->nodes[replica];
    struct ehr_engine_config config = config_of(c, replica);
    node->cluster = c;
    node->id = replica;
    node->storage = malloc(c->type->size(&config));
    node->effects.capacity = c->type->effects_max(&config);
    node->effects.item = malloc(node->effects.capacity * sizeof(struct ehr_effect));
    assert(node->storage != NULL && node->effects.item != NULL);
}

static void engine_stop(struct ehr_cluster *c, struct node *node)
{
    if (node->engine != NULL)
        c->type->close(node->engine);
    node->engine = NULL;
}

void node_start(struct ehr_cluster *c, uint16_t replica)
{
    struct node *node = &c->nodes[replica];
    struct ehr_engine_config config = config_of(c, replica);
    struct ehr_engine_memory memory = {.resize = resize, .context = c};
    engine_stop(c, node);
    node->engine = c->type->init(node->storage, &config, &memory);
    node->up = true;
    node->committed = node->executed;
    memset(node->seen, 0, sizeof(node->seen));
    struct ehr_event event = {.type = EHR_EVENT_START};
    event.as.start.records = node->records;
    event.as.start.record_count = node->record_count;
    event.as.start.height = node->executed;
    event.as.start.block = node->block;
    event.as.start.state = node->state;
    node_feed(c, replica, &event);
    if (node->up)
        node_pending(c, replica);
}

void node_close(struct ehr_cluster *c, uint16_t replica)
{
    struct node *node = &c->nodes[replica];
    engine_stop(c, node);
    for (uint32_t i = 0; i < node->record_count; i++)
        free((void *)(uintptr_t)node->records[i].proof);
    free(node->records);
    free(node->storage);
    free(node->effects.item);
}

void ehr_cluster_crash(struct ehr_cluster *c, uint16_t replica)
{
    c->nodes[replica].up = false;
    c->nodes[replica].incarnation++;
    c->nodes[replica].pending_scheduled = false;
}

void ehr_cluster_restart(struct ehr_cluster *c, uint16_t replica)
{
    assert(!c->nodes[replica].up);
    c->nodes[replica].crash_at = 0;
    node_start(c, replica);
}

void ehr_cluster_crash_at(struct ehr_cluster *c, uint16_t replica, uint64_t effect)
{
    c->nodes[replica].crash_at = effect;
}

static void schedule_local(struct ehr_cluster *c, uint16_t replica, enum happening_kind kind,
                           const struct ehr_event *event, uint64_t delay_ns)
{
    struct happening happening = {
        .kind = kind, .replica = replica, .incarnation = c->nodes[replica].incarnation};
    if (event != NULL)
        happening.event = *event;
    cluster_schedule(c, delay_ns, happening);
}

static void pool_changed(struct ehr_cluster *c, uint16_t replica)
{
    if (c->nodes[replica].pending_scheduled)
        return;
    c->nodes[replica].pending_scheduled = true;
    schedule_local(c, replica, HAPPENING_PENDING, NULL, 0);
}

void node_pending(struct ehr_cluster *c, uint16_t replica)
{
    struct node *node = &c->nodes[replica];
    struct ehr_event event = {.type = EHR_EVENT_PENDING};
    node->pending_scheduled = false;
    for (uint32_t i = node->known_end; i-- > 0;) {
        if (!node->known[i] || node->done[i])
            continue;
        event.as.pending.waiting++;
        event.as.pending.unproposed += !node->seen[i];
        event.as.pending.oldest = i + 1;
    }
    node_feed(c, replica, &event);
}

void ehr_cluster_submit_to(struct ehr_cluster *c, uint16_t replica, uint32_t request)
{
    struct node *node = &c->nodes[replica];
    assert(request < EHR_CLUSTER_REQUESTS_MAX);
    node->known[request] = true;
    if (node->known_end <= request)
        node->known_end = request + 1;
    if (node->up)
        pool_changed(c, replica);
}

void ehr_cluster_submit(struct ehr_cluster *c, uint32_t request)
{
    for (uint16_t i = 0; i < c->options.replicas; i++)
        ehr_cluster_submit_to(c, i, request);
}

static void mark_seen(struct ehr_cluster *c, struct node *node, const struct ehr_digest *digests,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct block *block = host_block_find(c, &digests[i]);
        for (uint32_t k = 0; block != NULL && k < block->count; k++)
            node->seen[block->requests[k]] = true;
    }
    if (count > 0)
        pool_changed(c, node->id);
}

void node_hold(struct ehr_cluster *c, uint16_t replica, const struct ehr_digest *blocks,
               uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct block *block = host_block_find(c, &blocks[i]);
        if (block != NULL)
            block->held[replica] = true;
    }
}

void node_build(struct ehr_cluster *c, uint16_t replica, const struct ehr_event *event)
{
    struct node *node = &c->nodes[replica];
    struct ehr_event answer = *event;
    uint32_t chosen[EHR_CLUSTER_BLOCK_REQUESTS_MAX], count = 0;
    for (uint32_t i = 0; i < node->known_end && count < c->options.batch_max; i++)
        if (node->known[i] && !node->done[i] && !node->seen[i])
            chosen[count++] = i;
    answer.as.proposal.empty = count == 0;
    if (count > 0) {
        struct ehr_digest parent = event->as.proposal.block; /* put there by perform */
        struct block *block = host_block_new(c, &parent);
        block->count = count;
        memcpy(block->requests, chosen, count * sizeof(*chosen));
        block->held[replica] = true;
        answer.as.proposal.block = block->digest;
        mark_seen(c, node, &block->digest, 1);
    }
    node_feed(c, replica, &answer);
}

static void broken(const struct ehr_cluster *c, const struct node *node, const char *what,
                   uint64_t height)
{
    fprintf(stderr,
            "safety: %s: replica %u height %" PRIu64 ", engine %s n %u seed %" PRIu64 " at %" PRIu64
            " ns\n",
            what, node->id, height, c->options.engine, c->options.replicas, c->options.seed,
            c->now_ns);
    abort();
}

static void committed(struct ehr_cluster *c, struct node *node, uint64_t height,
                      const struct ehr_digest *block)
{
    if (height != node->committed + 1 || height >= EHR_CLUSTER_HEIGHTS_MAX)
        broken(c, node, "gap", height);
    node->committed = height;
    node->queue[height] = *block;
    const struct block *body = host_block_find(c, block);
    if (body == NULL || !body->held[node->id])
        broken(c, node, "committed a block without a body", height);
    if (!node->excluded) {
        if (c->agreed[height] && !host_same(&c->chain[height], block))
            broken(c, node, "fork", height);
        if (height > 1 && c->agreed[height - 1] && !host_same(&body->parent, &c->chain[height - 1]))
            broken(c, node, "parent", height);
        c->agreed[height] = true;
        c->chain[height] = *block;
    }
    schedule_local(c, node->id, HAPPENING_EXECUTE, NULL, LOCAL_DELAY_NS);
}

static void apply(struct ehr_cluster *c, struct node *node, const struct ehr_digest *digest)
{
    const struct block *block = host_block_find(c, digest);
    for (uint32_t i = 0; i < block->count; i++) {
        uint32_t request = block->requests[i];
        node->executed_count += !node->done[request];
        node->done[request] = true;
    }
    node->executed++;
    node->block = *digest;
    host_fill(node->state.bytes, 32,
              host_mix_bytes(host_mix_bytes(4, node->state.bytes, 32), digest->bytes, 32));
    if (!node->excluded)
        c->states[node->executed] = node->state;
}

void node_execute(struct ehr_cluster *c, uint16_t replica)
{
    struct node *node = &c->nodes[replica];
    if (node->executed == node->committed)
        return; /* state transfer went past it */
    struct ehr_digest next = node->queue[node->executed + 1];
    apply(c, node, &next);
    struct ehr_event event = {.type = EHR_EVENT_EXECUTED};
    event.as.executed.height = node->executed;
    event.as.executed.state = node->state;
    node_feed(c, replica, &event);
    if (node->up)
        pool_changed(c, replica);
}

void node_transfer(struct ehr_cluster *c, uint16_t replica, uint64_t height, uint64_t view)
{
    struct node *node = &c->nodes[replica];
    bool available = false;
    for (uint16_t i = 0; i < c->options.replicas; i++)
        available |= c->nodes[i].up && c->nodes[i].group == node->group &&
                     c->nodes[i].executed >= height && !c->nodes[i].excluded;
    struct ehr_event event = {.type = EHR_EVENT_INSTALLED};
    event.as.installed.height = height;
    event.as.installed.view = view;
    if (node->executed >= height)
        return;
    if (!available) {
        schedule_local(c, replica, HAPPENING_TRANSFER, &event, TRANSFER_DELAY_NS);
        return;
    }
    while (node->executed < height) {
        struct ehr_digest block = c->chain[node->executed + 1];
        host_block_find(c, &block)->held[replica] = true;
        apply(c, node, &block);
    }
    if (node->committed < height)
        node->committed = height;
    event.as.installed.state = node->state;
    event.as.installed.block = node->block;
    node_feed(c, replica, &event);
    if (node->up)
        pool_changed(c, replica);
}

static void persist(struct node *node, const struct ehr_engine_record *record)
{
    if (node->record_count == node->record_capacity) {
        node->record_capacity = node->record_capacity == 0 ? 64 : 2 * node->record_capacity;
        node->records = realloc(node->records, node->record_capacity * sizeof(*node->records));
        assert(node->records != NULL);
    }
    struct ehr_engine_record *copy = &node->records[node->record_count++];
    *copy = *record;
    copy->proof = NULL;
    if (record->proof_length > 0) {
        uint8_t *proof = malloc(record->proof_length);
        assert(proof != NULL);
        memcpy(proof, record->proof, record->proof_length);
        copy->proof = proof;
    }
    if (record->type != EHR_ENGINE_CHECKPOINT && record->type != EHR_ENGINE_HOTSTUFF_TIMEOUT)
        return;
    uint32_t kept = 0; /* without what the record makes obsolete */
    for (uint32_t i = 0; i < node->record_count; i++) {
        struct ehr_engine_record *old = &node->records[i];
        bool of_height =
            old->type <= EHR_ENGINE_CHECKPOINT || old->type == EHR_ENGINE_RAFT_APPEND ||
            old->type == EHR_ENGINE_RAFT_SNAPSHOT || old->type == EHR_ENGINE_HOTSTUFF_VOTE;
        bool lower = record->type == EHR_ENGINE_CHECKPOINT && old->height < record->height;
        bool older = record->type == EHR_ENGINE_HOTSTUFF_TIMEOUT && i + 1 < node->record_count;
        if ((of_height && lower) || (old->type == record->type && older))
            free((void *)(uintptr_t)old->proof);
        else
            node->records[kept++] = *old;
    }
    node->record_count = kept;
}

static void perform(struct ehr_cluster *c, struct node *node, const struct ehr_effect *effect)
{
    struct ehr_event event = {0};
    switch (effect->type) {
    case EHR_EFFECT_PERSIST:
        persist(node, &effect->as.persist);
        break;
    case EHR_EFFECT_SEND:
        if (effect->as.send.message.type == EHR_ENGINE_NEW_VIEW)
            mark_seen(c, node, effect->as.send.message.carried, node->carried_over);
        cluster_send(c, node->id, effect->as.send.to, &effect->as.send.message);
        break;
    case EHR_EFFECT_TIMER:
        event.type = EHR_EVENT_TIMER;
        event.as.timer.id = effect->as.timer.id;
        event.as.timer.generation = effect->as.timer.generation;
        if (effect->as.timer.delay_ns > 0)
            schedule_local(c, node->id, HAPPENING_TIMER, &event, effect->as.timer.delay_ns);
        break;
    case EHR_EFFECT_PROPOSE:
        event.type = EHR_EVENT_PROPOSAL;
        event.as.proposal.view = effect->as.propose.view;
        event.as.proposal.height = effect->as.propose.height;
        event.as.proposal.block = effect->as.propose.parent;
        schedule_local(c, node->id, HAPPENING_BUILD, &event, LOCAL_DELAY_NS);
        break;
    case EHR_EFFECT_COMMIT:
        committed(c, node, effect->as.commit.height, &effect->as.commit.block);
        break;
    case EHR_EFFECT_FETCH:
        c->fetches++;
        event.as.installed.height = effect->as.fetch.height;
        event.as.installed.view = effect->as.fetch.view;
        schedule_local(c, node->id, HAPPENING_TRANSFER, &event, TRANSFER_DELAY_NS);
        break;
    case EHR_EFFECT_NEW_VIEW:
        memset(node->seen, 0, sizeof(node->seen));
        node->carried_over = effect->as.new_view.carried;
        mark_seen(c, node, effect->as.new_view.kept, effect->as.new_view.kept_count);
        pool_changed(c, node->id);
        break;
    }
}

void node_feed(struct ehr_cluster *c, uint16_t replica, struct ehr_event *event)
{
    struct node *node = &c->nodes[replica];
    struct ehr_engine_auth auth = {.vote_valid = host_vote_valid,
                                   .body_digest = host_body_digest,
                                   .block_parent = host_block_parent,
                                   .context = node,
                                   .vote_sign = host_vote_sign};
    event->now_ns = c->now_ns;
    node->carried_over = 0; /* unless the event opens a view */
    c->type->step(node->engine, &auth, event, &node->effects);
    if (c->hooks.stepped != NULL)
        c->hooks.stepped(c->hooks.context, replica, event, &node->effects);
    for (uint32_t i = 0; i < node->effects.count; i++) {
        if (++node->effects_performed == node->crash_at) {
            ehr_cluster_crash(c, replica);
            return;
        }
        perform(c, node, &node->effects.item[i]);
    }
    if (event->type == EHR_EVENT_RECEIVE) {
        const struct ehr_engine_message *message = event->as.receive.message;
        if (message->type == EHR_ENGINE_PRE_PREPARE ||
            message->type == EHR_ENGINE_HOTSTUFF_PROPOSAL ||
            message->type == EHR_ENGINE_HOTSTUFF_CHAIN)
            mark_seen(c, node, message->carried, message->carried_count);
        if (message->type == EHR_ENGINE_NEW_VIEW)
            mark_seen(c, node, message->carried, node->carried_over);
    }
}

uint64_t ehr_cluster_picture(struct ehr_cluster *c)
{
    uint64_t h = 5;
    for (uint16_t i = 0; i < c->options.replicas; i++) {
        size_t length = c->type->snapshot(c->nodes[i].engine, NULL, 0);
        uint8_t *bytes = malloc(length + 1);
        assert(bytes != NULL);
        c->type->snapshot(c->nodes[i].engine, bytes, length);
        h = host_mix_bytes(h, bytes, length);
        free(bytes);
    }
    return h;
}
