/* What is still to come: for those who tell how long a run will take. Nothing here changes it. */
#include "actors/workload_internal.h"

/* Measured on scenarios/quickstart.xml: what 900 visits, 2,700 retrievals, 600 shares more take.
 * With real cryptography and fidelity flow a visit took 7 times as long as a retrieval and a share
 * 7 times; modelled and with fidelity delay 3 and 3.5 times. */
uint64_t workload_work(enum ehr_flow flow)
{
    return flow == EHR_FLOW_VISIT || flow == EHR_FLOW_SHARE ? 5 : 1;
}

static void until(struct ehr_workload_outlook *outlook, uint64_t ns)
{
    outlook->until_ns = ns > outlook->until_ns ? ns : outlook->until_ns;
}

/* From now on, of one process; and when the last of it comes. */
static void arrivals_look(const struct workload *self, const struct arrivals *arrivals,
                          enum ehr_flow flow, uint64_t now_ns, struct ehr_workload_outlook *outlook)
{
    if (arrivals->over)
        return;
    double due = workload_arrivals_due(self, arrivals, now_ns);
    if (arrivals->counted)
        due++; /* `left` lacks the one whose timer is set */
    outlook->due += due * (double)workload_work(flow);
    until(outlook,
          arrivals->counted
              ? (uint64_t)workload_day_time(
                    arrivals->day, arrivals->next_ns + (double)arrivals->left * arrivals->gap_ns)
              : self->config.duration_ns);
}

static void trace_look(const struct workload *self, struct ehr_workload_outlook *outlook)
{
    const struct ehr_workload_config *config = &self->config;
    for (size_t i = self->next_event; i < config->event_count; i++)
        outlook->due += (double)workload_work((enum ehr_flow)config->events[i].flow);
    if (self->next_event < config->event_count)
        until(outlook, config->events[config->event_count - 1].at_ns);
    for (size_t i = 0; i < self->early.count; i++)
        outlook->left += workload_work((enum ehr_flow)config->events[self->early.item[i]].flow);
}

/* A closed loop of so many requests ends by itself, any other with the run. */
static void order_look(const struct workload *self, const struct order *order, uint64_t now_ns,
                       struct ehr_workload_outlook *outlook)
{
    if (order->config->rate_per_s > 0)
        arrivals_look(self, &order->arrivals, EHR_FLOW_ORDERING, now_ns, outlook);
    else if (!order->over && order->config->requests == 0)
        outlook->lasts = true;
    else if (!order->over) {
        outlook->left += order->config->requests - order->offered;
        outlook->counted = true;
    }
}

static void registrations_look(const struct workload *self, const struct hospital *hospital,
                               struct ehr_workload_outlook *outlook)
{
    if (hospital->enrolled == hospital->patients.count)
        return;
    outlook->due += (double)(hospital->patients.count - hospital->enrolled);
    until(outlook, self->config.enrol_ns);
}

struct ehr_workload_outlook ehr_workload_outlook(const struct ehr_node *node, uint64_t now_ns)
{
    const struct workload *self = (const struct workload *)(const void *)node;
    struct ehr_workload_outlook outlook = {
        .left = self->open_work + self->waiting_retrievals * workload_work(EHR_FLOW_RETRIEVE) +
                self->waiting_shares * workload_work(EHR_FLOW_SHARE),
        .ended = self->ended_work,
        .lasts = self->config.lasts && !self->over,
    };
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++) {
        registrations_look(self, &self->hospitals[h], &outlook);
        arrivals_look(self, &self->hospitals[h].arrivals, EHR_FLOW_VISIT, now_ns, &outlook);
    }
    arrivals_look(self, &self->retrievals, EHR_FLOW_RETRIEVE, now_ns, &outlook);
    arrivals_look(self, &self->shares, EHR_FLOW_SHARE, now_ns, &outlook);
    for (uint32_t o = 0; o < self->config.order_count; o++)
        order_look(self, &self->orders[o], now_ns, &outlook);
    trace_look(self, &outlook);
    if (outlook.lasts)
        until(&outlook, self->config.duration_ns);
    return outlook;
}
