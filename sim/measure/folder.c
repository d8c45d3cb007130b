#include "sim/measure/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/measure/error.h"
#include "sim/measure/memory.h"

enum ehr_measure_status ehr_folder_make_temporary(char **path, const char *base,
                                                  struct ehr_measure_error *error)
{
    size_t size = strlen(base) + 64;
    char *name = ehr_measure_zeroed(size, 1);
    *path = NULL;
    /* The number tells apart a folder left by a killed process that had our pid. */
    for (unsigned attempt = 0; attempt < 1000; attempt++) {
        snprintf(name, size, "%s.%ld-%u.tmp", base, (long)getpid(), attempt);
        if (mkdir(name, 0777) == 0) {
            *path = name;
            return EHR_MEASURE_DONE;
        }
        if (errno != EEXIST)
            break;
    }
    ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", name, strerror(errno));
    free(name);
    return EHR_MEASURE_ENVIRONMENT;
}

void ehr_folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    closedir(folder);
    (void)rmdir(path);
}
