/* Life of a doctor, dispatch, and the beginning and end of visits. */
#include "actors/doctor_internal.h"

#include <string.h>

static struct doctor *doctor_of(struct ehr_node *node)
{
    return (struct doctor *)(void *)node;
}

void doctor_drop(struct ehr_fx *fx, const struct ehr_message *message)
{
    ehr_mark(fx, EHR_MARK_DROPPED, 0, message->type, 0);
}

struct ehr_address doctor_patient_address(const struct doctor *self, const struct visit *visit)
{
    return (struct ehr_address){self->hospital->place, visit->patient->lane};
}

struct ehr_address doctor_server_address(const struct doctor *self)
{
    return (struct ehr_address){self->hospital->server.node, 0};
}

struct visit *doctor_visit_at(struct doctor *self, uint64_t request, enum visit_step step)
{
    struct visit *visit;
    HASH_FIND(hh, self->visits, &request, sizeof(request), visit);
    return visit != NULL && visit->step == step ? visit : NULL;
}

void doctor_visit_send(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                       enum visit_step step, struct ehr_address to, struct ehr_message *take)
{
    visit->step = step;
    ehr_resend_start(&visit->resend, fx, self->config.directory, to, take, (uint32_t)visit->request,
                     ++self->generation);
}

/* ---- beginning ---- */

static struct acquaintance *acquaintance_of(struct doctor *self, uint32_t lane)
{
    struct acquaintance *patient;
    HASH_FIND(hh, self->patients, &lane, sizeof(lane), patient);
    if (patient == NULL) {
        patient = ehr_actor_new(sizeof(*patient));
        patient->lane = lane;
        HASH_ADD(hh, self->patients, lane, sizeof(lane), patient);
    }
    return patient;
}

static void visit_begin(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    ehr_mark(fx, EHR_MARK_SENT, visit->request, 0, 0);
    if (visit->emergency)
        doctor_ask_keys(self, fx, visit);
    else
        doctor_ask_card(self, fx, visit);
}

static void doctor_on_begin_visit(struct doctor *self, struct ehr_fx *fx,
                                  const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_visit *begin = EHR_AS(begin_visit, d->message);
    struct visit *visit;
    HASH_FIND(hh, self->visits, &begin->request, sizeof(begin->request), visit);
    if (d->from.node != self->config.directory->workload || visit != NULL) {
        doctor_drop(fx, d->message);
        return;
    }
    visit = ehr_actor_new(sizeof(*visit));
    visit->request = begin->request;
    visit->record = begin->record;
    visit->emergency = begin->emergency != 0;
    visit->step = VISIT_WAITS;
    visit->patient = acquaintance_of(self, begin->patient);
    HASH_ADD(hh, self->visits, request, sizeof(visit->request), visit);
    LL_APPEND(visit->patient->queue, visit);
    ehr_mark_phase(fx, visit->request, EHR_PHASE_CHECK);
    if (visit->patient->queue == visit)
        visit_begin(self, fx, visit);
}

/* ---- end ---- */

static void visit_free(struct doctor *self, struct visit *visit)
{
    HASH_DEL(self->visits, visit);
    LL_DELETE(visit->patient->queue, visit);
    ehr_resend_stop(&visit->resend);
    ehr_client_stop(&visit->client);
    ehr_blob_unref(visit->labels);
    ehr_blob_unref(visit->sealed);
    free(visit->counters);
    ehr_wipe(visit, sizeof(*visit));
    free(visit);
}

void doctor_visit_done(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct acquaintance *patient = visit->patient;
    visit_free(self, visit);
    if (patient->queue != NULL)
        visit_begin(self, fx, patient->queue);
}

static void visit_end(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                      enum ehr_mark_kind kind, enum ehr_reply reply)
{
    ehr_mark(fx, kind, visit->request, (uint16_t)reply, 0);
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = visit->request;
    ended->status = (uint8_t)reply;
    ended->patient = visit->patient->lane;
    ehr_fx_post(fx, (struct ehr_address){self->config.directory->workload, 0},
                ehr_message_seal(&ended->head));
    doctor_visit_done(self, fx, visit);
}

void doctor_visit_refuse(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                         enum ehr_reply reply)
{
    visit_end(self, fx, visit, EHR_MARK_CLOSE, reply);
}

void doctor_visit_time_out(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    visit_end(self, fx, visit, EHR_MARK_TIMEOUT, EHR_REPLY_NODE_UNREACHABLE);
}

/* ---- events ---- */

static void doctor_on_message(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    struct doctor *self = doctor_of(node);
    switch (d->message->type) {
    case EHR_MSG_BEGIN_VISIT:
        doctor_on_begin_visit(self, fx, d);
        return;
    case EHR_MSG_CARD_SHOW:
        doctor_on_card_show(self, fx, d);
        return;
    case EHR_MSG_CARD_STATUS:
        doctor_on_card_status(self, fx, d);
        return;
    case EHR_MSG_EMERGENCY_KEYS:
        doctor_on_emergency_keys(self, fx, d);
        return;
    case EHR_MSG_COSIGN_ASK:
        doctor_on_cosign_ask(self, fx, d);
        return;
    case EHR_MSG_COSIGNED:
        doctor_on_cosigned(self, fx, d);
        return;
    case EHR_MSG_TOKEN:
        doctor_on_token(self, fx, d);
        return;
    case EHR_MSG_STORE_ACK:
        doctor_on_store_ack(self, fx, d);
        return;
    case EHR_MSG_REPLY:
        doctor_on_reply(self, fx, d);
        return;
    default: /* a number, not an enum: anything may arrive */
        doctor_drop(fx, d->message);
        return;
    }
}

/* Nobody answered the step in time: whose silence it was decides the reason. */
static void visit_give_up(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    switch (visit->step) {
    case VISIT_ASKED:
    case VISIT_DRAFTED:
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_PATIENT_OFFLINE);
        return;
    case VISIT_CHECKED:
    case VISIT_KEYS:
    case VISIT_STORED:
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_HOSPITAL_UNREACHABLE);
        return;
    case VISIT_COSIGN: /* no other doctor is there */
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_NODE_UNREACHABLE);
        return;
    case VISIT_SUBMITTED:
        doctor_submit_time_out(self, fx, visit);
        return;
    case VISIT_WAITS:
        return;
    }
}

static void doctor_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                            uint64_t generation)
{
    (void)lane;
    struct doctor *self = doctor_of(node);
    uint64_t request = id; /* measured requests have 32 bits */
    struct visit *visit;
    HASH_FIND(hh, self->visits, &request, sizeof(request), visit);
    if (visit == NULL)
        return;
    bool goes_on = true;
    if (visit->resend.patience.generation == generation)
        goes_on = ehr_resend_on_timer(&visit->resend, fx, self->config.directory, id);
    else if (visit->client.patience.generation == generation)
        goes_on = ehr_client_on_timer(&visit->client, fx, self->config.directory, id);
    if (!goes_on)
        visit_give_up(self, fx, visit);
}

static void forget_visits(struct doctor *self)
{
    struct visit *visit, *next;
    HASH_ITER(hh, self->visits, visit, next)
    visit_free(self, visit);
}

/* Doctors do not persist: a restarted one has no open visit. Its counters survive with the client
 * device, else every label would be used again. */
static void doctor_on_start(struct ehr_node *node, struct ehr_fx *fx,
                            const struct ehr_journal *saved)
{
    (void)fx;
    (void)saved;
    forget_visits(doctor_of(node));
}

struct ehr_node *ehr_doctor_new(const char *name, const struct ehr_doctor_config *config)
{
    static const struct ehr_node_type type = {"doctor", doctor_on_start, doctor_on_message,
                                              doctor_on_timer};
    struct doctor *self = ehr_actor_new(sizeof(*self));
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->hospital = &config->directory->hospitals[config->hospital];
    self->self = &self->hospital->doctors[config->index];
    self->certificates = ehr_blob_new(NULL, 2 * (size_t)EHR_CERT_BYTES);
    memcpy(self->certificates->bytes, self->hospital->server.certificate, EHR_CERT_BYTES);
    memcpy(self->certificates->bytes + EHR_CERT_BYTES, self->self->certificate, EHR_CERT_BYTES);
    return &self->node;
}

void ehr_doctor_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct doctor *self = doctor_of(node);
    forget_visits(self);
    struct acquaintance *patient, *next_patient;
    HASH_ITER(hh, self->patients, patient, next_patient)
    {
        HASH_DEL(self->patients, patient);
        ehr_wipe(patient, sizeof(*patient));
        free(patient);
    }
    struct trapdoor_counter *counter, *next_counter;
    HASH_ITER(hh, self->counters, counter, next_counter)
    {
        HASH_DEL(self->counters, counter);
        ehr_wipe(counter, sizeof(*counter));
        free(counter);
    }
    ehr_blob_unref(self->certificates);
    ehr_wipe(self, sizeof(*self));
    free(self);
}
