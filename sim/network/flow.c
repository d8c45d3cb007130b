/* The loop of fidelity flow: an actor for every node, on its host, with an agenda of its own; a
 * control actor for faults and for nodes that have no place (the workload). Whoever wakes first at
 * an instant performs the faults that are due, so that they come before all else. */
#include "sim/network/flow_state.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/semaphore.h>

#include <math.h>
#include <stdlib.h>

#include "sim/network/impair.h"
#include "sim/network/lives.h"
#include "sim/network/memory.h"

void ehr_flow_time(struct ehr_kernel *kernel)
{
    uint64_t ns = (uint64_t)llround(simgrid_get_clock() * 1e9);
    if (ns > kernel->now_ns && !kernel->stopped)
        kernel->now_ns = ns;
}

/* ---- deeds ---- */

void ehr_flow_deed(struct ehr_kernel *kernel, enum ehr_deed_kind kind, void *object)
{
    struct ehr_flow *flow = kernel->flow;
    if (flow->deed_first == flow->deed_count)
        flow->deed_first = flow->deed_count = 0;
    if (flow->deed_count == flow->deed_capacity)
        flow->deeds = ehr_grow(flow->deeds, &flow->deed_capacity, sizeof *flow->deeds);
    flow->deeds[flow->deed_count++] = (struct ehr_deed){object, kind};
}

static void node_start(struct ehr_seat *seat);

/* Another actor may note more deeds, or do some, while one is being done. */
void ehr_flow_settle(struct ehr_kernel *kernel)
{
    struct ehr_flow *flow = kernel->flow;
    while (flow->deed_first < flow->deed_count) {
        struct ehr_deed deed = flow->deeds[flow->deed_first++];
        switch (deed.kind) {
        case EHR_DEED_WAKE:
            sg_sem_release(deed.object);
            break;
        case EHR_DEED_COURIER:
            ehr_courier_start(deed.object);
            break;
        case EHR_DEED_WORKER:
            ehr_worker_start(deed.object);
            break;
        case EHR_DEED_NODE:
            node_start(deed.object);
            break;
        case EHR_DEED_LINK:
            ehr_link_apply(deed.object);
            break;
        }
    }
}

void ehr_flow_retire(struct ehr_kernel *kernel, sg_sem_t semaphore)
{
    struct ehr_flow *flow = kernel->flow;
    if (flow->retired_count == flow->retired_capacity)
        flow->retired = ehr_grow(flow->retired, &flow->retired_capacity, sizeof(sg_sem_t));
    flow->retired[flow->retired_count++] = semaphore;
}

void ehr_flow_wake(struct ehr_kernel *kernel, struct ehr_agenda *agenda)
{
    agenda->waiting = false;
    ehr_flow_deed(kernel, EHR_DEED_WAKE, agenda->wake);
}

void ehr_flow_pending_end(struct ehr_kernel *kernel)
{
    if (--kernel->pending == 0 && kernel->agenda.waiting)
        ehr_flow_wake(kernel, &kernel->agenda);
}

/* ---- agendas ---- */

static bool due(const struct ehr_kernel *kernel, const struct ehr_agenda *agenda)
{
    return agenda->heap.count > 0 && agenda->heap.entries[0].ns <= kernel->now_ns;
}

static void settled(struct ehr_kernel *kernel)
{
    if (kernel->hooks.settled != NULL)
        kernel->hooks.settled(kernel->hooks.context);
}

static void step(struct ehr_kernel *kernel, struct ehr_agenda *agenda)
{
    ehr_agenda_step(kernel, agenda);
    ehr_flow_pending_end(kernel);
    ehr_flow_settle(kernel);
    if (kernel->lives != NULL)
        ehr_lives_settle(kernel);
    settled(kernel);
}

/* Until nothing is due, or the actor has a job of its own to execute. */
static void agenda_perform(struct ehr_kernel *kernel, struct ehr_agenda *agenda,
                           const struct ehr_own *own)
{
    ehr_flow_time(kernel);
    for (;;) {
        if (due(kernel, &kernel->faults))
            step(kernel, &kernel->faults);
        else if (own->ns == 0 && due(kernel, agenda))
            step(kernel, agenda);
        else
            return;
    }
}

/* Waits until `until_ns` or until woken. A timeout and a waking may meet: then the semaphore is
 * about to be released, and is taken before it is used again. */
static void agenda_wait(struct ehr_agenda *agenda, uint64_t until_ns)
{
    agenda->waiting = true;
    if (until_ns == EHR_NEVER) {
        sg_sem_acquire(agenda->wake);
    } else {
        double timeout = (double)until_ns * 1e-9 - simgrid_get_clock();
        if (timeout <= 0)
            timeout = 1e-12; /* a rounding error short of the time */
        if (sg_sem_acquire_timeout(agenda->wake, timeout) && !agenda->waiting)
            sg_sem_acquire(agenda->wake);
    }
    agenda->waiting = false;
}

static uint64_t next_ns(const struct ehr_agenda *agenda)
{
    return agenda->heap.count > 0 ? agenda->heap.entries[0].ns : EHR_NEVER;
}

/* ---- alarms ---- */

/* Most waits end by a message, long before the next timer is due; a timeout that is taken back
 * costs SimGrid more than the waking. So a node waits for distant events without one, and the
 * control actor, which waits for the first of all, wakes it. One alarm a node counts (alarm_ns). */
enum { FAR_NS = 10000000 };

static void alarm_set(struct ehr_kernel *kernel, struct ehr_seat *seat, uint64_t ns)
{
    struct ehr_flow *flow = kernel->flow;
    if (ns >= seat->agenda.alarm_ns)
        return;
    seat->agenda.alarm_ns = ns;
    ehr_heap_push(&flow->alarms, (struct ehr_heap_entry){ns, seat->node->id, seat->node->id});
    if (ns < flow->control_ns && kernel->agenda.waiting)
        ehr_flow_wake(kernel, &kernel->agenda);
}

static void alarms_ring(struct ehr_kernel *kernel)
{
    struct ehr_heap *alarms = &kernel->flow->alarms;
    ehr_flow_time(kernel);
    while (alarms->count > 0 && alarms->entries[0].ns <= kernel->now_ns) {
        struct ehr_heap_entry alarm = ehr_heap_pop(alarms);
        struct ehr_seat *seat = kernel->seats[alarm.slot];
        struct ehr_agenda *agenda = &seat->agenda;
        if (agenda->alarm_ns != alarm.ns)
            continue;
        agenda->alarm_ns = EHR_NEVER;
        if (agenda->waiting && due(kernel, agenda))
            ehr_flow_wake(kernel, agenda);
        else if (agenda->waiting)
            alarm_set(kernel, seat, next_ns(agenda));
    }
    ehr_flow_settle(kernel);
}

/* What others put into the agenda while deeds are done wakes nobody: then it looks again. */
static void node_wait(struct ehr_seat *seat)
{
    struct ehr_kernel *kernel = seat->kernel;
    uint64_t ns = next_ns(&seat->agenda);
    if (ns <= kernel->now_ns + FAR_NS) {
        agenda_wait(&seat->agenda, ns);
        return;
    }
    alarm_set(kernel, seat, ns);
    ehr_flow_settle(kernel);
    if (next_ns(&seat->agenda) == ns)
        agenda_wait(&seat->agenda, EHR_NEVER);
}

/* ---- actors ---- */

void ehr_flow_inhabit(struct ehr_seat *seat, bool guest)
{
    struct ehr_kernel *kernel = seat->kernel;
    const struct ehr_own faults_only = {.ns = 1};
    agenda_perform(kernel, &seat->agenda, &faults_only);
    uint32_t life = seat->own.life;
    if (guest)
        seat->guest_life = life + 1;
    while (!kernel->ended) {
        agenda_perform(kernel, &seat->agenda, &seat->own);
        if (kernel->ended || seat->own.life != life)
            break;
        if (seat->own.ns == 0)
            node_wait(seat);
        else if (!ehr_own_execute(kernel, seat))
            break;
    }
    ehr_flow_settle(kernel);
}

static void node_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    ehr_flow_inhabit(sg_actor_self_get_data(), false);
}

/* One for each life: a deed of before the host went off may still be done when it is on again. */
static void node_start(struct ehr_seat *seat)
{
    if (seat->gone || seat->own.acted > seat->own.life || !ehr_host_on(seat->kernel, seat->host))
        return;
    seat->own.acted = seat->own.life + 1;
    seat->actor = ehr_actor_start(seat->node->name, seat->host, node_actor, seat, EHR_ACTOR_ROLE);
}

void ehr_flow_catch_up(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    if (seat->own.ns == 0)
        return;
    while (seat->agenda.heap.count > 0 && seat->agenda.heap.entries[0].ns < kernel->now_ns) {
        ehr_agenda_step(kernel, &seat->agenda);
        ehr_flow_pending_end(kernel);
    }
}

/* What came before the crash is in the inbox, as if the actor had not been computing; and another
 * actor is there for what comes next, which may be the node's next life. */
void ehr_flow_crash(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    if (seat->own.ns == 0)
        return;
    ehr_flow_catch_up(kernel, seat);
    if (!seat->own.begun) {
        ehr_own_hand_over(kernel, seat);
        return;
    }
    if (seat->guest_life == seat->own.life + 1)
        seat->guest_adrift = true;
    seat->own = (struct ehr_own){.life = seat->own.life + 1, .adrift = seat->own.adrift + 1};
    ehr_flow_deed(kernel, EHR_DEED_NODE, seat);
}

/* Lost is what the actor executed that has died. One of the kernel's that has taken its place,
 * after a crash, lives and goes on with a job that it has begun. */
static void jobs_lose(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    bool other = seat->inhabited && seat->guest_life != seat->own.life + 1;
    if (seat->own.ns != 0 && seat->own.begun && other)
        seat->own.adrift++;
    else if (seat->own.ns != 0)
        ehr_own_lost(kernel, seat);
    if (seat->guest_adrift) {
        ehr_own_lost(kernel, seat);
        seat->own.adrift--;
        seat->guest_adrift = false;
    }
}

/* What would come to the node comes to the control actor, to be counted as dropped. Whoever waits
 * at the old semaphore is dead, or has no part in it any more. */
void ehr_flow_seat_gone(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    struct ehr_agenda *agenda = &seat->agenda, *heir = &kernel->agenda;
    ehr_flow_catch_up(kernel, seat);
    jobs_lose(kernel, seat);
    seat->own = (struct ehr_own){.life = seat->own.life + 1, .adrift = seat->own.adrift};
    for (size_t i = 0; i < agenda->heap.count; i++)
        ehr_heap_push(&heir->heap, agenda->heap.entries[i]);
    agenda->heap.count = 0;
    agenda->waiting = false;
    agenda->alarm_ns = EHR_NEVER;
    ehr_flow_retire(kernel, agenda->wake);
    agenda->wake = sg_sem_init(0);
    if (heir->waiting)
        ehr_flow_wake(kernel, heir);
}

void ehr_flow_seat_back(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    if (!seat->inhabited)
        ehr_flow_deed(kernel, EHR_DEED_NODE, seat);
}

/* All at once: nobody is left to execute what others asked for. */
void ehr_flow_host_gone(struct ehr_kernel *kernel, uint32_t host)
{
    for (size_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        if (seat->host != host)
            continue;
        ehr_flow_catch_up(kernel, seat);
        if (seat->own.ns != 0)
            ehr_flow_pending_end(kernel);
        for (; seat->own.adrift > 0; seat->own.adrift--)
            ehr_flow_pending_end(kernel);
        seat->own.ns = 0;
        seat->guest_adrift = false;
    }
    ehr_couriers_lose(kernel, host);
    ehr_workers_lose(kernel, host);
}

/* on_start in order of id, before any node has an actor of its own. An actor that takes over goes
 * on where the one before it was. */
static void nodes_start(struct ehr_kernel *kernel)
{
    while (due(kernel, &kernel->faults))
        step(kernel, &kernel->faults);
    while (kernel->started < kernel->seat_count)
        step(kernel, ehr_agenda_of(kernel, kernel->started++));
    while (kernel->admitted < kernel->seat_count) {
        struct ehr_seat *seat = kernel->seats[kernel->admitted++];
        if (seat->inhabited)
            ehr_inhabitant_admit(seat);
        else if (seat->place != EHR_NODE_CONTROL)
            node_start(seat);
    }
}

static void control_wait(struct ehr_kernel *kernel)
{
    struct ehr_flow *flow = kernel->flow;
    uint64_t fault_ns = next_ns(&kernel->faults), item_ns = next_ns(&kernel->agenda);
    flow->control_ns = fault_ns < item_ns ? fault_ns : item_ns;
    if (flow->alarms.count > 0 && flow->alarms.entries[0].ns < flow->control_ns)
        flow->control_ns = flow->alarms.entries[0].ns;
    agenda_wait(&kernel->agenda, flow->control_ns);
}

void ehr_flow_control(struct ehr_kernel *kernel)
{
    struct ehr_agenda *agenda = &kernel->agenda;
    const struct ehr_own none = {0};
    ehr_lives_begin(kernel);
    ehr_inhabitants_await(kernel);
    settled(kernel);
    nodes_start(kernel);
    for (;;) {
        alarms_ring(kernel);
        agenda_perform(kernel, agenda, &none);
        if (kernel->stopped || kernel->pending == 0)
            break;
        control_wait(kernel);
    }
    /* What is due at this instant is done before SimGrid's clock moves. */
    if (kernel->stopped)
        sg_actor_sleep_for(1e-9);
    if (kernel->hooks.over != NULL)
        kernel->hooks.over(kernel->hooks.context);
    kernel->ended = true;
    ehr_inhabitants_dismiss(kernel);
    ehr_lives_end(kernel);
}

/* The only actor that is no daemon: when it ends, the simulation does. */
static void control_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    ehr_flow_control(sg_actor_self_get_data());
}

static void flow_open(struct ehr_kernel *kernel)
{
    kernel->flow = ehr_zeroed(1, sizeof *kernel->flow);
    kernel->agenda.wake = sg_sem_init(0);
    ehr_heap_init(&kernel->flow->alarms);
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        struct ehr_flow_host *host = ehr_zeroed(1, sizeof *host);
        host->kernel = kernel;
        host->index = i;
        kernel->hosts[i].flow = host;
    }
    for (uint32_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        seat->agenda.wake = sg_sem_init(0);
        seat->agenda.alarm_ns = EHR_NEVER;
        if (seat->place != EHR_NODE_CONTROL && kernel->hosts[seat->host].flow->mailbox == NULL)
            ehr_sink_open(kernel->hosts[seat->host].flow);
    }
}

enum ehr_kernel_end ehr_flow_run(struct ehr_kernel *kernel)
{
    flow_open(kernel);
    if (kernel->config.inside) {
        ehr_flow_control(kernel);
    } else {
        uint32_t host = ehr_host_first_on(kernel);
        if (host < kernel->host_count)
            ehr_actor_start("control", host, control_actor, kernel, EHR_ACTOR_MAIN);
        simgrid_run();
    }
    return ehr_kernel_how(kernel);
}

void ehr_flow_close(struct ehr_kernel *kernel)
{
    if (kernel->flow == NULL)
        return;
    ehr_couriers_close(kernel);
    ehr_workers_close(kernel);
    for (uint32_t i = 0; i < kernel->seat_count; i++)
        sg_sem_destroy(kernel->seats[i]->agenda.wake);
    sg_sem_destroy(kernel->agenda.wake);
    for (size_t i = 0; i < kernel->flow->retired_count; i++)
        sg_sem_destroy(kernel->flow->retired[i]);
    free(kernel->flow->retired);
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        if (kernel->hosts[i].flow != NULL && kernel->hosts[i].flow->arrived != NULL)
            sg_sem_destroy(kernel->hosts[i].flow->arrived);
        free(kernel->hosts[i].flow);
    }
    ehr_heap_close(&kernel->flow->alarms);
    free(kernel->flow->deeds);
    free(kernel->flow);
    kernel->flow = NULL;
}

/* ---- medium ---- */

/* What SimGrid's links lack of the latency they have just now. */
static uint64_t late_ns(const struct ehr_kernel *kernel, const struct ehr_item *item)
{
    if (kernel->impair == NULL || !kernel->impair->late)
        return 0;
    return ehr_route_of(kernel->seats[item->from]->host, kernel->seats[item->node]->host)->late_ns;
}

static void flow_send(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t extra_ns)
{
    ehr_courier_send(kernel, item, 0, extra_ns + late_ns(kernel, item));
}

/* Copy k departs k ns after the first, and no two messages of a host at the same ns: SimGrid's lazy
 * update gives wrong times to messages that leave a host at the same instant when one of them meets
 * others on its way (docs/fidelity.md, "Agreement"). */
static void flow_cast(struct ehr_kernel *kernel, struct ehr_list *list, struct ehr_item *item)
{
    for (uint32_t i = 0; i < list->remote; i++) {
        struct ehr_item copy = *item;
        copy.node = list->targets[i].node;
        ehr_message_ref(copy.as.message);
        ehr_courier_send(kernel, &copy, i, late_ns(kernel, &copy));
    }
    ehr_message_unref(item->as.message);
}

const struct ehr_medium ehr_medium_flow = {flow_send, flow_cast, ehr_worker_compute};
