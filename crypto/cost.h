/* What each cryptographic operation costs in simulated time: a table, never the wall clock.
 * Library ehr_cost; needs no cryptography. The shipped figures were measured by `ehrgrid calibrate`
 * (medians of five calibrations, three digits); a file can give others (docs/formats/costs.md).
 * What is measured for an entry, and on which sizes: sim/calibrate/operations.c.
 *
 * time = count * fixed_ns + bytes * per_byte_ps / 1000, at a 1 Gf/s host: by definition one with a
 * core like that of the measurement (1 flop = 1 ns). */
#ifndef EHR_CRYPTO_COST_H
#define EHR_CRYPTO_COST_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

/* X(ENUM, "name in files", fixed_ns, per_byte_ps). Whole operations, inner hashes included, as the
 * roles call them; the comments say what an entry covers where its name does not. */
#define EHR_COST_TABLE(X)                                                                          \
    /* group and signatures */                                                                     \
    X(SCALARMULT_BASE, "scalarmult_base", 14400, 0) /* for comparison: no role is charged it */    \
    X(SCALARMULT, "scalarmult", 42000, 0)           /* the same */                                 \
    X(POINT_CHECK, "point_check", 4520, 0)          /* decoding and checking */                    \
    X(ED_SIGN, "ed_sign", 15100, 0)                 /* of a hash; that is charged as such */       \
    X(ED_VERIFY, "ed_verify", 41300, 0)             /* the same */                                 \
    X(SCHNORR_SIGN, "schnorr_sign", 15400, 0)                                                      \
    X(SCHNORR_VERIFY, "schnorr_verify", 70700, 0)                                                  \
    X(HASH, "hash", 136, 980) /* per hash, and per byte under it */                                \
    X(MERKLE_NODE, "merkle_node", 167, 0)                                                          \
    X(MAC_KEY, "mac_key", 42300, 0)                                                                \
    X(MAC, "mac", 309, 0) /* made or checked */                                                    \
    X(BOX_SEAL, "box_seal", 57400, 620)                                                            \
    X(BOX_OPEN, "box_open", 42800, 612)                                                            \
    /* identities */                                                                               \
    X(PATIENT_KEYS, "patient_keys", 58700, 0)     /* four of them */                               \
    X(CERT_ISSUE, "cert_issue", 15400, 0)         /* for comparison */                             \
    X(CERT_VERIFY, "cert_verify", 45700, 0)       /* one of a chain; the root is known */          \
    X(EPOCH_KEY_MAKE, "epoch_key_make", 30100, 0) /* for comparison */                             \
    X(EPOCH_KEY_VERIFY, "epoch_key_verify", 46100, 0)                                              \
    X(CARD_ISSUE, "card_issue", 16100, 0)                                                          \
    X(CARD_SHOW, "card_show", 73600, 0)    /* signature and box */                                 \
    X(CARD_CHECK, "card_check", 175000, 0) /* box, keys, both signatures */                        \
    X(PSEUDONYM_MAKE, "pseudonym_make", 128000, 0)                                                 \
    X(PSEUDONYM_DETECT_HIT, "pseudonym_detect_hit", 85900, 0)                                      \
    X(PSEUDONYM_DETECT_MISS, "pseudonym_detect_miss", 70900, 0)                                    \
    /* records and re-encryption */                                                                \
    X(ENCAP, "encap", 82500, 0)                   /* sealing a record, all but SEAL */             \
    X(CAPSULE_VERIFY, "capsule_verify", 75600, 0) /* the check of a head */                        \
    X(DECAP, "decap", 148000, 0)                  /* opening it, checked, all but OPEN */          \
    X(SEAL, "seal", 0, 1610)                      /* with the hash of the plaintext */             \
    X(OPEN, "open", 0, 647)                                                                        \
    X(GRANT_BASE, "grant_base", 140000, 0)                                                         \
    X(GRANT_PER_PROXY, "grant_per_proxy", 94200, 0)                                                \
    X(GRANT_VERIFY_BASE, "grant_verify_base", 94800, 0)                                            \
    X(GRANT_VERIFY_PER_PROXY, "grant_verify_per_proxy", 4660, 0)                                   \
    X(KFRAG_OPEN, "kfrag_open", 85000, 0) /* and checking */                                       \
    X(REENCRYPT, "reencrypt", 288000, 0)  /* with the check of the head */                         \
    X(CFRAG_VERIFY, "cfrag_verify", 294000, 0)                                                     \
    X(COMBINE_BASE, "combine_base", 277000, 0)           /* with the check of the record, all */   \
    X(COMBINE_PER_SHARE, "combine_per_share", 156000, 0) /*    but OPEN */                         \
    /* index and queries */                                                                        \
    X(IDX_KEY, "idx_key", 46600, 0)                                                                \
    X(TRAPDOOR, "trapdoor", 469, 0) /* from the keyword's text */                                  \
    X(LABEL, "label", 172, 0)                                                                      \
    X(DICTIONARY_LOOKUP, "dictionary_lookup", 232, 0) /* at 10^6 labels */                         \
    X(SCAN_ENTRY, "scan_entry", 278, 0)               /* a PRF and 8 comparisons */                \
    X(QUERY_MAKE, "query_make", 57600, 641)           /* per byte of the query */                  \
    X(QUERY_OPEN, "query_open", 43100, 1600)          /* per byte of its box, with its hash */     \
    /* evidence */                                                                                 \
    X(PTX_SIGN, "ptx_sign", 30500, 0)      /* for comparison: doctor and token */                  \
    X(PTX_VERIFY, "ptx_verify", 128000, 0) /* certificates apart */                                \
    X(ATX_SIGN, "atx_sign", 15700, 0)                                                              \
    X(ATX_VERIFY, "atx_verify", 56400, 0) /* signature, points, path */

enum ehr_cost_op {
    EHR_COST_INVALID = 0,
#define EHR_COST_ENUM(name, text, fixed, per_byte) EHR_COST_##name,
    EHR_COST_TABLE(EHR_COST_ENUM)
#undef EHR_COST_ENUM
    /* one more than the last; entry 0 of a table is unused */
    EHR_COST_COUNT,
};

/* Prices; at most 2^53 - 1 each, so that JSON holds them exactly. */
struct ehr_cost {
    uint64_t fixed_ns;
    uint64_t per_byte_ps;
};

enum { EHR_COST_TEXT_BYTES = 96 };

struct ehr_cost_table {
    /* Where the entries were measured; texts of 1 byte or more, terminated. */
    char cpu[EHR_COST_TEXT_BYTES];       /* model of the processor */
    char libsodium[EHR_COST_TEXT_BYTES]; /* its version */
    char date[EHR_COST_TEXT_BYTES];      /* year-month-day */
    struct ehr_cost entry[EHR_COST_COUNT];
};

/* The shipped figures; all zeros (time of crypto switched off). Static. */
const struct ehr_cost_table *ehr_cost_table_default(void);
const struct ehr_cost_table *ehr_cost_table_zero(void);

/* Name of an operation in files and results; NULL for values that are none. Static. */
const char *ehr_cost_op_name(enum ehr_cost_op op);

/* The operation of that name, or EHR_COST_INVALID. */
enum ehr_cost_op ehr_cost_op_find(const char *name);

/* Nanoseconds of `count` operations over `bytes` bytes in total, rounded up; UINT64_MAX where the
 * sum does not fit. */
uint64_t ehr_cost_ns(const struct ehr_cost_table *table, enum ehr_cost_op op, uint64_t count,
                     uint64_t bytes);

/* ---- Files ----
 * {"format": "ehrgrid-cost-1", "cpu": "...", "libsodium": "1.0.18", "date": "2026-11-22",
 *  "operations": {"ed_sign": {"fixed_ns": 13500, "per_byte_ps": 0}, ... every one, each once ...}}
 * Integers only, 0 .. 2^53 - 1. */

enum { EHR_COST_FILE_BYTES_MAX = 1 << 20, EHR_COST_MESSAGE_BYTES = 256 };

/* Reads a table from text of `length` bytes. EHR_OK or EHR_LEN; then `table` is unchanged and
 * `message` (capacity in bytes, > 0) says what is wrong and where. */
EHR_MUST_CHECK enum ehr_status ehr_cost_table_parse(struct ehr_cost_table *table, const char *text,
                                                    size_t length, char *message, size_t capacity);

/* The same from a file; the message begins with its name. */
EHR_MUST_CHECK enum ehr_status ehr_cost_table_load(struct ehr_cost_table *table, const char *path,
                                                   char *message, size_t capacity);

/* The text of a table in the format above; to be released with free(). NULL when out of memory. */
char *ehr_cost_table_text(const struct ehr_cost_table *table);

#endif /* EHR_CRYPTO_COST_H */
