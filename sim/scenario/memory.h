/* Allocation for the scenario library: scenarios are small, so that running out of memory while
 * reading one is treated as fatal. For sim/scenario and sim/platform. */
#ifndef EHR_SCENARIO_MEMORY_H
#define EHR_SCENARIO_MEMORY_H

#include <stddef.h>

/* Zeroed; never NULL. */
void *ehr_scenario_allocate(size_t count, size_t item_bytes);

/* A copy of the text, the caller's. */
char *ehr_scenario_text_copy(const char *text);

/* printf into a new text, the caller's. */
char *ehr_scenario_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for item `count`; returns the array, which may have moved; new items are zero. */
void *ehr_scenario_array_grow(void *items, size_t count, size_t *capacity, size_t item_bytes);

#endif /* EHR_SCENARIO_MEMORY_H */
