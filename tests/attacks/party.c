/* The parties that are attacked: honest, and set up as the specification says. */
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "tests/attacks/attack.h"

struct ehr_rng *party_rng(struct party *party)
{
    return &party->drbg.rng;
}

static void sign_key_make(struct party *party, struct ehr_sign_key *key)
{
    uint8_t seed[32];
    ehr_rng_fill(party_rng(party), seed, 32);
    ehr_sign_key_init(key, seed);
}

void party_open(struct party *party, const char *name)
{
    uint8_t seed[32];
    memset(party, 0, sizeof *party);
    ehr_drbg_init(&party->drbg, 2026, 0, name, EHR_DRBG_CRYPTO);
    struct ehr_rng *rng = party_rng(party);
    ehr_rng_fill(rng, party->hid, 32);
    ehr_rng_fill(rng, party->other_hid, 32);
    ehr_rng_fill(rng, party->doctor_id, 32);
    ehr_rng_fill(rng, party->node_ids, sizeof party->node_ids);
    ehr_rng_fill(rng, party->user_ids, sizeof party->user_ids);
    sign_key_make(party, &party->doctor);
    must(ehr_dh_key_make(&party->w, rng));
    for (size_t i = 0; i < ATTACK_NODES; i++) {
        sign_key_make(party, &party->nodes_sign[i]);
        must(ehr_dh_key_make(&party->nodes[i], rng));
        memcpy(party->node_keys + 32 * i, party->nodes[i].public.bytes, 32);
    }
    for (size_t i = 0; i < ATTACK_USERS; i++)
        must(ehr_dh_key_make(&party->users[i], rng));
    ehr_rng_fill(rng, seed, 32);
    must(ehr_patient_keys_derive(&party->patient, seed));
}

/* ---- visits ---- */

/* s and s' as the doctor computed them: e is the one scalar that making the pseudonym draws. */
static void doctor_keep(struct visit *visit, struct ehr_drbg before,
                        const struct ehr_patient_public *patient, const uint8_t hid[32])
{
    struct ehr_scalar e;
    struct ehr_point Z, sB;
    const struct ehr_point *E = &visit->pseudonym.E;
    must(ehr_scalar_random(&e, &before.rng));
    must(ehr_point_mul(&Z, &e, &patient->V));
    must(EHR_HASH_SCALAR(&visit->s, "ps-own", EHR_G(&Z), EHR_G(E), EHR_G(&patient->V),
                         EHR_G(&patient->O), EHR_H(hid)));
    must(EHR_HASH_SCALAR(&visit->s_enc, "ps-enc", EHR_G(&Z), EHR_G(E), EHR_G(&patient->V),
                         EHR_G(&patient->C), EHR_H(hid)));
    must(ehr_point_mul_base(&sB, &visit->s));
    must(ehr_point_add(&sB, &patient->O, &sB));
    must(ehr_point_equal(&sB, &visit->pseudonym.P) ? EHR_OK : EHR_POINT);
}

void visit_make(struct party *party, struct visit *visit, const char *text)
{
    uint8_t bytes[EHR_PSEUDONYM_BYTES];
    bool hit;
    struct ehr_drbg before = party->drbg;
    memset(visit, 0, sizeof *visit);
    must(ehr_pseudonym_make(&visit->pseudonym, &party->patient.public, party->hid,
                            party_rng(party)));
    doctor_keep(visit, before, &party->patient.public, party->hid);
    ehr_pseudonym_encode(bytes, &visit->pseudonym);
    must(
        ehr_pseudonym_detect(&visit->keys, &hit, bytes, sizeof bytes, &party->patient, party->hid));
    must(hit ? EHR_OK : EHR_POLICY);
    visit->of = (struct ehr_record_visit){.P = visit->pseudonym.P, .Q = visit->pseudonym.Q};
    memcpy(visit->of.hid, party->hid, 32);
    must(ehr_record_seal(visit->sealed, ATTACK_SEALED, &visit->of, (const uint8_t *)text,
                         strlen(text), party_rng(party)));
    ehr_record_body_hash(visit->body_hash, visit->sealed + EHR_RECORD_HEAD_BYTES,
                         ATTACK_SEALED - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(visit->ct_hash, visit->sealed, ATTACK_SEALED);
}

bool visit_opens(const struct visit *visit, const struct ehr_scalar *q, const char *text)
{
    uint8_t plaintext[ATTACK_SEALED];
    size_t len;
    return ehr_record_open(plaintext, sizeof plaintext, &len, visit->sealed, ATTACK_SEALED, q,
                           &visit->of.P, visit->of.hid) == EHR_OK &&
           len == strlen(text) && memcmp(plaintext, text, len) == 0;
}

/* ---- sharing ---- */

void sharing_grant(struct party *party, struct sharing *sharing, const struct visit *visit,
                   size_t user, struct ehr_rng *rng)
{
    memset(sharing, 0, sizeof *sharing);
    sharing->visit = visit;
    sharing->user = user;
    struct ehr_grant_terms terms = {
        .keys = &visit->keys,
        .Y = party->users[user].public.bytes,
        .hid = visit->of.hid,
        .du_cert_id = party->user_ids + 32 * user,
        .scope_hash = party->doctor_id,
        .epoch = ATTACK_EPOCH,
        .threshold = ATTACK_THRESHOLD,
        .proxies = ATTACK_NODES,
        .cert_ids = party->node_ids,
        .node_keys = party->node_keys,
        .not_before = 100,
        .not_after = 200,
    };
    must(ehr_grant_make(sharing->bytes, sizeof sharing->bytes, &terms, rng));
    must(ehr_grant_verify(&sharing->grant, sharing->bytes, sizeof sharing->bytes));
    must(ehr_record_check(&sharing->head, visit->sealed, ATTACK_SEALED, &sharing->grant.visit));
}

enum ehr_status sharing_reencrypt(struct party *party, const struct sharing *sharing, size_t node,
                                  const struct ehr_grant_verified *grant, uint64_t height,
                                  uint8_t cfrag[EHR_CFRAG_BYTES])
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    EHR_TRY(ehr_kfrag_open(&kfrag, grant, (uint8_t)(node + 1), &party->nodes[node]));
    EHR_TRY(ehr_kfrag_verify(&verified, &kfrag, grant));
    struct ehr_reencrypt_request request = {.head = sharing->visit->sealed,
                                            .head_len = EHR_RECORD_HEAD_BYTES,
                                            .body_hash = sharing->visit->body_hash,
                                            .ct_hash = sharing->visit->ct_hash,
                                            .height = height};
    return ehr_reencrypt(cfrag, grant, &verified, &request, party_rng(party));
}

void sharing_make(struct party *party, struct sharing *sharing, const struct visit *visit,
                  size_t user)
{
    sharing_grant(party, sharing, visit, user, party_rng(party));
    for (size_t i = 0; i < ATTACK_NODES; i++) {
        must(sharing_reencrypt(party, sharing, i, &sharing->grant, ATTACK_HEIGHT,
                               sharing->cfrags[i]));
        ehr_cfrag_sign(sharing->sigs[i], sharing->cfrags[i], sharing->head.capsule,
                       &party->nodes_sign[i]);
    }
}

enum ehr_status sharing_open(const struct sharing *sharing, const struct ehr_dh_key *data_user,
                             const char *text, uint32_t *faulty)
{
    struct ehr_share shares[ATTACK_THRESHOLD];
    uint8_t plaintext[ATTACK_SEALED];
    size_t len;
    for (size_t i = 0; i < ATTACK_THRESHOLD; i++)
        shares[i] = (struct ehr_share){sharing->cfrags[i], EHR_CFRAG_BYTES};
    enum ehr_status status =
        ehr_combine_open(plaintext, sizeof plaintext, &len, data_user, &sharing->grant, shares,
                         ATTACK_THRESHOLD, sharing->visit->sealed, ATTACK_SEALED, faulty);
    if (status == EHR_OK && (len != strlen(text) || memcmp(plaintext, text, len) != 0))
        return EHR_STATUS_INVALID;
    return status;
}

/* ---- guessing ---- */

void word_text(char text[16], unsigned word)
{
    snprintf(text, 16, "icd10:%c%02u.%u", (char)('a' + word / 200 % 26), word % 200 / 10,
             word % 10);
}

void word_hash(uint8_t kw[32], unsigned word)
{
    char text[16];
    struct ehr_index_keyword keyword;
    word_text(text, word);
    must(ehr_index_keyword_make(&keyword, (const uint8_t *)text, strlen(text)));
    ehr_index_keyword_hash(kw, &keyword);
}

static void stuck_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    (void)rng;
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)(i * 37 + 11);
}

void stuck_open(struct stuck_rng *rng)
{
    rng->rng.fill = stuck_fill;
}

bool nonce_attack(struct ehr_scalar *x, const uint8_t z1[32], const uint8_t e1[32],
                  const uint8_t z2[32], const uint8_t e2[32])
{
    struct ehr_scalar a, b, c, d;
    memcpy(a.bytes, z1, 32);
    memcpy(b.bytes, z2, 32);
    memcpy(c.bytes, e1, 32);
    memcpy(d.bytes, e2, 32);
    ehr_scalar_sub(&a, &a, &b);
    ehr_scalar_sub(&c, &c, &d);
    if (ehr_scalar_invert(&c, &c) != EHR_OK)
        return false;
    ehr_scalar_mul(x, &a, &c);
    return true;
}
