/* Group, signatures, hashes and boxes as the roles call them. */
#include "crypto/schnorr.h"
#include "crypto/vote.h"
#include "sim/calibrate/operations.h"
#include "sim/ledger/merkle.h"

EHR_RUN(ehr_run_scalarmult_base)
{
    struct ehr_point out;
    (void)at;
    ehr_fixture_must(ehr_point_mul_base(&out, &fixture->scalar));
}

EHR_RUN(ehr_run_scalarmult)
{
    struct ehr_point out;
    (void)at;
    ehr_fixture_must(ehr_point_mul(&out, &fixture->scalar, &fixture->peer_dh.public));
}

EHR_RUN(ehr_run_point_check)
{
    struct ehr_point out;
    (void)at;
    ehr_fixture_must(ehr_point_import(&out, fixture->peer_dh.public.bytes));
}

EHR_RUN(ehr_run_ed_sign)
{
    uint8_t sig[64];
    (void)at;
    ehr_sign_make(sig, &fixture->doctor_sign, "sig-vote", fixture->message);
}

EHR_RUN(ehr_run_ed_verify)
{
    (void)at;
    ehr_fixture_must(ehr_sign_verify(fixture->doctor_sign.public, "sig-vote", fixture->message,
                                     fixture->ed_sig));
}

EHR_RUN(ehr_run_schnorr_sign)
{
    uint8_t sig[64];
    (void)at;
    ehr_fixture_must(ehr_schnorr_sign(sig, "sig-own", &fixture->visit_keys.p, &fixture->pseudonym.P,
                                      fixture->message, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_schnorr_verify)
{
    (void)at;
    ehr_fixture_must(ehr_schnorr_verify("sig-own", fixture->pseudonym.P.bytes, fixture->message,
                                        fixture->schnorr_sig));
}

EHR_RUN(ehr_run_hash)
{
    uint8_t out[32];
    EHR_HASH32(out, "ct-body", EHR_P(fixture->text, ehr_fixture_hash[at]));
}

EHR_RUN(ehr_run_merkle)
{
    ehr_fixture_must(ehr_merkle_verify(fixture->root[at], fixture->message, 0, fixture->path,
                                       ehr_fixture_depth[at]));
}

EHR_RUN(ehr_run_mac_key)
{
    uint8_t key[32];
    (void)at;
    ehr_fixture_must(ehr_mac_key_derive(key, &fixture->doctor_dh, fixture->peer_dh.public.bytes));
}

EHR_RUN(ehr_run_mac)
{
    uint8_t tag[16];
    (void)at;
    ehr_mac_make(tag, fixture->mac_key, fixture->cert[1].id, fixture->cert[2].id, fixture->message);
}

EHR_RUN(ehr_run_box_seal)
{
    ehr_fixture_must(ehr_box_seal(fixture->scratch, &fixture->doctor_dh.public,
                                  fixture->box_context, fixture->text, ehr_fixture_box[at],
                                  &fixture->drbg.rng));
}

EHR_RUN(ehr_run_box_open)
{
    ehr_fixture_must(ehr_box_open(fixture->scratch, &fixture->doctor_dh, fixture->box_context,
                                  fixture->box[at], ehr_fixture_box[at] + EHR_BOX_OVERHEAD_BYTES));
}
