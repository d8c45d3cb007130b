#include "tests/properties/sharing.h"

#include <string.h>

void sharing_size(struct property_case *c, size_t most, size_t *t, size_t *n)
{
    *n = property_between(c, 2, most);
    *t = property_between(c, 2, *n);
}

static void visit_make(struct sharing *s)
{
    struct property_case *c = s->c;
    struct ehr_dh_key p, q;
    property_dh_key(c, &p);
    property_dh_key(c, &q);
    s->keys = (struct ehr_visit_keys){p.secret, q.secret};
    s->visit.P = p.public;
    s->visit.Q = q.public;
    property_bytes(c, s->visit.hid, 32);
    property_dh_key(c, &s->data_user);
    property_bytes(c, s->du_cert_id, 32);
    property_bytes(c, s->scope_hash, 32);
    property_bytes(c, s->cert_ids, 32 * s->n);
    for (size_t i = 0; i < s->n; i++) {
        property_dh_key(c, &s->nodes[i]);
        memcpy(s->node_keys + 32 * i, s->nodes[i].public.bytes, 32);
    }
}

void sharing_record_again(struct sharing *s)
{
    struct property_case *c = s->c;
    property_bytes(c, s->plaintext, sizeof s->plaintext);
    GIVES(c,
          ehr_record_seal(s->sealed, sizeof s->sealed, &s->visit, s->plaintext, sizeof s->plaintext,
                          c->rng),
          EHR_OK);
    ehr_record_body_hash(s->body_hash, s->sealed + EHR_RECORD_HEAD_BYTES,
                         sizeof s->sealed - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(s->ct_hash, s->sealed, sizeof s->sealed);
    GIVES(c, ehr_record_check(&s->head, s->sealed, sizeof s->sealed, &s->visit), EHR_OK);
}

void sharing_grant_again(struct sharing *s)
{
    GIVES(s->c, ehr_grant_make(s->grant_bytes, s->grant_length, &s->terms, s->c->rng), EHR_OK);
    GIVES(s->c, ehr_grant_verify(&s->grant, s->grant_bytes, s->grant_length), EHR_OK);
}

void sharing_make(struct sharing *s, struct property_case *c, size_t t, size_t n)
{
    *s = (struct sharing){.c = c, .t = t, .n = n, .grant_length = EHR_GRANT_BYTES(n)};
    visit_make(s);
    uint64_t not_before = property_between(c, 0, 1000);
    s->terms = (struct ehr_grant_terms){
        .keys = &s->keys,
        .Y = s->data_user.public.bytes,
        .hid = s->visit.hid,
        .du_cert_id = s->du_cert_id,
        .scope_hash = s->scope_hash,
        .epoch = (uint32_t)property_u64(c),
        .threshold = t,
        .proxies = n,
        .cert_ids = s->cert_ids,
        .node_keys = s->node_keys,
        .not_before = not_before,
        .not_after = not_before + property_between(c, 0, 1000),
    };
    s->request = (struct ehr_reencrypt_request){
        .head = s->sealed,
        .head_len = EHR_RECORD_HEAD_BYTES,
        .body_hash = s->body_hash,
        .ct_hash = s->ct_hash,
        .height = property_between(c, not_before, s->terms.not_after),
    };
    sharing_grant_again(s);
    sharing_record_again(s);
}

void sharing_kfrag(struct sharing *s, size_t i, struct ehr_kfrag_verified *kfrag)
{
    struct ehr_kfrag opened;
    GIVES(s->c, ehr_kfrag_open(&opened, &s->grant, (uint8_t)(i + 1), &s->nodes[i]), EHR_OK);
    GIVES(s->c, ehr_kfrag_verify(kfrag, &opened, &s->grant), EHR_OK);
}

void sharing_cfrag(struct sharing *s, size_t i, uint8_t cfrag[EHR_CFRAG_BYTES])
{
    struct ehr_kfrag_verified kfrag;
    sharing_kfrag(s, i, &kfrag);
    GIVES(s->c, ehr_reencrypt(cfrag, &s->grant, &kfrag, &s->request, s->c->rng), EHR_OK);
}

enum ehr_status sharing_open(struct sharing *s, const struct ehr_share *shares, size_t count,
                             uint32_t *faulty)
{
    uint8_t opened[SHARING_SEALED];
    size_t length = 99;
    memset(opened, 0xaa, sizeof opened);
    enum ehr_status status =
        ehr_combine_open(opened, sizeof opened, &length, &s->data_user, &s->grant, shares, count,
                         s->sealed, sizeof s->sealed, faulty);
    if (status == EHR_OK) {
        HOLDS(s->c, length == sizeof s->plaintext);
        HOLDS(s->c, memcmp(opened, s->plaintext, sizeof s->plaintext) == 0);
        HOLDS(s->c, *faulty == 0);
    } else {
        HOLDS(s->c, length == 0);
        HOLDS(s->c, property_is_zero(opened, SHARING_SEALED - EHR_RECORD_OVERHEAD_BYTES));
    }
    return status;
}
