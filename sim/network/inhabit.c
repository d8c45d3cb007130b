/* Nodes that actors of the program's stand for. In flow such an actor does what the kernel's own
 * actor of a node does. In queue and delay nodes have no work of their own: it waits. */
#include "sim/network/lives.h"

#include <simgrid/actor.h>
#include <simgrid/semaphore.h>

#include <assert.h>

void ehr_kernel_inhabited_expect(struct ehr_kernel *kernel, uint32_t node)
{
    assert(kernel->config.inside && !kernel->running && node < kernel->seat_count);
    struct ehr_seat *seat = kernel->seats[node];
    assert(seat->place != EHR_NODE_CONTROL && !seat->inhabited);
    seat->inhabited = true;
    seat->gate = sg_sem_init(0);
    if (kernel->gathered == NULL)
        kernel->gathered = sg_sem_init(0);
    kernel->awaited++;
}

void ehr_kernel_inhabit(struct ehr_kernel *kernel, uint32_t node)
{
    assert(node < kernel->seat_count && kernel->seats[node]->inhabited);
    struct ehr_seat *seat = kernel->seats[node];
    if (kernel->ended)
        return;
    ehr_lives_inhabit(seat);
    bool early = !kernel->begun;
    if (!seat->came) {
        seat->came = true;
        kernel->awaited--;
    }
    if (early && kernel->awaited == 0 && kernel->running)
        sg_sem_release(kernel->gathered);
    if (early)
        sg_sem_acquire(seat->gate);
    if (kernel->flow != NULL && !kernel->ended)
        ehr_flow_inhabit(seat, true);
    /* Another actor has taken its place when the node crashed while it computed. */
    while (!kernel->ended)
        sg_sem_acquire(seat->gate);
}

/* An actor does not come while its host is off. */
void ehr_inhabitants_await(struct ehr_kernel *kernel)
{
    for (size_t i = 0; i < kernel->seat_count && !kernel->begun; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        if (seat->inhabited && !seat->came && !ehr_host_on(kernel, seat->host)) {
            seat->came = true;
            kernel->awaited--;
        }
    }
    if (kernel->awaited > 0)
        sg_sem_acquire(kernel->gathered);
    kernel->begun = true;
}

/* As many calls into SimGrid as the start of an actor takes (ehr_actor_start), one of them before
 * and one after it can run: at one instant the nodes then act in the same order, and the run is the
 * same, byte for byte. */
void ehr_inhabitant_admit(struct ehr_seat *seat)
{
    sg_actor_yield();
    sg_sem_release(seat->gate);
    sg_actor_yield();
}

void ehr_inhabitants_dismiss(struct ehr_kernel *kernel)
{
    for (size_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        if (!seat->inhabited)
            continue;
        if (kernel->flow != NULL && seat->agenda.waiting)
            ehr_flow_wake(kernel, &seat->agenda);
        sg_sem_release(seat->gate);
    }
    if (kernel->flow != NULL)
        ehr_flow_settle(kernel);
}

void ehr_inhabitants_close(struct ehr_kernel *kernel)
{
    for (size_t i = 0; i < kernel->seat_count; i++)
        if (kernel->seats[i]->gate != NULL)
            sg_sem_destroy(kernel->seats[i]->gate);
    if (kernel->gathered != NULL)
        sg_sem_destroy(kernel->gathered);
}
