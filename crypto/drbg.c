#include "crypto/drbg.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"

/* One refill is a block of keystream whose head becomes the next key: what was handed out cannot
 * be recomputed from the state that remains. */
static void drbg_refill(struct ehr_drbg *drbg)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
    uint8_t block[sizeof drbg->key + EHR_DRBG_BUFFER_BYTES];
    int rc = crypto_stream_chacha20(block, sizeof block, nonce, drbg->key);
    assert(rc == 0);
    (void)rc;
    memcpy(drbg->key, block, sizeof drbg->key);
    memcpy(drbg->buffer, block + sizeof drbg->key, sizeof drbg->buffer);
    sodium_memzero(block, sizeof block);
    drbg->used = 0;
}

static void drbg_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    struct ehr_drbg *drbg = (struct ehr_drbg *)rng;
    while (length > 0) {
        if (drbg->used == sizeof drbg->buffer)
            drbg_refill(drbg);
        size_t left = sizeof drbg->buffer - drbg->used;
        size_t take = length < left ? length : left;
        memcpy(out, drbg->buffer + drbg->used, take);
        sodium_memzero(drbg->buffer + drbg->used, take);
        drbg->used += take;
        out += take;
        length -= take;
    }
}

void ehr_drbg_init(struct ehr_drbg *drbg, uint64_t scenario_seed, uint32_t replication,
                   const char *actor, enum ehr_drbg_stream stream)
{
    assert(stream == EHR_DRBG_CRYPTO || stream == EHR_DRBG_WORKLOAD);
    const char *label = stream == EHR_DRBG_CRYPTO ? "drbg" : "drbg-work";
    uint8_t seed[32];
    EHR_HASH32(seed, "run-seed", EHR_U64(scenario_seed), EHR_U32(replication));
    drbg->rng.fill = drbg_fill;
    EHR_PRF32(drbg->key, seed, label, EHR_P(actor, strlen(actor)));
    sodium_memzero(drbg->buffer, sizeof drbg->buffer);
    drbg->used = sizeof drbg->buffer;
    sodium_memzero(seed, sizeof seed);
}

void ehr_drbg_close(struct ehr_drbg *drbg)
{
    if (drbg != NULL)
        sodium_memzero(drbg, sizeof *drbg);
}
