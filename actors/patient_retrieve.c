/* C: the patient fetches a record of its own at another hospital. */
#include <assert.h>
#include <string.h>

#include "actors/patient_internal.h"
#include "actors/visit_keywords.h"
#include "crypto/record.h"
#include "sim/ledger/wire.h"

/* `wanted` different keywords of the record, or all if it has fewer, as the patient remembers its
 * visit; how many. */
static size_t keywords_draw(const struct here *here, uint32_t index, uint8_t *kw, size_t wanted)
{
    struct ehr_record record;
    struct ehr_visit_keywords keywords;
    if (index >= here->config->cases->count)
        return 0;
    here->config->cases->get(here->config->cases, index, &record);
    ehr_visit_keywords_make(&keywords, &record);
    ehr_record_close(&record);
    size_t count = 0;
    for (; count < wanted && count < keywords.count; count++) {
        size_t left = keywords.count - count, drawn = patient_draw_below(here, left);
        memcpy(kw + 32 * count, keywords.kw[drawn], 32);
        memcpy(keywords.kw[drawn], keywords.kw[left - 1], 32); /* not again */
    }
    return count;
}

void patient_on_begin_retrieve(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_begin_retrieve *begin = EHR_AS(begin_retrieve, d->message);
    if (d->from.node != here->directory->workload ||
        patient_errand_find(here, begin->request) != NULL) {
        patient_drop(here, d->message);
        return;
    }
    ehr_mark_phase(here->fx, begin->request, EHR_PHASE_SEARCH);
    struct errand *errand = patient_errand_new(here, begin->request, ERRAND_RETRIEVE);
    errand->visit_request = begin->visit;
    errand->record = begin->record;
    if (patient_visit_by_request(here, begin->visit) != NULL)
        patient_retrieve_search(here, errand);
    else
        patient_receipt_await(here, errand);
}

void patient_retrieve_search(const struct here *here, struct errand *errand)
{
    uint8_t kw[32 * EHR_INDEX_RECORD_KEYWORDS_MAX];
    size_t terms = here->config->keywords;
    assert(terms >= 1 && terms <= EHR_INDEX_RECORD_KEYWORDS_MAX);
    terms = keywords_draw(here, errand->record, kw, terms);
    if (terms == 0 || !patient_search_start(here, errand, kw, terms, 0,
                                            patient_visit_height(here, errand->visit_request))) {
        patient_errand_close(here, errand, EHR_REPLY_NOT_FOUND);
        return;
    }
    ehr_mark(here->fx, EHR_MARK_SENT, errand->request, 0, 0);
}

static const struct found *target_of(const struct here *here, const struct errand *errand)
{
    const struct patient_visit *visit = patient_visit_by_request(here, errand->visit_request);
    return visit->shared ? patient_search_by_txid(errand->search, visit->txid) : NULL;
}

/* Asks the holder whose turn it is, with the proof that P is the patient's. */
static void fetch_send(const struct here *here, struct errand *errand)
{
    const struct found *target = target_of(here, errand);
    const struct patient_visit *visit = &here->patient->visits[target->visit];
    uint32_t member = target->holders[errand->holder];
    const struct ehr_member *node = &here->directory->alliance.members[member];
    struct ehr_point P;
    struct ehr_msg_fetch *fetch = EHR_NEW(fetch, FETCH);
    fetch->request = errand->request;
    memcpy(fetch->query_id, patient_search_query_id(errand->search), 32);
    memcpy(fetch->txid, target->txid, 32);
    fetch->height = patient_search_height(errand->search, member);
    ehr_fx_charge(here->fx, EHR_COST_SCHNORR_SIGN, 1, 0);
    if (ehr_point_import(&P, visit->pseudonym) != EHR_OK ||
        ehr_own_sign(fetch->proof, &visit->keys.p, &P, fetch->query_id, node->cert.id,
                     fetch->height, &here->patient->crypto.rng) != EHR_OK) {
        ehr_message_unref(&fetch->head);
        return;
    }
    ehr_fx_send(here->fx, (struct ehr_address){node->node, 0}, ehr_message_seal(&fetch->head));
}

/* The next holder that has not refused; there is one. */
static void holder_next(const struct here *here, struct errand *errand)
{
    const struct found *target = target_of(here, errand);
    do
        errand->holder = (errand->holder + 1) % target->holder_count;
    while (errand->refused_by[errand->holder]);
}

void patient_retrieve_found(const struct here *here, struct errand *errand)
{
    const struct found *target = target_of(here, errand);
    if (target == NULL) {
        if (patient_visit_shared(here, errand->visit_request) != NULL)
            patient_errand_close(here, errand, EHR_REPLY_NOT_FOUND);
        else
            patient_receipt_await(here, errand);
        return;
    }
    errand->refused_by = ehr_actor_new(target->holder_count * sizeof(bool));
    ehr_mark_phase(here->fx, errand->request, EHR_PHASE_LOCATE);
    fetch_send(here, errand);
    ehr_patience_start(&errand->fetching, here->fx, here->directory, PATIENT_TIMER,
                       ++here->patient->generation);
}

/* This holder will not do; the last one's reason ends the request. */
static void holder_refused(const struct here *here, struct errand *errand, uint32_t holder,
                           enum ehr_reply reply)
{
    if (errand->refused_by[holder])
        return;
    errand->refused_by[holder] = true;
    errand->refused++;
    if (errand->refused == target_of(here, errand)->holder_count) {
        patient_errand_close(here, errand, reply);
        return;
    }
    if (holder != errand->holder)
        return; /* another one is being asked already */
    ehr_mark_phase(here->fx, errand->request, EHR_PHASE_LOCATE);
    holder_next(here, errand);
    fetch_send(here, errand);
}

bool patient_retrieve_timer(const struct here *here, struct errand *errand, uint64_t generation)
{
    if (errand->fetching.generation != generation)
        return false;
    if (!ehr_patience_on_timer(&errand->fetching, here->fx, here->directory, PATIENT_TIMER)) {
        patient_errand_time_out(here, errand, EHR_REPLY_NODE_UNREACHABLE);
        return true;
    }
    holder_next(here, errand);
    fetch_send(here, errand);
    return true;
}

/* Whether what came is what the index transaction commits to. */
static bool record_is_committed(const struct here *here, const struct found *target,
                                const struct ehr_msg_record *message)
{
    struct ehr_atx atx;
    struct ehr_entry entry;
    if (message->record == NULL || message->record->length < EHR_RECORD_HEAD_BYTES ||
        message->entry == NULL ||
        ehr_entry_parse(&entry, message->entry->bytes, message->entry->length) != EHR_OK ||
        ehr_atx_parse(&atx, target->atx->bytes, target->atx->length) != EHR_OK)
        return false;
    uint8_t ct_hash[32];
    ehr_record_hash(ct_hash, message->record->bytes, message->record->length);
    ehr_fx_charge(here->fx, EHR_COST_HASH, 3, message->record->length + message->entry->length);
    return ehr_entry_matches(&entry, atx.priv) && memcmp(ct_hash, entry.ct_hash, 32) == 0;
}

static void record_open(const struct here *here, struct errand *errand,
                        const struct patient_visit *visit, const struct ehr_blob *sealed)
{
    const uint8_t *hid = here->directory->hospitals[visit->hospital].server.cert.id;
    struct ehr_point P;
    uint8_t *text = ehr_actor_new(sealed->length);
    size_t length = 0;
    ehr_fx_charge(here->fx, EHR_COST_DECAP, 1, 0);
    ehr_fx_charge(here->fx, EHR_COST_OPEN, 1, sealed->length);
    bool same = ehr_point_import(&P, visit->pseudonym) == EHR_OK &&
                ehr_record_open(text, sealed->length, &length, sealed->bytes, sealed->length,
                                &visit->keys.q, &P, hid) == EHR_OK &&
                ehr_cases_identical(here->config->cases, errand->record, text, length);
    ehr_wipe(text, sealed->length);
    free(text);
    if (same)
        ehr_mark(here->fx, EHR_MARK_IDENTICAL, errand->request, 0, 0);
    patient_errand_close(here, errand, same ? EHR_REPLY_OK : EHR_REPLY_RECORD_MISMATCH);
}

static uint32_t holder_of(const struct here *here, const struct found *target, uint32_t node)
{
    uint32_t member = ehr_committee_replica(&here->directory->alliance, node);
    for (uint32_t i = 0; i < target->holder_count; i++)
        if (target->holders[i] == member)
            return i;
    return UINT32_MAX;
}

void patient_on_record(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_record *message = EHR_AS(record, d->message);
    struct errand *errand = patient_errand_find(here, message->request);
    if (errand == NULL || errand->kind != ERRAND_RETRIEVE || errand->fetching.generation == 0) {
        patient_drop(here, d->message);
        return;
    }
    const struct found *target = target_of(here, errand);
    uint32_t holder = holder_of(here, target, d->from.node);
    if (holder == UINT32_MAX || memcmp(message->txid, target->txid, 32) != 0) {
        patient_drop(here, d->message);
        return;
    }
    if (message->status == EHR_REPLY_BEHIND)
        return; /* back from a crash, and soon where it was; the timer asks the next */
    if (message->status != EHR_REPLY_OK) {
        holder_refused(here, errand, holder, ehr_reply_refusal(message->status));
        return;
    }
    ehr_mark_phase(here->fx, errand->request, EHR_PHASE_OPEN);
    if (!record_is_committed(here, target, message)) {
        /* the node had to check that before it sent it */
        ehr_mark(here->fx, EHR_MARK_BLAME, errand->request, 0, d->from.node);
        holder_refused(here, errand, holder, EHR_REPLY_TAMPERED);
        return;
    }
    record_open(here, errand, &here->patient->visits[target->visit], message->record);
}
