/* Alliance nodes as proxies: who gets a share, and that it is one. */
#include <string.h>

#include "crypto/combine.h"
#include "crypto/reencrypt.h"
#include "sim/ledger/wire.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

static struct world w;
static uint8_t grant_id[32], grant_bytes[EHR_GRANT_BYTES(EXCHANGE_REPLICAS)];

/* Two visits on the chain; the first is granted to data user 0. */
static void open_granted(uint64_t not_before, uint64_t not_after)
{
    struct ehr_grant_tx wrapped;
    world_open(&w);
    world_share(&w, 2);
    uint64_t height = ehr_chain_node_state(w.nodes[0]).height;
    const struct grant_terms terms = {w.txids[0], 0, EXCHANGE_EPOCH, height + not_before,
                                      height + not_after};
    struct ehr_tx *tx = exchange_grant(&w.x, &w.visits[0], &terms, grant_id);
    CU_ASSERT_EQUAL(ehr_grant_tx_parse(&wrapped, tx->bytes, tx->length), EHR_OK);
    CU_ASSERT_EQUAL_FATAL(wrapped.grant_len, sizeof grant_bytes);
    memcpy(grant_bytes, wrapped.grant, sizeof grant_bytes);
    CU_ASSERT_EQUAL(world_order(&w, tx), EHR_REPLY_OK);
}

/* What an access request says; the defaults are right. */
struct access {
    uint32_t user, signer;
    uint32_t node;
    uint8_t share, whole;
    const uint8_t *grant;
    bool without_certificate;
};

static struct access right(uint32_t node)
{
    return (struct access){.node = node, .share = (uint8_t)(node + 1), .grant = grant_id};
}

static void ask(const struct access *a)
{
    uint8_t digest[32];
    struct ehr_msg_access *access = EHR_NEW(access, ACCESS);
    access->request = 60 + a->node;
    memcpy(access->grant_id, a->grant, 32);
    access->share = a->share;
    access->whole = a->whole;
    if (!a->without_certificate)
        access->certificates = ehr_blob_new(w.x.users[a->user].certificate, EHR_CERT_BYTES);
    ehr_access_digest(digest, a->grant, a->share, a->whole, access->request,
                      w.x.alliance[a->node].cert.id);
    ehr_sign_make(access->signature, &w.x.user_secrets[a->signer].sign, "sig-access", digest);
    node_loop_send(&w.loop, world_at(EXCHANGE_USER_NODE), world_at(a->node),
                   ehr_message_seal(&access->head));
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
}

/* The hospital releases what is asked for; `flip`: a byte of the head that it alters; false if
 * nobody asks. */
static bool release(size_t flip)
{
    uint32_t from;
    struct ehr_message *message =
        node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_COMPARE, &from);
    if (message == NULL)
        return false;
    const struct ehr_msg_compare *compare = EHR_AS(compare, message);
    struct ehr_msg_release *answer = EHR_NEW(release, RELEASE);
    answer->request = compare->request;
    answer->status = EHR_REPLY_OK;
    memcpy(answer->body_hash, w.visits[0].body_hash, 32);
    answer->sealed_head = ehr_blob_new(w.visits[0].sealed, EHR_RECORD_HEAD_BYTES);
    if (flip < EHR_RECORD_HEAD_BYTES)
        answer->sealed_head->bytes[flip] ^= 1;
    if (compare->whole)
        answer->record = ehr_blob_new(w.visits[0].sealed, sizeof w.visits[0].sealed);
    node_loop_send(&w.loop, world_at(EXCHANGE_SERVER_NODE), world_at(from),
                   ehr_message_seal(&answer->head));
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    ehr_message_unref(message);
    return true;
}

static enum ehr_reply take_status(void)
{
    struct ehr_message *message = node_loop_take(&w.loop, EXCHANGE_USER_NODE, EHR_MSG_SHARE, NULL);
    enum ehr_reply status = EHR_REPLY_INVALID;
    if (message != NULL)
        status = (enum ehr_reply)EHR_AS(share, message)->status;
    ehr_message_unref(message);
    return status;
}

static enum ehr_reply refused(const struct access *a)
{
    ask(a);
    CU_ASSERT_PTR_NULL(node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_COMPARE, NULL));
    return take_status();
}

/* Any two of four shares open the record. */
static void shares_verify_and_combine_when_the_grant_holds(void)
{
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    struct ehr_message *messages[EXCHANGE_REPLICAS];
    struct ehr_share shares[2];
    uint8_t plaintext[256];
    size_t length;
    uint32_t faulty;
    open_granted(0, 50);
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, grant_bytes, sizeof grant_bytes), EHR_OK);
    CU_ASSERT_EQUAL(
        ehr_record_head_check(&head, w.visits[0].sealed, EHR_RECORD_HEAD_BYTES, &grant.visit),
        EHR_OK);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        struct access a = right(i);
        a.whole = i == 0;
        ask(&a);
        CU_ASSERT_TRUE(release(SIZE_MAX));
        messages[i] = node_loop_take(&w.loop, EXCHANGE_USER_NODE, EHR_MSG_SHARE, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(messages[i]);
        const struct ehr_msg_share *share = EHR_AS(share, messages[i]);
        CU_ASSERT_EQUAL(share->status, EHR_REPLY_OK);
        CU_ASSERT_EQUAL(share->share, i + 1);
        CU_ASSERT_EQUAL(share->request, 60 + i);
        CU_ASSERT_EQUAL(share->record != NULL, i == 0);
        CU_ASSERT_EQUAL(ehr_cfrag_verify(&grant, &head, share->cfrag->bytes, share->cfrag->length),
                        EHR_OK);
        CU_ASSERT_EQUAL(ehr_cfrag_sig_verify(share->cfrag->bytes, head.capsule,
                                             w.x.alliance[i].cert.ed_pk, share->signature),
                        EHR_OK);
        CU_ASSERT_EQUAL(memcmp(share->body_hash, w.visits[0].body_hash, 32), 0);
        CU_ASSERT_EQUAL(share->sealed_head->length, EHR_RECORD_HEAD_BYTES);
    }
    for (uint32_t i = 0; i < 2; i++) {
        const struct ehr_msg_share *share = EHR_AS(share, messages[3 * i]);
        shares[i] = (struct ehr_share){share->cfrag->bytes, share->cfrag->length};
    }
    CU_ASSERT_EQUAL(ehr_combine_open(plaintext, sizeof plaintext, &length, &w.x.user_secrets[0].dh,
                                     &grant, shares, 2, EHR_AS(share, messages[0])->record->bytes,
                                     sizeof w.visits[0].sealed, &faulty),
                    EHR_OK);
    CU_ASSERT_EQUAL(memcmp(plaintext, "a short record", 15), 0);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        ehr_message_unref(messages[i]);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    world_close(&w);
}

static void access_refused_when_the_asker_is_not_the_grantee(void)
{
    const uint8_t unknown[32] = {1};
    open_granted(0, 50);
    struct access a = right(1);
    a.user = a.signer = 1;
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_BAD_GRANT);
    a = right(1);
    a.signer = 1;
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_WRONG_CERTIFICATE);
    a = right(1);
    a.without_certificate = true;
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_WRONG_CERTIFICATE);
    a = right(1);
    a.grant = unknown;
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_NO_GRANT);
    a = right(1);
    a.share = 3; /* of node 2 */
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_BAD_GRANT);
    a.share = 0;
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_BAD_GRANT);
    world_close(&w);
}

static void access_refused_when_outside_its_heights(void)
{
    open_granted(2, 3); /* it stands at +1 */
    struct access a = right(1);
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_EXPIRED_GRANT);
    world_grow(&w, 2);
    ask(&a);
    CU_ASSERT_TRUE(release(SIZE_MAX));
    CU_ASSERT_EQUAL(take_status(), EHR_REPLY_OK);
    world_grow(&w, 1);
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_EXPIRED_GRANT);
    world_close(&w);
}

static void access_refused_when_revoked_even_meanwhile(void)
{
    open_granted(0, 50);
    struct access a = right(1);
    ask(&a); /* the hospital takes its time */
    uint64_t height = ehr_chain_node_state(w.nodes[0]).height;
    CU_ASSERT_EQUAL(world_order(&w, exchange_revoke(&w.x, &w.visits[0], grant_id, height)),
                    EHR_REPLY_OK);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_EXPOSED], EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(w.loop.last[EHR_MARK_EXPOSED].request, 900);
    CU_ASSERT_TRUE(release(SIZE_MAX));
    CU_ASSERT_EQUAL(take_status(), EHR_REPLY_REVOKED_GRANT);
    CU_ASSERT_EQUAL(refused(&a), EHR_REPLY_REVOKED_GRANT);
    world_close(&w);
}

static void no_share_made_when_the_head_is_altered(void)
{
    open_granted(0, 50);
    struct access a = right(2);
    ask(&a);
    CU_ASSERT_TRUE(release(60));
    CU_ASSERT_EQUAL(take_status(), EHR_REPLY_TAMPERED);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_BLAME], 1);
    world_close(&w);
}

/* With a whole record, what the hospital says of its body is not looked at. */
static struct ehr_message *false_body_hash(void *context, uint32_t from, uint32_t to,
                                           struct ehr_message *take_message)
{
    (void)context;
    (void)from;
    (void)to;
    if (take_message->type == EHR_MSG_RELEASE) /* not sent yet: its one owner may still change it */
        ((struct ehr_msg_release *)(void *)take_message)->body_hash[0] ^= 1;
    return take_message;
}

static void body_hash_computed_when_the_body_is_there(void)
{
    open_granted(0, 50);
    w.loop.tamper = false_body_hash;
    struct access a = right(0);
    a.whole = 1;
    ask(&a);
    CU_ASSERT_TRUE(release(SIZE_MAX));
    CU_ASSERT_EQUAL(take_status(), EHR_REPLY_OK);
    a = right(2); /* only the head: the hash is needed */
    ask(&a);
    CU_ASSERT_TRUE(release(SIZE_MAX));
    CU_ASSERT_EQUAL(take_status(), EHR_REPLY_TAMPERED);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"shares_verify_and_combine_when_the_grant_holds",
     shares_verify_and_combine_when_the_grant_holds},
    {"access_refused_when_the_asker_is_not_the_grantee",
     access_refused_when_the_asker_is_not_the_grantee},
    {"access_refused_when_outside_its_heights", access_refused_when_outside_its_heights},
    {"access_refused_when_revoked_even_meanwhile", access_refused_when_revoked_even_meanwhile},
    {"no_share_made_when_the_head_is_altered", no_share_made_when_the_head_is_altered},
    {"body_hash_computed_when_the_body_is_there", body_hash_computed_when_the_body_is_there},
};

EHR_UNIT_MAIN("chain_node_share", cases)
