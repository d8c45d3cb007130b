/*
 * The patient's grant of one visit to a data user: key fragments for n proxies of which any t
 * re-encrypt, their opening by the proxies, and the revocation. Not the re-encryption: that is
 * reencrypt.h. Source: crypto.md section c (threshold Umbral).
 *
 * Verified is a type. ehr_grant_parse gives a view of well-formed bytes, ehr_grant_verify a
 * struct ehr_grant_verified; a proxy opens a struct ehr_kfrag and only ehr_kfrag_verify makes of it
 * the struct ehr_kfrag_verified that ehr_reencrypt takes.
 */
#ifndef EHR_CRYPTO_GRANT_H
#define EHR_CRYPTO_GRANT_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/group.h"
#include "crypto/pseudonym.h"
#include "crypto/random.h"
#include "crypto/record.h"
#include "crypto/status.h"

#define EHR_GRANT_PROXIES_MIN     2
#define EHR_GRANT_PROXIES_MAX     32
#define EHR_GRANT_BYTES(proxies)  (387 + 80 * (size_t)(proxies)) /* bytes */
#define EHR_GRANT_BYTES_MAX       EHR_GRANT_BYTES(EHR_GRANT_PROXIES_MAX)
#define EHR_GRANT_MODE_VISIT      1
#define EHR_SCOPE_BYTES(keywords) (4 + 32 * (size_t)(keywords)) /* bytes */
#define EHR_SCOPE_KEYWORDS_MAX    65535

/* ---- what a grant refers to ---- */

/* Encodes purpose and the trapdoor commitments (`count` x 32 bytes, strictly ascending) into
 * `scope` of EHR_SCOPE_BYTES(count) bytes. THRESH if there are too many, DUP if they are not
 * strictly ascending; then `scope` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_scope_encode(uint8_t *scope, uint8_t purpose,
                                                const uint8_t *td_coms, size_t count);

/* Reads an encoded scope: LEN, DUP. `td_coms` borrows from `scope` (NULL where count is 0). */
EHR_MUST_CHECK enum ehr_status ehr_scope_parse(uint8_t *purpose, const uint8_t **td_coms,
                                               size_t *count, const uint8_t *scope,
                                               size_t scope_len);

void ehr_scope_hash(uint8_t scope_hash[32], const uint8_t *scope, size_t scope_len);

/* committee_id of `count` certificates (32 bytes each) in the order of the shares. */
void ehr_committee_id(uint8_t committee_id[32], uint32_t epoch, const uint8_t *cert_ids,
                      size_t count);

/* ---- making ---- */

struct ehr_grant_terms {
    const struct ehr_visit_keys *keys; /* the patient's p and q of the visit */
    const uint8_t *Y;                  /* 32: the data user's dh_pk */
    const uint8_t *hid;                /* 32 */
    const uint8_t *du_cert_id;         /* 32 */
    const uint8_t *scope_hash;         /* 32 */
    uint32_t epoch;                    /* of the committee */
    size_t threshold;                  /* t */
    size_t proxies;                    /* n */
    const uint8_t *cert_ids;           /* 32 * n: the proxies, share 1 first */
    const uint8_t *node_keys;          /* 32 * n: their sealing keys N of that epoch */
    uint64_t not_before, not_after;    /* heights of the alliance chain, both included */
};

/* Makes a signed grant of EHR_GRANT_BYTES(terms->proxies) bytes. Draws nonce16; x, f_1 .. f_{t-1}
 * and k of 64 bytes each; rnd32. THRESH, POINT (Y or a sealing key), POLICY (ends before its
 * start), SCALAR. `grant` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_grant_make(uint8_t *grant, size_t grant_len,
                                              const struct ehr_grant_terms *terms,
                                              struct ehr_rng *rng);

/* ---- reading ---- */

/* A view of a well-formed grant; all pointers borrow from `bytes`. */
struct ehr_grant {
    const uint8_t *bytes;
    size_t len;
    uint8_t threshold, proxies;                                              /* t, n */
    const uint8_t *nonce;                                                    /* 16 */
    const uint8_t *P, *Q, *hid, *du_cert_id, *Y, *scope_hash, *committee_id; /* 32 each */
    uint64_t not_before, not_after;
    const uint8_t *X, *KE; /* 32 each */
    const uint8_t *U;      /* 32 * n, share 1 first */
    const uint8_t *sealed; /* 48 * n */
    const uint8_t *sig;    /* 64 */
};

/* A grant whose points, times and signature have been verified; borrows the bytes. */
struct ehr_grant_verified {
    struct ehr_grant view;
    struct ehr_record_visit visit; /* P, Q, hid of the view */
    struct ehr_point Y, X;
    uint8_t gctx[32];
    uint8_t grant_id[32];
};

/* Length, mode (LEN), t and n (THRESH), exact length (LEN). */
EHR_MUST_CHECK enum ehr_status ehr_grant_parse(struct ehr_grant *grant, const uint8_t *bytes,
                                               size_t len);

/* gctx and grant_id of a parsed grant. */
void ehr_grant_id(uint8_t gctx[32], uint8_t grant_id[32], const struct ehr_grant *grant);

/* Parse, then P, Q, Y, X, KE, every U_j (POINT), times (POLICY), signature (SIG). Whether the
 * height is in its window, whether it is revoked, whose certificate du_cert_id is: the caller's.
 * Remembered: an equal verification is computed once. `grant` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_grant_verify(struct ehr_grant_verified *grant,
                                                const uint8_t *bytes, size_t len);

/* ---- what patient and data user derive from Z = xY = yX ---- */

/* d = Hs("pre-d"; X, Y, Z, gctx), the factor by which the shared secret q/d differs from q. Secret.
 * SCALAR for 0. */
EHR_MUST_CHECK enum ehr_status ehr_grant_factor(struct ehr_scalar *d, const struct ehr_point *X,
                                                const struct ehr_point *Y,
                                                const struct ehr_point *Z, const uint8_t gctx[32]);

/* x_j = Hs("pre-x"; X, Y, Z, id_j), where share j of the polynomial is taken. Secret. SCALAR. */
EHR_MUST_CHECK enum ehr_status ehr_grant_abscissa(struct ehr_scalar *x, const struct ehr_point *X,
                                                  const struct ehr_point *Y,
                                                  const struct ehr_point *Z, const uint8_t gctx[32],
                                                  uint8_t index);

/* id_j = H32("kfid"; gctx, j), the context of the box of share j. */
void ehr_grant_share_id(uint8_t id[32], const uint8_t gctx[32], uint8_t index);

/* ---- key fragments ---- */

/* A fragment as opened or as read from a node's store: unverified. Secret; wipe with
 * ehr_kfrag_close. */
struct ehr_kfrag {
    uint8_t index; /* j, from 1 */
    struct ehr_scalar rk;
};

/* A fragment known to be share j of the grant: made by ehr_kfrag_verify only. */
struct ehr_kfrag_verified {
    struct ehr_kfrag kfrag;
    uint8_t grant_id[32];
};

/* Opens share j with the node's sealing secret: KFRAG if j is not of the grant or the box does not
 * open. Unverified. `kfrag` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_kfrag_open(struct ehr_kfrag *kfrag,
                                              const struct ehr_grant_verified *grant, uint8_t index,
                                              const struct ehr_dh_key *node_key);

/* Index, scalar, rk*U = U_j: each KFRAG. `verified` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_kfrag_verify(struct ehr_kfrag_verified *verified,
                                                const struct ehr_kfrag *kfrag,
                                                const struct ehr_grant_verified *grant);

/* Wipe; accept NULL. */
void ehr_kfrag_close(struct ehr_kfrag *kfrag);
void ehr_kfrag_verified_close(struct ehr_kfrag_verified *kfrag);

/* ---- revocation ---- */

/* H32("revoke"; grant_id, height). */
void ehr_revoke_message(uint8_t message[32], const uint8_t grant_id[32], uint64_t height);

/* The patient's signature on it under the visit's p; draws rnd32. SCALAR; then `sig` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_revoke_sign(uint8_t sig[64], const struct ehr_scalar *p,
                                               const struct ehr_point *P,
                                               const uint8_t grant_id[32], uint64_t height,
                                               struct ehr_rng *rng);

/* P (POINT), SIG. */
EHR_MUST_CHECK enum ehr_status ehr_revoke_verify(const uint8_t P[32], const uint8_t grant_id[32],
                                                 uint64_t height, const uint8_t sig[64]);

#endif /* EHR_CRYPTO_GRANT_H */
