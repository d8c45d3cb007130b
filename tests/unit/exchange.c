#include "tests/unit/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/record.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/wire.h"

static void must(enum ehr_status status)
{
    assert(status == EHR_OK);
}

struct ehr_rng *exchange_rng(struct exchange *x)
{
    return &x->drbg.rng;
}

/* ---- identities ---- */

static void secrets_make(struct exchange *x, struct ehr_secrets *secrets)
{
    uint8_t seed[32];
    ehr_rng_fill(exchange_rng(x), seed, 32);
    ehr_sign_key_init(&secrets->sign, seed);
    must(ehr_dh_key_make(&secrets->dh, exchange_rng(x)));
    must(ehr_dh_key_make(&secrets->epoch, exchange_rng(x)));
}

static void member_make(struct exchange *x, struct ehr_member *member, struct ehr_secrets *secrets,
                        enum ehr_role role, const uint8_t issuer_id[32],
                        const struct ehr_sign_key *issuer, uint32_t node)
{
    secrets_make(x, secrets);
    struct ehr_cert cert = {.role = (uint8_t)role,
                            .flags = EHR_CERT_FLAG_SIMULATION,
                            .serial = node,
                            .not_after = UINT64_MAX,
                            .dh_pk = secrets->dh.public};
    memcpy(cert.issuer_id, issuer_id, 32);
    memcpy(cert.ed_pk, secrets->sign.public, 32);
    ehr_cert_name_hash(cert.name_hash, "member");
    ehr_cert_issue(member->certificate, &cert, issuer);
    must(ehr_cert_parse(&member->cert, member->certificate, EHR_CERT_BYTES));
    member->name = "member";
    member->node = node;
    member->epoch_key = secrets->epoch.public;
    if (role == EHR_ROLE_DOCTOR || role == EHR_ROLE_ALLIANCE_NODE)
        ehr_epoch_cert_make(member->epoch_certificate,
                            role == EHR_ROLE_DOCTOR ? EHR_EPOCH_KEY_INDEX : EHR_EPOCH_KEY_SEALING,
                            member->cert.id, EXCHANGE_EPOCH, &secrets->epoch.public,
                            &secrets->sign);
}

static void committee_make(struct ehr_committee *committee, uint32_t chain,
                           const uint8_t of_cert_id[32], struct ehr_member *members, uint8_t *keys)
{
    *committee = (struct ehr_committee){.chain = chain,
                                        .group = chain,
                                        .members = members,
                                        .count = EXCHANGE_REPLICAS,
                                        .certificate_quorum = EXCHANGE_QUORUM,
                                        .client_quorum = 2,
                                        .keys = keys};
    ehr_chain_id(committee->chain_id, of_cert_id);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        memcpy(keys + (size_t)32 * i, members[i].cert.ed_pk, 32);
}

static void hospital_make(struct exchange *x, uint32_t h)
{
    struct ehr_hospital_info *hospital = &x->hospitals[h];
    const struct ehr_sign_key *issuer = &x->server_secrets[h].sign;
    member_make(x, &hospital->server, &x->server_secrets[h], EHR_ROLE_HOSPITAL,
                x->directory.root.id, &x->root, EXCHANGE_SERVER_NODE + h);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        member_make(x, &x->replicas[h][i], &x->replica_secrets[h][i], EHR_ROLE_PRIVATE_NODE,
                    hospital->server.cert.id, issuer,
                    EXCHANGE_PRIVATE_NODE + EXCHANGE_REPLICAS * h + i);
    for (uint32_t i = 0; i < EXCHANGE_DOCTORS; i++)
        member_make(x, &x->doctors[h][i], &x->doctor_secrets[h][i], EHR_ROLE_DOCTOR,
                    hospital->server.cert.id, issuer, EXCHANGE_CLIENT_NODE);
    hospital->id = "hospital";
    hospital->doctors = x->doctors[h];
    hospital->doctor_count = EXCHANGE_DOCTORS;
    hospital->place = EXCHANGE_CLIENT_NODE;
    committee_make(&hospital->committee, 1 + h, hospital->server.cert.id, x->replicas[h],
                   x->replica_keys[h]);
}

void exchange_open(struct exchange *x)
{
    struct ehr_directory *directory = &x->directory;
    uint8_t seed[32], cert_ids[32 * EXCHANGE_REPLICAS];
    struct ehr_dh_key root_dh;
    memset(x, 0, sizeof *x);
    ehr_crypto_init();
    ehr_drbg_init(&x->drbg, 9, 0, "exchange", EHR_DRBG_CRYPTO);
    ehr_rng_fill(exchange_rng(x), seed, 32);
    ehr_sign_key_init(&x->root, seed);
    must(ehr_dh_key_make(&root_dh, exchange_rng(x)));
    struct ehr_cert root = {.role = EHR_ROLE_ROOT,
                            .flags = EHR_CERT_FLAG_SIMULATION,
                            .not_after = UINT64_MAX,
                            .dh_pk = root_dh.public};
    memcpy(root.ed_pk, x->root.public, 32);
    ehr_cert_issue(directory->root_certificate, &root, &x->root);
    must(ehr_cert_parse(&directory->root, directory->root_certificate, EHR_CERT_BYTES));
    for (uint32_t h = 0; h < EXCHANGE_HOSPITALS; h++)
        hospital_make(x, h);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        member_make(x, &x->alliance[i], &x->alliance_secrets[i], EHR_ROLE_ALLIANCE_NODE,
                    directory->root.id, &x->root, EXCHANGE_ALLIANCE_NODE + i);
        memcpy(cert_ids + (size_t)32 * i, x->alliance[i].cert.id, 32);
    }
    for (uint32_t i = 0; i < EXCHANGE_USERS; i++)
        member_make(x, &x->users[i], &x->user_secrets[i], EHR_ROLE_DATA_USER, directory->root.id,
                    &x->root, EXCHANGE_USER_NODE + i);
    committee_make(&directory->alliance, 0, directory->root.id, x->alliance, x->alliance_keys);
    ehr_committee_id(directory->committee_id, EXCHANGE_EPOCH, cert_ids, EXCHANGE_REPLICAS);
    directory->epoch = EXCHANGE_EPOCH;
    directory->proxies = EXCHANGE_REPLICAS;
    directory->threshold = 2;
    directory->hospitals = x->hospitals;
    directory->hospital_count = EXCHANGE_HOSPITALS;
    directory->data_users = x->users;
    directory->data_user_count = EXCHANGE_USERS;
    directory->workload = EXCHANGE_STRANGER_NODE;
    directory->query_expiry_blocks = 10;
    directory->retry_ns = 1000000000;
    directory->give_up_ns = 10000000000;
    ehr_rng_fill(exchange_rng(x), seed, 32);
    must(ehr_patient_keys_derive(&x->patient, seed));
}

struct ehr_chain *exchange_private_chain(const struct exchange *x, uint32_t hospital)
{
    struct ehr_contract_doctor doctors[EXCHANGE_DOCTORS];
    for (uint32_t i = 0; i < EXCHANGE_DOCTORS; i++) {
        memcpy(doctors[i].cert_id, x->doctors[hospital][i].cert.id, 32);
        memcpy(doctors[i].ed_pk, x->doctors[hospital][i].cert.ed_pk, 32);
        doctors[i].revoked = i + 1 == EXCHANGE_DOCTORS;
    }
    struct ehr_contract *contract = ehr_contract_private_new(
        x->hospitals[hospital].server.cert.id, EXCHANGE_EPOCH, doctors, EXCHANGE_DOCTORS);
    ehr_contract_raw_allow(contract);
    return ehr_chain_new(1 + hospital, x->hospitals[hospital].committee.chain_id, EXCHANGE_EPOCH,
                         EXCHANGE_REPLICAS, contract);
}

struct ehr_chain *exchange_alliance_chain(const struct exchange *x)
{
    struct ehr_member_hospital members[EXCHANGE_HOSPITALS];
    for (uint32_t h = 0; h < EXCHANGE_HOSPITALS; h++) {
        const struct ehr_hospital_info *hospital = &x->hospitals[h];
        memcpy(members[h].hid, hospital->server.cert.id, 32);
        memcpy(members[h].ed_pk, hospital->server.cert.ed_pk, 32);
        memcpy(members[h].chain_id, hospital->committee.chain_id, 32);
        members[h].keys = hospital->committee.keys;
        members[h].members = EXCHANGE_REPLICAS;
        members[h].certificate_quorum = EXCHANGE_QUORUM;
    }
    struct ehr_contract *contract =
        ehr_contract_alliance_new(members, EXCHANGE_HOSPITALS, x->directory.committee_id);
    ehr_contract_raw_allow(contract);
    return ehr_chain_new(0, x->directory.alliance.chain_id, EXCHANGE_EPOCH, EXCHANGE_REPLICAS,
                         contract);
}

/* ---- visits ---- */

void visit_sign(struct exchange *x, struct visit *visit)
{
    uint8_t body[32], sig[64], token[64];
    struct ehr_point P;
    struct ehr_ptx_terms terms = {x->hospitals[visit->hospital].server.cert.id,
                                  x->doctors[visit->hospital][visit->doctor].cert.id,
                                  EXCHANGE_EPOCH,
                                  0,
                                  visit->pseudonym,
                                  visit->ct_hash,
                                  sizeof visit->sealed,
                                  visit->labels,
                                  EXCHANGE_NKW};
    must(ehr_point_import(&P, visit->pseudonym));
    ehr_ptx_terms_body(body, &terms);
    ehr_ptx_sign_doctor(sig, body, &x->doctor_secrets[visit->hospital][visit->doctor].sign);
    must(ehr_ptx_sign_patient(token, body, &visit->keys.p, &P, exchange_rng(x)));
    ehr_ptx_encode(visit->ptx, &terms, sig, token);
}

void visit_make(struct exchange *x, struct visit *visit, uint32_t hospital, uint32_t doctor,
                uint32_t counter)
{
    static const uint8_t text[] = "a short record";
    const uint8_t *hid = x->hospitals[hospital].server.cert.id;
    struct ehr_pseudonym pseudonym;
    struct ehr_index_keyword keyword;
    uint8_t K[32], kw[32], label[16];
    bool hit;
    memset(visit, 0, sizeof *visit);
    visit->hospital = hospital;
    visit->doctor = doctor;
    must(ehr_pseudonym_make(&pseudonym, &x->patient.public, hid, exchange_rng(x)));
    ehr_pseudonym_encode(visit->pseudonym, &pseudonym);
    must(ehr_pseudonym_detect(&visit->keys, &hit, visit->pseudonym, 96, &x->patient, hid));
    assert(hit);
    must(ehr_index_key_doctor(K, &x->doctor_secrets[hospital][doctor].epoch,
                              x->patient.public.F.bytes));
    must(ehr_index_keyword_make(&keyword, (const uint8_t *)"asthma", 6));
    ehr_index_keyword_hash(kw, &keyword);
    ehr_index_trapdoor(visit->T, K, EXCHANGE_EPOCH, kw);
    ehr_index_label(label, visit->T, counter);
    must(ehr_index_labels_pack(visit->labels, EXCHANGE_NKW, label, 1, exchange_rng(x)));
    struct ehr_record_visit of = {.P = pseudonym.P, .Q = pseudonym.Q};
    memcpy(of.hid, hid, 32);
    assert(ehr_record_sealed_len(sizeof text) == sizeof visit->sealed);
    must(ehr_record_seal(visit->sealed, sizeof visit->sealed, &of, text, sizeof text,
                         exchange_rng(x)));
    ehr_record_body_hash(visit->body_hash, visit->sealed + EHR_RECORD_HEAD_BYTES,
                         sizeof visit->sealed - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(visit->ct_hash, visit->sealed, sizeof visit->sealed);
    visit_sign(x, visit);
}

/* ---- transactions ---- */

struct ehr_tx *visit_tx(const struct visit *visit, uint64_t request)
{
    return ehr_tx_new(EHR_TX_RECORD, visit->ptx, sizeof visit->ptx, EXCHANGE_CLIENT_NODE, 0,
                      request);
}

struct ehr_tx *exchange_tx(enum ehr_tx_type type, struct ehr_blob *take_bytes, uint64_t request)
{
    struct ehr_tx *tx = ehr_tx_new((uint8_t)type, take_bytes->bytes, take_bytes->length,
                                   EXCHANGE_CLIENT_NODE, 0, request);
    ehr_blob_unref(take_bytes);
    return tx;
}

struct ehr_chain_block *exchange_commit(struct ehr_chain *chain, struct ehr_tx **take_tx,
                                        uint32_t count)
{
    static const uint8_t zero[32], proposer[32] = {7};
    const uint8_t *parent =
        chain->height == 0 ? zero : ehr_chain_block_at(chain, chain->height)->block->hash;
    struct ehr_block *block =
        ehr_chain_block_build(chain, chain->height + 1, parent, 1000, proposer, take_tx, count);
    enum ehr_reply valid = ehr_chain_block_check(chain, block);
    assert(valid == EHR_REPLY_OK);
    struct ehr_chain_block *entry = ehr_chain_commit(chain, chain->height + 1, block);
    ehr_block_unref(block);
    for (uint32_t i = 0; i < count; i++)
        ehr_tx_unref(take_tx[i]);
    return entry;
}

void exchange_certify(const struct ehr_secrets *secrets, struct ehr_chain *chain, uint64_t height,
                      uint8_t signers)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        uint8_t sig[64];
        if ((signers >> i & 1) == 0)
            continue;
        ehr_block_cert_sign(sig, ehr_chain_block_at(chain, height)->digest, &secrets[i].sign);
        ehr_chain_signature_add(chain, height, i, sig);
        count++;
    }
    ehr_chain_certificate_make(chain, height, &signers, count);
}

struct ehr_tx *exchange_anchor(const struct exchange *x, uint32_t hospital,
                               const struct ehr_block_proof *proof)
{
    return exchange_tx(EHR_TX_ANCHOR,
                       ehr_anchor_make(x->hospitals[hospital].server.cert.id, proof,
                                       &x->server_secrets[hospital].sign),
                       700);
}

struct ehr_tx *exchange_index(const struct exchange *x, uint32_t hospital,
                              struct ehr_chain *private_chain, uint64_t height, uint32_t leaf)
{
    const struct ehr_block *block = ehr_chain_block_at(private_chain, height)->block;
    const struct ehr_tx *record = block->tx[leaf];
    uint8_t path[EHR_MERKLE_PATH_MAX], bytes[EHR_ATX_BYTES_MAX];
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    must(ehr_ptx_parse(&ptx, record->bytes, record->length));
    ehr_ptx_hashes(&hashes, &ptx);
    struct ehr_atx atx = {.hid = ptx.terms.hid,
                          .epoch = ptx.terms.epoch,
                          .flags = ptx.terms.flags,
                          .pseudonym = ptx.terms.pseudonym,
                          .labels = ptx.terms.labels,
                          .nkw = ptx.terms.nkw,
                          .priv = hashes.priv,
                          .block_hash = block->hash,
                          .height = height,
                          .leaf_index = leaf,
                          .depth = ehr_chain_path(private_chain, height, leaf, path),
                          .path = path};
    ehr_atx_make(bytes, NULL, &atx, &x->server_secrets[hospital].sign);
    return ehr_tx_new(EHR_TX_INDEX, bytes, EHR_ATX_BYTES(atx.nkw, atx.depth), EXCHANGE_CLIENT_NODE,
                      0, record->request);
}

struct ehr_tx *exchange_grant(struct exchange *x, const struct visit *visit,
                              const struct grant_terms *terms, uint8_t grant_id[32])
{
    uint8_t scope[EHR_SCOPE_BYTES(1)], scope_hash[32], td_com[32], gctx[32];
    uint8_t cert_ids[32 * EXCHANGE_REPLICAS], node_keys[32 * EXCHANGE_REPLICAS];
    uint8_t bytes[EHR_GRANT_BYTES(EXCHANGE_REPLICAS)];
    struct ehr_grant parsed;
    ehr_index_td_com(td_com, visit->T);
    must(ehr_scope_encode(scope, 1, td_com, 1));
    ehr_scope_hash(scope_hash, scope, sizeof scope);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        memcpy(cert_ids + (size_t)32 * i, x->alliance[i].cert.id, 32);
        memcpy(node_keys + (size_t)32 * i, x->alliance[i].epoch_key.bytes, 32);
    }
    const struct ehr_grant_terms grant = {
        .keys = &visit->keys,
        .Y = x->users[terms->user].cert.dh_pk.bytes,
        .hid = x->hospitals[visit->hospital].server.cert.id,
        .du_cert_id = x->users[terms->user].cert.id,
        .scope_hash = scope_hash,
        .epoch = terms->epoch,
        .threshold = 2,
        .proxies = EXCHANGE_REPLICAS,
        .cert_ids = cert_ids,
        .node_keys = node_keys,
        .not_before = terms->not_before,
        .not_after = terms->not_after,
    };
    must(ehr_grant_make(bytes, sizeof bytes, &grant, exchange_rng(x)));
    must(ehr_grant_parse(&parsed, bytes, sizeof bytes));
    ehr_grant_id(gctx, grant_id, &parsed);
    const struct ehr_grant_tx wrapped = {.txid = terms->txid,
                                         .scope = scope,
                                         .scope_len = sizeof scope,
                                         .grant = bytes,
                                         .grant_len = sizeof bytes};
    return exchange_tx(EHR_TX_GRANT, ehr_grant_tx_make(&wrapped), 800);
}

struct ehr_tx *exchange_revoke(struct exchange *x, const struct visit *visit,
                               const uint8_t grant_id[32], uint64_t height)
{
    struct ehr_point P;
    uint8_t sig[64];
    must(ehr_point_import(&P, visit->pseudonym));
    must(ehr_revoke_sign(sig, &visit->keys.p, &P, grant_id, height, exchange_rng(x)));
    return exchange_tx(EHR_TX_REVOKE, ehr_revoke_tx_make(grant_id, height, sig), 900);
}
