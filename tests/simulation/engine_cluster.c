/* The loop: events in order of time and number, one at a time. */
#include "tests/simulation/engine_cluster_private.h"
#include "sim/consensus/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool before(const struct happening *a, const struct happening *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->number < b->number;
}

void cluster_schedule(struct ehr_cluster *c, uint64_t delay_ns, struct happening happening)
{
    if (c->heap_count == c->heap_capacity) {
        c->heap_capacity = c->heap_capacity == 0 ? 1024 : 2 * c->heap_capacity;
        c->heap = realloc(c->heap, c->heap_capacity * sizeof(*c->heap));
        assert(c->heap != NULL);
    }
    happening.at_ns = c->now_ns + delay_ns;
    happening.number = c->number++;
    size_t at = c->heap_count++;
    while (at > 0 && before(&happening, &c->heap[(at - 1) / 2])) {
        c->heap[at] = c->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    c->heap[at] = happening;
}

static struct happening heap_pop(struct ehr_cluster *c)
{
    struct happening first = c->heap[0], last = c->heap[--c->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < c->heap_count && before(&c->heap[child + 1], &c->heap[child]))
            child++;
        if (child >= c->heap_count || !before(&c->heap[child], &last))
            break;
        c->heap[at] = c->heap[child];
        at = child;
    }
    c->heap[at] = last;
    return first;
}

static void message_release(struct message *message)
{
    if (message == NULL || --message->references > 0)
        return;
    free(message->body);
    free(message->carried);
    free(message);
}

static void deliver(struct ehr_cluster *c, const struct happening *happening)
{
    struct node *node = &c->nodes[happening->replica];
    const struct message *message = happening->message;
    uint16_t from = message->header.sender;
    if (from < c->options.replicas && c->nodes[from].group != node->group)
        return;
    if (c->type->wants(node->engine, &message->header) == EHR_WANT_DROP) {
        c->dropped++;
        return;
    }
    node_hold(c, happening->replica, message->header.carried, message->header.carried_count);
    struct ehr_event event = {.type = EHR_EVENT_RECEIVE};
    event.as.receive.message = &message->header;
    node_feed(c, happening->replica, &event);
}

bool ehr_cluster_step(struct ehr_cluster *c)
{
    if (c->heap_count == 0)
        return false;
    struct happening happening = heap_pop(c);
    c->now_ns = happening.at_ns;
    struct node *node = &c->nodes[happening.replica];
    bool alive = node->up && (happening.incarnation == node->incarnation ||
                              happening.kind == HAPPENING_DELIVER);
    if (alive) {
        switch (happening.kind) {
        case HAPPENING_DELIVER:
            deliver(c, &happening);
            break;
        case HAPPENING_TIMER:
        case HAPPENING_EVENT:
            node_feed(c, happening.replica, &happening.event);
            break;
        case HAPPENING_BUILD:
            node_build(c, happening.replica, &happening.event);
            break;
        case HAPPENING_EXECUTE:
            node_execute(c, happening.replica);
            break;
        case HAPPENING_TRANSFER:
            node_transfer(c, happening.replica, happening.event.as.installed.height,
                          happening.event.as.installed.view);
            break;
        case HAPPENING_PENDING:
            node_pending(c, happening.replica);
            break;
        }
    }
    message_release(happening.message);
    return true;
}

void ehr_cluster_run(struct ehr_cluster *c, uint64_t until_ns)
{
    while (c->heap_count > 0 && c->heap[0].at_ns <= until_ns)
        ehr_cluster_step(c);
    if (c->now_ns < until_ns)
        c->now_ns = until_ns;
}

static bool all_executed(const struct ehr_cluster *c, uint32_t count)
{
    for (uint16_t i = 0; i < c->options.replicas; i++) {
        const struct node *node = &c->nodes[i];
        if (node->up && !node->excluded && node->executed_count < count)
            return false;
    }
    return true;
}

bool ehr_cluster_run_executed(struct ehr_cluster *c, uint32_t count, uint64_t until_ns)
{
    while (!all_executed(c, count)) {
        if (c->heap_count == 0 || c->heap[0].at_ns > until_ns)
            return false;
        ehr_cluster_step(c);
    }
    return true;
}

static struct message *message_copy(const struct ehr_engine_message *from)
{
    struct message *copy = calloc(1, sizeof(*copy));
    assert(copy != NULL);
    copy->references = 1;
    copy->header = *from;
    if (from->body != NULL) {
        copy->body = malloc(from->body_length > 0 ? from->body_length : 1);
        memcpy(copy->body, from->body, from->body_length);
        ehr_cluster_body_digest(copy->body, from->body_length, &copy->header.digest);
    }
    if (from->carried_count > 0) {
        copy->carried = malloc(from->carried_count * sizeof(*copy->carried));
        memcpy(copy->carried, from->carried, from->carried_count * sizeof(*copy->carried));
    }
    copy->header.body = copy->body;
    copy->header.carried = copy->carried;
    return copy;
}

static uint64_t link_delay(struct ehr_cluster *c)
{
    if (c->options.seed == 0)
        return c->options.delay_min_ns;
    uint64_t range = c->options.delay_max_ns - c->options.delay_min_ns + 1;
    return c->options.delay_min_ns + ehr_cluster_random(&c->random) % range;
}

static void send_one(struct ehr_cluster *c, uint16_t to, const struct ehr_engine_message *message)
{
    struct ehr_engine_message changed = *message;
    if (c->hooks.sending != NULL && !c->hooks.sending(c->hooks.context, to, &changed))
        return;
    struct message *copy = message_copy(&changed);
    if (c->options.signatures) {
        const struct ehr_engine_message *h = &copy->header;
        ehr_cluster_sign(h->sender, h->type, h->view, h->height, &h->digest, copy->signature);
        copy->header.signature = copy->signature;
    }
    c->sent[copy->header.type % EHR_ENGINE_MESSAGE_TYPES]++;
    cluster_schedule(c, link_delay(c),
                     (struct happening){.kind = HAPPENING_DELIVER, .replica = to, .message = copy});
}

void cluster_send(struct ehr_cluster *c, uint16_t from, uint16_t to,
                  const struct ehr_engine_message *message)
{
    assert(message->sender == from);
    for (uint16_t i = 0; i < c->options.replicas; i++)
        if (i != from && (to == EHR_ENGINE_TO_ALL || to == i))
            send_one(c, i, message);
}

void ehr_cluster_inject(struct ehr_cluster *c, uint16_t to,
                        const struct ehr_engine_message *message)
{
    struct ehr_cluster_hooks hooks = c->hooks;
    c->hooks.sending = NULL;
    send_one(c, to, message);
    c->hooks = hooks;
}

static uint64_t or_else(uint64_t value, uint64_t fallback)
{
    return value != 0 ? value : fallback;
}

struct ehr_cluster *ehr_cluster_new(const struct ehr_cluster_options *options)
{
    struct ehr_cluster *c = calloc(1, sizeof(*c));
    assert(c != NULL && options->replicas <= EHR_CLUSTER_REPLICAS_MAX);
    c->options = *options;
    struct ehr_cluster_options *o = &c->options;
    o->engine = o->engine != NULL ? o->engine : "pbft";
    o->votes = o->votes != 0 ? o->votes : EHR_ENGINE_VOTES_BACKUPS;
    o->delay_min_ns = or_else(o->delay_min_ns, 1000000);
    o->delay_max_ns = or_else(o->delay_max_ns, 20000000);
    o->batch_max = (uint32_t)or_else(o->batch_max, 4);
    o->batch_timeout_ns = or_else(o->batch_timeout_ns, 5000000);
    o->request_timeout_ns = or_else(o->request_timeout_ns, 200000000);
    o->checkpoint_interval = (uint32_t)or_else(o->checkpoint_interval, 4);
    o->window = (uint32_t)or_else(o->window, 8);
    c->random = o->seed;
    c->type = ehr_engine_find(o->engine);
    assert(c->type != NULL);
    for (uint16_t i = 0; i < o->replicas; i++)
        node_open(c, i);
    for (uint16_t i = 0; i < o->replicas; i++)
        node_start(c, i);
    return c;
}

void ehr_cluster_free(struct ehr_cluster *c)
{
    if (c == NULL)
        return;
    while (c->heap_count > 0)
        message_release(c->heap[--c->heap_count].message);
    free(c->heap);
    for (uint16_t i = 0; i < c->options.replicas; i++)
        node_close(c, i);
    assert(c->lent_now == 0);
    free(c->blocks);
    free(c);
}

void ehr_cluster_hooks_set(struct ehr_cluster *c, const struct ehr_cluster_hooks *hooks)
{
    c->hooks = *hooks;
}

void ehr_cluster_group_set(struct ehr_cluster *c, uint16_t replica, uint16_t group)
{
    c->nodes[replica].group = group;
}

void ehr_cluster_exclude(struct ehr_cluster *c, uint16_t replica)
{
    c->nodes[replica].excluded = true;
}

uint64_t ehr_cluster_now(const struct ehr_cluster *c)
{
    return c->now_ns;
}

bool ehr_cluster_up(const struct ehr_cluster *c, uint16_t replica)
{
    return c->nodes[replica].up;
}

uint64_t ehr_cluster_height(const struct ehr_cluster *c, uint16_t replica)
{
    return c->nodes[replica].executed;
}

struct ehr_digest ehr_cluster_state(const struct ehr_cluster *c, uint16_t replica)
{
    return c->nodes[replica].state;
}

uint64_t ehr_cluster_view(const struct ehr_cluster *c, uint16_t replica)
{
    return c->type->view(c->nodes[replica].engine);
}

bool ehr_cluster_executed(const struct ehr_cluster *c, uint16_t replica, uint32_t request)
{
    return c->nodes[replica].done[request];
}

uint64_t ehr_cluster_effects(const struct ehr_cluster *c, uint16_t replica)
{
    return c->nodes[replica].effects_performed;
}

uint64_t ehr_cluster_sent(const struct ehr_cluster *c, uint8_t type)
{
    return c->sent[type];
}

uint64_t ehr_cluster_dropped(const struct ehr_cluster *c)
{
    return c->dropped;
}

uint64_t ehr_cluster_fetches(const struct ehr_cluster *c)
{
    return c->fetches;
}

uint64_t ehr_cluster_lent(const struct ehr_cluster *c)
{
    return c->lent;
}

uint32_t ehr_cluster_records(const struct ehr_cluster *c, uint16_t replica,
                             const struct ehr_engine_record **records)
{
    *records = c->nodes[replica].records;
    return c->nodes[replica].record_count;
}

struct ehr_engine *ehr_cluster_engine(struct ehr_cluster *c, uint16_t replica)
{
    return c->nodes[replica].engine;
}

const struct ehr_engine_type *ehr_cluster_type(const struct ehr_cluster *c)
{
    return c->type;
}
