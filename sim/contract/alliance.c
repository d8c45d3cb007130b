/* The alliance chain: anchors of private blocks, the secure index. Consent: consent.c. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/index.h"
#include "sim/contract/internal.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/query_log.h"
#include "sim/ledger/wire.h"

/* ---- checks that need no state ---- */

static enum ehr_reply anchor_check(const struct ehr_contract *contract, const struct ehr_tx *tx)
{
    struct ehr_anchor anchor;
    if (ehr_anchor_parse(&anchor, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    uint32_t h = ehr_contract_hospital_find(contract, anchor.hid);
    if (h == UINT32_MAX)
        return EHR_REPLY_WRONG_CERTIFICATE;
    const struct ehr_member_hospital *hospital = &contract->hospitals[h];
    if (ehr_anchor_verify_signature(&anchor, hospital->ed_pk) != EHR_OK)
        return EHR_REPLY_WRONG_CERTIFICATE;
    enum ehr_status status =
        ehr_block_proof_verify(&anchor.proof, hospital->chain_id, hospital->keys, hospital->members,
                               hospital->certificate_quorum, NULL, NULL, NULL);
    return ehr_contract_reply(status, EHR_REPLY_WRONG_CERTIFICATE, EHR_REPLY_WRONG_CERTIFICATE);
}

static enum ehr_reply index_check(const struct ehr_contract *contract, const struct ehr_tx *tx)
{
    struct ehr_atx atx;
    uint8_t txid[32];
    if (ehr_atx_parse(&atx, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    if (!ehr_index_labels_distinct(atx.labels, atx.nkw))
        return EHR_REPLY_REUSED_LABEL;
    uint32_t h = ehr_contract_hospital_find(contract, atx.hid);
    if (h == UINT32_MAX)
        return EHR_REPLY_WRONG_CERTIFICATE;
    enum ehr_status status =
        ehr_atx_verify_signature(txid, &atx, atx.hid, contract->hospitals[h].ed_pk);
    return ehr_contract_reply(status, EHR_REPLY_WRONG_CERTIFICATE, EHR_REPLY_WRONG_CERTIFICATE);
}

enum ehr_reply ehr_contract_alliance_check(const struct ehr_contract *contract,
                                           const struct ehr_tx *tx)
{
    struct ehr_revoke_tx revoke;
    struct ehr_query_log log;
    switch ((enum ehr_tx_type)tx->type) {
    case EHR_TX_ANCHOR:
        return anchor_check(contract, tx);
    case EHR_TX_INDEX:
        return index_check(contract, tx);
    case EHR_TX_GRANT:
        return ehr_contract_grant_check(contract, tx);
    case EHR_TX_GRANT_BATCH:
        return ehr_contract_batch_check(contract, tx);
    case EHR_TX_REVOKE:
        return ehr_revoke_tx_parse(&revoke, tx->bytes, tx->length) == EHR_OK ? EHR_REPLY_OK
                                                                             : EHR_REPLY_MALFORMED;
    case EHR_TX_CERT_REVOKE:
        return ehr_contract_revocation_check(contract, tx);
    case EHR_TX_QUERY_LOG:
        return ehr_query_log_parse(&log, tx->bytes, tx->length) == EHR_OK ? EHR_REPLY_OK
                                                                          : EHR_REPLY_MALFORMED;
    case EHR_TX_RECORD:
    case EHR_TX_DOCTOR_REVOKE:
    case EHR_TX_RAW:
    case EHR_TX_TYPES:
        break;
    }
    return EHR_REPLY_MALFORMED;
}

/* ---- execution ---- */

/* Keys of what is named by numbers, made as uniform as the hashes beside them. */
static void anchor_key(uint8_t key[16], uint32_t hospital, uint64_t height)
{
    EHR_HASH16(key, "anchor", EHR_U32(hospital), EHR_U64(height));
}

static void index_key(uint8_t key[16], uint32_t hospital, uint64_t height, uint32_t leaf)
{
    EHR_HASH16(key, "atx-leaf", EHR_U32(hospital), EHR_U64(height), EHR_U32(leaf));
}

static const struct ehr_contract_anchor *anchor_find(const struct ehr_contract *contract,
                                                     uint32_t hospital, uint64_t block_height)
{
    uint8_t key[16];
    struct ehr_place at;
    anchor_key(key, hospital, block_height);
    return ehr_table_get(&contract->anchor_places, key, UINT64_MAX, &at)
               ? &contract->anchors[at.index]
               : NULL;
}

static void anchor_add(struct ehr_contract *contract, uint32_t hospital,
                       const struct ehr_block_proof_verified *block, uint64_t height)
{
    uint8_t key[16];
    contract->anchors = ehr_contract_grow(contract->anchors, contract->anchor_count,
                                          &contract->anchor_capacity, sizeof *contract->anchors);
    struct ehr_contract_anchor *added = &contract->anchors[contract->anchor_count];
    *added = (struct ehr_contract_anchor){.hospital = hospital,
                                          .block_height = block->header.height,
                                          .added = height,
                                          .refused_len = block->refused_len};
    memcpy(added->block_hash, block->block_hash, 32);
    memcpy(added->merkle_root, block->header.merkle_root, 32);
    memcpy(added->state_root, block->state_root, 32);
    added->refused = ehr_contract_memory(malloc(added->refused_len + 1));
    if (added->refused_len > 0)
        memcpy(added->refused, block->refused, added->refused_len);
    anchor_key(key, hospital, block->header.height);
    bool fresh = ehr_table_put(&contract->anchor_places, key,
                               (struct ehr_place){height, contract->anchor_count++});
    assert(fresh);
}

/* Whether the hospital still is a member in good standing. */
static enum ehr_reply hospital_admit(const struct ehr_contract *contract, uint32_t hospital,
                                     uint64_t height)
{
    if (ehr_contract_revoked(contract, contract->hospitals[hospital].hid, height))
        return EHR_REPLY_REVOKED_CERTIFICATE;
    return ehr_contract_suspended(contract, hospital, height) ? EHR_REPLY_SUSPENDED : EHR_REPLY_OK;
}

static enum ehr_reply anchor_execute(struct ehr_contract *contract, const struct ehr_tx *tx,
                                     uint64_t height)
{
    struct ehr_anchor anchor;
    struct ehr_block_proof_verified block;
    if (ehr_anchor_parse(&anchor, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    uint32_t h = ehr_contract_hospital_find(contract, anchor.hid);
    const struct ehr_member_hospital *hospital = &contract->hospitals[h];
    enum ehr_reply member = hospital_admit(contract, h, height);
    if (member != EHR_REPLY_OK)
        return member;
    if (ehr_block_proof_check(&block, &anchor.proof, hospital->chain_id, hospital->keys,
                              hospital->members, hospital->certificate_quorum) != EHR_OK)
        return EHR_REPLY_WRONG_CERTIFICATE;
    const struct ehr_contract_anchor *known = anchor_find(contract, h, block.header.height);
    if (known == NULL) {
        anchor_add(contract, h, &block, height);
        return EHR_REPLY_OK;
    }
    if (memcmp(known->block_hash, block.block_hash, 32) == 0 &&
        memcmp(known->state_root, block.state_root, 32) == 0)
        return EHR_REPLY_DUPLICATE;
    contract->suspended_at[h] = height; /* two certified outcomes at one height */
    return EHR_REPLY_FORK_PROOF;
}

static bool leaf_refused(const struct ehr_contract_anchor *anchor, uint32_t leaf)
{
    return leaf / 8 >= anchor->refused_len || (anchor->refused[leaf / 8] >> leaf % 8 & 1) != 0;
}

static void index_add(struct ehr_contract *contract, const struct ehr_atx_verified *verified,
                      const uint8_t key[16], struct ehr_tx *tx, struct ehr_place place)
{
    const struct ehr_atx *atx = &verified->atx;
    contract->entries = ehr_contract_grow(contract->entries, contract->entry_count,
                                          &contract->entry_capacity, sizeof *contract->entries);
    struct ehr_place at = {place.height, contract->entry_count};
    contract->entries[contract->entry_count++] = (struct ehr_index_entry){place, ehr_tx_ref(tx)};
    ehr_contract_scan_add(contract, atx->pseudonym, atx->labels, atx->nkw);
    ehr_contract_seen_add(contract, atx->pseudonym, atx->labels, atx->nkw, at);
    bool added = ehr_table_put(&contract->index_keys, key, at) &&
                 ehr_table_put(&contract->index_places, verified->txid, at);
    assert(added);
}

static enum ehr_reply index_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                    struct ehr_place place)
{
    struct ehr_atx atx;
    struct ehr_atx_verified verified;
    struct ehr_atx_anchor expected;
    uint8_t key[16];
    if (ehr_atx_parse(&atx, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    uint32_t h = ehr_contract_hospital_find(contract, atx.hid);
    enum ehr_reply member = hospital_admit(contract, h, place.height);
    if (member != EHR_REPLY_OK)
        return member;
    const struct ehr_contract_anchor *anchor = anchor_find(contract, h, atx.height);
    if (anchor == NULL)
        return EHR_REPLY_NO_HEADER;
    expected.height = anchor->block_height;
    memcpy(expected.block_hash, anchor->block_hash, 32);
    memcpy(expected.merkle_root, anchor->merkle_root, 32);
    enum ehr_status status = ehr_atx_anchor_check(&verified, &atx, &expected);
    if (status != EHR_OK)
        return ehr_contract_reply(status, EHR_REPLY_NO_HEADER, EHR_REPLY_NO_HEADER);
    if (leaf_refused(anchor, atx.leaf_index))
        return EHR_REPLY_BAD_EVIDENCE; /* its own chain refused it */
    index_key(key, h, atx.height, atx.leaf_index);
    if (ehr_table_get(&contract->index_keys, key, place.height, NULL))
        return EHR_REPLY_DUPLICATE;
    enum ehr_reply fresh =
        ehr_contract_fresh(contract, atx.pseudonym, atx.labels, atx.nkw, place.height);
    if (fresh == EHR_REPLY_OK)
        index_add(contract, &verified, key, tx, place);
    return fresh;
}

enum ehr_reply ehr_contract_alliance_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                             struct ehr_place place)
{
    switch ((enum ehr_tx_type)tx->type) {
    case EHR_TX_ANCHOR:
        return anchor_execute(contract, tx, place.height);
    case EHR_TX_INDEX:
        return index_execute(contract, tx, place);
    case EHR_TX_GRANT:
        return ehr_contract_grant_execute(contract, tx, place);
    case EHR_TX_GRANT_BATCH:
        return ehr_contract_batch_execute(contract, tx, place);
    case EHR_TX_REVOKE:
        return ehr_contract_withdraw_execute(contract, tx, place.height);
    case EHR_TX_CERT_REVOKE:
        return ehr_contract_revocation_execute(contract, tx, place);
    case EHR_TX_QUERY_LOG:
        return EHR_REPLY_OK; /* that it stands there is all: look-ups go by its id */
    case EHR_TX_RECORD:
    case EHR_TX_DOCTOR_REVOKE:
    case EHR_TX_RAW:
    case EHR_TX_TYPES:
        break;
    }
    return EHR_REPLY_MALFORMED;
}
