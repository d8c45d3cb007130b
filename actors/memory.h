/* Memory of roles: an allocation that fails ends the run, which cannot go on without it. Internal
 * to actors/. */
#ifndef EHR_ACTORS_MEMORY_H
#define EHR_ACTORS_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void ehr_memory_exhausted(void)
{
    fputs("ehrgrid: out of memory\n", stderr);
    abort();
}

/* `count` zeroed objects of `size` bytes; free with free(). */
static inline void *ehr_memory_new(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL)
        ehr_memory_exhausted();
    return memory;
}

/* Resizes to `count` objects; new ones are not initialised. */
static inline void *ehr_memory_grow(void *memory, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        ehr_memory_exhausted();
    void *grown = realloc(memory, count * size);
    if (grown == NULL)
        ehr_memory_exhausted();
    return grown;
}

#endif /* EHR_ACTORS_MEMORY_H */
