/* How an alliance node gets a record (crypto.md f, protocol.md C.3-6): a private node locates the
 * private part of the leaf, the hospital compares its hash and releases, this node checks again. */
#include <assert.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/blame.h"
#include "crypto/hash.h"
#include "crypto/pseudonym.h"
#include "crypto/record.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

/* Who asked for what: the same again while the job runs is answered by the one that runs. */
struct job_name {
    struct ehr_address client;
    uint64_t request;
    uint8_t txid[32];
};

struct job_slot {
    struct release_job job;
    struct job_name name;
    uint32_t serial;
    uint32_t hospital;
    uint32_t asked;   /* private nodes, cyclically, so far */
    uint32_t refuted; /* of them: gave an entry that is not the leaf's, or none */
    uint32_t attempt; /* of the timer that is awaited */
    bool comparing;
    uint64_t began_ns, delay_ns;
    UT_hash_handle hh;      /* by serial */
    UT_hash_handle by_name; /* by name */
};

/* What others are asked under: a client chooses its request, so that alone would let one client's
 * answers fall into another's job. Its low half remains what measurements go by. */
static uint64_t job_ticket(const struct job_slot *slot)
{
    return (uint64_t)slot->serial << 32 | (uint32_t)slot->job.request;
}

static struct job_slot *job_find(const struct chain_node *self, uint64_t serial)
{
    struct job_slot *found = NULL;
    uint32_t key = (uint32_t)serial;
    if (serial <= UINT32_MAX)
        HASH_FIND(hh, self->jobs, &key, sizeof key, found);
    return found;
}

static struct job_slot *job_by_ticket(const struct chain_node *self, uint64_t ticket)
{
    struct job_slot *slot = job_find(self, ticket >> 32);
    return slot != NULL && job_ticket(slot) == ticket ? slot : NULL;
}

static void job_drop(struct chain_node *self, struct job_slot *slot)
{
    HASH_DELETE(hh, self->jobs, slot);
    HASH_DELETE(by_name, self->jobs_named, slot);
    ehr_blob_unref(slot->job.entry);
    free(slot);
}

static void job_refuse(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot,
                       enum ehr_reply status)
{
    const struct release_job *job = &slot->job;
    if (job->kind == RELEASE_TO_DATA_USER) {
        proxy_refuse(fx, job, status);
    } else {
        struct ehr_msg_record *record = EHR_NEW(record, RECORD);
        record->request = job->request;
        record->status = (uint8_t)status;
        memcpy(record->txid, job->txid, 32);
        ehr_fx_send(fx, job->client, ehr_message_seal(&record->head));
    }
    job_drop(self, slot);
}

static const struct ehr_hospital_info *job_hospital(const struct chain_node *self,
                                                    const struct job_slot *slot)
{
    return &self->config.directory->hospitals[slot->hospital];
}

/* ---- time ---- */

/* A job ends while its client still waits for it, so that the client learns who did not answer. */
static uint64_t job_left(const struct chain_node *self, const struct ehr_fx *fx,
                         const struct job_slot *slot)
{
    uint64_t waited = ehr_fx_now(fx) - slot->began_ns;
    uint64_t limit = self->config.directory->give_up_ns / 2;
    return waited < limit ? limit - waited : 0;
}

static void job_wait(const struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot)
{
    uint64_t left = job_left(self, fx, slot);
    slot->attempt++;
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_JOB, (uint64_t)slot->serial << 32 | slot->attempt,
                 slot->delay_ns < left ? slot->delay_ns : left);
    slot->delay_ns *= 2;
}

/* ---- locate ---- */

/* Different nodes start at different replicas, which spreads the load. */
static uint32_t job_replica(const struct chain_node *self, const struct job_slot *slot)
{
    return (self->config.replica + slot->asked - 1) % job_hospital(self, slot)->committee.count;
}

/* Asks the next private node of the hospital. */
static void job_locate(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot)
{
    struct ehr_atx atx;
    enum ehr_status status = ehr_atx_parse(&atx, slot->job.visit->bytes, slot->job.visit->length);
    assert(status == EHR_OK); /* it stands on the chain */
    slot->asked++;
    const struct ehr_member *replica =
        &job_hospital(self, slot)->committee.members[job_replica(self, slot)];
    struct ehr_msg_locate *locate = EHR_NEW(locate, LOCATE);
    locate->request = job_ticket(slot);
    memcpy(locate->block_hash, atx.block_hash, 32);
    locate->leaf = atx.leaf_index;
    ehr_fx_send(fx, (struct ehr_address){replica->node, 0}, ehr_message_seal(&locate->head));
    job_wait(self, fx, slot);
}

bool release_begin(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job)
{
    struct ehr_atx atx;
    struct job_slot *slot = NULL;
    struct job_name name;
    memset(&name, 0, sizeof name);
    name.client = job->client;
    name.request = job->request;
    memcpy(name.txid, job->txid, 32);
    HASH_FIND(by_name, self->jobs_named, &name, sizeof name, slot);
    if (slot != NULL)
        return true; /* asked again: the answer is on its way */
    if (ehr_atx_parse(&atx, job->visit->bytes, job->visit->length) != EHR_OK)
        return false;
    uint32_t hospital = ehr_directory_hospital(self->config.directory, atx.hid);
    if (hospital == UINT32_MAX)
        return false;
    slot = ehr_actor_new(sizeof *slot);
    slot->job = *job;
    slot->name = name;
    slot->hospital = hospital;
    slot->serial = ++self->job_serial;
    slot->began_ns = ehr_fx_now(fx);
    slot->delay_ns = self->config.directory->retry_ns;
    HASH_ADD(hh, self->jobs, serial, sizeof slot->serial, slot);
    HASH_ADD(by_name, self->jobs_named, name, sizeof slot->name, slot);
    job_locate(self, fx, slot);
    return true;
}

static void job_compare(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot)
{
    const struct release_job *job = &slot->job;
    struct ehr_atx atx;
    struct ehr_entry entry;
    enum ehr_status status = ehr_atx_parse(&atx, job->visit->bytes, job->visit->length);
    assert(status == EHR_OK);
    status = ehr_entry_parse(&entry, job->entry->bytes, job->entry->length);
    assert(status == EHR_OK); /* checked when it was located */
    struct ehr_msg_compare *compare = EHR_NEW(compare, COMPARE);
    compare->request = job_ticket(slot);
    memcpy(compare->pseudonym, atx.pseudonym, 32);
    memcpy(compare->ct_hash, entry.ct_hash, 32);
    compare->whole = job->whole;
    ehr_fx_send(fx, (struct ehr_address){job_hospital(self, slot)->server.node, 0},
                ehr_message_seal(&compare->head));
    job_wait(self, fx, slot);
}

void chain_node_on_located(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_located *located = EHR_AS(located, d->message);
    struct job_slot *slot = job_by_ticket(self, located->request);
    struct ehr_entry entry;
    struct ehr_atx atx;
    if (slot == NULL || slot->comparing)
        return; /* late */
    const struct ehr_committee *committee = &job_hospital(self, slot)->committee;
    uint32_t replica = ehr_committee_replica(committee, d->from.node);
    if (replica == UINT32_MAX) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    ehr_fx_charge(fx, EHR_COST_HASH, 2, 0);
    if (located->status != EHR_REPLY_OK || located->entry == NULL ||
        ehr_entry_parse(&entry, located->entry->bytes, located->entry->length) != EHR_OK ||
        ehr_atx_parse(&atx, slot->job.visit->bytes, slot->job.visit->length) != EHR_OK ||
        !ehr_entry_matches(&entry, atx.priv)) {
        /* not the leaf on chain. Only who is asked now moves the job on: one liar must not use up
         * the others' turns. Among f+1 there is a correct one. */
        if (replica != job_replica(self, slot))
            return;
        if (++slot->refuted > ehr_engine_faults(committee->count))
            job_refuse(self, fx, slot, EHR_REPLY_NOT_FOUND);
        else
            job_locate(self, fx, slot);
        return;
    }
    slot->job.entry = ehr_blob_ref(located->entry);
    slot->comparing = true;
    slot->delay_ns = self->config.directory->retry_ns;
    if (slot->job.kind == RELEASE_TO_PATIENT)
        ehr_mark_phase(fx, slot->job.request, EHR_PHASE_COMPARE);
    else if (slot->job.whole)
        ehr_mark_phase(fx, slot->job.request, EHR_PHASE_FETCH);
    job_compare(self, fx, slot);
}

void chain_node_on_job_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation)
{
    struct job_slot *slot = job_find(self, generation >> 32);
    if (slot == NULL || slot->attempt != (uint32_t)generation)
        return; /* it got its answer, or asks somebody else by now */
    if (job_left(self, fx, slot) == 0)
        job_refuse(self, fx, slot,
                   slot->comparing ? EHR_REPLY_HOSPITAL_UNREACHABLE : EHR_REPLY_NODE_UNREACHABLE);
    else if (slot->comparing)
        job_compare(self, fx, slot);
    else
        job_locate(self, fx, slot);
}

/* ---- release ---- */

/* Finds head and body hash in what the hospital sent: a whole record speaks for itself. */
static bool released_read(struct released *released, const struct ehr_msg_release *release,
                          bool whole)
{
    const struct ehr_blob *from = whole ? release->record : release->sealed_head;
    if (from == NULL || from->length < EHR_RECORD_HEAD_BYTES ||
        (!whole && from->length != EHR_RECORD_HEAD_BYTES))
        return false;
    released->head = from->bytes;
    released->record = whole ? release->record : NULL;
    if (whole)
        ehr_record_body_hash(released->body_hash, from->bytes + EHR_RECORD_HEAD_BYTES,
                             from->length - EHR_RECORD_HEAD_BYTES);
    else
        memcpy(released->body_hash, release->body_hash, 32);
    ehr_record_ct_hash(released->ct_hash, released->head, released->body_hash);
    return true;
}

static struct ehr_complaint complaint_of(const struct ehr_msg_complaint *message)
{
    struct ehr_complaint complaint = {.height = message->height};
    memcpy(complaint.accused, message->accused, sizeof complaint.accused);
    memcpy(complaint.txid, message->txid, sizeof complaint.txid);
    memcpy(complaint.ct_hash, message->ct_hash, sizeof complaint.ct_hash);
    return complaint;
}

/* A signed complaint to all alliance nodes: the hospital holds another ciphertext (crypto.md f).
 * `found` is its hash; zeros where it sent none. */
static void complain(struct chain_node *self, struct ehr_fx *fx, const struct job_slot *slot,
                     const uint8_t found[32])
{
    const struct ehr_hospital_info *hospital = job_hospital(self, slot);
    struct ehr_msg_complaint *complaint = EHR_NEW(complaint, COMPLAINT);
    memcpy(complaint->accused, hospital->server.cert.id, 32);
    memcpy(complaint->txid, slot->job.txid, 32);
    memcpy(complaint->ct_hash, found, 32);
    complaint->height = self->height;
    const struct ehr_complaint said = complaint_of(complaint);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_complaint_sign(complaint->signature, &said, &self->config.secrets.sign);
    ehr_mark(fx, EHR_MARK_BLAME, slot->job.request, 0, hospital->server.node);
    ehr_fx_broadcast(fx, self->config.committee->group, ehr_message_seal(&complaint->head));
}

/* A peer's complaint: genuine ones are what the membership contract would act on (flow G). */
void chain_node_on_complaint(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_delivery *d)
{
    const struct ehr_msg_complaint *complaint = EHR_AS(complaint, d->message);
    const struct ehr_committee *committee = self->config.committee;
    uint32_t member = ehr_committee_replica(committee, d->from.node);
    if (member != UINT32_MAX) {
        const struct ehr_complaint said = complaint_of(complaint);
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
        if (ehr_directory_hospital(self->config.directory, complaint->accused) != UINT32_MAX &&
            ehr_complaint_verify(&said, committee->members[member].cert.ed_pk,
                                 complaint->signature) == EHR_OK)
            return;
    }
    chain_node_drop(fx, d->message->type);
}

static void record_send(struct ehr_fx *fx, const struct release_job *job,
                        const struct released *released)
{
    struct ehr_msg_record *record = EHR_NEW(record, RECORD);
    ehr_mark_phase(fx, job->request, EHR_PHASE_FETCH);
    record->request = job->request;
    record->status = EHR_REPLY_OK;
    memcpy(record->txid, job->txid, 32);
    record->entry = ehr_blob_ref(job->entry);
    record->record = ehr_blob_ref(released->record);
    ehr_fx_send(fx, job->client, ehr_message_seal(&record->head));
}

/* The hospital refuses: only the reasons it may have are passed on. */
static void release_refused(struct chain_node *self, struct ehr_fx *fx, struct job_slot *slot,
                            uint8_t status)
{
    static const uint8_t nothing[32];
    if (status == EHR_REPLY_TAMPERED) /* it owns up to another ciphertext */
        complain(self, fx, slot, nothing);
    bool named = status == EHR_REPLY_TAMPERED || status == EHR_REPLY_NOT_FOUND;
    job_refuse(self, fx, slot, named ? (enum ehr_reply)status : EHR_REPLY_MALFORMED);
}

void chain_node_on_release(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_release *release = EHR_AS(release, d->message);
    struct job_slot *slot = job_by_ticket(self, release->request);
    struct released released = {0};
    struct ehr_entry entry;
    if (slot == NULL || !slot->comparing)
        return; /* late */
    const struct release_job *job = &slot->job;
    if (d->from.node != job_hospital(self, slot)->server.node) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    if (release->status != EHR_REPLY_OK) {
        release_refused(self, fx, slot, release->status);
        return;
    }
    enum ehr_status status = ehr_entry_parse(&entry, job->entry->bytes, job->entry->length);
    assert(status == EHR_OK);
    ehr_fx_charge(fx, EHR_COST_HASH, 2, release->record == NULL ? 0 : release->record->length);
    if (!released_read(&released, release, job->whole) ||
        memcmp(released.ct_hash, entry.ct_hash, 32) != 0) {
        complain(self, fx, slot, released.ct_hash);
        job_refuse(self, fx, slot, EHR_REPLY_TAMPERED);
        return;
    }
    if (job->kind == RELEASE_TO_DATA_USER) {
        if (job->whole)
            ehr_mark_phase(fx, job->request, EHR_PHASE_REENCRYPT);
        proxy_answer(self, fx, job, &released);
    } else {
        record_send(fx, job, &released);
    }
    job_drop(self, slot);
}

/* ---- a patient's request ---- */

static enum ehr_reply fetch_check(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_msg_fetch *fetch, struct ehr_tx **visit)
{
    struct ehr_atx atx;
    if (self->catching_up || fetch->height > self->certified)
        return EHR_REPLY_BEHIND;
    if (self->certified - fetch->height > 2 * self->config.query_expiry_max)
        return EHR_REPLY_QUERY_EXPIRED;
    const struct ehr_index_entry *entry =
        ehr_contract_index_find(self->config.chain->contract, fetch->txid, self->certified);
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, 1, 0);
    if (entry == NULL || ehr_atx_parse(&atx, entry->tx->bytes, entry->tx->length) != EHR_OK)
        return EHR_REPLY_NOT_FOUND;
    *visit = entry->tx;
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
    enum ehr_reply status = fetch_check(self, fx, fetch, &job.visit);
    if (status == EHR_REPLY_OK && !release_begin(self, fx, &job))
        status = EHR_REPLY_NOT_FOUND;
    if (status == EHR_REPLY_OK)
        return;
    struct ehr_msg_record *record = EHR_NEW(record, RECORD);
    record->request = fetch->request;
    record->status = (uint8_t)status;
    memcpy(record->txid, fetch->txid, 32);
    ehr_fx_send(fx, d->from, ehr_message_seal(&record->head));
}

void chain_node_release_close(struct chain_node *self)
{
    struct job_slot *slot, *next;
    HASH_ITER(hh, self->jobs, slot, next)
    {
        job_drop(self, slot);
    }
}
