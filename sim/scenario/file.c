/* Input files, whole. */
#include "sim/scenario/reader.h"

#include "sim/scenario/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 16 << 20 };

/* Returns 0, or the errno of what failed. */
static int file_read(const char *path, uint8_t **bytes, size_t *count)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return errno;
    size_t capacity = 0;
    size_t got = 0;
    do {
        uint8_t block[16384];
        got = fread(block, 1, sizeof(block), in);
        while (*count + got > capacity) {
            size_t larger = capacity;
            *bytes = ehr_scenario_array_grow(*bytes, capacity, &larger, 1);
            capacity = larger;
        }
        if (got > 0)
            memcpy(*bytes + *count, block, got);
        *count += got;
    } while (got > 0 && *count <= FILE_BYTES_MAX);
    int error = ferror(in) ? errno : *count > FILE_BYTES_MAX ? EFBIG : 0;
    fclose(in);
    return error;
}

enum ehr_scenario_status ehr_scenario_file_read(const char *path, struct ehr_problem_list *problems,
                                                uint8_t **bytes, size_t *count)
{
    *bytes = NULL;
    *count = 0;
    int error = file_read(path, bytes, count);
    if (error == 0)
        return EHR_SCENARIO_OK;
    free(*bytes);
    *bytes = NULL;
    ehr_problem_list_add(problems, false, path, 0, "file", strerror(error),
                         error == EFBIG ? "at most 16 MiB" : "a readable file");
    return error != EFBIG && error != ENOENT && error != ENOTDIR && error != EISDIR
               ? EHR_SCENARIO_ENVIRONMENT
               : EHR_SCENARIO_INVALID;
}
