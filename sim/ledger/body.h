/* Transactions and blocks as shared, immutable, reference-counted objects: one copy in memory
 * however many nodes hold it. The byte layouts of what they carry are private_tx.h, alliance_tx.h
 * and block.h. */
#ifndef EHR_LEDGER_BODY_H
#define EHR_LEDGER_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sim/ledger/block.h"

enum ehr_tx_type {
    EHR_TX_RECORD = 1, /* private chain: section e of crypto.md */
    EHR_TX_ANCHOR = 2, /* alliance chain: header of a private block and its certificate */
    EHR_TX_INDEX = 3,  /* alliance chain: "ATX1" */
    EHR_TX_GRANT = 4,
    EHR_TX_REVOKE = 5,
    EHR_TX_RAW = 6,           /* opaque request, to study a consensus alone */
    EHR_TX_CERT_REVOKE = 7,   /* alliance chain: a certificate is revoked (cert_revoke.h) */
    EHR_TX_DOCTOR_REVOKE = 8, /* private chain: the same bytes, of its own hospital */
    EHR_TX_GRANT_BATCH = 9,   /* several grants of a patient (grant_batch.h) */
    EHR_TX_QUERY_LOG = 10,    /* commitments of a query (query_log.h) */
    EHR_TX_TYPES = 11,
};

struct ehr_tx {
    uint32_t references;
    uint8_t type;    /* enum ehr_tx_type */
    uint8_t verdict; /* remembered stateless check, enum ehr_reply; 0: not checked yet */
    struct ehr_ptx_verified *record; /* and, of an EHR_TX_RECORD that passed it, what it made */
    uint32_t length;                 /* of bytes */
    uint32_t client;                 /* who gets the replies: node and lane */
    uint32_t client_lane;
    uint64_t request; /* the client's idempotency key */
    uint8_t id[32];   /* the Merkle leaf: crypto.md e (private) or g (alliance) */
    uint8_t bytes[];
};

/* On the wire: type u8 | client u32 | lane u32 | request u64 | length u32 | bytes. Only type and
 * bytes are under the leaf. */
enum { EHR_TX_ENVELOPE_BYTES = 21 };

/* A new transaction with one reference; copies `bytes`. Computes `id`: for EHR_TX_RECORD the leaf
 * of the parsed transaction (all zero if it does not parse), else the alliance leaf. */
struct ehr_tx *ehr_tx_new(uint8_t type, const uint8_t *bytes, size_t length, uint32_t client,
                          uint32_t client_lane, uint64_t request);
struct ehr_tx *ehr_tx_ref(struct ehr_tx *tx);
/* Keeps, once, that the record was verified: copied; borrows the bytes of `tx`, as it must. */
void ehr_tx_record_keep(struct ehr_tx *tx, const struct ehr_ptx_verified *record);
void ehr_tx_unref(struct ehr_tx *tx);

struct ehr_block {
    uint32_t references;
    uint32_t count;   /* transactions */
    uint64_t length;  /* of the canonical encoding */
    uint8_t hash[32]; /* H32("block"; header) */
    uint8_t header[EHR_BLOCK_HEADER_BYTES];
    struct ehr_tx *tx[];
};

/* A block over `count` transactions (a reference to each is taken), with one reference. On the
 * wire: header | count u32 | transactions as above. That the header's own count and root agree is
 * for the node that receives it to check. */
struct ehr_block *ehr_block_new(const uint8_t header[EHR_BLOCK_HEADER_BYTES],
                                struct ehr_tx *const *tx, uint32_t count);
struct ehr_block *ehr_block_ref(struct ehr_block *block);
void ehr_block_unref(struct ehr_block *block);

/* Transactions and blocks alive: 0 after a clean run. */
uint64_t ehr_body_alive(void);

#endif /* EHR_LEDGER_BODY_H */
