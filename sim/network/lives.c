/* What dies and comes back (lives.h): guards, watchers, and what follows from their words. */
#include "sim/network/lives.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/semaphore.h>

#include <stdio.h>
#include <stdlib.h>

#include "sim/network/flow_state.h"
#include "sim/network/memory.h"

/* Of a host that is off when the run begins SimGrid tells nobody that it has been turned on: it is
 * looked at again and again, as long as anything else is left to happen. */
enum { LOOK_NS = 10000000 };

/* An actor that SimGrid restarts has lost its data: it finds the kernel here. */
static struct ehr_kernel *current;

struct guard {
    sg_actor_t actor;
    sg_sem_t rest;
    bool needed; /* nodes are here */
    bool wanted; /* it is to be started */
    bool alive;
    bool off; /* it died with its host */
};

/* Waits for the death of an actor. */
struct ehr_watch {
    struct ehr_kernel *kernel;
    sg_actor_t watched, watcher;
    uint32_t host; /* of the watched */
    uint32_t at;   /* of the watcher */
    bool alive;    /* the watcher, which holds a reference to the watched */
    bool over;     /* the watched has died */
    bool begun;    /* the watcher has: before that it may die without a word */
    double since;  /* when it was started, SimGrid's clock */
    struct ehr_watch *next;
};

struct ehr_lives {
    struct guard *guards; /* by host */
    struct ehr_watch *watches;
    sg_actor_t control;
    bool begun;
    bool dirty; /* something is to be started */
    bool control_lost;
};

bool ehr_host_on(const struct ehr_kernel *kernel, uint32_t host)
{
    return !kernel->mortal || sg_host_is_on(ehr_platform_host(host));
}

uint32_t ehr_host_first_on(const struct ehr_kernel *kernel)
{
    uint32_t host = 0;
    while (host < kernel->host_count && !ehr_host_on(kernel, host))
        host++;
    return host;
}

static uint32_t host_self(const struct ehr_kernel *kernel)
{
    uint32_t host = 0;
    while (host + 1 < kernel->host_count && ehr_platform_host(host) != sg_host_self())
        host++;
    return host;
}

static void time_look(struct ehr_kernel *kernel)
{
    if (kernel->flow != NULL)
        ehr_flow_time(kernel);
    else
        ehr_loop_time(kernel);
}

/* From an actor that has just changed the state, or has to see to what a dead one left. */
static void settle(struct ehr_kernel *kernel)
{
    if (kernel->flow != NULL)
        ehr_flow_settle(kernel);
    else
        ehr_loop_wake(kernel);
    ehr_lives_settle(kernel);
}

/* ---- watchers ---- */

static bool goes_on(const struct ehr_kernel *kernel)
{
    return current == kernel && !kernel->ended;
}

static void watched_gone(struct ehr_lives *lives, sg_actor_t actor)
{
    for (struct ehr_watch *watch = lives->watches; watch != NULL; watch = watch->next)
        watch->over = watch->over || watch->watched == actor;
}

static void watcher_exit(int failed, void *data)
{
    (void)failed;
    struct ehr_watch *watch = data;
    watch->alive = false;
    sg_actor_unref(watch->watched);
}

/* The first of those that were started to take over: the host of one may go off before it begins.
 */
static void successor_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_kernel *kernel = sg_actor_self_get_data();
    if (!goes_on(kernel) || !kernel->lives->control_lost)
        return;
    kernel->lives->control_lost = false;
    ehr_lives_control_watch(kernel);
    if (kernel->flow != NULL)
        ehr_flow_control(kernel);
    else
        ehr_loop_control(kernel);
    if (kernel->config.inside && kernel->hooks.orphaned != NULL)
        kernel->hooks.orphaned(kernel->hooks.context, ehr_kernel_how(kernel));
}

static void watcher_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_watch *watch = sg_actor_self_get_data();
    struct ehr_kernel *kernel = watch->kernel;
    sg_actor_on_exit(watcher_exit, watch);
    watch->begun = true;
    if (!goes_on(kernel))
        return;
    sg_actor_join(watch->watched, -1);
    watch->over = true;
    if (!goes_on(kernel))
        return;
    if (kernel->lives->control_lost)
        ehr_actor_start("control", host_self(kernel), successor_actor, kernel, EHR_ACTOR_MAIN);
    settle(kernel);
}

/* On the next host with nodes: if some hosts go off at one instant, one of those that stay on has
 * the watcher of one of those that do not. */
static uint32_t watcher_host(const struct ehr_kernel *kernel, uint32_t watched)
{
    uint32_t other = watched;
    for (uint32_t k = 1; k < kernel->host_count; k++) {
        uint32_t host = (watched + k) % kernel->host_count;
        if (!ehr_host_on(kernel, host))
            continue;
        if (kernel->lives->guards[host].needed)
            return host;
        other = host;
    }
    return other;
}

static void watch_start(struct ehr_watch *watch)
{
    uint32_t at = watcher_host(watch->kernel, watch->host);
    if (!ehr_host_on(watch->kernel, at))
        return;
    watch->at = at;
    watch->alive = true;
    watch->begun = false;
    watch->since = simgrid_get_clock();
    sg_actor_ref(watch->watched);
    watch->watcher = ehr_actor_start("watcher", at, watcher_actor, watch, EHR_ACTOR_WATCHER);
}

/* An actor begins at the instant at which it is started, or its host went off then: nobody tells.
 */
static void watch_look(struct ehr_watch *watch)
{
    if (!watch->alive || watch->begun || watch->since >= simgrid_get_clock())
        return;
    watch->alive = false;
    sg_actor_unref(watch->watched);
}

static void watch_self(struct ehr_kernel *kernel, uint32_t host)
{
    struct ehr_watch *watch = ehr_zeroed(1, sizeof *watch);
    watch->kernel = kernel;
    watch->watched = sg_actor_self();
    watch->host = host;
    watch->next = kernel->lives->watches;
    kernel->lives->watches = watch;
    watch_start(watch);
}

/* ---- the actor that performs the run ---- */

static void control_exit(int failed, void *data)
{
    (void)failed;
    struct ehr_kernel *kernel = data;
    if (!goes_on(kernel) || kernel->lives->control != sg_actor_self())
        return;
    kernel->lives->control = NULL;
    kernel->lives->control_lost = true;
    kernel->agenda.waiting = kernel->waiting = false;
    watched_gone(kernel->lives, sg_actor_self());
}

void ehr_lives_control_watch(struct ehr_kernel *kernel)
{
    kernel->lives->control = sg_actor_self();
    sg_actor_on_exit(control_exit, kernel);
    watch_self(kernel, host_self(kernel));
}

/* ---- guards ---- */

static void guard_exit(int failed, void *data)
{
    (void)failed;
    uint32_t host = (uint32_t)(uintptr_t)data;
    struct ehr_kernel *kernel = current;
    if (kernel == NULL || kernel->ended || !kernel->lives->guards[host].alive)
        return;
    struct guard *guard = &kernel->lives->guards[host];
    guard->alive = false;
    watched_gone(kernel->lives, guard->actor);
    if (ehr_host_on(kernel, host)) {
        guard->wanted = kernel->lives->dirty = true;
        return;
    }
    guard->off = true;
    time_look(kernel);
    ehr_fault_now(kernel, EHR_FAULT_HOST_LIFE, host, false);
}

static void guard_actor(int argc, char **argv)
{
    struct ehr_kernel *kernel = current;
    if (kernel == NULL || kernel->ended || argc < 1)
        return;
    uint32_t host = (uint32_t)strtoul(argv[0], NULL, 10);
    struct guard *guard = &kernel->lives->guards[host];
    if (kernel->flow != NULL)
        ehr_sink_begin(kernel->hosts[host].flow);
    guard->actor = sg_actor_self();
    guard->alive = true;
    /* a restarted actor has inherited those of its earlier lives: all but one find it dead */
    sg_actor_on_exit(guard_exit, (void *)(uintptr_t)host);
    if (guard->off) {
        guard->off = false;
        time_look(kernel);
        ehr_fault_now(kernel, EHR_FAULT_HOST_LIFE, host, true);
    }
    watch_self(kernel, host);
    settle(kernel);
    if (kernel->flow != NULL)
        ehr_sink_run(kernel->hosts[host].flow);
    else
        sg_sem_acquire(guard->rest);
}

static void guard_start(struct ehr_kernel *kernel, uint32_t host)
{
    struct guard *guard = &kernel->lives->guards[host];
    char name[32], text[16];
    const char *arguments[] = {text, NULL};
    guard->wanted = false;
    snprintf(name, sizeof name, "guard-%u", host);
    snprintf(text, sizeof text, "%u", host);
    sg_actor_t actor = sg_actor_init(name, ehr_platform_host(host));
#ifndef EHR_SANITIZED
    sg_actor_set_stacksize(actor, EHR_PORTER_STACK_BYTES);
#endif
    sg_actor_start_(actor, guard_actor, 1, arguments);
    sg_actor_set_auto_restart(actor, 1);
    sg_actor_daemonize(actor);
}

void ehr_lives_look(struct ehr_kernel *kernel)
{
    bool left = false;
    for (uint32_t host = 0; host < kernel->host_count; host++) {
        const struct guard *guard = &kernel->lives->guards[host];
        if (guard->wanted && ehr_host_on(kernel, host))
            kernel->lives->dirty = true;
        else if (guard->wanted)
            left = true;
    }
    bool else_nothing =
        kernel->flow != NULL ? kernel->pending <= 1 : kernel->agenda.heap.count == 0;
    if (left && !else_nothing)
        ehr_fault_plan(kernel, EHR_FAULT_LIVES_LOOK, 0, kernel->now_ns + LOOK_NS, 0);
}

void ehr_lives_settle(struct ehr_kernel *kernel)
{
    struct ehr_lives *lives = kernel->lives;
    if (lives == NULL || !lives->dirty || kernel->ended)
        return;
    lives->dirty = false;
    for (uint32_t host = 0; host < kernel->host_count; host++)
        if (lives->guards[host].wanted && ehr_host_on(kernel, host))
            guard_start(kernel, host);
    for (struct ehr_watch *watch = lives->watches; watch != NULL; watch = watch->next) {
        watch_look(watch);
        if (!watch->alive && !watch->over)
            watch_start(watch);
    }
}

/* ---- inhabitants ---- */

static void inhabitant_exit(int failed, void *data)
{
    (void)failed;
    if (current == NULL || current->ended)
        return;
    struct ehr_seat *seat = data;
    if (!seat->inhabitant)
        return;
    seat->inhabitant = false;
    watched_gone(current->lives, sg_actor_self());
    time_look(current);
    ehr_fault_now(current, EHR_FAULT_SEAT_LIFE, seat->node->id, false);
}

void ehr_lives_inhabit(struct ehr_seat *seat)
{
    struct ehr_kernel *kernel = seat->kernel;
    seat->inhabitant = true;
    sg_actor_on_exit(inhabitant_exit, seat);
    watch_self(kernel, seat->host);
    if (!kernel->begun)
        return;
    time_look(kernel);
    ehr_fault_now(kernel, EHR_FAULT_SEAT_LIFE, seat->node->id, true);
    settle(kernel);
}

/* ---- faults ---- */

static void told(struct ehr_kernel *kernel, const struct ehr_seat *seat, bool up)
{
    if (kernel->hooks.lived != NULL)
        kernel->hooks.lived(kernel->hooks.context, kernel->now_ns, seat->node->id, up);
}

static void seat_gone(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    if (kernel->flow != NULL)
        ehr_flow_seat_gone(kernel, seat);
    seat->gone = true;
    ehr_node_down(kernel, seat);
    told(kernel, seat, false);
}

static void seat_back(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    seat->gone = false;
    if (kernel->flow != NULL)
        ehr_flow_seat_back(kernel, seat);
    told(kernel, seat, true);
    ehr_node_up(kernel, seat);
}

void ehr_seat_life_perform(struct ehr_kernel *kernel, uint32_t node, bool back)
{
    struct ehr_seat *seat = kernel->seats[node];
    if (back && seat->gone && seat->inhabitant)
        seat_back(kernel, seat);
    if (!back && !seat->gone)
        seat_gone(kernel, seat);
}

/* Cores, disk and network cards are as new when the host is on again. */
static void host_reset(struct ehr_host *host)
{
    for (uint32_t c = 0; c < host->cores; c++)
        host->core_free_ns[c] = 0;
    host->disk_free_ns = host->card_out_free_ns = host->card_in_free_ns = 0;
}

static bool stands_here(const struct ehr_seat *seat, uint32_t host)
{
    return seat->host == host && seat->place != EHR_NODE_CONTROL;
}

void ehr_host_life_perform(struct ehr_kernel *kernel, uint32_t index, bool back)
{
    struct ehr_host *host = &kernel->hosts[index];
    if (!back) {
        host->cut_since = kernel->cut_since = ehr_sequence_next(kernel);
        if (kernel->flow != NULL)
            ehr_flow_host_gone(kernel, index);
        host_reset(host);
        kernel->lives->dirty = true; /* watchers have died here */
    }
    for (size_t i = 0; i < kernel->seat_count; i++) {
        struct ehr_seat *seat = kernel->seats[i];
        if (!stands_here(seat, index))
            continue;
        if (!back && !seat->gone)
            seat_gone(kernel, seat);
        if (back && seat->gone && !seat->inhabited)
            seat_back(kernel, seat);
    }
}

/* ---- begin and end ---- */

void ehr_lives_open(struct ehr_kernel *kernel)
{
    struct ehr_lives *lives = ehr_zeroed(1, sizeof *lives);
    lives->guards = ehr_zeroed(kernel->host_count, sizeof *lives->guards);
    kernel->lives = lives;
    current = kernel;
}

void ehr_lives_begin(struct ehr_kernel *kernel)
{
    struct ehr_lives *lives = kernel->lives;
    if (lives == NULL || lives->begun)
        return;
    lives->begun = true;
    for (size_t i = 0; i < kernel->seat_count; i++)
        if (kernel->seats[i]->place != EHR_NODE_CONTROL)
            lives->guards[kernel->seats[i]->host].needed = true;
    for (uint32_t host = 0; host < kernel->host_count; host++) {
        struct guard *guard = &lives->guards[host];
        if (!guard->needed)
            continue;
        guard->wanted = true;
        guard->rest = sg_sem_init(0);
        guard->off = !ehr_host_on(kernel, host);
        if (guard->off)
            ehr_fault_now(kernel, EHR_FAULT_HOST_LIFE, host, false);
    }
    ehr_fault_now(kernel, EHR_FAULT_LIVES_LOOK, 0, false);
    ehr_lives_control_watch(kernel);
    lives->dirty = true;
    ehr_lives_settle(kernel);
}

void ehr_lives_end(struct ehr_kernel *kernel)
{
    struct ehr_lives *lives = kernel->lives;
    if (lives == NULL)
        return;
    for (struct ehr_watch *watch = lives->watches; watch != NULL; watch = watch->next)
        if (watch->alive && watch->begun)
            sg_actor_kill(watch->watcher);
    for (uint32_t host = 0; host < kernel->host_count; host++)
        if (lives->guards[host].alive)
            sg_actor_kill(lives->guards[host].actor);
}

void ehr_lives_close(struct ehr_kernel *kernel)
{
    struct ehr_lives *lives = kernel->lives;
    if (lives == NULL)
        return;
    while (lives->watches != NULL) {
        struct ehr_watch *watch = lives->watches;
        lives->watches = watch->next;
        free(watch);
    }
    for (uint32_t host = 0; host < kernel->host_count; host++)
        if (lives->guards[host].rest != NULL)
            sg_sem_destroy(lives->guards[host].rest);
    free(lives->guards);
    free(lives);
    kernel->lives = NULL;
    current = NULL;
}
