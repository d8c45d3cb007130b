/* What the parts of fidelity flow share. Private to flow.c, courier.c and worker.c.
 *
 * Many SimGrid actors work on the kernel's state, one at a time; another one may run at every call
 * into SimGrid. So nothing that changes the state calls SimGrid: it notes a deed (wake an actor,
 * start one), and the actor does the deeds when the state is whole again (ehr_flow_settle). */
#ifndef EHR_NETWORK_FLOW_STATE_H
#define EHR_NETWORK_FLOW_STATE_H

#include "sim/network/state.h"

enum ehr_deed_kind {
    EHR_DEED_WAKE = 1,
    EHR_DEED_COURIER,
    EHR_DEED_WORKER,
    EHR_DEED_NODE,
    EHR_DEED_LINK,
};

struct ehr_deed {
    void *object; /* WAKE: a semaphore; LINK: its state; else the courier, worker or seat whose
                     actor is to start */
    enum ehr_deed_kind kind;
};

struct ehr_courier;
struct ehr_worker;

/* `jobs` of one charge: each on a core of its own when there are enough. */
struct ehr_request {
    struct ehr_strand *strand;
    uint64_t generation;
    uint32_t node;
    uint64_t unstarted, unfinished;
    double flops;
    struct ehr_request *next;
};

struct ehr_flow_host {
    struct ehr_kernel *kernel;
    uint64_t departure_ns; /* when the next message may leave: no two leave at one ns */
    uint32_t index;
    sg_mailbox_t mailbox; /* of the sink; NULL: no node here */
    sg_sem_t arrived;     /* with a link plugin: as often as the sink may take one (courier.c) */
    struct ehr_courier *couriers_idle; /* they sit on this host */
    struct ehr_worker *workers_idle;
    uint32_t cores_taken;                             /* by workers that are called, and by nodes */
    struct ehr_request *request_first, *request_last; /* first come, first served */
};

struct ehr_flow {
    struct ehr_deed *deeds;
    size_t deed_first, deed_count, deed_capacity;
    struct ehr_courier *couriers; /* all */
    struct ehr_worker *workers;   /* all */
    struct ehr_heap alarms;       /* nodes to be woken by the control actor; slot: the node */
    uint64_t control_ns;          /* when that will wake, while it waits */
    sg_sem_t *retired;            /* where nobody waits that has a part in the run any more */
    size_t retired_count, retired_capacity;
};

void ehr_flow_deed(struct ehr_kernel *kernel, enum ehr_deed_kind kind, void *object);
/* To be destroyed with the kernel: deeds may still name it. */
void ehr_flow_retire(struct ehr_kernel *kernel, sg_sem_t semaphore);
/* Something that was pending is over; the last one wakes the control actor. */
void ehr_flow_pending_end(struct ehr_kernel *kernel);

/* courier.c */
/* Leaves `delay_ns` from now, and is there `extra_ns` later than the network would have it. */
void ehr_courier_send(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t delay_ns,
                      uint64_t extra_ns);
void ehr_courier_start(struct ehr_courier *courier);
void ehr_couriers_close(struct ehr_kernel *kernel);
/* The host has gone off: what its couriers carried is lost. */
void ehr_couriers_lose(struct ehr_kernel *kernel, uint32_t host);
/* The mailbox of the host; where nothing dies, with a daemon of its own that takes in what comes.
 * Else the guard of the host does that (lives.c). */
void ehr_sink_open(struct ehr_flow_host *host);
void ehr_sink_begin(struct ehr_flow_host *host);
void ehr_sink_run(struct ehr_flow_host *host);

/* worker.c */
bool ehr_worker_compute(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                        uint64_t each_ns);
void ehr_worker_start(struct ehr_worker *worker);
/* The job that the actor of a node has taken on itself: executes it and puts the resumption in the
 * agenda. False: another actor has taken this one's place. */
bool ehr_own_execute(struct ehr_kernel *kernel, struct ehr_seat *seat);
/* The node crashes: a worker does what has not begun. */
void ehr_own_hand_over(struct ehr_kernel *kernel, struct ehr_seat *seat);
/* The actor of the node has died, and with it the job that it had taken on. */
void ehr_own_lost(struct ehr_kernel *kernel, struct ehr_seat *seat);
/* The host has gone off: nothing that was asked for there will be done. */
void ehr_workers_lose(struct ehr_kernel *kernel, uint32_t host);
void ehr_workers_close(struct ehr_kernel *kernel);

#endif /* EHR_NETWORK_FLOW_STATE_H */
