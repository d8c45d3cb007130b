/* ehr_outside [--data FOLDER] FILE...: compares the primitives below crypto/ with vectors that
 * others published: Wycheproof (Ed25519, XChaCha20-Poly1305), RFC 8032 and RFC 9496. Not the
 * constructions: those are ehr_vectors. Calls libsodium where our interface cannot reach: it signs
 * only 48 bytes, and never shows a nonce. With --data also Wycheproof's files of the data folder
 * are read: of FOLDER, or of that in the environment variable EHRGRID_DATA. Prints for every class
 * how many cases agree; a file that is not there is said to be skipped. Exit code 0, 1 where a case
 * disagreed, 2 where a file is malformed, 77 where every file was skipped. */
#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/group.h"
#include "crypto/random.h"
#include "crypto/sign.h"

enum { CLASSES_MAX = 32, BYTES_MAX = 2048 };

/* Counts of one file, by class. */
struct tally {
    const char *file;
    struct {
        const char *name;
        unsigned agreed, disagreed;
    } class[CLASSES_MAX];
    size_t classes;
};

struct bytes {
    uint8_t data[BYTES_MAX];
    size_t length;
};

static void malformed(const struct tally *tally, const char *what)
{
    fprintf(stderr, "%s: malformed: %s\n", tally->file, what);
    exit(2);
}

/* Counts a case; `name` lives as long as the file's JSON, `which` names the case. */
static void count(struct tally *tally, const char *name, bool agrees, const char *which)
{
    size_t i = 0;
    while (i < tally->classes && strcmp(tally->class[i].name, name) != 0)
        i++;
    if (i == tally->classes) {
        if (i == CLASSES_MAX)
            malformed(tally, "more classes than are counted");
        tally->class[tally->classes++].name = name;
    }
    if (agrees) {
        tally->class[i].agreed++;
    } else {
        tally->class[i].disagreed++;
        printf("%s: disagreed: %s: %s\n", tally->file, name, which);
    }
}

/* ---- members ---- */

static const cJSON *member(const struct tally *tally, const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    if (found == NULL)
        malformed(tally, name);
    return found;
}

static const char *text_of(const struct tally *tally, const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(tally, object, name));
    if (text == NULL)
        malformed(tally, name);
    return text;
}

static struct bytes from_hex(const struct tally *tally, const char *hex)
{
    struct bytes out = {.length = 0};
    const char *end = NULL;
    if (hex == NULL ||
        sodium_hex2bin(out.data, sizeof out.data, hex, strlen(hex), NULL, &out.length, &end) != 0 ||
        *end != '\0')
        malformed(tally, "not hex, or too long");
    return out;
}

static struct bytes bytes_of(const struct tally *tally, const cJSON *object, const char *name)
{
    return from_hex(tally, text_of(tally, object, name));
}

static struct bytes sized(const struct tally *tally, const cJSON *object, const char *name,
                          size_t length)
{
    struct bytes out = bytes_of(tally, object, name);
    if (out.length != length)
        malformed(tally, name);
    return out;
}

/* ---- Wycheproof ---- */

static bool ed25519_accepts(const struct tally *tally, const cJSON *group, const cJSON *test)
{
    struct bytes public = sized(tally, member(tally, group, "publicKey"), "pk", 32);
    struct bytes message = bytes_of(tally, test, "msg"), sig = bytes_of(tally, test, "sig");
    return sig.length == 64 &&
           crypto_sign_verify_detached(sig.data, message.data, message.length, public.data) == 0;
}

/* Opens to the message, and sealing the message gives the same ciphertext and tag. */
static bool xchacha_accepts(const struct tally *tally, const cJSON *group, const cJSON *test)
{
    (void)group;
    struct bytes key = bytes_of(tally, test, "key"), nonce = bytes_of(tally, test, "iv");
    struct bytes aad = bytes_of(tally, test, "aad"), message = bytes_of(tally, test, "msg");
    struct bytes ct = bytes_of(tally, test, "ct"), tag = bytes_of(tally, test, "tag");
    uint8_t opened[BYTES_MAX], sealed[BYTES_MAX + 16];
    if (key.length != 32 || nonce.length != 24 || tag.length != 16 ||
        ct.length + 16 > sizeof ct.data || message.length != ct.length)
        return false;
    memcpy(ct.data + ct.length, tag.data, 16);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, ct.data, ct.length + 16,
                                                   aad.data, aad.length, nonce.data, key.data) != 0)
        return false;
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, message.data, message.length, aad.data,
                                               aad.length, NULL, nonce.data, key.data);
    return memcmp(opened, message.data, message.length) == 0 &&
           memcmp(sealed, ct.data, ct.length + 16) == 0;
}

static void wycheproof(struct tally *tally, const cJSON *root,
                       bool (*accepts)(const struct tally *tally, const cJSON *group,
                                       const cJSON *test))
{
    const cJSON *group, *test;
    int run = 0;
    cJSON_ArrayForEach(group, member(tally, root, "testGroups"))
    {
        cJSON_ArrayForEach(test, member(tally, group, "tests"))
        {
            const char *result = text_of(tally, test, "result");
            char which[24];
            snprintf(which, sizeof which, "tcId %d", member(tally, test, "tcId")->valueint);
            bool valid = strcmp(result, "valid") == 0;
            if (!valid && strcmp(result, "invalid") != 0)
                malformed(tally, "a result that is neither valid nor invalid");
            count(tally, result, accepts(tally, group, test) == valid, which);
            run++;
        }
    }
    if (run != member(tally, root, "numberOfTests")->valueint)
        malformed(tally, "another number of cases than stated");
}

/* ---- RFC 8032, section 7.1 ---- */

static void rfc8032(struct tally *tally, const cJSON *root)
{
    const cJSON *test;
    cJSON_ArrayForEach(test, member(tally, root, "cases"))
    {
        const char *name = text_of(tally, test, "name");
        struct bytes seed = sized(tally, test, "secret_key", 32);
        struct bytes public = sized(tally, test, "public_key", 32);
        struct bytes sig = sized(tally, test, "signature", 64);
        struct bytes message = bytes_of(tally, test, "message");
        struct ehr_sign_key key;
        ehr_sign_key_init(&key, seed.data);
        count(tally, "our key derivation", memcmp(key.public, public.data, 32) == 0, name);
        uint8_t made[64], secret[64];
        memcpy(secret, key.seed, 32);
        memcpy(secret + 32, key.public, 32);
        crypto_sign_detached(made, NULL, message.data, message.length, secret);
        count(tally, "signature made", memcmp(made, sig.data, 64) == 0, name);
        count(tally, "signature accepted",
              crypto_sign_verify_detached(sig.data, message.data, message.length, public.data) == 0,
              name);
        sig.data[0] ^= 1;
        count(tally, "altered signature refused",
              crypto_sign_verify_detached(sig.data, message.data, message.length, public.data) != 0,
              name);
    }
}

/* ---- RFC 9496, appendix A ---- */

/* i*B by the base's multiplication, by the general one, and as the previous multiple plus B. */
static bool multiple_agrees(unsigned i, const uint8_t *expected, const uint8_t *previous,
                            const struct ehr_point *base)
{
    struct ehr_scalar scalar = {{(uint8_t)i}};
    struct ehr_point by_base, general, sum, before;
    if (ehr_point_check(expected) != EHR_OK || ehr_point_mul_base(&by_base, &scalar) != EHR_OK ||
        ehr_point_mul(&general, &scalar, base) != EHR_OK)
        return false;
    if (i > 1 && (ehr_point_import(&before, previous) != EHR_OK ||
                  ehr_point_add(&sum, &before, base) != EHR_OK))
        return false;
    return memcmp(by_base.bytes, expected, 32) == 0 && memcmp(general.bytes, expected, 32) == 0 &&
           (i <= 1 || memcmp(sum.bytes, expected, 32) == 0);
}

static void rfc9496_multiples(struct tally *tally, const cJSON *root)
{
    const cJSON *item, *list = member(tally, root, "multiples");
    struct bytes base = from_hex(tally, cJSON_GetStringValue(cJSON_GetArrayItem(list, 1)));
    struct bytes previous = {.length = 0};
    struct ehr_point B;
    if (ehr_point_import(&B, base.data) != EHR_OK)
        memset(&B, 0, sizeof B); /* every multiple then disagrees */
    unsigned i = 0;
    cJSON_ArrayForEach(item, list)
    {
        struct bytes expected = from_hex(tally, cJSON_GetStringValue(item));
        if (expected.length != 32)
            malformed(tally, "multiples");
        struct ehr_scalar zero = {{0}};
        struct ehr_point out;
        if (i == 0)
            count(tally, "0*B, the identity: refused by design (status POINT; 0 is SCALAR)",
                  sodium_is_zero(expected.data, 32) &&
                      ehr_point_check(expected.data) == EHR_POINT &&
                      ehr_point_mul_base(&out, &zero) == EHR_SCALAR,
                  item->valuestring);
        else
            count(tally, "multiples of the generator",
                  multiple_agrees(i, expected.data, previous.data, &B), item->valuestring);
        previous = expected;
        expected.data[31] |= 0x80;
        count(tally, "the same with bit 255 set: refused (stricter than libsodium 1.0.18)",
              ehr_point_check(expected.data) == EHR_POINT, item->valuestring);
        i++;
    }
}

static void rfc9496(struct tally *tally, const cJSON *root)
{
    const cJSON *item;
    rfc9496_multiples(tally, root);
    cJSON_ArrayForEach(item, member(tally, root, "invalid"))
    {
        struct bytes encoding = sized(tally, item, "encoding", 32);
        count(tally, text_of(tally, item, "class"), ehr_point_check(encoding.data) == EHR_POINT,
              text_of(tally, item, "encoding"));
    }
    cJSON_ArrayForEach(item, member(tally, root, "hash_to_group"))
    {
        struct bytes input = sized(tally, item, "input", 64);
        struct bytes output = sized(tally, item, "output", 32);
        uint8_t found[32];
        count(tally, "hash to group",
              ehr_group_sodium.from_hash(found, input.data) == 0 &&
                  memcmp(found, output.data, 32) == 0,
              text_of(tally, item, "input"));
    }
}

/* ---- files ---- */

static void run(struct tally *tally, const cJSON *root)
{
    const char *algorithm =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "algorithm"));
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "format"));
    if (algorithm != NULL && strcmp(algorithm, "EDDSA") == 0)
        wycheproof(tally, root, ed25519_accepts);
    else if (algorithm != NULL && strcmp(algorithm, "XCHACHA20-POLY1305") == 0)
        wycheproof(tally, root, xchacha_accepts);
    else if (format != NULL && strcmp(format, "rfc8032") == 0)
        rfc8032(tally, root);
    else if (format != NULL && strcmp(format, "rfc9496") == 0)
        rfc9496(tally, root);
    else
        malformed(tally, "neither Wycheproof's nor ours");
}

/* Returns cases that disagreed; *skipped is set where there is no such file. */
static unsigned file_run(const char *path, bool *skipped)
{
    const char *slash = strrchr(path, '/');
    struct tally tally = {.file = slash != NULL ? slash + 1 : path};
    FILE *file = fopen(path, "rb");
    *skipped = file == NULL;
    if (file == NULL) {
        printf("%s: skipped: not there\n", tally.file);
        return 0;
    }
    size_t capacity = (size_t)4 << 20;
    char *text = malloc(capacity);
    size_t length = text != NULL ? fread(text, 1, capacity, file) : 0;
    fclose(file);
    cJSON *root = cJSON_ParseWithLength(text, length);
    free(text);
    if (root == NULL)
        malformed(&tally, "not JSON");
    run(&tally, root);
    unsigned agreed = 0, disagreed = 0;
    for (size_t i = 0; i < tally.classes; i++) {
        printf("%s: %s: %u agreed, %u disagreed\n", tally.file, tally.class[i].name,
               tally.class[i].agreed, tally.class[i].disagreed);
        agreed += tally.class[i].agreed;
        disagreed += tally.class[i].disagreed;
    }
    printf("%s: %u agreed, %u disagreed\n", tally.file, agreed, disagreed);
    if (agreed + disagreed == 0)
        malformed(&tally, "no case");
    cJSON_Delete(root);
    return disagreed;
}

/* Wycheproof's files of the data folder; adds to *there how many were. */
static unsigned data_run(const char *folder, int *there)
{
    static const char *const names[] = {"ed25519_test.json", "xchacha20_poly1305_test.json"};
    const char *set = getenv("EHRGRID_DATA");
    unsigned disagreed = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        bool skipped;
        snprintf(path, sizeof path, "%s/vectors/%s", set != NULL ? set : folder, names[i]);
        disagreed += file_run(path, &skipped);
        *there += !skipped;
    }
    return disagreed;
}

int main(int argc, char **argv)
{
    unsigned disagreed = 0;
    int there = 0, first = argc > 2 && strcmp(argv[1], "--data") == 0 ? 3 : 1;
    if (argc < 2) {
        fprintf(stderr, "usage: ehr_outside [--data FOLDER] FILE...\n");
        return 2;
    }
    ehr_crypto_init();
    for (int i = first; i < argc; i++) {
        bool skipped;
        disagreed += file_run(argv[i], &skipped);
        there += !skipped;
    }
    if (first == 3)
        disagreed += data_run(argv[2], &there);
    if (there == 0)
        return 77;
    return disagreed != 0;
}
