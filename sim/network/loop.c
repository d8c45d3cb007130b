/* The loop of queue and delay: one network actor takes events from one agenda. It runs ahead of
 * SimGrid's clock, and brings it up to date before it wakes the actor of a role, which then runs
 * the handler on its own host while the network actor waits. Where actors exist that are not the
 * kernel's, it follows the clock at every time stamp, so that they see it; inside a program's actor
 * it runs all handlers itself. */
#include "sim/network/lives.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/semaphore.h>

#include <math.h>

static void strangers_look(struct ehr_kernel *kernel)
{
    kernel->strangers = kernel->mortal || sg_actor_count() > kernel->own_actors;
}

static void clock_sync(struct ehr_kernel *kernel)
{
    if (kernel->synced_ns >= kernel->now_ns)
        return;
    sg_actor_sleep_until((double)kernel->now_ns * 1e-9);
    kernel->synced_ns = kernel->now_ns;
    strangers_look(kernel);
}

void ehr_loop_clock(struct ehr_kernel *kernel)
{
    clock_sync(kernel);
}

void ehr_loop_time(struct ehr_kernel *kernel)
{
    uint64_t ns = (uint64_t)llround(simgrid_get_clock() * 1e9);
    if (ns > kernel->now_ns && !kernel->stopped)
        kernel->now_ns = ns;
}

void ehr_loop_wake(struct ehr_kernel *kernel)
{
    if (!kernel->waiting)
        return;
    kernel->waiting = false;
    sg_sem_release(kernel->wake);
}

/* Waits for the time of the next event, which another actor's may precede: false, it was woken, and
 * has to look again. A timeout and a waking may meet: then the semaphore is about to be released,
 * and is taken before it is used again. */
static bool event_await(struct ehr_kernel *kernel, uint64_t ns)
{
    double timeout = (double)ns * 1e-9 - simgrid_get_clock();
    if (timeout <= 0)
        return true;
    kernel->waiting = true;
    bool late = sg_sem_acquire_timeout(kernel->wake, timeout) != 0;
    if (late && !kernel->waiting)
        sg_sem_acquire(kernel->wake);
    bool woken = !kernel->waiting;
    kernel->waiting = false;
    return !woken;
}

void ehr_handler_call(struct ehr_fx *fx, const struct ehr_item *item)
{
    struct ehr_seat *seat = fx->seat;
    struct ehr_kernel *kernel = fx->kernel;
    if (seat->turn == NULL) {
        ehr_handler_call_here(fx, item);
        return;
    }
    clock_sync(kernel);
    kernel->fx = *fx;
    kernel->fx_item = item;
    sg_sem_release(seat->turn);
    sg_sem_acquire(kernel->back);
    *fx = kernel->fx;
}

static void role_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_seat *seat = sg_actor_self_get_data();
    for (;;) {
        sg_sem_acquire(seat->turn);
        ehr_handler_call_here(&seat->kernel->fx, seat->kernel->fx_item);
        sg_sem_release(seat->kernel->back);
    }
}

static void settled(struct ehr_kernel *kernel)
{
    if (kernel->hooks.settled != NULL)
        kernel->hooks.settled(kernel->hooks.context);
}

/* Where the actor may die it does so while it waits, between two events: handlers are run by itself
 * (roles_start), and nothing in them calls SimGrid. */
static void network(struct ehr_kernel *kernel)
{
    struct ehr_agenda *agenda = &kernel->agenda;
    kernel->own_actors = 1;
    for (size_t i = 0; i < kernel->seat_count; i++)
        kernel->own_actors += kernel->seats[i]->actor != NULL;
    strangers_look(kernel);
    settled(kernel);
    while (agenda->heap.count > 0) {
        uint64_t ns = agenda->heap.entries[0].ns;
        if (ns > kernel->now_ns) {
            if (kernel->stopped)
                break;
            if (kernel->strangers && !event_await(kernel, ns))
                continue;
            kernel->now_ns = ns;
            if (kernel->strangers)
                clock_sync(kernel);
        }
        ehr_agenda_step(kernel, agenda);
        if (kernel->lives != NULL)
            ehr_lives_settle(kernel);
        settled(kernel);
    }
    clock_sync(kernel);
}

void ehr_loop_control(struct ehr_kernel *kernel)
{
    ehr_lives_begin(kernel);
    ehr_inhabitants_await(kernel);
    network(kernel);
    kernel->ended = true;
    ehr_inhabitants_dismiss(kernel);
    ehr_lives_end(kernel);
}

static void network_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    ehr_loop_control(sg_actor_self_get_data());
}

sg_actor_t ehr_actor_start(const char *name, uint32_t host, void (*code)(int, char **), void *data,
                           enum ehr_actor_kind kind)
{
    sg_actor_t actor = sg_actor_init(name, ehr_platform_host(host));
    sg_actor_set_data(actor, data);
#ifndef EHR_SANITIZED /* there actors are threads */
    if (kind == EHR_ACTOR_PORTER || kind == EHR_ACTOR_WATCHER)
        sg_actor_set_stacksize(actor, EHR_PORTER_STACK_BYTES);
#endif
    sg_actor_start_(actor, code, 0, NULL);
    if (kind != EHR_ACTOR_MAIN &&
        kind != EHR_ACTOR_WATCHER) /* only after the start: before it, 3.32 crashes */
        sg_actor_daemonize(actor);
    return actor;
}

static void roles_start(struct ehr_kernel *kernel)
{
    for (size_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        if (seat->place != EHR_NODE_ROLE && seat->place != EHR_NODE_DEVICES)
            continue;
        seat->turn = sg_sem_init(0);
        seat->actor =
            ehr_actor_start(seat->node->name, seat->host, role_actor, seat, EHR_ACTOR_ROLE);
    }
}

enum ehr_kernel_end ehr_loop_run(struct ehr_kernel *kernel)
{
    kernel->back = sg_sem_init(0);
    kernel->wake = sg_sem_init(0);
    if (kernel->config.inside) {
        ehr_loop_control(kernel);
    } else {
        uint32_t host = ehr_host_first_on(kernel);
        if (!kernel->mortal)
            roles_start(kernel);
        if (host < kernel->host_count)
            ehr_actor_start("network", host, network_actor, kernel, EHR_ACTOR_MAIN);
        simgrid_run();
    }
    return ehr_kernel_how(kernel);
}

void ehr_loop_close(struct ehr_kernel *kernel)
{
    for (size_t i = 0; i < kernel->seat_count; i++)
        if (kernel->seats[i]->turn != NULL)
            sg_sem_destroy(kernel->seats[i]->turn);
    if (kernel->back != NULL)
        sg_sem_destroy(kernel->back);
    if (kernel->wake != NULL)
        sg_sem_destroy(kernel->wake);
}
