#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ehr_scenario_allocate(size_t count, size_t item_bytes)
{
    void *memory = calloc(count > 0 ? count : 1, item_bytes);
    assert(memory != NULL);
    return memory;
}

char *ehr_scenario_text_copy(const char *text)
{
    char *copy = ehr_scenario_allocate(strlen(text) + 1, 1);
    memcpy(copy, text, strlen(text));
    return copy;
}

char *ehr_scenario_text_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int chars = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(chars >= 0);
    char *text = ehr_scenario_allocate((size_t)chars + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)chars + 1, format, arguments);
    va_end(arguments);
    return text;
}

void *ehr_scenario_array_grow(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    size_t larger = *capacity == 0 ? 8 : *capacity * 2;
    assert(larger <= SIZE_MAX / item_bytes);
    char *moved = realloc(items, larger * item_bytes);
    assert(moved != NULL);
    memset(moved + count * item_bytes, 0, (larger - count) * item_bytes);
    *capacity = larger;
    return moved;
}
