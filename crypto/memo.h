/* One door for all verifications: results of pure functions of their full inputs, remembered.
 * Not a cache of anything that depends on time, height, revocation or freshness. In a simulation
 * many nodes verify the same bytes: the work is done once and charged to everyone (cost.h).
 * Results are the same with the memory on or off. Not thread-safe: one memory per process, used
 * by one thread, as SimGrid runs its actors. Source: architecture.md, "Cost of time".
 *
 * What costs less than the memory's own hash and look-up stays outside: hashes, MACs, vote digests,
 * and Merkle paths of a depth below 4. Microseconds, computed and remembered: Ed25519 44 and 0.4,
 * Schnorr 71 and 0.4, a pseudonym's points 13 and 0.2, Merkle paths of depth 2, 4 and 10 0.35,
 * 0.68, 1.71 and 0.34, 0.33, 0.58; remembering costs 0.3 to 0.6 (tests/bench/bench_memo.c). A
 * certificate of a quorum is remembered signature by signature. */
#ifndef EHR_CRYPTO_MEMO_H
#define EHR_CRYPTO_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/status.h"

/* What is verified; part of the key, so that no two kinds can answer for each other. */
enum ehr_memo_kind {
    EHR_MEMO_INVALID = 0,
    EHR_MEMO_ED_SIGNATURE = 1,
    EHR_MEMO_SCHNORR = 2,
    EHR_MEMO_CERTIFICATE = 3, /* the DH key of a certificate; its signature is kind 1 */
    EHR_MEMO_CAPSULE = 4,
    EHR_MEMO_GRANT = 5,
    EHR_MEMO_CFRAG = 6,
    EHR_MEMO_POINTS = 7, /* that the encodings of a pseudonym on chain are points */
    EHR_MEMO_MERKLE = 8, /* a path to a root */
    EHR_MEMO_KIND_COUNT,
};

struct ehr_memo_counters {
    uint64_t hits;
    uint64_t misses; /* computed, whether or not remembered */
};

/* What the memory holds. It takes `entries` times EHR_MEMO_ENTRY_BYTES and never more. */
struct ehr_memo_use {
    size_t entries;    /* capacity; 0: off */
    size_t used;       /* of them, since it was last emptied */
    uint64_t replaced; /* entries that made room for another, since the counters began */
};

enum {
    EHR_MEMO_DEFAULT_ENTRIES = 1 << 16, /* until configured; 2,162,688 bytes, taken at first use */
    EHR_MEMO_ENTRY_BYTES = EHR_HASH_BYTES + 1,
};

/* Status of the verification `kind` over `parts`: remembered, or compute(context). `compute` is a
 * pure function of exactly the values in `parts`, which include everything it reads (keys, label,
 * message, signature), and outputs nothing but the status, which is not EHR_STATUS_INVALID. */
EHR_MUST_CHECK enum ehr_status ehr_memo_verify(enum ehr_memo_kind kind,
                                               const struct ehr_part *parts, size_t count,
                                               enum ehr_status (*compute)(const void *context),
                                               const void *context);

/* Bounds the memory to `entries` (rounded down to a power of two, at least 4) and empties it;
 * 0 switches it off. A full memory replaces old entries. */
void ehr_memo_configure(size_t entries);

/* Forgets all results; keeps capacity and counters. */
void ehr_memo_clear(void);

/* Frees the memory and zeroes the counters; the next use starts with the configured capacity. */
void ehr_memo_close(void);

/* Hits and misses of one kind since the start, or since ehr_memo_close. */
struct ehr_memo_counters ehr_memo_counters_get(enum ehr_memo_kind kind);

/* What it holds now. */
struct ehr_memo_use ehr_memo_use_get(void);

#define EHR_MEMO_VERIFY(kind, compute, context, ...)                                               \
    ehr_memo_verify((kind), EHR_PARTS(__VA_ARGS__), EHR_PARTS_COUNT(__VA_ARGS__), (compute),       \
                    (context))

#endif /* EHR_CRYPTO_MEMO_H */
