#include "sim/ledger/body.h"

#include <assert.h>
#include <string.h>

#include "sim/ledger/pool.h"
#include "sim/ledger/private_tx.h"

static uint64_t alive;

static void tx_identify(struct ehr_tx *tx)
{
    if (tx->type != EHR_TX_RECORD) {
        ehr_alliance_leaf(tx->id, tx->type, tx->bytes, tx->length);
        return;
    }
    struct ehr_ptx parsed;
    struct ehr_ptx_hashes hashes;
    memset(tx->id, 0, sizeof tx->id);
    if (ehr_ptx_parse(&parsed, tx->bytes, tx->length) != EHR_OK)
        return;
    ehr_ptx_hashes(&hashes, &parsed);
    memcpy(tx->id, hashes.leaf, sizeof tx->id);
}

struct ehr_tx *ehr_tx_new(uint8_t type, const uint8_t *bytes, size_t length, uint32_t client,
                          uint32_t client_lane, uint64_t request)
{
    assert(type > 0 && type < EHR_TX_TYPES && length <= UINT32_MAX);
    struct ehr_tx *tx = ehr_pool_take(sizeof *tx + length);
    tx->references = 1;
    tx->type = type;
    tx->verdict = 0;
    tx->record = NULL;
    tx->client = client;
    tx->client_lane = client_lane;
    tx->length = (uint32_t)length;
    tx->request = request;
    if (length > 0)
        memcpy(tx->bytes, bytes, length);
    tx_identify(tx);
    alive++;
    return tx;
}

struct ehr_tx *ehr_tx_ref(struct ehr_tx *tx)
{
    if (tx != NULL)
        tx->references++;
    return tx;
}

void ehr_tx_record_keep(struct ehr_tx *tx, const struct ehr_ptx_verified *record)
{
    assert(tx->record == NULL && record->ptx.bytes == tx->bytes &&
           memcmp(record->leaf, tx->id, sizeof tx->id) == 0);
    tx->record = ehr_pool_take(sizeof *tx->record);
    *tx->record = *record;
}

void ehr_tx_unref(struct ehr_tx *tx)
{
    if (tx == NULL)
        return;
    assert(tx->references > 0);
    if (--tx->references > 0)
        return;
    ehr_pool_give(tx->record, sizeof *tx->record);
    ehr_pool_give(tx, sizeof *tx + tx->length);
    alive--;
}

struct ehr_block *ehr_block_new(const uint8_t header[EHR_BLOCK_HEADER_BYTES],
                                struct ehr_tx *const *tx, uint32_t count)
{
    struct ehr_block *block = ehr_pool_take(sizeof *block + count * sizeof block->tx[0]);
    block->references = 1;
    block->count = count;
    block->length = EHR_BLOCK_HEADER_BYTES + 4;
    memcpy(block->header, header, EHR_BLOCK_HEADER_BYTES);
    ehr_block_hash(block->hash, header);
    for (uint32_t i = 0; i < count; i++) {
        block->tx[i] = ehr_tx_ref(tx[i]);
        block->length += EHR_TX_ENVELOPE_BYTES + (uint64_t)tx[i]->length;
    }
    alive++;
    return block;
}

struct ehr_block *ehr_block_ref(struct ehr_block *block)
{
    if (block != NULL)
        block->references++;
    return block;
}

void ehr_block_unref(struct ehr_block *block)
{
    if (block == NULL)
        return;
    assert(block->references > 0);
    if (--block->references > 0)
        return;
    for (uint32_t i = 0; i < block->count; i++)
        ehr_tx_unref(block->tx[i]);
    ehr_pool_give(block, sizeof *block + block->count * sizeof block->tx[0]);
    alive--;
}

uint64_t ehr_body_alive(void)
{
    return alive;
}
