/* Batches of grants: bytes, a status for each grant, consent for those that are good. */
#include <string.h>

#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/cert_revoke.h"
#include "sim/ledger/grant_batch.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

enum { VISITS = 4 };

static struct exchange x;
static struct ehr_chain *private_chain, *alliance;
static struct visit visits[VISITS];
static uint8_t txids[VISITS][32], grant_ids[VISITS][32];
static struct ehr_tx *grants[VISITS]; /* what the batches are made of */

/* Alliance block 1: an anchor and three visits; the fourth is not indexed. */
static void open_chains(void)
{
    struct ehr_tx *tx[VISITS];
    struct ehr_atx atx;
    exchange_open(&x);
    private_chain = exchange_private_chain(&x, 0);
    alliance = exchange_alliance_chain(&x);
    ehr_contract_issuer_set(alliance->contract, x.directory.root.id, x.directory.root.ed_pk);
    for (uint32_t i = 0; i < VISITS; i++) {
        visit_make(&x, &visits[i], 0, 0, i);
        tx[i] = visit_tx(&visits[i], i);
    }
    exchange_commit(private_chain, tx, VISITS);
    exchange_certify(x.replica_secrets[0], private_chain, 1, 0x7);
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    struct ehr_tx *anchored[VISITS] = {exchange_anchor(&x, 0, &proof)};
    for (uint32_t i = 0; i < VISITS; i++) {
        struct ehr_tx *index = exchange_index(&x, 0, private_chain, 1, i);
        CU_ASSERT_EQUAL(ehr_atx_parse(&atx, index->bytes, index->length), EHR_OK);
        ehr_atx_id(txids[i], &atx);
        if (i + 1 < VISITS)
            anchored[1 + i] = index;
        else
            ehr_tx_unref(index);
    }
    exchange_commit(alliance, anchored, VISITS);
    for (uint32_t i = 0; i < VISITS; i++) {
        struct grant_terms terms = {txids[i], 0, EXCHANGE_EPOCH, 1, 100};
        grants[i] = exchange_grant(&x, &visits[i], &terms, grant_ids[i]);
    }
}

static void close_chains(void)
{
    for (uint32_t i = 0; i < VISITS; i++)
        ehr_tx_unref(grants[i]);
    ehr_chain_free(private_chain);
    ehr_chain_free(alliance);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

/* A batch of the grants with these numbers; their scopes are equal. */
static struct ehr_blob *batch_bytes(const uint32_t *numbers, uint32_t count)
{
    struct ehr_grant_batch batch = {.count = count};
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_tx *tx = grants[numbers[i]];
        struct ehr_grant_tx one;
        CU_ASSERT_EQUAL(ehr_grant_tx_parse(&one, tx->bytes, tx->length), EHR_OK);
        batch.scope = one.scope;
        batch.scope_len = one.scope_len;
        batch.item[i] = (struct ehr_grant_item){one.txid, one.grant, one.grant_len};
    }
    return ehr_grant_batch_make(&batch);
}

static struct ehr_tx *batch_tx(const uint32_t *numbers, uint32_t count)
{
    return exchange_tx(EHR_TX_GRANT_BATCH, batch_bytes(numbers, count), 70);
}

static void bytes_are_those_of_the_page(void)
{
    open_chains();
    struct ehr_grant_batch parsed;
    struct ehr_grant_tx one, alone;
    struct ehr_blob *blob = batch_bytes((const uint32_t[]){2, 0}, 2);
    size_t grant = EHR_GRANT_BYTES(4), scope = EHR_SCOPE_BYTES(1);
    CU_ASSERT_EQUAL(ehr_grant_tx_parse(&alone, grants[0]->bytes, grants[0]->length), EHR_OK);
    CU_ASSERT_EQUAL(alone.scope_len, scope);
    CU_ASSERT_EQUAL_FATAL(blob->length, 4 + 2 + 4 + scope + 2 * (32 + 4 + grant));
    CU_ASSERT_EQUAL(memcmp(blob->bytes, "GBT1\2\0", 6), 0);
    CU_ASSERT_EQUAL(memcmp(blob->bytes + 10 + scope, txids[2], 32), 0);
    CU_ASSERT_EQUAL(ehr_grant_batch_parse(&parsed, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_TRUE(ehr_grant_batch_item(&one, 1, blob->bytes, blob->length));
    CU_ASSERT_EQUAL(memcmp(one.grant, alone.grant, grant), 0);
    CU_ASSERT_EQUAL(memcmp(one.txid, txids[0], 32), 0);
    CU_ASSERT_FALSE(ehr_grant_batch_item(&one, 2, blob->bytes, blob->length));
    for (uint32_t length = 0; length < blob->length; length++)
        CU_ASSERT_EQUAL(ehr_grant_batch_parse(&parsed, blob->bytes, length), EHR_LEN);
    blob->bytes[4] = 0; /* none, and more than 64 */
    CU_ASSERT_EQUAL(ehr_grant_batch_parse(&parsed, blob->bytes, blob->length), EHR_LEN);
    blob->bytes[4] = 65;
    CU_ASSERT_EQUAL(ehr_grant_batch_parse(&parsed, blob->bytes, blob->length), EHR_LEN);
    ehr_blob_unref(blob);
    uint32_t many[64] = {0};
    blob = batch_bytes(many, 64);
    CU_ASSERT_EQUAL(ehr_grant_batch_parse(&parsed, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(parsed.count, 64);
    ehr_blob_unref(blob);
    close_chains();
}

static void answers_are_read_as_written(void)
{
    uint8_t txid[32] = {9};
    struct ehr_batch_answer answers[2] = {{EHR_REPLY_OK, 77, txid, (const uint8_t *)"index",
                                           (const uint8_t *)"grant!", (const uint8_t *)"td", 5, 6,
                                           2},
                                          {EHR_REPLY_NOT_FOUND, 0, txid, (const uint8_t *)"",
                                           (const uint8_t *)"", (const uint8_t *)"", 0, 0, 0}};
    struct ehr_batch_answer read[EHR_GRANT_BATCH_MAX];
    uint32_t count;
    struct ehr_blob *blob = ehr_batch_answers_make(answers, 2);
    CU_ASSERT_EQUAL_FATAL(blob->length, 2 + 49 + 5 + 6 + 2 + 49);
    CU_ASSERT_EQUAL(ehr_batch_answers_parse(read, &count, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(read[0].visit, 77);
    CU_ASSERT_EQUAL(memcmp(read[0].grant, "grant!", 6), 0);
    CU_ASSERT_EQUAL(read[1].status, EHR_REPLY_NOT_FOUND);
    CU_ASSERT_EQUAL(read[1].grant_len, 0);
    for (uint32_t length = 0; length < blob->length; length++)
        CU_ASSERT_EQUAL(ehr_batch_answers_parse(read, &count, blob->bytes, length), EHR_LEN);
    ehr_blob_unref(blob);
}

static void each_grant_has_its_own_outcome(void)
{
    uint32_t count = 0;
    struct ehr_grant_tx one;
    open_chains();
    struct ehr_tx *tx = batch_tx((const uint32_t[]){0, 3, 1, 0}, 4);
    uint8_t id[32];
    memcpy(id, tx->id, 32);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &tx, 1)->replies[0], EHR_REPLY_OK);
    const uint8_t *replies = ehr_contract_batch_replies(alliance->contract, id, 2, &count);
    CU_ASSERT_PTR_NOT_NULL_FATAL(replies);
    CU_ASSERT_EQUAL(count, 4);
    CU_ASSERT_EQUAL(replies[0], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(replies[1], EHR_REPLY_NOT_FOUND); /* its visit is not indexed */
    CU_ASSERT_EQUAL(replies[2], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(replies[3], EHR_REPLY_DUPLICATE);
    CU_ASSERT_PTR_NULL(ehr_contract_batch_replies(alliance->contract, id, 1, &count));
    const struct ehr_consent *consent =
        ehr_contract_consent_find(alliance->contract, grant_ids[1], 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(consent);
    CU_ASSERT_EQUAL(memcmp(consent->txid, txids[1], 32), 0);
    ehr_consent_grant(&one, consent);
    CU_ASSERT_EQUAL(memcmp(one.txid, txids[1], 32), 0);
    CU_ASSERT_PTR_NULL(ehr_contract_consent_find(alliance->contract, grant_ids[3], 2));
    /* one of them is withdrawn like any other */
    struct ehr_tx *revoke = exchange_revoke(&x, &visits[1], grant_ids[1], 2);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &revoke, 1)->replies[0], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_consent_find(alliance->contract, grant_ids[1], 3)->revoked_height,
                    3);
    CU_ASSERT_EQUAL(ehr_contract_consent_find(alliance->contract, grant_ids[0], 3)->revoked_height,
                    UINT64_MAX);
    close_chains();
}

static void refused_as_a_whole_when_no_grant_is_good(void)
{
    open_chains();
    struct ehr_tx *tx = batch_tx((const uint32_t[]){3}, 1);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &tx, 1)->replies[0], EHR_REPLY_NOT_FOUND);
    struct ehr_tx *revoke = exchange_tx(
        EHR_TX_CERT_REVOKE, ehr_cert_revoke_make(x.users[0].certificate, 0, 1, &x.root), 71);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &revoke, 1)->replies[0], EHR_REPLY_OK);
    tx = batch_tx((const uint32_t[]){0, 1}, 2);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &tx, 1)->replies[0], EHR_REPLY_REVOKED_CERTIFICATE);
    close_chains();
}

static void kept_out_when_a_grant_does_not_verify(void)
{
    open_chains();
    struct ehr_tx *tx = batch_tx((const uint32_t[]){0, 1, 2}, 3);
    size_t scope = EHR_SCOPE_BYTES(1), item = 36 + EHR_GRANT_BYTES(4);
    unsigned accepted = 0, tried = 0;
    for (uint32_t i = 0; i < tx->length; i += 29) {
        struct ehr_tx *changed = ehr_tx_new(EHR_TX_GRANT_BATCH, tx->bytes, tx->length, 0, 0, 1);
        changed->bytes[i] ^= 1;
        size_t inside = i < 10 + scope ? item : (i - 10 - scope) % item;
        bool only_the_visit = inside < 32; /* whose keys are compared at execution */
        accepted +=
            !only_the_visit && ehr_contract_check(alliance->contract, changed) == EHR_REPLY_OK;
        tried++;
        ehr_tx_unref(changed);
    }
    CU_ASSERT_TRUE(tried > 50);
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(ehr_contract_check(alliance->contract, tx), EHR_REPLY_OK);
    ehr_tx_unref(tx);
    close_chains();
}

static const struct ehr_unit_case cases[] = {
    {"bytes_are_those_of_the_page", bytes_are_those_of_the_page},
    {"answers_are_read_as_written", answers_are_read_as_written},
    {"each_grant_has_its_own_outcome", each_grant_has_its_own_outcome},
    {"refused_as_a_whole_when_no_grant_is_good", refused_as_a_whole_when_no_grant_is_good},
    {"kept_out_when_a_grant_does_not_verify", kept_out_when_a_grant_does_not_verify},
};
EHR_UNIT_MAIN("ledger_batch", cases)
