#include "sim/ledger/mempool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The pool ends the process when memory is short, as every other structure of a run does. */
#define uthash_fatal(message)                                                                      \
    do {                                                                                           \
        fprintf(stderr, "ehrgrid: out of memory (request pool)\n");                                \
        abort();                                                                                   \
    } while (0)
#include <uthash.h>

/* uthash keeps insertion order, which is the order of arrival. */
struct pooled {
    uint8_t id[32];
    struct ehr_tx *tx;
    uint64_t serial;
    uint64_t since_ns;
    bool proposed;
    UT_hash_handle hh;
};

/* A request that stands in a proposed block and has not come. */
struct expected {
    uint8_t id[32];
    UT_hash_handle hh;
};

struct ehr_mempool {
    struct pooled *first;
    struct expected *expected;
    uint64_t serial;
    uint32_t unproposed;
};

struct ehr_mempool *ehr_mempool_new(void)
{
    struct ehr_mempool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        uthash_fatal("pool");
    return pool;
}

static struct pooled *pooled_find(const struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    struct pooled *found = NULL;
    HASH_FIND(hh, pool->first, tx_id, 32, found);
    return found;
}

static struct expected *expected_find(const struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    struct expected *found = NULL;
    HASH_FIND(hh, pool->expected, tx_id, 32, found);
    return found;
}

static void expected_drop(struct ehr_mempool *pool, struct expected *expected)
{
    HASH_DELETE(hh, pool->expected, expected);
    free(expected);
}

static void pooled_drop(struct ehr_mempool *pool, struct pooled *request)
{
    HASH_DELETE(hh, pool->first, request);
    pool->unproposed -= request->proposed ? 0 : 1;
    ehr_tx_unref(request->tx);
    free(request);
}

void ehr_mempool_free(struct ehr_mempool *pool)
{
    if (pool == NULL)
        return;
    while (pool->first != NULL)
        pooled_drop(pool, pool->first);
    while (pool->expected != NULL)
        expected_drop(pool, pool->expected);
    free(pool);
}

bool ehr_mempool_add(struct ehr_mempool *pool, struct ehr_tx *tx, uint64_t now_ns)
{
    if (pooled_find(pool, tx->id) != NULL)
        return false;
    struct pooled *request = calloc(1, sizeof *request);
    if (request == NULL)
        uthash_fatal("request");
    memcpy(request->id, tx->id, 32);
    request->tx = ehr_tx_ref(tx);
    request->serial = ++pool->serial;
    request->since_ns = now_ns;
    HASH_ADD(hh, pool->first, id, 32, request);
    struct expected *expected = expected_find(pool, tx->id);
    request->proposed = expected != NULL;
    pool->unproposed += request->proposed ? 0 : 1;
    if (expected != NULL)
        expected_drop(pool, expected);
    return true;
}

struct ehr_tx *ehr_mempool_find(const struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    const struct pooled *found = pooled_find(pool, tx_id);
    return found == NULL ? NULL : found->tx;
}

bool ehr_mempool_has(const struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    return pooled_find(pool, tx_id) != NULL;
}

void ehr_mempool_remove(struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    struct pooled *request = pooled_find(pool, tx_id);
    if (request != NULL)
        pooled_drop(pool, request);
    struct expected *expected = expected_find(pool, tx_id);
    if (expected != NULL)
        expected_drop(pool, expected);
}

void ehr_mempool_propose(struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    struct pooled *request = pooled_find(pool, tx_id);
    if (request != NULL && !request->proposed) {
        request->proposed = true;
        pool->unproposed--;
    }
}

void ehr_mempool_expect(struct ehr_mempool *pool, const uint8_t tx_id[32])
{
    if (pooled_find(pool, tx_id) != NULL) {
        ehr_mempool_propose(pool, tx_id);
        return;
    }
    if (expected_find(pool, tx_id) != NULL)
        return;
    struct expected *expected = calloc(1, sizeof *expected);
    if (expected == NULL)
        uthash_fatal("request");
    memcpy(expected->id, tx_id, 32);
    HASH_ADD(hh, pool->expected, id, 32, expected);
}

void ehr_mempool_unpropose_all(struct ehr_mempool *pool)
{
    while (pool->expected != NULL)
        expected_drop(pool, pool->expected);
    pool->unproposed = 0;
    for (struct pooled *r = pool->first; r != NULL; r = r->hh.next) {
        r->proposed = false;
        pool->unproposed++;
    }
}

uint32_t ehr_mempool_pick(const struct ehr_mempool *pool, struct ehr_tx **out, uint32_t max)
{
    uint32_t count = 0;
    for (struct pooled *r = pool->first; r != NULL && count < max; r = r->hh.next)
        if (!r->proposed)
            out[count++] = r->tx;
    return count;
}

uint32_t ehr_mempool_waiting(const struct ehr_mempool *pool)
{
    return HASH_COUNT(pool->first);
}

uint32_t ehr_mempool_unproposed(const struct ehr_mempool *pool)
{
    return pool->unproposed;
}

void ehr_mempool_each(const struct ehr_mempool *pool,
                      void (*visit)(void *context, struct ehr_tx *tx, uint64_t since_ns),
                      void *context)
{
    for (const struct pooled *r = pool->first; r != NULL; r = r->hh.next)
        visit(context, r->tx, r->since_ns);
}

uint64_t ehr_mempool_oldest(const struct ehr_mempool *pool, uint64_t *since_ns)
{
    if (pool->first == NULL)
        return 0;
    if (since_ns != NULL)
        *since_ns = pool->first->since_ns;
    return pool->first->serial;
}
