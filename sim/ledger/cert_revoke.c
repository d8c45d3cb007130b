#include "sim/ledger/cert_revoke.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"

struct ehr_blob *ehr_cert_revoke_make(const uint8_t certificate[EHR_CERT_BYTES], uint64_t height,
                                      uint8_t reason, const struct ehr_sign_key *issuer)
{
    struct ehr_cert cert;
    uint8_t sig[64];
    enum ehr_status status = ehr_cert_parse(&cert, certificate, EHR_CERT_BYTES);
    assert(status == EHR_OK); /* the issuer's own work */
    ehr_cert_revoke_sign(sig, issuer, cert.id, height, reason);
    struct ehr_blob *blob = ehr_blob_new(NULL, EHR_CERT_REVOKE_BYTES);
    struct ehr_writer writer = ehr_writer_init(blob->bytes, blob->length);
    ehr_writer_magic(&writer, "CRV1");
    ehr_writer_bytes(&writer, certificate, EHR_CERT_BYTES);
    ehr_writer_u64(&writer, height);
    ehr_writer_u8(&writer, reason);
    ehr_writer_bytes(&writer, sig, sizeof sig);
    assert(ehr_writer_full(&writer));
    return blob;
}

enum ehr_status ehr_cert_revoke_parse(struct ehr_cert_revoke *out, const uint8_t *bytes,
                                      size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    struct ehr_cert_revoke parsed = {0};
    memset(out, 0, sizeof *out);
    ehr_reader_magic(&reader, "CRV1");
    const uint8_t *certificate = ehr_reader_take(&reader, EHR_CERT_BYTES);
    parsed.height = ehr_reader_u64(&reader);
    parsed.reason = ehr_reader_u8(&reader);
    ehr_reader_bytes(&reader, parsed.sig, sizeof parsed.sig);
    if (!ehr_reader_end(&reader))
        return EHR_LEN;
    enum ehr_status status = ehr_cert_parse(&parsed.cert, certificate, EHR_CERT_BYTES);
    if (status == EHR_OK)
        *out = parsed;
    return status;
}

enum ehr_status ehr_cert_revoke_check(const struct ehr_cert_revoke *revoke,
                                      enum ehr_role issuer_role, const uint8_t issuer_id[32],
                                      const uint8_t issuer_pk[32])
{
    const struct ehr_cert *cert = &revoke->cert;
    if (memcmp(cert->issuer_id, issuer_id, 32) != 0 ||
        !ehr_cert_may_issue((uint8_t)issuer_role, cert->role))
        return EHR_POLICY;
    if (ehr_sign_verify(issuer_pk, "sig-cert", cert->id, cert->sig) != EHR_OK)
        return EHR_SIG;
    return ehr_cert_revoke_verify(issuer_pk, cert->id, revoke->height, revoke->reason, revoke->sig);
}
