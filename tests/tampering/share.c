/* Attacks on shares: access without a grant, proxies that are silent or lie. */
#include <assert.h>
#include <string.h>

#include "crypto/capsule.h"
#include "crypto/grant.h"
#include "crypto/reencrypt.h"
#include "sim/contract/contract.h"
#include "sim/ledger/wire.h"
#include "tests/tampering/tamper.h"

enum { KEPT_MAX = 64, CAPSULE_OFFSET = 40 };

/* ---- access under a grant that is none ---- */

static uint32_t user_of_node(const struct tamper *t, uint32_t node)
{
    for (uint32_t i = 0; i < t->directory->data_user_count; i++)
        if (t->directory->data_users[i].node == node)
            return i;
    return UINT32_MAX;
}

/* The same request under another grant, signed as it should be. */
static struct ehr_message *access_under(struct tamper *t, struct ehr_message *take, uint32_t user,
                                        uint32_t to, const uint8_t grant_id[32])
{
    struct ehr_message *copy = tamper_copy(take);
    uint32_t proxy = ehr_committee_replica(&t->directory->alliance, to);
    uint8_t digest[32];
    struct tamper_access asked;
    bool read = tamper_access_read(&asked, copy);
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
    struct tamper_access asked;
    uint8_t grant_id[32];
    (void)now_ns;
    if (!tamper_access_read(&asked, message))
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
    struct tamper_access asked;
    (void)to;
    uint32_t user = user_of_node(t, from);
    if (tamper_access_read(&asked, message) && known.count < KEPT_MAX &&
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
    struct tamper_access asked;
    if (!tamper_access_read(&asked, message))
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
    enum ehr_status status = tamper_grant_item(&wrapped, consent->tx, consent->item);
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
