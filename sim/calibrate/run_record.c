/* Sealed records, grants, re-encryption and the combination of shares. */
#include <assert.h>

#include "crypto/combine.h"
#include "sim/calibrate/operations.h"

EHR_RUN(ehr_run_encap)
{
    uint8_t capsule[EHR_CAPSULE_BYTES];
    struct ehr_point K;
    (void)at;
    ehr_fixture_must(ehr_capsule_encap(capsule, &K, &fixture->visit.Q, fixture->head.label,
                                       fixture->message, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_capsule_check)
{
    (void)at;
    ehr_fixture_must(ehr_capsule_check(fixture->head.capsule, fixture->head.label));
}

EHR_RUN(ehr_run_head_check)
{
    struct ehr_record_head head;
    (void)at;
    ehr_fixture_must(
        ehr_record_head_check(&head, fixture->sealed[0], EHR_RECORD_HEAD_BYTES, &fixture->visit));
}

EHR_RUN(ehr_run_record_seal)
{
    size_t length = ehr_fixture_sealed[at];
    ehr_fixture_must(ehr_record_seal(fixture->scratch, length, &fixture->visit, fixture->text,
                                     length - EHR_RECORD_OVERHEAD_BYTES - 1, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_record_open)
{
    size_t length;
    ehr_fixture_must(ehr_record_open(
        fixture->scratch, EHR_FIXTURE_SEALED_MAX, &length, fixture->sealed[at],
        ehr_fixture_sealed[at], &fixture->visit_keys.q, &fixture->visit.P, fixture->visit.hid));
}

EHR_RUN(ehr_run_grant_make)
{
    const struct ehr_fixture_grant *grant = &fixture->grants[at];
    ehr_fixture_must(
        ehr_grant_make(fixture->scratch, grant->length, &grant->terms, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_grant_verify)
{
    const struct ehr_fixture_grant *grant = &fixture->grants[at];
    struct ehr_grant_verified verified;
    ehr_fixture_must(ehr_grant_verify(&verified, grant->bytes, grant->length));
}

EHR_RUN(ehr_run_kfrag_open)
{
    const struct ehr_grant_verified *grant = &fixture->grants[0].verified;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    (void)at;
    ehr_fixture_must(ehr_kfrag_open(&kfrag, grant, 1, &fixture->nodes[0]));
    ehr_fixture_must(ehr_kfrag_verify(&verified, &kfrag, grant));
}

EHR_RUN(ehr_run_reencrypt)
{
    const struct ehr_fixture_grant *grant = &fixture->grants[0];
    const struct ehr_reencrypt_request request = {.head = fixture->sealed[0],
                                                  .head_len = EHR_RECORD_HEAD_BYTES,
                                                  .body_hash = fixture->body_hash,
                                                  .ct_hash = fixture->ct_hash,
                                                  .height = 1};
    uint8_t cfrag[EHR_CFRAG_BYTES];
    (void)at;
    ehr_fixture_must(
        ehr_reencrypt(cfrag, &grant->verified, &grant->kfrag, &request, &fixture->drbg.rng));
}

EHR_RUN(ehr_run_cfrag_verify)
{
    const struct ehr_fixture_grant *grant = &fixture->grants[0];
    (void)at;
    ehr_fixture_must(
        ehr_cfrag_verify(&grant->verified, &fixture->head, grant->cfrags[0], EHR_CFRAG_BYTES));
}

EHR_RUN(ehr_run_combine)
{
    const struct ehr_fixture_grant *grant = &fixture->grants[at];
    size_t length;
    ehr_fixture_must(ehr_combine_open(
        fixture->scratch, EHR_FIXTURE_SEALED_MAX, &length, &fixture->data_user_dh, &grant->verified,
        grant->shares, ehr_fixture_shares[at], fixture->sealed[0], ehr_fixture_sealed[0], NULL));
}
