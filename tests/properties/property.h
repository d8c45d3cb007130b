/* Properties: statements that hold for random inputs, run many times. Not a framework for examples:
 * those are CUnit's (tests/unit).
 *
 * A program holds the properties of one family of constructions. Every case draws from a generator
 * of its own, which the seed, the property's name and the case's number give, so that one that
 * fails is run again alone, as it prints:
 *
 *     property_share --seed 7 --only any_t_of_n_shares_open --case 412
 *
 * With --group modelled the same must hold of modelled cryptography, honest and tampered alike;
 * only which encodings are no points differs. Without arguments 1000 cases each; --cases or the
 * environment variable EHR_PROPERTY_CASES say otherwise. Case 0 of a property about altered objects
 * is exhaustive (every bit, every prefix, every position); the others alter random objects at
 * random places. What is accepted although it was altered must be declared harmless, field by
 * field; the end of the output lists it. */
#ifndef EHR_TESTS_PROPERTY_H
#define EHR_TESTS_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/group.h"
#include "crypto/pseudonym.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "crypto/status.h"

/* One case while it runs. */
struct property_case {
    const char *name;     /* of the property */
    struct ehr_rng *rng;  /* of this case alone */
    uint32_t number;      /* from 0, which is the exhaustive one */
    unsigned failures;    /* so far */
    const char *in_check; /* what a failure is printed with besides; may be NULL */
};

struct property {
    const char *name;
    void (*run)(struct property_case *c);
};

/* Runs the properties as the arguments say; the exit code of the program. */
int property_main(const char *family, const struct property *list, size_t count, int argc,
                  char **argv);

/* Counts and prints a failure unless `holds`. */
void property_check(struct property_case *c, bool holds, const char *what, const char *file,
                    int line);
/* The same for a status, which is printed. */
void property_status(struct property_case *c, enum ehr_status found, enum ehr_status expected,
                     const char *what, const char *file, int line);

#define HOLDS(c, condition) property_check((c), (condition), #condition, __FILE__, __LINE__)
#define GIVES(c, expression, expected)                                                             \
    property_status((c), (expression), (expected), #expression, __FILE__, __LINE__)

/* ---- draws ---- */

uint64_t property_u64(struct property_case *c);
/* Uniform in first..last. */
size_t property_between(struct property_case *c, size_t first, size_t last);
void property_bytes(struct property_case *c, uint8_t *out, size_t length);
void property_sign_key(struct property_case *c, struct ehr_sign_key *key);
void property_dh_key(struct property_case *c, struct ehr_dh_key *key);
/* A random order of `count` <= 64 numbers from 0. */
void property_shuffle(struct property_case *c, size_t *order, size_t count);
bool property_is_zero(const void *bytes, size_t length);

/* ---- altered objects ---- */

/* Statuses as a set: AS(SIG) | AS(POINT). */
#define AS(name) (1U << EHR_##name)

enum property_kind { PROPERTY_PLAIN = 1, PROPERTY_POINT, PROPERTY_SCALAR };

/* A field of an object. With a bit of it flipped, the verifier gives one of `allowed`; where
 * that holds OK, `harmless` says why, and OK is the only one. */
struct property_field {
    const char *name;
    size_t bits;
    unsigned allowed;
    enum property_kind kind;
    enum ehr_status invalid; /* status of an encoding that is no point, or no scalar */
    const char *harmless;
};

enum { PROPERTY_FIELDS_MAX = 96 };

/* Encoded bytes and who verifies them. */
struct property_object {
    const char *name;
    const uint8_t *bytes;
    size_t length;
    enum ehr_status (*verify)(void *context, const uint8_t *bytes, size_t length);
    void *context;
    bool fixed;       /* no length of its own: neither cut short nor extended */
    unsigned shorter; /* statuses allowed of a proper prefix, and of an extension: LEN */
    unsigned longer;
    struct property_field fields[PROPERTY_FIELDS_MAX]; /* in order, the whole object */
    size_t count;
};

/* Starts an object without fields; everything is borrowed. */
void property_object(struct property_object *object, const char *name, const uint8_t *bytes,
                     size_t length,
                     enum ehr_status (*verify)(void *context, const uint8_t *bytes, size_t length),
                     void *context);
/* The next field: of `length` bytes; of some bits; a point; a scalar; one whose change is harmless.
 */
void property_field(struct property_object *object, const char *name, size_t length,
                    unsigned allowed);
void property_bits(struct property_object *object, const char *name, size_t bits, unsigned allowed);
void property_point(struct property_object *object, const char *name, unsigned allowed,
                    enum ehr_status invalid);
void property_scalar(struct property_object *object, const char *name, unsigned allowed,
                     enum ehr_status invalid);
void property_harmless(struct property_object *object, const char *name, size_t bits,
                       const char *why);

/* The object itself verifies; flipped bits, prefixes, extensions by 1..64 bytes, invalid points and
 * scalars in their fields do not, with the statuses declared. */
void property_refused(struct property_case *c, const struct property_object *object);

/* Encodings that are not accepted: number `which` of a list; some are made of the valid `bytes`. */
enum { PROPERTY_BAD_POINTS = 13, PROPERTY_BAD_SCALARS = 10 };
void property_bad_point(uint8_t out[32], const uint8_t bytes[32], size_t which);
void property_bad_scalar(uint8_t out[32], const uint8_t bytes[32], size_t which);

#endif /* EHR_TESTS_PROPERTY_H */
