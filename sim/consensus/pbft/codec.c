/* Bodies of VIEW_CHANGE and NEW_VIEW: little-endian, one encoding per value, nothing left over.
 *
 * VIEW_CHANGE: stable u64, state 32, proof; entries u32, each height u64, view u64, block 32, fresh
 * u8, proof. Heights ascend from `stable`. A proof is signers u16, each replica u16, signature 64,
 * ascending; it is empty where votes carry no signatures and never names the sender, whose
 * signature on the whole body speaks for it. NEW_VIEW: view changes u16, each sender u16, length
 * u32, body, signature 64 (absent for the primary's own and without signatures), ascending by
 * sender; blocks u32, each 32. */
#include "sim/consensus/pbft/pbft.h"

#include <assert.h>

enum {
    PROOF_HEAD = 2,
    CHANGE_HEAD = 8 + 32 + PROOF_HEAD + 4, /* without the signers */
    ENTRY_HEAD = 8 + 8 + 32 + 1 + PROOF_HEAD,
    NESTED_HEAD = 2 + 4,
};

uint16_t ehr_pbft_signer_at(const uint8_t *proof, uint32_t index)
{
    assert(proof != NULL);
    const uint8_t *at = proof + (size_t)index * EHR_PBFT_SIGNER_BYTES;
    return (uint16_t)(at[0] | at[1] << 8);
}

const uint8_t *ehr_pbft_signature_at(const uint8_t *proof, uint32_t index)
{
    return proof + (size_t)index * EHR_PBFT_SIGNER_BYTES + 2;
}

static const uint8_t *read_bytes(struct ehr_pbft_cursor *cursor, size_t length)
{
    if (cursor->failed || (size_t)(cursor->end - cursor->at) < length) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *at = cursor->at;
    cursor->at += length;
    return at;
}

static uint64_t read_number(struct ehr_pbft_cursor *cursor, size_t length)
{
    const uint8_t *at = read_bytes(cursor, length);
    uint64_t value = 0;
    for (size_t i = length; at != NULL && i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static void read_digest(struct ehr_pbft_cursor *cursor, struct ehr_digest *digest)
{
    const uint8_t *at = read_bytes(cursor, sizeof(digest->bytes));
    if (at != NULL)
        memcpy(digest->bytes, at, sizeof(digest->bytes));
}

static void read_proof(const struct ehr_engine *e, struct ehr_pbft_cursor *cursor,
                       struct ehr_pbft_proof_view *proof)
{
    proof->count = (uint32_t)read_number(cursor, 2);
    proof->entries = read_bytes(cursor, (size_t)proof->count * EHR_PBFT_SIGNER_BYTES);
    if (cursor->failed)
        return;
    if (!e->config.signatures && proof->count != 0)
        cursor->failed = true;
    for (uint32_t i = 0; i < proof->count; i++) {
        uint16_t signer = ehr_pbft_signer_at(proof->entries, i);
        if (signer >= e->config.replicas ||
            (i > 0 && signer <= ehr_pbft_signer_at(proof->entries, i - 1)))
            cursor->failed = true;
    }
}

void ehr_pbft_entry_next(struct ehr_pbft_cursor *cursor, struct ehr_pbft_entry *entry)
{
    /* The body was decoded as a whole before, so that nothing can fail here. */
    entry->height = read_number(cursor, 8);
    entry->view = read_number(cursor, 8);
    read_digest(cursor, &entry->block);
    entry->fresh = read_number(cursor, 1) == 1;
    entry->proof.count = (uint32_t)read_number(cursor, 2);
    entry->proof.entries = read_bytes(cursor, (size_t)entry->proof.count * EHR_PBFT_SIGNER_BYTES);
}

bool ehr_pbft_change_decode(const struct ehr_engine *e, const uint8_t *body, uint32_t length,
                            struct ehr_pbft_change_view *view)
{
    struct ehr_pbft_cursor cursor = {.at = body, .end = body + length};
    view->stable = read_number(&cursor, 8);
    read_digest(&cursor, &view->state);
    read_proof(e, &cursor, &view->proof);
    view->entry_count = (uint32_t)read_number(&cursor, 4);
    view->entries = cursor;
    if (view->entry_count > e->mask + 1)
        return false;
    uint64_t least = view->stable;
    for (uint32_t i = 0; i < view->entry_count && !cursor.failed; i++) {
        struct ehr_digest block;
        uint64_t height = read_number(&cursor, 8);
        read_number(&cursor, 8);
        read_digest(&cursor, &block);
        uint64_t fresh = read_number(&cursor, 1);
        struct ehr_pbft_proof_view proof;
        read_proof(e, &cursor, &proof);
        if (height < least || height - view->stable > e->span || height == 0 || fresh > 1 ||
            (fresh == 1 && proof.count == 0))
            return false;
        least = height + 1;
    }
    return !cursor.failed && cursor.at == cursor.end && view->stable <= UINT64_MAX / 2;
}

void ehr_pbft_nested_next(const struct ehr_engine *e, uint16_t primary,
                          struct ehr_pbft_cursor *cursor, struct ehr_pbft_nested_view *nested)
{
    nested->sender = (uint16_t)read_number(cursor, 2);
    nested->length = (uint32_t)read_number(cursor, 4);
    nested->body = read_bytes(cursor, nested->length);
    bool is_signed = e->config.signatures && nested->sender != primary;
    nested->signature = is_signed ? read_bytes(cursor, EHR_PBFT_SIGNATURE_BYTES) : NULL;
}

bool ehr_pbft_new_view_decode(const struct ehr_engine *e, uint16_t primary, const uint8_t *body,
                              uint32_t length, struct ehr_pbft_new_view_view *view)
{
    struct ehr_pbft_cursor cursor = {.at = body, .end = body + length};
    view->nested_count = (uint32_t)read_number(&cursor, 2);
    view->nested = cursor;
    if (cursor.failed || view->nested_count != e->quorum)
        return false;
    uint32_t least = 0;
    for (uint32_t i = 0; i < view->nested_count; i++) {
        struct ehr_pbft_nested_view nested;
        ehr_pbft_nested_next(e, primary, &cursor, &nested);
        if (cursor.failed || nested.sender < least || nested.sender >= e->config.replicas)
            return false;
        least = nested.sender + 1U;
    }
    view->block_count = (uint32_t)read_number(&cursor, 4);
    if (view->block_count > e->mask + 1)
        return false;
    view->blocks = read_bytes(&cursor, (size_t)view->block_count * 32);
    return !cursor.failed && cursor.at == cursor.end;
}

static uint8_t *write_number(uint8_t *at, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

static uint8_t *write_bytes(uint8_t *at, const uint8_t *bytes, size_t length)
{
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}

/* Writes a proof without this replica's own entry; `proof` ascends. */
static uint8_t *write_proof(const struct ehr_engine *e, uint8_t *at, const uint8_t *proof,
                            uint32_t count)
{
    uint8_t *head = at;
    uint32_t written = 0;
    at += PROOF_HEAD;
    for (uint32_t i = 0; i < count; i++) {
        if (ehr_pbft_signer_at(proof, i) == e->config.self)
            continue;
        at = write_bytes(at, proof + (size_t)i * EHR_PBFT_SIGNER_BYTES, EHR_PBFT_SIGNER_BYTES);
        written++;
    }
    write_number(head, written, PROOF_HEAD);
    return at;
}

/* Entry i of P from the bottom, or NULL. */
static const struct ehr_pbft_prepared *prepared_at(const struct ehr_engine *e, uint64_t height)
{
    const struct ehr_pbft_prepared *prepared = &e->prepared[height & e->mask];
    return height > 0 && prepared->height == height ? prepared : NULL;
}

uint8_t *ehr_pbft_change_encode(struct ehr_engine *e, uint32_t *length)
{
    struct ehr_pbft_certificate *stable = &e->stable_certificate;
    size_t bytes = CHANGE_HEAD + (size_t)stable->proof_count * EHR_PBFT_SIGNER_BYTES;
    uint32_t count = 0;
    for (uint64_t h = e->stable; h - e->stable <= e->span; h++) {
        const struct ehr_pbft_prepared *prepared = prepared_at(e, h);
        if (prepared == NULL)
            continue;
        count++;
        bytes += ENTRY_HEAD + (size_t)prepared->proof_count * EHR_PBFT_SIGNER_BYTES;
    }
    uint8_t *body = e->memory.resize(e->memory.context, NULL, bytes);
    uint8_t *at = write_number(body, e->stable, 8);
    at = write_bytes(at, stable->state.bytes, 32);
    if (stable->proof_count > 0)
        ehr_pbft_proof_sort(stable->proof + EHR_PBFT_FLAG_BYTES, stable->proof_count);
    at = write_proof(e, at, stable->proof != NULL ? stable->proof + EHR_PBFT_FLAG_BYTES : NULL,
                     stable->proof_count);
    at = write_number(at, count, 4);
    for (uint64_t h = e->stable; h - e->stable <= e->span; h++) {
        const struct ehr_pbft_prepared *prepared = prepared_at(e, h);
        if (prepared == NULL)
            continue;
        at = write_number(at, prepared->height, 8);
        at = write_number(at, prepared->view, 8);
        at = write_bytes(at, prepared->block.bytes, 32);
        at = write_number(at, prepared->fresh, 1);
        at = write_proof(e, at, prepared->proof, prepared->proof_count);
    }
    assert((size_t)(at - body) <= bytes);
    *length = (uint32_t)(at - body);
    return body;
}

uint8_t *ehr_pbft_new_view_encode(struct ehr_engine *e, const bool *chosen,
                                  const struct ehr_digest *blocks, uint32_t block_count,
                                  uint32_t *length)
{
    size_t bytes = 2 + 4 + (size_t)block_count * 32;
    uint32_t count = 0;
    for (uint16_t i = 0; i < e->config.replicas; i++) {
        if (!chosen[i])
            continue;
        count++;
        bytes += NESTED_HEAD + (size_t)e->departures[i].length + EHR_PBFT_SIGNATURE_BYTES;
    }
    uint8_t *body = e->memory.resize(e->memory.context, NULL, bytes);
    uint8_t *at = write_number(body, count, 2);
    for (uint16_t i = 0; i < e->config.replicas; i++) {
        const struct ehr_pbft_departure *departure = &e->departures[i];
        if (!chosen[i])
            continue;
        at = write_number(at, i, 2);
        at = write_number(at, departure->length, 4);
        at = write_bytes(at, departure->body, departure->length);
        if (e->config.signatures && i != e->config.self)
            at = write_bytes(at, departure->signature, EHR_PBFT_SIGNATURE_BYTES);
    }
    at = write_number(at, block_count, 4);
    for (uint32_t i = 0; i < block_count; i++)
        at = write_bytes(at, blocks[i].bytes, 32);
    assert((size_t)(at - body) <= bytes);
    *length = (uint32_t)(at - body);
    return body;
}
