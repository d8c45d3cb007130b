/* The alliance chain's contract: grants and their revocation. */
#include <string.h>

#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/wire.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

static struct exchange x;
static struct ehr_chain *private_chain, *alliance;
static struct visit visits[2];
static uint8_t txids[2][32];

/* Alliance height 1: both visits are anchored and indexed. */
static void open_chains(void)
{
    struct ehr_tx *tx[3];
    struct ehr_atx atx;
    exchange_open(&x);
    private_chain = exchange_private_chain(&x, 0);
    alliance = exchange_alliance_chain(&x);
    for (uint32_t i = 0; i < 2; i++) {
        visit_make(&x, &visits[i], 0, 0, i);
        tx[i] = visit_tx(&visits[i], i);
    }
    exchange_commit(private_chain, tx, 2);
    exchange_certify(x.replica_secrets[0], private_chain, 1, 0x7);
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    tx[0] = exchange_anchor(&x, 0, &proof);
    for (uint32_t i = 0; i < 2; i++) {
        tx[1 + i] = exchange_index(&x, 0, private_chain, 1, i);
        CU_ASSERT_EQUAL(ehr_atx_parse(&atx, tx[1 + i]->bytes, tx[1 + i]->length), EHR_OK);
        ehr_atx_id(txids[i], &atx);
    }
    exchange_commit(alliance, tx, 3);
}

static void close_chains(void)
{
    ehr_chain_free(private_chain);
    ehr_chain_free(alliance);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static enum ehr_reply run(struct ehr_tx *take_tx)
{
    return (enum ehr_reply)exchange_commit(alliance, &take_tx, 1)->replies[0];
}

static enum ehr_reply check(struct ehr_tx *take_tx)
{
    enum ehr_reply verdict = ehr_contract_check(alliance->contract, take_tx);
    ehr_tx_unref(take_tx);
    return verdict;
}

static struct grant_terms usual(void)
{
    return (struct grant_terms){txids[0], 0, EXCHANGE_EPOCH, 1, 100};
}

static void grant_seen_from_its_height_on_when_ordered(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_OK);
    CU_ASSERT_PTR_NULL(ehr_contract_consent_find(alliance->contract, grant_id, 1));
    const struct ehr_consent *consent = ehr_contract_consent_find(alliance->contract, grant_id, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(consent);
    CU_ASSERT_EQUAL(consent->revoked_height, UINT64_MAX);
    CU_ASSERT_EQUAL(memcmp(consent->txid, txids[0], 32), 0);
    grant_id[31] ^= 1; /* the key is the first half, the whole is compared */
    CU_ASSERT_PTR_NULL(ehr_contract_consent_find(alliance->contract, grant_id, 2));
    close_chains();
}

static void grant_refused_when_keys_or_visit_are_foreign(void)
{
    uint8_t grant_id[32], unknown[32] = {1};
    open_chains();
    struct grant_terms terms = usual();
    terms.txid = txids[1]; /* visit 0's keys for visit 1's record */
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_BAD_GRANT);
    terms.txid = unknown;
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_NOT_FOUND);
    struct visit elsewhere = visits[0]; /* another hospital in it */
    elsewhere.hospital = 1;
    terms = usual();
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &elsewhere, &terms, grant_id)), EHR_REPLY_BAD_GRANT);
    CU_ASSERT_PTR_NULL(ehr_contract_consent_find(alliance->contract, grant_id, 9));
    close_chains();
}

static void grant_refused_when_expired_or_for_another_committee(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    terms.not_after = 2;
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_EXPIRED_GRANT);
    terms = usual();
    terms.epoch = EXCHANGE_EPOCH + 1;
    CU_ASSERT_EQUAL(check(exchange_grant(&x, &visits[0], &terms, grant_id)),
                    EHR_REPLY_STALE_COMMITTEE);
    close_chains();
}

static void grant_refused_when_altered(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    struct ehr_tx *tx = exchange_grant(&x, &visits[0], &terms, grant_id);
    unsigned accepted = 0;
    /* magic 4, txid 32, scope length 4, scope 36, grant */
    for (uint32_t i = 0; i < tx->length; i += 7) {
        struct ehr_tx *changed = ehr_tx_new(EHR_TX_GRANT, tx->bytes, tx->length, 0, 0, 1);
        changed->bytes[i] ^= 1;
        bool only_the_visit = i >= 4 && i < 36;
        enum ehr_reply verdict = check(changed);
        accepted += verdict == EHR_REPLY_OK && !only_the_visit;
    }
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(check(tx), EHR_REPLY_OK);
    close_chains();
}

/* The scope is hashed into the grant, but it must also be one. */
static void grant_refused_when_its_scope_is_malformed(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    struct ehr_tx *tx = exchange_grant(&x, &visits[0], &terms, grant_id);
    struct ehr_grant_tx parsed;
    CU_ASSERT_EQUAL(ehr_grant_tx_parse(&parsed, tx->bytes, tx->length), EHR_OK);
    parsed.scope_len--;
    CU_ASSERT_EQUAL(check(exchange_tx(EHR_TX_GRANT, ehr_grant_tx_make(&parsed), 1)),
                    EHR_REPLY_MALFORMED);
    ehr_tx_unref(tx);
    close_chains();
}

static void grant_does_nothing_when_it_is_there(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    struct ehr_tx *tx = exchange_grant(&x, &visits[0], &terms, grant_id);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(tx)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(tx)), EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(ehr_chain_block_at(alliance, 3)->refused[0], 0);
    ehr_tx_unref(tx);
    close_chains();
}

static void revocation_counts_from_its_height_on(void)
{
    uint8_t grant_id[32];
    open_chains();
    struct grant_terms terms = usual();
    CU_ASSERT_EQUAL(run(exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(exchange_revoke(&x, &visits[1], grant_id, 2)), EHR_REPLY_BAD_GRANT);
    CU_ASSERT_EQUAL(ehr_contract_consent_find(alliance->contract, grant_id, 3)->revoked_height,
                    UINT64_MAX);
    CU_ASSERT_EQUAL(run(exchange_revoke(&x, &visits[0], grant_id, 3)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_consent_find(alliance->contract, grant_id, 4)->revoked_height, 4);
    CU_ASSERT_EQUAL(run(exchange_revoke(&x, &visits[0], grant_id, 9)), EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(ehr_contract_consent_find(alliance->contract, grant_id, 5)->revoked_height, 4);
    close_chains();
}

static void revocation_refused_when_there_is_no_such_grant(void)
{
    uint8_t grant_id[32] = {1};
    open_chains();
    CU_ASSERT_EQUAL(run(exchange_revoke(&x, &visits[0], grant_id, 1)), EHR_REPLY_NO_GRANT);
    close_chains();
}

static const struct ehr_unit_case cases[] = {
    {"grant_seen_from_its_height_on_when_ordered", grant_seen_from_its_height_on_when_ordered},
    {"grant_refused_when_keys_or_visit_are_foreign", grant_refused_when_keys_or_visit_are_foreign},
    {"grant_refused_when_expired_or_for_another_committee",
     grant_refused_when_expired_or_for_another_committee},
    {"grant_refused_when_altered", grant_refused_when_altered},
    {"grant_refused_when_its_scope_is_malformed", grant_refused_when_its_scope_is_malformed},
    {"grant_does_nothing_when_it_is_there", grant_does_nothing_when_it_is_there},
    {"revocation_counts_from_its_height_on", revocation_counts_from_its_height_on},
    {"revocation_refused_when_there_is_no_such_grant",
     revocation_refused_when_there_is_no_such_grant},
};

EHR_UNIT_MAIN("contract_consent", cases)
