/*
 * Memory of the pages: an allocation that fails ends the process with exit status 3. Internal to
 * sim/html.
 */
#ifndef EHR_HTML_MEMORY_H
#define EHR_HTML_MEMORY_H

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stddef.h>

/* `count` zeroed elements of `size` bytes, at least one; free with ehr_html_memory_free. */
void *ehr_html_memory_zeroed(size_t count, size_t size);

/* Accepts NULL. */
void ehr_html_memory_free(void *memory);

/* printf into a new text, the caller's. */
char *ehr_html_memory_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *ehr_html_memory_format(const char *format, va_list arguments)
    __attribute__((format(printf, 1, 0)));

/* A file's bytes with a NUL behind them, the caller's; NULL with errno set where it cannot be read
 * or is larger than `most`. */
char *ehr_html_memory_file(const char *path, size_t most, size_t *size);

#endif /* EHR_HTML_MEMORY_H */
