#include "sim/ledger/quorum_cert.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/sign.h"

#define BITMAP_OFFSET 38

static size_t bitmap_len(size_t members)
{
    return (members + 7) / 8;
}

static int has_bit(const uint8_t *bitmap, size_t member)
{
    return bitmap[member / 8] >> (member % 8) & 1;
}

/* ---- making ---- */

/* Sets the bits of the voters: LEN, DUP. */
static enum ehr_status bitmap_fill(uint8_t *bitmap, size_t members,
                                   const struct ehr_quorum_vote *votes, size_t count)
{
    if (members < 1 || members > EHR_QUORUM_MEMBERS_MAX)
        return EHR_LEN;
    for (size_t i = 0; i < count; i++) {
        size_t member = votes[i].member;
        if (member >= members)
            return EHR_LEN;
        if (has_bit(bitmap, member))
            return EHR_DUP;
        bitmap[member / 8] = (uint8_t)(bitmap[member / 8] | 1U << (member % 8));
    }
    return EHR_OK;
}

static size_t bits_below(const uint8_t *bitmap, size_t member)
{
    size_t bits = 0;
    for (size_t i = 0; i < member; i++)
        bits += (size_t)has_bit(bitmap, i);
    return bits;
}

enum ehr_status ehr_quorum_cert_make(uint8_t *cert, size_t cert_len, const uint8_t digest[32],
                                     size_t members, const struct ehr_quorum_vote *votes,
                                     size_t count)
{
    assert(cert_len == EHR_QUORUM_CERT_BYTES(members, count));
    memset(cert, 0, cert_len);
    uint8_t *bitmap = cert + BITMAP_OFFSET, *sigs = bitmap + bitmap_len(members);
    enum ehr_status status = bitmap_fill(bitmap, members, votes, count);
    if (status != EHR_OK) {
        memset(cert, 0, cert_len);
        return status;
    }
    struct ehr_writer writer = ehr_writer_init(cert, BITMAP_OFFSET);
    ehr_writer_magic(&writer, "QCT1");
    ehr_writer_bytes(&writer, digest, 32);
    ehr_writer_u16(&writer, (uint16_t)members);
    assert(ehr_writer_full(&writer));
    for (size_t i = 0; i < count; i++)
        memcpy(sigs + 64 * bits_below(bitmap, votes[i].member), votes[i].sig, 64);
    return EHR_OK;
}

/* ---- reading ---- */

static enum ehr_status parse(struct ehr_quorum_cert *view, const uint8_t *cert, size_t len,
                             size_t members)
{
    struct ehr_reader reader = ehr_reader_init(cert, len);
    ehr_reader_magic(&reader, "QCT1");
    view->digest = ehr_reader_take(&reader, 32);
    view->members = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, view->members == members && members >= 1);
    view->bitmap = ehr_reader_take(&reader, bitmap_len(view->members));
    if (reader.failed)
        return EHR_LEN;
    for (size_t bit = members; bit < 8 * bitmap_len(members); bit++)
        if (has_bit(view->bitmap, bit))
            return EHR_LEN;
    view->signers = bits_below(view->bitmap, members);
    view->sigs = ehr_reader_take(&reader, 64 * view->signers);
    return ehr_reader_end(&reader) ? EHR_OK : EHR_LEN;
}

enum ehr_status ehr_quorum_cert_parse(struct ehr_quorum_cert *view, const uint8_t *cert, size_t len,
                                      size_t members)
{
    enum ehr_status status = parse(view, cert, len, members);
    if (status != EHR_OK)
        *view = (struct ehr_quorum_cert){0};
    return status;
}

int ehr_quorum_cert_has(const struct ehr_quorum_cert *view, size_t member)
{
    return member < view->members && has_bit(view->bitmap, member);
}

static enum ehr_status verify(struct ehr_quorum_cert *view, const uint8_t *cert, size_t len,
                              const char *label, const uint8_t *digest, const uint8_t *keys,
                              size_t members, size_t threshold)
{
    EHR_TRY(ehr_quorum_cert_parse(view, cert, len, members));
    if (memcmp(view->digest, digest, 32) != 0)
        return EHR_HASH;
    if (view->signers < threshold)
        return EHR_THRESH;
    const uint8_t *sig = view->sigs;
    for (size_t i = 0; i < members; i++) {
        if (!has_bit(view->bitmap, i))
            continue;
        EHR_TRY(ehr_sign_verify(keys + 32 * i, label, digest, sig));
        sig += 64;
    }
    return EHR_OK;
}

enum ehr_status ehr_quorum_cert_verify(struct ehr_quorum_cert *view, const uint8_t *cert,
                                       size_t len, const char *label, const uint8_t digest[32],
                                       const uint8_t *keys, size_t members, size_t threshold)
{
    enum ehr_status status = verify(view, cert, len, label, digest, keys, members, threshold);
    if (status != EHR_OK)
        *view = (struct ehr_quorum_cert){0};
    return status;
}

enum ehr_status ehr_quorum_cert_check(struct ehr_quorum_cert_verified *out, const uint8_t *cert,
                                      size_t len, const char *label, const uint8_t digest[32],
                                      const uint8_t *keys, size_t members, size_t threshold)
{
    struct ehr_quorum_cert view;
    memset(out, 0, sizeof *out);
    EHR_TRY(ehr_quorum_cert_verify(&view, cert, len, label, digest, keys, members, threshold));
    memcpy(out->digest, digest, sizeof out->digest);
    out->members = view.members;
    out->signers = view.signers;
    return EHR_OK;
}
