/* Signing for somebody else, and showing somebody else's proofs. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/hash.h"
#include "crypto/query.h"
#include "crypto/schnorr.h"
#include "sim/ledger/private_tx.h"
#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

#define TEXT "blood pressure 120/80"

enum { NKW = 8, PTX_BYTES = 340 + 16 * NKW };

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct party *party = context;
    if (memcmp(cert_id, party->doctor_id, 32) != 0)
        return false;
    memcpy(ed_pk, party->doctor.public, 32);
    return true;
}

/* ---- a private transaction by the doctor alone ---- */

struct draft {
    uint8_t pseudonym[EHR_PSEUDONYM_BYTES], labels[16 * NKW];
    struct ehr_ptx_terms terms;
    uint8_t body[32];
};

static void draft_make(struct draft *draft, struct party *party, const struct visit *visit)
{
    ehr_pseudonym_encode(draft->pseudonym, &visit->pseudonym);
    ehr_rng_fill(party_rng(party), draft->labels, sizeof draft->labels);
    draft->terms = (struct ehr_ptx_terms){.hid = party->hid,
                                          .doctor_id = party->doctor_id,
                                          .epoch = ATTACK_EPOCH,
                                          .pseudonym = draft->pseudonym,
                                          .ct_hash = visit->ct_hash,
                                          .ct_len = ATTACK_SEALED,
                                          .labels = draft->labels,
                                          .nkw = NKW};
    ehr_ptx_terms_body(draft->body, &draft->terms);
}

/* What a private-chain node says to the draft with this token. */
static enum ehr_status submit(struct party *party, const struct draft *draft,
                              const uint8_t token[64])
{
    uint8_t bytes[PTX_BYTES], sig[64];
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    struct ehr_ptx_doctors doctors = {doctor_find, party};
    ehr_ptx_sign_doctor(sig, draft->body, &party->doctor);
    ehr_ptx_encode(bytes, &draft->terms, sig, token);
    must(ehr_ptx_parse(&ptx, bytes, sizeof bytes));
    return ehr_ptx_verify(&hashes, &ptx, party->hid, ATTACK_EPOCH, &doctors);
}

/* A token under a secret of the doctor's choice, for the pseudonym of the patient. */
static enum ehr_status submit_under(struct party *party, const struct draft *draft,
                                    const struct ehr_scalar *x)
{
    uint8_t token[64];
    struct ehr_point P;
    must(ehr_point_import(&P, draft->pseudonym));
    must(ehr_ptx_sign_patient(token, draft->body, x, &P, party_rng(party)));
    return submit(party, draft, token);
}

void attack_doctor_signs_for_patient(void)
{
    struct party party;
    struct visit visit, before;
    struct draft draft, earlier;
    uint8_t token[64], old[64];
    struct ehr_scalar guess;
    size_t tried = 0, accepted = 0;
    party_open(&party, "doctor");
    visit_make(&party, &before, TEXT);
    visit_make(&party, &visit, TEXT);
    draft_make(&earlier, &party, &before);
    draft_make(&draft, &party, &visit);
    expect_status(submit_under(&party, &draft, &visit.keys.p), EHR_OK, "the patient signs");
    /* 1. The doctor knows s with P = O + sB, and secrets of its own. */
    struct ehr_scalar known[4] = {visit.s, visit.s_enc, party.w.secret, {{1}}};
    ehr_scalar_add(&known[3], &visit.s, &visit.s_enc);
    for (size_t i = 0; i < 4; i++, tried++)
        accepted += submit_under(&party, &draft, &known[i]) == EHR_OK;
    for (size_t i = 0; i < 100; i++, tried++) {
        must(ehr_scalar_random(&guess, party_rng(&party)));
        accepted += submit_under(&party, &draft, &guess) == EHR_OK;
    }
    /* 2. The patient's token of an earlier visit, and of an earlier draft of this one. */
    struct ehr_point P = before.pseudonym.P;
    must(ehr_ptx_sign_patient(old, earlier.body, &before.keys.p, &P, party_rng(&party)));
    expect_status(submit(&party, &earlier, old), EHR_OK, "the earlier token is good for its draft");
    accepted += submit(&party, &draft, old) == EHR_OK;
    P = visit.pseudonym.P;
    must(ehr_ptx_sign_patient(old, draft.body, &visit.keys.p, &P, party_rng(&party)));
    draft.terms.ct_hash = before.ct_hash; /* another record under the token given for the first */
    ehr_ptx_terms_body(draft.body, &draft.terms);
    accepted += submit(&party, &draft, old) == EHR_OK;
    /* 3. A proof of ownership, given to a node, in the place of the token. */
    must(ehr_own_sign(token, &visit.keys.p, &P, party.hid, party.node_ids, 5, party_rng(&party)));
    accepted += submit(&party, &draft, token) == EHR_OK;
    tried += 3;
    expect(accepted == 0, "a doctor signs for no patient");
    outcome("A doctor that kept s and s' and holds earlier tokens and ownership proofs tried %zu "
            "tokens for a patient's pseudonym: %zu were accepted (the patient's own is).",
            tried, accepted);
}

/* P = O + sB, and the doctor knows s: a signature under O, which the patient gives when it shows
 * its card, plus e*s would be one under P, were the challenge the same. */
void attack_related_keys(void)
{
    struct party party;
    struct visit visit;
    struct draft draft;
    uint8_t sig[64], token[64];
    struct ehr_scalar e, z, term, k;
    struct ehr_point R, left, right;
    party_open(&party, "related");
    visit_make(&party, &visit, TEXT);
    draft_make(&draft, &party, &visit);
    const struct ehr_point *O = &party.patient.public.O, *P = &visit.pseudonym.P;
    /* The best case for the doctor: the patient signs the very body, with its card's key. */
    must(ehr_schnorr_sign(sig, "sig-card", &party.patient.o, O, draft.body, party_rng(&party)));
    must(EHR_HASH_SCALAR(&e, "sig-visit", EHR_G(P), EHR_H(sig), EHR_H(draft.body)));
    memcpy(z.bytes, sig + 32, 32);
    ehr_scalar_mul(&term, &e, &visit.s);
    ehr_scalar_add(&z, &z, &term);
    memcpy(token, sig, 32);
    memcpy(token + 32, z.bytes, 32);
    enum ehr_status forged = submit(&party, &draft, token);
    expect_status(forged, EHR_SIG, "the card's signature does not become a token");
    expect_status(submit(&party, &draft, sig), EHR_SIG, "nor as it is");
    /* Straw man: e = H(R, m), without key and label. */
    must(ehr_scalar_random(&k, party_rng(&party)));
    must(ehr_point_mul_base(&R, &k));
    must(EHR_HASH_SCALAR(&e, "straw", EHR_G(&R), EHR_H(draft.body)));
    ehr_scalar_mul(&z, &e, &party.patient.o);
    ehr_scalar_add(&z, &z, &k); /* the patient's, under O */
    ehr_scalar_mul(&term, &e, &visit.s);
    ehr_scalar_add(&z, &z, &term); /* the doctor's, under P */
    must(ehr_point_mul_base(&left, &z));
    must(ehr_point_mul(&right, &e, P));
    must(ehr_point_add(&right, &R, &right));
    bool straw = ehr_point_equal(&left, &right);
    expect(straw, "it does where the challenge has neither key nor label");
    outcome("The patient's signature under O moved by e*s to its pseudonym P = O + sB ended with "
            "%s; where the challenge holds neither key nor label it %s under P.",
            ehr_status_name(forged), straw ? "verified" : "failed");
}

/* A pseudonym of the doctor's own: nobody's visit. */
void attack_phantom_visit(void)
{
    struct party party;
    struct visit visit;
    struct draft draft;
    struct ehr_dh_key p, q;
    struct ehr_visit_keys keys;
    bool hit;
    party_open(&party, "phantom");
    visit_make(&party, &visit, TEXT);
    must(ehr_dh_key_make(&p, party_rng(&party)));
    must(ehr_dh_key_make(&q, party_rng(&party)));
    visit.pseudonym.P = p.public;
    visit.pseudonym.Q = q.public;
    draft_make(&draft, &party, &visit);
    enum ehr_status status = submit_under(&party, &draft, &p.secret);
    expect_status(status, EHR_OK, "a node cannot know whose a pseudonym is");
    must(ehr_pseudonym_detect(&keys, &hit, draft.pseudonym, sizeof draft.pseudonym, &party.patient,
                              party.hid));
    expect(!hit, "but no patient takes it for its own");
    outcome("Succeeds, and cannot be prevented: a visit under a pseudonym that the doctor made for "
            "itself is accepted (%s), signed by the doctor; the patient %s it.",
            ehr_status_name(status), hit ? "finds" : "does not find");
}

/* ---- queries and proofs shown again ---- */

void attack_query_replay(void)
{
    struct party party;
    struct visit visit;
    const uint8_t nonce[16] = {3}, next_nonce[16] = {4};
    uint8_t T[32] = {4}, bytes[EHR_QUERY_BYTES(1)], opened[EHR_QUERY_BYTES(1)];
    uint8_t box[EHR_QUERY_BYTES(1) + EHR_BOX_OVERHEAD_BYTES], context[2][32];
    uint8_t id[32], other_id[32], sig[64];
    party_open(&party, "query");
    visit_make(&party, &visit, TEXT);
    const uint8_t *P = visit.pseudonym.P.bytes, *a = party.node_ids, *b = party.node_ids + 32;
    struct ehr_query query = {nonce, 100, 0, 1, party.hid, T, 1};
    ehr_query_encode(bytes, &query);
    ehr_query_id(id, bytes, sizeof bytes);
    query.nonce = next_nonce;
    ehr_query_encode(opened, &query);
    ehr_query_id(other_id, opened, sizeof opened);
    ehr_query_context(context[0], a);
    ehr_query_context(context[1], b);
    must(ehr_box_seal(box, &party.nodes[0].public, context[0], bytes, sizeof bytes,
                      party_rng(&party)));
    expect_status(ehr_box_open(opened, &party.nodes[0], context[0], box, sizeof box), EHR_OK,
                  "node A opens its query");
    enum ehr_status forwarded = ehr_box_open(opened, &party.nodes[1], context[1], box, sizeof box);
    expect_status(forwarded, EHR_AEAD, "node B does not open A's");
    expect_status(ehr_box_open(opened, &party.nodes[0], context[1], box, sizeof box), EHR_AEAD,
                  "nor does a node under B's name");
    must(ehr_own_sign(sig, &visit.keys.p, &visit.pseudonym.P, id, a, 50, party_rng(&party)));
    expect_status(ehr_own_verify(P, id, a, 50, sig), EHR_OK, "the proof is good where it belongs");
    struct visit second;
    visit_make(&party, &second, TEXT);
    const enum ehr_status shown[5] = {
        ehr_own_verify(P, id, b, 50, sig),                        /* to another node */
        ehr_own_verify(P, id, a, 51, sig),                        /* at another height */
        ehr_own_verify(P, other_id, a, 50, sig),                  /* for another query */
        ehr_own_verify(second.pseudonym.P.bytes, id, a, 50, sig), /* for another visit */
        ehr_revoke_verify(P, id, 50, sig),                        /* as a revocation */
    };
    size_t accepted = 0;
    for (size_t i = 0; i < 5; i++)
        accepted += shown[i] != EHR_SIG;
    expect(accepted == 0, "a proof of ownership serves one query, node and height");
    outcome("A query sealed to node A ended with %s at node B; a proof of ownership shown to "
            "another node, at another height, for another query or visit, or as a revocation was "
            "accepted %zu of 5 times, and where it belongs once.",
            ehr_status_name(forwarded), accepted);
}
