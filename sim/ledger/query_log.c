#include "sim/ledger/query_log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/index.h"
#include "crypto/query.h"

static int commitment_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

struct ehr_blob *ehr_query_log_make(const uint8_t query_id[32], const uint8_t *trapdoors,
                                    size_t count)
{
    uint8_t commitments[EHR_QUERY_TRAPDOORS_SERVED][32];
    size_t kept = 0;
    assert(count >= 1 && count <= EHR_QUERY_TRAPDOORS_SERVED);
    for (size_t i = 0; i < count; i++)
        ehr_index_td_com(commitments[i], trapdoors + 32 * i);
    qsort(commitments, count, 32, commitment_compare);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || memcmp(commitments[i], commitments[kept - 1], 32) != 0)
            memmove(commitments[kept++], commitments[i], 32);
    struct ehr_blob *blob = ehr_blob_new(NULL, EHR_QUERY_LOG_BYTES(kept));
    struct ehr_writer writer = ehr_writer_init(blob->bytes, blob->length);
    ehr_writer_magic(&writer, "QLG1");
    ehr_writer_bytes(&writer, query_id, 32);
    ehr_writer_u16(&writer, (uint16_t)kept);
    ehr_writer_bytes(&writer, commitments[0], 32 * kept);
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_query_log_parse(struct ehr_query_log *out, const uint8_t *bytes, size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    *out = (struct ehr_query_log){0};
    ehr_reader_magic(&reader, "QLG1");
    const uint8_t *query_id = ehr_reader_take(&reader, 32);
    uint32_t count = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, count >= 1 && count <= EHR_QUERY_TRAPDOORS_SERVED);
    const uint8_t *commitments = ehr_reader_take(&reader, 32 * (size_t)count);
    if (!ehr_reader_end(&reader))
        return EHR_LEN;
    for (uint32_t i = 1; i < count; i++)
        if (memcmp(commitments + 32 * (size_t)(i - 1), commitments + 32 * (size_t)i, 32) >= 0)
            return EHR_DUP;
    *out = (struct ehr_query_log){query_id, commitments, count};
    return EHR_OK;
}
