/* Lays an engine's arrays out behind one another in the storage that the caller owns. */
#ifndef EHR_CONSENSUS_STORAGE_H
#define EHR_CONSENSUS_STORAGE_H

#include <stddef.h>
#include <stdint.h>

/* Hands out storage from front to back; with base NULL it only measures. */
struct ehr_storage {
    uint8_t *base;
    size_t used; /* bytes */
};

/* The next `bytes` bytes, on a boundary of 16; NULL where it only measures. */
void *ehr_storage_take(struct ehr_storage *storage, size_t bytes);

#endif /* EHR_CONSENSUS_STORAGE_H */
