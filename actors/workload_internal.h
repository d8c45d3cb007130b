/* The state of the workload, for the files that make it up (list in workload.h). */
#ifndef EHR_ACTORS_WORKLOAD_INTERNAL_H
#define EHR_ACTORS_WORKLOAD_INTERNAL_H

#include "actors/workload.h"
#include "sim/records/sampler.h"

/* Timers; the generation says for whom: a hospital, a visit, a grant, an order. */
enum workload_timer {
    WORKLOAD_TIMER_ENROL = 1, /* the next registration at a hospital */
    WORKLOAD_TIMER_VISIT,     /* the next arrival at a hospital */
    WORKLOAD_TIMER_RETRIEVE,
    WORKLOAD_TIMER_SHARE,
    WORKLOAD_TIMER_RETURN, /* the patient of a visit asks for its record now */
    WORKLOAD_TIMER_TRAVEL, /* the record of a visit may be asked for now */
    WORKLOAD_TIMER_REVOKE,
    WORKLOAD_TIMER_SETTLED,
    WORKLOAD_TIMER_ORDER, /* the next raw request of an order, or its end */
    WORKLOAD_TIMER_OVER,  /* the duration has passed */
    WORKLOAD_TIMER_TRACE, /* the next request at a stated time */
};

/* One arrival process. Its stream is its own, so that when a request comes depends on nothing that
 * happens in the run. */
struct arrivals {
    struct ehr_stream_splitmix stream;
    double gap_ns;  /* mean; 0: nothing arrives */
    double next_ns; /* since the start, if the rate were its mean all the time; kept as a double so
                     * that fixed gaps do not drift */
    const struct workload_day *day;
    uint64_t left; /* with a count */
    bool counted;
    bool uniform; /* a fixed gap */
    bool over;
};

/* Raw requests under one heading. */
struct order {
    const struct ehr_workload_order *config;
    struct arrivals arrivals; /* open loop */
    struct workload_day day;
    uint64_t offered;     /* closed loop */
    uint32_t next_client; /* open loop */
    bool over;            /* closed loop */
};

struct patient {
    uint32_t home;
    uint32_t visits;    /* started */
    uint32_t planned;   /* UINT32_MAX: no end */
    uint32_t free_at;   /* position in the hospital's list of free patients, or UINT32_MAX */
    uint32_t enrolling; /* registrations that have not ended */
    uint32_t waiting;   /* submitted visits that have not begun */
    bool begun;         /* its registration at home has */
    bool registered;    /* and ended well */
    bool visiting;      /* has an open visit */
};

/* A growing list of numbers. */
struct numbers {
    uint32_t *item;
    size_t count, capacity;
};

struct hospital {
    struct arrivals arrivals;
    struct ehr_stream_splitmix choice;
    struct numbers patients; /* whose home it is */
    struct numbers free;     /* of these: registered, without an open visit, with visits left */
    struct numbers waiting;  /* requests of visits that wait for a patient; from `served` on */
    size_t served;
    bool serving;
    uint32_t enrolled;  /* registrations begun */
    uint32_t enrolling; /* begun and not ended */
    uint32_t visiting;  /* patients with an open visit */
    uint32_t next_doctor;
};

struct visit {
    uint32_t request, patient, record;
    bool ended, shared;
    bool ready; /* its record may be asked for */
};

/* What a request id stands for: of a visit `what` is the visit, of a raw request the order, else
 * the patient. */
struct asked {
    uint8_t flow;
    bool ended;
    bool submitted;
    bool elsewhere; /* a registration that is not at home */
    uint32_t what;
};

/* Of a share that ended well. */
struct grant {
    uint8_t id[32];
    uint32_t patient, request;
};

/* A submitted request that waits. */
struct submitted {
    uint32_t request;
    struct ehr_workload_submission what;
};

struct workload {
    struct ehr_node node; /* first */
    struct ehr_workload_config config;
    struct patient *patients;
    struct hospital *hospitals;
    struct visit *visits;
    size_t visit_count, visit_capacity;
    struct asked *asked; /* by request id */
    size_t asked_capacity;
    uint32_t last_request; /* highest id */
    uint32_t oldest;       /* every request below it has ended */
    struct grant *grants;
    size_t grant_count, grant_capacity;
    struct numbers shared; /* visits whose record may be asked for */
    struct arrivals retrievals, shares;
    struct workload_day visits_day, retrievals_day, shares_day;
    struct order *orders;
    struct ehr_stream_splitmix retrieval_choice, share_choice;
    uint64_t decision_key; /* retrieval and revocation probabilities */
    uint64_t waiting_retrievals, waiting_shares;
    size_t next_event;    /* of the trace */
    struct numbers early; /* its retrievals and shares that came before there was a record */
    uint64_t open;        /* requests that have not ended */
    uint64_t open_work, ended_work; /* of requests, as workload_work says */
    uint64_t planned;               /* timers that will ask for something or make it possible */
    uint64_t offered_ns;            /* when the last request was offered */
    uint32_t next_user;
    struct submitted *submitted; /* those that wait, in the order of their coming */
    size_t submitted_count, submitted_capacity;
    uint64_t settlings; /* begun */
    bool settling, done;
    bool over; /* the duration has passed; only where it lasts so long */
};

/* How much work the simulation has with a request of this flow, beside a retrieval's. */
uint64_t workload_work(enum ehr_flow flow);

void workload_number_add(struct numbers *numbers, uint32_t number);
/* An array that grows by half; new elements are not initialised. */
void *workload_grow(void *array, size_t count, size_t *capacity, size_t item);

/* ---- workload_arrivals.c ---- */
/* A stream of its own, seeded by eight bytes of `rng`. */
void workload_stream_draw(struct ehr_stream_splitmix *stream, struct ehr_rng *rng);
/* At a rate, until `count` came, or with 0 until the duration is over. `day` is borrowed. */
void workload_arrivals_init(struct arrivals *arrivals, double rate_per_s, uint64_t count,
                            bool uniform, const struct workload_day *day, struct ehr_rng *rng);
/* How many are expected from now on: by rate until the end of the duration, or what is left. */
double workload_arrivals_due(const struct workload *self, const struct arrivals *arrivals,
                             uint64_t now_ns);
/* Sets the timer of the next arrival, or ends the process. */
void workload_arrivals_next(struct workload *self, struct ehr_fx *fx, struct arrivals *arrivals,
                            enum workload_timer timer, uint64_t generation);

/* Offers a request: opens it and remembers what it is about. */
uint32_t workload_offer(struct workload *self, struct ehr_fx *fx, enum ehr_flow flow,
                        uint32_t hospital, uint32_t what);
/* A request that nobody can be asked for ends. */
void workload_abandon(struct workload *self, struct ehr_fx *fx, uint32_t request,
                      enum ehr_reply reply);
/* Asks a party: tells it `take`, a message whose first field is the request. If it is down the
 * request ends with `reply`. */
void workload_ask(struct workload *self, struct ehr_fx *fx, struct ehr_address to,
                  struct ehr_message *take, enum ehr_reply reply);
/* The registration of a patient at hospital `h` begins as `request`. */
void workload_enrol_begin(struct workload *self, struct ehr_fx *fx, uint32_t patient, uint32_t h,
                          uint32_t request);
/* Whether the run can end: looked at whenever something may have been the last. */
void workload_end_look(struct workload *self, struct ehr_fx *fx);
/* The first of `count` members from number `from` on, around, that is up; `from` if none is. */
uint32_t workload_member_up(const struct workload *self, const struct ehr_member *members,
                            uint32_t count, uint32_t from);

enum { WORKLOAD_DECIDE_RETRIEVE = 1, WORKLOAD_DECIDE_REVOKE, WORKLOAD_DECIDE_EMERGENCY };
/* Whether something with `probability` happens to `subject`: a draw of its own, whatever else
 * happens in the run. */
bool workload_decide(const struct workload *self, uint64_t kind, uint64_t subject,
                     double probability);

/* ---- workload_trace.c ---- */
void workload_trace_start(struct workload *self, struct ehr_fx *fx);
void workload_trace_timer(struct workload *self, struct ehr_fx *fx);
/* There is a record to be asked for. */
void workload_trace_record_ready(struct workload *self, struct ehr_fx *fx);
/* None can come any more. */
void workload_trace_abandon(struct workload *self, struct ehr_fx *fx);
bool workload_trace_over(const struct workload *self);

/* ---- workload_ordering.c ---- */
void workload_orders_start(struct workload *self, struct ehr_fx *fx);
void workload_order_timer(struct workload *self, struct ehr_fx *fx, uint32_t order);
/* Asks a client of the order, as request `request`. */
void workload_order_begin(struct workload *self, struct ehr_fx *fx, uint32_t order, uint32_t client,
                          uint32_t request);
/* A raw request of the client at `node` has ended. */
void workload_order_ended(struct workload *self, struct ehr_fx *fx, uint32_t order, uint32_t node);
bool workload_orders_over(const struct workload *self);

/* ---- workload_visits.c ---- */
void workload_visits_start(struct workload *self, struct ehr_fx *fx);
void workload_visit_arrives(struct workload *self, struct ehr_fx *fx, uint32_t hospital);
/* A visit is offered, for a patient of the hospital who is free or will be. */
void workload_visit_offer(struct workload *self, struct ehr_fx *fx, uint32_t hospital);
void workload_patient_free(struct workload *self, struct ehr_fx *fx, uint32_t patient);
/* The visit `request` of a patient begins at hospital `h`. */
void workload_visit_begin(struct workload *self, struct ehr_fx *fx, uint32_t h, uint32_t patient,
                          uint32_t request);
void workload_visit_ended(struct workload *self, struct ehr_fx *fx, struct visit *visit, bool well);
/* Visits that wait where no patient can ever come end; whether any did. */
bool workload_visits_abandon(struct workload *self, struct ehr_fx *fx);
bool workload_visits_over(const struct workload *self);

/* ---- workload_reads.c ---- */
void workload_reads_start(struct workload *self, struct ehr_fx *fx);
void workload_retrieval_arrives(struct workload *self, struct ehr_fx *fx);
void workload_share_arrives(struct workload *self, struct ehr_fx *fx);
/* Of a record drawn from those that are shared, of which there is one: at a place, by a data user,
 * or EHR_WORKLOAD_ANY. */
void workload_retrieve_some(struct workload *self, struct ehr_fx *fx, uint32_t place);
void workload_share_some(struct workload *self, struct ehr_fx *fx, uint32_t user);
void workload_visit_retrieve(struct workload *self, struct ehr_fx *fx, uint32_t visit);
/* The record of the visit may be asked for from now on. */
void workload_record_ready(struct workload *self, struct ehr_fx *fx, uint32_t visit);
/* `request` is of a share. */
void workload_share_ended(struct workload *self, struct ehr_fx *fx, uint32_t request,
                          const uint8_t grant_id[32]);
void workload_revoke(struct workload *self, struct ehr_fx *fx, uint64_t grant);
/* These begin as `request`: a retrieval at hospital `h`, a share with a data user, a revocation. */
void workload_retrieve_begin(struct workload *self, struct ehr_fx *fx, uint32_t visit, uint32_t h,
                             uint32_t request);
void workload_share_begin(struct workload *self, struct ehr_fx *fx, uint32_t visit, uint32_t user,
                          uint32_t request);
void workload_revoke_begin(struct workload *self, struct ehr_fx *fx, uint64_t grant,
                           uint32_t request);
/* Reads that wait for a record that can never come end. */
void workload_reads_abandon(struct workload *self, struct ehr_fx *fx);

/* ---- workload_submit.c: what waits goes on ---- */
/* A visit of this patient at home is offered; it waits while the patient has something open. */
void workload_visit_submit(struct workload *self, struct ehr_fx *fx, uint32_t patient);
/* The patient has nothing under way: a submitted visit that waits for it begins; false: none does.
 */
bool workload_submitted_visit(struct workload *self, struct ehr_fx *fx, uint32_t patient);
void workload_submitted_reads(struct workload *self, struct ehr_fx *fx, uint32_t visit);
void workload_submitted_revocation(struct workload *self, struct ehr_fx *fx, uint64_t grant);
/* Nothing will happen any more that they could wait for. */
void workload_submitted_abandon(struct workload *self, struct ehr_fx *fx);

#endif /* EHR_ACTORS_WORKLOAD_INTERNAL_H */
