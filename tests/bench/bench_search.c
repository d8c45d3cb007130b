/* Searching at scale, in nanoseconds and bytes.
 *
 *   bench_search [LABELS ...]      default: 10000 1000000 10000000; 100000000 needs 4 GB
 *
 * All times are the processor's; but for the filling, medians of SLICES.
 *
 * dictionary: a table of so many labels, TRAPDOOR_LABELS of each trapdoor. `result`: label_c and
 * its look-up, by trapdoor in random order; `look-up`: without the PRF, labels in random order;
 * `miss`: labels that are not there. Memory: `held` by the table's own count, `peak` while it was
 * filled, by the kernel's (resident; each size is a process of its own). `stall`: the longest GROUP
 * of insertions in a row.
 *
 * scan: 10^6 entries (fewer with sizes given that are smaller), one trapdoor that matches a few. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/codec.h"
#include "crypto/scan.h"
#include "crypto/sign.h"
#include "sim/contract/table.h"

enum {
    TRAPDOOR_LABELS = 100,
    GROUP = 64,       /* insertions that are timed together */
    SLICES = 5,       /* medians of so many */
    LOOKUPS = 200000, /* in a slice */
    SCAN_ENTRIES = 1000000,
    SCAN_NKW = 8,
    SCAN_EVERY = 1000,
    ATX_BYTES = 281 + 16 * SCAN_NKW + 32 * 4, /* an index transaction, Merkle path of 4 */
    ATX_LABELS = 140,
};

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Of this process alone, whatever else the machine does. */
static double cpu_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[SLICES])
{
    qsort(values, SLICES, sizeof *values, compare_doubles);
    return values[SLICES / 2];
}

static double peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void trapdoor(uint8_t T[32], uint64_t number)
{
    memset(T, 0, 32);
    ehr_le64(T, number);
}

static void *must(void *allocated)
{
    if (allocated == NULL) {
        fputs("out of memory\n", stderr);
        exit(3);
    }
    return allocated;
}

/* ---- dictionary ---- */

/* The longest group of insertions, in seconds: clocks are not read for each. */
static double table_fill(struct ehr_table *table, uint64_t labels)
{
    double longest = 0, begin = cpu_seconds();
    uint8_t T[32], label[EHR_INDEX_LABEL_BYTES];
    for (uint64_t i = 0; i < labels; i++) {
        trapdoor(T, i / TRAPDOOR_LABELS);
        ehr_index_label(label, T, (uint32_t)(i % TRAPDOOR_LABELS));
        ehr_table_put(table, label, (struct ehr_place){1 + i / 1000, (uint32_t)(i % 1000)});
        if (i % GROUP != GROUP - 1)
            continue;
        double end = cpu_seconds();
        longest = end - begin > longest ? end - begin : longest;
        begin = end;
    }
    return longest;
}

/* Whole searches, label_0, label_1, ... and the gap, as an alliance node does them: the memory of a
 * label arrives while the next one is computed. Nanoseconds per result. */
static double time_results(const struct ehr_table *table, uint64_t labels, uint64_t *state)
{
    uint64_t found = 0, trapdoors = labels / TRAPDOOR_LABELS;
    double begin = cpu_seconds();
    while (found < LOOKUPS) {
        uint8_t T[32], label[2][EHR_INDEX_LABEL_BYTES];
        uint32_t missed = 0;
        struct ehr_place place;
        trapdoor(T, next(state) % trapdoors);
        ehr_index_label(label[0], T, 0);
        for (uint32_t c = 0; missed < EHR_INDEX_GAP; c++) {
            ehr_table_prefetch(table, label[c % 2]);
            ehr_index_label(label[(c + 1) % 2], T, c + 1);
            bool hit = ehr_table_get(table, label[c % 2], UINT64_MAX, &place);
            missed = hit ? 0 : missed + 1;
            found += hit;
        }
    }
    return (cpu_seconds() - begin) * 1e9 / (double)found;
}

static double time_lookups(const struct ehr_table *table, uint64_t first, uint64_t labels,
                           uint64_t *state)
{
    bool there = first == 0;
    uint64_t found = 0;
    uint8_t(*keys)[EHR_INDEX_LABEL_BYTES] = must(malloc(LOOKUPS * sizeof *keys));
    for (size_t i = 0; i < LOOKUPS; i++) {
        uint8_t T[32];
        uint64_t number = first + next(state) % labels;
        trapdoor(T, number / TRAPDOOR_LABELS);
        ehr_index_label(keys[i], T, (uint32_t)(number % TRAPDOOR_LABELS));
    }
    double begin = cpu_seconds();
    for (size_t i = 0; i < LOOKUPS; i++) {
        struct ehr_place place;
        found += ehr_table_get(table, keys[i], UINT64_MAX, &place);
    }
    double took = cpu_seconds() - begin;
    free(keys);
    if (found != (there ? LOOKUPS : 0)) {
        fputs("the table is wrong\n", stderr);
        exit(1);
    }
    return took * 1e9 / (double)LOOKUPS;
}

static void bench_dictionary(uint64_t labels)
{
    struct ehr_table table = {0};
    double rss = peak_bytes(), begin = cpu_seconds(), result[SLICES], lookup[SLICES], miss[SLICES];
    double stall = table_fill(&table, labels);
    double filled = cpu_seconds() - begin, peak = peak_bytes() - rss;
    uint64_t state = 1;
    for (size_t i = 0; i < SLICES; i++) {
        result[i] = time_results(&table, labels, &state);
        lookup[i] = time_lookups(&table, 0, labels, &state);
        miss[i] = time_lookups(&table, labels + TRAPDOOR_LABELS, labels, &state);
    }
    printf("dictionary %10" PRIu64 " labels: result %6.1f ns, look-up %6.1f ns, miss %6.1f ns; "
           "held %5.2f B a label, peak %5.2f; filled in %.1f s, stall %.1f ms\n",
           labels, median(result), median(lookup), median(miss),
           (double)ehr_table_bytes(&table) / (double)labels, peak / (double)labels, filled,
           stall * 1e3);
    fflush(stdout);
    ehr_table_close(&table);
}

/* In a process of its own; whether all was well. */
static bool bench_apart(uint64_t labels)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        bench_dictionary(labels);
        exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* ---- scan ---- */

static void bench_scan(size_t count)
{
    uint64_t state = 3;
    uint8_t T[32], **transactions = must(malloc(count * sizeof *transactions));
    struct ehr_scan_entry *entries = must(malloc(count * sizeof *entries));
    struct ehr_scan scan;
    trapdoor(T, 7);
    ehr_scan_open(&scan, T);
    for (size_t i = 0; i < count; i++) {
        transactions[i] = must(malloc(ATX_BYTES));
        for (size_t at = 0; at + 8 <= ATX_BYTES; at += 8)
            ehr_le64(transactions[i] + at, next(&state));
        for (size_t at = 0; at < 32; at += 8)
            ehr_le64(entries[i].P + at, next(&state));
        entries[i].labels = transactions[i] + ATX_LABELS;
        entries[i].nkw = SCAN_NKW;
        if (i % SCAN_EVERY == 0)
            ehr_scan_tag(transactions[i] + ATX_LABELS + 16 * (i % SCAN_NKW), &scan, entries[i].P);
    }
    size_t found = 0;
    double each[SLICES];
    for (size_t i = 0; i < SLICES; i++) {
        double begin = cpu_seconds();
        found = 0;
        for (size_t at = ehr_scan_next(&scan, entries, 0, count); at < count;
             at = ehr_scan_next(&scan, entries, at + 1, count))
            found++;
        each[i] = (cpu_seconds() - begin) * 1e9 / (double)count;
    }
    printf("scan       %10zu entries: %.1f ns an entry, %zu found; %zu B an entry beside the "
           "transaction\n",
           count, median(each), found, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        free(transactions[i]);
    free(transactions);
    free(entries);
    ehr_scan_close(&scan);
    if (found != (count + SCAN_EVERY - 1) / SCAN_EVERY)
        exit(1);
}

int main(int argc, char **argv)
{
    static const uint64_t defaults[] = {10000, 1000000, 10000000};
    size_t sizes = argc > 1 ? (size_t)argc - 1 : sizeof defaults / sizeof *defaults;
    uint64_t largest = 0;
    ehr_crypto_init();
    for (size_t i = 0; i < sizes; i++) {
        uint64_t labels = argc > 1 ? strtoull(argv[i + 1], NULL, 10) : defaults[i];
        if (labels < TRAPDOOR_LABELS) {
            fprintf(stderr, "usage: bench_search [LABELS ...], each at least %d\n",
                    TRAPDOOR_LABELS);
            return 2;
        }
        if (!bench_apart(labels))
            return 1;
        largest = labels > largest ? labels : largest;
    }
    bench_scan(largest < SCAN_ENTRIES ? (size_t)largest : SCAN_ENTRIES);
    return 0;
}
