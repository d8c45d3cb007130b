#include "crypto/reencrypt.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "crypto/memo.h"
#include "crypto/secret.h"

/* What the proof is about: rk is the same factor from E to E1, V to V1 and U to U_j. */
struct statement {
    const uint8_t *grant_id, *label, *capsule;
    struct ehr_point E, V, U_j, E1, V1;
    uint8_t index;
};

/* The points of a head and a grant that were checked before: what multiplies them decodes them
 * again, and refuses what it does not accept. */
static void verified_points(struct statement *s, const uint8_t *U_j)
{
    memcpy(s->E.bytes, s->capsule, sizeof s->E.bytes);
    memcpy(s->V.bytes, s->capsule + 32, sizeof s->V.bytes);
    memcpy(s->U_j.bytes, U_j, sizeof s->U_j.bytes);
}

static enum ehr_status challenge(struct ehr_scalar *e, const struct statement *s,
                                 const struct ehr_point *E2, const struct ehr_point *V2,
                                 const struct ehr_point *U2)
{
    return EHR_HASH_SCALAR(e, "cfrag", EHR_H(s->grant_id), EHR_U8(s->index), EHR_H(s->label),
                           EHR_G(&s->E), EHR_G(&s->E1), EHR_G(E2), EHR_G(&s->V), EHR_G(&s->V1),
                           EHR_G(V2), EHR_G(ehr_group_u()), EHR_G(&s->U_j), EHR_G(U2));
}

/* ---- the proxy ---- */

static enum ehr_status request_check(struct ehr_record_head *head,
                                     const struct ehr_grant_verified *grant,
                                     const struct ehr_kfrag_verified *kfrag,
                                     const struct ehr_reencrypt_request *request)
{
    uint8_t ct_hash[32];
    if (memcmp(kfrag->grant_id, grant->grant_id, 32) != 0)
        return EHR_KFRAG;
    if (request->head_len != EHR_RECORD_HEAD_BYTES)
        return EHR_LEN;
    ehr_record_ct_hash(ct_hash, request->head, request->body_hash);
    if (memcmp(ct_hash, request->ct_hash, 32) != 0)
        return EHR_HASH;
    EHR_TRY(ehr_record_head_check(head, request->head, request->head_len, &grant->visit));
    if (request->height < grant->view.not_before || request->height > grant->view.not_after ||
        request->revoked)
        return EHR_POLICY;
    return EHR_OK;
}

/* E1 and V1, then e and z under the nonce tau (secret, wiped by the caller). */
static enum ehr_status prove(struct statement *s, struct ehr_scalar *e, struct ehr_scalar *z,
                             struct ehr_scalar *tau, const struct ehr_scalar *rk,
                             const uint8_t *rnd)
{
    struct ehr_point E2, V2, U2;
    EHR_TRY(ehr_point_mul(&s->E1, rk, &s->E));
    EHR_TRY(ehr_point_mul(&s->V1, rk, &s->V));
    ehr_declassify(&s->E1, sizeof s->E1); /* the share */
    ehr_declassify(&s->V1, sizeof s->V1);
    EHR_TRY(EHR_HASH_SCALAR(tau, "cf-nonce", EHR_G(rk), EHR_H(rnd), EHR_H(s->grant_id),
                            EHR_U8(s->index), EHR_H(s->label),
                            EHR_P(s->capsule, EHR_CAPSULE_BYTES)));
    EHR_TRY(ehr_point_mul(&E2, tau, &s->E));
    EHR_TRY(ehr_point_mul(&V2, tau, &s->V));
    EHR_TRY(ehr_point_mul(&U2, tau, ehr_group_u()));
    ehr_declassify(&E2, sizeof E2); /* a verifier recomputes them from e and z */
    ehr_declassify(&V2, sizeof V2);
    ehr_declassify(&U2, sizeof U2);
    EHR_TRY(challenge(e, s, &E2, &V2, &U2));
    ehr_scalar_mul(z, e, rk);
    ehr_scalar_add(z, tau, z);
    ehr_declassify(z, sizeof *z);      /* the proof: rk under the mask tau */
    return ehr_scalar_check(z->bytes); /* a z of 0 would be refused by everyone */
}

static enum ehr_status reencrypt(uint8_t *cfrag, const struct ehr_grant_verified *grant,
                                 const struct ehr_kfrag *kfrag, const struct ehr_record_head *head,
                                 struct ehr_rng *rng)
{
    struct statement s = {.grant_id = grant->grant_id,
                          .label = head->label,
                          .capsule = head->capsule,
                          .index = kfrag->index};
    verified_points(&s, grant->view.U + 32 * (size_t)(kfrag->index - 1));
    uint8_t rnd[32];
    struct ehr_scalar e, z, tau = {{0}};
    ehr_rng_fill(rng, rnd, sizeof rnd);
    enum ehr_status status = prove(&s, &e, &z, &tau, &kfrag->rk, rnd);
    ehr_wipe(rnd, sizeof rnd);
    ehr_wipe(&tau, sizeof tau);
    EHR_TRY(status);
    struct ehr_writer writer = ehr_writer_init(cfrag, EHR_CFRAG_BYTES);
    ehr_writer_bytes(&writer, grant->grant_id, 32);
    ehr_writer_u8(&writer, kfrag->index);
    ehr_writer_bytes(&writer, s.E1.bytes, 32);
    ehr_writer_bytes(&writer, s.V1.bytes, 32);
    ehr_writer_bytes(&writer, e.bytes, 32);
    ehr_writer_bytes(&writer, z.bytes, 32);
    assert(ehr_writer_full(&writer));
    return EHR_OK;
}

enum ehr_status ehr_reencrypt(uint8_t cfrag[EHR_CFRAG_BYTES],
                              const struct ehr_grant_verified *grant,
                              const struct ehr_kfrag_verified *kfrag,
                              const struct ehr_reencrypt_request *request, struct ehr_rng *rng)
{
    struct ehr_record_head head;
    enum ehr_status status = request_check(&head, grant, kfrag, request);
    if (status == EHR_OK)
        status = reencrypt(cfrag, grant, &kfrag->kfrag, &head, rng);
    if (status != EHR_OK)
        memset(cfrag, 0, EHR_CFRAG_BYTES);
    return status;
}

/* ---- anyone's verification ---- */

struct verification {
    struct statement s;
    const uint8_t *cfrag, *U_j;
};

/* zA - eB: what the prover must have had as tau*A. */
static enum ehr_status commitment(struct ehr_point *out, const struct ehr_scalar *z,
                                  const struct ehr_point *a, const struct ehr_scalar *e,
                                  const struct ehr_point *b)
{
    struct ehr_point left, right;
    EHR_TRY(ehr_point_mul(&left, z, a));
    EHR_TRY(ehr_point_mul(&right, e, b));
    return ehr_point_sub(out, &left, &right);
}

static enum ehr_status verify_compute(const void *context)
{
    const struct verification *v = context;
    struct statement s = v->s;
    struct ehr_point E2, V2, U2;
    struct ehr_scalar e, z, recomputed;
    memcpy(s.E1.bytes, v->cfrag + 33, sizeof s.E1.bytes);
    memcpy(s.V1.bytes, v->cfrag + 65, sizeof s.V1.bytes);
    if (ehr_scalar_import(&e, v->cfrag + 97) != EHR_OK ||
        ehr_scalar_import(&z, v->cfrag + 129) != EHR_OK) {
        EHR_TRY(ehr_point_check(s.E1.bytes)); /* they come first in the order of checks; */
        EHR_TRY(ehr_point_check(s.V1.bytes)); /* else `commitment` decodes them */
        return EHR_SCALAR;
    }
    verified_points(&s, v->U_j);
    EHR_TRY(commitment(&E2, &z, &s.E, &e, &s.E1));
    EHR_TRY(commitment(&V2, &z, &s.V, &e, &s.V1));
    EHR_TRY(commitment(&U2, &z, ehr_group_u(), &e, &s.U_j));
    EHR_TRY(challenge(&recomputed, &s, &E2, &V2, &U2));
    return ehr_scalar_equal(&e, &recomputed) ? EHR_OK : EHR_CFRAG;
}

enum ehr_status ehr_cfrag_verify(const struct ehr_grant_verified *grant,
                                 const struct ehr_record_head *head, const uint8_t *cfrag,
                                 size_t cfrag_len)
{
    if (cfrag_len != EHR_CFRAG_BYTES)
        return EHR_LEN;
    uint8_t index = cfrag[32];
    if (memcmp(cfrag, grant->grant_id, 32) != 0 || index < 1 || index > grant->view.proxies)
        return EHR_CFRAG;
    struct verification v = {.s = {.grant_id = grant->grant_id,
                                   .label = head->label,
                                   .capsule = head->capsule,
                                   .index = index},
                             .cfrag = cfrag,
                             .U_j = grant->view.U + 32 * (size_t)(index - 1)};
    return EHR_MEMO_VERIFY(EHR_MEMO_CFRAG, verify_compute, &v, EHR_P(cfrag, EHR_CFRAG_BYTES),
                           EHR_H(head->label), EHR_P(head->capsule, EHR_CAPSULE_BYTES),
                           EHR_H(v.U_j));
}

enum ehr_status ehr_cfrag_check(struct ehr_cfrag_verified *share,
                                const struct ehr_grant_verified *grant,
                                const struct ehr_record_head *head, const uint8_t *cfrag,
                                size_t cfrag_len)
{
    enum ehr_status status = ehr_cfrag_verify(grant, head, cfrag, cfrag_len);
    memset(share, 0, sizeof *share);
    if (status != EHR_OK)
        return status;
    memcpy(share->bytes, cfrag, sizeof share->bytes);
    memcpy(share->capsule, head->capsule, sizeof share->capsule);
    return EHR_OK;
}

/* ---- blame ---- */

void ehr_cfrag_message(uint8_t message[32], const uint8_t cfrag[EHR_CFRAG_BYTES],
                       const uint8_t capsule[EHR_CAPSULE_BYTES])
{
    EHR_HASH32(message, "cfrag-sig", EHR_P(cfrag, EHR_CFRAG_BYTES),
               EHR_P(capsule, EHR_CAPSULE_BYTES));
}

void ehr_cfrag_sign(uint8_t sig[64], const uint8_t cfrag[EHR_CFRAG_BYTES],
                    const uint8_t capsule[EHR_CAPSULE_BYTES], const struct ehr_sign_key *node_key)
{
    uint8_t message[32];
    ehr_cfrag_message(message, cfrag, capsule);
    ehr_sign_make(sig, node_key, "sig-cfrag", message);
}

enum ehr_status ehr_cfrag_sig_verify(const uint8_t cfrag[EHR_CFRAG_BYTES],
                                     const uint8_t capsule[EHR_CAPSULE_BYTES],
                                     const uint8_t node_ed_pk[32], const uint8_t sig[64])
{
    uint8_t message[32];
    ehr_cfrag_message(message, cfrag, capsule);
    return ehr_sign_verify(node_ed_pk, "sig-cfrag", message, sig);
}
