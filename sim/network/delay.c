/* Fidelity delay: a message takes the latency of its route, and its size over the narrowest
 * bandwidth, whatever else is on the way. */
#include "sim/network/state.h"

static void delay_send(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t extra_ns)
{
    const struct ehr_route *route =
        ehr_route_of(kernel->seats[item->from]->host, kernel->seats[item->node]->host);
    uint64_t bytes = item->as.message->size + kernel->config.overhead_bytes;
    uint64_t ns = extra_ns + route->latency_ns + ehr_transfer_ns(bytes, route->bytes_per_s);
    ehr_item_push(kernel, ehr_order_arrival(kernel, item, kernel->now_ns + ns), item);
}

static void delay_cast(struct ehr_kernel *kernel, struct ehr_list *list, struct ehr_item *item)
{
    uint64_t bytes = item->as.message->size + kernel->config.overhead_bytes, extra_ns;
    struct ehr_plan *plan = ehr_list_plan(list, bytes, &extra_ns);
    struct ehr_event event = {.kind = EHR_KIND_CAST,
                              .as.cast = {.plan = plan,
                                          .message = item->as.message,
                                          .base_ns = kernel->now_ns + extra_ns,
                                          .since = item->since,
                                          .from = item->from,
                                          .from_lane = item->from_lane}};
    ehr_agenda_push(kernel, &kernel->agenda, event.as.cast.base_ns + plan->stops[0].offset_ns,
                    ehr_sequence_next(kernel), &event);
}

const struct ehr_medium ehr_medium_delay = {delay_send, delay_cast, ehr_host_reserve};
