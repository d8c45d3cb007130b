/*
 * Block header, the hashes that name a chain, a block and its outcome, and the digest that replicas
 * sign after execution. Not the bodies of blocks, nor the chain store.
 * Source: crypto.md section g.
 */
#ifndef EHR_LEDGER_BLOCK_H
#define EHR_LEDGER_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/sign.h"
#include "crypto/status.h"

#define EHR_BLOCK_HEADER_BYTES 156

struct ehr_block_header {
    uint8_t chain_id[32];
    uint32_t epoch;
    uint64_t height;
    uint8_t previous_hash[32];
    uint8_t merkle_root[32];
    uint32_t count;       /* transactions */
    uint64_t time_ns;     /* simulated */
    uint8_t proposer[32]; /* cert_id */
};

void ehr_block_header_encode(uint8_t bytes[EHR_BLOCK_HEADER_BYTES],
                             const struct ehr_block_header *header);
/* LEN; `header` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_block_header_parse(struct ehr_block_header *header,
                                                      const uint8_t *bytes, size_t len);

/* H32("block"; header). */
void ehr_block_hash(uint8_t block_hash[32], const uint8_t header[EHR_BLOCK_HEADER_BYTES]);

/* H32("chain"; cert_id of the hospital, or of the root for the alliance chain). */
void ehr_chain_id(uint8_t chain_id[32], const uint8_t cert_id[32]);

/* Leaf of an alliance transaction of any type: H32("atx-leaf"; type, bytes). */
void ehr_alliance_leaf(uint8_t leaf[32], uint8_t type, const uint8_t *transaction, size_t len);

/* Bytes of the bitmap of refused transactions of a block of `count`. */
size_t ehr_block_refused_len(uint32_t count);

/* State root after a block; the root before the first block is 0^32. `refused` has
 * ehr_block_refused_len(count) bytes, lowest bit first. `root` may be `previous`. */
void ehr_state_root(uint8_t root[32], const uint8_t previous[32], const uint8_t block_hash[32],
                    const uint8_t *refused, size_t refused_len);

/* Digest of a block and its outcome, which each replica signs with Ed25519 "sig-block". */
void ehr_block_cert_digest(uint8_t digest[32], const uint8_t chain_id[32], uint32_t epoch,
                           uint64_t height, const uint8_t block_hash[32],
                           const uint8_t state_root[32]);
void ehr_block_cert_sign(uint8_t sig[64], const uint8_t digest[32], const struct ehr_sign_key *key);
/* SIG. */
EHR_MUST_CHECK enum ehr_status
ehr_block_cert_verify(const uint8_t digest[32], const uint8_t ed_pk[32], const uint8_t sig[64]);

#endif /* EHR_LEDGER_BLOCK_H */
