/* Properties of certificates: chains, revocations, keys of one epoch. */
#include <string.h>

#include "crypto/cert.h"
#include "tests/properties/property.h"

enum { NOW_MAX = 1 << 20 };

/* A chain of 1..3 certificates, root first. */
struct chain {
    struct property_case *c;
    size_t count, altered; /* which certificate the verified bytes stand for */
    struct ehr_sign_key keys[EHR_CERT_CHAIN_MAX];
    struct ehr_cert certs[EHR_CERT_CHAIN_MAX];
    uint8_t bytes[EHR_CERT_CHAIN_MAX][EHR_CERT_BYTES];
    struct ehr_cert_policy policy;
};

static void certificate_make(struct chain *chain, size_t i, uint8_t role)
{
    struct property_case *c = chain->c;
    struct ehr_cert *cert = &chain->certs[i];
    struct ehr_dh_key dh;
    property_sign_key(c, &chain->keys[i]);
    property_dh_key(c, &dh);
    *cert = (struct ehr_cert){.role = role, .serial = property_u64(c), .dh_pk = dh.public};
    cert->flags = (uint8_t)property_between(c, 0, 1);
    if (i > 0)
        cert->flags |= chain->certs[i - 1].flags;
    cert->not_before = property_between(c, 0, chain->policy.now);
    cert->not_after = property_between(c, chain->policy.now, NOW_MAX + 9);
    memcpy(cert->issuer_id, i > 0 ? chain->certs[i - 1].id : cert->id, 32);
    memcpy(cert->ed_pk, chain->keys[i].public, 32);
    property_bytes(c, cert->name_hash, 32);
    ehr_cert_issue(chain->bytes[i], cert, &chain->keys[i > 0 ? i - 1 : 0]);
}

static void chain_make(struct chain *chain, struct property_case *c, size_t count)
{
    *chain = (struct chain){.c = c, .count = count};
    chain->policy.now = property_between(c, 0, NOW_MAX);
    certificate_make(chain, 0, EHR_ROLE_ROOT);
    if (count == 2)
        certificate_make(chain, 1, (uint8_t)property_between(c, 2, 4));
    if (count == 3) {
        certificate_make(chain, 1, EHR_ROLE_HOSPITAL);
        certificate_make(chain, 2, (uint8_t)property_between(c, 5, 6));
    }
    chain->policy.root_id = chain->certs[0].id;
    chain->policy.role = (enum ehr_role)chain->certs[count - 1].role;
}

static enum ehr_status chain_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct chain *chain = context;
    struct ehr_part parts[EHR_CERT_CHAIN_MAX + 1];
    struct ehr_cert_verified verified;
    for (size_t i = 0; i < chain->count; i++)
        parts[i] = (struct ehr_part){chain->bytes[i], EHR_CERT_BYTES};
    parts[chain->altered] = (struct ehr_part){bytes, length};
    enum ehr_status status = ehr_cert_chain_verify(&verified, parts, chain->count, &chain->policy);
    if (status != EHR_OK)
        HOLDS(chain->c, property_is_zero(&verified, sizeof verified));
    return status;
}

static enum ehr_status chain_status(struct chain *chain)
{
    return chain_verify(chain, chain->bytes[chain->altered], EHR_CERT_BYTES);
}

static void certificates_are_read_as_issued(struct property_case *c)
{
    struct chain chain;
    struct ehr_cert read;
    chain_make(&chain, c, property_between(c, 1, 3));
    GIVES(c, chain_status(&chain), EHR_OK);
    for (size_t i = 0; i < chain.count; i++) {
        const struct ehr_cert *made = &chain.certs[i];
        GIVES(c, ehr_cert_parse(&read, chain.bytes[i], EHR_CERT_BYTES), EHR_OK);
        HOLDS(c, read.role == made->role && read.flags == made->flags);
        HOLDS(c, read.serial == made->serial && read.not_before == made->not_before);
        HOLDS(c, read.not_after == made->not_after);
        HOLDS(c, memcmp(read.issuer_id, made->issuer_id, 32) == 0);
        HOLDS(c, memcmp(read.ed_pk, made->ed_pk, 32) == 0);
        HOLDS(c, ehr_point_equal(&read.dh_pk, &made->dh_pk));
        HOLDS(c, memcmp(read.name_hash, made->name_hash, 32) == 0);
        HOLDS(c, memcmp(read.sig, made->sig, 64) == 0 && memcmp(read.id, made->id, 32) == 0);
    }
}

static void certificate_object(struct property_object *object, struct chain *chain, size_t i)
{
    static const char *const names[] = {"root certificate", "certificate under the root",
                                        "certificate under a hospital"};
    /* The root is known by its id, so whatever changes that is POLICY before its signature. */
    unsigned id = i == 0 ? AS(POLICY) : AS(SIG);
    chain->altered = i;
    property_object(object, names[i], chain->bytes[i], EHR_CERT_BYTES, chain_verify, chain);
    property_field(object, "magic", 4, AS(LEN));
    property_field(object, "role", 1, AS(POLICY) | id);
    property_bits(object, "SIMULATION flag", 1, AS(POLICY) | id);
    property_bits(object, "other flags", 7, AS(LEN));
    property_field(object, "reserved", 2, AS(LEN));
    property_field(object, "issuer", 32, AS(POLICY));
    property_field(object, "serial and times", 24, id);
    property_field(object, "Ed25519 key", 32, id);
    property_point(object, "DH key", AS(POINT) | id, EHR_POINT);
    property_field(object, "name hash", 32, id);
    property_field(object, "signature", 64, AS(SIG));
}

static void altered_certificates_are_refused(struct property_case *c)
{
    struct chain chain;
    struct property_object object;
    chain_make(&chain, c, 3);
    for (size_t i = 0; i < 3; i++) {
        certificate_object(&object, &chain, i);
        property_refused(c, &object);
    }
}

static bool revoked(void *context, const uint8_t cert_id[32])
{
    return memcmp(context, cert_id, 32) == 0;
}

/* Times, revocation, roles, places: each POLICY. */
static void chains_are_refused_by_policy(struct property_case *c)
{
    struct chain chain, other;
    size_t count = property_between(c, 1, 3), i = property_between(c, 0, count - 1);
    chain_make(&chain, c, count);
    struct ehr_cert_policy good = chain.policy;
    /* The time in which all are valid, both ends included. */
    uint64_t first = 0, last = UINT64_MAX;
    for (size_t k = 0; k < count; k++) {
        first = chain.certs[k].not_before > first ? chain.certs[k].not_before : first;
        last = chain.certs[k].not_after < last ? chain.certs[k].not_after : last;
    }
    chain.policy.now = first;
    GIVES(c, chain_status(&chain), EHR_OK);
    chain.policy.now = first - 1; /* wraps to a time that is too late */
    GIVES(c, chain_status(&chain), EHR_POLICY);
    chain.policy.now = last;
    GIVES(c, chain_status(&chain), EHR_OK);
    chain.policy.now = last + 1;
    GIVES(c, chain_status(&chain), EHR_POLICY);
    chain.policy = good;
    chain.policy.revoked = revoked;
    chain.policy.context = chain.certs[i].id;
    GIVES(c, chain_status(&chain), EHR_POLICY);
    chain.policy.context = chain.certs[i].ed_pk; /* no certificate's id */
    GIVES(c, chain_status(&chain), EHR_OK);
    chain.policy = good;
    chain.policy.role = (enum ehr_role)(chain.policy.role % 6 + 1);
    GIVES(c, chain_status(&chain), EHR_POLICY);
    chain.policy = good;
    chain_make(&other, c, count); /* a certificate of another consortium, well signed there */
    memcpy(chain.bytes[i], other.bytes[i], EHR_CERT_BYTES);
    GIVES(c, chain_status(&chain), EHR_POLICY);
    chain.count = 0;
    GIVES(c, ehr_cert_chain_verify(&(struct ehr_cert_verified){{0}}, NULL, 0, &good), EHR_POLICY);
}

/* Only the pairs of the specification issue one another, and no certificate stands fourth. */
static void roles_issue_as_specified(struct property_case *c)
{
    struct chain chain;
    uint8_t above = (uint8_t)property_between(c, 0, 8), below = (uint8_t)property_between(c, 0, 8);
    bool may =
        (above == 1 && below >= 2 && below <= 4) || (above == 2 && (below == 5 || below == 6));
    HOLDS(c, ehr_cert_may_issue(above, below) == may);
    chain_make(&chain, c, 3);
    chain.certs[1].role = above;
    ehr_cert_issue(chain.bytes[1], &chain.certs[1], &chain.keys[0]);
    chain.certs[2].role = below;
    memcpy(chain.certs[2].issuer_id, chain.certs[1].id, 32);
    ehr_cert_issue(chain.bytes[2], &chain.certs[2], &chain.keys[1]);
    chain.policy.role = (enum ehr_role)below;
    bool expected = above == 2 && (below == 5 || below == 6);
    GIVES(c, chain_status(&chain), expected ? EHR_OK : EHR_POLICY);
    /* A certificate of a simulation issues no other kind. */
    chain_make(&chain, c, 3);
    for (size_t i = 0; i < 3; i++) {
        chain.certs[i].flags = i < 2 ? EHR_CERT_FLAG_SIMULATION : 0;
        if (i > 0)
            memcpy(chain.certs[i].issuer_id, chain.certs[i - 1].id, 32);
        ehr_cert_issue(chain.bytes[i], &chain.certs[i], &chain.keys[i > 0 ? i - 1 : 0]);
    }
    GIVES(c, chain_status(&chain), EHR_POLICY);
    struct ehr_part parts[4];
    for (size_t i = 0; i < 4; i++)
        parts[i] = (struct ehr_part){chain.bytes[i < 3 ? i : 2], EHR_CERT_BYTES};
    struct ehr_cert_verified verified;
    GIVES(c, ehr_cert_chain_verify(&verified, parts, 4, &chain.policy), EHR_POLICY);
}

/* ---- revocation: cert_id | height | reason | signature ---- */

struct signer {
    struct ehr_sign_key key;
    uint8_t owner[32];
    uint32_t epoch;
    enum ehr_epoch_key_kind kind;
};

static enum ehr_status revocation_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct signer *signer = context;
    (void)length;
    return ehr_cert_revoke_verify(signer->key.public, bytes, ehr_le64_get(bytes + 32), bytes[40],
                                  bytes + 41);
}

static void altered_revocations_are_refused(struct property_case *c)
{
    struct signer signer;
    uint8_t bytes[41 + 64];
    struct property_object object;
    property_sign_key(c, &signer.key);
    property_bytes(c, bytes, 41);
    ehr_cert_revoke_sign(bytes + 41, &signer.key, bytes, ehr_le64_get(bytes + 32), bytes[40]);
    property_object(&object, "revocation of a certificate", bytes, sizeof bytes, revocation_verify,
                    &signer);
    object.fixed = true;
    property_field(&object, "cert_id, height, reason", 41, AS(SIG));
    property_field(&object, "signature", 64, AS(SIG));
    property_refused(c, &object);
}

/* ---- keys of one epoch ---- */

static enum ehr_status epoch_key_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct signer *signer = context;
    struct ehr_point public;
    return ehr_epoch_cert_verify(&public, signer->kind, bytes, length, signer->owner,
                                 signer->key.public, signer->epoch);
}

static void altered_epoch_keys_are_refused(struct property_case *c)
{
    for (unsigned kind = EHR_EPOCH_KEY_INDEX; kind <= EHR_EPOCH_KEY_SEALING; kind++) {
        struct signer signer = {.kind = (enum ehr_epoch_key_kind)kind};
        struct property_object object;
        struct ehr_dh_key key;
        struct ehr_point read;
        uint8_t bytes[EHR_EPOCH_CERT_BYTES];
        property_sign_key(c, &signer.key);
        property_bytes(c, signer.owner, 32);
        signer.epoch = (uint32_t)property_u64(c);
        property_dh_key(c, &key);
        ehr_epoch_cert_make(bytes, signer.kind, signer.owner, signer.epoch, &key.public,
                            &signer.key);
        GIVES(c,
              ehr_epoch_cert_verify(&read, signer.kind, bytes, sizeof bytes, signer.owner,
                                    signer.key.public, signer.epoch),
              EHR_OK);
        HOLDS(c, ehr_point_equal(&read, &key.public));
        /* An index key is not taken for a sealing key, nor the other way round. */
        GIVES(c,
              ehr_epoch_cert_verify(&read, (enum ehr_epoch_key_kind)(3 - kind), bytes, sizeof bytes,
                                    signer.owner, signer.key.public, signer.epoch),
              EHR_LEN);
        property_object(&object, kind == EHR_EPOCH_KEY_INDEX ? "index key" : "sealing key", bytes,
                        sizeof bytes, epoch_key_verify, &signer);
        property_field(&object, "magic", 4, AS(LEN));
        property_field(&object, "owner and epoch", 36, AS(POLICY));
        property_point(&object, "key", AS(POINT) | AS(SIG), EHR_POINT);
        property_field(&object, "signature", 64, AS(SIG));
        property_refused(c, &object);
    }
}

static const struct property list[] = {
    {"certificates_are_read_as_issued", certificates_are_read_as_issued},
    {"altered_certificates_are_refused", altered_certificates_are_refused},
    {"chains_are_refused_by_policy", chains_are_refused_by_policy},
    {"roles_issue_as_specified", roles_issue_as_specified},
    {"altered_revocations_are_refused", altered_revocations_are_refused},
    {"altered_epoch_keys_are_refused", altered_epoch_keys_are_refused},
};

int main(int argc, char **argv)
{
    return property_main("identity", list, sizeof list / sizeof list[0], argc, argv);
}
