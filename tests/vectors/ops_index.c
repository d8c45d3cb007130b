/* Operations of index.json. */
#include "crypto/index.h"
#include "crypto/query.h"
#include "tests/vectors/harness.h"

#include <string.h>

static enum ehr_status idx_key(struct ehr_vector *v)
{
    int doctor = ehr_vector_in_has(v, "w");
    struct ehr_scalar secret;
    struct ehr_dh_key own;
    uint8_t K[32];
    memcpy(secret.bytes, ehr_vector_in_fixed(v, doctor ? "w" : "f", 32), 32);
    EHR_TRY(ehr_dh_key_from_secret(&own, &secret));
    if (doctor)
        EHR_TRY(ehr_index_key_doctor(K, &own, ehr_vector_in_fixed(v, "F", 32)));
    else
        EHR_TRY(ehr_index_key_patient(K, &own, ehr_vector_in_fixed(v, "W", 32)));
    ehr_vector_out(v, "K", K, 32);
    return EHR_OK;
}

static enum ehr_status keyword(struct ehr_vector *v)
{
    struct ehr_vector_bytes utf8 = ehr_vector_in(v, "utf8");
    struct ehr_index_keyword canonical;
    uint8_t kw[32];
    EHR_TRY(ehr_index_keyword_make(&canonical, utf8.bytes, utf8.len));
    ehr_index_keyword_hash(kw, &canonical);
    ehr_vector_out(v, "canonical", canonical.text, canonical.len);
    ehr_vector_out(v, "kw", kw, 32);
    return EHR_OK;
}

static enum ehr_status trapdoor(struct ehr_vector *v)
{
    uint8_t T[32], td_com[32];
    ehr_index_trapdoor(T, ehr_vector_in_fixed(v, "K", 32), (uint32_t)ehr_vector_in_uint(v, "epoch"),
                       ehr_vector_in_fixed(v, "kw", 32));
    ehr_index_td_com(td_com, T);
    ehr_vector_out(v, "T", T, 32);
    ehr_vector_out(v, "td_com", td_com, 32);
    return EHR_OK;
}

static enum ehr_status index_labels(struct ehr_vector *v)
{
    const uint8_t *T = ehr_vector_in_fixed(v, "T", 32);
    uint32_t first = (uint32_t)ehr_vector_in_uint(v, "first");
    uint32_t count = (uint32_t)ehr_vector_in_uint(v, "count");
    cJSON *labels = ehr_vector_out_list(v, NULL, "labels");
    for (uint32_t i = 0; i < count; i++) {
        uint8_t label[EHR_INDEX_LABEL_BYTES];
        ehr_index_label(label, T, first + i);
        ehr_vector_append(v, labels, label, sizeof label);
    }
    return EHR_OK;
}

static enum ehr_status index_tag(struct ehr_vector *v)
{
    uint8_t tag[EHR_INDEX_LABEL_BYTES];
    ehr_index_tag(tag, ehr_vector_in_fixed(v, "T", 32), ehr_vector_in_fixed(v, "P", 32));
    ehr_vector_out(v, "tag", tag, sizeof tag);
    return EHR_OK;
}

static enum ehr_status labels_pack(struct ehr_vector *v)
{
    size_t count, nkw = (size_t)ehr_vector_in_uint(v, "nkw");
    const uint8_t *labels = ehr_vector_in_concat(v, "labels", EHR_INDEX_LABEL_BYTES, &count);
    uint8_t *packed = ehr_vector_alloc(v, EHR_INDEX_LABEL_BYTES * nkw);
    EHR_TRY(ehr_index_labels_pack(packed, nkw, labels, count, ehr_vector_rng(v)));
    ehr_vector_out(v, "packed", packed, EHR_INDEX_LABEL_BYTES * nkw);
    return EHR_OK;
}

static enum ehr_status query(struct ehr_vector *v)
{
    struct ehr_query made = {
        .nonce = ehr_vector_in_fixed(v, "nonce", 16),
        .expiry = ehr_vector_in_uint(v, "expiry"),
        .min_height = ehr_vector_in_uint(v, "min_height"),
        .purpose = (uint8_t)ehr_vector_in_uint(v, "purpose"),
        .chain_id = ehr_vector_in_fixed(v, "chain_id", 32),
    };
    made.trapdoors = ehr_vector_in_concat(v, "trapdoors", 32, &made.count);
    size_t len = EHR_QUERY_BYTES(made.count);
    uint8_t *bytes = ehr_vector_alloc(v, len), query_id[32];
    struct ehr_query parsed;
    ehr_query_encode(bytes, &made);
    EHR_TRY(ehr_query_parse(&parsed, bytes, len));
    ehr_query_id(query_id, bytes, len);
    ehr_vector_out(v, "query", bytes, len);
    ehr_vector_out(v, "query_id", query_id, 32);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_index[] = {
    {"idx_key", idx_key},     {"keyword", keyword},
    {"trapdoor", trapdoor},   {"index_labels", index_labels},
    {"index_tag", index_tag}, {"labels_pack", labels_pack},
    {"query", query},         {NULL, NULL},
};
