/* A generator that was rolled back and hands out the same bytes again. Nonces are hashes of the
 * secret, the message and the drawn bytes: two different messages have two different ones. The
 * straw men draw the nonce itself. Where a draw is not hedged, the attack succeeds and says so. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/hash.h"
#include "crypto/schnorr.h"
#include "sim/ledger/private_tx.h"
#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

#define TEXT "blood pressure 120/80"

/* ---- signatures ---- */

static void challenge(struct ehr_scalar *e, const char *label, const struct ehr_point *X,
                      const uint8_t sig[64], const uint8_t m[32])
{
    must(EHR_HASH_SCALAR(e, label, EHR_G(X), EHR_H(sig), EHR_H(m)));
}

/* Whether two signatures give away x. */
static bool key_recovered(const struct ehr_dh_key *key, const uint8_t sig1[64], const char *label1,
                          const uint8_t m1[32], const uint8_t sig2[64], const char *label2,
                          const uint8_t m2[32])
{
    struct ehr_scalar e1, e2, x;
    challenge(&e1, label1, &key->public, sig1, m1);
    challenge(&e2, label2, &key->public, sig2, m2);
    return nonce_attack(&x, sig1 + 32, e1.bytes, sig2 + 32, e2.bytes) &&
           ehr_scalar_equal(&x, &key->secret);
}

/* Straw man: k is drawn. */
static void straw_sign(uint8_t sig[64], const char *label, const struct ehr_dh_key *key,
                       const uint8_t m[32], struct ehr_rng *rng)
{
    struct ehr_scalar k, e, z;
    struct ehr_point R;
    must(ehr_scalar_random(&k, rng));
    must(ehr_point_mul_base(&R, &k));
    memcpy(sig, R.bytes, 32);
    challenge(&e, label, &key->public, sig, m);
    ehr_scalar_mul(&z, &e, &key->secret);
    ehr_scalar_add(&z, &z, &k);
    memcpy(sig + 32, z.bytes, 32);
}

void attack_rollback_signatures(void)
{
    struct party party;
    struct stuck_rng stuck;
    struct ehr_dh_key key;
    uint8_t a[32] = {1}, b[32] = {2}, sig[3][64], straw[3][64];
    static const char *const labels[3] = {"sig-own", "sig-own", "sig-grant"};
    const uint8_t *const messages[3] = {a, b, a};
    party_open(&party, "rollback");
    stuck_open(&stuck);
    must(ehr_dh_key_make(&key, party_rng(&party)));
    for (size_t i = 0; i < 3; i++) {
        must(
            ehr_schnorr_sign(sig[i], labels[i], &key.secret, &key.public, messages[i], &stuck.rng));
        straw_sign(straw[i], labels[i], &key, messages[i], &stuck.rng);
        expect_status(ehr_schnorr_verify(labels[i], key.public.bytes, messages[i], straw[i]),
                      EHR_OK, "the straw man signs as well");
    }
    size_t repeated = 0, recovered = 0, straw_recovered = 0;
    for (size_t i = 1; i < 3; i++) { /* another message; another label */
        repeated += memcmp(sig[0], sig[i], 32) == 0;
        recovered +=
            key_recovered(&key, sig[0], labels[0], messages[0], sig[i], labels[i], messages[i]);
        straw_recovered +=
            key_recovered(&key, straw[0], labels[0], messages[0], straw[i], labels[i], messages[i]);
    }
    expect(repeated == 0, "another message or label has another R");
    expect(recovered == 0, "the key is not recovered");
    expect(straw_recovered == 2, "it is where the nonce is drawn");
    outcome("With every draw repeated, two messages and two labels repeated %zu of 2 nonces, and "
            "(z1-z2)/(e1-e2) recovered the key from %zu of 2 pairs.",
            repeated, recovered);
    outcome("Where the nonce is the draw itself, the same formula recovered it from %zu of 2.",
            straw_recovered);
}

/* ---- encapsulations ---- */

void attack_rollback_encapsulations(void)
{
    struct party party;
    struct visit visit;
    struct stuck_rng stuck;
    struct ehr_capsule_keys keys[2], straw[2];
    static const char *const texts[2] = {"diagnosis: k07.3", "diagnosis: b20.1"};
    uint8_t sealed[2][ATTACK_SEALED], label[32], capsule[EHR_CAPSULE_BYTES];
    static const uint8_t same_hash[32];
    party_open(&party, "rollback");
    stuck_open(&stuck);
    visit_make(&party, &visit, TEXT);
    ehr_record_label(label, &visit.of);
    for (size_t i = 0; i < 2; i++) {
        struct ehr_point K;
        must(ehr_record_seal(sealed[i], ATTACK_SEALED, &visit.of, (const uint8_t *)texts[i],
                             strlen(texts[i]), &stuck.rng));
        must(ehr_capsule_decap(&K, &visit.keys.q, sealed[i] + 40));
        ehr_capsule_keys_derive(&keys[i], &K, sealed[i] + 40, label);
        /* Straw man: the plaintext is not in the hash behind r and u. */
        must(ehr_capsule_encap(capsule, &K, &visit.of.Q, label, same_hash, &stuck.rng));
        ehr_capsule_keys_derive(&straw[i], &K, capsule, label);
    }
    bool capsule_same = memcmp(sealed[0] + 40, sealed[1] + 40, 64) == 0; /* E, V */
    bool key_same = memcmp(keys[0].key, keys[1].key, 32) == 0;
    bool nonce_same = memcmp(keys[0].nonce, keys[1].nonce, 24) == 0;
    bool straw_same = memcmp(&straw[0], &straw[1], sizeof straw[0]) == 0;
    size_t leaked = 0; /* bytes where the ciphertexts differ as the plaintexts do */
    for (size_t i = 0; i < strlen(texts[0]); i++) {
        size_t at = EHR_RECORD_HEAD_BYTES + i;
        leaked += (sealed[0][at] ^ sealed[1][at]) == (texts[0][i] ^ texts[1][i]);
    }
    expect(!capsule_same && !key_same && !nonce_same, "another plaintext has other keys");
    expect(leaked < 4, "the ciphertexts do not show the difference of the plaintexts");
    expect(straw_same, "without the plaintext in the hash, key and nonce repeat");
    outcome("Two records sealed for one visit with every draw repeated: capsule %s, key %s, nonce "
            "%s; %zu of %zu bytes of the ciphertexts differ as the plaintexts do (chance 1/256).",
            capsule_same ? "repeated" : "new", key_same ? "repeated" : "new",
            nonce_same ? "repeated" : "new", leaked, strlen(texts[0]));
    outcome("Where r and u do not depend on the plaintext, key and nonce are %s.",
            straw_same ? "both repeated" : "new");
}

/* ---- shares ---- */

/* Straw man: a proof for the same statement whose tau is drawn; z = tau + e*rk. */
static void straw_response(struct ehr_scalar *z, const struct ehr_scalar *e,
                           const struct ehr_scalar *rk, struct ehr_rng *rng)
{
    struct ehr_scalar tau;
    must(ehr_scalar_random(&tau, rng));
    ehr_scalar_mul(z, e, rk);
    ehr_scalar_add(z, z, &tau);
}

void attack_rollback_shares(void)
{
    struct party party;
    struct visit visit;
    struct sharing sharing;
    struct stuck_rng stuck;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    struct ehr_scalar e[2], z[2], rk;
    uint8_t cfrag[2][EHR_CFRAG_BYTES];
    party_open(&party, "rollback");
    stuck_open(&stuck);
    visit_make(&party, &visit, TEXT);
    sharing_grant(&party, &sharing, &visit, 0, party_rng(&party));
    must(ehr_kfrag_open(&kfrag, &sharing.grant, 1, &party.nodes[0]));
    must(ehr_kfrag_verify(&verified, &kfrag, &sharing.grant));
    for (size_t i = 0; i < 2; i++) { /* two records of one visit: two capsules */
        must(ehr_record_seal(visit.sealed, ATTACK_SEALED, &visit.of, (const uint8_t *)TEXT,
                             strlen(TEXT), party_rng(&party)));
        ehr_record_body_hash(visit.body_hash, visit.sealed + EHR_RECORD_HEAD_BYTES,
                             ATTACK_SEALED - EHR_RECORD_HEAD_BYTES);
        ehr_record_hash(visit.ct_hash, visit.sealed, ATTACK_SEALED);
        struct ehr_reencrypt_request request = {visit.sealed,    EHR_RECORD_HEAD_BYTES,
                                                visit.body_hash, visit.ct_hash,
                                                ATTACK_HEIGHT,   false};
        must(ehr_reencrypt(cfrag[i], &sharing.grant, &verified, &request, &stuck.rng));
        must(ehr_scalar_import(&e[i], cfrag[i] + 97));
        straw_response(&z[i], &e[i], &kfrag.rk, &stuck.rng);
    }
    bool found = nonce_attack(&rk, cfrag[0] + 129, cfrag[0] + 97, cfrag[1] + 129, cfrag[1] + 97) &&
                 ehr_scalar_equal(&rk, &kfrag.rk);
    bool straw = nonce_attack(&rk, z[0].bytes, e[0].bytes, z[1].bytes, e[1].bytes) &&
                 ehr_scalar_equal(&rk, &kfrag.rk);
    expect(!found, "two shares do not give away the fragment");
    expect(straw, "they do where tau is drawn");
    outcome("Two shares of one proxy with every draw repeated: (z1-z2)/(e1-e2) is %s; where tau is "
            "the draw itself, it is %s.",
            found ? "its fragment" : "not its fragment", straw ? "the fragment" : "nothing");
}

/* ---- what is not hedged ---- */

void attack_rollback_boxes(void)
{
    static const char *const texts[3] = {"trapdoor of asthma..", "trapdoor of measles.",
                                         "trapdoor of diabetes"};
    enum { LEN = 20 };
    struct party party;
    struct stuck_rng stuck;
    uint8_t box[3][LEN + EHR_BOX_OVERHEAD_BYTES], other_context[32] = {1};
    party_open(&party, "rollback");
    stuck_open(&stuck);
    const struct ehr_point *N = &party.nodes[0].public;
    must(ehr_box_seal(box[0], N, party.node_ids, texts[0], LEN, &stuck.rng));
    must(ehr_box_seal(box[1], N, party.node_ids, texts[1], LEN, &stuck.rng));
    must(ehr_box_seal(box[2], N, other_context, texts[2], LEN, &stuck.rng));
    size_t leaked = 0, other = 0;
    for (size_t i = 0; i < LEN; i++) {
        leaked += (box[0][32 + i] ^ box[1][32 + i]) == (texts[0][i] ^ texts[1][i]);
        other += (box[0][32 + i] ^ box[2][32 + i]) == (texts[0][i] ^ texts[2][i]);
    }
    expect(leaked == LEN, "one receiver and context: the keystream repeats");
    expect(other < 4, "another context has another keystream");
    outcome("Succeeds: a box draws its scalar unhedged. Two boxes to one receiver in one context "
            "with the draw repeated show the difference of %zu of %d bytes; in another context %zu "
            "(chance 1/256).",
            leaked, LEN, other);
}

static bool seen_before(void *context, const uint8_t *value, size_t len)
{
    return memcmp(context, value, len) == 0;
}

/* The ephemeral e repeats: for one patient P with it, for two patients E alone. */
void attack_rollback_pseudonyms(void)
{
    struct party party;
    struct stuck_rng stuck;
    struct ehr_patient_keys other;
    struct ehr_pseudonym made[3];
    uint8_t bytes[3][EHR_PSEUDONYM_BYTES], seed[32] = {7};
    party_open(&party, "rollback");
    stuck_open(&stuck);
    must(ehr_patient_keys_derive(&other, seed));
    for (size_t i = 0; i < 3; i++) {
        const struct ehr_patient_public *of = i == 2 ? &other.public : &party.patient.public;
        must(ehr_pseudonym_make(&made[i], of, party.hid, &stuck.rng));
        ehr_pseudonym_encode(bytes[i], &made[i]);
    }
    struct ehr_ptx again = {.terms = {.pseudonym = bytes[1]}},
                   different = {.terms = {.pseudonym = bytes[2]}};
    struct ehr_ptx_seen seen = {seen_before, bytes[0]};
    enum ehr_status refused = ehr_ptx_check_fresh(&again, &seen);
    expect_status(refused, EHR_DUP, "the same patient's repeated pseudonym is not fresh");
    expect_status(ehr_ptx_check_fresh(&different, &seen), EHR_OK, "another patient's is");
    bool linked = ehr_point_equal(&made[0].E, &made[2].E);
    expect(linked, "E shows that two visits come from one generator");
    outcome("A repeated ephemeral repeats the pseudonym of one patient, which the chain refuses "
            "(%s); for two patients it succeeds in showing, by an equal E, that one doctor's "
            "generator made both.",
            ehr_status_name(refused));
}

/* Solves rk = a + b*x, rk2 = a2 + b*x2 with a = q/d, a2 = q/d2 for q: two equations, unknown q, b.
 */
static void two_grants_solve(struct ehr_scalar *q, const struct ehr_scalar rk[2],
                             const struct ehr_scalar x[2], const struct ehr_scalar d[2])
{
    struct ehr_scalar above, below, term;
    /* q (x2/d - x/d2) = rk*x2 - rk2*x */
    ehr_scalar_mul(&above, &rk[0], &x[1]);
    ehr_scalar_mul(&term, &rk[1], &x[0]);
    ehr_scalar_sub(&above, &above, &term);
    must(ehr_scalar_invert(&below, &d[0]));
    ehr_scalar_mul(&below, &below, &x[1]);
    must(ehr_scalar_invert(&term, &d[1]));
    ehr_scalar_mul(&term, &term, &x[0]);
    ehr_scalar_sub(&below, &below, &term);
    must(ehr_scalar_invert(&below, &below));
    ehr_scalar_mul(q, &above, &below);
}

/* One proxy and both data users, threshold 2, of two grants of one visit. */
static bool two_grants_open(struct party *party, const struct visit *visit, struct ehr_rng *rng)
{
    struct ehr_scalar rk[2], x[2], d[2], q;
    for (size_t user = 0; user < 2; user++) {
        uint8_t bytes[EHR_GRANT_BYTES(ATTACK_NODES)];
        struct ehr_grant_verified grant;
        struct ehr_kfrag kfrag;
        struct ehr_point Z;
        struct ehr_grant_terms terms = {.keys = &visit->keys,
                                        .Y = party->users[user].public.bytes,
                                        .hid = visit->of.hid,
                                        .du_cert_id = party->user_ids + 32 * user,
                                        .scope_hash = party->doctor_id,
                                        .epoch = ATTACK_EPOCH,
                                        .threshold = 2,
                                        .proxies = ATTACK_NODES,
                                        .cert_ids = party->node_ids,
                                        .node_keys = party->node_keys,
                                        .not_after = 200};
        must(ehr_grant_make(bytes, sizeof bytes, &terms, rng));
        must(ehr_grant_verify(&grant, bytes, sizeof bytes));
        must(ehr_kfrag_open(&kfrag, &grant, 1, &party->nodes[0]));
        must(ehr_point_mul(&Z, &party->users[user].secret, &grant.X));
        must(ehr_grant_factor(&d[user], &grant.X, &grant.Y, &Z, grant.gctx));
        must(ehr_grant_abscissa(&x[user], &grant.X, &grant.Y, &Z, grant.gctx, 1));
        rk[user] = kfrag.rk;
    }
    two_grants_solve(&q, rk, x, d);
    return visit_opens(visit, &q, TEXT);
}

void attack_rollback_grants(void)
{
    struct party party;
    struct visit visit;
    struct stuck_rng stuck;
    party_open(&party, "rollback");
    stuck_open(&stuck);
    visit_make(&party, &visit, TEXT);
    bool repeated = two_grants_open(&party, &visit, &stuck.rng);
    bool fresh = two_grants_open(&party, &visit, party_rng(&party));
    expect(repeated, "the polynomial's coefficients repeat: two equations for two unknowns");
    expect(!fresh, "with fresh coefficients they do not");
    outcome(
        "Succeeds: the coefficients of a grant are drawn unhedged. Two grants of one visit with "
        "the draws repeated let ONE proxy of threshold 2, with both data users, %s; with fresh "
        "draws %s.",
        repeated ? "recover q and open the record" : "do nothing",
        fresh ? "the same" : "the same computation gives nothing");
}
