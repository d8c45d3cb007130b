#include "sim/ledger/block.h"

#include <assert.h>

#include "crypto/codec.h"
#include "crypto/hash.h"

void ehr_block_header_encode(uint8_t bytes[EHR_BLOCK_HEADER_BYTES],
                             const struct ehr_block_header *header)
{
    struct ehr_writer writer = ehr_writer_init(bytes, EHR_BLOCK_HEADER_BYTES);
    ehr_writer_magic(&writer, "BLK1");
    ehr_writer_bytes(&writer, header->chain_id, 32);
    ehr_writer_u32(&writer, header->epoch);
    ehr_writer_u64(&writer, header->height);
    ehr_writer_bytes(&writer, header->previous_hash, 32);
    ehr_writer_bytes(&writer, header->merkle_root, 32);
    ehr_writer_u32(&writer, header->count);
    ehr_writer_u64(&writer, header->time_ns);
    ehr_writer_bytes(&writer, header->proposer, 32);
    assert(ehr_writer_full(&writer));
}

enum ehr_status ehr_block_header_parse(struct ehr_block_header *header, const uint8_t *bytes,
                                       size_t len)
{
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    ehr_reader_magic(&reader, "BLK1");
    ehr_reader_bytes(&reader, header->chain_id, 32);
    header->epoch = ehr_reader_u32(&reader);
    header->height = ehr_reader_u64(&reader);
    ehr_reader_bytes(&reader, header->previous_hash, 32);
    ehr_reader_bytes(&reader, header->merkle_root, 32);
    header->count = ehr_reader_u32(&reader);
    header->time_ns = ehr_reader_u64(&reader);
    ehr_reader_bytes(&reader, header->proposer, 32);
    if (ehr_reader_end(&reader))
        return EHR_OK;
    *header = (struct ehr_block_header){.epoch = 0};
    return EHR_LEN;
}

void ehr_block_hash(uint8_t block_hash[32], const uint8_t header[EHR_BLOCK_HEADER_BYTES])
{
    EHR_HASH32(block_hash, "block", EHR_P(header, EHR_BLOCK_HEADER_BYTES));
}

void ehr_chain_id(uint8_t chain_id[32], const uint8_t cert_id[32])
{
    EHR_HASH32(chain_id, "chain", EHR_H(cert_id));
}

void ehr_alliance_leaf(uint8_t leaf[32], uint8_t type, const uint8_t *transaction, size_t len)
{
    EHR_HASH32(leaf, "atx-leaf", EHR_U8(type), EHR_P(transaction, len));
}

size_t ehr_block_refused_len(uint32_t count)
{
    return ((size_t)count + 7) / 8;
}

void ehr_state_root(uint8_t root[32], const uint8_t previous[32], const uint8_t block_hash[32],
                    const uint8_t *refused, size_t refused_len)
{
    EHR_HASH32(root, "state", EHR_H(previous), EHR_H(block_hash), EHR_P(refused, refused_len));
}

void ehr_block_cert_digest(uint8_t digest[32], const uint8_t chain_id[32], uint32_t epoch,
                           uint64_t height, const uint8_t block_hash[32],
                           const uint8_t state_root[32])
{
    EHR_HASH32(digest, "block-cert", EHR_H(chain_id), EHR_U32(epoch), EHR_U64(height),
               EHR_H(block_hash), EHR_H(state_root));
}

void ehr_block_cert_sign(uint8_t sig[64], const uint8_t digest[32], const struct ehr_sign_key *key)
{
    ehr_sign_make(sig, key, "sig-block", digest);
}

enum ehr_status ehr_block_cert_verify(const uint8_t digest[32], const uint8_t ed_pk[32],
                                      const uint8_t sig[64])
{
    return ehr_sign_verify(ed_pk, "sig-block", digest, sig);
}
