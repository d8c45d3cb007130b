/* Requests at stated times, beside those by rate. Each is what the next one by rate would be: its
 * patient and record are drawn from the same streams, unless it names them. */
#include "actors/workload_internal.h"

#include <assert.h>

static void timer_set(struct workload *self, struct ehr_fx *fx)
{
    if (self->next_event == self->config.event_count)
        return;
    uint64_t at_ns = self->config.events[self->next_event].at_ns, now_ns = ehr_fx_now(fx);
    ehr_fx_timer(fx, WORKLOAD_TIMER_TRACE, 0, at_ns > now_ns ? at_ns - now_ns : 0);
}

static void visit_come(struct workload *self, struct ehr_fx *fx,
                       const struct ehr_workload_event *event)
{
    const struct numbers *patients = &self->hospitals[event->hospital].patients;
    if (event->patient == EHR_WORKLOAD_ANY)
        workload_visit_offer(self, fx, event->hospital);
    else
        workload_visit_submit(self, fx, patients->item[event->patient]);
}

static void order_come(struct workload *self, struct ehr_fx *fx, uint32_t o)
{
    struct order *order = &self->orders[o];
    uint32_t request = workload_offer(self, fx, EHR_FLOW_ORDERING, order->config->hospital, o);
    uint32_t client = order->next_client;
    self->asked[request].submitted = true; /* its end starts no other */
    order->next_client = (client + 1) % order->config->clients;
    workload_order_begin(self, fx, o, client, request);
}

static void read_come(struct workload *self, struct ehr_fx *fx,
                      const struct ehr_workload_event *event)
{
    if (event->flow == EHR_FLOW_RETRIEVE)
        workload_retrieve_some(self, fx, event->hospital);
    else
        workload_share_some(self, fx, event->who);
}

static void come(struct workload *self, struct ehr_fx *fx, uint32_t number)
{
    const struct ehr_workload_event *event = &self->config.events[number];
    switch ((enum ehr_flow)event->flow) {
    case EHR_FLOW_VISIT:
        visit_come(self, fx, event);
        return;
    case EHR_FLOW_RETRIEVE:
    case EHR_FLOW_SHARE:
        if (self->shared.count > 0)
            read_come(self, fx, event);
        else
            workload_number_add(&self->early, number);
        return;
    case EHR_FLOW_ORDERING:
        order_come(self, fx, event->who);
        return;
    case EHR_FLOW_REGISTER:
    case EHR_FLOW_REVOKE:
    case EHR_FLOW_INVALID:
    case EHR_FLOW_END:
        break;
    }
    assert(false); /* no flow of a trace */
}

void workload_trace_start(struct workload *self, struct ehr_fx *fx)
{
    timer_set(self, fx);
}

void workload_trace_timer(struct workload *self, struct ehr_fx *fx)
{
    const struct ehr_workload_config *config = &self->config;
    while (self->next_event < config->event_count &&
           config->events[self->next_event].at_ns <= ehr_fx_now(fx))
        come(self, fx, (uint32_t)self->next_event++);
    timer_set(self, fx);
}

void workload_trace_record_ready(struct workload *self, struct ehr_fx *fx)
{
    for (size_t i = 0; i < self->early.count; i++)
        read_come(self, fx, &self->config.events[self->early.item[i]]);
    self->early.count = 0;
}

void workload_trace_abandon(struct workload *self, struct ehr_fx *fx)
{
    for (size_t i = 0; i < self->early.count; i++) {
        enum ehr_flow flow = (enum ehr_flow)self->config.events[self->early.item[i]].flow;
        workload_abandon(self, fx, workload_offer(self, fx, flow, EHR_REQUEST_NO_HOSPITAL, 0),
                         EHR_REPLY_NOT_FOUND);
    }
    self->early.count = 0;
}

bool workload_trace_over(const struct workload *self)
{
    return self->next_event == self->config.event_count;
}
