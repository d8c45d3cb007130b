/* One chain as its replicas share it: committed blocks with their outcomes, stored once however
 * many replicas hold them. A replica is this chain and a height. Executes a block when the first
 * replica commits it; the others find the same outcome. A replica that commits another block at a
 * height has left the chain: the caller is told, and the run's safety checker speaks up.
 * Not the rule what a transaction does: contract.h. */
#ifndef EHR_CONTRACT_CHAIN_H
#define EHR_CONTRACT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/contract/contract.h"
#include "sim/ledger/wire.h"

/* A committed block and its outcome. */
struct ehr_chain_block {
    struct ehr_block *block;
    uint8_t *replies; /* enum ehr_reply of each transaction */
    uint8_t *refused; /* bitmap, ehr_block_refused_len(count) bytes */
    size_t refused_len;
    uint8_t previous_state[32];
    uint8_t state_root[32];
    uint8_t digest[32];   /* of the block certificate */
    uint8_t *signatures;  /* 64 bytes a member, as they are made; certificates are cut from it */
    uint8_t *tree;        /* Merkle tree, built when a path is first asked for */
    uint8_t *certificate; /* of `certificate_quorum` signers, once made */
    size_t certificate_len;
    uint64_t view;     /* in which the first replica committed it */
    uint32_t proposer; /* kernel node */
    uint32_t executor; /* kernel node: the replica that committed it first */
};

struct ehr_chain {
    uint32_t number; /* 0: alliance; 1 + hospital */
    uint8_t chain_id[32];
    uint32_t epoch;
    uint32_t members;
    struct ehr_contract *contract;  /* owned */
    struct ehr_chain_block *blocks; /* height h is blocks[h - 1] */
    uint64_t height;
    uint64_t capacity;
    struct ehr_table transactions; /* first half of tx id -> place */
    struct ehr_table hashes;       /* first half of block hash -> place (index 0) */
};

/* An empty chain that owns `contract`. */
struct ehr_chain *ehr_chain_new(uint32_t number, const uint8_t chain_id[32], uint32_t epoch,
                                uint32_t members, struct ehr_contract *take_contract);
void ehr_chain_free(struct ehr_chain *chain);

/* A replica commits `block` at `height` (at most chain->height + 1), every transaction of it
 * checked with EHR_REPLY_OK. Executes it if it is the first. NULL if another block stands there.
 * The result, as that of ehr_chain_block_at, is valid until the chain grows. */
struct ehr_chain_block *ehr_chain_commit(struct ehr_chain *chain, uint64_t height,
                                         struct ehr_block *block);

/* The block at `height` >= 1, which must be committed. */
struct ehr_chain_block *ehr_chain_block_at(const struct ehr_chain *chain, uint64_t height);

/* Where the transaction with this id stands, as a replica at `height` sees it. */
bool ehr_chain_transaction_find(const struct ehr_chain *chain, const uint8_t tx_id[32],
                                uint64_t height, struct ehr_place *place);

/* The same, and its outcome is final: ordering it again would change nothing. */
bool ehr_chain_transaction_done(const struct ehr_chain *chain, const uint8_t tx_id[32],
                                uint64_t height, struct ehr_place *place);

/* The height of the block with this hash, or 0; as a replica at `height` sees it. */
uint64_t ehr_chain_block_find(const struct ehr_chain *chain, const uint8_t block_hash[32],
                              uint64_t height);

/* Whether `block` is a valid one of this chain and epoch: header, hash, count, Merkle root, and
 * every transaction by ehr_contract_check. Height, parent, time and proposer are compared by the
 * caller with what it expects. EHR_REPLY_OK or why not. */
enum ehr_reply ehr_chain_block_check(const struct ehr_chain *chain, const struct ehr_block *block);

/* Builds a block over checked transactions. One reference. */
struct ehr_block *ehr_chain_block_build(const struct ehr_chain *chain, uint64_t height,
                                        const uint8_t parent[32], uint64_t time_ns,
                                        const uint8_t proposer[32], struct ehr_tx *const *tx,
                                        uint32_t count);

/* Remembers the signature of a member on the block certificate digest (verified by the caller). */
void ehr_chain_signature_add(struct ehr_chain *chain, uint64_t height, uint32_t member,
                             const uint8_t sig[64]);

/* The certificate with the signatures of `signers` (a bitmap of members, `count` of them set); cut
 * once per block: the first set of signers serves all. */
void ehr_chain_certificate_make(struct ehr_chain *chain, uint64_t height, const uint8_t *signers,
                                uint32_t count);

/* Siblings of leaf `index` of the block at `height`; returns the depth. */
unsigned ehr_chain_path(struct ehr_chain *chain, uint64_t height, uint32_t index, uint8_t *path);

/* Header, outcome and certificate of a block; borrows from the chain, until it grows. */
struct ehr_block_proof ehr_chain_proof(const struct ehr_chain *chain, uint64_t height);

#endif /* EHR_CONTRACT_CHAIN_H */
