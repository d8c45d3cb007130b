/* Any bytes as a sealed record, as its padded plaintext, and as alterations of an honest one. */
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/capsule.h"
#include "crypto/record.h"

enum { TAG_BYTES = EHR_RECORD_OVERHEAD_BYTES - EHR_RECORD_HEAD_BYTES };

static const uint8_t hospital[32] = {7};

static unsigned refusals(void)
{
    return FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SCALAR) |
           FUZZ_BIT(EHR_CAPSULE) | FUZZ_BIT(EHR_KCOM) | FUZZ_BIT(EHR_AEAD);
}

/* Opens with q; what is refused leaves nothing, what is accepted is as long as its record says and
 * has zeros behind it. The plaintext is the caller's to free. */
static enum ehr_status open_check(struct fuzz_blob *plain, const struct fuzz_blob *sealed,
                                  const struct ehr_scalar *q, const struct ehr_point *P,
                                  const uint8_t hid[32])
{
    size_t room =
        sealed->len < EHR_RECORD_OVERHEAD_BYTES ? 0 : sealed->len - EHR_RECORD_OVERHEAD_BYTES;
    size_t len = 1;
    *plain = fuzz_copy(sealed->data, room);
    fuzz_soil(plain->data, room);
    enum ehr_status status = fuzz_among(
        ehr_record_open(plain->data, room, &len, sealed->data, sealed->len, q, P, hid), refusals());
    if (status == EHR_OK) {
        assert(ehr_record_sealed_len(len) == sealed->len);
        assert(fuzz_is_zero(plain->data + len, room - len));
    } else {
        assert(len == 0 && fuzz_is_zero(plain->data, room));
    }
    plain->len = len;
    return status;
}

/* A head is written from what was read of it in one way. */
static void head_encode(uint8_t *bytes, const struct ehr_record_head *head, const uint8_t P[32])
{
    struct ehr_writer writer = ehr_writer_init(bytes, EHR_RECORD_HEAD_BYTES);
    ehr_writer_magic(&writer, "EHR1");
    ehr_writer_u8(&writer, 1);
    ehr_writer_zeros(&writer, 3);
    ehr_writer_bytes(&writer, P, 32);
    ehr_writer_bytes(&writer, head->capsule, EHR_CAPSULE_BYTES);
    ehr_writer_bytes(&writer, head->kcom, 32);
    ehr_writer_u64(&writer, head->body_len);
    assert(ehr_writer_full(&writer));
}

static void head_check(const uint8_t *bytes, size_t len, const struct ehr_record_visit *visit)
{
    struct ehr_record_head head;
    uint8_t again[EHR_RECORD_HEAD_BYTES];
    struct fuzz_blob copy = fuzz_copy(bytes, len);
    fuzz_soil(&head, sizeof head);
    enum ehr_status status =
        fuzz_among(ehr_record_head_check(&head, copy.data, copy.len, visit), refusals());
    if (status == EHR_OK) {
        head_encode(again, &head, visit->P.bytes);
        assert(memcmp(again, bytes, len) == 0);
    } else {
        assert(fuzz_is_zero(&head, sizeof head));
    }
    fuzz_blob_free(&copy);
}

/* The record as it comes, with q, P and hospital as they come. */
static void fuzz_sealed(struct fuzz_input *in)
{
    struct ehr_record_visit visit;
    struct ehr_record_head head;
    struct ehr_scalar q;
    fuzz_bytes(in, q.bytes, 32);
    fuzz_bytes(in, visit.P.bytes, 32);
    fuzz_bytes(in, visit.hid, 32);
    struct fuzz_blob sealed = fuzz_rest(in), plain;
    enum ehr_status opened = open_check(&plain, &sealed, &q, &visit.P, visit.hid);
    if (ehr_point_mul_base(&visit.Q, &q) == EHR_OK) {
        size_t head_len = sealed.len < EHR_RECORD_HEAD_BYTES ? sealed.len : EHR_RECORD_HEAD_BYTES;
        head_check(sealed.data, head_len, &visit);
        fuzz_soil(&head, sizeof head);
        enum ehr_status status =
            fuzz_among(ehr_record_check(&head, sealed.data, sealed.len, &visit), refusals());
        assert(status == EHR_OK ? head.bytes == sealed.data : fuzz_is_zero(&head, sizeof head));
        assert(opened != EHR_OK || status == EHR_OK);
    }
    fuzz_blob_free(&plain);
    fuzz_blob_free(&sealed);
}

static struct ehr_record_visit own_visit(void)
{
    struct ehr_record_visit visit = {.P = fuzz_dh_key(0)->public, .Q = fuzz_dh_key(1)->public};
    memcpy(visit.hid, hospital, 32);
    return visit;
}

/* An honest record, altered, cut or made longer: opens if and only if it is unaltered. */
static void fuzz_altered(struct fuzz_input *in)
{
    struct ehr_record_visit visit = own_visit();
    size_t edits_len = fuzz_u8(in) % 16;
    struct fuzz_input edits = {.at = in->at, .left = edits_len < in->left ? edits_len : in->left};
    in->at += edits.left;
    in->left -= edits.left;
    struct fuzz_blob text = fuzz_rest(in), opened;
    size_t len = ehr_record_sealed_len(text.len);
    struct fuzz_blob sealed = {.data = malloc(len + 1), .len = len};
    assert(sealed.data != NULL);
    sealed.data[len] = 0;
    enum ehr_status status =
        ehr_record_seal(sealed.data, len, &visit, text.data, text.len, fuzz_rng());
    assert(status == EHR_OK);
    bool changed = fuzz_edit(&edits, sealed.data, len);
    size_t length_change = fuzz_u16(&edits);
    if (length_change % 4 == 1)
        sealed.len = len + 1;
    else if (length_change % 4 == 2)
        sealed.len = length_change % len;
    struct fuzz_blob exact = fuzz_copy(sealed.data, sealed.len);
    status = open_check(&opened, &exact, &fuzz_dh_key(1)->secret, &visit.P, visit.hid);
    assert((status == EHR_OK) == (!changed && sealed.len == len));
    if (status == EHR_OK)
        assert(opened.len == text.len &&
               (text.len == 0 || memcmp(opened.data, text.data, text.len) == 0));
    fuzz_blob_free(&exact);
    fuzz_blob_free(&opened);
    fuzz_blob_free(&sealed);
    fuzz_blob_free(&text);
}

/* Whether the bytes are a padded plaintext, said in another way than by the decoder. */
static bool is_padded(const uint8_t *padded, size_t len)
{
    size_t zeros = 0;
    while (zeros < len && padded[len - 1 - zeros] == 0)
        zeros++;
    return zeros < len && padded[len - 1 - zeros] == 0x80 &&
           ehr_record_padded_len(len - 1 - zeros) == len;
}

/* Any padded plaintext under a right key. Fixes: 1 a wrong commitment, 2 a wrong length. */
static void fuzz_padding(struct fuzz_input *in)
{
    struct ehr_record_visit visit = own_visit();
    struct ehr_capsule_keys keys;
    struct ehr_point K;
    uint8_t label[32], pt_hash[32], capsule[EHR_CAPSULE_BYTES];
    unsigned fix = fuzz_u8(in);
    struct fuzz_blob padded = fuzz_rest(in), opened;
    struct fuzz_blob sealed = {.len = padded.len + EHR_RECORD_OVERHEAD_BYTES};
    sealed.data = malloc(sealed.len);
    assert(sealed.data != NULL);
    ehr_record_label(label, &visit);
    EHR_HASH32(pt_hash, "pt-hash", EHR_P(padded.data, padded.len));
    enum ehr_status status = ehr_capsule_encap(capsule, &K, &visit.Q, label, pt_hash, fuzz_rng());
    assert(status == EHR_OK);
    ehr_capsule_keys_derive(&keys, &K, capsule, label);
    struct ehr_record_head head = {
        .capsule = capsule, .kcom = keys.kcom, .body_len = padded.len + TAG_BYTES};
    keys.kcom[0] ^= (uint8_t)(fix & 1);
    head.body_len += fix >> 1 & 1;
    head_encode(sealed.data, &head, visit.P.bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data + EHR_RECORD_HEAD_BYTES, NULL,
                                               padded.data, padded.len, sealed.data,
                                               EHR_RECORD_HEAD_BYTES, NULL, keys.nonce, keys.key);
    status = open_check(&opened, &sealed, &fuzz_dh_key(1)->secret, &visit.P, visit.hid);
    if ((fix & 2) == 0 && (fix & 1) != 0 && padded.len >= 256)
        assert(status == EHR_KCOM);
    else if ((fix & 3) == 0)
        assert((status == EHR_OK) == is_padded(padded.data, padded.len));
    else
        assert(status == EHR_LEN);
    fuzz_blob_free(&opened);
    fuzz_blob_free(&sealed);
    fuzz_blob_free(&padded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fuzz_input in = {.at = data, .left = bytes};
    switch (fuzz_kind(&in) % 3) {
    case 0:
        fuzz_sealed(&in);
        break;
    case 1:
        fuzz_altered(&in);
        break;
    case 2:
        fuzz_padding(&in);
        break;
    }
    return 0;
}
