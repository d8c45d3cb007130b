#include "sim/ledger/private_tx.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"

static_assert(EHR_PTX_LABELS_MAX == EHR_INDEX_LABELS_MAX, "one limit of labels");

static bool is_emergency(uint16_t flags)
{
    return (flags & EHR_PTX_FLAG_EMERGENCY) != 0;
}

static size_t token_len(uint16_t flags)
{
    return is_emergency(flags) ? EHR_PTX_EMERGENCY_BYTES : EHR_PTX_TOKEN_BYTES;
}

/* ---- hashes ---- */

void ehr_ptx_pub(uint8_t pub[32], const uint8_t hid[32], const uint8_t pseudonym[96],
                 uint32_t epoch, uint16_t flags, const uint8_t *labels, size_t nkw)
{
    EHR_HASH32(pub, "ptx-pub", EHR_H(hid), EHR_H(pseudonym), EHR_H(pseudonym + 32),
               EHR_H(pseudonym + 64), EHR_U32(epoch), EHR_U16(flags), EHR_P(labels, 16 * nkw));
}

void ehr_ptx_body(uint8_t body[32], const uint8_t pub[32], const uint8_t doctor_id[32],
                  const uint8_t ct_hash[32], uint64_t ct_len)
{
    EHR_HASH32(body, "ptx-body", EHR_H(pub), EHR_H(doctor_id), EHR_H(ct_hash), EHR_U64(ct_len));
}

void ehr_ptx_priv(uint8_t priv[32], const uint8_t doctor_id[32], const uint8_t ct_hash[32],
                  uint64_t ct_len, const uint8_t doctor_sig[64], const uint8_t *token,
                  size_t token_bytes)
{
    assert(token_bytes == EHR_PTX_TOKEN_BYTES || token_bytes == EHR_PTX_EMERGENCY_BYTES);
    EHR_HASH32(priv, "ptx-priv", EHR_H(doctor_id), EHR_H(ct_hash), EHR_U64(ct_len),
               EHR_P(doctor_sig, 64), EHR_P(token, token_bytes));
}

void ehr_ptx_leaf(uint8_t leaf[32], const uint8_t pub[32], const uint8_t priv[32])
{
    EHR_HASH32(leaf, "leaf", EHR_H(pub), EHR_H(priv));
}

void ehr_ptx_terms_body(uint8_t body[32], const struct ehr_ptx_terms *terms)
{
    uint8_t pub[32];
    ehr_ptx_pub(pub, terms->hid, terms->pseudonym, terms->epoch, terms->flags, terms->labels,
                terms->nkw);
    ehr_ptx_body(body, pub, terms->doctor_id, terms->ct_hash, terms->ct_len);
}

void ehr_ptx_hashes(struct ehr_ptx_hashes *hashes, const struct ehr_ptx *ptx)
{
    const struct ehr_ptx_terms *terms = &ptx->terms;
    ehr_ptx_pub(hashes->pub, terms->hid, terms->pseudonym, terms->epoch, terms->flags,
                terms->labels, terms->nkw);
    ehr_ptx_body(hashes->body, hashes->pub, terms->doctor_id, terms->ct_hash, terms->ct_len);
    ehr_ptx_priv(hashes->priv, terms->doctor_id, terms->ct_hash, terms->ct_len, ptx->doctor_sig,
                 ptx->token, ptx->token_len);
    ehr_ptx_leaf(hashes->leaf, hashes->pub, hashes->priv);
}

/* ---- evidence ---- */

void ehr_ptx_sign_doctor(uint8_t sig[64], const uint8_t body[32], const struct ehr_sign_key *doctor)
{
    ehr_sign_make(sig, doctor, "sig-ptx", body);
}

enum ehr_status ehr_ptx_sign_patient(uint8_t token[EHR_PTX_TOKEN_BYTES], const uint8_t body[32],
                                     const struct ehr_scalar *p, const struct ehr_point *P,
                                     struct ehr_rng *rng)
{
    return ehr_schnorr_sign(token, "sig-visit", p, P, body, rng);
}

void ehr_ptx_sign_emergency(uint8_t token[EHR_PTX_EMERGENCY_BYTES], const uint8_t body[32],
                            const uint8_t second_id[32], const struct ehr_sign_key *second)
{
    memcpy(token, second_id, 32);
    ehr_sign_make(token + 32, second, "sig-emerg", body);
}

/* ---- bytes ---- */

void ehr_ptx_encode(uint8_t *bytes, const struct ehr_ptx_terms *terms, const uint8_t doctor_sig[64],
                    const uint8_t *token)
{
    assert(terms->nkw <= EHR_PTX_LABELS_MAX && (terms->flags & ~EHR_PTX_FLAG_EMERGENCY) == 0);
    struct ehr_writer writer = ehr_writer_init(bytes, EHR_PTX_BYTES(terms->nkw, terms->flags));
    ehr_writer_magic(&writer, "PTX1");
    ehr_writer_bytes(&writer, terms->hid, 32);
    ehr_writer_bytes(&writer, terms->doctor_id, 32);
    ehr_writer_u32(&writer, terms->epoch);
    ehr_writer_u16(&writer, terms->flags);
    ehr_writer_u16(&writer, (uint16_t)terms->nkw);
    ehr_writer_bytes(&writer, terms->pseudonym, 96);
    ehr_writer_bytes(&writer, terms->ct_hash, 32);
    ehr_writer_u64(&writer, terms->ct_len);
    ehr_writer_bytes(&writer, terms->labels, 16 * terms->nkw);
    ehr_writer_bytes(&writer, doctor_sig, 64);
    ehr_writer_bytes(&writer, token, token_len(terms->flags));
    assert(ehr_writer_full(&writer));
}

enum ehr_status ehr_ptx_parse(struct ehr_ptx *ptx, const uint8_t *bytes, size_t len)
{
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    struct ehr_ptx_terms *terms = &ptx->terms;
    ptx->bytes = bytes;
    ptx->len = len;
    ehr_reader_magic(&reader, "PTX1");
    terms->hid = ehr_reader_take(&reader, 32);
    terms->doctor_id = ehr_reader_take(&reader, 32);
    terms->epoch = ehr_reader_u32(&reader);
    terms->flags = ehr_reader_u16(&reader);
    terms->nkw = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, (terms->flags & ~EHR_PTX_FLAG_EMERGENCY) == 0 &&
                                    terms->nkw <= EHR_PTX_LABELS_MAX);
    terms->pseudonym = ehr_reader_take(&reader, 96);
    terms->ct_hash = ehr_reader_take(&reader, 32);
    terms->ct_len = ehr_reader_u64(&reader);
    terms->labels = ehr_reader_take(&reader, 16 * terms->nkw);
    ptx->doctor_sig = ehr_reader_take(&reader, 64);
    ptx->token_len = token_len(terms->flags);
    ptx->token = ehr_reader_take(&reader, ptx->token_len);
    if (ehr_reader_end(&reader))
        return EHR_OK;
    *ptx = (struct ehr_ptx){0};
    return EHR_LEN;
}

/* ---- verification ---- */

/* Keys of the doctors who sign; the second one only in an emergency, where it must be another
 * certificate and, so that one person cannot hold both, another key. */
static enum ehr_status doctors_find(uint8_t first[32], uint8_t second[32],
                                    const struct ehr_ptx *ptx,
                                    const struct ehr_ptx_doctors *doctors)
{
    if (!doctors->find(doctors->context, ptx->terms.doctor_id, first))
        return EHR_POLICY;
    if (!is_emergency(ptx->terms.flags))
        return EHR_OK;
    if (memcmp(ptx->terms.doctor_id, ptx->token, 32) == 0 ||
        !doctors->find(doctors->context, ptx->token, second) || memcmp(first, second, 32) == 0)
        return EHR_POLICY;
    return EHR_OK;
}

static enum ehr_status verify(struct ehr_ptx_hashes *hashes, const struct ehr_ptx *ptx,
                              const uint8_t *hid, uint32_t epoch,
                              const struct ehr_ptx_doctors *doctors)
{
    const struct ehr_ptx_terms *terms = &ptx->terms;
    uint8_t first[32], second[32];
    EHR_TRY(ehr_pseudonym_check(terms->pseudonym));
    if (!ehr_index_labels_distinct(terms->labels, terms->nkw))
        return EHR_DUP;
    if (memcmp(terms->hid, hid, 32) != 0 || terms->epoch != epoch)
        return EHR_POLICY;
    EHR_TRY(doctors_find(first, second, ptx, doctors));
    ehr_ptx_hashes(hashes, ptx);
    EHR_TRY(ehr_sign_verify(first, "sig-ptx", hashes->body, ptx->doctor_sig));
    if (is_emergency(terms->flags))
        return ehr_sign_verify(second, "sig-emerg", hashes->body, ptx->token + 32);
    return ehr_schnorr_verify("sig-visit", terms->pseudonym, hashes->body, ptx->token);
}

enum ehr_status ehr_ptx_verify(struct ehr_ptx_hashes *hashes, const struct ehr_ptx *ptx,
                               const uint8_t hid[32], uint32_t epoch,
                               const struct ehr_ptx_doctors *doctors)
{
    enum ehr_status status = verify(hashes, ptx, hid, epoch, doctors);
    if (status != EHR_OK)
        memset(hashes, 0, sizeof *hashes);
    return status;
}

enum ehr_status ehr_ptx_check(struct ehr_ptx_verified *out, const uint8_t *bytes, size_t len,
                              const uint8_t hid[32], uint32_t epoch,
                              const struct ehr_ptx_doctors *doctors)
{
    struct ehr_ptx_hashes hashes;
    memset(out, 0, sizeof *out);
    enum ehr_status status = ehr_ptx_parse(&out->ptx, bytes, len);
    if (status == EHR_OK)
        status = ehr_ptx_verify(&hashes, &out->ptx, hid, epoch, doctors);
    if (status == EHR_OK)
        memcpy(out->leaf, hashes.leaf, sizeof out->leaf);
    else
        memset(out, 0, sizeof *out);
    return status;
}

enum ehr_status ehr_ptx_check_fresh(const struct ehr_ptx *ptx, const struct ehr_ptx_seen *seen)
{
    const struct ehr_ptx_terms *terms = &ptx->terms;
    if (seen->has(seen->context, terms->pseudonym, 32))
        return EHR_DUP;
    for (size_t i = 0; i < terms->nkw; i++)
        if (seen->has(seen->context, terms->labels + 16 * i, 16))
            return EHR_DUP;
    return EHR_OK;
}
