/* Deterministic contracts over the state of one chain: what a transaction must satisfy, what it
 * changes, and what a replica at some height sees. The private chain's keeps pseudonyms and labels
 * fresh; the alliance chain's holds anchors, the secure index and consent.
 *
 * One state serves all replicas of a chain: entries carry the height that added them, and every
 * look-up names the height of the replica that asks. Sources: crypto.md c-e, protocol.md. */
#ifndef EHR_CONTRACT_CONTRACT_H
#define EHR_CONTRACT_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/scan.h"
#include "sim/contract/table.h"
#include "sim/ledger/message.h"

/* A member hospital as the alliance's membership contract holds it (genesis state). */
struct ehr_member_hospital {
    uint8_t hid[32];
    uint8_t ed_pk[32];
    uint8_t chain_id[32]; /* of its private chain */
    const uint8_t *keys;  /* its private committee's ed_pk, 32 bytes each; borrowed */
    uint32_t members;
    uint32_t certificate_quorum;
};

/* A doctor that may sign on a private chain. */
struct ehr_contract_doctor {
    uint8_t cert_id[32];
    uint8_t ed_pk[32];
    bool revoked;
};

struct ehr_contract;
struct ehr_grant_tx; /* sim/ledger/wire.h */

/* The private chain of the hospital `hid` with its doctors (copied). */
struct ehr_contract *ehr_contract_private_new(const uint8_t hid[32], uint32_t epoch,
                                              const struct ehr_contract_doctor *doctors,
                                              uint32_t doctor_count);

/* The alliance chain with its member hospitals (copied) and committee of proxies. */
struct ehr_contract *ehr_contract_alliance_new(const struct ehr_member_hospital *hospitals,
                                               uint32_t hospital_count,
                                               const uint8_t committee_id[32]);
void ehr_contract_free(struct ehr_contract *contract);

/* Who may revoke certificates, with its Ed25519 key: the root, on the alliance chain (its member
 * hospitals may too, those they issued); the hospital, on a private chain. Without it nobody. */
void ehr_contract_issuer_set(struct ehr_contract *contract, const uint8_t id[32],
                             const uint8_t ed_pk[32]);

/* From now on opaque requests (EHR_TX_RAW) are valid: to study a consensus alone. */
void ehr_contract_raw_allow(struct ehr_contract *contract);

/* From now on, before the first index transaction, what scans read is kept, too. */
void ehr_contract_scan_allow(struct ehr_contract *contract);

/* What needs no state: form, points, certificates, signatures. Gates the vote on a block. A pure
 * function of the transaction and its chain, remembered in the transaction if it belongs on this
 * chain. EHR_REPLY_OK or the refusal. */
enum ehr_reply ehr_contract_check(const struct ehr_contract *contract, struct ehr_tx *tx);

/* Executes the transaction as number `place.index` of the block at `place.height`, in order.
 * EHR_REPLY_OK; EHR_REPLY_DUPLICATE: a free no-op; else it is REFUSED in the block.
 * Precondition: checked with EHR_REPLY_OK. */
enum ehr_reply ehr_contract_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                    struct ehr_place place);

/* What ehr_contract_execute would find now for freshness alone, as a replica at `height` sees it:
 * the primary's filter. Never stricter than execution. */
enum ehr_reply ehr_contract_prefilter(const struct ehr_contract *contract, const struct ehr_tx *tx,
                                      uint64_t height);

/* ---- look-ups of a replica at `height` ----
 * What they return moves when the contract grows: valid until the next ehr_contract_execute. The
 * transactions in it stay where they are. */

/* An index transaction as committed. */
struct ehr_index_entry {
    struct ehr_place place;
    struct ehr_tx *tx; /* type EHR_TX_INDEX; lives, and stays, as long as the contract */
};
/* The entry that carries the label (16 bytes), or has the txid (H32("atx"; ..)); NULL if none. */
const struct ehr_index_entry *ehr_contract_label_find(const struct ehr_contract *contract,
                                                      const uint8_t label[16], uint64_t height);
const struct ehr_index_entry *ehr_contract_index_find(const struct ehr_contract *contract,
                                                      const uint8_t txid[32], uint64_t height);

/* Where `scan` is allowed: pseudonym and tags of every index transaction that a replica at `height`
 * sees, in chain order; how many. Number i of them is ehr_contract_scan_entry(contract, i). */
size_t ehr_contract_scan(const struct ehr_contract *contract, uint64_t height,
                         const struct ehr_scan_entry **entries);
const struct ehr_index_entry *ehr_contract_scan_entry(const struct ehr_contract *contract,
                                                      size_t number);

/* Has the memory of a label fetched that is looked up soon. */
void ehr_contract_label_prefetch(const struct ehr_contract *contract, const uint8_t label[16]);

/* A grant as committed. */
struct ehr_consent {
    uint8_t grant_id[32];
    struct ehr_place place;  /* of the GRANT transaction */
    struct ehr_tx *tx;       /* type EHR_TX_GRANT or GRANT_BATCH; lives as long as the contract */
    uint32_t item;           /* of a batch */
    uint8_t txid[32];        /* of the visit's index transaction */
    uint64_t revoked_height; /* UINT64_MAX: not revoked */
};
/* NULL if there is none at `height`; a revocation later than `height` is not seen: compare
 * revoked_height with it. */
const struct ehr_consent *ehr_contract_consent_find(const struct ehr_contract *contract,
                                                    const uint8_t grant_id[32], uint64_t height);

/* The grant of a consent as it was ordered; borrows from the transaction. */
void ehr_consent_grant(struct ehr_grant_tx *grant, const struct ehr_consent *consent);
/* What became of each grant of the GRANT_BATCH with this id: enum ehr_reply, `count` of them; NULL
 * if it was not executed by `height`. */
const uint8_t *ehr_contract_batch_replies(const struct ehr_contract *contract,
                                          const uint8_t tx_id[32], uint64_t height,
                                          uint32_t *count);

/* Index of the member hospital with this hid, or UINT32_MAX. */
uint32_t ehr_contract_hospital_find(const struct ehr_contract *contract, const uint8_t hid[32]);
/* Whether the hospital is suspended (two certified headers at one height) at `height`. */
bool ehr_contract_suspended(const struct ehr_contract *contract, uint32_t hospital,
                            uint64_t height);

/* Whether the certificate is revoked at `height`. A transaction of the same block that comes later
 * is executed as if it were. */
bool ehr_contract_revoked(const struct ehr_contract *contract, const uint8_t cert_id[32],
                          uint64_t height);

/* Bytes of state held. */
size_t ehr_contract_bytes(const struct ehr_contract *contract);

#endif /* EHR_CONTRACT_CONTRACT_H */
