/* Steps 4 and 5 of a visit: ciphertext to the hospital, record transaction to the private chain. */
#include "actors/doctor_internal.h"

#include <string.h>

#include "sim/ledger/wire.h"

void doctor_send_store(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct ehr_msg_store *store = EHR_NEW(store, STORE);
    store->request = visit->request;
    memcpy(store->ct_hash, visit->ct_hash, 32);
    store->record = ehr_blob_ref(visit->sealed);
    doctor_visit_send(self, fx, visit, VISIT_STORED, doctor_server_address(self),
                      ehr_message_seal(&store->head));
}

static struct ehr_tx *record_transaction(struct doctor *self, const struct visit *visit)
{
    const struct ehr_ptx_terms terms = doctor_visit_terms(self, visit);
    uint8_t body[32], sig[64], bytes[EHR_PTX_BYTES_MAX];
    ehr_ptx_terms_body(body, &terms);
    ehr_ptx_sign_doctor(sig, body, &self->config.secrets.sign);
    ehr_ptx_encode(bytes, &terms, sig, visit->token);
    return ehr_tx_new(EHR_TX_RECORD, bytes, EHR_PTX_BYTES(terms.nkw, terms.flags), self->node.id, 0,
                      visit->request);
}

static void submit_record(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    visit->step = VISIT_SUBMITTED;
    ehr_resend_stop(&visit->resend);
    ehr_mark_phase(fx, visit->request, EHR_PHASE_PRIVATE_ORDER);
    ehr_client_start(&visit->client, fx, self->config.directory, &self->hospital->committee,
                     record_transaction(self, visit), self->view, EHR_CLIENT_PRIMARY_MAY_REFUSE,
                     (uint32_t)visit->request, ++self->generation);
}

void doctor_on_store_ack(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_store_ack *ack = EHR_AS(store_ack, d->message);
    struct visit *visit = doctor_visit_at(self, ack->request, VISIT_STORED);
    if (visit == NULL || d->from.node != self->hospital->server.node) {
        doctor_drop(fx, d->message);
        return;
    }
    if (ack->status != EHR_REPLY_OK) {
        doctor_visit_refuse(self, fx, visit, ehr_reply_refusal(ack->status));
        return;
    }
    uint8_t digest[32];
    ehr_ack_digest(digest, visit->request, self->hospital->server.cert.id, visit->ct_hash);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, 72);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (memcmp(ack->ct_hash, visit->ct_hash, 32) != 0 ||
        ehr_sign_verify(self->hospital->server.cert.ed_pk, "sig-ack", digest, ack->signature) !=
            EHR_OK) {
        doctor_drop(fx, d->message);
        return;
    }
    submit_record(self, fx, visit);
}

/* The labels are on the chain: the next record takes the next ones. */
static void step_counters(struct visit *visit)
{
    for (size_t i = 0; i < visit->counter_count; i++) {
        visit->counters[i]->next++;
        visit->counters[i]->doubtful = false;
    }
}

/* The transaction was refused or not answered, and may be on the chain all the same: a refusal can
 * be one node's word. A label that is in use then shows that a doubt was right. */
static void doubt_counters(struct visit *visit, bool label_in_use)
{
    for (size_t i = 0; i < visit->counter_count; i++) {
        struct trapdoor_counter *counter = visit->counters[i];
        bool right = counter->doubtful && label_in_use;
        counter->next += right;
        counter->doubtful = !right;
    }
}

void doctor_on_reply(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    struct visit *visit = doctor_visit_at(self, reply->request, VISIT_SUBMITTED);
    if (visit == NULL || !ehr_client_wants(&visit->client, reply))
        return; /* more than the quorum is normal */
    struct ehr_client_result result;
    switch (ehr_client_on_reply(&visit->client, fx, d->from.node, reply, &result)) {
    case EHR_CLIENT_WAITING:
        return;
    case EHR_CLIENT_BAD:
        doctor_drop(fx, d->message);
        return;
    case EHR_CLIENT_DONE:
        break;
    }
    if (result.view > self->view)
        self->view = result.view;
    if (result.status != EHR_REPLY_OK) {
        doubt_counters(visit, result.status == EHR_REPLY_REUSED_LABEL);
        doctor_visit_refuse(self, fx, visit, result.status);
        return;
    }
    step_counters(visit);
    ehr_mark(fx, EHR_MARK_DURABLE, visit->request, 0, 0);
    ehr_mark(fx, EHR_MARK_ACKED, visit->request, (uint16_t)self->hospital->committee.chain,
             result.height);
    ehr_mark_phase(fx, visit->request, EHR_PHASE_ANCHOR);
    doctor_visit_done(self, fx, visit);
}

void doctor_submit_time_out(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    doubt_counters(visit, false);
    doctor_visit_time_out(self, fx, visit);
}
