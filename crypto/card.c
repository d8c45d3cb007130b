#include "crypto/card.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/codec.h"
#include "crypto/schnorr.h"
#include "crypto/secret.h"

enum {
    CARD_SIGNED_BYTES = 76,
    SHOW_PLAIN_BYTES = EHR_CARD_SHOW_BYTES - EHR_BOX_OVERHEAD_BYTES, /* m|V|O|C|F|card|sig */
};

enum ehr_status ehr_patient_keys_derive(struct ehr_patient_keys *keys, const uint8_t seed[32])
{
    struct ehr_scalar *secrets[4] = {&keys->v, &keys->o, &keys->c, &keys->f};
    struct ehr_point *points[4] = {&keys->public.V, &keys->public.O, &keys->public.C,
                                   &keys->public.F};
    enum ehr_status status = EHR_OK;
    for (uint32_t i = 0; i < 4 && status == EHR_OK; i++) {
        status = EHR_HASH_SCALAR(secrets[i], "pat-key", EHR_H(seed), EHR_U32(i));
        if (status == EHR_OK)
            status = ehr_point_mul_base(points[i], secrets[i]);
        ehr_declassify(points[i], sizeof *points[i]); /* V, O, C, F: the public keys */
    }
    if (status != EHR_OK)
        sodium_memzero(keys, sizeof *keys);
    return status;
}

static void commitment_compute(uint8_t cm[32], const uint8_t m[32],
                               const struct ehr_patient_public *patient)
{
    EHR_HASH32(cm, "card-cm", EHR_H(m), EHR_G(&patient->V), EHR_G(&patient->O), EHR_G(&patient->C),
               EHR_G(&patient->F));
}

void ehr_card_issue(struct ehr_card_issued *out, const uint8_t hospital_secret[32], uint64_t regno,
                    uint32_t issue, const uint8_t hid[32], uint64_t not_after,
                    const struct ehr_patient_public *patient, const struct ehr_sign_key *hospital)
{
    uint8_t digest[32];
    EHR_PRF32(out->m, hospital_secret, "card", EHR_U64(regno), EHR_U32(issue));
    commitment_compute(out->cm, out->m, patient);
    ehr_declassify(out->cm, sizeof out->cm); /* stands in the card */
    EHR_HASH32(out->ref, "card-ref", EHR_H(out->m));
    struct ehr_writer w = ehr_writer_init(out->card, sizeof out->card);
    ehr_writer_magic(&w, "CRD1");
    ehr_writer_bytes(&w, hid, 32);
    ehr_writer_bytes(&w, out->cm, 32);
    ehr_writer_u64(&w, not_after);
    assert(w.offset == CARD_SIGNED_BYTES);
    EHR_HASH32(digest, "card-cert", EHR_P(out->card, CARD_SIGNED_BYTES));
    ehr_sign_make(out->card + CARD_SIGNED_BYTES, hospital, "sig-crd", digest);
}

static void show_context(uint8_t context[32], const uint8_t doctor_id[32], const uint8_t nonce[16])
{
    EHR_HASH32(context, "card-show", EHR_H(doctor_id), EHR_P(nonce, EHR_NONCE_BYTES));
}

enum ehr_status ehr_card_show(uint8_t box[EHR_CARD_SHOW_BYTES],
                              const struct ehr_card_holder *holder, const uint8_t doctor_id[32],
                              const struct ehr_point *N, const uint8_t nonce[16],
                              struct ehr_rng *rng)
{
    const struct ehr_patient_public *public = holder->public;
    uint8_t context[32], sig[EHR_SCHNORR_BYTES], plain[SHOW_PLAIN_BYTES];
    show_context(context, doctor_id, nonce);
    enum ehr_status status = ehr_schnorr_sign(sig, "sig-card", holder->o, &public->O, context, rng);
    if (status == EHR_OK) {
        struct ehr_writer w = ehr_writer_init(plain, sizeof plain);
        ehr_writer_bytes(&w, holder->m, 32);
        ehr_writer_bytes(&w, public->V.bytes, 32);
        ehr_writer_bytes(&w, public->O.bytes, 32);
        ehr_writer_bytes(&w, public->C.bytes, 32);
        ehr_writer_bytes(&w, public->F.bytes, 32);
        ehr_writer_bytes(&w, holder->card, EHR_CARD_BYTES);
        ehr_writer_bytes(&w, sig, sizeof sig);
        assert(ehr_writer_full(&w));
        status = ehr_box_seal(box, N, context, plain, sizeof plain, rng);
        sodium_memzero(plain, sizeof plain);
    }
    if (status != EHR_OK)
        sodium_memzero(box, EHR_CARD_SHOW_BYTES);
    return status;
}

/* The four keys, valid and pairwise different. */
static enum ehr_status patient_keys_import(struct ehr_patient_public *out,
                                           const uint8_t bytes[4 * 32])
{
    EHR_TRY(ehr_point_import(&out->V, bytes));
    EHR_TRY(ehr_point_import(&out->O, bytes + 32));
    EHR_TRY(ehr_point_import(&out->C, bytes + 64));
    EHR_TRY(ehr_point_import(&out->F, bytes + 96));
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = i + 1; k < 4; k++)
            if (memcmp(bytes + 32 * i, bytes + 32 * k, 32) == 0)
                return EHR_POINT;
    return EHR_OK;
}

/* The checks after the box is open, in the order of crypto.md. */
static enum ehr_status show_verify(struct ehr_patient_public *patient,
                                   const uint8_t plain[SHOW_PLAIN_BYTES], const uint8_t context[32],
                                   const struct ehr_card_expected *expected)
{
    const uint8_t *m = plain, *keys = plain + 32, *card = plain + 160;
    const uint8_t *sig = card + EHR_CARD_BYTES;
    const uint8_t *hid = card + 4, *cm = card + 36, *not_after = card + 68;
    uint8_t cm_found[32], digest[32];
    /* All but m is made to be shown: public keys, a certificate, a signature. */
    ehr_declassify(keys, SHOW_PLAIN_BYTES - 32);
    if (memcmp(card, "CRD1", 4) != 0)
        return EHR_LEN;
    EHR_TRY(patient_keys_import(patient, keys));
    if (memcmp(hid, expected->hid, 32) != 0)
        return EHR_POLICY;
    commitment_compute(cm_found, m, patient);
    if (!ehr_equal(cm_found, cm, 32))
        return EHR_HASH;
    EHR_HASH32(digest, "card-cert", EHR_P(card, CARD_SIGNED_BYTES));
    EHR_TRY(ehr_sign_verify(expected->hospital_pk, "sig-crd", digest, card + CARD_SIGNED_BYTES));
    if (expected->now > ehr_le64_get(not_after))
        return EHR_POLICY;
    return ehr_schnorr_verify("sig-card", patient->O.bytes, context, sig);
}

enum ehr_status ehr_card_check(struct ehr_patient_public *patient, uint8_t ref[32],
                               const uint8_t *box, size_t length, const struct ehr_dh_key *doctor,
                               const struct ehr_card_expected *expected)
{
    uint8_t context[32], plain[SHOW_PLAIN_BYTES];
    enum ehr_status status = EHR_LEN;
    if (length == EHR_CARD_SHOW_BYTES) {
        show_context(context, expected->doctor_id, expected->nonce);
        status = ehr_box_open(plain, doctor, context, box, length);
        if (status == EHR_OK)
            status = show_verify(patient, plain, context, expected);
        if (status == EHR_OK)
            EHR_HASH32(ref, "card-ref", EHR_P(plain, 32));
        sodium_memzero(plain, sizeof plain);
    }
    if (status != EHR_OK) {
        sodium_memzero(patient, sizeof *patient);
        sodium_memzero(ref, EHR_HASH_BYTES);
    }
    return status;
}
