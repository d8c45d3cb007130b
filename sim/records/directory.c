/* A folder of bundles -> a set, in the byte order of the file names. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/records/report.h"

struct names {
    char **list;
    size_t count;
    size_t capacity;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(struct names *names, const char *name)
{
    if (names->count == names->capacity) {
        size_t capacity = names->capacity == 0 ? 32 : names->capacity * 2;
        char **grown = realloc(names->list, capacity * sizeof(*grown));
        if (grown == NULL)
            return false;
        names->list = grown;
        names->capacity = capacity;
    }
    names->list[names->count] = strdup(name);
    return names->list[names->count++] != NULL;
}

static void close_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

/* A missing or wrong name is the scenario's fault, anything else the machine's. */
static enum ehr_record_status report_errno(const char *path, const char *allowed,
                                           struct ehr_record_errors *errors)
{
    int error = errno;
    ehr_record_report(errors, "%s: open: %s: %s", path, strerror(error), allowed);
    bool input = error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == ELOOP;
    return input ? EHR_RECORD_BAD_INPUT : EHR_RECORD_BAD_ENVIRONMENT;
}

static enum ehr_record_status report_memory(const char *path, struct ehr_record_errors *errors)
{
    ehr_record_report(errors, "%s: memory: exhausted: enough for the records", path);
    return EHR_RECORD_BAD_ENVIRONMENT;
}

static enum ehr_record_status list_directory(const char *directory, struct names *names,
                                             struct ehr_record_errors *errors)
{
    DIR *stream = opendir(directory);
    if (stream == NULL)
        return report_errno(directory, "a folder of FHIR R4 bundles", errors);
    enum ehr_record_status status = EHR_RECORD_OK;
    const struct dirent *item;
    errno = 0;
    while (status == EHR_RECORD_OK && (item = readdir(stream)) != NULL) {
        size_t length = strlen(item->d_name);
        if (item->d_name[0] != '.' && length > 5 &&
            strcmp(item->d_name + length - 5, ".json") == 0 && !add_name(names, item->d_name))
            status = report_memory(directory, errors);
        errno = 0;
    }
    if (status == EHR_RECORD_OK && errno != 0)
        status = report_errno(directory, "a readable folder", errors);
    closedir(stream);
    if (names->count > 1)
        qsort(names->list, names->count, sizeof(*names->list), compare_names);
    return status;
}

/* The whole file; *bytes is the caller's to free. */
static enum ehr_record_status read_file(const char *path, char **bytes, size_t *length,
                                        struct ehr_record_errors *errors)
{
    static const char *const allowed = "a readable file";
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (file == NULL)
        return report_errno(path, allowed, errors);
    enum ehr_record_status status = EHR_RECORD_OK;
    *bytes = NULL;
    if (fstat(fileno(file), &info) != 0) {
        status = report_errno(path, allowed, errors);
    } else {
        *bytes = malloc((size_t)info.st_size + 1);
        if (*bytes == NULL)
            status = report_memory(path, errors);
    }
    if (status == EHR_RECORD_OK) {
        *length = fread(*bytes, 1, (size_t)info.st_size, file);
        if (ferror(file)) {
            status = report_errno(path, allowed, errors);
            free(*bytes);
        }
    }
    fclose(file);
    return status;
}

static enum ehr_record_status load_file(const char *path, struct ehr_record_set *set,
                                        struct ehr_record_errors *errors)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return EHR_RECORD_OK;
    char *bytes;
    size_t length;
    enum ehr_record_status status = read_file(path, &bytes, &length, errors);
    if (status != EHR_RECORD_OK)
        return status;
    struct ehr_patient_bundle *bundle = &set->bundles[set->bundle_count];
    status = ehr_record_bundle_parse(path, bytes, length, bundle, errors);
    free(bytes);
    if (status == EHR_RECORD_OK)
        set->bundle_count++;
    return status;
}

/* Loads every file whatever happened to those before; the machine's fault outranks the input's. */
static enum ehr_record_status load_files(const char *directory, const struct names *names,
                                         struct ehr_record_set *set,
                                         struct ehr_record_errors *errors)
{
    set->bundles = calloc(names->count > 0 ? names->count : 1, sizeof(*set->bundles));
    if (set->bundles == NULL)
        return report_memory(directory, errors);
    enum ehr_record_status worst = EHR_RECORD_OK;
    for (size_t i = 0; i < names->count; i++) {
        size_t size = strlen(directory) + strlen(names->list[i]) + 2;
        char *path = malloc(size);
        if (path == NULL)
            return report_memory(directory, errors);
        snprintf(path, size, "%s/%s", directory, names->list[i]);
        enum ehr_record_status status = load_file(path, set, errors);
        free(path);
        if (status > worst)
            worst = status;
    }
    if (worst == EHR_RECORD_OK && set->bundle_count == 0) {
        ehr_record_report(errors, "%s: *.json: no file: at least one FHIR R4 bundle", directory);
        worst = EHR_RECORD_BAD_INPUT;
    }
    return worst;
}

enum ehr_record_status ehr_record_set_load(const char *directory, struct ehr_record_set *set,
                                           struct ehr_record_errors *errors)
{
    *set = (struct ehr_record_set){0};
    struct names names = {0};
    enum ehr_record_status status = list_directory(directory, &names, errors);
    if (status == EHR_RECORD_OK)
        status = load_files(directory, &names, set, errors);
    close_names(&names);
    if (status != EHR_RECORD_OK)
        ehr_record_set_close(set);
    return status;
}

void ehr_record_set_close(struct ehr_record_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->bundle_count; i++)
        ehr_record_bundle_close(&set->bundles[i]);
    free(set->bundles);
    *set = (struct ehr_record_set){0};
}
