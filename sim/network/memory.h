/* Growing arrays of the kernel. Memory that cannot be had ends the process: a simulation has no
 * other way to go on. */
#ifndef EHR_NETWORK_MEMORY_H
#define EHR_NETWORK_MEMORY_H

#include <stddef.h>

/* Zeroed array of count elements. */
void *ehr_zeroed(size_t count, size_t size);
/* Doubles the capacity (from at least 16 elements) of an array; new elements are uninitialised. */
void *ehr_grow(void *array, size_t *capacity, size_t size);

#endif /* EHR_NETWORK_MEMORY_H */
