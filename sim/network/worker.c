/* Computing of fidelity flow. SimGrid would share a CPU among all that compute on it, so that three
 * jobs of 1 ms on one core would all end at 3 ms: here a job is executed alone on its core, and
 * waits in a queue of the host for one. Where a core is free, the actor of the node executes a
 * single job itself, as it has nothing else to do: what arrives meanwhile waits in its agenda, as
 * it would in the strand's inbox. Else worker actors do, one a core, made when first needed. A job
 * that was asked for is done, even if its node has crashed since. */
#include "sim/network/flow_state.h"

#include <simgrid/actor.h>
#include <simgrid/exec.h>
#include <simgrid/semaphore.h>

#include <math.h>
#include <stdlib.h>

#include "sim/network/lives.h"
#include "sim/network/memory.h"

struct ehr_worker {
    struct ehr_flow_host *host;
    sg_sem_t wake;
    struct ehr_request *current;
    bool called; /* holds a core */
    bool actor;  /* has an actor, which lives */
    struct ehr_worker *next_idle, *next;
};

static struct ehr_request *job_take(struct ehr_flow_host *host)
{
    struct ehr_request *request = host->request_first;
    if (request != NULL && --request->unstarted == 0) {
        host->request_first = request->next;
        if (host->request_first == NULL)
            host->request_last = NULL;
    }
    return request;
}

static void resume(struct ehr_kernel *kernel, uint32_t node, struct ehr_strand *strand,
                   uint64_t generation)
{
    struct ehr_event event = {.kind = EHR_KIND_RESUME, .as.resume = {strand, generation}};
    ehr_agenda_push(kernel, ehr_agenda_of(kernel, node), kernel->now_ns, ehr_sequence_next(kernel),
                    &event);
}

static void job_end(struct ehr_kernel *kernel, struct ehr_request *request)
{
    ehr_flow_time(kernel);
    if (--request->unfinished > 0)
        return;
    resume(kernel, request->node, request->strand, request->generation);
    free(request);
    ehr_flow_pending_end(kernel);
    ehr_flow_settle(kernel);
}

/* What sg_actor_execute does, less a call to set a priority. */
static void execute(double flops)
{
    (void)sg_exec_wait(sg_actor_exec_init(flops));
}

static void rest(struct ehr_worker *worker)
{
    worker->next_idle = worker->host->workers_idle;
    worker->host->workers_idle = worker;
}

static void worker_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_worker *worker = sg_actor_self_get_data();
    struct ehr_flow_host *host = worker->host;
    for (;;) {
        while ((worker->current = job_take(host)) != NULL) {
            struct ehr_request *request = worker->current;
            execute(request->flops);
            worker->current = NULL; /* the actor may die in what follows */
            job_end(host->kernel, request);
        }
        host->cores_taken--;
        worker->called = false;
        rest(worker);
        while (!worker->called)
            sg_sem_acquire(worker->wake);
    }
}

/* Deeds of before a host went off may still be done when it is on again. */
void ehr_worker_start(struct ehr_worker *worker)
{
    if (worker->actor || !worker->called || !ehr_host_on(worker->host->kernel, worker->host->index))
        return;
    worker->actor = true;
    ehr_actor_start("core", worker->host->index, worker_actor, worker, EHR_ACTOR_PORTER);
}

static bool core_free(const struct ehr_kernel *kernel, const struct ehr_flow_host *host)
{
    return host->cores_taken < kernel->hosts[host->index].cores;
}

static bool worker_call(struct ehr_kernel *kernel, struct ehr_flow_host *host)
{
    if (!core_free(kernel, host))
        return false;
    host->cores_taken++;
    struct ehr_worker *worker = host->workers_idle;
    if (worker != NULL) {
        host->workers_idle = worker->next_idle;
    } else {
        worker = ehr_zeroed(1, sizeof *worker);
        worker->host = host;
        worker->wake = sg_sem_init(0);
        worker->next = kernel->flow->workers;
        kernel->flow->workers = worker;
    }
    worker->called = true;
    if (worker->actor)
        ehr_flow_deed(kernel, EHR_DEED_WAKE, worker->wake);
    else
        ehr_flow_deed(kernel, EHR_DEED_WORKER, worker);
    return true;
}

static struct ehr_flow_host *host_of(struct ehr_kernel *kernel, const struct ehr_seat *seat)
{
    return kernel->hosts[seat->host].flow;
}

static void request_add(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t generation,
                        uint64_t jobs, uint64_t each_ns)
{
    struct ehr_flow_host *host = host_of(kernel, kernel->seats[strand->owner]);
    struct ehr_request *request = ehr_zeroed(1, sizeof *request);
    request->strand = strand;
    request->generation = generation;
    request->node = strand->owner;
    request->unstarted = request->unfinished = jobs;
    request->flops = (double)each_ns;
    if (host->request_last != NULL)
        host->request_last->next = request;
    else
        host->request_first = request;
    host->request_last = request;
    uint64_t called = 0;
    while (called < jobs && worker_call(kernel, host))
        called++;
}

bool ehr_worker_compute(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                        uint64_t each_ns)
{
    struct ehr_seat *seat = kernel->seats[strand->owner];
    struct ehr_flow_host *host = host_of(kernel, seat);
    double slow = kernel->hosts[seat->host].slow;
    if (slow > 1)
        each_ns = (uint64_t)llround((double)each_ns * slow);
    kernel->pending++;
    /* the actor of a population has the devices to look after */
    if (jobs == 1 && seat->place != EHR_NODE_DEVICES && host->request_first == NULL &&
        core_free(kernel, host)) {
        host->cores_taken++;
        seat->own.ns = each_ns;
        seat->own.generation = strand->generation;
    } else {
        request_add(kernel, strand, strand->generation, jobs, each_ns);
    }
    return true;
}

bool ehr_own_execute(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    struct ehr_flow_host *host = host_of(kernel, seat);
    struct ehr_own own = seat->own;
    seat->own.begun = true;
    execute((double)own.ns);
    ehr_flow_time(kernel);
    host->cores_taken--;
    if (host->request_first != NULL)
        (void)worker_call(kernel, host);
    bool mine = seat->own.life == own.life;
    if (!mine) {
        seat->own.adrift--;
        seat->guest_adrift = seat->guest_adrift && seat->guest_life != own.life + 1;
    }
    if (mine) {
        seat->own.ns = 0;
        seat->own.begun = false;
        resume(kernel, seat->node->id, &seat->strand, own.generation);
    }
    ehr_flow_pending_end(kernel);
    return mine;
}

void ehr_own_hand_over(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    host_of(kernel, seat)->cores_taken--;
    request_add(kernel, &seat->strand, seat->own.generation, 1, seat->own.ns);
    seat->own.ns = 0;
}

void ehr_own_lost(struct ehr_kernel *kernel, struct ehr_seat *seat)
{
    struct ehr_flow_host *host = host_of(kernel, seat);
    host->cores_taken--;
    if (host->request_first != NULL)
        (void)worker_call(kernel, host);
    ehr_flow_pending_end(kernel);
}

/* Frees the request if nobody executes any of it. */
static bool request_end(struct ehr_request *request, uint64_t jobs)
{
    request->unfinished -= jobs;
    if (request->unfinished > 0)
        return false;
    free(request);
    return true;
}

/* Those whose last jobs are being executed belong to the last of their workers. */
static uint64_t requests_drop(struct ehr_flow_host *host)
{
    uint64_t ended = 0;
    while (host->request_first != NULL) {
        struct ehr_request *request = host->request_first;
        host->request_first = request->next;
        ended += request_end(request, request->unstarted);
    }
    host->request_last = NULL;
    return ended;
}

void ehr_workers_lose(struct ehr_kernel *kernel, uint32_t index)
{
    struct ehr_flow_host *host = kernel->hosts[index].flow;
    uint64_t ended = requests_drop(host);
    host->workers_idle = NULL;
    host->cores_taken = 0;
    for (struct ehr_worker *worker = kernel->flow->workers; worker != NULL; worker = worker->next) {
        if (worker->host != host)
            continue;
        if (worker->current != NULL)
            ended += request_end(worker->current, 1);
        worker->current = NULL;
        worker->called = worker->actor = false;
        rest(worker);
    }
    while (ended-- > 0)
        ehr_flow_pending_end(kernel);
}

void ehr_workers_close(struct ehr_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->host_count; i++)
        if (kernel->hosts[i].flow != NULL)
            (void)requests_drop(kernel->hosts[i].flow);
    struct ehr_worker *worker = kernel->flow->workers;
    while (worker != NULL) {
        struct ehr_worker *next = worker->next;
        if (worker->current != NULL)
            (void)request_end(worker->current, 1);
        sg_sem_destroy(worker->wake);
        free(worker);
        worker = next;
    }
}
