/* Attacks on shares: access without a grant, proxies that are silent or lie. */
#include <assert.h>
#include <string.h>

#include "crypto/capsule.h"
#include "crypto/grant.h"
#include "crypto/reencrypt.h"
#include "sim/contract/contract.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, KEPT_MAX = 64, CAPSULE_OFFSET = 40, USERS_MAX = 4 };

/* ---- access under a grant that is none ---- */

static uint32_t user_of_node(const struct tamper *t, uint32_t node)
{
    for (uint32_t i = 0; i < t->directory->data_user_count; i++)
        if (t->directory->data_users[i].node == node)
            return i;
    return UINT32_MAX;
}

/* What ACCESS and ACCESS_SCOPED have in common. */
struct asked {
    uint64_t request;
    uint8_t share, whole;
    uint8_t *grant_id, *signature;
};

static bool asked_read(struct asked *asked, const struct ehr_message *message)
{
    if (message->type == EHR_MSG_ACCESS) {
        struct ehr_msg_access *m = (struct ehr_msg_access *)(uintptr_t)message;
        *asked = (struct asked){m->request, m->share, m->whole, m->grant_id, m->signature};
    } else if (message->type == EHR_MSG_ACCESS_SCOPED) {
        struct ehr_msg_access_scoped *m = (struct ehr_msg_access_scoped *)(uintptr_t)message;
        *asked = (struct asked){m->request, m->share, m->whole, m->grant_id, m->signature};
    } else {
        return false;
    }
    return true;
}

/* The same request under another grant, signed as it should be. */
static struct ehr_message *access_under(struct tamper *t, struct ehr_message *take, uint32_t user,
                                        uint32_t to, const uint8_t grant_id[32])
{
    struct ehr_message *copy = tamper_copy(take);
    uint32_t proxy = ehr_committee_replica(&t->directory->alliance, to);
    uint8_t digest[32];
    struct asked asked;
    bool read = asked_read(&asked, copy);
    assert(read);
    memcpy(asked.grant_id, grant_id, 32);
    ehr_access_digest(digest, grant_id, asked.share, asked.whole, asked.request,
                      t->directory->alliance.members[proxy].cert.id);
    ehr_sign_make(asked.signature, &t->genesis->data_users[user].secrets.sign, "sig-access",
                  digest);
    return copy;
}

static struct ehr_message *access_invented(void *context, uint64_t now_ns, uint32_t to,
                                           struct ehr_message *message)
{
    struct tamper *t = context;
    struct asked asked;
    uint8_t grant_id[32];
    (void)now_ns;
    if (!asked_read(&asked, message))
        return message;
    memset(grant_id, 0xab, sizeof grant_id);
    tamper_refusal(t, asked.request, EHR_REASON_NO_GRANT);
    return access_under(t, message, 0, to, grant_id);
}

static void no_grant(struct tamper *t)
{
    tamper_mouth(t, "institute", access_invented);
}

/* Grants as they were used, by data user; and which were revoked. */
static struct {
    struct {
        uint8_t id[32];
        uint32_t user;
        uint64_t revoked_by; /* request; 0: by none */
        uint32_t exposed;    /* proxies that know of it */
    } grant[KEPT_MAX];
    size_t count;
    struct {
        uint64_t request;
        size_t grant;
    } used[KEPT_MAX];
    size_t used_count;
} known;

static size_t grant_find(const uint8_t id[32])
{
    size_t i = 0;
    while (i < known.count && memcmp(known.grant[i].id, id, 32) != 0)
        i++;
    return i;
}

static void grants_see(struct tamper *t, uint32_t from, uint32_t to,
                       const struct ehr_message *message)
{
    struct ehr_revoke_tx revoke;
    struct asked asked;
    (void)to;
    uint32_t user = user_of_node(t, from);
    if (asked_read(&asked, message) && known.count < KEPT_MAX &&
        grant_find(asked.grant_id) == known.count) {
        memcpy(known.grant[known.count].id, asked.grant_id, 32);
        known.grant[known.count++].user = user;
    }
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_REVOKE);
    if (tx == NULL)
        return;
    enum ehr_status status = ehr_revoke_tx_parse(&revoke, tx->bytes, tx->length);
    assert(status == EHR_OK);
    size_t at = grant_find(revoke.grant_id);
    if (at < known.count)
        known.grant[at].revoked_by = tx->request;
}

static void exposure_mark(struct tamper *t, uint32_t node, const struct ehr_mark *mark)
{
    (void)t, (void)node;
    for (size_t i = 0; mark->kind == EHR_MARK_EXPOSED && i < known.count; i++)
        if (known.grant[i].revoked_by == mark->request)
            known.grant[i].exposed++;
}

/* Which grant the request uses from its first access on; `count`: its own. */
static size_t grant_choose(const struct tamper *t, uint64_t request, uint32_t user, bool revoked)
{
    size_t chosen = 0;
    for (size_t i = 0; i < known.used_count; i++)
        if (known.used[i].request == request)
            return known.used[i].grant;
    while (chosen < known.count &&
           (revoked ? known.grant[chosen].user != user ||
                          known.grant[chosen].exposed < t->directory->alliance.count
                    : known.grant[chosen].user == user))
        chosen++;
    assert(known.used_count < KEPT_MAX);
    known.used[known.used_count].request = request;
    known.used[known.used_count++].grant = chosen < known.count ? chosen : SIZE_MAX;
    return known.used[known.used_count - 1].grant;
}

static struct ehr_message *access_other(struct tamper *t, uint32_t user, uint32_t to,
                                        struct ehr_message *message, bool revoked)
{
    struct asked asked;
    if (!asked_read(&asked, message))
        return message;
    size_t chosen = grant_choose(t, asked.request, user, revoked);
    if (chosen == SIZE_MAX)
        return message;
    tamper_refusal(t, asked.request, revoked ? EHR_REASON_REVOKED_GRANT : EHR_REASON_NO_GRANT);
    return access_under(t, message, user, to, known.grant[chosen].id);
}

static struct ehr_message *access_foreign(void *context, uint64_t now_ns, uint32_t to,
                                          struct ehr_message *message)
{
    (void)now_ns;
    return access_other(context, 0, to, message, false);
}

static void foreign_grant(struct tamper *t)
{
    tamper_mouth(t, "institute", access_foreign);
}

static struct ehr_message *access_revoked_0(void *context, uint64_t now_ns, uint32_t to,
                                            struct ehr_message *message)
{
    (void)now_ns;
    return access_other(context, 0, to, message, true);
}

static struct ehr_message *access_revoked_1(void *context, uint64_t now_ns, uint32_t to,
                                            struct ehr_message *message)
{
    (void)now_ns;
    return access_other(context, 1, to, message, true);
}

static void revoked_grant(struct tamper *t)
{
    tamper_mouth(t, "institute", access_revoked_0);
    tamper_mouth(t, "insurer", access_revoked_1);
}

/* ---- grants that end too soon ---- */

static struct {
    uint64_t blocks;   /* that the grant is valid for, from the height that the patient knows */
    uint64_t until_ns; /* later ones are as they should be: nothing would follow to end them */
    struct {
        uint64_t request, not_after;
        struct ehr_blob *grant;
    } made[KEPT_MAX];
    size_t count;
} brief;

static size_t brief_find(uint64_t request)
{
    size_t i = 0;
    while (i < brief.count && brief.made[i].request != request)
        i++;
    return i;
}

/* The patient's own grant for the same visit and data user, with another end. */
static struct ehr_blob *grant_remake(struct tamper *t, const struct ehr_grant_tx *wrapped,
                                     uint64_t not_before, uint64_t not_after)
{
    const struct ehr_directory *directory = t->directory;
    uint8_t cert_ids[32 * EHR_GRANT_PROXIES_MAX], node_keys[32 * EHR_GRANT_PROXIES_MAX];
    struct ehr_grant own;
    struct ehr_visit_keys keys;
    struct ehr_atx atx;
    enum ehr_status status = ehr_grant_parse(&own, wrapped->grant, wrapped->grant_len);
    assert(status == EHR_OK);
    const struct ehr_index_entry *visit = ehr_contract_index_find(
        t->genesis->alliance.chain->contract, wrapped->txid, t->genesis->alliance.chain->height);
    status = ehr_atx_parse(&atx, visit->tx->bytes, visit->tx->length);
    assert(status == EHR_OK);
    tamper_visit_keys(t, atx.pseudonym, own.hid, &keys);
    for (uint32_t i = 0; i < directory->proxies; i++) {
        memcpy(cert_ids + 32 * i, directory->alliance.members[i].cert.id, 32);
        memcpy(node_keys + 32 * i, directory->alliance.members[i].epoch_key.bytes, 32);
    }
    const struct ehr_grant_terms terms = {.keys = &keys,
                                          .Y = own.Y,
                                          .hid = own.hid,
                                          .du_cert_id = own.du_cert_id,
                                          .scope_hash = own.scope_hash,
                                          .epoch = directory->epoch,
                                          .threshold = own.threshold,
                                          .proxies = own.proxies,
                                          .cert_ids = cert_ids,
                                          .node_keys = node_keys,
                                          .not_before = not_before,
                                          .not_after = not_after};
    struct ehr_blob *grant = ehr_blob_new(NULL, wrapped->grant_len);
    status = ehr_grant_make(grant->bytes, grant->length, &terms, &t->rng.rng);
    assert(status == EHR_OK);
    return grant;
}

static struct ehr_message *grant_shorten(struct tamper *t, struct ehr_message *message)
{
    const struct ehr_tx *tx = EHR_AS(submit, message)->tx;
    struct ehr_grant_tx wrapped;
    enum ehr_status status = ehr_grant_tx_parse(&wrapped, tx->bytes, tx->length);
    assert(status == EHR_OK);
    size_t at = brief_find(tx->request);
    if (at == brief.count) {
        uint64_t height = t->genesis->alliance.chain->height;
        assert(brief.count < KEPT_MAX);
        brief.made[at].request = tx->request;
        brief.made[at].not_after = height + brief.blocks;
        brief.made[at].grant = grant_remake(t, &wrapped, height, height + brief.blocks);
        brief.count++;
    }
    tamper_refusal(t, tx->request, EHR_REASON_EXPIRED_GRANT);
    wrapped.grant = brief.made[at].grant->bytes;
    wrapped.grant_len = brief.made[at].grant->length;
    struct ehr_blob *bytes = ehr_grant_tx_make(&wrapped);
    message = tamper_submit(t, message, bytes->bytes, bytes->length);
    ehr_blob_unref(bytes);
    return message;
}

/* A patient whose grants end too soon, in the transaction and in what the data user gets. */
static struct ehr_message *grant_speak(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_GRANT);
    (void)to;
    if (tx != NULL) {
        bool begun = brief_find(tx->request) < brief.count;
        return now_ns < brief.until_ns || begun ? grant_shorten(context, message) : message;
    }
    if (message->type != EHR_MSG_ACCESS_REPLY_SCOPED ||
        EHR_AS(access_reply_scoped, message)->grant == NULL)
        return message;
    size_t at = brief_find(EHR_AS(access_reply_scoped, message)->request);
    if (at == brief.count)
        return message;
    struct ehr_msg_access_reply_scoped *reply =
        (struct ehr_msg_access_reply_scoped *)tamper_copy(message);
    ehr_blob_unref(reply->grant);
    reply->grant = ehr_blob_ref(brief.made[at].grant);
    return ehr_message_seal(&reply->head);
}

/* A data user that does not use its grant before it has ended. */
static struct ehr_message *access_late(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    struct asked asked;
    (void)now_ns, (void)to;
    if (!asked_read(&asked, message))
        return message;
    size_t at = brief_find(asked.request);
    if (at == brief.count || t->genesis->alliance.chain->height > brief.made[at].not_after + 1)
        return message;
    ehr_message_unref(message);
    return NULL;
}

static void expired_grant(struct tamper *t)
{
    brief.blocks = 2;
    brief.until_ns = 30000000000U;
    tamper_mouth(t, "minsk-patients", grant_speak);
    tamper_mouth(t, "institute", access_late);
    tamper_mouth(t, "insurer", access_late);
}

static void expired_grant_order(struct tamper *t)
{
    brief.blocks = 0; /* the block that it is ordered in is the next */
    brief.until_ns = UINT64_MAX;
    tamper_mouth(t, "minsk-patients", grant_speak);
}

static void brief_close(struct tamper *t)
{
    (void)t;
    for (size_t i = 0; i < brief.count; i++)
        ehr_blob_unref(brief.made[i].grant);
}

/* ---- proxies ---- */

static struct ehr_message *share_keep_back(void *context, uint64_t now_ns, uint32_t to,
                                           struct ehr_message *message)
{
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_SHARE)
        return message;
    tamper_refusal(context, EHR_AS(share, message)->request, EHR_REASON_TOO_FEW_SHARES);
    ehr_message_unref(message);
    return NULL;
}

static void too_few_shares(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", share_keep_back);
    tamper_mouth(t, "alliance-node-1", share_keep_back);
}

/* E1 + D and V1 - hD: the equation over the combined shares holds, the key is another. */
static void cfrag_forge(struct tamper *t, uint8_t cfrag[EHR_CFRAG_BYTES],
                        const uint8_t capsule[EHR_CAPSULE_BYTES])
{
    const struct ehr_chain *chain = t->genesis->alliance.chain;
    const struct ehr_consent *consent =
        ehr_contract_consent_find(chain->contract, cfrag, chain->height);
    struct ehr_grant_tx wrapped;
    struct ehr_grant_verified grant;
    struct ehr_scalar scalar, h;
    struct ehr_point D, hD, E1, V1;
    uint8_t label[32];
    enum ehr_status status = ehr_grant_tx_parse(&wrapped, consent->tx->bytes, consent->tx->length);
    if (status == EHR_OK)
        status = ehr_grant_verify(&grant, wrapped.grant, wrapped.grant_len);
    ehr_record_label(label, &grant.visit);
    if (status == EHR_OK)
        status = ehr_capsule_challenge(&h, capsule, label);
    if (status == EHR_OK)
        status = ehr_scalar_random(&scalar, &t->rng.rng);
    if (status == EHR_OK)
        status = ehr_point_mul_base(&D, &scalar);
    if (status == EHR_OK)
        status = ehr_point_mul(&hD, &h, &D);
    if (status == EHR_OK)
        status = ehr_point_import(&E1, cfrag + 33);
    if (status == EHR_OK)
        status = ehr_point_import(&V1, cfrag + 65);
    if (status == EHR_OK)
        status = ehr_point_add(&E1, &E1, &D);
    if (status == EHR_OK)
        status = ehr_point_sub(&V1, &V1, &hD);
    assert(status == EHR_OK);
    memcpy(cfrag + 33, E1.bytes, 32);
    memcpy(cfrag + 65, V1.bytes, 32);
}

static struct ehr_message *share_forge(struct tamper *t, struct ehr_message *message)
{
    if (message->type != EHR_MSG_SHARE || EHR_AS(share, message)->status != EHR_REPLY_OK)
        return message;
    struct ehr_msg_share *share = (struct ehr_msg_share *)tamper_copy(message);
    cfrag_forge(t, share->cfrag->bytes, share->sealed_head->bytes + CAPSULE_OFFSET);
    ehr_cfrag_sign(share->signature, share->cfrag->bytes,
                   share->sealed_head->bytes + CAPSULE_OFFSET,
                   &t->genesis->alliance.nodes[0].secrets.sign);
    return &share->head;
}

static struct ehr_message *share_forge_spare(void *context, uint64_t now_ns, uint32_t to,
                                             struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_message *forged = share_forge(t, message);
    (void)now_ns, (void)to;
    if (forged->type == EHR_MSG_SHARE && EHR_AS(share, forged)->status == EHR_REPLY_OK)
        tamper_attack(t, EHR_AS(share, forged)->request, EHR_OUTCOME_OK, EHR_REASON_NONE,
                      tamper_node(t, "alliance-node-0"));
    return forged;
}

static void forged_share_spare(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", share_forge_spare);
}

static struct ehr_message *share_forge_last(void *context, uint64_t now_ns, uint32_t to,
                                            struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_message *forged = share_forge(t, message);
    (void)now_ns, (void)to;
    if (forged->type == EHR_MSG_SHARE && EHR_AS(share, forged)->status == EHR_REPLY_OK)
        tamper_attack(t, EHR_AS(share, forged)->request, EHR_OUTCOME_REFUSED,
                      EHR_REASON_FORGED_SHARE, tamper_node(t, "alliance-node-0"));
    return forged;
}

static void forged_share(struct tamper *t)
{
    tamper_mouth(t, "alliance-node-0", share_forge_last);
}

const struct tamper_case tamper_cases_share[] = {
    {.name = "no_grant",
     .attack = "a data user asks under a grant that is not on the chain",
     .before = EHR_PHASE_FETCH,
     .prepare = no_grant},
    {.name = "foreign_grant",
     .attack = "a data user asks under another data user's grant",
     .sets = {"workload/revocations/@count=0"},
     .before = EHR_PHASE_FETCH,
     .prepare = foreign_grant,
     .see = grants_see},
    {.name = "revoked_grant",
     .attack = "data users ask under grants of theirs that were revoked",
     .sets = {"workload/shares/@count=16", "workload/revocations/@count=4",
              "workload/revocations/@delay=1s"},
     .before = EHR_PHASE_FETCH,
     .prepare = revoked_grant,
     .mark = exposure_mark,
     .see = grants_see},
    {.name = "expired_grant",
     .attack =
         "patients of Minsk grant for two blocks, and the data users wait until they are over",
     .before = EHR_PHASE_FETCH,
     .prepare = expired_grant,
     .judge = brief_close,
     .ear = "minsk-patients",
     .hear = tamper_hear_own},
    {.name = "expired_grant_order",
     .attack = "patients of Minsk submit grants that have ended",
     .before = EHR_PHASE_LOCATE,
     .prepare = expired_grant_order,
     .judge = brief_close,
     .ear = "minsk-patients",
     .hear = tamper_hear_own},
    {.name = "too_few_shares",
     .attack = "two of four proxies keep their shares back; three are needed",
     .before = EHR_PHASE_COMBINE,
     .prepare = too_few_shares},
    {.name = "forged_share",
     .attack = "one of three proxies forges its share; three are needed",
     .sets = {"alliance/@proxies=3"},
     .prepare = forged_share},
    {.name = "forged_share_spare",
     .attack = "one of four proxies forges its share; three are needed",
     .prepare = forged_share_spare},
    {.name = NULL},
};
