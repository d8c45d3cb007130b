/* Properties of transactions, Merkle trees and quorum certificates. */
#include <string.h>

#include "crypto/codec.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/block.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/quorum_cert.h"
#include "tests/properties/property.h"

enum { LEAVES_MAX = 70, LABELS_MAX = 16, MEMBERS_MAX = 40 };

/* ---- private transactions ---- */

struct hospital {
    struct property_case *c;
    struct ehr_sign_key key, doctors[2];
    struct ehr_dh_key P;
    uint8_t hid[32], ids[2][32], pseudonym[96], ct_hash[32], labels[16 * LABELS_MAX];
    struct ehr_ptx_terms terms;
    uint8_t ptx[EHR_PTX_BYTES(LABELS_MAX, EHR_PTX_FLAG_EMERGENCY)];
    size_t ptx_length;
};

static bool doctor_find(void *context, const uint8_t cert_id[32], uint8_t ed_pk[32])
{
    const struct hospital *h = context;
    for (size_t i = 0; i < 2; i++) {
        if (memcmp(cert_id, h->ids[i], 32) == 0) {
            memcpy(ed_pk, h->doctors[i].public, 32);
            return true;
        }
    }
    return false;
}

static void hospital_make(struct hospital *h, struct property_case *c, uint16_t flags)
{
    struct ehr_dh_key key;
    *h = (struct hospital){.c = c};
    property_sign_key(c, &h->key);
    for (size_t i = 0; i < 2; i++) {
        property_sign_key(c, &h->doctors[i]);
        property_bytes(c, h->ids[i], 32);
    }
    property_bytes(c, h->hid, 32);
    property_bytes(c, h->ct_hash, 32);
    property_bytes(c, h->labels, sizeof h->labels);
    property_dh_key(c, &h->P);
    memcpy(h->pseudonym, h->P.public.bytes, 32);
    for (size_t i = 1; i < 3; i++) {
        property_dh_key(c, &key);
        memcpy(h->pseudonym + 32 * i, key.public.bytes, 32);
    }
    size_t nkw = c->number == 0 ? 8 : property_between(c, 0, LABELS_MAX);
    h->terms = (struct ehr_ptx_terms){h->hid,          h->ids[0],    (uint32_t)property_u64(c),
                                      flags,           h->pseudonym, h->ct_hash,
                                      property_u64(c), h->labels,    nkw};
}

static void ptx_make(struct hospital *h)
{
    uint8_t body[32], sig[64], token[EHR_PTX_EMERGENCY_BYTES];
    ehr_ptx_terms_body(body, &h->terms);
    ehr_ptx_sign_doctor(sig, body, &h->doctors[0]);
    if (h->terms.flags != 0)
        ehr_ptx_sign_emergency(token, body, h->ids[1], &h->doctors[1]);
    else
        GIVES(h->c, ehr_ptx_sign_patient(token, body, &h->P.secret, &h->P.public, h->c->rng),
              EHR_OK);
    h->ptx_length = EHR_PTX_BYTES(h->terms.nkw, h->terms.flags);
    ehr_ptx_encode(h->ptx, &h->terms, sig, token);
}

static enum ehr_status ptx_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct hospital *h = context;
    struct ehr_ptx ptx;
    struct ehr_ptx_hashes hashes;
    const struct ehr_ptx_doctors doctors = {doctor_find, h};
    EHR_TRY(ehr_ptx_parse(&ptx, bytes, length));
    enum ehr_status status = ehr_ptx_verify(&hashes, &ptx, h->hid, h->terms.epoch, &doctors);
    if (status != EHR_OK)
        HOLDS(h->c, property_is_zero(&hashes, sizeof hashes));
    return status;
}

static void ptx_object(struct property_object *object, struct hospital *h)
{
    bool emergency = h->terms.flags != 0;
    property_object(object, emergency ? "emergency transaction" : "private transaction", h->ptx,
                    h->ptx_length, ptx_verify, h);
    property_field(object, "magic", 4, AS(LEN));
    property_field(object, "hid, doctor, epoch", 68, AS(POLICY));
    property_field(object, "flags and nkw", 4, AS(LEN));
    property_point(object, "P", AS(POINT) | AS(SIG), EHR_POINT);
    property_point(object, "E", AS(POINT) | AS(SIG), EHR_POINT);
    property_point(object, "Q", AS(POINT) | AS(SIG), EHR_POINT);
    property_field(object, "ct_hash and ct_len", 40, AS(SIG));
    property_field(object, "labels", 16 * h->terms.nkw, AS(SIG));
    property_field(object, "doctor's signature", 64, AS(SIG));
    if (emergency) {
        property_field(object, "second doctor", 32, AS(POLICY));
        property_field(object, "second signature", 64, AS(SIG));
    } else {
        property_point(object, "token R", AS(SIG), EHR_SIG);
        property_scalar(object, "token z", AS(SIG), EHR_SIG);
    }
}

static void altered_private_transactions_are_refused(struct property_case *c)
{
    for (uint16_t flags = 0; flags <= EHR_PTX_FLAG_EMERGENCY; flags++) {
        struct hospital h;
        struct property_object object;
        struct ehr_ptx ptx;
        hospital_make(&h, c, flags);
        ptx_make(&h);
        GIVES(c, ehr_ptx_parse(&ptx, h.ptx, h.ptx_length), EHR_OK);
        const struct ehr_ptx_terms *read = &ptx.terms, *made = &h.terms;
        HOLDS(c, read->epoch == made->epoch && read->flags == flags && read->nkw == made->nkw);
        HOLDS(c, read->ct_len == made->ct_len && memcmp(read->hid, made->hid, 32) == 0);
        HOLDS(c, memcmp(read->doctor_id, made->doctor_id, 32) == 0);
        HOLDS(c, memcmp(read->pseudonym, made->pseudonym, 96) == 0);
        HOLDS(c, memcmp(read->ct_hash, made->ct_hash, 32) == 0);
        HOLDS(c, memcmp(read->labels, made->labels, 16 * made->nkw) == 0);
        ptx_object(&object, &h);
        property_refused(c, &object);
    }
}

/* What two people must have signed is not signed by one, nor the patient's part by the doctor. */
static void evidence_needs_both_signers(struct property_case *c)
{
    struct hospital h;
    uint8_t body[32], sig[64], token[EHR_PTX_EMERGENCY_BYTES];
    struct ehr_dh_key other;
    hospital_make(&h, c, EHR_PTX_FLAG_EMERGENCY);
    ptx_make(&h);
    ehr_ptx_terms_body(body, &h.terms);
    ehr_ptx_sign_doctor(sig, body, &h.doctors[0]);
    ehr_ptx_sign_emergency(token, body, h.ids[0], &h.doctors[0]);
    ehr_ptx_encode(h.ptx, &h.terms, sig, token);
    GIVES(c, ptx_verify(&h, h.ptx, h.ptx_length), EHR_POLICY);
    ehr_ptx_sign_emergency(token, body, h.ids[1], &h.doctors[0]);
    ehr_ptx_encode(h.ptx, &h.terms, sig, token);
    GIVES(c, ptx_verify(&h, h.ptx, h.ptx_length), EHR_SIG);
    h.doctors[1] = h.doctors[0]; /* one key under two certificates */
    GIVES(c, ptx_verify(&h, h.ptx, h.ptx_length), EHR_POLICY);
    hospital_make(&h, c, 0);
    property_dh_key(c, &other);
    h.P.secret = other.secret; /* the doctor does not know p */
    ptx_make(&h);
    GIVES(c, ptx_verify(&h, h.ptx, h.ptx_length), EHR_SIG);
    hospital_make(&h, c, 0);
    if (h.terms.nkw < 2)
        return;
    size_t i = property_between(c, 1, h.terms.nkw - 1);
    memcpy(h.labels + 16 * i, h.labels + 16 * property_between(c, 0, i - 1), 16);
    ptx_make(&h);
    GIVES(c, ptx_verify(&h, h.ptx, h.ptx_length), EHR_DUP);
}

/* ---- alliance transactions ---- */

struct anchored {
    struct hospital h;
    struct ehr_atx_anchor anchor;
    uint8_t bytes[EHR_ATX_BYTES(LABELS_MAX, 8) + 64];
    size_t length;
};

static void atx_make(struct anchored *a, struct property_case *c)
{
    uint8_t leaves[32 * LEAVES_MAX], tree[32 * (3 * LEAVES_MAX + 16)], path[32 * 8];
    uint8_t priv[32], txid[32], pub[32];
    uint16_t flags = (uint16_t)property_between(c, 0, 1);
    hospital_make(&a->h, c, flags);
    const struct ehr_ptx_terms *terms = &a->h.terms;
    size_t count = c->number == 0 ? 6 : property_between(c, 1, LEAVES_MAX);
    size_t index = c->number == 0 ? 5 : property_between(c, 0, count - 1);
    property_bytes(c, priv, 32);
    property_bytes(c, leaves, 32 * count);
    ehr_ptx_pub(pub, terms->hid, terms->pseudonym, terms->epoch, flags, terms->labels, terms->nkw);
    ehr_ptx_leaf(leaves + 32 * index, pub, priv);
    HOLDS(c, ehr_merkle_tree_len(count) <= sizeof tree);
    ehr_merkle_tree_build(tree, leaves, count);
    memcpy(a->anchor.merkle_root, ehr_merkle_tree_root(tree, count), 32);
    property_bytes(c, a->anchor.block_hash, 32);
    a->anchor.height = property_u64(c);
    struct ehr_atx atx = {.hid = terms->hid,
                          .epoch = terms->epoch,
                          .flags = flags,
                          .pseudonym = terms->pseudonym,
                          .labels = terms->labels,
                          .nkw = terms->nkw,
                          .priv = priv,
                          .block_hash = a->anchor.block_hash,
                          .height = a->anchor.height,
                          .leaf_index = (uint32_t)index,
                          .depth = ehr_merkle_tree_path(path, tree, count, index),
                          .path = path};
    a->length = EHR_ATX_BYTES(atx.nkw, atx.depth);
    ehr_atx_make(a->bytes, txid, &atx, &a->h.key);
}

static enum ehr_status atx_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct anchored *a = context;
    struct ehr_atx atx;
    uint8_t txid[32], leaf[32];
    EHR_TRY(ehr_atx_parse(&atx, bytes, length));
    EHR_TRY(ehr_atx_verify_signature(txid, &atx, a->h.hid, a->h.key.public));
    return ehr_atx_verify_anchor(leaf, &atx, &a->anchor);
}

/* A hospital that signs what it altered. */
static enum ehr_status atx_signed_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct anchored *a = context;
    uint8_t whole[sizeof a->bytes + 64], txid[32];
    struct ehr_atx atx;
    memcpy(whole, bytes, length);
    memset(whole + length, 0, 64);
    EHR_TRY(ehr_atx_parse(&atx, whole, length + 64));
    ehr_atx_id(txid, &atx);
    ehr_sign_make(whole + length, &a->h.key, "sig-atx", txid);
    return atx_verify(a, whole, length + 64);
}

/* Both views of a transaction: altered under the signature, and signed after that. */
static void atx_fields(struct property_object *object, const struct anchored *a, unsigned by)
{
    size_t nkw = a->h.terms.nkw, depth = (a->length - EHR_ATX_BYTES(nkw, 0)) / 32;
    unsigned block = by == AS(SIG) ? by : AS(HASH);
    property_field(object, "magic", 4, AS(LEN));
    property_field(object, "hid", 32, AS(POLICY));
    property_field(object, "epoch", 4, by);
    property_bits(object, "emergency flag", 1, by);
    property_bits(object, "other flags and nkw", 31, AS(LEN));
    property_point(object, "P", AS(POINT) | by, EHR_POINT);
    property_point(object, "E", AS(POINT) | by, EHR_POINT);
    property_point(object, "Q", AS(POINT) | by, EHR_POINT);
    property_field(object, "labels and priv", 16 * nkw + 32, by);
    property_field(object, "block_hash and height", 40, block);
    property_field(object, "leaf_idx", 4, by);
    property_field(object, "depth", 1, AS(LEN));
    property_field(object, "path", 32 * depth, by);
}

static void altered_alliance_transactions_are_refused(struct property_case *c)
{
    static struct anchored a;
    struct property_object object;
    atx_make(&a, c);
    property_object(&object, "alliance transaction", a.bytes, a.length, atx_verify, &a);
    atx_fields(&object, &a, AS(SIG));
    property_field(&object, "signature", 64, AS(SIG));
    property_refused(c, &object);
    property_object(&object, "alliance transaction signed after alteration", a.bytes, a.length - 64,
                    atx_signed_verify, &a);
    atx_fields(&object, &a, AS(MERKLE));
    property_refused(c, &object);
}

/* ---- Merkle trees ---- */

/* Leaf | index u64 | path. */
static enum ehr_status path_verify(void *context, const uint8_t *bytes, size_t length)
{
    if (length < 40 || (length - 40) % 32 != 0)
        return EHR_LEN;
    return ehr_merkle_verify(context, bytes, ehr_le64_get(bytes + 32), bytes + 40,
                             (unsigned)((length - 40) / 32));
}

static void only_leaves_have_paths(struct property_case *c)
{
    uint8_t leaves[32 * LEAVES_MAX], tree[32 * (3 * LEAVES_MAX + 16)], root[32];
    uint8_t bytes[40 + 32 * 8];
    struct property_object object;
    size_t count = c->number == 0 ? 7 : property_between(c, 1, LEAVES_MAX);
    property_bytes(c, leaves, 32 * count);
    ehr_merkle_tree_build(tree, leaves, count);
    ehr_merkle_root(root, leaves, count);
    HOLDS(c, memcmp(root, ehr_merkle_tree_root(tree, count), 32) == 0);
    unsigned depth = ehr_merkle_depth(count);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, leaves + 32 * i, 32);
        ehr_le64(bytes + 32, i);
        HOLDS(c, ehr_merkle_tree_path(bytes + 40, tree, count, i) == depth);
        GIVES(c, path_verify(root, bytes, 40 + 32 * depth), EHR_OK);
    }
    property_object(&object, "Merkle path", bytes, 40 + 32 * depth, path_verify, root);
    object.shorter = object.longer = AS(LEN) | AS(MERKLE);
    property_field(&object, "leaf", 32, AS(MERKLE));
    property_field(&object, "index", 8, AS(MERKLE));
    property_field(&object, "siblings", 32 * depth, AS(MERKLE));
    property_refused(c, &object);
    /* What pads is no leaf, though its path leads to the root. */
    if (count % 2 == 1 && count > 1) {
        memset(bytes, 0, 32);
        ehr_le64(bytes + 32, count);
        memcpy(bytes + 40, leaves + 32 * (count - 1), 32);
        GIVES(c, path_verify(root, bytes, 40 + 32 * depth), EHR_MERKLE);
    }
    /* Another order of the leaves is another root. */
    if (count > 1) {
        uint8_t held[32], other[32];
        memcpy(held, leaves, 32);
        memcpy(leaves, leaves + 32 * (count - 1), 32);
        memcpy(leaves + 32 * (count - 1), held, 32);
        ehr_merkle_root(other, leaves, count);
        HOLDS(c, memcmp(root, other, 32) != 0);
    }
}

/* ---- quorum certificates ---- */

struct committee {
    struct property_case *c;
    struct ehr_sign_key members[MEMBERS_MAX];
    uint8_t keys[32 * MEMBERS_MAX], digest[32];
    size_t count, signers;
};

static enum ehr_status quorum_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct committee *committee = context;
    struct ehr_quorum_cert view;
    enum ehr_status status =
        ehr_quorum_cert_verify(&view, bytes, length, "sig-block", committee->digest,
                               committee->keys, committee->count, committee->signers);
    if (status != EHR_OK)
        HOLDS(committee->c, property_is_zero(&view, sizeof view));
    return status;
}

static void altered_quorum_certificates_are_refused(struct property_case *c)
{
    struct committee k = {.c = c};
    struct property_object object;
    struct ehr_quorum_vote votes[MEMBERS_MAX];
    static uint8_t cert[EHR_QUORUM_CERT_BYTES(MEMBERS_MAX, MEMBERS_MAX)], again[sizeof cert];
    size_t order[MEMBERS_MAX];
    k.count = c->number == 0 ? 10 : property_between(c, 1, MEMBERS_MAX);
    k.signers = c->number == 0 ? 3 : property_between(c, 1, k.count);
    property_bytes(c, k.digest, 32);
    property_shuffle(c, order, k.count);
    for (size_t i = 0; i < k.count; i++) {
        property_sign_key(c, &k.members[i]);
        memcpy(k.keys + 32 * i, k.members[i].public, 32);
    }
    for (size_t i = 0; i < k.signers; i++) {
        votes[i].member = order[i];
        ehr_sign_make(votes[i].sig, &k.members[order[i]], "sig-block", k.digest);
    }
    size_t length = EHR_QUORUM_CERT_BYTES(k.count, k.signers);
    GIVES(c, ehr_quorum_cert_make(cert, length, k.digest, k.count, votes, k.signers), EHR_OK);
    struct ehr_quorum_vote held = votes[0];
    votes[0] = votes[k.signers - 1];
    votes[k.signers - 1] = held;
    GIVES(c, ehr_quorum_cert_make(again, length, k.digest, k.count, votes, k.signers), EHR_OK);
    HOLDS(c, memcmp(cert, again, length) == 0); /* in whatever order the votes came */
    property_object(&object, "quorum certificate", cert, length, quorum_verify, &k);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "digest", 32, AS(HASH));
    property_field(&object, "n and bitmap", 2 + (k.count + 7) / 8, AS(LEN));
    property_field(&object, "signatures", 64 * k.signers, AS(SIG));
    property_refused(c, &object);
    k.signers++; /* one more is wanted */
    GIVES(c, quorum_verify(&k, cert, length), EHR_THRESH);
    k.signers--;
    GIVES(c,
          ehr_quorum_cert_verify(&(struct ehr_quorum_cert){0}, cert, length, "sig-vote", k.digest,
                                 k.keys, k.count, k.signers),
          EHR_SIG);
    if (k.signers < 2)
        return;
    size_t sigs = length - 64 * k.signers;
    memcpy(again, cert, length); /* two signers' signatures exchanged */
    memcpy(again + sigs, cert + sigs + 64, 64);
    memcpy(again + sigs + 64, cert + sigs, 64);
    GIVES(c, quorum_verify(&k, again, length), EHR_SIG);
    votes[0].member = votes[1].member;
    GIVES(c, ehr_quorum_cert_make(again, length, k.digest, k.count, votes, k.signers), EHR_DUP);
    votes[0].member = k.count;
    GIVES(c, ehr_quorum_cert_make(again, length, k.digest, k.count, votes, k.signers), EHR_LEN);
    HOLDS(c, property_is_zero(again, length));
}

/* ---- headers ---- */

static enum ehr_status header_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct ehr_block_header header;
    uint8_t hash[32], again[EHR_BLOCK_HEADER_BYTES];
    EHR_TRY(ehr_block_header_parse(&header, bytes, length));
    ehr_block_header_encode(again, &header);
    if (memcmp(again, bytes, sizeof again) != 0)
        return EHR_DUP; /* two encodings of one header: never */
    ehr_block_hash(hash, bytes);
    return memcmp(hash, context, 32) == 0 ? EHR_OK : EHR_HASH;
}

static void altered_headers_are_refused(struct property_case *c)
{
    struct ehr_block_header header, read;
    struct property_object object;
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES], hash[32];
    memset(&header, 0, sizeof header);
    property_bytes(c, header.chain_id, 32);
    property_bytes(c, header.previous_hash, 32);
    property_bytes(c, header.merkle_root, 32);
    property_bytes(c, header.proposer, 32);
    header.epoch = (uint32_t)property_u64(c);
    header.height = property_u64(c);
    header.count = (uint32_t)property_u64(c);
    header.time_ns = property_u64(c);
    ehr_block_header_encode(bytes, &header);
    GIVES(c, ehr_block_header_parse(&read, bytes, sizeof bytes), EHR_OK);
    HOLDS(c, read.epoch == header.epoch && read.height == header.height);
    HOLDS(c, read.count == header.count && read.time_ns == header.time_ns);
    ehr_block_hash(hash, bytes);
    property_object(&object, "block header with its hash", bytes, sizeof bytes, header_verify,
                    hash);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "fields", EHR_BLOCK_HEADER_BYTES - 4, AS(HASH));
    property_refused(c, &object);
}

static const struct property list[] = {
    {"altered_private_transactions_are_refused", altered_private_transactions_are_refused},
    {"evidence_needs_both_signers", evidence_needs_both_signers},
    {"altered_alliance_transactions_are_refused", altered_alliance_transactions_are_refused},
    {"only_leaves_have_paths", only_leaves_have_paths},
    {"altered_quorum_certificates_are_refused", altered_quorum_certificates_are_refused},
    {"altered_headers_are_refused", altered_headers_are_refused},
};

int main(int argc, char **argv)
{
    return property_main("ledger", list, sizeof list / sizeof list[0], argc, argv);
}
