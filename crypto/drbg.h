/* Seeded generator of one simulated actor: ChaCha20 with fast key erasure.
 * Not for a deployment, hence a library of its own (ehr_crypto_sim); certificates issued with it
 * carry the SIMULATION flag. Source: crypto.md section h. */
#ifndef EHR_CRYPTO_DRBG_H
#define EHR_CRYPTO_DRBG_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/random.h"

enum { EHR_DRBG_BUFFER_BYTES = 480 };

/* Which of an actor's two separate streams. */
enum ehr_drbg_stream {
    EHR_DRBG_STREAM_INVALID = 0,
    EHR_DRBG_CRYPTO = 1,   /* label "drbg" */
    EHR_DRBG_WORKLOAD = 2, /* label "drbg-work" */
};

/* Caller-owned; `rng` is what drawing functions take. Not copied while in use. */
struct ehr_drbg {
    struct ehr_rng rng;
    uint8_t key[32];
    uint8_t buffer[EHR_DRBG_BUFFER_BYTES];
    size_t used; /* bytes of buffer already handed out (and erased) */
};

/* Starts the stream of `actor` (UTF-8 text, may be empty) for (scenario seed, replication). */
void ehr_drbg_init(struct ehr_drbg *drbg, uint64_t scenario_seed, uint32_t replication,
                   const char *actor, enum ehr_drbg_stream stream);

/* Wipes the state; NULL is accepted. */
void ehr_drbg_close(struct ehr_drbg *drbg);

#endif /* EHR_CRYPTO_DRBG_H */
