#include "crypto/capsule.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/memo.h"
#include "crypto/secret.h"

enum ehr_status ehr_capsule_challenge(struct ehr_scalar *h,
                                      const uint8_t capsule[EHR_CAPSULE_BYTES],
                                      const uint8_t label[32])
{
    return EHR_HASH_SCALAR(h, "capsule", EHR_H(capsule), EHR_H(capsule + 32), EHR_H(label));
}

static enum ehr_status encap(uint8_t *capsule, struct ehr_point *K, const struct ehr_point *Q,
                             const uint8_t *label, const uint8_t *pt_hash, const uint8_t *rnd,
                             struct ehr_scalar *r, struct ehr_scalar *u)
{
    struct ehr_point E, V;
    struct ehr_scalar h;
    EHR_TRY(EHR_HASH_SCALAR(r, "kem-r", EHR_H(pt_hash), EHR_H(rnd), EHR_H(label)));
    EHR_TRY(EHR_HASH_SCALAR(u, "kem-u", EHR_H(pt_hash), EHR_H(rnd), EHR_H(label)));
    EHR_TRY(ehr_point_mul_base(&E, r));
    EHR_TRY(ehr_point_mul_base(&V, u));
    ehr_declassify(&E, sizeof E); /* E, V, s are the capsule, which anyone may see */
    ehr_declassify(&V, sizeof V);
    memcpy(capsule, E.bytes, 32);
    memcpy(capsule + 32, V.bytes, 32);
    EHR_TRY(ehr_capsule_challenge(&h, capsule, label));
    struct ehr_scalar s;
    ehr_scalar_mul(&s, r, &h);
    ehr_scalar_add(&s, u, &s);
    ehr_declassify(&s, sizeof s);
    memcpy(capsule + 64, s.bytes, 32);
    ehr_scalar_add(r, r, u); /* a sum of 0 is refused by the multiplication */
    return ehr_point_mul(K, r, Q);
}

enum ehr_status ehr_capsule_encap(uint8_t capsule[EHR_CAPSULE_BYTES], struct ehr_point *K,
                                  const struct ehr_point *Q, const uint8_t label[32],
                                  const uint8_t pt_hash[32], struct ehr_rng *rng)
{
    uint8_t rnd[32];
    struct ehr_scalar r, u;
    ehr_rng_fill(rng, rnd, sizeof rnd);
    enum ehr_status status = encap(capsule, K, Q, label, pt_hash, rnd, &r, &u);
    ehr_wipe(rnd, sizeof rnd);
    ehr_wipe(&r, sizeof r);
    ehr_wipe(&u, sizeof u);
    if (status != EHR_OK) {
        ehr_wipe(capsule, EHR_CAPSULE_BYTES);
        ehr_wipe(K, sizeof *K);
    }
    return status;
}

struct check {
    const uint8_t *capsule, *label;
};

/* E and V are decoded once, by what computes with them; where s is refused, the points, which come
 * first in the order of checks, are looked at for their status. */
static enum ehr_status check_compute(const void *context)
{
    const struct check *check = context;
    struct ehr_point E, V, left, right;
    struct ehr_scalar s, h;
    memcpy(E.bytes, check->capsule, sizeof E.bytes);
    memcpy(V.bytes, check->capsule + 32, sizeof V.bytes);
    if (ehr_scalar_import(&s, check->capsule + 64) != EHR_OK) {
        EHR_TRY(ehr_point_check(E.bytes));
        EHR_TRY(ehr_point_check(V.bytes));
        return EHR_SCALAR;
    }
    EHR_TRY(ehr_capsule_challenge(&h, check->capsule, check->label));
    EHR_TRY(ehr_point_mul_base(&left, &s));
    EHR_TRY(ehr_point_mul(&right, &h, &E));
    EHR_TRY(ehr_point_add(&right, &V, &right));
    return ehr_point_equal(&left, &right) ? EHR_OK : EHR_CAPSULE;
}

enum ehr_status ehr_capsule_check(const uint8_t capsule[EHR_CAPSULE_BYTES], const uint8_t label[32])
{
    struct check check = {capsule, label};
    return EHR_MEMO_VERIFY(EHR_MEMO_CAPSULE, check_compute, &check,
                           EHR_P(capsule, EHR_CAPSULE_BYTES), EHR_H(label));
}

static enum ehr_status decap(struct ehr_point *K, const struct ehr_scalar *q,
                             const uint8_t *capsule)
{
    struct ehr_point E, V;
    EHR_TRY(ehr_scalar_check(q->bytes));
    memcpy(E.bytes, capsule, sizeof E.bytes);
    memcpy(V.bytes, capsule + 32, sizeof V.bytes);
    EHR_TRY(ehr_point_add(&E, &E, &V)); /* decodes both */
    return ehr_point_mul(K, q, &E);
}

enum ehr_status ehr_capsule_decap(struct ehr_point *K, const struct ehr_scalar *q,
                                  const uint8_t capsule[EHR_CAPSULE_BYTES])
{
    enum ehr_status status = decap(K, q, capsule);
    if (status != EHR_OK)
        ehr_wipe(K, sizeof *K);
    return status;
}

void ehr_capsule_keys_derive(struct ehr_capsule_keys *keys, const struct ehr_point *K,
                             const uint8_t capsule[EHR_CAPSULE_BYTES], const uint8_t label[32])
{
    uint8_t wide[64];
    EHR_HASH64(wide, "kem-key", EHR_G(K), EHR_P(capsule, EHR_CAPSULE_BYTES), EHR_H(label));
    memcpy(keys->key, wide, sizeof keys->key);
    memcpy(keys->nonce, wide + 32, sizeof keys->nonce);
    EHR_HASH32(keys->kcom, "kem-com", EHR_H(wide), EHR_H(wide + 32));
    ehr_wipe(wide, sizeof wide);
}

void ehr_capsule_keys_close(struct ehr_capsule_keys *keys)
{
    if (keys != NULL)
        ehr_wipe(keys, sizeof *keys);
}
