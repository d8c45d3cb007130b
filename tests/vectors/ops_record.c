/* Operations of record.json. */
#include "crypto/record.h"
#include "tests/vectors/harness.h"

#include <string.h>

static enum ehr_status padded_length(struct ehr_vector *v)
{
    ehr_vector_out_uint(v, "padded",
                        ehr_record_padded_len((size_t)ehr_vector_in_uint(v, "length")));
    return EHR_OK;
}

static enum ehr_status record_seal(struct ehr_vector *v)
{
    struct ehr_record_visit visit;
    struct ehr_vector_bytes plaintext = ehr_vector_in(v, "plaintext");
    memcpy(visit.P.bytes, ehr_vector_in_fixed(v, "P", 32), 32);
    memcpy(visit.Q.bytes, ehr_vector_in_fixed(v, "Q", 32), 32);
    memcpy(visit.hid, ehr_vector_in_fixed(v, "hid", 32), 32);
    size_t len = ehr_record_sealed_len(plaintext.len);
    uint8_t *sealed = ehr_vector_alloc(v, len), body_hash[32], ct_hash[32];
    EHR_TRY(
        ehr_record_seal(sealed, len, &visit, plaintext.bytes, plaintext.len, ehr_vector_rng(v)));
    ehr_record_body_hash(body_hash, sealed + EHR_RECORD_HEAD_BYTES, len - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(ct_hash, sealed, len);
    ehr_vector_out(v, "sealed", sealed, len);
    ehr_vector_out(v, "body_hash", body_hash, 32);
    ehr_vector_out(v, "ct_hash", ct_hash, 32);
    return EHR_OK;
}

static enum ehr_status record_open(struct ehr_vector *v)
{
    struct ehr_vector_bytes sealed = ehr_vector_in(v, "sealed");
    struct ehr_scalar q;
    struct ehr_point P;
    size_t plaintext_len;
    uint8_t *plaintext = ehr_vector_alloc(v, sealed.len);
    memcpy(q.bytes, ehr_vector_in_fixed(v, "q", 32), 32);
    memcpy(P.bytes, ehr_vector_in_fixed(v, "P", 32), 32);
    EHR_TRY(ehr_record_open(plaintext, sealed.len, &plaintext_len, sealed.bytes, sealed.len, &q, &P,
                            ehr_vector_in_fixed(v, "hid", 32)));
    ehr_vector_out(v, "plaintext", plaintext, plaintext_len);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_record[] = {
    {"padded_length", padded_length},
    {"record_seal", record_seal},
    {"record_open", record_open},
    {NULL, NULL},
};
