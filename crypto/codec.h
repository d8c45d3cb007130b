/* Little-endian cursors over caller-owned bytes: the one way encodings are read and written.
 * Not a serialisation framework: no lengths or tags are added, each format lays out its fields.
 * Errors are sticky: after a short read or write every further one does nothing and yields zeros,
 * so that a decoder checks once, with ehr_reader_end, which also refuses trailing bytes.
 * Source: crypto.md section 0 (integers unsigned, exact lengths). */
#ifndef EHR_CRYPTO_CODEC_H
#define EHR_CRYPTO_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Stores v in 8 (4, 2, 1) bytes, lowest first; returns out. */
static inline const uint8_t *ehr_le64(uint8_t *out, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
    return out;
}

static inline const uint8_t *ehr_le32(uint8_t *out, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
    return out;
}

static inline const uint8_t *ehr_le16(uint8_t *out, uint16_t v)
{
    out[0] = (uint8_t)(v & 0xff);
    out[1] = (uint8_t)(v >> 8);
    return out;
}

static inline const uint8_t *ehr_le8(uint8_t *out, uint8_t v)
{
    out[0] = v;
    return out;
}

/* The integer held in 8 (4, 2) bytes, lowest first. */
static inline uint64_t ehr_le64_get(const uint8_t *in)
{
    uint64_t v = 0;
    for (unsigned i = 8; i-- > 0;)
        v = v << 8 | in[i];
    return v;
}

static inline uint32_t ehr_le32_get(const uint8_t *in)
{
    uint32_t v = 0;
    for (unsigned i = 4; i-- > 0;)
        v = v << 8 | in[i];
    return v;
}

static inline uint16_t ehr_le16_get(const uint8_t *in)
{
    return (uint16_t)(in[0] | in[1] << 8);
}

/* ---- Reading ---- */

struct ehr_reader {
    const uint8_t *data; /* borrowed; may be NULL when length is 0 */
    size_t length;       /* bytes */
    size_t offset;       /* bytes consumed */
    bool failed;
};

static inline struct ehr_reader ehr_reader_init(const void *data, size_t length)
{
    return (struct ehr_reader){.data = data, .length = length, .offset = 0, .failed = false};
}

/* Bytes not yet consumed; 0 after a failure. */
static inline size_t ehr_reader_left(const struct ehr_reader *reader)
{
    return reader->failed ? 0 : reader->length - reader->offset;
}

/* Consumes `count` bytes and returns where they are, borrowed from the input; NULL on failure. */
static inline const uint8_t *ehr_reader_take(struct ehr_reader *reader, size_t count)
{
    if (reader->failed || count > reader->length - reader->offset) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->data + reader->offset;
    reader->offset += count;
    return at;
}

/* Copies `count` bytes to out; zeros on failure. */
static inline void ehr_reader_bytes(struct ehr_reader *reader, uint8_t *out, size_t count)
{
    if (count == 0)
        return;
    const uint8_t *at = ehr_reader_take(reader, count);
    if (at != NULL)
        memcpy(out, at, count);
    else
        memset(out, 0, count);
}

/* The next integer; 0 on failure. */
static inline uint8_t ehr_reader_u8(struct ehr_reader *reader)
{
    const uint8_t *at = ehr_reader_take(reader, 1);
    return at != NULL ? at[0] : 0;
}

static inline uint16_t ehr_reader_u16(struct ehr_reader *reader)
{
    const uint8_t *at = ehr_reader_take(reader, 2);
    return at != NULL ? ehr_le16_get(at) : 0;
}

static inline uint32_t ehr_reader_u32(struct ehr_reader *reader)
{
    const uint8_t *at = ehr_reader_take(reader, 4);
    return at != NULL ? ehr_le32_get(at) : 0;
}

static inline uint64_t ehr_reader_u64(struct ehr_reader *reader)
{
    const uint8_t *at = ehr_reader_take(reader, 8);
    return at != NULL ? ehr_le64_get(at) : 0;
}

/* Consumes four bytes, a failure unless they are `magic` (a string of four characters). */
static inline void ehr_reader_magic(struct ehr_reader *reader, const char *magic)
{
    const uint8_t *at = ehr_reader_take(reader, 4);
    if (at == NULL || memcmp(at, magic, 4) != 0)
        reader->failed = true;
}

/* Consumes `count` bytes, a failure unless all are zero (reserved fields). */
static inline void ehr_reader_zeros(struct ehr_reader *reader, size_t count)
{
    const uint8_t *at = ehr_reader_take(reader, count);
    for (size_t i = 0; at != NULL && i < count; i++)
        if (at[i] != 0)
            reader->failed = true;
}

/* For a condition of the caller (an unknown version, say): makes the reader fail unless it holds.
 */
static inline void ehr_reader_require(struct ehr_reader *reader, bool condition)
{
    if (!condition)
        reader->failed = true;
}

/* True if nothing failed and every byte was consumed. */
static inline bool ehr_reader_end(const struct ehr_reader *reader)
{
    return !reader->failed && reader->offset == reader->length;
}

/* ---- Writing ---- */

struct ehr_writer {
    uint8_t *data;   /* borrowed */
    size_t capacity; /* bytes */
    size_t offset;   /* bytes written */
    bool failed;
};

static inline struct ehr_writer ehr_writer_init(uint8_t *data, size_t capacity)
{
    return (struct ehr_writer){.data = data, .capacity = capacity, .offset = 0, .failed = false};
}

/* Reserves `count` bytes for the caller to fill; NULL on failure. */
static inline uint8_t *ehr_writer_reserve(struct ehr_writer *writer, size_t count)
{
    if (writer->failed || count > writer->capacity - writer->offset) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *at = writer->data + writer->offset;
    writer->offset += count;
    return at;
}

static inline void ehr_writer_bytes(struct ehr_writer *writer, const void *bytes, size_t count)
{
    if (count == 0)
        return;
    uint8_t *at = ehr_writer_reserve(writer, count);
    if (!writer->failed)
        memcpy(at, bytes, count);
}

static inline void ehr_writer_u8(struct ehr_writer *writer, uint8_t v)
{
    uint8_t bytes[1];
    ehr_writer_bytes(writer, ehr_le8(bytes, v), sizeof bytes);
}

static inline void ehr_writer_u16(struct ehr_writer *writer, uint16_t v)
{
    uint8_t bytes[2];
    ehr_writer_bytes(writer, ehr_le16(bytes, v), sizeof bytes);
}

static inline void ehr_writer_u32(struct ehr_writer *writer, uint32_t v)
{
    uint8_t bytes[4];
    ehr_writer_bytes(writer, ehr_le32(bytes, v), sizeof bytes);
}

static inline void ehr_writer_u64(struct ehr_writer *writer, uint64_t v)
{
    uint8_t bytes[8];
    ehr_writer_bytes(writer, ehr_le64(bytes, v), sizeof bytes);
}

/* Writes the four characters of `magic`, without its terminator. */
static inline void ehr_writer_magic(struct ehr_writer *writer, const char *magic)
{
    ehr_writer_bytes(writer, magic, 4);
}

static inline void ehr_writer_zeros(struct ehr_writer *writer, size_t count)
{
    uint8_t *at = ehr_writer_reserve(writer, count);
    if (at != NULL)
        memset(at, 0, count);
}

/* True if nothing failed and the buffer is exactly full. */
static inline bool ehr_writer_full(const struct ehr_writer *writer)
{
    return !writer->failed && writer->offset == writer->capacity;
}

#endif /* EHR_CRYPTO_CODEC_H */
