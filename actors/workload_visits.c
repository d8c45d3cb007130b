/* Visits: when one arrives, a free patient of the hospital takes it, or the first to become free.
 * A patient is in one place at a time, so has one open visit at most. */
#include "actors/workload_internal.h"

#include <assert.h>

#include "actors/memory.h"

void workload_visits_start(struct workload *self, struct ehr_fx *fx)
{
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++)
        workload_arrivals_next(self, fx, &self->hospitals[h].arrivals, WORKLOAD_TIMER_VISIT, h);
}

/* ---- free patients ---- */

static void free_add(struct workload *self, uint32_t patient)
{
    struct numbers *list = &self->hospitals[self->patients[patient].home].free;
    self->patients[patient].free_at = (uint32_t)list->count;
    workload_number_add(list, patient);
}

static void free_remove(struct workload *self, uint32_t patient)
{
    struct numbers *list = &self->hospitals[self->patients[patient].home].free;
    uint32_t at = self->patients[patient].free_at, last = list->item[--list->count];
    list->item[at] = last;
    self->patients[last].free_at = at;
    self->patients[patient].free_at = UINT32_MAX;
}

/* Uniform over the free patients; where visits are numbered, over the visits that they have left,
 * so that who has many does not remain alone at the end. */
static uint32_t patient_draw(struct workload *self, struct hospital *hospital)
{
    const struct numbers *list = &hospital->free;
    uint64_t left = 0;
    if (!self->config.every_visit)
        return list->item[ehr_sample_below(&hospital->choice.stream, list->count)];
    for (size_t i = 0; i < list->count; i++)
        left += self->patients[list->item[i]].planned - self->patients[list->item[i]].visits;
    uint64_t drawn = ehr_sample_below(&hospital->choice.stream, left);
    for (size_t i = 0;; i++) {
        const struct patient *patient = &self->patients[list->item[i]];
        uint64_t own = patient->planned - patient->visits;
        if (drawn < own)
            return list->item[i];
        drawn -= own;
    }
}

/* ---- a visit ---- */

void workload_visit_begin(struct workload *self, struct ehr_fx *fx, uint32_t h, uint32_t p,
                          uint32_t request)
{
    struct hospital *hospital = &self->hospitals[h];
    const struct ehr_hospital_info *info = &self->config.directory->hospitals[h];
    struct patient *patient = &self->patients[p];
    self->visits =
        workload_grow(self->visits, self->visit_count, &self->visit_capacity, sizeof *self->visits);
    struct visit *visit = &self->visits[self->visit_count];
    *visit = (struct visit){.request = request, .patient = p};
    visit->record = self->config.plan->record(self->config.plan, p, patient->visits++);
    self->asked[request].what = (uint32_t)self->visit_count++;
    if (patient->free_at != UINT32_MAX)
        free_remove(self, p);
    patient->visiting = true;
    self->hospitals[patient->home].visiting++;

    struct ehr_msg_begin_visit *begin = EHR_NEW(begin_visit, BEGIN_VISIT);
    begin->request = request;
    begin->patient = p;
    begin->record = visit->record;
    begin->emergency = workload_decide(self, WORKLOAD_DECIDE_EMERGENCY, visit->record,
                                       self->config.emergency_probability);
    uint32_t d = workload_member_up(self, info->doctors, info->doctor_count, hospital->next_doctor);
    hospital->next_doctor = (d + 1) % info->doctor_count;
    workload_ask(self, fx, (struct ehr_address){info->doctors[d].node, 0}, &begin->head,
                 EHR_REPLY_HOSPITAL_UNREACHABLE);
}

/* Visits in the order of their arrival, patients as they are free. */
static void queue_serve(struct workload *self, struct ehr_fx *fx, uint32_t h)
{
    struct hospital *hospital = &self->hospitals[h];
    struct numbers *waiting = &hospital->waiting;
    if (hospital->serving)
        return; /* a visit that ended at once: the loop below goes on with its patient */
    hospital->serving = true;
    while (hospital->served < waiting->count && hospital->free.count > 0)
        workload_visit_begin(self, fx, h, patient_draw(self, hospital),
                             waiting->item[hospital->served++]);
    if (hospital->served == waiting->count)
        hospital->served = waiting->count = 0;
    hospital->serving = false;
}

void workload_visit_offer(struct workload *self, struct ehr_fx *fx, uint32_t h)
{
    uint32_t request = workload_offer(self, fx, EHR_FLOW_VISIT, h, UINT32_MAX);
    workload_number_add(&self->hospitals[h].waiting, request);
    queue_serve(self, fx, h);
}

void workload_visit_arrives(struct workload *self, struct ehr_fx *fx, uint32_t h)
{
    workload_visit_offer(self, fx, h);
    workload_arrivals_next(self, fx, &self->hospitals[h].arrivals, WORKLOAD_TIMER_VISIT, h);
}

void workload_patient_free(struct workload *self, struct ehr_fx *fx, uint32_t patient)
{
    if (self->patients[patient].visits >= self->patients[patient].planned)
        return;
    free_add(self, patient);
    queue_serve(self, fx, self->patients[patient].home);
}

void workload_visit_ended(struct workload *self, struct ehr_fx *fx, struct visit *visit, bool well)
{
    uint32_t patient = visit->patient;
    bool first = !visit->ended, shared = well && !visit->shared;
    visit->ended = true;
    if (shared) {
        visit->shared = true;
        self->planned++;
        ehr_fx_timer(fx, WORKLOAD_TIMER_TRAVEL, (uint64_t)(visit - self->visits),
                     self->config.travel_ns);
    }
    if (!first)
        return;
    self->hospitals[self->patients[patient].home].visiting--;
    self->patients[patient].visiting = false;
    /* visits may move: `visit` is void */
    if (!workload_submitted_visit(self, fx, patient) && self->patients[patient].registered)
        workload_patient_free(self, fx, patient);
}

/* ---- the end ---- */

bool workload_visits_abandon(struct workload *self, struct ehr_fx *fx)
{
    bool any = false;
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++) {
        struct hospital *hospital = &self->hospitals[h];
        if (hospital->free.count > 0 || hospital->visiting > 0 || hospital->enrolling > 0 ||
            hospital->enrolled < hospital->patients.count)
            continue;
        while (hospital->served < hospital->waiting.count) {
            any = true; /* nobody here ever got a card */
            workload_abandon(self, fx, hospital->waiting.item[hospital->served++],
                             EHR_REPLY_HOSPITAL_UNREACHABLE);
        }
        hospital->served = hospital->waiting.count = 0;
    }
    return any;
}

bool workload_visits_over(const struct workload *self)
{
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++) {
        const struct hospital *hospital = &self->hospitals[h];
        if (!hospital->arrivals.over || hospital->visiting > 0 || hospital->waiting.count > 0)
            return false;
    }
    return true;
}
