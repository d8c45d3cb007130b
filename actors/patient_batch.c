/* D.2 for several visits: one search, a grant for each visit found, one transaction. */
#include "actors/patient_internal.h"

#include <string.h>

#include "sim/ledger/grant_batch.h"
#include "sim/ledger/scope_proof.h"

struct batch_item {
    uint32_t visit; /* index */
    uint8_t txid[32], grant_id[32];
    struct ehr_blob *atx, *grant;
    struct ehr_blob *trapdoor; /* NULL where scopes are not enforced */
};

/* What a member of the alliance said of each item. */
struct batch_word {
    bool there;
    uint8_t statuses[EHR_GRANT_BATCH_MAX];
};

struct batch {
    uint32_t count;
    struct batch_item item[EHR_GRANT_BATCH_MAX];
    struct batch_word *words; /* by member */
    bool through;             /* the transaction is, with `result`; words are missing */
    struct ehr_client_result result;
};

void patient_batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (uint32_t i = 0; i < batch->count; i++) {
        ehr_blob_unref(batch->item[i].atx);
        ehr_blob_unref(batch->item[i].grant);
        ehr_blob_unref(batch->item[i].trapdoor);
    }
    free(batch->words);
    free(batch);
}

void patient_on_batch_ask(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_batch_ask *ask = EHR_AS(batch_ask, d->message);
    if (ask->visits == 0 || ask->visits > EHR_GRANT_BATCH_MAX) {
        patient_drop(here, d->message);
        return;
    }
    const struct ehr_msg_access_ask one = {.request = ask->request,
                                           .purpose = ask->purpose,
                                           .visit = ask->visit,
                                           .certificates = ask->certificates,
                                           .keyword = ask->keyword};
    patient_consent_begin(here, d, &one, ask->visits);
}

/* ---- the grants ---- */

/* The visit asked for first, then the newest: the order in which they are taken. */
static bool goes_before(const struct found *a, const struct found *b, const struct found *asked)
{
    if (a == asked || b == asked)
        return a == asked;
    return a->height > b->height;
}

/* Up to `wanted` own visits with the keyword; how many. */
static uint32_t visits_choose(const struct here *here, const struct errand *errand,
                              const struct found **chosen)
{
    const struct found *all;
    const struct patient_visit *visit =
        errand->visit_request != 0 ? patient_visit_by_request(here, errand->visit_request) : NULL;
    const struct found *asked =
        visit != NULL && visit->shared ? patient_search_by_txid(errand->search, visit->txid) : NULL;
    uint32_t total = patient_search_found(errand->search, &all), count = 0;
    for (uint32_t i = 0; i < total; i++) {
        if (all[i].visit == UINT32_MAX || !all[i].wanted)
            continue;
        uint32_t at = count < errand->wanted ? count++ : count;
        for (; at > 0 && goes_before(&all[i], chosen[at - 1], asked); at--)
            if (at < errand->wanted)
                chosen[at] = chosen[at - 1];
        if (at < errand->wanted)
            chosen[at] = &all[i];
    }
    return count;
}

static bool item_make(const struct here *here, struct errand *errand, const struct found *found)
{
    struct batch_item *item = &errand->batch->item[errand->batch->count];
    errand->visit = found->visit;
    if (!patient_grant_make(here, errand))
        return false;
    item->visit = found->visit;
    memcpy(item->txid, found->txid, 32);
    memcpy(item->grant_id, errand->grant_id, 32);
    item->atx = ehr_blob_ref(found->atx);
    item->grant = errand->grant;
    errand->grant = NULL;
    errand->batch->count++;
    if (here->directory->scope_enforced) {
        item->trapdoor = ehr_blob_new(NULL, EHR_SCOPE_PROOF_BOX_BYTES);
        return patient_scope_prove(here, errand, item->atx, item->grant_id, item->trapdoor->bytes);
    }
    return true;
}

static void batch_submit(const struct here *here, struct errand *errand)
{
    struct ehr_grant_batch terms = {.count = errand->batch->count,
                                    .scope = errand->scope->bytes,
                                    .scope_len = errand->scope->length};
    for (uint32_t i = 0; i < terms.count; i++) {
        const struct batch_item *item = &errand->batch->item[i];
        terms.item[i] =
            (struct ehr_grant_item){item->txid, item->grant->bytes, item->grant->length};
    }
    struct ehr_blob *bytes = ehr_grant_batch_make(&terms);
    ehr_mark_phase(here->fx, errand->request, EHR_PHASE_ORDER);
    patient_submit(here, errand, EHR_TX_GRANT_BATCH, bytes);
    ehr_blob_unref(bytes);
}

void patient_batch_found(const struct here *here, struct errand *errand)
{
    const struct found *chosen[EHR_GRANT_BATCH_MAX];
    uint32_t count = visits_choose(here, errand, chosen);
    if (count == 0) {
        patient_consent_answer(here, errand, EHR_REPLY_NOT_FOUND);
        return;
    }
    for (uint32_t i = 0; i < count; i++) /* as for one grant: not below what nodes have executed */
        patient_height_seen(here, chosen[i]->height);
    errand->batch = ehr_actor_new(sizeof(*errand->batch));
    errand->batch->words =
        ehr_actor_new(here->directory->alliance.count * sizeof(*errand->batch->words));
    errand->scope = patient_scope_make(errand);
    bool made = errand->scope != NULL;
    for (uint32_t i = 0; made && i < count; i++)
        made = item_make(here, errand, chosen[i]);
    if (made)
        batch_submit(here, errand);
    else
        patient_consent_answer(here, errand, EHR_REPLY_BAD_GRANT);
}

/* ---- what became of them ---- */

/* What f+1 members say alike; NULL: nothing yet. */
static const uint8_t *statuses_agreed(const struct here *here, const struct batch *batch)
{
    const struct ehr_committee *alliance = &here->directory->alliance;
    for (uint32_t i = 0; i < alliance->count; i++) {
        uint32_t equal = 0;
        for (uint32_t k = 0; k < alliance->count; k++)
            equal += batch->words[k].there &&
                     memcmp(batch->words[i].statuses, batch->words[k].statuses, batch->count) == 0;
        if (batch->words[i].there && equal >= alliance->client_quorum)
            return batch->words[i].statuses;
    }
    return NULL;
}

void patient_on_reply_items(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply_items *items = EHR_AS(reply_items, d->message);
    struct errand *errand = patient_errand_find(here, items->request);
    uint32_t member = ehr_committee_replica(&here->directory->alliance, d->from.node);
    if (errand == NULL || errand->batch == NULL)
        return; /* more than the quorum is normal */
    const struct ehr_tx *tx = ehr_client_tx(&errand->client);
    if (member == UINT32_MAX || tx == NULL || memcmp(tx->id, items->tx_id, 32) != 0 ||
        items->statuses == NULL || items->statuses->length != errand->batch->count) {
        patient_drop(here, d->message);
        return;
    }
    struct batch_word *word = &errand->batch->words[member];
    word->there = true;
    memcpy(word->statuses, items->statuses->bytes, items->statuses->length);
    if (errand->batch->through && statuses_agreed(here, errand->batch) != NULL) {
        const struct ehr_client_result result = errand->batch->result;
        patient_submitted(here, errand, &result);
    }
}

bool patient_batch_settled(const struct here *here, struct errand *errand,
                           const struct ehr_client_result *result)
{
    if (errand->batch == NULL || statuses_agreed(here, errand->batch) != NULL)
        return true;
    errand->batch->through = true;
    errand->batch->result = *result;
    return false;
}

static void answer_fill(const struct here *here, const struct batch_item *item, uint8_t status,
                        struct ehr_batch_answer *answer)
{
    static const uint8_t nothing[1];
    const struct patient_visit *visit = &here->patient->visits[item->visit];
    bool granted = status == EHR_REPLY_OK || status == EHR_REPLY_DUPLICATE;
    *answer = (struct ehr_batch_answer){.status = granted ? EHR_REPLY_OK : status,
                                        .visit = (uint32_t)visit->request,
                                        .txid = item->txid,
                                        .index = nothing,
                                        .grant = nothing,
                                        .trapdoor = nothing};
    if (!granted)
        return;
    answer->index = item->atx->bytes;
    answer->index_len = item->atx->length;
    answer->grant = item->grant->bytes;
    answer->grant_len = item->grant->length;
    if (item->trapdoor != NULL) {
        answer->trapdoor = item->trapdoor->bytes;
        answer->trapdoor_len = item->trapdoor->length;
    }
    patient_grant_keep(here, item->grant_id, item->visit);
}

struct ehr_message *patient_batch_answer(const struct here *here, struct errand *errand,
                                         enum ehr_reply reply)
{
    struct ehr_msg_batch_reply *answer = EHR_NEW(batch_reply, BATCH_REPLY);
    answer->request = errand->request;
    answer->status = (uint8_t)reply;
    if (reply == EHR_REPLY_OK) {
        struct ehr_batch_answer answers[EHR_GRANT_BATCH_MAX];
        const struct batch *batch = errand->batch;
        const uint8_t *statuses = statuses_agreed(here, batch);
        for (uint32_t i = 0; i < batch->count; i++)
            answer_fill(here, &batch->item[i], statuses[i], &answers[i]);
        answer->scope = ehr_blob_ref(errand->scope);
        answer->items = ehr_batch_answers_make(answers, batch->count);
    }
    return ehr_message_seal(&answer->head);
}
