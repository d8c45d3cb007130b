/* Step 3 of a visit: pseudonym, sealed record and index; the patient's device checks the draft and
 * gives its token. */
#include "actors/doctor_internal.h"

#include <assert.h>
#include <string.h>

#include "actors/visit_keywords.h"
#include "crypto/codec.h"
#include "crypto/record.h"
#include "crypto/schnorr.h"

struct ehr_ptx_terms doctor_visit_terms(const struct doctor *self, const struct visit *visit)
{
    return (struct ehr_ptx_terms){
        .hid = self->hospital->server.cert.id,
        .doctor_id = self->self->cert.id,
        .epoch = self->config.directory->epoch,
        .flags = visit->emergency ? EHR_PTX_FLAG_EMERGENCY : 0,
        .pseudonym = visit->pseudonym,
        .ct_hash = visit->ct_hash,
        .ct_len = visit->sealed->length,
        .labels = visit->labels->bytes,
        .nkw = visit->labels->length / EHR_INDEX_LABEL_BYTES,
    };
}

static bool seal_record(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                        const struct ehr_record *record)
{
    struct ehr_pseudonym pseudonym;
    ehr_fx_charge(fx, EHR_COST_PSEUDONYM_MAKE, 1, 0);
    if (ehr_pseudonym_make(&pseudonym, &visit->public, self->hospital->server.cert.id,
                           self->config.rng) != EHR_OK)
        return false;
    ehr_pseudonym_encode(visit->pseudonym, &pseudonym);
    struct ehr_record_visit owner = {.P = pseudonym.P, .Q = pseudonym.Q};
    memcpy(owner.hid, self->hospital->server.cert.id, 32);
    size_t length = ehr_record_sealed_len(record->length);
    visit->sealed = ehr_blob_new(NULL, length);
    ehr_fx_charge(fx, EHR_COST_ENCAP, 1, 0);
    ehr_fx_charge(fx, EHR_COST_SEAL, 1, length);
    if (ehr_record_seal(visit->sealed->bytes, length, &owner, (const uint8_t *)record->text,
                        record->length, self->config.rng) != EHR_OK)
        return false;
    ehr_fx_charge(fx, EHR_COST_HASH, 2, length);
    ehr_record_hash(visit->ct_hash, visit->sealed->bytes, length);
    return true;
}

/* The index key with a patient, computed once for its find key F. */
static bool index_key(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct acquaintance *patient = visit->patient;
    if (patient->has_key && ehr_point_equal(&patient->F, &visit->public.F))
        return true;
    ehr_fx_charge(fx, EHR_COST_IDX_KEY, 1, 0);
    patient->F = visit->public.F;
    patient->has_key = ehr_index_key_doctor(patient->key, &self->config.secrets.epoch,
                                            visit->public.F.bytes) == EHR_OK;
    return patient->has_key;
}

static struct trapdoor_counter *counter_of(struct doctor *self, const uint8_t T[32])
{
    struct trapdoor_counter *counter;
    HASH_FIND(hh, self->counters, T, 32, counter);
    if (counter == NULL) {
        counter = ehr_actor_new(sizeof(*counter));
        memcpy(counter->T, T, 32);
        HASH_ADD(hh, self->counters, T, 32, counter);
    }
    return counter;
}

/* `dictionary`: the next label of each keyword's trapdoor; `numbers` gets its counter. */
static void labels_make(struct doctor *self, struct visit *visit, uint8_t *labels,
                        const uint8_t *trapdoors, size_t count, struct ehr_blob *numbers)
{
    visit->counters = ehr_actor_new(count * sizeof(struct trapdoor_counter *));
    visit->counter_count = count;
    for (size_t i = 0; i < count; i++) {
        visit->counters[i] = counter_of(self, trapdoors + 32 * i);
        ehr_index_label(labels + i * EHR_INDEX_LABEL_BYTES, trapdoors + 32 * i,
                        visit->counters[i]->next);
        ehr_le32(numbers->bytes + 4 * i, visit->counters[i]->next);
    }
}

/* `scan`: the tag of this pseudonym; no two records have the same, so nothing is counted. */
static void tags_make(const struct visit *visit, uint8_t *tags, const uint8_t *trapdoors,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        ehr_index_tag(tags + i * EHR_INDEX_LABEL_BYTES, trapdoors + 32 * i, visit->pseudonym);
}

/* Labels or tags of the record's keywords, packed. */
static bool index_record(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                         const struct ehr_visit_keywords *keywords, struct ehr_blob *numbers)
{
    uint8_t labels[EHR_INDEX_RECORD_KEYWORDS_MAX * EHR_INDEX_LABEL_BYTES];
    uint8_t trapdoors[EHR_INDEX_RECORD_KEYWORDS_MAX * 32];
    bool scan = self->config.directory->scan;
    ehr_fx_charge(fx, EHR_COST_TRAPDOOR, keywords->count, 0);
    ehr_fx_charge(fx, EHR_COST_LABEL, keywords->count, 0);
    if (scan) /* beside the key of the tags, which costs what a label does */
        ehr_fx_charge(fx, EHR_COST_SCAN_ENTRY, keywords->count, 0);
    for (size_t i = 0; i < keywords->count; i++)
        ehr_index_trapdoor(trapdoors + 32 * i, visit->patient->key, self->config.directory->epoch,
                           keywords->kw[i]);
    if (scan)
        tags_make(visit, labels, trapdoors, keywords->count);
    else
        labels_make(self, visit, labels, trapdoors, keywords->count, numbers);
    ehr_wipe(trapdoors, sizeof(trapdoors));
    size_t nkw;
    enum ehr_status status = ehr_index_nkw(&nkw, keywords->count);
    assert(status == EHR_OK); /* ehr_visit_keywords_make keeps to the limit */
    visit->labels = ehr_blob_new(NULL, nkw * EHR_INDEX_LABEL_BYTES);
    return ehr_index_labels_pack(visit->labels->bytes, nkw, labels, keywords->count,
                                 self->config.rng) == EHR_OK;
}

struct ehr_blob *doctor_seal(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct ehr_record record;
    self->config.cases->get(self->config.cases, visit->record, &record);
    struct ehr_visit_keywords keywords;
    ehr_visit_keywords_make(&keywords, &record);
    struct ehr_blob *numbers =
        ehr_blob_new(NULL, self->config.directory->scan ? 0 : 4 * keywords.count);
    bool made = seal_record(self, fx, visit, &record) && index_key(self, fx, visit) &&
                index_record(self, fx, visit, &keywords, numbers);
    ehr_record_close(&record);
    if (made)
        return numbers;
    ehr_blob_unref(numbers);
    return NULL;
}

void doctor_send_draft(struct doctor *self, struct ehr_fx *fx, struct visit *visit)
{
    struct ehr_blob *numbers = doctor_seal(self, fx, visit);
    if (numbers == NULL) {
        /* only keys of the card can be the reason: they passed the card check */
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_WRONG_CARD);
        return;
    }
    struct ehr_msg_draft *draft = EHR_NEW(draft, DRAFT);
    draft->request = visit->request;
    memcpy(draft->pseudonym, visit->pseudonym, sizeof(draft->pseudonym));
    draft->epoch = self->config.directory->epoch;
    draft->labels = ehr_blob_ref(visit->labels);
    draft->counters = numbers;
    draft->record = ehr_blob_ref(visit->sealed);
    doctor_visit_send(self, fx, visit, VISIT_DRAFTED, doctor_patient_address(self, visit),
                      ehr_message_seal(&draft->head));
}

void doctor_on_token(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_token *token = EHR_AS(token, d->message);
    struct visit *visit = doctor_visit_at(self, token->request, VISIT_DRAFTED);
    if (visit == NULL || d->from.node != self->hospital->place ||
        d->from.lane != visit->patient->lane) {
        doctor_drop(fx, d->message);
        return;
    }
    if (token->status != EHR_REPLY_OK) {
        doctor_visit_refuse(self, fx, visit, ehr_reply_refusal(token->status));
        return;
    }
    uint8_t body[32];
    const struct ehr_ptx_terms terms = doctor_visit_terms(self, visit);
    ehr_ptx_terms_body(body, &terms);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, visit->labels->length);
    ehr_fx_charge(fx, EHR_COST_SCHNORR_VERIFY, 1, 0);
    if (ehr_schnorr_verify("sig-visit", visit->pseudonym, body, token->token) != EHR_OK) {
        doctor_visit_refuse(self, fx, visit, EHR_REPLY_BAD_EVIDENCE);
        return;
    }
    memcpy(visit->token, token->token, sizeof(token->token));
    ehr_mark_phase(fx, visit->request, EHR_PHASE_STORE);
    doctor_send_store(self, fx, visit);
}
