/* Keys, certificates, cards and pseudonyms. */
#include <assert.h>
#include <string.h>

#include "sim/calibrate/operations.h"

EHR_RUN(ehr_run_patient_keys)
{
    struct ehr_patient_keys keys;
    (void)at;
    ehr_fixture_must(ehr_patient_keys_derive(&keys, fixture->message));
}

EHR_RUN(ehr_run_cert_issue)
{
    struct ehr_cert cert = fixture->cert[2];
    uint8_t bytes[EHR_CERT_BYTES];
    (void)at;
    ehr_cert_issue(bytes, &cert, &fixture->hospital_sign);
}

EHR_RUN(ehr_run_cert_chain)
{
    static const enum ehr_role roles[] = {EHR_ROLE_ROOT, EHR_ROLE_HOSPITAL, EHR_ROLE_DOCTOR};
    const struct ehr_part chain[] = {{fixture->certs[0], EHR_CERT_BYTES},
                                     {fixture->certs[1], EHR_CERT_BYTES},
                                     {fixture->certs[2], EHR_CERT_BYTES}};
    const struct ehr_cert_policy policy = {
        .root_id = fixture->cert[0].id, .role = roles[at], .now = 1};
    struct ehr_cert_verified verified;
    ehr_fixture_must(ehr_cert_chain_verify(&verified, chain, at + 1, &policy));
}

EHR_RUN(ehr_run_epoch_key_make)
{
    struct ehr_dh_key key;
    uint8_t bytes[EHR_EPOCH_CERT_BYTES];
    (void)at;
    ehr_fixture_must(ehr_dh_key_make(&key, &fixture->drbg.rng));
    ehr_epoch_cert_make(bytes, EHR_EPOCH_KEY_INDEX, fixture->cert[2].id, 1, &key.public,
                        &fixture->doctor_sign);
}

EHR_RUN(ehr_run_epoch_key_verify)
{
    struct ehr_point key;
    (void)at;
    ehr_fixture_must(ehr_epoch_cert_verify(&key, EHR_EPOCH_KEY_INDEX, fixture->epoch_cert,
                                           EHR_EPOCH_CERT_BYTES, fixture->cert[2].id,
                                           fixture->doctor_sign.public, 1));
}

EHR_RUN(ehr_run_card_issue)
{
    struct ehr_card_issued card;
    (void)at;
    ehr_card_issue(&card, fixture->card_secret, 7, 1, fixture->cert[1].id, UINT64_MAX,
                   &fixture->patient.public, &fixture->hospital_sign);
}

EHR_RUN(ehr_run_card_show)
{
    uint8_t box[EHR_CARD_SHOW_BYTES];
    const struct ehr_card_holder holder = {.m = fixture->card.m,
                                           .card = fixture->card.card,
                                           .o = &fixture->patient.o,
                                           .public = &fixture->patient.public};
    (void)at;
    ehr_fixture_must(ehr_card_show(box, &holder, fixture->cert[2].id, &fixture->doctor_dh.public,
                                   fixture->nonce, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_card_check)
{
    struct ehr_patient_public patient;
    uint8_t ref[32];
    const struct ehr_card_expected expected = {.doctor_id = fixture->cert[2].id,
                                               .nonce = fixture->nonce,
                                               .hid = fixture->cert[1].id,
                                               .hospital_pk = fixture->hospital_sign.public,
                                               .now = 1};
    (void)at;
    ehr_fixture_must(ehr_card_check(&patient, ref, fixture->showing, EHR_CARD_SHOW_BYTES,
                                    &fixture->doctor_dh, &expected));
}

EHR_RUN(ehr_run_pseudonym_make)
{
    struct ehr_pseudonym pseudonym;
    (void)at;
    ehr_fixture_must(ehr_pseudonym_make(&pseudonym, &fixture->patient.public, fixture->visit.hid,
                                        &fixture->drbg.rng));
}

static void detect(const struct ehr_fixture *fixture, const struct ehr_patient_keys *keys,
                   bool expected)
{
    struct ehr_visit_keys visit;
    bool hit;
    ehr_fixture_must(ehr_pseudonym_detect(&visit, &hit, fixture->pseudonym_bytes,
                                          EHR_PSEUDONYM_BYTES, keys, fixture->visit.hid));
    assert(hit == expected);
}

EHR_RUN(ehr_run_pseudonym_hit)
{
    (void)at;
    detect(fixture, &fixture->patient, true);
}

EHR_RUN(ehr_run_pseudonym_miss)
{
    (void)at;
    detect(fixture, &fixture->stranger, false);
}
