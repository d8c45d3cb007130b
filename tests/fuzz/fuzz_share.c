/* Any bytes as a re-encrypted share with its proof, and any choice of altered shares combined. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "crypto/blame.h"
#include "crypto/combine.h"
#include "crypto/reencrypt.h"

enum { SHARES_INPUT_MAX = 12 };

static unsigned refusals(void)
{
    return FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SCALAR) |
           FUZZ_BIT(EHR_CAPSULE) | FUZZ_BIT(EHR_KCOM) | FUZZ_BIT(EHR_AEAD) | FUZZ_BIT(EHR_THRESH) |
           FUZZ_BIT(EHR_DUP) | FUZZ_BIT(EHR_CFRAG) | FUZZ_BIT(EHR_COMBINE);
}

static enum ehr_status share_verify(const struct ehr_grant_verified *grant,
                                    const struct ehr_record_head *head,
                                    const struct ehr_share *share)
{
    struct ehr_cfrag_verified verified;
    fuzz_soil(&verified, sizeof verified);
    enum ehr_status status = fuzz_among(
        ehr_cfrag_check(&verified, grant, head, share->bytes, share->len),
        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_CFRAG) | FUZZ_BIT(EHR_POINT) | FUZZ_BIT(EHR_SCALAR));
    assert(status == EHR_OK ? memcmp(verified.bytes, share->bytes, share->len) == 0
                            : fuzz_is_zero(&verified, sizeof verified));
    return status;
}

/* Whether t shares of different proxies came: else nothing may have been computed with them. */
static bool can_combine(const struct ehr_grant_verified *grant, const struct ehr_share *shares,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            if (shares[i].len != EHR_CFRAG_BYTES ||
                (i != j && shares[i].bytes[32] == shares[j].bytes[32]))
                return false;
    return count == grant->view.threshold;
}

/* What is refused leaves no plaintext and no key; who is blamed is at fault. */
static enum ehr_status combine_check(struct fuzz_blob *plain, const struct ehr_dh_key *data_user,
                                     const struct ehr_grant_verified *grant,
                                     const struct ehr_share *shares, size_t count,
                                     const struct fuzz_blob *sealed)
{
    struct ehr_record_head head;
    struct ehr_point K;
    uint32_t faulty = ~(uint32_t)0, faulty_key = ~(uint32_t)0;
    size_t room =
        sealed->len < EHR_RECORD_OVERHEAD_BYTES ? 0 : sealed->len - EHR_RECORD_OVERHEAD_BYTES;
    size_t len = 1;
    *plain = fuzz_copy(sealed->data, room);
    fuzz_soil(plain->data, room);
    enum ehr_status status =
        fuzz_among(ehr_combine_open(plain->data, room, &len, data_user, grant, shares, count,
                                    sealed->data, sealed->len, &faulty),
                   refusals());
    assert(status == EHR_OK || (len == 0 && fuzz_is_zero(plain->data, room)));
    plain->len = len;
    if (ehr_record_check(&head, sealed->data, sealed->len, &grant->visit) != EHR_OK) {
        assert(status != EHR_OK && faulty == 0);
        return status;
    }
    fuzz_soil(&K, sizeof K);
    enum ehr_status key_status =
        ehr_combine(&K, data_user, grant, &head, shares, count, &faulty_key);
    assert(key_status == EHR_OK || fuzz_is_zero(&K, sizeof K));
    assert(key_status == EHR_OK || status == key_status);
    for (size_t i = 0; i < count; i++) {
        bool blamed = (faulty >> i & 1) != 0;
        if (status == EHR_COMBINE || status == EHR_KCOM)
            assert(can_combine(grant, shares, count) &&
                   blamed == (share_verify(grant, &head, &shares[i]) != EHR_OK));
        else if (blamed) /* by a check of this share, or because it comes twice */
            assert(status == EHR_DUP || share_verify(grant, &head, &shares[i]) == status);
    }
    return status;
}

/* Grant, record and shares as they come: y 32 | grant | record | share ... */
static void fuzz_raw(struct fuzz_input *in)
{
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    struct ehr_dh_key data_user;
    struct ehr_scalar y;
    struct fuzz_blob parts[SHARES_INPUT_MAX], plain;
    struct ehr_share shares[SHARES_INPUT_MAX];
    fuzz_bytes(in, y.bytes, 32);
    struct fuzz_blob bytes = fuzz_part(in), sealed = fuzz_part(in);
    size_t count = 0;
    for (; in->left != 0 && count < SHARES_INPUT_MAX; count++) {
        parts[count] = fuzz_part(in);
        shares[count] = (struct ehr_share){.bytes = parts[count].data, .len = parts[count].len};
    }
    if (ehr_dh_key_from_secret(&data_user, &y) == EHR_OK &&
        ehr_grant_verify(&grant, bytes.data, bytes.len) == EHR_OK) {
        (void)combine_check(&plain, &data_user, &grant, shares, count, &sealed);
        fuzz_blob_free(&plain);
        if (sealed.len >= EHR_RECORD_HEAD_BYTES &&
            ehr_record_head_check(&head, sealed.data, EHR_RECORD_HEAD_BYTES, &grant.visit) ==
                EHR_OK)
            for (size_t i = 0; i < count; i++)
                (void)share_verify(&grant, &head, &shares[i]);
    }
    for (size_t i = 0; i < count; i++)
        fuzz_blob_free(&parts[i]);
    fuzz_blob_free(&sealed);
    fuzz_blob_free(&bytes);
}

/* ---- honest shares, altered ---- */

enum { PROXIES = 4, TEXT_BYTES = 5 };

/* One grant, one record and all of its shares, made once for a threshold. */
struct exchange {
    bool made;
    uint8_t grant_bytes[EHR_GRANT_BYTES(PROXIES)];
    struct ehr_grant_verified grant;
    uint8_t sealed[256 + EHR_RECORD_OVERHEAD_BYTES];
    struct ehr_record_head head;
    uint8_t shares[PROXIES][EHR_CFRAG_BYTES];
};

static const uint8_t text[TEXT_BYTES] = "text";
static const uint8_t committee[PROXIES][32] = {{1}, {2}, {3}, {4}};

static void shares_make(struct exchange *x, struct ehr_rng *rng)
{
    struct ehr_reencrypt_request request = {
        .head = x->sealed, .head_len = EHR_RECORD_HEAD_BYTES, .height = 15};
    uint8_t body_hash[32], ct_hash[32];
    ehr_record_body_hash(body_hash, x->sealed + EHR_RECORD_HEAD_BYTES,
                         sizeof x->sealed - EHR_RECORD_HEAD_BYTES);
    ehr_record_ct_hash(ct_hash, x->sealed, body_hash);
    request.body_hash = body_hash;
    request.ct_hash = ct_hash;
    for (uint8_t j = 1; j <= PROXIES; j++) {
        struct ehr_kfrag kfrag;
        struct ehr_kfrag_verified verified;
        enum ehr_status status = ehr_kfrag_open(&kfrag, &x->grant, j, fuzz_dh_key(10U + j));
        if (status == EHR_OK)
            status = ehr_kfrag_verify(&verified, &kfrag, &x->grant);
        if (status == EHR_OK)
            status = ehr_reencrypt(x->shares[j - 1], &x->grant, &verified, &request, rng);
        assert(status == EHR_OK);
    }
}

static void exchange_make(struct exchange *x, size_t threshold)
{
    struct ehr_rng *rng = fuzz_rng();
    struct ehr_visit_keys keys = {.p = fuzz_dh_key(0)->secret, .q = fuzz_dh_key(1)->secret};
    struct ehr_record_visit visit = {.P = fuzz_dh_key(0)->public, .Q = fuzz_dh_key(1)->public};
    uint8_t nodes[PROXIES][32];
    for (unsigned j = 0; j < PROXIES; j++)
        memcpy(nodes[j], fuzz_dh_key(11 + j)->public.bytes, 32);
    memset(visit.hid, 9, 32);
    struct ehr_grant_terms terms = {.keys = &keys,
                                    .Y = fuzz_dh_key(2)->public.bytes,
                                    .hid = visit.hid,
                                    .du_cert_id = visit.hid,
                                    .scope_hash = visit.hid,
                                    .threshold = threshold,
                                    .proxies = PROXIES,
                                    .cert_ids = committee[0],
                                    .node_keys = nodes[0],
                                    .not_before = 10,
                                    .not_after = 20};
    enum ehr_status status = ehr_grant_make(x->grant_bytes, sizeof x->grant_bytes, &terms, rng);
    if (status == EHR_OK)
        status = ehr_grant_verify(&x->grant, x->grant_bytes, sizeof x->grant_bytes);
    if (status == EHR_OK)
        status = ehr_record_seal(x->sealed, sizeof x->sealed, &visit, text, sizeof text, rng);
    if (status == EHR_OK)
        status = ehr_record_check(&x->head, x->sealed, sizeof x->sealed, &x->grant.visit);
    assert(status == EHR_OK);
    shares_make(x, rng);
    x->made = true;
}

static struct exchange *exchange_of(size_t threshold)
{
    static struct exchange exchanges[FUZZ_GROUPS][PROXIES + 1];
    struct exchange *x = &exchanges[fuzz_group()][threshold];
    if (!x->made)
        exchange_make(x, threshold);
    return x;
}

/* Adds D to E1 and -hD to V1 of a share: the final equation of the combination still holds. */
static void forge(uint8_t share[EHR_CFRAG_BYTES], const struct exchange *x, uint8_t choice)
{
    struct ehr_scalar h;
    struct ehr_point D = fuzz_dh_key(20U + choice % 8U)->public, hD, E1, V1;
    memcpy(E1.bytes, share + 33, 32);
    memcpy(V1.bytes, share + 65, 32);
    enum ehr_status status = ehr_capsule_challenge(&h, x->head.capsule, x->head.label);
    assert(status == EHR_OK);
    /* The weight of a share is not known to a forger, but the same for both points. */
    if (ehr_point_mul(&hD, &h, &D) == EHR_OK && ehr_point_add(&E1, &E1, &D) == EHR_OK &&
        ehr_point_sub(&V1, &V1, &hD) == EHR_OK) {
        memcpy(share + 33, E1.bytes, 32);
        memcpy(share + 65, V1.bytes, 32);
    }
}

enum alteration { HONEST, PROOF_ONLY, CHANGED };

/* A share as the input wants it: which one, and how it is altered. */
static enum alteration share_alter(uint8_t *share, size_t *len, const struct exchange *x,
                                   struct fuzz_input *in)
{
    const uint8_t *honest = x->shares[fuzz_u8(in) % PROXIES];
    unsigned how = fuzz_u8(in);
    memcpy(share, honest, EHR_CFRAG_BYTES);
    *len = EHR_CFRAG_BYTES;
    if (how % 8 == 1)
        fuzz_edit(in, share, EHR_CFRAG_BYTES);
    else if (how % 8 == 2)
        forge(share, x, fuzz_u8(in));
    else if (how % 8 == 3)
        *len = fuzz_u8(in) % EHR_CFRAG_BYTES;
    if (*len != EHR_CFRAG_BYTES || memcmp(share, honest, 97) != 0)
        return CHANGED;
    return memcmp(share, honest, EHR_CFRAG_BYTES) != 0 ? PROOF_ONLY : HONEST;
}

static void blame_check(const struct exchange *x, const uint8_t *share)
{
    uint8_t sig[64];
    ehr_cfrag_sign(sig, share, x->head.capsule, fuzz_sign_key(0));
    enum ehr_status status =
        ehr_cfrag_sig_verify(share, x->head.capsule, fuzz_sign_key(0)->public, sig);
    assert(status == EHR_OK);
    sig[share[32] % 64] ^= 1;
    status = ehr_cfrag_sig_verify(share, x->head.capsule, fuzz_sign_key(0)->public, sig);
    assert(status == EHR_SIG);
}

/* Opens if and only if t different shares come whose points are honest: the optimistic way does
 * not look at proofs that it does not need. A proof holds if and only if nothing was altered. */
static void fuzz_altered(struct fuzz_input *in)
{
    struct fuzz_blob parts[SHARES_INPUT_MAX], plain;
    struct ehr_share shares[SHARES_INPUT_MAX];
    size_t threshold = 2 + fuzz_u8(in) % (PROXIES - 1U), count = fuzz_u8(in) % SHARES_INPUT_MAX;
    struct exchange *x = exchange_of(threshold);
    bool opens = count == threshold;
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t share[EHR_CFRAG_BYTES];
        size_t len;
        enum alteration altered = share_alter(share, &len, x, in);
        parts[i] = fuzz_copy(share, len);
        shares[i] = (struct ehr_share){.bytes = parts[i].data, .len = len};
        assert((altered == HONEST) == (share_verify(&x->grant, &x->head, &shares[i]) == EHR_OK));
        opens = opens && altered != CHANGED && (seen >> share[32] & 1) == 0;
        if (altered != CHANGED)
            seen |= 1U << share[32];
        blame_check(x, share);
    }
    struct fuzz_blob sealed = fuzz_copy(x->sealed, sizeof x->sealed);
    enum ehr_status status =
        combine_check(&plain, fuzz_dh_key(2), &x->grant, shares, count, &sealed);
    assert((status == EHR_OK) == opens);
    assert(!opens || (plain.len == sizeof text && memcmp(plain.data, text, sizeof text) == 0));
    fuzz_blob_free(&plain);
    fuzz_blob_free(&sealed);
    for (size_t i = 0; i < count; i++)
        fuzz_blob_free(&parts[i]);
}

/* ---- blame ---- */

/* What nobody signed in evidence, since the share does not depend on it: commitment and length in
 * the record's head. */
enum { UNSIGNED_FROM = 4 + 136, UNSIGNED_TO = 4 + EHR_RECORD_HEAD_BYTES };

/* Whether it is none of the honest shares. */
static bool is_bad(const struct exchange *x, const uint8_t *share)
{
    for (size_t j = 0; j < PROXIES; j++)
        if (memcmp(share, x->shares[j], EHR_CFRAG_BYTES) == 0)
            return false;
    return true;
}

/* A share, perhaps altered, signed by its node: to blame if and only if it is bad. Then the bytes
 * of the evidence are altered. */
static void fuzz_blame(struct fuzz_input *in)
{
    struct exchange *x = exchange_of(2 + fuzz_u8(in) % (PROXIES - 1U));
    const struct ehr_sign_key *node = fuzz_sign_key(0);
    struct ehr_blame_evidence parsed;
    struct ehr_blame_verified blame;
    uint8_t share[EHR_CFRAG_BYTES], sig[64], bytes[EHR_BLAME_BYTES(PROXIES)], again[sizeof bytes];
    size_t len;
    (void)share_alter(share, &len, x, in);
    struct ehr_blame_accused accused = {
        .cert_ids = committee[0], .proxies = PROXIES, .index = share[32], .ed_pk = node->public};
    ehr_cfrag_sign(sig, share, x->head.capsule, node);
    struct ehr_blame_evidence evidence = {.head = x->sealed,
                                          .cfrag = share,
                                          .sig = sig,
                                          .grant = x->grant_bytes,
                                          .grant_len = sizeof x->grant_bytes};
    ehr_blame_encode(bytes, &evidence);
    memcpy(again, bytes, sizeof bytes);
    fuzz_edit(in, bytes, sizeof bytes);
    bool edited = memcmp(again, bytes, UNSIGNED_FROM) != 0 ||
                  memcmp(again + UNSIGNED_TO, bytes + UNSIGNED_TO, sizeof bytes - UNSIGNED_TO) != 0;
    bool whole = memcmp(again, bytes, sizeof bytes) == 0;
    struct fuzz_blob given = fuzz_copy(bytes, sizeof bytes - fuzz_u8(in));
    fuzz_soil(&parsed, sizeof parsed);
    enum ehr_status status =
        fuzz_among(ehr_blame_parse(&parsed, given.data, given.len), FUZZ_BIT(EHR_LEN));
    if (status != EHR_OK) {
        assert(fuzz_is_zero(&parsed, sizeof parsed));
        fuzz_blob_free(&given);
        return;
    }
    ehr_blame_encode(again, &parsed);
    assert(memcmp(again, given.data, given.len) == 0);
    fuzz_soil(&blame, sizeof blame);
    status = fuzz_among(ehr_blame_verify(&blame, &parsed, &accused),
                        FUZZ_BIT(EHR_LEN) | FUZZ_BIT(EHR_THRESH) | FUZZ_BIT(EHR_POINT) |
                            FUZZ_BIT(EHR_POLICY) | FUZZ_BIT(EHR_SIG) | FUZZ_BIT(EHR_SCALAR) |
                            FUZZ_BIT(EHR_CAPSULE));
    assert(status == EHR_OK || fuzz_is_zero(&blame, sizeof blame));
    bool named =
        memcmp(share, x->grant.grant_id, 32) == 0 && accused.index >= 1 && accused.index <= PROXIES;
    if (edited || given.len != sizeof bytes)
        assert(status != EHR_OK); /* signed, by the node or the patient */
    else if (whole)
        assert((status == EHR_OK) == (named && is_bad(x, share)));
    fuzz_blob_free(&given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fuzz_input in = {.at = data, .left = bytes};
    switch (fuzz_kind(&in) % 4) {
    case 0:
        fuzz_raw(&in);
        return 0;
    case 1:
        fuzz_altered(&in);
        return 0;
    case 2:
        fuzz_blame(&in);
        return 0;
    default:
        return -1; /* not for the corpus */
    }
}
