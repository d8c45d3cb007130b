#include "sim/network/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void *checked(void *p, size_t count, size_t size)
{
    if (p == NULL) {
        fprintf(stderr, "out of memory (%zu elements of %zu bytes)\n", count, size);
        abort();
    }
    return p;
}

void *ehr_zeroed(size_t count, size_t size)
{
    return checked(calloc(count > 0 ? count : 1, size), count, size);
}

void *ehr_grow(void *array, size_t *capacity, size_t size)
{
    size_t count = *capacity < 8 ? 16 : *capacity * 2;
    void *p = count > (size_t)-1 / size ? NULL : realloc(array, count * size);
    *capacity = count;
    return checked(p, count, size);
}
