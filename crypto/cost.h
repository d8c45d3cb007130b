/* What each cryptographic operation costs in simulated time: a table, never the wall clock.
 * Not a measurement: the shipped figures are those of crypto.md, a file can give others
 * (docs/formats/costs.md).
 * Library ehr_cost; needs no cryptography. Sources: crypto.md, "Measured on a 2-core x86-64 machine
 * with libsodium 1.0.18" (m), or derived from those figures by the sum noted beside the entry (d).
 *
 * time = count * fixed_ns + bytes * per_byte_ps / 1000, at a 1 Gf/s host (1 flop = 1 ns). */
#ifndef EHR_CRYPTO_COST_H
#define EHR_CRYPTO_COST_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

/* X(ENUM, "name in files", fixed_ns, per_byte_ps). Derived entries use: point check 4 us (decoding
 * takes a tenth of a variable multiplication); XChaCha20-Poly1305 2441 ps/B = (seal of 4 KiB 78 us
 * minus encap 68 us) / 4096; BLAKE2b 200 ns + 1200 ps/B (label 0.21 us, Merkle node 0.23 us). */
#define EHR_COST_TABLE(X)                                                                          \
    /* group and signatures */                                                                     \
    X(SCALARMULT_BASE, "scalarmult_base", 13000, 0) /* m */                                        \
    X(SCALARMULT, "scalarmult", 40000, 0)           /* m */                                        \
    X(POINT_CHECK, "point_check", 4000, 0)          /* d: see above */                             \
    X(ED_SIGN, "ed_sign", 13500, 0)                 /* m */                                        \
    X(ED_VERIFY, "ed_verify", 40000, 0)             /* m */                                        \
    X(SCHNORR_SIGN, "schnorr_sign", 14000, 0)       /* m */                                        \
    X(SCHNORR_VERIFY, "schnorr_verify", 73000, 0)   /* m */                                        \
    X(HASH, "hash", 200, 1200)                      /* d: see above */                             \
    X(MERKLE_NODE, "merkle_node", 230, 0)           /* m: depth 10 in 2.3 us */                    \
    X(MAC_KEY, "mac_key", 40500, 0)                 /* d: mult. + hash */                          \
    X(MAC, "mac", 400, 0)                           /* m: keyed BLAKE2b */                         \
    X(BOX_SEAL, "box_seal", 53500, 2441)            /* d: base + var + hash */                     \
    X(BOX_OPEN, "box_open", 40500, 2441)            /* d: var + hash */                            \
    /* identities */                                                                               \
    X(PATIENT_KEYS, "patient_keys", 53000, 0)                   /* d: 4 base + hashes */           \
    X(CERT_ISSUE, "cert_issue", 14000, 0)                       /* d: sign + hash */               \
    X(CERT_VERIFY, "cert_verify", 44500, 0)                     /* d: verify + point, each */      \
    X(EPOCH_KEY_MAKE, "epoch_key_make", 27000, 0)               /* d: base + sign */               \
    X(EPOCH_KEY_VERIFY, "epoch_key_verify", 44500, 0)           /* d: verify + point */            \
    X(CARD_ISSUE, "card_issue", 15000, 0)                       /* d: sign + hashes */             \
    X(CARD_SHOW, "card_show", 68500, 0)                         /* d: Schnorr sign + box */        \
    X(CARD_CHECK, "card_check", 171500, 0)                      /* d: box + 4 pt + Ed + Schn */    \
    X(PSEUDONYM_MAKE, "pseudonym_make", 122000, 0)              /* m */                            \
    X(PSEUDONYM_DETECT_HIT, "pseudonym_detect_hit", 79000, 0)   /* m */                            \
    X(PSEUDONYM_DETECT_MISS, "pseudonym_detect_miss", 65000, 0) /* m */                            \
    /* records and re-encryption */                                                                \
    X(ENCAP, "encap", 68000, 0)                                  /* m */                           \
    X(CAPSULE_VERIFY, "capsule_verify", 71000, 0)                /* m */                           \
    X(DECAP, "decap", 125000, 0)                                 /* m: with the capsule check */   \
    X(SEAL, "seal", 0, 2441)                                     /* m: beside encap */             \
    X(OPEN, "open", 0, 2441)                                     /* d: as seal; beside decap */    \
    X(GRANT_BASE, "grant_base", 106700, 0)                       /* m: line through the two */     \
    X(GRANT_PER_PROXY, "grant_per_proxy", 82330, 0)              /*    figures 3/4 and 7/10 */     \
    X(GRANT_VERIFY_BASE, "grant_verify_base", 85000, 0)          /* d: Schnorr verify + 3 pt */    \
    X(GRANT_VERIFY_PER_PROXY, "grant_verify_per_proxy", 4000, 0) /* d: point check */              \
    X(KFRAG_OPEN, "kfrag_open", 80500, 0)                        /* d: box open + var */           \
    X(REENCRYPT, "reencrypt", 277000, 0)                         /* m */                           \
    X(CFRAG_VERIFY, "cfrag_verify", 283000, 0)                   /* m */                           \
    X(COMBINE_BASE, "combine_base", 304000, 0)                   /* m: line through the two */     \
    X(COMBINE_PER_SHARE, "combine_per_share", 123000, 0)         /*    figures t = 3 and 7 */      \
    /* index and queries */                                                                        \
    X(IDX_KEY, "idx_key", 44000, 0)                   /* m */                                      \
    X(TRAPDOOR, "trapdoor", 430, 0)                   /* m */                                      \
    X(LABEL, "label", 210, 0)                         /* m */                                      \
    X(DICTIONARY_LOOKUP, "dictionary_lookup", 220, 0) /* m: at 10^6 labels */                      \
    X(SCAN_ENTRY, "scan_entry", 400, 0)               /* m */                                      \
    X(QUERY_MAKE, "query_make", 54000, 2441)          /* d: box + hash */                          \
    X(QUERY_OPEN, "query_open", 41000, 2441)          /* d: box + hash */                          \
    /* evidence */                                                                                 \
    X(PTX_SIGN, "ptx_sign", 28500, 0)      /* m: doctor and token */                               \
    X(PTX_VERIFY, "ptx_verify", 122000, 0) /* m: chains apart */                                   \
    X(ATX_SIGN, "atx_sign", 14000, 0)      /* d: sign + hash */                                    \
    X(ATX_VERIFY, "atx_verify", 53000, 0)  /* d: verify + 3 points + hash */

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
