/* What crypto/ relies on of libsodium itself: that a hidden draw aborts, and the acceptance rules
 * of Ed25519 and XChaCha20-Poly1305 (Wycheproof's cases, from the data folder). The one test that
 * includes <sodium.h>: our interfaces sign only 48 bytes and never show a nonce. */
#include <cjson/cJSON.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* ---- Wycheproof ---- */

/* The parsed file of that name in the data folder; NULL (and a line of output) where absent. */
static cJSON *data_file_parse(const char *name)
{
    const char *folder = getenv("EHRGRID_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/vectors/%s",
             folder != NULL ? folder : EHR_SOURCE_DIR "/../shared/data", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("skipped: %s is not there ", path);
        return NULL;
    }
    size_t capacity = (size_t)4 << 20;
    char *text = malloc(capacity);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    size_t length = fread(text, 1, capacity, file);
    fclose(file);
    cJSON *root = cJSON_ParseWithLength(text, length);
    free(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    return root;
}

struct bytes {
    uint8_t data[1024];
    size_t length;
};

static struct bytes bytes_of(const cJSON *object, const char *member)
{
    struct bytes out = {.length = 0};
    const char *hex = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
    CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
    int rc = sodium_hex2bin(out.data, sizeof out.data, hex, strlen(hex), NULL, &out.length, NULL);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
    return out;
}

static int number_of(const cJSON *object, const char *member)
{
    return cJSON_GetObjectItemCaseSensitive(object, member)->valueint;
}

static int valid_expected(const cJSON *test)
{
    const char *result = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(test, "result"));
    return strcmp(result, "valid") == 0;
}

static int ed25519_accepts(const cJSON *test, const struct bytes *public)
{
    struct bytes message = bytes_of(test, "msg"), sig = bytes_of(test, "sig");
    return public->length == 32 && sig.length == 64 &&
           crypto_sign_verify_detached(sig.data, message.data, message.length, public->data) == 0;
}

static void ed25519_agrees_with_wycheproof(void)
{
    ehr_crypto_init();
    cJSON *root = data_file_parse("ed25519_test.json");
    const cJSON *group, *test;
    int run = 0;
    cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(root, "testGroups"))
    {
        struct bytes public = bytes_of(cJSON_GetObjectItemCaseSensitive(group, "publicKey"), "pk");
        cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(group, "tests"))
        {
            run++;
            int accepted = ed25519_accepts(test, &public);
            if (accepted != valid_expected(test))
                printf("tcId %d: accepted %d ", number_of(test, "tcId"), accepted);
            CU_ASSERT_EQUAL(accepted, valid_expected(test));
        }
    }
    if (root != NULL)
        CU_ASSERT_EQUAL(run, number_of(root, "numberOfTests"));
    cJSON_Delete(root);
}

static int xchacha_accepts(const cJSON *test)
{
    struct bytes key = bytes_of(test, "key"), nonce = bytes_of(test, "iv");
    struct bytes aad = bytes_of(test, "aad"), message = bytes_of(test, "msg");
    struct bytes ct = bytes_of(test, "ct"), tag = bytes_of(test, "tag");
    uint8_t opened[1024];
    if (key.length != 32 || nonce.length != 24 || tag.length != 16)
        return 0;
    memcpy(ct.data + ct.length, tag.data, 16);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, ct.data, ct.length + 16,
                                                   aad.data, aad.length, nonce.data, key.data) != 0)
        return 0;
    return memcmp(opened, message.data, message.length) == 0;
}

static void xchacha20_poly1305_agrees_with_wycheproof(void)
{
    ehr_crypto_init();
    cJSON *root = data_file_parse("xchacha20_poly1305_test.json");
    const cJSON *group, *test;
    int run = 0;
    cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(root, "testGroups"))
        cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(group, "tests"))
    {
        run++;
        CU_ASSERT_EQUAL(xchacha_accepts(test), valid_expected(test));
    }
    if (root != NULL)
        CU_ASSERT_EQUAL(run, number_of(root, "numberOfTests"));
    cJSON_Delete(root);
}

static const struct ehr_unit_case cases[] = {
    {"hidden_draw_aborts_after_init", hidden_draw_aborts_after_init},
    {"ed25519_agrees_with_wycheproof", ed25519_agrees_with_wycheproof},
    {"xchacha20_poly1305_agrees_with_wycheproof", xchacha20_poly1305_agrees_with_wycheproof},
};

EHR_UNIT_MAIN("crypto_sodium", cases)
