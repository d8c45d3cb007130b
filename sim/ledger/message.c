#include "sim/ledger/message.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "sim/ledger/layout.h"
#include "sim/ledger/pool.h"

static uint64_t alive;

/* ---- names ---- */

const char *ehr_message_name(uint16_t type)
{
    const struct ehr_layout *layout = ehr_layout_of(type);
    return layout != NULL ? layout->name : NULL;
}

const char *ehr_reply_name(enum ehr_reply reply)
{
    static char names[EHR_REPLY_COUNT][24];
    static const char *const upper[EHR_REPLY_COUNT] = {"invalid",
#define NAME(NAME, text) #NAME,
                                                       EHR_REPLIES(NAME)
#undef NAME
    };
    if (reply <= EHR_REPLY_INVALID || reply >= EHR_REPLY_COUNT)
        return upper[EHR_REPLY_INVALID];
    char *name = names[reply];
    if (name[0] == '\0')
        for (size_t i = 0; upper[reply][i] != '\0'; i++) {
            assert(i + 1 < sizeof names[0]);
            name[i] = (char)tolower((unsigned char)upper[reply][i]);
        }
    return name;
}

const char *ehr_reply_text(enum ehr_reply reply)
{
    static const char *const texts[EHR_REPLY_COUNT] = {"not an answer",
#define TEXT(NAME, text) text,
                                                       EHR_REPLIES(TEXT)
#undef TEXT
    };
    return texts[reply < EHR_REPLY_COUNT ? reply : EHR_REPLY_INVALID];
}

/* ---- blobs and lists ---- */

struct ehr_blob *ehr_blob_new(const void *bytes, size_t length)
{
    assert(length <= UINT32_MAX);
    struct ehr_blob *blob = ehr_pool_take(sizeof *blob + length);
    blob->references = 1;
    blob->length = (uint32_t)length;
    if (bytes != NULL && length > 0)
        memcpy(blob->bytes, bytes, length);
    return blob;
}

struct ehr_blob *ehr_blob_ref(struct ehr_blob *blob)
{
    if (blob != NULL)
        blob->references++;
    return blob;
}

void ehr_blob_unref(struct ehr_blob *blob)
{
    if (blob == NULL)
        return;
    assert(blob->references > 0);
    if (--blob->references == 0)
        ehr_pool_give(blob, sizeof *blob + blob->length);
}

struct ehr_block_list *ehr_block_list_new(uint32_t count)
{
    struct ehr_block_list *list = ehr_pool_take(sizeof *list + count * sizeof list->block[0]);
    list->count = count;
    for (uint32_t i = 0; i < count; i++)
        list->block[i] = NULL;
    return list;
}

void ehr_block_list_free(struct ehr_block_list *list)
{
    if (list == NULL)
        return;
    for (uint32_t i = 0; i < list->count; i++)
        ehr_block_unref(list->block[i]);
    ehr_pool_give(list, sizeof *list + list->count * sizeof list->block[0]);
}

/* ---- fields ---- */

/* The pointer of a BLOB, TX or BLOCKS field; copied, because its type differs by kind. */
static void *pointer_get(const void *at)
{
    void *pointer;
    memcpy(&pointer, at, sizeof pointer);
    return pointer;
}

static const void *field_of(const struct ehr_message *message, const struct ehr_field *field)
{
    return (const unsigned char *)message + field->offset;
}

/* Bytes of the encoding of a field of varying length. */
static uint64_t varying_bytes(const void *at, enum ehr_field_kind kind)
{
    uint64_t bytes = 4;
    switch (kind) {
    case EHR_FIELD_KIND_SIG: {
        uint8_t has = *(const uint8_t *)at;
        assert(has <= 1);
        return has ? 1 + 64 : 1;
    }
    case EHR_FIELD_KIND_AUTH: {
        const struct ehr_auth *auth = at;
        assert(auth->kind <= EHR_AUTH_TAGS &&
               (auth->kind == EHR_AUTH_TAGS) == (auth->tags != NULL));
        if (auth->kind == EHR_AUTH_TAGS)
            return 1 + 2 + (uint64_t)auth->tags->length;
        return auth->kind == EHR_AUTH_SIGNATURE ? 1 + sizeof auth->signature : 1;
    }
    case EHR_FIELD_KIND_BLOB: {
        const struct ehr_blob *blob = pointer_get(at);
        return blob != NULL ? bytes + blob->length : bytes;
    }
    case EHR_FIELD_KIND_TX: {
        const struct ehr_tx *tx = pointer_get(at);
        assert(tx != NULL);
        return EHR_TX_ENVELOPE_BYTES + (uint64_t)tx->length;
    }
    case EHR_FIELD_KIND_BLOCKS: {
        const struct ehr_block_list *list = pointer_get(at);
        for (uint32_t i = 0; list != NULL && i < list->count; i++)
            bytes += list->block[i]->length;
        return bytes;
    }
    case EHR_FIELD_KIND_U8:
    case EHR_FIELD_KIND_U16:
    case EHR_FIELD_KIND_U32:
    case EHR_FIELD_KIND_U64:
    case EHR_FIELD_KIND_BYTES:
        break;
    }
    assert(false); /* a field of fixed length */
    return 0;
}

/* ---- life ---- */

struct ehr_message *ehr_message_new(enum ehr_message_type type)
{
    const struct ehr_layout *layout = ehr_layout_of((uint16_t)type);
    assert(layout != NULL);
    struct ehr_message *message = ehr_pool_take(layout->struct_bytes);
    memset(message, 0, layout->struct_bytes);
    message->references = 1;
    message->type = (uint16_t)type;
    alive++;
    return message;
}

struct ehr_message *ehr_message_seal(struct ehr_message *message)
{
    const struct ehr_layout *layout = ehr_layout_of(message->type);
    uint64_t size = layout->fixed_bytes;
    for (unsigned left = layout->varying; left != 0; left &= left - 1) {
        const struct ehr_field *field = &layout->fields[__builtin_ctz(left)];
        size += varying_bytes(field_of(message, field), (enum ehr_field_kind)field->kind);
    }
    message->size = size;
    return message;
}

struct ehr_message *ehr_message_ref(struct ehr_message *message)
{
    if (message != NULL)
        message->references++;
    return message;
}

void ehr_message_unref(struct ehr_message *message)
{
    if (message == NULL)
        return;
    assert(message->references > 0);
    if (--message->references > 0)
        return;
    const struct ehr_layout *layout = ehr_layout_of(message->type);
    for (unsigned left = layout->varying; left != 0; left &= left - 1) {
        const struct ehr_field *field = &layout->fields[__builtin_ctz(left)];
        const void *at = field_of(message, field);
        if (field->kind == EHR_FIELD_KIND_BLOB)
            ehr_blob_unref(pointer_get(at));
        else if (field->kind == EHR_FIELD_KIND_AUTH)
            ehr_blob_unref(((const struct ehr_auth *)at)->tags);
        else if (field->kind == EHR_FIELD_KIND_TX)
            ehr_tx_unref(pointer_get(at));
        else if (field->kind == EHR_FIELD_KIND_BLOCKS)
            ehr_block_list_free(pointer_get(at));
    }
    ehr_pool_give(message, layout->struct_bytes);
    alive--;
}

uint64_t ehr_message_pool_alive(void)
{
    return alive;
}

void ehr_message_pool_close(void)
{
    if (ehr_pool_alive() == 0)
        ehr_pool_close();
}

/* ---- encoding ---- */

static void tx_write(struct ehr_writer *writer, const struct ehr_tx *tx)
{
    ehr_writer_u8(writer, tx->type);
    ehr_writer_u32(writer, tx->client);
    ehr_writer_u32(writer, tx->client_lane);
    ehr_writer_u64(writer, tx->request);
    ehr_writer_u32(writer, tx->length);
    ehr_writer_bytes(writer, tx->bytes, tx->length);
}

static void blocks_write(struct ehr_writer *writer, const struct ehr_block_list *list)
{
    ehr_writer_u32(writer, list != NULL ? list->count : 0);
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const struct ehr_block *block = list->block[i];
        ehr_writer_bytes(writer, block->header, sizeof block->header);
        ehr_writer_u32(writer, block->count);
        for (uint32_t k = 0; k < block->count; k++)
            tx_write(writer, block->tx[k]);
    }
}

static void blob_write(struct ehr_writer *writer, const struct ehr_blob *blob)
{
    ehr_writer_u32(writer, blob != NULL ? blob->length : 0);
    if (blob != NULL)
        ehr_writer_bytes(writer, blob->bytes, blob->length);
}

static void auth_write(struct ehr_writer *writer, const struct ehr_auth *auth)
{
    ehr_writer_u8(writer, auth->kind);
    if (auth->kind == EHR_AUTH_SIGNATURE)
        ehr_writer_bytes(writer, auth->signature, sizeof auth->signature);
    if (auth->kind == EHR_AUTH_TAGS) {
        ehr_writer_u16(writer, (uint16_t)(auth->tags->length / EHR_TAG_BYTES));
        ehr_writer_bytes(writer, auth->tags->bytes, auth->tags->length);
    }
}

static void field_write(struct ehr_writer *writer, const struct ehr_field *field,
                        const unsigned char *at)
{
    switch ((enum ehr_field_kind)field->kind) {
    case EHR_FIELD_KIND_U8:
        ehr_writer_u8(writer, *at);
        break;
    case EHR_FIELD_KIND_U16:
        ehr_writer_u16(writer, *(const uint16_t *)(const void *)at);
        break;
    case EHR_FIELD_KIND_U32:
        ehr_writer_u32(writer, *(const uint32_t *)(const void *)at);
        break;
    case EHR_FIELD_KIND_U64:
        ehr_writer_u64(writer, *(const uint64_t *)(const void *)at);
        break;
    case EHR_FIELD_KIND_BYTES:
        ehr_writer_bytes(writer, at, field->length);
        break;
    case EHR_FIELD_KIND_SIG:
        ehr_writer_u8(writer, *at);
        if (*at)
            ehr_writer_bytes(writer, at + 1, 64);
        break;
    case EHR_FIELD_KIND_AUTH:
        auth_write(writer, (const struct ehr_auth *)(const void *)at);
        break;
    case EHR_FIELD_KIND_BLOB:
        blob_write(writer, pointer_get(at));
        break;
    case EHR_FIELD_KIND_TX:
        tx_write(writer, pointer_get(at));
        break;
    case EHR_FIELD_KIND_BLOCKS:
        blocks_write(writer, pointer_get(at));
        break;
    }
}

void ehr_message_encode(const struct ehr_message *message, uint8_t *out)
{
    const struct ehr_layout *layout = ehr_layout_of(message->type);
    struct ehr_writer writer = ehr_writer_init(out, message->size);
    ehr_writer_u16(&writer, message->type);
    for (unsigned i = 0; i < layout->count; i++)
        field_write(&writer, &layout->fields[i], field_of(message, &layout->fields[i]));
    assert(ehr_writer_full(&writer)); /* else changed after it was sealed, or never sealed */
}

/* ---- decoding ---- */

static struct ehr_tx *tx_read(struct ehr_reader *reader)
{
    uint8_t type = ehr_reader_u8(reader);
    uint32_t client = ehr_reader_u32(reader);
    uint32_t lane = ehr_reader_u32(reader);
    uint64_t request = ehr_reader_u64(reader);
    uint32_t length = ehr_reader_u32(reader);
    const uint8_t *bytes = ehr_reader_take(reader, length);
    ehr_reader_require(reader, type > 0 && type < EHR_TX_TYPES);
    return reader->failed ? NULL : ehr_tx_new(type, bytes, length, client, lane, request);
}

static struct ehr_block *block_read(struct ehr_reader *reader)
{
    const uint8_t *header = ehr_reader_take(reader, EHR_BLOCK_HEADER_BYTES);
    uint32_t count = ehr_reader_u32(reader);
    /* Before memory is asked for: as many as could be there. */
    ehr_reader_require(reader, count <= ehr_reader_left(reader) / EHR_TX_ENVELOPE_BYTES);
    if (reader->failed)
        return NULL;
    struct ehr_tx **tx = malloc((count > 0 ? count : 1) * sizeof *tx);
    ehr_reader_require(reader, tx != NULL);
    uint32_t got = 0;
    while (!reader->failed && got < count && (tx[got] = tx_read(reader)) != NULL)
        got++;
    struct ehr_block *block = NULL;
    if (!reader->failed)
        block = ehr_block_new(header, tx, count);
    for (uint32_t i = 0; i < got; i++)
        ehr_tx_unref(tx[i]);
    free(tx);
    return block;
}

static struct ehr_block_list *blocks_read(struct ehr_reader *reader)
{
    uint32_t count = ehr_reader_u32(reader);
    ehr_reader_require(reader, count <= ehr_reader_left(reader) / (EHR_BLOCK_HEADER_BYTES + 4));
    if (reader->failed || count == 0)
        return NULL;
    struct ehr_block_list *list = ehr_block_list_new(count);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        list->block[i] = block_read(reader);
    return list; /* with NULLs when the reader failed */
}

static struct ehr_blob *blob_read(struct ehr_reader *reader)
{
    uint32_t length = ehr_reader_u32(reader);
    const uint8_t *bytes = ehr_reader_take(reader, length);
    return bytes == NULL || length == 0 ? NULL : ehr_blob_new(bytes, length);
}

static void auth_read(struct ehr_reader *reader, struct ehr_auth *auth)
{
    auth->kind = ehr_reader_u8(reader);
    ehr_reader_require(reader, auth->kind <= EHR_AUTH_TAGS);
    if (auth->kind == EHR_AUTH_SIGNATURE)
        ehr_reader_bytes(reader, auth->signature, sizeof auth->signature);
    if (auth->kind != EHR_AUTH_TAGS)
        return;
    size_t length = EHR_TAG_BYTES * (size_t)ehr_reader_u16(reader);
    const uint8_t *tags = ehr_reader_take(reader, length);
    ehr_reader_require(reader, length > 0);
    if (!reader->failed)
        auth->tags = ehr_blob_new(tags, length);
}

static void field_read(struct ehr_reader *reader, const struct ehr_field *field, unsigned char *at)
{
    void *pointer = NULL;
    switch ((enum ehr_field_kind)field->kind) {
    case EHR_FIELD_KIND_U8:
        *at = ehr_reader_u8(reader);
        return;
    case EHR_FIELD_KIND_U16:
        *(uint16_t *)(void *)at = ehr_reader_u16(reader);
        return;
    case EHR_FIELD_KIND_U32:
        *(uint32_t *)(void *)at = ehr_reader_u32(reader);
        return;
    case EHR_FIELD_KIND_U64:
        *(uint64_t *)(void *)at = ehr_reader_u64(reader);
        return;
    case EHR_FIELD_KIND_BYTES:
        ehr_reader_bytes(reader, at, field->length);
        return;
    case EHR_FIELD_KIND_SIG:
        *at = ehr_reader_u8(reader);
        ehr_reader_require(reader, *at <= 1);
        if (*at == 1)
            ehr_reader_bytes(reader, at + 1, 64);
        return;
    case EHR_FIELD_KIND_AUTH:
        auth_read(reader, (struct ehr_auth *)(void *)at);
        return;
    case EHR_FIELD_KIND_BLOB:
        pointer = blob_read(reader);
        break;
    case EHR_FIELD_KIND_TX:
        pointer = tx_read(reader);
        break;
    case EHR_FIELD_KIND_BLOCKS:
        pointer = blocks_read(reader);
        break;
    }
    memcpy(at, &pointer, sizeof pointer);
}

enum ehr_status ehr_message_decode(const uint8_t *bytes, size_t length, struct ehr_message **out)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    uint16_t type = ehr_reader_u16(&reader);
    const struct ehr_layout *layout = ehr_layout_of(type);
    *out = NULL;
    if (reader.failed || layout == NULL)
        return EHR_LEN;
    struct ehr_message *message = ehr_message_new((enum ehr_message_type)type);
    for (unsigned i = 0; i < layout->count && !reader.failed; i++)
        field_read(&reader, &layout->fields[i],
                   (unsigned char *)message + layout->fields[i].offset);
    if (!ehr_reader_end(&reader)) {
        ehr_message_unref(message);
        return EHR_LEN;
    }
    message->size = length;
    *out = message;
    return EHR_OK;
}
