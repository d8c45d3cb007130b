#include "crypto/random.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret.h"

/* A draw that does not go through an explicit generator would differ from run to run: better no
 * run at all. */
static void hidden_draw_abort(void)
{
    fputs("crypto: hidden draw from the global generator\n", stderr);
    abort();
}

static const char *aborting_name(void)
{
    return "aborting";
}

static uint32_t aborting_random(void)
{
    hidden_draw_abort();
    return 0;
}

static void aborting_buf(void *const out, const size_t length)
{
    (void)out;
    if (length > 0)
        hidden_draw_abort();
}

static struct randombytes_implementation aborting = {
    .implementation_name = aborting_name,
    .random = aborting_random,
    .stir = NULL,
    .uniform = NULL, /* then libsodium draws with .random, which aborts */
    .buf = aborting_buf,
    .close = NULL,
};

static bool started = false;

bool ehr_crypto_started(void)
{
    return started;
}

void ehr_crypto_init(void)
{
    if (started)
        return;
    if (sodium_init() < 0 || randombytes_set_implementation(&aborting) != 0) {
        fputs("crypto: libsodium cannot start\n", stderr);
        abort();
    }
    started = true;
}

const char *ehr_crypto_version(void)
{
    return sodium_version_string();
}

void ehr_wipe(void *data, size_t length)
{
    if (length > 0)
        sodium_memzero(data, length);
}

int ehr_equal(const void *a, const void *b, size_t length)
{
    /* The answer is public: callers act on it. Where the values differ is not. */
    return ehr_public_int(sodium_memcmp(a, b, length)) == 0;
}
