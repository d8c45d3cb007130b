/* Calls of malloc, calloc and realloc by the whole process, its libraries too: the program that
 * links this has them replaced by counting ones. Not under the sanitizers, which replace them
 * themselves. */
#ifndef EHR_TESTS_LAB_HEAP_H
#define EHR_TESTS_LAB_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/* Whether calls are counted; if not, the count stays 0. */
bool ehr_heap_counted(void);
uint64_t ehr_heap_calls(void);

#endif /* EHR_TESTS_LAB_HEAP_H */
