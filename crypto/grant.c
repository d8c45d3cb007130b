#include "crypto/grant.h"

#include <assert.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/codec.h"
#include "crypto/memo.h"
#include "crypto/schnorr.h"

#define SEALED_BYTES 48 /* a fragment and the cipher's tag */

/* ---- scope and committee ---- */

static bool ascending(const uint8_t *td_coms, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (memcmp(td_coms + 32 * (i - 1), td_coms + 32 * i, 32) >= 0)
            return false;
    return true;
}

enum ehr_status ehr_scope_encode(uint8_t *scope, uint8_t purpose, const uint8_t *td_coms,
                                 size_t count)
{
    bool fits = count <= EHR_SCOPE_KEYWORDS_MAX;
    if (!fits || !ascending(td_coms, count)) {
        memset(scope, 0, EHR_SCOPE_BYTES(count));
        return fits ? EHR_DUP : EHR_THRESH;
    }
    struct ehr_writer writer = ehr_writer_init(scope, EHR_SCOPE_BYTES(count));
    ehr_writer_u8(&writer, purpose);
    ehr_writer_zeros(&writer, 1);
    ehr_writer_u16(&writer, (uint16_t)count);
    ehr_writer_bytes(&writer, td_coms, 32 * count);
    assert(ehr_writer_full(&writer));
    return EHR_OK;
}

enum ehr_status ehr_scope_parse(uint8_t *purpose, const uint8_t **td_coms, size_t *count,
                                const uint8_t *scope, size_t scope_len)
{
    struct ehr_reader reader = ehr_reader_init(scope, scope_len);
    *purpose = ehr_reader_u8(&reader);
    ehr_reader_zeros(&reader, 1);
    *count = ehr_reader_u16(&reader);
    *td_coms = *count == 0 ? NULL : ehr_reader_take(&reader, 32 * *count);
    enum ehr_status status = EHR_OK;
    if (!ehr_reader_end(&reader))
        status = EHR_LEN;
    else if (!ascending(*td_coms, *count))
        status = EHR_DUP;
    if (status != EHR_OK) {
        *purpose = 0;
        *td_coms = NULL;
        *count = 0;
    }
    return status;
}

void ehr_scope_hash(uint8_t scope_hash[32], const uint8_t *scope, size_t scope_len)
{
    EHR_HASH32(scope_hash, "scope", EHR_P(scope, scope_len));
}

void ehr_committee_id(uint8_t committee_id[32], uint32_t epoch, const uint8_t *cert_ids,
                      size_t count)
{
    EHR_HASH32(committee_id, "committee", EHR_U32(epoch), EHR_P(cert_ids, 32 * count));
}

/* ---- reading ---- */

static enum ehr_status parse(struct ehr_grant *grant, const uint8_t *bytes, size_t len)
{
    if (len < EHR_GRANT_BYTES(0) || bytes[0] != EHR_GRANT_MODE_VISIT)
        return EHR_LEN;
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    (void)ehr_reader_u8(&reader);
    grant->bytes = bytes;
    grant->len = len;
    grant->threshold = ehr_reader_u8(&reader);
    grant->proxies = ehr_reader_u8(&reader);
    if (grant->threshold < EHR_GRANT_PROXIES_MIN || grant->threshold > grant->proxies ||
        grant->proxies > EHR_GRANT_PROXIES_MAX)
        return EHR_THRESH;
    grant->nonce = ehr_reader_take(&reader, 16);
    grant->P = ehr_reader_take(&reader, 32);
    grant->Q = ehr_reader_take(&reader, 32);
    grant->hid = ehr_reader_take(&reader, 32);
    grant->du_cert_id = ehr_reader_take(&reader, 32);
    grant->Y = ehr_reader_take(&reader, 32);
    grant->scope_hash = ehr_reader_take(&reader, 32);
    grant->committee_id = ehr_reader_take(&reader, 32);
    grant->not_before = ehr_reader_u64(&reader);
    grant->not_after = ehr_reader_u64(&reader);
    grant->X = ehr_reader_take(&reader, 32);
    grant->KE = ehr_reader_take(&reader, 32);
    grant->U = ehr_reader_take(&reader, 32 * (size_t)grant->proxies);
    grant->sealed = ehr_reader_take(&reader, SEALED_BYTES * (size_t)grant->proxies);
    grant->sig = ehr_reader_take(&reader, EHR_SCHNORR_BYTES);
    return ehr_reader_end(&reader) ? EHR_OK : EHR_LEN;
}

enum ehr_status ehr_grant_parse(struct ehr_grant *grant, const uint8_t *bytes, size_t len)
{
    enum ehr_status status = parse(grant, bytes, len);
    if (status != EHR_OK)
        *grant = (struct ehr_grant){0};
    return status;
}

void ehr_grant_id(uint8_t gctx[32], uint8_t grant_id[32], const struct ehr_grant *grant)
{
    size_t n = grant->proxies;
    EHR_HASH32(gctx, "gctx", EHR_P(grant->bytes, 3), EHR_P(grant->nonce, 16), EHR_H(grant->P),
               EHR_H(grant->Q), EHR_H(grant->hid), EHR_H(grant->du_cert_id), EHR_H(grant->Y),
               EHR_H(grant->scope_hash), EHR_H(grant->committee_id), EHR_U64(grant->not_before),
               EHR_U64(grant->not_after));
    EHR_HASH32(grant_id, "grant", EHR_H(gctx), EHR_H(grant->X), EHR_H(grant->KE),
               EHR_P(grant->U, 32 * n), EHR_P(grant->sealed, SEALED_BYTES * n));
}

static enum ehr_status verify_compute(const void *context)
{
    const struct ehr_grant *grant = context;
    EHR_TRY(ehr_point_check(grant->P));
    EHR_TRY(ehr_point_check(grant->Q));
    EHR_TRY(ehr_point_check(grant->Y));
    EHR_TRY(ehr_point_check(grant->X));
    EHR_TRY(ehr_point_check(grant->KE));
    for (size_t i = 0; i < grant->proxies; i++)
        EHR_TRY(ehr_point_check(grant->U + 32 * i));
    if (grant->not_before > grant->not_after)
        return EHR_POLICY;
    uint8_t gctx[32], grant_id[32];
    ehr_grant_id(gctx, grant_id, grant);
    return ehr_schnorr_verify("sig-grant", grant->P, grant_id, grant->sig);
}

enum ehr_status ehr_grant_verify(struct ehr_grant_verified *grant, const uint8_t *bytes, size_t len)
{
    *grant = (struct ehr_grant_verified){0};
    struct ehr_grant view;
    EHR_TRY(ehr_grant_parse(&view, bytes, len));
    EHR_TRY(EHR_MEMO_VERIFY(EHR_MEMO_GRANT, verify_compute, &view, EHR_P(bytes, len)));
    grant->view = view;
    memcpy(grant->visit.P.bytes, view.P, 32);
    memcpy(grant->visit.Q.bytes, view.Q, 32);
    memcpy(grant->visit.hid, view.hid, 32);
    memcpy(grant->Y.bytes, view.Y, 32);
    memcpy(grant->X.bytes, view.X, 32);
    ehr_grant_id(grant->gctx, grant->grant_id, &view);
    return EHR_OK;
}

/* ---- derivations ---- */

enum ehr_status ehr_grant_factor(struct ehr_scalar *d, const struct ehr_point *X,
                                 const struct ehr_point *Y, const struct ehr_point *Z,
                                 const uint8_t gctx[32])
{
    return EHR_HASH_SCALAR(d, "pre-d", EHR_G(X), EHR_G(Y), EHR_G(Z), EHR_H(gctx));
}

enum ehr_status ehr_grant_abscissa(struct ehr_scalar *x, const struct ehr_point *X,
                                   const struct ehr_point *Y, const struct ehr_point *Z,
                                   const uint8_t gctx[32], uint8_t index)
{
    uint8_t id[32];
    ehr_grant_share_id(id, gctx, index);
    return EHR_HASH_SCALAR(x, "pre-x", EHR_G(X), EHR_G(Y), EHR_G(Z), EHR_H(id));
}

void ehr_grant_share_id(uint8_t id[32], const uint8_t gctx[32], uint8_t index)
{
    EHR_HASH32(id, "kfid", EHR_H(gctx), EHR_U8(index));
}

/* ---- key fragments ---- */

enum ehr_status ehr_kfrag_open(struct ehr_kfrag *kfrag, const struct ehr_grant_verified *grant,
                               uint8_t index, const struct ehr_dh_key *node_key)
{
    *kfrag = (struct ehr_kfrag){0};
    if (index < 1 || index > grant->view.proxies)
        return EHR_KFRAG;
    uint8_t id[32];
    ehr_grant_share_id(id, grant->gctx, index);
    if (ehr_box_body_open(kfrag->rk.bytes, node_key, grant->view.KE, id,
                          grant->view.sealed + SEALED_BYTES * (size_t)(index - 1),
                          SEALED_BYTES) != EHR_OK) {
        ehr_kfrag_close(kfrag);
        return EHR_KFRAG;
    }
    kfrag->index = index;
    return EHR_OK;
}

enum ehr_status ehr_kfrag_verify(struct ehr_kfrag_verified *verified, const struct ehr_kfrag *kfrag,
                                 const struct ehr_grant_verified *grant)
{
    *verified = (struct ehr_kfrag_verified){0};
    if (kfrag->index < 1 || kfrag->index > grant->view.proxies)
        return EHR_KFRAG;
    struct ehr_point expected;
    if (ehr_point_mul(&expected, &kfrag->rk, ehr_group_u()) != EHR_OK ||
        !ehr_equal(expected.bytes, grant->view.U + 32 * (size_t)(kfrag->index - 1), 32))
        return EHR_KFRAG;
    verified->kfrag = *kfrag;
    memcpy(verified->grant_id, grant->grant_id, 32);
    return EHR_OK;
}

void ehr_kfrag_close(struct ehr_kfrag *kfrag)
{
    if (kfrag != NULL)
        ehr_wipe(kfrag, sizeof *kfrag);
}

void ehr_kfrag_verified_close(struct ehr_kfrag_verified *kfrag)
{
    if (kfrag != NULL)
        ehr_wipe(kfrag, sizeof *kfrag);
}

/* ---- revocation ---- */

void ehr_revoke_message(uint8_t message[32], const uint8_t grant_id[32], uint64_t height)
{
    EHR_HASH32(message, "revoke", EHR_H(grant_id), EHR_U64(height));
}

enum ehr_status ehr_revoke_sign(uint8_t sig[64], const struct ehr_scalar *p,
                                const struct ehr_point *P, const uint8_t grant_id[32],
                                uint64_t height, struct ehr_rng *rng)
{
    uint8_t message[32];
    ehr_revoke_message(message, grant_id, height);
    return ehr_schnorr_sign(sig, "sig-revoke", p, P, message, rng);
}

enum ehr_status ehr_revoke_verify(const uint8_t P[32], const uint8_t grant_id[32], uint64_t height,
                                  const uint8_t sig[64])
{
    uint8_t message[32];
    ehr_revoke_message(message, grant_id, height);
    return ehr_schnorr_verify("sig-revoke", P, message, sig);
}
