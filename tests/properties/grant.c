/* Properties of grants, scopes, key fragments and shares before they are combined. */
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/schnorr.h"
#include "tests/properties/sharing.h"

static void grants_are_read_as_made(struct property_case *c)
{
    struct sharing s;
    size_t t, n;
    uint8_t committee[32];
    sharing_size(c, c->number % 16 == 0 ? EHR_GRANT_PROXIES_MAX : 4, &t, &n);
    sharing_make(&s, c, t, n);
    const struct ehr_grant *view = &s.grant.view;
    HOLDS(c, view->threshold == t && view->proxies == n);
    HOLDS(c, memcmp(view->P, s.visit.P.bytes, 32) == 0);
    HOLDS(c, memcmp(view->Q, s.visit.Q.bytes, 32) == 0);
    HOLDS(c, memcmp(view->hid, s.visit.hid, 32) == 0);
    HOLDS(c, memcmp(view->du_cert_id, s.du_cert_id, 32) == 0);
    HOLDS(c, memcmp(view->Y, s.data_user.public.bytes, 32) == 0);
    HOLDS(c, memcmp(view->scope_hash, s.scope_hash, 32) == 0);
    ehr_committee_id(committee, s.terms.epoch, s.cert_ids, n);
    HOLDS(c, memcmp(view->committee_id, committee, 32) == 0);
    HOLDS(c, view->not_before == s.terms.not_before && view->not_after == s.terms.not_after);
    HOLDS(c, memcmp(&s.grant.visit, &s.visit, sizeof s.visit) == 0);
    uint8_t first[32];
    memcpy(first, s.grant.grant_id, 32);
    sharing_grant_again(&s);
    HOLDS(c, memcmp(first, s.grant.grant_id, 32) != 0);
}

static void no_grant_is_made_of_bad_terms(struct property_case *c)
{
    struct sharing s;
    uint8_t bytes[EHR_GRANT_BYTES(33)], bad[32];
    size_t t, n;
    sharing_size(c, 3, &t, &n);
    sharing_make(&s, c, t, n);
    struct ehr_grant_terms terms = s.terms;
    terms.threshold = property_between(c, 0, 1);
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(n), &terms, c->rng), EHR_THRESH);
    terms.threshold = n + property_between(c, 1, 40);
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(n), &terms, c->rng), EHR_THRESH);
    terms = s.terms;
    terms.proxies = 33;
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(33), &terms, c->rng), EHR_THRESH);
    terms = s.terms;
    terms.not_before = terms.not_after + 1;
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(n), &terms, c->rng), EHR_POLICY);
    terms = s.terms;
    property_bad_point(bad, terms.Y, c->number % PROPERTY_BAD_POINTS);
    terms.Y = bad;
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(n), &terms, c->rng), EHR_POINT);
    terms = s.terms;
    memcpy(s.node_keys + 32 * property_between(c, 0, n - 1), bad, 32);
    memset(bytes, 0xaa, sizeof bytes);
    GIVES(c, ehr_grant_make(bytes, EHR_GRANT_BYTES(n), &terms, c->rng), EHR_POINT);
    HOLDS(c, property_is_zero(bytes, EHR_GRANT_BYTES(n)));
}

static enum ehr_status grant_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct property_case *c = context;
    struct ehr_grant_verified grant;
    enum ehr_status status = ehr_grant_verify(&grant, bytes, length);
    if (status != EHR_OK)
        HOLDS(c, property_is_zero(&grant, sizeof grant));
    return status;
}

static void altered_grants_are_refused(struct property_case *c)
{
    struct sharing s;
    struct property_object object;
    size_t t = 3, n = 4;
    if (c->number != 0)
        sharing_size(c, c->number % 16 == 1 ? EHR_GRANT_PROXIES_MAX : 4, &t, &n);
    sharing_make(&s, c, t, n);
    property_object(&object, "grant", s.grant_bytes, s.grant_length, grant_verify, c);
    property_field(&object, "mode", 1, AS(LEN));
    property_field(&object, "t", 1, AS(THRESH) | AS(SIG));
    property_field(&object, "n", 1, AS(THRESH) | AS(LEN));
    property_field(&object, "nonce", 16, AS(SIG));
    property_point(&object, "P", AS(POINT) | AS(SIG), EHR_POINT);
    property_point(&object, "Q", AS(POINT) | AS(SIG), EHR_POINT);
    property_field(&object, "hid and data user", 64, AS(SIG));
    property_point(&object, "Y", AS(POINT) | AS(SIG), EHR_POINT);
    property_field(&object, "scope and committee", 64, AS(SIG));
    property_field(&object, "heights", 16, AS(POLICY) | AS(SIG));
    property_point(&object, "X", AS(POINT) | AS(SIG), EHR_POINT);
    property_point(&object, "KE", AS(POINT) | AS(SIG), EHR_POINT);
    for (size_t i = 0; i < n; i++)
        property_point(&object, "U_j", AS(POINT) | AS(SIG), EHR_POINT);
    property_field(&object, "sealed fragments", 48 * n, AS(SIG));
    property_point(&object, "R", AS(SIG), EHR_SIG);
    property_scalar(&object, "z", AS(SIG), EHR_SIG);
    property_refused(c, &object);
}

/* A grant that its patient signs is checked like any other. */
static void signed_grants_are_refused_when_their_terms_are_bad(struct property_case *c)
{
    struct sharing s;
    struct ehr_grant view;
    uint8_t gctx[32], grant_id[32], held[32];
    size_t t, n;
    sharing_size(c, 4, &t, &n);
    sharing_make(&s, c, t, n);
    static const size_t points[] = {51, 147, 259, 291, 323}; /* Q, Y, X, KE, U_1 */
    size_t at = points[property_between(c, 0, 4)];
    bool times = property_u64(c) % 2 == 0;
    if (times) {
        ehr_le64(s.grant_bytes + 243, s.terms.not_after + 1);
    } else {
        memcpy(held, s.grant_bytes + at, 32);
        property_bad_point(s.grant_bytes + at, held, c->number % PROPERTY_BAD_POINTS);
    }
    GIVES(c, ehr_grant_parse(&view, s.grant_bytes, s.grant_length), EHR_OK);
    ehr_grant_id(gctx, grant_id, &view);
    GIVES(c,
          ehr_schnorr_sign(s.grant_bytes + s.grant_length - 64, "sig-grant", &s.keys.p, &s.visit.P,
                           grant_id, c->rng),
          EHR_OK);
    GIVES(c, ehr_grant_verify(&s.grant, s.grant_bytes, s.grant_length),
          times ? EHR_POLICY : EHR_POINT);
}

/* ---- scopes ---- */

struct scope {
    uint8_t hash[32];
};

static enum ehr_status scope_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct scope *scope = context;
    uint8_t purpose, hash[32];
    const uint8_t *td_coms;
    size_t count;
    EHR_TRY(ehr_scope_parse(&purpose, &td_coms, &count, bytes, length));
    ehr_scope_hash(hash, bytes, length);
    return memcmp(hash, scope->hash, 32) == 0 ? EHR_OK : EHR_HASH;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void altered_scopes_are_refused(struct property_case *c)
{
    struct scope scope;
    struct property_object object;
    uint8_t bytes[EHR_SCOPE_BYTES(SHARING_KEYWORDS)], coms[32 * SHARING_KEYWORDS];
    uint8_t purpose = (uint8_t)property_u64(c), read_purpose;
    size_t count = c->number == 0 ? 3 : property_between(c, 0, SHARING_KEYWORDS), read_count;
    const uint8_t *read_coms;
    property_bytes(c, coms, sizeof coms);
    qsort(coms, count, 32, compare);
    GIVES(c, ehr_scope_encode(bytes, purpose, coms, count), EHR_OK);
    size_t length = EHR_SCOPE_BYTES(count);
    GIVES(c, ehr_scope_parse(&read_purpose, &read_coms, &read_count, bytes, length), EHR_OK);
    HOLDS(c, read_purpose == purpose && read_count == count);
    HOLDS(c, count == 0 ? read_coms == NULL : memcmp(read_coms, coms, 32 * count) == 0);
    ehr_scope_hash(scope.hash, bytes, length);
    property_object(&object, "scope with its hash", bytes, length, scope_verify, &scope);
    property_field(&object, "purpose", 1, AS(HASH));
    property_field(&object, "reserved and count", 3, AS(LEN));
    property_field(&object, "commitments", 32 * count, AS(DUP) | AS(HASH));
    property_refused(c, &object);
    if (count < 2)
        return;
    /* Out of order, or twice. */
    size_t i = property_between(c, 1, count - 1);
    memcpy(bytes + 4 + 32 * i, bytes + 4 + 32 * (i - 1), 32);
    GIVES(c, scope_verify(&scope, bytes, length), EHR_DUP);
    memcpy(coms + 32 * i, coms + 32 * (i - 1), 32);
    GIVES(c, ehr_scope_encode(bytes, purpose, coms, count), EHR_DUP);
    HOLDS(c, property_is_zero(bytes, length));
}

/* ---- key fragments ---- */

struct fragment {
    struct sharing *s;
    struct ehr_kfrag kfrag;
};

static enum ehr_status fragment_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct fragment *fragment = context;
    struct ehr_kfrag kfrag = {.index = bytes[0]};
    struct ehr_kfrag_verified verified;
    (void)length;
    memcpy(kfrag.rk.bytes, bytes + 1, 32);
    enum ehr_status status = ehr_kfrag_verify(&verified, &kfrag, &fragment->s->grant);
    if (status != EHR_OK)
        HOLDS(fragment->s->c, property_is_zero(&verified, sizeof verified));
    return status;
}

static void fragments_are_their_nodes_alone(struct property_case *c)
{
    struct sharing s;
    struct fragment fragment = {.s = &s};
    struct property_object object;
    uint8_t bytes[33];
    size_t t, n;
    sharing_size(c, c->number % 16 == 0 ? EHR_GRANT_PROXIES_MAX : 4, &t, &n);
    sharing_make(&s, c, t, n);
    size_t i = property_between(c, 0, n - 1), other = (i + property_between(c, 1, n - 1)) % n;
    uint8_t index = (uint8_t)(i + 1);
    GIVES(c, ehr_kfrag_open(&fragment.kfrag, &s.grant, index, &s.nodes[i]), EHR_OK);
    bytes[0] = fragment.kfrag.index;
    memcpy(bytes + 1, fragment.kfrag.rk.bytes, 32);
    property_object(&object, "key fragment", bytes, sizeof bytes, fragment_verify, &fragment);
    object.fixed = true;
    property_field(&object, "j", 1, AS(KFRAG));
    property_scalar(&object, "rk", AS(KFRAG), EHR_KFRAG);
    property_refused(c, &object);
    /* Another node's key, another index, none. */
    GIVES(c, ehr_kfrag_open(&fragment.kfrag, &s.grant, index, &s.nodes[other]), EHR_KFRAG);
    HOLDS(c, property_is_zero(&fragment.kfrag, sizeof fragment.kfrag));
    GIVES(c, ehr_kfrag_open(&fragment.kfrag, &s.grant, (uint8_t)(other + 1), &s.nodes[i]),
          EHR_KFRAG);
    GIVES(c, ehr_kfrag_open(&fragment.kfrag, &s.grant, 0, &s.nodes[i]), EHR_KFRAG);
    GIVES(c, ehr_kfrag_open(&fragment.kfrag, &s.grant, (uint8_t)(n + 1), &s.nodes[i]), EHR_KFRAG);
    sharing_grant_again(&s); /* of another grant */
    GIVES(c, fragment_verify(&fragment, bytes, sizeof bytes), EHR_KFRAG);
}

/* ---- re-encryption ---- */

static void reencryption_is_refused_by_policy(struct property_case *c)
{
    struct sharing s, other;
    struct ehr_kfrag_verified kfrag, old;
    uint8_t cfrag[EHR_CFRAG_BYTES], ct_hash[32];
    sharing_make(&s, c, 2, 3);
    sharing_make(&other, c, 2, 2);
    size_t i = property_between(c, 0, 2);
    sharing_kfrag(&s, i, &kfrag);
    struct ehr_reencrypt_request request = s.request;
    request.height = s.terms.not_after + 1;
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_POLICY);
    HOLDS(c, property_is_zero(cfrag, sizeof cfrag));
    if (s.terms.not_before > 0) {
        request.height = s.terms.not_before - 1;
        GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_POLICY);
    }
    request = s.request;
    request.revoked = true;
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_POLICY);
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &other.request, c->rng), EHR_POLICY);
    request = s.request;
    request.head_len -= property_between(c, 1, EHR_RECORD_HEAD_BYTES);
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_LEN);
    request = s.request;
    request.body_hash = other.body_hash;
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_HASH);
    s.sealed[property_between(c, 0, EHR_RECORD_HEAD_BYTES - 1)] ^= 0x10;
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &s.request, c->rng), EHR_HASH);
    sharing_record_again(&s);
    /* A capsule of another visit under this visit's P, with the hash that the chain would have. */
    memcpy(s.sealed + 40, other.sealed + 40, EHR_CAPSULE_BYTES);
    ehr_record_ct_hash(ct_hash, s.sealed, s.body_hash);
    request = s.request;
    request.ct_hash = ct_hash;
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &kfrag, &request, c->rng), EHR_CAPSULE);
    sharing_record_again(&s);
    old = kfrag;
    sharing_grant_again(&s);
    GIVES(c, ehr_reencrypt(cfrag, &s.grant, &old, &s.request, c->rng), EHR_KFRAG);
    HOLDS(c, property_is_zero(cfrag, sizeof cfrag));
}

/* ---- shares ---- */

static enum ehr_status share_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct sharing *s = context;
    return ehr_cfrag_verify(&s->grant, &s->head, bytes, length);
}

static void altered_shares_are_refused(struct property_case *c)
{
    struct sharing s;
    struct property_object object;
    uint8_t cfrag[EHR_CFRAG_BYTES];
    size_t t, n;
    sharing_size(c, 4, &t, &n);
    sharing_make(&s, c, t, n);
    sharing_cfrag(&s, property_between(c, 0, n - 1), cfrag);
    property_object(&object, "share with its proof", cfrag, sizeof cfrag, share_verify, &s);
    property_field(&object, "grant_id and j", 33, AS(CFRAG));
    property_point(&object, "E1", AS(POINT) | AS(CFRAG), EHR_POINT);
    property_point(&object, "V1", AS(POINT) | AS(CFRAG), EHR_POINT);
    property_scalar(&object, "e", AS(SCALAR) | AS(CFRAG), EHR_SCALAR);
    property_scalar(&object, "z", AS(SCALAR) | AS(CFRAG), EHR_SCALAR);
    property_refused(c, &object);
    sharing_record_again(&s); /* the proof is of the other record */
    GIVES(c, share_verify(&s, cfrag, sizeof cfrag), EHR_CFRAG);
}

/* Share | capsule | the node's signature. */
static enum ehr_status blame_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_sign_key *node = context;
    (void)length;
    return ehr_cfrag_sig_verify(bytes, bytes + EHR_CFRAG_BYTES, node->public,
                                bytes + EHR_CFRAG_BYTES + EHR_CAPSULE_BYTES);
}

static void altered_blame_is_refused(struct property_case *c)
{
    enum { SIGNED = EHR_CFRAG_BYTES + EHR_CAPSULE_BYTES };
    uint8_t bytes[SIGNED + 64];
    struct ehr_sign_key node;
    struct property_object object;
    property_sign_key(c, &node);
    property_bytes(c, bytes, SIGNED);
    ehr_cfrag_sign(bytes + SIGNED, bytes, bytes + EHR_CFRAG_BYTES, &node);
    property_object(&object, "a node's signature on a share", bytes, sizeof bytes, blame_verify,
                    &node);
    object.fixed = true;
    property_field(&object, "share and capsule", SIGNED, AS(SIG));
    property_field(&object, "signature", 64, AS(SIG));
    property_refused(c, &object);
}

static const struct property list[] = {
    {"grants_are_read_as_made", grants_are_read_as_made},
    {"no_grant_is_made_of_bad_terms", no_grant_is_made_of_bad_terms},
    {"altered_grants_are_refused", altered_grants_are_refused},
    {"signed_grants_are_refused_when_their_terms_are_bad",
     signed_grants_are_refused_when_their_terms_are_bad},
    {"altered_scopes_are_refused", altered_scopes_are_refused},
    {"fragments_are_their_nodes_alone", fragments_are_their_nodes_alone},
    {"reencryption_is_refused_by_policy", reencryption_is_refused_by_policy},
    {"altered_shares_are_refused", altered_shares_are_refused},
    {"altered_blame_is_refused", altered_blame_is_refused},
};

int main(int argc, char **argv)
{
    return property_main("grant", list, sizeof list / sizeof list[0], argc, argv);
}
