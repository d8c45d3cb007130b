/*
 * Merkle tree over the leaves of a block: root, path of a leaf, verification. Not the leaves: they
 * are made in private_tx.h and block.h. Source: crypto.md section e.
 *
 * On every level with an odd number (> 1) of nodes 0^32 is added on the right; one leaf is its own
 * root; no leaf has root 0^32. A verifier must recompute the leaf from its parts: the path does not
 * tell a leaf from an inner node.
 */
#ifndef EHR_LEDGER_MERKLE_H
#define EHR_LEDGER_MERKLE_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/status.h"

#define EHR_MERKLE_DEPTH_MAX 32
#define EHR_MERKLE_PATH_MAX  (32 * EHR_MERKLE_DEPTH_MAX) /* bytes */

/* Root of `count` leaves of 32 bytes each, without further memory. */
void ehr_merkle_root(uint8_t root[32], const uint8_t *leaves, size_t count);

/* Number of siblings in a path of a tree of `count` leaves: ceil(log2 count), 0 for 0 and 1. */
unsigned ehr_merkle_depth(size_t count);

/* All levels of a tree in the caller's memory, for blocks that need many paths: bytes needed for
 * `count` >= 1 leaves, building, and the root and paths of a built tree. */
size_t ehr_merkle_tree_len(size_t count);
void ehr_merkle_tree_build(uint8_t *tree, const uint8_t *leaves, size_t count);
const uint8_t *ehr_merkle_tree_root(const uint8_t *tree, size_t count);
/* Siblings of leaf `index` < count from the leaf upwards, 32 bytes each; returns the depth. */
unsigned ehr_merkle_tree_path(uint8_t *path, const uint8_t *tree, size_t count, size_t index);

/* MERKLE unless leaf != 0^32, depth <= 32, index < 2^depth and the path leads to the root. */
EHR_MUST_CHECK enum ehr_status ehr_merkle_verify(const uint8_t root[32], const uint8_t leaf[32],
                                                 uint64_t index, const uint8_t *path,
                                                 unsigned depth);

#endif /* EHR_LEDGER_MERKLE_H */
