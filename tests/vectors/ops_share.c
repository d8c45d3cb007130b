/* Operations of grant.json, reencrypt.json and combine.json. */
#include "crypto/combine.h"
#include "crypto/grant.h"
#include "crypto/reencrypt.h"
#include "tests/vectors/harness.h"

#include <string.h>

static struct ehr_scalar in_scalar(struct ehr_vector *v, const char *name)
{
    struct ehr_scalar s;
    memcpy(s.bytes, ehr_vector_in_fixed(v, name, 32), 32);
    return s;
}

static enum ehr_status in_dh_key(struct ehr_vector *v, const char *name, struct ehr_dh_key *key)
{
    struct ehr_scalar secret = in_scalar(v, name);
    return ehr_dh_key_from_secret(key, &secret);
}

static enum ehr_status in_grant(struct ehr_vector *v, struct ehr_grant_verified *grant)
{
    struct ehr_vector_bytes bytes = ehr_vector_in(v, "grant");
    return ehr_grant_verify(grant, bytes.bytes, bytes.len);
}

/* ---- grant ---- */

static enum ehr_status scope(struct ehr_vector *v)
{
    size_t count;
    const uint8_t *td_coms = ehr_vector_in_concat(v, "td_coms", 32, &count);
    uint8_t *bytes = ehr_vector_alloc(v, EHR_SCOPE_BYTES(count)), hash[32];
    EHR_TRY(ehr_scope_encode(bytes, (uint8_t)ehr_vector_in_uint(v, "purpose"), td_coms, count));
    ehr_scope_hash(hash, bytes, EHR_SCOPE_BYTES(count));
    ehr_vector_out(v, "scope", bytes, EHR_SCOPE_BYTES(count));
    ehr_vector_out(v, "scope_hash", hash, 32);
    return EHR_OK;
}

static enum ehr_status committee(struct ehr_vector *v)
{
    size_t count;
    uint8_t committee_id[32];
    const uint8_t *cert_ids = ehr_vector_in_concat(v, "cert_ids", 32, &count);
    ehr_committee_id(committee_id, (uint32_t)ehr_vector_in_uint(v, "epoch"), cert_ids, count);
    ehr_vector_out(v, "committee_id", committee_id, 32);
    return EHR_OK;
}

static enum ehr_status grant_make(struct ehr_vector *v)
{
    size_t nodes_count, n = (size_t)ehr_vector_in_uint(v, "n");
    const cJSON *nodes = ehr_vector_in_list(v, "nodes", &nodes_count), *node;
    uint8_t *cert_ids = ehr_vector_alloc(v, 32 * (n + nodes_count));
    uint8_t *node_keys = ehr_vector_alloc(v, 32 * (n + nodes_count));
    size_t i = 0;
    cJSON_ArrayForEach(node, nodes)
    {
        memcpy(cert_ids + 32 * i,
               ehr_vector_item_bytes(v, ehr_vector_item_member(v, node, "cert_id")).bytes, 32);
        memcpy(node_keys + 32 * i,
               ehr_vector_item_bytes(v, ehr_vector_item_member(v, node, "N")).bytes, 32);
        i++;
    }
    struct ehr_visit_keys keys = {.p = in_scalar(v, "p"), .q = in_scalar(v, "q")};
    struct ehr_grant_terms terms = {
        .keys = &keys,
        .Y = ehr_vector_in_fixed(v, "Y", 32),
        .hid = ehr_vector_in_fixed(v, "hid", 32),
        .du_cert_id = ehr_vector_in_fixed(v, "du_cert_id", 32),
        .scope_hash = ehr_vector_in_fixed(v, "scope_hash", 32),
        .epoch = (uint32_t)ehr_vector_in_uint(v, "epoch"),
        .threshold = (size_t)ehr_vector_in_uint(v, "t"),
        .proxies = n,
        .cert_ids = cert_ids,
        .node_keys = node_keys,
        .not_before = ehr_vector_in_uint(v, "not_before"),
        .not_after = ehr_vector_in_uint(v, "not_after"),
    };
    size_t len = EHR_GRANT_BYTES(n);
    uint8_t *bytes = ehr_vector_alloc(v, len);
    EHR_TRY(ehr_grant_make(bytes, len, &terms, ehr_vector_rng(v)));
    struct ehr_grant view;
    uint8_t gctx[32], grant_id[32];
    EHR_TRY(ehr_grant_parse(&view, bytes, len));
    ehr_grant_id(gctx, grant_id, &view);
    ehr_vector_out(v, "grant", bytes, len);
    ehr_vector_out(v, "gctx", gctx, 32);
    ehr_vector_out(v, "grant_id", grant_id, 32);
    return EHR_OK;
}

static enum ehr_status grant_verify(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    EHR_TRY(in_grant(v, &grant));
    ehr_vector_out(v, "grant_id", grant.grant_id, 32);
    return EHR_OK;
}

static enum ehr_status kfrag_open(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    struct ehr_dh_key node_key;
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    EHR_TRY(in_grant(v, &grant));
    EHR_TRY(in_dh_key(v, "node_key", &node_key));
    EHR_TRY(ehr_kfrag_open(&kfrag, &grant, (uint8_t)ehr_vector_in_uint(v, "j"), &node_key));
    EHR_TRY(ehr_kfrag_verify(&verified, &kfrag, &grant));
    ehr_vector_out(v, "rk", verified.kfrag.rk.bytes, 32);
    return EHR_OK;
}

static enum ehr_status revoke_sign(struct ehr_vector *v)
{
    uint8_t message[32], sig[64];
    struct ehr_scalar p = in_scalar(v, "p");
    struct ehr_point P;
    const uint8_t *grant_id = ehr_vector_in_fixed(v, "grant_id", 32);
    uint64_t height = ehr_vector_in_uint(v, "height");
    EHR_TRY(ehr_point_mul_base(&P, &p));
    EHR_TRY(ehr_revoke_sign(sig, &p, &P, grant_id, height, ehr_vector_rng(v)));
    EHR_TRY(ehr_revoke_verify(P.bytes, grant_id, height, sig));
    ehr_revoke_message(message, grant_id, height);
    ehr_vector_out(v, "m", message, 32);
    ehr_vector_out(v, "sig", sig, 64);
    return EHR_OK;
}

/* ---- reencrypt ---- */

static enum ehr_status reencrypt(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    struct ehr_kfrag_verified verified;
    EHR_TRY(in_grant(v, &grant));
    struct ehr_kfrag kfrag = {.index = (uint8_t)ehr_vector_in_uint(v, "j"),
                              .rk = in_scalar(v, "rk")};
    EHR_TRY(ehr_kfrag_verify(&verified, &kfrag, &grant));
    struct ehr_vector_bytes head = ehr_vector_in(v, "head");
    struct ehr_reencrypt_request request = {
        .head = head.bytes,
        .head_len = head.len,
        .body_hash = ehr_vector_in_fixed(v, "body_hash", 32),
        .ct_hash = ehr_vector_in_fixed(v, "ct_hash", 32),
        .height = ehr_vector_in_uint(v, "height"),
        .revoked = ehr_vector_in_uint(v, "revoked") != 0,
    };
    uint8_t cfrag[EHR_CFRAG_BYTES];
    EHR_TRY(ehr_reencrypt(cfrag, &grant, &verified, &request, ehr_vector_rng(v)));
    ehr_vector_out(v, "cfrag", cfrag, sizeof cfrag);
    return EHR_OK;
}

static enum ehr_status cfrag_verify(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    struct ehr_vector_bytes bytes = ehr_vector_in(v, "head"), cfrag = ehr_vector_in(v, "cfrag");
    EHR_TRY(in_grant(v, &grant));
    EHR_TRY(ehr_record_head_check(&head, bytes.bytes, bytes.len, &grant.visit));
    return ehr_cfrag_verify(&grant, &head, cfrag.bytes, cfrag.len);
}

static enum ehr_status cfrag_sign(struct ehr_vector *v)
{
    const uint8_t *cfrag = ehr_vector_in_fixed(v, "cfrag", EHR_CFRAG_BYTES);
    const uint8_t *capsule = ehr_vector_in_fixed(v, "capsule", EHR_CAPSULE_BYTES);
    struct ehr_sign_key key;
    uint8_t message[32], sig[64];
    ehr_sign_key_init(&key, ehr_vector_in_fixed(v, "node_seed", 32));
    ehr_cfrag_message(message, cfrag, capsule);
    ehr_cfrag_sign(sig, cfrag, capsule, &key);
    EHR_TRY(ehr_cfrag_sig_verify(cfrag, capsule, key.public, sig));
    ehr_vector_out(v, "hash", message, 32);
    ehr_vector_out(v, "sig", sig, 64);
    return EHR_OK;
}

/* ---- combine ---- */

static const struct ehr_share *in_shares(struct ehr_vector *v, size_t *count)
{
    const cJSON *list = ehr_vector_in_list(v, "cfrags", count), *item;
    struct ehr_share *shares = ehr_vector_alloc(v, *count * sizeof *shares), *at = shares;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes bytes = ehr_vector_item_bytes(v, item);
        *at++ = (struct ehr_share){bytes.bytes, bytes.len};
    }
    return shares;
}

static enum ehr_status combine(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    struct ehr_dh_key data_user;
    struct ehr_point K;
    struct ehr_vector_bytes bytes = ehr_vector_in(v, "head");
    size_t count;
    const struct ehr_share *shares = in_shares(v, &count);
    EHR_TRY(in_grant(v, &grant));
    EHR_TRY(in_dh_key(v, "y", &data_user));
    EHR_TRY(ehr_record_head_check(&head, bytes.bytes, bytes.len, &grant.visit));
    EHR_TRY(ehr_combine(&K, &data_user, &grant, &head, shares, count, NULL));
    ehr_vector_out(v, "K", K.bytes, 32);
    return EHR_OK;
}

static enum ehr_status combine_open(struct ehr_vector *v)
{
    struct ehr_grant_verified grant;
    struct ehr_dh_key data_user;
    struct ehr_vector_bytes sealed = ehr_vector_in(v, "sealed");
    size_t count, plaintext_len;
    const struct ehr_share *shares = in_shares(v, &count);
    uint8_t *plaintext = ehr_vector_alloc(v, sealed.len);
    EHR_TRY(in_grant(v, &grant));
    EHR_TRY(in_dh_key(v, "y", &data_user));
    EHR_TRY(ehr_combine_open(plaintext, sealed.len, &plaintext_len, &data_user, &grant, shares,
                             count, sealed.bytes, sealed.len, NULL));
    ehr_vector_out(v, "plaintext", plaintext, plaintext_len);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_share[] = {
    {"scope", scope},
    {"committee", committee},
    {"grant_make", grant_make},
    {"grant_verify", grant_verify},
    {"kfrag_open", kfrag_open},
    {"revoke_sign", revoke_sign},
    {"reencrypt", reencrypt},
    {"cfrag_verify", cfrag_verify},
    {"cfrag_sign", cfrag_sign},
    {"combine", combine},
    {"combine_open", combine_open},
    {NULL, NULL},
};
