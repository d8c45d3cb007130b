/* Any bytes as a transaction of either chain, as what the alliance chain does not see of one, and
 * as what is searched with (fuzz_search.c). */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/index.h"
#include "crypto/schnorr.h"
#include "sim/ledger/cert_revoke.h"
#include "sim/ledger/grant_batch.h"
#include "sim/ledger/wire.h"
#include "tests/fuzz/fuzz_search.h"

/* ---- private transaction ---- */

struct doctors {
    unsigned count;
    struct {
        uint8_t id[32], pk[32];
    } doctor[2];
};

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct doctors *doctors = context;
    for (unsigned i = 0; i < doctors->count; i++) {
        if (memcmp(doctors->doctor[i].id, cert_id, 32) == 0) {
            memcpy(ed_pk, doctors->doctor[i].pk, 32);
            return true;
        }
    }
    return false;
}

static bool value_has(void *context, const uint8_t *value, size_t len)
{
    (void)len;
    return value[0] == *(const uint8_t *)context;
}

/* Both signatures, under keys that become the doctors' and the pseudonym's. */
static void ptx_sign(struct fuzz_blob *tx, struct doctors *doctors)
{
    const struct ehr_dh_key *own = fuzz_dh_key(0);
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    if (ehr_ptx_parse(&ptx, tx->data, tx->len) != EHR_OK)
        return;
    memcpy(tx->data + 76, own->public.bytes, 32);
    ehr_ptx_hashes(&hashes, &ptx);
    uint8_t *sig = tx->data + (ptx.doctor_sig - tx->data), *token = sig + 64;
    ehr_ptx_sign_doctor(sig, hashes.body, fuzz_sign_key(0));
    doctors->count = 1;
    memcpy(doctors->doctor[0].id, ptx.terms.doctor_id, 32);
    memcpy(doctors->doctor[0].pk, fuzz_sign_key(0)->public, 32);
    if ((ptx.terms.flags & EHR_PTX_FLAG_EMERGENCY) != 0) {
        doctors->count = 2;
        memcpy(doctors->doctor[1].id, token, 32);
        memcpy(doctors->doctor[1].pk, fuzz_sign_key(1)->public, 32);
        ehr_ptx_sign_emergency(token, hashes.body, doctors->doctor[1].id, fuzz_sign_key(1));
    } else {
        enum ehr_status status =
            ehr_ptx_sign_patient(token, hashes.body, &own->secret, &own->public, fuzz_rng());
        assert(status == EHR_OK);
    }
}

static void ptx_check(const struct fuzz_blob *tx, const uint8_t hid[32], uint32_t epoch,
                      struct doctors *doctors)
{
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    fuzz_soil(&ptx, sizeof ptx);
    enum ehr_status status = fuzz_among(ehr_ptx_parse(&ptx, tx->data, tx->len), FUZZ_BIT(EHR_LEN));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&ptx, sizeof ptx));
        return;
    }
    struct fuzz_blob again = fuzz_copy(tx->data, tx->len);
    fuzz_soil(again.data, again.len);
    assert(EHR_PTX_BYTES(ptx.terms.nkw, ptx.terms.flags) == tx->len);
    ehr_ptx_encode(again.data, &ptx.terms, ptx.doctor_sig, ptx.token);
    assert(memcmp(again.data, tx->data, tx->len) == 0);
    fuzz_blob_free(&again);
    struct ehr_ptx_doctors find = {.find = doctor_find, .context = doctors};
    fuzz_soil(&hashes, sizeof hashes);
    status = fuzz_among(ehr_ptx_verify(&hashes, &ptx, hid, epoch, &find),
                        FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_DUP) | FUZZ_BIT(EHR_POLICY) |
                            FUZZ_BIT(EHR_SIG));
    assert(status == EHR_OK ? memcmp(ptx.terms.hid, hid, 32) == 0 && ptx.terms.epoch == epoch &&
                                  ehr_index_labels_distinct(ptx.terms.labels, ptx.terms.nkw)
                            : fuzz_is_zero(&hashes, sizeof hashes));
    uint8_t known = tx->data[4];
    struct ehr_ptx_seen seen = {.has = value_has, .context = &known};
    (void)fuzz_among(ehr_ptx_check_fresh(&ptx, &seen), FUZZ_BIT(EHR_DUP));
}

/* fix bit 0 signs, bit 1 expects the hospital and epoch that it states. */
static void fuzz_private(struct fuzz_input *in)
{
    struct doctors doctors = {.count = 2};
    uint8_t hid[32];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, hid, 32);
    uint32_t epoch = (uint32_t)fuzz_u64(in);
    for (unsigned i = 0; i < 2; i++) {
        fuzz_bytes(in, doctors.doctor[i].id, 32);
        fuzz_bytes(in, doctors.doctor[i].pk, 32);
    }
    struct fuzz_blob tx = fuzz_rest(in);
    if ((fix & 1) != 0)
        ptx_sign(&tx, &doctors);
    if ((fix & 2) != 0 && tx.len >= 72) {
        memcpy(hid, tx.data + 4, 32);
        epoch = ehr_le32_get(tx.data + 68);
    }
    ptx_check(&tx, hid, epoch, &doctors);
    fuzz_blob_free(&tx);
}

/* Of a private transaction, what the alliance chain does not see. */
static void fuzz_entry(struct fuzz_input *in)
{
    struct fuzz_blob bytes = fuzz_rest(in);
    struct ehr_entry entry;
    fuzz_soil(&entry, sizeof entry);
    enum ehr_status status =
        fuzz_among(ehr_entry_parse(&entry, bytes.data, bytes.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_ptx ptx = {.terms = {.doctor_id = entry.doctor_id,
                                        .ct_hash = entry.ct_hash,
                                        .ct_len = entry.ct_len},
                              .doctor_sig = entry.doctor_sig,
                              .token = entry.token,
                              .token_len = entry.token_len};
        struct ehr_blob *again = ehr_entry_encode(&ptx);
        uint8_t priv[32];
        assert(again->length == bytes.len && memcmp(again->bytes, bytes.data, bytes.len) == 0);
        ehr_blob_unref(again);
        ehr_ptx_priv(priv, entry.doctor_id, entry.ct_hash, entry.ct_len, entry.doctor_sig,
                     entry.token, entry.token_len);
        assert(ehr_entry_matches(&entry, priv));
        priv[bytes.data[0] % 32] ^= 1;
        assert(!ehr_entry_matches(&entry, priv));
    } else {
        assert(fuzz_is_zero(&entry, sizeof entry));
    }
    fuzz_blob_free(&bytes);
}

/* ---- index transaction ---- */

/* The root to which a path leads, computed as the specification says. */
static void path_root(uint8_t root[32], const struct ehr_atx *atx)
{
    ehr_atx_leaf(root, NULL, atx);
    for (unsigned i = 0; i < atx->depth; i++) {
        const uint8_t *sibling = atx->path + 32 * (size_t)i;
        bool left = i < 32 && (atx->leaf_index >> i & 1) != 0;
        uint8_t at[32];
        memcpy(at, root, 32);
        EHR_HASH32(root, "mnode", EHR_H(left ? sibling : at), EHR_H(left ? at : sibling));
    }
}

static void atx_encode_check(const struct ehr_atx *atx, const struct fuzz_blob *tx)
{
    struct fuzz_blob again = fuzz_copy(tx->data, tx->len);
    uint8_t txid[32], made[32];
    fuzz_soil(again.data, again.len);
    assert(EHR_ATX_BYTES(atx->nkw, atx->depth) == tx->len);
    ehr_atx_make(again.data, made, atx, fuzz_sign_key(2));
    ehr_atx_id(txid, atx);
    assert(memcmp(again.data, tx->data, tx->len - 64) == 0 && memcmp(txid, made, 32) == 0);
    fuzz_blob_free(&again);
}

/* fix: 1 signs, 2 expects its hospital, 4 its block, 8 the root to which its path leads. */
static void atx_check(const struct fuzz_blob *tx, uint8_t hid[32], uint8_t pk[32],
                      struct ehr_atx_anchor *anchor, unsigned fix)
{
    struct ehr_atx atx;
    uint8_t txid[32], leaf[32];
    fuzz_soil(&atx, sizeof atx);
    enum ehr_status status = fuzz_among(ehr_atx_parse(&atx, tx->data, tx->len), FUZZ_BIT(EHR_LEN));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&atx, sizeof atx));
        return;
    }
    atx_encode_check(&atx, tx);
    ehr_atx_id(txid, &atx);
    if ((fix & 1) != 0) {
        ehr_sign_make(tx->data + tx->len - 64, fuzz_sign_key(2), "sig-atx", txid);
        memcpy(pk, fuzz_sign_key(2)->public, 32);
    }
    if ((fix & 2) != 0)
        memcpy(hid, atx.hid, 32);
    if ((fix & 4) != 0) {
        memcpy(anchor->block_hash, atx.block_hash, 32);
        anchor->height = atx.height;
    }
    if ((fix & 8) != 0)
        path_root(anchor->merkle_root, &atx);
    fuzz_soil(txid, sizeof txid);
    status = fuzz_among(ehr_atx_verify_signature(txid, &atx, hid, pk),
                        FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SIG));
    assert(status == EHR_OK || fuzz_is_zero(txid, sizeof txid));
    assert((fix & 3) != 3 || status == EHR_OK || status == EHR_POINT);
    fuzz_soil(leaf, sizeof leaf);
    status = fuzz_among(ehr_atx_verify_anchor(leaf, &atx, anchor),
                        FUZZ_BIT(EHR_HASH) | FUZZ_BIT(EHR_MERKLE));
    assert(status == EHR_OK
               ? memcmp(atx.block_hash, anchor->block_hash, 32) == 0 && atx.height == anchor->height
               : fuzz_is_zero(leaf, sizeof leaf));
    struct ehr_atx_verified verified;
    fuzz_soil(&verified, sizeof verified);
    enum ehr_status checked = ehr_atx_anchor_check(&verified, &atx, anchor);
    assert(checked == status);
    assert(status == EHR_OK ? memcmp(verified.leaf, leaf, 32) == 0
                            : fuzz_is_zero(&verified, sizeof verified));
    if ((fix & 12) == 12)
        assert((status == EHR_OK) == ((uint64_t)atx.leaf_index >> atx.depth == 0));
}

static void fuzz_index(struct fuzz_input *in)
{
    struct ehr_atx_anchor anchor;
    uint8_t hid[32], pk[32];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, hid, 32);
    fuzz_bytes(in, pk, 32);
    fuzz_bytes(in, anchor.block_hash, 32);
    fuzz_bytes(in, anchor.merkle_root, 32);
    anchor.height = fuzz_u64(in);
    struct fuzz_blob tx = fuzz_rest(in);
    atx_check(&tx, hid, pk, &anchor, fix);
    fuzz_blob_free(&tx);
}

/* ---- anchor, grant, revocation ---- */

/* fix bit 0 signs: then its signature must be accepted. */
static void fuzz_anchor(struct fuzz_input *in)
{
    struct ehr_anchor anchor;
    uint8_t pk[32], digest[32];
    unsigned fix = fuzz_u8(in);
    fuzz_bytes(in, pk, 32);
    struct fuzz_blob tx = fuzz_rest(in);
    if ((fix & 1) != 0 && tx.len >= 64) {
        EHR_HASH32(digest, "anchor", EHR_P(tx.data, tx.len - 64));
        ehr_sign_make(tx.data + tx.len - 64, fuzz_sign_key(3), "sig-anchor", digest);
        memcpy(pk, fuzz_sign_key(3)->public, 32);
    }
    fuzz_soil(&anchor, sizeof anchor);
    enum ehr_status status =
        fuzz_among(ehr_anchor_parse(&anchor, tx.data, tx.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_blob *again = ehr_anchor_make(anchor.hid, &anchor.proof, fuzz_sign_key(3));
        size_t same = (fix & 1) != 0 ? tx.len : tx.len - 64;
        assert(again->length == tx.len && memcmp(again->bytes, tx.data, same) == 0);
        ehr_blob_unref(again);
        status = fuzz_among(ehr_anchor_verify_signature(&anchor, pk), FUZZ_BIT(EHR_SIG));
        assert((fix & 1) == 0 || status == EHR_OK);
    } else {
        assert(fuzz_is_zero(&anchor, sizeof anchor));
    }
    fuzz_blob_free(&tx);
}

static void fuzz_grant_tx(struct fuzz_input *in)
{
    struct fuzz_blob tx = fuzz_rest(in);
    struct ehr_grant_tx parsed;
    fuzz_soil(&parsed, sizeof parsed);
    enum ehr_status status =
        fuzz_among(ehr_grant_tx_parse(&parsed, tx.data, tx.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_blob *again = ehr_grant_tx_make(&parsed);
        assert(again->length == tx.len && memcmp(again->bytes, tx.data, tx.len) == 0);
        ehr_blob_unref(again);
    } else {
        assert(fuzz_is_zero(&parsed, sizeof parsed));
    }
    fuzz_blob_free(&tx);
}

static void fuzz_revoke_tx(struct fuzz_input *in)
{
    struct fuzz_blob tx = fuzz_rest(in);
    struct ehr_revoke_tx parsed;
    fuzz_soil(&parsed, sizeof parsed);
    enum ehr_status status =
        fuzz_among(ehr_revoke_tx_parse(&parsed, tx.data, tx.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_blob *again = ehr_revoke_tx_make(parsed.grant_id, parsed.height, parsed.sig);
        assert(again->length == tx.len && memcmp(again->bytes, tx.data, tx.len) == 0);
        ehr_blob_unref(again);
    } else {
        assert(fuzz_is_zero(&parsed, sizeof parsed));
    }
    fuzz_blob_free(&tx);
}

static void fuzz_grant_batch(struct fuzz_input *in)
{
    struct fuzz_blob tx = fuzz_rest(in);
    struct ehr_grant_batch batch;
    struct ehr_grant_tx item;
    fuzz_soil(&batch, sizeof batch);
    enum ehr_status status =
        fuzz_among(ehr_grant_batch_parse(&batch, tx.data, tx.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_blob *again = ehr_grant_batch_make(&batch);
        assert(again->length == tx.len && memcmp(again->bytes, tx.data, tx.len) == 0);
        ehr_blob_unref(again);
        assert(batch.count >= 1 && batch.count <= EHR_GRANT_BATCH_MAX);
        bool there = ehr_grant_batch_item(&item, batch.count - 1, tx.data, tx.len);
        assert(there && item.grant == batch.item[batch.count - 1].grant);
    } else {
        assert(fuzz_is_zero(&batch, sizeof batch));
    }
    fuzz_soil(&item, sizeof item);
    bool there = ehr_grant_batch_item(&item, batch.count, tx.data, tx.len);
    assert(!there && fuzz_is_soiled(&item, sizeof item));
    fuzz_blob_free(&tx);
}

static void fuzz_batch_answers(struct fuzz_input *in)
{
    struct fuzz_blob bytes = fuzz_rest(in);
    struct ehr_batch_answer answers[EHR_GRANT_BATCH_MAX];
    uint32_t count = 1;
    enum ehr_status status = fuzz_among(
        ehr_batch_answers_parse(answers, &count, bytes.data, bytes.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        struct ehr_blob *again = ehr_batch_answers_make(answers, count);
        assert(again->length == bytes.len && memcmp(again->bytes, bytes.data, bytes.len) == 0);
        ehr_blob_unref(again);
    } else {
        assert(count == 0);
    }
    fuzz_blob_free(&bytes);
}

/* fix: 1 signs, the certificate too, 2 takes its issuer for the one that revokes. */
static void fuzz_cert_revoke(struct fuzz_input *in)
{
    enum { CERT = 4, SIG = CERT + EHR_CERT_BYTES + 9 };
    uint8_t issuer_id[32], pk[32], id[32];
    struct ehr_cert_revoke parsed;
    unsigned fix = fuzz_u8(in);
    enum ehr_role role = (enum ehr_role)fuzz_u8(in);
    fuzz_bytes(in, issuer_id, 32);
    fuzz_bytes(in, pk, 32);
    struct fuzz_blob tx = fuzz_rest(in);
    if ((fix & 1) != 0 && tx.len == EHR_CERT_REVOKE_BYTES) {
        EHR_HASH32(id, "cert", EHR_P(tx.data + CERT, EHR_CERT_BODY_BYTES));
        ehr_sign_make(tx.data + CERT + EHR_CERT_BODY_BYTES, fuzz_sign_key(4), "sig-cert", id);
        ehr_cert_revoke_sign(tx.data + SIG, fuzz_sign_key(4), id, ehr_le64_get(tx.data + SIG - 9),
                             tx.data[SIG - 1]);
        memcpy(pk, fuzz_sign_key(4)->public, 32);
    }
    if ((fix & 2) != 0 && tx.len == EHR_CERT_REVOKE_BYTES)
        memcpy(issuer_id, tx.data + CERT + 8, 32);
    fuzz_soil(&parsed, sizeof parsed);
    enum ehr_status status = fuzz_among(ehr_cert_revoke_parse(&parsed, tx.data, tx.len),
                                        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT));
    if (status == EHR_OK) {
        struct ehr_blob *again =
            ehr_cert_revoke_make(tx.data + CERT, parsed.height, parsed.reason, fuzz_sign_key(4));
        size_t same = (fix & 1) != 0 ? tx.len : SIG;
        assert(again->length == tx.len && memcmp(again->bytes, tx.data, same) == 0);
        ehr_blob_unref(again);
        status = fuzz_among(ehr_cert_revoke_check(&parsed, role, issuer_id, pk),
                            FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SIG));
        assert(status != EHR_OK || ehr_cert_may_issue((uint8_t)role, parsed.cert.role));
        assert((fix & 1) == 0 || status != EHR_SIG);
    } else {
        assert(fuzz_is_zero(&parsed, sizeof parsed));
    }
    fuzz_blob_free(&tx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    /* By number, so that a new kind leaves the seeds of the others what they are. */
    static void (*const decoders[16])(struct fuzz_input *) = {
        [0] = fuzz_private,      [1] = fuzz_index,        [2] = fuzz_anchor,
        [3] = fuzz_grant_tx,     [4] = fuzz_revoke_tx,    [5] = fuzz_entry,
        [6] = fuzz_query,        [7] = fuzz_keyword,      [8] = fuzz_labels,
        [9] = fuzz_cert_revoke,  [10] = fuzz_grant_batch, [11] = fuzz_batch_answers,
        [12] = fuzz_scope_proof, [13] = fuzz_query_log};
    struct fuzz_input in = {.at = data, .left = bytes};
    unsigned kind = fuzz_kind(&in) % 16;
    if (decoders[kind] == NULL)
        return -1; /* not for the corpus */
    decoders[kind](&in);
    return 0;
}
