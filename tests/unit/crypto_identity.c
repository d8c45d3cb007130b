/* Certificates, cards and pseudonyms made by the library: every flipped bit is refused, every
 * policy bound holds on both of its sides. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/cert.h"
#include "crypto/drbg.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"
#include "tests/unit/unit.h"

enum { NOW = 500, NOT_BEFORE = 100, NOT_AFTER = 1000 };

/* Who takes part in a case: a chain root -> hospital -> doctor, and one patient. */
struct world {
    struct ehr_drbg drbg;
    struct ehr_sign_key keys[3];
    struct ehr_dh_key dh[3];
    struct ehr_cert certs[3];
    uint8_t bytes[3][EHR_CERT_BYTES];
    struct ehr_patient_keys patient;
    struct ehr_card_issued card;
};

static void cert_issue(struct world *w, int i, uint8_t role, uint8_t flags, int issuer)
{
    w->certs[i] = (struct ehr_cert){.role = role,
                                    .flags = flags,
                                    .serial = (uint64_t)i,
                                    .not_before = NOT_BEFORE,
                                    .not_after = NOT_AFTER,
                                    .dh_pk = w->dh[i].public};
    memcpy(w->certs[i].ed_pk, w->keys[i].public, 32);
    if (issuer != i)
        memcpy(w->certs[i].issuer_id, w->certs[issuer].id, 32);
    ehr_cert_name_hash(w->certs[i].name_hash, "somebody");
    ehr_cert_issue(w->bytes[i], &w->certs[i], &w->keys[issuer]);
}

static void world_init(struct world *w)
{
    uint8_t seed[32], secret[32] = {7};
    ehr_crypto_init();
    memset(w, 0, sizeof *w);
    ehr_drbg_init(&w->drbg, 1, 0, "crypto_identity", EHR_DRBG_CRYPTO);
    for (int i = 0; i < 3; i++) {
        ehr_rng_fill(&w->drbg.rng, seed, sizeof seed);
        ehr_sign_key_init(&w->keys[i], seed);
        CU_ASSERT_EQUAL(ehr_dh_key_make(&w->dh[i], &w->drbg.rng), EHR_OK);
    }
    cert_issue(w, 0, EHR_ROLE_ROOT, EHR_CERT_FLAG_SIMULATION, 0);
    cert_issue(w, 1, EHR_ROLE_HOSPITAL, EHR_CERT_FLAG_SIMULATION, 0);
    cert_issue(w, 2, EHR_ROLE_DOCTOR, EHR_CERT_FLAG_SIMULATION, 1);
    ehr_rng_fill(&w->drbg.rng, seed, sizeof seed);
    CU_ASSERT_EQUAL(ehr_patient_keys_derive(&w->patient, seed), EHR_OK);
    ehr_card_issue(&w->card, secret, 1001, 1, w->certs[1].id, NOT_AFTER, &w->patient.public,
                   &w->keys[1]);
}

static enum ehr_status chain_verify(const struct world *w, size_t count, enum ehr_role role,
                                    uint64_t now)
{
    struct ehr_part certs[3];
    struct ehr_cert_policy policy = {.root_id = w->certs[0].id, .role = role, .now = now};
    struct ehr_cert_verified out;
    for (size_t i = 0; i < 3; i++)
        certs[i] = EHR_P(w->bytes[i], EHR_CERT_BYTES);
    return ehr_cert_chain_verify(&out, certs, count, &policy);
}

static void chain_is_accepted_within_its_times_only(void)
{
    struct world w;
    world_init(&w);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOW), EHR_OK);
    CU_ASSERT_EQUAL(chain_verify(&w, 2, EHR_ROLE_HOSPITAL, NOW), EHR_OK);
    CU_ASSERT_EQUAL(chain_verify(&w, 1, EHR_ROLE_ROOT, NOW), EHR_OK);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOT_BEFORE), EHR_OK);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOT_AFTER), EHR_OK);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOT_BEFORE - 1), EHR_POLICY);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOT_AFTER + 1), EHR_POLICY);
    CU_ASSERT_EQUAL(chain_verify(&w, 2, EHR_ROLE_DOCTOR, NOW), EHR_POLICY);
    CU_ASSERT_EQUAL(chain_verify(&w, 0, EHR_ROLE_DOCTOR, NOW), EHR_POLICY);
    CU_ASSERT_EQUAL(chain_verify(&w, 4, EHR_ROLE_DOCTOR, NOW), EHR_POLICY);
}

static void chain_refuses_every_flipped_bit(void)
{
    struct world w;
    world_init(&w);
    for (int i = 0; i < 3; i++)
        for (size_t bit = 0; bit < 8 * EHR_CERT_BYTES; bit++) {
            w.bytes[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
            enum ehr_status status = chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOW);
            CU_ASSERT(status == EHR_LEN || status == EHR_POINT || status == EHR_POLICY ||
                      status == EHR_SIG);
            if (bit >= 8 * EHR_CERT_BODY_BYTES)
                CU_ASSERT_EQUAL(status, EHR_SIG);
            w.bytes[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOW), EHR_OK);
}

static void simulation_flag_may_be_added_but_not_dropped(void)
{
    struct world w;
    world_init(&w);
    cert_issue(&w, 2, EHR_ROLE_DOCTOR, 0, 1);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOW), EHR_POLICY);
    cert_issue(&w, 0, EHR_ROLE_ROOT, 0, 0);
    cert_issue(&w, 1, EHR_ROLE_HOSPITAL, 0, 0);
    cert_issue(&w, 2, EHR_ROLE_DOCTOR, EHR_CERT_FLAG_SIMULATION, 1);
    CU_ASSERT_EQUAL(chain_verify(&w, 3, EHR_ROLE_DOCTOR, NOW), EHR_OK);
}

static void issuing_follows_the_table_of_roles(void)
{
    static const char *const permitted[8] = {"00000000", "00111000", "00000110", "00000000",
                                             "00000000", "00000000", "00000000", "00000000"};
    struct world w;
    world_init(&w);
    for (uint8_t issuer = 0; issuer < 8; issuer++)
        for (uint8_t subject = 0; subject < 8; subject++)
            CU_ASSERT_EQUAL(ehr_cert_may_issue(issuer, subject), permitted[issuer][subject] == '1');
    for (uint8_t role = 0; role < 8; role++) { /* a hospital issues */
        cert_issue(&w, 2, role, EHR_CERT_FLAG_SIMULATION, 1);
        CU_ASSERT_EQUAL(chain_verify(&w, 3, (enum ehr_role)role, NOW),
                        permitted[2][role] == '1' ? EHR_OK : EHR_POLICY);
    }
}

static void epoch_key_refuses_every_flipped_bit_and_the_other_kind(void)
{
    struct world w;
    world_init(&w);
    uint8_t cert[EHR_EPOCH_CERT_BYTES];
    const uint8_t *id = w.certs[2].id, *pk = w.certs[2].ed_pk;
    struct ehr_point out;
    ehr_epoch_cert_make(cert, EHR_EPOCH_KEY_INDEX, id, 9, &w.dh[0].public, &w.keys[2]);
    enum ehr_status status =
        ehr_epoch_cert_verify(&out, EHR_EPOCH_KEY_INDEX, cert, sizeof cert, id, pk, 9);
    CU_ASSERT_EQUAL(status, EHR_OK);
    CU_ASSERT_TRUE(ehr_point_equal(&out, &w.dh[0].public));
    status = ehr_epoch_cert_verify(&out, EHR_EPOCH_KEY_INDEX, cert, sizeof cert, id, pk, 10);
    CU_ASSERT_EQUAL(status, EHR_POLICY);
    memcpy(cert, "NSK1", 4); /* the other kind: other labels under the signature */
    status = ehr_epoch_cert_verify(&out, EHR_EPOCH_KEY_SEALING, cert, sizeof cert, id, pk, 9);
    CU_ASSERT_EQUAL(status, EHR_SIG);
    memcpy(cert, "IDX1", 4);
    for (size_t bit = 0; bit < 8 * sizeof cert; bit++) {
        cert[bit / 8] ^= (uint8_t)(1 << bit % 8);
        status = ehr_epoch_cert_verify(&out, EHR_EPOCH_KEY_INDEX, cert, sizeof cert, id, pk, 9);
        CU_ASSERT_NOT_EQUAL(status, EHR_OK);
        cert[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* ---- cards ---- */

struct showing {
    uint8_t box[EHR_CARD_SHOW_BYTES], nonce[16], ref[32];
    struct ehr_patient_public found;
    struct ehr_card_expected expected;
};

static enum ehr_status showing_make(struct world *w, struct showing *s)
{
    struct ehr_card_holder holder = {
        .m = w->card.m, .card = w->card.card, .o = &w->patient.o, .public = &w->patient.public};
    memset(s, 0, sizeof *s);
    ehr_rng_fill(&w->drbg.rng, s->nonce, sizeof s->nonce);
    s->expected = (struct ehr_card_expected){.doctor_id = w->certs[2].id,
                                             .nonce = s->nonce,
                                             .hid = w->certs[1].id,
                                             .hospital_pk = w->certs[1].ed_pk,
                                             .now = NOW};
    return ehr_card_show(s->box, &holder, w->certs[2].id, &w->dh[2].public, s->nonce, &w->drbg.rng);
}

static enum ehr_status showing_check(const struct world *w, struct showing *s)
{
    return ehr_card_check(&s->found, s->ref, s->box, sizeof s->box, &w->dh[2], &s->expected);
}

static void card_shows_once_to_one_doctor(void)
{
    struct world w;
    struct showing s;
    world_init(&w);
    CU_ASSERT_EQUAL(showing_make(&w, &s), EHR_OK);
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_OK);
    CU_ASSERT(memcmp(&s.found, &w.patient.public, sizeof s.found) == 0);
    CU_ASSERT(memcmp(s.ref, w.card.ref, 32) == 0);
    s.expected.now = NOT_AFTER;
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_OK);
    s.expected.now = NOT_AFTER + 1;
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_POLICY);
    struct ehr_patient_public none;
    memset(&none, 0, sizeof none);
    CU_ASSERT(memcmp(&s.found, &none, sizeof none) == 0);
    s.expected.now = NOW;
    s.nonce[0] ^= 1; /* a replay */
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_AEAD);
    s.nonce[0] ^= 1;
    s.expected.hid = w.certs[0].id;
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_POLICY);
}

static void card_alone_is_not_enough(void)
{
    struct world w;
    struct showing s;
    world_init(&w);
    w.patient.o = w.dh[0].secret; /* m, the card and all public keys, but not o */
    CU_ASSERT_EQUAL(showing_make(&w, &s), EHR_OK);
    CU_ASSERT_EQUAL(showing_check(&w, &s), EHR_SIG);
}

static void card_content_refuses_every_flipped_bit(void)
{
    struct world w;
    struct showing s;
    world_init(&w);
    CU_ASSERT_EQUAL(showing_make(&w, &s), EHR_OK);
    uint8_t context[32], plain[EHR_CARD_SHOW_BYTES - EHR_BOX_OVERHEAD_BYTES];
    EHR_HASH32(context, "card-show", EHR_H(w.certs[2].id), EHR_P(s.nonce, 16));
    CU_ASSERT_EQUAL(ehr_box_open(plain, &w.dh[2], context, s.box, sizeof s.box), EHR_OK);
    for (size_t bit = 0; bit < 8 * sizeof plain; bit++) {
        plain[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_EQUAL(
            ehr_box_seal(s.box, &w.dh[2].public, context, plain, sizeof plain, &w.drbg.rng),
            EHR_OK);
        CU_ASSERT_NOT_EQUAL(showing_check(&w, &s), EHR_OK);
        plain[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* ---- pseudonyms ---- */

static void pseudonym_is_found_by_its_patient_only(void)
{
    struct world w;
    world_init(&w);
    struct ehr_patient_keys other;
    uint8_t seed[32] = {9}, bytes[EHR_PSEUDONYM_BYTES];
    const uint8_t *hid = w.certs[1].id;
    struct ehr_pseudonym made, parsed;
    struct ehr_visit_keys visit;
    struct ehr_point check;
    bool hit;
    CU_ASSERT_EQUAL(ehr_patient_keys_derive(&other, seed), EHR_OK);
    for (int i = 0; i < 5; i++) {
        enum ehr_status status = ehr_pseudonym_make(&made, &w.patient.public, hid, &w.drbg.rng);
        CU_ASSERT_EQUAL(status, EHR_OK);
        ehr_pseudonym_encode(bytes, &made);
        CU_ASSERT_EQUAL(ehr_pseudonym_parse(&parsed, bytes, sizeof bytes), EHR_OK);
        CU_ASSERT(memcmp(&made, &parsed, sizeof made) == 0);
        status = ehr_pseudonym_detect(&visit, &hit, bytes, sizeof bytes, &w.patient, hid);
        CU_ASSERT_EQUAL(status, EHR_OK);
        CU_ASSERT_TRUE(hit);
        CU_ASSERT_EQUAL(ehr_point_mul_base(&check, &visit.p), EHR_OK);
        CU_ASSERT_TRUE(ehr_point_equal(&check, &made.P));
        CU_ASSERT_EQUAL(ehr_point_mul_base(&check, &visit.q), EHR_OK);
        CU_ASSERT_TRUE(ehr_point_equal(&check, &made.Q));
        status = ehr_pseudonym_detect(&visit, &hit, bytes, sizeof bytes, &other, hid);
        CU_ASSERT_EQUAL(status, EHR_OK);
        CU_ASSERT_FALSE(hit);
        struct ehr_visit_keys none;
        memset(&none, 0, sizeof none);
        CU_ASSERT(memcmp(&visit, &none, sizeof none) == 0);
    }
}

static void pseudonym_is_refused_when_owner_and_encryption_key_are_equal(void)
{
    struct world w;
    world_init(&w);
    struct ehr_pseudonym made;
    w.patient.public.C = w.patient.public.O;
    enum ehr_status status =
        ehr_pseudonym_make(&made, &w.patient.public, w.certs[1].id, &w.drbg.rng);
    CU_ASSERT_EQUAL(status, EHR_POINT);
}

static void ownership_is_bound_to_query_node_and_height(void)
{
    struct world w;
    world_init(&w);
    uint8_t query[32] = {1}, node[32] = {2}, sig[64];
    const uint8_t *O = w.patient.public.O.bytes;
    CU_ASSERT_EQUAL(
        ehr_own_sign(sig, &w.patient.o, &w.patient.public.O, query, node, 5, &w.drbg.rng), EHR_OK);
    CU_ASSERT_EQUAL(ehr_own_verify(O, query, node, 5, sig), EHR_OK);
    CU_ASSERT_EQUAL(ehr_own_verify(O, node, node, 5, sig), EHR_SIG);
    CU_ASSERT_EQUAL(ehr_own_verify(O, query, query, 5, sig), EHR_SIG);
    CU_ASSERT_EQUAL(ehr_own_verify(O, query, node, 6, sig), EHR_SIG);
}

static const struct ehr_unit_case cases[] = {
    {"chain_is_accepted_within_its_times_only", chain_is_accepted_within_its_times_only},
    {"chain_refuses_every_flipped_bit", chain_refuses_every_flipped_bit},
    {"simulation_flag_may_be_added_but_not_dropped", simulation_flag_may_be_added_but_not_dropped},
    {"issuing_follows_the_table_of_roles", issuing_follows_the_table_of_roles},
    {"epoch_key_refuses_every_flipped_bit_and_the_other_kind",
     epoch_key_refuses_every_flipped_bit_and_the_other_kind},
    {"card_shows_once_to_one_doctor", card_shows_once_to_one_doctor},
    {"card_alone_is_not_enough", card_alone_is_not_enough},
    {"card_content_refuses_every_flipped_bit", card_content_refuses_every_flipped_bit},
    {"pseudonym_is_found_by_its_patient_only", pseudonym_is_found_by_its_patient_only},
    {"pseudonym_is_refused_when_owner_and_encryption_key_are_equal",
     pseudonym_is_refused_when_owner_and_encryption_key_are_equal},
    {"ownership_is_bound_to_query_node_and_height", ownership_is_bound_to_query_node_and_height},
};

EHR_UNIT_MAIN("crypto_identity", cases)
