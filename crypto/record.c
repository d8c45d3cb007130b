#include "crypto/record.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#define BUCKET_MIN 256
#define SUITE      1
#define TAG_BYTES  crypto_aead_xchacha20poly1305_ietf_ABYTES

static unsigned log2_floor(size_t n)
{
    unsigned log = 0;
    while (n >>= 1)
        log++;
    return log;
}

/* Distance of the buckets around n > BUCKET_MIN, a power of two. PADME: a length keeps about log2
 * log2 n of its bits, the rest is rounded up. */
static size_t bucket_step(size_t n)
{
    unsigned e = log2_floor(n);
    unsigned b = e - log2_floor(e) - 1;
    assert(b < e);
    return (size_t)1 << b;
}

static size_t bucket(size_t n)
{
    if (n <= BUCKET_MIN)
        return BUCKET_MIN;
    size_t step = bucket_step(n);
    return (n + step - 1) & ~(step - 1);
}

size_t ehr_record_padded_len(size_t plaintext_len)
{
    assert(plaintext_len <= EHR_RECORD_PLAINTEXT_MAX);
    return bucket(plaintext_len + 1);
}

size_t ehr_record_sealed_len(size_t plaintext_len)
{
    return ehr_record_padded_len(plaintext_len) + EHR_RECORD_OVERHEAD_BYTES;
}

void ehr_record_label(uint8_t label[32], const struct ehr_record_visit *visit)
{
    EHR_HASH32(label, "rec-label", EHR_G(&visit->P), EHR_G(&visit->Q), EHR_H(visit->hid));
}

void ehr_record_body_hash(uint8_t body_hash[32], const uint8_t *body, size_t body_len)
{
    EHR_HASH32(body_hash, "ct-body", EHR_P(body, body_len));
}

void ehr_record_ct_hash(uint8_t ct_hash[32], const uint8_t head[EHR_RECORD_HEAD_BYTES],
                        const uint8_t body_hash[32])
{
    EHR_HASH32(ct_hash, "ct", EHR_P(head, EHR_RECORD_HEAD_BYTES), EHR_H(body_hash));
}

void ehr_record_hash(uint8_t ct_hash[32], const uint8_t *sealed, size_t sealed_len)
{
    assert(sealed_len >= EHR_RECORD_HEAD_BYTES);
    uint8_t body_hash[32];
    ehr_record_body_hash(body_hash, sealed + EHR_RECORD_HEAD_BYTES,
                         sealed_len - EHR_RECORD_HEAD_BYTES);
    ehr_record_ct_hash(ct_hash, sealed, body_hash);
}

/* ---- sealing ---- */

static void head_write(uint8_t *head, const struct ehr_point *P, const uint8_t *capsule,
                       const uint8_t *kcom, uint64_t body_len)
{
    struct ehr_writer writer = ehr_writer_init(head, EHR_RECORD_HEAD_BYTES);
    ehr_writer_magic(&writer, "EHR1");
    ehr_writer_u8(&writer, SUITE);
    ehr_writer_zeros(&writer, 3);
    ehr_writer_bytes(&writer, P->bytes, 32);
    ehr_writer_bytes(&writer, capsule, EHR_CAPSULE_BYTES);
    ehr_writer_bytes(&writer, kcom, 32);
    ehr_writer_u64(&writer, body_len);
    assert(ehr_writer_full(&writer));
}

static enum ehr_status seal(uint8_t *sealed, const struct ehr_record_visit *visit,
                            size_t padded_len, struct ehr_rng *rng)
{
    uint8_t *padded = sealed + EHR_RECORD_HEAD_BYTES;
    uint8_t label[32], pt_hash[32], capsule[EHR_CAPSULE_BYTES];
    struct ehr_point K;
    EHR_TRY(ehr_point_check(visit->P.bytes));
    EHR_TRY(ehr_point_check(visit->Q.bytes));
    ehr_record_label(label, visit);
    EHR_HASH32(pt_hash, "pt-hash", EHR_P(padded, padded_len));
    EHR_TRY(ehr_capsule_encap(capsule, &K, &visit->Q, label, pt_hash, rng));
    struct ehr_capsule_keys keys;
    ehr_capsule_keys_derive(&keys, &K, capsule, label);
    ehr_declassify(keys.kcom, sizeof keys.kcom); /* stands in the head */
    head_write(sealed, &visit->P, capsule, keys.kcom, padded_len + TAG_BYTES);
    /* In place: the plaintext lies where its ciphertext goes. */
    crypto_aead_xchacha20poly1305_ietf_encrypt(padded, NULL, padded, padded_len, sealed,
                                               EHR_RECORD_HEAD_BYTES, NULL, keys.nonce, keys.key);
    ehr_declassify(padded, padded_len + TAG_BYTES); /* ciphertext */
    ehr_capsule_keys_close(&keys);
    ehr_wipe(&K, sizeof K);
    return EHR_OK;
}

enum ehr_status ehr_record_seal(uint8_t *sealed, size_t sealed_len,
                                const struct ehr_record_visit *visit, const uint8_t *plaintext,
                                size_t plaintext_len, struct ehr_rng *rng)
{
    if (plaintext_len > EHR_RECORD_PLAINTEXT_MAX) {
        ehr_wipe(sealed, sealed_len);
        return EHR_LEN;
    }
    size_t padded_len = ehr_record_padded_len(plaintext_len);
    assert(sealed_len == padded_len + EHR_RECORD_OVERHEAD_BYTES);
    uint8_t *padded = sealed + EHR_RECORD_HEAD_BYTES;
    if (plaintext_len != 0)
        memcpy(padded, plaintext, plaintext_len);
    padded[plaintext_len] = 0x80;
    memset(padded + plaintext_len + 1, 0, padded_len - plaintext_len - 1);
    enum ehr_status status = seal(sealed, visit, padded_len, rng);
    if (status != EHR_OK)
        ehr_wipe(sealed, sealed_len);
    return status;
}

/* ---- checking ---- */

static enum ehr_status head_check(struct ehr_record_head *head, const uint8_t *bytes, size_t len,
                                  const struct ehr_record_visit *visit)
{
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    ehr_reader_magic(&reader, "EHR1");
    ehr_reader_require(&reader, ehr_reader_u8(&reader) == SUITE);
    ehr_reader_zeros(&reader, 3);
    const uint8_t *P = ehr_reader_take(&reader, 32);
    head->bytes = bytes;
    head->capsule = ehr_reader_take(&reader, EHR_CAPSULE_BYTES);
    head->kcom = ehr_reader_take(&reader, 32);
    head->body_len = ehr_reader_u64(&reader);
    if (!ehr_reader_end(&reader) || head->body_len < BUCKET_MIN + TAG_BYTES ||
        head->body_len > bucket(EHR_RECORD_PLAINTEXT_MAX + 1) + TAG_BYTES)
        return EHR_LEN;
    EHR_TRY(ehr_point_check(P));
    if (memcmp(P, visit->P.bytes, 32) != 0)
        return EHR_POLICY;
    ehr_record_label(head->label, visit);
    return ehr_capsule_check(head->capsule, head->label);
}

enum ehr_status ehr_record_head_check(struct ehr_record_head *head, const uint8_t *bytes,
                                      size_t head_len, const struct ehr_record_visit *visit)
{
    enum ehr_status status = head_check(head, bytes, head_len, visit);
    if (status != EHR_OK)
        *head = (struct ehr_record_head){0};
    return status;
}

enum ehr_status ehr_record_check(struct ehr_record_head *head, const uint8_t *sealed,
                                 size_t sealed_len, const struct ehr_record_visit *visit)
{
    *head = (struct ehr_record_head){0};
    if (sealed_len < EHR_RECORD_HEAD_BYTES)
        return EHR_LEN;
    if (ehr_le64_get(sealed + EHR_RECORD_HEAD_BYTES - 8) != sealed_len - EHR_RECORD_HEAD_BYTES)
        return EHR_LEN;
    return ehr_record_head_check(head, sealed, EHR_RECORD_HEAD_BYTES, visit);
}

/* ---- opening ---- */

/* Length before the padding: the last byte that is not zero must be the marker, and the bucket the
 * one that this length gives, so that a plaintext has one padded form. No branch on the plaintext:
 * all places are read at which the marker can stand in a bucket of this size. */
static enum ehr_status unpad(size_t *plaintext_len, const uint8_t *padded, size_t padded_len)
{
    size_t places = padded_len <= BUCKET_MIN ? padded_len : bucket_step(padded_len);
    size_t marker = 0; /* bytes up to the marker, itself included */
    unsigned searching = 1, wrong = 0;
    for (size_t i = padded_len; i-- > padded_len - places;) {
        unsigned nonzero = (padded[i] + 0xffU) >> 8;
        unsigned found = searching & nonzero;
        marker |= (i + 1) & (0 - (size_t)found);
        wrong |= found & (((padded[i] ^ 0x80U) + 0xffU) >> 8);
        searching &= ~nonzero;
    }
    /* The length is what the caller gets; that the padding is wrong is the status. */
    ehr_declassify(&marker, sizeof marker);
    if (ehr_public_int((int)(searching | wrong)) != 0)
        return EHR_LEN;
    *plaintext_len = marker - 1;
    if (*plaintext_len > EHR_RECORD_PLAINTEXT_MAX || bucket(marker) != padded_len)
        return EHR_LEN;
    return EHR_OK;
}

static enum ehr_status decrypt(uint8_t *plaintext, size_t *plaintext_len,
                               const struct ehr_record_head *head, const uint8_t *sealed,
                               const struct ehr_capsule_keys *keys)
{
    if (!ehr_equal(keys->kcom, head->kcom, 32))
        return EHR_KCOM;
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plaintext, NULL, NULL, sealed + EHR_RECORD_HEAD_BYTES, head->body_len, sealed,
        EHR_RECORD_HEAD_BYTES, keys->nonce, keys->key);
    if (ehr_public_int(rc) != 0) /* whether the record opens: the status */
        return EHR_AEAD;
    EHR_TRY(unpad(plaintext_len, plaintext, head->body_len - TAG_BYTES));
    plaintext[*plaintext_len] = 0; /* the marker; zeros follow it */
    return EHR_OK;
}

enum ehr_status ehr_record_decrypt(uint8_t *plaintext, size_t *plaintext_len,
                                   const struct ehr_record_head *head, const uint8_t *sealed,
                                   size_t sealed_len, const struct ehr_point *K)
{
    assert(head->bytes == sealed && head->body_len == sealed_len - EHR_RECORD_HEAD_BYTES);
    struct ehr_capsule_keys keys;
    ehr_capsule_keys_derive(&keys, K, head->capsule, head->label);
    *plaintext_len = 0;
    enum ehr_status status = decrypt(plaintext, plaintext_len, head, sealed, &keys);
    ehr_capsule_keys_close(&keys);
    if (status != EHR_OK) {
        ehr_wipe(plaintext, sealed_len - EHR_RECORD_OVERHEAD_BYTES);
        *plaintext_len = 0;
    }
    return status;
}

static enum ehr_status open_visit(struct ehr_record_head *head, struct ehr_point *K,
                                  const uint8_t *sealed, size_t sealed_len,
                                  const struct ehr_scalar *q, const struct ehr_record_visit *visit)
{
    EHR_TRY(ehr_record_check(head, sealed, sealed_len, visit));
    return ehr_capsule_decap(K, q, head->capsule);
}

enum ehr_status ehr_record_open(uint8_t *plaintext, size_t capacity, size_t *plaintext_len,
                                const uint8_t *sealed, size_t sealed_len,
                                const struct ehr_scalar *q, const struct ehr_point *P,
                                const uint8_t hid[32])
{
    struct ehr_record_visit visit = {.P = *P};
    struct ehr_record_head head;
    struct ehr_point K = {{0}};
    memcpy(visit.hid, hid, sizeof visit.hid);
    *plaintext_len = 0;
    enum ehr_status status = ehr_point_mul_base(&visit.Q, q);
    ehr_declassify(&visit.Q, sizeof visit.Q); /* stands on the chain */
    if (status == EHR_OK)
        status = open_visit(&head, &K, sealed, sealed_len, q, &visit);
    if (status == EHR_OK) {
        assert(capacity >= sealed_len - EHR_RECORD_OVERHEAD_BYTES);
        status = ehr_record_decrypt(plaintext, plaintext_len, &head, sealed, sealed_len, &K);
    } else if (capacity != 0) {
        memset(plaintext, 0, capacity);
    }
    ehr_wipe(&K, sizeof K);
    return status;
}
