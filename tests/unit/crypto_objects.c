#include "tests/unit/crypto_objects.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/cert.h"
#include "crypto/combine.h"
#include "crypto/index.h"
#include "crypto/schnorr.h"
#include "crypto/vote.h"

enum { NOW = 500, PLAINTEXT = 11, PROXIES = 2, SEALED = 256 + EHR_RECORD_OVERHEAD_BYTES };

static const uint8_t plaintext[PLAINTEXT] = {'b', 'p', ' ', '1', '2', '0', ' ', '/', ' ', '8', '0'};

struct parties {
    struct ehr_sign_key root, hospital, doctor;
    struct ehr_cert certs[3]; /* root, hospital, doctor */
    uint8_t chain[3][EHR_CERT_BYTES];
    struct ehr_dh_key doctor_dh, index_key, data_user, nodes[PROXIES], foreign;
    struct ehr_patient_keys patient;
    struct ehr_card_issued card;
    uint8_t context[32], nonce[16], label[32];
    struct ehr_visit_keys visit_keys;
    struct ehr_record_visit visit;
    struct ehr_grant_verified grant;
    uint8_t grant_bytes[EHR_GRANT_BYTES(PROXIES)];
    struct ehr_kfrag_verified kfrag;
    struct ehr_record_head head;
    uint8_t sealed[SEALED], cfrags[PROXIES][EHR_CFRAG_BYTES], index_secret[32];
    uint8_t mac_key[32];
    struct object objects[OBJECTS];
    size_t count;
};

/* ---- how receivers check ---- */

static enum ehr_status cert_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    const struct ehr_part chain[] = {EHR_P(p->chain[0], EHR_CERT_BYTES),
                                     EHR_P(p->chain[1], EHR_CERT_BYTES), EHR_P(bytes, length)};
    const struct ehr_cert_policy policy = {p->certs[0].id, EHR_ROLE_DOCTOR, NOW, NULL, NULL};
    struct ehr_cert_verified out;
    return ehr_cert_chain_verify(&out, chain, 3, &policy);
}

static enum ehr_status epoch_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    struct ehr_point out;
    return ehr_epoch_cert_verify(&out, EHR_EPOCH_KEY_INDEX, bytes, length, p->certs[2].id,
                                 p->doctor.public, 3);
}

static enum ehr_status crev_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_cert_revoke_verify(p->hospital.public, p->certs[2].id, 7, 1, bytes);
}

static enum ehr_status card_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    const struct ehr_card_expected expected = {p->certs[2].id, p->nonce, p->certs[1].id,
                                               p->hospital.public, NOW};
    struct ehr_patient_public patient;
    uint8_t ref[32];
    return ehr_card_check(&patient, ref, bytes, length, &p->doctor_dh, &expected);
}

/* A pseudonym of somebody else is no error: POLICY stands for a miss. */
static enum ehr_status pseudonym_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    struct ehr_visit_keys keys;
    bool hit;
    enum ehr_status status =
        ehr_pseudonym_detect(&keys, &hit, bytes, length, &p->patient, p->certs[1].id);
    return status == EHR_OK && !hit ? EHR_POLICY : status;
}

static enum ehr_status own_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_own_verify(p->visit.P.bytes, p->context, p->context, 9, bytes);
}

/* The key of a signature is what changes: public key | signature. */
static enum ehr_status schnorr_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_schnorr_verify("sig-visit", bytes, p->context, bytes + 32);
}

static enum ehr_status ed25519_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_sign_verify(bytes, "sig-ptx", p->context, bytes + 32);
}

static enum ehr_status vote_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_vote_verify(p->doctor.public, p->context, bytes);
}

static enum ehr_status mac_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_mac_verify(p->mac_key, p->certs[1].id, p->certs[2].id, p->context, bytes);
}

static enum ehr_status box_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    uint8_t out[OBJECT_BYTES_MAX];
    return ehr_box_open(out, &p->doctor_dh, p->context, bytes, length);
}

static enum ehr_status capsule_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_capsule_check(bytes, p->label);
}

static enum ehr_status record_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    uint8_t out[OBJECT_BYTES_MAX];
    size_t opened;
    return ehr_record_open(out, sizeof out, &opened, bytes, length, &p->visit_keys.q, &p->visit.P,
                           p->visit.hid);
}

static enum ehr_status grant_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)p;
    struct ehr_grant_verified out;
    return ehr_grant_verify(&out, bytes, length);
}

/* A node's share, boxed; the grant is the honest one. */
static enum ehr_status sealed_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    struct ehr_grant_verified grant = p->grant;
    struct ehr_kfrag kfrag;
    (void)length;
    grant.view.sealed = bytes;
    return ehr_kfrag_open(&kfrag, &grant, 1, &p->nodes[0]);
}

static enum ehr_status kfrag_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    struct ehr_kfrag kfrag = {.index = 1};
    struct ehr_kfrag_verified out;
    (void)length;
    memcpy(kfrag.rk.bytes, bytes, sizeof kfrag.rk.bytes);
    return ehr_kfrag_verify(&out, &kfrag, &p->grant);
}

static enum ehr_status cfrag_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    return ehr_cfrag_verify(&p->grant, &p->head, bytes, length);
}

static enum ehr_status cfrag_sig_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_cfrag_sig_verify(p->cfrags[0], p->head.capsule, p->doctor.public, bytes);
}

/* The data user opens with this share and an honest one. Shares that combine are not looked at
 * more closely: any record but the right one is POLICY here, which must not occur. */
static enum ehr_status combine_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    const struct ehr_share shares[] = {{bytes, length}, {p->cfrags[1], EHR_CFRAG_BYTES}};
    uint8_t out[OBJECT_BYTES_MAX];
    size_t opened;
    uint32_t faulty = 0;
    enum ehr_status status = ehr_combine_open(out, sizeof out, &opened, &p->data_user, &p->grant,
                                              shares, 2, p->sealed, SEALED, &faulty);
    if (status == EHR_OK && (opened != PLAINTEXT || memcmp(out, plaintext, PLAINTEXT) != 0))
        return EHR_POLICY;
    return status != EHR_OK && faulty != 1 ? EHR_DUP : status; /* blamed: this one alone */
}

static enum ehr_status revoke_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_revoke_verify(p->visit.P.bytes, p->grant.grant_id, 70, bytes);
}

/* Another key gives another index: that is no status, so POLICY stands for it. */
static enum ehr_status index_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    const struct ehr_dh_key f = {p->patient.f, p->patient.public.F};
    uint8_t secret[32];
    (void)length;
    EHR_TRY(ehr_index_key_patient(secret, &f, bytes));
    return memcmp(secret, p->index_secret, sizeof secret) == 0 ? EHR_OK : EHR_POLICY;
}

static enum ehr_status scope_check(const struct parties *p, const uint8_t *bytes, size_t length)
{
    const uint8_t *coms;
    uint8_t purpose, hash[32];
    size_t count;
    EHR_TRY(ehr_scope_parse(&purpose, &coms, &count, bytes, length));
    ehr_scope_hash(hash, bytes, length);
    return memcmp(hash, p->grant.view.scope_hash, sizeof hash) == 0 ? EHR_OK : EHR_POLICY;
}

/* ---- making ---- */

static struct object *object_add(struct parties *p, const char *name, size_t length,
                                 enum ehr_status (*check)(const struct parties *, const uint8_t *,
                                                          size_t))
{
    struct object *object = &p->objects[p->count++];
    object->name = name;
    object->length = length;
    object->check = check;
    return object;
}

static void places_set(struct object *object, size_t points, size_t scalars, const size_t *places)
{
    object->points = points;
    object->scalars = scalars;
    memcpy(object->places, places, (points + scalars) * sizeof *places);
}

static void cert_make(struct parties *p, int i, uint8_t role, const struct ehr_sign_key *subject,
                      const struct ehr_sign_key *issuer)
{
    p->certs[i] = (struct ehr_cert){.role = role,
                                    .serial = (uint64_t)i,
                                    .not_before = 100,
                                    .not_after = 1000,
                                    .dh_pk = p->doctor_dh.public};
    memcpy(p->certs[i].ed_pk, subject->public, 32);
    if (i > 0)
        memcpy(p->certs[i].issuer_id, p->certs[i - 1].id, 32);
    ehr_cert_issue(p->chain[i], &p->certs[i], issuer);
}

static enum ehr_status identities_make(struct parties *p, struct ehr_rng *rng)
{
    struct ehr_sign_key *keys[] = {&p->root, &p->hospital, &p->doctor};
    struct ehr_dh_key *pairs[] = {&p->doctor_dh, &p->index_key, &p->data_user,
                                  &p->nodes[0],  &p->nodes[1],  &p->foreign};
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ehr_rng_fill(rng, seed, sizeof seed);
        ehr_sign_key_init(keys[i], seed);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        EHR_TRY(ehr_dh_key_make(pairs[i], rng));
    cert_make(p, 0, EHR_ROLE_ROOT, &p->root, &p->root);
    cert_make(p, 1, EHR_ROLE_HOSPITAL, &p->hospital, &p->root);
    cert_make(p, 2, EHR_ROLE_DOCTOR, &p->doctor, &p->hospital);
    ehr_rng_fill(rng, p->context, sizeof p->context);
    ehr_rng_fill(rng, p->nonce, sizeof p->nonce);
    ehr_rng_fill(rng, seed, sizeof seed);
    EHR_TRY(ehr_patient_keys_derive(&p->patient, seed));
    ehr_card_issue(&p->card, seed, 1001, 1, p->certs[1].id, 1000, &p->patient.public, &p->hospital);
    return EHR_OK;
}

static enum ehr_status identity_objects(struct parties *p, struct ehr_rng *rng)
{
    struct object *o = object_add(p, "certificate", EHR_CERT_BYTES, cert_check);
    memcpy(o->bytes, p->chain[2], EHR_CERT_BYTES);
    places_set(o, 1, 0, (const size_t[]){96});
    o = object_add(p, "epoch key", EHR_EPOCH_CERT_BYTES, epoch_check);
    ehr_epoch_cert_make(o->bytes, EHR_EPOCH_KEY_INDEX, p->certs[2].id, 3, &p->index_key.public,
                        &p->doctor);
    places_set(o, 1, 0, (const size_t[]){40});
    o = object_add(p, "revocation of a certificate", 64, crev_check);
    o->fixed = true;
    ehr_cert_revoke_sign(o->bytes, &p->hospital, p->certs[2].id, 7, 1);
    o = object_add(p, "showing of a card", EHR_CARD_SHOW_BYTES, card_check);
    const struct ehr_card_holder holder = {p->card.m, p->card.card, &p->patient.o,
                                           &p->patient.public};
    EHR_TRY(ehr_card_show(o->bytes, &holder, p->certs[2].id, &p->doctor_dh.public, p->nonce, rng));
    places_set(o, 1, 0, (const size_t[]){0});
    o = object_add(p, "pseudonym", EHR_PSEUDONYM_BYTES, pseudonym_check);
    struct ehr_pseudonym pseudonym;
    bool hit;
    EHR_TRY(ehr_pseudonym_make(&pseudonym, &p->patient.public, p->certs[1].id, rng));
    ehr_pseudonym_encode(o->bytes, &pseudonym);
    places_set(o, 3, 0, (const size_t[]){0, 32, 64});
    EHR_TRY(ehr_pseudonym_detect(&p->visit_keys, &hit, o->bytes, o->length, &p->patient,
                                 p->certs[1].id));
    p->visit = (struct ehr_record_visit){.P = pseudonym.P, .Q = pseudonym.Q};
    memcpy(p->visit.hid, p->certs[1].id, 32);
    return hit ? EHR_OK : EHR_POLICY;
}

static enum ehr_status message_objects(struct parties *p, struct ehr_rng *rng)
{
    const struct ehr_visit_keys *keys = &p->visit_keys;
    struct object *o = object_add(p, "proof of ownership", EHR_SCHNORR_BYTES, own_check);
    o->fixed = true;
    EHR_TRY(ehr_own_sign(o->bytes, &keys->p, &p->visit.P, p->context, p->context, 9, rng));
    places_set(o, 0, 1, (const size_t[]){32});
    o = object_add(p, "key and Schnorr signature", 32 + EHR_SCHNORR_BYTES, schnorr_check);
    o->fixed = true;
    memcpy(o->bytes, p->visit.P.bytes, 32);
    EHR_TRY(ehr_schnorr_sign(o->bytes + 32, "sig-visit", &keys->p, &p->visit.P, p->context, rng));
    places_set(o, 1, 1, (const size_t[]){0, 64});
    o = object_add(p, "key and Ed25519 signature", 96, ed25519_check);
    o->fixed = true;
    memcpy(o->bytes, p->doctor.public, 32);
    ehr_sign_make(o->bytes + 32, &p->doctor, "sig-ptx", p->context);
    o = object_add(p, "vote", 64, vote_check);
    o->fixed = true;
    ehr_vote_sign(o->bytes, &p->doctor, p->context);
    o = object_add(p, "tag of a pair", EHR_TAG_BYTES, mac_check);
    o->fixed = true;
    uint8_t key[32];
    EHR_TRY(ehr_mac_key_derive(p->mac_key, &p->doctor_dh, p->data_user.public.bytes));
    EHR_TRY(ehr_mac_key_derive(key, &p->data_user, p->doctor_dh.public.bytes));
    ehr_mac_make(o->bytes, key, p->certs[1].id, p->certs[2].id, p->context);
    o = object_add(p, "box", 60 + EHR_BOX_OVERHEAD_BYTES, box_check);
    EHR_TRY(ehr_box_seal(o->bytes, &p->doctor_dh.public, p->context, p->grant_bytes, 60, rng));
    places_set(o, 1, 0, (const size_t[]){0});
    o = object_add(p, "index key", 32, index_check);
    o->fixed = true;
    memcpy(o->bytes, p->index_key.public.bytes, 32);
    places_set(o, 1, 0, (const size_t[]){0});
    return ehr_index_key_doctor(p->index_secret, &p->index_key, p->patient.public.F.bytes);
}

static enum ehr_status grant_objects(struct parties *p, struct ehr_rng *rng)
{
    struct object *scope = object_add(p, "scope", EHR_SCOPE_BYTES(2), scope_check);
    uint8_t coms[64] = {1}, scope_hash[32], node_keys[32 * PROXIES], cert_ids[32 * PROXIES] = {0};
    memset(coms + 32, 2, 32);
    EHR_TRY(ehr_scope_encode(scope->bytes, 1, coms, 2));
    ehr_scope_hash(scope_hash, scope->bytes, scope->length);
    for (size_t i = 0; i < PROXIES; i++)
        memcpy(node_keys + 32 * i, p->nodes[i].public.bytes, 32);
    const struct ehr_grant_terms terms = {.keys = &p->visit_keys,
                                          .Y = p->data_user.public.bytes,
                                          .hid = p->visit.hid,
                                          .du_cert_id = p->context,
                                          .scope_hash = scope_hash,
                                          .epoch = 3,
                                          .threshold = 2,
                                          .proxies = PROXIES,
                                          .cert_ids = cert_ids,
                                          .node_keys = node_keys,
                                          .not_before = 100,
                                          .not_after = 200};
    struct object *o = object_add(p, "grant", sizeof p->grant_bytes, grant_check);
    EHR_TRY(ehr_grant_make(p->grant_bytes, sizeof p->grant_bytes, &terms, rng));
    EHR_TRY(ehr_grant_verify(&p->grant, p->grant_bytes, sizeof p->grant_bytes));
    memcpy(o->bytes, p->grant_bytes, sizeof p->grant_bytes);
    places_set(o, 7, 1, (const size_t[]){19, 51, 147, 259, 291, 323, 355, 515});
    o = object_add(p, "sealed share of a grant", 48 * PROXIES, sealed_check);
    o->fixed = true;
    memcpy(o->bytes, p->grant.view.sealed, o->length);
    o->length = 48; /* of the first proxy; the other's stands behind it */
    o = object_add(p, "revocation of a grant", EHR_SCHNORR_BYTES, revoke_check);
    o->fixed = true;
    places_set(o, 0, 1, (const size_t[]){32});
    return ehr_revoke_sign(o->bytes, &p->visit_keys.p, &p->visit.P, p->grant.grant_id, 70, rng);
}

static enum ehr_status record_objects(struct parties *p, struct ehr_rng *rng)
{
    struct object *o = object_add(p, "sealed record", SEALED, record_check);
    EHR_TRY(ehr_record_seal(p->sealed, SEALED, &p->visit, plaintext, PLAINTEXT, rng));
    EHR_TRY(ehr_record_head_check(&p->head, p->sealed, EHR_RECORD_HEAD_BYTES, &p->visit));
    memcpy(o->bytes, p->sealed, SEALED);
    places_set(o, 3, 1, (const size_t[]){8, 40, 72, 104});
    o = object_add(p, "capsule", EHR_CAPSULE_BYTES, capsule_check);
    o->fixed = true;
    memcpy(o->bytes, p->head.capsule, EHR_CAPSULE_BYTES);
    memcpy(p->label, p->head.label, sizeof p->label);
    places_set(o, 2, 1, (const size_t[]){0, 32, 64});
    return EHR_OK;
}

static enum ehr_status share_objects(struct parties *p, struct ehr_rng *rng)
{
    uint8_t body_hash[32], ct_hash[32];
    ehr_record_body_hash(body_hash, p->sealed + EHR_RECORD_HEAD_BYTES,
                         SEALED - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(ct_hash, p->sealed, SEALED);
    const struct ehr_reencrypt_request request = {
        p->sealed, EHR_RECORD_HEAD_BYTES, body_hash, ct_hash, 150, false};
    struct object *rk = object_add(p, "key fragment", 32, kfrag_check);
    rk->fixed = true;
    places_set(rk, 0, 1, (const size_t[]){0});
    for (uint8_t i = 0; i < PROXIES; i++) {
        struct ehr_kfrag kfrag;
        EHR_TRY(ehr_kfrag_open(&kfrag, &p->grant, (uint8_t)(i + 1), &p->nodes[i]));
        EHR_TRY(ehr_kfrag_verify(&p->kfrag, &kfrag, &p->grant));
        EHR_TRY(ehr_reencrypt(p->cfrags[i], &p->grant, &p->kfrag, &request, rng));
        if (i == 0)
            memcpy(rk->bytes, kfrag.rk.bytes, 32);
    }
    struct object *o = object_add(p, "share", EHR_CFRAG_BYTES, cfrag_check);
    memcpy(o->bytes, p->cfrags[0], EHR_CFRAG_BYTES);
    places_set(o, 2, 2, (const size_t[]){33, 65, 97, 129});
    o = object_add(p, "share that is combined", EHR_CFRAG_BYTES, combine_check);
    memcpy(o->bytes, p->cfrags[0], EHR_CFRAG_BYTES);
    places_set(o, 2, 0, (const size_t[]){33, 65});
    o = object_add(p, "signature under a share", 64, cfrag_sig_check);
    o->fixed = true;
    ehr_cfrag_sign(o->bytes, p->cfrags[0], p->head.capsule, &p->doctor);
    return EHR_OK;
}

struct parties *parties_new(struct ehr_rng *rng)
{
    struct parties *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    if (identities_make(p, rng) == EHR_OK && identity_objects(p, rng) == EHR_OK &&
        message_objects(p, rng) == EHR_OK && grant_objects(p, rng) == EHR_OK &&
        record_objects(p, rng) == EHR_OK && share_objects(p, rng) == EHR_OK && p->count == OBJECTS)
        return p;
    free(p);
    return NULL;
}

void parties_free(struct parties *parties)
{
    free(parties);
}

const struct object *parties_objects(const struct parties *parties)
{
    return parties->objects;
}

const uint8_t *parties_foreign_point(const struct parties *parties)
{
    return parties->foreign.public.bytes;
}
