/* Reads of shared records: retrievals by the patient elsewhere, shares with data users, and the
 * revocation of what was shared. */
#include "actors/workload_internal.h"

#include <assert.h>
#include <string.h>

void workload_reads_start(struct workload *self, struct ehr_fx *fx)
{
    workload_arrivals_next(self, fx, &self->retrievals, WORKLOAD_TIMER_RETRIEVE, 0);
    workload_arrivals_next(self, fx, &self->shares, WORKLOAD_TIMER_SHARE, 0);
}

/* ---- retrievals ---- */

/* Any hospital but the patient's own, if there is another. */
static uint32_t elsewhere(struct workload *self, uint32_t home)
{
    uint32_t hospitals = self->config.directory->hospital_count;
    if (hospitals == 1)
        return home;
    uint32_t drawn =
        (uint32_t)ehr_sample_below(&self->retrieval_choice.stream, (uint64_t)hospitals - 1);
    return drawn < home ? drawn : drawn + 1;
}

void workload_retrieve_begin(struct workload *self, struct ehr_fx *fx, uint32_t v, uint32_t h,
                             uint32_t request)
{
    const struct visit *visit = &self->visits[v];
    uint32_t patient = visit->patient;
    struct ehr_msg_begin_retrieve *begin = EHR_NEW(begin_retrieve, BEGIN_RETRIEVE);
    begin->request = request;
    begin->visit = visit->request;
    begin->record = visit->record;
    workload_ask(self, fx,
                 (struct ehr_address){self->config.directory->hospitals[h].place, patient},
                 &begin->head, EHR_REPLY_PATIENT_OFFLINE);
}

/* A place is drawn even where one is given: what is drawn later does not depend on that. */
static void retrieve(struct workload *self, struct ehr_fx *fx, uint32_t v, uint32_t place)
{
    uint32_t patient = self->visits[v].patient;
    uint32_t drawn = elsewhere(self, self->patients[patient].home);
    uint32_t h = place != EHR_WORKLOAD_ANY ? place : drawn;
    workload_retrieve_begin(self, fx, v, h,
                            workload_offer(self, fx, EHR_FLOW_RETRIEVE, h, patient));
}

void workload_visit_retrieve(struct workload *self, struct ehr_fx *fx, uint32_t v)
{
    retrieve(self, fx, v, EHR_WORKLOAD_ANY);
}

static uint32_t shared_draw(struct workload *self, struct ehr_stream_splitmix *stream)
{
    return self->shared.item[ehr_sample_below(&stream->stream, self->shared.count)];
}

void workload_retrieve_some(struct workload *self, struct ehr_fx *fx, uint32_t place)
{
    retrieve(self, fx, shared_draw(self, &self->retrieval_choice), place);
}

void workload_retrieval_arrives(struct workload *self, struct ehr_fx *fx)
{
    if (self->shared.count > 0)
        workload_retrieve_some(self, fx, EHR_WORKLOAD_ANY);
    else
        self->waiting_retrievals++;
    workload_arrivals_next(self, fx, &self->retrievals, WORKLOAD_TIMER_RETRIEVE, 0);
}

/* ---- shares ---- */

static struct ehr_message *batch_make(struct workload *self, struct ehr_fx *fx, uint32_t v)
{
    const struct visit *visit = &self->visits[v];
    struct ehr_msg_begin_batch *begin = EHR_NEW(begin_batch, BEGIN_BATCH);
    begin->request = workload_offer(self, fx, EHR_FLOW_SHARE, self->patients[visit->patient].home,
                                    visit->patient);
    begin->patient = visit->patient;
    begin->visit = visit->request;
    begin->record = visit->record;
    begin->wanted = (uint8_t)self->config.share_visits;
    return &begin->head;
}

void workload_share_begin(struct workload *self, struct ehr_fx *fx, uint32_t v, uint32_t user,
                          uint32_t request)
{
    const struct visit *visit = &self->visits[v];
    struct ehr_msg_begin_share *begin = EHR_NEW(begin_share, BEGIN_SHARE);
    begin->request = request;
    begin->patient = visit->patient;
    begin->visit = visit->request;
    begin->record = visit->record;
    /* no data user is there to ask: no better-known cause */
    workload_ask(self, fx, (struct ehr_address){self->config.directory->data_users[user].node, 0},
                 &begin->head, EHR_REPLY_NODE_UNREACHABLE);
}

/* The next data user that is up. */
static uint32_t user_take(struct workload *self)
{
    const struct ehr_directory *directory = self->config.directory;
    uint32_t u = workload_member_up(self, directory->data_users, directory->data_user_count,
                                    self->next_user);
    self->next_user = (u + 1) % directory->data_user_count;
    return u;
}

void workload_share_some(struct workload *self, struct ehr_fx *fx, uint32_t user)
{
    const struct ehr_directory *directory = self->config.directory;
    uint32_t v = shared_draw(self, &self->share_choice);
    const struct visit *visit = &self->visits[v];
    uint32_t u = user != EHR_WORKLOAD_ANY ? user : user_take(self);
    if (self->config.share_visits > 1) {
        workload_ask(self, fx, (struct ehr_address){directory->data_users[u].node, 0},
                     batch_make(self, fx, v), EHR_REPLY_NODE_UNREACHABLE);
        return;
    }
    workload_share_begin(self, fx, v, u,
                         workload_offer(self, fx, EHR_FLOW_SHARE,
                                        self->patients[visit->patient].home, visit->patient));
}

void workload_share_arrives(struct workload *self, struct ehr_fx *fx)
{
    if (self->shared.count > 0)
        workload_share_some(self, fx, EHR_WORKLOAD_ANY);
    else
        self->waiting_shares++;
    workload_arrivals_next(self, fx, &self->shares, WORKLOAD_TIMER_SHARE, 0);
}

/* ---- what becomes possible ---- */

void workload_record_ready(struct workload *self, struct ehr_fx *fx, uint32_t v)
{
    workload_number_add(&self->shared, v);
    self->visits[v].ready = true;
    bool wanted = workload_decide(self, WORKLOAD_DECIDE_RETRIEVE, self->visits[v].record,
                                  self->config.retrieval_probability);
    if (wanted && self->config.retrieval_delay_ns == 0)
        workload_visit_retrieve(self, fx, v);
    else if (wanted) {
        self->planned++;
        ehr_fx_timer(fx, WORKLOAD_TIMER_RETURN, v, self->config.retrieval_delay_ns);
    }
    for (; self->waiting_retrievals > 0; self->waiting_retrievals--)
        workload_retrieve_some(self, fx, EHR_WORKLOAD_ANY);
    for (; self->waiting_shares > 0; self->waiting_shares--)
        workload_share_some(self, fx, EHR_WORKLOAD_ANY);
    workload_trace_record_ready(self, fx);
    workload_submitted_reads(self, fx, v);
}

void workload_reads_abandon(struct workload *self, struct ehr_fx *fx)
{
    if (self->shared.count > 0)
        return;
    workload_trace_abandon(self, fx);
    for (; self->waiting_retrievals > 0; self->waiting_retrievals--)
        workload_abandon(self, fx,
                         workload_offer(self, fx, EHR_FLOW_RETRIEVE, EHR_REQUEST_NO_HOSPITAL, 0),
                         EHR_REPLY_NOT_FOUND);
    for (; self->waiting_shares > 0; self->waiting_shares--)
        workload_abandon(self, fx,
                         workload_offer(self, fx, EHR_FLOW_SHARE, EHR_REQUEST_NO_HOSPITAL, 0),
                         EHR_REPLY_NOT_FOUND);
}

/* ---- revocations ---- */

void workload_share_ended(struct workload *self, struct ehr_fx *fx, uint32_t request,
                          const uint8_t grant_id[32])
{
    uint64_t number = self->grant_count;
    self->grants =
        workload_grow(self->grants, self->grant_count, &self->grant_capacity, sizeof *self->grants);
    struct grant *grant = &self->grants[self->grant_count++];
    grant->request = request;
    grant->patient = self->asked[request].what;
    memcpy(grant->id, grant_id, sizeof grant->id);
    if (number < self->config.revocation_count ||
        workload_decide(self, WORKLOAD_DECIDE_REVOKE, number,
                        self->config.revocation_probability)) {
        self->planned++;
        ehr_fx_timer(fx, WORKLOAD_TIMER_REVOKE, number, self->config.revocation_delay_ns);
    }
    workload_submitted_revocation(self, fx, number);
}

void workload_revoke(struct workload *self, struct ehr_fx *fx, uint64_t index)
{
    uint32_t patient = self->grants[index].patient;
    workload_revoke_begin(
        self, fx, index,
        workload_offer(self, fx, EHR_FLOW_REVOKE, self->patients[patient].home, patient));
}

void workload_revoke_begin(struct workload *self, struct ehr_fx *fx, uint64_t index,
                           uint32_t request)
{
    const struct grant *grant = &self->grants[index];
    uint32_t home = self->patients[grant->patient].home;
    struct ehr_msg_begin_revoke *begin = EHR_NEW(begin_revoke, BEGIN_REVOKE);
    begin->request = request;
    memcpy(begin->grant_id, grant->id, sizeof begin->grant_id);
    workload_ask(
        self, fx,
        (struct ehr_address){self->config.directory->hospitals[home].place, grant->patient},
        &begin->head, EHR_REPLY_PATIENT_OFFLINE);
}
