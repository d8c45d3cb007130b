/* One honest object of every construction of crypto/, and for each how its receiver checks it: so
 * that a test can alter all of them in the same ways. Not a test itself. */
#ifndef EHR_TESTS_CRYPTO_OBJECTS_H
#define EHR_TESTS_CRYPTO_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/random.h"
#include "crypto/status.h"

enum {
    OBJECT_BYTES_MAX = 600, /* a grant to two proxies has 547 */
    OBJECT_PLACES_MAX = 9,
    OBJECTS = 22
};

struct parties;

/* `check` says what a receiver says that has all but these bytes from honest parties. */
struct object {
    const char *name;
    uint8_t bytes[OBJECT_BYTES_MAX];
    size_t length;
    bool fixed; /* the check is given no length */
    /* where points and scalars of 32 bytes begin, `points` first */
    size_t points, scalars, places[OBJECT_PLACES_MAX];
    enum ehr_status (*check)(const struct parties *parties, const uint8_t *bytes, size_t length);
};

/* Everything is made with the provider in use and from the generator. NULL: something failed. */
struct parties *parties_new(struct ehr_rng *rng);
void parties_free(struct parties *parties);

/* OBJECTS of them. */
const struct object *parties_objects(const struct parties *parties);
/* A point of the group that stands in no object. */
const uint8_t *parties_foreign_point(const struct parties *parties);

#endif /* EHR_TESTS_CRYPTO_OBJECTS_H */
