#include "tests/simulation/effects_loop.h"

#include <assert.h>
#include <stdlib.h>

#include "tests/simulation/agenda.h"
#include "tests/simulation/effects_tap.h"

enum { NODES_MAX = 64, GROUPS_MAX = 8 };

struct seat {
    struct ehr_node *node;
    bool down;
    uint32_t life;
    struct ehr_journal_record *journal;
    uint32_t journal_count;
    uint64_t charged[EHR_COST_COUNT];
};

struct ehr_loop {
    struct ehr_loop_hooks hooks;
    uint64_t delay_ns, now_ns;
    uint32_t copies;
    struct seat seats[NODES_MAX];
    uint32_t seat_count;
    struct {
        uint32_t first, count;
    } groups[GROUPS_MAX];
    uint32_t group_count;
    struct agenda agenda;
};

struct ehr_fx {
    struct ehr_loop *loop;
    uint32_t node, lane;
    const struct ehr_fx_tap *tap;
};

/* ---- effects ---- */

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
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_CHARGE, .as.charge = {op, count, bytes}}))
        return;
    assert(op > EHR_COST_INVALID && op < EHR_COST_COUNT);
    fx->loop->seats[fx->node].charged[op] += count;
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

void ehr_fx_forget(struct ehr_fx *fx, uint16_t kind, uint64_t mark)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_FORGET, .as.forget = {kind, mark}}))
        return;
    struct seat *seat = &fx->loop->seats[fx->node];
    seat->journal_count = effect_forget(seat->journal, seat->journal_count, kind, mark);
}

bool ehr_fx_journal_kept(const struct ehr_fx *fx)
{
    (void)fx;
    return true;
}

void ehr_fx_persist_marked(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, uint64_t mark,
                           struct ehr_blob *take_data)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_PERSIST,
                                      .as.persist = {bytes, kind, mark, take_data}}))
        return;
    struct seat *seat = &fx->loop->seats[fx->node];
    seat->journal = realloc(seat->journal, (seat->journal_count + 1) * sizeof(*seat->journal));
    assert(seat->journal != NULL);
    seat->journal[seat->journal_count++] = (struct ehr_journal_record){kind, take_data, mark};
}

static void travel(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take)
{
    struct ehr_loop *loop = fx->loop;
    assert(to.node < loop->seat_count && take->size > 0);
    if (loop->hooks.travel != NULL)
        take = loop->hooks.travel(loop->hooks.context, fx->node, to, take);
    if (take == NULL)
        return;
    for (uint32_t i = 0; i < loop->copies; i++)
        agenda_push(&loop->agenda, &(struct agenda_event){.at_ns = loop->now_ns + loop->delay_ns,
                                                          .from = {fx->node, fx->lane},
                                                          .to = to,
                                                          .message = ehr_message_ref(take)});
    ehr_message_unref(take);
}

void ehr_fx_send(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    if (!tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_SEND, .as.send = {to, take_message}}))
        travel(fx, to, take_message);
}

void ehr_fx_broadcast(struct ehr_fx *fx, uint32_t group, struct ehr_message *take_message)
{
    struct ehr_loop *loop = fx->loop;
    assert(group < loop->group_count);
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_BROADCAST,
                                      .as.send = {{group, 0}, take_message}}))
        return;
    for (uint32_t i = 0; i < loop->groups[group].count; i++)
        if (loop->groups[group].first + i != fx->node)
            travel(fx, (struct ehr_address){loop->groups[group].first + i, 0},
                   ehr_message_ref(take_message));
    ehr_message_unref(take_message);
}

void ehr_fx_post(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_POST, .as.send = {to, take_message}}))
        return;
    ehr_loop_inject(fx->loop, (struct ehr_address){fx->node, fx->lane}, to, take_message);
}

void ehr_fx_timer(struct ehr_fx *fx, uint32_t id, uint64_t generation, uint64_t delay_ns)
{
    if (tapped(fx,
               (struct ehr_asked){.kind = EHR_ASKED_TIMER, .as.timer = {id, generation, delay_ns}}))
        return;
    agenda_push(&fx->loop->agenda, &(struct agenda_event){.at_ns = fx->loop->now_ns + delay_ns,
                                                          .to = {fx->node, fx->lane},
                                                          .timer = id,
                                                          .life = fx->loop->seats[fx->node].life,
                                                          .generation = generation});
}

void ehr_fx_mark(struct ehr_fx *fx, struct ehr_mark mark)
{
    if (tapped(fx, (struct ehr_asked){.kind = EHR_ASKED_MARK, .as.mark = mark}))
        return;
    if (fx->loop->hooks.mark != NULL)
        fx->loop->hooks.mark(fx->loop->hooks.context, fx->node, &mark);
}

/* ---- the loop ---- */

struct ehr_loop *ehr_loop_new(uint64_t delay_ns, const struct ehr_loop_hooks *hooks)
{
    struct ehr_loop *loop = calloc(1, sizeof(*loop));
    assert(loop != NULL);
    loop->hooks = *hooks;
    loop->delay_ns = delay_ns;
    loop->copies = 1;
    return loop;
}

void ehr_loop_free(struct ehr_loop *loop)
{
    agenda_close(&loop->agenda);
    for (uint32_t i = 0; i < loop->seat_count; i++) {
        for (uint32_t k = 0; k < loop->seats[i].journal_count; k++)
            ehr_blob_unref(loop->seats[i].journal[k].data);
        free(loop->seats[i].journal);
    }
    free(loop);
}

uint32_t ehr_loop_node_add(struct ehr_loop *loop, struct ehr_node *node)
{
    assert(loop->seat_count < NODES_MAX);
    node->id = loop->seat_count;
    loop->seats[loop->seat_count].node = node;
    return loop->seat_count++;
}

uint32_t ehr_loop_group_add(struct ehr_loop *loop, uint32_t first, uint32_t count)
{
    assert(loop->group_count < GROUPS_MAX);
    loop->groups[loop->group_count].first = first;
    loop->groups[loop->group_count].count = count;
    return loop->group_count++;
}

void ehr_loop_copies_set(struct ehr_loop *loop, uint32_t copies)
{
    loop->copies = copies;
}

void ehr_loop_start(struct ehr_loop *loop)
{
    for (uint32_t i = 0; i < loop->seat_count; i++) {
        struct ehr_fx fx = {loop, i, 0, NULL};
        loop->seats[i].node->type->on_start(loop->seats[i].node, &fx, NULL);
    }
}

void ehr_loop_inject(struct ehr_loop *loop, struct ehr_address from, struct ehr_address to,
                     struct ehr_message *take_message)
{
    agenda_push(&loop->agenda,
                &(struct agenda_event){
                    .at_ns = loop->now_ns, .from = from, .to = to, .message = take_message});
}

static void event_handle(struct ehr_loop *loop, const struct agenda_event *event)
{
    struct seat *seat = &loop->seats[event->to.node];
    struct ehr_fx fx = {loop, event->to.node, event->to.lane, NULL};
    if (event->message == NULL) {
        if (!seat->down && seat->life == event->life)
            seat->node->type->on_timer(seat->node, &fx, event->to.lane, event->timer,
                                       event->generation);
        return;
    }
    const struct ehr_delivery delivery = {event->from, event->to.lane, event->message};
    if (!seat->down)
        seat->node->type->on_message(seat->node, &fx, &delivery);
    ehr_message_unref(event->message);
}

uint64_t ehr_loop_run(struct ehr_loop *loop, uint64_t until_ns)
{
    while (agenda_due(&loop->agenda, until_ns)) {
        struct agenda_event event = agenda_pop(&loop->agenda);
        loop->now_ns = event.at_ns;
        event_handle(loop, &event);
    }
    return loop->now_ns;
}

uint64_t ehr_loop_now(const struct ehr_loop *loop)
{
    return loop->now_ns;
}

void ehr_loop_crash(struct ehr_loop *loop, uint32_t node)
{
    loop->seats[node].down = true;
    loop->seats[node].life++;
}

void ehr_loop_restart(struct ehr_loop *loop, uint32_t node)
{
    struct seat *seat = &loop->seats[node];
    seat->down = false;
    struct ehr_fx fx = {loop, node, 0, NULL};
    const struct ehr_journal saved = {seat->journal_count, seat->journal};
    seat->node->type->on_start(seat->node, &fx, &saved);
}

uint64_t ehr_loop_charged(const struct ehr_loop *loop, uint32_t node, enum ehr_cost_op op)
{
    return loop->seats[node].charged[op];
}

uint32_t ehr_loop_journal_count(const struct ehr_loop *loop, uint32_t node)
{
    return loop->seats[node].journal_count;
}
