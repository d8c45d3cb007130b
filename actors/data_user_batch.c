/* D with several visits: one question to the patient, one batch of grants, then each grant is
 * served for itself. The demand of a visit is a child of the request's: its key has the request
 * below and its number above, so that proxies see requests of their own and measurements one. */
#include "actors/data_user_internal.h"

#include <string.h>

#include "sim/ledger/grant_batch.h"

/* ---- beginning ---- */

void data_user_on_begin_batch(struct data_user *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_batch *begin = EHR_AS(begin_batch, d->message);
    struct demand *demand;
    HASH_FIND(hh, self->demands, &begin->request, sizeof(begin->request), demand);
    if (d->from.node != self->config.directory->workload || demand != NULL || begin->wanted == 0 ||
        self->config.record_of == NULL || begin->patient >= self->config.directory->patient_count) {
        data_user_drop(fx, d->message);
        return;
    }
    demand = ehr_actor_new(sizeof(*demand));
    demand->request = begin->request;
    demand->step = DEMAND_CONSENT;
    demand->patient = begin->patient;
    demand->visit = begin->visit;
    demand->record = begin->record;
    demand->wanted = begin->wanted;
    data_user_begin(self, fx, demand);
}

struct ehr_message *data_user_batch_ask(struct data_user *self, const struct demand *demand,
                                        struct ehr_blob *take_keyword)
{
    struct ehr_msg_batch_ask *ask = EHR_NEW(batch_ask, BATCH_ASK);
    ask->request = demand->request;
    ask->purpose = 1;
    ask->visits = demand->wanted;
    ask->visit = demand->visit;
    ask->certificates = ehr_blob_ref(self->certificates);
    ask->keyword = take_keyword;
    return ehr_message_seal(&ask->head);
}

/* ---- end ---- */

/* One visit has ended, or all of them have begun: `left` counts that, too. */
static void batch_look(struct data_user *self, struct ehr_fx *fx, struct demand *parent)
{
    if (--parent->left > 0)
        return;
    if (parent->opened == 0 && parent->failure == EHR_REPLY_INVALID)
        parent->failure = EHR_REPLY_NOT_FOUND;
    if (parent->failure == EHR_REPLY_INVALID)
        ehr_mark(fx, EHR_MARK_IDENTICAL, parent->request, 0, 0);
    data_user_close(self, fx, parent,
                    parent->failure == EHR_REPLY_INVALID ? EHR_REPLY_OK : parent->failure);
}

void data_user_batch_ended(struct data_user *self, struct ehr_fx *fx, uint64_t child,
                           enum ehr_reply reply)
{
    struct demand *parent = data_user_demand_at(self, (uint32_t)child, DEMAND_BATCH);
    if (parent == NULL)
        return;
    parent->opened += reply == EHR_REPLY_OK;
    if (reply != EHR_REPLY_OK && parent->failure == EHR_REPLY_INVALID)
        parent->failure = reply;
    batch_look(self, fx, parent);
}

/* ---- the grants ---- */

static void child_begin(struct data_user *self, struct ehr_fx *fx, struct demand *parent,
                        uint32_t i, const struct ehr_batch_answer *answer, struct ehr_blob *scope)
{
    struct demand *child = ehr_actor_new(sizeof(*child));
    child->request = parent->request | ((uint64_t)i + 1) << 32;
    child->step = DEMAND_SHARES;
    child->patient = parent->patient;
    child->visit = answer->visit;
    /* Which visits are granted is the patient's affair, also such as came after the request. */
    child->record = self->config.record_of(self->config.context, answer->visit);
    HASH_ADD(hh, self->demands, request, sizeof(child->request), child);
    parent->left++;
    struct ehr_msg_access_reply reply = {.scope = scope,
                                         .index = ehr_blob_new(answer->index, answer->index_len),
                                         .grant = ehr_blob_new(answer->grant, answer->grant_len)};
    memcpy(reply.txid, answer->txid, 32);
    data_user_granted(self, fx, child, &reply, answer->trapdoor, answer->trapdoor_len);
    ehr_blob_unref(reply.index);
    ehr_blob_unref(reply.grant);
}

void data_user_on_batch_reply(struct data_user *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    const struct ehr_msg_batch_reply *reply = EHR_AS(batch_reply, d->message);
    const struct ehr_directory *directory = self->config.directory;
    struct demand *parent = data_user_demand_at(self, reply->request, DEMAND_CONSENT);
    if (parent == NULL || parent->wanted == 0 || d->from.lane != parent->patient ||
        d->from.node != directory->hospitals[directory->patient_home[parent->patient]].place) {
        data_user_drop(fx, d->message);
        return;
    }
    struct ehr_batch_answer answers[EHR_GRANT_BATCH_MAX];
    uint32_t count = 0;
    ehr_resend_stop(&parent->resend);
    parent->consent_generation = 0;
    if (reply->status != EHR_REPLY_OK) {
        data_user_close(self, fx, parent, ehr_reply_refusal(reply->status));
        return;
    }
    if (reply->items == NULL ||
        ehr_batch_answers_parse(answers, &count, reply->items->bytes, reply->items->length) !=
            EHR_OK ||
        count > parent->wanted) {
        data_user_close(self, fx, parent, EHR_REPLY_MALFORMED);
        return;
    }
    parent->step = DEMAND_BATCH;
    parent->left = 1; /* until all have begun */
    ehr_mark_phase(fx, parent->request, EHR_PHASE_LOCATE);
    for (uint32_t i = 0; i < count; i++)
        if (answers[i].status == EHR_REPLY_OK)
            child_begin(self, fx, parent, i, &answers[i], reply->scope);
    if (parent->left == 1 && parent->opened == 0 && parent->failure == EHR_REPLY_INVALID)
        parent->failure = ehr_reply_refusal(answers[0].status); /* none was granted */
    batch_look(self, fx, parent);
}

struct demand *data_user_batch_waiting(struct data_user *self, uint64_t request,
                                       uint64_t generation)
{
    for (uint64_t i = 1; i <= EHR_GRANT_BATCH_MAX; i++) {
        struct demand *child = data_user_demand_at(self, request | i << 32, DEMAND_SHARES);
        if (child != NULL && child->patience.generation == generation)
            return child;
    }
    return NULL;
}
