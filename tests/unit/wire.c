/* Encodings of sim/ledger/wire.h: lengths by hand, round trips, and what is refused. */
#include "sim/ledger/wire.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/random.h"
#include "sim/ledger/pool.h"
#include "sim/ledger/quorum_cert.h"
#include "tests/unit/unit.h"

enum { MEMBERS = 4, SIGNERS = 3, CERT_BYTES = 38 + 1 + 64 * SIGNERS };

/* A certified block of three transactions of which the second was refused. */
struct sample {
    struct ehr_sign_key hospital, replicas[MEMBERS];
    uint8_t keys[32 * MEMBERS], chain_id[32], hid[32];
    uint8_t header[EHR_BLOCK_HEADER_BYTES], previous[32], refused[1];
    uint8_t certificate[CERT_BYTES];
    struct ehr_block_proof proof;
};

static void certify(struct sample *sample)
{
    struct ehr_block_header header;
    uint8_t hash[32], root[32], digest[32];
    CU_ASSERT_EQUAL_FATAL(ehr_block_header_parse(&header, sample->header, sizeof(sample->header)),
                          EHR_OK);
    ehr_block_hash(hash, sample->header);
    ehr_state_root(root, sample->previous, hash, sample->refused, 1);
    ehr_block_cert_digest(digest, sample->chain_id, header.epoch, header.height, hash, root);
    struct ehr_quorum_vote votes[SIGNERS];
    for (size_t i = 0; i < SIGNERS; i++) {
        votes[i].member = i;
        ehr_block_cert_sign(votes[i].sig, digest, &sample->replicas[i]);
    }
    CU_ASSERT_EQUAL_FATAL(
        ehr_quorum_cert_make(sample->certificate, CERT_BYTES, digest, MEMBERS, votes, SIGNERS),
        EHR_OK);
}

static void sample_init(struct sample *sample)
{
    ehr_crypto_init();
    memset(sample, 0, sizeof(*sample));
    uint8_t seed[32] = {9};
    ehr_sign_key_init(&sample->hospital, seed);
    for (uint8_t i = 0; i < MEMBERS; i++) {
        seed[1] = (uint8_t)(i + 1);
        ehr_sign_key_init(&sample->replicas[i], seed);
        memcpy(sample->keys + 32 * (size_t)i, sample->replicas[i].public, 32);
    }
    memset(sample->chain_id, 3, 32);
    memset(sample->hid, 4, 32);
    memset(sample->previous, 5, 32);
    sample->refused[0] = 2;
    struct ehr_block_header header = {.epoch = 1, .height = 12, .count = 3, .time_ns = 99};
    memcpy(header.chain_id, sample->chain_id, 32);
    ehr_block_header_encode(sample->header, &header);
    certify(sample);
    sample->proof = (struct ehr_block_proof){
        sample->header, sample->previous, sample->refused, 1, sample->certificate, CERT_BYTES};
}

static enum ehr_status verify(const struct sample *sample, const struct ehr_block_proof *proof)
{
    return ehr_block_proof_verify(proof, sample->chain_id, sample->keys, MEMBERS, SIGNERS, NULL,
                                  NULL, NULL);
}

/* ---- block proof ---- */

static void proof_verifies_when_certified(void)
{
    struct sample sample;
    sample_init(&sample);
    /* 156 + 32 + 2 + 1 + 4 + (38 + 1 + 3 * 64) */
    CU_ASSERT_EQUAL(ehr_block_proof_len(&sample.proof), 426);
    struct ehr_block_header header;
    uint8_t hash[32], root[32], own[32];
    CU_ASSERT_EQUAL(ehr_block_proof_verify(&sample.proof, sample.chain_id, sample.keys, MEMBERS,
                                           SIGNERS, &header, hash, root),
                    EHR_OK);
    ehr_block_hash(own, sample.header);
    CU_ASSERT_EQUAL(memcmp(own, hash, 32), 0);
    ehr_state_root(own, sample.previous, hash, sample.refused, 1);
    CU_ASSERT_EQUAL(memcmp(own, root, 32), 0);
    CU_ASSERT_EQUAL(header.height, 12);
    CU_ASSERT_FALSE(ehr_block_proof_refused(&sample.proof, 0));
    CU_ASSERT_TRUE(ehr_block_proof_refused(&sample.proof, 1));
    CU_ASSERT_FALSE(ehr_block_proof_refused(&sample.proof, 2));
    CU_ASSERT_FALSE(ehr_block_proof_refused(&sample.proof, 4000));
}

static void proof_refused_when_altered(void)
{
    struct sample sample;
    sample_init(&sample);
    struct ehr_block_proof proof = sample.proof;
    uint8_t other[32] = {1};
    CU_ASSERT_EQUAL(
        ehr_block_proof_verify(&proof, other, sample.keys, MEMBERS, SIGNERS, NULL, NULL, NULL),
        EHR_POLICY);
    CU_ASSERT_EQUAL(ehr_block_proof_verify(&proof, sample.chain_id, sample.keys, MEMBERS,
                                           SIGNERS + 1, NULL, NULL, NULL),
                    EHR_THRESH);
    proof.refused_len = 0;
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_LEN);
    proof = sample.proof;
    sample.refused[0] = 0; /* another outcome than the one signed */
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_HASH);
    sample.refused[0] = 2 | 8; /* a bit behind the third transaction */
    certify(&sample);
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_LEN);
    sample.refused[0] = 2;
    certify(&sample);
    sample.certificate[CERT_BYTES - 1] ^= 1;
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_SIG);
    proof.certificate_len--;
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_LEN);
    proof = sample.proof;
    sample.header[0] ^= 1;
    CU_ASSERT_EQUAL(verify(&sample, &proof), EHR_LEN);
}

/* ---- entry ---- */

static void entry_matches_when_it_is_the_private_part(void)
{
    uint8_t doctor[32] = {1}, ct_hash[32] = {2}, sig[64] = {3}, token[96] = {4}, priv[32];
    for (int emergency = 0; emergency < 2; emergency++) {
        struct ehr_ptx ptx = {.doctor_sig = sig, .token = token};
        ptx.token_len = emergency ? EHR_PTX_EMERGENCY_BYTES : EHR_PTX_TOKEN_BYTES;
        ptx.terms.doctor_id = doctor;
        ptx.terms.ct_hash = ct_hash;
        ptx.terms.ct_len = 0x0102030405060708;
        struct ehr_blob *blob = ehr_entry_encode(&ptx);
        CU_ASSERT_EQUAL(blob->length, emergency ? 232 : 200); /* 32 + 32 + 8 + 64 + token */
        CU_ASSERT_EQUAL(blob->bytes[64], 8);
        struct ehr_entry entry;
        CU_ASSERT_EQUAL(ehr_entry_parse(&entry, blob->bytes, blob->length), EHR_OK);
        CU_ASSERT_EQUAL(entry.ct_len, ptx.terms.ct_len);
        ehr_ptx_priv(priv, doctor, ct_hash, ptx.terms.ct_len, sig, token, ptx.token_len);
        CU_ASSERT_TRUE(ehr_entry_matches(&entry, priv));
        blob->bytes[0] ^= 1;
        CU_ASSERT_FALSE(ehr_entry_matches(&entry, priv));
        CU_ASSERT_EQUAL(ehr_entry_parse(&entry, blob->bytes, blob->length - 1), EHR_LEN);
        CU_ASSERT_EQUAL(ehr_entry_parse(&entry, blob->bytes, 0), EHR_LEN);
        ehr_blob_unref(blob);
    }
}

/* ---- hits ---- */

/* How many hits are read, -1 where the bytes are malformed. */
static int hits_count(const uint8_t *bytes, size_t length)
{
    struct ehr_blob *blob = ehr_blob_new(bytes, length);
    struct ehr_hit hit;
    size_t offset = 0, left = 0;
    bool malformed = false;
    int count = 0;
    while (ehr_hits_next(blob, &offset, &left, &hit, &malformed))
        count++;
    ehr_blob_unref(blob);
    return malformed ? -1 : count;
}

static void hits_are_read_when_whole_only(void)
{
    struct sample sample;
    sample_init(&sample);
    uint8_t atx[409], path[64];
    memset(atx, 6, sizeof(atx));
    memset(path, 7, sizeof(path));
    const struct ehr_hit hits[2] = {
        {atx, sizeof(atx), 3, 2, path, sample.proof},
        {atx, 5, 0, 0, NULL, sample.proof},
    };
    CU_ASSERT_EQUAL(ehr_hit_len(&hits[0]), 906); /* 2 + 409 + 4 + 1 + 64 + 426 */
    struct ehr_blob *blob = ehr_hits_encode(hits, 2);
    CU_ASSERT_EQUAL(blob->length, 1346); /* 2 + 906 + (2 + 5 + 4 + 1 + 426) */
    struct ehr_hit hit;
    size_t offset = 0, left = 0;
    bool malformed = true;
    CU_ASSERT_TRUE(ehr_hits_next(blob, &offset, &left, &hit, &malformed));
    CU_ASSERT_EQUAL(hit.atx_len, 409);
    CU_ASSERT_EQUAL(hit.leaf_index, 3);
    CU_ASSERT_EQUAL(hit.depth, 2);
    CU_ASSERT_EQUAL(memcmp(hit.path, path, 64), 0);
    CU_ASSERT_EQUAL(verify(&sample, &hit.proof), EHR_OK);
    struct ehr_blob *longer = ehr_blob_new(NULL, blob->length + 1);
    memcpy(longer->bytes, blob->bytes, blob->length);
    longer->bytes[blob->length] = 0;
    CU_ASSERT_EQUAL(hits_count(blob->bytes, blob->length), 2);
    CU_ASSERT_EQUAL(hits_count(longer->bytes, longer->length), -1);
    for (size_t length = 0; length < blob->length; length++)
        CU_ASSERT_EQUAL(hits_count(blob->bytes, length), -1);
    ehr_blob_unref(longer);
    ehr_blob_unref(blob);
    struct ehr_blob *none = ehr_hits_encode(NULL, 0);
    CU_ASSERT_EQUAL(none->length, 2);
    CU_ASSERT_EQUAL(hits_count(none->bytes, none->length), 0);
    ehr_blob_unref(none);
    offset = 0;
    CU_ASSERT_FALSE(ehr_hits_next(NULL, &offset, &left, &hit, &malformed));
    CU_ASSERT_TRUE(malformed);
}

static void hit_refused_when_path_is_too_deep(void)
{
    struct sample sample;
    sample_init(&sample);
    uint8_t path[32 * 33] = {0};
    const struct ehr_hit hit = {sample.hid, 32, 0, 32, path, sample.proof};
    struct ehr_blob *blob = ehr_hits_encode(&hit, 1);
    CU_ASSERT_EQUAL(hits_count(blob->bytes, blob->length), 1);
    blob->bytes[2 + 2 + 32 + 4] = 33;
    CU_ASSERT_EQUAL(hits_count(blob->bytes, blob->length), -1);
    ehr_blob_unref(blob);
}

/* ---- transactions ---- */

static void anchor_verifies_when_signed_by_its_hospital(void)
{
    struct sample sample;
    sample_init(&sample);
    struct ehr_blob *blob = ehr_anchor_make(sample.hid, &sample.proof, &sample.hospital);
    CU_ASSERT_EQUAL(blob->length, 526); /* 4 + 32 + 426 + 64 */
    struct ehr_anchor anchor;
    CU_ASSERT_EQUAL(ehr_anchor_parse(&anchor, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(anchor.hid, sample.hid, 32), 0);
    CU_ASSERT_EQUAL(ehr_anchor_verify_signature(&anchor, sample.hospital.public), EHR_OK);
    CU_ASSERT_EQUAL(ehr_anchor_verify_signature(&anchor, sample.replicas[0].public), EHR_SIG);
    CU_ASSERT_EQUAL(verify(&sample, &anchor.proof), EHR_OK);
    for (size_t length = 0; length < blob->length; length++)
        CU_ASSERT_EQUAL(ehr_anchor_parse(&anchor, blob->bytes, length), EHR_LEN);
    struct ehr_blob *longer = ehr_blob_new(NULL, blob->length + 1);
    memcpy(longer->bytes, blob->bytes, blob->length);
    CU_ASSERT_EQUAL(ehr_anchor_parse(&anchor, longer->bytes, longer->length), EHR_LEN);
    CU_ASSERT_PTR_NULL(anchor.bytes);
    ehr_blob_unref(longer);
    CU_ASSERT_EQUAL(ehr_anchor_parse(&anchor, blob->bytes, blob->length), EHR_OK);
    blob->bytes[10] ^= 1;
    CU_ASSERT_EQUAL(ehr_anchor_verify_signature(&anchor, sample.hospital.public), EHR_SIG);
    ehr_blob_unref(blob);
}

static void grant_and_revoke_are_read_when_whole_only(void)
{
    uint8_t txid[32] = {1}, scope[36] = {2}, grant[547] = {3}, sig[64] = {4}; /* 2 proxies */
    const struct ehr_grant_tx terms = {txid, scope, sizeof(scope), grant, sizeof(grant)};
    struct ehr_blob *blob = ehr_grant_tx_make(&terms);
    CU_ASSERT_EQUAL(blob->length, 623); /* 4 + 32 + 4 + 36 + 547 */
    struct ehr_grant_tx tx;
    CU_ASSERT_EQUAL(ehr_grant_tx_parse(&tx, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(tx.scope_len, 36);
    CU_ASSERT_EQUAL(tx.grant_len, 547);
    CU_ASSERT_EQUAL(tx.grant[0], 3);
    /* the grant has no length of its own here: its own parser refuses a short one */
    for (size_t length = 0; length < 76; length++)
        CU_ASSERT_EQUAL(ehr_grant_tx_parse(&tx, blob->bytes, length), EHR_LEN);
    blob->bytes[39] = 1; /* a scope of 2^24 + 36 bytes */
    CU_ASSERT_EQUAL(ehr_grant_tx_parse(&tx, blob->bytes, blob->length), EHR_LEN);
    ehr_blob_unref(blob);

    blob = ehr_revoke_tx_make(txid, 77, sig);
    CU_ASSERT_EQUAL(blob->length, 108); /* 4 + 32 + 8 + 64 */
    struct ehr_revoke_tx revoke;
    CU_ASSERT_EQUAL(ehr_revoke_tx_parse(&revoke, blob->bytes, 108), EHR_OK);
    CU_ASSERT_EQUAL(revoke.height, 77);
    CU_ASSERT_EQUAL(revoke.sig[0], 4);
    CU_ASSERT_EQUAL(ehr_revoke_tx_parse(&revoke, blob->bytes, 107), EHR_LEN);
    blob->bytes[0] = 'X';
    CU_ASSERT_EQUAL(ehr_revoke_tx_parse(&revoke, blob->bytes, 108), EHR_LEN);
    ehr_blob_unref(blob);
}

/* ---- digests ---- */

/* Every value stands under the digest, and the four never agree with each other. */
static void digests_differ_when_anything_does(void)
{
    uint8_t a[32] = {1}, b[32] = {2}, base[32], other[32];
    ehr_ack_digest(base, 1, a, b);
    ehr_ack_digest(other, 2, a, b);
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    ehr_ack_digest(other, 1, b, a);
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    ehr_refuse_digest(base, a, 5, 9);
    ehr_refuse_digest(other, a, 6, 9);
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    ehr_answer_digest(base, a, 1, 9, NULL);
    struct ehr_blob *none = ehr_hits_encode(NULL, 0);
    ehr_answer_digest(other, a, 1, 9, none);
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    ehr_blob_unref(none);
    ehr_access_digest(base, a, 1, 0, 7, b);
    ehr_access_digest(other, a, 1, 1, 7, b);
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    ehr_access_digest(other, a, 1, 0, 7, a); /* another proxy */
    CU_ASSERT_NOT_EQUAL(memcmp(base, other, 32), 0);
    CU_ASSERT_EQUAL(ehr_pool_alive(), 0);
}

static const struct ehr_unit_case cases[] = {
    {"proof_verifies_when_certified", proof_verifies_when_certified},
    {"proof_refused_when_altered", proof_refused_when_altered},
    {"entry_matches_when_it_is_the_private_part", entry_matches_when_it_is_the_private_part},
    {"hits_are_read_when_whole_only", hits_are_read_when_whole_only},
    {"hit_refused_when_path_is_too_deep", hit_refused_when_path_is_too_deep},
    {"anchor_verifies_when_signed_by_its_hospital", anchor_verifies_when_signed_by_its_hospital},
    {"grant_and_revoke_are_read_when_whole_only", grant_and_revoke_are_read_when_whole_only},
    {"digests_differ_when_anything_does", digests_differ_when_anything_does},
};

EHR_UNIT_MAIN("wire", cases)
