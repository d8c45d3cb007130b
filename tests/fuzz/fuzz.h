/* What the fuzz targets of decoders share: choices read off the front of the input, exact copies of
 * what is decoded, checks of what a decoder leaves behind, and keys under which an altered object
 * is signed or sealed again, so that the fuzzer gets behind the signature. Not for other tests. */
#ifndef EHR_TESTS_FUZZ_H
#define EHR_TESTS_FUZZ_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/group.h"
#include "crypto/sign.h"
#include "crypto/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* ---- the input ---- */

/* Reads fixed-width choices; zeros behind the end. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};
/* The first byte: what the rest is, and with bit 7 that it is under the modelled group, where a
 * point needs no multiplication and one of 16 random ones is valid; else under the real one. */
unsigned fuzz_kind(struct fuzz_input *in);
uint8_t fuzz_u8(struct fuzz_input *in);
uint16_t fuzz_u16(struct fuzz_input *in);
uint64_t fuzz_u64(struct fuzz_input *in);
void fuzz_bytes(struct fuzz_input *in, uint8_t *out, size_t count);

/* Bytes in memory of exactly their length, so that a read behind them is seen. */
struct fuzz_blob {
    uint8_t *data;
    size_t len;
};
struct fuzz_blob fuzz_part(struct fuzz_input *in); /* u16 length (at most what is left), bytes */
struct fuzz_blob fuzz_rest(struct fuzz_input *in);
struct fuzz_blob fuzz_copy(const uint8_t *data, size_t len);
void fuzz_blob_free(struct fuzz_blob *blob);

/* Alters `data` by a number of (u16 offset, u8 mask) read from the input; whether it changed. */
bool fuzz_edit(struct fuzz_input *in, uint8_t *data, size_t len);

/* ---- outputs ---- */

void fuzz_soil(void *out, size_t len); /* before a call */
bool fuzz_is_zero(const void *out, size_t len);
bool fuzz_is_soiled(const void *out, size_t len);

/* Asserts that a status is one of those that the header promises. */
#define FUZZ_BIT(status) (1U << (status))
static inline enum ehr_status fuzz_among(enum ehr_status status, unsigned allowed)
{
    assert(((allowed | FUZZ_BIT(EHR_OK)) >> status & 1) != 0);
    return status;
}

/* ---- keys ---- */

enum { FUZZ_KEYS = 40 };

/* Pairs 0..FUZZ_KEYS-1 of the group in use, always the same. */
const struct ehr_sign_key *fuzz_sign_key(unsigned i);
const struct ehr_dh_key *fuzz_dh_key(unsigned i);

/* 0: real, 1: modelled; for what a target keeps from one input to another. */
enum { FUZZ_GROUPS = 2 };
unsigned fuzz_group(void);

/* A generator that starts anew for every input. */
struct ehr_rng *fuzz_rng(void);

#endif /* EHR_TESTS_FUZZ_H */
