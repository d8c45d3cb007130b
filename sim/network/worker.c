/* Computing of fidelity flow: one worker actor a core, made when first needed; requests wait in a
 * queue of the host. SimGrid would share a CPU among all that compute on it, so that three jobs of
 * 1 ms on one core would all end at 3 ms: here a job is executed only by a worker, alone on its
 * core. A job that was asked for is done, even if its node has crashed since. */
#include "sim/network/flow_state.h"

#include <simgrid/actor.h>
#include <simgrid/exec.h>
#include <simgrid/semaphore.h>

#include <stdlib.h>

#include "sim/network/memory.h"

struct ehr_worker {
    struct ehr_flow_host *host;
    sg_sem_t wake;
    struct ehr_request *current;
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

static void job_end(struct ehr_kernel *kernel, struct ehr_request *request)
{
    ehr_flow_time(kernel);
    if (--request->unfinished > 0)
        return;
    struct ehr_event event = {.kind = EHR_KIND_RESUME,
                              .as.resume = {request->strand, request->generation}};
    ehr_agenda_push(kernel, ehr_agenda_of(kernel, request->node), kernel->now_ns,
                    ehr_sequence_next(kernel), &event);
    free(request);
    ehr_flow_pending_end(kernel);
    ehr_flow_settle(kernel);
}

static void worker_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct ehr_worker *worker = sg_actor_self_get_data();
    struct ehr_flow_host *host = worker->host;
    for (;;) {
        while ((worker->current = job_take(host)) != NULL) {
            /* what sg_actor_execute does, less a call to set a priority */
            (void)sg_exec_wait(sg_actor_exec_init(worker->current->flops));
            job_end(host->kernel, worker->current);
        }
        worker->next_idle = host->workers_idle;
        host->workers_idle = worker;
        sg_sem_acquire(worker->wake);
    }
}

void ehr_worker_start(struct ehr_worker *worker)
{
    ehr_actor_start("core", worker->host->index, worker_actor, worker, EHR_ACTOR_PORTER);
}

static bool worker_call(struct ehr_kernel *kernel, struct ehr_flow_host *host)
{
    struct ehr_worker *worker = host->workers_idle;
    if (worker != NULL) {
        host->workers_idle = worker->next_idle;
        ehr_flow_deed(kernel, EHR_DEED_WAKE, worker->wake);
        return true;
    }
    if (host->workers == kernel->hosts[host->index].cores)
        return false;
    worker = ehr_zeroed(1, sizeof *worker);
    worker->host = host;
    worker->wake = sg_sem_init(0);
    worker->next = kernel->flow->workers;
    kernel->flow->workers = worker;
    host->workers++;
    ehr_flow_deed(kernel, EHR_DEED_WORKER, worker);
    return true;
}

bool ehr_worker_compute(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                        uint64_t each_ns)
{
    uint32_t node = strand->owner;
    struct ehr_flow_host *host = kernel->hosts[kernel->seats[node]->host].flow;
    struct ehr_request *request = ehr_zeroed(1, sizeof *request);
    request->strand = strand;
    request->generation = strand->generation;
    request->node = node;
    request->unstarted = request->unfinished = jobs;
    request->flops = (double)each_ns;
    if (host->request_last != NULL)
        host->request_last->next = request;
    else
        host->request_first = request;
    host->request_last = request;
    kernel->pending++;
    uint64_t called = 0;
    while (called < jobs && worker_call(kernel, host))
        called++;
    return true;
}

void ehr_workers_close(struct ehr_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        struct ehr_flow_host *host = kernel->hosts[i].flow;
        while (host != NULL && host->request_first != NULL) {
            struct ehr_request *request = host->request_first;
            host->request_first = request->next;
            request->unfinished -= request->unstarted;
            if (request->unfinished == 0)
                free(request);
        }
    }
    struct ehr_worker *worker = kernel->flow->workers;
    while (worker != NULL) {
        struct ehr_worker *next = worker->next;
        /* A request whose last jobs were being executed belongs to the last of their workers. */
        if (worker->current != NULL && --worker->current->unfinished == 0)
            free(worker->current);
        sg_sem_destroy(worker->wake);
        free(worker);
        worker = next;
    }
}
