/* Operations of private_tx.json, merkle.json, alliance_tx.json and quorum.json. */
#include "sim/consensus/engine.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/block.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/quorum_cert.h"
#include "tests/vectors/harness.h"

#include <assert.h>
#include <string.h>

static struct ehr_sign_key in_sign_key(struct ehr_vector *v, const char *name)
{
    struct ehr_sign_key key;
    ehr_sign_key_init(&key, ehr_vector_in_fixed(v, name, 32));
    return key;
}

/* ---- private_tx ---- */

static void out_hashes(struct ehr_vector *v, const struct ehr_ptx_hashes *hashes)
{
    ehr_vector_out(v, "pub", hashes->pub, 32);
    ehr_vector_out(v, "body", hashes->body, 32);
    ehr_vector_out(v, "priv", hashes->priv, 32);
    ehr_vector_out(v, "leaf", hashes->leaf, 32);
}

static enum ehr_status token_make(struct ehr_vector *v, uint8_t *token, const uint8_t *body,
                                  uint16_t flags)
{
    if ((flags & EHR_PTX_FLAG_EMERGENCY) != 0) {
        struct ehr_sign_key second = in_sign_key(v, "doctor2_seed");
        ehr_ptx_sign_emergency(token, body, ehr_vector_in_fixed(v, "doctor2_id", 32), &second);
        return EHR_OK;
    }
    struct ehr_scalar p;
    struct ehr_point P;
    memcpy(p.bytes, ehr_vector_in_fixed(v, "p", 32), 32);
    EHR_TRY(ehr_point_mul_base(&P, &p));
    return ehr_ptx_sign_patient(token, body, &p, &P, ehr_vector_rng(v));
}

static enum ehr_status ptx_make(struct ehr_vector *v)
{
    struct ehr_vector_bytes labels = ehr_vector_in(v, "labels");
    struct ehr_ptx_terms terms = {
        .hid = ehr_vector_in_fixed(v, "hid", 32),
        .doctor_id = ehr_vector_in_fixed(v, "doctor_id", 32),
        .epoch = (uint32_t)ehr_vector_in_uint(v, "epoch"),
        .flags = (uint16_t)ehr_vector_in_uint(v, "flags"),
        .pseudonym = ehr_vector_in_fixed(v, "pseudonym", 96),
        .ct_hash = ehr_vector_in_fixed(v, "ct_hash", 32),
        .ct_len = ehr_vector_in_uint(v, "ct_len"),
        .labels = labels.bytes,
        .nkw = labels.len / 16,
    };
    uint8_t body[32], sig[64], token[EHR_PTX_EMERGENCY_BYTES];
    struct ehr_sign_key doctor = in_sign_key(v, "doctor_seed");
    ehr_ptx_terms_body(body, &terms);
    ehr_ptx_sign_doctor(sig, body, &doctor);
    EHR_TRY(token_make(v, token, body, terms.flags));
    size_t len = EHR_PTX_BYTES(terms.nkw, terms.flags);
    uint8_t *bytes = ehr_vector_alloc(v, len);
    ehr_ptx_encode(bytes, &terms, sig, token);
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    EHR_TRY(ehr_ptx_parse(&ptx, bytes, len));
    ehr_ptx_hashes(&hashes, &ptx);
    ehr_vector_out(v, "tx", bytes, len);
    out_hashes(v, &hashes);
    return EHR_OK;
}

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    struct ehr_vector *v = context;
    size_t count;
    const cJSON *list = ehr_vector_in_list(v, "doctors", &count), *item;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes id =
            ehr_vector_item_bytes(v, ehr_vector_item_member(v, item, "cert_id"));
        struct ehr_vector_bytes key =
            ehr_vector_item_bytes(v, ehr_vector_item_member(v, item, "ed_pk"));
        if (id.len == 32 && key.len == 32 && memcmp(id.bytes, cert_id, 32) == 0) {
            memcpy(ed_pk, key.bytes, 32);
            return true;
        }
    }
    return false;
}

static bool value_seen(void *context, const uint8_t *value, size_t len)
{
    struct ehr_vector *v = context;
    size_t count;
    const cJSON *list = ehr_vector_in_list(v, "seen", &count), *item;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes seen = ehr_vector_item_bytes(v, item);
        if (seen.len == len && memcmp(seen.bytes, value, len) == 0)
            return true;
    }
    return false;
}

static enum ehr_status ptx_verify(struct ehr_vector *v)
{
    struct ehr_vector_bytes tx = ehr_vector_in(v, "tx");
    struct ehr_ptx_doctors doctors = {doctor_find, v};
    struct ehr_ptx_seen seen = {value_seen, v};
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    EHR_TRY(ehr_ptx_parse(&ptx, tx.bytes, tx.len));
    EHR_TRY(ehr_ptx_verify(&hashes, &ptx, ehr_vector_in_fixed(v, "hid", 32),
                           (uint32_t)ehr_vector_in_uint(v, "epoch"), &doctors));
    EHR_TRY(ehr_ptx_check_fresh(&ptx, &seen));
    out_hashes(v, &hashes);
    return EHR_OK;
}

/* ---- merkle ---- */

static enum ehr_status merkle_root(struct ehr_vector *v)
{
    size_t count;
    const uint8_t *leaves = ehr_vector_in_concat(v, "leaves", 32, &count);
    uint8_t root[32], path[EHR_MERKLE_PATH_MAX];
    uint8_t *tree = ehr_vector_alloc(v, ehr_merkle_tree_len(count));
    ehr_merkle_root(root, leaves, count);
    ehr_merkle_tree_build(tree, leaves, count);
    assert(memcmp(root, ehr_merkle_tree_root(tree, count), 32) == 0);
    ehr_vector_out(v, "root", root, 32);
    cJSON *paths = ehr_vector_out_list(v, NULL, "paths");
    for (size_t i = 0; i < count; i++) {
        cJSON *list = ehr_vector_out_list(v, paths, NULL);
        unsigned depth = ehr_merkle_tree_path(path, tree, count, i);
        for (size_t level = 0; level < depth; level++)
            ehr_vector_append(v, list, path + 32 * level, 32);
    }
    return EHR_OK;
}

static enum ehr_status merkle_verify(struct ehr_vector *v)
{
    size_t depth;
    const uint8_t *path = ehr_vector_in_concat(v, "path", 32, &depth);
    return ehr_merkle_verify(ehr_vector_in_fixed(v, "root", 32), ehr_vector_in_fixed(v, "leaf", 32),
                             ehr_vector_in_uint(v, "index"), path, (unsigned)depth);
}

/* ---- alliance_tx ---- */

static enum ehr_status atx_make(struct ehr_vector *v)
{
    struct ehr_vector_bytes labels = ehr_vector_in(v, "labels");
    size_t depth;
    const uint8_t *path = ehr_vector_in_concat(v, "path", 32, &depth);
    struct ehr_atx atx = {
        .hid = ehr_vector_in_fixed(v, "hid", 32),
        .epoch = (uint32_t)ehr_vector_in_uint(v, "epoch"),
        .flags = (uint16_t)ehr_vector_in_uint(v, "flags"),
        .pseudonym = ehr_vector_in_fixed(v, "pseudonym", 96),
        .labels = labels.bytes,
        .nkw = labels.len / 16,
        .priv = ehr_vector_in_fixed(v, "priv", 32),
        .block_hash = ehr_vector_in_fixed(v, "block_hash", 32),
        .height = ehr_vector_in_uint(v, "height"),
        .leaf_index = (uint32_t)ehr_vector_in_uint(v, "index"),
        .depth = (unsigned)depth,
        .path = path,
    };
    struct ehr_sign_key hospital = in_sign_key(v, "hospital_seed");
    size_t len = EHR_ATX_BYTES(atx.nkw, depth);
    uint8_t *bytes = ehr_vector_alloc(v, len), txid[32], pub[32], leaf[32];
    ehr_atx_make(bytes, txid, &atx, &hospital);
    ehr_atx_leaf(leaf, pub, &atx);
    ehr_vector_out(v, "tx", bytes, len);
    ehr_vector_out(v, "pub", pub, 32);
    ehr_vector_out(v, "leaf", leaf, 32);
    ehr_vector_out(v, "txid", txid, 32);
    return EHR_OK;
}

static enum ehr_status atx_verify(struct ehr_vector *v)
{
    struct ehr_vector_bytes tx = ehr_vector_in(v, "tx");
    struct ehr_atx_anchor anchor = {.height = ehr_vector_in_uint(v, "height")};
    memcpy(anchor.block_hash, ehr_vector_in_fixed(v, "block_hash", 32), 32);
    memcpy(anchor.merkle_root, ehr_vector_in_fixed(v, "merkle_root", 32), 32);
    struct ehr_atx atx;
    uint8_t txid[32], leaf[32];
    EHR_TRY(ehr_atx_parse(&atx, tx.bytes, tx.len));
    EHR_TRY(ehr_atx_verify_signature(txid, &atx, ehr_vector_in_fixed(v, "hid", 32),
                                     ehr_vector_in_fixed(v, "hospital_pk", 32)));
    EHR_TRY(ehr_atx_verify_anchor(leaf, &atx, &anchor));
    ehr_vector_out(v, "txid", txid, 32);
    ehr_vector_out(v, "leaf", leaf, 32);
    return EHR_OK;
}

/* ---- quorum ---- */

static enum ehr_status quorum(struct ehr_vector *v)
{
    ehr_vector_out_uint(v, "quorum", ehr_engine_quorum((uint32_t)ehr_vector_in_uint(v, "n")));
    return EHR_OK;
}

static enum ehr_status qc_make(struct ehr_vector *v)
{
    size_t count, n = (size_t)ehr_vector_in_uint(v, "n");
    const cJSON *list = ehr_vector_in_list(v, "votes", &count), *item;
    struct ehr_quorum_vote *votes = ehr_vector_alloc(v, count * sizeof *votes), *at = votes;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes sig =
            ehr_vector_item_bytes(v, ehr_vector_item_member(v, item, "sig"));
        at->member = (size_t)ehr_vector_item_uint(v, ehr_vector_item_member(v, item, "member"));
        assert(sig.len == 64);
        memcpy(at->sig, sig.bytes, 64);
        at++;
    }
    size_t len = EHR_QUORUM_CERT_BYTES(n, count);
    uint8_t *cert = ehr_vector_alloc(v, len);
    EHR_TRY(ehr_quorum_cert_make(cert, len, ehr_vector_in_fixed(v, "digest", 32), n, votes, count));
    ehr_vector_out(v, "qc", cert, len);
    return EHR_OK;
}

static enum ehr_status qc_verify(struct ehr_vector *v)
{
    size_t members;
    struct ehr_vector_bytes cert = ehr_vector_in(v, "qc");
    const uint8_t *keys = ehr_vector_in_concat(v, "members", 32, &members);
    struct ehr_quorum_cert view;
    EHR_TRY(ehr_quorum_cert_verify(&view, cert.bytes, cert.len, ehr_vector_in_text(v, "label"),
                                   ehr_vector_in_fixed(v, "digest", 32), keys, members,
                                   (size_t)ehr_vector_in_uint(v, "threshold")));
    cJSON *signers = ehr_vector_out_list(v, NULL, "signers");
    for (size_t i = 0; i < members; i++)
        if (ehr_quorum_cert_has(&view, i))
            ehr_vector_append_uint(v, signers, i);
    return EHR_OK;
}

static enum ehr_status block_header(struct ehr_vector *v)
{
    struct ehr_block_header header = {
        .epoch = (uint32_t)ehr_vector_in_uint(v, "epoch"),
        .height = ehr_vector_in_uint(v, "height"),
        .count = (uint32_t)ehr_vector_in_uint(v, "count"),
        .time_ns = ehr_vector_in_uint(v, "time"),
    };
    memcpy(header.chain_id, ehr_vector_in_fixed(v, "chain_id", 32), 32);
    memcpy(header.previous_hash, ehr_vector_in_fixed(v, "previous_hash", 32), 32);
    memcpy(header.merkle_root, ehr_vector_in_fixed(v, "merkle_root", 32), 32);
    memcpy(header.proposer, ehr_vector_in_fixed(v, "proposer", 32), 32);
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES], block_hash[32];
    struct ehr_block_header parsed;
    ehr_block_header_encode(bytes, &header);
    EHR_TRY(ehr_block_header_parse(&parsed, bytes, sizeof bytes));
    ehr_block_header_encode(bytes, &parsed);
    ehr_block_hash(block_hash, bytes);
    ehr_vector_out(v, "header", bytes, sizeof bytes);
    ehr_vector_out(v, "block_hash", block_hash, 32);
    return EHR_OK;
}

static enum ehr_status chain_id(struct ehr_vector *v)
{
    uint8_t id[32];
    ehr_chain_id(id, ehr_vector_in_fixed(v, "cert_id", 32));
    ehr_vector_out(v, "chain_id", id, 32);
    return EHR_OK;
}

static enum ehr_status alliance_leaf(struct ehr_vector *v)
{
    struct ehr_vector_bytes transaction = ehr_vector_in(v, "transaction");
    uint8_t leaf[32];
    ehr_alliance_leaf(leaf, (uint8_t)ehr_vector_in_uint(v, "type"), transaction.bytes,
                      transaction.len);
    ehr_vector_out(v, "leaf", leaf, 32);
    return EHR_OK;
}

static enum ehr_status state_root(struct ehr_vector *v)
{
    struct ehr_vector_bytes refused = ehr_vector_in(v, "refused");
    uint8_t root[32];
    ehr_state_root(root, ehr_vector_in_fixed(v, "previous", 32),
                   ehr_vector_in_fixed(v, "block_hash", 32), refused.bytes, refused.len);
    ehr_vector_out(v, "state_root", root, 32);
    return EHR_OK;
}

static enum ehr_status block_cert(struct ehr_vector *v)
{
    uint8_t digest[32], sig[64];
    struct ehr_sign_key key = in_sign_key(v, "seed");
    ehr_block_cert_digest(digest, ehr_vector_in_fixed(v, "chain_id", 32),
                          (uint32_t)ehr_vector_in_uint(v, "epoch"), ehr_vector_in_uint(v, "height"),
                          ehr_vector_in_fixed(v, "block_hash", 32),
                          ehr_vector_in_fixed(v, "state_root", 32));
    ehr_block_cert_sign(sig, digest, &key);
    EHR_TRY(ehr_block_cert_verify(digest, key.public, sig));
    ehr_vector_out(v, "digest", digest, 32);
    ehr_vector_out(v, "sig", sig, 64);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_ledger[] = {
    {"ptx_make", ptx_make},
    {"ptx_verify", ptx_verify},
    {"merkle_root", merkle_root},
    {"merkle_verify", merkle_verify},
    {"atx_make", atx_make},
    {"atx_verify", atx_verify},
    {"quorum", quorum},
    {"qc_make", qc_make},
    {"qc_verify", qc_verify},
    {"block_header", block_header},
    {"chain_id", chain_id},
    {"alliance_leaf", alliance_leaf},
    {"state_root", state_root},
    {"block_cert", block_cert},
    {NULL, NULL},
};
