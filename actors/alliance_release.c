/* How an alliance node gets a record (crypto.md f, protocol.md C.3-6): a private node locates the
 * private part of the leaf, the hospital compares its hash and releases, this node checks again. */
#include <assert.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/pseudonym.h"
#include "crypto/record.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

struct job_slot {
    struct release_job job; /* key: request */
    UT_hash_handle hh;
};

/* Jobs hang off chain_node.jobs, whose first member they are. */
static struct job_slot *slots(const struct chain_node *self)
{
    return (struct job_slot *)(void *)self->jobs;
}

static struct job_slot *job_find(const struct chain_node *self, uint64_t request)
{
    struct job_slot *head = slots(self), *found = NULL;
    HASH_FIND(hh, head, &request, sizeof request, found);
    return found;
}

static void job_drop(struct chain_node *self, struct job_slot *slot)
{
    struct job_slot *head = slots(self);
    HASH_DELETE(hh, head, slot);
    self->jobs = head == NULL ? NULL : &head->job;
    ehr_blob_unref(slot->job.entry);
    free(slot);
}

static void job_refuse(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot,
                       enum ehr_reply status)
{
    const struct release_job *job = &slot->job;
    if (job->kind == RELEASE_TO_DATA_USER) {
        proxy_refuse(self, fx, job, status);
    } else {
        struct ehr_msg_record *record = EHR_NEW(record, RECORD);
        record->request = job->request;
        record->status = (uint8_t)status;
        memcpy(record->txid, job->txid, 32);
        ehr_fx_send(fx, job->client, ehr_message_seal(&record->head));
    }
    job_drop(self, slot);
}

/* ---- locate ---- */

static void job_timer(struct chain_node *self, struct ehr_fx *fx, struct release_job *job)
{
    job->attempt++;
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_JOB, job->request << 16 | job->attempt,
                 self->config.directory->retry_ns);
}

/* Asks the next private node of the hospital; up to f+1 of them, as one of them is correct. */
static void job_locate(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot)
{
    struct release_job *job = &slot->job;
    const struct ehr_committee *committee =
        &self->config.directory->hospitals[job->hospital].committee;
    struct ehr_atx atx;
    enum ehr_status status = ehr_atx_parse(&atx, job->visit->tx->bytes, job->visit->tx->length);
    assert(status == EHR_OK); /* it stands on the chain */
    if (job->asked > ehr_engine_faults(committee->count)) {
        job_refuse(self, fx, slot, EHR_REPLY_NODE_UNREACHABLE);
        return;
    }
    /* different nodes start at different replicas, which spreads the load */
    uint32_t replica = (self->config.replica + job->asked) % committee->count;
    job->asked++;
    struct ehr_msg_locate *locate = EHR_NEW(locate, LOCATE);
    locate->request = job->request;
    memcpy(locate->block_hash, atx.block_hash, 32);
    locate->leaf = atx.leaf_index;
    ehr_fx_send(fx, (struct ehr_address){committee->members[replica].node, 0},
                ehr_message_seal(&locate->head));
    job_timer(self, fx, job);
}

void release_begin(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job)
{
    struct job_slot *head = slots(self);
    if (job_find(self, job->request) != NULL)
        return; /* asked again: the answer is on its way */
    struct job_slot *slot = ehr_actor_new(sizeof *slot);
    slot->job = *job;
    HASH_ADD(hh, head, job.request, sizeof slot->job.request, slot);
    self->jobs = &head->job;
    job_locate(self, fx, slot);
}

static void job_compare(struct chain_node *self, struct ehr_fx *fx, struct release_job *job)
{
    const struct ehr_hospital_info *hospital = &self->config.directory->hospitals[job->hospital];
    struct ehr_atx atx;
    struct ehr_entry entry;
    enum ehr_status status = ehr_atx_parse(&atx, job->visit->tx->bytes, job->visit->tx->length);
    assert(status == EHR_OK);
    status = ehr_entry_parse(&entry, job->entry->bytes, job->entry->length);
    assert(status == EHR_OK); /* checked when it was located */
    struct ehr_msg_compare *compare = EHR_NEW(compare, COMPARE);
    compare->request = job->request;
    memcpy(compare->pseudonym, atx.pseudonym, 32);
    memcpy(compare->ct_hash, entry.ct_hash, 32);
    compare->whole = job->whole;
    if (job->kind == RELEASE_TO_PATIENT)
        ehr_mark_phase(fx, job->request, EHR_PHASE_COMPARE);
    else if (job->whole)
        ehr_mark_phase(fx, job->request, EHR_PHASE_FETCH);
    ehr_fx_send(fx, (struct ehr_address){hospital->server.node, 0},
                ehr_message_seal(&compare->head));
    job_timer(self, fx, job);
}

void chain_node_on_located(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_located *located = EHR_AS(located, d->message);
    struct job_slot *slot = job_find(self, located->request);
    struct ehr_entry entry;
    struct ehr_atx atx;
    if (slot == NULL || slot->job.comparing)
        return; /* late */
    const struct ehr_committee *committee =
        &self->config.directory->hospitals[slot->job.hospital].committee;
    if (ehr_committee_replica(committee, d->from.node) == UINT32_MAX) {
        chain_node_drop(self, fx, d->message->type);
        return;
    }
    ehr_fx_charge(fx, EHR_COST_HASH, 2, 0);
    if (located->status != EHR_REPLY_OK || located->entry == NULL ||
        ehr_entry_parse(&entry, located->entry->bytes, located->entry->length) != EHR_OK ||
        ehr_atx_parse(&atx, slot->job.visit->tx->bytes, slot->job.visit->tx->length) != EHR_OK ||
        !ehr_entry_matches(&entry, atx.priv)) {
        job_locate(self, fx, slot); /* not the leaf on chain: ask another */
        return;
    }
    slot->job.entry = ehr_blob_ref(located->entry);
    slot->job.comparing = true;
    job_compare(self, fx, &slot->job);
}

/* ---- release ---- */

/* Whether what the hospital released has the hash on chain. */
static bool released_matches(const struct ehr_msg_release *release, bool whole,
                             const struct ehr_entry *entry)
{
    uint8_t body_hash[32], ct_hash[32];
    if (release->sealed_head == NULL || release->sealed_head->length != EHR_RECORD_HEAD_BYTES)
        return false;
    memcpy(body_hash, release->body_hash, 32);
    if (whole) {
        const struct ehr_blob *record = release->record;
        if (record == NULL || record->length != entry->ct_len ||
            record->length < EHR_RECORD_HEAD_BYTES ||
            memcmp(record->bytes, release->sealed_head->bytes, EHR_RECORD_HEAD_BYTES) != 0)
            return false;
        ehr_record_body_hash(body_hash, record->bytes + EHR_RECORD_HEAD_BYTES,
                             record->length - EHR_RECORD_HEAD_BYTES);
    }
    ehr_record_ct_hash(ct_hash, release->sealed_head->bytes, body_hash);
    return memcmp(ct_hash, entry->ct_hash, 32) == 0;
}

/* A signed complaint to all alliance nodes: the hospital holds another ciphertext (crypto.md f). */
static void complain(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job,
                     const struct ehr_msg_release *release)
{
    const struct ehr_hospital_info *hospital = &self->config.directory->hospitals[job->hospital];
    uint8_t digest[32];
    struct ehr_msg_complaint *complaint = EHR_NEW(complaint, COMPLAINT);
    memcpy(complaint->accused, hospital->server.cert.id, 32);
    memcpy(complaint->txid, job->txid, 32);
    if (release->record != NULL && release->record->length >= EHR_RECORD_HEAD_BYTES)
        ehr_record_hash(complaint->ct_hash, release->record->bytes, release->record->length);
    else if (release->sealed_head != NULL && release->sealed_head->length == EHR_RECORD_HEAD_BYTES)
        ehr_record_ct_hash(complaint->ct_hash, release->sealed_head->bytes, release->body_hash);
    complaint->height = self->height;
    EHR_HASH32(digest, "complaint", EHR_H(complaint->accused), EHR_H(complaint->txid),
               EHR_H(complaint->ct_hash), EHR_U64(complaint->height));
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_sign_make(complaint->signature, &self->config.secrets.sign, "sig-compl", digest);
    ehr_mark(fx, EHR_MARK_BLAME, job->request, 0, hospital->server.node);
    ehr_fx_broadcast(fx, self->config.committee->group, ehr_message_seal(&complaint->head));
}

void chain_node_on_release(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_release *release = EHR_AS(release, d->message);
    struct job_slot *slot = job_find(self, release->request);
    struct ehr_entry entry;
    if (slot == NULL || !slot->job.comparing)
        return; /* late */
    struct release_job *job = &slot->job;
    if (d->from.node != self->config.directory->hospitals[job->hospital].server.node) {
        chain_node_drop(self, fx, d->message->type);
        return;
    }
    if (release->status != EHR_REPLY_OK) {
        if (release->status == EHR_REPLY_TAMPERED) /* it owns up to another ciphertext */
            complain(self, fx, job, release);
        job_refuse(self, fx, slot, (enum ehr_reply)release->status);
        return;
    }
    enum ehr_status status = ehr_entry_parse(&entry, job->entry->bytes, job->entry->length);
    assert(status == EHR_OK);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, release->record == NULL ? 0 : release->record->length);
    if (!released_matches(release, job->whole, &entry)) {
        complain(self, fx, job, release);
        job_refuse(self, fx, slot, EHR_REPLY_TAMPERED);
        return;
    }
    if (job->kind == RELEASE_TO_DATA_USER) {
        if (job->whole)
            ehr_mark_phase(fx, job->request, EHR_PHASE_REENCRYPT);
        proxy_answer(self, fx, job, release);
    } else {
        struct ehr_msg_record *record = EHR_NEW(record, RECORD);
        ehr_mark_phase(fx, job->request, EHR_PHASE_FETCH);
        record->request = job->request;
        record->status = EHR_REPLY_OK;
        memcpy(record->txid, job->txid, 32);
        record->entry = ehr_blob_ref(job->entry);
        record->record = ehr_blob_ref(release->record);
        ehr_fx_send(fx, job->client, ehr_message_seal(&record->head));
    }
    job_drop(self, slot);
}

void chain_node_on_job_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation)
{
    struct job_slot *slot = job_find(self, generation >> 16);
    if (slot == NULL || slot->job.attempt != (generation & 0xffff))
        return; /* it got its answer */
    if (!slot->job.comparing)
        job_locate(self, fx, slot);
    else
        job_refuse(self, fx, slot, EHR_REPLY_HOSPITAL_UNREACHABLE);
}

/* ---- a patient's request ---- */

static enum ehr_reply fetch_check(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_msg_fetch *fetch,
                                  const struct ehr_index_entry **visit, uint32_t *hospital)
{
    struct ehr_atx atx;
    *visit = ehr_contract_index_find(self->config.chain->contract, fetch->txid, self->certified);
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, 1, 0);
    if (*visit == NULL || ehr_atx_parse(&atx, (*visit)->tx->bytes, (*visit)->tx->length) != EHR_OK)
        return EHR_REPLY_NOT_FOUND;
    *hospital = ehr_directory_hospital(self->config.directory, atx.hid);
    if (fetch->height > self->certified ||
        fetch->height + 2 * self->config.query_expiry_max < self->certified)
        return EHR_REPLY_QUERY_EXPIRED;
    ehr_fx_charge(fx, EHR_COST_SCHNORR_VERIFY, 1, 0);
    if (ehr_own_verify(atx.pseudonym, fetch->query_id, chain_node_self(self)->cert.id,
                       fetch->height, fetch->proof) != EHR_OK)
        return EHR_REPLY_FOREIGN_TRAPDOOR; /* whoever asks does not own the pseudonym */
    return EHR_REPLY_OK;
}

void chain_node_on_fetch(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_fetch *fetch = EHR_AS(fetch, d->message);
    struct release_job job = {
        .request = fetch->request, .kind = RELEASE_TO_PATIENT, .client = d->from, .whole = true};
    memcpy(job.txid, fetch->txid, 32);
    enum ehr_reply status = fetch_check(self, fx, fetch, &job.visit, &job.hospital);
    if (status == EHR_REPLY_OK) {
        release_begin(self, fx, &job);
        return;
    }
    struct ehr_msg_record *record = EHR_NEW(record, RECORD);
    record->request = fetch->request;
    record->status = (uint8_t)status;
    memcpy(record->txid, fetch->txid, 32);
    ehr_fx_send(fx, d->from, ehr_message_seal(&record->head));
}

void chain_node_release_close(struct chain_node *self)
{
    while (self->jobs != NULL)
        job_drop(self, slots(self));
}
