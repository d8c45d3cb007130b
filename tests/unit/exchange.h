/* A small consortium with real keys for the tests of contracts and chain nodes: certificates,
 * committees, a directory, visits with sealed records, and the transactions made from them.
 * Not a world: nothing runs here, and no message is sent. */
#ifndef EHR_TESTS_UNIT_EXCHANGE_H
#define EHR_TESTS_UNIT_EXCHANGE_H

#include "actors/directory.h"
#include "crypto/card.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "sim/contract/chain.h"

enum {
    EXCHANGE_HOSPITALS = 2,
    EXCHANGE_REPLICAS = 4, /* of every committee */
    EXCHANGE_DOCTORS = 3,  /* of every hospital; the last one's certificate is revoked */
    EXCHANGE_USERS = 2,
    EXCHANGE_QUORUM = 3,
    EXCHANGE_EPOCH = 1,
    EXCHANGE_NKW = 8,
    /* kernel nodes */
    EXCHANGE_ALLIANCE_NODE = 0,
    EXCHANGE_PRIVATE_NODE = 4, /* 4 of hospital 0, then 4 of hospital 1 */
    EXCHANGE_SERVER_NODE = 12,
    EXCHANGE_USER_NODE = 14,
    EXCHANGE_CLIENT_NODE = 16, /* stands for patients and doctors */
    EXCHANGE_STRANGER_NODE = 17,
    EXCHANGE_NODES = 18,
};

struct exchange {
    struct ehr_drbg drbg;
    struct ehr_directory directory;
    struct ehr_sign_key root;
    struct ehr_hospital_info hospitals[EXCHANGE_HOSPITALS];
    struct ehr_member alliance[EXCHANGE_REPLICAS], users[EXCHANGE_USERS];
    struct ehr_member replicas[EXCHANGE_HOSPITALS][EXCHANGE_REPLICAS];
    struct ehr_member doctors[EXCHANGE_HOSPITALS][EXCHANGE_DOCTORS];
    struct ehr_secrets alliance_secrets[EXCHANGE_REPLICAS], user_secrets[EXCHANGE_USERS];
    struct ehr_secrets server_secrets[EXCHANGE_HOSPITALS];
    struct ehr_secrets replica_secrets[EXCHANGE_HOSPITALS][EXCHANGE_REPLICAS];
    struct ehr_secrets doctor_secrets[EXCHANGE_HOSPITALS][EXCHANGE_DOCTORS];
    uint8_t alliance_keys[32 * EXCHANGE_REPLICAS];
    uint8_t replica_keys[EXCHANGE_HOSPITALS][32 * EXCHANGE_REPLICAS];
    struct ehr_patient_keys patient;
};
void exchange_open(struct exchange *x);
struct ehr_rng *exchange_rng(struct exchange *x);
/* New contracts and chains of this consortium. */
struct ehr_chain *exchange_private_chain(const struct exchange *x, uint32_t hospital);
struct ehr_chain *exchange_alliance_chain(const struct exchange *x);

/* What a visit is before it is on a chain. */
struct visit {
    uint32_t hospital, doctor;
    struct ehr_visit_keys keys;
    uint8_t pseudonym[96]; /* P | E | Q */
    uint8_t T[32];         /* trapdoor of its one keyword */
    uint8_t labels[16 * EXCHANGE_NKW];
    uint8_t sealed[256 + 192];
    uint8_t body_hash[32], ct_hash[32];
    uint8_t ptx[340 + 16 * EXCHANGE_NKW];
};
/* A visit of the patient with a fresh pseudonym; `counter`: of the doctor's keyword. */
void visit_make(struct exchange *x, struct visit *visit, uint32_t hospital, uint32_t doctor,
                uint32_t counter);
/* Signs its terms again after a test has changed them. */
void visit_sign(struct exchange *x, struct visit *visit);
/* The RECORD transaction; the client is (EXCHANGE_CLIENT_NODE, 0). One reference, as below. */
struct ehr_tx *visit_tx(const struct visit *visit, uint64_t request);
/* A transaction of any bytes, which it takes over. */
struct ehr_tx *exchange_tx(enum ehr_tx_type type, struct ehr_blob *take_bytes, uint64_t request);

/* Commits a block of these transactions (references are taken over); all must check OK. */
struct ehr_chain_block *exchange_commit(struct ehr_chain *chain, struct ehr_tx **take_tx,
                                        uint32_t count);
/* Certifies the block at `height` by the members in `signers` (bits). */
void exchange_certify(const struct ehr_secrets *secrets, struct ehr_chain *chain, uint64_t height,
                      uint8_t signers);

/* The hospital's transactions about its private block at `height`, which is certified. */
struct ehr_tx *exchange_anchor(const struct exchange *x, uint32_t hospital,
                               const struct ehr_block_proof *proof);
struct ehr_tx *exchange_index(const struct exchange *x, uint32_t hospital,
                              struct ehr_chain *private_chain, uint64_t height, uint32_t leaf);

/* A grant of the visit to a data user, threshold 2 of 4. */
struct grant_terms {
    const uint8_t *txid;
    uint32_t user;
    uint32_t epoch; /* of the committee */
    uint64_t not_before, not_after;
};
struct ehr_tx *exchange_grant(struct exchange *x, const struct visit *visit,
                              const struct grant_terms *terms, uint8_t grant_id[32]);
struct ehr_tx *exchange_revoke(struct exchange *x, const struct visit *visit,
                               const uint8_t grant_id[32], uint64_t height);

#endif /* EHR_TESTS_UNIT_EXCHANGE_H */
