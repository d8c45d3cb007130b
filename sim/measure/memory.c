#include "sim/measure/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "ehrgrid: out of memory: %zu x %zu bytes for measurements\n", count, size);
    exit(3);
}

void *ehr_measure_zeroed(size_t count, size_t size)
{
    /* calloc(0) may return NULL without being out of memory. */
    void *array = calloc(count == 0 ? 1 : count, size);
    return array != NULL ? array : out_of_memory(count, size);
}

void *ehr_measure_grow(void *array, size_t old_count, size_t new_count, size_t size)
{
    assert(new_count > old_count);
    if (new_count > SIZE_MAX / size)
        return out_of_memory(new_count, size);
    char *grown = realloc(array, new_count * size);
    if (grown == NULL)
        return out_of_memory(new_count, size);
    memset(grown + old_count * size, 0, (new_count - old_count) * size);
    return grown;
}
