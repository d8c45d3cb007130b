/*
 * The sealed record: padding, head, authenticated encryption, and its opening by the patient. Not
 * the opening by a data user: that is combine.h.
 * Source: crypto.md section c; padding lengths from PADME (Nikitin et al., PETS 2019).
 *
 * A sealed record is head | body. The head says for which visit it is and carries the capsule; a
 * proxy works with the head and the body's hash alone.
 */
#ifndef EHR_CRYPTO_RECORD_H
#define EHR_CRYPTO_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/capsule.h"
#include "crypto/group.h"
#include "crypto/random.h"
#include "crypto/status.h"

#define EHR_RECORD_HEAD_BYTES 176
#define EHR_RECORD_OVERHEAD_BYTES                                                                  \
    192 /* head and the cipher's tag: sealed length - padded length                                \
         */
#define EHR_RECORD_PLAINTEXT_MAX ((size_t)1 << 30)

/* Whose visit a record belongs to. */
struct ehr_record_visit {
    struct ehr_point P; /* pseudonym */
    struct ehr_point Q; /* its encryption key */
    uint8_t hid[32];
};

/* A head that has passed ehr_record_head_check; borrows the 176 bytes it was made from. */
struct ehr_record_head {
    const uint8_t *bytes;
    const uint8_t *capsule; /* EHR_CAPSULE_BYTES bytes inside `bytes` */
    const uint8_t *kcom;    /* 32 bytes inside `bytes` */
    uint64_t body_len;      /* `ctlen`: what follows the head, in bytes */
    uint8_t label[32];      /* L of the visit */
};

/* Bytes after padding of a plaintext of `plaintext_len` <= EHR_RECORD_PLAINTEXT_MAX bytes. */
size_t ehr_record_padded_len(size_t plaintext_len);

/* Bytes of the sealed record: padded length + EHR_RECORD_OVERHEAD_BYTES. */
size_t ehr_record_sealed_len(size_t plaintext_len);

/* L = H32("rec-label"; P, Q, hid). */
void ehr_record_label(uint8_t label[32], const struct ehr_record_visit *visit);

/* Hash of a body as the proxies get it, and the hash of the whole record that stands on chain. */
void ehr_record_body_hash(uint8_t body_hash[32], const uint8_t *body, size_t body_len);
void ehr_record_ct_hash(uint8_t ct_hash[32], const uint8_t head[EHR_RECORD_HEAD_BYTES],
                        const uint8_t body_hash[32]);
/* Both at once for a whole sealed record of at least EHR_RECORD_HEAD_BYTES bytes. */
void ehr_record_hash(uint8_t ct_hash[32], const uint8_t *sealed, size_t sealed_len);

/* Seals `plaintext` into `sealed`, which holds exactly ehr_record_sealed_len(plaintext_len) bytes
 * and does not overlap it. Draws rnd32. LEN if the plaintext is too long, POINT if P or Q is not
 * valid; then `sealed` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_record_seal(uint8_t *sealed, size_t sealed_len,
                                               const struct ehr_record_visit *visit,
                                               const uint8_t *plaintext, size_t plaintext_len,
                                               struct ehr_rng *rng);

/* Checks a head of `head_len` bytes (exactly 176) against the visit: magic, suite, reserved bytes,
 * body length (LEN), P (POINT), P the visit's (POLICY), the capsule (POINT, SCALAR, CAPSULE).
 * `head` is set on success only, zero otherwise. */
EHR_MUST_CHECK enum ehr_status ehr_record_head_check(struct ehr_record_head *head,
                                                     const uint8_t *bytes, size_t head_len,
                                                     const struct ehr_record_visit *visit);

/* The same for a whole sealed record, whose length must also be the one its head states (LEN,
 * before everything else). */
EHR_MUST_CHECK enum ehr_status ehr_record_check(struct ehr_record_head *head, const uint8_t *sealed,
                                                size_t sealed_len,
                                                const struct ehr_record_visit *visit);

/* Opens a checked record with its point K: commitment (KCOM), cipher (AEAD), padding (LEN).
 * `plaintext` has room for sealed_len - EHR_RECORD_OVERHEAD_BYTES bytes and does not overlap
 * `sealed`; its first *plaintext_len bytes are the record, the rest is zero. On failure the
 * buffer is zero, the length 0. */
EHR_MUST_CHECK enum ehr_status ehr_record_decrypt(uint8_t *plaintext, size_t *plaintext_len,
                                                  const struct ehr_record_head *head,
                                                  const uint8_t *sealed, size_t sealed_len,
                                                  const struct ehr_point *K);

/* The patient's opening with q of the visit (P, hid): check, decap, decrypt. `plaintext` has room
 * for `capacity` >= sealed_len - EHR_RECORD_OVERHEAD_BYTES bytes (nothing is needed where
 * sealed_len is smaller: that is LEN). SCALAR if q is not valid. On failure nothing is released. */
EHR_MUST_CHECK enum ehr_status ehr_record_open(uint8_t *plaintext, size_t capacity,
                                               size_t *plaintext_len, const uint8_t *sealed,
                                               size_t sealed_len, const struct ehr_scalar *q,
                                               const struct ehr_point *P, const uint8_t hid[32]);

#endif /* EHR_CRYPTO_RECORD_H */
