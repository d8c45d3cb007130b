#include "crypto/cert.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/memo.h"

void ehr_cert_name_hash(uint8_t out[32], const char *name)
{
    EHR_HASH32(out, "name", EHR_P(name, strlen(name)));
}

static void cert_id_compute(uint8_t id[32], const uint8_t bytes[EHR_CERT_BYTES])
{
    EHR_HASH32(id, "cert", EHR_P(bytes, EHR_CERT_BODY_BYTES));
}

void ehr_cert_issue(uint8_t out[EHR_CERT_BYTES], struct ehr_cert *cert,
                    const struct ehr_sign_key *issuer)
{
    struct ehr_writer w = ehr_writer_init(out, EHR_CERT_BYTES);
    ehr_writer_magic(&w, "CRT1");
    ehr_writer_u8(&w, cert->role);
    ehr_writer_u8(&w, cert->flags);
    ehr_writer_u16(&w, 0);
    ehr_writer_bytes(&w, cert->issuer_id, 32);
    ehr_writer_u64(&w, cert->serial);
    ehr_writer_u64(&w, cert->not_before);
    ehr_writer_u64(&w, cert->not_after);
    ehr_writer_bytes(&w, cert->ed_pk, 32);
    ehr_writer_bytes(&w, cert->dh_pk.bytes, 32);
    ehr_writer_bytes(&w, cert->name_hash, 32);
    assert(w.offset == EHR_CERT_BODY_BYTES);
    cert_id_compute(cert->id, out);
    ehr_sign_make(cert->sig, issuer, "sig-cert", cert->id);
    ehr_writer_bytes(&w, cert->sig, 64);
    assert(ehr_writer_full(&w));
}

static enum ehr_status dh_key_compute(const void *context)
{
    return ehr_point_check(context);
}

static enum ehr_status cert_decode(struct ehr_cert *out, const uint8_t *bytes, size_t length)
{
    struct ehr_reader r = ehr_reader_init(bytes, length);
    ehr_reader_magic(&r, "CRT1");
    out->role = ehr_reader_u8(&r);
    out->flags = ehr_reader_u8(&r);
    ehr_reader_require(&r, (out->flags & ~EHR_CERT_FLAG_SIMULATION) == 0);
    ehr_reader_zeros(&r, 2);
    ehr_reader_bytes(&r, out->issuer_id, 32);
    out->serial = ehr_reader_u64(&r);
    out->not_before = ehr_reader_u64(&r);
    out->not_after = ehr_reader_u64(&r);
    ehr_reader_bytes(&r, out->ed_pk, 32);
    ehr_reader_bytes(&r, out->dh_pk.bytes, 32);
    ehr_reader_bytes(&r, out->name_hash, 32);
    ehr_reader_bytes(&r, out->sig, 64);
    if (!ehr_reader_end(&r))
        return EHR_LEN;
    cert_id_compute(out->id, bytes);
    /* The one costly part of decoding: certificates come again and again. */
    return EHR_MEMO_VERIFY(EHR_MEMO_CERTIFICATE, dh_key_compute, out->dh_pk.bytes,
                           EHR_G(&out->dh_pk));
}

enum ehr_status ehr_cert_parse(struct ehr_cert *out, const uint8_t *bytes, size_t length)
{
    enum ehr_status status = cert_decode(out, bytes, length);
    if (status != EHR_OK)
        memset(out, 0, sizeof *out);
    return status;
}

bool ehr_cert_may_issue(uint8_t issuer, uint8_t subject)
{
    if (issuer == EHR_ROLE_ROOT)
        return subject == EHR_ROLE_HOSPITAL || subject == EHR_ROLE_ALLIANCE_NODE ||
               subject == EHR_ROLE_DATA_USER;
    if (issuer == EHR_ROLE_HOSPITAL)
        return subject == EHR_ROLE_DOCTOR || subject == EHR_ROLE_PRIVATE_NODE;
    return false;
}

/* Whether `cert` may stand below `above`; a first certificate (above NULL) must be the known root,
 * which is the only one that signs itself. */
static bool place_permitted(const struct ehr_cert *cert, const struct ehr_cert *above,
                            const uint8_t *root_id)
{
    if (above == NULL)
        return memcmp(cert->id, root_id, 32) == 0;
    bool simulation_kept = (above->flags & ~cert->flags & EHR_CERT_FLAG_SIMULATION) == 0;
    return memcmp(cert->issuer_id, above->id, 32) == 0 &&
           ehr_cert_may_issue(above->role, cert->role) && simulation_kept;
}

/* The checks of one certificate after its decoding, in the order of crypto.md. */
static enum ehr_status link_verify(const struct ehr_cert *cert, const struct ehr_cert *above,
                                   const struct ehr_cert_policy *policy)
{
    if (!place_permitted(cert, above, policy->root_id))
        return EHR_POLICY;
    const uint8_t *issuer_pk = above != NULL ? above->ed_pk : cert->ed_pk;
    EHR_TRY(ehr_sign_verify(issuer_pk, "sig-cert", cert->id, cert->sig));
    if (policy->now < cert->not_before || policy->now > cert->not_after)
        return EHR_POLICY;
    if (policy->revoked != NULL && policy->revoked(policy->context, cert->id))
        return EHR_POLICY;
    return EHR_OK;
}

enum ehr_status ehr_cert_chain_verify(struct ehr_cert_verified *out, const struct ehr_part *certs,
                                      size_t count, const struct ehr_cert_policy *policy)
{
    memset(out, 0, sizeof *out);
    if (count < 1 || count > EHR_CERT_CHAIN_MAX)
        return EHR_POLICY;
    struct ehr_cert chain[EHR_CERT_CHAIN_MAX];
    for (size_t i = 0; i < count; i++) {
        EHR_TRY(ehr_cert_parse(&chain[i], certs[i].data, certs[i].length));
        EHR_TRY(link_verify(&chain[i], i > 0 ? &chain[i - 1] : NULL, policy));
    }
    if (chain[count - 1].role != policy->role)
        return EHR_POLICY;
    out->cert = chain[count - 1];
    return EHR_OK;
}

void ehr_cert_revoke_digest(uint8_t out[32], const uint8_t cert_id[32], uint64_t height,
                            uint8_t reason)
{
    EHR_HASH32(out, "cert-rev", EHR_H(cert_id), EHR_U64(height), EHR_U8(reason));
}

void ehr_cert_revoke_sign(uint8_t sig[64], const struct ehr_sign_key *issuer,
                          const uint8_t cert_id[32], uint64_t height, uint8_t reason)
{
    uint8_t digest[32];
    ehr_cert_revoke_digest(digest, cert_id, height, reason);
    ehr_sign_make(sig, issuer, "sig-crev", digest);
}

enum ehr_status ehr_cert_revoke_verify(const uint8_t issuer_pk[32], const uint8_t cert_id[32],
                                       uint64_t height, uint8_t reason, const uint8_t sig[64])
{
    uint8_t digest[32];
    ehr_cert_revoke_digest(digest, cert_id, height, reason);
    return ehr_sign_verify(issuer_pk, "sig-crev", digest, sig);
}

/* ---- Keys of one epoch ---- */

enum { EPOCH_CERT_SIGNED_BYTES = 72 };

/* What differs between the two kinds. */
struct epoch_key_kind {
    const char *magic, *hash_label, *sign_label;
};

static struct epoch_key_kind epoch_key_kind_of(enum ehr_epoch_key_kind kind)
{
    assert(kind == EHR_EPOCH_KEY_INDEX || kind == EHR_EPOCH_KEY_SEALING);
    if (kind == EHR_EPOCH_KEY_INDEX)
        return (struct epoch_key_kind){"IDX1", "idx-cert", "sig-idx"};
    return (struct epoch_key_kind){"NSK1", "nsk-cert", "sig-nsk"};
}

void ehr_epoch_cert_make(uint8_t out[EHR_EPOCH_CERT_BYTES], enum ehr_epoch_key_kind kind,
                         const uint8_t owner_id[32], uint32_t epoch, const struct ehr_point *public,
                         const struct ehr_sign_key *owner)
{
    struct epoch_key_kind names = epoch_key_kind_of(kind);
    uint8_t digest[32];
    struct ehr_writer w = ehr_writer_init(out, EHR_EPOCH_CERT_BYTES);
    ehr_writer_magic(&w, names.magic);
    ehr_writer_bytes(&w, owner_id, 32);
    ehr_writer_u32(&w, epoch);
    ehr_writer_bytes(&w, public->bytes, 32);
    assert(w.offset == EPOCH_CERT_SIGNED_BYTES);
    EHR_HASH32(digest, names.hash_label, EHR_P(out, EPOCH_CERT_SIGNED_BYTES));
    ehr_sign_make(out + EPOCH_CERT_SIGNED_BYTES, owner, names.sign_label, digest);
}

enum ehr_status ehr_epoch_cert_verify(struct ehr_point *public, enum ehr_epoch_key_kind kind,
                                      const uint8_t *bytes, size_t length,
                                      const uint8_t owner_id[32], const uint8_t owner_pk[32],
                                      uint32_t epoch)
{
    struct epoch_key_kind names = epoch_key_kind_of(kind);
    uint8_t id[32], key[32], sig[64], digest[32];
    memset(public, 0, sizeof *public);
    struct ehr_reader r = ehr_reader_init(bytes, length);
    ehr_reader_magic(&r, names.magic);
    ehr_reader_bytes(&r, id, 32);
    uint32_t stated_epoch = ehr_reader_u32(&r);
    ehr_reader_bytes(&r, key, 32);
    ehr_reader_bytes(&r, sig, 64);
    if (!ehr_reader_end(&r))
        return EHR_LEN;
    EHR_TRY(EHR_MEMO_VERIFY(EHR_MEMO_CERTIFICATE, dh_key_compute, key, EHR_H(key)));
    if (memcmp(id, owner_id, 32) != 0 || stated_epoch != epoch)
        return EHR_POLICY;
    EHR_HASH32(digest, names.hash_label, EHR_P(bytes, EPOCH_CERT_SIGNED_BYTES));
    EHR_TRY(ehr_sign_verify(owner_pk, names.sign_label, digest, sig));
    memcpy(public->bytes, key, 32);
    return EHR_OK;
}
