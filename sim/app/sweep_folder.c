#include "sim/app/sweep_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/whole_file.h"
#include "sim/measure/folder.h"

static enum ehr_exit failed(const char *path)
{
    ehr_said_line("ehrgrid sweep: %s: %s", path, strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

static char *below(const struct ehr_sweep_folder *folder, const char *name)
{
    return ehr_app_text("%s/%s", folder->path, name);
}

/* ---- the folder ---- */

/* With all that lead to it. */
static enum ehr_exit folders_make(const char *path)
{
    char *text = ehr_app_text("%s/", path);
    enum ehr_exit status = EHR_EXIT_DONE;
    for (char *at = text + 1; status == EHR_EXIT_DONE && *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(text, 0777) != 0 && errno != EEXIST)
            status = failed(text);
        *at = '/';
    }
    free(text);
    return status;
}

/* parallel and its jobs inherit the lock: it lasts as long as any of them does. */
static enum ehr_exit lock_take(struct ehr_sweep_folder *folder, bool resume)
{
    folder->lock = open(folder->path, O_RDONLY | O_DIRECTORY);
    if (folder->lock < 0)
        return failed(folder->path);
    if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0)
        return EHR_EXIT_DONE;
    if (errno == EWOULDBLOCK && !resume)
        return ehr_command_usage("sweep", "%s: another sweep is at work there", folder->path);
    if (errno == EWOULDBLOCK) {
        fprintf(stderr, "ehrgrid sweep: %s: waiting for runs of another sweep to end\n",
                folder->path);
        if (flock(folder->lock, LOCK_EX) == 0)
            return EHR_EXIT_DONE;
        if (errno == EINTR) /* and the caller dies of the signal */
            return EHR_EXIT_ENVIRONMENT;
    }
    return failed(folder->path);
}

/* Whether the file holds just this text. */
static bool file_is(const char *path, const char *text, size_t bytes)
{
    FILE *file = fopen(path, "rb");
    char *found = ehr_app_zeroed(bytes + 1, 1);
    bool is = file != NULL && fread(found, 1, bytes + 1, file) == bytes &&
              memcmp(found, text, bytes) == 0;
    if (file != NULL)
        fclose(file);
    free(found);
    return is;
}

static enum ehr_exit text_write(const char *path, const char *text, size_t bytes)
{
    struct ehr_whole_file whole;
    enum ehr_exit status = ehr_whole_file_open(&whole, "sweep", path);
    if (status == EHR_EXIT_DONE) {
        fwrite(text, 1, bytes, whole.file);
        status = ehr_whole_file_commit(&whole);
    }
    ehr_whole_file_close(&whole);
    return status;
}

/* Compares the design with the one that is there; if none is, writes it, or does not. */
static enum ehr_exit design_keep(const struct ehr_sweep_folder *folder, bool write)
{
    char *text = NULL, *path = below(folder, "design.csv");
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    if (memory == NULL)
        return failed(path);
    ehr_design_write(folder->design, memory);
    fclose(memory);
    enum ehr_exit status = EHR_EXIT_DONE;
    if (access(path, F_OK) != 0)
        status = write ? text_write(path, text, bytes) : EHR_EXIT_DONE;
    else if (!file_is(path, text, bytes))
        status = ehr_command_usage(
            "sweep", "%s: the design of another sweep, or the scenario has changed since", path);
    free(path);
    free(text);
    return status;
}

static enum ehr_exit begin(struct ehr_sweep_folder *folder, const struct ehr_design *design,
                           const char *path, bool exists)
{
    struct stat there;
    *folder = (struct ehr_sweep_folder){.design = design, .lock = -1};
    if (strchr(path, '\n') != NULL)
        return ehr_command_usage("sweep", "--out: a line break in the name");
    if (!exists && lstat(path, &there) == 0)
        return ehr_command_usage("sweep", "--out: %s: exists already (--resume goes on with it)",
                                 path);
    return EHR_EXIT_DONE;
}

/* A new text; of what does not exist the part that does is made absolute. NULL: errno says why. */
static char *path_absolute(const char *path)
{
    char *absolute = realpath(path, NULL);
    if (absolute != NULL || errno != ENOENT)
        return absolute;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    char *parent = start > 0 ? ehr_app_text("%.*s", (int)start, path) : ehr_app_text(".");
    char *above = path_absolute(parent);
    if (above != NULL)
        absolute = ehr_app_text("%s/%.*s", strcmp(above, "/") == 0 ? "" : above,
                                (int)(length - start), path + start);
    free(above);
    free(parent);
    return absolute;
}

enum ehr_exit ehr_sweep_folder_look(struct ehr_sweep_folder *folder,
                                    const struct ehr_design *design, const char *path, bool exists)
{
    enum ehr_exit status = begin(folder, design, path, exists);
    if (status != EHR_EXIT_DONE)
        return status;
    folder->path = path_absolute(path);
    if (folder->path == NULL)
        return failed(path);
    if (strchr(folder->path, '\n') != NULL)
        return ehr_command_usage("sweep", "--out: a line break in the name");
    return design_keep(folder, false);
}

enum ehr_exit ehr_sweep_folder_open(struct ehr_sweep_folder *folder,
                                    const struct ehr_design *design, const char *path, bool resume)
{
    enum ehr_exit status = begin(folder, design, path, resume);
    if (status != EHR_EXIT_DONE)
        return status;
    char *runs = ehr_app_text("%s/runs", path);
    status = folders_make(runs);
    free(runs);
    if (status != EHR_EXIT_DONE)
        return status;
    folder->path = realpath(path, NULL);
    if (folder->path == NULL)
        return failed(path);
    if (strchr(folder->path, '\n') != NULL)
        return ehr_command_usage("sweep", "--out: a line break in the name");
    status = lock_take(folder, resume);
    if (status == EHR_EXIT_DONE)
        status = design_keep(folder, true);
    if (status == EHR_EXIT_DONE)
        ehr_sweep_folder_clean(folder);
    return status;
}

void ehr_sweep_folder_close(struct ehr_sweep_folder *folder)
{
    if (folder->lock >= 0)
        close(folder->lock);
    free(folder->path);
    *folder = (struct ehr_sweep_folder){.lock = -1};
}

bool ehr_sweep_folder_begun(const struct ehr_sweep_folder *folder)
{
    char *path = below(folder, "design.csv");
    bool begun = access(path, F_OK) == 0;
    free(path);
    return begun;
}

/* ---- its runs ---- */

char *ehr_sweep_folder_run(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run)
{
    return ehr_app_text("%s/runs/%s", folder->path, run->run_id);
}

bool ehr_sweep_folder_has(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run)
{
    struct stat there;
    char *path = ehr_sweep_folder_run(folder, run);
    bool has = stat(path, &there) == 0 && S_ISDIR(there.st_mode);
    free(path);
    return has;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

void ehr_sweep_folder_clean(const struct ehr_sweep_folder *folder)
{
    char *runs = below(folder, "runs");
    DIR *open = opendir(runs);
    for (struct dirent *entry = open != NULL ? readdir(open) : NULL; entry != NULL;
         entry = readdir(open)) {
        if (!ends_with(entry->d_name, ".tmp"))
            continue;
        char *path = ehr_app_text("%s/%s", runs, entry->d_name);
        ehr_folder_remove(path);
        free(path);
    }
    if (open != NULL)
        closedir(open);
    free(runs);
}
