#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/drbg.h"
#include "crypto/memo.h"
#include "crypto/modelled.h"

static unsigned group;
static struct ehr_sign_key sign_keys[FUZZ_GROUPS][FUZZ_KEYS];
static struct ehr_dh_key dh_keys[FUZZ_GROUPS][FUZZ_KEYS];
static struct ehr_drbg drbg;

static void group_use(unsigned wanted)
{
    if (wanted != group)
        ehr_group_provider_set(wanted == 1 ? &ehr_group_modelled_unsafe : &ehr_group_sodium);
    group = wanted;
}

static void keys_make(void)
{
    ehr_drbg_init(&drbg, 1, 0, "fuzz", EHR_DRBG_CRYPTO);
    for (unsigned i = 0; i < FUZZ_KEYS; i++) {
        uint8_t seed[32];
        ehr_rng_fill(&drbg.rng, seed, sizeof seed);
        ehr_sign_key_init(&sign_keys[group][i], seed);
        enum ehr_status status = ehr_dh_key_make(&dh_keys[group][i], &drbg.rng);
        assert(status == EHR_OK);
        (void)status;
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    ehr_crypto_init();
    /* What one input computes must not shorten the way of another. */
    ehr_memo_configure(0);
    for (unsigned i = FUZZ_GROUPS; i-- > 0;) {
        group_use(i);
        keys_make();
    }
    return 0;
}

/* ---- the input ---- */

void fuzz_bytes(struct fuzz_input *in, uint8_t *out, size_t count)
{
    size_t got = count < in->left ? count : in->left;
    memset(out, 0, count);
    if (got != 0)
        memcpy(out, in->at, got);
    in->at += got;
    in->left -= got;
}

unsigned fuzz_kind(struct fuzz_input *in)
{
    uint8_t byte = fuzz_u8(in);
    group_use(byte >> 7);
    return byte & 0x7f;
}

uint8_t fuzz_u8(struct fuzz_input *in)
{
    uint8_t byte;
    fuzz_bytes(in, &byte, 1);
    return byte;
}

uint16_t fuzz_u16(struct fuzz_input *in)
{
    uint8_t bytes[2];
    fuzz_bytes(in, bytes, sizeof bytes);
    return ehr_le16_get(bytes);
}

uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint8_t bytes[8];
    fuzz_bytes(in, bytes, sizeof bytes);
    return ehr_le64_get(bytes);
}

struct fuzz_blob fuzz_copy(const uint8_t *data, size_t len)
{
    struct fuzz_blob blob = {.data = malloc(len), .len = len};
    assert(blob.data != NULL || len == 0);
    if (len != 0)
        memcpy(blob.data, data, len);
    return blob;
}

struct fuzz_blob fuzz_rest(struct fuzz_input *in)
{
    struct fuzz_blob blob = fuzz_copy(in->at, in->left);
    in->at += in->left;
    in->left = 0;
    return blob;
}

struct fuzz_blob fuzz_part(struct fuzz_input *in)
{
    size_t len = fuzz_u16(in);
    if (len > in->left)
        len = in->left;
    struct fuzz_blob blob = fuzz_copy(in->at, len);
    in->at += len;
    in->left -= len;
    return blob;
}

void fuzz_blob_free(struct fuzz_blob *blob)
{
    free(blob->data);
    *blob = (struct fuzz_blob){0};
}

bool fuzz_edit(struct fuzz_input *in, uint8_t *data, size_t len)
{
    struct fuzz_blob before = fuzz_copy(data, len);
    for (unsigned edits = fuzz_u8(in) % 4; edits > 0; edits--) {
        size_t offset = fuzz_u16(in);
        uint8_t mask = fuzz_u8(in);
        if (len != 0)
            data[offset % len] ^= mask;
    }
    bool changed = len != 0 && memcmp(before.data, data, len) != 0;
    fuzz_blob_free(&before);
    return changed;
}

/* ---- outputs ---- */

enum { SOIL = 0xa5 };

static bool is_all(const uint8_t *at, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != value)
            return false;
    return true;
}

void fuzz_soil(void *out, size_t len)
{
    if (len != 0)
        memset(out, SOIL, len);
}

bool fuzz_is_zero(const void *out, size_t len)
{
    return is_all(out, len, 0);
}

bool fuzz_is_soiled(const void *out, size_t len)
{
    return is_all(out, len, SOIL);
}

/* ---- keys ---- */

const struct ehr_sign_key *fuzz_sign_key(unsigned i)
{
    return &sign_keys[group][i % FUZZ_KEYS];
}

const struct ehr_dh_key *fuzz_dh_key(unsigned i)
{
    return &dh_keys[group][i % FUZZ_KEYS];
}

unsigned fuzz_group(void)
{
    return group;
}

struct ehr_rng *fuzz_rng(void)
{
    ehr_drbg_init(&drbg, 2, 0, "fuzz", EHR_DRBG_CRYPTO);
    return &drbg.rng;
}
