/* Life of a data user, dispatch, and the beginning and end of its requests. */
#include "actors/data_user_internal.h"

#include <string.h>

#include "crypto/codec.h"
#include "crypto/index.h"

static struct data_user *data_user_of(struct ehr_node *node)
{
    return (struct data_user *)(void *)node;
}

void data_user_drop(struct ehr_fx *fx, const struct ehr_message *message)
{
    ehr_mark(fx, EHR_MARK_DROPPED, 0, message->type, 0);
}

struct demand *data_user_demand_at(struct data_user *self, uint64_t request, enum demand_step step)
{
    struct demand *demand;
    HASH_FIND(hh, self->demands, &request, sizeof(request), demand);
    return demand != NULL && demand->step == step ? demand : NULL;
}

/* ---- end ---- */

static void demand_free(struct data_user *self, struct demand *demand)
{
    HASH_DEL(self->demands, demand);
    ehr_resend_stop(&demand->resend);
    ehr_blob_unref(demand->index);
    ehr_blob_unref(demand->grant_bytes);
    ehr_blob_unref(demand->head);
    ehr_blob_unref(demand->sealed);
    ehr_wipe(&demand->proof, sizeof(demand->proof));
    free(demand);
}

static void demand_end(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                       enum ehr_mark_kind kind, enum ehr_reply reply)
{
    if (demand_is_child(demand)) {
        uint64_t child = demand->request;
        struct demand *parent = data_user_demand_at(self, (uint32_t)child, DEMAND_BATCH);
        if (parent != NULL && reply == EHR_REPLY_OK && parent->opened == 0)
            memcpy(parent->grant.grant_id, demand->grant.grant_id, 32); /* one to be revoked */
        demand_free(self, demand);
        data_user_batch_ended(self, fx, child, reply);
        return;
    }
    ehr_mark(fx, kind, demand->request, (uint16_t)reply, 0);
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = demand->request;
    ended->status = (uint8_t)reply;
    ended->patient = demand->patient;
    memcpy(ended->grant_id, demand->grant.grant_id, 32);
    ehr_fx_post(fx, (struct ehr_address){self->config.directory->workload, 0},
                ehr_message_seal(&ended->head));
    demand_free(self, demand);
}

void data_user_close(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                     enum ehr_reply reply)
{
    demand_end(self, fx, demand, EHR_MARK_CLOSE, reply);
}

void data_user_time_out(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                        enum ehr_reply reply)
{
    demand_end(self, fx, demand, EHR_MARK_TIMEOUT, reply);
}

/* ---- beginning ---- */

/* One keyword of the record, as text; NULL: it has none. */
static struct ehr_blob *keyword_draw(struct data_user *self, uint32_t index)
{
    struct ehr_record record;
    if (index >= self->config.cases->count)
        return NULL;
    self->config.cases->get(self->config.cases, index, &record);
    size_t count = record.keyword_count;
    if (count > EHR_INDEX_RECORD_KEYWORDS_MAX)
        count = EHR_INDEX_RECORD_KEYWORDS_MAX; /* the others are not indexed */
    struct ehr_blob *keyword = NULL;
    if (count > 0) {
        uint8_t drawn[8];
        ehr_rng_fill(self->config.rng, drawn, sizeof(drawn));
        const char *text = record.keywords[ehr_le64_get(drawn) % count];
        keyword = ehr_blob_new(text, strlen(text));
    }
    ehr_record_close(&record);
    return keyword;
}

static struct ehr_message *access_ask(struct data_user *self, const struct demand *demand,
                                      struct ehr_blob *take_keyword)
{
    struct ehr_msg_access_ask *ask = EHR_NEW(access_ask, ACCESS_ASK);
    ask->request = demand->request;
    ask->purpose = 1;
    ask->visit = demand->visit;
    ask->certificates = ehr_blob_ref(self->certificates);
    ask->keyword = take_keyword;
    return ehr_message_seal(&ask->head);
}

static void consent_ask(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                        struct ehr_blob *take_keyword)
{
    const struct ehr_directory *directory = self->config.directory;
    struct ehr_message *question = demand->wanted > 0
                                       ? data_user_batch_ask(self, demand, take_keyword)
                                       : access_ask(self, demand, take_keyword);
    uint32_t home = directory->hospitals[directory->patient_home[demand->patient]].place;
    ehr_resend_start(&demand->resend, fx, directory, (struct ehr_address){home, demand->patient},
                     question, (uint32_t)demand->request, ++self->generation);
    demand->consent_generation = ++self->generation;
    ehr_fx_timer(fx, (uint32_t)demand->request, demand->consent_generation,
                 directory->consent_timeout_ns);
}

static void data_user_on_begin_share(struct data_user *self, struct ehr_fx *fx,
                                     const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_share *begin = EHR_AS(begin_share, d->message);
    struct demand *demand;
    HASH_FIND(hh, self->demands, &begin->request, sizeof(begin->request), demand);
    if (d->from.node != self->config.directory->workload || demand != NULL ||
        begin->patient >= self->config.directory->patient_count) {
        data_user_drop(fx, d->message);
        return;
    }
    demand = ehr_actor_new(sizeof(*demand));
    demand->request = begin->request;
    demand->step = DEMAND_CONSENT;
    demand->patient = begin->patient;
    demand->visit = begin->visit;
    demand->record = begin->record;
    data_user_begin(self, fx, demand);
}

void data_user_begin(struct data_user *self, struct ehr_fx *fx, struct demand *demand)
{
    HASH_ADD(hh, self->demands, request, sizeof(demand->request), demand);
    ehr_mark_phase(fx, demand->request, EHR_PHASE_CONSENT);
    struct ehr_blob *keyword = keyword_draw(self, demand->record);
    if (keyword == NULL) {
        data_user_close(self, fx, demand, EHR_REPLY_NOT_FOUND);
        return;
    }
    consent_ask(self, fx, demand, keyword);
    ehr_mark(fx, EHR_MARK_SENT, demand->request, 0, 0);
}

/* ---- events ---- */

static void data_user_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                 const struct ehr_delivery *d)
{
    struct data_user *self = data_user_of(node);
    switch (d->message->type) {
    case EHR_MSG_BEGIN_SHARE:
        data_user_on_begin_share(self, fx, d);
        return;
    case EHR_MSG_BEGIN_BATCH:
        data_user_on_begin_batch(self, fx, d);
        return;
    case EHR_MSG_BATCH_REPLY:
        data_user_on_batch_reply(self, fx, d);
        return;
    case EHR_MSG_ACCESS_REPLY:
        data_user_on_access_reply(self, fx, d);
        return;
    case EHR_MSG_ACCESS_REPLY_SCOPED:
        data_user_on_access_reply_scoped(self, fx, d);
        return;
    case EHR_MSG_SHARE:
        data_user_on_share(self, fx, d);
        return;
    default: /* a number, not an enum: anything may arrive */
        data_user_drop(fx, d->message);
        return;
    }
}

static void data_user_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                               uint64_t generation)
{
    (void)lane;
    struct data_user *self = data_user_of(node);
    uint64_t request = id; /* measured requests have 32 bits */
    struct demand *demand;
    HASH_FIND(hh, self->demands, &request, sizeof(request), demand);
    if (demand == NULL)
        return;
    if (demand->resend.patience.generation == generation) {
        /* the patient may be away for longer than a node: the consent timer ends the wait */
        if (!ehr_resend_on_timer(&demand->resend, fx, self->config.directory, id))
            ehr_resend_stop(&demand->resend);
    } else if (demand->consent_generation == generation) {
        data_user_time_out(self, fx, demand, EHR_REPLY_CONSENT_TIMEOUT);
    } else if (demand->patience.generation == generation) {
        data_user_shares_timer(self, fx, demand);
    } else if (demand->step == DEMAND_BATCH) {
        struct demand *child = data_user_batch_waiting(self, request, generation);
        if (child != NULL)
            data_user_shares_timer(self, fx, child);
    }
}

static void forget_demands(struct data_user *self)
{
    struct demand *demand, *next;
    HASH_ITER(hh, self->demands, demand, next)
    demand_free(self, demand);
}

/* Nothing is persisted: open requests are lost in a crash. */
static void data_user_on_start(struct ehr_node *node, struct ehr_fx *fx,
                               const struct ehr_journal *saved)
{
    (void)fx;
    (void)saved;
    forget_demands(data_user_of(node));
}

struct ehr_node *ehr_data_user_new(const char *name, const struct ehr_data_user_config *config)
{
    static const struct ehr_node_type type = {"data-user", data_user_on_start, data_user_on_message,
                                              data_user_on_timer};
    struct data_user *self = ehr_actor_new(sizeof(*self));
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->self = &config->directory->data_users[config->index];
    self->certificates = ehr_blob_new(self->self->certificate, EHR_CERT_BYTES);
    return &self->node;
}

void ehr_data_user_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct data_user *self = data_user_of(node);
    forget_demands(self);
    ehr_blob_unref(self->certificates);
    ehr_wipe(self, sizeof(*self));
    free(self);
}
