/* Operations on identities: cert, card, pseudonym, vote. */
#include <string.h>

#include "crypto/card.h"
#include "crypto/cert.h"
#include "crypto/pseudonym.h"
#include "crypto/vote.h"
#include "tests/vectors/harness.h"

static struct ehr_sign_key sign_key_in(struct ehr_vector *v, const char *name)
{
    struct ehr_sign_key key;
    ehr_sign_key_init(&key, ehr_vector_in_fixed(v, name, 32));
    return key;
}

/* ---- cert ---- */

static enum ehr_status op_cert_issue(struct ehr_vector *v)
{
    struct ehr_sign_key issuer = sign_key_in(v, "issuer_seed");
    struct ehr_cert cert = {
        .role = (uint8_t)ehr_vector_in_uint(v, "role"),
        .flags = (uint8_t)ehr_vector_in_uint(v, "flags"),
        .serial = ehr_vector_in_uint(v, "serial"),
        .not_before = ehr_vector_in_uint(v, "not_before"),
        .not_after = ehr_vector_in_uint(v, "not_after"),
        .dh_pk = ehr_vector_in_point(v, "dh_pk"),
    };
    uint8_t bytes[EHR_CERT_BYTES];
    memcpy(cert.issuer_id, ehr_vector_in_fixed(v, "issuer_id", 32), 32);
    memcpy(cert.ed_pk, ehr_vector_in_fixed(v, "ed_pk", 32), 32);
    ehr_cert_name_hash(cert.name_hash, ehr_vector_in_text(v, "name"));
    ehr_cert_issue(bytes, &cert, &issuer);
    ehr_vector_out(v, "cert", bytes, sizeof bytes);
    ehr_vector_out(v, "cert_id", cert.id, 32);
    return EHR_OK;
}

struct revoked_list {
    const uint8_t *ids;
    size_t count;
};

static bool revoked_list_contains(void *context, const uint8_t cert_id[32])
{
    const struct revoked_list *list = context;
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->ids + 32 * i, cert_id, 32) == 0)
            return true;
    return false;
}

static enum ehr_status op_chain_verify(struct ehr_vector *v)
{
    size_t count, i = 0;
    const cJSON *list = ehr_vector_in_list(v, "certs", &count), *item;
    struct ehr_part *certs = ehr_vector_alloc(v, count * sizeof *certs);
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes cert = ehr_vector_item_bytes(v, item);
        certs[i++] = EHR_P(cert.bytes, cert.len);
    }
    struct revoked_list revoked;
    revoked.ids = ehr_vector_in_concat(v, "revoked", 32, &revoked.count);
    struct ehr_cert_policy policy = {
        .root_id = ehr_vector_in_fixed(v, "root_id", 32),
        .role = (enum ehr_role)ehr_vector_in_uint(v, "role"),
        .now = ehr_vector_in_uint(v, "now"),
        .revoked = revoked_list_contains,
        .context = &revoked,
    };
    struct ehr_cert_verified out;
    EHR_TRY(ehr_cert_chain_verify(&out, certs, count, &policy));
    ehr_vector_out(v, "cert_id", out.cert.id, 32);
    ehr_vector_out(v, "ed_pk", out.cert.ed_pk, 32);
    ehr_vector_out(v, "dh_pk", out.cert.dh_pk.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_cert_revoke(struct ehr_vector *v)
{
    struct ehr_sign_key issuer = sign_key_in(v, "issuer_seed");
    const uint8_t *cert_id = ehr_vector_in_fixed(v, "cert_id", 32);
    uint64_t height = ehr_vector_in_uint(v, "height");
    uint8_t reason = (uint8_t)ehr_vector_in_uint(v, "reason"), hash[32], sig[64];
    ehr_cert_revoke_digest(hash, cert_id, height, reason);
    ehr_cert_revoke_sign(sig, &issuer, cert_id, height, reason);
    EHR_TRY(ehr_cert_revoke_verify(issuer.public, cert_id, height, reason, sig));
    ehr_vector_out(v, "hash", hash, sizeof hash);
    ehr_vector_out(v, "sig", sig, sizeof sig);
    return EHR_OK;
}

static enum ehr_status epoch_cert_make(struct ehr_vector *v, enum ehr_epoch_key_kind kind,
                                       const char *id, const char *key, const char *seed)
{
    struct ehr_sign_key owner = sign_key_in(v, seed);
    struct ehr_point public = ehr_vector_in_point(v, key);
    uint8_t cert[EHR_EPOCH_CERT_BYTES];
    ehr_epoch_cert_make(cert, kind, ehr_vector_in_fixed(v, id, 32),
                        (uint32_t)ehr_vector_in_uint(v, "epoch"), &public, &owner);
    ehr_vector_out(v, "cert", cert, sizeof cert);
    return EHR_OK;
}

static enum ehr_status epoch_cert_verify(struct ehr_vector *v, enum ehr_epoch_key_kind kind,
                                         const char *id, const char *pk, const char *key)
{
    struct ehr_point public;
    struct ehr_vector_bytes cert = ehr_vector_in(v, "cert");
    EHR_TRY(ehr_epoch_cert_verify(&public, kind, cert.bytes, cert.len,
                                  ehr_vector_in_fixed(v, id, 32), ehr_vector_in_fixed(v, pk, 32),
                                  (uint32_t)ehr_vector_in_uint(v, "epoch")));
    ehr_vector_out(v, key, public.bytes, 32);
    return EHR_OK;
}

static enum ehr_status op_idx_cert_make(struct ehr_vector *v)
{
    return epoch_cert_make(v, EHR_EPOCH_KEY_INDEX, "doctor_id", "W", "doctor_seed");
}

static enum ehr_status op_idx_cert_verify(struct ehr_vector *v)
{
    return epoch_cert_verify(v, EHR_EPOCH_KEY_INDEX, "doctor_id", "doctor_pk", "W");
}

static enum ehr_status op_node_key_make(struct ehr_vector *v)
{
    return epoch_cert_make(v, EHR_EPOCH_KEY_SEALING, "node_id", "N", "node_seed");
}

static enum ehr_status op_node_key_verify(struct ehr_vector *v)
{
    return epoch_cert_verify(v, EHR_EPOCH_KEY_SEALING, "node_id", "node_pk", "N");
}

/* ---- card ---- */

static struct ehr_patient_public patient_in(struct ehr_vector *v)
{
    return (struct ehr_patient_public){.V = ehr_vector_in_point(v, "V"),
                                       .O = ehr_vector_in_point(v, "O"),
                                       .C = ehr_vector_in_point(v, "C"),
                                       .F = ehr_vector_in_point(v, "F")};
}

static void patient_out(struct ehr_vector *v, const struct ehr_patient_public *patient)
{
    ehr_vector_out(v, "V", patient->V.bytes, 32);
    ehr_vector_out(v, "O", patient->O.bytes, 32);
    ehr_vector_out(v, "C", patient->C.bytes, 32);
    ehr_vector_out(v, "F", patient->F.bytes, 32);
}

static enum ehr_status op_patient_keys(struct ehr_vector *v)
{
    struct ehr_patient_keys keys;
    EHR_TRY(ehr_patient_keys_derive(&keys, ehr_vector_in_fixed(v, "seed", 32)));
    ehr_vector_out(v, "v", keys.v.bytes, 32);
    ehr_vector_out(v, "o", keys.o.bytes, 32);
    ehr_vector_out(v, "c", keys.c.bytes, 32);
    ehr_vector_out(v, "f", keys.f.bytes, 32);
    patient_out(v, &keys.public);
    return EHR_OK;
}

static enum ehr_status op_card_issue(struct ehr_vector *v)
{
    struct ehr_sign_key hospital = sign_key_in(v, "hospital_seed");
    struct ehr_patient_public patient = patient_in(v);
    struct ehr_card_issued out;
    ehr_card_issue(&out, ehr_vector_in_fixed(v, "hospital_key", 32), ehr_vector_in_uint(v, "regno"),
                   (uint32_t)ehr_vector_in_uint(v, "issue"), ehr_vector_in_fixed(v, "hid", 32),
                   ehr_vector_in_uint(v, "not_after"), &patient, &hospital);
    ehr_vector_out(v, "m", out.m, 32);
    ehr_vector_out(v, "cm", out.cm, 32);
    ehr_vector_out(v, "ref", out.ref, 32);
    ehr_vector_out(v, "card", out.card, sizeof out.card);
    return EHR_OK;
}

static enum ehr_status op_card_show(struct ehr_vector *v)
{
    struct ehr_scalar o = ehr_vector_in_scalar(v, "o");
    struct ehr_point N = ehr_vector_in_point(v, "N");
    struct ehr_patient_public patient = patient_in(v);
    struct ehr_card_holder holder = {
        .m = ehr_vector_in_fixed(v, "m", 32),
        .card = ehr_vector_in_fixed(v, "card", EHR_CARD_BYTES),
        .o = &o,
        .public = &patient,
    };
    uint8_t box[EHR_CARD_SHOW_BYTES];
    EHR_TRY(ehr_card_show(box, &holder, ehr_vector_in_fixed(v, "doctor_id", 32), &N,
                          ehr_vector_in_fixed(v, "nonce", 16), ehr_vector_rng(v)));
    ehr_vector_out(v, "box", box, sizeof box);
    return EHR_OK;
}

static enum ehr_status op_card_check(struct ehr_vector *v)
{
    struct ehr_vector_bytes box = ehr_vector_in(v, "box");
    struct ehr_scalar n = ehr_vector_in_scalar(v, "n");
    struct ehr_dh_key doctor;
    struct ehr_card_expected expected = {
        .doctor_id = ehr_vector_in_fixed(v, "doctor_id", 32),
        .nonce = ehr_vector_in_fixed(v, "nonce", 16),
        .hid = ehr_vector_in_fixed(v, "hid", 32),
        .hospital_pk = ehr_vector_in_fixed(v, "hospital_pk", 32),
        .now = ehr_vector_in_uint(v, "now"),
    };
    struct ehr_patient_public patient;
    uint8_t ref[32];
    EHR_TRY(ehr_dh_key_from_secret(&doctor, &n));
    EHR_TRY(ehr_card_check(&patient, ref, box.bytes, box.len, &doctor, &expected));
    ehr_vector_out(v, "ref", ref, sizeof ref);
    patient_out(v, &patient);
    return EHR_OK;
}

/* ---- pseudonym ---- */

static enum ehr_status op_pseudonym_make(struct ehr_vector *v)
{
    struct ehr_patient_public patient = {.V = ehr_vector_in_point(v, "V"),
                                         .O = ehr_vector_in_point(v, "O"),
                                         .C = ehr_vector_in_point(v, "C")};
    struct ehr_pseudonym out;
    uint8_t bytes[EHR_PSEUDONYM_BYTES];
    EHR_TRY(
        ehr_pseudonym_make(&out, &patient, ehr_vector_in_fixed(v, "hid", 32), ehr_vector_rng(v)));
    ehr_pseudonym_encode(bytes, &out);
    ehr_vector_out(v, "pseudonym", bytes, sizeof bytes);
    return EHR_OK;
}

static enum ehr_status op_pseudonym_detect(struct ehr_vector *v)
{
    struct ehr_patient_keys keys = {.v = ehr_vector_in_scalar(v, "v"),
                                    .o = ehr_vector_in_scalar(v, "o"),
                                    .c = ehr_vector_in_scalar(v, "c")};
    EHR_TRY(ehr_point_mul_base(&keys.public.V, &keys.v));
    EHR_TRY(ehr_point_mul_base(&keys.public.O, &keys.o));
    EHR_TRY(ehr_point_mul_base(&keys.public.C, &keys.c));
    struct ehr_vector_bytes pseudonym = ehr_vector_in(v, "pseudonym");
    struct ehr_visit_keys visit;
    bool hit;
    EHR_TRY(ehr_pseudonym_detect(&visit, &hit, pseudonym.bytes, pseudonym.len, &keys,
                                 ehr_vector_in_fixed(v, "hid", 32)));
    ehr_vector_out_uint(v, "hit", hit);
    if (hit) {
        ehr_vector_out(v, "p", visit.p.bytes, 32);
        ehr_vector_out(v, "q", visit.q.bytes, 32);
    }
    return EHR_OK;
}

static enum ehr_status op_own_sign(struct ehr_vector *v)
{
    const uint8_t *query_id = ehr_vector_in_fixed(v, "query_id", 32);
    const uint8_t *node_id = ehr_vector_in_fixed(v, "node_id", 32);
    uint64_t height = ehr_vector_in_uint(v, "height");
    struct ehr_scalar p = ehr_vector_in_scalar(v, "p");
    struct ehr_point P;
    uint8_t m[32], sig[64];
    EHR_TRY(ehr_point_mul_base(&P, &p));
    ehr_own_message(m, query_id, node_id, height);
    EHR_TRY(ehr_own_sign(sig, &p, &P, query_id, node_id, height, ehr_vector_rng(v)));
    ehr_vector_out(v, "m", m, sizeof m);
    ehr_vector_out(v, "sig", sig, sizeof sig);
    return EHR_OK;
}

static enum ehr_status op_own_verify(struct ehr_vector *v)
{
    return ehr_own_verify(ehr_vector_in_fixed(v, "P", 32), ehr_vector_in_fixed(v, "query_id", 32),
                          ehr_vector_in_fixed(v, "node_id", 32), ehr_vector_in_uint(v, "height"),
                          ehr_vector_in_fixed(v, "sig", 64));
}

/* ---- vote ---- */

static enum ehr_status op_vote(struct ehr_vector *v)
{
    struct ehr_sign_key key = sign_key_in(v, "seed");
    struct ehr_vote vote = {
        .epoch = (uint32_t)ehr_vector_in_uint(v, "epoch"),
        .view = ehr_vector_in_uint(v, "view"),
        .height = ehr_vector_in_uint(v, "height"),
        .phase = (uint8_t)ehr_vector_in_uint(v, "phase"),
    };
    uint8_t digest[32], sig[64];
    memcpy(vote.chain_id, ehr_vector_in_fixed(v, "chain_id", 32), 32);
    memcpy(vote.block_hash, ehr_vector_in_fixed(v, "block_hash", 32), 32);
    ehr_vote_digest(digest, &vote);
    ehr_vote_sign(sig, &key, digest);
    EHR_TRY(ehr_vote_verify(key.public, digest, sig));
    ehr_vector_out(v, "digest", digest, sizeof digest);
    ehr_vector_out(v, "sig", sig, sizeof sig);
    return EHR_OK;
}

static enum ehr_status op_mac(struct ehr_vector *v)
{
    struct ehr_scalar n = ehr_vector_in_scalar(v, "n");
    struct ehr_dh_key own;
    const uint8_t *sender = ehr_vector_in_fixed(v, "sender_id", 32);
    const uint8_t *receiver = ehr_vector_in_fixed(v, "receiver_id", 32);
    const uint8_t *digest = ehr_vector_in_fixed(v, "digest", 32);
    uint8_t key[32], tag[16];
    EHR_TRY(ehr_dh_key_from_secret(&own, &n));
    EHR_TRY(ehr_mac_key_derive(key, &own, ehr_vector_in_fixed(v, "N_peer", 32)));
    ehr_mac_make(tag, key, sender, receiver, digest);
    EHR_TRY(ehr_mac_verify(key, sender, receiver, digest, tag));
    ehr_vector_out(v, "K", key, sizeof key);
    ehr_vector_out(v, "mac", tag, sizeof tag);
    return EHR_OK;
}

const struct ehr_vector_op ehr_vector_ops_identity[] = {
    {"cert_issue", op_cert_issue},
    {"chain_verify", op_chain_verify},
    {"cert_revoke", op_cert_revoke},
    {"idx_cert_make", op_idx_cert_make},
    {"idx_cert_verify", op_idx_cert_verify},
    {"node_key_make", op_node_key_make},
    {"node_key_verify", op_node_key_verify},
    {"patient_keys", op_patient_keys},
    {"card_issue", op_card_issue},
    {"card_show", op_card_show},
    {"card_check", op_card_check},
    {"pseudonym_make", op_pseudonym_make},
    {"pseudonym_detect", op_pseudonym_detect},
    {"own_sign", op_own_sign},
    {"own_verify", op_own_verify},
    {"vote", op_vote},
    {"mac", op_mac},
    {NULL, NULL},
};
