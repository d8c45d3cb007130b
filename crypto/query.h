/*
 * The patient's search query "QRY1": its bytes and their commitment. Not its sealing to a node:
 * that is box.h with the context ehr_query_context. Source: crypto.md section d.
 */
#ifndef EHR_CRYPTO_QUERY_H
#define EHR_CRYPTO_QUERY_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/status.h"

#define EHR_QUERY_BYTES(trapdoors) (72 + 32 * (size_t)(trapdoors)) /* bytes */
#define EHR_QUERY_TRAPDOORS_MAX    65535
#define EHR_QUERY_TRAPDOORS_SERVED 256 /* of one query, by a node: it bounds what a query costs */

/* Borrows all that it points to. */
struct ehr_query {
    const uint8_t *nonce; /* 16 */
    uint64_t expiry;      /* last height at which it is answered */
    uint64_t min_height;  /* least height of the answering node */
    uint8_t purpose;
    const uint8_t *chain_id;  /* 32: of the alliance chain */
    const uint8_t *trapdoors; /* 32 * count */
    size_t count;
};

/* Writes EHR_QUERY_BYTES(query->count) bytes; count <= EHR_QUERY_TRAPDOORS_MAX. */
void ehr_query_encode(uint8_t *bytes, const struct ehr_query *query);

/* LEN; `query` borrows from `bytes`, and is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_query_parse(struct ehr_query *query, const uint8_t *bytes,
                                               size_t len);

/* H32("query"; bytes). */
void ehr_query_id(uint8_t query_id[32], const uint8_t *bytes, size_t len);

/* H32("query-ctx"; node cert_id): the context of the box in which a query travels to a node. */
void ehr_query_context(uint8_t context[32], const uint8_t node_id[32]);

#endif /* EHR_CRYPTO_QUERY_H */
