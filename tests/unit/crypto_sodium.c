/* What crypto/ relies on of libsodium itself: that a hidden draw aborts. Its acceptance rules are
 * compared with published vectors in tests/vectors/outside.c. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "tests/unit/unit.h"

/* Signal that ended a child which runs `draw`, or 0 if it returned. */
static int signal_of_child(void (*draw)(void))
{
    fflush(stdout);
    pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        alarm(10); /* a draw that goes on must not hang the test */
        draw();
        _exit(0);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void draw_bytes(void)
{
    uint8_t bytes[8];
    randombytes_buf(bytes, sizeof bytes);
}

static void draw_word(void)
{
    (void)randombytes_random();
}

static void draw_uniform(void)
{
    (void)randombytes_uniform(1000);
}

static void draw_key(void)
{
    uint8_t public[32], secret[64];
    crypto_sign_keypair(public, secret);
}

static void draw_scalar(void)
{
    uint8_t scalar[32];
    crypto_core_ristretto255_scalar_random(scalar);
}

static void draw_nothing(void)
{
}

static void hash(void)
{
    uint8_t out[32];
    EHR_HASH32(out, "vote", EHR_U8(1));
}

static void hash_after_init(void)
{
    ehr_crypto_init();
    hash();
}

/* The first case: this process has not started the library, and does so in a child only. */
static void hash_aborts_before_init(void)
{
    CU_ASSERT_FALSE(ehr_crypto_started());
    CU_ASSERT_EQUAL(signal_of_child(hash), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(hash_after_init), 0);
}

static void hidden_draw_aborts_after_init(void)
{
    ehr_crypto_init();
    ehr_crypto_init(); /* again: no effect */
    CU_ASSERT_STRING_EQUAL(randombytes_implementation_name(), "aborting");
    CU_ASSERT_EQUAL(signal_of_child(draw_bytes), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(draw_word), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(draw_uniform), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(draw_key), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(draw_scalar), SIGABRT);
    CU_ASSERT_EQUAL(signal_of_child(draw_nothing), 0);
}

static const struct ehr_unit_case cases[] = {
    {"hash_aborts_before_init", hash_aborts_before_init},
    {"hidden_draw_aborts_after_init", hidden_draw_aborts_after_init},
};

EHR_UNIT_MAIN("crypto_sodium", cases)
