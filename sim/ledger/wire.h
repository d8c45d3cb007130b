/* Encodings inside messages and transactions that crypto.md leaves to the wire format: search
 * hits, private entries, ANCHOR, GRANT and REVOKE transactions, and what is signed with answers,
 * acknowledgements, refusals and access requests. Bytes: docs/formats/wire.md.
 * Views borrow the bytes they were read from. Decoders return EHR_LEN on anything malformed. */
#ifndef EHR_LEDGER_WIRE_H
#define EHR_LEDGER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/sign.h"
#include "crypto/status.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/block.h"
#include "sim/ledger/message.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/quorum_cert.h"

/* ---- private entry: the part of a private transaction that the alliance chain does not see ----
 * doctor cert_id 32 | ct_hash 32 | ct_len u64 | doctor sig 64 | token (64 or 96) */
struct ehr_entry {
    const uint8_t *doctor_id, *ct_hash, *doctor_sig, *token;
    uint64_t ct_len;
    size_t token_len;
};
struct ehr_blob *ehr_entry_encode(const struct ehr_ptx *ptx);
EHR_MUST_CHECK enum ehr_status ehr_entry_parse(struct ehr_entry *entry, const uint8_t *bytes,
                                               size_t length);
/* Whether the entry is the private part of this index transaction: priv recomputed. */
bool ehr_entry_matches(const struct ehr_entry *entry, const uint8_t priv[32]);

/* ---- proof that a block was certified, with its outcome ----
 * header 156 | previous state 32 | refused len u16 | refused | certificate len u32 | certificate */
struct ehr_block_proof {
    const uint8_t *header;         /* 156 */
    const uint8_t *previous_state; /* 32 */
    const uint8_t *refused;
    size_t refused_len;
    const uint8_t *certificate;
    size_t certificate_len;
};
size_t ehr_block_proof_len(const struct ehr_block_proof *proof);
/* Checks a proof against a committee: header (LEN), its chain (POLICY), refused bitmap's length
 * (LEN), certificate over the recomputed digest (HASH, THRESH, SIG). Outputs may be NULL. */
EHR_MUST_CHECK enum ehr_status
ehr_block_proof_verify(const struct ehr_block_proof *proof, const uint8_t chain_id[32],
                       const uint8_t *keys, size_t members, size_t threshold,
                       struct ehr_block_header *header, uint8_t block_hash[32],
                       uint8_t state_root[32]);
/* A block and its outcome that a committee has certified: made by ehr_block_proof_check only. */
struct ehr_block_proof_verified {
    struct ehr_block_header header;
    uint8_t block_hash[32];
    uint8_t state_root[32];
    const uint8_t *refused; /* borrowed from the proof */
    size_t refused_len;
    struct ehr_quorum_cert_verified certificate;
};
/* ehr_block_proof_verify, as a value. `out` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_block_proof_check(struct ehr_block_proof_verified *out,
                                                     const struct ehr_block_proof *proof,
                                                     const uint8_t chain_id[32],
                                                     const uint8_t *keys, size_t members,
                                                     size_t threshold);
/* Whether leaf `index` of the block was refused at execution. */
bool ehr_block_proof_refused(const struct ehr_block_proof *proof, uint32_t index);

/* ---- search hit ----
 * atx len u16 | atx | leaf index u32 | depth u8 | path | block proof (of the alliance block) */
struct ehr_hit {
    const uint8_t *atx;
    size_t atx_len;
    uint32_t leaf_index;
    unsigned depth;
    const uint8_t *path;
    struct ehr_block_proof proof;
};
/* Hits are written one after another behind a u16 count. */
size_t ehr_hit_len(const struct ehr_hit *hit);
struct ehr_blob *ehr_hits_encode(const struct ehr_hit *hits, size_t count);
/* Reads hit number `*offset`-wise: start with *offset = 0 and *left = 0; returns false at the end
 * or, with *malformed set, on bad bytes. */
bool ehr_hits_next(const struct ehr_blob *hits, size_t *offset, size_t *left, struct ehr_hit *hit,
                   bool *malformed);

/* ---- ANCHOR transaction ----
 * "ANC1" | hid 32 | block proof | hospital sig 64 ("sig-anchor" on H32("anchor"; all before)) */
struct ehr_anchor {
    const uint8_t *hid;
    struct ehr_block_proof proof;
    const uint8_t *sig;
    const uint8_t *bytes;
    size_t len;
};
struct ehr_blob *ehr_anchor_make(const uint8_t hid[32], const struct ehr_block_proof *proof,
                                 const struct ehr_sign_key *hospital);
EHR_MUST_CHECK enum ehr_status ehr_anchor_parse(struct ehr_anchor *anchor, const uint8_t *bytes,
                                                size_t length);
EHR_MUST_CHECK enum ehr_status ehr_anchor_verify_signature(const struct ehr_anchor *anchor,
                                                           const uint8_t hospital_pk[32]);

/* ---- GRANT transaction ---- "GTX1" | txid 32 | scope len u32 | scope | grant (to the end) */
struct ehr_grant_tx {
    const uint8_t *txid; /* of the visit's index transaction */
    const uint8_t *scope;
    size_t scope_len;
    const uint8_t *grant;
    size_t grant_len;
};
struct ehr_blob *ehr_grant_tx_make(const struct ehr_grant_tx *terms);
EHR_MUST_CHECK enum ehr_status ehr_grant_tx_parse(struct ehr_grant_tx *tx, const uint8_t *bytes,
                                                  size_t length);

/* ---- REVOKE transaction ---- "RVK1" | grant_id 32 | height u64 | sig 64 (crypto.md c) */
struct ehr_revoke_tx {
    const uint8_t *grant_id;
    uint64_t height;
    const uint8_t *sig;
};
struct ehr_blob *ehr_revoke_tx_make(const uint8_t grant_id[32], uint64_t height,
                                    const uint8_t sig[64]);
EHR_MUST_CHECK enum ehr_status ehr_revoke_tx_parse(struct ehr_revoke_tx *tx, const uint8_t *bytes,
                                                   size_t length);

/* ---- digests under signatures of messages ---- */
/* "sig-ack": H32("ack"; request u64, hid, ct_hash) */
void ehr_ack_digest(uint8_t digest[32], uint64_t request, const uint8_t hid[32],
                    const uint8_t ct_hash[32]);
/* "sig-refuse": H32("refuse"; tx id, status u8, height u64) */
void ehr_refuse_digest(uint8_t digest[32], const uint8_t tx_id[32], uint8_t status,
                       uint64_t height);
/* "sig-answer": H32("answer"; query_id, status u8, height u64, hits) */
void ehr_answer_digest(uint8_t digest[32], const uint8_t query_id[32], uint8_t status,
                       uint64_t height, const struct ehr_blob *hits);
/* "sig-access": H32("access"; grant_id, share u8, whole u8, request u64, proxy cert_id) */
void ehr_access_digest(uint8_t digest[32], const uint8_t grant_id[32], uint8_t share, uint8_t whole,
                       uint64_t request, const uint8_t proxy_id[32]);

#endif /* EHR_LEDGER_WIRE_H */
