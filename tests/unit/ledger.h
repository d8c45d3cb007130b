/* What the tests of the ledger share: a seeded generator, and a look for zeros. */
#ifndef EHR_TESTS_UNIT_LEDGER_H
#define EHR_TESTS_UNIT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/drbg.h"

static inline void start(struct ehr_drbg *drbg)
{
    ehr_crypto_init();
    ehr_drbg_init(drbg, 5, 0, "ledger", EHR_DRBG_CRYPTO);
}

static inline bool is_zero(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0 && *at == 0) {
        at++;
        len--;
    }
    return len == 0;
}

#endif /* EHR_TESTS_UNIT_LEDGER_H */
