#include "sim/consensus/storage.h"

void *ehr_storage_take(struct ehr_storage *storage, size_t bytes)
{
    void *at = storage->base != NULL ? storage->base + storage->used : NULL;
    storage->used += (bytes + 15) / 16 * 16;
    return at;
}
