#include "sim/app/sweep_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/whole_file.h"
#include "sim/measure/folder.h"

static enum ehr_exit failed(const char *path)
{
    fprintf(stderr, "ehrgrid sweep: %s: %s\n", path, strerror(errno));
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

static enum ehr_exit design_keep(const struct ehr_sweep_folder *folder)
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
        status = text_write(path, text, bytes);
    else if (!file_is(path, text, bytes))
        status = ehr_command_usage(
            "sweep", "%s: the design of another sweep, or the scenario has changed since", path);
    free(path);
    free(text);
    return status;
}

enum ehr_exit ehr_sweep_folder_open(struct ehr_sweep_folder *folder,
                                    const struct ehr_design *design, const char *path, bool resume)
{
    struct stat there;
    *folder = (struct ehr_sweep_folder){.design = design, .lock = -1};
    if (strchr(path, '\n') != NULL)
        return ehr_command_usage("sweep", "--out: a line break in the name");
    if (!resume && lstat(path, &there) == 0)
        return ehr_command_usage("sweep", "--out: %s: exists already (--resume goes on with it)",
                                 path);
    char *runs = ehr_app_text("%s/runs", path);
    enum ehr_exit status = folders_make(runs);
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
        status = design_keep(folder);
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

/* ---- jobs ---- */

/* " 'text'", a quote in it as '\''. */
static void word_write(FILE *out, const char *text)
{
    fputs(" '", out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

static void job_write(FILE *out, const struct ehr_sweep_folder *folder, const char *program,
                      const char *scenario, const struct ehr_design_run *run)
{
    const struct ehr_design *design = folder->design;
    char *results = ehr_sweep_folder_run(folder, run);
    fputs("exec", out); /* the signal that ends the job is the program's */
    word_write(out, program);
    fputs(" run", out);
    word_write(out, scenario);
    for (size_t i = 0; i < design->request->set_count; i++) {
        fputs(" --set", out);
        word_write(out, design->request->sets[i]);
    }
    for (size_t i = 0; i < design->parameter_count; i++) {
        char *set = ehr_app_text("%s=%s", ehr_design_parameter(design, i),
                                 ehr_design_value(design, run, i));
        fputs(" --set", out);
        word_write(out, set);
        free(set);
    }
    fprintf(out, " --seed %" PRIu64 " --replication %" PRIu32 " --quiet --out", run->seed,
            run->replication);
    word_write(out, results);
    fputc('\n', out);
    free(results);
}

/* This program, whichever it is. */
static char *program_path(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || (size_t)length == sizeof path)
        return NULL;
    return ehr_app_text("%.*s", (int)length, path);
}

static bool has_break(const struct ehr_design *design, const char *program, const char *scenario)
{
    bool found = strchr(program, '\n') != NULL || strchr(scenario, '\n') != NULL;
    for (size_t i = 0; i < design->request->set_count; i++)
        found = found || strchr(design->request->sets[i], '\n') != NULL;
    return found;
}

enum ehr_exit ehr_sweep_folder_jobs(const struct ehr_sweep_folder *folder, size_t *count)
{
    const struct ehr_design *design = folder->design;
    struct ehr_whole_file whole = {0};
    char *path = below(folder, "jobs.txt"), *program = program_path();
    char *scenario = realpath(design->request->path, NULL);
    enum ehr_exit status = EHR_EXIT_DONE;
    *count = 0;
    if (program == NULL)
        status = failed("/proc/self/exe");
    else if (scenario == NULL)
        status = failed(design->request->path);
    else if (has_break(design, program, scenario))
        status = ehr_command_usage("sweep", "a line break in a path or in --set");
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_open(&whole, "sweep", path);
    for (size_t i = 0; status == EHR_EXIT_DONE && i < design->run_count; i++) {
        if (ehr_sweep_folder_has(folder, &design->runs[i]))
            continue;
        job_write(whole.file, folder, program, scenario, &design->runs[i]);
        ++*count;
    }
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    free(path);
    free(program);
    free(scenario);
    return status;
}
