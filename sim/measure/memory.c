#include "sim/measure/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/measure/results.h"

/* No handlers of exit(): this may be an actor of a simulation that is not over. */
void ehr_measure_exit(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("ehrgrid: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    ehr_results_abandon();
    fflush(NULL);
    _exit(3);
}

static void *out_of_memory(size_t count, size_t size)
{
    ehr_measure_exit("out of memory: %zu x %zu bytes for measurements", count, size);
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
