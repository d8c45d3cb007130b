/* The requests a replica has received and not yet seen executed, oldest first.
 * Not the order of the chain: the primary proposes from it, everybody times requests by it. */
#ifndef EHR_LEDGER_MEMPOOL_H
#define EHR_LEDGER_MEMPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/ledger/body.h"

struct ehr_mempool;

struct ehr_mempool *ehr_mempool_new(void);
void ehr_mempool_free(struct ehr_mempool *pool);

/* Adds a request (takes a reference of its own); false if it is there already. */
bool ehr_mempool_add(struct ehr_mempool *pool, struct ehr_tx *tx, uint64_t now_ns);
bool ehr_mempool_has(const struct ehr_mempool *pool, const uint8_t tx_id[32]);
/* The request with this id, borrowed; NULL if it is not there. */
struct ehr_tx *ehr_mempool_find(const struct ehr_mempool *pool, const uint8_t tx_id[32]);
/* The request was executed: forget it. */
void ehr_mempool_remove(struct ehr_mempool *pool, const uint8_t tx_id[32]);
/* The request stands in a proposed block. */
void ehr_mempool_propose(struct ehr_mempool *pool, const uint8_t tx_id[32]);
/* The same where the request may come only later: it will count as proposed then, too. */
void ehr_mempool_expect(struct ehr_mempool *pool, const uint8_t tx_id[32]);
/* No proposal counts any more (a new view). */
void ehr_mempool_unpropose_all(struct ehr_mempool *pool);
/* The oldest requests that stand in no proposed block, at most `max`, in order of arrival; borrowed
 * until the pool changes. Returns how many. */
uint32_t ehr_mempool_pick(const struct ehr_mempool *pool, struct ehr_tx **out, uint32_t max);

uint32_t ehr_mempool_waiting(const struct ehr_mempool *pool);
uint32_t ehr_mempool_unproposed(const struct ehr_mempool *pool);
/* Shows every request and when it came, oldest first; `visit` leaves the pool alone. */
void ehr_mempool_each(const struct ehr_mempool *pool,
                      void (*visit)(void *context, struct ehr_tx *tx, uint64_t since_ns),
                      void *context);
/* Serial number of the oldest request (they grow), 0 for none, and when it came. */
uint64_t ehr_mempool_oldest(const struct ehr_mempool *pool, uint64_t *since_ns);

#endif /* EHR_LEDGER_MEMPOOL_H */
