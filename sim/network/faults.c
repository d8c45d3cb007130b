/* Faults: entries of the agenda whose sequence numbers put them before everything else that happens
 * at the same instant. Crashes and recoveries are here, the others in files of their own. */
#include "sim/network/impair.h"
#include "sim/network/lives.h"

#include <assert.h>

static void fault_push(struct ehr_kernel *kernel, uint64_t at_ns, enum ehr_fault_kind kind,
                       uint32_t index, bool over)
{
    struct ehr_event event = {.kind = EHR_KIND_FAULT, .as.fault = {index, (uint8_t)kind, over}};
    if (at_ns < kernel->now_ns)
        at_ns = kernel->now_ns;
    kernel->fault_sequence++;
    assert(kernel->fault_sequence < EHR_SEQUENCE_FIRST);
    bool flow = kernel->config.fidelity == EHR_FIDELITY_FLOW;
    struct ehr_agenda *agenda = flow ? &kernel->faults : &kernel->agenda;
    ehr_agenda_push(kernel, agenda, at_ns, kernel->fault_sequence, &event);
    if (flow && kernel->agenda.waiting)
        ehr_flow_wake(kernel, &kernel->agenda);
}

void ehr_fault_plan(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index,
                    uint64_t at_ns, uint64_t until_ns)
{
    if (at_ns == EHR_NEVER)
        return;
    fault_push(kernel, at_ns, kind, index, false);
    if (until_ns > 0 && until_ns != EHR_NEVER)
        fault_push(kernel, until_ns > at_ns ? until_ns : at_ns, kind, index, true);
}

void ehr_fault_now(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index, bool over)
{
    fault_push(kernel, kernel->now_ns, kind, index, over);
}

void ehr_kernel_crash_host(struct ehr_kernel *kernel, uint32_t host, uint64_t at_ns,
                           uint64_t recover_ns)
{
    assert(host < kernel->host_count);
    ehr_fault_plan(kernel, EHR_FAULT_HOST, host, at_ns, recover_ns);
}

void ehr_kernel_crash_node(struct ehr_kernel *kernel, uint32_t node, uint64_t at_ns,
                           uint64_t recover_ns)
{
    assert(node < kernel->seat_count);
    ehr_fault_plan(kernel, EHR_FAULT_NODE, node, at_ns, recover_ns);
}

bool ehr_kernel_node_up(const struct ehr_kernel *kernel, uint32_t node)
{
    return kernel->seats[node]->since != EHR_NEVER;
}

void ehr_node_down(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    if (seat->downs++ > 0)
        return;
    if (kernel->flow != NULL)
        ehr_flow_crash(kernel, seat);
    seat->since = EHR_NEVER;
    kernel->down_count++;
    ehr_strands_drop(kernel, seat->node->id);
}

/* A node that is down for two reasons comes back when both are gone. */
void ehr_node_up(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    assert(seat->downs > 0);
    if (--seat->downs > 0)
        return;
    seat->since = ehr_sequence_next(kernel);
    kernel->down_count--;
    struct ehr_item item = {
        .since = kernel->sequence, .node = seat->node->id, .kind = EHR_ITEM_START};
    ehr_item_push(kernel, kernel->now_ns, &item);
}

static void crash_perform(struct ehr_kernel *kernel, uint32_t index, bool host, bool up)
{
    for (size_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        /* a control node is no part of the world: no host takes it down */
        if (host ? seat->host != index || seat->place == EHR_NODE_CONTROL : i != index)
            continue;
        if (up)
            ehr_node_up(kernel, seat);
        else
            ehr_node_down(kernel, seat);
    }
}

void ehr_fault_perform(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index,
                       bool over)
{
    switch (kind) {
    case EHR_FAULT_HOST:
    case EHR_FAULT_NODE:
        crash_perform(kernel, index, kind == EHR_FAULT_HOST, over);
        return;
    case EHR_FAULT_PARTITION:
        ehr_partition_perform(kernel, index, over);
        return;
    case EHR_FAULT_LOSS:
        ehr_loss_perform(kernel, index, over);
        return;
    case EHR_FAULT_DELAY:
        ehr_spike_perform(kernel, index, over);
        return;
    case EHR_FAULT_SLOW:
        ehr_slow_perform(kernel, index, over);
        return;
    case EHR_FAULT_LINK:
        ehr_link_perform(kernel, index, over);
        return;
    case EHR_FAULT_HOST_LIFE:
        ehr_host_life_perform(kernel, index, over);
        return;
    case EHR_FAULT_SEAT_LIFE:
        ehr_seat_life_perform(kernel, index, over);
        return;
    case EHR_FAULT_LIVES_LOOK:
        ehr_lives_look(kernel);
        return;
    }
}
