/* Consent: grants, one by one or several in a batch, and their withdrawal. */
#include <assert.h>
#include <string.h>

#include "crypto/grant.h"
#include "sim/contract/internal.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/grant_batch.h"
#include "sim/ledger/wire.h"

/* ---- checks that need no state ---- */

static enum ehr_reply grant_check(const struct ehr_contract *contract,
                                  const struct ehr_grant_tx *wrapped)
{
    struct ehr_grant_verified grant;
    uint8_t scope_hash[32], purpose;
    const uint8_t *td_coms;
    size_t keywords;
    if (ehr_scope_parse(&purpose, &td_coms, &keywords, wrapped->scope, wrapped->scope_len) !=
        EHR_OK)
        return EHR_REPLY_MALFORMED;
    if (ehr_grant_verify(&grant, wrapped->grant, wrapped->grant_len) != EHR_OK)
        return EHR_REPLY_BAD_GRANT;
    ehr_scope_hash(scope_hash, wrapped->scope, wrapped->scope_len);
    if (memcmp(scope_hash, grant.view.scope_hash, 32) != 0)
        return EHR_REPLY_BAD_GRANT;
    if (memcmp(grant.view.committee_id, contract->committee_id, 32) != 0)
        return EHR_REPLY_STALE_COMMITTEE;
    return EHR_REPLY_OK;
}

enum ehr_reply ehr_contract_grant_check(const struct ehr_contract *contract,
                                        const struct ehr_tx *tx)
{
    struct ehr_grant_tx wrapped;
    if (ehr_grant_tx_parse(&wrapped, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    return grant_check(contract, &wrapped);
}

/* One grant that does not verify keeps the whole batch out: its sender made them all. */
enum ehr_reply ehr_contract_batch_check(const struct ehr_contract *contract,
                                        const struct ehr_tx *tx)
{
    struct ehr_grant_batch batch;
    if (ehr_grant_batch_parse(&batch, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    for (uint32_t i = 0; i < batch.count; i++) {
        const struct ehr_grant_item *item = &batch.item[i];
        enum ehr_reply verdict =
            grant_check(contract, &(struct ehr_grant_tx){item->txid, batch.scope, batch.scope_len,
                                                         item->grant, item->grant_len});
        if (verdict != EHR_REPLY_OK)
            return verdict;
    }
    return EHR_REPLY_OK;
}

/* ---- execution ---- */

static enum ehr_reply grant_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                    const struct ehr_grant_tx *wrapped, uint32_t item,
                                    struct ehr_place place)
{
    struct ehr_grant_verified grant;
    struct ehr_atx atx;
    if (ehr_grant_verify(&grant, wrapped->grant, wrapped->grant_len) != EHR_OK)
        return EHR_REPLY_BAD_GRANT;
    const struct ehr_index_entry *visit =
        ehr_contract_index_find(contract, wrapped->txid, place.height);
    if (visit == NULL || ehr_atx_parse(&atx, visit->tx->bytes, visit->tx->length) != EHR_OK)
        return EHR_REPLY_NOT_FOUND;
    if (memcmp(atx.pseudonym, grant.view.P, 32) != 0 ||
        memcmp(atx.pseudonym + 64, grant.view.Q, 32) != 0 ||
        memcmp(atx.hid, grant.view.hid, 32) != 0)
        return EHR_REPLY_BAD_GRANT; /* not this visit's keys */
    if (ehr_contract_revoked(contract, grant.view.du_cert_id, place.height))
        return EHR_REPLY_REVOKED_CERTIFICATE;
    if (grant.view.not_after < place.height)
        return EHR_REPLY_EXPIRED_GRANT;
    struct ehr_place at = {place.height, contract->consent_count};
    if (!ehr_table_put(&contract->consent_places, grant.grant_id, at))
        return EHR_REPLY_DUPLICATE;
    contract->consents = ehr_contract_grow(contract->consents, contract->consent_count,
                                           &contract->consent_capacity, sizeof *contract->consents);
    struct ehr_consent *consent = &contract->consents[contract->consent_count++];
    *consent = (struct ehr_consent){
        .place = place, .tx = ehr_tx_ref(tx), .item = item, .revoked_height = UINT64_MAX};
    memcpy(consent->grant_id, grant.grant_id, 32);
    memcpy(consent->txid, wrapped->txid, 32);
    return EHR_REPLY_OK;
}

enum ehr_reply ehr_contract_grant_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                          struct ehr_place place)
{
    struct ehr_grant_tx wrapped;
    if (ehr_grant_tx_parse(&wrapped, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_BAD_GRANT;
    return grant_execute(contract, tx, &wrapped, 0, place);
}

/* Of the batch as a whole: done if a grant of it is, else what was wrong with the first. */
enum ehr_reply ehr_contract_batch_execute(struct ehr_contract *contract, struct ehr_tx *tx,
                                          struct ehr_place place)
{
    struct ehr_grant_batch batch;
    if (ehr_grant_batch_parse(&batch, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    struct ehr_contract_batch outcome = {.count = (uint8_t)batch.count};
    enum ehr_reply whole = EHR_REPLY_INVALID;
    for (uint32_t i = 0; i < batch.count; i++) {
        const struct ehr_grant_item *item = &batch.item[i];
        const struct ehr_grant_tx wrapped = {item->txid, batch.scope, batch.scope_len, item->grant,
                                             item->grant_len};
        enum ehr_reply reply = grant_execute(contract, tx, &wrapped, i, place);
        outcome.replies[i] = (uint8_t)reply;
        if (reply == EHR_REPLY_OK || whole == EHR_REPLY_INVALID)
            whole = reply;
    }
    contract->batches = ehr_contract_grow(contract->batches, contract->batch_count,
                                          &contract->batch_capacity, sizeof *contract->batches);
    contract->batches[contract->batch_count] = outcome;
    bool fresh = ehr_table_put(&contract->batch_places, tx->id,
                               (struct ehr_place){place.height, contract->batch_count++});
    assert(fresh); /* chain.c executes twice only what waits for an anchor */
    return whole;
}

enum ehr_reply ehr_contract_withdraw_execute(struct ehr_contract *contract, const struct ehr_tx *tx,
                                             uint64_t height)
{
    struct ehr_revoke_tx revoke;
    struct ehr_grant_tx wrapped;
    struct ehr_grant grant;
    struct ehr_place at;
    if (ehr_revoke_tx_parse(&revoke, tx->bytes, tx->length) != EHR_OK)
        return EHR_REPLY_MALFORMED;
    if (ehr_contract_consent_find(contract, revoke.grant_id, height) == NULL)
        return EHR_REPLY_NO_GRANT;
    bool found = ehr_table_get(&contract->consent_places, revoke.grant_id, height, &at);
    assert(found);
    struct ehr_consent *consent = &contract->consents[at.index];
    if (consent->revoked_height != UINT64_MAX)
        return EHR_REPLY_DUPLICATE;
    ehr_consent_grant(&wrapped, consent);
    if (ehr_grant_parse(&grant, wrapped.grant, wrapped.grant_len) != EHR_OK ||
        ehr_revoke_verify(grant.P, revoke.grant_id, revoke.height, revoke.sig) != EHR_OK)
        return EHR_REPLY_BAD_GRANT;
    consent->revoked_height = height;
    return EHR_REPLY_OK;
}

/* ---- look-ups ---- */

const struct ehr_consent *ehr_contract_consent_find(const struct ehr_contract *contract,
                                                    const uint8_t grant_id[32], uint64_t height)
{
    struct ehr_place at;
    if (!ehr_table_get(&contract->consent_places, grant_id, height, &at))
        return NULL;
    const struct ehr_consent *consent = &contract->consents[at.index];
    return memcmp(consent->grant_id, grant_id, 32) == 0 ? consent : NULL;
}

void ehr_consent_grant(struct ehr_grant_tx *grant, const struct ehr_consent *consent)
{
    const struct ehr_tx *tx = consent->tx;
    bool whole = tx->type == EHR_TX_GRANT_BATCH
                     ? ehr_grant_batch_item(grant, consent->item, tx->bytes, tx->length)
                     : ehr_grant_tx_parse(grant, tx->bytes, tx->length) == EHR_OK;
    assert(whole); /* it was executed */
}

const uint8_t *ehr_contract_batch_replies(const struct ehr_contract *contract,
                                          const uint8_t tx_id[32], uint64_t height, uint32_t *count)
{
    struct ehr_place at;
    if (!ehr_table_get(&contract->batch_places, tx_id, height, &at))
        return NULL;
    *count = contract->batches[at.index].count;
    return contract->batches[at.index].replies;
}
