#include "sim/contract/chain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/contract/internal.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/quorum_cert.h"

struct ehr_chain *ehr_chain_new(uint32_t number, const uint8_t chain_id[32], uint32_t epoch,
                                uint32_t members, struct ehr_contract *take_contract)
{
    struct ehr_chain *chain = ehr_contract_memory(calloc(1, sizeof *chain));
    chain->number = number;
    memcpy(chain->chain_id, chain_id, 32);
    chain->epoch = epoch;
    chain->members = members;
    chain->contract = take_contract;
    return chain;
}

void ehr_chain_free(struct ehr_chain *chain)
{
    if (chain == NULL)
        return;
    for (uint64_t i = 0; i < chain->height; i++) {
        struct ehr_chain_block *entry = &chain->blocks[i];
        ehr_block_unref(entry->block);
        free(entry->replies);
        free(entry->refused);
        free(entry->signatures);
        free(entry->tree);
        free(entry->certificate);
    }
    free(chain->blocks);
    ehr_table_close(&chain->transactions);
    ehr_table_close(&chain->hashes);
    ehr_contract_free(chain->contract);
    free(chain);
}

struct ehr_chain_block *ehr_chain_block_at(const struct ehr_chain *chain, uint64_t height)
{
    assert(height >= 1 && height <= chain->height);
    return &chain->blocks[height - 1];
}

/* Whether a transaction that stands on the chain may be tried again: it came before the anchor it
 * rests on. */
static bool retriable(const struct ehr_chain *chain, const struct ehr_place *place)
{
    const struct ehr_chain_block *entry = &chain->blocks[place->height - 1];
    return entry->replies[place->index] == EHR_REPLY_NO_HEADER;
}

/* Runs the transactions in order; what the contract does not accept is REFUSED. */
static void block_execute(struct ehr_chain *chain, struct ehr_chain_block *entry, uint64_t height)
{
    const struct ehr_block *block = entry->block;
    for (uint32_t i = 0; i < block->count; i++) {
        struct ehr_place place = {height, i};
        enum ehr_reply reply = EHR_REPLY_DUPLICATE;
        struct ehr_place known;
        bool seen = ehr_table_get(&chain->transactions, block->tx[i]->id, height, &known);
        if (!seen || retriable(chain, &known)) {
            reply = ehr_contract_execute(chain->contract, block->tx[i], place);
            ehr_table_move(&chain->transactions, block->tx[i]->id, place);
        }
        entry->replies[i] = (uint8_t)reply;
        if (reply != EHR_REPLY_OK && reply != EHR_REPLY_DUPLICATE)
            entry->refused[i / 8] = (uint8_t)(entry->refused[i / 8] | 1u << i % 8);
    }
}

struct ehr_chain_block *ehr_chain_commit(struct ehr_chain *chain, uint64_t height,
                                         struct ehr_block *block)
{
    assert(height >= 1 && height <= chain->height + 1);
    if (height <= chain->height) {
        struct ehr_chain_block *known = &chain->blocks[height - 1];
        return memcmp(known->block->hash, block->hash, 32) == 0 ? known : NULL;
    }
    if (chain->height == chain->capacity) {
        chain->capacity = chain->capacity < 64 ? 64 : 2 * chain->capacity;
        chain->blocks = ehr_contract_memory(
            realloc(chain->blocks, (size_t)chain->capacity * sizeof *chain->blocks));
    }
    struct ehr_chain_block *entry = &chain->blocks[chain->height++];
    memset(entry, 0, sizeof *entry);
    entry->block = ehr_block_ref(block);
    entry->refused_len = ehr_block_refused_len(block->count);
    entry->refused = ehr_contract_memory(calloc(entry->refused_len + 1, 1));
    entry->replies = ehr_contract_memory(calloc(block->count + 1u, 1));
    if (height > 1)
        memcpy(entry->previous_state, chain->blocks[height - 2].state_root, 32);
    block_execute(chain, entry, height);
    ehr_table_move(&chain->hashes, block->hash, (struct ehr_place){height, 0});
    ehr_state_root(entry->state_root, entry->previous_state, block->hash, entry->refused,
                   entry->refused_len);
    ehr_block_cert_digest(entry->digest, chain->chain_id, chain->epoch, height, block->hash,
                          entry->state_root);
    return entry;
}

bool ehr_chain_transaction_done(const struct ehr_chain *chain, const uint8_t tx_id[32],
                                uint64_t height, struct ehr_place *place)
{
    return ehr_chain_transaction_find(chain, tx_id, height, place) && !retriable(chain, place);
}

bool ehr_chain_transaction_find(const struct ehr_chain *chain, const uint8_t tx_id[32],
                                uint64_t height, struct ehr_place *place)
{
    struct ehr_place at;
    if (!ehr_table_get(&chain->transactions, tx_id, height, &at))
        return false;
    if (memcmp(chain->blocks[at.height - 1].block->tx[at.index]->id, tx_id, 32) != 0)
        return false;
    *place = at;
    return true;
}

uint64_t ehr_chain_block_find(const struct ehr_chain *chain, const uint8_t block_hash[32],
                              uint64_t height)
{
    struct ehr_place at;
    if (!ehr_table_get(&chain->hashes, block_hash, height, &at) ||
        memcmp(chain->blocks[at.height - 1].block->hash, block_hash, 32) != 0)
        return 0;
    return at.height;
}

/* The Merkle root over the ids of the transactions. */
static void root_of(uint8_t root[32], struct ehr_tx *const *tx, uint32_t count)
{
    uint8_t few[64 * 32] = {0};
    uint8_t *leaves = count <= 64 ? few : ehr_contract_memory(malloc((size_t)count * 32));
    for (uint32_t i = 0; i < count; i++)
        memcpy(leaves + (size_t)i * 32, tx[i]->id, 32);
    ehr_merkle_root(root, leaves, count);
    if (leaves != few)
        free(leaves);
}

enum ehr_reply ehr_chain_block_check(const struct ehr_chain *chain, const struct ehr_block *block)
{
    struct ehr_block_header header;
    uint8_t hash[32], root[32];
    if (ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    ehr_block_hash(hash, block->header);
    root_of(root, block->tx, block->count);
    if (memcmp(hash, block->hash, 32) != 0 || header.count != block->count ||
        header.epoch != chain->epoch || memcmp(header.chain_id, chain->chain_id, 32) != 0)
        return EHR_REPLY_MALFORMED;
    if (memcmp(root, header.merkle_root, 32) != 0)
        return EHR_REPLY_WRONG_MERKLE_PATH;
    for (uint32_t i = 0; i < block->count; i++) {
        enum ehr_reply verdict = ehr_contract_check(chain->contract, block->tx[i]);
        if (verdict != EHR_REPLY_OK)
            return verdict;
    }
    return EHR_REPLY_OK;
}

struct ehr_block *ehr_chain_block_build(const struct ehr_chain *chain, uint64_t height,
                                        const uint8_t parent[32], uint64_t time_ns,
                                        const uint8_t proposer[32], struct ehr_tx *const *tx,
                                        uint32_t count)
{
    struct ehr_block_header header = {
        .epoch = chain->epoch, .height = height, .count = count, .time_ns = time_ns};
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES];
    memcpy(header.chain_id, chain->chain_id, 32);
    memcpy(header.previous_hash, parent, 32);
    memcpy(header.proposer, proposer, 32);
    root_of(header.merkle_root, tx, count);
    ehr_block_header_encode(bytes, &header);
    return ehr_block_new(bytes, tx, count);
}

void ehr_chain_signature_add(struct ehr_chain *chain, uint64_t height, uint32_t member,
                             const uint8_t sig[64])
{
    struct ehr_chain_block *entry = ehr_chain_block_at(chain, height);
    assert(member < chain->members);
    if (entry->certificate != NULL)
        return; /* nobody asks for single signatures any more */
    if (entry->signatures == NULL)
        entry->signatures = ehr_contract_memory(calloc(chain->members, 64));
    memcpy(entry->signatures + (size_t)member * 64, sig, 64);
}

void ehr_chain_certificate_make(struct ehr_chain *chain, uint64_t height, const uint8_t *signers,
                                uint32_t count)
{
    struct ehr_chain_block *entry = ehr_chain_block_at(chain, height);
    if (entry->certificate != NULL)
        return;
    struct ehr_quorum_vote *votes = ehr_contract_memory(calloc(count, sizeof *votes));
    uint32_t filled = 0;
    for (uint32_t i = 0; i < chain->members && filled < count; i++) {
        if ((signers[i / 8] >> i % 8 & 1) == 0)
            continue;
        votes[filled].member = i;
        memcpy(votes[filled++].sig, entry->signatures + (size_t)i * 64, 64);
    }
    assert(filled == count);
    entry->certificate_len = EHR_QUORUM_CERT_BYTES(chain->members, count);
    entry->certificate = ehr_contract_memory(malloc(entry->certificate_len));
    enum ehr_status status = ehr_quorum_cert_make(entry->certificate, entry->certificate_len,
                                                  entry->digest, chain->members, votes, count);
    assert(status == EHR_OK);
    free(votes);
    free(entry->signatures);
    entry->signatures = NULL;
}

unsigned ehr_chain_path(struct ehr_chain *chain, uint64_t height, uint32_t index, uint8_t *path)
{
    struct ehr_chain_block *entry = ehr_chain_block_at(chain, height);
    uint32_t count = entry->block->count;
    assert(index < count);
    if (entry->tree == NULL) {
        uint8_t *leaves = ehr_contract_memory(malloc((size_t)count * 32));
        for (uint32_t i = 0; i < count; i++)
            memcpy(leaves + (size_t)i * 32, entry->block->tx[i]->id, 32);
        entry->tree = ehr_contract_memory(malloc(ehr_merkle_tree_len(count)));
        ehr_merkle_tree_build(entry->tree, leaves, count);
        free(leaves);
    }
    return ehr_merkle_tree_path(path, entry->tree, count, index);
}

struct ehr_block_proof ehr_chain_proof(const struct ehr_chain *chain, uint64_t height)
{
    const struct ehr_chain_block *entry = ehr_chain_block_at(chain, height);
    return (struct ehr_block_proof){.header = entry->block->header,
                                    .previous_state = entry->previous_state,
                                    .refused = entry->refused,
                                    .refused_len = entry->refused_len,
                                    .certificate = entry->certificate,
                                    .certificate_len = entry->certificate_len};
}
