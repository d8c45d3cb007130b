/* Broadcasts as one event each: the stops of a sender and group in order of arrival, kept. */
#include "sim/network/state.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/network/memory.h"

enum { ANY_SIZE = 0 }; /* plan->bytes of a uniform list; no message has 0 bytes */

static int by_latency(const void *a, const void *b)
{
    const struct ehr_target *x = a, *y = b;
    if (x->route->latency_ns != y->route->latency_ns)
        return x->route->latency_ns < y->route->latency_ns ? -1 : 1;
    return x->turn < y->turn ? -1 : x->turn > y->turn;
}

static int by_offset(const void *a, const void *b)
{
    const struct ehr_stop *x = a, *y = b;
    if (x->offset_ns != y->offset_ns)
        return x->offset_ns < y->offset_ns ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static struct ehr_list *list_make(struct ehr_kernel *kernel, const struct ehr_seat *seat,
                                  const struct ehr_group *group)
{
    struct ehr_list *list = ehr_zeroed(1, sizeof *list + group->count * sizeof list->targets[0]);
    uint32_t local = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        struct ehr_seat *to = kernel->seats[group->nodes[i]];
        if (to != seat && to->host != seat->host)
            list->targets[list->remote++] = (struct ehr_target){
                ehr_route_of(seat->host, to->host), to->node->id, to->node->id - seat->node->id};
    }
    qsort(list->targets, list->remote, sizeof list->targets[0], by_latency);
    for (uint32_t i = 0; i < group->count; i++) {
        struct ehr_seat *to = kernel->seats[group->nodes[i]];
        if (to != seat && to->host == seat->host)
            list->targets[list->remote + local++] = (struct ehr_target){NULL, to->node->id, 0};
    }
    list->count = list->remote + local;
    list->version = ehr_routes_version();
    list->uniform = true;
    for (uint32_t i = 0; i < list->remote; i++)
        list->broken = list->broken || list->targets[i].route->broken;
    for (uint32_t i = 1; i < list->remote; i++)
        if (list->targets[i].route->bytes_per_s != list->targets[0].route->bytes_per_s)
            list->uniform = false;
    return list;
}

/* To look at a route is to ask for it. */
static bool list_holds(const struct ehr_kernel *kernel, const struct ehr_seat *seat,
                       const struct ehr_list *list)
{
    for (uint32_t i = 0; i < list->remote; i++)
        (void)ehr_route_of(seat->host, kernel->seats[list->targets[i].node]->host);
    return list->version == ehr_routes_version();
}

struct ehr_list *ehr_list_of(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t group)
{
    if (kernel->mortal && group < seat->list_count && seat->lists[group] != NULL &&
        !list_holds(kernel, seat, seat->lists[group]))
        ehr_lists_close(seat);
    if (group < seat->list_count && seat->lists[group] != NULL)
        return seat->lists[group];
    if (group >= seat->list_count) {
        struct ehr_list **lists = ehr_zeroed(kernel->group_count, sizeof(struct ehr_list *));
        for (uint32_t i = 0; i < seat->list_count; i++)
            lists[i] = seat->lists[i];
        free(seat->lists);
        seat->lists = lists;
        seat->list_count = (uint32_t)kernel->group_count;
    }
    seat->lists[group] = list_make(kernel, seat, &kernel->groups[group]);
    return seat->lists[group];
}

void ehr_plan_unref(struct ehr_plan *plan)
{
    if (plan != NULL && --plan->references == 0)
        free(plan);
}

void ehr_lists_close(struct ehr_seat *seat)
{
    for (uint32_t i = 0; i < seat->list_count; i++) {
        for (unsigned k = 0; seat->lists[i] != NULL && k < 4; k++)
            ehr_plan_unref(seat->lists[i]->plans[k]);
        free(seat->lists[i]);
    }
    free(seat->lists);
    seat->lists = NULL;
    seat->list_count = 0;
}

static struct ehr_plan *plan_make(const struct ehr_list *list, uint64_t bytes)
{
    struct ehr_plan *plan = ehr_zeroed(1, sizeof *plan + list->remote * sizeof plan->stops[0]);
    plan->references = 1; /* the list's */
    plan->count = list->remote;
    plan->bytes = bytes;
    for (uint32_t i = 0; i < list->remote; i++) {
        const struct ehr_route *route = list->targets[i].route;
        uint64_t transfer = bytes == ANY_SIZE ? 0 : ehr_transfer_ns(bytes, route->bytes_per_s);
        plan->stops[i] = (struct ehr_stop){route->latency_ns + transfer, list->targets[i].node};
    }
    qsort(plan->stops, plan->count, sizeof plan->stops[0], by_offset);
    return plan;
}

/* The order depends on the size only where bandwidths differ; consensus messages have few sizes,
 * so the last four are kept. */
struct ehr_plan *ehr_list_plan(struct ehr_list *list, uint64_t bytes, uint64_t *extra_ns)
{
    uint64_t key = list->uniform ? ANY_SIZE : bytes;
    *extra_ns = 0;
    if (list->uniform && list->remote > 0)
        *extra_ns = ehr_transfer_ns(bytes, list->targets[0].route->bytes_per_s);
    for (unsigned k = 0; k < 4; k++) {
        struct ehr_plan *plan = list->plans[k];
        if (plan != NULL && plan->bytes == key) {
            plan->references++;
            return plan;
        }
    }
    struct ehr_plan **place = &list->plans[list->next_plan++ % 4];
    ehr_plan_unref(*place);
    *place = plan_make(list, key);
    (*place)->references++;
    return *place;
}

void ehr_cast_step(struct ehr_kernel *kernel, struct ehr_agenda *agenda)
{
    struct ehr_heap_entry entry = agenda->heap.entries[0];
    struct ehr_cast *cast = &kernel->slots[entry.slot].as.cast;
    struct ehr_plan *plan = cast->plan;
    struct ehr_item item = {.as.message = cast->message,
                            .since = cast->since,
                            .node = plan->stops[cast->cursor].node,
                            .from = cast->from,
                            .from_lane = cast->from_lane,
                            .kind = EHR_ITEM_MESSAGE};
    bool last = ++cast->cursor == plan->count;
    if (last) {
        ehr_heap_pop(&agenda->heap);
        ehr_slot_give(kernel, entry.slot);
    } else {
        entry.ns = cast->base_ns + plan->stops[cast->cursor].offset_ns;
        ehr_heap_replace(&agenda->heap, entry);
    }
    ehr_item_arrive(kernel, &item);
    if (last) {
        ehr_plan_unref(plan);
        ehr_message_unref(item.as.message);
    }
}
