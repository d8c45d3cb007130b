/* Requests of a program: names become numbers, and the workload offers them; and actors that wait
 * for the end of one, or for the run to begin. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/semaphore.h>

#include "actors/ordering.h"
#include "sim/app/memory.h"
#include "sim/app/world_internal.h"

/* SimGrid adds a timeout to its clock. */
#define FOR_EVER_S 1e12

/* ---- what is asked for ---- */

static enum ehr_flow flow_find(const char *name)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        if (name != NULL && strcmp(ehr_flow_name(flow), name) == 0)
            return flow;
    return EHR_FLOW_INVALID;
}

static bool hospital_find(const struct ehr_world *world, const char *id, uint32_t *hospital)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    *hospital = UINT32_MAX;
    for (uint32_t h = 0; id != NULL && h < directory->hospital_count; h++)
        if (strcmp(directory->hospitals[h].id, id) == 0)
            *hospital = h;
    return id == NULL || *hospital != UINT32_MAX;
}

static bool data_user_find(const struct ehr_world *world, const char *id, uint32_t *user)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    for (uint32_t i = 0; id != NULL && i < directory->data_user_count; i++)
        if (strcmp(directory->data_users[i].name, id) == 0) {
            *user = i;
            return true;
        }
    return false;
}

static bool client_find(const struct ehr_world *world, const char *name, uint32_t *client)
{
    for (uint32_t o = 0; name != NULL && o < world->genesis->order_count; o++)
        for (uint32_t i = 0; i < world->genesis->orders[o].clients; i++)
            if (strcmp(world->genesis->orders[o].names[i], name) == 0) {
                *client = world->genesis->orders[o].first + i;
                return true;
            }
    return false;
}

/* What `of` names is there and has come so far. */
static bool of_check(const struct ehr_world *world, enum ehr_flow flow, uint32_t of, char *error,
                     size_t size)
{
    const struct ehr_request_log *log = ehr_measure_requests(world->measure);
    bool revocation = flow == EHR_FLOW_REVOKE;
    if (of == EHR_REQUEST_NONE || of > ehr_request_count(log)) {
        snprintf(error, size, "request %" PRIu32 ": there is none of this number", of);
        return false;
    }
    const struct ehr_request *request = ehr_request_get(log, of);
    if (request->flow != (revocation ? EHR_FLOW_SHARE : EHR_FLOW_VISIT)) {
        snprintf(error, size, "request %" PRIu32 " is of flow %s: %s takes a %s", of,
                 ehr_flow_name((enum ehr_flow)request->flow), ehr_flow_name(flow),
                 revocation ? "share" : "visit");
        return false;
    }
    if (revocation ? request->outcome == EHR_OUTCOME_OK
                   : request->shared_ns != EHR_REQUEST_TIME_UNKNOWN)
        return true;
    snprintf(error, size, "request %" PRIu32 " is no %s", of,
             revocation ? "share that has ended ok" : "visit that is shared");
    return false;
}

static bool numbers_find(const struct ehr_world *world, const struct ehr_submission *from,
                         struct ehr_workload_submission *to, char *error, size_t size)
{
    to->flow = flow_find(from->flow);
    to->patient = from->patient;
    to->of = from->of;
    to->hospital = UINT32_MAX;
    switch (to->flow) {
    case EHR_FLOW_REGISTER:
    case EHR_FLOW_VISIT:
    case EHR_FLOW_RETRIEVE:
        if (!hospital_find(world, from->hospital, &to->hospital)) {
            snprintf(error, size, "hospital \"%s\": there is none of this id", from->hospital);
            return false;
        }
        return to->flow != EHR_FLOW_RETRIEVE || of_check(world, to->flow, from->of, error, size);
    case EHR_FLOW_SHARE:
        if (!data_user_find(world, from->data_user, &to->data_user)) {
            snprintf(error, size, "data user \"%s\": there is none of this id",
                     from->data_user != NULL ? from->data_user : "");
            return false;
        }
        return of_check(world, to->flow, from->of, error, size);
    case EHR_FLOW_REVOKE:
        return of_check(world, to->flow, from->of, error, size);
    case EHR_FLOW_ORDERING:
        if (client_find(world, from->client, &to->client))
            return true;
        snprintf(error, size, "client \"%s\": there is none of this name",
                 from->client != NULL ? from->client : "");
        return false;
    case EHR_FLOW_INVALID:
    case EHR_FLOW_END:
        break;
    }
    snprintf(error, size,
             "flow \"%s\": register, visit, retrieve, share, revoke and ordering are allowed",
             from->flow != NULL ? from->flow : "");
    return false;
}

/* ---- waiting ---- */

struct world_wait {
    struct world_wait *next;
    sg_sem_t end;
    uint32_t request; /* EHR_REQUEST_NONE: for the begin of the run */
    bool over;        /* woken, or has given up */
};

static bool has_ended(const struct ehr_world *world, uint32_t request)
{
    return !ehr_request_is_open(ehr_measure_requests(world->measure), request);
}

static bool has_come(const struct ehr_world *world, const struct world_wait *wait)
{
    return wait->request == EHR_REQUEST_NONE ? world->ready || world->ended
                                             : has_ended(world, wait->request);
}

/* Waking calls SimGrid, and others may begin or end to wait meanwhile: nobody leaves the list. */
void world_waits_look(struct ehr_world *world)
{
    const struct ehr_request_log *log = ehr_measure_requests(world->measure);
    uint32_t over = ehr_request_count(log) - ehr_request_open_count(log);
    if (over == world->requests_over)
        return;
    world->requests_over = over;
    for (struct world_wait *wait = world->waits; wait != NULL; wait = wait->next) {
        if (wait->over || !has_come(world, wait))
            continue;
        wait->over = true;
        ehr_kernel_clock(world->kernel);
        sg_sem_release(wait->end);
    }
}

/* One that nobody uses any more; their actors may have been killed. */
static struct world_wait *wait_new(struct ehr_world *world, uint32_t request)
{
    struct world_wait *wait = ehr_app_zeroed(1, sizeof *wait);
    wait->request = request;
    wait->end = sg_sem_init(0);
    wait->next = world->waits;
    world->waits = wait;
    return wait;
}

/* An actor may come before every node stands; it goes on at the same instant, when they do. */
static void ready_await(struct ehr_world *world)
{
    if (world->options.open && !world->ready && !world->ended && sg_actor_self_get_pid() != 0) {
        struct world_wait *wait = wait_new(world, EHR_REQUEST_NONE);
        sg_sem_acquire(wait->end);
        wait->over = true;
    }
}

/* ---- submitting ---- */

struct offer {
    struct ehr_world *world;
    struct ehr_workload_submission wanted;
    char *error;
    size_t error_size;
    uint32_t request; /* 0: refused */
};

static void offer_make(void *context, struct ehr_node *node, struct ehr_fx *fx)
{
    struct offer *offer = context;
    if (!world_goes_on(offer->world, ehr_fx_now(fx))) {
        snprintf(offer->error, offer->error_size, "the run is over");
        return;
    }
    offer->request = ehr_workload_submit(node, fx, &offer->wanted, offer->error, offer->error_size);
}

/* Patients of a hospital have numbers that the checker knows. */
static void card_expect(struct ehr_world *world, const struct ehr_workload_submission *wanted)
{
    if (wanted->flow == EHR_FLOW_REGISTER && wanted->hospital != UINT32_MAX &&
        wanted->hospital != world->genesis->directory.patient_home[wanted->patient])
        world_card_add(world, wanted->hospital);
}

uint32_t ehr_world_submit(struct ehr_world *world, const struct ehr_submission *submission,
                          char *error, size_t error_size)
{
    char unwanted[1];
    struct ehr_submission own = {0};
    struct offer offer = {.world = world,
                          .error = error != NULL ? error : unwanted,
                          .error_size = error != NULL ? error_size : sizeof unwanted};
    memcpy(&own, submission, submission->size < sizeof own ? submission->size : sizeof own);
    if (submission->size < sizeof submission->size + sizeof submission->flow) {
        snprintf(offer.error, offer.error_size, "size %zu: begin with EHR_SUBMISSION_INIT",
                 submission->size);
        return 0;
    }
    ready_await(world);
    if (!world->ready || world->ended) {
        snprintf(offer.error, offer.error_size,
                 world->ready ? "the run is over" : "the run has not begun");
        return 0;
    }
    if (world->genesis->alliance.bare &&
        strcmp(own.flow != NULL ? own.flow : "", "ordering") != 0) {
        snprintf(offer.error, offer.error_size,
                 "flow \"%s\": the chains of this run order raw requests alone",
                 own.flow != NULL ? own.flow : "");
        return 0;
    }
    if (!numbers_find(world, &own, &offer.wanted, offer.error, offer.error_size))
        return 0;
    struct ehr_node *workload = world->seats[world->genesis->directory.workload].node;
    if (!ehr_kernel_call(world->kernel, workload->id, offer_make, &offer))
        snprintf(offer.error, offer.error_size, "the run is over");
    if (offer.request != 0)
        card_expect(world, &offer.wanted);
    world_on_settled(world);
    return offer.request;
}

/* ---- waiting for the end of a request ---- */

bool ehr_world_request_wait(struct ehr_world *world, uint32_t request, double timeout_s,
                            struct ehr_request_event *event)
{
    struct ehr_request_event now;
    if (!ehr_world_request_read(world, request, &now))
        return false;
    bool may_wait = world->ready && !world->ended && !ehr_events_telling(world->events);
    bool forever = timeout_s < 0 || timeout_s >= FOR_EVER_S;
    /* SimGrid takes a timeout of 0 for none */
    if (!has_ended(world, request) && may_wait && (forever || timeout_s > 0)) {
        struct world_wait *wait = wait_new(world, request);
        if (forever)
            sg_sem_acquire(wait->end);
        else
            (void)sg_sem_acquire_timeout(wait->end, timeout_s);
        wait->over = true;
    }
    (void)ehr_world_request_read(world, request, &now);
    if (event != NULL)
        *event = now;
    return now.outcome != NULL;
}

void world_waits_close(struct ehr_world *world)
{
    while (world->waits != NULL) {
        struct world_wait *wait = world->waits;
        world->waits = wait->next;
        sg_sem_destroy(wait->end);
        free(wait);
    }
}
