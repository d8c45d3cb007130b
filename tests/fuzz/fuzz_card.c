/* Any bytes as a card's showing, as what is sealed in one, as a box, and as a pseudonym. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"

enum { PLAIN_BYTES = EHR_CARD_SHOW_BYTES - EHR_BOX_OVERHEAD_BYTES };

static void show_check(const struct fuzz_blob *box, const struct ehr_dh_key *doctor,
                       const struct ehr_card_expected *expected, const uint8_t *plain)
{
    struct ehr_patient_public patient;
    uint8_t ref[32], hash[32];
    fuzz_soil(&patient, sizeof patient);
    fuzz_soil(ref, sizeof ref);
    enum ehr_status status =
        fuzz_among(ehr_card_check(&patient, ref, box->data, box->len, doctor, expected),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_AEAD) |
                       FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_HASH) | FUZZ_BIT(EHR_SIG));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&patient, sizeof patient) && fuzz_is_zero(ref, sizeof ref));
    } else if (plain != NULL) {
        EHR_HASH32(hash, "card-ref", EHR_P(plain, 32));
        assert(memcmp(ref, hash, 32) == 0 && memcmp(&patient, plain + 32, 128) == 0);
        EHR_HASH32(hash, "card-cm", EHR_H(plain), EHR_H(plain + 32), EHR_H(plain + 64),
                   EHR_H(plain + 96), EHR_H(plain + 128));
        assert(memcmp(plain + 160 + 36, hash, 32) == 0);
        assert(memcmp(plain + 160 + 4, expected->hid, 32) == 0);
        assert(expected->now <= ehr_le64_get(plain + 160 + 68));
    }
}

/* The box as it comes, under the doctor's key that comes with it. */
static void fuzz_show(struct fuzz_input *in)
{
    struct ehr_dh_key doctor;
    struct ehr_scalar n;
    uint8_t doctor_id[32], nonce[16], hid[32], pk[32];
    fuzz_bytes(in, n.bytes, 32);
    fuzz_bytes(in, doctor_id, 32);
    fuzz_bytes(in, nonce, 16);
    fuzz_bytes(in, hid, 32);
    fuzz_bytes(in, pk, 32);
    uint64_t now = fuzz_u64(in);
    struct ehr_card_expected expected = {
        .doctor_id = doctor_id, .nonce = nonce, .hid = hid, .hospital_pk = pk, .now = now};
    struct fuzz_blob box = fuzz_rest(in);
    if (ehr_dh_key_from_secret(&doctor, &n) == EHR_OK)
        show_check(&box, &doctor, &expected, NULL);
    fuzz_blob_free(&box);
}

/* m|V|O|C|F|card|sig as they come, sealed. Fixes: 1 the patient's signature (and key O), 2 the
 * commitment, 4 the hospital's signature, 8 the hospital, 16 the magic. */
static void fuzz_shown(struct fuzz_input *in)
{
    static const uint8_t doctor_id[32] = {1}, nonce[16] = {2};
    uint8_t hid[32] = {3}, context[32], digest[32], plain[PLAIN_BYTES];
    uint8_t *card = plain + 160;
    unsigned fix = fuzz_u8(in);
    uint64_t now = fuzz_u64(in);
    fuzz_bytes(in, plain, sizeof plain);
    const struct ehr_dh_key *own = fuzz_dh_key(1), *doctor = fuzz_dh_key(0);
    EHR_HASH32(context, "card-show", EHR_H(doctor_id), EHR_P(nonce, 16));
    enum ehr_status status = EHR_OK;
    if ((fix & 1) != 0) {
        memcpy(plain + 64, own->public.bytes, 32);
        status = ehr_schnorr_sign(plain + 300, "sig-card", &own->secret, &own->public, context,
                                  fuzz_rng());
        assert(status == EHR_OK);
    }
    if ((fix & 2) != 0)
        EHR_HASH32(card + 36, "card-cm", EHR_H(plain), EHR_H(plain + 32), EHR_H(plain + 64),
                   EHR_H(plain + 96), EHR_H(plain + 128));
    if ((fix & 8) != 0)
        memcpy(hid, card + 4, 32);
    if ((fix & 16) != 0)
        memcpy(card, "CRD1", 4);
    if ((fix & 4) != 0) {
        EHR_HASH32(digest, "card-cert", EHR_P(card, 76));
        ehr_sign_make(card + 76, fuzz_sign_key(0), "sig-crd", digest);
    }
    uint8_t sealed[EHR_CARD_SHOW_BYTES];
    status = ehr_box_seal(sealed, &doctor->public, context, plain, sizeof plain, fuzz_rng());
    assert(status == EHR_OK);
    struct fuzz_blob box = fuzz_copy(sealed, sizeof sealed);
    struct ehr_card_expected expected = {.doctor_id = doctor_id,
                                         .nonce = nonce,
                                         .hid = hid,
                                         .hospital_pk = fuzz_sign_key(0)->public,
                                         .now = now};
    show_check(&box, doctor, &expected, plain);
    fuzz_blob_free(&box);
}

static void open_check(const struct fuzz_blob *box, const struct ehr_dh_key *key,
                       const uint8_t context[32])
{
    size_t len = box->len < EHR_BOX_OVERHEAD_BYTES ? 0 : box->len - EHR_BOX_OVERHEAD_BYTES;
    struct fuzz_blob plain = fuzz_copy(box->data, len);
    fuzz_soil(plain.data, len);
    enum ehr_status status =
        fuzz_among(ehr_box_open(plain.data, key, context, box->data, box->len),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_AEAD));
    assert(status == EHR_OK || fuzz_is_zero(plain.data, len));
    fuzz_blob_free(&plain);
}

/* A box as it comes, under the key that comes with it. */
static void fuzz_box(struct fuzz_input *in)
{
    struct ehr_dh_key key;
    struct ehr_scalar n;
    uint8_t context[32];
    fuzz_bytes(in, n.bytes, 32);
    fuzz_bytes(in, context, 32);
    struct fuzz_blob box = fuzz_rest(in);
    if (ehr_dh_key_from_secret(&key, &n) == EHR_OK)
        open_check(&box, &key, context);
    fuzz_blob_free(&box);
}

/* A plaintext, sealed, altered and opened. */
static void fuzz_box_altered(struct fuzz_input *in)
{
    uint8_t context[32] = {4}, box[EHR_BOX_OVERHEAD_BYTES + 64], plain[64], opened[64];
    fuzz_bytes(in, plain, sizeof plain);
    size_t len = fuzz_u8(in) % 65;
    enum ehr_status status =
        ehr_box_seal(box, &fuzz_dh_key(2)->public, context, plain, len, fuzz_rng());
    assert(status == EHR_OK);
    bool changed = fuzz_edit(in, box, EHR_BOX_OVERHEAD_BYTES + len);
    status = ehr_box_open(opened, fuzz_dh_key(2), context, box, EHR_BOX_OVERHEAD_BYTES + len);
    assert(changed == (status != EHR_OK));
    assert(changed ? fuzz_is_zero(opened, len) : memcmp(opened, plain, len) == 0);
}

/* P|E|Q as they come, looked at by the patient of a seed. */
static void fuzz_pseudonym(struct fuzz_input *in)
{
    struct ehr_patient_keys keys;
    struct ehr_pseudonym seen;
    struct ehr_visit_keys visit;
    struct ehr_point P;
    uint8_t seed[32], hid[32], again[EHR_PSEUDONYM_BYTES];
    unsigned fix = fuzz_u8(in);
    bool hit = true;
    fuzz_bytes(in, seed, 32);
    fuzz_bytes(in, hid, 32);
    struct fuzz_blob bytes = fuzz_rest(in);
    enum ehr_status status = ehr_patient_keys_derive(&keys, seed);
    assert(status == EHR_OK);
    if ((fix & 1) != 0 && ehr_pseudonym_make(&seen, &keys.public, hid, fuzz_rng()) == EHR_OK &&
        bytes.len == sizeof again) {
        /* One of P and E is the patient's; Q too unless bit 1 leaves the one that came. */
        ehr_pseudonym_encode(again, &seen);
        memcpy(bytes.data, again, (fix & 2) != 0 ? 64 : 96);
    }
    unsigned refusals = FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT);
    fuzz_soil(&seen, sizeof seen);
    enum ehr_status parsed =
        fuzz_among(ehr_pseudonym_parse(&seen, bytes.data, bytes.len), refusals);
    if (parsed == EHR_OK) {
        ehr_pseudonym_encode(again, &seen);
        assert(memcmp(again, bytes.data, sizeof again) == 0);
    } else {
        assert(fuzz_is_zero(&seen, sizeof seen));
    }
    fuzz_soil(&visit, sizeof visit);
    status =
        fuzz_among(ehr_pseudonym_detect(&visit, &hit, bytes.data, bytes.len, &keys, hid), refusals);
    assert(parsed == EHR_OK || status == parsed);
    assert(hit ? status == EHR_OK : fuzz_is_zero(&visit, sizeof visit));
    if (hit) {
        status = ehr_point_mul_base(&P, &visit.p);
        assert(status == EHR_OK && memcmp(P.bytes, bytes.data, 32) == 0);
    }
    fuzz_blob_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fuzz_input in = {.at = data, .left = bytes};
    switch (fuzz_kind(&in) % 5) {
    case 0:
        fuzz_show(&in);
        break;
    case 1:
        fuzz_shown(&in);
        break;
    case 2:
        fuzz_box(&in);
        break;
    case 3:
        fuzz_box_altered(&in);
        break;
    case 4:
        fuzz_pseudonym(&in);
        break;
    }
    return 0;
}
