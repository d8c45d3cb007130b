/* Memory of the application layer: an allocation that fails ends the process with exit status 3.
 * Internal to sim/app. */
#ifndef EHR_APP_MEMORY_H
#define EHR_APP_MEMORY_H

#include <stddef.h>

/* `count` zeroed elements of `size` bytes, at least one; free with free(). Never NULL. */
void *ehr_app_zeroed(size_t count, size_t size);

/* Resizes to `size` > 0 bytes; new bytes are not initialised. Never NULL. */
void *ehr_app_resize(void *old, size_t size);

/* printf into a new text, the caller's. Never NULL. */
char *ehr_app_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* EHR_APP_MEMORY_H */
