/* ristretto255: points, scalars modulo its order l, hashing to both.
 * Not Ed25519 (sign.h). Every operation on points goes through one provider table, so that a
 * modelled group can stand in for the real one. Source: crypto.md section 0.
 *
 * A scalar is accepted when 0 < s < l, a point when it is a canonical encoding other than the
 * identity. The operations check their inputs again (libsodium 1.0.18 ignores the top bits), the
 * scalars first: EHR_SCALAR, then EHR_POINT for an input or a result that is not accepted. On
 * failure the output is zeroed. Outputs may be the same object as inputs. */
#ifndef EHR_CRYPTO_GROUP_H
#define EHR_CRYPTO_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/status.h"

enum { EHR_POINT_BYTES = 32, EHR_SCALAR_BYTES = 32 };

/* Canonical encodings; fill them with the functions below or import them. */
struct ehr_point {
    uint8_t bytes[EHR_POINT_BYTES];
};
struct ehr_scalar {
    uint8_t bytes[EHR_SCALAR_BYTES]; /* little-endian */
};

/* A Diffie-Hellman pair: secret n and public N = nB. A key has one use only. */
struct ehr_dh_key {
    struct ehr_scalar secret;
    struct ehr_point public;
};

/* ---- The provider ---- */

/* What a group implementation supplies. Scalars given are already checked. Functions return 0, or
 * -1 where an input is not accepted or the result is the identity; then `out` is unspecified.
 * Ed25519 is here too because a modelled run replaces both. `message` has 48 bytes. */
struct ehr_group_provider {
    const char *name;
    int (*point_check)(const uint8_t p[32]);
    int (*mul)(uint8_t out[32], const uint8_t s[32], const uint8_t p[32]);
    int (*mul_base)(uint8_t out[32], const uint8_t s[32]);
    int (*add)(uint8_t out[32], const uint8_t p[32], const uint8_t q[32]);
    int (*sub)(uint8_t out[32], const uint8_t p[32], const uint8_t q[32]);
    int (*from_hash)(uint8_t out[32], const uint8_t wide[64]);
    void (*ed_key)(uint8_t key[64], const uint8_t seed[32]); /* seed || public key */
    void (*ed_sign)(uint8_t sig[64], const uint8_t message[48], const uint8_t key[64]);
    int (*ed_verify)(const uint8_t sig[64], const uint8_t message[48], const uint8_t public[32]);
};

/* The libsodium provider, which is the one in use from the start. */
extern const struct ehr_group_provider ehr_group_sodium;

/* Replaces the provider of the whole process; before any key is made. Forgets what memo.h holds.
 * The table is borrowed for the rest of the run. */
void ehr_group_provider_set(const struct ehr_group_provider *provider);
const struct ehr_group_provider *ehr_group_provider_get(void);

/* ---- Points ---- */

/* EHR_OK if the 32 bytes are an accepted point, else EHR_POINT. */
EHR_MUST_CHECK enum ehr_status ehr_point_check(const uint8_t bytes[32]);

/* The same, and copies them to out (zeros on failure). */
EHR_MUST_CHECK enum ehr_status ehr_point_import(struct ehr_point *out, const uint8_t bytes[32]);

/* out = s*P; out = s*B. Constant time in s. */
EHR_MUST_CHECK enum ehr_status ehr_point_mul(struct ehr_point *out, const struct ehr_scalar *s,
                                             const struct ehr_point *p);
EHR_MUST_CHECK enum ehr_status ehr_point_mul_base(struct ehr_point *out,
                                                  const struct ehr_scalar *s);

/* out = P + Q; out = P - Q. */
EHR_MUST_CHECK enum ehr_status ehr_point_add(struct ehr_point *out, const struct ehr_point *p,
                                             const struct ehr_point *q);
EHR_MUST_CHECK enum ehr_status ehr_point_sub(struct ehr_point *out, const struct ehr_point *p,
                                             const struct ehr_point *q);

/* Whether two encodings are the same; constant time. */
bool ehr_point_equal(const struct ehr_point *p, const struct ehr_point *q);

/* ---- Scalars ---- */

/* EHR_OK if 0 < s < l, else EHR_SCALAR; constant time up to the answer. */
EHR_MUST_CHECK enum ehr_status ehr_scalar_check(const uint8_t bytes[32]);

/* The same, and copies them to out (zeros on failure). */
EHR_MUST_CHECK enum ehr_status ehr_scalar_import(struct ehr_scalar *out, const uint8_t bytes[32]);

/* out = 64 little-endian bytes modulo l. EHR_SCALAR for 0. */
EHR_MUST_CHECK enum ehr_status ehr_scalar_reduce(struct ehr_scalar *out, const uint8_t wide[64]);

/* Draws 64 bytes and reduces them. EHR_SCALAR for 0. */
EHR_MUST_CHECK enum ehr_status ehr_scalar_random(struct ehr_scalar *out, struct ehr_rng *rng);

/* out = 1/s. EHR_SCALAR where s is not accepted. */
EHR_MUST_CHECK enum ehr_status ehr_scalar_invert(struct ehr_scalar *out,
                                                 const struct ehr_scalar *s);

/* out = a+b, a-b, a*b modulo l. Inputs below l; a result of 0 is left as 0: what later takes it as
 * a scalar refuses it. */
void ehr_scalar_add(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b);
void ehr_scalar_sub(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b);
void ehr_scalar_mul(struct ehr_scalar *out, const struct ehr_scalar *a, const struct ehr_scalar *b);

/* Whether two scalars are the same; constant time. */
bool ehr_scalar_equal(const struct ehr_scalar *a, const struct ehr_scalar *b);

/* ---- Keys ---- */

/* A random secret and its public point: one scalar drawn. */
EHR_MUST_CHECK enum ehr_status ehr_dh_key_make(struct ehr_dh_key *key, struct ehr_rng *rng);

/* The pair of a given secret. EHR_SCALAR. */
EHR_MUST_CHECK enum ehr_status ehr_dh_key_from_secret(struct ehr_dh_key *key,
                                                      const struct ehr_scalar *secret);

/* ---- Hashing to the group ---- */

/* Hs: H64 reduced. EHR_SCALAR for 0. */
EHR_MUST_CHECK enum ehr_status ehr_hash_to_scalar(struct ehr_scalar *out, const char *label,
                                                  const struct ehr_part *parts, size_t count);

/* Hg: ristretto255_from_hash(H64). EHR_POINT for the identity. */
EHR_MUST_CHECK enum ehr_status ehr_hash_to_point(struct ehr_point *out, const char *label,
                                                 const struct ehr_part *parts, size_t count);

/* U = Hg("gen-U"; "ristretto255"), the second generator; of the provider in use. */
const struct ehr_point *ehr_group_u(void);

#define EHR_HASH_SCALAR(out, label, ...)                                                           \
    ehr_hash_to_scalar((out), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))
#define EHR_HASH_POINT(out, label, ...)                                                            \
    ehr_hash_to_point((out), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))

#endif /* EHR_CRYPTO_GROUP_H */
