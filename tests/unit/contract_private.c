/* The private chain's contract: evidence, freshness, and the outcome that a block leaves. */
#include <string.h>

#include "crypto/hash.h"
#include "sim/ledger/private_tx.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

static struct exchange x;
static struct ehr_chain *chain;

static void open_chain(void)
{
    exchange_open(&x);
    chain = exchange_private_chain(&x, 0);
}

static void close_chain(void)
{
    ehr_chain_free(chain);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static enum ehr_reply check_bytes(const struct visit *visit, size_t length)
{
    struct ehr_tx *tx = ehr_tx_new(EHR_TX_RECORD, visit->ptx, length, EXCHANGE_CLIENT_NODE, 0, 1);
    enum ehr_reply first = ehr_contract_check(chain->contract, tx);
    CU_ASSERT_EQUAL(tx->record != NULL, first == EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_check(chain->contract, tx), first);
    ehr_tx_unref(tx);
    return first;
}

static enum ehr_reply check(const struct visit *visit)
{
    return check_bytes(visit, sizeof visit->ptx);
}

static void evidence_accepted_when_doctor_and_patient_signed(void)
{
    struct visit visit;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_OK);
    close_chain();
}

static void evidence_refused_when_a_signature_is_wrong(void)
{
    struct visit visit;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    visit.ptx[sizeof visit.ptx - 1] ^= 1; /* token */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_BAD_EVIDENCE);
    visit_sign(&x, &visit);
    visit.ptx[sizeof visit.ptx - 128] ^= 1; /* doctor */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_BAD_EVIDENCE);
    visit_sign(&x, &visit);
    visit.ptx[172] ^= 1; /* ct_hash */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_BAD_EVIDENCE);
    close_chain();
}

static void doctor_refused_when_unknown_or_revoked(void)
{
    struct visit visit;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    visit.ptx[36] ^= 1; /* certificate id */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_UNKNOWN_DOCTOR);
    visit_make(&x, &visit, 0, EXCHANGE_DOCTORS - 1, 0);
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_REVOKED_DOCTOR);
    visit_make(&x, &visit, 1, 0, 0); /* of the other hospital */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_UNKNOWN_DOCTOR);
    visit_make(&x, &visit, 0, 0, 0);
    visit.ptx[68] ^= 1; /* epoch */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_UNKNOWN_DOCTOR);
    close_chain();
}

static void transaction_refused_when_malformed(void)
{
    struct visit visit;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    for (size_t length = 0; length < sizeof visit.ptx; length += 29)
        CU_ASSERT_EQUAL(check_bytes(&visit, length), EHR_REPLY_MALFORMED);
    memset(visit.ptx + 76, 0xff, 32); /* P */
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_MALFORMED);
    struct ehr_tx *tx = ehr_tx_new(EHR_TX_ANCHOR, visit.ptx, 100, 0, 0, 1);
    CU_ASSERT_EQUAL(ehr_contract_check(chain->contract, tx), EHR_REPLY_MALFORMED);
    ehr_tx_unref(tx);
    close_chain();
}

static void labels_refused_when_one_stands_twice(void)
{
    struct visit visit;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    memcpy(visit.labels + 16, visit.labels, 16);
    visit_sign(&x, &visit);
    CU_ASSERT_EQUAL(check(&visit), EHR_REPLY_REUSED_LABEL);
    close_chain();
}

/* One object travels in the simulation: a verdict of its own chain must not open another one. */
static void verdict_not_carried_when_sent_to_another_chain(void)
{
    struct visit visit;
    open_chain();
    struct ehr_chain *other = exchange_private_chain(&x, 1);
    struct ehr_chain *alliance = exchange_alliance_chain(&x);
    visit_make(&x, &visit, 0, 0, 0);
    struct ehr_tx *tx = visit_tx(&visit, 1);
    CU_ASSERT_EQUAL(ehr_contract_check(other->contract, tx), EHR_REPLY_UNKNOWN_DOCTOR);
    CU_ASSERT_PTR_NULL(tx->record);
    CU_ASSERT_EQUAL(ehr_contract_check(chain->contract, tx), EHR_REPLY_OK);
    CU_ASSERT_PTR_NOT_NULL(tx->record); /* what execution demands */
    CU_ASSERT_EQUAL(ehr_contract_check(other->contract, tx), EHR_REPLY_UNKNOWN_DOCTOR);
    CU_ASSERT_EQUAL(ehr_contract_check(alliance->contract, tx), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(ehr_contract_check(chain->contract, tx), EHR_REPLY_OK);
    ehr_tx_unref(tx);
    ehr_chain_free(other);
    ehr_chain_free(alliance);
    close_chain();
}

/* Block 1: fresh, same pseudonym, same label, fresh, the first again: refused are 1 and 2.
 * Block 2: one fresh. */
static void outcome_as_calculated_by_hand_when_some_are_refused(void)
{
    struct visit visit[4];
    struct ehr_tx *tx[5];
    uint8_t root[32], refused = 0x06, none = 0x00;
    static const uint8_t zero[32];
    open_chain();
    for (uint32_t i = 0; i < 4; i++)
        visit_make(&x, &visit[i], 0, 0, i);
    struct visit pseudonym = visit[1];
    memcpy(pseudonym.pseudonym, visit[0].pseudonym, 96);
    pseudonym.keys = visit[0].keys;
    visit_sign(&x, &pseudonym);
    struct visit label = visit[2];
    memcpy(label.labels + 16 * 7, visit[0].labels + 16 * 3, 16);
    visit_sign(&x, &label);
    tx[0] = visit_tx(&visit[0], 0);
    tx[1] = visit_tx(&pseudonym, 1);
    tx[2] = visit_tx(&label, 2);
    tx[3] = visit_tx(&visit[3], 3);
    tx[4] = ehr_tx_ref(tx[0]);
    const struct ehr_chain_block *entry = exchange_commit(chain, tx, 5);
    CU_ASSERT_EQUAL(entry->replies[0], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(entry->replies[1], EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_EQUAL(entry->replies[2], EHR_REPLY_REUSED_LABEL);
    CU_ASSERT_EQUAL(entry->replies[3], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(entry->replies[4], EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(entry->refused_len, 1);
    CU_ASSERT_EQUAL(entry->refused[0], refused);
    EHR_HASH32(root, "state", EHR_H(zero), EHR_H(entry->block->hash), EHR_P(&refused, 1));
    CU_ASSERT_EQUAL(memcmp(entry->previous_state, zero, 32), 0);
    CU_ASSERT_EQUAL(memcmp(entry->state_root, root, 32), 0);

    /* what was refused left nothing behind: its own fresh parts are still fresh */
    tx[0] = visit_tx(&visit[1], 4);
    entry = exchange_commit(chain, tx, 1);
    CU_ASSERT_EQUAL(entry->replies[0], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(memcmp(entry->previous_state, root, 32), 0);
    EHR_HASH32(root, "state", EHR_H(root), EHR_H(entry->block->hash), EHR_P(&none, 1));
    CU_ASSERT_EQUAL(memcmp(entry->state_root, root, 32), 0);
    close_chain();
}

static void filter_tells_what_execution_would_when_asked_at_a_height(void)
{
    struct visit visit, again;
    struct ehr_tx *tx;
    open_chain();
    visit_make(&x, &visit, 0, 0, 0);
    visit_make(&x, &again, 0, 1, 0);
    tx = visit_tx(&visit, 0);
    exchange_commit(chain, &tx, 1);
    memcpy(again.pseudonym, visit.pseudonym, 96);
    again.keys = visit.keys;
    visit_sign(&x, &again);
    tx = visit_tx(&again, 1);
    CU_ASSERT_EQUAL(ehr_contract_prefilter(chain->contract, tx, 0), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_prefilter(chain->contract, tx, 1), EHR_REPLY_REUSED_PSEUDONYM);
    ehr_tx_unref(tx);
    visit_make(&x, &again, 0, 1, 1);
    memcpy(again.labels, visit.labels, 16);
    visit_sign(&x, &again);
    tx = visit_tx(&again, 1);
    CU_ASSERT_EQUAL(ehr_contract_prefilter(chain->contract, tx, 1), EHR_REPLY_REUSED_LABEL);
    ehr_tx_unref(tx);
    CU_ASSERT_TRUE(ehr_contract_bytes(chain->contract) > 0);
    close_chain();
}

static const struct ehr_unit_case cases[] = {
    {"evidence_accepted_when_doctor_and_patient_signed",
     evidence_accepted_when_doctor_and_patient_signed},
    {"evidence_refused_when_a_signature_is_wrong", evidence_refused_when_a_signature_is_wrong},
    {"doctor_refused_when_unknown_or_revoked", doctor_refused_when_unknown_or_revoked},
    {"transaction_refused_when_malformed", transaction_refused_when_malformed},
    {"labels_refused_when_one_stands_twice", labels_refused_when_one_stands_twice},
    {"verdict_not_carried_when_sent_to_another_chain",
     verdict_not_carried_when_sent_to_another_chain},
    {"outcome_as_calculated_by_hand_when_some_are_refused",
     outcome_as_calculated_by_hand_when_some_are_refused},
    {"filter_tells_what_execution_would_when_asked_at_a_height",
     filter_tells_what_execution_would_when_asked_at_a_height},
};

EHR_UNIT_MAIN("contract_private", cases)
