/* Patient keys and the medical card: issue, showing to a doctor, check.
 * Not a certificate of the chain: the card's identifier m never goes on a chain.
 * Source: crypto.md section a. */
#ifndef EHR_CRYPTO_CARD_H
#define EHR_CRYPTO_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/group.h"
#include "crypto/sign.h"

enum {
    EHR_CARD_BYTES = 140,
    EHR_CARD_SHOW_BYTES = 412,
    EHR_NONCE_BYTES = 16,
};

/* The public halves: view V, own O, encryption C, find F. */
struct ehr_patient_public {
    struct ehr_point V, O, C, F;
};

/* The secrets and the public halves. Wipe with ehr_wipe when done. */
struct ehr_patient_keys {
    struct ehr_scalar v, o, c, f;
    struct ehr_patient_public public;
};

/* k_i = Hs("pat-key"; seed, i). EHR_SCALAR; then `keys` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_patient_keys_derive(struct ehr_patient_keys *keys,
                                                       const uint8_t seed[32]);

/* What a hospital makes when it issues a card. */
struct ehr_card_issued {
    uint8_t m[32];                /* the identifier: to the patient, secret */
    uint8_t cm[32];               /* commitment to m and the keys */
    uint8_t ref[32];              /* H32("card-ref"; m): what the hospital keeps */
    uint8_t card[EHR_CARD_BYTES]; /* the card certificate */
};

/* Issues the card of (regno, issue) until not_after. `hospital_secret` is k_H, 32 bytes. */
void ehr_card_issue(struct ehr_card_issued *out, const uint8_t hospital_secret[32], uint64_t regno,
                    uint32_t issue, const uint8_t hid[32], uint64_t not_after,
                    const struct ehr_patient_public *patient, const struct ehr_sign_key *hospital);

/* What a patient shows: its identifier, keys and card. */
struct ehr_card_holder {
    const uint8_t *m;    /* 32 bytes */
    const uint8_t *card; /* EHR_CARD_BYTES */
    const struct ehr_scalar *o;
    const struct ehr_patient_public *public;
};

/* Shows the card to the doctor (doctor_id, key N) that gave `nonce`. Draws the Schnorr rnd32, then
 * the box's scalar. EHR_SCALAR, EHR_POINT; then `box` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_card_show(uint8_t box[EHR_CARD_SHOW_BYTES],
                                             const struct ehr_card_holder *holder,
                                             const uint8_t doctor_id[32], const struct ehr_point *N,
                                             const uint8_t nonce[16], struct ehr_rng *rng);

/* What the doctor checks a showing against. */
struct ehr_card_expected {
    const uint8_t *doctor_id;   /* 32 bytes: its own cert_id */
    const uint8_t *nonce;       /* 16 bytes: as given to the patient */
    const uint8_t *hid;         /* 32 bytes: its hospital */
    const uint8_t *hospital_pk; /* 32 bytes: Ed25519 */
    uint64_t now;               /* block time */
};

/* Opens and checks a showing; hands out the patient's keys and ref = H32("card-ref"; m), by which
 * the hospital knows the patient. EHR_LEN, EHR_POINT, EHR_AEAD, EHR_POLICY, EHR_HASH, EHR_SIG in
 * the order of crypto.md; then both outputs are zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_card_check(struct ehr_patient_public *patient, uint8_t ref[32],
                                              const uint8_t *box, size_t length,
                                              const struct ehr_dh_key *doctor,
                                              const struct ehr_card_expected *expected);

#endif /* EHR_CRYPTO_CARD_H */
