/* The objects that operations are measured on: keys, certificates, a visit with records of several
 * lengths, grants to several committees, a look-up table. Made once, with a seeded generator.
 * Internal to sim/calibrate. */
#ifndef EHR_CALIBRATE_FIXTURE_H
#define EHR_CALIBRATE_FIXTURE_H

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/cert.h"
#include "crypto/combine.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/query.h"
#include "crypto/reencrypt.h"
#include "crypto/scan.h"
#include "sim/contract/table.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/private_tx.h"

/* Sizes over which lines are fitted. */
enum {
    EHR_FIXTURE_SIZES = 4,
    EHR_FIXTURE_PROXIES_MAX = 16,
    EHR_FIXTURE_SHARES_MAX = 11,
    EHR_FIXTURE_BOX_MAX = 16384,
    EHR_FIXTURE_HASH_MAX = 8192,
    EHR_FIXTURE_SEALED_MAX = 65728,
    EHR_FIXTURE_QUERY_TRAPDOORS_MAX = 512,
    EHR_FIXTURE_DEPTH_MAX = 16,
    EHR_FIXTURE_LABELS = 8,
    EHR_FIXTURE_ENTRIES_MAX = 4096,
    EHR_FIXTURE_ATX_DEPTH = 4,
    EHR_FIXTURE_TABLE_LABELS = 1000000,
};
#define EHR_FIXTURE_BOX     32, 1024, 4096, 16384   /* bytes of plaintext */
#define EHR_FIXTURE_HASH    32, 512, 2048, 8192     /* bytes */
#define EHR_FIXTURE_SEALED  448, 4288, 16576, 65728 /* bytes of a sealed record */
#define EHR_FIXTURE_PROXIES 4, 7, 10, 16            /* n = 3f+1 */
#define EHR_FIXTURE_SHARES  3, 5, 7, 11             /* t = 2f+1 of these */
#define EHR_FIXTURE_QUERY   104, 1096, 4168, 16456  /* bytes of a query */
#define EHR_FIXTURE_BOXED   152, 1144, 4216, 16504  /* bytes of the box of that query */
#define EHR_FIXTURE_CHAIN   1, 2, 3                 /* certificates, root first */
#define EHR_FIXTURE_DEPTH   4, 10, 16               /* of a Merkle tree */
#define EHR_FIXTURE_LOOKUPS 500, 2000, 8000         /* in the table */
#define EHR_FIXTURE_ENTRIES 256, 1024, 4096         /* of a scan */
extern const unsigned ehr_fixture_box[EHR_FIXTURE_SIZES], ehr_fixture_hash[EHR_FIXTURE_SIZES],
    ehr_fixture_sealed[EHR_FIXTURE_SIZES], ehr_fixture_proxies[EHR_FIXTURE_SIZES],
    ehr_fixture_shares[EHR_FIXTURE_SIZES], ehr_fixture_query[EHR_FIXTURE_SIZES],
    ehr_fixture_depth[EHR_FIXTURE_SIZES], ehr_fixture_entries[EHR_FIXTURE_SIZES],
    ehr_fixture_lookups[EHR_FIXTURE_SIZES];

/* A grant to ehr_fixture_proxies[i] nodes, and shares of enough of them. */
struct ehr_fixture_grant {
    uint8_t bytes[EHR_GRANT_BYTES(EHR_FIXTURE_PROXIES_MAX)];
    size_t length;
    struct ehr_grant_terms terms;
    struct ehr_grant_verified verified; /* borrows `bytes` */
    struct ehr_kfrag_verified kfrag;    /* share 1 */
    uint8_t cfrags[EHR_FIXTURE_SHARES_MAX][EHR_CFRAG_BYTES];
    struct ehr_share shares[EHR_FIXTURE_SHARES_MAX];
};

struct ehr_fixture {
    struct ehr_drbg drbg;
    uint8_t message[32], nonce[16];
    struct ehr_scalar scalar;
    /* parties */
    struct ehr_sign_key root_sign, hospital_sign, doctor_sign;
    struct ehr_dh_key doctor_dh, doctor_epoch, data_user_dh, peer_dh;
    uint8_t certs[3][EHR_CERT_BYTES]; /* root, hospital, doctor */
    struct ehr_cert cert[3];
    uint8_t epoch_cert[EHR_EPOCH_CERT_BYTES];
    struct ehr_patient_keys patient, stranger;
    struct ehr_card_issued card;
    uint8_t card_secret[32], showing[EHR_CARD_SHOW_BYTES];
    uint8_t ed_sig[64], schnorr_sig[64], mac_key[32];
    /* boxes, paths */
    uint8_t box_context[32];
    uint8_t box[EHR_FIXTURE_SIZES][EHR_FIXTURE_BOX_MAX + EHR_BOX_OVERHEAD_BYTES];
    uint8_t path[32 * EHR_FIXTURE_DEPTH_MAX], root[EHR_FIXTURE_SIZES][32];
    /* a visit */
    struct ehr_pseudonym pseudonym;
    uint8_t pseudonym_bytes[EHR_PSEUDONYM_BYTES];
    struct ehr_visit_keys visit_keys;
    struct ehr_record_visit visit;
    uint8_t *text; /* EHR_FIXTURE_SEALED_MAX bytes */
    uint8_t *sealed[EHR_FIXTURE_SIZES];
    struct ehr_record_head head; /* of sealed[0] */
    uint8_t body_hash[32], ct_hash[32];
    /* grants */
    struct ehr_dh_key nodes[EHR_FIXTURE_PROXIES_MAX];
    uint8_t node_ids[32 * EHR_FIXTURE_PROXIES_MAX], node_keys[32 * EHR_FIXTURE_PROXIES_MAX];
    struct ehr_fixture_grant grants[EHR_FIXTURE_SIZES];
    /* index and evidence */
    uint8_t index_key[32], trapdoor[32];
    uint8_t labels[EHR_INDEX_LABEL_BYTES * EHR_FIXTURE_LABELS];
    uint8_t trapdoors[32 * EHR_FIXTURE_QUERY_TRAPDOORS_MAX];
    uint8_t query_box[EHR_FIXTURE_SIZES]
                     [EHR_QUERY_BYTES(EHR_FIXTURE_QUERY_TRAPDOORS_MAX) + EHR_BOX_OVERHEAD_BYTES];
    struct ehr_scan scan;
    struct ehr_scan_entry *entries; /* EHR_FIXTURE_ENTRIES_MAX, none of which matches */
    struct ehr_table table;
    uint64_t next_label; /* of the table, to look up */
    uint8_t ptx_body[32], ptx[EHR_PTX_BYTES(EHR_FIXTURE_LABELS, 0)];
    struct ehr_ptx_terms ptx_terms;
    uint8_t atx[EHR_ATX_BYTES(EHR_FIXTURE_LABELS, EHR_FIXTURE_ATX_DEPTH)];
    struct ehr_atx atx_terms;
    struct ehr_ptx_hashes ptx_hashes;
    uint8_t atx_root[32]; /* of the private block */
    /* what operations write */
    uint8_t *scratch; /* EHR_FIXTURE_SEALED_MAX bytes */
};

/* Makes all; about a second and 50 MB, of which most is the table. Ends the process when out of
 * memory. */
struct ehr_fixture *ehr_fixture_new(void);
void ehr_fixture_free(struct ehr_fixture *fixture);

/* Label `i` of the table. */
void ehr_fixture_table_label(uint8_t label[EHR_INDEX_LABEL_BYTES], uint64_t i);

/* A query of ehr_fixture_query[at] bytes; borrows from the fixture. */
struct ehr_query ehr_fixture_query_of(const struct ehr_fixture *fixture, unsigned at);

/* What must succeed: the inputs are ours. */
void ehr_fixture_must(enum ehr_status status);

#endif /* EHR_CALIBRATE_FIXTURE_H */
