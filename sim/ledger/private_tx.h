/*
 * The private transaction "PTX1": a record's hash, pseudonym, labels and evidence on a hospital's
 * private chain. Not its execution: freshness is decided against a state that the caller holds.
 * Source: crypto.md section e.
 */
#ifndef EHR_LEDGER_PRIVATE_TX_H
#define EHR_LEDGER_PRIVATE_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/group.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "crypto/status.h"

#define EHR_PTX_FLAG_EMERGENCY  1
#define EHR_PTX_LABELS_MAX      256
#define EHR_PTX_TOKEN_BYTES     64 /* the patient's Schnorr signature */
#define EHR_PTX_EMERGENCY_BYTES 96 /* second doctor's cert_id 32 | signature 64 */
/* Bytes of a transaction of `nkw` labels; `flags` as in it. */
#define EHR_PTX_BYTES(nkw, flags)                                                                  \
    (276 + 16 * (size_t)(nkw) +                                                                    \
     (((flags)&EHR_PTX_FLAG_EMERGENCY) != 0 ? EHR_PTX_EMERGENCY_BYTES : EHR_PTX_TOKEN_BYTES))
#define EHR_PTX_BYTES_MAX EHR_PTX_BYTES(EHR_PTX_LABELS_MAX, EHR_PTX_FLAG_EMERGENCY)

/* What a transaction says, before and besides its evidence; borrows all that it points to. */
struct ehr_ptx_terms {
    const uint8_t *hid;       /* 32 */
    const uint8_t *doctor_id; /* 32: cert_id */
    uint32_t epoch;
    uint16_t flags;           /* EHR_PTX_FLAG_EMERGENCY or 0 */
    const uint8_t *pseudonym; /* 96: P | E | Q */
    const uint8_t *ct_hash;   /* 32 */
    uint64_t ct_len;
    const uint8_t *labels; /* 16 * nkw */
    size_t nkw;            /* <= EHR_PTX_LABELS_MAX */
};

/* The hashes of a transaction: what is public on the alliance chain, what is signed, what stays
 * private, and the leaf. */
struct ehr_ptx_hashes {
    uint8_t pub[32], body[32], priv[32], leaf[32];
};

/* A well-formed transaction; borrows the bytes. */
struct ehr_ptx {
    const uint8_t *bytes;
    size_t len;
    struct ehr_ptx_terms terms;
    const uint8_t *doctor_sig; /* 64 */
    const uint8_t *token;      /* EHR_PTX_TOKEN_BYTES bytes, or EHR_PTX_EMERGENCY_BYTES */
    size_t token_len;
};

/* ---- hashes, also for those who hold only parts of a transaction ---- */

void ehr_ptx_pub(uint8_t pub[32], const uint8_t hid[32], const uint8_t pseudonym[96],
                 uint32_t epoch, uint16_t flags, const uint8_t *labels, size_t nkw);
void ehr_ptx_body(uint8_t body[32], const uint8_t pub[32], const uint8_t doctor_id[32],
                  const uint8_t ct_hash[32], uint64_t ct_len);
/* `token_len` is EHR_PTX_TOKEN_BYTES or EHR_PTX_EMERGENCY_BYTES. */
void ehr_ptx_priv(uint8_t priv[32], const uint8_t doctor_id[32], const uint8_t ct_hash[32],
                  uint64_t ct_len, const uint8_t doctor_sig[64], const uint8_t *token,
                  size_t token_len);
void ehr_ptx_leaf(uint8_t leaf[32], const uint8_t pub[32], const uint8_t priv[32]);

/* pub and body of the terms: what doctor and patient sign. */
void ehr_ptx_terms_body(uint8_t body[32], const struct ehr_ptx_terms *terms);

/* ---- evidence ---- */

/* The doctor's Ed25519 signature on body. */
void ehr_ptx_sign_doctor(uint8_t sig[64], const uint8_t body[32],
                         const struct ehr_sign_key *doctor);

/* The patient's visit token under p; draws rnd32. SCALAR; then `token` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_ptx_sign_patient(uint8_t token[EHR_PTX_TOKEN_BYTES],
                                                    const uint8_t body[32],
                                                    const struct ehr_scalar *p,
                                                    const struct ehr_point *P, struct ehr_rng *rng);

/* In an emergency, in the token's place: the second doctor's certificate id and signature. */
void ehr_ptx_sign_emergency(uint8_t token[EHR_PTX_EMERGENCY_BYTES], const uint8_t body[32],
                            const uint8_t second_id[32], const struct ehr_sign_key *second);

/* ---- bytes ---- */

/* Writes EHR_PTX_BYTES(terms->nkw, terms->flags) bytes; `token` fits the flags. */
void ehr_ptx_encode(uint8_t *bytes, const struct ehr_ptx_terms *terms, const uint8_t doctor_sig[64],
                    const uint8_t *token);

/* Magic, flags, nkw, exact length (LEN). `ptx` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_ptx_parse(struct ehr_ptx *ptx, const uint8_t *bytes, size_t len);

void ehr_ptx_hashes(struct ehr_ptx_hashes *hashes, const struct ehr_ptx *ptx);

/* ---- verification ---- */

/* The doctors of a hospital that may sign now: certificate chain valid, not revoked. */
struct ehr_ptx_doctors {
    /* Sets ed_pk and returns true if that certificate is one. */
    bool (*find)(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32]);
    void *context;
};

/* What the chain has seen: pseudonyms (32 bytes) and labels (16 bytes). */
struct ehr_ptx_seen {
    bool (*has)(void *context, const uint8_t *value, size_t len);
    void *context;
};

/* Stateless check of a parsed transaction: P, E, Q (POINT); labels different from each other (DUP);
 * hospital, epoch, doctors (POLICY; in an emergency the second is another certificate and key);
 * the doctor's signature, then token or second signature (SIG). `hashes` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_ptx_verify(struct ehr_ptx_hashes *hashes,
                                              const struct ehr_ptx *ptx, const uint8_t hid[32],
                                              uint32_t epoch,
                                              const struct ehr_ptx_doctors *doctors);

/* A transaction whose evidence is valid: made by ehr_ptx_check only. */
struct ehr_ptx_verified {
    struct ehr_ptx ptx;
    uint8_t leaf[32];
};
/* ehr_ptx_parse and ehr_ptx_verify, as a value; borrows the bytes. `out` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_ptx_check(struct ehr_ptx_verified *out, const uint8_t *bytes,
                                             size_t len, const uint8_t hid[32], uint32_t epoch,
                                             const struct ehr_ptx_doctors *doctors);

/* At execution: P and every label unseen (DUP). */
EHR_MUST_CHECK enum ehr_status ehr_ptx_check_fresh(const struct ehr_ptx *ptx,
                                                   const struct ehr_ptx_seen *seen);

#endif /* EHR_LEDGER_PRIVATE_TX_H */
