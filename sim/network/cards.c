/* Fidelity queue: as delay, and a first-in first-out network card at either end. The sender's card
 * is taken for size / (bandwidth of the first link), one message after another. A message's head
 * reaches the receiver's card a latency later; that card takes heads in order of their coming, each
 * for size / (bandwidth of the last link). The message is there when the receiver's card is done
 * with it, and not before head + size / narrowest: alone it takes latency + size / narrowest. What
 * a delay spike adds comes after that: it keeps no card. */
#include "sim/network/state.h"

static void queue_send(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t extra_ns)
{
    uint32_t from = kernel->seats[item->from]->host;
    struct ehr_host *host = &kernel->hosts[from];
    const struct ehr_route *route = ehr_route_of(from, kernel->seats[item->node]->host);
    uint64_t bytes = item->as.message->size + kernel->config.overhead_bytes;
    uint64_t depart =
        host->card_out_free_ns > kernel->now_ns ? host->card_out_free_ns : kernel->now_ns;
    host->card_out_free_ns = depart + ehr_transfer_ns(bytes, route->first_bytes_per_s);
    struct ehr_event event = {.kind = EHR_KIND_CARD, .as.card = {*item, extra_ns}};
    uint64_t head = ehr_order_head(kernel, item, depart + route->latency_ns);
    ehr_agenda_push(kernel, &kernel->agenda, head, ehr_sequence_next(kernel), &event);
}

/* Copies leave nearest first, so their heads arrive in the order of the list, whatever the size. */
static void queue_cast(struct ehr_kernel *kernel, struct ehr_list *list, struct ehr_item *item)
{
    for (uint32_t i = 0; i < list->remote; i++) {
        struct ehr_item copy = *item;
        copy.node = list->targets[i].node;
        ehr_message_ref(copy.as.message);
        queue_send(kernel, &copy, 0);
    }
    ehr_message_unref(item->as.message);
}

void ehr_card_arrive(struct ehr_kernel *kernel, struct ehr_event *event)
{
    struct ehr_item *item = &event->as.card.item;
    uint32_t to = kernel->seats[item->node]->host;
    struct ehr_host *host = &kernel->hosts[to];
    const struct ehr_route *route = ehr_route_of(kernel->seats[item->from]->host, to);
    uint64_t bytes = item->as.message->size + kernel->config.overhead_bytes;
    uint64_t start =
        host->card_in_free_ns > kernel->now_ns ? host->card_in_free_ns : kernel->now_ns;
    host->card_in_free_ns = start + ehr_transfer_ns(bytes, route->last_bytes_per_s);
    uint64_t done = kernel->now_ns + ehr_transfer_ns(bytes, route->bytes_per_s);
    if (host->card_in_free_ns > done)
        done = host->card_in_free_ns;
    done += event->as.card.extra_ns;
    ehr_item_push(kernel, ehr_order_arrival(kernel, item, done), item);
}

const struct ehr_medium ehr_medium_queue = {queue_send, queue_cast, ehr_host_reserve};
