/* The generator that every drawing function takes explicitly, and the start of the library.
 * Not a source of randomness itself: the simulator's seeded one is crypto/drbg.h (library
 * ehr_crypto_sim). Source: crypto.md section h. */
#ifndef EHR_CRYPTO_RANDOM_H
#define EHR_CRYPTO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A generator is a struct that starts with this one. `fill` writes `length` uniform bytes and
 * cannot fail; draws of a then b bytes equal one of a+b. */
struct ehr_rng {
    void (*fill)(struct ehr_rng *rng, uint8_t *out, size_t length);
};

static inline void ehr_rng_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    rng->fill(rng, out, length);
}

/* Call once, before any other function of crypto/ (again: no effect). Initialises libsodium, then
 * installs a randombytes implementation that aborts the process, so that no hidden draw can break
 * reproducibility. Aborts with a message where libsodium cannot start. */
void ehr_crypto_init(void);

/* Whether that has been done. Hashing and signing without it end the process. */
bool ehr_crypto_started(void);

/* Version of libsodium, "1.0.18". Static. */
const char *ehr_crypto_version(void);

/* Overwrites `length` bytes with zeros in a way the compiler keeps; NULL with length 0 is fine.
 * For secrets held outside crypto/. */
void ehr_wipe(void *data, size_t length);

/* Whether `length` bytes are equal, in time that depends on `length` alone: 1 or 0. */
int ehr_equal(const void *a, const void *b, size_t length);

#endif /* EHR_CRYPTO_RANDOM_H */
