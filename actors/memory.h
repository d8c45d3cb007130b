/* Memory of roles: an allocation that fails ends the run, which cannot go on without it. Internal
 * to actors/. */
#ifndef EHR_ACTORS_MEMORY_H
#define EHR_ACTORS_MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Resizes to `size` > 0 bytes (NULL: allocates); new bytes are not initialised. Never NULL. */
static inline void *ehr_actor_resize(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (memory == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        abort();
    }
    return memory;
}

/* `size` zeroed bytes; free with free(). Never NULL. */
static inline void *ehr_actor_new(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    if (memory == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        abort();
    }
    return memory;
}

#endif /* EHR_ACTORS_MEMORY_H */
