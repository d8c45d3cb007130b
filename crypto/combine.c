#include "crypto/combine.h"

#include <assert.h>
#include <string.h>

#define SHARES_MAX EHR_GRANT_PROXIES_MAX

/* The shares after their checks, and what the data user derives for them. */
struct combination {
    size_t count;
    uint8_t index[SHARES_MAX];
    struct ehr_point E1[SHARES_MAX], V1[SHARES_MAX];
    struct ehr_scalar x[SHARES_MAX]; /* abscissae */
    struct ehr_scalar d;
};

static void mark(uint32_t *faulty, size_t i)
{
    if (faulty != NULL)
        *faulty |= (uint32_t)1 << i;
}

static enum ehr_status share_read(struct combination *c, const struct ehr_grant_verified *grant,
                                  const struct ehr_share *share)
{
    if (share->len != EHR_CFRAG_BYTES)
        return EHR_LEN;
    uint8_t index = share->bytes[32];
    if (memcmp(share->bytes, grant->grant_id, 32) != 0 || index < 1 || index > grant->view.proxies)
        return EHR_CFRAG;
    for (size_t i = 0; i < c->count; i++)
        if (c->index[i] == index)
            return EHR_DUP;
    EHR_TRY(ehr_point_import(&c->E1[c->count], share->bytes + 33));
    EHR_TRY(ehr_point_import(&c->V1[c->count], share->bytes + 65));
    c->index[c->count++] = index;
    return EHR_OK;
}

static enum ehr_status derive(struct combination *c, const struct ehr_grant_verified *grant,
                              const struct ehr_dh_key *data_user)
{
    struct ehr_point Z;
    EHR_TRY(ehr_point_mul(&Z, &data_user->secret, &grant->X));
    enum ehr_status status = ehr_grant_factor(&c->d, &grant->X, &grant->Y, &Z, grant->gctx);
    for (size_t i = 0; status == EHR_OK && i < c->count; i++)
        status = ehr_grant_abscissa(&c->x[i], &grant->X, &grant->Y, &Z, grant->gctx, c->index[i]);
    ehr_wipe(&Z, sizeof Z);
    return status;
}

/* Lagrange coefficient of share j at 0: prod x_k / (x_k - x_j), with one inversion. */
static enum ehr_status lagrange(struct ehr_scalar *lambda, const struct combination *c, size_t j)
{
    struct ehr_scalar above = {{1}}, below = {{1}}, difference;
    for (size_t k = 0; k < c->count; k++) {
        if (k == j)
            continue;
        ehr_scalar_mul(&above, &above, &c->x[k]);
        ehr_scalar_sub(&difference, &c->x[k], &c->x[j]);
        ehr_scalar_mul(&below, &below, &difference);
    }
    EHR_TRY(ehr_scalar_invert(&below, &below));
    ehr_scalar_mul(lambda, &above, &below);
    return EHR_OK;
}

static enum ehr_status weighted_add(struct ehr_point *sum, const struct ehr_scalar *lambda,
                                    const struct ehr_point *p, bool first)
{
    struct ehr_point term;
    EHR_TRY(ehr_point_mul(&term, lambda, p));
    if (!first)
        return ehr_point_add(sum, sum, &term);
    *sum = term;
    return EHR_OK;
}

/* K = d(E' + V'), after s*Q = d(hE' + V'). */
static enum ehr_status interpolate(struct ehr_point *K, const struct combination *c,
                                   const struct ehr_record_head *head, const struct ehr_point *Q)
{
    struct ehr_point E, V, left, right;
    struct ehr_scalar lambda, h, s;
    for (size_t j = 0; j < c->count; j++) {
        EHR_TRY(lagrange(&lambda, c, j));
        EHR_TRY(weighted_add(&E, &lambda, &c->E1[j], j == 0));
        EHR_TRY(weighted_add(&V, &lambda, &c->V1[j], j == 0));
    }
    EHR_TRY(ehr_capsule_challenge(&h, head->capsule, head->label));
    EHR_TRY(ehr_scalar_import(&s, head->capsule + 64));
    EHR_TRY(ehr_point_mul(&left, &s, Q));
    EHR_TRY(ehr_point_mul(&right, &h, &E));
    EHR_TRY(ehr_point_add(&right, &right, &V));
    EHR_TRY(ehr_point_mul(&right, &c->d, &right));
    if (!ehr_point_equal(&left, &right))
        return EHR_COMBINE;
    EHR_TRY(ehr_point_add(&E, &E, &V));
    return ehr_point_mul(K, &c->d, &E);
}

static enum ehr_status combine(struct ehr_point *K, struct combination *c,
                               const struct ehr_dh_key *data_user,
                               const struct ehr_grant_verified *grant,
                               const struct ehr_record_head *head, const struct ehr_share *shares,
                               size_t count, uint32_t *faulty)
{
    if (!ehr_point_equal(&data_user->public, &grant->Y))
        return EHR_POLICY;
    if (count != grant->view.threshold)
        return EHR_THRESH;
    for (size_t i = 0; i < count; i++) {
        enum ehr_status status = share_read(c, grant, &shares[i]);
        if (status != EHR_OK) {
            mark(faulty, i);
            return status;
        }
    }
    /* Whatever fails from here on is the shares' doing. */
    if (derive(c, grant, data_user) != EHR_OK || interpolate(K, c, head, &grant->visit.Q) != EHR_OK)
        return EHR_COMBINE;
    return EHR_OK;
}

enum ehr_status ehr_combine(struct ehr_point *K, const struct ehr_dh_key *data_user,
                            const struct ehr_grant_verified *grant,
                            const struct ehr_record_head *head, const struct ehr_share *shares,
                            size_t count, uint32_t *faulty)
{
    struct combination c = {0};
    if (faulty != NULL)
        *faulty = 0;
    enum ehr_status status = combine(K, &c, data_user, grant, head, shares, count, faulty);
    ehr_wipe(&c, sizeof c);
    if (status != EHR_OK)
        ehr_wipe(K, sizeof *K);
    return status;
}

enum ehr_status ehr_combine_verified(struct ehr_point *K, const struct ehr_dh_key *data_user,
                                     const struct ehr_grant_verified *grant,
                                     const struct ehr_record_head *head,
                                     const struct ehr_cfrag_verified *shares, size_t count)
{
    struct ehr_share list[EHR_GRANT_PROXIES_MAX];
    ehr_wipe(K, sizeof *K);
    if (count > EHR_GRANT_PROXIES_MAX)
        return EHR_THRESH;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(shares[i].capsule, head->capsule, EHR_CAPSULE_BYTES) != 0)
            return EHR_CFRAG; /* the proof is about another record */
        list[i] = (struct ehr_share){shares[i].bytes, EHR_CFRAG_BYTES};
    }
    return ehr_combine(K, data_user, grant, head, list, count, NULL);
}

static void blame(uint32_t *faulty, const struct ehr_grant_verified *grant,
                  const struct ehr_record_head *head, const struct ehr_share *shares, size_t count)
{
    for (size_t i = 0; faulty != NULL && i < count; i++)
        if (ehr_cfrag_verify(grant, head, shares[i].bytes, shares[i].len) != EHR_OK)
            mark(faulty, i);
}

enum ehr_status ehr_combine_open(uint8_t *plaintext, size_t capacity, size_t *plaintext_len,
                                 const struct ehr_dh_key *data_user,
                                 const struct ehr_grant_verified *grant,
                                 const struct ehr_share *shares, size_t count,
                                 const uint8_t *sealed, size_t sealed_len, uint32_t *faulty)
{
    struct ehr_record_head head;
    struct ehr_point K = {{0}};
    *plaintext_len = 0;
    if (faulty != NULL)
        *faulty = 0;
    enum ehr_status status = ehr_record_check(&head, sealed, sealed_len, &grant->visit);
    if (status == EHR_OK)
        status = ehr_combine(&K, data_user, grant, &head, shares, count, faulty);
    if (status == EHR_OK) {
        assert(capacity >= sealed_len - EHR_RECORD_OVERHEAD_BYTES);
        status = ehr_record_decrypt(plaintext, plaintext_len, &head, sealed, sealed_len, &K);
    } else if (capacity != 0) {
        memset(plaintext, 0, capacity);
    }
    if (status == EHR_COMBINE || status == EHR_KCOM)
        blame(faulty, grant, &head, shares, count);
    ehr_wipe(&K, sizeof K);
    return status;
}
