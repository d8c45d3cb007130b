/* The keyword index, queries, and the evidence on both tiers. */
#include <assert.h>
#include <string.h>

#include "sim/calibrate/operations.h"

EHR_RUN(ehr_run_idx_key)
{
    uint8_t K[32];
    (void)at;
    ehr_fixture_must(
        ehr_index_key_doctor(K, &fixture->doctor_epoch, fixture->patient.public.F.bytes));
}

/* From the text of a keyword, which a role has, to its trapdoor. */
EHR_RUN(ehr_run_trapdoor)
{
    static const uint8_t text[] = "Hypertension";
    struct ehr_index_keyword keyword;
    uint8_t kw[32], T[32];
    (void)at;
    ehr_fixture_must(ehr_index_keyword_make(&keyword, text, sizeof text - 1));
    ehr_index_keyword_hash(kw, &keyword);
    ehr_index_trapdoor(T, fixture->index_key, 1, kw);
}

EHR_RUN(ehr_run_label)
{
    uint8_t label[EHR_INDEX_LABEL_BYTES];
    (void)at;
    ehr_index_label(label, fixture->trapdoor, 3);
}

/* Labels of which no two are neighbours, in a table larger than the processor's own caches. */
EHR_RUN(ehr_run_lookup)
{
    unsigned found = 0;
    for (unsigned i = 0; i < ehr_fixture_lookups[at]; i++) {
        uint8_t label[EHR_INDEX_LABEL_BYTES];
        struct ehr_place place;
        fixture->next_label = (fixture->next_label + 618033) % EHR_FIXTURE_TABLE_LABELS;
        ehr_fixture_table_label(label, fixture->next_label);
        found += ehr_table_get(&fixture->table, label, UINT64_MAX, &place);
    }
    assert(found == ehr_fixture_lookups[at]);
}

/* One trapdoor over entries of which none is found. */
EHR_RUN(ehr_run_scan)
{
    size_t count = ehr_fixture_entries[at];
    size_t found = ehr_scan_next(&fixture->scan, fixture->entries, 0, count);
    assert(found == count);
    (void)found;
}

EHR_RUN(ehr_run_query_make)
{
    uint8_t context[32],
        box[EHR_QUERY_BYTES(EHR_FIXTURE_QUERY_TRAPDOORS_MAX) + EHR_BOX_OVERHEAD_BYTES];
    const struct ehr_query query = ehr_fixture_query_of(fixture, at);
    ehr_query_encode(fixture->scratch, &query);
    ehr_query_context(context, fixture->cert[2].id);
    ehr_fixture_must(ehr_box_seal(box, &fixture->doctor_epoch.public, context, fixture->scratch,
                                  ehr_fixture_query[at], &fixture->drbg.rng));
}

EHR_RUN(ehr_run_query_open)
{
    uint8_t context[32], query_id[32];
    struct ehr_query query;
    size_t length = ehr_fixture_query[at];
    ehr_query_context(context, fixture->cert[2].id);
    ehr_fixture_must(ehr_box_open(fixture->scratch, &fixture->doctor_epoch, context,
                                  fixture->query_box[at], length + EHR_BOX_OVERHEAD_BYTES));
    ehr_fixture_must(ehr_query_parse(&query, fixture->scratch, length));
    ehr_query_id(query_id, fixture->scratch, length);
}

EHR_RUN(ehr_run_ptx_sign)
{
    uint8_t sig[64], token[EHR_PTX_TOKEN_BYTES];
    (void)at;
    ehr_ptx_sign_doctor(sig, fixture->ptx_body, &fixture->doctor_sign);
    ehr_fixture_must(ehr_ptx_sign_patient(token, fixture->ptx_body, &fixture->visit_keys.p,
                                          &fixture->pseudonym.P, &fixture->drbg.rng));
}

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct ehr_fixture *fixture = context;
    memcpy(ed_pk, fixture->doctor_sign.public, 32);
    return memcmp(cert_id, fixture->cert[2].id, 32) == 0;
}

/* The certificates of doctors apart: they are charged as such. */
EHR_RUN(ehr_run_ptx_verify)
{
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    const struct ehr_ptx_doctors doctors = {doctor_find, fixture};
    (void)at;
    ehr_fixture_must(ehr_ptx_parse(&ptx, fixture->ptx, sizeof fixture->ptx));
    ehr_fixture_must(ehr_ptx_verify(&hashes, &ptx, fixture->visit.hid, 1, &doctors));
}

EHR_RUN(ehr_run_atx_sign)
{
    uint8_t bytes[EHR_ATX_BYTES(EHR_FIXTURE_LABELS, EHR_FIXTURE_ATX_DEPTH)], txid[32];
    (void)at;
    ehr_atx_make(bytes, txid, &fixture->atx_terms, &fixture->hospital_sign);
}

/* Both checks of a node: by itself, and at execution against the anchored header. */
EHR_RUN(ehr_run_atx_verify)
{
    struct ehr_atx atx;
    struct ehr_atx_anchor anchor = {.height = 1};
    uint8_t txid[32], leaf[32];
    (void)at;
    memcpy(anchor.block_hash, fixture->message, 32);
    memcpy(anchor.merkle_root, fixture->atx_root, 32);
    ehr_fixture_must(ehr_atx_parse(&atx, fixture->atx, sizeof fixture->atx));
    ehr_fixture_must(
        ehr_atx_verify_signature(txid, &atx, fixture->visit.hid, fixture->hospital_sign.public));
    ehr_fixture_must(ehr_atx_verify_anchor(leaf, &atx, &anchor));
}
