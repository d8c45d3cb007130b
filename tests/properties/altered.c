/* Alters encoded objects in every way that must be noticed, and counts what their verifiers say. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/modelled.h"
#include "tests/properties/outcome.h"
#include "tests/properties/property.h"

enum { OBJECTS_MAX = 64, HARMLESS_MAX = 32, EXTENSION_MAX = 64 };
#define STATUSES ((unsigned)EHR_THRESH + 1)
enum { FLIPS = 3, CHECK_TEXT = 160 }; /* bits flipped in a case that is not exhaustive */

/* ---- outcomes ---- */

static struct outcome {
    const char *name;
    unsigned long flipped[STATUSES], cut[STATUSES], extended[STATUSES], invalid[STATUSES];
    struct {
        const char *field, *why;
        unsigned long accepted;
    } harmless[HARMLESS_MAX];
    size_t harmless_count;
} outcomes[OBJECTS_MAX];
static size_t outcome_count;

static struct outcome *outcome_of(const char *name)
{
    for (size_t i = 0; i < outcome_count; i++)
        if (strcmp(outcomes[i].name, name) == 0)
            return &outcomes[i];
    assert(outcome_count < OBJECTS_MAX);
    outcomes[outcome_count].name = name;
    return &outcomes[outcome_count++];
}

static void harmless_count_one(struct outcome *outcome, const struct property_field *field)
{
    size_t i = 0;
    while (i < outcome->harmless_count && strcmp(outcome->harmless[i].field, field->name) != 0)
        i++;
    assert(i < HARMLESS_MAX);
    if (i == outcome->harmless_count) {
        outcome->harmless[i].field = field->name;
        outcome->harmless[i].why = field->harmless;
        outcome->harmless_count++;
    }
    outcome->harmless[i].accepted++;
}

static void counts_print(const char *what, const unsigned long *counts)
{
    unsigned long total = 0;
    for (size_t i = 0; i < STATUSES; i++)
        total += counts[i];
    if (total == 0)
        return;
    printf("  %lu %s:", total, what);
    for (size_t i = 0; i < STATUSES; i++)
        if (counts[i] != 0)
            printf(" %s %lu", ehr_status_name((enum ehr_status)i), counts[i]);
    printf("\n");
}

void property_outcomes_print(const char *family)
{
    for (size_t i = 0; i < outcome_count; i++) {
        const struct outcome *outcome = &outcomes[i];
        printf("%s: altered %s:\n", family, outcome->name);
        counts_print("bits flipped", outcome->flipped);
        counts_print("prefixes", outcome->cut);
        counts_print("extensions", outcome->extended);
        counts_print("invalid points and scalars", outcome->invalid);
        for (size_t k = 0; k < outcome->harmless_count; k++)
            printf("  harmless: %s (%lu accepted): %s\n", outcome->harmless[k].field,
                   outcome->harmless[k].accepted, outcome->harmless[k].why);
    }
}

/* ---- objects ---- */

void property_object(struct property_object *object, const char *name, const uint8_t *bytes,
                     size_t length,
                     enum ehr_status (*verify)(void *context, const uint8_t *bytes, size_t length),
                     void *context)
{
    *object = (struct property_object){.name = name,
                                       .bytes = bytes,
                                       .length = length,
                                       .verify = verify,
                                       .context = context,
                                       .shorter = AS(LEN),
                                       .longer = AS(LEN)};
}

static void field_add(struct property_object *object, struct property_field field)
{
    assert(object->count < PROPERTY_FIELDS_MAX);
    assert((field.harmless != NULL) == ((field.allowed & AS(OK)) != 0));
    if (field.bits != 0)
        object->fields[object->count++] = field;
}

void property_bits(struct property_object *object, const char *name, size_t bits, unsigned allowed)
{
    field_add(object, (struct property_field){name, bits, allowed, PROPERTY_PLAIN, EHR_OK, NULL});
}

void property_field(struct property_object *object, const char *name, size_t length,
                    unsigned allowed)
{
    property_bits(object, name, 8 * length, allowed);
}

void property_point(struct property_object *object, const char *name, unsigned allowed,
                    enum ehr_status invalid)
{
    field_add(object, (struct property_field){name, 256, allowed, PROPERTY_POINT, invalid, NULL});
}

void property_scalar(struct property_object *object, const char *name, unsigned allowed,
                     enum ehr_status invalid)
{
    field_add(object, (struct property_field){name, 256, allowed, PROPERTY_SCALAR, invalid, NULL});
}

void property_harmless(struct property_object *object, const char *name, size_t bits,
                       const char *why)
{
    field_add(object, (struct property_field){name, bits, AS(OK), PROPERTY_PLAIN, EHR_OK, why});
}

static const struct property_field *field_of_bit(const struct property_object *object, size_t bit)
{
    for (size_t i = 0; i < object->count; i++) {
        if (bit < object->fields[i].bits)
            return &object->fields[i];
        bit -= object->fields[i].bits;
    }
    return NULL;
}

/* ---- alterations ---- */

/* Verifies a copy of exactly its length, so that reading behind it is noticed. */
static enum ehr_status verify(const struct property_object *object, const uint8_t *bytes,
                              size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert(copy != NULL);
    memcpy(copy, bytes, length);
    enum ehr_status status = object->verify(object->context, copy, length);
    assert(status != EHR_STATUS_INVALID && (unsigned)status < STATUSES);
    free(copy);
    return status;
}

static void judge(struct property_case *c, const struct property_object *object, const char *how,
                  size_t where, const char *field, enum ehr_status status, unsigned allowed)
{
    char text[CHECK_TEXT];
    bool status_is_allowed = (allowed >> status & 1) != 0;
    snprintf(text, sizeof text, "%s: %s %zu (%s) gives %s", object->name, how, where, field,
             ehr_status_name(status));
    c->in_check = text;
    HOLDS(c, status_is_allowed);
    c->in_check = NULL;
}

static void flip(struct property_case *c, const struct property_object *object, uint8_t *work,
                 size_t bit)
{
    struct outcome *outcome = outcome_of(object->name);
    const struct property_field *field = field_of_bit(object, bit);
    uint8_t mask = (uint8_t)(1U << bit % 8);
    work[bit / 8] ^= mask;
    enum ehr_status status = verify(object, work, object->length);
    work[bit / 8] ^= mask;
    outcome->flipped[status]++;
    if (status == EHR_OK && field->harmless != NULL)
        harmless_count_one(outcome, field);
    judge(c, object, "flipped bit", bit, field->name, status, field->allowed);
}

static void cut(struct property_case *c, const struct property_object *object, size_t length)
{
    enum ehr_status status = verify(object, object->bytes, length);
    outcome_of(object->name)->cut[status]++;
    judge(c, object, "prefix of bytes", length, "length", status, object->shorter);
}

static void extend(struct property_case *c, const struct property_object *object, size_t by,
                   bool zeros)
{
    uint8_t *longer = calloc(object->length + by, 1);
    assert(longer != NULL);
    memcpy(longer, object->bytes, object->length);
    if (!zeros)
        property_bytes(c, longer + object->length, by);
    enum ehr_status status = verify(object, longer, object->length + by);
    free(longer);
    outcome_of(object->name)->extended[status]++;
    judge(c, object, "extension by bytes", by, "length", status, object->longer);
}

/* ---- invalid points and scalars ---- */

static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/* 2^255 - 19, less `bytes`: the encoding of the negative of a field element. */
static void field_negate(uint8_t out[32], const uint8_t bytes[32])
{
    unsigned borrow = 0;
    for (size_t i = 0; i < 32; i++) {
        unsigned p = i == 0 ? 0xed : i == 31 ? 0x7f : 0xff;
        unsigned difference = p - bytes[i] - borrow;
        out[i] = (uint8_t)difference;
        borrow = difference >> 8 & 1;
    }
}

static void add_small(uint8_t out[32], const uint8_t a[32], const uint8_t b[32])
{
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)a[i] + b[i];
        out[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

void property_bad_point(uint8_t out[32], const uint8_t bytes[32], size_t which)
{
    /* Not squares, negative x*y: two each of RFC 9496, A.2. */
    static const uint8_t classes[4][32] = {
        {0x26, 0x94, 0x8d, 0x35, 0xca, 0x62, 0xe6, 0x43, 0xe2, 0x6a, 0x83,
         0x17, 0x73, 0x32, 0xe6, 0xb6, 0xaf, 0xeb, 0x9d, 0x08, 0xe4, 0x26,
         0x8b, 0x65, 0x0f, 0x1f, 0x5b, 0xbd, 0x8d, 0x81, 0xd3, 0x71},
        {0x4e, 0xac, 0x07, 0x7a, 0x71, 0x3c, 0x57, 0xb4, 0xf4, 0x39, 0x76,
         0x29, 0xa4, 0x14, 0x59, 0x82, 0xc6, 0x61, 0xf4, 0x80, 0x44, 0xdd,
         0x3f, 0x96, 0x42, 0x7d, 0x40, 0xb1, 0x47, 0xd9, 0x74, 0x2f},
        {0x3e, 0xb8, 0x58, 0xe7, 0x8f, 0x5a, 0x72, 0x54, 0xd8, 0xc9, 0x73,
         0x11, 0x74, 0xa9, 0x4f, 0x76, 0x75, 0x5f, 0xd3, 0x94, 0x1c, 0x0a,
         0xc9, 0x37, 0x35, 0xc0, 0x7b, 0xa1, 0x45, 0x79, 0x63, 0x0e},
        {0xa4, 0x5f, 0xdc, 0x55, 0xc7, 0x64, 0x48, 0xc0, 0x49, 0xa1, 0xab,
         0x33, 0xf1, 0x70, 0x23, 0xed, 0xfb, 0x2b, 0xe3, 0x58, 0x1e, 0x9c,
         0x7a, 0xad, 0xe8, 0xa6, 0x12, 0x52, 0x15, 0xe0, 0x42, 0x20},
    };
    if (ehr_group_provider_get() == &ehr_group_modelled_unsafe) { /* its points are scalars */
        property_bad_scalar(out, bytes, which % PROPERTY_BAD_SCALARS);
        return;
    }
    memset(out, 0, 32); /* 0: the identity */
    if (which == 1) {
        out[31] = 0x80; /* the identity's second encoding, bit 255 */
    } else if (which == 2) {
        memcpy(out, bytes, 32);
        out[31] |= 0x80;
    } else if (which == 3) {
        field_negate(out, bytes);          /* negative: the same point's other representative */
    } else if (which >= 4 && which <= 7) { /* p - 1 (y = 0), p, p + 1, p + 2 */
        memset(out, 0xff, 32);
        out[0] = (uint8_t)(0xec + which - 4);
        out[31] = 0x7f;
    } else if (which == 8) {
        memset(out, 0xff, 32);
    } else if (which >= 9) {
        memcpy(out, classes[which - 9], 32);
    }
}

void property_bad_scalar(uint8_t out[32], const uint8_t bytes[32], size_t which)
{
    static const uint8_t one[32] = {1};
    memset(out, 0, 32); /* 0 */
    if (which == 1) {
        memcpy(out, order, 32);
    } else if (which == 2) {
        add_small(out, order, one);
    } else if (which == 3) {
        add_small(out, order, bytes); /* the same residue */
    } else if (which == 4) {
        memcpy(out, bytes, 32);
        out[31] |= 0x80; /* libsodium 1.0.18 ignores bit 255 */
    } else if (which == 5) {
        out[31] = 0x80;
    } else if (which == 6) {
        out[31] = 0x20; /* 2^253 */
    } else if (which == 7) {
        memset(out, 0xff, 32);
    } else if (which == 8) {
        memset(out, 0xff, 32);
        out[31] = 0x7f;
    } else if (which == 9) {
        add_small(out, order, order); /* 2l */
    }
}

/* Scalars at the edges of what is accepted: never refused for being no scalar. */
static void edge_scalar(uint8_t out[32], size_t which)
{
    memset(out, 0, 32);
    if (which == 0) {
        out[0] = 1;
    } else if (which == 1) {
        memcpy(out, order, 32);
        out[0]--;
    } else {
        out[31] = 0x10; /* 2^252 */
    }
}

static void edges_try(struct property_case *c, const struct property_object *object, uint8_t *work,
                      size_t offset, const struct property_field *field)
{
    uint8_t held[32];
    memcpy(held, work + offset, 32);
    for (size_t which = 0; which < 3; which++) {
        edge_scalar(work + offset, which);
        enum ehr_status status = verify(object, work, object->length);
        unsigned allowed = field->allowed & ~(field->invalid == EHR_SCALAR ? AS(SCALAR) : 0U);
        judge(c, object, "edge scalar", which, field->name, status, allowed);
    }
    memcpy(work + offset, held, 32);
}

static void invalid_try(struct property_case *c, const struct property_object *object,
                        uint8_t *work, size_t offset, const struct property_field *field,
                        size_t which)
{
    uint8_t held[32];
    memcpy(held, work + offset, 32);
    if (field->kind == PROPERTY_POINT)
        property_bad_point(work + offset, held, which);
    else
        property_bad_scalar(work + offset, held, which);
    enum ehr_status status = verify(object, work, object->length);
    memcpy(work + offset, held, 32);
    outcome_of(object->name)->invalid[status]++;
    judge(c, object, field->kind == PROPERTY_POINT ? "invalid point" : "invalid scalar", which,
          field->name, status, 1U << field->invalid);
}

/* Every field with every encoding, or one of each at random. */
static void invalid_all(struct property_case *c, const struct property_object *object,
                        uint8_t *work)
{
    size_t chosen = c->number == 0 ? 0 : property_between(c, 0, 255);
    size_t candidates = 0, bit = 0;
    for (size_t i = 0; i < object->count; i++)
        candidates += object->fields[i].kind != PROPERTY_PLAIN;
    for (size_t i = 0, seen = 0; i < object->count; bit += object->fields[i++].bits) {
        const struct property_field *field = &object->fields[i];
        if (field->kind == PROPERTY_PLAIN)
            continue;
        bool point = field->kind == PROPERTY_POINT;
        size_t count = point ? PROPERTY_BAD_POINTS : PROPERTY_BAD_SCALARS;
        for (size_t which = 0; c->number == 0 && which < count; which++)
            invalid_try(c, object, work, bit / 8, field, which);
        if (c->number != 0 && seen == chosen % candidates)
            invalid_try(c, object, work, bit / 8, field, property_between(c, 0, count - 1));
        if (!point && (c->number == 0 || seen == chosen % candidates))
            edges_try(c, object, work, bit / 8, field);
        seen++;
    }
}

void property_refused(struct property_case *c, const struct property_object *object)
{
    size_t bits = 0;
    for (size_t i = 0; i < object->count; i++)
        bits += object->fields[i].bits;
    assert(bits == 8 * object->length);
    uint8_t *work = malloc(object->length);
    assert(work != NULL);
    memcpy(work, object->bytes, object->length);
    GIVES(c, verify(object, work, object->length), EHR_OK);
    bool all = c->number == 0;
    for (size_t i = 0; i < (all ? bits : FLIPS); i++)
        flip(c, object, work, all ? i : property_between(c, 0, bits - 1));
    invalid_all(c, object, work);
    free(work);
    if (object->fixed)
        return;
    for (size_t i = 0; i < (all ? object->length : 1); i++)
        cut(c, object, all ? i : property_between(c, 0, object->length - 1));
    for (size_t by = 1; all && by <= EXTENSION_MAX; by++) {
        extend(c, object, by, true);
        extend(c, object, by, false);
    }
    if (!all)
        extend(c, object, property_between(c, 1, EXTENSION_MAX), property_u64(c) % 2 == 0);
}
