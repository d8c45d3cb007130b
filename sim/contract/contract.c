#include "sim/contract/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ledger/cert_revoke.h"
#include "sim/ledger/private_tx.h"

void *ehr_contract_memory(void *allocated)
{
    if (allocated == NULL) {
        fputs("ehrgrid: out of memory (chain and contract state)\n", stderr);
        abort();
    }
    return allocated;
}

void *ehr_contract_grow(void *array, uint32_t count, uint32_t *capacity, size_t item)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity < 16 ? 16 : 2 * *capacity;
    return ehr_contract_memory(realloc(array, *capacity * item));
}

struct ehr_contract *ehr_contract_private_new(const uint8_t hid[32], uint32_t epoch,
                                              const struct ehr_contract_doctor *doctors,
                                              uint32_t doctor_count)
{
    struct ehr_contract *contract = ehr_contract_memory(calloc(1, sizeof *contract));
    memcpy(contract->hid, hid, 32);
    contract->epoch = epoch;
    contract->doctors = ehr_contract_memory(calloc(doctor_count + 1, sizeof *doctors));
    for (uint32_t i = 0; i < doctor_count; i++)
        contract->doctors[i] = doctors[i];
    contract->doctor_count = doctor_count;
    return contract;
}

struct ehr_contract *ehr_contract_alliance_new(const struct ehr_member_hospital *hospitals,
                                               uint32_t hospital_count,
                                               const uint8_t committee_id[32])
{
    struct ehr_contract *contract = ehr_contract_memory(calloc(1, sizeof *contract));
    contract->alliance = true;
    contract->hospitals = ehr_contract_memory(calloc(hospital_count + 1, sizeof *hospitals));
    contract->suspended_at =
        ehr_contract_memory(calloc(hospital_count + 1, sizeof *contract->suspended_at));
    for (uint32_t i = 0; i < hospital_count; i++) {
        contract->hospitals[i] = hospitals[i];
        contract->suspended_at[i] = UINT64_MAX;
    }
    contract->hospital_count = hospital_count;
    memcpy(contract->committee_id, committee_id, 32);
    return contract;
}

void ehr_contract_raw_allow(struct ehr_contract *contract)
{
    contract->raw = true;
}

void ehr_contract_free(struct ehr_contract *contract)
{
    if (contract == NULL)
        return;
    for (uint32_t i = 0; i < contract->anchor_count; i++)
        free(contract->anchors[i].refused);
    for (uint32_t i = 0; i < contract->entry_count; i++)
        ehr_tx_unref(contract->entries[i].tx);
    for (uint32_t i = 0; i < contract->consent_count; i++)
        ehr_tx_unref(contract->consents[i].tx);
    ehr_table_close(&contract->pseudonyms);
    ehr_table_close(&contract->labels);
    ehr_table_close(&contract->anchor_places);
    ehr_table_close(&contract->index_places);
    ehr_table_close(&contract->index_keys);
    ehr_table_close(&contract->consent_places);
    ehr_table_close(&contract->batch_places);
    free(contract->batches);
    ehr_table_close(&contract->revoked);
    free(contract->doctors);
    free(contract->hospitals);
    free(contract->suspended_at);
    free(contract->anchors);
    free(contract->entries);
    free(contract->scan);
    free(contract->consents);
    free(contract);
}

enum ehr_reply ehr_contract_reply(enum ehr_status status, enum ehr_reply policy, enum ehr_reply sig)
{
    switch (status) {
    case EHR_OK:
        return EHR_REPLY_OK;
    case EHR_POLICY:
        return policy;
    case EHR_SIG:
        return sig;
    case EHR_HASH:
    case EHR_THRESH:
        return EHR_REPLY_WRONG_CERTIFICATE;
    case EHR_MERKLE:
        return EHR_REPLY_WRONG_MERKLE_PATH;
    case EHR_DUP:
        return EHR_REPLY_REUSED_LABEL;
    case EHR_STATUS_INVALID:
    case EHR_LEN:
    case EHR_POINT:
    case EHR_SCALAR:
    case EHR_AEAD:
    case EHR_KCOM:
    case EHR_CAPSULE:
    case EHR_KFRAG:
    case EHR_CFRAG:
    case EHR_COMBINE:
        break;
    }
    return EHR_REPLY_MALFORMED;
}

enum ehr_reply ehr_contract_fresh(const struct ehr_contract *contract, const uint8_t *pseudonym,
                                  const uint8_t *labels, size_t nkw, uint64_t height)
{
    if (ehr_table_get(&contract->pseudonyms, pseudonym, height, NULL))
        return EHR_REPLY_REUSED_PSEUDONYM;
    for (size_t i = 0; i < nkw; i++)
        if (ehr_table_get(&contract->labels, labels + 16 * i, height, NULL))
            return EHR_REPLY_REUSED_LABEL;
    return EHR_REPLY_OK;
}

void ehr_contract_seen_add(struct ehr_contract *contract, const uint8_t *pseudonym,
                           const uint8_t *labels, size_t nkw, struct ehr_place place)
{
    bool fresh = ehr_table_put(&contract->pseudonyms, pseudonym, place);
    for (size_t i = 0; i < nkw; i++)
        fresh = ehr_table_put(&contract->labels, labels + 16 * i, place) && fresh;
    assert(fresh);
}

/* Whether this chain is the one on which the transaction belongs. The verdict remembered in a
 * transaction is that of its own chain: sent to another, the same object must not bring it along.
 */
static bool belongs_here(const struct ehr_contract *contract, const struct ehr_tx *tx)
{
    struct ehr_ptx ptx;
    struct ehr_cert_revoke revoke;
    if (tx->type == EHR_TX_RAW)
        return contract->raw;
    if (contract->alliance)
        return tx->type != EHR_TX_RECORD && tx->type != EHR_TX_DOCTOR_REVOKE;
    if (tx->type == EHR_TX_DOCTOR_REVOKE)
        return ehr_cert_revoke_parse(&revoke, tx->bytes, tx->length) == EHR_OK &&
               memcmp(revoke.cert.issuer_id, contract->hid, 32) == 0;
    return tx->type == EHR_TX_RECORD && ehr_ptx_parse(&ptx, tx->bytes, tx->length) == EHR_OK &&
           memcmp(ptx.terms.hid, contract->hid, 32) == 0;
}

static enum ehr_reply check(const struct ehr_contract *contract, const struct ehr_tx *tx,
                            struct ehr_ptx_verified *record)
{
    if (tx->type == EHR_TX_RAW)
        return contract->raw ? EHR_REPLY_OK : EHR_REPLY_MALFORMED;
    return contract->alliance ? ehr_contract_alliance_check(contract, tx)
                              : ehr_contract_private_check(contract, tx, record);
}

enum ehr_reply ehr_contract_check(const struct ehr_contract *contract, struct ehr_tx *tx)
{
    struct ehr_ptx_verified record;
    if (!belongs_here(contract, tx))
        return check(contract, tx, &record);
    if (tx->verdict != EHR_REPLY_INVALID)
        return (enum ehr_reply)tx->verdict;
    tx->verdict = (uint8_t)check(contract, tx, &record);
    if (tx->type == EHR_TX_RECORD && tx->verdict == EHR_REPLY_OK)
        ehr_tx_record_keep(tx, &record);
    return (enum ehr_reply)tx->verdict;
}

enum ehr_reply ehr_contract_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                    struct ehr_place place)
{
    assert(tx->verdict == EHR_REPLY_OK);
    if (tx->type == EHR_TX_RAW)
        return EHR_REPLY_OK;
    return contract->alliance ? ehr_contract_alliance_execute(contract, tx, place)
                              : ehr_contract_private_execute(contract, tx, place);
}

enum ehr_reply ehr_contract_prefilter(const struct ehr_contract *contract, const struct ehr_tx *tx,
                                      uint64_t height)
{
    struct ehr_ptx ptx;
    if (contract->alliance || tx->type != EHR_TX_RECORD)
        return EHR_REPLY_OK; /* an index transaction may rest on an anchor of the same block */
    if (ehr_ptx_parse(&ptx, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    return ehr_contract_record_admit(contract, &ptx, height);
}

const struct ehr_index_entry *ehr_contract_label_find(const struct ehr_contract *contract,
                                                      const uint8_t label[16], uint64_t height)
{
    struct ehr_place at;
    return ehr_table_get(&contract->labels, label, height, &at) ? &contract->entries[at.index]
                                                                : NULL;
}

void ehr_contract_label_prefetch(const struct ehr_contract *contract, const uint8_t label[16])
{
    ehr_table_prefetch(&contract->labels, label);
}

const struct ehr_index_entry *ehr_contract_index_find(const struct ehr_contract *contract,
                                                      const uint8_t txid[32], uint64_t height)
{
    struct ehr_place at;
    return ehr_table_get(&contract->index_places, txid, height, &at) ? &contract->entries[at.index]
                                                                     : NULL;
}

uint32_t ehr_contract_hospital_find(const struct ehr_contract *contract, const uint8_t hid[32])
{
    for (uint32_t i = 0; i < contract->hospital_count; i++)
        if (memcmp(contract->hospitals[i].hid, hid, 32) == 0)
            return i;
    return UINT32_MAX;
}

bool ehr_contract_suspended(const struct ehr_contract *contract, uint32_t hospital, uint64_t height)
{
    assert(hospital < contract->hospital_count);
    return contract->suspended_at[hospital] <= height;
}

size_t ehr_contract_bytes(const struct ehr_contract *contract)
{
    return ehr_table_bytes(&contract->pseudonyms) + ehr_table_bytes(&contract->labels) +
           ehr_table_bytes(&contract->anchor_places) + ehr_table_bytes(&contract->index_places) +
           ehr_table_bytes(&contract->index_keys) + ehr_table_bytes(&contract->consent_places) +
           ehr_table_bytes(&contract->batch_places) + ehr_table_bytes(&contract->revoked) +
           contract->anchor_capacity * sizeof *contract->anchors +
           contract->entry_capacity * sizeof *contract->entries +
           contract->scan_capacity * sizeof *contract->scan +
           contract->batch_capacity * sizeof *contract->batches +
           contract->consent_capacity * sizeof *contract->consents;
}
