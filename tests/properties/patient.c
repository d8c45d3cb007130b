/* Properties of what patients hold and give: keys, cards, showings, pseudonyms, signatures. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/grant.h"
#include "crypto/hash.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"
#include "tests/properties/property.h"

enum { PLAIN_BYTES = EHR_CARD_SHOW_BYTES - EHR_BOX_OVERHEAD_BYTES };

/* A patient with a card, and a doctor to whom it is shown. */
struct visit {
    struct property_case *c;
    struct ehr_patient_keys keys;
    struct ehr_card_issued card;
    struct ehr_sign_key hospital;
    struct ehr_dh_key doctor;
    uint8_t hid[32], doctor_id[32], nonce[16], context[32];
    uint64_t not_after;
    struct ehr_card_expected expected;
    uint8_t box[EHR_CARD_SHOW_BYTES];
};

static void patient_make(struct property_case *c, struct ehr_patient_keys *keys)
{
    uint8_t seed[32];
    property_bytes(c, seed, sizeof seed);
    GIVES(c, ehr_patient_keys_derive(keys, seed), EHR_OK);
}

static void visit_make(struct visit *v, struct property_case *c)
{
    uint8_t secret[32];
    *v = (struct visit){.c = c};
    patient_make(c, &v->keys);
    property_sign_key(c, &v->hospital);
    property_dh_key(c, &v->doctor);
    property_bytes(c, secret, sizeof secret);
    property_bytes(c, v->hid, 32);
    property_bytes(c, v->doctor_id, 32);
    property_bytes(c, v->nonce, 16);
    v->not_after = property_between(c, 1, UINT32_MAX);
    ehr_card_issue(&v->card, secret, property_u64(c), (uint32_t)property_u64(c), v->hid,
                   v->not_after, &v->keys.public, &v->hospital);
    v->expected = (struct ehr_card_expected){v->doctor_id, v->nonce, v->hid, v->hospital.public,
                                             property_between(c, 0, v->not_after)};
    EHR_HASH32(v->context, "card-show", EHR_H(v->doctor_id), EHR_P(v->nonce, 16));
    struct ehr_card_holder holder = {v->card.m, v->card.card, &v->keys.o, &v->keys.public};
    GIVES(c, ehr_card_show(v->box, &holder, v->doctor_id, &v->doctor.public, v->nonce, c->rng),
          EHR_OK);
}

static enum ehr_status showing_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct visit *v = context;
    struct ehr_patient_public patient;
    uint8_t ref[32];
    enum ehr_status status = ehr_card_check(&patient, ref, bytes, length, &v->doctor, &v->expected);
    if (status != EHR_OK)
        HOLDS(v->c, property_is_zero(&patient, sizeof patient) && property_is_zero(ref, 32));
    return status;
}

/* The same for what is inside the box, sealed again. */
static enum ehr_status shown_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct visit *v = context;
    uint8_t box[EHR_CARD_SHOW_BYTES + 64];
    GIVES(v->c, ehr_box_seal(box, &v->doctor.public, v->context, bytes, length, v->c->rng), EHR_OK);
    return showing_verify(v, box, length + EHR_BOX_OVERHEAD_BYTES);
}

static void showings_give_the_patient(struct property_case *c)
{
    struct visit v;
    struct ehr_patient_public patient;
    uint8_t ref[32];
    visit_make(&v, c);
    GIVES(c, ehr_card_check(&patient, ref, v.box, sizeof v.box, &v.doctor, &v.expected), EHR_OK);
    HOLDS(c, memcmp(&patient, &v.keys.public, sizeof patient) == 0);
    HOLDS(c, memcmp(ref, v.card.ref, 32) == 0);
    v.expected.now = v.not_after;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_OK);
    v.expected.now = v.not_after + 1;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_POLICY);
    v.expected.now = v.not_after;
    /* To another doctor, under another nonce, at another hospital. */
    v.doctor_id[0] ^= 1;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_AEAD);
    v.doctor_id[0] ^= 1;
    v.nonce[15] ^= 1;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_AEAD);
    v.nonce[15] ^= 1;
    v.hid[0] ^= 1;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_POLICY);
    v.hid[0] ^= 1;
    v.hospital.public[0] ^= 1;
    GIVES(c, showing_verify(&v, v.box, sizeof v.box), EHR_SIG);
}

static void altered_showings_are_refused(struct property_case *c)
{
    struct visit v;
    struct property_object object;
    uint8_t plain[PLAIN_BYTES];
    visit_make(&v, c);
    property_object(&object, "showing of a card", v.box, sizeof v.box, showing_verify, &v);
    property_point(&object, "KE", AS(POINT) | AS(AEAD), EHR_POINT);
    property_field(&object, "body", sizeof v.box - 32, AS(AEAD));
    property_refused(c, &object);

    GIVES(c, ehr_box_open(plain, &v.doctor, v.context, v.box, sizeof v.box), EHR_OK);
    property_object(&object, "card and keys in a showing", plain, sizeof plain, shown_verify, &v);
    property_field(&object, "m", 32, AS(HASH));
    property_point(&object, "V", AS(POINT) | AS(HASH), EHR_POINT);
    property_point(&object, "O", AS(POINT) | AS(HASH), EHR_POINT);
    property_point(&object, "C", AS(POINT) | AS(HASH), EHR_POINT);
    property_point(&object, "F", AS(POINT) | AS(HASH), EHR_POINT);
    property_field(&object, "card magic", 4, AS(LEN));
    property_field(&object, "card hid", 32, AS(POLICY));
    property_field(&object, "card cm", 32, AS(HASH));
    property_field(&object, "card not_after", 8, AS(SIG));
    property_field(&object, "card signature", 64, AS(SIG));
    property_point(&object, "ownership R", AS(SIG), EHR_SIG);
    property_scalar(&object, "ownership z", AS(SIG), EHR_SIG);
    property_refused(c, &object);
    /* Two of the four keys the same. */
    size_t order[4];
    property_shuffle(c, order, 4);
    memcpy(plain + 32 + 32 * order[0], plain + 32 + 32 * order[1], 32);
    GIVES(c, shown_verify(&v, plain, sizeof plain), EHR_POINT);
}

/* ---- pseudonyms ---- */

/* A miss counts as POLICY: the pseudonym is somebody else's. */
static enum ehr_status pseudonym_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct visit *v = context;
    struct ehr_visit_keys found;
    bool hit = true;
    enum ehr_status status = ehr_pseudonym_detect(&found, &hit, bytes, length, &v->keys, v->hid);
    HOLDS(v->c, hit ? status == EHR_OK : property_is_zero(&found, sizeof found));
    return status == EHR_OK && !hit ? EHR_POLICY : status;
}

static void pseudonyms_are_found_by_their_patient_alone(struct property_case *c)
{
    struct visit v, other;
    struct ehr_pseudonym made, read;
    struct ehr_visit_keys found;
    struct ehr_point point;
    uint8_t bytes[EHR_PSEUDONYM_BYTES];
    bool hit;
    visit_make(&v, c);
    GIVES(c, ehr_pseudonym_make(&made, &v.keys.public, v.hid, c->rng), EHR_OK);
    ehr_pseudonym_encode(bytes, &made);
    GIVES(c, ehr_pseudonym_parse(&read, bytes, sizeof bytes), EHR_OK);
    HOLDS(c, memcmp(&made, &read, sizeof made) == 0);
    GIVES(c, ehr_pseudonym_detect(&found, &hit, bytes, sizeof bytes, &v.keys, v.hid), EHR_OK);
    HOLDS(c, hit);
    GIVES(c, ehr_point_mul_base(&point, &found.p), EHR_OK);
    HOLDS(c, ehr_point_equal(&point, &made.P));
    GIVES(c, ehr_point_mul_base(&point, &found.q), EHR_OK);
    HOLDS(c, ehr_point_equal(&point, &made.Q));
    visit_make(&other, c);
    memcpy(other.hid, v.hid, 32);
    GIVES(c, pseudonym_verify(&other, bytes, sizeof bytes), EHR_POLICY);
    v.hid[property_between(c, 0, 31)] ^= 1; /* another hospital */
    GIVES(c, pseudonym_verify(&v, bytes, sizeof bytes), EHR_POLICY);
}

static void altered_pseudonyms_are_refused(struct property_case *c)
{
    struct visit v;
    struct ehr_pseudonym made;
    uint8_t bytes[EHR_PSEUDONYM_BYTES];
    struct property_object object;
    visit_make(&v, c);
    GIVES(c, ehr_pseudonym_make(&made, &v.keys.public, v.hid, c->rng), EHR_OK);
    ehr_pseudonym_encode(bytes, &made);
    property_object(&object, "pseudonym (POLICY: a miss)", bytes, sizeof bytes, pseudonym_verify,
                    &v);
    property_point(&object, "P", AS(POINT) | AS(POLICY), EHR_POINT);
    property_point(&object, "E", AS(POINT) | AS(POLICY), EHR_POINT);
    property_point(&object, "Q", AS(POINT), EHR_POINT);
    property_refused(c, &object);
}

/* Keys V | O | C of a patient, from which a doctor makes a pseudonym. F is not used. */
static enum ehr_status keys_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct visit *v = context;
    struct ehr_patient_public patient = v->keys.public;
    struct ehr_pseudonym made;
    (void)length;
    memcpy(&patient, bytes, 96);
    enum ehr_status status = ehr_pseudonym_make(&made, &patient, v->hid, v->c->rng);
    if (status != EHR_OK)
        HOLDS(v->c, property_is_zero(&made, sizeof made));
    return status;
}

static void no_pseudonym_is_made_of_invalid_keys(struct property_case *c)
{
    struct visit v;
    uint8_t bytes[96], bad[32];
    visit_make(&v, c);
    memcpy(bytes, &v.keys.public, sizeof bytes);
    for (size_t i = 0; i < 3; i++) {
        uint8_t *at = bytes + 32 * i, held[32];
        memcpy(held, at, 32);
        property_bad_point(bad, held, (c->number + i) % PROPERTY_BAD_POINTS);
        memcpy(at, bad, 32);
        GIVES(c, keys_verify(&v, bytes, sizeof bytes), EHR_POINT);
        memcpy(at, held, 32);
    }
    GIVES(c, keys_verify(&v, bytes, sizeof bytes), EHR_OK);
    memcpy(bytes + 64, bytes + 32, 32); /* O = C */
    GIVES(c, keys_verify(&v, bytes, sizeof bytes), EHR_POINT);
}

/* ---- signatures under ristretto255 keys ---- */

/* Key | message | signature, under one of the labels. */
struct signature {
    const char *label;
};

static enum ehr_status schnorr_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct signature *signature = context;
    (void)length;
    return ehr_schnorr_verify(signature->label, bytes, bytes + 32, bytes + 64);
}

static void altered_schnorr_signatures_are_refused(struct property_case *c)
{
    static const char *const labels[] = {"sig-card", "sig-grant", "sig-own", "sig-revoke",
                                         "sig-visit"};
    size_t label = property_between(c, 0, 4);
    struct signature signature = {labels[label]}, other = {labels[(label + 1) % 5]};
    struct property_object object;
    struct ehr_dh_key key;
    uint8_t bytes[32 + 32 + EHR_SCHNORR_BYTES];
    property_dh_key(c, &key);
    memcpy(bytes, key.public.bytes, 32);
    property_bytes(c, bytes + 32, 32);
    GIVES(
        c,
        ehr_schnorr_sign(bytes + 64, signature.label, &key.secret, &key.public, bytes + 32, c->rng),
        EHR_OK);
    GIVES(c, schnorr_verify(&other, bytes, sizeof bytes), EHR_SIG);
    property_object(&object, "Schnorr signature with its key", bytes, sizeof bytes, schnorr_verify,
                    &signature);
    object.fixed = true;
    property_point(&object, "X", AS(POINT) | AS(SIG), EHR_POINT);
    property_field(&object, "message", 32, AS(SIG));
    property_point(&object, "R", AS(SIG), EHR_SIG);
    property_scalar(&object, "z", AS(SIG), EHR_SIG);
    property_refused(c, &object);
    /* A secret that is no scalar signs nothing. */
    struct ehr_scalar bad;
    property_bad_scalar(bad.bytes, key.secret.bytes, c->number % PROPERTY_BAD_SCALARS);
    GIVES(c, ehr_schnorr_sign(bytes + 64, signature.label, &bad, &key.public, bytes, c->rng),
          EHR_SCALAR);
    HOLDS(c, property_is_zero(bytes + 64, EHR_SCHNORR_BYTES));
}

/* What is signed: query_id | node cert_id | height, or grant_id | height. */
static enum ehr_status ownership_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_point *P = context;
    (void)length;
    return ehr_own_verify(P->bytes, bytes, bytes + 32, ehr_le64_get(bytes + 64), bytes + 72);
}

static enum ehr_status revoke_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_point *P = context;
    (void)length;
    return ehr_revoke_verify(P->bytes, bytes, ehr_le64_get(bytes + 32), bytes + 40);
}

static void altered_ownership_and_revocation_are_refused(struct property_case *c)
{
    struct ehr_dh_key P;
    uint8_t bytes[72 + EHR_SCHNORR_BYTES];
    struct property_object object;
    property_dh_key(c, &P);
    property_bytes(c, bytes, 72);
    GIVES(c,
          ehr_own_sign(bytes + 72, &P.secret, &P.public, bytes, bytes + 32,
                       ehr_le64_get(bytes + 64), c->rng),
          EHR_OK);
    property_object(&object, "proof of ownership", bytes, sizeof bytes, ownership_verify,
                    &P.public);
    object.fixed = true;
    property_field(&object, "query, node, height", 72, AS(SIG));
    property_point(&object, "R", AS(SIG), EHR_SIG);
    property_scalar(&object, "z", AS(SIG), EHR_SIG);
    property_refused(c, &object);

    GIVES(
        c,
        ehr_revoke_sign(bytes + 40, &P.secret, &P.public, bytes, ehr_le64_get(bytes + 32), c->rng),
        EHR_OK);
    property_object(&object, "revocation of a grant", bytes, 40 + EHR_SCHNORR_BYTES, revoke_verify,
                    &P.public);
    object.fixed = true;
    property_field(&object, "grant, height", 40, AS(SIG));
    property_point(&object, "R", AS(SIG), EHR_SIG);
    property_scalar(&object, "z", AS(SIG), EHR_SIG);
    property_refused(c, &object);
    struct ehr_point bad;
    property_bad_point(bad.bytes, P.public.bytes, c->number % PROPERTY_BAD_POINTS);
    GIVES(c, revoke_verify(&bad, bytes, 104), EHR_POINT);
    GIVES(c, ownership_verify(&bad, bytes, sizeof bytes), EHR_POINT);
}

static const struct property list[] = {
    {"showings_give_the_patient", showings_give_the_patient},
    {"altered_showings_are_refused", altered_showings_are_refused},
    {"pseudonyms_are_found_by_their_patient_alone", pseudonyms_are_found_by_their_patient_alone},
    {"altered_pseudonyms_are_refused", altered_pseudonyms_are_refused},
    {"no_pseudonym_is_made_of_invalid_keys", no_pseudonym_is_made_of_invalid_keys},
    {"altered_schnorr_signatures_are_refused", altered_schnorr_signatures_are_refused},
    {"altered_ownership_and_revocation_are_refused", altered_ownership_and_revocation_are_refused},
};

int main(int argc, char **argv)
{
    return property_main("patient", list, sizeof list / sizeof list[0], argc, argv);
}
