/* Several grants of one patient in one transaction, and what is said about each. The grants share
 * one scope, since one search found their visits; each is a whole grant under its own visit's key,
 * so that nothing but the submission links the pseudonyms: who batches tells the chain that the
 * visits are one patient's. Sources: protocol.md D.2, crypto.md c. Views borrow their bytes. */
#ifndef EHR_LEDGER_GRANT_BATCH_H
#define EHR_LEDGER_GRANT_BATCH_H

#include "sim/ledger/wire.h"

enum { EHR_GRANT_BATCH_MAX = 64 };

/* ---- GRANT_BATCH transaction ----
 * "GBT1" | count u16 | scope len u32 | scope | count times: txid 32 | grant len u32 | grant */
struct ehr_grant_batch {
    uint32_t count; /* 1 .. EHR_GRANT_BATCH_MAX */
    const uint8_t *scope;
    size_t scope_len;
    struct ehr_grant_item {
        const uint8_t *txid; /* of the visit's index transaction */
        const uint8_t *grant;
        size_t grant_len;
    } item[EHR_GRANT_BATCH_MAX];
};
/* Encodes it; one reference, the caller's. */
struct ehr_blob *ehr_grant_batch_make(const struct ehr_grant_batch *batch);
/* EHR_LEN; then `batch` is zero. Scope and grants are not looked at. */
EHR_MUST_CHECK enum ehr_status ehr_grant_batch_parse(struct ehr_grant_batch *batch,
                                                     const uint8_t *bytes, size_t length);
/* Item `index` as if it had come alone; false: there is none, or the transaction is malformed. */
bool ehr_grant_batch_item(struct ehr_grant_tx *out, uint32_t index, const uint8_t *bytes,
                          size_t length);

/* ---- items of a BATCH_REPLY ----
 * count u16 | count times: status u8 | visit u32 | txid 32 | index len u32 | index |
 * grant len u32 | grant | trapdoor len u32 | trapdoor (as in ACCESS_REPLY_SCOPED). All three are
 * empty unless the status is OK. */
struct ehr_batch_answer {
    uint8_t status;
    uint32_t visit; /* the request of the visit, as in ACCESS_ASK; 0: not known */
    const uint8_t *txid, *index, *grant, *trapdoor;
    size_t index_len, grant_len, trapdoor_len;
};
/* Encodes 1 .. EHR_GRANT_BATCH_MAX answers; one reference, the caller's. */
struct ehr_blob *ehr_batch_answers_make(const struct ehr_batch_answer *answers, uint32_t count);
/* `answers` has room for EHR_GRANT_BATCH_MAX. EHR_LEN; then *count is 0. */
EHR_MUST_CHECK enum ehr_status ehr_batch_answers_parse(struct ehr_batch_answer *answers,
                                                       uint32_t *count, const uint8_t *bytes,
                                                       size_t length);

#endif /* EHR_LEDGER_GRANT_BATCH_H */
