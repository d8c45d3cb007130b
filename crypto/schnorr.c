#include "crypto/schnorr.h"

#include <sodium.h>
#include <string.h>

#include "crypto/memo.h"
#include "crypto/secret.h"

enum ehr_status ehr_schnorr_sign(uint8_t sig[64], const char *label, const struct ehr_scalar *x,
                                 const struct ehr_point *X, const uint8_t m[32],
                                 struct ehr_rng *rng)
{
    uint8_t rnd32[32], padded[EHR_PAD16_BYTES];
    ehr_rng_fill(rng, rnd32, sizeof rnd32);
    ehr_pad16(padded, label);
    struct ehr_scalar k = {{0}}, e = {{0}}, z = {{0}};
    struct ehr_point R = {{0}};
    enum ehr_status status = ehr_scalar_check(x->bytes);
    if (status == EHR_OK)
        status = EHR_HASH_SCALAR(&k, "schn-nonce", EHR_G(x), EHR_H(rnd32),
                                 EHR_P(padded, sizeof padded), EHR_G(X), EHR_H(m));
    if (status == EHR_OK)
        status = ehr_point_mul_base(&R, &k);
    ehr_declassify(&R, sizeof R); /* half of the signature */
    if (status == EHR_OK)
        status = EHR_HASH_SCALAR(&e, label, EHR_G(X), EHR_G(&R), EHR_H(m));
    if (status == EHR_OK) {
        ehr_scalar_mul(&z, &e, x);
        ehr_scalar_add(&z, &z, &k);
        ehr_declassify(&z, sizeof z); /* the other half: x under the mask k */
        /* A zero z would be refused by every verifier. */
        status = ehr_scalar_check(z.bytes);
    }
    if (status == EHR_OK) {
        memcpy(sig, R.bytes, 32);
        memcpy(sig + 32, z.bytes, 32);
    } else {
        sodium_memzero(sig, EHR_SCHNORR_BYTES);
    }
    sodium_memzero(rnd32, sizeof rnd32);
    sodium_memzero(&k, sizeof k);
    sodium_memzero(&z, sizeof z);
    return status;
}

struct verification {
    const char *label;
    const uint8_t *X, *m, *sig;
};

/* zB = R + eX is checked as encoding(zB - eX) = R: encodings are canonical, so this also checks R,
 * and the multiplication by e checks X. */
static enum ehr_status schnorr_compute(const void *context)
{
    const struct verification *v = context;
    const uint8_t *R = v->sig;
    struct ehr_point X, eX, expected;
    struct ehr_scalar z, e;
    memcpy(X.bytes, v->X, sizeof X.bytes);
    if (ehr_scalar_import(&z, v->sig + 32) != EHR_OK ||
        EHR_HASH_SCALAR(&e, v->label, EHR_G(&X), EHR_H(R), EHR_H(v->m)) != EHR_OK)
        return ehr_point_check(v->X) == EHR_OK ? EHR_SIG : EHR_POINT;
    EHR_TRY(ehr_point_mul(&eX, &e, &X));
    if (ehr_point_mul_base(&expected, &z) != EHR_OK ||
        ehr_point_sub(&expected, &expected, &eX) != EHR_OK)
        return EHR_SIG;
    return memcmp(expected.bytes, R, sizeof expected.bytes) == 0 ? EHR_OK : EHR_SIG;
}

enum ehr_status ehr_schnorr_verify(const char *label, const uint8_t X[32], const uint8_t m[32],
                                   const uint8_t sig[64])
{
    struct verification v = {.label = label, .X = X, .m = m, .sig = sig};
    return EHR_MEMO_VERIFY(EHR_MEMO_SCHNORR, schnorr_compute, &v, EHR_P(label, strlen(label)),
                           EHR_H(X), EHR_H(m), EHR_P(sig, EHR_SCHNORR_BYTES));
}
