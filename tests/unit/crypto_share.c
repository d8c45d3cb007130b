/* Sharing a record: grant, fragments, re-encryption, combination, blame. */
#include <stdlib.h>
#include <string.h>

#include "crypto/combine.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/memo.h"
#include "crypto/reencrypt.h"
#include "crypto/schnorr.h"
#include "tests/unit/unit.h"

#define PROXIES_MAX 8
#define PLAINTEXT   "blood pressure 120/80"
#define SEALED_LEN  (256 + EHR_RECORD_OVERHEAD_BYTES)

/* A visit with a sealed record, a grant of it to a data user, and every proxy's share. */
struct setting {
    struct ehr_drbg drbg;
    struct ehr_visit_keys keys;
    struct ehr_record_visit visit;
    struct ehr_dh_key data_user, nodes[PROXIES_MAX];
    uint8_t cert_ids[32 * PROXIES_MAX], node_keys[32 * PROXIES_MAX], id[32];
    struct ehr_grant_terms terms;
    uint8_t grant_bytes[EHR_GRANT_BYTES(PROXIES_MAX)];
    struct ehr_grant_verified grant;
    uint8_t sealed[SEALED_LEN];
    struct ehr_record_head head;
    uint8_t cfrags[PROXIES_MAX][EHR_CFRAG_BYTES];
};

static struct ehr_rng *rng(struct setting *s)
{
    return &s->drbg.rng;
}

static void all_zero(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        if (at[i] != 0) {
            CU_FAIL("not zero");
            return;
        }
    }
}

static enum ehr_status share_of(struct setting *s, size_t i, uint8_t cfrag[EHR_CFRAG_BYTES],
                                uint64_t height, bool revoked)
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    uint8_t body_hash[32], ct_hash[32];
    EHR_TRY(ehr_kfrag_open(&kfrag, &s->grant, (uint8_t)(i + 1), &s->nodes[i]));
    EHR_TRY(ehr_kfrag_verify(&verified, &kfrag, &s->grant));
    ehr_record_body_hash(body_hash, s->sealed + EHR_RECORD_HEAD_BYTES,
                         SEALED_LEN - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(ct_hash, s->sealed, SEALED_LEN);
    struct ehr_reencrypt_request request = {.head = s->sealed,
                                            .head_len = EHR_RECORD_HEAD_BYTES,
                                            .body_hash = body_hash,
                                            .ct_hash = ct_hash,
                                            .height = height,
                                            .revoked = revoked};
    return ehr_reencrypt(cfrag, &s->grant, &verified, &request, rng(s));
}

static void make_keys(struct setting *s, uint32_t replication, size_t n)
{
    memset(s, 0, sizeof *s);
    ehr_crypto_init();
    ehr_drbg_init(&s->drbg, 7, replication, "test", EHR_DRBG_CRYPTO);
    CU_ASSERT_EQUAL(ehr_scalar_random(&s->keys.p, rng(s)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_scalar_random(&s->keys.q, rng(s)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul_base(&s->visit.P, &s->keys.p), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul_base(&s->visit.Q, &s->keys.q), EHR_OK);
    CU_ASSERT_EQUAL(ehr_dh_key_make(&s->data_user, rng(s)), EHR_OK);
    ehr_rng_fill(rng(s), s->visit.hid, 32);
    ehr_rng_fill(rng(s), s->id, 32);
    ehr_rng_fill(rng(s), s->cert_ids, sizeof s->cert_ids);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(ehr_dh_key_make(&s->nodes[i], rng(s)), EHR_OK);
        memcpy(s->node_keys + 32 * i, s->nodes[i].public.bytes, 32);
    }
}

static void make_shares(struct setting *s, size_t n)
{
    CU_ASSERT_EQUAL(ehr_record_check(&s->head, s->sealed, SEALED_LEN, &s->visit), EHR_OK);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(share_of(s, i, s->cfrags[i], 150, false), EHR_OK);
        CU_ASSERT_EQUAL(ehr_cfrag_verify(&s->grant, &s->head, s->cfrags[i], EHR_CFRAG_BYTES),
                        EHR_OK);
    }
}

static void setup(struct setting *s, uint32_t replication, size_t t, size_t n)
{
    make_keys(s, replication, n);
    s->terms = (struct ehr_grant_terms){
        .keys = &s->keys,
        .Y = s->data_user.public.bytes,
        .hid = s->visit.hid,
        .du_cert_id = s->id,
        .scope_hash = s->id,
        .epoch = 3,
        .threshold = t,
        .proxies = n,
        .cert_ids = s->cert_ids,
        .node_keys = s->node_keys,
        .not_before = 100,
        .not_after = 200,
    };
    size_t len = EHR_GRANT_BYTES(n);
    CU_ASSERT_EQUAL(ehr_grant_make(s->grant_bytes, len, &s->terms, rng(s)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_grant_verify(&s->grant, s->grant_bytes, len), EHR_OK);
    CU_ASSERT_EQUAL(ehr_record_seal(s->sealed, SEALED_LEN, &s->visit, (const uint8_t *)PLAINTEXT,
                                    strlen(PLAINTEXT), rng(s)),
                    EHR_OK);
    make_shares(s, n);
}

/* Opens with the shares of the given proxies (0-based); checks the plaintext, or that there is
 * none. */
static enum ehr_status open_with(const struct setting *s, const size_t *proxies, size_t count,
                                 uint32_t *faulty)
{
    struct ehr_share shares[PROXIES_MAX + 1];
    uint8_t plaintext[SEALED_LEN];
    size_t len = 99;
    for (size_t i = 0; i < count; i++)
        shares[i] = (struct ehr_share){s->cfrags[proxies[i]], EHR_CFRAG_BYTES};
    memset(plaintext, 0xaa, sizeof plaintext);
    enum ehr_status status =
        ehr_combine_open(plaintext, sizeof plaintext, &len, &s->data_user, &s->grant, shares, count,
                         s->sealed, SEALED_LEN, faulty);
    if (status == EHR_OK) {
        CU_ASSERT_EQUAL(len, strlen(PLAINTEXT));
        CU_ASSERT_EQUAL(memcmp(plaintext, PLAINTEXT, strlen(PLAINTEXT)), 0);
    } else {
        CU_ASSERT_EQUAL(len, 0);
        all_zero(plaintext, 256);
    }
    return status;
}

static void opens_when_any_t_of_n_shares_are_there(void)
{
    struct setting s;
    setup(&s, 1, 3, 5);
    size_t opened = 0;
    for (size_t set = 0; set < 32; set++) {
        size_t proxies[5], count = 0;
        uint32_t faulty = 99;
        for (size_t i = 5; i-- > 0;) /* descending: the order does not matter */
            if ((set >> i & 1) != 0)
                proxies[count++] = i;
        enum ehr_status expected = count == 3 ? EHR_OK : EHR_THRESH;
        CU_ASSERT_EQUAL(open_with(&s, proxies, count, &faulty), expected);
        CU_ASSERT_EQUAL(faulty, 0);
        opened += count == 3;
    }
    CU_ASSERT_EQUAL(opened, 10); /* 5 choose 3 */
}

static void same_key_as_the_patient_when_combined(void)
{
    struct setting s;
    struct ehr_point K, patient;
    setup(&s, 2, 2, 3);
    struct ehr_share shares[2] = {{s.cfrags[2], EHR_CFRAG_BYTES}, {s.cfrags[0], EHR_CFRAG_BYTES}};
    CU_ASSERT_EQUAL(ehr_combine(&K, &s.data_user, &s.grant, &s.head, shares, 2, NULL), EHR_OK);
    CU_ASSERT_EQUAL(ehr_capsule_decap(&patient, &s.keys.q, s.head.capsule), EHR_OK);
    CU_ASSERT_TRUE(ehr_point_equal(&K, &patient));
}

static void no_grant_when_its_terms_are_bad(void)
{
    struct setting s;
    uint8_t grant[EHR_GRANT_BYTES(33)];
    setup(&s, 3, 2, 3);
    struct ehr_grant_terms terms = s.terms;
    terms.threshold = 1;
    CU_ASSERT_EQUAL(ehr_grant_make(grant, EHR_GRANT_BYTES(3), &terms, rng(&s)), EHR_THRESH);
    terms.threshold = 4;
    CU_ASSERT_EQUAL(ehr_grant_make(grant, EHR_GRANT_BYTES(3), &terms, rng(&s)), EHR_THRESH);
    terms = s.terms;
    terms.proxies = 33;
    CU_ASSERT_EQUAL(ehr_grant_make(grant, EHR_GRANT_BYTES(33), &terms, rng(&s)), EHR_THRESH);
    terms = s.terms;
    terms.not_after = 99;
    CU_ASSERT_EQUAL(ehr_grant_make(grant, EHR_GRANT_BYTES(3), &terms, rng(&s)), EHR_POLICY);
    terms = s.terms;
    static const uint8_t identity[32];
    terms.Y = identity;
    memset(grant, 0xaa, sizeof grant);
    CU_ASSERT_EQUAL(ehr_grant_make(grant, EHR_GRANT_BYTES(3), &terms, rng(&s)), EHR_POINT);
    all_zero(grant, EHR_GRANT_BYTES(3));
}

static void grant_refused_when_any_byte_is_altered(void)
{
    struct setting s;
    struct ehr_grant_verified grant;
    uint8_t bytes[EHR_GRANT_BYTES(3)];
    setup(&s, 4, 2, 3);
    size_t accepted = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        memcpy(bytes, s.grant_bytes, sizeof bytes);
        bytes[i] ^= 1;
        accepted += ehr_grant_verify(&grant, bytes, sizeof bytes) == EHR_OK;
    }
    CU_ASSERT_EQUAL(accepted, 0);
    all_zero(&grant, sizeof grant);
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, s.grant_bytes, sizeof bytes - 1), EHR_LEN);
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, s.grant_bytes, 0), EHR_LEN);
}

/* The signature is good; the window is empty. */
static void grant_refused_when_it_ends_before_its_start(void)
{
    struct setting s;
    struct ehr_grant view;
    struct ehr_grant_verified grant;
    uint8_t gctx[32], grant_id[32];
    setup(&s, 5, 2, 3);
    size_t len = EHR_GRANT_BYTES(3);
    s.grant_bytes[243] = 201; /* not_before */
    CU_ASSERT_EQUAL(ehr_grant_parse(&view, s.grant_bytes, len), EHR_OK);
    CU_ASSERT_EQUAL(view.not_before, 201);
    ehr_grant_id(gctx, grant_id, &view);
    CU_ASSERT_EQUAL(ehr_schnorr_sign(s.grant_bytes + len - 64, "sig-grant", &s.keys.p, &s.visit.P,
                                     grant_id, rng(&s)),
                    EHR_OK);
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, s.grant_bytes, len), EHR_POLICY);
    s.grant_bytes[243] = 200; /* one height: no longer empty, but no longer signed */
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, s.grant_bytes, len), EHR_SIG);
}

static void fragment_refused_when_it_is_not_the_nodes(void)
{
    struct setting s;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    setup(&s, 6, 2, 3);
    CU_ASSERT_EQUAL(ehr_kfrag_open(&kfrag, &s.grant, 1, &s.nodes[1]), EHR_KFRAG);
    all_zero(&kfrag, sizeof kfrag);
    CU_ASSERT_EQUAL(ehr_kfrag_open(&kfrag, &s.grant, 0, &s.nodes[0]), EHR_KFRAG);
    CU_ASSERT_EQUAL(ehr_kfrag_open(&kfrag, &s.grant, 4, &s.nodes[0]), EHR_KFRAG);
    CU_ASSERT_EQUAL(ehr_kfrag_open(&kfrag, &s.grant, 1, &s.nodes[0]), EHR_OK);
    kfrag.index = 2;
    CU_ASSERT_EQUAL(ehr_kfrag_verify(&verified, &kfrag, &s.grant), EHR_KFRAG);
    all_zero(&verified, sizeof verified);
    kfrag.index = 1;
    kfrag.rk.bytes[0] ^= 1;
    CU_ASSERT_EQUAL(ehr_kfrag_verify(&verified, &kfrag, &s.grant), EHR_KFRAG);
    kfrag.rk.bytes[0] ^= 1;
    CU_ASSERT_EQUAL(ehr_kfrag_verify(&verified, &kfrag, &s.grant), EHR_OK);
    ehr_kfrag_verified_close(&verified);
    all_zero(&verified, sizeof verified);
}

static void proxy_refuses_when_the_grant_does_not_cover(void)
{
    struct setting s, other;
    uint8_t cfrag[EHR_CFRAG_BYTES];
    setup(&s, 7, 2, 3);
    setup(&other, 8, 2, 3);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 100, false), EHR_OK);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 200, false), EHR_OK);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 99, false), EHR_POLICY);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 201, false), EHR_POLICY);
    all_zero(cfrag, sizeof cfrag);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 150, true), EHR_POLICY);
    memcpy(s.sealed, other.sealed, SEALED_LEN);
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 150, false), EHR_POLICY);
    s.grant = other.grant;
    CU_ASSERT_EQUAL(share_of(&s, 0, cfrag, 150, false), EHR_KFRAG);
}

static void proxy_refuses_when_the_fragment_is_of_another_grant(void)
{
    struct setting s, other;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    uint8_t cfrag[EHR_CFRAG_BYTES], zero[32] = {0};
    setup(&s, 9, 2, 3);
    setup(&other, 10, 2, 3);
    CU_ASSERT_EQUAL(ehr_kfrag_open(&kfrag, &s.grant, 1, &s.nodes[0]), EHR_OK);
    CU_ASSERT_EQUAL(ehr_kfrag_verify(&verified, &kfrag, &s.grant), EHR_OK);
    struct ehr_reencrypt_request request = {.head = s.sealed,
                                            .head_len = EHR_RECORD_HEAD_BYTES,
                                            .body_hash = zero,
                                            .ct_hash = zero,
                                            .height = 150};
    CU_ASSERT_EQUAL(ehr_reencrypt(cfrag, &other.grant, &verified, &request, rng(&s)), EHR_KFRAG);
    CU_ASSERT_EQUAL(ehr_reencrypt(cfrag, &s.grant, &verified, &request, rng(&s)), EHR_HASH);
    request.head_len--;
    CU_ASSERT_EQUAL(ehr_reencrypt(cfrag, &s.grant, &verified, &request, rng(&s)), EHR_LEN);
}

static void share_refused_when_any_byte_is_altered(void)
{
    struct setting s;
    setup(&s, 11, 2, 3);
    size_t accepted = 0, opened = 0;
    static const size_t proxies[2] = {1, 0};
    for (size_t i = 0; i < EHR_CFRAG_BYTES; i++) {
        s.cfrags[0][i] ^= 1;
        uint32_t faulty = 0;
        accepted += ehr_cfrag_verify(&s.grant, &s.head, s.cfrags[0], EHR_CFRAG_BYTES) == EHR_OK;
        if (i < 97) { /* e and z are read only where the combination fails */
            opened += open_with(&s, proxies, 2, &faulty) == EHR_OK;
            CU_ASSERT_EQUAL(faulty, 2);
        }
        s.cfrags[0][i] ^= 1;
    }
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(opened, 0);
}

static void share_refused_when_repeated_foreign_or_cut(void)
{
    struct setting s, other;
    uint32_t faulty;
    setup(&s, 12, 3, 4);
    setup(&other, 13, 3, 4);
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){2, 1, 2}, 3, &faulty), EHR_DUP);
    CU_ASSERT_EQUAL(faulty, 4);
    memcpy(s.cfrags[3], other.cfrags[3], EHR_CFRAG_BYTES);
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 3, 2}, 3, &faulty), EHR_CFRAG);
    CU_ASSERT_EQUAL(faulty, 2);
    struct ehr_share shares[3] = {{s.cfrags[0], EHR_CFRAG_BYTES - 1},
                                  {s.cfrags[1], EHR_CFRAG_BYTES},
                                  {s.cfrags[2], EHR_CFRAG_BYTES}};
    struct ehr_point K;
    CU_ASSERT_EQUAL(ehr_combine(&K, &s.data_user, &s.grant, &s.head, shares, 3, &faulty), EHR_LEN);
    CU_ASSERT_EQUAL(faulty, 1);
    all_zero(&K, sizeof K);
}

static void nothing_opens_when_the_data_user_is_another(void)
{
    struct setting s;
    setup(&s, 14, 2, 3);
    s.data_user = s.nodes[0];
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 1}, 2, NULL), EHR_POLICY);
}

/* The proxy adds D to E1 and takes hD from V1: s*Q = d(hE' + V') still holds, K does not. */
static void forge(struct setting *s, size_t proxy)
{
    struct ehr_scalar h, r;
    struct ehr_point D, E1, V1;
    CU_ASSERT_EQUAL(ehr_scalar_random(&r, rng(s)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul_base(&D, &r), EHR_OK);
    CU_ASSERT_EQUAL(ehr_capsule_challenge(&h, s->head.capsule, s->head.label), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_import(&E1, s->cfrags[proxy] + 33), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_import(&V1, s->cfrags[proxy] + 65), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_add(&E1, &E1, &D), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_mul(&D, &h, &D), EHR_OK);
    CU_ASSERT_EQUAL(ehr_point_sub(&V1, &V1, &D), EHR_OK);
    memcpy(s->cfrags[proxy] + 33, E1.bytes, 32);
    memcpy(s->cfrags[proxy] + 65, V1.bytes, 32);
}

static void forger_is_named_when_the_equation_holds(void)
{
    struct setting s;
    struct ehr_point K;
    uint32_t faulty;
    setup(&s, 15, 3, 4);
    forge(&s, 2);
    struct ehr_share shares[3] = {{s.cfrags[0], EHR_CFRAG_BYTES},
                                  {s.cfrags[3], EHR_CFRAG_BYTES},
                                  {s.cfrags[2], EHR_CFRAG_BYTES}};
    CU_ASSERT_EQUAL(ehr_combine(&K, &s.data_user, &s.grant, &s.head, shares, 3, &faulty), EHR_OK);
    CU_ASSERT_EQUAL(faulty, 0); /* not yet known: the key is unconfirmed */
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 3, 2}, 3, &faulty), EHR_KCOM);
    CU_ASSERT_EQUAL(faulty, 4);
    forge(&s, 0);
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 3, 2}, 3, &faulty), EHR_KCOM);
    CU_ASSERT_EQUAL(faulty, 5);
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 3, 2}, 3, NULL), EHR_KCOM);
}

static void nobody_is_blamed_when_the_record_was_sealed_wrongly(void)
{
    struct setting s;
    uint32_t faulty;
    setup(&s, 16, 2, 3);
    s.sealed[EHR_RECORD_HEAD_BYTES - 9] ^= 1; /* the commitment, which no proxy can check */
    make_shares(&s, 3);
    CU_ASSERT_EQUAL(open_with(&s, (const size_t[]){0, 1}, 2, &faulty), EHR_KCOM);
    CU_ASSERT_EQUAL(faulty, 0);
}

static void blame_holds_when_the_share_is_signed(void)
{
    struct setting s;
    struct ehr_sign_key node;
    uint8_t sig[64], other[EHR_CAPSULE_BYTES];
    setup(&s, 17, 2, 3);
    ehr_sign_key_init(&node, s.id);
    ehr_cfrag_sign(sig, s.cfrags[0], s.head.capsule, &node);
    CU_ASSERT_EQUAL(ehr_cfrag_sig_verify(s.cfrags[0], s.head.capsule, node.public, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_cfrag_sig_verify(s.cfrags[1], s.head.capsule, node.public, sig), EHR_SIG);
    memcpy(other, s.head.capsule, sizeof other);
    other[95] ^= 1;
    CU_ASSERT_EQUAL(ehr_cfrag_sig_verify(s.cfrags[0], other, node.public, sig), EHR_SIG);
}

static void revocation_counts_when_grant_and_height_match(void)
{
    struct setting s;
    uint8_t sig[64];
    setup(&s, 18, 2, 3);
    const uint8_t *grant_id = s.grant.grant_id;
    CU_ASSERT_EQUAL(ehr_revoke_sign(sig, &s.keys.p, &s.visit.P, grant_id, 9, rng(&s)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_revoke_verify(s.visit.P.bytes, grant_id, 9, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_revoke_verify(s.visit.P.bytes, grant_id, 10, sig), EHR_SIG);
    CU_ASSERT_EQUAL(ehr_revoke_verify(s.visit.P.bytes, s.id, 9, sig), EHR_SIG);
    CU_ASSERT_EQUAL(ehr_revoke_verify(s.visit.Q.bytes, grant_id, 9, sig), EHR_SIG);
}

static void verified_once_when_asked_twice(void)
{
    struct setting s;
    struct ehr_grant_verified grant;
    ehr_memo_close();
    setup(&s, 19, 2, 3);
    uint64_t misses = ehr_memo_counters_get(EHR_MEMO_CFRAG).misses;
    CU_ASSERT_EQUAL(misses, 3);
    CU_ASSERT_EQUAL(ehr_cfrag_verify(&s.grant, &s.head, s.cfrags[0], EHR_CFRAG_BYTES), EHR_OK);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_CFRAG).misses, 3);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_GRANT).misses, 1);
    CU_ASSERT_EQUAL(ehr_grant_verify(&grant, s.grant_bytes, EHR_GRANT_BYTES(3)), EHR_OK);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_GRANT).misses, 1);
    CU_ASSERT_EQUAL(ehr_memo_counters_get(EHR_MEMO_CAPSULE).misses, 1);
    ehr_memo_close();
}

static void scope_read_back_when_encoded(void)
{
    uint8_t scope[EHR_SCOPE_BYTES(2)], td_coms[64] = {0}, purpose;
    const uint8_t *read;
    size_t count;
    td_coms[32] = 1;
    CU_ASSERT_EQUAL(ehr_scope_encode(scope, 7, td_coms, 2), EHR_OK);
    CU_ASSERT_EQUAL(ehr_scope_parse(&purpose, &read, &count, scope, sizeof scope), EHR_OK);
    CU_ASSERT_EQUAL(purpose, 7);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(memcmp(read, td_coms, 64), 0);
    CU_ASSERT_EQUAL(ehr_scope_parse(&purpose, &read, &count, scope, sizeof scope - 1), EHR_LEN);
    scope[36] = 0; /* both commitments the same */
    CU_ASSERT_EQUAL(ehr_scope_parse(&purpose, &read, &count, scope, sizeof scope), EHR_DUP);
    scope[1] = 1; /* reserved */
    CU_ASSERT_EQUAL(ehr_scope_parse(&purpose, &read, &count, scope, sizeof scope), EHR_LEN);
    td_coms[32] = 0;
    CU_ASSERT_EQUAL(ehr_scope_encode(scope, 7, td_coms, 2), EHR_DUP);
    all_zero(scope, sizeof scope);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct ehr_unit_case cases[] = {
    CASE(opens_when_any_t_of_n_shares_are_there),
    CASE(same_key_as_the_patient_when_combined),
    CASE(no_grant_when_its_terms_are_bad),
    CASE(grant_refused_when_any_byte_is_altered),
    CASE(grant_refused_when_it_ends_before_its_start),
    CASE(fragment_refused_when_it_is_not_the_nodes),
    CASE(proxy_refuses_when_the_grant_does_not_cover),
    CASE(proxy_refuses_when_the_fragment_is_of_another_grant),
    CASE(share_refused_when_any_byte_is_altered),
    CASE(share_refused_when_repeated_foreign_or_cut),
    CASE(nothing_opens_when_the_data_user_is_another),
    CASE(forger_is_named_when_the_equation_holds),
    CASE(nobody_is_blamed_when_the_record_was_sealed_wrongly),
    CASE(blame_holds_when_the_share_is_signed),
    CASE(revocation_counts_when_grant_and_height_match),
    CASE(verified_once_when_asked_twice),
    CASE(scope_read_back_when_encoded),
};

EHR_UNIT_MAIN("crypto share", cases)
