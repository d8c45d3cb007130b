/*
 * Allocation for counting: the one place that decides what happens when memory, or the disk that
 * stands in for it, runs out. Not a general allocator; internal to sim/measure and sim/figures.
 */
#ifndef EHR_MEASURE_MEMORY_H
#define EHR_MEASURE_MEMORY_H

#include <stddef.h>

/* `count` zeroed elements of `size` bytes, freed with free(); never NULL. Exits with status 3 and a
 * message when there is no memory: a measure that loses counts would be worse than none. */
void *ehr_measure_zeroed(size_t count, size_t size);

/* Grows `array` from `old_count` to `new_count` elements, the new ones zeroed; never NULL. */
void *ehr_measure_grow(void *array, size_t old_count, size_t new_count, size_t size);

/* Says what is wrong, removes what is not yet whole of the result folder, and ends the program with
 * status 3. For what would make measurements wrong and leaves nobody to tell. */
_Noreturn void ehr_measure_exit(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* EHR_MEASURE_MEMORY_H */
