/* The pool of requests: order of arrival, what is proposed, what is the oldest. */
#include <string.h>

#include "crypto/random.h"
#include "sim/ledger/mempool.h"
#include "tests/unit/unit.h"

enum { COUNT = 5 };

static void fill(struct ehr_mempool *pool, struct ehr_tx *tx[COUNT])
{
    for (uint8_t i = 0; i < COUNT; i++) {
        tx[i] = ehr_tx_new(EHR_TX_RAW, &i, 1, 0, 0, i);
        CU_ASSERT_TRUE(ehr_mempool_add(pool, tx[i], 100 + i));
    }
}

static void drop(struct ehr_mempool *pool, struct ehr_tx *tx[COUNT])
{
    for (size_t i = 0; i < COUNT; i++)
        ehr_tx_unref(tx[i]);
    ehr_mempool_free(pool);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static void requests_picked_in_order_of_arrival_when_none_is_proposed(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT], *out[COUNT];
    fill(pool, tx);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, COUNT), COUNT);
    CU_ASSERT_EQUAL(memcmp(out, tx, sizeof tx), 0);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, 2), 2);
    CU_ASSERT_PTR_EQUAL(out[1], tx[1]);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, 0), 0);
    drop(pool, tx);
}

static void request_refused_when_it_is_there_already(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT];
    uint8_t first = 0;
    fill(pool, tx);
    struct ehr_tx *same = ehr_tx_new(EHR_TX_RAW, &first, 1, 9, 9, 9); /* another envelope */
    CU_ASSERT_FALSE(ehr_mempool_add(pool, same, 1));
    CU_ASSERT_EQUAL(ehr_mempool_waiting(pool), COUNT);
    ehr_tx_unref(same);
    drop(pool, tx);
}

static void request_passed_over_when_it_is_proposed(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT], *out[COUNT];
    uint8_t unknown[32] = {1};
    fill(pool, tx);
    ehr_mempool_propose(pool, tx[0]->id);
    ehr_mempool_propose(pool, tx[2]->id);
    ehr_mempool_propose(pool, tx[2]->id);
    ehr_mempool_propose(pool, unknown);
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), COUNT - 2);
    CU_ASSERT_EQUAL(ehr_mempool_waiting(pool), COUNT);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, COUNT), COUNT - 2);
    CU_ASSERT_PTR_EQUAL(out[0], tx[1]);
    CU_ASSERT_PTR_EQUAL(out[1], tx[3]);
    ehr_mempool_unpropose_all(pool);
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), COUNT);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, 1), 1);
    CU_ASSERT_PTR_EQUAL(out[0], tx[0]);
    drop(pool, tx);
}

static void oldest_moves_on_when_requests_are_executed(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT];
    uint64_t since = 0;
    CU_ASSERT_EQUAL(ehr_mempool_oldest(pool, &since), 0);
    CU_ASSERT_EQUAL(since, 0);
    fill(pool, tx);
    uint64_t first = ehr_mempool_oldest(pool, &since);
    CU_ASSERT_EQUAL(since, 100);
    ehr_mempool_remove(pool, tx[3]->id);
    CU_ASSERT_EQUAL(ehr_mempool_oldest(pool, NULL), first);
    ehr_mempool_propose(pool, tx[0]->id);
    ehr_mempool_remove(pool, tx[0]->id);
    ehr_mempool_remove(pool, tx[0]->id);
    CU_ASSERT_TRUE(ehr_mempool_oldest(pool, &since) > first);
    CU_ASSERT_EQUAL(since, 101);
    CU_ASSERT_EQUAL(ehr_mempool_waiting(pool), COUNT - 2);
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), COUNT - 2);
    CU_ASSERT_FALSE(ehr_mempool_has(pool, tx[0]->id));
    CU_ASSERT_TRUE(ehr_mempool_has(pool, tx[1]->id));
    /* what comes again is the youngest */
    CU_ASSERT_TRUE(ehr_mempool_add(pool, tx[0], 500));
    ehr_mempool_oldest(pool, &since);
    CU_ASSERT_EQUAL(since, 101);
    drop(pool, tx);
}

static void request_outlives_its_sender_when_the_pool_holds_it(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT], *out[COUNT];
    fill(pool, tx);
    for (size_t i = 0; i < COUNT; i++)
        ehr_tx_unref(tx[i]);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, COUNT), COUNT);
    CU_ASSERT_EQUAL(out[4]->request, 4);
    ehr_mempool_free(pool);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
    ehr_mempool_free(NULL);
}

/* With leaders that rotate a block may come before the client's own copy of what stands in it. */
static void request_counts_as_proposed_when_its_block_came_first(void)
{
    struct ehr_mempool *pool = ehr_mempool_new();
    struct ehr_tx *tx[COUNT], *out[COUNT];
    for (uint8_t i = 0; i < COUNT; i++)
        tx[i] = ehr_tx_new(EHR_TX_RAW, &i, 1, 0, 0, i);
    ehr_mempool_expect(pool, tx[0]->id);
    ehr_mempool_expect(pool, tx[0]->id);
    ehr_mempool_expect(pool, tx[1]->id);
    ehr_mempool_expect(pool, tx[2]->id);
    CU_ASSERT_EQUAL(ehr_mempool_waiting(pool), 0); /* nobody here waits for them yet */
    ehr_mempool_add(pool, tx[0], 1);
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), 0);
    ehr_mempool_remove(pool, tx[1]->id); /* executed: asked for again it is a new request */
    ehr_mempool_add(pool, tx[1], 2);
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), 1);
    ehr_mempool_expect(pool, tx[1]->id); /* it is here: proposed */
    CU_ASSERT_EQUAL(ehr_mempool_unproposed(pool), 0);
    ehr_mempool_unpropose_all(pool); /* what was expected is not any more */
    ehr_mempool_add(pool, tx[2], 3);
    CU_ASSERT_EQUAL(ehr_mempool_pick(pool, out, COUNT), 3);
    ehr_mempool_expect(pool, tx[3]->id); /* freed with the pool */
    drop(pool, tx);
}

static const struct ehr_unit_case cases[] = {
    {"request_counts_as_proposed_when_its_block_came_first",
     request_counts_as_proposed_when_its_block_came_first},
    {"requests_picked_in_order_of_arrival_when_none_is_proposed",
     requests_picked_in_order_of_arrival_when_none_is_proposed},
    {"request_refused_when_it_is_there_already", request_refused_when_it_is_there_already},
    {"request_passed_over_when_it_is_proposed", request_passed_over_when_it_is_proposed},
    {"oldest_moves_on_when_requests_are_executed", oldest_moves_on_when_requests_are_executed},
    {"request_outlives_its_sender_when_the_pool_holds_it",
     request_outlives_its_sender_when_the_pool_holds_it},
};

EHR_UNIT_CRYPTO_MAIN("mempool", cases)
