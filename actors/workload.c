/* Life of the workload, registration, and the end of requests and of the run. */
#include "actors/workload_internal.h"

#include <assert.h>
#include <string.h>

#include "actors/memory.h"

static struct workload *workload_of(struct ehr_node *node)
{
    return (struct workload *)(void *)node;
}

void *workload_grow(void *array, size_t count, size_t *capacity, size_t item)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity + *capacity / 2 + 16;
    return ehr_actor_resize(array, *capacity * item);
}

void workload_number_add(struct numbers *numbers, uint32_t number)
{
    numbers->item =
        workload_grow(numbers->item, numbers->count, &numbers->capacity, sizeof *numbers->item);
    numbers->item[numbers->count++] = number;
}

/* ---- requests ---- */

uint32_t workload_offer(struct workload *self, struct ehr_fx *fx, enum ehr_flow flow,
                        uint32_t hospital, uint32_t what)
{
    const struct ehr_workload_hooks *hooks = self->config.hooks;
    uint32_t request = hooks->open(hooks->context, flow, hospital, ehr_fx_now(fx));
    assert(request == self->last_request + 1);
    self->asked = workload_grow(self->asked, request, &self->asked_capacity, sizeof *self->asked);
    self->asked[request] = (struct asked){.flow = (uint8_t)flow, .what = what};
    self->last_request = request;
    self->open++;
    self->open_work += workload_work(flow);
    self->offered_ns = ehr_fx_now(fx);
    return request;
}

/* The request ends; false if it had ended before. */
static bool request_end(struct workload *self, uint64_t request)
{
    if (request == 0 || request > self->last_request || self->asked[request].ended)
        return false;
    self->asked[request].ended = true;
    self->open--;
    uint64_t work = workload_work((enum ehr_flow)self->asked[request].flow);
    self->open_work -= work;
    self->ended_work += work;
    while (self->oldest <= self->last_request && self->asked[self->oldest].ended)
        self->oldest++;
    return true;
}

static void enrol_ended(struct workload *self, struct ehr_fx *fx, const struct asked *asked,
                        bool well)
{
    struct patient *patient = &self->patients[asked->what];
    uint32_t number = asked->what;
    bool home = !asked->elsewhere;
    patient->enrolling--;
    if (home)
        self->hospitals[patient->home].enrolling--;
    patient->registered = patient->registered || (home && well);
    if (!workload_submitted_visit(self, fx, number) && home && well)
        workload_patient_free(self, fx, number);
}

void workload_abandon(struct workload *self, struct ehr_fx *fx, uint32_t request,
                      enum ehr_reply reply)
{
    const struct ehr_workload_hooks *hooks = self->config.hooks;
    if (!request_end(self, request))
        return;
    hooks->close(hooks->context, request, reply, ehr_fx_now(fx));
    struct asked asked = self->asked[request]; /* the array may move */
    if (asked.flow == EHR_FLOW_REGISTER)
        enrol_ended(self, fx, &asked, false);
    if (asked.flow == EHR_FLOW_VISIT && asked.what != UINT32_MAX)
        workload_visit_ended(self, fx, &self->visits[asked.what], false);
}

static bool is_up(const struct workload *self, uint32_t node)
{
    const struct ehr_workload_hooks *hooks = self->config.hooks;
    return hooks->up(hooks->context, node);
}

void workload_ask(struct workload *self, struct ehr_fx *fx, struct ehr_address to,
                  struct ehr_message *take, enum ehr_reply reply)
{
    uint64_t request = EHR_AS(begin_enrol, take)->request;
    struct ehr_message *sealed = ehr_message_seal(take);
    if (is_up(self, to.node)) {
        ehr_fx_post(fx, to, sealed);
        return;
    }
    ehr_message_unref(sealed);
    workload_abandon(self, fx, (uint32_t)request, reply);
}

uint32_t workload_member_up(const struct workload *self, const struct ehr_member *members,
                            uint32_t count, uint32_t from)
{
    assert(count > 0);
    for (uint32_t i = 0; i < count; i++)
        if (is_up(self, members[(from + i) % count].node))
            return (from + i) % count;
    return from % count;
}

bool workload_decide(const struct workload *self, uint64_t kind, uint64_t subject,
                     double probability)
{
    struct ehr_stream_splitmix stream;
    if (probability <= 0)
        return false;
    ehr_stream_splitmix_init(&stream, ehr_stream_derive(self->decision_key + kind, subject));
    return ehr_sample_uniform(&stream.stream) < probability;
}

/* ---- registration ---- */

/* Registrations at a hospital stand at equal distances within enrol_ns. */
static void enrol_next(struct workload *self, struct ehr_fx *fx, uint32_t h)
{
    struct hospital *hospital = &self->hospitals[h];
    if (hospital->enrolled == hospital->patients.count)
        return;
    uint64_t at_ns = self->config.enrol_ns / hospital->patients.count * hospital->enrolled;
    ehr_fx_timer(fx, WORKLOAD_TIMER_ENROL, h, at_ns > ehr_fx_now(fx) ? at_ns - ehr_fx_now(fx) : 0);
}

void workload_enrol_begin(struct workload *self, struct ehr_fx *fx, uint32_t patient, uint32_t h,
                          uint32_t request)
{
    struct ehr_msg_begin_enrol *begin = EHR_NEW(begin_enrol, BEGIN_ENROL);
    bool home = self->patients[patient].home == h;
    begin->request = request;
    self->asked[request].elsewhere = !home;
    self->patients[patient].enrolling++;
    self->patients[patient].begun = self->patients[patient].begun || home;
    self->hospitals[h].enrolling += home;
    workload_ask(self, fx,
                 (struct ehr_address){self->config.directory->hospitals[h].place, patient},
                 &begin->head, EHR_REPLY_PATIENT_OFFLINE);
}

static void enrol(struct workload *self, struct ehr_fx *fx, uint32_t h)
{
    struct hospital *hospital = &self->hospitals[h];
    uint32_t patient = hospital->patients.item[hospital->enrolled++];
    if (!self->patients[patient].begun) /* a program has not seen to it */
        workload_enrol_begin(self, fx, patient, h,
                             workload_offer(self, fx, EHR_FLOW_REGISTER, h, patient));
    enrol_next(self, fx, h);
}

/* ---- the end ---- */

static bool enrolment_over(const struct workload *self)
{
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++)
        if (self->hospitals[h].enrolled < self->hospitals[h].patients.count)
            return false;
    return true;
}

/* Everything has come, and everything that came has ended: what waits for something that can no
 * longer happen ends here, then replicas and receipts under way get time to settle. */
void workload_end_look(struct workload *self, struct ehr_fx *fx)
{
    if (self->settling || !enrolment_over(self) || (self->config.lasts && !self->over))
        return;
    workload_visits_abandon(self, fx);
    if (!workload_visits_over(self) || !workload_trace_over(self) || self->planned > 0)
        return;
    workload_reads_abandon(self, fx);
    workload_submitted_abandon(self, fx);
    if (self->open > 0 || !self->retrievals.over || !self->shares.over ||
        self->waiting_retrievals > 0 || self->waiting_shares > 0 || !workload_orders_over(self))
        return;
    self->settling = true;
    ehr_fx_timer(fx, WORKLOAD_TIMER_SETTLED, ++self->settlings, self->config.settle_ns);
}

/* A program may have submitted something meanwhile. */
static void settled(struct workload *self, uint64_t settling)
{
    const struct ehr_workload_hooks *hooks = self->config.hooks;
    if (!self->settling || settling != self->settlings)
        return;
    if (!self->done)
        hooks->done(hooks->context);
    self->done = true;
}

/* ---- events ---- */

/* A visit that its doctor gave up may be shared later: its record then counts as such. */
static void on_ended(struct workload *self, struct ehr_fx *fx, uint32_t node,
                     const struct ehr_msg_ended *ended)
{
    bool well = ended->status == EHR_REPLY_OK || ended->status == EHR_REPLY_DUPLICATE;
    if (ended->request == 0 || ended->request > self->last_request)
        return;
    struct asked asked = self->asked[ended->request];
    bool first = request_end(self, ended->request);
    switch ((enum ehr_flow)asked.flow) {
    case EHR_FLOW_REGISTER:
        if (first)
            enrol_ended(self, fx, &asked, well);
        return;
    case EHR_FLOW_VISIT:
        if (asked.what != UINT32_MAX)
            workload_visit_ended(self, fx, &self->visits[asked.what], well);
        return;
    case EHR_FLOW_SHARE:
        if (first && well)
            workload_share_ended(self, fx, (uint32_t)ended->request, ended->grant_id);
        return;
    case EHR_FLOW_ORDERING:
        if (first && !asked.submitted)
            workload_order_ended(self, fx, asked.what, node);
        return;
    case EHR_FLOW_RETRIEVE:
    case EHR_FLOW_REVOKE:
    case EHR_FLOW_INVALID:
    case EHR_FLOW_END:
        return;
    }
}

static void workload_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                const struct ehr_delivery *d)
{
    struct workload *self = workload_of(node);
    if (d->message->type != EHR_MSG_ENDED)
        return;
    on_ended(self, fx, d->from.node, EHR_AS(ended, d->message));
    workload_end_look(self, fx);
}

static void workload_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                              uint64_t generation)
{
    struct workload *self = workload_of(node);
    (void)lane;
    switch ((enum workload_timer)id) {
    case WORKLOAD_TIMER_ENROL:
        enrol(self, fx, (uint32_t)generation);
        break;
    case WORKLOAD_TIMER_VISIT:
        workload_visit_arrives(self, fx, (uint32_t)generation);
        break;
    case WORKLOAD_TIMER_RETRIEVE:
        workload_retrieval_arrives(self, fx);
        break;
    case WORKLOAD_TIMER_SHARE:
        workload_share_arrives(self, fx);
        break;
    case WORKLOAD_TIMER_RETURN:
        self->planned--;
        workload_visit_retrieve(self, fx, (uint32_t)generation);
        break;
    case WORKLOAD_TIMER_TRAVEL:
        self->planned--;
        workload_record_ready(self, fx, (uint32_t)generation);
        break;
    case WORKLOAD_TIMER_REVOKE:
        self->planned--;
        workload_revoke(self, fx, generation);
        break;
    case WORKLOAD_TIMER_ORDER:
        workload_order_timer(self, fx, (uint32_t)generation);
        break;
    case WORKLOAD_TIMER_TRACE:
        workload_trace_timer(self, fx);
        break;
    case WORKLOAD_TIMER_OVER:
        self->over = true;
        break;
    case WORKLOAD_TIMER_SETTLED:
        settled(self, generation);
        return;
    }
    workload_end_look(self, fx);
}

static void workload_on_start(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_journal *saved)
{
    struct workload *self = workload_of(node);
    (void)saved;
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++)
        enrol_next(self, fx, h);
    workload_visits_start(self, fx);
    workload_reads_start(self, fx);
    workload_orders_start(self, fx);
    workload_trace_start(self, fx);
    if (self->config.lasts)
        ehr_fx_timer(fx, WORKLOAD_TIMER_OVER, 0, self->config.duration_ns);
    workload_end_look(self, fx);
}

/* ---- making ---- */

static void patients_make(struct workload *self)
{
    const struct ehr_directory *directory = self->config.directory;
    self->patients = ehr_actor_new(directory->patient_count * sizeof *self->patients);
    for (uint32_t p = 0; p < directory->patient_count; p++) {
        struct patient *patient = &self->patients[p];
        patient->home = directory->patient_home[p];
        patient->planned = self->config.plan->visits(self->config.plan, p);
        patient->free_at = UINT32_MAX;
        workload_number_add(&self->hospitals[patient->home].patients, p);
    }
    for (uint32_t h = 0; self->config.no_enrolment && h < directory->hospital_count; h++)
        self->hospitals[h].enrolled = (uint32_t)self->hospitals[h].patients.count;
}

/* The total is split evenly, the first hospitals taking what is left over; of a plan that is
 * carried out whole, each hospital has what its patients have. */
static uint64_t hospital_share(const struct workload *self, uint32_t h)
{
    uint64_t hospitals = self->config.directory->hospital_count, sum = 0;
    if (!self->config.every_visit)
        return self->config.visits.count / hospitals + (h < self->config.visits.count % hospitals);
    const struct numbers *patients = &self->hospitals[h].patients;
    for (size_t i = 0; i < patients->count; i++)
        sum += self->patients[patients->item[i]].planned;
    return sum;
}

static void hospitals_make(struct workload *self)
{
    const struct ehr_workload_config *config = &self->config;
    bool counted = config->every_visit || config->visits.count > 0;
    for (uint32_t h = 0; h < config->directory->hospital_count; h++) {
        struct hospital *hospital = &self->hospitals[h];
        uint64_t count = hospital_share(self, h);
        workload_arrivals_init(&hospital->arrivals, config->visits.rate_per_s, count,
                               config->uniform, &self->visits_day, config->rng);
        workload_stream_draw(&hospital->choice, config->rng);
        if (hospital->patients.count == 0 || (counted && count == 0))
            hospital->arrivals.over = true;
        /* fixed gaps would fall together at all hospitals */
        if (config->uniform)
            hospital->arrivals.next_ns =
                -hospital->arrivals.gap_ns * h / config->directory->hospital_count;
    }
}

static void orders_make(struct workload *self)
{
    const struct ehr_workload_config *config = &self->config;
    self->orders = ehr_actor_new(config->order_count * sizeof *self->orders + 1);
    for (uint32_t o = 0; o < config->order_count; o++) {
        const struct ehr_workload_order *wanted = &config->orders[o];
        self->orders[o].config = wanted;
        workload_day_init(&self->orders[o].day, &wanted->profile, config->day_ns, config->start_ns);
        workload_arrivals_init(&self->orders[o].arrivals, wanted->rate_per_s, wanted->requests,
                               wanted->uniform, &self->orders[o].day, config->rng);
    }
}

struct ehr_node *ehr_workload_new(const char *name, const struct ehr_workload_config *config)
{
    static const struct ehr_node_type type = {"workload", workload_on_start, workload_on_message,
                                              workload_on_timer};
    struct workload *self = ehr_actor_new(sizeof *self);
    struct ehr_stream_splitmix decisions;
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->oldest = 1;
    self->hospitals = ehr_actor_new(config->directory->hospital_count * sizeof *self->hospitals);
    patients_make(self);
    workload_day_init(&self->visits_day, &config->visits_profile, config->day_ns, config->start_ns);
    workload_day_init(&self->retrievals_day, &config->retrievals_profile, config->day_ns,
                      config->start_ns);
    workload_day_init(&self->shares_day, &config->shares_profile, config->day_ns, config->start_ns);
    hospitals_make(self);
    workload_arrivals_init(&self->retrievals, config->retrievals.rate_per_s,
                           config->retrievals.count, config->uniform, &self->retrievals_day,
                           config->rng);
    workload_arrivals_init(&self->shares, config->shares.rate_per_s, config->shares.count,
                           config->uniform, &self->shares_day, config->rng);
    workload_stream_draw(&self->retrieval_choice, config->rng);
    workload_stream_draw(&self->share_choice, config->rng);
    workload_stream_draw(&decisions, config->rng);
    self->decision_key = decisions.stream.next(&decisions.stream);
    if (config->directory->data_user_count == 0)
        self->shares.over = true;
    orders_make(self); /* last: drawing for them changes nothing else */
    return &self->node;
}

void ehr_workload_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct workload *self = workload_of(node);
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++) {
        free(self->hospitals[h].patients.item);
        free(self->hospitals[h].free.item);
        free(self->hospitals[h].waiting.item);
    }
    for (uint32_t o = 0; o < self->config.order_count; o++)
        workload_day_close(&self->orders[o].day);
    workload_day_close(&self->visits_day);
    workload_day_close(&self->retrievals_day);
    workload_day_close(&self->shares_day);
    free(self->hospitals);
    free(self->patients);
    free(self->visits);
    free(self->asked);
    free(self->grants);
    free(self->orders);
    free(self->submitted);
    free(self->shared.item);
    free(self->early.item);
    free(self);
}

struct ehr_workload_state ehr_workload_state(const struct ehr_node *node)
{
    const struct workload *self = (const struct workload *)(const void *)node;
    struct ehr_workload_state state = {
        .offered = self->last_request,
        .open = self->open,
        .offered_ns = self->offered_ns,
        .arrived = enrolment_over(self) && self->retrievals.over && self->shares.over &&
                   workload_orders_over(self) && workload_trace_over(self) &&
                   (self->over || !self->config.lasts),
        .waiting = self->waiting_retrievals + self->waiting_shares + self->early.count,
        .still = self->retrievals.left + self->shares.left + self->config.event_count -
                 self->next_event};
    for (uint32_t h = 0; h < self->config.directory->hospital_count; h++) {
        const struct hospital *hospital = &self->hospitals[h];
        state.waiting += hospital->waiting.count - hospital->served;
        state.still += hospital->arrivals.left;
        state.arrived = state.arrived && hospital->arrivals.over;
    }
    for (uint32_t o = 0; o < self->config.order_count; o++)
        state.still += self->orders[o].arrivals.left;
    if (self->open > 0) {
        state.oldest = self->oldest;
        state.flow = (enum ehr_flow)self->asked[self->oldest].flow;
    }
    return state;
}

uint32_t ehr_workload_record(const struct ehr_node *node, uint32_t request)
{
    const struct workload *self = (const struct workload *)(const void *)node;
    if (request == 0 || request > self->last_request ||
        self->asked[request].flow != EHR_FLOW_VISIT || self->asked[request].what == UINT32_MAX)
        return UINT32_MAX;
    return self->visits[self->asked[request].what].record;
}
