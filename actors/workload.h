/* The workload: what is asked of the system, of whom and when. A control node: it posts to roles
 * what happens to them (a patient registers, walks in, travels, is asked, changes their mind) and
 * hears when each request has ended. It is no party of the system: no network, no cost, no secret.
 *
 * workload.c         life, registration, how requests end, when everything is done
 * workload_visits.c  visits: arrivals at each hospital, which patient, which doctor
 * workload_reads.c   retrievals, shares, revocations: of records that are shared
 * workload_ordering.c raw requests to one chain
 * workload_arrivals.c  arrival processes by rate
 * workload_day.c     the time of day in arrivals
 * workload_trace.c   requests at stated times
 * workload_submit.c  requests that a program asks for, beside all of these
 *
 * Arrivals are open-loop: a time of arrival depends on no answer, but for raw requests in a closed
 * loop. A visit is offered when it
 * arrives, and waits here while no patient of the hospital is registered and free; retrievals and
 * shares that come before there is any shared record are offered when there is one. Who is down is
 * not asked: another doctor, another data user is; what nobody can be asked for ends at once. */
#ifndef EHR_ACTORS_WORKLOAD_H
#define EHR_ACTORS_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/directory.h"
#include "actors/workload_day.h"
#include "actors/workload_event.h"
#include "crypto/random.h"
#include "sim/ledger/message.h"
#include "sim/measure/requests.h"
#include "sim/network/node.h"

/* Which record a patient's n-th visit writes (n from 0). */
struct ehr_visit_plan {
    /* Visits that the patient has in all; UINT32_MAX: as many as are asked for. */
    uint32_t (*visits)(const struct ehr_visit_plan *plan, uint32_t patient);
    /* The record: an index into the cases, a different one for each (patient, visit). */
    uint32_t (*record)(const struct ehr_visit_plan *plan, uint32_t patient, uint32_t visit);
};

/* What the measurements learn from the workload. */
struct ehr_workload_hooks {
    void *context;
    /* A request is offered now; returns its id, 1, 2, 3, ... */
    uint32_t (*open)(void *context, enum ehr_flow flow, uint32_t hospital, uint64_t now_ns);
    /* It ends here, as no party can be asked. */
    void (*close)(void *context, uint32_t request, enum ehr_reply reply, uint64_t now_ns);
    /* Whether a party can be asked now: its device is on. */
    bool (*up)(void *context, uint32_t node);
    /* Nothing is left to ask and everything asked has ended. Called once. */
    void (*done)(void *context);
};

/* Requests that arrive by rate until `duration`, or, count > 0, by rate until that many came. */
struct ehr_workload_arrivals {
    double rate_per_s; /* > 0, or 0 with count = 0: none */
    uint64_t count;
};

/* Raw requests of `clients` nodes with consecutive numbers. */
struct ehr_workload_order {
    uint32_t first_client; /* node */
    uint32_t clients;
    uint32_t hospital; /* whose chain orders; EHR_REQUEST_NO_HOSPITAL: the alliance's */
    uint64_t requests; /* 0: until duration_ns */
    double rate_per_s; /* of all together; 0: a closed loop, of `outstanding` for each client */
    uint32_t outstanding;
    bool uniform;                        /* with a rate: a fixed gap */
    struct ehr_workload_profile profile; /* with a rate; borrowed */
};

struct ehr_workload_config {
    const struct ehr_directory *directory; /* borrowed, as plan and hooks */
    const struct ehr_visit_plan *plan;
    const struct ehr_workload_hooks *hooks;
    struct ehr_rng *rng; /* workload stream; drawn from in ehr_workload_new only */
    bool uniform;        /* a fixed gap of 1 / rate instead of exponential ones */
    uint64_t duration_ns;
    uint64_t enrol_ns;  /* registrations are spread over this long from the start */
    uint64_t travel_ns; /* from the end of a visit until its record may be asked for */
    uint64_t settle_ns; /* from the last end until `done` */
    struct ehr_workload_arrivals visits; /* rate per hospital, count of all */
    double emergency_probability;        /* that a patient cannot show a card */
    bool every_visit;                    /* all visits of the plan, each once; no count */
    struct ehr_workload_arrivals retrievals;
    double retrieval_probability; /* per shared visit; instead of arrivals */
    uint64_t retrieval_delay_ns;  /* then: from travel_ns on */
    struct ehr_workload_arrivals shares;
    uint32_t share_visits;         /* asked for at once; 1: one by one */
    double revocation_probability; /* per share that ended well */
    uint64_t revocation_count;     /* or the first so many of them */
    uint64_t revocation_delay_ns;
    const struct ehr_workload_order *orders; /* borrowed */
    uint32_t order_count;
    bool no_enrolment; /* nobody is registered but those whose registration is submitted */
    bool lasts;        /* until duration_ns, even when there is nothing to ask any more */
    struct ehr_workload_profile visits_profile, retrievals_profile, shares_profile; /* borrowed */
    const struct ehr_workload_event *events; /* ascending in time; borrowed */
    size_t event_count;                      /* < UINT32_MAX */
    uint64_t day_ns;   /* length of a day of the profiles; > 0 unless all are flat */
    uint64_t start_ns; /* time of day at which the run begins, < day_ns */
};

struct ehr_node *ehr_workload_new(const char *name, const struct ehr_workload_config *config);
void ehr_workload_free(struct ehr_node *node);

/* A request of a program's own; members that the flow does not need are ignored. */
struct ehr_workload_submission {
    enum ehr_flow flow;
    uint32_t patient;  /* register, visit */
    uint32_t hospital; /* register, visit, retrieve: where; UINT32_MAX: at the patient's own, but to
                        * retrieve at the next one */
    uint32_t of; /* retrieve, share: request of a visit that is shared; revoke: of a share that
                  * ended well */
    uint32_t data_user; /* share */
    uint32_t client;    /* ordering: its node */
};

/* Offers it now, as a handler of the workload does (ehr_kernel_call). Returns its id, or 0: then
 * `error` says why. A patient does one thing at a time: a visit waits while a registration or
 * another visit of the patient is open, or the workload has still to register the patient. A record
 * can be asked for travel_ns after its visit: what comes earlier waits. */
uint32_t ehr_workload_submit(struct ehr_node *node, struct ehr_fx *fx,
                             const struct ehr_workload_submission *submission, char *error,
                             size_t error_size);

/* What it still waits for; for messages about runs that stand still. */
struct ehr_workload_state {
    uint64_t offered;    /* requests opened */
    uint64_t open;       /* of these, not ended */
    uint64_t waiting;    /* visits without a patient; reads without a record */
    uint64_t still;      /* arrivals with a count that have not come, of all kinds */
    uint64_t offered_ns; /* when the last request was offered */
    bool arrived;        /* everything has arrived */
    uint32_t oldest;     /* an open request, the oldest; 0: none */
    enum ehr_flow flow;  /* of the oldest */
};
struct ehr_workload_state ehr_workload_state(const struct ehr_node *node);

/* What is still to come, as far as it is known at `now_ns`. The unit of work is a retrieval. */
struct ehr_workload_outlook {
    uint64_t until_ns; /* when the last request is expected; 0: all are there, or nobody knows */
    double due;        /* work of the requests expected from now to then */
    uint64_t left;     /* of others: open ones, waiting ones, those of counted closed loops */
    uint64_t ended;    /* of those that have ended */
    bool lasts;        /* something goes on until the duration whatever is due */
    bool counted;      /* a closed loop goes on until so many have ended, whenever that is */
};
struct ehr_workload_outlook ehr_workload_outlook(const struct ehr_node *node, uint64_t now_ns);

/* The record that the visit of this request writes; UINT32_MAX: it is no visit that has begun. */
uint32_t ehr_workload_record(const struct ehr_node *node, uint32_t request);

#endif /* EHR_ACTORS_WORKLOAD_H */
