/*
 * The alliance transaction "ATX1": the public part of one private transaction, with the proof that
 * it stands in an anchored private block. Not the anchor itself.
 * Source: crypto.md section e.
 */
#ifndef EHR_LEDGER_ALLIANCE_TX_H
#define EHR_LEDGER_ALLIANCE_TX_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/sign.h"
#include "crypto/status.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/private_tx.h"

/* Bytes of a transaction with `nkw` labels and a path of `depth` siblings. */
#define EHR_ATX_BYTES(nkw, depth) (281 + 16 * (size_t)(nkw) + 32 * (size_t)(depth))
#define EHR_ATX_BYTES_MAX         EHR_ATX_BYTES(EHR_PTX_LABELS_MAX, EHR_MERKLE_DEPTH_MAX)

/* A transaction: its terms when it is made, a view of its bytes when it is read. Borrows. */
struct ehr_atx {
    const uint8_t *hid; /* 32 */
    uint32_t epoch;
    uint16_t flags;
    const uint8_t *pseudonym; /* 96 */
    const uint8_t *labels;    /* 16 * nkw */
    size_t nkw;
    const uint8_t *priv;       /* 32 */
    const uint8_t *block_hash; /* 32: of the private block */
    uint64_t height;           /* of the private block */
    uint32_t leaf_index;
    unsigned depth;
    const uint8_t *path;  /* 32 * depth */
    const uint8_t *sig;   /* 64: the hospital's; set by ehr_atx_parse */
    const uint8_t *bytes; /* set by ehr_atx_parse */
    size_t len;
};

/* What the alliance chain knows of the block to which a transaction refers. */
struct ehr_atx_anchor {
    uint8_t block_hash[32];
    uint8_t merkle_root[32];
    uint64_t height;
};

/* Writes EHR_ATX_BYTES(nkw, depth) bytes, signed by the hospital; `sig`, `bytes` and `len` of `atx`
 * are not read. `txid` may be NULL. */
void ehr_atx_make(uint8_t *bytes, uint8_t txid[32], const struct ehr_atx *atx,
                  const struct ehr_sign_key *hospital);

/* Magic, flags, nkw, depth, exact length (LEN). `atx` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_atx_parse(struct ehr_atx *atx, const uint8_t *bytes, size_t len);

/* H32("atx"; all before the signature) of a parsed transaction. */
void ehr_atx_id(uint8_t txid[32], const struct ehr_atx *atx);

/* Leaf recomputed from the public part and `priv`; `pub` may be NULL. */
void ehr_atx_leaf(uint8_t leaf[32], uint8_t pub[32], const struct ehr_atx *atx);

/* What needs no chain state: P, E, Q (POINT), the hospital (POLICY), its signature (SIG). The
 * caller has found the key under the certificate `hid`. `txid` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_atx_verify_signature(uint8_t txid[32], const struct ehr_atx *atx,
                                                        const uint8_t hid[32],
                                                        const uint8_t hospital_ed_pk[32]);

/* Against the anchored header of that hospital: block_hash and height (HASH), leaf and path
 * (MERKLE). `leaf` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_atx_verify_anchor(uint8_t leaf[32], const struct ehr_atx *atx,
                                                     const struct ehr_atx_anchor *anchor);

/* A transaction that refers to a record of an anchored block: made by ehr_atx_anchor_check only.
 * Its hospital's signature is the other half of its verification (ehr_atx_verify_signature): it
 * needs no chain state and was checked before the transaction was ordered. */
struct ehr_atx_verified {
    struct ehr_atx atx;
    uint8_t txid[32];
    uint8_t leaf[32];
};
/* ehr_atx_verify_anchor, as a value. `out` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_atx_anchor_check(struct ehr_atx_verified *out,
                                                    const struct ehr_atx *atx,
                                                    const struct ehr_atx_anchor *anchor);

#endif /* EHR_LEDGER_ALLIANCE_TX_H */
