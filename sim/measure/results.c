#include "sim/measure/results.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/measure/error.h"
#include "sim/measure/folder.h"
#include "sim/measure/memory.h"

struct ehr_results {
    char *target;         /* the name to be, without a slash at the end */
    char *temporary;      /* what it is called until committed */
    size_t parents_begin; /* length of the longest parent that existed before us */
    int folder;           /* descriptor of the temporary folder, -1 before it exists */
    bool committed;
};

static struct ehr_results *reserved; /* by ehr_results_new, not yet freed */

enum ehr_measure_status ehr_measure_fail(struct ehr_measure_error *error,
                                         enum ehr_measure_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

static enum ehr_measure_status refuse_existing(const char *target, struct ehr_measure_error *error)
{
    struct stat found;
    if (lstat(target, &found) == 0)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s: exists already; results are never overwritten", target);
    if (errno == ENOENT)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", target, strerror(errno));
}

/* Makes the folders that lead to the target, and notes where ours begin, to be able to undo it. */
static enum ehr_measure_status make_parents(struct ehr_results *results,
                                            struct ehr_measure_error *error)
{
    char *path = results->target;
    results->parents_begin = SIZE_MAX;
    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/' || path[i - 1] == '/')
            continue;
        path[i] = '\0';
        int made = mkdir(path, 0777);
        int reason = errno;
        if (made == 0 && results->parents_begin == SIZE_MAX)
            results->parents_begin = i;
        if (made != 0 && reason != EEXIST)
            ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(reason));
        path[i] = '/';
        if (made != 0 && reason != EEXIST)
            return EHR_MEASURE_ENVIRONMENT;
    }
    return EHR_MEASURE_DONE;
}

/* Removes the parents we made, innermost first; one that somebody uses by now is not empty. */
static void remove_parents(struct ehr_results *results)
{
    char *path = results->target;
    for (size_t i = strlen(path); i-- > 0 && i >= results->parents_begin;) {
        if (path[i] != '/')
            continue;
        path[i] = '\0';
        (void)rmdir(path);
    }
}

static enum ehr_measure_status make_temporary(struct ehr_results *results,
                                              struct ehr_measure_error *error)
{
    enum ehr_measure_status status =
        ehr_folder_make_temporary(&results->temporary, results->target, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    results->folder = open(results->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (results->folder >= 0)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", results->temporary,
                            strerror(errno));
}

enum ehr_measure_status ehr_results_new(struct ehr_results **results, const char *dir,
                                        struct ehr_measure_error *error)
{
    *results = NULL;
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/')
        length--;
    if (length == 0)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "the result folder has no name");
    struct ehr_results *fresh = ehr_measure_zeroed(1, sizeof(*fresh));
    fresh->folder = -1;
    fresh->parents_begin = SIZE_MAX;
    fresh->target = ehr_measure_zeroed(length + 1, 1);
    memcpy(fresh->target, dir, length);
    enum ehr_measure_status status = refuse_existing(fresh->target, error);
    if (status == EHR_MEASURE_DONE)
        status = make_parents(fresh, error);
    if (status == EHR_MEASURE_DONE)
        status = make_temporary(fresh, error);
    if (status != EHR_MEASURE_DONE) {
        ehr_results_free(fresh);
        return status;
    }
    *results = reserved = fresh;
    return EHR_MEASURE_DONE;
}

FILE *ehr_results_file_open(struct ehr_results *results, const char *name,
                            struct ehr_measure_error *error)
{
    assert(strchr(name, '/') == NULL && !results->committed);
    int descriptor = openat(results->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s/%s: %s", results->temporary, name,
                         strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
    }
    return file;
}

enum ehr_measure_status ehr_results_file_close(struct ehr_results *results, FILE *file,
                                               const char *name, struct ehr_measure_error *error)
{
    /* Quotas and network file systems report a full disk as late as here. */
    errno = 0;
    int reason = 0;
    if (fflush(file) != 0 || ferror(file) != 0 || fsync(fileno(file)) != 0)
        reason = errno != 0 ? errno : EIO;
    if (fclose(file) != 0 && reason == 0)
        reason = errno;
    if (reason == 0)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s/%s: cannot write: %s",
                            results->temporary, name, strerror(reason));
}

int ehr_results_scratch(struct ehr_results *results, struct ehr_measure_error *error)
{
    static const char name[] = "scratch-XXXXXX";
    const char *variable = getenv("TMPDIR");
    const char *folder = results != NULL                           ? results->temporary
                         : variable != NULL && variable[0] != '\0' ? variable
                                                                   : "/tmp";
    size_t size = strlen(folder) + sizeof(name) + 1;
    char *path = ehr_measure_zeroed(size, 1);
    snprintf(path, size, "%s/%s", folder, name);
    int file = mkstemp(path);
    if (file < 0)
        ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(errno));
    else
        (void)unlink(path);
    free(path);
    return file;
}

enum ehr_measure_status ehr_results_commit(struct ehr_results *results,
                                           struct ehr_measure_error *error)
{
    assert(!results->committed);
    if (fsync(results->folder) != 0 && errno != EINVAL) /* some file systems cannot */
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", results->temporary,
                                strerror(errno));
    /* rename() would replace an empty folder that appeared while the run went on. */
    enum ehr_measure_status status = refuse_existing(results->target, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    if (rename(results->temporary, results->target) != 0)
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: cannot rename to %s: %s",
                                results->temporary, results->target, strerror(errno));
    results->committed = true;
    return EHR_MEASURE_DONE;
}

void ehr_results_free(struct ehr_results *results)
{
    if (results == NULL)
        return;
    if (results == reserved)
        reserved = NULL;
    if (!results->committed) {
        if (results->temporary != NULL)
            ehr_folder_remove(results->temporary);
        remove_parents(results);
    }
    if (results->folder >= 0)
        close(results->folder);
    free(results->temporary);
    free(results->target);
    free(results);
}

void ehr_results_abandon(void)
{
    ehr_results_free(reserved);
}
