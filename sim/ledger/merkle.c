#include "sim/ledger/merkle.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/memo.h"

static const uint8_t zero[32];

static void node(uint8_t out[32], const uint8_t *left, const uint8_t *right)
{
    EHR_HASH32(out, "mnode", EHR_H(left), EHR_H(right));
}

/* ---- root without memory for the levels ---- */

/* Full subtrees of 2^i leaves, one a bit of the number of leaves so far. */
struct peaks {
    uint8_t peak[64][32];
};

static void add_leaf(struct peaks *peaks, size_t index, const uint8_t *leaf)
{
    unsigned level = 0;
    uint8_t carry[32];
    memcpy(carry, leaf, 32);
    for (; (index >> level & 1) != 0; level++)
        node(carry, peaks->peak[level], carry);
    memcpy(peaks->peak[level], carry, 32);
}

void ehr_merkle_root(uint8_t root[32], const uint8_t *leaves, size_t count)
{
    struct peaks peaks;
    memset(root, 0, 32);
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        add_leaf(&peaks, i, leaves + 32 * i);
    /* The rightmost node of each level is either full (a peak) or a `partial` one over the rest of
     * the leaves; a level of an odd number of nodes pads. */
    bool partial = false;
    unsigned depth = ehr_merkle_depth(count);
    for (unsigned level = 0; level < depth; level++) {
        bool full = (count >> level & 1) != 0;
        if (full && partial)
            node(root, peaks.peak[level], root);
        else if (full)
            node(root, peaks.peak[level], zero);
        else if (partial)
            node(root, root, zero);
        partial = partial || full;
    }
    if (!partial)
        memcpy(root, peaks.peak[depth], 32);
}

unsigned ehr_merkle_depth(size_t count)
{
    unsigned depth = 0;
    while (depth < 63 && ((size_t)1 << depth) < count)
        depth++;
    return depth;
}

/* ---- all levels ---- */

/* Nodes of a level with its padding. */
static size_t level_nodes(size_t count)
{
    return count > 1 ? (count + 1) & ~(size_t)1 : count;
}

size_t ehr_merkle_tree_len(size_t count)
{
    size_t nodes = level_nodes(count);
    while (count > 1) {
        count = (count + 1) / 2;
        nodes += level_nodes(count);
    }
    return 32 * nodes;
}

void ehr_merkle_tree_build(uint8_t *tree, const uint8_t *leaves, size_t count)
{
    assert(count >= 1);
    memcpy(tree, leaves, 32 * count);
    while (count > 1) {
        size_t nodes = level_nodes(count);
        uint8_t *above = tree + 32 * nodes;
        if (nodes != count)
            memset(tree + 32 * count, 0, 32);
        count = nodes / 2;
        for (size_t i = 0; i < count; i++)
            node(above + 32 * i, tree + 64 * i, tree + 64 * i + 32);
        tree = above;
    }
}

const uint8_t *ehr_merkle_tree_root(const uint8_t *tree, size_t count)
{
    return tree + ehr_merkle_tree_len(count) - 32;
}

unsigned ehr_merkle_tree_path(uint8_t *path, const uint8_t *tree, size_t count, size_t index)
{
    assert(index < count);
    unsigned depth = 0;
    for (; count > 1; depth++) {
        size_t nodes = level_nodes(count);
        memcpy(path + 32 * depth, tree + 32 * (index ^ 1), 32);
        tree += 32 * nodes;
        count = nodes / 2;
        index /= 2;
    }
    return depth;
}

/* ---- verification ---- */

/* A remembered result costs a hash over the whole path: 0.33 us at depths 3 to 5, where the path
 * itself takes 0.51, 0.68 and 0.84 us; below, looking up is no faster than verifying. What is not
 * there yet costs 0.35 us more (tests/bench/bench_memo.c). From here on it pays at the second
 * look. */
enum { DEPTH_REMEMBERED = 4 };

struct claim {
    const uint8_t *root, *leaf, *path;
    uint64_t index;
    unsigned depth;
};

static enum ehr_status path_compute(const void *context)
{
    const struct claim *claim = context;
    uint8_t at[32];
    memcpy(at, claim->leaf, 32);
    for (unsigned i = 0; i < claim->depth; i++) {
        const uint8_t *sibling = claim->path + 32 * (size_t)i;
        if ((claim->index >> i & 1) != 0)
            node(at, sibling, at);
        else
            node(at, at, sibling);
    }
    return memcmp(at, claim->root, 32) == 0 ? EHR_OK : EHR_MERKLE;
}

enum ehr_status ehr_merkle_verify(const uint8_t root[32], const uint8_t leaf[32], uint64_t index,
                                  const uint8_t *path, unsigned depth)
{
    if (memcmp(leaf, zero, 32) == 0 || depth > EHR_MERKLE_DEPTH_MAX || index >> depth != 0)
        return EHR_MERKLE;
    const struct claim claim = {root, leaf, path, index, depth};
    if (depth < DEPTH_REMEMBERED)
        return path_compute(&claim);
    return EHR_MEMO_VERIFY(EHR_MEMO_MERKLE, path_compute, &claim, EHR_H(root), EHR_H(leaf),
                           EHR_U64(index), EHR_P(path, 32 * (size_t)depth));
}
