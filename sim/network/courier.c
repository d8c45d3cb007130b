/* Messages of fidelity flow: one courier, a pooled actor on the sender's host, carries one message:
 * it waits for its turn, starts the communication, waits for its end and delivers. One daemon a
 * host takes in what arrives (the sink); it delivers nothing, so that no message waits for one that
 * left before it. Only sg_comm_wait turns a failed link into a result; couriers call nothing else
 * that a failure could end. */
#include "sim/network/flow_state.h"

#include <simgrid/actor.h>
#include <simgrid/comm.h>
#include <simgrid/mailbox.h>
#include <simgrid/semaphore.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/network/lives.h"
#include "sim/network/memory.h"
#include "sim/network/meter.h"

struct ehr_courier {
    struct ehr_kernel *kernel;
    sg_sem_t wake;
    struct ehr_item item;
    uint64_t delay_ns, extra_ns;
    uint32_t host;
    uint32_t number; /* of the message among those of its pair (order.c) */
    bool loaded;     /* has a message that is not yet delivered */
    bool actor;      /* has an actor, which lives */
    struct ehr_courier *next_idle, *next;
};

/* The message is there, or lost. */
static void deliver(struct ehr_courier *courier, bool lost)
{
    struct ehr_kernel *kernel = courier->kernel;
    struct ehr_item *item = &courier->item;
    if (lost) {
        ehr_dropped_count(kernel, item->node, item->as.message);
        ehr_message_unref(item->as.message);
        item->as.message = NULL;
    }
    ehr_order_arrive(kernel, item, courier->number);
    courier->loaded = false;
}

static void rest(struct ehr_courier *courier)
{
    struct ehr_flow_host *host = courier->kernel->hosts[courier->host].flow;
    courier->next_idle = host->couriers_idle;
    host->couriers_idle = courier;
}

static bool network_carry(struct ehr_courier *courier, uint32_t to, long bytes)
{
    struct ehr_flow_host *host = courier->kernel->hosts[to].flow;
    /* Not put_async: waiting for what has not started takes one call into SimGrid, not two. */
    if (host->arrived == NULL)
        return sg_comm_wait(sg_mailbox_put_init(host->mailbox, courier, bytes)) == SG_OK;
    if (ehr_meter_carry(courier->host, to, host->mailbox, courier, bytes) != SG_OK)
        return false;
    sg_sem_release(host->arrived);
    return true;
}

/* To a host that is off SimGrid would abort. */
static void carry(struct ehr_courier *courier)
{
    struct ehr_kernel *kernel = courier->kernel;
    struct ehr_item *item = &courier->item;
    uint32_t to = kernel->seats[item->node]->host;
    assert(item->as.message != NULL);
    uint64_t bytes = item->as.message->size + kernel->config.overhead_bytes;
    if (courier->delay_ns > 0)
        sg_actor_sleep_for((double)courier->delay_ns * 1e-9);
    bool lost = !ehr_host_on(kernel, to) || !network_carry(courier, to, (long)bytes);
    if (courier->extra_ns > 0)
        sg_actor_sleep_for((double)courier->extra_ns * 1e-9);
    ehr_flow_time(kernel);
    deliver(courier, lost);
    rest(courier);
    ehr_flow_pending_end(kernel);
    ehr_flow_settle(kernel);
}

static void courier_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_courier *courier = sg_actor_self_get_data();
    while (!courier->kernel->ended) {
        if (courier->loaded)
            carry(courier);
        sg_sem_acquire(courier->wake);
    }
}

/* Deeds of before a host went off may still be done when it is on again. */
void ehr_courier_start(struct ehr_courier *courier)
{
    if (courier->actor || !courier->loaded || !ehr_host_on(courier->kernel, courier->host))
        return;
    courier->actor = true;
    ehr_actor_start("courier", courier->host, courier_actor, courier, EHR_ACTOR_PORTER);
}

void ehr_couriers_lose(struct ehr_kernel *kernel, uint32_t host)
{
    kernel->hosts[host].flow->couriers_idle = NULL;
    for (struct ehr_courier *c = kernel->flow->couriers; c != NULL; c = c->next) {
        if (c->host != host)
            continue;
        if (c->loaded) {
            deliver(c, true);
            ehr_flow_pending_end(kernel);
        }
        c->actor = false;
        rest(c);
    }
}

void ehr_courier_send(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t delay_ns,
                      uint64_t extra_ns)
{
    uint32_t host = kernel->seats[item->from]->host;
    struct ehr_flow_host *at = kernel->hosts[host].flow;
    struct ehr_courier *courier = at->couriers_idle;
    if (courier != NULL) {
        at->couriers_idle = courier->next_idle;
    } else {
        courier = ehr_zeroed(1, sizeof *courier);
        courier->kernel = kernel;
        courier->wake = sg_sem_init(0);
        courier->host = host;
        courier->next = kernel->flow->couriers;
        kernel->flow->couriers = courier;
    }
    if (courier->actor)
        ehr_flow_deed(kernel, EHR_DEED_WAKE, courier->wake);
    else
        ehr_flow_deed(kernel, EHR_DEED_COURIER, courier);
    courier->item = *item;
    courier->number = ehr_order_number(kernel, item);
    uint64_t departs_ns = kernel->now_ns + delay_ns;
    if (departs_ns < at->departure_ns)
        departs_ns = at->departure_ns; /* see flow_cast */
    at->departure_ns = departs_ns + 1;
    courier->delay_ns = departs_ns - kernel->now_ns;
    courier->extra_ns = extra_ns;
    courier->loaded = true;
    kernel->pending++;
}

void ehr_couriers_close(struct ehr_kernel *kernel)
{
    struct ehr_courier *courier = kernel->flow->couriers;
    while (courier != NULL) {
        struct ehr_courier *next = courier->next;
        if (courier->loaded)
            ehr_message_unref(courier->item.as.message);
        sg_sem_destroy(courier->wake);
        free(courier);
        courier = next;
    }
}

/* SimGrid's link plugins crash where an actor ends that waits for a message nobody has sent (3.32
 * to 4.1: they ask for the route of a communication that has no sender). With them the sink takes
 * what has arrived, and waits for that by a semaphore. */
void ehr_sink_begin(struct ehr_flow_host *host)
{
    sg_mailbox_set_receiver(sg_mailbox_get_name(host->mailbox));
}

void ehr_sink_run(struct ehr_flow_host *host)
{
    for (;;) {
        void *payload = NULL;
        if (host->arrived != NULL)
            sg_sem_acquire(host->arrived);
        (void)sg_comm_wait(sg_mailbox_get_async(host->mailbox, &payload));
    }
}

static void sink_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    ehr_sink_begin(sg_actor_self_get_data());
    ehr_sink_run(sg_actor_self_get_data());
}

void ehr_sink_open(struct ehr_flow_host *host)
{
    char name[32];
    snprintf(name, sizeof name, "sink-%u", host->index);
    host->mailbox = sg_mailbox_by_name(name);
    if (ehr_meter_is_on())
        host->arrived = sg_sem_init(0);
    if (!host->kernel->mortal)
        ehr_actor_start(name, host->index, sink_actor, host, EHR_ACTOR_PORTER);
}
