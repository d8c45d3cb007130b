/* Every operation of crypto/: its median beside the figure of crypto.md's last section, and the
 * sizes of what it makes.
 *     bench_crypto [rounds [microseconds a sample]]
 * The operations are those of `ehrgrid calibrate` (sim/calibrate). A ratio above 1.5 is marked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/cert.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/query.h"
#include "crypto/random.h"
#include "crypto/reencrypt.h"
#include "sim/calibrate/calibrate.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/block.h"
#include "sim/ledger/private_tx.h"
#include "sim/ledger/quorum_cert.h"

enum { ROUNDS = 301, SAMPLE_US = 200, NOTE_FROM_PERCENT = 150 };

static uint64_t processor_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- figures ---- */

/* A figure of crypto.md, and the sample that it is about, of which a call holds `each` of them. */
static const struct figure {
    const char *what;
    double us;
    const char *sample;
    unsigned size, each;
    const char *note; /* why it may be larger */
} figures[] = {
    {"scalarmult base", 13, "scalarmult_base", 0, 1, NULL},
    {"scalarmult variable", 40, "scalarmult", 0, 1, NULL},
    {"Ed25519 sign", 13.5, "ed_sign", 0, 1, NULL},
    {"Ed25519 verify", 40, "ed_verify", 0, 1, NULL},
    {"Schnorr sign", 14, "schnorr_sign", 0, 1, NULL},
    {"Schnorr verify", 73, "schnorr_verify", 0, 1, NULL},
    {"pseudonym make", 122, "pseudonym_make", 0, 1, NULL},
    {"pseudonym detect, hit", 79, "pseudonym_hit", 0, 1, NULL},
    {"pseudonym detect, miss", 65, "pseudonym_miss", 0, 1, NULL},
    {"encap", 68, "encap", 0, 1, NULL},
    {"capsule verify", 71, "capsule_check", 0, 1, NULL},
    {"decap", 125, "record_open", 448, 1, NULL},
    {"seal 4 KiB", 78, "record_seal", 4288, 1, NULL},
    {"re-encrypt", 277, "reencrypt", 0, 1, NULL},
    {"cfrag verify", 283, "cfrag_verify", 0, 1, NULL},
    {"grant 3/4", 436, "grant_make", 4, 1, NULL},
    {"grant 7/10", 930, "grant_make", 10, 1, NULL},
    {"combine 3/4", 673, "combine", 3, 1, NULL},
    {"combine 7/10", 1165, "combine", 7, 1, NULL},
    {"idx_key", 44, "idx_key", 0, 1, NULL},
    {"trapdoor", 0.43, "trapdoor", 0, 1, NULL},
    {"label", 0.21, "label", 0, 1, NULL},
    {"tx sign", 28.5, "ptx_sign", 0, 1, NULL},
    {"tx verify", 122, "ptx_verify", 0, 1, NULL},
    {"Merkle depth 10", 2.3, "merkle_path", 10, 1, NULL},
    {"dictionary, a look-up", 0.22, "lookup", 8000, 8000,
     "at 10^6 labels; the table is larger than a core's caches, so that a look-up waits for what "
     "lies behind them, which other programs use too: bench_search in a quiet moment"},
    {"scan, an entry", 0.40, "scan", 4096, 4096, NULL},
};

enum { FIGURES = sizeof figures / sizeof figures[0] };

static double sample_us(const struct ehr_calibration *c, const char *name, unsigned size)
{
    for (size_t i = 0; i < ehr_calibration_sample_count(c); i++)
        if (strcmp(ehr_calibration_sample_name(c, i), name) == 0 &&
            ehr_calibration_sample_size(c, i) == size)
            return ehr_calibration_sample(c, i).median / 1000;
    return 0;
}

static void figures_print(const struct ehr_calibration *c)
{
    unsigned beyond = 0;
    printf("\n%-24s %12s %12s %8s\n", "crypto.md", "figure us", "median us", "ratio");
    for (size_t i = 0; i < FIGURES; i++) {
        const struct figure *f = &figures[i];
        double us = sample_us(c, f->sample, f->size) / f->each;
        double ratio = us / f->us;
        bool marked = 100 * ratio > (double)NOTE_FROM_PERCENT;
        beyond += marked;
        printf("%-24s %12.2f %12.2f %8.2f%s\n", f->what, f->us, us, ratio,
               marked ? "  above 1.5" : "");
        if (marked && f->note != NULL)
            printf("    %s\n", f->note);
    }
    printf("%u of %u above 1.5\n", beyond, (unsigned)FIGURES);
}

/* ---- samples and sizes ---- */

static void samples_print(const struct ehr_calibration *c)
{
    printf("%-24s %8s %12s %12s %12s\n", "operation", "size", "median ns", "lower qu.",
           "upper qu.");
    for (size_t i = 0; i < ehr_calibration_sample_count(c); i++) {
        struct ehr_quartiles q = ehr_calibration_sample(c, i);
        printf("%-24s %8u %12.0f %12.0f %12.0f\n", ehr_calibration_sample_name(c, i),
               ehr_calibration_sample_size(c, i), q.median, q.low, q.high);
    }
}

static void entries_print(const struct ehr_calibration *c)
{
    struct ehr_cost_table table = *ehr_cost_table_zero();
    ehr_calibration_table(c, &table);
    printf("\n%-24s %12s %12s\n", "cost table", "ns", "ps/byte");
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++)
        printf("%-24s %12llu %12llu\n", ehr_cost_op_name(op),
               (unsigned long long)table.entry[op].fixed_ns,
               (unsigned long long)table.entry[op].per_byte_ps);
}

static void sizes_print(void)
{
    static const struct {
        const char *what;
        size_t bytes;
    } sizes[] = {
        {"certificate", EHR_CERT_BYTES},
        {"key of an epoch", EHR_EPOCH_CERT_BYTES},
        {"card", EHR_CARD_BYTES},
        {"showing of a card", EHR_CARD_SHOW_BYTES},
        {"pseudonym", EHR_PSEUDONYM_BYTES},
        {"record, beside padding", EHR_RECORD_OVERHEAD_BYTES},
        {"grant 3/4", EHR_GRANT_BYTES(4)},
        {"grant 7/10", EHR_GRANT_BYTES(10)},
        {"grant of 32 proxies", EHR_GRANT_BYTES(32)},
        {"share (cfrag)", EHR_CFRAG_BYTES},
        {"share, signed", EHR_CFRAG_BYTES + EHR_SIGNATURE_BYTES},
        {"private tx, 8 labels", EHR_PTX_BYTES(8, 0)},
        {"the same, emergency", EHR_PTX_BYTES(8, EHR_PTX_FLAG_EMERGENCY)},
        {"alliance tx, depth 4", EHR_ATX_BYTES(8, 4)},
        {"alliance tx, depth 10", EHR_ATX_BYTES(8, 10)},
        {"query, 1 trapdoor", EHR_QUERY_BYTES(1)},
        {"the same, sealed", EHR_QUERY_BYTES(1) + EHR_BOX_OVERHEAD_BYTES},
        {"block header", EHR_BLOCK_HEADER_BYTES},
        {"certificate, 3 of 4", EHR_QUORUM_CERT_BYTES(4, 3)},
        {"certificate, 21 of 31", EHR_QUORUM_CERT_BYTES(31, 21)},
    };
    static const size_t plain[] = {100, 1000, 4096, 100000};
    printf("\n%-24s %12s\n", "size of", "bytes");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        printf("%-24s %12zu\n", sizes[i].what, sizes[i].bytes);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        printf("sealed record of %-7zu %12zu\n", plain[i], ehr_record_sealed_len(plain[i]));
}

int main(int argc, char **argv)
{
    const struct ehr_calibrate_options options = {
        .clock_ns = processor_ns,
        .rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS,
        .sample_ns = 1000 * (argc > 2 ? strtoull(argv[2], NULL, 10) : SAMPLE_US),
    };
    if (options.rounds == 0 || argc > 3) {
        fprintf(stderr, "usage: bench_crypto [rounds [microseconds a sample]]\n");
        return 2;
    }
    struct ehr_calibration *calibration = ehr_calibration_new(&options);
    printf("libsodium %s, medians of %u rounds, processor time, every verification computed\n\n",
           ehr_crypto_version(), options.rounds);
    samples_print(calibration);
    entries_print(calibration);
    figures_print(calibration);
    sizes_print();
    ehr_calibration_free(calibration);
    return 0;
}
