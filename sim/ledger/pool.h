/* Memory of the short-lived objects of the ledger (messages, blobs, transactions): slabs by size
 * class, so that the steady state of a run calls no allocator. Not thread-safe: one simulation runs
 * in one thread at a time. Memory goes back to the system only by ehr_pool_close. Builds with
 * AddressSanitizer use malloc and free for each object, so that a use after free is seen. */
#ifndef EHR_LEDGER_POOL_H
#define EHR_LEDGER_POOL_H

#include <stddef.h>
#include <stdint.h>

enum { EHR_POOL_CLASS_BYTES = 64, EHR_POOL_BYTES_MAX = 1024 };

/* Uninitialised memory of `bytes`, aligned for every type; larger than EHR_POOL_BYTES_MAX comes
 * from malloc. Ends the process when there is none left. */
void *ehr_pool_take(size_t bytes);
/* Gives it back; `bytes` as when it was taken. NULL is fine. */
void ehr_pool_give(void *object, size_t bytes);
/* Objects taken and not given back, of any size. */
uint64_t ehr_pool_alive(void);
/* Frees all slabs; asserts that nothing is alive. */
void ehr_pool_close(void);

#endif /* EHR_LEDGER_POOL_H */
