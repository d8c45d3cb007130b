/* Memory of calibration: an allocation that fails ends the process. Internal to sim/calibrate. */
#ifndef EHR_CALIBRATE_MEMORY_H
#define EHR_CALIBRATE_MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* `count` > 0 zeroed elements of `size` > 0 bytes; free with free(). Never NULL. */
static inline void *ehr_calibrate_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        abort();
    }
    return memory;
}

#endif /* EHR_CALIBRATE_MEMORY_H */
