/* Bytes of the ledger: Merkle trees, headers, quorum certificates. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/memo.h"
#include "sim/ledger/block.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/quorum_cert.h"
#include "tests/unit/ledger.h"
#include "tests/unit/unit.h"

#define LEAVES_MAX 70

/* ---- Merkle ---- */

/* The specification read literally, level by level. */
static void literal_root(uint8_t root[32], const uint8_t *leaves, size_t count)
{
    uint8_t level[32 * (LEAVES_MAX + 1)];
    memcpy(level, leaves, 32 * count);
    while (count > 1) {
        if (count % 2 != 0)
            memset(level + 32 * count++, 0, 32);
        for (size_t i = 0; i < count / 2; i++) {
            uint8_t node[32];
            EHR_HASH32(node, "mnode", EHR_H(level + 64 * i), EHR_H(level + 64 * i + 32));
            memcpy(level + 32 * i, node, 32);
        }
        count /= 2;
    }
    memcpy(root, level, 32);
}

static void root_is_the_literal_one_when_leaves_are_added(void)
{
    struct ehr_drbg drbg;
    uint8_t leaves[32 * LEAVES_MAX], expected[32], root[32], tree[32 * 4 * LEAVES_MAX];
    start(&drbg);
    ehr_rng_fill(&drbg.rng, leaves, sizeof leaves);
    ehr_merkle_root(root, NULL, 0);
    CU_ASSERT_TRUE(is_zero(root, 32));
    for (size_t count = 1; count <= LEAVES_MAX; count++) {
        literal_root(expected, leaves, count);
        ehr_merkle_root(root, leaves, count);
        CU_ASSERT_EQUAL(memcmp(root, expected, 32), 0);
        CU_ASSERT_TRUE_FATAL(ehr_merkle_tree_len(count) <= sizeof tree);
        ehr_merkle_tree_build(tree, leaves, count);
        CU_ASSERT_EQUAL(memcmp(ehr_merkle_tree_root(tree, count), expected, 32), 0);
    }
    CU_ASSERT_EQUAL(ehr_merkle_depth(1), 0);
    CU_ASSERT_EQUAL(ehr_merkle_depth(2), 1);
    CU_ASSERT_EQUAL(ehr_merkle_depth(5), 3);
    CU_ASSERT_EQUAL(ehr_merkle_depth(1024), 10);
    CU_ASSERT_EQUAL(ehr_merkle_depth(1025), 11);
}

static void path_leads_to_the_root_when_untouched(void)
{
    struct ehr_drbg drbg;
    uint8_t leaves[32 * LEAVES_MAX], root[32], path[EHR_MERKLE_PATH_MAX];
    uint8_t tree[32 * 4 * LEAVES_MAX];
    size_t accepted_altered = 0;
    start(&drbg);
    ehr_rng_fill(&drbg.rng, leaves, sizeof leaves);
    for (size_t count = 1; count <= LEAVES_MAX; count++) {
        ehr_merkle_tree_build(tree, leaves, count);
        memcpy(root, ehr_merkle_tree_root(tree, count), 32);
        for (size_t i = 0; i < count; i++) {
            unsigned depth = ehr_merkle_tree_path(path, tree, count, i);
            uint8_t *leaf = leaves + 32 * i;
            CU_ASSERT_EQUAL(depth, ehr_merkle_depth(count));
            CU_ASSERT_EQUAL(ehr_merkle_verify(root, leaf, i, path, depth), EHR_OK);
            accepted_altered += ehr_merkle_verify(root, leaf, i ^ 1, path, depth) == EHR_OK;
            accepted_altered +=
                ehr_merkle_verify(root, leaf, i + ((uint64_t)1 << depth), path, depth) == EHR_OK;
            for (unsigned level = 0; level < depth; level++) {
                path[32 * level + 7] ^= 1;
                accepted_altered += ehr_merkle_verify(root, leaf, i, path, depth) == EHR_OK;
                path[32 * level + 7] ^= 1;
            }
            leaf[31] ^= 1;
            accepted_altered += ehr_merkle_verify(root, leaf, i, path, depth) == EHR_OK;
            leaf[31] ^= 1;
        }
    }
    CU_ASSERT_EQUAL(accepted_altered, 0);
}

static void proof_refused_when_it_proves_the_padding(void)
{
    struct ehr_drbg drbg;
    uint8_t leaves[96], root[32], path[64], zero[32] = {0}, tree[32 * 8];
    start(&drbg);
    ehr_rng_fill(&drbg.rng, leaves, sizeof leaves);
    ehr_merkle_tree_build(tree, leaves, 3);
    memcpy(root, ehr_merkle_tree_root(tree, 3), 32);
    CU_ASSERT_EQUAL(ehr_merkle_tree_path(path, tree, 3, 2), 2);
    memcpy(path, leaves + 64, 32); /* leaf 3, the padding, has leaf 2 as its sibling */
    CU_ASSERT_EQUAL(ehr_merkle_verify(root, zero, 3, path, 2), EHR_MERKLE);
    /* An inner node with the rest of the path passes: hence the leaf is always recomputed. */
    EHR_HASH32(tree, "mnode", EHR_H(leaves), EHR_H(leaves + 32));
    EHR_HASH32(path, "mnode", EHR_H(leaves + 64), EHR_H(zero));
    CU_ASSERT_EQUAL(ehr_merkle_verify(root, tree, 0, path, 1), EHR_OK);
    CU_ASSERT_EQUAL(ehr_merkle_verify(root, tree, 0, path, 33), EHR_MERKLE);
}

/* Depth 4 is the first that is remembered; what is remembered of one claim serves no other. */
static void paths_verify_alike_with_and_without_memory(void)
{
    struct ehr_drbg drbg;
    uint8_t leaves[32 * 16], tree[32 * 4 * 16], path[EHR_MERKLE_PATH_MAX];
    start(&drbg);
    ehr_rng_fill(&drbg.rng, leaves, sizeof leaves);
    for (size_t count = 8; count <= 16; count += 8)
        for (size_t entries = 0; entries <= 1024; entries += 512) {
            unsigned depth = ehr_merkle_depth(count);
            ehr_memo_close();
            ehr_memo_configure(entries);
            ehr_merkle_tree_build(tree, leaves, count);
            const uint8_t *root = ehr_merkle_tree_root(tree, count);
            for (size_t k = 0; k < 3 * count; k++) {
                size_t i = k % count;
                ehr_merkle_tree_path(path, tree, count, i);
                const uint8_t *leaf = leaves + 32 * i;
                CU_ASSERT_EQUAL(ehr_merkle_verify(root, leaf, i, path, depth), EHR_OK);
                CU_ASSERT_EQUAL(ehr_merkle_verify(root, leaf, i ^ 1, path, depth), EHR_MERKLE);
            }
            struct ehr_memo_counters counters = ehr_memo_counters_get(EHR_MEMO_MERKLE);
            CU_ASSERT_EQUAL(counters.hits, count == 16 && entries > 0 ? 64 : 0);
            CU_ASSERT_EQUAL(counters.misses, count == 8 ? 0 : entries > 0 ? 32 : 96);
        }
    ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
    ehr_memo_close();
}

/* ---- header ---- */

static void header_is_read_back_when_encoded(void)
{
    struct ehr_block_header header = {.epoch = 0x01020304,
                                      .height = 0x1112131415161718,
                                      .count = 0x21222324,
                                      .time_ns = 0x3132333435363738};
    struct ehr_block_header parsed;
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES + 1], again[EHR_BLOCK_HEADER_BYTES];
    memset(header.chain_id, 0xc1, 32);
    memset(header.previous_hash, 0xc2, 32);
    memset(header.merkle_root, 0xc3, 32);
    memset(header.proposer, 0xc4, 32);
    ehr_block_header_encode(bytes, &header);
    /* offsets of crypto.md section g */
    CU_ASSERT_EQUAL(memcmp(bytes, "BLK1", 4), 0);
    CU_ASSERT_EQUAL(bytes[4], 0xc1);
    CU_ASSERT_EQUAL(bytes[36], 0x04);
    CU_ASSERT_EQUAL(bytes[40], 0x18);
    CU_ASSERT_EQUAL(bytes[48], 0xc2);
    CU_ASSERT_EQUAL(bytes[80], 0xc3);
    CU_ASSERT_EQUAL(bytes[112], 0x24);
    CU_ASSERT_EQUAL(bytes[116], 0x38);
    CU_ASSERT_EQUAL(bytes[124], 0xc4);
    CU_ASSERT_EQUAL(ehr_block_header_parse(&parsed, bytes, EHR_BLOCK_HEADER_BYTES), EHR_OK);
    ehr_block_header_encode(again, &parsed);
    CU_ASSERT_EQUAL(memcmp(bytes, again, sizeof again), 0);
    CU_ASSERT_EQUAL(ehr_block_header_parse(&parsed, bytes, EHR_BLOCK_HEADER_BYTES + 1), EHR_LEN);
    CU_ASSERT_EQUAL(ehr_block_header_parse(&parsed, bytes, EHR_BLOCK_HEADER_BYTES - 1), EHR_LEN);
    CU_ASSERT_TRUE(is_zero(&parsed, sizeof parsed));
    bytes[3] = '2';
    CU_ASSERT_EQUAL(ehr_block_header_parse(&parsed, bytes, EHR_BLOCK_HEADER_BYTES), EHR_LEN);
    CU_ASSERT_EQUAL(ehr_block_refused_len(0), 0);
    CU_ASSERT_EQUAL(ehr_block_refused_len(8), 1);
    CU_ASSERT_EQUAL(ehr_block_refused_len(9), 2);
}

/* ---- quorum certificates ---- */

struct committee {
    struct ehr_sign_key keys[10];
    uint8_t public[320], digest[32];
    struct ehr_quorum_vote votes[10];
};

static void committee_vote(struct committee *c)
{
    struct ehr_drbg drbg;
    start(&drbg);
    ehr_rng_fill(&drbg.rng, c->digest, 32);
    for (size_t i = 0; i < 10; i++) {
        uint8_t seed[32];
        ehr_rng_fill(&drbg.rng, seed, 32);
        ehr_sign_key_init(&c->keys[i], seed);
        memcpy(c->public + 32 * i, c->keys[i].public, 32);
        c->votes[i].member = 9 - i;
    }
    for (size_t i = 0; i < 10; i++)
        ehr_block_cert_sign(c->votes[i].sig, c->digest, &c->keys[9 - i]);
}

static void certificate_counts_when_a_quorum_signed(void)
{
    struct committee c;
    struct ehr_quorum_cert view;
    uint8_t cert[EHR_QUORUM_CERT_BYTES(10, 7)];
    committee_vote(&c);
    CU_ASSERT_EQUAL(sizeof cert, 38 + 2 + 64 * 7);
    CU_ASSERT_EQUAL(ehr_quorum_cert_make(cert, sizeof cert, c.digest, 10, c.votes, 7), EHR_OK);
    CU_ASSERT_EQUAL(cert[38], 0xf8); /* members 3 .. 9 */
    CU_ASSERT_EQUAL(cert[39], 0x03);
    CU_ASSERT_EQUAL(
        ehr_quorum_cert_verify(&view, cert, sizeof cert, "sig-block", c.digest, c.public, 10, 7),
        EHR_OK);
    CU_ASSERT_EQUAL(view.signers, 7);
    CU_ASSERT_FALSE(ehr_quorum_cert_has(&view, 2));
    CU_ASSERT_TRUE(ehr_quorum_cert_has(&view, 3));
    CU_ASSERT_FALSE(ehr_quorum_cert_has(&view, 10));
    CU_ASSERT_EQUAL(
        ehr_quorum_cert_verify(&view, cert, sizeof cert, "sig-block", c.digest, c.public, 10, 8),
        EHR_THRESH);
    CU_ASSERT_TRUE(is_zero(&view, sizeof view));
    size_t accepted = 0;
    for (size_t i = 0; i < sizeof cert; i++) {
        cert[i] ^= 2;
        accepted += ehr_quorum_cert_verify(&view, cert, sizeof cert, "sig-block", c.digest,
                                           c.public, 10, 7) == EHR_OK;
        cert[i] ^= 2;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void certificate_not_made_when_a_vote_is_repeated_or_foreign(void)
{
    struct committee c;
    uint8_t cert[EHR_QUORUM_CERT_BYTES(10, 3)];
    committee_vote(&c);
    c.votes[2].member = 9;
    CU_ASSERT_EQUAL(ehr_quorum_cert_make(cert, sizeof cert, c.digest, 10, c.votes, 3), EHR_DUP);
    CU_ASSERT_TRUE(is_zero(cert, sizeof cert));
    c.votes[2].member = 10;
    CU_ASSERT_EQUAL(ehr_quorum_cert_make(cert, sizeof cert, c.digest, 10, c.votes, 3), EHR_LEN);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct ehr_unit_case cases[] = {
    CASE(root_is_the_literal_one_when_leaves_are_added),
    CASE(path_leads_to_the_root_when_untouched),
    CASE(proof_refused_when_it_proves_the_padding),
    CASE(paths_verify_alike_with_and_without_memory),
    CASE(header_is_read_back_when_encoded),
    CASE(certificate_counts_when_a_quorum_signed),
    CASE(certificate_not_made_when_a_vote_is_repeated_or_foreign),
};

EHR_UNIT_MAIN("ledger bytes", cases)
