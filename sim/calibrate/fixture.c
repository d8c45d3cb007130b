#include "sim/calibrate/fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/schnorr.h"
#include "crypto/vote.h"
#include "sim/calibrate/memory.h"

const unsigned ehr_fixture_box[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_BOX};
const unsigned ehr_fixture_hash[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_HASH};
const unsigned ehr_fixture_sealed[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_SEALED};
const unsigned ehr_fixture_proxies[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_PROXIES};
const unsigned ehr_fixture_shares[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_SHARES};
const unsigned ehr_fixture_query[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_QUERY};
const unsigned ehr_fixture_depth[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_DEPTH};
const unsigned ehr_fixture_entries[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_ENTRIES};
const unsigned ehr_fixture_lookups[EHR_FIXTURE_SIZES] = {EHR_FIXTURE_LOOKUPS};

enum { EPOCH = 1, SEED = 1 };

void ehr_fixture_must(enum ehr_status status)
{
    assert(status == EHR_OK);
}

/* ---- parties ---- */

static void sign_key_make(struct ehr_fixture *f, struct ehr_sign_key *key)
{
    uint8_t seed[32];
    ehr_rng_fill(&f->drbg.rng, seed, sizeof seed);
    ehr_sign_key_init(key, seed);
}

static void cert_make(struct ehr_fixture *f, unsigned i, enum ehr_role role,
                      const struct ehr_sign_key *subject, const struct ehr_point *dh,
                      const struct ehr_sign_key *issuer)
{
    struct ehr_cert cert = {.role = (uint8_t)role,
                            .flags = EHR_CERT_FLAG_SIMULATION,
                            .serial = i,
                            .not_after = UINT64_MAX,
                            .dh_pk = *dh};
    memcpy(cert.ed_pk, subject->public, 32);
    if (i > 0)
        memcpy(cert.issuer_id, f->cert[i - 1].id, 32);
    ehr_cert_name_hash(cert.name_hash, "calibration");
    ehr_cert_issue(f->certs[i], &cert, issuer);
    ehr_fixture_must(ehr_cert_parse(&f->cert[i], f->certs[i], EHR_CERT_BYTES));
}

static void parties_make(struct ehr_fixture *f)
{
    struct ehr_rng *rng = &f->drbg.rng;
    sign_key_make(f, &f->root_sign);
    sign_key_make(f, &f->hospital_sign);
    sign_key_make(f, &f->doctor_sign);
    ehr_fixture_must(ehr_dh_key_make(&f->doctor_dh, rng));
    ehr_fixture_must(ehr_dh_key_make(&f->doctor_epoch, rng));
    ehr_fixture_must(ehr_dh_key_make(&f->data_user_dh, rng));
    ehr_fixture_must(ehr_dh_key_make(&f->peer_dh, rng));
    ehr_fixture_must(ehr_scalar_random(&f->scalar, rng));
    cert_make(f, 0, EHR_ROLE_ROOT, &f->root_sign, &f->peer_dh.public, &f->root_sign);
    cert_make(f, 1, EHR_ROLE_HOSPITAL, &f->hospital_sign, &f->data_user_dh.public, &f->root_sign);
    cert_make(f, 2, EHR_ROLE_DOCTOR, &f->doctor_sign, &f->doctor_dh.public, &f->hospital_sign);
    ehr_epoch_cert_make(f->epoch_cert, EHR_EPOCH_KEY_INDEX, f->cert[2].id, EPOCH,
                        &f->doctor_epoch.public, &f->doctor_sign);
    ehr_sign_make(f->ed_sig, &f->doctor_sign, "sig-vote", f->message);
    ehr_fixture_must(ehr_mac_key_derive(f->mac_key, &f->doctor_dh, f->peer_dh.public.bytes));
}

static void patients_make(struct ehr_fixture *f)
{
    uint8_t seed[32];
    struct ehr_rng *rng = &f->drbg.rng;
    ehr_rng_fill(rng, seed, sizeof seed);
    ehr_fixture_must(ehr_patient_keys_derive(&f->patient, seed));
    ehr_rng_fill(rng, seed, sizeof seed);
    ehr_fixture_must(ehr_patient_keys_derive(&f->stranger, seed));
    ehr_rng_fill(rng, f->card_secret, sizeof f->card_secret);
    ehr_card_issue(&f->card, f->card_secret, 7, 1, f->cert[1].id, UINT64_MAX, &f->patient.public,
                   &f->hospital_sign);
    const struct ehr_card_holder holder = {
        .m = f->card.m, .card = f->card.card, .o = &f->patient.o, .public = &f->patient.public};
    ehr_fixture_must(
        ehr_card_show(f->showing, &holder, f->cert[2].id, &f->doctor_dh.public, f->nonce, rng));
}

/* ---- boxes and paths ---- */

/* The root above the leftmost leaf of a tree of which only the path is known. */
static void path_climb(const struct ehr_fixture *f, uint8_t root[32], const uint8_t leaf[32],
                       unsigned depth)
{
    memcpy(root, leaf, 32);
    for (unsigned level = 0; level < depth; level++)
        EHR_HASH32(root, "mnode", EHR_H(root), EHR_H(f->path + 32 * (size_t)level));
}

static void boxes_make(struct ehr_fixture *f)
{
    for (unsigned i = 0; i < EHR_FIXTURE_SIZES; i++)
        ehr_fixture_must(ehr_box_seal(f->box[i], &f->doctor_dh.public, f->box_context, f->text,
                                      ehr_fixture_box[i], &f->drbg.rng));
    ehr_rng_fill(&f->drbg.rng, f->path, sizeof f->path);
    for (unsigned i = 0; ehr_fixture_depth[i] != 0; i++)
        path_climb(f, f->root[i], f->message, ehr_fixture_depth[i]);
}

/* ---- a visit ---- */

static void visit_make(struct ehr_fixture *f)
{
    const uint8_t *hid = f->cert[1].id;
    bool hit;
    ehr_fixture_must(ehr_pseudonym_make(&f->pseudonym, &f->patient.public, hid, &f->drbg.rng));
    ehr_pseudonym_encode(f->pseudonym_bytes, &f->pseudonym);
    ehr_fixture_must(ehr_pseudonym_detect(&f->visit_keys, &hit, f->pseudonym_bytes,
                                          EHR_PSEUDONYM_BYTES, &f->patient, hid));
    assert(hit);
    f->visit = (struct ehr_record_visit){.P = f->pseudonym.P, .Q = f->pseudonym.Q};
    memcpy(f->visit.hid, hid, 32);
    ehr_fixture_must(ehr_schnorr_sign(f->schnorr_sig, "sig-own", &f->visit_keys.p, &f->pseudonym.P,
                                      f->message, &f->drbg.rng));
    for (unsigned i = 0; i < EHR_FIXTURE_SIZES; i++) {
        size_t length = ehr_fixture_sealed[i], plain = length - EHR_RECORD_OVERHEAD_BYTES - 1;
        assert(ehr_record_sealed_len(plain) == length);
        f->sealed[i] = ehr_calibrate_zeroed(length, 1);
        ehr_fixture_must(
            ehr_record_seal(f->sealed[i], length, &f->visit, f->text, plain, &f->drbg.rng));
    }
    size_t length = ehr_fixture_sealed[0];
    ehr_fixture_must(ehr_record_check(&f->head, f->sealed[0], length, &f->visit));
    ehr_record_body_hash(f->body_hash, f->sealed[0] + EHR_RECORD_HEAD_BYTES,
                         length - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(f->ct_hash, f->sealed[0], length);
}

/* ---- grants ---- */

static void share_make(struct ehr_fixture *f, struct ehr_fixture_grant *grant, unsigned i)
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    const struct ehr_reencrypt_request request = {.head = f->sealed[0],
                                                  .head_len = EHR_RECORD_HEAD_BYTES,
                                                  .body_hash = f->body_hash,
                                                  .ct_hash = f->ct_hash,
                                                  .height = 1};
    ehr_fixture_must(ehr_kfrag_open(&kfrag, &grant->verified, (uint8_t)(i + 1), &f->nodes[i]));
    ehr_fixture_must(ehr_kfrag_verify(&verified, &kfrag, &grant->verified));
    ehr_fixture_must(
        ehr_reencrypt(grant->cfrags[i], &grant->verified, &verified, &request, &f->drbg.rng));
    grant->shares[i] = (struct ehr_share){grant->cfrags[i], EHR_CFRAG_BYTES};
    if (i == 0)
        grant->kfrag = verified;
}

static void grant_make(struct ehr_fixture *f, unsigned at)
{
    struct ehr_fixture_grant *grant = &f->grants[at];
    grant->length = EHR_GRANT_BYTES(ehr_fixture_proxies[at]);
    grant->terms = (struct ehr_grant_terms){.keys = &f->visit_keys,
                                            .Y = f->data_user_dh.public.bytes,
                                            .hid = f->visit.hid,
                                            .du_cert_id = f->cert[2].id,
                                            .scope_hash = f->message,
                                            .epoch = EPOCH,
                                            .threshold = ehr_fixture_shares[at],
                                            .proxies = ehr_fixture_proxies[at],
                                            .cert_ids = f->node_ids,
                                            .node_keys = f->node_keys,
                                            .not_after = UINT64_MAX};
    ehr_fixture_must(ehr_grant_make(grant->bytes, grant->length, &grant->terms, &f->drbg.rng));
    ehr_fixture_must(ehr_grant_verify(&grant->verified, grant->bytes, grant->length));
    for (unsigned i = 0; i < ehr_fixture_shares[at]; i++)
        share_make(f, grant, i);
}

static void grants_make(struct ehr_fixture *f)
{
    ehr_rng_fill(&f->drbg.rng, f->node_ids, sizeof f->node_ids);
    for (size_t i = 0; i < EHR_FIXTURE_PROXIES_MAX; i++) {
        ehr_fixture_must(ehr_dh_key_make(&f->nodes[i], &f->drbg.rng));
        memcpy(f->node_keys + 32 * i, f->nodes[i].public.bytes, 32);
    }
    for (unsigned i = 0; i < EHR_FIXTURE_SIZES; i++)
        grant_make(f, i);
}

/* ---- index ---- */

void ehr_fixture_table_label(uint8_t label[EHR_INDEX_LABEL_BYTES], uint64_t i)
{
    uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15); /* SplitMix64 */
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    ehr_le64(label, mixed ^ mixed >> 31);
    ehr_le64(label + 8, i);
}

struct ehr_query ehr_fixture_query_of(const struct ehr_fixture *f, unsigned at)
{
    return (struct ehr_query){.nonce = f->nonce,
                              .expiry = 10,
                              .purpose = 1,
                              .chain_id = f->message,
                              .trapdoors = f->trapdoors,
                              .count = (ehr_fixture_query[at] - EHR_QUERY_BYTES(0)) / 32};
}

static void index_make(struct ehr_fixture *f)
{
    ehr_rng_fill(&f->drbg.rng, f->trapdoors, sizeof f->trapdoors);
    memcpy(f->trapdoor, f->trapdoors, 32);
    ehr_scan_open(&f->scan, f->trapdoor);
    f->entries = ehr_calibrate_zeroed(EHR_FIXTURE_ENTRIES_MAX, sizeof *f->entries);
    for (size_t i = 0; i < EHR_FIXTURE_ENTRIES_MAX; i++) {
        ehr_rng_fill(&f->drbg.rng, f->entries[i].P, 32);
        f->entries[i].labels = f->labels;
        f->entries[i].nkw = EHR_FIXTURE_LABELS;
    }
    ehr_fixture_must(ehr_index_key_patient(f->index_key,
                                           &(struct ehr_dh_key){f->patient.f, f->patient.public.F},
                                           f->doctor_epoch.public.bytes));
    for (size_t i = 0; i < EHR_FIXTURE_LABELS; i++)
        ehr_index_label(f->labels + EHR_INDEX_LABEL_BYTES * i, f->trapdoor, (uint32_t)i);
    for (unsigned i = 0; i < EHR_FIXTURE_SIZES; i++) {
        struct ehr_query query = ehr_fixture_query_of(f, i);
        uint8_t context[32];
        ehr_query_encode(f->scratch, &query);
        ehr_query_context(context, f->cert[2].id);
        ehr_fixture_must(ehr_box_seal(f->query_box[i], &f->doctor_epoch.public, context, f->scratch,
                                      ehr_fixture_query[i], &f->drbg.rng));
    }
    for (uint64_t i = 0; i < EHR_FIXTURE_TABLE_LABELS; i++) {
        uint8_t label[EHR_INDEX_LABEL_BYTES];
        ehr_fixture_table_label(label, i);
        ehr_table_put(&f->table, label, (struct ehr_place){1 + i / 1000, (uint32_t)(i % 1000)});
    }
}

/* ---- evidence ---- */

static void evidence_make(struct ehr_fixture *f)
{
    uint8_t sig[64], token[EHR_PTX_TOKEN_BYTES];
    struct ehr_ptx ptx;
    f->ptx_terms = (struct ehr_ptx_terms){.hid = f->visit.hid,
                                          .doctor_id = f->cert[2].id,
                                          .epoch = EPOCH,
                                          .pseudonym = f->pseudonym_bytes,
                                          .ct_hash = f->ct_hash,
                                          .ct_len = ehr_fixture_sealed[0],
                                          .labels = f->labels,
                                          .nkw = EHR_FIXTURE_LABELS};
    ehr_ptx_terms_body(f->ptx_body, &f->ptx_terms);
    ehr_ptx_sign_doctor(sig, f->ptx_body, &f->doctor_sign);
    ehr_fixture_must(
        ehr_ptx_sign_patient(token, f->ptx_body, &f->visit_keys.p, &f->pseudonym.P, &f->drbg.rng));
    ehr_ptx_encode(f->ptx, &f->ptx_terms, sig, token);
    ehr_fixture_must(ehr_ptx_parse(&ptx, f->ptx, sizeof f->ptx));
    ehr_ptx_hashes(&f->ptx_hashes, &ptx);
    f->atx_terms = (struct ehr_atx){.hid = f->visit.hid,
                                    .epoch = EPOCH,
                                    .pseudonym = f->pseudonym_bytes,
                                    .labels = f->labels,
                                    .nkw = EHR_FIXTURE_LABELS,
                                    .priv = f->ptx_hashes.priv,
                                    .block_hash = f->message,
                                    .height = 1,
                                    .depth = EHR_FIXTURE_ATX_DEPTH,
                                    .path = f->path};
    ehr_atx_make(f->atx, NULL, &f->atx_terms, &f->hospital_sign);
    path_climb(f, f->atx_root, f->ptx_hashes.leaf, EHR_FIXTURE_ATX_DEPTH);
}

/* ---- all ---- */

struct ehr_fixture *ehr_fixture_new(void)
{
    struct ehr_fixture *f = ehr_calibrate_zeroed(1, sizeof *f);
    ehr_drbg_init(&f->drbg, SEED, 0, "calibration", EHR_DRBG_CRYPTO);
    f->text = ehr_calibrate_zeroed(EHR_FIXTURE_SEALED_MAX, 1);
    f->scratch = ehr_calibrate_zeroed(EHR_FIXTURE_SEALED_MAX, 1);
    ehr_rng_fill(&f->drbg.rng, f->text, EHR_FIXTURE_SEALED_MAX);
    ehr_rng_fill(&f->drbg.rng, f->message, sizeof f->message);
    ehr_rng_fill(&f->drbg.rng, f->nonce, sizeof f->nonce);
    ehr_rng_fill(&f->drbg.rng, f->box_context, sizeof f->box_context);
    parties_make(f);
    patients_make(f);
    boxes_make(f);
    visit_make(f);
    grants_make(f);
    index_make(f);
    evidence_make(f);
    return f;
}

void ehr_fixture_free(struct ehr_fixture *f)
{
    if (f == NULL)
        return;
    ehr_table_close(&f->table);
    ehr_scan_close(&f->scan);
    free(f->entries);
    for (unsigned i = 0; i < EHR_FIXTURE_SIZES; i++)
        free(f->sealed[i]);
    free(f->text);
    free(f->scratch);
    free(f);
}
