#include "sim/app/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

void *ehr_app_zeroed(size_t count, size_t size)
{
    return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *ehr_app_resize(void *old, size_t size)
{
    return checked(realloc(old, size));
}

char *ehr_app_text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = ehr_app_zeroed((size_t)length + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
