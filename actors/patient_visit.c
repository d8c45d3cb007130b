/* B: the patient's part of a visit. It signs only a draft that it can open itself and whose labels
 * it can find again. */
#include <string.h>

#include "actors/patient_internal.h"
#include "actors/visit_keywords.h"
#include "crypto/index.h"
#include "crypto/record.h"
#include "sim/ledger/private_tx.h"

/* ---- the card ---- */

static struct patient_doctor *doctor_by_node(const struct patient *patient, uint32_t node)
{
    struct patient_doctor *doctor = patient->doctors;
    while (doctor != NULL && doctor->node != node)
        doctor = doctor->next;
    return doctor;
}

static void doctor_add(struct patient *patient, struct patient_doctor *doctor)
{
    struct patient_doctor **link = &patient->doctors;
    while (*link != NULL)
        link = &(*link)->next;
    *link = doctor;
}

/* Verifies a doctor seen for the first time; NULL: it is none of this hospital. */
static struct patient_doctor *doctor_verify(const struct here *here,
                                            const struct ehr_msg_card_ask *ask, uint32_t node)
{
    const struct ehr_hospital_info *hospital = &here->directory->hospitals[here->place->hospital];
    const uint8_t *certs = ask->certificates->bytes;
    const struct ehr_part chain[3] = {
        {here->directory->root_certificate, EHR_CERT_BYTES},
        {certs, EHR_CERT_BYTES},
        {certs + EHR_CERT_BYTES, EHR_CERT_BYTES},
    };
    const struct ehr_cert_policy policy = {
        .root_id = here->directory->root.id,
        .role = EHR_ROLE_DOCTOR,
        .now = ehr_fx_now(here->fx),
    };
    struct ehr_cert_verified verified;
    ehr_fx_charge(here->fx, EHR_COST_CERT_VERIFY, 2, 0); /* the root's is known */
    if (memcmp(certs, hospital->server.certificate, EHR_CERT_BYTES) != 0 ||
        ehr_cert_chain_verify(&verified, chain, 3, &policy) != EHR_OK)
        return NULL;
    struct ehr_point W;
    ehr_fx_charge(here->fx, EHR_COST_EPOCH_KEY_VERIFY, 1, 0);
    if (ehr_epoch_cert_verify(&W, EHR_EPOCH_KEY_INDEX, ask->index_key, sizeof(ask->index_key),
                              verified.cert.id, verified.cert.ed_pk,
                              here->directory->epoch) != EHR_OK)
        return NULL;
    const struct ehr_member *member =
        ehr_directory_doctor(here->directory, here->place->hospital, verified.cert.id);
    if (member == NULL || member->node != node)
        return NULL; /* the certificate of somebody else */
    struct patient_doctor *doctor = ehr_actor_new(sizeof(*doctor));
    doctor->hospital = here->place->hospital;
    doctor->node = node;
    memcpy(doctor->cert_id, verified.cert.id, 32);
    doctor->dh_pk = verified.cert.dh_pk;
    doctor->W = W;
    doctor_add(here->patient, doctor);
    return doctor;
}

bool patient_doctor_known(const struct here *here, const struct ehr_msg_card_ask *ask,
                          uint32_t node)
{
    return doctor_by_node(here->patient, node) != NULL || doctor_verify(here, ask, node) != NULL;
}

static enum ehr_reply card_show(const struct here *here, const struct ehr_msg_card_ask *ask,
                                uint32_t node, uint8_t box[EHR_CARD_SHOW_BYTES])
{
    const struct patient_card *card = patient_card_find(here->patient, here->place->hospital);
    if (card == NULL)
        return EHR_REPLY_WRONG_CARD;
    if (ask->certificates == NULL || ask->certificates->length != 2 * EHR_CERT_BYTES)
        return EHR_REPLY_MALFORMED;
    const struct patient_doctor *doctor = doctor_by_node(here->patient, node);
    if (doctor == NULL)
        doctor = doctor_verify(here, ask, node);
    if (doctor == NULL)
        return EHR_REPLY_UNKNOWN_DOCTOR;
    const struct ehr_card_holder holder = {
        .m = card->m,
        .card = card->card,
        .o = &here->patient->keys.o,
        .public = &here->patient->keys.public,
    };
    ehr_fx_charge(here->fx, EHR_COST_CARD_SHOW, 1, 0);
    if (ehr_card_show(box, &holder, doctor->cert_id, &doctor->dh_pk, ask->nonce,
                      &here->patient->crypto.rng) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    return EHR_REPLY_OK;
}

void patient_on_card_ask(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_card_ask *ask = EHR_AS(card_ask, d->message);
    struct ehr_msg_card_show *show = EHR_NEW(card_show, CARD_SHOW);
    show->request = ask->request;
    show->status = (uint8_t)card_show(here, ask, d->from.node, show->box);
    ehr_fx_send(here->fx, d->from, ehr_message_seal(&show->head));
}

/* ---- the draft ---- */

bool patient_index_key(const struct here *here, struct patient_doctor *doctor)
{
    if (doctor->has_key)
        return true;
    struct ehr_dh_key f = {.secret = here->patient->keys.f, .public = here->patient->keys.public.F};
    ehr_fx_charge(here->fx, EHR_COST_IDX_KEY, 1, 0);
    doctor->has_key = ehr_index_key_patient(doctor->key, &f, doctor->W.bytes) == EHR_OK;
    ehr_wipe(&f, sizeof(f));
    return doctor->has_key;
}

static bool has_label(const struct ehr_blob *labels, const uint8_t label[EHR_INDEX_LABEL_BYTES])
{
    for (size_t at = 0; at < labels->length; at += EHR_INDEX_LABEL_BYTES)
        if (memcmp(labels->bytes + at, label, EHR_INDEX_LABEL_BYTES) == 0)
            return true;
    return false;
}

/* Every keyword of the text has its label, or tag, among those of the draft. */
static bool labels_are_right(const struct here *here, struct patient_doctor *doctor,
                             const struct ehr_msg_draft *draft,
                             const struct ehr_visit_keywords *keywords)
{
    bool scan = here->directory->scan;
    size_t given = draft->counters != NULL ? draft->counters->length : 0;
    if (given != (scan ? 0 : 4 * keywords->count) || !patient_index_key(here, doctor))
        return false;
    ehr_fx_charge(here->fx, EHR_COST_TRAPDOOR, keywords->count, 0);
    ehr_fx_charge(here->fx, EHR_COST_LABEL, keywords->count, 0);
    if (scan)
        ehr_fx_charge(here->fx, EHR_COST_SCAN_ENTRY, keywords->count, 0);
    for (size_t i = 0; i < keywords->count; i++) {
        uint8_t T[32], label[EHR_INDEX_LABEL_BYTES];
        ehr_index_trapdoor(T, doctor->key, here->directory->epoch, keywords->kw[i]);
        if (scan)
            ehr_index_tag(label, T, draft->pseudonym);
        else
            ehr_index_label(label, T, ehr_le32_get(draft->counters->bytes + 4 * i));
        ehr_wipe(T, sizeof(T));
        if (!has_label(draft->labels, label))
            return false;
    }
    return true;
}

/* Opens the record and extracts its keywords as the doctor must have. */
static bool keywords_of_draft(const struct here *here, const struct ehr_msg_draft *draft,
                              const struct ehr_visit_keys *keys,
                              struct ehr_visit_keywords *keywords)
{
    const uint8_t *hid = here->directory->hospitals[here->place->hospital].server.cert.id;
    struct ehr_point P;
    size_t length, capacity = draft->record->length;
    if (ehr_point_import(&P, draft->pseudonym) != EHR_OK)
        return false;
    uint8_t *text = ehr_actor_new(capacity);
    ehr_fx_charge(here->fx, EHR_COST_DECAP, 1, 0);
    ehr_fx_charge(here->fx, EHR_COST_OPEN, 1, capacity);
    bool good = ehr_record_open(text, capacity, &length, draft->record->bytes, capacity, &keys->q,
                                &P, hid) == EHR_OK;
    struct ehr_patient_bundle bundle;
    struct ehr_record_errors errors = {0};
    good = good && ehr_record_bundle_index("draft", (const char *)text, length, &bundle, &errors) ==
                       EHR_RECORD_OK;
    if (good) {
        good = bundle.record_count == 1;
        ehr_visit_keywords_make(keywords, &bundle.records[0]);
        ehr_record_bundle_close(&bundle);
    }
    ehr_wipe(text, capacity);
    free(text);
    return good;
}

static bool form_is_good(const struct here *here, const struct ehr_msg_draft *draft)
{
    return draft->epoch == here->directory->epoch && draft->flags == 0 && draft->labels != NULL &&
           draft->labels->length % EHR_INDEX_LABEL_BYTES == 0 &&
           draft->labels->length <= EHR_INDEX_LABELS_MAX * EHR_INDEX_LABEL_BYTES &&
           draft->record != NULL && draft->record->length >= EHR_RECORD_HEAD_BYTES;
}

static void draft_body(const struct here *here, const struct ehr_msg_draft *draft,
                       const struct patient_doctor *doctor, uint8_t body[32])
{
    uint8_t ct_hash[32];
    ehr_fx_charge(here->fx, EHR_COST_HASH, 4, draft->record->length + draft->labels->length);
    ehr_record_hash(ct_hash, draft->record->bytes, draft->record->length);
    const struct ehr_ptx_terms terms = {
        .hid = here->directory->hospitals[here->place->hospital].server.cert.id,
        .doctor_id = doctor->cert_id,
        .epoch = draft->epoch,
        .flags = draft->flags,
        .pseudonym = draft->pseudonym,
        .ct_hash = ct_hash,
        .ct_len = draft->record->length,
        .labels = draft->labels->bytes,
        .nkw = draft->labels->length / EHR_INDEX_LABEL_BYTES,
    };
    ehr_ptx_terms_body(body, &terms);
}

/* The visit of a draft that passed all checks; NULL: it did not. */
static struct patient_visit *draft_check(const struct here *here, const struct ehr_msg_draft *draft,
                                         struct patient_doctor *doctor, const uint8_t body[32])
{
    const uint8_t *hid = here->directory->hospitals[here->place->hospital].server.cert.id;
    struct ehr_visit_keys keys;
    struct ehr_visit_keywords keywords;
    bool hit;
    enum ehr_status status = ehr_pseudonym_detect(&keys, &hit, draft->pseudonym,
                                                  EHR_PSEUDONYM_BYTES, &here->patient->keys, hid);
    ehr_fx_charge(here->fx,
                  status == EHR_OK && hit ? EHR_COST_PSEUDONYM_DETECT_HIT
                                          : EHR_COST_PSEUDONYM_DETECT_MISS,
                  1, 0);
    if (status != EHR_OK || !hit || !keywords_of_draft(here, draft, &keys, &keywords) ||
        !labels_are_right(here, doctor, draft, &keywords)) {
        ehr_wipe(&keys, sizeof(keys));
        return NULL;
    }
    struct patient_visit *visit = patient_visit_add(here);
    visit->request = draft->request;
    visit->hospital = here->place->hospital;
    memcpy(visit->pseudonym, draft->pseudonym, EHR_PSEUDONYM_BYTES);
    visit->keys = keys;
    memcpy(visit->body, body, 32);
    ehr_wipe(&keys, sizeof(keys));
    return visit;
}

static enum ehr_reply token_give(const struct here *here, const struct ehr_msg_draft *draft,
                                 struct patient_doctor *doctor, uint8_t token[64])
{
    if (!form_is_good(here, draft))
        return EHR_REPLY_BAD_DRAFT;
    uint8_t body[32];
    draft_body(here, draft, doctor, body);
    const struct patient_visit *visit = patient_visit_by_pseudonym(here, draft->pseudonym);
    if (visit != NULL && memcmp(visit->body, body, 32) != 0)
        return EHR_REPLY_BAD_DRAFT; /* one token per pseudonym */
    if (visit == NULL)
        visit = draft_check(here, draft, doctor, body);
    if (visit == NULL)
        return EHR_REPLY_BAD_DRAFT;
    struct ehr_point P;
    ehr_fx_charge(here->fx, EHR_COST_SCHNORR_SIGN, 1, 0);
    if (ehr_point_import(&P, draft->pseudonym) != EHR_OK ||
        ehr_ptx_sign_patient(token, body, &visit->keys.p, &P, &here->patient->crypto.rng) != EHR_OK)
        return EHR_REPLY_BAD_DRAFT;
    return EHR_REPLY_OK;
}

void patient_on_draft(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_draft *draft = EHR_AS(draft, d->message);
    struct patient_doctor *doctor = doctor_by_node(here->patient, d->from.node);
    if (doctor == NULL || doctor->hospital != here->place->hospital) {
        patient_drop(here, d->message); /* showed it no card */
        return;
    }
    struct ehr_msg_token *token = EHR_NEW(token, TOKEN);
    token->request = draft->request;
    token->status = (uint8_t)token_give(here, draft, doctor, token->token);
    ehr_fx_send(here->fx, d->from, ehr_message_seal(&token->head));
}
