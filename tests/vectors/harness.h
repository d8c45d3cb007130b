/*
 * Runs known-answer vectors: reads the inputs of a case, hands out its random bytes, collects what
 * an operation returns and compares all of it. Not a model of the operations: those are the
 * ops_*.c. Format: tests/vectors/ehrgrid/README.md.
 *
 * An operation reads its inputs with the getters, calls the library and returns its status; with OK
 * it has put every member of `out`. A member that is absent or of another kind, or a text that is
 * not hex, is a malformed file: the getter says so and ends the program with exit code 2. Memory
 * that a getter returns lives until the case is over.
 */
#ifndef EHR_VECTORS_HARNESS_H
#define EHR_VECTORS_HARNESS_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "crypto/group.h"
#include "crypto/status.h"

struct ehr_rng;
struct ehr_vector; /* one case while it runs */

/* What a named operation does; `op` of the case chooses it. */
struct ehr_vector_op {
    const char *name;
    enum ehr_status (*run)(struct ehr_vector *v);
};

/* Tables of operations, each ended by an entry whose name is NULL. An operation that stands in no
 * table is skipped and named in the report. */
extern const struct ehr_vector_op ehr_vector_ops_base[];     /* hash .. box */
extern const struct ehr_vector_op ehr_vector_ops_identity[]; /* cert .. pseudonym, vote */
extern const struct ehr_vector_op ehr_vector_ops_record[];   /* record */
extern const struct ehr_vector_op ehr_vector_ops_share[];    /* grant, reencrypt, combine */
extern const struct ehr_vector_op ehr_vector_ops_index[];    /* index */
extern const struct ehr_vector_op ehr_vector_ops_ledger[];   /* private_tx .. quorum */

/* A byte string of the operation: from hex, with its length. `bytes` is never NULL. */
struct ehr_vector_bytes {
    const uint8_t *bytes;
    size_t len;
};

/* ---- members of `in` ---- */
struct ehr_vector_bytes ehr_vector_in(struct ehr_vector *v, const char *name);
/* Bytes that must be exactly `len` long (a fixed-size argument). */
const uint8_t *ehr_vector_in_fixed(struct ehr_vector *v, const char *name, size_t len);
/* 32 bytes as they come: the operations under test do the checking. */
struct ehr_scalar ehr_vector_in_scalar(struct ehr_vector *v, const char *name);
struct ehr_point ehr_vector_in_point(struct ehr_vector *v, const char *name);
const char *ehr_vector_in_text(struct ehr_vector *v, const char *name);
uint64_t ehr_vector_in_uint(struct ehr_vector *v, const char *name);
/* 1 if `in` has that member. */
int ehr_vector_in_has(struct ehr_vector *v, const char *name);
/* A list, and its number of elements. */
const cJSON *ehr_vector_in_list(struct ehr_vector *v, const char *name, size_t *count);
/* All elements of a list of byte strings of `len` bytes each, concatenated. */
const uint8_t *ehr_vector_in_concat(struct ehr_vector *v, const char *name, size_t len,
                                    size_t *count);

/* ---- elements of lists and members of their objects ---- */
struct ehr_vector_bytes ehr_vector_item_bytes(struct ehr_vector *v, const cJSON *item);
uint64_t ehr_vector_item_uint(struct ehr_vector *v, const cJSON *item);
const cJSON *ehr_vector_item_member(struct ehr_vector *v, const cJSON *object, const char *name);

/* ---- results ---- */
void ehr_vector_out(struct ehr_vector *v, const char *name, const void *bytes, size_t len);
void ehr_vector_out_uint(struct ehr_vector *v, const char *name, uint64_t value);
/* An empty list under that name; elements are appended. A NULL name appends to `parent`. */
cJSON *ehr_vector_out_list(struct ehr_vector *v, cJSON *parent, const char *name);
void ehr_vector_append(struct ehr_vector *v, cJSON *list, const void *bytes, size_t len);
void ehr_vector_append_uint(struct ehr_vector *v, cJSON *list, uint64_t value);

/* ---- resources of the case ---- */
/* Hands out exactly `random`; a draw beyond it makes the case disagree (and yields zero bytes), as
 * do bytes left over when the status is OK. */
struct ehr_rng *ehr_vector_rng(struct ehr_vector *v);
/* Zeroed memory until the end of the case; size 0 is allowed. */
void *ehr_vector_alloc(struct ehr_vector *v, size_t size);

/* Runs every *.json of a directory and prints the report on stdout. Returns the exit code: 0, 1
 * where a case disagreed, 2 where the directory cannot be read, a file is malformed or no case
 * ran. */
int ehr_vectors_run(const char *directory);

#endif /* EHR_VECTORS_HARNESS_H */
