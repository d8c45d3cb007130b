#include "tests/simulation/node_loop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/effects_tap.h"

struct ehr_fx {
    struct node_loop *loop;
    struct ehr_address self;
    const struct ehr_fx_tap *tap;
};

/* ---- messages ---- */

/* What the receiver's decoder makes of it; NULL if it refuses. */
static struct ehr_message *cross(struct node_loop *loop, struct ehr_message *take_message)
{
    uint8_t *bytes = malloc(take_message->size);
    struct ehr_message *received;
    assert(bytes != NULL);
    ehr_message_encode(take_message, bytes);
    if (ehr_message_decode(bytes, take_message->size, &received) != EHR_OK)
        loop->undecodable++;
    free(bytes);
    ehr_message_unref(take_message);
    return received;
}

void node_loop_send(struct node_loop *loop, struct ehr_address from, struct ehr_address to,
                    struct ehr_message *take_message)
{
    if (loop->tamper != NULL)
        take_message = loop->tamper(loop->tamper_context, from.node, to.node, take_message);
    if (take_message == NULL)
        return;
    if (to.node >= NODE_LOOP_NODES) {
        loop->misdirected++;
        ehr_message_unref(take_message);
        return;
    }
    struct ehr_message *received = cross(loop, take_message);
    if (received != NULL)
        agenda_push(&loop->agenda, &(struct agenda_event){.at_ns = loop->now_ns + NODE_LOOP_HOP_NS,
                                                          .from = from,
                                                          .to = to,
                                                          .message = received});
}

void node_loop_inject(struct node_loop *loop, struct ehr_address from, uint32_t to,
                      struct ehr_message *take_message)
{
    struct ehr_fx fx = {loop, {to, 0}, NULL};
    struct ehr_delivery delivery = {from, 0, take_message};
    loop->nodes[to]->type->on_message(loop->nodes[to], &fx, &delivery);
    ehr_message_unref(take_message);
}

static void letter_keep(struct node_loop *loop, const struct agenda_event *event)
{
    if (loop->letter_count == loop->letter_capacity) {
        loop->letter_capacity = loop->letter_capacity == 0 ? 64 : 2 * loop->letter_capacity;
        loop->letters = realloc(loop->letters, loop->letter_capacity * sizeof *loop->letters);
        assert(loop->letters != NULL);
    }
    loop->letters[loop->letter_count++] =
        (struct node_loop_letter){event->from, event->to, event->message};
}

static void deliver(struct node_loop *loop, const struct agenda_event *event)
{
    struct ehr_node *node = loop->nodes[event->to.node];
    struct ehr_fx fx = {loop, event->to, NULL};
    if (loop->down[event->to.node]) {
        ehr_message_unref(event->message);
    } else if (node == NULL) {
        letter_keep(loop, event);
    } else if (event->message == NULL) {
        if (event->life == loop->lives[event->to.node])
            node->type->on_timer(node, &fx, event->to.lane, event->timer, event->generation);
    } else {
        struct ehr_delivery delivery = {event->from, event->to.lane, event->message};
        loop->delivered++;
        node->type->on_message(node, &fx, &delivery);
        ehr_message_unref(event->message);
    }
}

/* ---- running ---- */

void node_loop_start(struct node_loop *loop)
{
    for (uint32_t i = 0; i < NODE_LOOP_NODES; i++) {
        struct ehr_fx fx = {loop, {i, 0}, NULL};
        if (loop->nodes[i] != NULL)
            loop->nodes[i]->type->on_start(loop->nodes[i], &fx, NULL);
    }
}

void node_loop_crash(struct node_loop *loop, uint32_t node)
{
    loop->down[node] = true;
    loop->lives[node]++;
}

void node_loop_restart(struct node_loop *loop, uint32_t node)
{
    struct ehr_fx fx = {loop, {node, 0}, NULL};
    struct node_loop_journal *journal = &loop->journals[node];
    /* what the node writes meanwhile goes behind a copy of what it reads */
    struct ehr_journal_record *copy = malloc((journal->count + 1) * sizeof *copy);
    uint32_t count = journal->count;
    assert(copy != NULL);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = journal->records[i];
        ehr_blob_ref(copy[i].data);
    }
    const struct ehr_journal saved = {count, copy};
    loop->down[node] = false;
    loop->nodes[node]->type->on_start(loop->nodes[node], &fx, &saved);
    for (uint32_t i = 0; i < count; i++)
        ehr_blob_unref(copy[i].data);
    free(copy);
}

void node_loop_run(struct node_loop *loop, uint64_t ns)
{
    uint64_t until = loop->now_ns + ns;
    while (agenda_due(&loop->agenda, until)) {
        struct agenda_event event = agenda_pop(&loop->agenda);
        loop->now_ns = event.at_ns;
        deliver(loop, &event);
    }
    loop->now_ns = until;
}

struct ehr_message *node_loop_take(struct node_loop *loop, uint32_t node, uint16_t type,
                                   uint32_t *from)
{
    for (uint32_t i = 0; i < loop->letter_count; i++) {
        struct node_loop_letter letter = loop->letters[i];
        if (letter.to.node != node || letter.message->type != type)
            continue;
        memmove(&loop->letters[i], &loop->letters[i + 1],
                (--loop->letter_count - i) * sizeof *loop->letters);
        if (from != NULL)
            *from = letter.from.node;
        return letter.message;
    }
    return NULL;
}

void node_loop_clear(struct node_loop *loop)
{
    while (loop->letter_count > 0)
        ehr_message_unref(loop->letters[--loop->letter_count].message);
}

void node_loop_close(struct node_loop *loop)
{
    node_loop_clear(loop);
    agenda_close(&loop->agenda);
    for (uint32_t i = 0; i < NODE_LOOP_NODES; i++) {
        for (uint32_t k = 0; k < loop->journals[i].count; k++)
            ehr_blob_unref(loop->journals[i].records[k].data);
        free(loop->journals[i].records);
    }
    free(loop->letters);
    memset(loop, 0, sizeof *loop);
}

/* ---- the effects ---- */

void ehr_fx_tap_set(struct ehr_fx *fx, const struct ehr_fx_tap *tap)
{
    fx->tap = tap;
}

static bool tapped(struct ehr_fx *fx, struct ehr_asked effect)
{
    return effect_tapped(fx, &fx->tap, effect);
}

uint64_t ehr_fx_now(const struct ehr_fx *fx)
{
    uint64_t lag_ns = fx->tap != NULL ? fx->tap->lag_ns : 0;
    return fx->loop->now_ns > lag_ns ? fx->loop->now_ns - lag_ns : 0;
}

void ehr_fx_charge(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count, uint64_t bytes)
{
    if (!tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_CHARGE, .as.charge = {op, count, bytes}}))
        fx->loop->charged[op] += count;
}

void ehr_fx_charge_parallel(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count,
                            uint64_t bytes_each)
{
    ehr_fx_charge(fx, op, count, bytes_each);
}

void ehr_fx_persist(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, struct ehr_blob *take_data)
{
    ehr_fx_persist_marked(fx, bytes, kind, 0, take_data);
}

void ehr_fx_persist_marked(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, uint64_t mark,
                           struct ehr_blob *take_data)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_PERSIST,
                                      .as.persist = {bytes, kind, mark, take_data}}))
        return;
    struct node_loop_journal *journal = &fx->loop->journals[fx->self.node];
    fx->loop->persisted_bytes += bytes;
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity == 0 ? 64 : 2 * journal->capacity;
        journal->records = realloc(journal->records, journal->capacity * sizeof *journal->records);
        assert(journal->records != NULL);
    }
    journal->records[journal->count++] = (struct ehr_journal_record){kind, take_data, mark};
}

void ehr_fx_forget(struct ehr_fx *fx, uint16_t kind, uint64_t mark)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_FORGET, .as.forget = {kind, mark}}))
        return;
    struct node_loop_journal *journal = &fx->loop->journals[fx->self.node];
    journal->count = effect_forget(journal->records, journal->count, kind, mark);
}

bool ehr_fx_journal_kept(const struct ehr_fx *fx)
{
    (void)fx;
    return true;
}

void ehr_fx_send(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    assert(take_message->size > 0);
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_SEND, .as.send = {to, take_message}}))
        return;
    node_loop_send(fx->loop, fx->self, to, take_message);
}

void ehr_fx_broadcast(struct ehr_fx *fx, uint32_t group, struct ehr_message *take_message)
{
    struct node_loop *loop = fx->loop;
    assert(group < NODE_LOOP_GROUPS && take_message->size > 0);
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_BROADCAST,
                                      .as.send = {{group, 0}, take_message}}))
        return;
    for (uint32_t i = 0; i < loop->group_count[group]; i++) {
        uint32_t to = loop->group_first[group] + i;
        if (to != fx->self.node)
            node_loop_send(loop, fx->self, (struct ehr_address){to, 0},
                           ehr_message_ref(take_message));
    }
    ehr_message_unref(take_message);
}

void ehr_fx_post(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    agenda_push(&fx->loop->agenda, &(struct agenda_event){.at_ns = fx->loop->now_ns,
                                                          .from = fx->self,
                                                          .to = to,
                                                          .message = take_message});
}

void ehr_fx_timer(struct ehr_fx *fx, uint32_t id, uint64_t generation, uint64_t delay_ns)
{
    if (tapped(fx,
               (struct ehr_asked){.kind = EHR_ASKED_TIMER, .as.timer = {id, generation, delay_ns}}))
        return;
    agenda_push(&fx->loop->agenda, &(struct agenda_event){.at_ns = fx->loop->now_ns + delay_ns,
                                                          .from = fx->self,
                                                          .to = fx->self,
                                                          .timer = id,
                                                          .life = fx->loop->lives[fx->self.node],
                                                          .generation = generation});
}

void ehr_fx_mark(struct ehr_fx *fx, struct ehr_mark mark)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_MARK, .as.mark = mark}))
        return;
    assert(mark.kind < 32);
    fx->loop->marks[mark.kind]++;
    fx->loop->last[mark.kind] = mark;
}
