/* Transactions of both tiers: private, emergency, alliance. */
#include <string.h>

#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/private_tx.h"
#include "tests/unit/ledger.h"
#include "tests/unit/unit.h"

#define NKW 8

/* A record transaction, normal or emergency, and the alliance transaction made from it. */
struct chain {
    struct ehr_drbg drbg;
    uint8_t hid[32], doctor_id[2][32], pseudonym[96], ct_hash[32], labels[16 * NKW];
    struct ehr_sign_key doctor[2], hospital;
    uint8_t ptx[EHR_PTX_BYTES(NKW, EHR_PTX_FLAG_EMERGENCY)];
    size_t ptx_len;
    size_t doctors_count; /* how many of the two the chain knows */
    const uint8_t *seen;  /* a value the chain has seen, 16 or 32 bytes */
    size_t seen_len;
};

static bool find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct chain *c = context;
    for (size_t i = 0; i < c->doctors_count; i++) {
        if (memcmp(cert_id, c->doctor_id[i], 32) == 0) {
            memcpy(ed_pk, c->doctor[i].public, 32);
            return true;
        }
    }
    return false;
}

static bool has(void *context, const uint8_t *value, size_t len)
{
    const struct chain *c = context;
    return len == c->seen_len && memcmp(value, c->seen, len) == 0;
}

static void random_key(struct chain *c, struct ehr_sign_key *key)
{
    uint8_t seed[32];
    ehr_rng_fill(&c->drbg.rng, seed, 32);
    ehr_sign_key_init(key, seed);
}

static void ptx_make(struct chain *c, uint16_t flags)
{
    struct ehr_dh_key P, point;
    uint8_t body[32], sig[64], token[EHR_PTX_EMERGENCY_BYTES];
    memset(c, 0, sizeof *c);
    start(&c->drbg);
    ehr_rng_fill(&c->drbg.rng, c->hid, 32);
    ehr_rng_fill(&c->drbg.rng, c->doctor_id[0], 64);
    ehr_rng_fill(&c->drbg.rng, c->ct_hash, 32);
    ehr_rng_fill(&c->drbg.rng, c->labels, sizeof c->labels);
    random_key(c, &c->doctor[0]);
    random_key(c, &c->doctor[1]);
    random_key(c, &c->hospital);
    c->doctors_count = 2;
    CU_ASSERT_EQUAL(ehr_dh_key_make(&P, &c->drbg.rng), EHR_OK);
    memcpy(c->pseudonym, P.public.bytes, 32);
    for (size_t i = 1; i < 3; i++) {
        CU_ASSERT_EQUAL(ehr_dh_key_make(&point, &c->drbg.rng), EHR_OK);
        memcpy(c->pseudonym + 32 * i, point.public.bytes, 32);
    }
    struct ehr_ptx_terms terms = {c->hid, c->doctor_id[0], 3,  flags, c->pseudonym, c->ct_hash,
                                  448,    c->labels,       NKW};
    ehr_ptx_terms_body(body, &terms);
    ehr_ptx_sign_doctor(sig, body, &c->doctor[0]);
    if (flags != 0)
        ehr_ptx_sign_emergency(token, body, c->doctor_id[1], &c->doctor[1]);
    else
        CU_ASSERT_EQUAL(ehr_ptx_sign_patient(token, body, &P.secret, &P.public, &c->drbg.rng),
                        EHR_OK);
    c->ptx_len = EHR_PTX_BYTES(NKW, flags);
    ehr_ptx_encode(c->ptx, &terms, sig, token);
}

static enum ehr_status ptx_verify(struct chain *c, size_t len, struct ehr_ptx_hashes *hashes)
{
    struct ehr_ptx ptx;
    struct ehr_ptx_doctors doctors = {find, c};
    struct ehr_ptx_seen seen = {has, c};
    EHR_TRY(ehr_ptx_parse(&ptx, c->ptx, len));
    EHR_TRY(ehr_ptx_verify(hashes, &ptx, c->hid, 3, &doctors));
    return ehr_ptx_check_fresh(&ptx, &seen);
}

static void private_transaction_refused_when_any_byte_is_altered(void)
{
    static const uint16_t kinds[] = {0, EHR_PTX_FLAG_EMERGENCY};
    for (size_t k = 0; k < 2; k++) {
        struct chain c;
        struct ehr_ptx_hashes hashes;
        size_t accepted = 0;
        ptx_make(&c, kinds[k]);
        CU_ASSERT_EQUAL(c.ptx_len, (k == 0 ? 340 : 372) + 16 * NKW);
        CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_OK);
        for (size_t i = 0; i < c.ptx_len; i++) {
            c.ptx[i] ^= 1;
            accepted += ptx_verify(&c, c.ptx_len, &hashes) == EHR_OK;
            c.ptx[i] ^= 1;
        }
        CU_ASSERT_EQUAL(accepted, 0);
        for (size_t len = 0; len < c.ptx_len; len++)
            accepted += ptx_verify(&c, len, &hashes) != EHR_LEN;
        CU_ASSERT_EQUAL(accepted, 0);
    }
}

static void verified_transaction_is_made_when_its_evidence_is_valid_only(void)
{
    static const struct ehr_ptx_verified nothing;
    struct chain c;
    struct ehr_ptx_verified verified;
    struct ehr_ptx_hashes hashes;
    struct ehr_ptx_doctors doctors = {find, &c};
    ptx_make(&c, 0);
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_OK);
    CU_ASSERT_EQUAL(ehr_ptx_check(&verified, c.ptx, c.ptx_len, c.hid, 3, &doctors), EHR_OK);
    CU_ASSERT_PTR_EQUAL(verified.ptx.bytes, c.ptx);
    CU_ASSERT_EQUAL(memcmp(verified.leaf, hashes.leaf, 32), 0);
    CU_ASSERT_EQUAL(ehr_ptx_check(&verified, c.ptx, c.ptx_len, c.hid, 4, &doctors), EHR_POLICY);
    CU_ASSERT_EQUAL(memcmp(&verified, &nothing, sizeof nothing), 0);
    CU_ASSERT_EQUAL(ehr_ptx_check(&verified, c.ptx, c.ptx_len - 1, c.hid, 3, &doctors), EHR_LEN);
    c.ptx[c.ptx_len - 1] ^= 1;
    CU_ASSERT_EQUAL(ehr_ptx_check(&verified, c.ptx, c.ptx_len, c.hid, 3, &doctors), EHR_SIG);
    CU_ASSERT_EQUAL(memcmp(&verified, &nothing, sizeof nothing), 0);
}

static void private_transaction_refused_when_used_before(void)
{
    struct chain c;
    struct ehr_ptx_hashes hashes;
    ptx_make(&c, 0);
    c.seen = c.pseudonym;
    c.seen_len = 32;
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_DUP);
    c.seen = c.labels + 16 * (NKW - 1);
    c.seen_len = 16;
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_DUP);
    c.seen = c.hid;
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_OK);
}

static void emergency_refused_when_the_second_doctor_is_the_first(void)
{
    struct chain c;
    struct ehr_ptx_hashes hashes;
    ptx_make(&c, EHR_PTX_FLAG_EMERGENCY);
    c.doctors_count = 1; /* the second is unknown */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_POLICY);
    CU_ASSERT_TRUE(is_zero(&hashes, sizeof hashes));
    c.doctors_count = 2;
    struct ehr_sign_key second = c.doctor[1];
    c.doctor[1] = c.doctor[0]; /* another certificate, the same key */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_POLICY);
    c.doctor[1] = second;
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_OK);
    memcpy(c.ptx + c.ptx_len - 96, c.doctor_id[0], 32); /* the same certificate */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_POLICY);
}

/* Order of the checks: what is asked first answers first. */
static void first_failing_check_answers_when_several_fail(void)
{
    struct chain c;
    struct ehr_ptx_hashes hashes;
    ptx_make(&c, 0);
    c.ptx[300] ^= 1; /* signature */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_SIG);
    c.ptx[68] ^= 1; /* epoch */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_POLICY);
    memcpy(c.ptx + 212, c.ptx + 228, 16); /* a label twice */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_DUP);
    memset(c.ptx + 140, 0, 32); /* Q */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_POINT);
    c.ptx[73] = 1; /* an unknown flag */
    CU_ASSERT_EQUAL(ptx_verify(&c, c.ptx_len, &hashes), EHR_LEN);
}

static void private_transaction_read_when_it_has_256_labels(void)
{
    static uint8_t bytes[EHR_PTX_BYTES(257, 0)];
    static uint8_t labels[16 * 256];
    struct ehr_ptx ptx;
    uint8_t fixed[96] = {0};
    struct ehr_ptx_terms terms = {fixed, fixed, 1, 0, fixed, fixed, 272, labels, 256};
    ehr_ptx_encode(bytes, &terms, fixed, fixed);
    CU_ASSERT_EQUAL(ehr_ptx_parse(&ptx, bytes, EHR_PTX_BYTES(256, 0)), EHR_OK);
    CU_ASSERT_EQUAL(ptx.terms.nkw, 256);
    bytes[74] = 1; /* 257 */
    CU_ASSERT_EQUAL(ehr_ptx_parse(&ptx, bytes, EHR_PTX_BYTES(257, 0)), EHR_LEN);
    CU_ASSERT_TRUE(is_zero(&ptx, sizeof ptx));
}

struct anchored {
    struct chain c;
    struct ehr_atx_anchor anchor;
    uint8_t atx[EHR_ATX_BYTES(NKW, 3)];
};

/* Leaf 4 of a private block of 5. */
static void atx_make(struct anchored *a)
{
    struct ehr_ptx_hashes hashes;
    uint8_t leaves[160], tree[32 * 16], path[EHR_MERKLE_PATH_MAX];
    ptx_make(&a->c, 0);
    CU_ASSERT_EQUAL(ptx_verify(&a->c, a->c.ptx_len, &hashes), EHR_OK);
    ehr_rng_fill(&a->c.drbg.rng, leaves, sizeof leaves);
    memcpy(leaves + 128, hashes.leaf, 32);
    ehr_merkle_tree_build(tree, leaves, 5);
    struct ehr_atx atx = {.hid = a->c.hid,
                          .epoch = 3,
                          .pseudonym = a->c.pseudonym,
                          .labels = a->c.labels,
                          .nkw = NKW,
                          .priv = hashes.priv,
                          .block_hash = a->anchor.block_hash,
                          .height = 77,
                          .leaf_index = 4,
                          .depth = ehr_merkle_tree_path(path, tree, 5, 4),
                          .path = path};
    ehr_rng_fill(&a->c.drbg.rng, a->anchor.block_hash, 32);
    memcpy(a->anchor.merkle_root, ehr_merkle_tree_root(tree, 5), 32);
    a->anchor.height = 77;
    ehr_atx_make(a->atx, NULL, &atx, &a->c.hospital);
}

static enum ehr_status atx_verify(const struct anchored *a)
{
    struct ehr_atx atx;
    uint8_t txid[32], leaf[32];
    EHR_TRY(ehr_atx_parse(&atx, a->atx, sizeof a->atx));
    EHR_TRY(ehr_atx_verify_signature(txid, &atx, a->c.hid, a->c.hospital.public));
    return ehr_atx_verify_anchor(leaf, &atx, &a->anchor);
}

static void alliance_transaction_refused_when_any_byte_is_altered(void)
{
    struct anchored a;
    size_t accepted = 0;
    atx_make(&a);
    CU_ASSERT_EQUAL(sizeof a.atx, 409 + 32 * 3);
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_OK);
    for (size_t i = 0; i < sizeof a.atx; i++) {
        a.atx[i] ^= 1;
        accepted += atx_verify(&a) == EHR_OK;
        a.atx[i] ^= 1;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void alliance_transaction_refused_when_the_anchor_differs(void)
{
    struct anchored a;
    atx_make(&a);
    a.anchor.height = 78;
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_HASH);
    a.anchor.height = 77;
    a.anchor.block_hash[0] ^= 1;
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_HASH);
    a.anchor.block_hash[0] ^= 1;
    a.anchor.merkle_root[31] ^= 1;
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_MERKLE);
    a.anchor.merkle_root[31] ^= 1;
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_OK);
    a.c.hospital = a.c.doctor[0]; /* another key under that certificate */
    CU_ASSERT_EQUAL(atx_verify(&a), EHR_SIG);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct ehr_unit_case cases[] = {
    CASE(private_transaction_refused_when_any_byte_is_altered),
    CASE(verified_transaction_is_made_when_its_evidence_is_valid_only),
    CASE(private_transaction_refused_when_used_before),
    CASE(emergency_refused_when_the_second_doctor_is_the_first),
    CASE(first_failing_check_answers_when_several_fail),
    CASE(private_transaction_read_when_it_has_256_labels),
    CASE(alliance_transaction_refused_when_any_byte_is_altered),
    CASE(alliance_transaction_refused_when_the_anchor_differs),
};

EHR_UNIT_MAIN("ledger transactions", cases)
