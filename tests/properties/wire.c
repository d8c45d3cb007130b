/* Properties of what crypto.md leaves to the wire format: anchors, hits, grant and revocation
 * transactions, private entries, messages. */
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"
#include "tests/properties/sharing.h"

enum { MEMBERS = 4, THRESHOLD = 3, LEAVES = 11, CERT_BYTES = 38 + 1 + 64 * THRESHOLD };

/* Any status but OK: fields that say where the next ones begin. */
#define REFUSED (~AS(OK))

/* A block of eleven leaves that three of four replicas certified; one leaf was refused. */
struct certified {
    struct property_case *c;
    struct ehr_sign_key hospital;
    uint8_t keys[32 * MEMBERS], hid[32], chain_id[32], previous[32], refused[2];
    uint8_t leaves[32 * LEAVES], tree[32 * 64], path[32 * 8];
    uint8_t header[EHR_BLOCK_HEADER_BYTES], certificate[CERT_BYTES], atx[400];
    size_t atx_length, leaf;
    struct ehr_block_proof proof;
};

static void certify(struct certified *b)
{
    struct property_case *c = b->c;
    struct ehr_sign_key key;
    struct ehr_block_header header;
    struct ehr_quorum_vote votes[MEMBERS];
    uint8_t hash[32], root[32], digest[32];
    size_t order[MEMBERS], left_out = property_between(c, 0, MEMBERS - 1), count = 0;
    GIVES(c, ehr_block_header_parse(&header, b->header, sizeof b->header), EHR_OK);
    ehr_block_hash(hash, b->header);
    ehr_state_root(root, b->previous, hash, b->refused, sizeof b->refused);
    ehr_block_cert_digest(digest, b->chain_id, header.epoch, header.height, hash, root);
    property_shuffle(c, order, MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        property_sign_key(c, &key);
        memcpy(b->keys + 32 * order[i], key.public, 32);
        if (order[i] == left_out)
            continue;
        votes[count].member = order[i];
        ehr_block_cert_sign(votes[count++].sig, digest, &key);
    }
    GIVES(c, ehr_quorum_cert_make(b->certificate, CERT_BYTES, digest, MEMBERS, votes, THRESHOLD),
          EHR_OK);
}

static void certified_make(struct certified *b, struct property_case *c)
{
    *b = (struct certified){.c = c, .leaf = property_between(c, 0, LEAVES - 1)};
    property_sign_key(c, &b->hospital);
    property_bytes(c, b->hid, 32);
    property_bytes(c, b->chain_id, 32);
    property_bytes(c, b->previous, 32);
    property_bytes(c, b->leaves, sizeof b->leaves);
    b->atx_length = property_between(c, 1, c->number == 0 ? 40 : sizeof b->atx);
    property_bytes(c, b->atx, b->atx_length);
    ehr_alliance_leaf(b->leaves + 32 * b->leaf, EHR_TX_INDEX, b->atx, b->atx_length);
    ehr_merkle_tree_build(b->tree, b->leaves, LEAVES);
    size_t bad = (b->leaf + 1) % LEAVES;
    b->refused[bad / 8] = (uint8_t)(1U << bad % 8);
    struct ehr_block_header header = {.epoch = (uint32_t)property_u64(c),
                                      .height = property_u64(c),
                                      .count = LEAVES,
                                      .time_ns = property_u64(c)};
    memcpy(header.chain_id, b->chain_id, 32);
    memcpy(header.merkle_root, ehr_merkle_tree_root(b->tree, LEAVES), 32);
    property_bytes(c, header.previous_hash, 32);
    property_bytes(c, header.proposer, 32);
    ehr_block_header_encode(b->header, &header);
    certify(b);
    b->proof = (struct ehr_block_proof){b->header,         b->previous,    b->refused,
                                        sizeof b->refused, b->certificate, CERT_BYTES};
}

/* header | previous state | refused len | refused | certificate len | certificate */
static void proof_fields(struct property_object *object)
{
    property_field(object, "block magic", 4, AS(LEN));
    property_field(object, "chain", 32, AS(POLICY));
    property_field(object, "epoch to Merkle root", 76, AS(HASH));
    property_field(object, "count", 4, AS(LEN) | AS(HASH));
    property_field(object, "time, proposer, previous state", 72, AS(HASH));
    property_field(object, "length of refused", 2, REFUSED);
    property_field(object, "refused", 1, AS(HASH));
    property_bits(object, "refused", 3, AS(HASH));
    property_bits(object, "refused, behind the last", 5, AS(LEN));
    property_field(object, "length of certificate", 4, REFUSED);
    property_field(object, "certificate magic", 4, AS(LEN));
    property_field(object, "digest", 32, AS(HASH));
    property_field(object, "n and bitmap", 3, AS(LEN));
    property_field(object, "signatures", 64 * THRESHOLD, AS(SIG));
}

static enum ehr_status proof_verify(const struct certified *b, const struct ehr_block_proof *proof,
                                    struct ehr_block_header *header)
{
    return ehr_block_proof_verify(proof, b->chain_id, b->keys, MEMBERS, THRESHOLD, header, NULL,
                                  NULL);
}

/* Whether two encodings are the same; gives back the second. */
static bool same(const struct ehr_blob *blob, struct ehr_blob *again)
{
    bool equal =
        blob->length == again->length && memcmp(blob->bytes, again->bytes, blob->length) == 0;
    ehr_blob_unref(again);
    return equal;
}

/* ---- anchors ---- */

static enum ehr_status anchor_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct certified *b = context;
    struct ehr_anchor anchor;
    EHR_TRY(ehr_anchor_parse(&anchor, bytes, length));
    if (memcmp(anchor.hid, b->hid, 32) != 0)
        return EHR_POLICY;
    EHR_TRY(ehr_anchor_verify_signature(&anchor, b->hospital.public));
    return proof_verify(b, &anchor.proof, NULL);
}

/* The same, signed by the hospital after the alteration. */
static enum ehr_status anchor_signed_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct certified *b = context;
    uint8_t digest[32], *whole = malloc(length + 64);
    if (whole == NULL)
        abort();
    memcpy(whole, bytes, length);
    EHR_HASH32(digest, "anchor", EHR_P(bytes, length));
    ehr_sign_make(whole + length, &b->hospital, "sig-anchor", digest);
    enum ehr_status status = anchor_verify(context, whole, length + 64);
    free(whole);
    return status;
}

static void altered_anchors_are_refused(struct property_case *c)
{
    struct certified b;
    struct property_object object;
    certified_make(&b, c);
    struct ehr_blob *blob = ehr_anchor_make(b.hid, &b.proof, &b.hospital);
    struct ehr_anchor read;
    HOLDS(c, blob->length == 100 + ehr_block_proof_len(&b.proof));
    GIVES(c, ehr_anchor_parse(&read, blob->bytes, blob->length), EHR_OK);
    HOLDS(c, same(blob, ehr_anchor_make(read.hid, &read.proof, &b.hospital)));
    property_object(&object, "anchor", blob->bytes, blob->length, anchor_verify, &b);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "hid", 32, AS(POLICY));
    property_field(&object, "header and previous state", 188, AS(SIG));
    property_field(&object, "length of refused", 2, AS(LEN));
    property_field(&object, "refused", 2, AS(SIG));
    property_field(&object, "length of certificate", 4, AS(LEN));
    property_field(&object, "certificate and signature", CERT_BYTES + 64, AS(SIG));
    property_refused(c, &object);
    property_object(&object, "anchor signed after alteration", blob->bytes, blob->length - 64,
                    anchor_signed_verify, &b);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "hid", 32, AS(POLICY));
    proof_fields(&object);
    property_refused(c, &object);
    ehr_blob_unref(blob);
}

/* ---- hits ---- */

static enum ehr_status hit_verify(const struct certified *b, const struct ehr_hit *hit)
{
    struct ehr_block_header header;
    uint8_t leaf[32];
    EHR_TRY(proof_verify(b, &hit->proof, &header));
    if (hit->leaf_index >= header.count)
        return EHR_MERKLE;
    if (ehr_block_proof_refused(&hit->proof, hit->leaf_index))
        return EHR_POLICY;
    ehr_alliance_leaf(leaf, EHR_TX_INDEX, hit->atx, hit->atx_len);
    return ehr_merkle_verify(header.merkle_root, leaf, hit->leaf_index, hit->path, hit->depth);
}

static enum ehr_status hits_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct ehr_blob *blob = ehr_blob_new(bytes, length);
    struct ehr_hit hit;
    size_t offset = 0, left = 0;
    bool malformed = false;
    enum ehr_status status = EHR_OK;
    while (status == EHR_OK && ehr_hits_next(blob, &offset, &left, &hit, &malformed))
        status = hit_verify(context, &hit);
    if (status == EHR_OK && malformed)
        status = EHR_LEN;
    ehr_blob_unref(blob);
    return status;
}

static void altered_hits_are_refused(struct property_case *c)
{
    struct certified b;
    struct property_object object;
    struct ehr_hit hits[3];
    certified_make(&b, c);
    size_t count = c->number == 0 ? 1 : property_between(c, 0, 3);
    for (size_t i = 0; i < 3; i++) {
        hits[i] = (struct ehr_hit){b.atx, b.atx_length, (uint32_t)b.leaf, 0, b.path, b.proof};
        hits[i].depth = ehr_merkle_tree_path(b.path, b.tree, LEAVES, b.leaf);
    }
    struct ehr_blob *blob = ehr_hits_encode(hits, count);
    HOLDS(c, blob->length == 2 + count * ehr_hit_len(&hits[0]));
    struct ehr_hit read[3];
    size_t offset = 0, left = 0, found = 0;
    bool malformed = true;
    while (found < 3 && ehr_hits_next(blob, &offset, &left, &read[found], &malformed))
        found++;
    HOLDS(c, found == count && same(blob, ehr_hits_encode(read, found)));
    property_object(&object, "search hits with their proofs", blob->bytes, blob->length,
                    hits_verify, &b);
    object.shorter = object.longer = REFUSED; /* the first hits may be refused before the end */
    if (count <= 1)
        object.longer = AS(LEN);
    property_field(&object, "count", 2, AS(LEN));
    for (size_t i = 0; i < count; i++) {
        property_field(&object, "length of the transaction", 2, REFUSED);
        property_field(&object, "transaction", b.atx_length, AS(MERKLE));
        property_field(&object, "leaf index", 4, AS(MERKLE) | AS(POLICY));
        property_field(&object, "depth", 1, REFUSED);
        property_field(&object, "path", 32 * hits[0].depth, AS(MERKLE));
        proof_fields(&object);
    }
    property_refused(c, &object);
    ehr_blob_unref(blob);
}

/* ---- grant and revocation transactions ---- */

static enum ehr_status grant_tx_verify(void *context, const uint8_t *bytes, size_t length)
{
    (void)context;
    struct ehr_grant_tx tx;
    struct ehr_grant_verified grant;
    uint8_t purpose, hash[32];
    const uint8_t *td_coms;
    size_t count;
    EHR_TRY(ehr_grant_tx_parse(&tx, bytes, length));
    EHR_TRY(ehr_scope_parse(&purpose, &td_coms, &count, tx.scope, tx.scope_len));
    EHR_TRY(ehr_grant_verify(&grant, tx.grant, tx.grant_len));
    ehr_scope_hash(hash, tx.scope, tx.scope_len);
    return memcmp(hash, grant.view.scope_hash, 32) == 0 ? EHR_OK : EHR_HASH;
}

static void altered_grant_transactions_are_refused(struct property_case *c)
{
    static struct sharing s;
    struct property_object object;
    uint8_t txid[32], com[32], scope[EHR_SCOPE_BYTES(1)];
    property_bytes(c, txid, 32);
    property_bytes(c, com, 32);
    size_t keywords = c->number == 0 ? 1 : property_between(c, 0, 1), t, n;
    sharing_size(c, 4, &t, &n);
    sharing_make(&s, c, t, n);
    GIVES(c, ehr_scope_encode(scope, (uint8_t)property_u64(c), com, keywords), EHR_OK);
    ehr_scope_hash(s.scope_hash, scope, EHR_SCOPE_BYTES(keywords));
    sharing_grant_again(&s);
    struct ehr_grant_tx terms = {txid, scope, EHR_SCOPE_BYTES(keywords), s.grant_bytes,
                                 s.grant_length};
    struct ehr_blob *blob = ehr_grant_tx_make(&terms);
    struct ehr_grant_tx read;
    GIVES(c, ehr_grant_tx_parse(&read, blob->bytes, blob->length), EHR_OK);
    HOLDS(c, same(blob, ehr_grant_tx_make(&read)));
    property_object(&object, "grant transaction", blob->bytes, blob->length, grant_tx_verify, NULL);
    property_field(&object, "magic", 4, AS(LEN));
    property_harmless(&object, "txid", 256,
                      "at execution P, Q and hid of the transaction found under it must be the "
                      "grant's (bad_grant, not_found)");
    property_field(&object, "length of the scope", 4, AS(LEN));
    property_field(&object, "purpose", 1, AS(HASH));
    property_field(&object, "reserved and count", 3, AS(LEN));
    property_field(&object, "commitment", 32 * keywords, AS(HASH));
    property_field(&object, "mode, t, n", 3, AS(LEN) | AS(THRESH) | AS(SIG));
    property_field(&object, "nonce", 16, AS(SIG));
    property_field(&object, "grant", s.grant_length - 83, AS(SIG) | AS(POINT) | AS(POLICY));
    property_field(&object, "signature", 64, AS(SIG));
    property_refused(c, &object);
    ehr_blob_unref(blob);
}

static enum ehr_status revoke_tx_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_point *P = context;
    struct ehr_revoke_tx tx;
    EHR_TRY(ehr_revoke_tx_parse(&tx, bytes, length));
    return ehr_revoke_verify(P->bytes, tx.grant_id, tx.height, tx.sig);
}

static void altered_revocation_transactions_are_refused(struct property_case *c)
{
    struct ehr_dh_key P;
    struct property_object object;
    uint8_t grant_id[32], sig[64];
    uint64_t height = property_u64(c);
    property_dh_key(c, &P);
    property_bytes(c, grant_id, 32);
    GIVES(c, ehr_revoke_sign(sig, &P.secret, &P.public, grant_id, height, c->rng), EHR_OK);
    struct ehr_blob *blob = ehr_revoke_tx_make(grant_id, height, sig);
    struct ehr_revoke_tx read;
    GIVES(c, ehr_revoke_tx_parse(&read, blob->bytes, blob->length), EHR_OK);
    HOLDS(c, same(blob, ehr_revoke_tx_make(read.grant_id, read.height, read.sig)));
    property_object(&object, "revocation transaction", blob->bytes, blob->length, revoke_tx_verify,
                    &P.public);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "grant and height", 40, AS(SIG));
    property_point(&object, "R", AS(SIG), EHR_SIG);
    property_scalar(&object, "z", AS(SIG), EHR_SIG);
    property_refused(c, &object);
    ehr_blob_unref(blob);
}

/* ---- private entries ---- */

static enum ehr_status entry_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct ehr_entry entry;
    EHR_TRY(ehr_entry_parse(&entry, bytes, length));
    return ehr_entry_matches(&entry, context) ? EHR_OK : EHR_HASH;
}

static void altered_entries_are_refused(struct property_case *c)
{
    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[136 + EHR_PTX_EMERGENCY_BYTES], priv[32];
        struct property_object object;
        struct ehr_ptx ptx = {.token_len =
                                  kind == 0 ? EHR_PTX_TOKEN_BYTES : EHR_PTX_EMERGENCY_BYTES};
        property_bytes(c, bytes, sizeof bytes);
        ptx.terms.doctor_id = bytes;
        ptx.terms.ct_hash = bytes + 32;
        ptx.terms.ct_len = property_u64(c);
        ptx.doctor_sig = bytes + 72;
        ptx.token = bytes + 136;
        ehr_ptx_priv(priv, bytes, bytes + 32, ptx.terms.ct_len, bytes + 72, ptx.token,
                     ptx.token_len);
        struct ehr_blob *blob = ehr_entry_encode(&ptx);
        struct ehr_entry read;
        GIVES(c, ehr_entry_parse(&read, blob->bytes, blob->length), EHR_OK);
        HOLDS(c, read.ct_len == ptx.terms.ct_len && read.token_len == ptx.token_len);
        HOLDS(c, memcmp(read.ct_hash, ptx.terms.ct_hash, 32) == 0);
        HOLDS(c, memcmp(read.token, ptx.token, ptx.token_len) == 0);
        property_object(&object, kind == 0 ? "private entry" : "private entry of an emergency",
                        blob->bytes, blob->length, entry_verify, priv);
        object.shorter = object.longer = AS(LEN) | AS(HASH); /* one kind may become the other */
        property_field(&object, "all", blob->length, AS(HASH));
        property_refused(c, &object);
        ehr_blob_unref(blob);
    }
}

/* ---- messages ---- */

static struct ehr_tx *tx_make(struct property_case *c)
{
    uint8_t bytes[60];
    size_t length = property_between(c, 0, sizeof bytes);
    property_bytes(c, bytes, length);
    return ehr_tx_new((uint8_t)property_between(c, 1, EHR_TX_TYPES - 1), bytes, length,
                      (uint32_t)property_u64(c), (uint32_t)property_u64(c), property_u64(c));
}

/* A block on its way, or a transaction. */
static struct ehr_message *message_make(struct property_case *c)
{
    if (c->number % 2 == 1) {
        struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
        submit->request = property_u64(c);
        submit->tx = tx_make(c);
        return ehr_message_seal(&submit->head);
    }
    struct ehr_msg_body *body = EHR_NEW(body, BODY);
    struct ehr_tx *tx[3];
    uint8_t header[EHR_BLOCK_HEADER_BYTES];
    uint32_t count = (uint32_t)property_between(c, 0, 2);
    body->height = property_u64(c);
    body->blocks = ehr_block_list_new(count + 1);
    for (uint32_t i = 0; i <= count; i++) {
        property_bytes(c, header, sizeof header);
        for (uint32_t k = 0; k < count; k++)
            tx[k] = tx_make(c);
        body->blocks->block[i] = ehr_block_new(header, tx, count);
        for (uint32_t k = 0; k < count; k++)
            ehr_tx_unref(tx[k]);
    }
    return ehr_message_seal(&body->head);
}

/* HASH: read as another message, which has those very bytes as its encoding. */
static enum ehr_status message_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_blob *original = context;
    struct ehr_message *message;
    EHR_TRY(ehr_message_decode(bytes, length, &message));
    uint8_t *again = malloc(length);
    enum ehr_status status = EHR_DUP; /* a second encoding of the same: never */
    if (again != NULL && message->size == length) {
        ehr_message_encode(message, again);
        if (memcmp(again, bytes, length) == 0)
            status = length == original->length && memcmp(bytes, original->bytes, length) == 0
                         ? EHR_OK
                         : EHR_HASH;
    }
    free(again);
    ehr_message_unref(message);
    return status;
}

static void messages_have_one_encoding(struct property_case *c)
{
    struct property_object object;
    struct ehr_message *message = message_make(c);
    struct ehr_blob *blob = ehr_blob_new(NULL, message->size);
    ehr_message_encode(message, blob->bytes);
    property_object(&object, "message (HASH: read as another one)", blob->bytes, blob->length,
                    message_verify, blob);
    property_field(&object, "type", 2, AS(LEN) | AS(HASH));
    property_field(&object, "rest", blob->length - 2, AS(LEN) | AS(HASH));
    property_refused(c, &object);
    ehr_blob_unref(blob);
    ehr_message_unref(message);
    HOLDS(c, ehr_message_pool_alive() == 0);
}

static const struct property list[] = {
    {"altered_anchors_are_refused", altered_anchors_are_refused},
    {"altered_hits_are_refused", altered_hits_are_refused},
    {"altered_grant_transactions_are_refused", altered_grant_transactions_are_refused},
    {"altered_revocation_transactions_are_refused", altered_revocation_transactions_are_refused},
    {"altered_entries_are_refused", altered_entries_are_refused},
    {"messages_have_one_encoding", messages_have_one_encoding},
};

int main(int argc, char **argv)
{
    int code = property_main("wire", list, sizeof list / sizeof list[0], argc, argv);
    ehr_message_pool_close();
    return code;
}
