#include "crypto/group.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/memo.h"
#include "crypto/secret.h"

/* l = 2^252 + 27742317777372353535851937790883648493 */
static const uint8_t group_order[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/* ---- The libsodium provider ---- */

/* 1.0.18 ignores bit 255 on decoding and takes all-zero bytes (the identity) as a point. */
static int point_form_check(const uint8_t p[32])
{
    /* Whether a point is accepted is public, also where the point is not. */
    return -ehr_public_int(p[31] >> 7 | sodium_is_zero(p, 32));
}

static int sodium_point_check(const uint8_t p[32])
{
    return point_form_check(p) == 0 && crypto_core_ristretto255_is_valid_point(p) == 1 ? 0 : -1;
}

/* Decodes p itself and refuses an identity result, so the full point check costs nothing more. */
static int sodium_mul(uint8_t out[32], const uint8_t s[32], const uint8_t p[32])
{
    return point_form_check(p) != 0 ? -1 : crypto_scalarmult_ristretto255(out, s, p);
}

static int sodium_mul_base(uint8_t out[32], const uint8_t s[32])
{
    return crypto_scalarmult_ristretto255_base(out, s);
}

static int sodium_add_points(uint8_t out[32], const uint8_t p[32], const uint8_t q[32])
{
    if (point_form_check(p) != 0 || point_form_check(q) != 0 ||
        ehr_public_int(crypto_core_ristretto255_add(out, p, q)) != 0)
        return -1;
    return -sodium_is_zero(out, 32);
}

static int sodium_sub_points(uint8_t out[32], const uint8_t p[32], const uint8_t q[32])
{
    if (point_form_check(p) != 0 || point_form_check(q) != 0 ||
        ehr_public_int(crypto_core_ristretto255_sub(out, p, q)) != 0)
        return -1;
    return -sodium_is_zero(out, 32);
}

static int sodium_from_hash(uint8_t out[32], const uint8_t wide[64])
{
    if (crypto_core_ristretto255_from_hash(out, wide) != 0)
        return -1;
    return sodium_is_zero(out, 32) ? -1 : 0;
}

static void sodium_ed_key(uint8_t key[64], const uint8_t seed[32])
{
    uint8_t public[32];
    int rc = crypto_sign_seed_keypair(public, key, seed);
    assert(rc == 0);
    (void)rc;
}

static void sodium_ed_sign(uint8_t sig[64], const uint8_t message[48], const uint8_t key[64])
{
    int rc = crypto_sign_detached(sig, NULL, message, 48, key);
    assert(rc == 0);
    (void)rc;
}

static int sodium_ed_verify(const uint8_t sig[64], const uint8_t message[48],
                            const uint8_t public[32])
{
    return crypto_sign_verify_detached(sig, message, 48, public);
}

const struct ehr_group_provider ehr_group_sodium = {
    .name = "ristretto255",
    .point_check = sodium_point_check,
    .mul = sodium_mul,
    .mul_base = sodium_mul_base,
    .add = sodium_add_points,
    .sub = sodium_sub_points,
    .from_hash = sodium_from_hash,
    .ed_key = sodium_ed_key,
    .ed_sign = sodium_ed_sign,
    .ed_verify = sodium_ed_verify,
};

static const struct ehr_group_provider *group = &ehr_group_sodium;
static struct ehr_point generator_u;
static bool generator_u_known = false;

void ehr_group_provider_set(const struct ehr_group_provider *provider)
{
    assert(provider != NULL);
    group = provider;
    generator_u_known = false;
    ehr_memo_clear();
}

const struct ehr_group_provider *ehr_group_provider_get(void)
{
    return group;
}

/* ---- Points ---- */

/* Result of a provider's function on points, with the output zeroed on failure. That an input or a
 * result is not accepted is public: it becomes the status of the caller. */
static enum ehr_status point_result(struct ehr_point *out, int rc)
{
    if (ehr_public_int(rc) == 0)
        return EHR_OK;
    sodium_memzero(out, sizeof *out);
    return EHR_POINT;
}

enum ehr_status ehr_point_check(const uint8_t bytes[32])
{
    return group->point_check(bytes) == 0 ? EHR_OK : EHR_POINT;
}

enum ehr_status ehr_point_import(struct ehr_point *out, const uint8_t bytes[32])
{
    int rc = group->point_check(bytes);
    memmove(out->bytes, bytes, sizeof out->bytes);
    return point_result(out, rc);
}

enum ehr_status ehr_point_mul(struct ehr_point *out, const struct ehr_scalar *s,
                              const struct ehr_point *p)
{
    if (ehr_scalar_check(s->bytes) != EHR_OK) {
        sodium_memzero(out, sizeof *out);
        return EHR_SCALAR;
    }
    return point_result(out, group->mul(out->bytes, s->bytes, p->bytes));
}

enum ehr_status ehr_point_mul_base(struct ehr_point *out, const struct ehr_scalar *s)
{
    if (ehr_scalar_check(s->bytes) != EHR_OK) {
        sodium_memzero(out, sizeof *out);
        return EHR_SCALAR;
    }
    return point_result(out, group->mul_base(out->bytes, s->bytes));
}

enum ehr_status ehr_point_add(struct ehr_point *out, const struct ehr_point *p,
                              const struct ehr_point *q)
{
    return point_result(out, group->add(out->bytes, p->bytes, q->bytes));
}

enum ehr_status ehr_point_sub(struct ehr_point *out, const struct ehr_point *p,
                              const struct ehr_point *q)
{
    return point_result(out, group->sub(out->bytes, p->bytes, q->bytes));
}

bool ehr_point_equal(const struct ehr_point *p, const struct ehr_point *q)
{
    /* The answer is public: every caller's status, or hit, depends on it. */
    return ehr_public_int(sodium_memcmp(p->bytes, q->bytes, sizeof p->bytes)) == 0;
}

/* ---- Scalars ---- */

enum ehr_status ehr_scalar_check(const uint8_t bytes[32])
{
    /* s - l borrows out of the top byte exactly when s < l. No branch on s before the answer. */
    unsigned borrow = 0, bits = 0;
    for (unsigned i = 0; i < 32; i++) {
        bits |= bytes[i];
        borrow = ((unsigned)bytes[i] - group_order[i] - borrow) >> 8 & 1;
    }
    unsigned nonzero = (bits + 0xff) >> 8 & 1;
    /* That a scalar is refused is public; of those that are accepted this says nothing. */
    return ehr_public_int((int)(borrow & nonzero)) != 0 ? EHR_OK : EHR_SCALAR;
}

enum ehr_status ehr_scalar_import(struct ehr_scalar *out, const uint8_t bytes[32])
{
    enum ehr_status status = ehr_scalar_check(bytes);
    memmove(out->bytes, bytes, sizeof out->bytes);
    if (status != EHR_OK)
        sodium_memzero(out, sizeof *out);
    return status;
}

enum ehr_status ehr_scalar_reduce(struct ehr_scalar *out, const uint8_t wide[64])
{
    crypto_core_ristretto255_scalar_reduce(out->bytes, wide);
    /* Zero has probability 2^-252 and ends the operation: public. */
    return ehr_public_int(sodium_is_zero(out->bytes, sizeof out->bytes)) ? EHR_SCALAR : EHR_OK;
}

enum ehr_status ehr_scalar_random(struct ehr_scalar *out, struct ehr_rng *rng)
{
    uint8_t wide[EHR_WIDE_BYTES];
    ehr_rng_fill(rng, wide, sizeof wide);
    enum ehr_status status = ehr_scalar_reduce(out, wide);
    sodium_memzero(wide, sizeof wide);
    return status;
}

enum ehr_status ehr_scalar_invert(struct ehr_scalar *out, const struct ehr_scalar *s)
{
    struct ehr_scalar inverse = {{0}};
    enum ehr_status status = ehr_scalar_check(s->bytes);
    /* The return code says that s is 0, which the check has excluded. */
    if (status == EHR_OK &&
        ehr_public_int(crypto_core_ristretto255_scalar_invert(inverse.bytes, s->bytes)) != 0)
        status = EHR_SCALAR;
    *out = inverse;
    sodium_memzero(&inverse, sizeof inverse);
    return status;
}

void ehr_scalar_add(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b)
{
    crypto_core_ristretto255_scalar_add(out->bytes, a->bytes, b->bytes);
}

void ehr_scalar_sub(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b)
{
    crypto_core_ristretto255_scalar_sub(out->bytes, a->bytes, b->bytes);
}

void ehr_scalar_mul(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b)
{
    crypto_core_ristretto255_scalar_mul(out->bytes, a->bytes, b->bytes);
}

bool ehr_scalar_equal(const struct ehr_scalar *a, const struct ehr_scalar *b)
{
    return ehr_public_int(sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes)) == 0;
}

/* ---- Keys ---- */

enum ehr_status ehr_dh_key_make(struct ehr_dh_key *key, struct ehr_rng *rng)
{
    enum ehr_status status = ehr_scalar_random(&key->secret, rng);
    if (status == EHR_OK)
        status = ehr_point_mul_base(&key->public, &key->secret);
    ehr_declassify(&key->public, sizeof key->public); /* what others get to know of the pair */
    if (status != EHR_OK)
        sodium_memzero(key, sizeof *key);
    return status;
}

enum ehr_status ehr_dh_key_from_secret(struct ehr_dh_key *key, const struct ehr_scalar *secret)
{
    key->secret = *secret;
    enum ehr_status status = ehr_point_mul_base(&key->public, &key->secret);
    ehr_declassify(&key->public, sizeof key->public);
    if (status != EHR_OK)
        sodium_memzero(key, sizeof *key);
    return status;
}

/* ---- Hashing to the group ---- */

enum ehr_status ehr_hash_to_scalar(struct ehr_scalar *out, const char *label,
                                   const struct ehr_part *parts, size_t count)
{
    uint8_t wide[EHR_WIDE_BYTES];
    ehr_hash64(wide, label, parts, count);
    enum ehr_status status = ehr_scalar_reduce(out, wide);
    sodium_memzero(wide, sizeof wide);
    return status;
}

enum ehr_status ehr_hash_to_point(struct ehr_point *out, const char *label,
                                  const struct ehr_part *parts, size_t count)
{
    uint8_t wide[EHR_WIDE_BYTES];
    ehr_hash64(wide, label, parts, count);
    int rc = group->from_hash(out->bytes, wide);
    sodium_memzero(wide, sizeof wide);
    return point_result(out, rc);
}

const struct ehr_point *ehr_group_u(void)
{
    if (!generator_u_known) {
        enum ehr_status status = EHR_HASH_POINT(&generator_u, "gen-U", EHR_P("ristretto255", 12));
        assert(status == EHR_OK);
        (void)status;
        generator_u_known = true;
    }
    return &generator_u;
}
