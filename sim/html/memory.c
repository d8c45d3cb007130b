#include "sim/html/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("ehrgrid: out of memory for the report\n", stderr);
        exit(3);
    }
    return memory;
}

void *ehr_html_memory_zeroed(size_t count, size_t size)
{
    return checked(calloc(count == 0 ? 1 : count, size));
}

void ehr_html_memory_free(void *memory)
{
    free(memory);
}

char *ehr_html_memory_format(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    char *text = ehr_html_memory_zeroed((size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *ehr_html_memory_text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = ehr_html_memory_format(format, arguments);
    va_end(arguments);
    return text;
}

char *ehr_html_memory_file(const char *path, size_t most, size_t *size)
{
    FILE *file = fopen(path, "r");
    size_t capacity = 65536;
    if (file == NULL)
        return NULL;
    char *bytes = ehr_html_memory_zeroed(capacity + 1, 1);
    *size = 0;
    for (size_t got; (got = fread(bytes + *size, 1, capacity - *size, file)) > 0;) {
        *size += got;
        if (*size < capacity)
            continue;
        capacity *= 2;
        bytes = checked(realloc(bytes, capacity + 1));
    }
    int reason = ferror(file) != 0 ? errno : *size > most ? EFBIG : 0;
    fclose(file);
    bytes[*size] = '\0';
    if (reason == 0)
        return bytes;
    free(bytes);
    errno = reason;
    return NULL;
}
