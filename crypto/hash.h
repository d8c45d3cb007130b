/* H_n and PRF of the specification: personalised BLAKE2b over length-prefixed values.
 * Not a general hash interface: every call names its purpose by a label, and each value between
 * the commas of crypto.md is one part with its own length. Hs, Hg and U are in group.h.
 * Source: crypto.md section 0.
 *
 *     EHR_HASH32(out, "vote", EHR_H(chain_id), EHR_U32(epoch), EHR_P(data, length));
 *
 * A label has 1..10 characters (else an assertion fails). Parts are borrowed for the call; a part
 * of length 0 may have NULL data. Nothing here can fail. */
#ifndef EHR_CRYPTO_HASH_H
#define EHR_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/codec.h"

enum {
    EHR_HASH_BYTES = 32, /* hashes, identifiers, PRF keys */
    EHR_TAG_BYTES = 16,  /* H16 and PRF16: labels and tags */
    EHR_WIDE_BYTES = 64, /* H64 */
    EHR_PAD16_BYTES = 16,
};

/* One value under a hash. */
struct ehr_part {
    const void *data;
    size_t length; /* bytes */
};

/* H16, H32, H64 of `count` parts under `label`. */
void ehr_hash16(uint8_t out[16], const char *label, const struct ehr_part *parts, size_t count);
void ehr_hash32(uint8_t out[32], const char *label, const struct ehr_part *parts, size_t count);
void ehr_hash64(uint8_t out[64], const char *label, const struct ehr_part *parts, size_t count);

/* PRF_K and PRF16_K: the same, keyed with 32 bytes. */
void ehr_prf16(uint8_t out[16], const uint8_t key[32], const char *label,
               const struct ehr_part *parts, size_t count);
void ehr_prf32(uint8_t out[32], const uint8_t key[32], const char *label,
               const struct ehr_part *parts, size_t count);

/* pad16(label) = "EHRG1:" || label, zero-padded: personalisation, and prefix of signed messages. */
void ehr_pad16(uint8_t out[16], const char *label);

/* Parts: bytes with a length; a 32-byte array (hash, identifier); a point or scalar by pointer;
 * integers in their width. Integer storage lives until the end of the enclosing block. */
#define EHR_P(pointer, count) ((struct ehr_part){(pointer), (count)})
#define EHR_H(array)          EHR_P((array), 32)
#define EHR_G(pointer)        EHR_P((pointer)->bytes, 32)
#define EHR_U8(v)             EHR_P(ehr_le8((uint8_t[1]){0}, (v)), 1)
#define EHR_U16(v)            EHR_P(ehr_le16((uint8_t[2]){0}, (v)), 2)
#define EHR_U32(v)            EHR_P(ehr_le32((uint8_t[4]){0}, (v)), 4)
#define EHR_U64(v)            EHR_P(ehr_le64((uint8_t[8]){0}, (v)), 8)

#define EHR_PARTS(...)       ((const struct ehr_part[]){__VA_ARGS__})
#define EHR_PARTS_COUNT(...) (sizeof(EHR_PARTS(__VA_ARGS__)) / sizeof(struct ehr_part))

#define EHR_HASH16(out, label, ...)                                                                \
    ehr_hash16((out), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))
#define EHR_HASH32(out, label, ...)                                                                \
    ehr_hash32((out), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))
#define EHR_HASH64(out, label, ...)                                                                \
    ehr_hash64((out), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))
#define EHR_PRF16(out, key, label, ...)                                                            \
    ehr_prf16((out), (key), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))
#define EHR_PRF32(out, key, label, ...)                                                            \
    ehr_prf32((out), (key), (label), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__))

#endif /* EHR_CRYPTO_HASH_H */
