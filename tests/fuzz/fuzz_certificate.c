/* Any bytes as a certificate, a chain of certificates, or the certificate of an epoch's key. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/cert.h"

enum { CHAIN_INPUT_MAX = 5 }; /* more than a chain may have */

/* How a chain is mended before it is verified. */
enum { FIX_SIGN = 1, FIX_LINK = 2, FIX_ROOT = 4, FIX_ROLE = 8, FIX_REVOKED = 16 };

/* An accepted certificate has one encoding: what it says, issued again. */
static void parse_check(const uint8_t *bytes, size_t len)
{
    struct ehr_cert cert;
    fuzz_soil(&cert, sizeof cert);
    enum ehr_status status =
        fuzz_among(ehr_cert_parse(&cert, bytes, len), FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&cert, sizeof cert));
        return;
    }
    uint8_t again[EHR_CERT_BYTES], id[32];
    memcpy(id, cert.id, 32);
    assert(len == EHR_CERT_BYTES && memcmp(cert.sig, bytes + EHR_CERT_BODY_BYTES, 64) == 0);
    ehr_cert_issue(again, &cert, fuzz_sign_key(0));
    assert(memcmp(again, bytes, EHR_CERT_BODY_BYTES) == 0 && memcmp(cert.id, id, 32) == 0);
}

/* Writes the keys and the place of certificate i, and signs it. */
static void mend(uint8_t *cert, unsigned i, const uint8_t *above_id, unsigned fix)
{
    uint8_t id[32];
    if ((fix & FIX_LINK) != 0 && above_id != NULL)
        memcpy(cert + 8, above_id, 32);
    if ((fix & FIX_SIGN) != 0)
        memcpy(cert + 64, fuzz_sign_key(i)->public, 32);
    EHR_HASH32(id, "cert", EHR_P(cert, EHR_CERT_BODY_BYTES));
    if ((fix & FIX_SIGN) != 0)
        ehr_sign_make(cert + EHR_CERT_BODY_BYTES, fuzz_sign_key(i > 0 ? i - 1 : 0), "sig-cert", id);
}

static bool is_revoked(void *context, const uint8_t cert_id[32])
{
    return memcmp(context, cert_id, 32) == 0;
}

static void chain_check(const struct ehr_part *parts, size_t count,
                        const struct ehr_cert_policy *policy)
{
    struct ehr_cert_verified out;
    fuzz_soil(&out, sizeof out);
    enum ehr_status status = fuzz_among(ehr_cert_chain_verify(&out, parts, count, policy),
                                        FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_LEN) |
                                            FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_SIG));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&out, sizeof out));
        return;
    }
    assert(count >= 1 && count <= EHR_CERT_CHAIN_MAX && out.cert.role == policy->role);
    assert(out.cert.not_before <= policy->now && policy->now <= out.cert.not_after);
    assert(!is_revoked(policy->context, out.cert.id));
    for (size_t i = 0; i < count; i++)
        parse_check(parts[i].data, parts[i].length);
}

static void fuzz_chain(struct fuzz_input *in)
{
    struct fuzz_blob certs[CHAIN_INPUT_MAX];
    struct ehr_part parts[CHAIN_INPUT_MAX];
    uint8_t root_id[32], revoked[32], id[32];
    unsigned fix = fuzz_u8(in);
    uint8_t role = fuzz_u8(in);
    uint64_t now = fuzz_u64(in);
    fuzz_bytes(in, root_id, 32);
    fuzz_bytes(in, revoked, 32);
    size_t count = 0;
    for (; in->left != 0 && count < CHAIN_INPUT_MAX; count++) {
        certs[count] = fuzz_part(in);
        uint8_t *cert = certs[count].data;
        if (certs[count].len == EHR_CERT_BYTES) {
            mend(cert, (unsigned)count, count > 0 ? id : NULL, fix);
            EHR_HASH32(id, "cert", EHR_P(cert, EHR_CERT_BODY_BYTES));
            if ((fix & FIX_ROOT) != 0 && count == 0)
                memcpy(root_id, id, 32);
            if ((fix & FIX_ROLE) != 0)
                role = cert[4];
            if ((fix & FIX_REVOKED) != 0)
                memcpy(revoked, id, 32);
        }
        parts[count] = EHR_P(cert, certs[count].len);
        parse_check(cert, certs[count].len);
    }
    struct ehr_cert_policy policy = {.root_id = root_id,
                                     .role = (enum ehr_role)role,
                                     .now = now,
                                     .revoked = is_revoked,
                                     .context = revoked};
    chain_check(parts, count, &policy);
    for (size_t i = 0; i < count; i++)
        fuzz_blob_free(&certs[i]);
}

/* Of an epoch's key: fix bit 0 signs, bit 1 expects the owner and epoch that it states. */
static void fuzz_epoch_key(struct fuzz_input *in, enum ehr_epoch_key_kind kind)
{
    uint8_t owner_id[32], owner_pk[32], digest[32], again[EHR_EPOCH_CERT_BYTES];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, owner_id, 32);
    fuzz_bytes(in, owner_pk, 32);
    uint32_t epoch = (uint32_t)fuzz_u64(in);
    struct fuzz_blob cert = fuzz_rest(in);
    bool index = kind == EHR_EPOCH_KEY_INDEX, mended = cert.len == sizeof again;
    if (mended && (fix & 1) != 0) {
        EHR_HASH32(digest, index ? "idx-cert" : "nsk-cert", EHR_P(cert.data, 72));
        ehr_sign_make(cert.data + 72, fuzz_sign_key(1), index ? "sig-idx" : "sig-nsk", digest);
        memcpy(owner_pk, fuzz_sign_key(1)->public, 32);
    }
    if (mended && (fix & 2) != 0) {
        memcpy(owner_id, cert.data + 4, 32);
        epoch = ehr_le32_get(cert.data + 36);
    }
    struct ehr_point key;
    fuzz_soil(&key, sizeof key);
    enum ehr_status status = fuzz_among(
        ehr_epoch_cert_verify(&key, kind, cert.data, cert.len, owner_id, owner_pk, epoch),
        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SIG));
    if (status == EHR_OK) {
        ehr_epoch_cert_make(again, kind, owner_id, epoch, &key, fuzz_sign_key(1));
        assert(memcmp(again, cert.data, (fix & 1) != 0 ? sizeof again : 72) == 0);
    } else {
        assert(fuzz_is_zero(&key, sizeof key));
    }
    fuzz_blob_free(&cert);
}

/* fix bit 0 signs: then it must be accepted. */
static void fuzz_revocation(struct fuzz_input *in)
{
    uint8_t pk[32], cert_id[32], sig[64];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, pk, 32);
    fuzz_bytes(in, cert_id, 32);
    uint64_t height = fuzz_u64(in);
    uint8_t reason = fuzz_u8(in);
    fuzz_bytes(in, sig, 64);
    if ((fix & 1) != 0) {
        memcpy(pk, fuzz_sign_key(2)->public, 32);
        ehr_cert_revoke_sign(sig, fuzz_sign_key(2), cert_id, height, reason);
    }
    enum ehr_status status =
        fuzz_among(ehr_cert_revoke_verify(pk, cert_id, height, reason, sig), FUZZ_BIT(EHR_SIG));
    assert((fix & 1) == 0 || status == EHR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fuzz_input in = {.at = data, .left = bytes};
    switch (fuzz_kind(&in) % 4) {
    case 0:
        fuzz_chain(&in);
        break;
    case 1:
        fuzz_epoch_key(&in, EHR_EPOCH_KEY_INDEX);
        break;
    case 2:
        fuzz_epoch_key(&in, EHR_EPOCH_KEY_SEALING);
        break;
    case 3:
        fuzz_revocation(&in);
        break;
    }
    return 0;
}
