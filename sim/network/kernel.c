#include "sim/network/kernel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/impair.h"
#include "sim/network/lives.h"
#include "sim/network/memory.h"

/* ---- life ---- */

struct ehr_kernel *ehr_kernel_new(const struct ehr_kernel_config *config,
                                  const struct ehr_kernel_hooks *hooks)
{
    struct ehr_kernel *kernel = ehr_zeroed(1, sizeof *kernel);
    kernel->config = *config;
    if (hooks != NULL)
        kernel->hooks = *hooks;
    kernel->sequence = EHR_SEQUENCE_FIRST;
    switch (config->fidelity) {
    case EHR_FIDELITY_FLOW:
        kernel->medium = ehr_medium_flow;
        break;
    case EHR_FIDELITY_QUEUE:
        kernel->medium = ehr_medium_queue;
        break;
    case EHR_FIDELITY_DELAY:
        kernel->medium = ehr_medium_delay;
        break;
    }
    assert(kernel->medium.send != NULL && config->costs != NULL);
    ehr_heap_init(&kernel->agenda.heap);
    ehr_heap_init(&kernel->faults.heap);
    ehr_hosts_open(kernel);
    kernel->mortal = config->inside || ehr_platform_changes();
    if (kernel->mortal)
        ehr_lives_open(kernel);
    return kernel;
}

static void event_drop(const struct ehr_event *event)
{
    switch ((enum ehr_event_kind)event->kind) {
    case EHR_KIND_CARD:
        ehr_message_unref(event->as.card.item.as.message);
        return;
    case EHR_KIND_ITEM:
        if (event->as.item.kind == EHR_ITEM_MESSAGE || event->as.item.kind == EHR_ITEM_POST)
            ehr_message_unref(event->as.item.as.message);
        return;
    case EHR_KIND_CAST:
        ehr_message_unref(event->as.cast.message);
        ehr_plan_unref(event->as.cast.plan);
        return;
    case EHR_KIND_HELD:
        ehr_message_unref(event->as.item.as.message);
        return;
    case EHR_KIND_RESUME:
    case EHR_KIND_FAULT:
        return;
    }
}

static void agenda_close(struct ehr_kernel *kernel, struct ehr_agenda *agenda)
{
    for (size_t i = 0; i < agenda->heap.count; i++)
        event_drop(&kernel->slots[agenda->heap.entries[i].slot]);
    ehr_heap_close(&agenda->heap);
}

static void seat_free(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    agenda_close(kernel, &seat->agenda);
    ehr_strand_close(&seat->strand);
    ehr_lists_close(seat);
    ehr_order_close(seat->kernel, seat);
    ehr_journal_close(seat);
    free(seat->counters.type_messages_in); /* and the others, one block */
    free(seat);
}

void ehr_kernel_free(struct ehr_kernel *kernel)
{
    if (kernel == NULL)
        return;
    ehr_flow_close(kernel);
    ehr_loop_close(kernel);
    ehr_inhabitants_close(kernel);
    ehr_lives_close(kernel);
    ehr_impair_close(kernel);
    agenda_close(kernel, &kernel->agenda);
    agenda_close(kernel, &kernel->faults);
    for (size_t i = 0; i < kernel->device_count; i++)
        if (kernel->devices[i] != NULL) {
            ehr_strand_close(kernel->devices[i]);
            free(kernel->devices[i]);
        }
    while (kernel->devices_idle != NULL) {
        struct ehr_strand *strand = kernel->devices_idle;
        kernel->devices_idle = strand->next;
        ehr_strand_close(strand);
        free(strand);
    }
    free(kernel->devices);
    for (size_t i = 0; i < kernel->seat_count; i++)
        seat_free(kernel, kernel->seats[i]);
    free(kernel->seats);
    for (size_t i = 0; i < kernel->group_count; i++)
        free(kernel->groups[i].nodes);
    free(kernel->groups);
    ehr_hosts_close(kernel);
    free(kernel->slots);
    free(kernel->slots_free);
    free(kernel);
}

/* ---- building ---- */

static void counters_open(struct ehr_kernel_counters *counters, uint32_t types)
{
    uint64_t *block = ehr_zeroed(6 * (size_t)types + 2 * (size_t)EHR_COST_COUNT, sizeof *block);
    counters->type_messages_in = block;
    counters->type_messages_out = block + types;
    counters->type_bytes_in = block + 2 * (size_t)types;
    counters->type_bytes_out = block + 3 * (size_t)types;
    counters->type_messages_dropped = block + 4 * (size_t)types;
    counters->type_bytes_dropped = block + 5 * (size_t)types;
    counters->charged = block + 6 * (size_t)types;
    counters->charged_ns = counters->charged + EHR_COST_COUNT;
}

static void devices_cover(struct ehr_kernel *kernel, uint32_t lanes)
{
    if (lanes <= kernel->device_count)
        return;
    struct ehr_strand **devices = ehr_zeroed(lanes, sizeof(struct ehr_strand *));
    for (size_t i = 0; i < kernel->device_count; i++)
        devices[i] = kernel->devices[i];
    free(kernel->devices);
    kernel->devices = devices;
    kernel->device_count = lanes;
}

uint32_t ehr_kernel_node_add(struct ehr_kernel *kernel, struct ehr_node *node, uint32_t host,
                             enum ehr_node_place place, uint32_t lanes)
{
    assert(!kernel->running && host < kernel->host_count);
    if (kernel->seat_count == kernel->seat_capacity)
        kernel->seats = ehr_grow(kernel->seats, &kernel->seat_capacity, sizeof(struct ehr_seat *));
    struct ehr_seat *seat = ehr_zeroed(1, sizeof *seat);
    seat->kernel = kernel;
    seat->node = node;
    seat->host = host;
    seat->place = place;
    seat->lanes = place == EHR_NODE_DEVICES ? lanes : 1;
    seat->since = ehr_sequence_next(kernel);
    seat->first_life = true;
    /* Inside a program it is known who comes back. */
    seat->journal_kept = kernel->mortal && !kernel->config.inside && place != EHR_NODE_CONTROL;
    ehr_heap_init(&seat->agenda.heap);
    counters_open(&seat->counters, kernel->config.message_types);
    if (place == EHR_NODE_DEVICES)
        devices_cover(kernel, lanes);
    node->id = (uint32_t)kernel->seat_count;
    seat->strand.owner = node->id;
    kernel->seats[kernel->seat_count++] = seat;
    return node->id;
}

uint32_t ehr_kernel_group_add(struct ehr_kernel *kernel, const uint32_t *nodes, uint32_t count)
{
    if (kernel->group_count == kernel->group_capacity)
        kernel->groups = ehr_grow(kernel->groups, &kernel->group_capacity, sizeof *kernel->groups);
    struct ehr_group *group = &kernel->groups[kernel->group_count];
    group->nodes = ehr_zeroed(count, sizeof *nodes);
    group->count = count;
    if (count > 0)
        memcpy(group->nodes, nodes, count * sizeof *nodes);
    for (uint32_t i = 0; i < count; i++)
        assert(nodes[i] < kernel->seat_count);
    return (uint32_t)kernel->group_count++;
}

void ehr_kernel_rewrite_set(struct ehr_kernel *kernel, uint32_t node, ehr_kernel_rewrite *rewrite,
                            void *context)
{
    assert(node < kernel->seat_count);
    kernel->seats[node]->rewrite = rewrite;
    kernel->seats[node]->rewrite_context = context;
}

void ehr_kernel_journal_keep(struct ehr_kernel *kernel, uint32_t node)
{
    assert(node < kernel->seat_count);
    kernel->seats[node]->journal_kept = true;
}

/* ---- events ---- */

uint64_t ehr_transfer_ns(uint64_t bytes, uint64_t bytes_per_s)
{
    const uint64_t second = 1000000000U;
    if (bytes_per_s == 0)
        return 0;
    if (bytes < UINT64_MAX / second / 2 && bytes_per_s < UINT64_MAX / 2)
        return (bytes * second + bytes_per_s / 2) / bytes_per_s;
    return (uint64_t)((double)bytes * 1e9 / (double)bytes_per_s + 0.5);
}

struct ehr_agenda *ehr_agenda_of(struct ehr_kernel *kernel, uint32_t node)
{
    struct ehr_seat *seat = kernel->seats[node];
    bool own = kernel->config.fidelity == EHR_FIDELITY_FLOW && seat->place != EHR_NODE_CONTROL &&
               !seat->gone;
    return own ? &seat->agenda : &kernel->agenda;
}

uint32_t ehr_slot_take(struct ehr_kernel *kernel)
{
    if (kernel->slots_free_count > 0)
        return kernel->slots_free[--kernel->slots_free_count];
    if (kernel->slot_count == kernel->slot_capacity)
        kernel->slots = ehr_grow(kernel->slots, &kernel->slot_capacity, sizeof *kernel->slots);
    assert(kernel->slot_count < UINT32_MAX);
    return (uint32_t)kernel->slot_count++;
}

void ehr_slot_give(struct ehr_kernel *kernel, uint32_t slot)
{
    if (kernel->slots_free_count == kernel->slots_free_capacity)
        kernel->slots_free =
            ehr_grow(kernel->slots_free, &kernel->slots_free_capacity, sizeof *kernel->slots_free);
    kernel->slots_free[kernel->slots_free_count++] = slot;
}

void ehr_agenda_push(struct ehr_kernel *kernel, struct ehr_agenda *agenda, uint64_t ns,
                     uint64_t sequence, const struct ehr_event *event)
{
    uint32_t slot = ehr_slot_take(kernel);
    kernel->slots[slot] = *event;
    ehr_heap_push(&agenda->heap, (struct ehr_heap_entry){ns, sequence, slot});
    kernel->pending++;
    if (agenda->waiting && agenda->heap.entries[0].slot == slot)
        ehr_flow_wake(kernel, agenda);
}

void ehr_item_push(struct ehr_kernel *kernel, uint64_t ns, const struct ehr_item *item)
{
    struct ehr_event event = {.kind = EHR_KIND_ITEM, .as.item = *item};
    ehr_agenda_push(kernel, ehr_agenda_of(kernel, item->node), ns, ehr_sequence_next(kernel),
                    &event);
}

void ehr_agenda_step(struct ehr_kernel *kernel, struct ehr_agenda *agenda)
{
    struct ehr_heap_entry entry = agenda->heap.entries[0];
    uint64_t interval = (uint64_t)1 << 10;
    if ((++kernel->events & (interval - 1)) == 0 && kernel->hooks.progress != NULL)
        kernel->hooks.progress(kernel->hooks.context, kernel->now_ns, kernel->events);
    if (kernel->slots[entry.slot].kind == EHR_KIND_CAST) {
        ehr_cast_step(kernel, agenda);
        return;
    }
    ehr_heap_pop(&agenda->heap);
    struct ehr_event event = kernel->slots[entry.slot];
    ehr_slot_give(kernel, entry.slot);
    switch ((enum ehr_event_kind)event.kind) {
    case EHR_KIND_ITEM:
        ehr_item_arrive(kernel, &event.as.item);
        event_drop(&event);
        return;
    case EHR_KIND_RESUME:
        ehr_strand_resume(kernel, event.as.resume.strand, event.as.resume.generation);
        return;
    case EHR_KIND_FAULT:
        ehr_fault_perform(kernel, (enum ehr_fault_kind)event.as.fault.kind, event.as.fault.index,
                          event.as.fault.over);
        return;
    case EHR_KIND_CARD:
        ehr_card_arrive(kernel, &event);
        return;
    case EHR_KIND_HELD:
        ehr_held_leave(kernel, &event.as.item);
        return;
    case EHR_KIND_CAST:
        return;
    }
}

/* ---- running ---- */

enum ehr_kernel_end ehr_kernel_run(struct ehr_kernel *kernel)
{
    assert(!kernel->running);
    kernel->running = true;
    for (uint32_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_item item = {.since = kernel->sequence + 1, .node = i, .kind = EHR_ITEM_START};
        ehr_item_push(kernel, 0, &item);
    }
    if (kernel->config.fidelity == EHR_FIDELITY_FLOW)
        return ehr_flow_run(kernel);
    return ehr_loop_run(kernel);
}

enum ehr_kernel_end ehr_kernel_how(const struct ehr_kernel *kernel)
{
    if (!kernel->ended)
        return EHR_KERNEL_DEADLOCK;
    return kernel->stopped ? EHR_KERNEL_STOPPED : EHR_KERNEL_IDLE;
}

void ehr_kernel_stop(struct ehr_kernel *kernel)
{
    kernel->stopped = true;
    if (kernel->agenda.waiting)
        ehr_flow_wake(kernel, &kernel->agenda);
}

/* ---- from outside ---- */

void ehr_kernel_hold_back(struct ehr_kernel *kernel, uint64_t delay_ns)
{
    kernel->hold_ns = delay_ns;
}

void ehr_kernel_clock(struct ehr_kernel *kernel)
{
    if (kernel->flow == NULL)
        ehr_loop_clock(kernel);
}

/* A control node takes no time: its effects have all happened when the code returns. */
bool ehr_kernel_call(struct ehr_kernel *kernel, uint32_t node, ehr_kernel_code *code, void *context)
{
    struct ehr_seat *seat = kernel->seats[node];
    assert(seat->place == EHR_NODE_CONTROL);
    if (!kernel->running || kernel->ended)
        return false;
    if (kernel->flow != NULL)
        ehr_flow_time(kernel);
    else
        ehr_loop_time(kernel);
    struct ehr_fx fx = {
        .kernel = kernel, .seat = seat, .strand = &seat->strand, .now_ns = kernel->now_ns};
    code(context, seat->node, &fx);
    assert(!fx.delayed);
    if (kernel->flow != NULL)
        ehr_flow_settle(kernel);
    else
        ehr_loop_wake(kernel);
    return true;
}

uint64_t ehr_kernel_now(const struct ehr_kernel *kernel)
{
    return kernel->now_ns;
}

uint64_t ehr_kernel_events(const struct ehr_kernel *kernel)
{
    return kernel->events;
}

const struct ehr_kernel_counters *ehr_kernel_counters(const struct ehr_kernel *kernel,
                                                      uint32_t node)
{
    assert(node < kernel->seat_count);
    return &kernel->seats[node]->counters;
}
