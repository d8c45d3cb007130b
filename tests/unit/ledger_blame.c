/* Evidence against a proxy, before somebody who has seen nothing else; complaints; shares whose
 * proofs hold as values of their own. */
#include <string.h>

#include "crypto/blame.h"
#include "crypto/combine.h"
#include "sim/ledger/wire.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

enum { GRANT_BYTES = EHR_GRANT_BYTES(EXCHANGE_REPLICAS) };

static struct exchange x;
static struct visit visit;
static uint8_t grant_bytes[2][GRANT_BYTES]; /* two of the same visit */
static struct ehr_grant_verified grant[2];
static uint8_t cfrags[EXCHANGE_REPLICAS][EHR_CFRAG_BYTES], sigs[EXCHANGE_REPLICAS][64];
static uint8_t cert_ids[32 * EXCHANGE_REPLICAS];

static enum ehr_status share_make(uint8_t cfrag[EHR_CFRAG_BYTES], uint32_t node, uint32_t g)
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    const struct ehr_reencrypt_request request = {.head = visit.sealed,
                                                  .head_len = EHR_RECORD_HEAD_BYTES,
                                                  .body_hash = visit.body_hash,
                                                  .ct_hash = visit.ct_hash,
                                                  .height = 5};
    EHR_TRY(
        ehr_kfrag_open(&kfrag, &grant[g], (uint8_t)(node + 1), &x.alliance_secrets[node].epoch));
    EHR_TRY(ehr_kfrag_verify(&verified, &kfrag, &grant[g]));
    return ehr_reencrypt(cfrag, &grant[g], &verified, &request, exchange_rng(&x));
}

static void sign(uint32_t node)
{
    ehr_cfrag_sign(sigs[node], cfrags[node], visit.sealed + 40, &x.alliance_secrets[node].sign);
}

static void open_shared(void)
{
    uint8_t txid[32] = {0}, grant_id[32];
    exchange_open(&x);
    visit_make(&x, &visit, 0, 0, 0);
    for (uint32_t g = 0; g < 2; g++) {
        const struct grant_terms terms = {txid, 0, EXCHANGE_EPOCH, 0, 100};
        struct ehr_tx *tx = exchange_grant(&x, &visit, &terms, grant_id);
        struct ehr_grant_tx wrapped;
        CU_ASSERT_EQUAL(ehr_grant_tx_parse(&wrapped, tx->bytes, tx->length), EHR_OK);
        memcpy(grant_bytes[g], wrapped.grant, GRANT_BYTES);
        CU_ASSERT_EQUAL(ehr_grant_verify(&grant[g], grant_bytes[g], GRANT_BYTES), EHR_OK);
        ehr_tx_unref(tx);
    }
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        memcpy(cert_ids + (size_t)32 * i, x.alliance[i].cert.id, 32);
        CU_ASSERT_EQUAL(share_make(cfrags[i], i, 0), EHR_OK);
        sign(i);
    }
}

static struct ehr_blame_verified verdict;

static enum ehr_status judge_as(uint32_t share_of, uint32_t accused, uint32_t g)
{
    const struct ehr_blame_evidence held = {.head = visit.sealed,
                                            .cfrag = cfrags[share_of],
                                            .sig = sigs[share_of],
                                            .grant = grant_bytes[g],
                                            .grant_len = GRANT_BYTES};
    const struct ehr_blame_accused node = {.epoch = EXCHANGE_EPOCH,
                                           .cert_ids = cert_ids,
                                           .proxies = EXCHANGE_REPLICAS,
                                           .index = (uint8_t)(accused + 1),
                                           .ed_pk = x.alliance[accused].cert.ed_pk};
    uint8_t bytes[EHR_BLAME_BYTES(EXCHANGE_REPLICAS)];
    struct ehr_blame_evidence read;
    ehr_blame_encode(bytes, &held);
    CU_ASSERT_EQUAL(ehr_blame_parse(&read, bytes, sizeof bytes), EHR_OK);
    return ehr_blame_verify(&verdict, &read, &node);
}

static enum ehr_status judge(uint32_t node)
{
    return judge_as(node, node, 0);
}

static void nobody_blamed_for_a_good_share(void)
{
    open_shared();
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        CU_ASSERT_EQUAL(judge(i), EHR_POLICY);
        CU_ASSERT_EQUAL(verdict.why, 0);
    }
}

/* Every byte of a share that a node alters and then signs. */
static void forger_named_for_every_part_of_a_share(void)
{
    open_shared();
    for (uint32_t at = 33; at < EHR_CFRAG_BYTES; at++) {
        cfrags[1][at] ^= 1;
        sign(1);
        CU_ASSERT_EQUAL(judge(1), EHR_OK);
        CU_ASSERT_TRUE(verdict.why == EHR_CFRAG || verdict.why == EHR_POINT ||
                       verdict.why == EHR_SCALAR);
        CU_ASSERT_EQUAL(memcmp(verdict.node_id, x.alliance[1].cert.id, 32), 0);
        CU_ASSERT_EQUAL(memcmp(verdict.grant_id, grant[0].grant_id, 32), 0);
        cfrags[1][at] ^= 1;
    }
    /* another node's good share, under its own name */
    memcpy(cfrags[1], cfrags[2], EHR_CFRAG_BYTES);
    sign(1);
    CU_ASSERT_EQUAL(judge(1), EHR_OK);
    CU_ASSERT_EQUAL(verdict.why, EHR_CFRAG);
}

static void honest_nodes_cannot_be_framed(void)
{
    open_shared();
    cfrags[1][40] ^= 1; /* altered behind the signature */
    CU_ASSERT_EQUAL(judge(1), EHR_SIG);
    CU_ASSERT_EQUAL(judge_as(2, 1, 0), EHR_SIG);    /* somebody else's share */
    CU_ASSERT_EQUAL(judge_as(2, 2, 1), EHR_POLICY); /* a good one, for another grant */
    /* another valid capsule for the same visit: the signature does not cover it */
    struct visit other = visit;
    CU_ASSERT_EQUAL(ehr_record_seal(other.sealed, sizeof other.sealed, &grant[0].visit,
                                    (const uint8_t *)"other", 5, exchange_rng(&x)),
                    EHR_OK);
    struct visit kept = visit;
    visit = other;
    CU_ASSERT_EQUAL(judge(2), EHR_SIG);
    visit = kept;
    visit.sealed[60] ^= 1; /* no capsule at all */
    CU_ASSERT_NOT_EQUAL(judge(2), EHR_OK);
    visit = kept;
    grant_bytes[0][300] ^= 1;
    CU_ASSERT_NOT_EQUAL(judge(2), EHR_OK);
    grant_bytes[0][300] ^= 1;
}

/* A false share is evidence among those who the grant is for, and nowhere else. */
static void only_proxies_of_the_grant_are_judged(void)
{
    open_shared();
    cfrags[1][40] ^= 1;
    sign(1);
    CU_ASSERT_EQUAL(judge(1), EHR_OK);
    const struct ehr_blame_evidence held = {visit.sealed, cfrags[1], sigs[1], grant_bytes[0],
                                            GRANT_BYTES};
    const struct ehr_blame_accused node = {EXCHANGE_EPOCH, cert_ids, EXCHANGE_REPLICAS, 2,
                                           x.alliance[1].cert.ed_pk};
    struct ehr_blame_accused other = node;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &other), EHR_OK);
    other.epoch++;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &other), EHR_POLICY);
    other = node;
    other.index = 0;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &other), EHR_POLICY);
    other.index = EXCHANGE_REPLICAS + 1;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &other), EHR_POLICY);
    other = node;
    other.proxies--;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &other), EHR_POLICY);
    cert_ids[32] ^= 1; /* of the accused itself, then of another */
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &node), EHR_POLICY);
    cert_ids[32] ^= 1;
    cert_ids[64] ^= 1;
    CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &held, &node), EHR_POLICY);
    CU_ASSERT_EQUAL(verdict.why, 0);
    cert_ids[64] ^= 1;
    CU_ASSERT_EQUAL(judge(1), EHR_OK);
}

static void evidence_read_as_written_alone(void)
{
    uint8_t bytes[EHR_BLAME_BYTES(EXCHANGE_REPLICAS) + 1];
    struct ehr_blame_evidence held, read;
    open_shared();
    held =
        (struct ehr_blame_evidence){visit.sealed, cfrags[0], sigs[0], grant_bytes[0], GRANT_BYTES};
    CU_ASSERT_EQUAL(sizeof bytes, 4 + 176 + 161 + 64 + 707 + 1);
    ehr_blame_encode(bytes, &held);
    CU_ASSERT_EQUAL(memcmp(bytes, "BLM1", 4), 0);
    CU_ASSERT_EQUAL(memcmp(bytes + 180, cfrags[0], 161), 0);
    CU_ASSERT_EQUAL(memcmp(bytes + 405, grant_bytes[0], GRANT_BYTES), 0);
    for (size_t length = 0; length <= 405; length++)
        CU_ASSERT_EQUAL(ehr_blame_parse(&read, bytes, length), EHR_LEN);
    const struct ehr_blame_accused node = {EXCHANGE_EPOCH, cert_ids, EXCHANGE_REPLICAS, 1,
                                           x.alliance[0].cert.ed_pk};
    for (size_t length = 406; length <= sizeof bytes; length++) { /* the grant's own length */
        CU_ASSERT_EQUAL(ehr_blame_parse(&read, bytes, length), EHR_OK);
        CU_ASSERT_EQUAL(ehr_blame_verify(&verdict, &read, &node),
                        length == sizeof bytes - 1 ? EHR_POLICY : EHR_LEN);
    }
}

static void complaint_holds_its_author_to_it(void)
{
    struct ehr_complaint complaint = {.accused = {1}, .txid = {2}, .ct_hash = {3}, .height = 4};
    uint8_t sig[64], *bytes = (uint8_t *)&complaint;
    exchange_open(&x);
    const uint8_t *author = x.alliance[0].cert.ed_pk;
    ehr_complaint_sign(sig, &complaint, &x.alliance_secrets[0].sign);
    CU_ASSERT_EQUAL(ehr_complaint_verify(&complaint, author, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_complaint_verify(&complaint, x.alliance[1].cert.ed_pk, sig), EHR_SIG);
    for (size_t i = 0; i < sizeof complaint; i++) { /* no padding: 96 + 8 */
        bytes[i] ^= 1;
        CU_ASSERT_EQUAL(ehr_complaint_verify(&complaint, author, sig), EHR_SIG);
        bytes[i] ^= 1;
    }
}

static void verified_shares_open_the_record(void)
{
    struct ehr_record_head head;
    struct ehr_cfrag_verified shares[2];
    struct ehr_point plain, direct;
    struct ehr_share raw[2];
    open_shared();
    CU_ASSERT_EQUAL(
        ehr_record_head_check(&head, visit.sealed, EHR_RECORD_HEAD_BYTES, &grant[0].visit), EHR_OK);
    for (uint32_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(
            ehr_cfrag_check(&shares[i], &grant[0], &head, cfrags[2 * i], EHR_CFRAG_BYTES), EHR_OK);
        raw[i] = (struct ehr_share){cfrags[2 * i], EHR_CFRAG_BYTES};
    }
    const struct ehr_dh_key *user = &x.user_secrets[0].dh;
    CU_ASSERT_EQUAL(ehr_combine_verified(&plain, user, &grant[0], &head, shares, 2), EHR_OK);
    CU_ASSERT_EQUAL(ehr_combine(&direct, user, &grant[0], &head, raw, 2, NULL), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(&plain, &direct, sizeof plain), 0);
    CU_ASSERT_EQUAL(ehr_combine_verified(&plain, user, &grant[0], &head, shares, 1), EHR_THRESH);
    CU_ASSERT_EQUAL(ehr_combine_verified(&plain, user, &grant[1], &head, shares, 2), EHR_CFRAG);
    shares[1].capsule[0] ^= 1;
    CU_ASSERT_EQUAL(ehr_combine_verified(&plain, user, &grant[0], &head, shares, 2), EHR_CFRAG);
    cfrags[0][50] ^= 1;
    CU_ASSERT_NOT_EQUAL(ehr_cfrag_check(&shares[0], &grant[0], &head, cfrags[0], EHR_CFRAG_BYTES),
                        EHR_OK);
}

static const struct ehr_unit_case cases[] = {
    {"nobody_blamed_for_a_good_share", nobody_blamed_for_a_good_share},
    {"forger_named_for_every_part_of_a_share", forger_named_for_every_part_of_a_share},
    {"honest_nodes_cannot_be_framed", honest_nodes_cannot_be_framed},
    {"only_proxies_of_the_grant_are_judged", only_proxies_of_the_grant_are_judged},
    {"evidence_read_as_written_alone", evidence_read_as_written_alone},
    {"complaint_holds_its_author_to_it", complaint_holds_its_author_to_it},
    {"verified_shares_open_the_record", verified_shares_open_the_record},
};
EHR_UNIT_MAIN("ledger_blame", cases)
