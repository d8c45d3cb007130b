/* Any bytes as a query, a keyword, a record's labels, and a trapdoor that shows a visit in scope.
 */
#include "tests/fuzz/fuzz_search.h"

#include <string.h>

#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/query.h"
#include "sim/ledger/query_log.h"
#include "sim/ledger/scope_proof.h"

void fuzz_query(struct fuzz_input *in)
{
    struct fuzz_blob bytes = fuzz_rest(in);
    struct ehr_query query;
    fuzz_soil(&query, sizeof query);
    enum ehr_status status =
        fuzz_among(ehr_query_parse(&query, bytes.data, bytes.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct fuzz_blob again = fuzz_copy(bytes.data, bytes.len);
        fuzz_soil(again.data, again.len);
        assert(EHR_QUERY_BYTES(query.count) == bytes.len);
        ehr_query_encode(again.data, &query);
        assert(memcmp(again.data, bytes.data, bytes.len) == 0);
        fuzz_blob_free(&again);
    } else {
        assert(fuzz_is_zero(&query, sizeof query));
    }
    fuzz_blob_free(&bytes);
}

/* A canonical keyword is its own canonical form. */
void fuzz_keyword(struct fuzz_input *in)
{
    struct fuzz_blob text = fuzz_rest(in);
    struct ehr_index_keyword keyword, again;
    fuzz_soil(&keyword, sizeof keyword);
    enum ehr_status status =
        fuzz_among(ehr_index_keyword_make(&keyword, text.data, text.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        assert(keyword.len >= 1 && keyword.len <= EHR_INDEX_KEYWORD_BYTES_MAX);
        struct fuzz_blob canonical = fuzz_copy(keyword.text, keyword.len);
        status = ehr_index_keyword_make(&again, canonical.data, canonical.len);
        assert(status == EHR_OK && again.len == keyword.len &&
               memcmp(again.text, keyword.text, keyword.len) == 0);
        fuzz_blob_free(&canonical);
    } else {
        assert(fuzz_is_zero(&keyword, sizeof keyword));
    }
    fuzz_blob_free(&text);
}

static bool all_differ(const uint8_t *labels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(labels + 16 * i, labels + 16 * j, 16) == 0)
                return false;
    return true;
}

void fuzz_labels(struct fuzz_input *in)
{
    struct fuzz_blob labels = fuzz_rest(in);
    size_t count = labels.len / 16;
    bool differ = ehr_index_labels_distinct(labels.data, count);
    assert(differ == (count <= EHR_INDEX_LABELS_MAX && all_differ(labels.data, count)));
    fuzz_blob_free(&labels);
}

static void scope_proof_check(const struct fuzz_blob *box, const uint8_t own_id[32],
                              const struct ehr_dh_key *key, const uint8_t *plain)
{
    struct ehr_scope_proof proof;
    fuzz_soil(&proof, sizeof proof);
    enum ehr_status status =
        fuzz_among(ehr_scope_proof_open(&proof, box->data, box->len, own_id, key),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_AEAD));
    if (status != EHR_OK)
        assert(fuzz_is_zero(&proof, sizeof proof));
    else if (plain != NULL)
        assert(memcmp(plain, "TDR1", 4) == 0 && memcmp(proof.grant_id, plain + 4, 32) == 0 &&
               memcmp(proof.T, plain + 36, 32) == 0 && proof.counter == ehr_le32_get(plain + 68));
    assert(plain == NULL || (status == EHR_OK) == (memcmp(plain, "TDR1", 4) == 0));
}

/* T in a transaction of `nkw` labels, one of them perhaps its own; in a scope of its commitment. */
static void scope_match_check(const struct ehr_scope_proof *proof, struct fuzz_input *in)
{
    uint8_t labels[16 * 4], label[16], pseudonym[96], scope[EHR_SCOPE_BYTES(1)], td_com[32];
    bool scan = (fuzz_u8(in) & 1) != 0, own = (fuzz_u8(in) & 1) != 0;
    struct ehr_atx atx = {.labels = labels, .nkw = 4, .pseudonym = pseudonym};
    fuzz_bytes(in, labels, sizeof labels);
    fuzz_bytes(in, pseudonym, sizeof pseudonym);
    if (scan)
        ehr_index_tag(label, proof->T, pseudonym);
    else
        ehr_index_label(label, proof->T, proof->counter);
    if (own)
        memcpy(labels + 32, label, sizeof label);
    bool there = false; /* a fuzzer reads what is compared, and puts it there itself */
    for (size_t i = 0; i < atx.nkw; i++)
        there = there || memcmp(labels + 16 * i, label, sizeof label) == 0;
    assert(ehr_scope_proof_indexes(proof, &atx, scan) == there);
    ehr_index_td_com(td_com, proof->T);
    td_com[0] ^= own ? 0 : 1;
    enum ehr_status status = ehr_scope_encode(scope, 1, td_com, 1);
    assert(status == EHR_OK && ehr_scope_proof_within(proof, scope, sizeof scope) == own);
    assert(ehr_scope_proof_within(proof, (const uint8_t *)"\1\0\0", 4));
}

/* fix bit 0 seals what comes as a plaintext; else a box as it comes. */
void fuzz_scope_proof(struct fuzz_input *in)
{
    static const uint8_t own_id[32] = {6};
    struct ehr_scope_proof proof;
    uint8_t context[32], plain[EHR_SCOPE_PROOF_BYTES], box[EHR_SCOPE_PROOF_BOX_BYTES];
    const struct ehr_dh_key *key = fuzz_dh_key(5);
    if ((fuzz_u8(in) & 1) == 0) {
        struct fuzz_blob bytes = fuzz_rest(in);
        scope_proof_check(&bytes, own_id, key, NULL);
        fuzz_blob_free(&bytes);
        return;
    }
    fuzz_bytes(in, plain, sizeof plain);
    ehr_query_context(context, own_id);
    enum ehr_status status =
        ehr_box_seal(box, &key->public, context, plain, sizeof plain, fuzz_rng());
    assert(status == EHR_OK);
    struct fuzz_blob bytes = fuzz_copy(box, sizeof box);
    scope_proof_check(&bytes, own_id, key, plain);
    if (ehr_scope_proof_open(&proof, bytes.data, bytes.len, own_id, key) == EHR_OK) {
        status = ehr_scope_proof_seal(box, &proof, own_id, &key->public, fuzz_rng());
        assert(status == EHR_OK && memcmp(box, bytes.data, sizeof box) == 0);
        scope_match_check(&proof, in);
    }
    fuzz_blob_free(&bytes);
}

/* Of the log of a query only its making knows trapdoors: what is read is compared with its bytes.
 */
void fuzz_query_log(struct fuzz_input *in)
{
    struct ehr_query_log log;
    struct fuzz_blob bytes = fuzz_rest(in);
    fuzz_soil(&log, sizeof log);
    enum ehr_status status = fuzz_among(ehr_query_log_parse(&log, bytes.data, bytes.len),
                                        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_DUP));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&log, sizeof log));
    } else {
        assert(log.count >= 1 && log.count <= EHR_QUERY_TRAPDOORS_SERVED);
        assert(bytes.len == EHR_QUERY_LOG_BYTES(log.count));
        assert(log.query_id == bytes.data + 4 && log.commitments == bytes.data + 38);
        for (uint32_t i = 1; i < log.count; i++)
            assert(memcmp(log.commitments + 32 * (size_t)(i - 1), log.commitments + 32 * (size_t)i,
                          32) < 0);
    }
    fuzz_blob_free(&bytes);
}
