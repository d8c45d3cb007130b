/* The log of a query: bytes, what is no log, and what the chain does with one. */
#include <stdlib.h>
#include <string.h>

#include "crypto/index.h"
#include "crypto/query.h"
#include "sim/ledger/query_log.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

static struct exchange x;
static const uint8_t query_id[32] = {7, 8, 9};

/* Trapdoor i is 32 times the byte i. */
static struct ehr_blob *log_of(size_t count)
{
    uint8_t *trapdoors = malloc(32 * count);
    for (size_t i = 0; i < count; i++)
        memset(trapdoors + 32 * i, (int)i, 32);
    struct ehr_blob *blob = ehr_query_log_make(query_id, trapdoors, count);
    free(trapdoors);
    return blob;
}

static void bytes_are_those_of_the_page(void)
{
    uint8_t trapdoors[4][32] = {{3}, {1}, {3}, {2}}, commitment[32];
    struct ehr_query_log log;
    struct ehr_blob *blob = ehr_query_log_make(query_id, trapdoors[0], 4);
    CU_ASSERT_EQUAL_FATAL(blob->length, 4 + 32 + 2 + 3 * 32);
    CU_ASSERT_EQUAL(memcmp(blob->bytes, "QLG1", 4), 0);
    CU_ASSERT_EQUAL(memcmp(blob->bytes + 4, query_id, 32), 0);
    CU_ASSERT_EQUAL(memcmp(blob->bytes + 36, "\3\0", 2), 0);
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(log.count, 3);
    CU_ASSERT_PTR_EQUAL(log.query_id, blob->bytes + 4);
    for (size_t i = 0; i < 4; i++) {
        uint32_t found = 0;
        ehr_index_td_com(commitment, trapdoors[i]);
        for (uint32_t k = 0; k < log.count; k++)
            found += memcmp(log.commitments + 32 * (size_t)k, commitment, 32) == 0;
        CU_ASSERT_EQUAL(found, 1); /* once, also that which stands twice */
        for (size_t at = 0; at + 32 <= blob->length; at++)
            CU_ASSERT_NOT_EQUAL(memcmp(blob->bytes + at, trapdoors[i], 32), 0);
    }
    ehr_blob_unref(blob);
}

static void log_refused_when_its_bytes_are_not_canonical(void)
{
    struct ehr_query_log log;
    struct ehr_blob *blob = log_of(EHR_QUERY_TRAPDOORS_SERVED);
    uint8_t *bytes = malloc(blob->length + 32), swapped[32];
    size_t length = blob->length;
    memcpy(bytes, blob->bytes, length);
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length), EHR_OK);
    CU_ASSERT_EQUAL(log.count, EHR_QUERY_TRAPDOORS_SERVED);
    for (size_t cut = 0; cut < length; cut++)
        CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, cut), EHR_LEN);
    CU_ASSERT_PTR_NULL(log.commitments);
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length + 1), EHR_LEN);
    memset(bytes + length, 255, 32); /* one more than a node serves */
    bytes[36]++;
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length + 32), EHR_LEN);
    bytes[36]--;
    memcpy(swapped, bytes + 38, 32);
    memcpy(bytes + 38, bytes + 70, 32); /* equal to the next */
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length), EHR_DUP);
    memcpy(bytes + 70, swapped, 32); /* greater than it */
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length), EHR_DUP);
    bytes[0]++;
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, length), EHR_LEN);
    memcpy(bytes, "QLG1", 4);
    memset(bytes + 36, 0, 2);
    CU_ASSERT_EQUAL(ehr_query_log_parse(&log, bytes, 38), EHR_LEN);
    free(bytes);
    ehr_blob_unref(blob);
}

static enum ehr_reply check(struct ehr_chain *chain, struct ehr_tx *take_tx)
{
    enum ehr_reply verdict = ehr_contract_check(chain->contract, take_tx);
    ehr_tx_unref(take_tx);
    return verdict;
}

static void log_stands_once_on_the_alliance_chain_alone(void)
{
    struct ehr_place place;
    exchange_open(&x);
    struct ehr_chain *alliance = exchange_alliance_chain(&x);
    struct ehr_chain *private_chain = exchange_private_chain(&x, 0);
    CU_ASSERT_EQUAL(check(alliance, exchange_tx(EHR_TX_QUERY_LOG, log_of(3), 1)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(private_chain, exchange_tx(EHR_TX_QUERY_LOG, log_of(3), 1)),
                    EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(alliance, exchange_tx(EHR_TX_QUERY_LOG, ehr_blob_new("QLG1", 4), 1)),
                    EHR_REPLY_MALFORMED);
    struct ehr_tx *tx = exchange_tx(EHR_TX_QUERY_LOG, log_of(3), 1);
    struct ehr_tx *again = exchange_tx(EHR_TX_QUERY_LOG, log_of(3), 2);
    struct ehr_tx *other = exchange_tx(EHR_TX_QUERY_LOG, log_of(2), 3);
    uint8_t id[32], other_id[32];
    memcpy(id, tx->id, 32);
    memcpy(other_id, other->id, 32);
    CU_ASSERT_EQUAL(memcmp(id, again->id, 32), 0); /* whoever submits it */
    CU_ASSERT_NOT_EQUAL(memcmp(id, other_id, 32), 0);
    CU_ASSERT_EQUAL(exchange_commit(alliance, &tx, 1)->replies[0], EHR_REPLY_OK);
    struct ehr_chain_block *block = exchange_commit(alliance, &again, 1);
    CU_ASSERT_EQUAL(block->replies[0], EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(block->refused[0], 0);
    /* another under the same query id takes nothing away from it */
    CU_ASSERT_FALSE(ehr_chain_transaction_find(alliance, other_id, 2, &place));
    CU_ASSERT_EQUAL(exchange_commit(alliance, &other, 1)->replies[0], EHR_REPLY_OK);
    CU_ASSERT_TRUE(ehr_chain_transaction_find(alliance, id, 1, &place));
    CU_ASSERT_FALSE(ehr_chain_transaction_find(alliance, id, 0, &place));
    ehr_chain_free(alliance);
    ehr_chain_free(private_chain);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static const struct ehr_unit_case cases[] = {
    {"bytes_are_those_of_the_page", bytes_are_those_of_the_page},
    {"log_refused_when_its_bytes_are_not_canonical", log_refused_when_its_bytes_are_not_canonical},
    {"log_stands_once_on_the_alliance_chain_alone", log_stands_once_on_the_alliance_chain_alone},
};

EHR_UNIT_CRYPTO_MAIN("ledger_query_log", cases)
