/* Operations of the base layer: hash, scalar_point, drbg, schnorr, ed25519, box. */
#include <string.h>

#include "crypto/box.h"
#include "crypto/drbg.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/schnorr.h"
#include "crypto/sign.h"
#include "tests/vectors/harness.h"

/* ---- hash ---- */

static const struct ehr_part *values_parts(struct ehr_vector *v, size_t *count)
{
    const cJSON *list = ehr_vector_in_list(v, "values", count), *item;
    struct ehr_part *parts = ehr_vector_alloc(v, *count * sizeof *parts);
    size_t i = 0;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes value = ehr_vector_item_bytes(v, item);
        parts[i++] = EHR_P(value.bytes, value.len);
    }
    return parts;
}

static enum ehr_status op_hash(struct ehr_vector *v)
{
    uint8_t out[64];
    size_t count, n = (size_t)ehr_vector_in_uint(v, "n");
    const struct ehr_part *parts = values_parts(v, &count);
    const char *label = ehr_vector_in_text(v, "label");
    if (n == 16)
        ehr_hash16(out, label, parts, count);
    else if (n == 32)
        ehr_hash32(out, label, parts, count);
    else if (n == 64)
        ehr_hash64(out, label, parts, count);
    else
        return EHR_STATUS_INVALID;
    ehr_vector_out(v, "hash", out, n);
    return EHR_OK;
}

static enum ehr_status op_prf(struct ehr_vector *v)
{
    uint8_t out[32];
    size_t count, n = (size_t)ehr_vector_in_uint(v, "n");
    const struct ehr_part *parts = values_parts(v, &count);
    const char *label = ehr_vector_in_text(v, "label");
    const uint8_t *key = ehr_vector_in_fixed(v, "key", 32);
    if (n == 16)
        ehr_prf16(out, key, label, parts, count);
    else if (n == 32)
        ehr_prf32(out, key, label, parts, count);
    else
        return EHR_STATUS_INVALID;
    ehr_vector_out(v, "hash", out, n);
    return EHR_OK;
}

static enum ehr_status op_hash_to_scalar(struct ehr_vector *v)
{
    struct ehr_scalar out;
    size_t count;
    const struct ehr_part *parts = values_parts(v, &count);
    EHR_TRY(ehr_hash_to_scalar(&out, ehr_vector_in_text(v, "label"), parts, count));
    ehr_vector_out(v, "scalar", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_hash_to_point(struct ehr_vector *v)
{
    struct ehr_point out;
    size_t count;
    const struct ehr_part *parts = values_parts(v, &count);
    EHR_TRY(ehr_hash_to_point(&out, ehr_vector_in_text(v, "label"), parts, count));
    ehr_vector_out(v, "point", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_generator_u(struct ehr_vector *v)
{
    ehr_vector_out(v, "U", ehr_group_u()->bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_signed_message(struct ehr_vector *v)
{
    uint8_t message[48];
    ehr_sign_message(message, ehr_vector_in_text(v, "label"), ehr_vector_in_fixed(v, "hash", 32));
    ehr_vector_out(v, "message", message, sizeof message);
    return EHR_OK;
}

/* ---- scalar_point ---- */

static enum ehr_status op_scalar_check(struct ehr_vector *v)
{
    return ehr_scalar_check(ehr_vector_in_fixed(v, "scalar", 32));
}

static enum ehr_status op_scalar_reduce(struct ehr_vector *v)
{
    struct ehr_scalar out;
    EHR_TRY(ehr_scalar_reduce(&out, ehr_vector_in_fixed(v, "wide", 64)));
    ehr_vector_out(v, "scalar", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_scalar_invert(struct ehr_vector *v)
{
    struct ehr_scalar s = ehr_vector_in_scalar(v, "scalar"), out;
    EHR_TRY(ehr_scalar_invert(&out, &s));
    ehr_vector_out(v, "scalar", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_scalar_random(struct ehr_vector *v)
{
    struct ehr_scalar out;
    EHR_TRY(ehr_scalar_random(&out, ehr_vector_rng(v)));
    ehr_vector_out(v, "scalar", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_point_check(struct ehr_vector *v)
{
    return ehr_point_check(ehr_vector_in_fixed(v, "point", 32));
}

static enum ehr_status op_point_mul(struct ehr_vector *v)
{
    struct ehr_scalar s = ehr_vector_in_scalar(v, "scalar");
    struct ehr_point p = ehr_vector_in_point(v, "point"), out;
    EHR_TRY(ehr_point_mul(&out, &s, &p));
    ehr_vector_out(v, "point", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_point_mul_base(struct ehr_vector *v)
{
    struct ehr_scalar s = ehr_vector_in_scalar(v, "scalar");
    struct ehr_point out;
    EHR_TRY(ehr_point_mul_base(&out, &s));
    ehr_vector_out(v, "point", out.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_point_add(struct ehr_vector *v)
{
    struct ehr_point a = ehr_vector_in_point(v, "a"), b = ehr_vector_in_point(v, "b"), out;
    EHR_TRY(ehr_point_add(&out, &a, &b));
    ehr_vector_out(v, "point", out.bytes, 32);
    return EHR_OK;
}

/* ---- drbg ---- */

static enum ehr_status op_drbg(struct ehr_vector *v)
{
    struct ehr_drbg drbg;
    ehr_drbg_init(&drbg, ehr_vector_in_uint(v, "seed"),
                  (uint32_t)ehr_vector_in_uint(v, "replication"), ehr_vector_in_text(v, "actor"),
                  ehr_vector_in_uint(v, "workload") != 0 ? EHR_DRBG_WORKLOAD : EHR_DRBG_CRYPTO);
    size_t skip = (size_t)ehr_vector_in_uint(v, "skip"), count;
    ehr_rng_fill(&drbg.rng, ehr_vector_alloc(v, skip), skip);
    const cJSON *lengths = ehr_vector_in_list(v, "lengths", &count), *item;
    cJSON *draws = ehr_vector_out_list(v, NULL, "draws");
    cJSON_ArrayForEach(item, lengths)
    {
        size_t length = (size_t)ehr_vector_item_uint(v, item);
        uint8_t *bytes = ehr_vector_alloc(v, length);
        ehr_rng_fill(&drbg.rng, bytes, length);
        ehr_vector_append(v, draws, bytes, length);
    }
    ehr_drbg_close(&drbg);
    return EHR_OK;
}

/* ---- schnorr, ed25519 ---- */

static enum ehr_status op_schnorr_sign(struct ehr_vector *v)
{
    struct ehr_scalar x = ehr_vector_in_scalar(v, "x");
    struct ehr_point X;
    uint8_t sig[64];
    EHR_TRY(ehr_point_mul_base(&X, &x));
    EHR_TRY(ehr_schnorr_sign(sig, ehr_vector_in_text(v, "label"), &x, &X,
                             ehr_vector_in_fixed(v, "m", 32), ehr_vector_rng(v)));
    ehr_vector_out(v, "X", X.bytes, 32);
    ehr_vector_out(v, "sig", sig, sizeof sig);
    return EHR_OK;
}

static enum ehr_status op_schnorr_verify(struct ehr_vector *v)
{
    return ehr_schnorr_verify(ehr_vector_in_text(v, "label"), ehr_vector_in_fixed(v, "X", 32),
                              ehr_vector_in_fixed(v, "m", 32), ehr_vector_in_fixed(v, "sig", 64));
}

static enum ehr_status op_ed_sign(struct ehr_vector *v)
{
    struct ehr_sign_key key;
    uint8_t sig[64];
    ehr_sign_key_init(&key, ehr_vector_in_fixed(v, "seed", 32));
    ehr_sign_make(sig, &key, ehr_vector_in_text(v, "label"), ehr_vector_in_fixed(v, "hash", 32));
    ehr_vector_out(v, "pk", key.public, 32);
    ehr_vector_out(v, "sig", sig, sizeof sig);
    return EHR_OK;
}

static enum ehr_status op_ed_verify(struct ehr_vector *v)
{
    return ehr_sign_verify(ehr_vector_in_fixed(v, "pk", 32), ehr_vector_in_text(v, "label"),
                           ehr_vector_in_fixed(v, "hash", 32), ehr_vector_in_fixed(v, "sig", 64));
}

/* ---- box ---- */

static enum ehr_status op_box_seal(struct ehr_vector *v)
{
    struct ehr_point N = ehr_vector_in_point(v, "N");
    struct ehr_vector_bytes plaintext = ehr_vector_in(v, "plaintext");
    size_t length = plaintext.len + EHR_BOX_OVERHEAD_BYTES;
    uint8_t *box = ehr_vector_alloc(v, length);
    EHR_TRY(ehr_box_seal(box, &N, ehr_vector_in_fixed(v, "ctx", 32), plaintext.bytes, plaintext.len,
                         ehr_vector_rng(v)));
    ehr_vector_out(v, "box", box, length);
    return EHR_OK;
}

static enum ehr_status op_box_open(struct ehr_vector *v)
{
    struct ehr_scalar n = ehr_vector_in_scalar(v, "n");
    struct ehr_dh_key key;
    struct ehr_vector_bytes box = ehr_vector_in(v, "box");
    uint8_t *plaintext = ehr_vector_alloc(v, box.len);
    EHR_TRY(ehr_dh_key_from_secret(&key, &n));
    EHR_TRY(ehr_box_open(plaintext, &key, ehr_vector_in_fixed(v, "ctx", 32), box.bytes, box.len));
    ehr_vector_out(v, "plaintext", plaintext, box.len - EHR_BOX_OVERHEAD_BYTES);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_base[] = {
    {"hash", op_hash},
    {"prf", op_prf},
    {"hash_to_scalar", op_hash_to_scalar},
    {"hash_to_point", op_hash_to_point},
    {"generator_u", op_generator_u},
    {"signed_message", op_signed_message},
    {"scalar_check", op_scalar_check},
    {"scalar_reduce", op_scalar_reduce},
    {"scalar_invert", op_scalar_invert},
    {"scalar_random", op_scalar_random},
    {"point_check", op_point_check},
    {"point_mul", op_point_mul},
    {"point_mul_base", op_point_mul_base},
    {"point_add", op_point_add},
    {"drbg", op_drbg},
    {"schnorr_sign", op_schnorr_sign},
    {"schnorr_verify", op_schnorr_verify},
    {"ed_sign", op_ed_sign},
    {"ed_verify", op_ed_verify},
    {"box_seal", op_box_seal},
    {"box_open", op_box_open},
    {NULL, NULL},
};
