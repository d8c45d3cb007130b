/* Keyword scopes where they are enforced: the bytes of what is shown, and whom proxies refuse. */
#include <string.h>

#include "sim/ledger/scope_proof.h"
#include "sim/ledger/wire.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

static struct world w;
static uint8_t grant_id[32];

/* ---- what is shown ---- */

static void bytes_open_for_their_receiver_alone(void)
{
    struct ehr_scope_proof proof = {{1}, {2}, 7}, read;
    exchange_open(&w.x);
    const struct ehr_member *to = &w.x.users[0];
    uint8_t box[120];
    CU_ASSERT_EQUAL(EHR_SCOPE_PROOF_BOX_BYTES, 120);
    CU_ASSERT_EQUAL(
        ehr_scope_proof_seal(box, &proof, to->cert.id, &to->cert.dh_pk, exchange_rng(&w.x)),
        EHR_OK);
    CU_ASSERT_EQUAL(
        ehr_scope_proof_open(&read, box, sizeof box, to->cert.id, &w.x.user_secrets[0].dh), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(&read, &proof, sizeof proof), 0);
    CU_ASSERT_EQUAL(
        ehr_scope_proof_open(&read, box, sizeof box, w.x.users[1].cert.id, &w.x.user_secrets[0].dh),
        EHR_AEAD);
    CU_ASSERT_EQUAL(
        ehr_scope_proof_open(&read, box, sizeof box, to->cert.id, &w.x.user_secrets[1].dh),
        EHR_AEAD);
    for (uint32_t bit = 0; bit < 8 * sizeof box; bit += 3) {
        box[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_NOT_EQUAL(
            ehr_scope_proof_open(&read, box, sizeof box, to->cert.id, &w.x.user_secrets[0].dh),
            EHR_OK);
        box[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CU_ASSERT_EQUAL(ehr_scope_proof_open(&read, box, 119, to->cert.id, &w.x.user_secrets[0].dh),
                    EHR_LEN);
}

static void trapdoor_indexes_by_label_or_tag(void)
{
    struct ehr_scope_proof proof = {{0}, {3}, 5};
    uint8_t labels[32] = {0}, P[32] = {9}, scope[EHR_SCOPE_BYTES(1)], com[32];
    struct ehr_atx atx = {.pseudonym = P, .labels = labels, .nkw = 2};
    ehr_crypto_init();
    CU_ASSERT_FALSE(ehr_scope_proof_indexes(&proof, &atx, false));
    ehr_index_label(labels + 16, proof.T, 5);
    CU_ASSERT_TRUE(ehr_scope_proof_indexes(&proof, &atx, false));
    CU_ASSERT_FALSE(ehr_scope_proof_indexes(&proof, &atx, true));
    proof.counter = 4;
    CU_ASSERT_FALSE(ehr_scope_proof_indexes(&proof, &atx, false));
    ehr_index_tag(labels, proof.T, P);
    CU_ASSERT_TRUE(ehr_scope_proof_indexes(&proof, &atx, true));
    ehr_index_td_com(com, proof.T);
    CU_ASSERT_EQUAL(ehr_scope_encode(scope, 1, com, 1), EHR_OK);
    CU_ASSERT_TRUE(ehr_scope_proof_within(&proof, scope, sizeof scope));
    proof.T[0] ^= 1;
    CU_ASSERT_FALSE(ehr_scope_proof_within(&proof, scope, sizeof scope));
    CU_ASSERT_EQUAL(ehr_scope_encode(scope, 1, NULL, 0), EHR_OK);
    CU_ASSERT_TRUE(ehr_scope_proof_within(&proof, scope, EHR_SCOPE_BYTES(0)));
}

/* ---- proxies ---- */

/* Visits 0 and 1 are on the chain under one trapdoor each; visit 0 is granted to data user 0. */
static void open_granted(void)
{
    world_open(&w);
    w.x.directory.scope_enforced = true;
    world_share(&w, 2);
    uint64_t height = ehr_chain_node_state(w.nodes[0]).height;
    const struct grant_terms terms = {w.txids[0], 0, EXCHANGE_EPOCH, height, height + 50};
    CU_ASSERT_EQUAL(world_order(&w, exchange_grant(&w.x, &w.visits[0], &terms, grant_id)),
                    EHR_REPLY_OK);
}

static uint64_t request = 100;

/* Data user 0 asks node 0, showing `proof` sealed for node `to`; NULL: nothing. */
static enum ehr_reply ask(const struct ehr_scope_proof *proof, uint32_t to)
{
    uint8_t digest[32];
    struct ehr_msg_access_scoped *access = EHR_NEW(access_scoped, ACCESS_SCOPED);
    access->request = ++request;
    memcpy(access->grant_id, grant_id, 32);
    access->share = 1;
    access->certificates = ehr_blob_new(w.x.users[0].certificate, EHR_CERT_BYTES);
    if (proof != NULL)
        CU_ASSERT_EQUAL(ehr_scope_proof_seal(access->trapdoor, proof, w.x.alliance[to].cert.id,
                                             &w.x.alliance[to].epoch_key, exchange_rng(&w.x)),
                        EHR_OK);
    ehr_access_digest(digest, grant_id, 1, 0, access->request, w.x.alliance[0].cert.id);
    ehr_sign_make(access->signature, &w.x.user_secrets[0].sign, "sig-access", digest);
    node_loop_send(&w.loop, world_at(EXCHANGE_USER_NODE), world_at(0),
                   ehr_message_seal(&access->head));
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    struct ehr_message *asked =
        node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_COMPARE, NULL);
    struct ehr_message *answer = node_loop_take(&w.loop, EXCHANGE_USER_NODE, EHR_MSG_SHARE, NULL);
    enum ehr_reply reply = asked != NULL ? EHR_REPLY_OK : EHR_REPLY_INVALID;
    if (answer != NULL)
        reply = (enum ehr_reply)EHR_AS(share, answer)->status;
    ehr_message_unref(asked);
    ehr_message_unref(answer);
    return reply;
}

static struct ehr_scope_proof shown(const struct visit *visit, uint32_t counter)
{
    struct ehr_scope_proof proof = {.counter = counter};
    memcpy(proof.grant_id, grant_id, 32);
    memcpy(proof.T, visit->T, 32);
    return proof;
}

static void served_within_the_scope_alone(void)
{
    open_granted();
    struct ehr_scope_proof proof = shown(&w.visits[0], 0);
    CU_ASSERT_EQUAL(ask(&proof, 0), EHR_REPLY_OK); /* it asks the hospital */
    CU_ASSERT_EQUAL(ask(NULL, 0), EHR_REPLY_OUT_OF_SCOPE);
    CU_ASSERT_EQUAL(ask(&proof, 1), EHR_REPLY_OUT_OF_SCOPE); /* sealed to another node */
    proof = shown(&w.visits[0], 1); /* of visit 1, under the same keyword */
    CU_ASSERT_EQUAL(ask(&proof, 0), EHR_REPLY_OUT_OF_SCOPE);
    proof = shown(&w.visits[0], 0);
    proof.T[0] ^= 1; /* not committed to, and indexes nothing */
    CU_ASSERT_EQUAL(ask(&proof, 0), EHR_REPLY_OUT_OF_SCOPE);
    proof = shown(&w.visits[0], 0);
    proof.grant_id[0] ^= 1; /* shown under another grant */
    CU_ASSERT_EQUAL(ask(&proof, 0), EHR_REPLY_OUT_OF_SCOPE);
    world_close(&w);
}

static void not_asked_for_where_scopes_are_only_stated(void)
{
    open_granted();
    w.x.directory.scope_enforced = false;
    CU_ASSERT_EQUAL(ask(NULL, 0), EHR_REPLY_OK);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"bytes_open_for_their_receiver_alone", bytes_open_for_their_receiver_alone},
    {"trapdoor_indexes_by_label_or_tag", trapdoor_indexes_by_label_or_tag},
    {"served_within_the_scope_alone", served_within_the_scope_alone},
    {"not_asked_for_where_scopes_are_only_stated", not_asked_for_where_scopes_are_only_stated},
};
EHR_UNIT_MAIN("ledger_scope", cases)
