/* Encodings inside messages and transactions. Every writer is checked to fill its blob exactly and
 * every reader to consume its bytes exactly, so that a value has one encoding. */
#include "sim/ledger/wire.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"

enum { ENTRY_FIXED_BYTES = 136, PROOF_FIXED_BYTES = 194, HIT_FIXED_BYTES = 7 };
enum { ANCHOR_FIXED_BYTES = 100, GRANT_TX_FIXED_BYTES = 40, REVOKE_TX_BYTES = 108 };

static struct ehr_blob *blob_of(size_t length, struct ehr_writer *writer)
{
    struct ehr_blob *blob = ehr_blob_new(NULL, length);
    *writer = ehr_writer_init(blob->bytes, length);
    return blob;
}

/* ---- private entry ---- */

struct ehr_blob *ehr_entry_encode(const struct ehr_ptx *ptx)
{
    struct ehr_writer writer;
    struct ehr_blob *blob = blob_of(ENTRY_FIXED_BYTES + ptx->token_len, &writer);
    ehr_writer_bytes(&writer, ptx->terms.doctor_id, 32);
    ehr_writer_bytes(&writer, ptx->terms.ct_hash, 32);
    ehr_writer_u64(&writer, ptx->terms.ct_len);
    ehr_writer_bytes(&writer, ptx->doctor_sig, 64);
    ehr_writer_bytes(&writer, ptx->token, ptx->token_len);
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_entry_parse(struct ehr_entry *entry, const uint8_t *bytes, size_t length)
{
    memset(entry, 0, sizeof(*entry));
    if (length != ENTRY_FIXED_BYTES + EHR_PTX_TOKEN_BYTES &&
        length != ENTRY_FIXED_BYTES + EHR_PTX_EMERGENCY_BYTES)
        return EHR_LEN;
    *entry = (struct ehr_entry){
        .doctor_id = bytes,
        .ct_hash = bytes + 32,
        .ct_len = ehr_le64_get(bytes + 64),
        .doctor_sig = bytes + 72,
        .token = bytes + ENTRY_FIXED_BYTES,
        .token_len = length - ENTRY_FIXED_BYTES,
    };
    return EHR_OK;
}

bool ehr_entry_matches(const struct ehr_entry *entry, const uint8_t priv[32])
{
    uint8_t own[32];
    ehr_ptx_priv(own, entry->doctor_id, entry->ct_hash, entry->ct_len, entry->doctor_sig,
                 entry->token, entry->token_len);
    return ehr_equal(own, priv, 32) == 1;
}

/* ---- block proof ---- */

size_t ehr_block_proof_len(const struct ehr_block_proof *proof)
{
    return PROOF_FIXED_BYTES + proof->refused_len + proof->certificate_len;
}

static void proof_write(struct ehr_writer *writer, const struct ehr_block_proof *proof)
{
    assert(proof->refused_len <= UINT16_MAX && proof->certificate_len <= UINT32_MAX);
    ehr_writer_bytes(writer, proof->header, EHR_BLOCK_HEADER_BYTES);
    ehr_writer_bytes(writer, proof->previous_state, 32);
    ehr_writer_u16(writer, (uint16_t)proof->refused_len);
    ehr_writer_bytes(writer, proof->refused, proof->refused_len);
    ehr_writer_u32(writer, (uint32_t)proof->certificate_len);
    ehr_writer_bytes(writer, proof->certificate, proof->certificate_len);
}

static void proof_read(struct ehr_reader *reader, struct ehr_block_proof *proof)
{
    proof->header = ehr_reader_take(reader, EHR_BLOCK_HEADER_BYTES);
    proof->previous_state = ehr_reader_take(reader, 32);
    proof->refused_len = ehr_reader_u16(reader);
    proof->refused = ehr_reader_take(reader, proof->refused_len);
    proof->certificate_len = ehr_reader_u32(reader);
    proof->certificate = ehr_reader_take(reader, proof->certificate_len);
}

/* Bits behind the last transaction must be zero: one encoding per outcome. */
static bool refused_is_canonical(const struct ehr_block_proof *proof, uint32_t count)
{
    if (proof->refused_len != ehr_block_refused_len(count))
        return false;
    return count % 8 == 0 || proof->refused[proof->refused_len - 1] >> (count % 8) == 0;
}

static enum ehr_status proof_check(struct ehr_block_proof_verified *out,
                                   const struct ehr_block_proof *proof, const uint8_t *chain_id,
                                   const uint8_t *keys, size_t members, size_t threshold)
{
    struct ehr_block_header *header = &out->header;
    uint8_t digest[32];
    EHR_TRY(ehr_block_header_parse(header, proof->header, EHR_BLOCK_HEADER_BYTES));
    if (memcmp(header->chain_id, chain_id, 32) != 0)
        return EHR_POLICY;
    if (!refused_is_canonical(proof, header->count))
        return EHR_LEN;
    out->refused = proof->refused;
    out->refused_len = proof->refused_len;
    ehr_block_hash(out->block_hash, proof->header);
    ehr_state_root(out->state_root, proof->previous_state, out->block_hash, proof->refused,
                   proof->refused_len);
    ehr_block_cert_digest(digest, chain_id, header->epoch, header->height, out->block_hash,
                          out->state_root);
    return ehr_quorum_cert_check(&out->certificate, proof->certificate, proof->certificate_len,
                                 "sig-block", digest, keys, members, threshold);
}

enum ehr_status ehr_block_proof_check(struct ehr_block_proof_verified *out,
                                      const struct ehr_block_proof *proof,
                                      const uint8_t chain_id[32], const uint8_t *keys,
                                      size_t members, size_t threshold)
{
    enum ehr_status status = proof_check(out, proof, chain_id, keys, members, threshold);
    if (status != EHR_OK)
        memset(out, 0, sizeof *out);
    return status;
}

enum ehr_status ehr_block_proof_verify(const struct ehr_block_proof *proof,
                                       const uint8_t chain_id[32], const uint8_t *keys,
                                       size_t members, size_t threshold,
                                       struct ehr_block_header *header, uint8_t block_hash[32],
                                       uint8_t state_root[32])
{
    struct ehr_block_proof_verified verified;
    EHR_TRY(ehr_block_proof_check(&verified, proof, chain_id, keys, members, threshold));
    if (header != NULL)
        *header = verified.header;
    if (block_hash != NULL)
        memcpy(block_hash, verified.block_hash, 32);
    if (state_root != NULL)
        memcpy(state_root, verified.state_root, 32);
    return EHR_OK;
}

bool ehr_block_proof_refused(const struct ehr_block_proof *proof, uint32_t index)
{
    return index / 8 < proof->refused_len && (proof->refused[index / 8] >> (index % 8) & 1) == 1;
}

/* ---- search hits ---- */

size_t ehr_hit_len(const struct ehr_hit *hit)
{
    return HIT_FIXED_BYTES + hit->atx_len + 32 * (size_t)hit->depth +
           ehr_block_proof_len(&hit->proof);
}

struct ehr_blob *ehr_hits_encode(const struct ehr_hit *hits, size_t count)
{
    assert(count <= UINT16_MAX);
    size_t length = 2;
    for (size_t i = 0; i < count; i++)
        length += ehr_hit_len(&hits[i]);
    struct ehr_writer writer;
    struct ehr_blob *blob = blob_of(length, &writer);
    ehr_writer_u16(&writer, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        assert(hits[i].atx_len <= UINT16_MAX && hits[i].depth <= EHR_MERKLE_DEPTH_MAX);
        ehr_writer_u16(&writer, (uint16_t)hits[i].atx_len);
        ehr_writer_bytes(&writer, hits[i].atx, hits[i].atx_len);
        ehr_writer_u32(&writer, hits[i].leaf_index);
        ehr_writer_u8(&writer, (uint8_t)hits[i].depth);
        ehr_writer_bytes(&writer, hits[i].path, 32 * (size_t)hits[i].depth);
        proof_write(&writer, &hits[i].proof);
    }
    assert(ehr_writer_full(&writer));
    return blob;
}

bool ehr_hits_next(const struct ehr_blob *hits, size_t *offset, size_t *left, struct ehr_hit *hit,
                   bool *malformed)
{
    memset(hit, 0, sizeof(*hit));
    struct ehr_reader reader =
        ehr_reader_init(hits != NULL ? hits->bytes : NULL, hits != NULL ? hits->length : 0);
    reader.offset = *offset;
    if (*offset == 0)
        *left = ehr_reader_u16(&reader);
    if (*left == 0) {
        *malformed = !ehr_reader_end(&reader);
        return false;
    }
    hit->atx_len = ehr_reader_u16(&reader);
    hit->atx = ehr_reader_take(&reader, hit->atx_len);
    hit->leaf_index = ehr_reader_u32(&reader);
    hit->depth = ehr_reader_u8(&reader);
    ehr_reader_require(&reader, hit->depth <= EHR_MERKLE_DEPTH_MAX);
    hit->path = ehr_reader_take(&reader, 32 * (size_t)hit->depth);
    proof_read(&reader, &hit->proof);
    *malformed = reader.failed;
    if (reader.failed) {
        memset(hit, 0, sizeof(*hit));
        return false;
    }
    *offset = reader.offset;
    *left -= 1;
    return true;
}

/* ---- ANCHOR ---- */

static void anchor_digest(uint8_t digest[32], const uint8_t *bytes, size_t length)
{
    EHR_HASH32(digest, "anchor", EHR_P(bytes, length - 64));
}

struct ehr_blob *ehr_anchor_make(const uint8_t hid[32], const struct ehr_block_proof *proof,
                                 const struct ehr_sign_key *hospital)
{
    struct ehr_writer writer;
    struct ehr_blob *blob = blob_of(ANCHOR_FIXED_BYTES + ehr_block_proof_len(proof), &writer);
    ehr_writer_magic(&writer, "ANC1");
    ehr_writer_bytes(&writer, hid, 32);
    proof_write(&writer, proof);
    uint8_t *sig = ehr_writer_reserve(&writer, 64);
    assert(sig != NULL && ehr_writer_full(&writer));
    uint8_t digest[32];
    anchor_digest(digest, blob->bytes, blob->length);
    ehr_sign_make(sig, hospital, "sig-anchor", digest);
    return blob;
}

enum ehr_status ehr_anchor_parse(struct ehr_anchor *anchor, const uint8_t *bytes, size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    struct ehr_anchor parsed = {.bytes = bytes, .len = length};
    ehr_reader_magic(&reader, "ANC1");
    parsed.hid = ehr_reader_take(&reader, 32);
    proof_read(&reader, &parsed.proof);
    parsed.sig = ehr_reader_take(&reader, 64);
    bool whole = ehr_reader_end(&reader);
    *anchor = whole ? parsed : (struct ehr_anchor){0};
    return whole ? EHR_OK : EHR_LEN;
}

enum ehr_status ehr_anchor_verify_signature(const struct ehr_anchor *anchor,
                                            const uint8_t hospital_pk[32])
{
    uint8_t digest[32];
    anchor_digest(digest, anchor->bytes, anchor->len);
    return ehr_sign_verify(hospital_pk, "sig-anchor", digest, anchor->sig);
}

/* ---- GRANT and REVOKE ---- */

struct ehr_blob *ehr_grant_tx_make(const struct ehr_grant_tx *terms)
{
    assert(terms->scope_len <= UINT32_MAX);
    struct ehr_writer writer;
    struct ehr_blob *blob =
        blob_of(GRANT_TX_FIXED_BYTES + terms->scope_len + terms->grant_len, &writer);
    ehr_writer_magic(&writer, "GTX1");
    ehr_writer_bytes(&writer, terms->txid, 32);
    ehr_writer_u32(&writer, (uint32_t)terms->scope_len);
    ehr_writer_bytes(&writer, terms->scope, terms->scope_len);
    ehr_writer_bytes(&writer, terms->grant, terms->grant_len);
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_grant_tx_parse(struct ehr_grant_tx *tx, const uint8_t *bytes, size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    struct ehr_grant_tx parsed = {0};
    ehr_reader_magic(&reader, "GTX1");
    parsed.txid = ehr_reader_take(&reader, 32);
    parsed.scope_len = ehr_reader_u32(&reader);
    parsed.scope = ehr_reader_take(&reader, parsed.scope_len);
    parsed.grant_len = ehr_reader_left(&reader);
    parsed.grant = ehr_reader_take(&reader, parsed.grant_len);
    bool whole = ehr_reader_end(&reader);
    *tx = whole ? parsed : (struct ehr_grant_tx){0};
    return whole ? EHR_OK : EHR_LEN;
}

struct ehr_blob *ehr_revoke_tx_make(const uint8_t grant_id[32], uint64_t height,
                                    const uint8_t sig[64])
{
    struct ehr_writer writer;
    struct ehr_blob *blob = blob_of(REVOKE_TX_BYTES, &writer);
    ehr_writer_magic(&writer, "RVK1");
    ehr_writer_bytes(&writer, grant_id, 32);
    ehr_writer_u64(&writer, height);
    ehr_writer_bytes(&writer, sig, 64);
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_revoke_tx_parse(struct ehr_revoke_tx *tx, const uint8_t *bytes, size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    struct ehr_revoke_tx parsed = {0};
    ehr_reader_magic(&reader, "RVK1");
    parsed.grant_id = ehr_reader_take(&reader, 32);
    parsed.height = ehr_reader_u64(&reader);
    parsed.sig = ehr_reader_take(&reader, 64);
    bool whole = ehr_reader_end(&reader);
    *tx = whole ? parsed : (struct ehr_revoke_tx){0};
    return whole ? EHR_OK : EHR_LEN;
}

/* ---- digests under signatures of messages ---- */

void ehr_ack_digest(uint8_t digest[32], uint64_t request, const uint8_t hid[32],
                    const uint8_t ct_hash[32])
{
    EHR_HASH32(digest, "ack", EHR_U64(request), EHR_H(hid), EHR_H(ct_hash));
}

void ehr_refuse_digest(uint8_t digest[32], const uint8_t tx_id[32], uint8_t status, uint64_t height)
{
    EHR_HASH32(digest, "refuse", EHR_H(tx_id), EHR_U8(status), EHR_U64(height));
}

void ehr_answer_digest(uint8_t digest[32], const uint8_t query_id[32], uint8_t status,
                       uint64_t height, const struct ehr_blob *hits)
{
    EHR_HASH32(digest, "answer", EHR_H(query_id), EHR_U8(status), EHR_U64(height),
               EHR_P(hits != NULL ? hits->bytes : NULL, hits != NULL ? hits->length : 0));
}

void ehr_access_digest(uint8_t digest[32], const uint8_t grant_id[32], uint8_t share, uint8_t whole,
                       uint64_t request, const uint8_t proxy_id[32])
{
    EHR_HASH32(digest, "access", EHR_H(grant_id), EHR_U8(share), EHR_U8(whole), EHR_U64(request),
               EHR_H(proxy_id));
}
