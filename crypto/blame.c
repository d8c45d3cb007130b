#include "crypto/blame.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"

/* ---- bytes ---- */

void ehr_blame_encode(uint8_t *bytes, const struct ehr_blame_evidence *evidence)
{
    size_t fixed = 4 + EHR_RECORD_HEAD_BYTES + EHR_CFRAG_BYTES + EHR_SIGNATURE_BYTES;
    struct ehr_writer writer = ehr_writer_init(bytes, fixed + evidence->grant_len);
    ehr_writer_magic(&writer, "BLM1");
    ehr_writer_bytes(&writer, evidence->head, EHR_RECORD_HEAD_BYTES);
    ehr_writer_bytes(&writer, evidence->cfrag, EHR_CFRAG_BYTES);
    ehr_writer_bytes(&writer, evidence->sig, EHR_SIGNATURE_BYTES);
    ehr_writer_bytes(&writer, evidence->grant, evidence->grant_len);
    assert(ehr_writer_full(&writer));
}

enum ehr_status ehr_blame_parse(struct ehr_blame_evidence *evidence, const uint8_t *bytes,
                                size_t length)
{
    struct ehr_reader reader = ehr_reader_init(bytes, length);
    struct ehr_blame_evidence parsed;
    ehr_reader_magic(&reader, "BLM1");
    parsed.head = ehr_reader_take(&reader, EHR_RECORD_HEAD_BYTES);
    parsed.cfrag = ehr_reader_take(&reader, EHR_CFRAG_BYTES);
    parsed.sig = ehr_reader_take(&reader, EHR_SIGNATURE_BYTES);
    parsed.grant_len = ehr_reader_left(&reader);
    parsed.grant = ehr_reader_take(&reader, parsed.grant_len);
    ehr_reader_require(&reader, parsed.grant_len > 0);
    memset(evidence, 0, sizeof *evidence);
    if (!ehr_reader_end(&reader))
        return EHR_LEN;
    *evidence = parsed;
    return EHR_OK;
}

/* ---- the verdict ---- */

/* Whether the share of this index, in the committee of the grant, is the accused's to make. */
static bool is_proxy(const struct ehr_grant *grant, const struct ehr_blame_accused *accused)
{
    uint8_t committee_id[32];
    if (accused->index < 1 || accused->index > accused->proxies ||
        accused->proxies != grant->proxies)
        return false;
    ehr_committee_id(committee_id, accused->epoch, accused->cert_ids, accused->proxies);
    return memcmp(committee_id, grant->committee_id, sizeof committee_id) == 0;
}

static enum ehr_status blame(struct ehr_blame_verified *out,
                             const struct ehr_blame_evidence *evidence,
                             const struct ehr_blame_accused *accused)
{
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    EHR_TRY(ehr_grant_verify(&grant, evidence->grant, evidence->grant_len));
    if (!is_proxy(&grant.view, accused))
        return EHR_POLICY;
    EHR_TRY(ehr_record_head_check(&head, evidence->head, EHR_RECORD_HEAD_BYTES, &grant.visit));
    EHR_TRY(ehr_cfrag_sig_verify(evidence->cfrag, head.capsule, accused->ed_pk, evidence->sig));
    /* Signed for another grant of the same record, it is no false share of this one. */
    if (memcmp(evidence->cfrag, grant.grant_id, sizeof grant.grant_id) != 0)
        return EHR_POLICY;
    bool own = evidence->cfrag[32] == accused->index; /* a node makes its own share only */
    out->why = own ? ehr_cfrag_verify(&grant, &head, evidence->cfrag, EHR_CFRAG_BYTES) : EHR_CFRAG;
    if (out->why == EHR_OK)
        return EHR_POLICY;
    memcpy(out->grant_id, grant.grant_id, sizeof out->grant_id);
    memcpy(out->node_id, accused->cert_ids + 32 * (size_t)(accused->index - 1),
           sizeof out->node_id);
    return EHR_OK;
}

enum ehr_status ehr_blame_verify(struct ehr_blame_verified *out,
                                 const struct ehr_blame_evidence *evidence,
                                 const struct ehr_blame_accused *accused)
{
    enum ehr_status status = blame(out, evidence, accused);
    if (status != EHR_OK)
        memset(out, 0, sizeof *out);
    return status;
}

/* ---- complaints ---- */

static void complaint_digest(uint8_t digest[32], const struct ehr_complaint *complaint)
{
    EHR_HASH32(digest, "complaint", EHR_H(complaint->accused), EHR_H(complaint->txid),
               EHR_H(complaint->ct_hash), EHR_U64(complaint->height));
}

void ehr_complaint_sign(uint8_t sig[64], const struct ehr_complaint *complaint,
                        const struct ehr_sign_key *key)
{
    uint8_t digest[32];
    complaint_digest(digest, complaint);
    ehr_sign_make(sig, key, "sig-compl", digest);
}

enum ehr_status ehr_complaint_verify(const struct ehr_complaint *complaint,
                                     const uint8_t public[32], const uint8_t sig[64])
{
    uint8_t digest[32];
    complaint_digest(digest, complaint);
    return ehr_sign_verify(public, "sig-compl", digest, sig);
}
