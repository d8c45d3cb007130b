/* Re-encryption by an alliance node (crypto.md c, protocol.md D.4-5): only under a committed grant
 * that names this node's share, is in its window and is not revoked at this node's height. */
#include <string.h>

#include "actors/chain_node_internal.h"
#include "crypto/grant.h"
#include "crypto/reencrypt.h"
#include "sim/ledger/scope_proof.h"

/* Of the capsule in a record's head: magic 4, suite and zeros 4, P 32 (crypto.md c). */
enum { CAPSULE_OFFSET = 40 };

static void share_send(struct ehr_fx *fx, struct ehr_address to, uint64_t request, uint8_t share,
                       enum ehr_reply status)
{
    struct ehr_msg_share *refusal = EHR_NEW(share, SHARE);
    refusal->request = request;
    refusal->share = share;
    refusal->status = (uint8_t)status;
    ehr_fx_send(fx, to, ehr_message_seal(&refusal->head));
}

void proxy_refuse(struct ehr_fx *fx, const struct release_job *job, enum ehr_reply status)
{
    share_send(fx, job->client, job->request, job->share, status);
}

/* The data user behind a certificate, verified; UINT32_MAX if it is none of the consortium. */
static uint32_t data_user_verify(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_blob *certificates)
{
    const struct ehr_directory *directory = self->config.directory;
    struct ehr_cert_verified verified;
    if (certificates == NULL || certificates->length != EHR_CERT_BYTES)
        return UINT32_MAX;
    const struct ehr_part chain[] = {{directory->root_certificate, EHR_CERT_BYTES},
                                     {certificates->bytes, EHR_CERT_BYTES}};
    const struct ehr_cert_policy policy = {
        .root_id = directory->root.id, .role = EHR_ROLE_DATA_USER, .now = ehr_fx_now(fx)};
    uint32_t user = 0;
    while (user < directory->data_user_count && memcmp(directory->data_users[user].certificate,
                                                       certificates->bytes, EHR_CERT_BYTES) != 0)
        user++;
    if (user == directory->data_user_count || !self->data_user_seen[user])
        ehr_fx_charge(fx, EHR_COST_CERT_VERIFY, 1, 0);
    if (user == directory->data_user_count ||
        ehr_cert_chain_verify(&verified, chain, 2, &policy) != EHR_OK)
        return UINT32_MAX;
    self->data_user_seen[user] = true;
    return user;
}

/* The grant as committed at this node's height, verified; else why not. */
static enum ehr_reply grant_find(struct chain_node *self, struct ehr_fx *fx,
                                 const uint8_t grant_id[32], const struct ehr_consent **consent,
                                 struct ehr_grant_verified *grant)
{
    struct ehr_grant_tx wrapped;
    *consent = ehr_contract_consent_find(self->config.chain->contract, grant_id, self->height);
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, 1, 0);
    if (*consent == NULL)
        return EHR_REPLY_NO_GRANT;
    if ((*consent)->revoked_height <= self->height)
        return EHR_REPLY_REVOKED_GRANT;
    ehr_consent_grant(&wrapped, *consent);
    if (ehr_grant_verify(grant, wrapped.grant, wrapped.grant_len) != EHR_OK)
        return EHR_REPLY_BAD_GRANT; /* verified when it was ordered: nothing is charged again */
    if (ehr_contract_revoked(self->config.chain->contract, grant->view.du_cert_id, self->height))
        return EHR_REPLY_REVOKED_CERTIFICATE;
    if (self->height < grant->view.not_before || self->height > grant->view.not_after)
        return EHR_REPLY_EXPIRED_GRANT;
    if (memcmp(grant->view.committee_id, self->config.directory->committee_id, 32) != 0)
        return EHR_REPLY_STALE_COMMITTEE;
    return EHR_REPLY_OK;
}

static enum ehr_reply access_check(struct chain_node *self, struct ehr_fx *fx,
                                   const struct ehr_msg_access *access,
                                   const struct ehr_consent **consent)
{
    struct ehr_grant_verified grant;
    uint8_t digest[32];
    if (self->catching_up) /* the grant may be revoked above the height that this node came back at
                            */
        return EHR_REPLY_BEHIND;
    uint32_t user = data_user_verify(self, fx, access->certificates);
    if (user == UINT32_MAX)
        return EHR_REPLY_WRONG_CERTIFICATE;
    const struct ehr_member *member = &self->config.directory->data_users[user];
    ehr_access_digest(digest, access->grant_id, access->share, access->whole, access->request,
                      chain_node_self(self)->cert.id);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (ehr_sign_verify(member->cert.ed_pk, "sig-access", digest, access->signature) != EHR_OK)
        return EHR_REPLY_WRONG_CERTIFICATE;
    enum ehr_reply status = grant_find(self, fx, access->grant_id, consent, &grant);
    if (status != EHR_REPLY_OK)
        return status;
    if (access->share != self->config.replica + 1 || access->share > grant.view.proxies ||
        memcmp(grant.view.du_cert_id, member->cert.id, 32) != 0 ||
        memcmp(grant.view.Y, member->cert.dh_pk.bytes, 32) != 0)
        return EHR_REPLY_BAD_GRANT;
    return EHR_REPLY_OK;
}

/* Whether a trapdoor was shown that lies in the scope of the grant and indexes its visit. */
static enum ehr_reply scope_check(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_msg_access *access, const uint8_t *trapdoor,
                                  const struct ehr_consent *consent, const struct ehr_tx *visit)
{
    struct ehr_scope_proof proof;
    struct ehr_grant_tx wrapped;
    struct ehr_atx atx;
    ehr_consent_grant(&wrapped, consent);
    if (!self->config.directory->scope_enforced || wrapped.scope_len == EHR_SCOPE_BYTES(0))
        return EHR_REPLY_OK;
    ehr_fx_charge(fx, EHR_COST_BOX_OPEN, 1, EHR_SCOPE_PROOF_BYTES);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, 32);
    ehr_fx_charge(fx, EHR_COST_LABEL, 1, 0);
    bool good = trapdoor != NULL &&
                ehr_scope_proof_open(&proof, trapdoor, EHR_SCOPE_PROOF_BOX_BYTES,
                                     chain_node_self(self)->cert.id,
                                     &self->config.secrets.epoch) == EHR_OK &&
                memcmp(proof.grant_id, access->grant_id, 32) == 0 &&
                ehr_atx_parse(&atx, visit->bytes, visit->length) == EHR_OK &&
                ehr_scope_proof_within(&proof, wrapped.scope, wrapped.scope_len) &&
                ehr_scope_proof_indexes(&proof, &atx, self->config.directory->scan);
    ehr_wipe(&proof, sizeof proof);
    return good ? EHR_REPLY_OK : EHR_REPLY_OUT_OF_SCOPE;
}

static void access_serve(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d,
                         const struct ehr_msg_access *access, const uint8_t *trapdoor)
{
    const struct ehr_contract *contract = self->config.chain->contract;
    const struct ehr_consent *consent = NULL;
    enum ehr_reply status = access_check(self, fx, access, &consent);
    struct release_job job = {.request = access->request,
                              .kind = RELEASE_TO_DATA_USER,
                              .client = d->from,
                              .share = access->share,
                              .whole = access->whole != 0};
    if (status == EHR_REPLY_OK) {
        const struct ehr_index_entry *visit =
            ehr_contract_index_find(contract, consent->txid, self->height);
        memcpy(job.grant_id, access->grant_id, 32);
        memcpy(job.txid, consent->txid, 32);
        job.visit = visit == NULL ? NULL : visit->tx;
        if (visit != NULL)
            status = scope_check(self, fx, access, trapdoor, consent, visit->tx);
        if (visit == NULL || (status == EHR_REPLY_OK && !release_begin(self, fx, &job)))
            status = EHR_REPLY_NOT_FOUND;
    }
    if (status != EHR_REPLY_OK)
        share_send(fx, d->from, access->request, access->share, status);
}

void chain_node_on_access(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    if (d->message->type == EHR_MSG_ACCESS) {
        access_serve(self, fx, d, EHR_AS(access, d->message), NULL);
        return;
    }
    const struct ehr_msg_access_scoped *scoped = EHR_AS(access_scoped, d->message);
    struct ehr_msg_access access = {.request = scoped->request,
                                    .share = scoped->share,
                                    .whole = scoped->whole,
                                    .certificates = scoped->certificates};
    memcpy(access.grant_id, scoped->grant_id, sizeof access.grant_id);
    memcpy(access.signature, scoped->signature, sizeof access.signature);
    access_serve(self, fx, d, &access, scoped->trapdoor);
}

/* Opens this node's fragment and makes the share; the height may have moved on meanwhile. */
static enum ehr_reply share_make(struct chain_node *self, struct ehr_fx *fx,
                                 const struct release_job *job, const struct released *released,
                                 uint8_t cfrag[EHR_CFRAG_BYTES])
{
    const struct ehr_consent *consent;
    struct ehr_grant_verified grant;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    struct ehr_entry entry;
    enum ehr_reply reply = grant_find(self, fx, job->grant_id, &consent, &grant);
    if (reply != EHR_REPLY_OK)
        return reply;
    if (ehr_entry_parse(&entry, job->entry->bytes, job->entry->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    ehr_fx_charge(fx, EHR_COST_KFRAG_OPEN, 1, 0);
    enum ehr_status status =
        ehr_kfrag_open(&kfrag, &grant, job->share, &self->config.secrets.epoch);
    if (status == EHR_OK)
        status = ehr_kfrag_verify(&verified, &kfrag, &grant);
    ehr_kfrag_close(&kfrag);
    if (status != EHR_OK)
        return EHR_REPLY_BAD_GRANT;
    const struct ehr_reencrypt_request request = {.head = released->head,
                                                  .head_len = EHR_RECORD_HEAD_BYTES,
                                                  .body_hash = released->body_hash,
                                                  .ct_hash = entry.ct_hash,
                                                  .height = self->height,
                                                  .revoked = false};
    ehr_fx_charge(fx, EHR_COST_REENCRYPT, 1, 0);
    status = ehr_reencrypt(cfrag, &grant, &verified, &request, self->config.rng);
    ehr_kfrag_verified_close(&verified);
    return status == EHR_OK ? EHR_REPLY_OK : EHR_REPLY_TAMPERED;
}

void proxy_answer(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job,
                  const struct released *released)
{
    uint8_t cfrag[EHR_CFRAG_BYTES];
    enum ehr_reply status = share_make(self, fx, job, released, cfrag);
    if (status != EHR_REPLY_OK) {
        proxy_refuse(fx, job, status);
        return;
    }
    struct ehr_msg_share *share = EHR_NEW(share, SHARE);
    share->request = job->request;
    share->status = EHR_REPLY_OK;
    share->share = job->share;
    share->entry = ehr_blob_ref(job->entry);
    share->sealed_head = ehr_blob_new(released->head, EHR_RECORD_HEAD_BYTES);
    memcpy(share->body_hash, released->body_hash, 32);
    share->cfrag = ehr_blob_new(cfrag, sizeof cfrag);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_cfrag_sign(share->signature, cfrag, released->head + CAPSULE_OFFSET,
                   &self->config.secrets.sign);
    if (job->whole)
        share->record = ehr_blob_ref(released->record);
    ehr_fx_send(fx, job->client, ehr_message_seal(&share->head));
}
