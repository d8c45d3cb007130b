/* Effects: performed at once while the handler has taken no time; from the first charge or write
 * that takes time on, put into the strand's script (strand.c), which performs them when they are
 * due. */
#include "sim/network/impair.h"

#include <assert.h>

#include "sim/network/memory.h"

/* ---- a node inside another ---- */

void ehr_fx_tap_set(struct ehr_fx *fx, const struct ehr_fx_tap *tap)
{
    fx->tap = tap;
}

/* What the tap asks for itself is not its own business again. */
static void tap_ask(struct ehr_fx *fx, const struct ehr_asked *effect)
{
    const struct ehr_fx_tap *tap = fx->tap;
    fx->tap = NULL;
    tap->ask(tap->context, fx, effect);
    fx->tap = tap;
}

static bool tap_sends(struct ehr_fx *fx, enum ehr_asked_kind kind, struct ehr_address to,
                      struct ehr_message *take_message)
{
    if (fx->tap != NULL)
        tap_ask(fx, &(struct ehr_asked){.kind = kind, .as.send = {to, take_message}});
    return fx->tap != NULL;
}

static bool tap_charges(struct ehr_fx *fx, enum ehr_asked_kind kind, enum ehr_cost_op op,
                        uint64_t count, uint64_t bytes)
{
    if (fx->tap != NULL)
        tap_ask(fx, &(struct ehr_asked){.kind = kind, .as.charge = {op, count, bytes}});
    return fx->tap != NULL;
}

/* ---- steps ---- */

uint64_t ehr_fx_now(const struct ehr_fx *fx)
{
    uint64_t lag_ns = fx->tap != NULL ? fx->tap->lag_ns : 0;
    return fx->now_ns > lag_ns ? fx->now_ns - lag_ns : 0;
}

static struct ehr_step *step_add(struct ehr_fx *fx, enum ehr_step_kind kind)
{
    struct ehr_strand *strand = fx->strand;
    if (strand->step_count == strand->step_capacity)
        strand->steps = ehr_grow(strand->steps, &strand->step_capacity, sizeof *strand->steps);
    struct ehr_step *step = &strand->steps[strand->step_count++];
    step->kind = (uint8_t)kind;
    return step;
}

static void step_do(struct ehr_fx *fx, const struct ehr_step *step)
{
    if (fx->delayed)
        step_add(fx, (enum ehr_step_kind)step->kind)->as = step->as;
    else
        ehr_step_perform(fx->kernel, fx->seat, fx->lane, step);
}

/* ---- time ---- */

static void compute_add(struct ehr_fx *fx, uint64_t jobs, uint64_t each_ns)
{
    struct ehr_strand *strand = fx->strand;
    if (jobs == 0 || each_ns == 0 || fx->seat->place == EHR_NODE_CONTROL)
        return;
    if (fx->delayed && jobs == 1 && strand->step_count > 0) {
        struct ehr_step *last = &strand->steps[strand->step_count - 1];
        if (last->kind == EHR_STEP_COMPUTE && last->as.compute.jobs == 1) {
            last->as.compute.each_ns += each_ns;
            return;
        }
    }
    fx->delayed = true;
    struct ehr_step *step = step_add(fx, EHR_STEP_COMPUTE);
    step->as.compute.jobs = jobs;
    step->as.compute.each_ns = each_ns;
}

static void count_charged(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count, uint64_t ns)
{
    struct ehr_kernel_counters *counters = &fx->seat->counters;
    if (fx->kernel->mortal)
        ehr_host_look(fx->kernel, fx->seat->host);
    counters->charged[op] += count;
    counters->charged_ns[op] += ehr_host_ns(&fx->kernel->hosts[fx->seat->host], ns);
}

void ehr_fx_charge(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count, uint64_t bytes)
{
    if (tap_charges(fx, EHR_ASKED_CHARGE, op, count, bytes))
        return;
    uint64_t ns = ehr_cost_ns(fx->kernel->config.costs, op, count, bytes);
    count_charged(fx, op, count, ns);
    compute_add(fx, 1, ns);
}

void ehr_fx_charge_parallel(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count,
                            uint64_t bytes_each)
{
    if (tap_charges(fx, EHR_ASKED_CHARGE_PARALLEL, op, count, bytes_each))
        return;
    uint64_t each_ns = ehr_cost_ns(fx->kernel->config.costs, op, 1, bytes_each);
    count_charged(fx, op, count, count * each_ns);
    compute_add(fx, count, each_ns);
}

void ehr_fx_persist(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, struct ehr_blob *take_data)
{
    ehr_fx_persist_marked(fx, bytes, kind, 0, take_data);
}

void ehr_fx_persist_marked(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, uint64_t mark,
                           struct ehr_blob *take_data)
{
    assert(fx->seat->place != EHR_NODE_CONTROL);
    if (fx->tap != NULL) {
        tap_ask(fx, &(struct ehr_asked){.kind = EHR_ASKED_PERSIST,
                                        .as.persist = {bytes, kind, mark, take_data}});
        return;
    }
    if (ehr_host_write_ns(fx->kernel, &fx->kernel->hosts[fx->seat->host], bytes) > 0)
        fx->delayed = true;
    if (!fx->delayed) {
        ehr_journal_append(fx->seat, kind, mark, take_data);
        return;
    }
    struct ehr_step *step = step_add(fx, EHR_STEP_PERSIST);
    step->as.persist.bytes = bytes;
    step->as.persist.kind = kind;
    step->as.persist.mark = mark;
    step->as.persist.data = take_data;
}

/* ---- no time ---- */

void ehr_fx_forget(struct ehr_fx *fx, uint16_t kind, uint64_t mark)
{
    if (fx->tap != NULL) {
        tap_ask(fx, &(struct ehr_asked){.kind = EHR_ASKED_FORGET, .as.forget = {kind, mark}});
        return;
    }
    struct ehr_step step = {.kind = EHR_STEP_FORGET};
    step.as.persist.kind = kind;
    step.as.persist.mark = mark;
    if (fx->seat->journal_kept)
        step_do(fx, &step);
}

bool ehr_fx_journal_kept(const struct ehr_fx *fx)
{
    return fx->seat->journal_kept;
}

/* Addresses come from messages too, and a faulty peer may make them up. */
static bool somebody_at(const struct ehr_kernel *kernel, struct ehr_address to)
{
    if (to.node >= kernel->seat_count)
        return false;
    const struct ehr_seat *seat = kernel->seats[to.node];
    return seat->place != EHR_NODE_CONTROL &&
           (seat->place != EHR_NODE_DEVICES || to.lane < seat->lanes);
}

void ehr_fx_send(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    assert(take_message->size > 0);
    if (tap_sends(fx, EHR_ASKED_SEND, to, take_message))
        return;
    if (!somebody_at(fx->kernel, to)) {
        fx->seat->counters.unroutable++;
        ehr_message_unref(take_message);
        return;
    }
    struct ehr_step step = {.kind = EHR_STEP_SEND, .as.send = {take_message, to}};
    step_do(fx, &step);
}

void ehr_fx_broadcast(struct ehr_fx *fx, uint32_t group, struct ehr_message *take_message)
{
    assert(group < fx->kernel->group_count && take_message->size > 0);
    if (tap_sends(fx, EHR_ASKED_BROADCAST, (struct ehr_address){group, 0}, take_message))
        return;
    struct ehr_step step = {.kind = EHR_STEP_CAST, .as.send = {take_message, {group, 0}}};
    step_do(fx, &step);
}

void ehr_fx_post(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message)
{
    assert(to.node < fx->kernel->seat_count);
    if (tap_sends(fx, EHR_ASKED_POST, to, take_message))
        return;
    struct ehr_step step = {.kind = EHR_STEP_POST, .as.send = {take_message, to}};
    step_do(fx, &step);
}

void ehr_fx_timer(struct ehr_fx *fx, uint32_t id, uint64_t generation, uint64_t delay_ns)
{
    assert(delay_ns < EHR_NEVER / 2);
    if (fx->tap != NULL) {
        tap_ask(fx, &(struct ehr_asked){.kind = EHR_ASKED_TIMER,
                                        .as.timer = {id, generation, delay_ns}});
        return;
    }
    struct ehr_step step = {.kind = EHR_STEP_TIMER, .as.timer = {generation, delay_ns, id}};
    step_do(fx, &step);
}

void ehr_fx_mark(struct ehr_fx *fx, struct ehr_mark mark)
{
    if (fx->tap != NULL) {
        tap_ask(fx, &(struct ehr_asked){.kind = EHR_ASKED_MARK, .as.mark = mark});
        return;
    }
    struct ehr_step step = {.kind = EHR_STEP_MARK, .as.mark = mark};
    step_do(fx, &step);
}

/* ---- performing ---- */

static void count_sent(struct ehr_kernel *kernel, struct ehr_seat *seat,
                       const struct ehr_message *message, uint64_t copies)
{
    uint64_t bytes = (message->size + kernel->config.overhead_bytes) * copies;
    assert(message->type < kernel->config.message_types);
    seat->counters.messages_out += copies;
    seat->counters.bytes_out += bytes;
    seat->counters.type_messages_out[message->type] += copies;
    seat->counters.type_bytes_out[message->type] += bytes;
}

void ehr_dropped_count(struct ehr_kernel *kernel, uint32_t node, const struct ehr_message *message)
{
    struct ehr_kernel_counters *counters = &kernel->seats[node]->counters;
    counters->dropped++;
    counters->type_messages_dropped[message->type]++;
    counters->type_bytes_dropped[message->type] += message->size + kernel->config.overhead_bytes;
    if (kernel->hooks.arrive != NULL)
        kernel->hooks.arrive(kernel->hooks.context, node, message, true);
}

bool ehr_way_broken(const struct ehr_kernel *kernel, const struct ehr_seat *from,
                    const struct ehr_seat *to)
{
    return kernel->flow == NULL && from->host != to->host &&
           ehr_route_of(from->host, to->host)->broken;
}

static void inspect(struct ehr_kernel *kernel, uint32_t from, uint32_t to,
                    const struct ehr_message *message)
{
    if (kernel->hooks.inspect != NULL)
        kernel->hooks.inspect(kernel->hooks.context, kernel->now_ns, from, to, message);
}

/* `number` 0: it is lost. */
static void watch_leave(struct ehr_kernel *kernel, const struct ehr_seat *seat, uint32_t lane,
                        uint32_t to, const struct ehr_message *message, uint64_t number)
{
    const struct ehr_kernel_watch *watch = kernel->hooks.watch;
    if (watch == NULL)
        return;
    bool device = seat->place == EHR_NODE_DEVICES;
    const struct ehr_watch_message seen = {.strand = {device ? lane : seat->node->id, device},
                                           .from = seat->node->id,
                                           .to = to,
                                           .message = message,
                                           .number = number,
                                           .lost = number == 0};
    watch->leave(watch->context, kernel->now_ns, &seen);
}

static void leave(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                  struct ehr_address to, struct ehr_message *message, bool single)
{
    struct ehr_seat *receiver = kernel->seats[to.node];
    count_sent(kernel, seat, message, 1);
    inspect(kernel, seat->node->id, to.node, message);
    bool near = receiver->host == seat->host;
    uint64_t extra_ns = 0;
    if (receiver->since == EHR_NEVER ||
        (kernel->mortal && ehr_way_broken(kernel, seat, receiver)) ||
        (kernel->impaired > 0 && !near && !ehr_impair_leave(kernel, seat, receiver, &extra_ns))) {
        watch_leave(kernel, seat, lane, to.node, message, 0);
        ehr_dropped_count(kernel, to.node, message);
        ehr_message_unref(message);
        return;
    }
    struct ehr_item item = {.as.message = message,
                            .since = ehr_sequence_next(kernel),
                            .node = to.node,
                            .lane = to.lane,
                            .from = seat->node->id,
                            .from_lane = lane,
                            .kind = EHR_ITEM_MESSAGE,
                            .in_order = single && seat->place != EHR_NODE_DEVICES &&
                                        receiver->place != EHR_NODE_DEVICES};
    watch_leave(kernel, seat, lane, to.node, message, item.since);
    if (near)
        ehr_item_push(kernel, kernel->now_ns + kernel->config.loopback_ns, &item);
    else
        kernel->medium.send(kernel, &item, extra_ns);
}

static void hold(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                 struct ehr_address to, struct ehr_message *message, bool single)
{
    uint32_t from = seat->node->id;
    struct ehr_event event = {.kind = EHR_KIND_HELD,
                              .as.item = {.as.message = message,
                                          .since = ehr_sequence_next(kernel),
                                          .node = to.node,
                                          .lane = to.lane,
                                          .from = from,
                                          .from_lane = lane,
                                          .kind = EHR_ITEM_MESSAGE,
                                          .in_order = single}};
    ehr_agenda_push(kernel, ehr_agenda_of(kernel, from), kernel->now_ns + kernel->hold_ns,
                    event.as.item.since, &event);
}

void ehr_held_leave(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    struct ehr_seat *seat = kernel->seats[item->from];
    if (seat->since > item->since) /* crashed meanwhile, or is down */
        ehr_message_unref(item->as.message);
    else
        leave(kernel, seat, item->from_lane, (struct ehr_address){item->node, item->lane},
              item->as.message, item->in_order);
}

/* `single`: sent to one node, not a copy of a broadcast. */
static void send_one(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                     struct ehr_address to, struct ehr_message *message, bool single)
{
    assert(seat->place != EHR_NODE_CONTROL && kernel->seats[to.node]->place != EHR_NODE_CONTROL);
    if (seat->rewrite != NULL) {
        kernel->hold_ns = 0;
        message = seat->rewrite(seat->rewrite_context, kernel->now_ns, to.node, message);
        if (message != NULL && kernel->hold_ns > 0)
            hold(kernel, seat, lane, to, message, single);
        if (message == NULL || kernel->hold_ns > 0)
            return;
    }
    leave(kernel, seat, lane, to, message, single);
}

/* As copies of their own: when receivers differ in what they get, when, or whether at all. */
static void send_each(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                      const struct ehr_list *list, uint32_t first, struct ehr_message *message)
{
    for (uint32_t i = first; i < list->count; i++) {
        struct ehr_address to = {list->targets[i].node, 0};
        send_one(kernel, seat, lane, to, ehr_message_ref(message), false);
    }
}

static void cast_perform(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                         uint32_t group, struct ehr_message *message)
{
    struct ehr_list *list = ehr_list_of(kernel, seat, group);
    if (seat->rewrite != NULL || kernel->down_count > 0 || kernel->impaired > 0 || list->broken) {
        send_each(kernel, seat, lane, list, 0, message);
        ehr_message_unref(message);
        return;
    }
    if (list->remote > 0) {
        struct ehr_item item = {.as.message = ehr_message_ref(message),
                                .since = ehr_sequence_next(kernel),
                                .from = seat->node->id,
                                .from_lane = lane,
                                .kind = EHR_ITEM_MESSAGE};
        count_sent(kernel, seat, message, list->remote);
        for (uint32_t i = 0; kernel->hooks.inspect != NULL && i < list->remote; i++)
            inspect(kernel, seat->node->id, list->targets[i].node, message);
        for (uint32_t i = 0; kernel->hooks.watch != NULL && i < list->remote; i++)
            watch_leave(kernel, seat, lane, list->targets[i].node, message, item.since);
        kernel->medium.cast(kernel, list, &item);
    }
    send_each(kernel, seat, lane, list, list->remote, message);
    ehr_message_unref(message);
}

void ehr_step_perform(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                      const struct ehr_step *step)
{
    struct ehr_item item = {.since = kernel->sequence + 1, .kind = EHR_ITEM_TIMER};
    switch ((enum ehr_step_kind)step->kind) {
    case EHR_STEP_SEND:
        send_one(kernel, seat, lane, step->as.send.to, step->as.send.message, true);
        return;
    case EHR_STEP_CAST:
        cast_perform(kernel, seat, lane, step->as.send.to.node, step->as.send.message);
        return;
    case EHR_STEP_POST:
        item.kind = EHR_ITEM_POST;
        item.as.message = step->as.send.message;
        item.node = step->as.send.to.node;
        item.lane = step->as.send.to.lane;
        item.from = seat->node->id;
        item.from_lane = lane;
        ehr_item_push(kernel, kernel->now_ns, &item);
        return;
    case EHR_STEP_TIMER:
        item.as.generation = step->as.timer.generation;
        item.node = seat->node->id;
        item.lane = lane;
        item.from = step->as.timer.id;
        ehr_item_push(kernel, kernel->now_ns + step->as.timer.delay_ns, &item);
        return;
    case EHR_STEP_MARK:
        if (kernel->hooks.mark != NULL)
            kernel->hooks.mark(kernel->hooks.context, kernel->now_ns, seat->node->id,
                               &step->as.mark);
        return;
    case EHR_STEP_FORGET:
        ehr_journal_forget(seat, step->as.persist.kind, step->as.persist.mark);
        return;
    case EHR_STEP_COMPUTE:
    case EHR_STEP_PERSIST:
        break;
    }
    assert(false); /* takes time: strand.c */
}

void ehr_step_drop(const struct ehr_step *step)
{
    switch ((enum ehr_step_kind)step->kind) {
    case EHR_STEP_SEND:
    case EHR_STEP_CAST:
    case EHR_STEP_POST:
        ehr_message_unref(step->as.send.message);
        return;
    case EHR_STEP_PERSIST:
        ehr_blob_unref(step->as.persist.data);
        return;
    case EHR_STEP_COMPUTE:
    case EHR_STEP_TIMER:
    case EHR_STEP_MARK:
    case EHR_STEP_FORGET:
        return;
    }
}
