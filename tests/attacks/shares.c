/* Attacks on sharing: bad proxies, data users that want more than they were granted, and records
 * moved from where they belong. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/schnorr.h"
#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

#define TEXT "blood pressure 120/80"

/* ---- a share that satisfies the final equation ---- */

/* E1 + D, V1 - hD: s*Q = d(hE' + V') still holds. */
static void forge(struct party *party, struct sharing *sharing, size_t node)
{
    struct ehr_scalar h, r;
    struct ehr_point D, E1, V1;
    uint8_t *cfrag = sharing->cfrags[node];
    must(ehr_scalar_random(&r, party_rng(party)));
    must(ehr_point_mul_base(&D, &r));
    must(ehr_capsule_challenge(&h, sharing->head.capsule, sharing->head.label));
    must(ehr_point_import(&E1, cfrag + 33));
    must(ehr_point_import(&V1, cfrag + 65));
    must(ehr_point_add(&E1, &E1, &D));
    must(ehr_point_mul(&D, &h, &D));
    must(ehr_point_sub(&V1, &V1, &D));
    memcpy(cfrag + 33, E1.bytes, 32);
    memcpy(cfrag + 65, V1.bytes, 32);
    ehr_cfrag_sign(sharing->sigs[node], cfrag, sharing->head.capsule, &party->nodes_sign[node]);
}

static enum ehr_status combine(struct ehr_point *K, const struct party *party,
                               const struct sharing *sharing)
{
    struct ehr_share shares[ATTACK_THRESHOLD];
    for (size_t i = 0; i < ATTACK_THRESHOLD; i++)
        shares[i] = (struct ehr_share){sharing->cfrags[i], EHR_CFRAG_BYTES};
    return ehr_combine(K, &party->users[sharing->user], &sharing->grant, &sharing->head, shares,
                       ATTACK_THRESHOLD, NULL);
}

/* What a third party needs to condemn node i: the share, signed by it, with a proof that fails. */
static bool evidence_holds(const struct party *party, const struct sharing *sharing, size_t i,
                           const uint8_t *capsule)
{
    return ehr_cfrag_sig_verify(sharing->cfrags[i], capsule, party->nodes_sign[i].public,
                                sharing->sigs[i]) == EHR_OK &&
           ehr_cfrag_verify(&sharing->grant, &sharing->head, sharing->cfrags[i], EHR_CFRAG_BYTES) !=
               EHR_OK;
}

void attack_share_forgery(void)
{
    struct party party;
    struct visit visit, other;
    struct sharing sharing;
    struct ehr_point honest, K;
    uint32_t faulty = 99;
    party_open(&party, "forgery");
    visit_make(&party, &visit, TEXT);
    other = visit; /* another record under the keys of the visit, which are public */
    must(ehr_record_seal(other.sealed, ATTACK_SEALED, &other.of, (const uint8_t *)"framed", 6,
                         party_rng(&party)));
    sharing_make(&party, &sharing, &visit, 0);
    expect_status(sharing_open(&sharing, &party.users[0], TEXT, &faulty), EHR_OK,
                  "honest shares open the record");
    must(combine(&honest, &party, &sharing));
    forge(&party, &sharing, 1);
    expect_status(combine(&K, &party, &sharing), EHR_OK, "the forgery satisfies the equation");
    expect(!ehr_point_equal(&K, &honest), "and gives another key");
    enum ehr_status status = sharing_open(&sharing, &party.users[0], TEXT, &faulty);
    expect_status(status, EHR_KCOM, "the commitment shows it");
    expect(faulty == 2, "the forger, and nobody else, is named");
    size_t condemned = 0;
    for (size_t i = 0; i < ATTACK_THRESHOLD; i++)
        condemned += evidence_holds(&party, &sharing, i, sharing.head.capsule);
    expect(condemned == 1 && evidence_holds(&party, &sharing, 1, sharing.head.capsule),
           "its signature condemns the forger alone");
    /* Framing: an honest share shown with another valid capsule of the visit fails its proof. */
    struct ehr_record_head framed;
    must(ehr_record_check(&framed, other.sealed, ATTACK_SEALED, &other.of));
    bool fails =
        ehr_cfrag_verify(&sharing.grant, &framed, sharing.cfrags[0], EHR_CFRAG_BYTES) == EHR_CFRAG;
    bool signed_so = ehr_cfrag_sig_verify(sharing.cfrags[0], framed.capsule,
                                          party.nodes_sign[0].public, sharing.sigs[0]) == EHR_OK;
    expect(fails && !signed_so, "an honest node is not condemned with another capsule");
    outcome("A proxy that adds D to E1 and takes hD from V1 passed the final equation with a wrong "
            "key; opening ended with %s and blamed shares %#x of %d, and the node's signature on "
            "the share is evidence against it alone.",
            ehr_status_name(status), (unsigned)faulty, ATTACK_THRESHOLD);
    outcome(
        "An honest share shown with another valid capsule of the same visit fails its proof, but "
        "its signature does not cover that capsule: no framing.");
}

/* ---- fragments of one data user's grant for another ---- */

/* The weight at 0 of abscissa j among the first `count`: the product of x_k / (x_k - x_j). */
static void lagrange(struct ehr_scalar *weight, const struct ehr_scalar *x, size_t j, size_t count)
{
    static const struct ehr_scalar one = {{1}};
    *weight = one;
    for (size_t k = 0; k < count; k++) {
        struct ehr_scalar difference;
        if (k == j)
            continue;
        ehr_scalar_sub(&difference, &x[k], &x[j]);
        must(ehr_scalar_invert(&difference, &difference));
        ehr_scalar_mul(weight, weight, &x[k]);
        ehr_scalar_mul(weight, weight, &difference);
    }
}

/* The key that `data_user` computes from shares of a grant to somebody else, by the book. */
static void combine_by_hand(struct ehr_point *K, const struct sharing *sharing,
                            const struct ehr_dh_key *data_user)
{
    struct ehr_scalar x[ATTACK_THRESHOLD], d, weight;
    struct ehr_point Z, E, V;
    const struct ehr_grant_verified *grant = &sharing->grant;
    must(ehr_point_mul(&Z, &data_user->secret, &grant->X));
    must(ehr_grant_factor(&d, &grant->X, &grant->Y, &Z, grant->gctx));
    for (size_t j = 0; j < ATTACK_THRESHOLD; j++)
        must(ehr_grant_abscissa(&x[j], &grant->X, &grant->Y, &Z, grant->gctx, (uint8_t)(j + 1)));
    for (size_t j = 0; j < ATTACK_THRESHOLD; j++) {
        lagrange(&weight, x, j, ATTACK_THRESHOLD);
        ehr_scalar_mul(&weight, &weight, &d);
        must(ehr_point_import(&E, sharing->cfrags[j] + 33));
        must(ehr_point_import(&V, sharing->cfrags[j] + 65));
        must(ehr_point_add(&E, &E, &V));
        must(ehr_point_mul(&E, &weight, &E));
        if (j == 0)
            *K = E;
        else
            must(ehr_point_add(K, K, &E));
    }
}

static bool key_fits(const struct sharing *sharing, const struct ehr_point *K)
{
    uint8_t plaintext[ATTACK_SEALED];
    size_t len;
    return ehr_record_decrypt(plaintext, &len, &sharing->head, sharing->visit->sealed,
                              ATTACK_SEALED, K) == EHR_OK;
}

void attack_fragment_replay(void)
{
    struct party party;
    struct visit visit;
    struct sharing mine, theirs;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    struct ehr_grant_verified grant;
    struct ehr_point K;
    uint8_t forged[EHR_GRANT_BYTES(ATTACK_NODES)], cfrag[EHR_CFRAG_BYTES];
    party_open(&party, "replay");
    visit_make(&party, &visit, TEXT);
    sharing_make(&party, &mine, &visit, 0);
    sharing_make(&party, &theirs, &visit, 1);
    /* 1. The fragments, put under another data user's name. */
    memcpy(forged, mine.bytes, sizeof forged);
    memcpy(forged + 115, party.user_ids + 32, 32);
    memcpy(forged + 147, party.users[1].public.bytes, 32);
    enum ehr_status renamed = ehr_grant_verify(&grant, forged, sizeof forged);
    expect_status(renamed, EHR_SIG, "a grant in another name is not signed");
    /* 2. A verified fragment of one grant, used under the other. */
    must(ehr_kfrag_open(&kfrag, &mine.grant, 1, &party.nodes[0]));
    must(ehr_kfrag_verify(&verified, &kfrag, &mine.grant));
    struct ehr_reencrypt_request request = {visit.sealed,  EHR_RECORD_HEAD_BYTES, visit.body_hash,
                                            visit.ct_hash, ATTACK_HEIGHT,         false};
    enum ehr_status replayed =
        ehr_reencrypt(cfrag, &theirs.grant, &verified, &request, party_rng(&party));
    expect_status(replayed, EHR_KFRAG, "a fragment serves its own grant only");
    expect_status(ehr_kfrag_verify(&verified, &kfrag, &theirs.grant), EHR_KFRAG,
                  "and fits no other");
    /* 3. All proxies hand the shares of user 0 to user 1, who computes by hand. */
    enum ehr_status asked = sharing_open(&mine, &party.users[1], TEXT, NULL);
    expect_status(asked, EHR_POLICY, "shares of another's grant are not combined");
    combine_by_hand(&K, &mine, &party.users[1]);
    expect(!key_fits(&mine, &K), "and give user 1 no key by hand");
    combine_by_hand(&K, &mine, &party.users[0]);
    expect(key_fits(&mine, &K), "by hand, user 0 has the key: the computation is right");
    expect_status(sharing_open(&theirs, &party.users[1], TEXT, NULL), EHR_OK,
                  "with a grant of its own, user 1 opens the record");
    outcome("Fragments granted to data user 0: under user 1's name the grant ended with %s, under "
            "user 1's grant a proxy ended with %s, and all %d shares gave user 1 %s by the library "
            "and a wrong key by hand; user 0's key, by the same hand, opened the record.",
            ehr_status_name(renamed), ehr_status_name(replayed), ATTACK_THRESHOLD,
            ehr_status_name(asked));
}

/* ---- an edited window ---- */

void attack_edited_expiry(void)
{
    struct party party;
    struct visit visit;
    struct sharing sharing;
    struct ehr_grant_verified edited;
    struct ehr_grant view;
    struct ehr_dh_key forger;
    uint8_t bytes[EHR_GRANT_BYTES(ATTACK_NODES)], cfrag[EHR_CFRAG_BYTES], gctx[32], grant_id[32];
    party_open(&party, "expiry");
    visit_make(&party, &visit, TEXT);
    sharing_make(&party, &sharing, &visit, 0);
    expect_status(sharing_reencrypt(&party, &sharing, 0, &sharing.grant, 200, cfrag), EHR_OK,
                  "at its last height the grant is good");
    enum ehr_status late = sharing_reencrypt(&party, &sharing, 0, &sharing.grant, 201, cfrag);
    expect_status(late, EHR_POLICY, "one block later it is not");
    /* 1. not_after and not_before, every bit. */
    size_t accepted = 0;
    for (size_t bit = 0; bit < 128; bit++) {
        memcpy(bytes, sharing.bytes, sizeof bytes);
        bytes[243 + bit / 8] ^= (uint8_t)(1U << bit % 8);
        accepted += ehr_grant_verify(&edited, bytes, sizeof bytes) == EHR_OK;
    }
    expect(accepted == 0, "an edited window is not signed");
    /* 2. A node that does not check signatures: the context of its own fragment has changed. */
    memcpy(bytes, sharing.bytes, sizeof bytes);
    memset(bytes + 251, 0xff, 7);
    must(ehr_grant_parse(&view, bytes, sizeof bytes));
    edited = sharing.grant;
    edited.view = view;
    ehr_grant_id(edited.gctx, edited.grant_id, &view);
    enum ehr_status careless = sharing_reencrypt(&party, &sharing, 0, &edited, 201, cfrag);
    expect_status(careless, EHR_KFRAG, "the sealed fragment does not open in another context");
    /* 3. Signed by a pseudonym of the forger's. */
    must(ehr_dh_key_make(&forger, party_rng(&party)));
    memcpy(bytes + 19, forger.public.bytes, 32);
    ehr_grant_id(gctx, grant_id, &view);
    must(ehr_schnorr_sign(bytes + sizeof bytes - 64, "sig-grant", &forger.secret, &forger.public,
                          grant_id, party_rng(&party)));
    expect_status(ehr_grant_verify(&edited, bytes, sizeof bytes), EHR_OK, "it verifies as its own");
    struct ehr_record_head head;
    enum ehr_status own =
        ehr_record_head_check(&head, visit.sealed, EHR_RECORD_HEAD_BYTES, &edited.visit);
    expect_status(own, EHR_POLICY, "but is not of this record");
    outcome("Of 128 edits of not_before and not_after %zu were accepted; a node that skips the "
            "signature ended with %s, and a grant signed by the forger's own pseudonym with %s.",
            accepted, ehr_status_name(careless), ehr_status_name(own));
    outcome("Unedited, the grant re-encrypts at height 200 and ends with %s at 201.",
            ehr_status_name(late));
}

/* ---- a record moved to another label ---- */

/* s = u + r*h for a label: what the sealer, who knows r and u, can make and nobody else. */
static bool sealer_relabels(struct party *party, const uint8_t first[32], const uint8_t second[32])
{
    struct ehr_dh_key r, u;
    uint8_t capsule[EHR_CAPSULE_BYTES] = {0};
    size_t accepted = 0;
    must(ehr_dh_key_make(&r, party_rng(party)));
    must(ehr_dh_key_make(&u, party_rng(party)));
    memcpy(capsule, r.public.bytes, 32);
    memcpy(capsule + 32, u.public.bytes, 32);
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *label = i == 0 ? first : second, *other = i == 0 ? second : first;
        struct ehr_scalar s;
        must(ehr_capsule_challenge(&s, capsule, label));
        ehr_scalar_mul(&s, &r.secret, &s);
        ehr_scalar_add(&s, &u.secret, &s);
        memcpy(capsule + 64, s.bytes, 32);
        accepted += ehr_capsule_check(capsule, label) == EHR_OK;
        expect_status(ehr_capsule_check(capsule, other), EHR_CAPSULE, "but not for both at once");
    }
    return accepted == 2;
}

void attack_relabelled_capsule(void)
{
    struct party party;
    struct visit a, b;
    struct ehr_record_head head;
    uint8_t moved[ATTACK_SEALED], label[32], label_a[32], capsule[EHR_CAPSULE_BYTES];
    uint8_t plaintext[ATTACK_SEALED];
    size_t len, forged = 0;
    party_open(&party, "relabelled");
    visit_make(&party, &a, TEXT);
    visit_make(&party, &b, TEXT);
    expect_status(ehr_record_check(&head, a.sealed, ATTACK_SEALED, &a.of), EHR_OK, "at its place");
    expect_status(ehr_record_check(&head, a.sealed, ATTACK_SEALED, &b.of), EHR_POLICY, "P differs");
    memcpy(moved, a.sealed, sizeof moved); /* to visit b, with b's P in its head */
    memcpy(moved + 8, b.of.P.bytes, 32);
    enum ehr_status to_visit = ehr_record_check(&head, moved, ATTACK_SEALED, &b.of);
    expect_status(to_visit, EHR_CAPSULE, "the capsule is bound to visit a");
    struct ehr_record_visit elsewhere = a.of;
    memcpy(elsewhere.hid, party.other_hid, 32);
    enum ehr_status to_hospital = ehr_record_check(&head, a.sealed, ATTACK_SEALED, &elsewhere);
    expect_status(to_hospital, EHR_CAPSULE, "and to the hospital");
    expect_status(ehr_record_open(plaintext, sizeof plaintext, &len, moved, ATTACK_SEALED,
                                  &b.keys.q, &b.of.P, b.of.hid),
                  EHR_CAPSULE, "nothing opens");
    /* The attacker knows no r: it guesses s for the other label. */
    ehr_record_label(label, &b.of);
    memcpy(capsule, a.sealed + 40, sizeof capsule);
    for (unsigned i = 0; i < 1000; i++) {
        struct ehr_scalar s;
        must(ehr_scalar_random(&s, party_rng(&party)));
        memcpy(capsule + 64, s.bytes, 32);
        forged += ehr_capsule_check(capsule, label) == EHR_OK;
    }
    expect(forged == 0, "no guess of s fits");
    ehr_record_label(label_a, &a.of);
    bool sealer = sealer_relabels(&party, label_a, label);
    expect(sealer, "who knows r and u makes the right s");
    outcome("A record moved to another visit ended with %s, to another hospital with %s, and of "
            "1000 guessed s %zu fitted the new label; the sealer, who knows r and u, %s one that "
            "does.",
            ehr_status_name(to_visit), ehr_status_name(to_hospital), forged,
            sealer ? "makes" : "makes not even");
}

/* ---- t proxies and the data user ---- */

/* q = d * sum lambda_j rk_j from the fragments of the first `count` proxies. */
static void q_recover(struct ehr_scalar *q, struct party *party, const struct sharing *sharing,
                      size_t count)
{
    struct ehr_scalar x[ATTACK_NODES], d, weight, term;
    struct ehr_point Z;
    const struct ehr_grant_verified *grant = &sharing->grant;
    must(ehr_point_mul(&Z, &party->users[sharing->user].secret, &grant->X));
    must(ehr_grant_factor(&d, &grant->X, &grant->Y, &Z, grant->gctx));
    for (size_t j = 0; j < count; j++)
        must(ehr_grant_abscissa(&x[j], &grant->X, &grant->Y, &Z, grant->gctx, (uint8_t)(j + 1)));
    memset(q, 0, sizeof *q);
    for (size_t j = 0; j < count; j++) {
        struct ehr_kfrag kfrag;
        must(ehr_kfrag_open(&kfrag, grant, (uint8_t)(j + 1), &party->nodes[j]));
        lagrange(&weight, x, j, count);
        ehr_scalar_mul(&term, &d, &kfrag.rk);
        ehr_scalar_mul(&term, &term, &weight);
        ehr_scalar_add(q, q, &term);
    }
}

enum { OTHERS = 10 };

void attack_collusion(void)
{
    struct party party;
    struct visit visit, others[OTHERS];
    struct sharing sharing;
    struct ehr_scalar q, c, q_other;
    struct ehr_point C;
    size_t opened = 0, opened_with_c = 0, opened_with_both = 0;
    party_open(&party, "collusion");
    visit_make(&party, &visit, TEXT);
    sharing_grant(&party, &sharing, &visit, 0, party_rng(&party));
    q_recover(&q, &party, &sharing, ATTACK_THRESHOLD - 1);
    bool too_few = visit_opens(&visit, &q, TEXT);
    expect(!too_few, "t-1 proxies and the data user have nothing");
    q_recover(&q, &party, &sharing, ATTACK_THRESHOLD);
    bool enough = ehr_scalar_equal(&q, &visit.keys.q) && visit_opens(&visit, &q, TEXT);
    expect(enough, "t proxies and the data user have q: inherent");
    ehr_scalar_sub(&c, &q, &visit.s_enc); /* with what that visit's doctor kept */
    must(ehr_point_mul_base(&C, &c));
    bool has_c = ehr_point_equal(&C, &party.patient.public.C);
    expect(has_c, "with the doctor's s' they have c: inherent");
    for (size_t i = 0; i < OTHERS; i++) {
        visit_make(&party, &others[i], TEXT);
        opened += visit_opens(&others[i], &q, TEXT);
        opened_with_c += visit_opens(&others[i], &c, TEXT);
        ehr_scalar_add(&q_other, &c, &visit.s_enc); /* an s' that is not of that visit */
        opened_with_c += visit_opens(&others[i], &q_other, TEXT);
        ehr_scalar_add(&q_other, &c, &others[i].s_enc);
        opened_with_both += visit_opens(&others[i], &q_other, TEXT);
    }
    expect(opened == 0 && opened_with_c == 0, "other visits stay closed without v");
    expect(opened_with_both == OTHERS, "but for those whose s' was kept");
    outcome(
        "Succeeds, and cannot be prevented: %d colluding proxies with their data user recovered "
        "q of that visit and opened its record (%d proxies: %s); with q they opened %zu of %d "
        "other visits.",
        ATTACK_THRESHOLD, ATTACK_THRESHOLD - 1, too_few ? "opened" : "nothing", opened, OTHERS);
    outcome("With the s' that the visit's doctor should have erased they had c, which alone opened "
            "%zu of the %d others; every other visit whose s' was kept as well opens (%zu of %d).",
            opened_with_c, OTHERS, opened_with_both, OTHERS);
}
