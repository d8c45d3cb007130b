/* D.4-5: the grant is checked, t proxies are asked, others in the place of those that fail. One
 * proxy sends the body, the others only the head. */
#include "actors/data_user_internal.h"

#include <string.h>

#include "crypto/codec.h"
#include "sim/ledger/wire.h"

enum { HEAD_CAPSULE_OFFSET = 40 };

/* ---- the grant ---- */

/* The index transaction: of the grant's visit and signed by its hospital. */
static bool index_is_good(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                          const uint8_t txid[32])
{
    const struct ehr_grant *grant = &demand->grant.view;
    uint32_t h = ehr_directory_hospital(self->config.directory, grant->hid);
    struct ehr_atx atx;
    if (h == UINT32_MAX || demand->index == NULL ||
        ehr_atx_parse(&atx, demand->index->bytes, demand->index->length) != EHR_OK)
        return false;
    const struct ehr_cert *server = &self->config.directory->hospitals[h].server.cert;
    uint8_t own_txid[32];
    ehr_fx_charge(fx, EHR_COST_ATX_VERIFY, 1, 0);
    if (ehr_atx_verify_signature(own_txid, &atx, server->id, server->ed_pk) != EHR_OK)
        return false;
    memcpy(demand->priv, atx.priv, 32);
    return memcmp(own_txid, txid, 32) == 0 && memcmp(atx.pseudonym, grant->P, 32) == 0 &&
           memcmp(atx.pseudonym + 64, grant->Q, 32) == 0;
}

static bool grant_is_good(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                          const struct ehr_msg_access_reply *reply)
{
    const struct ehr_directory *directory = self->config.directory;
    struct ehr_grant_verified *grant = &demand->grant;
    if (reply->grant == NULL || reply->scope == NULL)
        return false;
    demand->grant_bytes = ehr_blob_ref(reply->grant);
    demand->index = ehr_blob_ref(reply->index);
    ehr_fx_charge(fx, EHR_COST_GRANT_VERIFY_BASE, 1, 0);
    ehr_fx_charge(fx, EHR_COST_GRANT_VERIFY_PER_PROXY, directory->proxies, 0);
    if (ehr_grant_verify(grant, reply->grant->bytes, reply->grant->length) != EHR_OK)
        return false;
    uint8_t scope_hash[32];
    ehr_scope_hash(scope_hash, reply->scope->bytes, reply->scope->length);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, reply->scope->length);
    return grant->view.proxies == directory->proxies &&
           memcmp(grant->view.committee_id, directory->committee_id, 32) == 0 &&
           memcmp(grant->view.du_cert_id, self->self->cert.id, 32) == 0 &&
           memcmp(grant->view.Y, self->self->cert.dh_pk.bytes, 32) == 0 &&
           memcmp(grant->view.scope_hash, scope_hash, 32) == 0 &&
           index_is_good(self, fx, demand, reply->txid);
}

static void reply_take(struct data_user *self, struct ehr_fx *fx, const struct ehr_delivery *d,
                       const struct ehr_msg_access_reply *reply, const uint8_t *trapdoor)
{
    const struct ehr_directory *directory = self->config.directory;
    struct demand *demand = data_user_demand_at(self, reply->request, DEMAND_CONSENT);
    if (demand == NULL || demand->wanted > 0 || d->from.lane != demand->patient ||
        d->from.node != directory->hospitals[directory->patient_home[demand->patient]].place) {
        data_user_drop(fx, d->message);
        return;
    }
    ehr_resend_stop(&demand->resend);
    demand->consent_generation = 0;
    if (reply->status != EHR_REPLY_OK) {
        data_user_close(self, fx, demand, ehr_reply_refusal(reply->status));
        return;
    }
    data_user_granted(self, fx, demand, reply, trapdoor,
                      trapdoor != NULL ? EHR_SCOPE_PROOF_BOX_BYTES : 0);
}

/* The patient's trapdoor for this grant. Whether it serves is for the proxies to say. */
static bool trapdoor_open(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                          const uint8_t *trapdoor, size_t length)
{
    if (!self->config.directory->scope_enforced)
        return true;
    ehr_fx_charge(fx, EHR_COST_BOX_OPEN, 1, EHR_SCOPE_PROOF_BYTES);
    return ehr_scope_proof_open(&demand->proof, trapdoor, length, self->self->cert.id,
                                &self->config.secrets.dh) == EHR_OK;
}

void data_user_granted(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                       const struct ehr_msg_access_reply *reply, const uint8_t *trapdoor,
                       size_t trapdoor_len)
{
    if (!grant_is_good(self, fx, demand, reply) ||
        !trapdoor_open(self, fx, demand, trapdoor, trapdoor_len)) {
        data_user_close(self, fx, demand, EHR_REPLY_BAD_GRANT);
        return;
    }
    uint8_t drawn[8];
    ehr_rng_fill(self->config.rng, drawn, sizeof(drawn));
    demand->first = (uint32_t)(ehr_le64_get(drawn) % demand->grant.view.proxies);
    demand->step = DEMAND_SHARES;
    if (!demand_is_child(demand))
        ehr_mark_phase(fx, demand->request, EHR_PHASE_LOCATE);
    ehr_patience_start(&demand->patience, fx, self->config.directory, (uint32_t)demand->request,
                       ++self->generation);
    data_user_ask_more(self, fx, demand);
}

void data_user_on_access_reply(struct data_user *self, struct ehr_fx *fx,
                               const struct ehr_delivery *d)
{
    reply_take(self, fx, d, EHR_AS(access_reply, d->message), NULL);
}

void data_user_on_access_reply_scoped(struct data_user *self, struct ehr_fx *fx,
                                      const struct ehr_delivery *d)
{
    const struct ehr_msg_access_reply_scoped *scoped = EHR_AS(access_reply_scoped, d->message);
    struct ehr_msg_access_reply reply = {.request = scoped->request,
                                         .status = scoped->status,
                                         .index = scoped->index,
                                         .grant = scoped->grant,
                                         .scope = scoped->scope};
    memcpy(reply.txid, scoped->txid, sizeof(reply.txid));
    reply_take(self, fx, d, &reply, scoped->trapdoor);
}

/* ---- asking ---- */

uint32_t data_user_proxies_in(const struct data_user *self, const struct demand *demand,
                              enum proxy_state state)
{
    (void)self;
    uint32_t count = 0;
    for (uint32_t i = 0; i < demand->grant.view.proxies; i++)
        count += demand->proxies[i].state == state;
    return count;
}

static bool whole_is_coming(const struct demand *demand)
{
    for (uint32_t i = 0; i < demand->grant.view.proxies; i++)
        if (demand->proxies[i].state == PROXY_ASKED && demand->proxies[i].whole)
            return true;
    return demand->sealed != NULL;
}

/* The request that shows the trapdoor to the proxy, made of the one that does not. */
static struct ehr_message *access_scoped(struct data_user *self, struct ehr_fx *fx,
                                         const struct demand *demand, const struct ehr_member *node,
                                         struct ehr_msg_access *take_access)
{
    struct ehr_msg_access_scoped *scoped = EHR_NEW(access_scoped, ACCESS_SCOPED);
    scoped->request = take_access->request;
    memcpy(scoped->grant_id, take_access->grant_id, sizeof(scoped->grant_id));
    scoped->share = take_access->share;
    scoped->whole = take_access->whole;
    scoped->certificates = ehr_blob_ref(take_access->certificates);
    memcpy(scoped->signature, take_access->signature, sizeof(scoped->signature));
    ehr_message_unref(&take_access->head);
    ehr_fx_charge(fx, EHR_COST_BOX_SEAL, 1, EHR_SCOPE_PROOF_BYTES);
    if (ehr_scope_proof_seal(scoped->trapdoor, &demand->proof, node->cert.id, &node->epoch_key,
                             self->config.rng) != EHR_OK)
        memset(scoped->trapdoor, 0, sizeof(scoped->trapdoor)); /* a scalar of 0: it will refuse */
    return ehr_message_seal(&scoped->head);
}

static void access_send(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                        uint32_t proxy)
{
    const struct ehr_member *node = &self->config.directory->alliance.members[proxy];
    struct ehr_msg_access *access = EHR_NEW(access, ACCESS);
    demand->proxies[proxy].whole = !whole_is_coming(demand);
    demand->proxies[proxy].state = PROXY_ASKED;
    access->request = demand->request;
    memcpy(access->grant_id, demand->grant.grant_id, 32);
    access->share = (uint8_t)(proxy + 1);
    access->whole = demand->proxies[proxy].whole;
    access->certificates = ehr_blob_ref(self->certificates);
    uint8_t digest[32];
    ehr_access_digest(digest, access->grant_id, access->share, access->whole, access->request,
                      node->cert.id);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_sign_make(access->signature, &self->config.secrets.sign, "sig-access", digest);
    struct ehr_message *sealed = self->config.directory->scope_enforced
                                     ? access_scoped(self, fx, demand, node, access)
                                     : ehr_message_seal(&access->head);
    ehr_fx_send(fx, (struct ehr_address){node->node, 0}, sealed);
}

/* Why too few shares came: a forger if there was one, else what all refusals agree on. */
static enum ehr_reply failure_of(const struct data_user *self, const struct demand *demand)
{
    if (data_user_proxies_in(self, demand, PROXY_BAD) > 0)
        return EHR_REPLY_FORGED_SHARE;
    enum ehr_reply common = EHR_REPLY_INVALID;
    for (uint32_t i = 0; i < demand->grant.view.proxies; i++) {
        if (demand->proxies[i].state != PROXY_REFUSED)
            continue;
        if (common != EHR_REPLY_INVALID && common != demand->proxies[i].status)
            return EHR_REPLY_TOO_FEW_SHARES;
        common = demand->proxies[i].status;
    }
    return common != EHR_REPLY_INVALID ? common : EHR_REPLY_TOO_FEW_SHARES;
}

/* Asks in order from the first, proxies in `state`, until enough are under way. */
static void ask_those(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                      enum proxy_state state)
{
    uint32_t n = demand->grant.view.proxies, t = demand->grant.view.threshold;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t coming = data_user_proxies_in(self, demand, PROXY_GOOD) +
                          data_user_proxies_in(self, demand, PROXY_ASKED);
        if (coming >= t && whole_is_coming(demand))
            return;
        uint32_t proxy = (demand->first + i) % n;
        if (demand->proxies[proxy].state == state)
            access_send(self, fx, demand, proxy);
    }
}

/* The shares are there and nobody sent the body: one that was asked for the head alone may. */
static void ask_for_body(struct data_user *self, struct ehr_fx *fx, struct demand *demand)
{
    uint32_t n = demand->grant.view.proxies;
    if (data_user_proxies_in(self, demand, PROXY_GOOD) < demand->grant.view.threshold)
        return;
    for (uint32_t i = 0; i < n && !whole_is_coming(demand); i++) {
        uint32_t proxy = (demand->first + i) % n;
        if (demand->proxies[proxy].state == PROXY_GOOD && !demand->proxies[proxy].whole)
            access_send(self, fx, demand, proxy);
    }
}

/* Somebody has not been asked for the body yet, or has not answered. */
static bool body_may_come(const struct demand *demand)
{
    for (uint32_t i = 0; i < demand->grant.view.proxies; i++) {
        const struct proxy *proxy = &demand->proxies[i];
        bool serves = proxy->state == PROXY_ASKED || proxy->state == PROXY_GOOD;
        if (proxy->state == PROXY_LATE || (serves && !proxy->whole))
            return true;
    }
    return whole_is_coming(demand);
}

void data_user_ask_more(struct data_user *self, struct ehr_fx *fx, struct demand *demand)
{
    ask_those(self, fx, demand, PROXY_IDLE);
    ask_for_body(self, fx, demand);
    uint32_t possible = data_user_proxies_in(self, demand, PROXY_GOOD) +
                        data_user_proxies_in(self, demand, PROXY_ASKED) +
                        data_user_proxies_in(self, demand, PROXY_LATE);
    if (possible < demand->grant.view.threshold || !body_may_come(demand))
        data_user_close(self, fx, demand, failure_of(self, demand));
}

void data_user_shares_timer(struct data_user *self, struct ehr_fx *fx, struct demand *demand)
{
    uint32_t n = demand->grant.view.proxies;
    if (!ehr_patience_on_timer(&demand->patience, fx, self->config.directory,
                               (uint32_t)demand->request)) {
        uint32_t silent = data_user_proxies_in(self, demand, PROXY_ASKED) +
                          data_user_proxies_in(self, demand, PROXY_LATE);
        if (silent == n)
            data_user_time_out(self, fx, demand, EHR_REPLY_NODE_UNREACHABLE);
        else
            data_user_close(self, fx, demand, failure_of(self, demand));
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (demand->proxies[i].state == PROXY_ASKED)
            demand->proxies[i].state = PROXY_LATE;
    ask_those(self, fx, demand, PROXY_IDLE);
    ask_for_body(self, fx, demand);
    ask_those(self, fx, demand, PROXY_LATE); /* spares are used up */
}

/* ---- shares ---- */

void data_user_blame(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                     uint32_t proxy)
{
    demand->proxies[proxy].state = PROXY_BAD;
    ehr_mark(fx, EHR_MARK_BLAME, demand->request, 0,
             self->config.directory->alliance.members[proxy].node);
}

/* The head is the one on chain: entry under priv, hash of head and body under the entry. */
static bool head_is_on_chain(struct ehr_fx *fx, const struct demand *demand,
                             const struct ehr_msg_share *share, struct ehr_entry *entry)
{
    if (share->sealed_head == NULL || share->sealed_head->length != EHR_RECORD_HEAD_BYTES ||
        share->entry == NULL ||
        ehr_entry_parse(entry, share->entry->bytes, share->entry->length) != EHR_OK)
        return false;
    uint8_t ct_hash[32];
    ehr_fx_charge(fx, EHR_COST_HASH, 2, EHR_RECORD_HEAD_BYTES + share->entry->length);
    ehr_record_ct_hash(ct_hash, share->sealed_head->bytes, share->body_hash);
    return ehr_entry_matches(entry, demand->priv) && memcmp(ct_hash, entry->ct_hash, 32) == 0;
}

static bool body_is_on_chain(struct ehr_fx *fx, const struct ehr_msg_share *share,
                             const struct ehr_entry *entry)
{
    const struct ehr_blob *record = share->record;
    if (record == NULL || record->length != entry->ct_len || record->length < EHR_RECORD_HEAD_BYTES)
        return false;
    uint8_t ct_hash[32];
    ehr_fx_charge(fx, EHR_COST_HASH, 2, record->length);
    ehr_record_hash(ct_hash, record->bytes, record->length);
    return memcmp(ct_hash, entry->ct_hash, 32) == 0;
}

static bool share_is_signed(struct data_user *self, struct ehr_fx *fx, const struct demand *demand,
                            const struct ehr_msg_share *share, uint32_t proxy)
{
    if (share->cfrag == NULL || share->cfrag->length != EHR_CFRAG_BYTES ||
        memcmp(share->cfrag->bytes, demand->grant.grant_id, 32) != 0 ||
        share->cfrag->bytes[32] != proxy + 1)
        return false;
    ehr_fx_charge(fx, EHR_COST_HASH, 1, EHR_CFRAG_BYTES);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    return ehr_cfrag_sig_verify(share->cfrag->bytes,
                                share->sealed_head->bytes + HEAD_CAPSULE_OFFSET,
                                self->config.directory->alliance.members[proxy].cert.ed_pk,
                                share->signature) == EHR_OK;
}

/* Checked once: every head that hashes to the entry's value is the same one. */
static bool head_is_good(struct ehr_fx *fx, struct demand *demand,
                         const struct ehr_msg_share *share)
{
    struct ehr_record_head head;
    if (demand->head != NULL)
        return true;
    ehr_fx_charge(fx, EHR_COST_CAPSULE_VERIFY, 1, 0);
    if (ehr_record_head_check(&head, share->sealed_head->bytes, share->sealed_head->length,
                              &demand->grant.visit) != EHR_OK)
        return false;
    demand->head = ehr_blob_ref(share->sealed_head);
    return true;
}

static void share_take(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                       const struct ehr_msg_share *share, uint32_t proxy)
{
    struct ehr_entry entry;
    /* a body that is left out is no forgery: the share may answer an earlier request, for the head
     * alone */
    bool whole = share->record != NULL && demand->sealed == NULL;
    if (!head_is_on_chain(fx, demand, share, &entry) ||
        !share_is_signed(self, fx, demand, share, proxy) ||
        (whole && !body_is_on_chain(fx, share, &entry))) {
        data_user_blame(self, fx, demand, proxy);
        data_user_ask_more(self, fx, demand);
        return;
    }
    if (!head_is_good(fx, demand, share)) {
        /* what stands on chain is not a record of this visit: no proxy can help */
        data_user_close(self, fx, demand, EHR_REPLY_RECORD_MISMATCH);
        return;
    }
    memcpy(demand->proxies[proxy].cfrag, share->cfrag->bytes, EHR_CFRAG_BYTES);
    demand->proxies[proxy].state = PROXY_GOOD;
    if (whole)
        demand->sealed = ehr_blob_ref(share->record);
    if (demand->sealed != NULL &&
        data_user_proxies_in(self, demand, PROXY_GOOD) >= demand->grant.view.threshold)
        data_user_combine(self, fx, demand);
    else
        data_user_ask_more(self, fx, demand);
}

void data_user_on_share(struct data_user *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_share *share = EHR_AS(share, d->message);
    struct demand *demand = data_user_demand_at(self, share->request, DEMAND_SHARES);
    uint32_t proxy = ehr_committee_replica(&self->config.directory->alliance, d->from.node);
    if (demand == NULL || proxy >= demand->grant.view.proxies || share->share != proxy + 1 ||
        (demand->proxies[proxy].state != PROXY_ASKED &&
         demand->proxies[proxy].state != PROXY_LATE)) {
        data_user_drop(fx, d->message); /* late, or not asked */
        return;
    }
    if (share->status == EHR_REPLY_OK) {
        share_take(self, fx, demand, share, proxy);
        return;
    }
    /* f+1 replies have ordered the grant; the other proxies may not have it yet, once, or as long
     * as it takes if a share shows that it is there. One that is back from a crash says that it is
     * behind for as long as it is; the timer asks it again. */
    bool early =
        share->status == EHR_REPLY_NO_GRANT &&
        (!demand->proxies[proxy].was_behind || data_user_proxies_in(self, demand, PROXY_GOOD) > 0);
    bool behind = early || share->status == EHR_REPLY_BEHIND;
    demand->proxies[proxy].was_behind |= early;
    demand->proxies[proxy].state = behind ? PROXY_LATE : PROXY_REFUSED;
    demand->proxies[proxy].status = ehr_reply_refusal(share->status);
    data_user_ask_more(self, fx, demand);
}
