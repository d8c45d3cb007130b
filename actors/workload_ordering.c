/* Raw requests: a closed loop, in which the end of one request starts the next, at the same client
 * and the same instant; or an open one, by rate, the clients in turn. */
#include "actors/workload_internal.h"

/* Whether one more may be offered; counts it. */
static bool order_next(struct order *order)
{
    if (order->over)
        return false;
    order->offered++;
    order->over = order->config->requests > 0 && order->offered == order->config->requests;
    return true;
}

void workload_order_begin(struct workload *self, struct ehr_fx *fx, uint32_t o, uint32_t client,
                          uint32_t request)
{
    struct ehr_msg_begin_order *begin = EHR_NEW(begin_order, BEGIN_ORDER);
    begin->request = request;
    workload_ask(self, fx, (struct ehr_address){self->orders[o].config->first_client + client, 0},
                 &begin->head, EHR_REPLY_NODE_UNREACHABLE);
}

static void order_ask(struct workload *self, struct ehr_fx *fx, uint32_t o, uint32_t client)
{
    workload_order_begin(
        self, fx, o, client,
        workload_offer(self, fx, EHR_FLOW_ORDERING, self->orders[o].config->hospital, o));
}

static bool is_closed(const struct order *order)
{
    return order->config->rate_per_s <= 0;
}

void workload_orders_start(struct workload *self, struct ehr_fx *fx)
{
    for (uint32_t o = 0; o < self->config.order_count; o++) {
        struct order *order = &self->orders[o];
        if (!is_closed(order)) {
            workload_arrivals_next(self, fx, &order->arrivals, WORKLOAD_TIMER_ORDER, o);
            continue;
        }
        for (uint32_t k = 0; k < order->config->outstanding; k++)
            for (uint32_t c = 0; c < order->config->clients; c++)
                if (order_next(order))
                    order_ask(self, fx, o, c);
        if (order->config->requests == 0)
            ehr_fx_timer(fx, WORKLOAD_TIMER_ORDER, o, self->config.duration_ns);
    }
}

/* Open: the next request arrives. Closed: the time is over. */
void workload_order_timer(struct workload *self, struct ehr_fx *fx, uint32_t o)
{
    struct order *order = &self->orders[o];
    if (is_closed(order)) {
        order->over = true;
        return;
    }
    order_ask(self, fx, o, order->next_client);
    order->next_client = (order->next_client + 1) % order->config->clients;
    workload_arrivals_next(self, fx, &order->arrivals, WORKLOAD_TIMER_ORDER, o);
}

void workload_order_ended(struct workload *self, struct ehr_fx *fx, uint32_t o, uint32_t node)
{
    struct order *order = &self->orders[o];
    if (is_closed(order) && order_next(order))
        order_ask(self, fx, o, node - order->config->first_client);
}

bool workload_orders_over(const struct workload *self)
{
    for (uint32_t o = 0; o < self->config.order_count; o++)
        if (is_closed(&self->orders[o]) ? !self->orders[o].over : !self->orders[o].arrivals.over)
            return false;
    return true;
}
