/* Requests that a program asks for. They are offered like the workload's own; those that cannot
 * begin yet wait here, in the order of their coming. */
#include "actors/workload_internal.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- what a submission may ask for ---- */

static bool is_visit(const struct workload *self, uint32_t request)
{
    return request > 0 && request <= self->last_request &&
           self->asked[request].flow == EHR_FLOW_VISIT && self->asked[request].what != UINT32_MAX;
}

static bool is_share(const struct workload *self, uint32_t request)
{
    return request > 0 && request <= self->last_request &&
           self->asked[request].flow == EHR_FLOW_SHARE;
}

/* The order of a client; UINT32_MAX: it is none. */
static uint32_t order_of(const struct workload *self, uint32_t client)
{
    for (uint32_t o = 0; o < self->config.order_count; o++) {
        const struct ehr_workload_order *order = self->orders[o].config;
        if (client >= order->first_client && client - order->first_client < order->clients)
            return o;
    }
    return UINT32_MAX;
}

static uint32_t place_of(const struct workload *self, const struct ehr_workload_submission *wanted)
{
    uint32_t hospitals = self->config.directory->hospital_count;
    if (wanted->hospital != UINT32_MAX)
        return wanted->hospital;
    if (wanted->flow != EHR_FLOW_RETRIEVE)
        return self->patients[wanted->patient].home;
    uint32_t visit = self->asked[wanted->of].what;
    return (self->patients[self->visits[visit].patient].home + 1) % hospitals;
}

static bool person_allowed(const struct workload *self,
                           const struct ehr_workload_submission *wanted, char *error, size_t size)
{
    const struct ehr_directory *directory = self->config.directory;
    if (wanted->patient >= directory->patient_count) {
        snprintf(error, size, "patient %" PRIu32 ": there are %" PRIu32 ", counted from 0",
                 wanted->patient, directory->patient_count);
        return false;
    }
    const struct patient *patient = &self->patients[wanted->patient];
    bool home = place_of(self, wanted) == patient->home;
    if (wanted->flow == EHR_FLOW_REGISTER && home && patient->begun) {
        snprintf(error, size, "patient %" PRIu32 " is registered%s", wanted->patient,
                 patient->registered ? "" : ", or being registered");
        return false;
    }
    if (wanted->flow == EHR_FLOW_VISIT && patient->planned - patient->visits <= patient->waiting) {
        snprintf(error, size, "patient %" PRIu32 ": all of its %" PRIu32 " records are written",
                 wanted->patient, patient->planned);
        return false;
    }
    return true;
}

static bool allowed(const struct workload *self, const struct ehr_workload_submission *wanted,
                    char *error, size_t size)
{
    const char *what = NULL;
    if (self->done || self->over) {
        snprintf(error, size, "the run takes no more requests");
        return false;
    }
    switch (wanted->flow) {
    case EHR_FLOW_REGISTER:
    case EHR_FLOW_VISIT:
        return person_allowed(self, wanted, error, size);
    case EHR_FLOW_RETRIEVE:
    case EHR_FLOW_SHARE:
        what = is_visit(self, wanted->of) ? NULL : "is no visit that has begun";
        break;
    case EHR_FLOW_REVOKE:
        what = is_share(self, wanted->of) ? NULL : "is no share";
        break;
    case EHR_FLOW_ORDERING:
    case EHR_FLOW_INVALID:
    case EHR_FLOW_END:
        break;
    }
    if (what != NULL)
        snprintf(error, size, "request %" PRIu32 " %s", wanted->of, what);
    return what == NULL;
}

/* ---- waiting ---- */

static void wait(struct workload *self, uint32_t request,
                 const struct ehr_workload_submission *wanted)
{
    self->submitted = workload_grow(self->submitted, self->submitted_count,
                                    &self->submitted_capacity, sizeof *self->submitted);
    self->submitted[self->submitted_count++] = (struct submitted){request, *wanted};
}

static struct submitted waiting_take(struct workload *self, size_t at)
{
    struct submitted taken = self->submitted[at];
    self->submitted_count--;
    for (size_t i = at; i < self->submitted_count; i++)
        self->submitted[i] = self->submitted[i + 1];
    return taken;
}

/* Its turn to be registered at home is still to come. */
static bool awaits_enrolment(const struct workload *self, const struct patient *patient)
{
    return !patient->begun && !self->config.no_enrolment;
}

static bool is_idle(const struct workload *self, const struct patient *patient)
{
    return patient->enrolling == 0 && !patient->visiting && !awaits_enrolment(self, patient);
}

static void visit_begin(struct workload *self, struct ehr_fx *fx, const struct submitted *visit)
{
    const struct patient *patient = &self->patients[visit->what.patient];
    if (patient->visits >= patient->planned) /* the workload's own have taken what there was */
        workload_abandon(self, fx, visit->request, EHR_REPLY_NOT_FOUND);
    else
        workload_visit_begin(self, fx, place_of(self, &visit->what), visit->what.patient,
                             visit->request);
}

/* One that ends at once lets the next one begin. */
bool workload_submitted_visit(struct workload *self, struct ehr_fx *fx, uint32_t p)
{
    struct patient *patient = &self->patients[p];
    for (size_t i = 0; patient->waiting > 0 && i < self->submitted_count; i++) {
        const struct ehr_workload_submission *wanted = &self->submitted[i].what;
        if (wanted->flow != EHR_FLOW_VISIT || wanted->patient != p || !is_idle(self, patient))
            continue;
        struct submitted visit = waiting_take(self, i);
        patient->waiting--;
        visit_begin(self, fx, &visit);
        return true;
    }
    return false;
}

static void read_begin(struct workload *self, struct ehr_fx *fx, const struct submitted *read)
{
    uint32_t visit = self->asked[read->what.of].what;
    if (read->what.flow == EHR_FLOW_SHARE)
        workload_share_begin(self, fx, visit, read->what.data_user, read->request);
    else
        workload_retrieve_begin(self, fx, visit, place_of(self, &read->what), read->request);
}

void workload_submitted_reads(struct workload *self, struct ehr_fx *fx, uint32_t visit)
{
    for (size_t i = 0; i < self->submitted_count;) {
        const struct ehr_workload_submission *wanted = &self->submitted[i].what;
        bool reads = wanted->flow == EHR_FLOW_RETRIEVE || wanted->flow == EHR_FLOW_SHARE;
        if (!reads || self->asked[wanted->of].what != visit) {
            i++;
            continue;
        }
        struct submitted read = waiting_take(self, i);
        read_begin(self, fx, &read);
    }
}

void workload_submitted_revocation(struct workload *self, struct ehr_fx *fx, uint64_t grant)
{
    uint32_t share = self->grants[grant].request;
    for (size_t i = 0; i < self->submitted_count;) {
        const struct ehr_workload_submission *wanted = &self->submitted[i].what;
        if (wanted->flow != EHR_FLOW_REVOKE || wanted->of != share) {
            i++;
            continue;
        }
        workload_revoke_begin(self, fx, grant, waiting_take(self, i).request);
    }
}

void workload_submitted_abandon(struct workload *self, struct ehr_fx *fx)
{
    while (self->submitted_count > 0) {
        struct submitted waiting = waiting_take(self, self->submitted_count - 1);
        if (waiting.what.flow == EHR_FLOW_VISIT)
            self->patients[waiting.what.patient].waiting--;
        workload_abandon(self, fx, waiting.request, EHR_REPLY_NOT_FOUND);
    }
}

/* ---- beginning ---- */

static uint32_t offer(struct workload *self, struct ehr_fx *fx, enum ehr_flow flow,
                      uint32_t hospital, uint32_t what)
{
    uint32_t request = workload_offer(self, fx, flow, hospital, what);
    self->asked[request].submitted = true;
    self->settling = false; /* the run was about to end */
    return request;
}

static uint32_t visit_submit(struct workload *self, struct ehr_fx *fx,
                             const struct ehr_workload_submission *wanted)
{
    struct patient *patient = &self->patients[wanted->patient];
    struct submitted visit = {offer(self, fx, EHR_FLOW_VISIT, place_of(self, wanted), UINT32_MAX),
                              *wanted};
    if (is_idle(self, patient) && patient->waiting == 0) {
        visit_begin(self, fx, &visit);
    } else {
        patient->waiting++;
        wait(self, visit.request, wanted);
    }
    return visit.request;
}

void workload_visit_submit(struct workload *self, struct ehr_fx *fx, uint32_t patient)
{
    const struct ehr_workload_submission wanted = {
        .flow = EHR_FLOW_VISIT, .patient = patient, .hospital = UINT32_MAX};
    (void)visit_submit(self, fx, &wanted);
}

static uint32_t read_submit(struct workload *self, struct ehr_fx *fx,
                            const struct ehr_workload_submission *wanted)
{
    uint32_t v = self->asked[wanted->of].what, patient = self->visits[v].patient;
    uint32_t hospital =
        wanted->flow == EHR_FLOW_SHARE ? self->patients[patient].home : place_of(self, wanted);
    struct submitted read = {offer(self, fx, wanted->flow, hospital, patient), *wanted};
    if (self->visits[v].ready)
        read_begin(self, fx, &read);
    else
        wait(self, read.request, wanted);
    return read.request;
}

static uint32_t revocation_submit(struct workload *self, struct ehr_fx *fx,
                                  const struct ehr_workload_submission *wanted)
{
    uint32_t patient = self->asked[wanted->of].what;
    uint32_t request = offer(self, fx, EHR_FLOW_REVOKE, self->patients[patient].home, patient);
    for (size_t i = self->grant_count; i-- > 0;)
        if (self->grants[i].request == wanted->of) {
            workload_revoke_begin(self, fx, i, request);
            return request;
        }
    wait(self, request, wanted);
    return request;
}

static uint32_t order_submit(struct workload *self, struct ehr_fx *fx, uint32_t client)
{
    uint32_t o = order_of(self, client);
    const struct ehr_workload_order *order = self->orders[o].config;
    uint32_t request = offer(self, fx, EHR_FLOW_ORDERING, order->hospital, o);
    workload_order_begin(self, fx, o, client - order->first_client, request);
    return request;
}

static uint32_t submit(struct workload *self, struct ehr_fx *fx,
                       const struct ehr_workload_submission *wanted)
{
    switch (wanted->flow) {
    case EHR_FLOW_REGISTER: {
        uint32_t h = place_of(self, wanted);
        uint32_t request = offer(self, fx, EHR_FLOW_REGISTER, h, wanted->patient);
        workload_enrol_begin(self, fx, wanted->patient, h, request);
        return request;
    }
    case EHR_FLOW_VISIT:
        return visit_submit(self, fx, wanted);
    case EHR_FLOW_RETRIEVE:
    case EHR_FLOW_SHARE:
        return read_submit(self, fx, wanted);
    case EHR_FLOW_REVOKE:
        return revocation_submit(self, fx, wanted);
    case EHR_FLOW_ORDERING:
        return order_submit(self, fx, wanted->client);
    case EHR_FLOW_INVALID:
    case EHR_FLOW_END:
        break;
    }
    return 0;
}

uint32_t ehr_workload_submit(struct ehr_node *node, struct ehr_fx *fx,
                             const struct ehr_workload_submission *submission, char *error,
                             size_t error_size)
{
    struct workload *self = (struct workload *)(void *)node;
    if (!allowed(self, submission, error, error_size))
        return 0;
    uint32_t request = submit(self, fx, submission);
    workload_end_look(self, fx); /* nobody may have been there to ask */
    return request;
}
