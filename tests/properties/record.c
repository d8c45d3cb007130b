/* Properties of the group, boxes, capsules and sealed records. */
#include <stdlib.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/capsule.h"
#include "crypto/codec.h"
#include "crypto/record.h"
#include "tests/properties/property.h"

enum { LENGTH_MAX = 5000, HUGE_EVERY = 250 };

/* ---- the group ---- */

static void scalars_and_points_are_checked_everywhere(struct property_case *c)
{
    struct ehr_dh_key key;
    struct ehr_point out, bad_point;
    struct ehr_scalar inverse, bad;
    property_dh_key(c, &key);
    property_bad_scalar(bad.bytes, key.secret.bytes, c->number % PROPERTY_BAD_SCALARS);
    property_bad_point(bad_point.bytes, key.public.bytes, c->number % PROPERTY_BAD_POINTS);
    GIVES(c, ehr_scalar_check(bad.bytes), EHR_SCALAR);
    GIVES(c, ehr_scalar_import(&inverse, bad.bytes), EHR_SCALAR);
    HOLDS(c, property_is_zero(&inverse, sizeof inverse));
    GIVES(c, ehr_scalar_invert(&inverse, &bad), EHR_SCALAR);
    HOLDS(c, property_is_zero(&inverse, sizeof inverse));
    GIVES(c, ehr_point_mul_base(&out, &bad), EHR_SCALAR);
    GIVES(c, ehr_point_mul(&out, &bad, &key.public), EHR_SCALAR);
    GIVES(c, ehr_point_mul(&out, &bad, &bad_point), EHR_SCALAR);
    HOLDS(c, property_is_zero(&out, sizeof out));
    struct ehr_dh_key from;
    GIVES(c, ehr_dh_key_from_secret(&from, &bad), EHR_SCALAR);
    HOLDS(c, property_is_zero(&from, sizeof from));
    GIVES(c, ehr_point_check(bad_point.bytes), EHR_POINT);
    GIVES(c, ehr_point_import(&out, bad_point.bytes), EHR_POINT);
    HOLDS(c, property_is_zero(&out, sizeof out));
    GIVES(c, ehr_point_mul(&out, &key.secret, &bad_point), EHR_POINT);
    GIVES(c, ehr_point_add(&out, &key.public, &bad_point), EHR_POINT);
    GIVES(c, ehr_point_add(&out, &bad_point, &key.public), EHR_POINT);
    GIVES(c, ehr_point_sub(&out, &key.public, &bad_point), EHR_POINT);
    GIVES(c, ehr_point_sub(&out, &bad_point, &key.public), EHR_POINT);
    GIVES(c, ehr_point_sub(&out, &key.public, &key.public), EHR_POINT); /* the identity */
    HOLDS(c, property_is_zero(&out, sizeof out));
}

static void group_laws_hold(struct property_case *c)
{
    struct ehr_dh_key a, b;
    struct ehr_point sum, left, right;
    struct ehr_scalar s, inverse;
    static const struct ehr_scalar one = {{1}};
    property_dh_key(c, &a);
    property_dh_key(c, &b);
    ehr_scalar_add(&s, &a.secret, &b.secret);
    GIVES(c, ehr_point_mul_base(&left, &s), EHR_OK);
    GIVES(c, ehr_point_add(&sum, &a.public, &b.public), EHR_OK);
    HOLDS(c, ehr_point_equal(&left, &sum));
    GIVES(c, ehr_point_sub(&right, &sum, &b.public), EHR_OK);
    HOLDS(c, ehr_point_equal(&right, &a.public));
    GIVES(c, ehr_point_mul(&left, &a.secret, &b.public), EHR_OK);
    GIVES(c, ehr_point_mul(&right, &b.secret, &a.public), EHR_OK);
    HOLDS(c, ehr_point_equal(&left, &right));
    GIVES(c, ehr_scalar_invert(&inverse, &a.secret), EHR_OK);
    ehr_scalar_mul(&s, &a.secret, &inverse);
    HOLDS(c, ehr_scalar_equal(&s, &one));
    GIVES(c, ehr_point_mul(&right, &inverse, &left), EHR_OK);
    HOLDS(c, ehr_point_equal(&right, &b.public));
    struct ehr_dh_key again;
    GIVES(c, ehr_dh_key_from_secret(&again, &a.secret), EHR_OK);
    HOLDS(c, memcmp(&again, &a, sizeof a) == 0);
}

/* ---- boxes ---- */

struct receiver {
    struct ehr_dh_key key;
    uint8_t context[32];
    size_t length; /* of the plaintext */
};

static enum ehr_status box_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct receiver *receiver = context;
    uint8_t plaintext[LENGTH_MAX + 64];
    return ehr_box_open(plaintext, &receiver->key, receiver->context, bytes, length);
}

static void boxes_open_to_what_was_sealed(struct property_case *c)
{
    struct receiver receiver;
    struct ehr_dh_key other;
    static uint8_t plaintext[LENGTH_MAX], opened[LENGTH_MAX];
    static uint8_t box[LENGTH_MAX + EHR_BOX_OVERHEAD_BYTES];
    size_t length = property_between(c, 0, c->number % 4 == 0 ? LENGTH_MAX : 200);
    property_dh_key(c, &receiver.key);
    property_dh_key(c, &other);
    property_bytes(c, receiver.context, 32);
    property_bytes(c, plaintext, length);
    GIVES(c, ehr_box_seal(box, &receiver.key.public, receiver.context, plaintext, length, c->rng),
          EHR_OK);
    size_t sealed = length + EHR_BOX_OVERHEAD_BYTES;
    GIVES(c, ehr_box_open(opened, &receiver.key, receiver.context, box, sealed), EHR_OK);
    HOLDS(c, memcmp(opened, plaintext, length) == 0);
    GIVES(c, ehr_box_open(opened, &other, receiver.context, box, sealed), EHR_AEAD);
    HOLDS(c, property_is_zero(opened, length));
    receiver.context[property_between(c, 0, 31)] ^= 1;
    GIVES(c, ehr_box_open(opened, &receiver.key, receiver.context, box, sealed), EHR_AEAD);
    /* To a receiver that is no point nothing is sealed. */
    struct ehr_point bad;
    property_bad_point(bad.bytes, other.public.bytes, c->number % PROPERTY_BAD_POINTS);
    GIVES(c, ehr_box_seal(box, &bad, receiver.context, plaintext, length, c->rng), EHR_POINT);
    HOLDS(c, property_is_zero(box, sealed));
}

static void altered_boxes_are_refused(struct property_case *c)
{
    struct receiver receiver;
    struct property_object object;
    uint8_t plaintext[64], box[64 + EHR_BOX_OVERHEAD_BYTES];
    property_dh_key(c, &receiver.key);
    property_bytes(c, receiver.context, 32);
    size_t length = property_between(c, 0, sizeof plaintext);
    property_bytes(c, plaintext, length);
    GIVES(c, ehr_box_seal(box, &receiver.key.public, receiver.context, plaintext, length, c->rng),
          EHR_OK);
    property_object(&object, "box", box, length + EHR_BOX_OVERHEAD_BYTES, box_verify, &receiver);
    object.shorter = AS(LEN) | AS(AEAD); /* a box states no length */
    object.longer = AS(AEAD);
    property_point(&object, "KE", AS(POINT) | AS(AEAD), EHR_POINT);
    property_field(&object, "body", length + 16, AS(AEAD));
    property_refused(c, &object);
}

/* ---- records ---- */

/* A visit with a sealed record. */
struct sealed {
    struct property_case *c;
    struct ehr_record_visit visit;
    struct ehr_dh_key q, p;
    uint8_t *plaintext, *bytes, *opened;
    size_t plaintext_length, length, capacity;
};

static void sealed_make(struct sealed *s, struct property_case *c, size_t length)
{
    *s = (struct sealed){.c = c, .plaintext_length = length};
    property_dh_key(c, &s->p);
    property_dh_key(c, &s->q);
    s->visit.P = s->p.public;
    s->visit.Q = s->q.public;
    property_bytes(c, s->visit.hid, 32);
    s->length = ehr_record_sealed_len(length);
    s->capacity = s->length - EHR_RECORD_OVERHEAD_BYTES + 64;
    s->plaintext = malloc(length + 1);
    s->bytes = malloc(s->length);
    s->opened = malloc(s->capacity);
    if (s->plaintext == NULL || s->bytes == NULL || s->opened == NULL)
        abort();
    property_bytes(c, s->plaintext, length);
    /* Ends that look like padding must come back as they were. */
    for (size_t i = length; i-- > 0 && property_u64(c) % 3 == 0;)
        s->plaintext[i] = property_u64(c) % 2 == 0 ? 0 : 0x80;
    GIVES(c, ehr_record_seal(s->bytes, s->length, &s->visit, s->plaintext, length, c->rng), EHR_OK);
}

static void sealed_close(struct sealed *s)
{
    free(s->plaintext);
    free(s->bytes);
    free(s->opened);
}

static enum ehr_status record_verify(void *context, const uint8_t *bytes, size_t length)
{
    struct sealed *s = context;
    size_t opened = 99;
    memset(s->opened, 0xaa, s->capacity);
    enum ehr_status status = ehr_record_open(s->opened, s->capacity, &opened, bytes, length,
                                             &s->q.secret, &s->visit.P, s->visit.hid);
    if (status != EHR_OK) {
        size_t written =
            length < EHR_RECORD_OVERHEAD_BYTES ? 0 : length - EHR_RECORD_OVERHEAD_BYTES;
        HOLDS(s->c, opened == 0);
        HOLDS(s->c, property_is_zero(s->opened, written < s->capacity ? written : s->capacity));
    }
    return status;
}

/* The specification's buckets, by the definition: n rounded up to a multiple of 2^b. */
static size_t bucket(size_t n)
{
    size_t e = 0, f = 0;
    if (n <= 256)
        return 256;
    while (n >> (e + 1) != 0)
        e++;
    while (e >> (f + 1) != 0)
        f++;
    size_t step = (size_t)1 << (e - f - 1);
    return (n + step - 1) / step * step;
}

static void records_open_to_what_was_sealed(struct property_case *c)
{
    struct sealed s;
    size_t length = property_between(c, 0, LENGTH_MAX), opened;
    if (c->number % HUGE_EVERY == HUGE_EVERY - 1) /* four of a thousand */
        length = property_between(c, (size_t)1 << 20, (size_t)5 << 20);
    if (c->number < 600)
        length = c->number; /* every length around the smallest buckets */
    sealed_make(&s, c, length);
    HOLDS(c, s.length == bucket(length + 1) + 192);
    GIVES(c,
          ehr_record_open(s.opened, s.capacity, &opened, s.bytes, s.length, &s.q.secret, &s.visit.P,
                          s.visit.hid),
          EHR_OK);
    HOLDS(c, opened == length && memcmp(s.opened, s.plaintext, length) == 0);
    HOLDS(c, property_is_zero(s.opened + length, s.length - 192 - length));
    sealed_close(&s);
}

/* For another visit: P, hid, q of another. */
static void records_open_for_their_visit_alone(struct property_case *c)
{
    struct sealed s, other;
    sealed_make(&s, c, property_between(c, 0, 600));
    sealed_make(&other, c, 0);
    struct sealed mixed = s;
    mixed.visit.P = other.visit.P;
    GIVES(c, record_verify(&mixed, s.bytes, s.length), EHR_POLICY);
    mixed = s;
    mixed.visit.hid[property_between(c, 0, 31)] ^= 1;
    GIVES(c, record_verify(&mixed, s.bytes, s.length), EHR_CAPSULE);
    mixed = s;
    mixed.q = other.q;
    GIVES(c, record_verify(&mixed, s.bytes, s.length), EHR_CAPSULE);
    /* The capsule of another record of the same visit: the record is bound to its own. */
    struct sealed second = s;
    second.bytes = malloc(s.length);
    if (second.bytes == NULL)
        abort();
    GIVES(
        c,
        ehr_record_seal(second.bytes, s.length, &s.visit, s.plaintext, s.plaintext_length, c->rng),
        EHR_OK);
    HOLDS(c, memcmp(second.bytes, s.bytes, s.length) != 0);
    memcpy(second.bytes + 40, s.bytes + 40, EHR_CAPSULE_BYTES);
    GIVES(c, record_verify(&s, second.bytes, s.length), EHR_KCOM);
    memcpy(second.bytes + 40, s.bytes + 40, EHR_CAPSULE_BYTES + 32);
    GIVES(c, record_verify(&s, second.bytes, s.length), EHR_AEAD);
    free(second.bytes);
    struct ehr_scalar good = s.q.secret;
    property_bad_scalar(s.q.secret.bytes, good.bytes, c->number % PROPERTY_BAD_SCALARS);
    GIVES(c, record_verify(&s, s.bytes, s.length), EHR_SCALAR);
    struct ehr_point K;
    GIVES(c, ehr_capsule_decap(&K, &s.q.secret, s.bytes + 40), EHR_SCALAR);
    HOLDS(c, property_is_zero(&K, sizeof K));
    sealed_close(&s);
    sealed_close(&other);
}

/* Fields of a head up to the commitment. */
static void head_fields(struct property_object *object)
{
    property_field(object, "magic, suite, reserved", 8, AS(LEN));
    property_point(object, "P", AS(POINT) | AS(POLICY), EHR_POINT);
    property_point(object, "E", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_point(object, "V", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_scalar(object, "s", AS(SCALAR) | AS(CAPSULE), EHR_SCALAR);
}

static void altered_records_are_refused(struct property_case *c)
{
    struct sealed s;
    struct property_object object;
    sealed_make(&s, c, c->number == 0 ? 100 : property_between(c, 0, 1000));
    property_object(&object, "record", s.bytes, s.length, record_verify, &s);
    head_fields(&object);
    property_field(&object, "key commitment", 32, AS(KCOM));
    property_field(&object, "body length", 8, AS(LEN));
    property_field(&object, "body", s.length - EHR_RECORD_HEAD_BYTES, AS(AEAD));
    property_refused(c, &object);
    sealed_close(&s);
}

static enum ehr_status head_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct sealed *s = context;
    struct ehr_record_head head;
    return ehr_record_head_check(&head, bytes, length, &s->visit);
}

static void altered_heads_are_refused(struct property_case *c)
{
    struct sealed s;
    struct property_object object;
    sealed_make(&s, c, 0); /* body length 272 = 2^8 + 2^4 */
    property_object(&object, "head of a record", s.bytes, EHR_RECORD_HEAD_BYTES, head_verify, &s);
    head_fields(&object);
    property_harmless(&object, "key commitment", 256,
                      "a proxy compares ct_hash (HASH), whoever opens the commitment (KCOM)");
    static const char *const length = "body length below the largest";
    static const char *const why =
        "a proxy compares ct_hash (HASH), whoever opens the length (LEN)";
    property_harmless(&object, length, 4, why);
    property_bits(&object, "body length, too small", 1, AS(LEN));
    property_harmless(&object, length, 3, why);
    property_bits(&object, "body length, too small", 1, AS(LEN));
    property_harmless(&object, length, 22, why);
    property_bits(&object, "body length, too large", 33, AS(LEN));
    property_refused(c, &object);
    sealed_close(&s);
}

static enum ehr_status capsule_verify(void *context, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_capsule_check(bytes, context);
}

static void altered_capsules_are_refused(struct property_case *c)
{
    struct sealed s;
    struct property_object object;
    uint8_t label[32];
    struct ehr_point K, again;
    uint8_t capsule[EHR_CAPSULE_BYTES];
    sealed_make(&s, c, 0);
    ehr_record_label(label, &s.visit);
    GIVES(c, ehr_capsule_encap(capsule, &K, &s.visit.Q, label, s.visit.hid, c->rng), EHR_OK);
    GIVES(c, ehr_capsule_decap(&again, &s.q.secret, capsule), EHR_OK);
    HOLDS(c, ehr_point_equal(&K, &again));
    property_object(&object, "capsule", capsule, sizeof capsule, capsule_verify, label);
    object.fixed = true;
    property_point(&object, "E", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_point(&object, "V", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_scalar(&object, "s", AS(SCALAR) | AS(CAPSULE), EHR_SCALAR);
    property_refused(c, &object);
    label[property_between(c, 0, 31)] ^= 1;
    GIVES(c, ehr_capsule_check(capsule, label), EHR_CAPSULE);
    /* Nothing is sealed for a visit whose keys are no points. */
    struct ehr_record_visit bad = s.visit;
    property_bad_point((c->number % 2 == 0 ? &bad.P : &bad.Q)->bytes, s.visit.P.bytes,
                       c->number % PROPERTY_BAD_POINTS);
    GIVES(c, ehr_record_seal(s.bytes, s.length, &bad, NULL, 0, c->rng), EHR_POINT);
    HOLDS(c, property_is_zero(s.bytes, s.length));
    sealed_close(&s);
}

static const struct property list[] = {
    {"scalars_and_points_are_checked_everywhere", scalars_and_points_are_checked_everywhere},
    {"group_laws_hold", group_laws_hold},
    {"boxes_open_to_what_was_sealed", boxes_open_to_what_was_sealed},
    {"altered_boxes_are_refused", altered_boxes_are_refused},
    {"records_open_to_what_was_sealed", records_open_to_what_was_sealed},
    {"records_open_for_their_visit_alone", records_open_for_their_visit_alone},
    {"altered_records_are_refused", altered_records_are_refused},
    {"altered_heads_are_refused", altered_heads_are_refused},
    {"altered_capsules_are_refused", altered_capsules_are_refused},
};

int main(int argc, char **argv)
{
    return property_main("record", list, sizeof list / sizeof list[0], argc, argv);
}
