/* What a verification costs against a look-up in the memory of verifications (crypto/memo.h): what
 * costs less than its look-up has no place in there.
 *
 *   bench_memo [repetitions]
 *
 * `first` is a verification that the memory does not hold yet, `again` one that it holds, `off` one
 * with the memory switched off. Medians over rounds of 1,000 different inputs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/capsule.h"
#include "crypto/drbg.h"
#include "crypto/memo.h"
#include "crypto/pseudonym.h"
#include "crypto/schnorr.h"
#include "crypto/sign.h"
#include "sim/ledger/merkle.h"

enum { INPUTS = 1000, ROUNDS_MAX = 101, DEPTH_MAX = 10, LEAVES = 1 << DEPTH_MAX };

static struct ehr_drbg drbg;
static struct ehr_sign_key signer;
static struct ehr_dh_key pair;
static struct {
    uint8_t hash[32], sig[64], proof[64], pseudonym[96];
} inputs[INPUTS];
static uint8_t leaves[32 * LEAVES], *tree;
static unsigned depth;

static void need(enum ehr_status status)
{
    if (status == EHR_OK)
        return;
    fprintf(stderr, "bench_memo: a good input is refused: %d\n", (int)status);
    exit(1);
}

static void ed_verify(size_t i)
{
    need(ehr_sign_verify(signer.public, "sig-vote", inputs[i].hash, inputs[i].sig));
}

static void schnorr_verify(size_t i)
{
    need(ehr_schnorr_verify("sig-own", pair.public.bytes, inputs[i].hash, inputs[i].proof));
}

static void pseudonym_check(size_t i)
{
    need(ehr_pseudonym_check(inputs[i].pseudonym));
}

static void merkle_verify(size_t i)
{
    uint8_t path[EHR_MERKLE_PATH_MAX];
    size_t count = (size_t)1 << depth, index = i % count;
    ehr_merkle_tree_path(path, tree, count, index);
    need(ehr_merkle_verify(ehr_merkle_tree_root(tree, count), leaves + 32 * index, index, path,
                           depth));
}

static void inputs_make(void)
{
    uint8_t seed[32];
    ehr_crypto_init();
    ehr_drbg_init(&drbg, 1, 0, "bench", EHR_DRBG_CRYPTO);
    ehr_rng_fill(&drbg.rng, seed, sizeof seed);
    ehr_sign_key_init(&signer, seed);
    need(ehr_dh_key_make(&pair, &drbg.rng));
    for (size_t i = 0; i < INPUTS; i++) {
        struct ehr_dh_key points[3];
        ehr_rng_fill(&drbg.rng, inputs[i].hash, sizeof inputs[i].hash);
        ehr_sign_make(inputs[i].sig, &signer, "sig-vote", inputs[i].hash);
        need(ehr_schnorr_sign(inputs[i].proof, "sig-own", &pair.secret, &pair.public,
                              inputs[i].hash, &drbg.rng));
        for (size_t k = 0; k < 3; k++) {
            need(ehr_dh_key_make(&points[k], &drbg.rng));
            memcpy(inputs[i].pseudonym + 32 * k, points[k].public.bytes, 32);
        }
    }
    ehr_rng_fill(&drbg.rng, leaves, sizeof leaves);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double round_us(void (*verify)(size_t), size_t count)
{
    double start = now_us();
    for (size_t i = 0; i < count; i++)
        verify(i);
    return (now_us() - start) / (double)count;
}

static void line(const char *name, void (*verify)(size_t), size_t count, unsigned rounds)
{
    double off[ROUNDS_MAX], first[ROUNDS_MAX], again[ROUNDS_MAX];
    for (unsigned r = 0; r < rounds; r++) {
        ehr_memo_configure(0);
        off[r] = round_us(verify, count);
        ehr_memo_configure(EHR_MEMO_DEFAULT_ENTRIES);
        need(ehr_sign_verify(signer.public, "sig-vote", inputs[0].hash, inputs[0].sig));
        first[r] = round_us(verify, count);
        again[r] = round_us(verify, count);
    }
    qsort(off, rounds, sizeof *off, by_value);
    qsort(first, rounds, sizeof *first, by_value);
    qsort(again, rounds, sizeof *again, by_value);
    printf("%-22s %10.2f %10.2f %10.2f\n", name, off[rounds / 2], first[rounds / 2],
           again[rounds / 2]);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 11;
    if (rounds == 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_memo [repetitions], 1 to %d\n", ROUNDS_MAX);
        return 2;
    }
    inputs_make();
    printf("%-22s %10s %10s %10s\n", "microseconds", "off", "first", "again");
    line("Ed25519 signature", ed_verify, INPUTS, rounds);
    line("Schnorr proof", schnorr_verify, INPUTS, rounds);
    line("pseudonym (3 points)", pseudonym_check, INPUTS, rounds);
    for (depth = 1; depth <= DEPTH_MAX; depth++) {
        char name[32];
        size_t count = (size_t)1 << depth;
        tree = malloc(ehr_merkle_tree_len(count));
        if (tree == NULL)
            return 3;
        ehr_merkle_tree_build(tree, leaves, count);
        snprintf(name, sizeof name, "Merkle path, depth %u", depth);
        line(name, merkle_verify, count < INPUTS ? count : INPUTS, rounds);
        free(tree);
    }
    return 0;
}
