/* Messages sent singly from one node to another arrive in the order of their sending, as on one TCP
 * connection: a small one waits for a large one that left before it. Copies of broadcasts and
 * messages of patients' devices take no part: replicas expect any order, each device has a
 * connection of its own.
 *
 * queue and delay know arrivals in advance: an arrival is not before the last one of its pair. In
 * flow the couriers of a pair are numbered, and what comes early is held. */
#include "sim/network/state.h"

#include <stdlib.h>

#include "sim/network/memory.h"

/* A message that came before one that had left earlier. */
struct ehr_held {
    struct ehr_item item; /* without message: lost, its number is all that matters */
    uint32_t number;
    struct ehr_held *next;
};

/* Of one pair: numbers given out, the number that may arrive next, what is held, in order. */
struct ehr_stream {
    uint32_t sent, due;
    struct ehr_held *held;
};

static struct ehr_seat *order_seat(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    return kernel->seats[item->from];
}

uint64_t ehr_order_arrival(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t at_ns)
{
    struct ehr_seat *seat = order_seat(kernel, item);
    if (!item->in_order)
        return at_ns;
    if (seat->arrivals_ns == NULL)
        seat->arrivals_ns = ehr_zeroed(kernel->seat_count, sizeof *seat->arrivals_ns);
    uint64_t *last_ns = &seat->arrivals_ns[item->node];
    if (at_ns < *last_ns)
        at_ns = *last_ns;
    *last_ns = at_ns;
    return at_ns;
}

/* Heads leave in order and take the same way: only a link that became faster lets one overtake. */
uint64_t ehr_order_head(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t at_ns)
{
    struct ehr_seat *seat = order_seat(kernel, item);
    if (!item->in_order || kernel->impair == NULL)
        return at_ns;
    if (seat->heads_ns == NULL)
        seat->heads_ns = ehr_zeroed(kernel->seat_count, sizeof *seat->heads_ns);
    uint64_t *last_ns = &seat->heads_ns[item->node];
    if (at_ns < *last_ns)
        at_ns = *last_ns;
    *last_ns = at_ns;
    return at_ns;
}

static struct ehr_stream *stream_of(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    struct ehr_seat *seat = order_seat(kernel, item);
    if (seat->streams == NULL)
        seat->streams = ehr_zeroed(kernel->seat_count, sizeof *seat->streams);
    return &seat->streams[item->node];
}

uint32_t ehr_order_number(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    return item->in_order ? stream_of(kernel, item)->sent++ : 0;
}

static void held_add(struct ehr_stream *stream, const struct ehr_item *item, uint32_t number)
{
    struct ehr_held *held = ehr_zeroed(1, sizeof *held);
    struct ehr_held **at = &stream->held;
    held->item = *item;
    held->number = number;
    while (*at != NULL && (*at)->number < number)
        at = &(*at)->next;
    held->next = *at;
    *at = held;
}

void ehr_order_arrive(struct ehr_kernel *kernel, const struct ehr_item *item, uint32_t number)
{
    if (!item->in_order) {
        if (item->as.message != NULL)
            ehr_item_push(kernel, kernel->now_ns, item);
        return;
    }
    struct ehr_stream *stream = stream_of(kernel, item);
    held_add(stream, item, number);
    while (stream->held != NULL && stream->held->number == stream->due) {
        struct ehr_held *held = stream->held;
        stream->held = held->next;
        stream->due++;
        if (held->item.as.message != NULL)
            ehr_item_push(kernel, kernel->now_ns, &held->item);
        free(held);
    }
}

void ehr_order_close(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    for (uint32_t i = 0; seat->streams != NULL && i < kernel->seat_count; i++)
        while (seat->streams[i].held != NULL) {
            struct ehr_held *held = seat->streams[i].held;
            seat->streams[i].held = held->next;
            if (held->item.as.message != NULL)
                ehr_message_unref(held->item.as.message);
            free(held);
        }
    free(seat->streams);
    free(seat->arrivals_ns);
    free(seat->heads_ns);
}
