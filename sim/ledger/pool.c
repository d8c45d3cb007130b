#include "sim/ledger/pool.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CLASSES = EHR_POOL_BYTES_MAX / EHR_POOL_CLASS_BYTES + 1, /* class c holds c * 64 bytes */
    SLAB_BYTES = 64 * 1024,
};

/* A free object holds the link; a slab begins with the link to the slab before it. */
struct link {
    struct link *next;
};

static struct {
    struct link *free[CLASSES];
    struct link *slabs;
    uint64_t alive;
} pool;

static void *memory(size_t bytes)
{
    void *p = malloc(bytes);
    if (p == NULL) {
        fprintf(stderr, "out of memory (%zu bytes)\n", bytes);
        abort();
    }
    return p;
}

#ifndef EHR_SANITIZED
static void slab_cut(size_t class)
{
    struct link *slab = memory(SLAB_BYTES);
    slab->next = pool.slabs;
    pool.slabs = slab;
    size_t size = class * EHR_POOL_CLASS_BYTES;
    /* Cut from the end, so that objects are handed out in order of address. */
    for (size_t k = (SLAB_BYTES - EHR_POOL_CLASS_BYTES) / size; k-- > 0;) {
        struct link *item = (struct link *)(void *)((char *)slab + EHR_POOL_CLASS_BYTES + k * size);
        item->next = pool.free[class];
        pool.free[class] = item;
    }
}
#endif

void *ehr_pool_take(size_t bytes)
{
    pool.alive++;
#ifndef EHR_SANITIZED
    size_t class = (bytes + EHR_POOL_CLASS_BYTES - 1) / EHR_POOL_CLASS_BYTES;
    if (class > 0 && class < CLASSES) {
        if (pool.free[class] == NULL)
            slab_cut(class);
        struct link *item = pool.free[class];
        pool.free[class] = item->next;
        return item;
    }
#endif
    return memory(bytes > 0 ? bytes : 1);
}

void ehr_pool_give(void *object, size_t bytes)
{
    if (object == NULL)
        return;
    assert(pool.alive > 0);
    pool.alive--;
#ifndef EHR_SANITIZED
    size_t class = (bytes + EHR_POOL_CLASS_BYTES - 1) / EHR_POOL_CLASS_BYTES;
    if (class > 0 && class < CLASSES) {
        struct link *item = object;
        item->next = pool.free[class];
        pool.free[class] = item;
        return;
    }
#else
    (void)bytes;
#endif
    free(object);
}

uint64_t ehr_pool_alive(void)
{
    return pool.alive;
}

void ehr_pool_close(void)
{
    assert(pool.alive == 0);
    while (pool.slabs != NULL) {
        struct link *next = pool.slabs->next;
        free(pool.slabs);
        pool.slabs = next;
    }
    for (size_t c = 0; c < CLASSES; c++)
        pool.free[c] = NULL;
}
