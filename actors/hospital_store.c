/* Ciphertexts: stored for doctors, compared and released for alliance nodes. One without a private
 * block is an orphan and collected after a while. */
#include "actors/hospital_internal.h"

#include <string.h>

#include "crypto/codec.h"
#include "crypto/record.h"

enum { STORED_JOURNAL_BYTES = 76, HEAD_P_OFFSET = 8 };

/* ---- visits and orphans ---- */

struct kept *hospital_visit_find(const struct hospital *self, uint64_t request)
{
    struct kept *kept;
    HASH_FIND(hh, self->visits, &request, sizeof(request), kept);
    return kept;
}

struct kept *hospital_ciphertext_find(const struct hospital *self, const uint8_t P[32])
{
    struct kept *kept;
    HASH_FIND(hh_pseudonym, self->ciphertexts, P, 32, kept);
    return kept;
}

/* The list is in order of since_ns, so that collecting looks at its head only. */
static void unreferenced_append(struct hospital *self, struct ehr_fx *fx, struct kept *kept)
{
    kept->since_ns = ehr_fx_now(fx);
    DL_APPEND(self->unreferenced, kept);
    if (!self->orphan_timer) {
        self->orphan_timer = true;
        self->orphan_generation = ++self->generation;
        ehr_fx_timer(fx, HOSPITAL_TIMER_ORPHANS, self->orphan_generation,
                     self->config.directory->orphan_timeout_ns);
    }
}

static void kept_free(struct hospital *self, struct kept *kept)
{
    if (kept->by_request)
        HASH_DEL(self->visits, kept);
    if (kept->record != NULL)
        HASH_DELETE(hh_pseudonym, self->ciphertexts, kept);
    if (!kept->referenced)
        DL_DELETE(self->unreferenced, kept);
    ehr_blob_unref(kept->record);
    free(kept);
}

void hospital_orphans_collect(struct hospital *self, struct ehr_fx *fx)
{
    uint64_t timeout = self->config.directory->orphan_timeout_ns;
    uint64_t now = ehr_fx_now(fx);
    while (self->unreferenced != NULL && self->unreferenced->since_ns + timeout <= now) {
        if (self->unreferenced->record != NULL)
            self->counts.collected++;
        kept_free(self, self->unreferenced);
    }
    self->orphan_timer = self->unreferenced != NULL;
    if (self->orphan_timer) {
        self->orphan_generation = ++self->generation;
        ehr_fx_timer(fx, HOSPITAL_TIMER_ORPHANS, self->orphan_generation,
                     self->unreferenced->since_ns + timeout - now);
    }
}

void hospital_visit_open(struct hospital *self, struct ehr_fx *fx, uint64_t request,
                         uint32_t patient, uint32_t emergency)
{
    if (hospital_visit_find(self, request) != NULL)
        return; /* the doctor asked again */
    struct kept *kept = ehr_actor_new(sizeof(*kept));
    kept->request = request;
    kept->patient = patient;
    kept->emergency = emergency;
    kept->by_request = true;
    HASH_ADD(hh, self->visits, request, sizeof(kept->request), kept);
    unreferenced_append(self, fx, kept);
}

void hospital_visit_close(struct hospital *self, struct kept *kept)
{
    if (kept->by_request)
        HASH_DEL(self->visits, kept);
    kept->by_request = false;
}

struct kept *hospital_ciphertext_refer(struct hospital *self, const uint8_t P[32])
{
    struct kept *kept = hospital_ciphertext_find(self, P);
    if (kept != NULL && !kept->referenced) {
        DL_DELETE(self->unreferenced, kept);
        kept->referenced = true;
    }
    return kept;
}

/* ---- STORE ---- */

static void acknowledge(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d,
                        enum ehr_reply status)
{
    const struct ehr_msg_store *asked = EHR_AS(store, d->message);
    struct ehr_msg_store_ack *ack = EHR_NEW(store_ack, STORE_ACK);
    ack->request = asked->request;
    ack->status = (uint8_t)status;
    memcpy(ack->ct_hash, asked->ct_hash, 32);
    if (status == EHR_REPLY_OK) {
        uint8_t digest[32];
        ehr_ack_digest(digest, asked->request, hospital_id(self), asked->ct_hash);
        ehr_fx_charge(fx, EHR_COST_HASH, 1, 72);
        ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
        ehr_sign_make(ack->signature, &self->config.secrets.sign, "sig-ack", digest);
    }
    ehr_fx_send(fx, d->from, ehr_message_seal(&ack->head));
}

static void persist(struct ehr_fx *fx, const struct kept *kept)
{
    ehr_fx_persist(fx, kept->record->length, EHR_HOSPITAL_JOURNAL_CIPHERTEXT,
                   ehr_blob_ref(kept->record));
    struct ehr_blob *data = ehr_blob_new(NULL, STORED_JOURNAL_BYTES);
    struct ehr_writer writer = ehr_writer_init(data->bytes, data->length);
    ehr_writer_u64(&writer, kept->request);
    ehr_writer_u32(&writer, kept->patient);
    ehr_writer_bytes(&writer, kept->ct_hash, 32);
    ehr_writer_bytes(&writer, kept->body_hash, 32);
    ehr_fx_persist(fx, data->length, EHR_HOSPITAL_JOURNAL_STORED, data);
}

static void keep(struct hospital *self, struct ehr_fx *fx, struct kept *kept,
                 struct ehr_blob *record, const uint8_t ct_hash[32], const uint8_t body_hash[32])
{
    kept->record = ehr_blob_ref(record);
    memcpy(kept->P, record->bytes + HEAD_P_OFFSET, 32);
    memcpy(kept->ct_hash, ct_hash, 32);
    memcpy(kept->body_hash, body_hash, 32);
    HASH_ADD(hh_pseudonym, self->ciphertexts, P, 32, kept);
    DL_DELETE(self->unreferenced, kept);
    unreferenced_append(self, fx, kept);
    self->counts.stored++;
    persist(fx, kept);
}

static enum ehr_reply store(struct hospital *self, struct ehr_fx *fx,
                            const struct ehr_msg_store *message)
{
    struct ehr_blob *record = message->record;
    if (record == NULL || record->length < EHR_RECORD_HEAD_BYTES)
        return EHR_REPLY_MALFORMED;
    uint8_t ct_hash[32], body_hash[32];
    ehr_record_body_hash(body_hash, record->bytes + EHR_RECORD_HEAD_BYTES,
                         record->length - EHR_RECORD_HEAD_BYTES);
    ehr_record_ct_hash(ct_hash, record->bytes, body_hash);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, record->length);
    if (memcmp(ct_hash, message->ct_hash, 32) != 0)
        return EHR_REPLY_TAMPERED;
    const struct kept *same = hospital_ciphertext_find(self, record->bytes + HEAD_P_OFFSET);
    if (same != NULL)
        return same->request == message->request && memcmp(same->ct_hash, ct_hash, 32) == 0
                   ? EHR_REPLY_OK
                   : EHR_REPLY_REUSED_PSEUDONYM;
    struct kept *kept = hospital_visit_find(self, message->request);
    if (kept == NULL) /* forgotten in a restart, or collected */
        return EHR_REPLY_HOSPITAL_UNREACHABLE;
    if (kept->record != NULL)
        return EHR_REPLY_MALFORMED; /* another record for one visit */
    keep(self, fx, kept, record, ct_hash, body_hash);
    return EHR_REPLY_OK;
}

void hospital_on_store(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    if (hospital_doctor_find(self, d->from.node) == UINT32_MAX) {
        hospital_drop(fx, d->message);
        return;
    }
    acknowledge(self, fx, d, store(self, fx, EHR_AS(store, d->message)));
}

/* ---- COMPARE ---- */

void hospital_on_compare(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_compare *compare = EHR_AS(compare, d->message);
    if (ehr_committee_replica(&self->config.directory->alliance, d->from.node) == UINT32_MAX ||
        compare->whole > 1) {
        hospital_drop(fx, d->message);
        return;
    }
    const struct kept *kept = hospital_ciphertext_find(self, compare->pseudonym);
    struct ehr_msg_release *release = EHR_NEW(release, RELEASE);
    release->request = compare->request;
    if (kept == NULL) {
        release->status = EHR_REPLY_NOT_FOUND;
    } else if (memcmp(kept->ct_hash, compare->ct_hash, 32) != 0) {
        release->status = EHR_REPLY_TAMPERED;
    } else {
        release->status = EHR_REPLY_OK;
        memcpy(release->body_hash, kept->body_hash, 32);
        release->sealed_head = ehr_blob_new(kept->record->bytes, EHR_RECORD_HEAD_BYTES);
        release->record = compare->whole == 1 ? ehr_blob_ref(kept->record) : NULL;
    }
    ehr_fx_send(fx, d->from, ehr_message_seal(&release->head));
}

/* ---- restart ---- */

/* Whether a private block refers to it is not known again: it stays. */
void hospital_ciphertext_restore(struct hospital *self, struct ehr_blob *record,
                                 const struct ehr_blob *data)
{
    if (record == NULL)
        return;
    struct kept *kept = ehr_actor_new(sizeof(*kept));
    struct ehr_reader reader = ehr_reader_init(data->bytes, data->length);
    kept->request = ehr_reader_u64(&reader);
    kept->patient = ehr_reader_u32(&reader);
    ehr_reader_bytes(&reader, kept->ct_hash, 32);
    ehr_reader_bytes(&reader, kept->body_hash, 32);
    kept->record = ehr_blob_ref(record);
    kept->referenced = true;
    memcpy(kept->P, record->bytes + HEAD_P_OFFSET, 32);
    HASH_ADD(hh_pseudonym, self->ciphertexts, P, 32, kept);
}

void hospital_store_forget(struct hospital *self)
{
    while (self->unreferenced != NULL)
        kept_free(self, self->unreferenced);
    struct kept *kept, *next;
    HASH_ITER(hh_pseudonym, self->ciphertexts, kept, next)
    kept_free(self, kept);
    self->orphan_timer = false;
}
