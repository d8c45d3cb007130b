#include "crypto/query.h"

#include <assert.h>

#include "crypto/codec.h"
#include "crypto/hash.h"

void ehr_query_encode(uint8_t *bytes, const struct ehr_query *query)
{
    assert(query->count <= EHR_QUERY_TRAPDOORS_MAX);
    struct ehr_writer writer = ehr_writer_init(bytes, EHR_QUERY_BYTES(query->count));
    ehr_writer_magic(&writer, "QRY1");
    ehr_writer_bytes(&writer, query->nonce, 16);
    ehr_writer_u64(&writer, query->expiry);
    ehr_writer_u64(&writer, query->min_height);
    ehr_writer_u8(&writer, query->purpose);
    ehr_writer_zeros(&writer, 1);
    ehr_writer_u16(&writer, (uint16_t)query->count);
    ehr_writer_bytes(&writer, query->chain_id, 32);
    ehr_writer_bytes(&writer, query->trapdoors, 32 * query->count);
    assert(ehr_writer_full(&writer));
}

enum ehr_status ehr_query_parse(struct ehr_query *query, const uint8_t *bytes, size_t len)
{
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    ehr_reader_magic(&reader, "QRY1");
    query->nonce = ehr_reader_take(&reader, 16);
    query->expiry = ehr_reader_u64(&reader);
    query->min_height = ehr_reader_u64(&reader);
    query->purpose = ehr_reader_u8(&reader);
    ehr_reader_zeros(&reader, 1);
    query->count = ehr_reader_u16(&reader);
    query->chain_id = ehr_reader_take(&reader, 32);
    query->trapdoors = ehr_reader_take(&reader, 32 * query->count);
    if (ehr_reader_end(&reader))
        return EHR_OK;
    *query = (struct ehr_query){0};
    return EHR_LEN;
}

void ehr_query_id(uint8_t query_id[32], const uint8_t *bytes, size_t len)
{
    EHR_HASH32(query_id, "query", EHR_P(bytes, len));
}

void ehr_query_context(uint8_t context[32], const uint8_t node_id[32])
{
    EHR_HASH32(context, "query-ctx", EHR_H(node_id));
}
