#include "sim/ledger/grant_batch.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"

static void sized_write(struct ehr_writer *writer, const uint8_t *bytes, size_t length)
{
    assert(length <= UINT32_MAX);
    ehr_writer_u32(writer, (uint32_t)length);
    ehr_writer_bytes(writer, bytes, length);
}

static const uint8_t *sized_read(struct ehr_reader *reader, size_t *length)
{
    *length = ehr_reader_u32(reader);
    return ehr_reader_take(reader, *length);
}

/* ---- the transaction ---- */

struct ehr_blob *ehr_grant_batch_make(const struct ehr_grant_batch *batch)
{
    size_t length = 4 + 2 + 4 + batch->scope_len;
    assert(batch->count > 0 && batch->count <= EHR_GRANT_BATCH_MAX);
    for (uint32_t i = 0; i < batch->count; i++)
        length += 32 + 4 + batch->item[i].grant_len;
    struct ehr_blob *blob = ehr_blob_new(NULL, length);
    struct ehr_writer writer = ehr_writer_init(blob->bytes, length);
    ehr_writer_magic(&writer, "GBT1");
    ehr_writer_u16(&writer, (uint16_t)batch->count);
    sized_write(&writer, batch->scope, batch->scope_len);
    for (uint32_t i = 0; i < batch->count; i++) {
        ehr_writer_bytes(&writer, batch->item[i].txid, 32);
        sized_write(&writer, batch->item[i].grant, batch->item[i].grant_len);
    }
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_grant_batch_parse(struct ehr_grant_batch *batch, const uint8_t *bytes,
                                      size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    memset(batch, 0, sizeof *batch);
    ehr_reader_magic(&reader, "GBT1");
    batch->count = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, batch->count > 0 && batch->count <= EHR_GRANT_BATCH_MAX);
    batch->scope = sized_read(&reader, &batch->scope_len);
    for (uint32_t i = 0; !reader.failed && i < batch->count; i++) {
        struct ehr_grant_item *item = &batch->item[i];
        item->txid = ehr_reader_take(&reader, 32);
        item->grant = sized_read(&reader, &item->grant_len);
    }
    if (ehr_reader_end(&reader))
        return EHR_OK;
    memset(batch, 0, sizeof *batch);
    return EHR_LEN;
}

bool ehr_grant_batch_item(struct ehr_grant_tx *out, uint32_t index, const uint8_t *bytes,
                          size_t length)
{
    struct ehr_grant_batch batch;
    if (ehr_grant_batch_parse(&batch, bytes, length) != EHR_OK || index >= batch.count)
        return false;
    const struct ehr_grant_item *item = &batch.item[index];
    *out = (struct ehr_grant_tx){item->txid, batch.scope, batch.scope_len, item->grant,
                                 item->grant_len};
    return true;
}

/* ---- the answer to the data user ---- */

enum { ANSWER_FIXED_BYTES = 1 + 4 + 32 + 4 + 4 + 4 };

struct ehr_blob *ehr_batch_answers_make(const struct ehr_batch_answer *answers, uint32_t count)
{
    size_t length = 2;
    for (uint32_t i = 0; i < count; i++)
        length += ANSWER_FIXED_BYTES + answers[i].index_len + answers[i].grant_len +
                  answers[i].trapdoor_len;
    struct ehr_blob *blob = ehr_blob_new(NULL, length);
    struct ehr_writer writer = ehr_writer_init(blob->bytes, length);
    ehr_writer_u16(&writer, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++) {
        ehr_writer_u8(&writer, answers[i].status);
        ehr_writer_u32(&writer, answers[i].visit);
        ehr_writer_bytes(&writer, answers[i].txid, 32);
        sized_write(&writer, answers[i].index, answers[i].index_len);
        sized_write(&writer, answers[i].grant, answers[i].grant_len);
        sized_write(&writer, answers[i].trapdoor, answers[i].trapdoor_len);
    }
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_batch_answers_parse(struct ehr_batch_answer *answers, uint32_t *count,
                                        const uint8_t *bytes, size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    *count = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, *count > 0 && *count <= EHR_GRANT_BATCH_MAX);
    for (uint32_t i = 0; !reader.failed && i < *count; i++) {
        answers[i].status = ehr_reader_u8(&reader);
        answers[i].visit = ehr_reader_u32(&reader);
        answers[i].txid = ehr_reader_take(&reader, 32);
        answers[i].index = sized_read(&reader, &answers[i].index_len);
        answers[i].grant = sized_read(&reader, &answers[i].grant_len);
        answers[i].trapdoor = sized_read(&reader, &answers[i].trapdoor_len);
    }
    if (ehr_reader_end(&reader))
        return EHR_OK;
    *count = 0;
    return EHR_LEN;
}
