/* Certificates of institutions and people, their chains, their revocation, and per-epoch keys.
 * Not X.509: a fixed layout of 224 bytes. Times are block times, both ends included.
 * Source: crypto.md section a. */
#ifndef EHR_CRYPTO_CERT_H
#define EHR_CRYPTO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/group.h"
#include "crypto/sign.h"

enum {
    EHR_CERT_BYTES = 224,
    EHR_CERT_BODY_BYTES = 160,
    EHR_CERT_CHAIN_MAX = 3, /* certificates */
    EHR_EPOCH_CERT_BYTES = 136,
};

enum ehr_role {
    EHR_ROLE_INVALID = 0,
    EHR_ROLE_ROOT = 1,
    EHR_ROLE_HOSPITAL = 2,
    EHR_ROLE_ALLIANCE_NODE = 3,
    EHR_ROLE_DATA_USER = 4,
    EHR_ROLE_DOCTOR = 5,
    EHR_ROLE_PRIVATE_NODE = 6,
};

enum { EHR_CERT_FLAG_SIMULATION = 1 };

/* The fields of a certificate. An unknown role can be held, but no issuer may issue it. */
struct ehr_cert {
    uint8_t role;  /* enum ehr_role */
    uint8_t flags; /* EHR_CERT_FLAG_ */
    uint8_t issuer_id[32];
    uint64_t serial;
    uint64_t not_before, not_after;
    uint8_t ed_pk[32];
    struct ehr_point dh_pk;
    uint8_t name_hash[32];
    uint8_t sig[64];
    uint8_t id[32]; /* cert_id, computed; not in the encoding */
};

/* A certificate whose chain was verified; made only by ehr_cert_chain_verify. */
struct ehr_cert_verified {
    struct ehr_cert cert;
};

/* name_hash = H32("name"; text). */
void ehr_cert_name_hash(uint8_t out[32], const char *name);

/* Signs the fields of `cert` (all but sig and id, which are filled in) with the issuer's key and
 * writes the 224 bytes. Whether the issuer may do so is checked by the verifier. */
void ehr_cert_issue(uint8_t out[EHR_CERT_BYTES], struct ehr_cert *cert,
                    const struct ehr_sign_key *issuer);

/* Decodes; checks form and dh_pk only. EHR_LEN, EHR_POINT; then `out` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_cert_parse(struct ehr_cert *out, const uint8_t *bytes,
                                              size_t length);

/* Whether a certificate of role `issuer` may issue one of role `subject` (the root's own aside). */
bool ehr_cert_may_issue(uint8_t issuer, uint8_t subject);

/* What a chain is checked against. */
struct ehr_cert_policy {
    const uint8_t *root_id; /* cert_id of the known root, 32 bytes */
    enum ehr_role role;     /* wanted of the last certificate */
    uint64_t now;           /* block time */
    /* Whether cert_id is revoked at `now`; NULL: none is. */
    bool (*revoked)(void *context, const uint8_t cert_id[32]);
    void *context;
};

/* Verifies 1..3 encoded certificates, root first, and hands out the last. EHR_POLICY, EHR_LEN,
 * EHR_POINT, EHR_SIG in the order of crypto.md; then `out` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_cert_chain_verify(struct ehr_cert_verified *out,
                                                     const struct ehr_part *certs, size_t count,
                                                     const struct ehr_cert_policy *policy);

/* Revocation: digest = H32("cert-rev"; cert_id, height, reason), signed by the issuer. */
void ehr_cert_revoke_digest(uint8_t out[32], const uint8_t cert_id[32], uint64_t height,
                            uint8_t reason);
void ehr_cert_revoke_sign(uint8_t sig[64], const struct ehr_sign_key *issuer,
                          const uint8_t cert_id[32], uint64_t height, uint8_t reason);
EHR_MUST_CHECK enum ehr_status ehr_cert_revoke_verify(const uint8_t issuer_pk[32],
                                                      const uint8_t cert_id[32], uint64_t height,
                                                      uint8_t reason, const uint8_t sig[64]);

/* ---- Keys of one epoch ---- */

enum ehr_epoch_key_kind {
    EHR_EPOCH_KEY_INVALID = 0,
    EHR_EPOCH_KEY_INDEX = 1,   /* "IDX1": a doctor's index key W */
    EHR_EPOCH_KEY_SEALING = 2, /* "NSK1": a node's sealing key N */
};

/* Certifies `public` for (owner_id, epoch) with the owner's Ed25519 key; writes 136 bytes. */
void ehr_epoch_cert_make(uint8_t out[EHR_EPOCH_CERT_BYTES], enum ehr_epoch_key_kind kind,
                         const uint8_t owner_id[32], uint32_t epoch, const struct ehr_point *public,
                         const struct ehr_sign_key *owner);

/* Checks it against the expected owner and epoch and hands out the key. EHR_LEN, EHR_POINT,
 * EHR_POLICY, EHR_SIG; then `public` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_epoch_cert_verify(struct ehr_point *public,
                                                     enum ehr_epoch_key_kind kind,
                                                     const uint8_t *bytes, size_t length,
                                                     const uint8_t owner_id[32],
                                                     const uint8_t owner_pk[32], uint32_t epoch);

#endif /* EHR_CRYPTO_CERT_H */
