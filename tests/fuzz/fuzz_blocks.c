/* Any bytes as a block's header, a quorum certificate, the proof of a block, and search hits. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/authenticator.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"

enum { MEMBERS_MAX = FUZZ_KEYS, QUORUM_BITMAP = 38 };

static void fuzz_header(struct fuzz_input *in)
{
    struct fuzz_blob bytes = fuzz_rest(in);
    struct ehr_block_header header;
    uint8_t again[EHR_BLOCK_HEADER_BYTES];
    fuzz_soil(&header, sizeof header);
    enum ehr_status status =
        fuzz_among(ehr_block_header_parse(&header, bytes.data, bytes.len), FUZZ_BIT(EHR_LEN));
    if (status == EHR_OK) {
        ehr_block_header_encode(again, &header);
        assert(bytes.len == sizeof again && memcmp(again, bytes.data, sizeof again) == 0);
    } else {
        assert(fuzz_is_zero(&header, sizeof header));
    }
    fuzz_blob_free(&bytes);
}

/* ---- quorum certificates ---- */

/* Every member whose bit is set signs the digest, as far as there is room. */
static void quorum_sign(uint8_t *cert, size_t len, size_t members, const char *label,
                        const uint8_t digest[32])
{
    size_t at = QUORUM_BITMAP + (members + 7) / 8;
    for (size_t i = 0; i < members && at + 64 <= len; i++) {
        if ((cert[QUORUM_BITMAP + i / 8] >> (i % 8) & 1) == 0)
            continue;
        ehr_sign_make(cert + at, fuzz_sign_key((unsigned)i), label, digest);
        at += 64;
    }
}

/* Made again from its votes, from the last to the first, it is the same bytes. */
static void quorum_encode_check(const struct ehr_quorum_cert *view, const struct fuzz_blob *cert)
{
    struct ehr_quorum_vote votes[MEMBERS_MAX];
    size_t left = view->signers;
    assert(view->members <= MEMBERS_MAX);
    for (size_t i = 0; i < view->members; i++) {
        if (!ehr_quorum_cert_has(view, i))
            continue;
        left--;
        votes[left].member = i;
        memcpy(votes[left].sig, view->sigs + 64 * (view->signers - 1 - left), 64);
    }
    assert(left == 0);
    struct fuzz_blob again = fuzz_copy(cert->data, cert->len);
    fuzz_soil(again.data, again.len);
    assert(EHR_QUORUM_CERT_BYTES(view->members, view->signers) == cert->len);
    enum ehr_status status = ehr_quorum_cert_make(again.data, again.len, view->digest,
                                                  view->members, votes, view->signers);
    assert(status == EHR_OK && memcmp(again.data, cert->data, cert->len) == 0);
    fuzz_blob_free(&again);
}

static void quorum_check(const struct fuzz_blob *cert, const char *label, const uint8_t digest[32],
                         const uint8_t *keys, size_t members, size_t threshold, bool is_signed)
{
    struct ehr_quorum_cert view;
    fuzz_soil(&view, sizeof view);
    enum ehr_status parsed =
        fuzz_among(ehr_quorum_cert_parse(&view, cert->data, cert->len, members), FUZZ_BIT(EHR_LEN));
    if (parsed == EHR_OK)
        quorum_encode_check(&view, cert);
    else
        assert(fuzz_is_zero(&view, sizeof view));
    size_t signers = view.signers;
    fuzz_soil(&view, sizeof view);
    enum ehr_status status = fuzz_among(ehr_quorum_cert_verify(&view, cert->data, cert->len, label,
                                                               digest, keys, members, threshold),
                                        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_HASH) |
                                            FUZZ_BIT(EHR_THRESH) | FUZZ_BIT(EHR_SIG));
    assert((status == EHR_LEN) == (parsed != EHR_OK));
    assert(status == EHR_OK ? view.signers == signers && signers >= threshold
                            : fuzz_is_zero(&view, sizeof view));
    assert(!is_signed || status != EHR_SIG);
    struct ehr_quorum_cert_verified verified;
    fuzz_soil(&verified, sizeof verified);
    enum ehr_status checked = ehr_quorum_cert_check(&verified, cert->data, cert->len, label, digest,
                                                    keys, members, threshold);
    assert(checked == status);
    assert(status == EHR_OK
               ? memcmp(verified.digest, digest, 32) == 0 && verified.signers == signers
               : fuzz_is_zero(&verified, sizeof verified));
}

/* Keys come with the certificate; with fix bit 0 they are known ones, and sign. Bit 1 expects the
 * digest that it states, bit 2 is the label of blocks. */
static void fuzz_quorum(struct fuzz_input *in)
{
    uint8_t keys[32 * MEMBERS_MAX], digest[32];
    unsigned fix = fuzz_u8(in);
    size_t members = fuzz_u8(in) % (MEMBERS_MAX + 1U), threshold = fuzz_u8(in);
    fuzz_bytes(in, digest, 32);
    bool is_signed = (fix & 1) != 0;
    for (unsigned i = 0; i < members; i++) {
        if (is_signed)
            memcpy(keys + 32 * (size_t)i, fuzz_sign_key(i)->public, 32);
        else
            fuzz_bytes(in, keys + 32 * (size_t)i, 32);
    }
    struct fuzz_blob cert = fuzz_rest(in);
    const char *label = (fix & 4) != 0 ? "sig-block" : "sig-vote";
    if ((fix & 2) != 0 && cert.len >= QUORUM_BITMAP)
        memcpy(digest, cert.data + 4, 32);
    if (is_signed && cert.len >= QUORUM_BITMAP + (members + 7) / 8)
        quorum_sign(cert.data, cert.len, members, label, digest);
    quorum_check(&cert, label, digest, keys, members, threshold, is_signed);
    fuzz_blob_free(&cert);
}

/* ---- proof of a block ---- */

/* Expects the proof's own chain, puts the digest of what it says into its certificate and signs. */
static void proof_mend(struct fuzz_blob *tx, const struct ehr_block_proof *proof,
                       uint8_t chain_id[32], size_t members)
{
    struct ehr_block_header header;
    uint8_t hash[32], root[32], digest[32];
    uint8_t *cert = tx->data + (proof->certificate - tx->data);
    if (ehr_block_header_parse(&header, proof->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK ||
        proof->certificate_len < QUORUM_BITMAP + (members + 7) / 8)
        return;
    memcpy(chain_id, header.chain_id, 32);
    ehr_block_hash(hash, proof->header);
    ehr_state_root(root, proof->previous_state, hash, proof->refused, proof->refused_len);
    ehr_block_cert_digest(digest, chain_id, header.epoch, header.height, hash, root);
    memcpy(cert + 4, digest, 32);
    quorum_sign(cert, proof->certificate_len, members, "sig-block", digest);
}

static void proof_check(const struct ehr_block_proof *proof, const uint8_t chain_id[32],
                        const uint8_t *keys, size_t members, size_t threshold)
{
    struct ehr_block_header header;
    uint8_t hash[32], root[32], expected[32], encoded[EHR_BLOCK_HEADER_BYTES];
    fuzz_soil(&header, sizeof header);
    fuzz_soil(hash, sizeof hash);
    fuzz_soil(root, sizeof root);
    enum ehr_status status = fuzz_among(
        ehr_block_proof_verify(proof, chain_id, keys, members, threshold, &header, hash, root),
        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_HASH) | FUZZ_BIT(EHR_THRESH) |
            FUZZ_BIT(EHR_SIG));
    struct ehr_block_proof_verified verified;
    fuzz_soil(&verified, sizeof verified);
    enum ehr_status checked =
        ehr_block_proof_check(&verified, proof, chain_id, keys, members, threshold);
    assert(checked == status);
    assert(status == EHR_OK ? memcmp(verified.block_hash, hash, 32) == 0 &&
                                  memcmp(verified.state_root, root, 32) == 0
                            : fuzz_is_zero(&verified, sizeof verified));
    if (status != EHR_OK) {
        /* Written to on success only. */
        assert(fuzz_is_soiled(&header, sizeof header) && fuzz_is_soiled(hash, sizeof hash) &&
               fuzz_is_soiled(root, sizeof root));
        return;
    }
    ehr_block_hash(expected, proof->header);
    ehr_block_header_encode(encoded, &header);
    assert(memcmp(hash, expected, 32) == 0 && memcmp(encoded, proof->header, sizeof encoded) == 0);
    for (uint32_t i = header.count; i < 8 * proof->refused_len; i++)
        assert(!ehr_block_proof_refused(proof, i));
}

/* The proof inside an anchor, against a committee of known keys. Fix bit 0 mends and signs. */
static void fuzz_proof(struct fuzz_input *in)
{
    uint8_t keys[32 * MEMBERS_MAX], chain_id[32];
    struct ehr_anchor anchor;
    unsigned fix = fuzz_u8(in);
    size_t members = 1 + fuzz_u8(in) % MEMBERS_MAX, threshold = fuzz_u8(in) % MEMBERS_MAX;
    fuzz_bytes(in, chain_id, 32);
    for (unsigned i = 0; i < members; i++)
        memcpy(keys + 32 * (size_t)i, fuzz_sign_key(i)->public, 32);
    struct fuzz_blob tx = fuzz_rest(in);
    if (ehr_anchor_parse(&anchor, tx.data, tx.len) == EHR_OK) {
        if ((fix & 1) != 0)
            proof_mend(&tx, &anchor.proof, chain_id, members);
        proof_check(&anchor.proof, chain_id, keys, members, threshold);
        assert(100 + ehr_block_proof_len(&anchor.proof) == tx.len);
    }
    fuzz_blob_free(&tx);
}

/* ---- authenticators ---- */

/* Tags as they come, or honest ones altered: then exactly the receiver's own tag counts. */
static void fuzz_authenticator(struct fuzz_input *in)
{
    enum { MEMBERS = 5 };
    struct ehr_mac_peer peers[MEMBERS];
    uint8_t tags[16 * (MEMBERS - 1)], honest[sizeof tags], digest[32];
    unsigned fix = fuzz_u8(in);
    size_t members = 2 + fuzz_u8(in) % (MEMBERS - 1U);
    size_t sender = fuzz_u8(in) % members, receiver = fuzz_u8(in) % members;
    fuzz_bytes(in, digest, 32);
    if (sender == receiver)
        return;
    for (size_t i = 0; i < members; i++) {
        memset(peers[i].id, (int)i, 32);
        memcpy(peers[i].key, fuzz_sign_key((unsigned)i)->seed, 32);
    }
    ehr_authenticator_make(honest, peers, members, sender, digest);
    struct ehr_mac_peer from =
        peers[sender]; /* as the receiver knows it: with the key they share */
    memcpy(from.key, peers[receiver].key, 32);
    size_t own = 16 * (receiver < sender ? receiver : receiver - 1);
    size_t len = ehr_authenticator_bytes(members);
    memcpy(tags, honest, len);
    if ((fix & 1) != 0)
        fuzz_edit(in, tags, len);
    struct fuzz_blob given = (fix & 1) != 0 ? fuzz_copy(tags, len) : fuzz_rest(in);
    enum ehr_status status =
        fuzz_among(ehr_authenticator_verify(given.data, given.len, &from, members, sender, receiver,
                                            peers[receiver].id, digest),
                   FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_SIG));
    assert((status == EHR_LEN) == (given.len != len && given.len != 16));
    if (status != EHR_LEN)
        assert((status == EHR_OK) ==
               (memcmp(given.data + (given.len == 16 ? 0 : own), honest + own, 16) == 0));
    fuzz_blob_free(&given);
}

/* ---- hits ---- */

static void fuzz_hits(struct fuzz_input *in)
{
    enum { HITS_MAX = 64 };
    struct ehr_hit hits[HITS_MAX];
    size_t offset = 0, left = 0, count = 0;
    bool malformed = false;
    struct ehr_blob *blob = ehr_blob_new(in->at, in->left);
    while (count < HITS_MAX && ehr_hits_next(blob, &offset, &left, &hits[count], &malformed)) {
        uint8_t leaf[32], root[32] = {0};
        const struct ehr_hit *hit = &hits[count];
        assert(hit->depth <= EHR_MERKLE_DEPTH_MAX && offset <= blob->length);
        ehr_alliance_leaf(leaf, EHR_TX_INDEX, hit->atx, hit->atx_len);
        (void)fuzz_among(ehr_merkle_verify(root, leaf, hit->leaf_index, hit->path, hit->depth),
                         FUZZ_BIT(EHR_MERKLE));
        count++;
    }
    if (malformed) {
        assert(fuzz_is_zero(&hits[count], sizeof hits[count]));
    } else if (count < HITS_MAX) {
        struct ehr_blob *again = ehr_hits_encode(hits, count);
        assert(again->length == blob->length &&
               memcmp(again->bytes, blob->bytes, blob->length) == 0);
        ehr_blob_unref(again);
    }
    ehr_blob_unref(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    /* By number, so that a new kind leaves the seeds of the others what they are. */
    static void (*const decoders[8])(struct fuzz_input *) = {[0] = fuzz_header,
                                                             [1] = fuzz_quorum,
                                                             [2] = fuzz_proof,
                                                             [3] = fuzz_hits,
                                                             [4] = fuzz_authenticator};
    struct fuzz_input in = {.at = data, .left = bytes};
    unsigned kind = fuzz_kind(&in) % 8;
    if (decoders[kind] == NULL)
        return -1; /* not for the corpus */
    decoders[kind](&in);
    return 0;
}
