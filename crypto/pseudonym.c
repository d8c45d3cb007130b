#include "crypto/pseudonym.h"

#include <sodium.h>
#include <string.h>

#include "crypto/memo.h"
#include "crypto/schnorr.h"
#include "crypto/secret.h"

/* s = Hs(label; Z, E, V, K, hid) for the own key (K = O) or the encryption key (K = C). */
static enum ehr_status visit_offset(struct ehr_scalar *s, const char *label,
                                    const struct ehr_point *Z, const struct ehr_point *E,
                                    const struct ehr_point *V, const struct ehr_point *K,
                                    const uint8_t hid[32])
{
    return EHR_HASH_SCALAR(s, label, EHR_G(Z), EHR_G(E), EHR_G(V), EHR_G(K), EHR_H(hid));
}

/* out = K + sB with s as above. */
static enum ehr_status visit_point(struct ehr_point *out, const char *label,
                                   const struct ehr_point *Z, const struct ehr_point *E,
                                   const struct ehr_point *V, const struct ehr_point *K,
                                   const uint8_t hid[32])
{
    struct ehr_scalar s;
    struct ehr_point sB;
    enum ehr_status status = visit_offset(&s, label, Z, E, V, K, hid);
    if (status == EHR_OK)
        status = ehr_point_mul_base(&sB, &s);
    if (status == EHR_OK)
        status = ehr_point_add(out, K, &sB);
    sodium_memzero(&s, sizeof s);
    sodium_memzero(&sB, sizeof sB);
    return status;
}

enum ehr_status ehr_pseudonym_make(struct ehr_pseudonym *out,
                                   const struct ehr_patient_public *patient, const uint8_t hid[32],
                                   struct ehr_rng *rng)
{
    memset(out, 0, sizeof *out);
    const struct ehr_point *V = &patient->V, *O = &patient->O, *C = &patient->C;
    EHR_TRY(ehr_point_check(V->bytes));
    EHR_TRY(ehr_point_check(O->bytes));
    EHR_TRY(ehr_point_check(C->bytes));
    if (ehr_point_equal(O, C))
        return EHR_POINT;
    struct ehr_dh_key ephemeral;
    struct ehr_point Z;
    enum ehr_status status = ehr_dh_key_make(&ephemeral, rng);
    out->E = ephemeral.public;
    if (status == EHR_OK)
        status = ehr_point_mul(&Z, &ephemeral.secret, V);
    if (status == EHR_OK)
        status = visit_point(&out->P, "ps-own", &Z, &out->E, V, O, hid);
    if (status == EHR_OK)
        status = visit_point(&out->Q, "ps-enc", &Z, &out->E, V, C, hid);
    ehr_declassify(out, sizeof *out); /* P, E, Q go on the chain */
    if (status != EHR_OK)
        sodium_memzero(out, sizeof *out);
    sodium_memzero(&ephemeral, sizeof ephemeral);
    sodium_memzero(&Z, sizeof Z);
    return status;
}

void ehr_pseudonym_encode(uint8_t out[EHR_PSEUDONYM_BYTES], const struct ehr_pseudonym *pseudonym)
{
    memcpy(out, pseudonym->P.bytes, 32);
    memcpy(out + 32, pseudonym->E.bytes, 32);
    memcpy(out + 64, pseudonym->Q.bytes, 32);
}

enum ehr_status ehr_pseudonym_parse(struct ehr_pseudonym *out, const uint8_t *bytes, size_t length)
{
    memset(out, 0, sizeof *out);
    if (length != EHR_PSEUDONYM_BYTES)
        return EHR_LEN;
    enum ehr_status status = ehr_point_import(&out->P, bytes);
    if (status == EHR_OK)
        status = ehr_point_import(&out->E, bytes + 32);
    if (status == EHR_OK)
        status = ehr_point_import(&out->Q, bytes + 64);
    if (status != EHR_OK)
        memset(out, 0, sizeof *out);
    return status;
}

static enum ehr_status check_compute(const void *context)
{
    const uint8_t *bytes = context;
    for (size_t i = 0; i < 3; i++)
        EHR_TRY(ehr_point_check(bytes + 32 * i));
    return EHR_OK;
}

enum ehr_status ehr_pseudonym_check(const uint8_t bytes[EHR_PSEUDONYM_BYTES])
{
    return EHR_MEMO_VERIFY(EHR_MEMO_POINTS, check_compute, bytes,
                           EHR_P(bytes, EHR_PSEUDONYM_BYTES));
}

/* out = k + s, and whether out*B is the published point. A sum of zero is a miss. */
static enum ehr_status visit_key(struct ehr_scalar *out, bool *fits, const char *label,
                                 const struct ehr_scalar *k, const struct ehr_point *Z,
                                 const struct ehr_point *E, const struct ehr_point *V,
                                 const struct ehr_point *K, const uint8_t hid[32],
                                 const struct ehr_point *published)
{
    struct ehr_point expected;
    enum ehr_status status = visit_offset(out, label, Z, E, V, K, hid);
    if (status == EHR_OK) {
        ehr_scalar_add(out, k, out);
        *fits =
            ehr_point_mul_base(&expected, out) == EHR_OK && ehr_point_equal(&expected, published);
    }
    return status;
}

enum ehr_status ehr_pseudonym_detect(struct ehr_visit_keys *visit, bool *hit, const uint8_t *bytes,
                                     size_t length, const struct ehr_patient_keys *keys,
                                     const uint8_t hid[32])
{
    memset(visit, 0, sizeof *visit);
    *hit = false;
    struct ehr_pseudonym seen;
    EHR_TRY(ehr_pseudonym_parse(&seen, bytes, length));
    const struct ehr_patient_public *own = &keys->public;
    struct ehr_point Z;
    bool fits = false;
    enum ehr_status status = ehr_point_mul(&Z, &keys->v, &seen.E);
    if (status == EHR_OK)
        status = visit_key(&visit->p, &fits, "ps-own", &keys->o, &Z, &seen.E, &own->V, &own->O, hid,
                           &seen.P);
    if (status == EHR_OK && fits) {
        status = visit_key(&visit->q, &fits, "ps-enc", &keys->c, &Z, &seen.E, &own->V, &own->C, hid,
                           &seen.Q);
        if (status == EHR_OK && !fits)
            status = EHR_POINT;
        *hit = status == EHR_OK;
    }
    if (!*hit)
        sodium_memzero(visit, sizeof *visit);
    sodium_memzero(&Z, sizeof Z);
    return status;
}

void ehr_own_message(uint8_t m[32], const uint8_t query_id[32], const uint8_t node_id[32],
                     uint64_t height)
{
    EHR_HASH32(m, "own-msg", EHR_H(query_id), EHR_H(node_id), EHR_U64(height));
}

enum ehr_status ehr_own_sign(uint8_t sig[64], const struct ehr_scalar *p, const struct ehr_point *P,
                             const uint8_t query_id[32], const uint8_t node_id[32], uint64_t height,
                             struct ehr_rng *rng)
{
    uint8_t m[32];
    ehr_own_message(m, query_id, node_id, height);
    return ehr_schnorr_sign(sig, "sig-own", p, P, m, rng);
}

enum ehr_status ehr_own_verify(const uint8_t P[32], const uint8_t query_id[32],
                               const uint8_t node_id[32], uint64_t height, const uint8_t sig[64])
{
    uint8_t m[32];
    ehr_own_message(m, query_id, node_id, height);
    return ehr_schnorr_verify("sig-own", P, m, sig);
}
