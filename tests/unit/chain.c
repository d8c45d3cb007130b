/* The chain that replicas share: blocks, outcomes, certificates, paths and proofs. */
#include <string.h>

#include "crypto/hash.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/quorum_cert.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

enum { VISITS = 5 };

static struct exchange x;
static struct ehr_chain *chain;
static struct visit visits[VISITS];
static const uint8_t zero[32];

static void open_chain(void)
{
    exchange_open(&x);
    chain = exchange_private_chain(&x, 0);
    for (uint32_t i = 0; i < VISITS; i++)
        visit_make(&x, &visits[i], 0, 0, i);
}

static void close_chain(void)
{
    ehr_chain_free(chain);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static struct ehr_block *build(uint32_t count)
{
    struct ehr_tx *tx[VISITS] = {NULL};
    for (uint32_t i = 0; i < count; i++)
        tx[i] = visit_tx(&visits[i], i);
    struct ehr_block *block =
        ehr_chain_block_build(chain, 1, zero, 5, x.replicas[0][0].cert.id, tx, count);
    for (uint32_t i = 0; i < count; i++)
        ehr_tx_unref(tx[i]);
    return block;
}

static void block_valid_when_built_from_checked_transactions(void)
{
    struct ehr_block_header header;
    open_chain();
    for (uint32_t count = 0; count <= VISITS; count++) {
        struct ehr_block *block = build(count);
        CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_OK);
        CU_ASSERT_EQUAL(ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES),
                        EHR_OK);
        CU_ASSERT_EQUAL(header.count, count);
        CU_ASSERT_EQUAL(header.height, 1);
        CU_ASSERT_EQUAL(header.time_ns, 5);
        CU_ASSERT_EQUAL(memcmp(header.chain_id, x.hospitals[0].committee.chain_id, 32), 0);
        ehr_block_unref(block);
    }
    close_chain();
}

/* A block with one field of the header changed, and its hash computed anew. */
static enum ehr_reply check_with(size_t offset, bool rehash)
{
    struct ehr_block *block = build(3);
    block->header[offset] ^= 1;
    if (rehash)
        ehr_block_hash(block->hash, block->header);
    enum ehr_reply verdict = ehr_chain_block_check(chain, block);
    ehr_block_unref(block);
    return verdict;
}

static void block_refused_when_its_header_is_altered(void)
{
    open_chain();
    for (size_t offset = 0; offset < EHR_BLOCK_HEADER_BYTES; offset += 5)
        CU_ASSERT_NOT_EQUAL(check_with(offset, false), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check_with(0, true), EHR_REPLY_MALFORMED);          /* magic */
    CU_ASSERT_EQUAL(check_with(4, true), EHR_REPLY_MALFORMED);          /* chain id */
    CU_ASSERT_EQUAL(check_with(36, true), EHR_REPLY_MALFORMED);         /* epoch */
    CU_ASSERT_EQUAL(check_with(80, true), EHR_REPLY_WRONG_MERKLE_PATH); /* root */
    CU_ASSERT_EQUAL(check_with(112, true), EHR_REPLY_MALFORMED);        /* count */
    close_chain();
}

static void block_refused_when_a_transaction_is_invalid(void)
{
    open_chain();
    visits[2].ptx[sizeof visits[2].ptx - 1] ^= 1;
    struct ehr_block *block = build(3);
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_BAD_EVIDENCE);
    ehr_block_unref(block);
    close_chain();
}

static void block_refused_when_its_transactions_are_exchanged(void)
{
    open_chain();
    struct ehr_block *block = build(3);
    struct ehr_tx *first = block->tx[0];
    block->tx[0] = block->tx[1];
    block->tx[1] = first;
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_WRONG_MERKLE_PATH);
    ehr_block_unref(block);
    close_chain();
}

static void outcome_shared_when_a_second_replica_commits(void)
{
    open_chain();
    struct ehr_block *block = build(2), *same = build(2), *other = build(3);
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, other), EHR_REPLY_OK);
    const struct ehr_chain_block *entry = ehr_chain_commit(chain, 1, block);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT_EQUAL(chain->height, 1);
    CU_ASSERT_PTR_EQUAL(ehr_chain_commit(chain, 1, same), entry);
    CU_ASSERT_PTR_EQUAL(entry->block, block);
    CU_ASSERT_EQUAL(entry->replies[0], EHR_REPLY_OK);
    CU_ASSERT_PTR_NULL(ehr_chain_commit(chain, 1, other));
    CU_ASSERT_EQUAL(chain->height, 1);
    CU_ASSERT_EQUAL(ehr_chain_block_find(chain, block->hash, 1), 1);
    CU_ASSERT_EQUAL(ehr_chain_block_find(chain, block->hash, 0), 0);
    CU_ASSERT_EQUAL(ehr_chain_block_find(chain, other->hash, 1), 0);
    ehr_block_unref(block);
    ehr_block_unref(same);
    ehr_block_unref(other);
    close_chain();
}

static void transaction_found_at_its_place_when_committed(void)
{
    struct ehr_place place;
    open_chain();
    struct ehr_block *block = build(3);
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_OK);
    ehr_chain_commit(chain, 1, block);
    CU_ASSERT_TRUE(ehr_chain_transaction_find(chain, block->tx[2]->id, 1, &place));
    CU_ASSERT_EQUAL(place.height, 1);
    CU_ASSERT_EQUAL(place.index, 2);
    CU_ASSERT_TRUE(ehr_chain_transaction_done(chain, block->tx[2]->id, 1, &place));
    CU_ASSERT_FALSE(ehr_chain_transaction_find(chain, block->tx[2]->id, 0, &place));
    uint8_t id[32];
    memcpy(id, block->tx[2]->id, 32);
    id[31] ^= 1;
    CU_ASSERT_FALSE(ehr_chain_transaction_find(chain, id, 1, &place));
    ehr_block_unref(block);
    close_chain();
}

static void paths_verify_for_every_leaf_when_counts_differ(void)
{
    for (uint32_t count = 1; count <= VISITS; count++) {
        uint8_t path[EHR_MERKLE_PATH_MAX];
        struct ehr_block_header header;
        open_chain();
        struct ehr_block *block = build(count);
        CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_OK);
        ehr_chain_commit(chain, 1, block);
        CU_ASSERT_EQUAL(ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES),
                        EHR_OK);
        for (uint32_t i = 0; i < count; i++) {
            unsigned depth = ehr_chain_path(chain, 1, i, path);
            CU_ASSERT_EQUAL(depth, ehr_merkle_depth(count));
            CU_ASSERT_EQUAL(ehr_merkle_verify(header.merkle_root, block->tx[i]->id, i, path, depth),
                            EHR_OK);
        }
        ehr_block_unref(block);
        close_chain();
    }
}

static enum ehr_status prove(const struct ehr_block_proof *proof, size_t threshold)
{
    struct ehr_block_header header;
    uint8_t hash[32], root[32];
    const struct ehr_committee *committee = &x.hospitals[0].committee;
    enum ehr_status status =
        ehr_block_proof_verify(proof, committee->chain_id, committee->keys, EXCHANGE_REPLICAS,
                               threshold, &header, hash, root);
    if (status == EHR_OK) {
        CU_ASSERT_EQUAL(memcmp(hash, ehr_chain_block_at(chain, 1)->block->hash, 32), 0);
        CU_ASSERT_EQUAL(memcmp(root, ehr_chain_block_at(chain, 1)->state_root, 32), 0);
        CU_ASSERT_EQUAL(header.count, 2);
    }
    return status;
}

static void proof_verifies_when_certified_by_a_quorum(void)
{
    struct ehr_quorum_cert view;
    open_chain();
    struct ehr_block *block = build(2);
    CU_ASSERT_EQUAL(ehr_chain_block_check(chain, block), EHR_REPLY_OK);
    struct ehr_chain_block *entry = ehr_chain_commit(chain, 1, block);
    exchange_certify(x.replica_secrets[0], chain, 1, 0xd); /* members 0, 2, 3 */
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry->certificate);
    CU_ASSERT_PTR_NULL(entry->signatures);
    CU_ASSERT_EQUAL(ehr_quorum_cert_verify(&view, entry->certificate, entry->certificate_len,
                                           "sig-block", entry->digest,
                                           x.hospitals[0].committee.keys, EXCHANGE_REPLICAS,
                                           EXCHANGE_QUORUM),
                    EHR_OK);
    CU_ASSERT_EQUAL(view.signers, 3);
    CU_ASSERT_FALSE(ehr_quorum_cert_has(&view, 1));
    struct ehr_block_proof proof = ehr_chain_proof(chain, 1);
    CU_ASSERT_EQUAL(prove(&proof, 3), EHR_OK);
    CU_ASSERT_EQUAL(prove(&proof, 4), EHR_THRESH);
    proof.previous_state = entry->state_root;
    CU_ASSERT_EQUAL(prove(&proof, 3), EHR_HASH);
    /* the first set of signers serves all; a late signature changes nothing */
    exchange_certify(x.replica_secrets[0], chain, 1, 0x7);
    CU_ASSERT_EQUAL(ehr_quorum_cert_verify(&view, entry->certificate, entry->certificate_len,
                                           "sig-block", entry->digest,
                                           x.hospitals[0].committee.keys, EXCHANGE_REPLICAS,
                                           EXCHANGE_QUORUM),
                    EHR_OK);
    CU_ASSERT_FALSE(ehr_quorum_cert_has(&view, 1));
    ehr_block_unref(block);
    close_chain();
}

/* 70 blocks of one: the array of blocks grows; more than 64 leaves: roots leave the stack. */
static void chain_grows_when_blocks_are_many(void)
{
    enum { MANY = 70 };
    struct ehr_tx *tx[MANY];
    open_chain();
    for (uint8_t i = 0; i < MANY; i++) {
        struct ehr_tx *one = ehr_tx_new(EHR_TX_RAW, &i, 1, 0, 0, i);
        tx[i] = ehr_tx_ref(one);
        exchange_commit(chain, &one, 1);
    }
    CU_ASSERT_EQUAL(chain->height, MANY);
    for (uint64_t h = 2; h <= MANY; h++) {
        struct ehr_block_header header;
        const struct ehr_chain_block *entry = ehr_chain_block_at(chain, h);
        CU_ASSERT_EQUAL(
            ehr_block_header_parse(&header, entry->block->header, EHR_BLOCK_HEADER_BYTES), EHR_OK);
        CU_ASSERT_EQUAL(
            memcmp(header.previous_hash, ehr_chain_block_at(chain, h - 1)->block->hash, 32), 0);
        CU_ASSERT_EQUAL(
            memcmp(entry->previous_state, ehr_chain_block_at(chain, h - 1)->state_root, 32), 0);
    }
    const struct ehr_chain_block *all = exchange_commit(chain, tx, MANY);
    CU_ASSERT_EQUAL(all->refused_len, 9);
    for (uint32_t i = 0; i < MANY; i++)
        CU_ASSERT_EQUAL(all->replies[i], EHR_REPLY_DUPLICATE);
    close_chain();
}

static const struct ehr_unit_case cases[] = {
    {"block_valid_when_built_from_checked_transactions",
     block_valid_when_built_from_checked_transactions},
    {"block_refused_when_its_header_is_altered", block_refused_when_its_header_is_altered},
    {"block_refused_when_a_transaction_is_invalid", block_refused_when_a_transaction_is_invalid},
    {"block_refused_when_its_transactions_are_exchanged",
     block_refused_when_its_transactions_are_exchanged},
    {"outcome_shared_when_a_second_replica_commits", outcome_shared_when_a_second_replica_commits},
    {"transaction_found_at_its_place_when_committed",
     transaction_found_at_its_place_when_committed},
    {"paths_verify_for_every_leaf_when_counts_differ",
     paths_verify_for_every_leaf_when_counts_differ},
    {"proof_verifies_when_certified_by_a_quorum", proof_verifies_when_certified_by_a_quorum},
    {"chain_grows_when_blocks_are_many", chain_grows_when_blocks_are_many},
};

EHR_UNIT_MAIN("chain", cases)
