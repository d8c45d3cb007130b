/* The patient's side of a grant: the polynomial, its fragments, the signature. */
#include "crypto/grant.h"

#include <assert.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/codec.h"
#include "crypto/schnorr.h"
#include "crypto/secret.h"

#define X_OFFSET     259
#define KE_OFFSET    291
#define U_OFFSET     323
#define SEALED_BYTES 48

/* All that must not outlive the making. */
struct secrets {
    struct ehr_scalar x, d;
    struct ehr_point Z;
    struct ehr_scalar f[EHR_GRANT_PROXIES_MAX]; /* coefficients, f[0] = q/d */
    struct ehr_dh_key ephemeral;                /* k, KE: one for all boxes */
    struct ehr_scalar abscissa, rk;
};

/* Everything before X: what gctx covers. */
static void fields_write(uint8_t *grant, const struct ehr_grant_terms *terms, const uint8_t *nonce,
                         const struct ehr_point *P, const struct ehr_point *Q)
{
    uint8_t committee_id[32];
    ehr_committee_id(committee_id, terms->epoch, terms->cert_ids, terms->proxies);
    struct ehr_writer writer = ehr_writer_init(grant, X_OFFSET);
    ehr_writer_u8(&writer, EHR_GRANT_MODE_VISIT);
    ehr_writer_u8(&writer, (uint8_t)terms->threshold);
    ehr_writer_u8(&writer, (uint8_t)terms->proxies);
    ehr_writer_bytes(&writer, nonce, 16);
    ehr_writer_bytes(&writer, P->bytes, 32);
    ehr_writer_bytes(&writer, Q->bytes, 32);
    ehr_writer_bytes(&writer, terms->hid, 32);
    ehr_writer_bytes(&writer, terms->du_cert_id, 32);
    ehr_writer_bytes(&writer, terms->Y, 32);
    ehr_writer_bytes(&writer, terms->scope_hash, 32);
    ehr_writer_bytes(&writer, committee_id, 32);
    ehr_writer_u64(&writer, terms->not_before);
    ehr_writer_u64(&writer, terms->not_after);
    assert(ehr_writer_full(&writer));
}

static enum ehr_status terms_check(const struct ehr_grant_terms *terms, struct ehr_point *Y)
{
    if (terms->threshold < EHR_GRANT_PROXIES_MIN || terms->threshold > terms->proxies ||
        terms->proxies > EHR_GRANT_PROXIES_MAX)
        return EHR_THRESH;
    if (terms->not_before > terms->not_after)
        return EHR_POLICY;
    EHR_TRY(ehr_point_import(Y, terms->Y));
    for (size_t i = 0; i < terms->proxies; i++)
        EHR_TRY(ehr_point_check(terms->node_keys + 32 * i));
    return EHR_OK;
}

/* rk_j = f(x_j) by Horner's rule. A value of 0 is refused when it becomes U_j. */
static void polynomial(struct secrets *secrets, size_t threshold)
{
    secrets->rk = secrets->f[threshold - 1];
    for (size_t i = threshold - 1; i-- > 0;) {
        ehr_scalar_mul(&secrets->rk, &secrets->rk, &secrets->abscissa);
        ehr_scalar_add(&secrets->rk, &secrets->rk, &secrets->f[i]);
    }
}

static enum ehr_status share_make(uint8_t *grant, const struct ehr_grant_terms *terms,
                                  struct secrets *secrets, const struct ehr_point *X,
                                  const struct ehr_point *Y, const uint8_t *gctx, size_t i)
{
    uint8_t id[32], index = (uint8_t)(i + 1);
    struct ehr_point U, N;
    EHR_TRY(ehr_grant_abscissa(&secrets->abscissa, X, Y, &secrets->Z, gctx, index));
    polynomial(secrets, terms->threshold);
    EHR_TRY(ehr_point_mul(&U, &secrets->rk, ehr_group_u()));
    ehr_declassify(&U, sizeof U); /* stands in the grant */
    memcpy(grant + U_OFFSET + 32 * i, U.bytes, 32);
    memcpy(N.bytes, terms->node_keys + 32 * i, sizeof N.bytes); /* checked with the terms */
    ehr_grant_share_id(id, gctx, index);
    return ehr_box_body_seal(grant + U_OFFSET + 32 * terms->proxies + SEALED_BYTES * i,
                             &secrets->ephemeral, &N, id, secrets->rk.bytes, 32);
}

static enum ehr_status make(uint8_t *grant, size_t grant_len, const struct ehr_grant_terms *terms,
                            struct secrets *secrets, struct ehr_rng *rng)
{
    struct ehr_point Y, X, P, Q;
    struct ehr_scalar inverse;
    struct ehr_grant view;
    uint8_t nonce[16], gctx[32], grant_id[32];
    EHR_TRY(terms_check(terms, &Y));
    EHR_TRY(ehr_point_mul_base(&P, &terms->keys->p));
    EHR_TRY(ehr_point_mul_base(&Q, &terms->keys->q));
    ehr_rng_fill(rng, nonce, sizeof nonce);
    ehr_declassify(nonce, sizeof nonce); /* stands in the grant, as P, Q and X do */
    ehr_declassify(&P, sizeof P);
    ehr_declassify(&Q, sizeof Q);
    fields_write(grant, terms, nonce, &P, &Q);
    EHR_TRY(ehr_scalar_random(&secrets->x, rng));
    EHR_TRY(ehr_point_mul_base(&X, &secrets->x));
    ehr_declassify(&X, sizeof X);
    EHR_TRY(ehr_point_mul(&secrets->Z, &secrets->x, &Y));
    memcpy(grant + X_OFFSET, X.bytes, 32);
    EHR_TRY(ehr_grant_parse(&view, grant, grant_len));
    ehr_grant_id(gctx, grant_id, &view); /* grant_id again below, when the shares are there */
    EHR_TRY(ehr_grant_factor(&secrets->d, &X, &Y, &secrets->Z, gctx));
    for (size_t i = 1; i < terms->threshold; i++)
        EHR_TRY(ehr_scalar_random(&secrets->f[i], rng));
    EHR_TRY(ehr_scalar_invert(&inverse, &secrets->d));
    ehr_scalar_mul(&secrets->f[0], &terms->keys->q, &inverse);
    ehr_wipe(&inverse, sizeof inverse);
    EHR_TRY(ehr_dh_key_make(&secrets->ephemeral, rng));
    memcpy(grant + KE_OFFSET, secrets->ephemeral.public.bytes, 32);
    for (size_t i = 0; i < terms->proxies; i++)
        EHR_TRY(share_make(grant, terms, secrets, &X, &Y, gctx, i));
    ehr_grant_id(gctx, grant_id, &view);
    return ehr_schnorr_sign(grant + grant_len - EHR_SCHNORR_BYTES, "sig-grant", &terms->keys->p, &P,
                            grant_id, rng);
}

enum ehr_status ehr_grant_make(uint8_t *grant, size_t grant_len,
                               const struct ehr_grant_terms *terms, struct ehr_rng *rng)
{
    assert(grant_len == EHR_GRANT_BYTES(terms->proxies));
    struct secrets secrets = {0};
    memset(grant, 0, grant_len);
    enum ehr_status status = make(grant, grant_len, terms, &secrets, rng);
    ehr_wipe(&secrets, sizeof secrets);
    if (status != EHR_OK)
        memset(grant, 0, grant_len);
    return status;
}
