/* Any bytes as a grant, as its fragments, as a scope, and as a revocation. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/box.h"
#include "crypto/grant.h"
#include "crypto/schnorr.h"

enum { SEALED_BYTES = 48, P_OFFSET = 19, KE_OFFSET = 291, U_OFFSET = 323 };

/* A view holds all of a grant: written out field by field it is the same bytes. */
static void encode_check(const struct ehr_grant *grant, const struct fuzz_blob *bytes)
{
    size_t n = grant->proxies;
    struct fuzz_blob again = fuzz_copy(bytes->data, bytes->len);
    struct ehr_writer w = ehr_writer_init(again.data, again.len);
    fuzz_soil(again.data, again.len);
    ehr_writer_u8(&w, EHR_GRANT_MODE_VISIT);
    ehr_writer_u8(&w, grant->threshold);
    ehr_writer_u8(&w, grant->proxies);
    ehr_writer_bytes(&w, grant->nonce, 16);
    const uint8_t *fields[] = {grant->P, grant->Q,          grant->hid,         grant->du_cert_id,
                               grant->Y, grant->scope_hash, grant->committee_id};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        ehr_writer_bytes(&w, fields[i], 32);
    ehr_writer_u64(&w, grant->not_before);
    ehr_writer_u64(&w, grant->not_after);
    ehr_writer_bytes(&w, grant->X, 32);
    ehr_writer_bytes(&w, grant->KE, 32);
    ehr_writer_bytes(&w, grant->U, 32 * n);
    ehr_writer_bytes(&w, grant->sealed, SEALED_BYTES * n);
    ehr_writer_bytes(&w, grant->sig, EHR_SCHNORR_BYTES);
    assert(ehr_writer_full(&w) && memcmp(again.data, bytes->data, bytes->len) == 0);
    assert(n >= grant->threshold && grant->threshold >= 2 && n <= EHR_GRANT_PROXIES_MAX);
    fuzz_blob_free(&again);
}

/* Signs the grant under a known p, in place of whatever P it had. */
static void grant_sign(struct fuzz_blob *bytes)
{
    const struct ehr_dh_key *own = fuzz_dh_key(0);
    struct ehr_grant view;
    uint8_t gctx[32], grant_id[32];
    if (ehr_grant_parse(&view, bytes->data, bytes->len) != EHR_OK)
        return;
    memcpy(bytes->data + P_OFFSET, own->public.bytes, 32);
    ehr_grant_id(gctx, grant_id, &view);
    enum ehr_status status =
        ehr_schnorr_sign(bytes->data + bytes->len - EHR_SCHNORR_BYTES, "sig-grant", &own->secret,
                         &own->public, grant_id, fuzz_rng());
    assert(status == EHR_OK);
}

static enum ehr_status grant_check(struct ehr_grant_verified *grant, const struct fuzz_blob *bytes)
{
    struct ehr_grant view;
    fuzz_soil(&view, sizeof view);
    enum ehr_status parsed = fuzz_among(ehr_grant_parse(&view, bytes->data, bytes->len),
                                        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_THRESH));
    if (parsed == EHR_OK)
        encode_check(&view, bytes);
    else
        assert(fuzz_is_zero(&view, sizeof view));
    fuzz_soil(grant, sizeof *grant);
    enum ehr_status status =
        fuzz_among(ehr_grant_verify(grant, bytes->data, bytes->len),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_THRESH) | FUZZ_BIT(EHR_POINT) |
                       FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SIG));
    assert(parsed == EHR_OK ? status != EHR_LEN && status != EHR_THRESH : status == parsed);
    if (status == EHR_OK)
        assert(grant->view.not_before <= grant->view.not_after &&
               memcmp(grant->visit.P.bytes, bytes->data + P_OFFSET, 32) == 0);
    else
        assert(fuzz_is_zero(grant, sizeof *grant));
    return status;
}

/* fix bit 0 signs. */
static void fuzz_verify(struct fuzz_input *in)
{
    struct ehr_grant_verified grant;
    unsigned fix = fuzz_u8(in);
    struct fuzz_blob bytes = fuzz_rest(in);
    if ((fix & 1) != 0)
        grant_sign(&bytes);
    enum ehr_status status = grant_check(&grant, &bytes);
    assert((fix & 1) == 0 || status != EHR_SIG);
    fuzz_blob_free(&bytes);
}

/* Puts rk into share j of the grant: bit 1 seals it to the node, bit 2 makes U_j fit. */
static void share_put(struct fuzz_blob *bytes, uint8_t j, const struct ehr_scalar *rk,
                      const struct ehr_dh_key *node, unsigned fix)
{
    const struct ehr_dh_key *ephemeral = fuzz_dh_key(1);
    struct ehr_grant view;
    struct ehr_point U;
    uint8_t gctx[32], grant_id[32], id[32];
    if (ehr_grant_parse(&view, bytes->data, bytes->len) != EHR_OK || j < 1 || j > view.proxies)
        return;
    if ((fix & 4) != 0 && ehr_point_mul(&U, rk, ehr_group_u()) == EHR_OK)
        memcpy(bytes->data + U_OFFSET + 32 * (size_t)(j - 1), U.bytes, 32);
    if ((fix & 2) == 0)
        return;
    memcpy(bytes->data + KE_OFFSET, ephemeral->public.bytes, 32);
    memcpy(bytes->data + P_OFFSET, fuzz_dh_key(0)->public.bytes, 32); /* as grant_sign will */
    ehr_grant_id(gctx, grant_id, &view);
    ehr_grant_share_id(id, gctx, j);
    enum ehr_status status = ehr_box_body_seal(bytes->data + U_OFFSET + 32 * (size_t)view.proxies +
                                                   SEALED_BYTES * (size_t)(j - 1),
                                               ephemeral, &node->public, id, rk->bytes, 32);
    assert(status == EHR_OK);
}

static void kfrag_check(const struct ehr_grant_verified *grant, uint8_t j,
                        const struct ehr_dh_key *node)
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    fuzz_soil(&kfrag, sizeof kfrag);
    enum ehr_status status =
        fuzz_among(ehr_kfrag_open(&kfrag, grant, j, node), FUZZ_BIT(EHR_KFRAG));
    if (status != EHR_OK)
        assert(fuzz_is_zero(&kfrag, sizeof kfrag));
    fuzz_soil(&verified, sizeof verified);
    status = fuzz_among(ehr_kfrag_verify(&verified, &kfrag, grant), FUZZ_BIT(EHR_KFRAG));
    if (status == EHR_OK)
        assert(verified.kfrag.index == j && ehr_scalar_check(kfrag.rk.bytes) == EHR_OK &&
               memcmp(verified.grant_id, grant->grant_id, 32) == 0);
    else
        assert(fuzz_is_zero(&verified, sizeof verified));
    ehr_kfrag_close(&kfrag);
    ehr_kfrag_verified_close(&verified);
}

/* Share j opened by a node whose key comes, or with bit 3 by one that is known. */
static void fuzz_kfrag(struct fuzz_input *in)
{
    struct ehr_grant_verified grant;
    struct ehr_dh_key node;
    struct ehr_scalar secret, rk;
    unsigned fix = fuzz_u8(in);
    uint8_t j = fuzz_u8(in);
    fuzz_bytes(in, secret.bytes, 32);
    fuzz_bytes(in, rk.bytes, 32);
    struct fuzz_blob bytes = fuzz_rest(in);
    bool known = (fix & 8) != 0;
    if (known)
        node = *fuzz_dh_key(2);
    if (known || ehr_dh_key_from_secret(&node, &secret) == EHR_OK) {
        share_put(&bytes, j, &rk, &node, fix);
        if ((fix & 1) != 0)
            grant_sign(&bytes);
        if (grant_check(&grant, &bytes) == EHR_OK)
            kfrag_check(&grant, j, &node);
    }
    fuzz_blob_free(&bytes);
}

static void fuzz_scope(struct fuzz_input *in)
{
    struct fuzz_blob scope = fuzz_rest(in);
    uint8_t purpose = 1;
    const uint8_t *td_coms = &purpose;
    size_t count = 1;
    enum ehr_status status =
        fuzz_among(ehr_scope_parse(&purpose, &td_coms, &count, scope.data, scope.len),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_DUP));
    if (status == EHR_OK) {
        struct fuzz_blob again = fuzz_copy(scope.data, scope.len);
        fuzz_soil(again.data, again.len);
        assert(EHR_SCOPE_BYTES(count) == scope.len);
        for (size_t i = 1; i < count; i++)
            assert(memcmp(td_coms + 32 * (i - 1), td_coms + 32 * i, 32) < 0);
        status = ehr_scope_encode(again.data, purpose, td_coms, count);
        assert(status == EHR_OK && memcmp(again.data, scope.data, scope.len) == 0);
        fuzz_blob_free(&again);
    } else {
        assert(purpose == 0 && td_coms == NULL && count == 0);
    }
    fuzz_blob_free(&scope);
}

/* fix bit 0 signs: then it must be accepted. */
static void fuzz_revocation(struct fuzz_input *in)
{
    const struct ehr_dh_key *own = fuzz_dh_key(3);
    uint8_t P[32], grant_id[32], sig[64];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, P, 32);
    fuzz_bytes(in, grant_id, 32);
    uint64_t height = fuzz_u64(in);
    fuzz_bytes(in, sig, 64);
    enum ehr_status status;
    if ((fix & 1) != 0) {
        memcpy(P, own->public.bytes, 32);
        status = ehr_revoke_sign(sig, &own->secret, &own->public, grant_id, height, fuzz_rng());
        assert(status == EHR_OK);
    }
    status = fuzz_among(ehr_revoke_verify(P, grant_id, height, sig),
                        FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_SIG));
    assert((fix & 1) == 0 || status == EHR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fuzz_input in = {.at = data, .left = bytes};
    switch (fuzz_kind(&in) % 4) {
    case 0:
        fuzz_verify(&in);
        break;
    case 1:
        fuzz_kfrag(&in);
        break;
    case 2:
        fuzz_scope(&in);
        break;
    case 3:
        fuzz_revocation(&in);
        break;
    }
    return 0;
}
