/* What the two contracts share inside sim/contract. */
#ifndef EHR_CONTRACT_INTERNAL_H
#define EHR_CONTRACT_INTERNAL_H

#include "sim/contract/contract.h"
#include "sim/ledger/grant_batch.h"
#include "sim/ledger/private_tx.h"

/* A private header as anchored. */
struct ehr_contract_anchor {
    uint32_t hospital;
    uint64_t block_height; /* of the private chain */
    uint64_t added;        /* height of the alliance chain */
    uint8_t block_hash[32];
    uint8_t merkle_root[32];
    uint8_t state_root[32];
    uint8_t *refused; /* bitmap; owned */
    size_t refused_len;
};

/* What became of the grants of a batch. */
struct ehr_contract_batch {
    uint8_t count;
    uint8_t replies[EHR_GRANT_BATCH_MAX]; /* enum ehr_reply */
};

struct ehr_contract {
    bool alliance;
    bool raw; /* EHR_TX_RAW is valid */
    /* private */
    uint8_t hid[32];
    uint32_t epoch;
    struct ehr_contract_doctor *doctors;
    uint32_t doctor_count;
    uint8_t issuer_id[32], issuer_pk[32]; /* who may revoke */
    bool issuer_known;
    struct ehr_table revoked; /* cert_id -> place */
    /* both: pseudonyms (P) and labels seen */
    struct ehr_table pseudonyms;
    struct ehr_table labels;
    /* alliance */
    struct ehr_member_hospital *hospitals;
    uint32_t hospital_count;
    uint64_t *suspended_at; /* height per hospital, UINT64_MAX: never */
    uint8_t committee_id[32];
    struct ehr_table anchor_places; /* (hospital, height) -> index into anchors */
    struct ehr_contract_anchor *anchors;
    uint32_t anchor_count, anchor_capacity;
    struct ehr_table index_places; /* txid -> index into entries; so do labels */
    struct ehr_table index_keys;   /* (hospital, height, leaf) -> index into entries */
    struct ehr_index_entry *entries;
    uint32_t entry_count, entry_capacity;
    bool scannable;
    struct ehr_scan_entry *scan; /* of each entry, where scannable; labels lie in its transaction */
    uint32_t scan_count, scan_capacity;
    struct ehr_table consent_places;
    struct ehr_consent *consents;
    uint32_t consent_count, consent_capacity;
    struct ehr_table batch_places; /* tx id -> index into batches */
    struct ehr_contract_batch *batches;
    uint32_t batch_count, batch_capacity;
};

/* `record`: what was verified, if an EHR_TX_RECORD is OK. */
enum ehr_reply ehr_contract_private_check(const struct ehr_contract *contract,
                                          const struct ehr_tx *tx,
                                          struct ehr_ptx_verified *record);
enum ehr_reply ehr_contract_private_execute(struct ehr_contract *contract, const struct ehr_tx *tx,
                                            struct ehr_place place);
enum ehr_reply ehr_contract_alliance_check(const struct ehr_contract *contract,
                                           const struct ehr_tx *tx);
enum ehr_reply ehr_contract_alliance_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                             struct ehr_place place);

/* ---- revocation.c ---- */
enum ehr_reply ehr_contract_revocation_check(const struct ehr_contract *contract,
                                             const struct ehr_tx *tx);
enum ehr_reply ehr_contract_revocation_execute(struct ehr_contract *contract,
                                               const struct ehr_tx *tx, struct ehr_place place);

/* ---- consent.c ---- */
enum ehr_reply ehr_contract_grant_check(const struct ehr_contract *contract,
                                        const struct ehr_tx *tx);
enum ehr_reply ehr_contract_batch_check(const struct ehr_contract *contract,
                                        const struct ehr_tx *tx);
enum ehr_reply ehr_contract_grant_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                          struct ehr_place place);
enum ehr_reply ehr_contract_batch_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                          struct ehr_place place);
/* A REVOKE: the patient withdraws a grant. */
enum ehr_reply ehr_contract_withdraw_execute(struct ehr_contract *contract, const struct ehr_tx *tx,
                                             uint64_t height);

/* A refusal that crypto's status stands for. */
enum ehr_reply ehr_contract_reply(enum ehr_status status, enum ehr_reply policy,
                                  enum ehr_reply sig);

/* Whether pseudonym and all labels are unseen at `height`: OK, REUSED_PSEUDONYM, REUSED_LABEL. */
enum ehr_reply ehr_contract_fresh(const struct ehr_contract *contract, const uint8_t *pseudonym,
                                  const uint8_t *labels, size_t nkw, uint64_t height);
/* Whether neither doctor is revoked, and the above. */
enum ehr_reply ehr_contract_record_admit(const struct ehr_contract *contract,
                                         const struct ehr_ptx *ptx, uint64_t height);
/* Marks them seen. */
void ehr_contract_seen_add(struct ehr_contract *contract, const uint8_t *pseudonym,
                           const uint8_t *labels, size_t nkw, struct ehr_place place);

/* Adds the last of `entries` to what scans read; borrows the labels. */
void ehr_contract_scan_add(struct ehr_contract *contract, const uint8_t *pseudonym,
                           const uint8_t *labels, size_t nkw);

/* What an allocation gave; ends the process if that is nothing. */
void *ehr_contract_memory(void *allocated);
/* Doubles an array when it is full; ends the process when memory is short. */
void *ehr_contract_grow(void *array, uint32_t count, uint32_t *capacity, size_t item);

#endif /* EHR_CONTRACT_INTERNAL_H */
