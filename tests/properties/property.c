/* Runs properties, draws for them, and prints what held. */
#include "tests/properties/property.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/drbg.h"
#include "crypto/modelled.h"
#include "tests/properties/outcome.h"

enum { CASES_DEFAULT = 1000, FAILURES_PRINTED = 10 };

static const char *program; /* property_<program> */
static uint64_t seed = 1;
static unsigned failures_printed;

/* ---- failures ---- */

static bool failure_begin(struct property_case *c, const char *file, int line)
{
    c->failures++;
    if (failures_printed++ >= FAILURES_PRINTED)
        return false;
    printf("FAILED: property_%s --group %s --seed %llu --only %s --case %u: %s%s%s:%d: ", program,
           ehr_group_provider_get() == &ehr_group_modelled_unsafe ? "modelled" : "real",
           (unsigned long long)seed, c->name, c->number, c->in_check != NULL ? c->in_check : "",
           c->in_check != NULL ? ": " : "", file, line);
    return true;
}

void property_check(struct property_case *c, bool holds, const char *what, const char *file,
                    int line)
{
    if (!holds && failure_begin(c, file, line))
        printf("%s\n", what);
}

void property_status(struct property_case *c, enum ehr_status found, enum ehr_status expected,
                     const char *what, const char *file, int line)
{
    if (found != expected && failure_begin(c, file, line))
        printf("%s: %s, expected %s\n", what, ehr_status_name(found), ehr_status_name(expected));
}

/* ---- draws ---- */

uint64_t property_u64(struct property_case *c)
{
    uint8_t bytes[8];
    ehr_rng_fill(c->rng, bytes, sizeof bytes);
    return ehr_le64_get(bytes);
}

size_t property_between(struct property_case *c, size_t first, size_t last)
{
    return first + (size_t)(property_u64(c) % (last - first + 1));
}

void property_bytes(struct property_case *c, uint8_t *out, size_t length)
{
    ehr_rng_fill(c->rng, out, length);
}

void property_sign_key(struct property_case *c, struct ehr_sign_key *key)
{
    uint8_t bytes[32];
    property_bytes(c, bytes, sizeof bytes);
    ehr_sign_key_init(key, bytes);
}

void property_dh_key(struct property_case *c, struct ehr_dh_key *key)
{
    GIVES(c, ehr_dh_key_make(key, c->rng), EHR_OK);
}

void property_shuffle(struct property_case *c, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i-- > 1;) {
        size_t other = property_between(c, 0, i), held = order[i];
        order[i] = order[other];
        order[other] = held;
    }
}

bool property_is_zero(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length > 0 && *at == 0) {
        at++;
        length--;
    }
    return length == 0;
}

/* ---- running ---- */

static unsigned case_run(const struct property *property, uint32_t number)
{
    struct ehr_drbg drbg;
    struct property_case c = {.name = property->name, .rng = &drbg.rng, .number = number};
    ehr_drbg_init(&drbg, seed, number, property->name, EHR_DRBG_WORKLOAD);
    property->run(&c);
    ehr_drbg_close(&drbg);
    return c.failures;
}

struct arguments {
    const char *only;
    uint32_t cases, number;
    bool one, modelled;
};

static bool arguments_read(struct arguments *arguments, int argc, char **argv)
{
    const char *set = getenv("EHR_PROPERTY_CASES");
    *arguments = (struct arguments){.cases = CASES_DEFAULT};
    if (set != NULL)
        arguments->cases = (uint32_t)strtoul(set, NULL, 10);
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0) {
            seed = strtoull(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--cases") == 0) {
            arguments->cases = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0) {
            arguments->only = argv[i + 1];
        } else if (strcmp(argv[i], "--group") == 0) {
            arguments->modelled = strcmp(argv[i + 1], "modelled") == 0;
            if (!arguments->modelled && strcmp(argv[i + 1], "real") != 0)
                return false;
        } else if (strcmp(argv[i], "--case") == 0) {
            arguments->number = (uint32_t)strtoul(argv[i + 1], NULL, 10);
            arguments->one = true;
        } else {
            return false;
        }
    }
    return argc % 2 == 1 && arguments->cases > 0;
}

int property_main(const char *family, const struct property *list, size_t count, int argc,
                  char **argv)
{
    struct arguments arguments;
    program = family;
    if (!arguments_read(&arguments, argc, argv)) {
        fprintf(stderr,
                "usage: property_%s [--seed N] [--cases N] [--only NAME] [--case N] "
                "[--group real|modelled]\n",
                family);
        return 2;
    }
    ehr_crypto_init();
    if (arguments.modelled)
        ehr_group_provider_set(&ehr_group_modelled_unsafe);
    unsigned failed = 0, run = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned failures = 0;
        if (arguments.only != NULL && strcmp(arguments.only, list[i].name) != 0)
            continue;
        run++;
        uint32_t first = arguments.one ? arguments.number : 0;
        uint32_t last = arguments.one ? first : arguments.cases - 1;
        for (uint32_t number = first; number <= last; number++)
            failures += case_run(&list[i], number) != 0;
        printf("%s: %s: %u cases, %u failed\n", family, list[i].name, last - first + 1, failures);
        failed += failures != 0;
    }
    property_outcomes_print(family);
    printf("%s: seed %llu, group %s: %u properties, %u failed\n", family, (unsigned long long)seed,
           ehr_group_provider_get()->name, run, failed);
    return failed != 0 || run == 0;
}
