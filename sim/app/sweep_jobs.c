#include "sim/app/sweep_jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/shell.h"
#include "sim/app/whole_file.h"

enum { COLUMNS_MAX = 500 }; /* of a terminal: the command after the label is not to be seen */

/* What all commands name. */
struct names {
    char *program; /* this one, whichever it is */
    char *scenario;
};

static char *program_path(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || (size_t)length == sizeof path)
        return NULL;
    return ehr_app_text("%.*s", (int)length, path);
}

static bool has_break(const struct ehr_design *design, const struct names *names)
{
    bool found = strchr(names->program, '\n') != NULL || strchr(names->scenario, '\n') != NULL;
    for (size_t i = 0; i < design->request->set_count; i++)
        found = found || strchr(design->request->sets[i], '\n') != NULL;
    for (size_t i = 0; i < design->request->setting_count; i++)
        found = found || strchr(design->request->settings[i], '\n') != NULL;
    return found;
}

static enum ehr_exit failed(const char *path)
{
    ehr_said_line("ehrgrid sweep: %s: %s", path, strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

/* Close in any case. */
static enum ehr_exit names_open(struct names *names, const struct ehr_design *design)
{
    const char *path = design->request->path;
    *names = (struct names){.program = program_path(), .scenario = realpath(path, NULL)};
    if (names->program == NULL)
        return failed("/proc/self/exe");
    if (names->scenario == NULL)
        return failed(path);
    if (has_break(design, names))
        return ehr_command_usage("sweep", "a line break in a path or in an option");
    return EHR_EXIT_DONE;
}

static void names_close(struct names *names)
{
    free(names->program);
    free(names->scenario);
}

static void begin_write(FILE *out, const struct ehr_design *design, const struct names *names,
                        const char *verb)
{
    fputs("exec", out); /* the signal that ends the job is the program's */
    ehr_shell_word(out, names->program);
    ehr_shell_word(out, verb);
    ehr_shell_word(out, names->scenario);
    for (size_t i = 0; i < design->request->set_count; i++) {
        fputs(" --set", out);
        ehr_shell_word(out, design->request->sets[i]);
    }
    for (size_t i = 0; i < design->request->setting_count; i++)
        ehr_shell_word(out, design->request->settings[i]);
}

static void job_write(FILE *out, const struct ehr_sweep_folder *folder, const struct names *names,
                      const struct ehr_design_run *run)
{
    const struct ehr_design *design = folder->design;
    char *results = ehr_sweep_folder_run(folder, run);
    begin_write(out, design, names, "run");
    for (size_t i = 0; i < design->parameter_count; i++) {
        char *set = ehr_app_text("%s=%s", ehr_design_parameter(design, i),
                                 ehr_design_value(design, run, i));
        fputs(" --set", out);
        ehr_shell_word(out, set);
        free(set);
    }
    fprintf(out, " --seed %" PRIu64 " --replication %" PRIu32 " --quiet --out", run->seed,
            run->replication);
    ehr_shell_word(out, results);
    fputc('\n', out);
    free(results);
}

enum ehr_exit ehr_sweep_jobs_write(const struct ehr_sweep_folder *folder, FILE *out, size_t *count)
{
    const struct ehr_design *design = folder->design;
    struct names names;
    enum ehr_exit status = names_open(&names, design);
    *count = 0;
    for (size_t i = 0; status == EHR_EXIT_DONE && i < design->run_count; i++) {
        if (ehr_sweep_folder_has(folder, &design->runs[i]))
            continue;
        job_write(out, folder, &names, &design->runs[i]);
        ++*count;
    }
    names_close(&names);
    return status;
}

FILE *ehr_sweep_jobs_labels(const struct ehr_sweep_folder *folder)
{
    const struct ehr_design *design = folder->design;
    FILE *labels = tmpfile();
    for (size_t i = 0; labels != NULL && i < design->run_count; i++) {
        const struct ehr_design_run *run = &design->runs[i];
        if (ehr_sweep_folder_has(folder, run))
            continue;
        for (size_t k = 0; k < design->parameter_count; k++)
            fprintf(labels, "%s=%s%s", ehr_design_parameter(design, k),
                    ehr_design_value(design, run, k), k + 1 < design->parameter_count ? " " : ", ");
        fprintf(labels, "replication %u%*s\n", run->replication, COLUMNS_MAX, "");
    }
    if (labels != NULL && fflush(labels) == 0)
        return labels;
    if (labels != NULL)
        fclose(labels);
    return NULL;
}

enum ehr_exit ehr_sweep_jobs_keep(const struct ehr_sweep_folder *folder, size_t *count)
{
    struct ehr_whole_file whole = {0};
    char *path = ehr_app_text("%s/jobs.txt", folder->path);
    *count = 0;
    enum ehr_exit status = ehr_whole_file_open(&whole, "sweep", path);
    if (status == EHR_EXIT_DONE)
        status = ehr_sweep_jobs_write(folder, whole.file, count);
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    free(path);
    return status;
}

enum ehr_exit ehr_sweep_jobs_gather_write(const struct ehr_sweep_folder *folder, FILE *out)
{
    const struct ehr_setup_request *request = folder->design->request;
    struct names names;
    enum ehr_exit status = names_open(&names, folder->design);
    if (status == EHR_EXIT_DONE) {
        begin_write(out, folder->design, &names, "sweep");
        if (request->seed_given)
            fprintf(out, " --seed %" PRIu64, request->seed);
        fputs(" --gather --out", out);
        ehr_shell_word(out, folder->path);
        fputc('\n', out);
    }
    names_close(&names);
    return status;
}
