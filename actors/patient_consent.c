/* D.1-3: a data user asks; the patient decides, searches, grants and has the grant ordered. */
#include <string.h>

#include "actors/patient_internal.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "sim/ledger/wire.h"

enum { GRANT_HEIGHTS = 10000 }; /* a grant is valid for that many blocks */

/* ---- answers ---- */

static void answer_keep(struct patient *patient, const struct errand *errand,
                        struct ehr_message *message)
{
    struct patient_answer *slot = &patient->answers[patient->answer_next];
    patient->answer_next = (patient->answer_next + 1) % PATIENT_ANSWERS_KEPT;
    ehr_message_unref(slot->message);
    *slot =
        (struct patient_answer){errand->request, errand->data_user.node, ehr_message_ref(message)};
}

static bool answer_again(const struct here *here, const struct ehr_delivery *d, uint64_t request)
{
    for (uint32_t i = 0; i < PATIENT_ANSWERS_KEPT; i++) {
        const struct patient_answer *slot = &here->patient->answers[i];
        if (slot->message != NULL && slot->data_user == d->from.node && slot->request == request) {
            ehr_fx_send(here->fx, d->from, ehr_message_ref(slot->message));
            return true;
        }
    }
    return false;
}

void patient_grant_keep(const struct here *here, const uint8_t grant_id[32], uint32_t visit)
{
    struct patient *patient = here->patient;
    if (patient->grant_count == patient->grant_capacity) {
        patient->grant_capacity = patient->grant_capacity == 0 ? 4 : 2 * patient->grant_capacity;
        patient->grants =
            ehr_actor_resize(patient->grants, patient->grant_capacity * sizeof(*patient->grants));
    }
    struct patient_grant *grant = &patient->grants[patient->grant_count++];
    memcpy(grant->grant_id, grant_id, 32);
    grant->visit = visit;
}

static struct ehr_message *single_answer(const struct here *here, struct errand *errand,
                                         enum ehr_reply reply)
{
    struct ehr_msg_access_reply *answer = EHR_NEW(access_reply, ACCESS_REPLY);
    answer->request = errand->request;
    answer->status = (uint8_t)reply;
    if (reply == EHR_REPLY_OK) {
        memcpy(answer->txid, errand->txid, 32);
        answer->index = ehr_blob_ref(errand->atx);
        answer->grant = ehr_blob_ref(errand->grant);
        answer->scope = ehr_blob_ref(errand->scope);
        patient_grant_keep(here, errand->grant_id, errand->visit);
    }
    return ehr_message_seal(&answer->head);
}

/* A grant that comes with what shows its visit to be in its scope. */
static struct ehr_message *scoped_answer(const struct here *here, struct errand *errand)
{
    struct ehr_msg_access_reply_scoped *answer = EHR_NEW(access_reply_scoped, ACCESS_REPLY_SCOPED);
    answer->request = errand->request;
    answer->status = EHR_REPLY_OK;
    if (!patient_scope_prove(here, errand, errand->atx, errand->grant_id, answer->trapdoor)) {
        answer->status = EHR_REPLY_OUT_OF_SCOPE; /* no trapdoor of the search indexes it */
        return ehr_message_seal(&answer->head);
    }
    memcpy(answer->txid, errand->txid, 32);
    answer->index = ehr_blob_ref(errand->atx);
    answer->grant = ehr_blob_ref(errand->grant);
    answer->scope = ehr_blob_ref(errand->scope);
    patient_grant_keep(here, errand->grant_id, errand->visit);
    return ehr_message_seal(&answer->head);
}

static struct ehr_message *answer_make(const struct here *here, struct errand *errand,
                                       enum ehr_reply reply)
{
    if (errand->wanted > 0)
        return patient_batch_answer(here, errand, reply);
    if (here->directory->scope_enforced && reply == EHR_REPLY_OK)
        return scoped_answer(here, errand);
    return single_answer(here, errand, reply);
}

void patient_consent_answer(const struct here *here, struct errand *errand, enum ehr_reply reply)
{
    struct ehr_message *sealed = answer_make(here, errand, reply);
    answer_keep(here->patient, errand, sealed);
    ehr_fx_send(here->fx, errand->data_user, sealed);
    patient_errand_free(here->patient, errand);
}

/* ---- the question ---- */

static bool data_user_verify(const struct here *here, const struct ehr_msg_access_ask *ask,
                             uint32_t node, struct ehr_cert_verified *verified)
{
    if (ask->certificates == NULL || ask->certificates->length != EHR_CERT_BYTES)
        return false;
    const struct ehr_part chain[2] = {
        {here->directory->root_certificate, EHR_CERT_BYTES},
        {ask->certificates->bytes, EHR_CERT_BYTES},
    };
    const struct ehr_cert_policy policy = {
        .root_id = here->directory->root.id,
        .role = EHR_ROLE_DATA_USER,
        .now = ehr_fx_now(here->fx),
    };
    ehr_fx_charge(here->fx, EHR_COST_CERT_VERIFY, 1, 0); /* the root's is known */
    if (ehr_cert_chain_verify(verified, chain, 2, &policy) != EHR_OK)
        return false;
    for (uint32_t i = 0; i < here->directory->data_user_count; i++)
        if (here->directory->data_users[i].node == node)
            return memcmp(here->directory->data_users[i].cert.id, verified->cert.id, 32) == 0;
    return false;
}

static enum ehr_reply consent_decide(const struct here *here, struct errand *errand,
                                     const struct ehr_msg_access_ask *ask)
{
    struct ehr_cert_verified verified;
    if (!data_user_verify(here, ask, errand->data_user.node, &verified))
        return EHR_REPLY_WRONG_CERTIFICATE;
    struct ehr_index_keyword keyword;
    if (ask->keyword == NULL ||
        ehr_index_keyword_make(&keyword, ask->keyword->bytes, ask->keyword->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    if (patient_draw_unit(here) >= here->config->consent)
        return EHR_REPLY_CONSENT_DENIED;
    ehr_index_keyword_hash(errand->kw, &keyword);
    memcpy(errand->du_cert_id, verified.cert.id, 32);
    memcpy(errand->Y, verified.cert.dh_pk.bytes, 32);
    return EHR_REPLY_OK;
}

void patient_on_access_ask(const struct here *here, const struct ehr_delivery *d)
{
    patient_consent_begin(here, d, EHR_AS(access_ask, d->message), 0);
}

void patient_consent_begin(const struct here *here, const struct ehr_delivery *d,
                           const struct ehr_msg_access_ask *ask, uint8_t visits)
{
    if (patient_errand_find(here, ask->request) != NULL || answer_again(here, d, ask->request))
        return; /* asked again */
    struct errand *errand = patient_errand_new(here, ask->request, ERRAND_CONSENT);
    errand->data_user = d->from;
    errand->purpose = ask->purpose;
    errand->visit_request = ask->visit;
    errand->wanted = visits;
    enum ehr_reply decision = consent_decide(here, errand, ask);
    if (decision != EHR_REPLY_OK) {
        patient_consent_answer(here, errand, decision);
        return;
    }
    if (ask->visit == 0 || patient_visit_by_request(here, ask->visit) != NULL)
        patient_consent_search(here, errand);
    else
        patient_receipt_await(here, errand);
}

void patient_consent_search(const struct here *here, struct errand *errand)
{
    uint64_t min_height =
        errand->visit_request != 0 ? patient_visit_height(here, errand->visit_request) : 0;
    if (!patient_search_start(here, errand, errand->kw, 1, errand->purpose, min_height))
        patient_consent_answer(here, errand, EHR_REPLY_NOT_FOUND);
}

/* ---- the grant ---- */

struct ehr_blob *patient_scope_make(const struct errand *errand)
{
    const uint8_t *commitments;
    size_t count = patient_search_commitments(errand->search, &commitments);
    struct ehr_blob *scope = ehr_blob_new(NULL, EHR_SCOPE_BYTES(count));
    if (ehr_scope_encode(scope->bytes, errand->purpose, commitments, count) == EHR_OK)
        return scope;
    ehr_blob_unref(scope);
    return NULL;
}

bool patient_grant_make(const struct here *here, struct errand *errand)
{
    const struct ehr_directory *directory = here->directory;
    const struct patient_visit *visit = &here->patient->visits[errand->visit];
    uint8_t scope_hash[32], cert_ids[32 * EHR_GRANT_PROXIES_MAX];
    uint8_t node_keys[32 * EHR_GRANT_PROXIES_MAX], gctx[32];
    for (size_t i = 0; i < directory->proxies && i < EHR_GRANT_PROXIES_MAX; i++) {
        memcpy(cert_ids + 32 * i, directory->alliance.members[i].cert.id, 32);
        memcpy(node_keys + 32 * i, directory->alliance.members[i].epoch_key.bytes, 32);
    }
    ehr_scope_hash(scope_hash, errand->scope->bytes, errand->scope->length);
    const struct ehr_grant_terms terms = {
        .keys = &visit->keys,
        .Y = errand->Y,
        .hid = directory->hospitals[visit->hospital].server.cert.id,
        .du_cert_id = errand->du_cert_id,
        .scope_hash = scope_hash,
        .epoch = directory->epoch,
        .threshold = directory->threshold,
        .proxies = directory->proxies,
        .cert_ids = cert_ids,
        .node_keys = node_keys,
        .not_before = here->patient->known_height,
        .not_after = here->patient->known_height + GRANT_HEIGHTS,
    };
    errand->grant = ehr_blob_new(NULL, EHR_GRANT_BYTES(directory->proxies));
    ehr_fx_charge(here->fx, EHR_COST_GRANT_BASE, 1, 0);
    ehr_fx_charge(here->fx, EHR_COST_GRANT_PER_PROXY, directory->proxies, 0);
    struct ehr_grant view;
    if (ehr_grant_make(errand->grant->bytes, errand->grant->length, &terms,
                       &here->patient->crypto.rng) != EHR_OK ||
        ehr_grant_parse(&view, errand->grant->bytes, errand->grant->length) != EHR_OK)
        return false;
    ehr_grant_id(gctx, errand->grant_id, &view);
    return true;
}

/* The visit that was asked for, and no other in its place; where none was, the newest with that
 * keyword. */
static const struct found *visit_choose(const struct here *here, const struct errand *errand)
{
    if (errand->visit_request == 0)
        return patient_search_newest(errand->search);
    const struct patient_visit *asked = patient_visit_shared(here, errand->visit_request);
    return patient_search_by_txid(errand->search, asked->txid);
}

void patient_consent_found(const struct here *here, struct errand *errand)
{
    if (errand->visit_request != 0 && patient_visit_shared(here, errand->visit_request) == NULL) {
        patient_receipt_await(here, errand);
        return;
    }
    if (errand->wanted > 0) {
        patient_batch_found(here, errand);
        return;
    }
    const struct found *found = visit_choose(here, errand);
    if (found == NULL) {
        patient_consent_answer(here, errand, EHR_REPLY_NOT_FOUND);
        return;
    }
    errand->visit = found->visit;
    errand->atx = ehr_blob_ref(found->atx);
    memcpy(errand->txid, found->txid, 32);
    /* the block of the hit exists: a grant must not begin below what the nodes have executed */
    patient_height_seen(here, found->height);
    errand->scope = patient_scope_make(errand);
    if (errand->scope == NULL || !patient_grant_make(here, errand)) {
        patient_consent_answer(here, errand, EHR_REPLY_BAD_GRANT);
        return;
    }
    const struct ehr_grant_tx terms = {
        .txid = errand->txid,
        .scope = errand->scope->bytes,
        .scope_len = errand->scope->length,
        .grant = errand->grant->bytes,
        .grant_len = errand->grant->length,
    };
    struct ehr_blob *bytes = ehr_grant_tx_make(&terms);
    ehr_mark_phase(here->fx, errand->request, EHR_PHASE_ORDER);
    patient_submit(here, errand, EHR_TX_GRANT, bytes);
    ehr_blob_unref(bytes);
}
