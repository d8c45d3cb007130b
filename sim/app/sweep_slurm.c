#include "sim/app/sweep_slurm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/app/child.h"
#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/shell.h"
#include "sim/app/sweep_jobs.h"
#include "sim/app/whole_file.h"

enum { TASKS_MAX = 100, JOB_BYTES = 64 };

/* One sweep of one folder. */
struct submission {
    const struct ehr_sweep_slurm *slurm;
    const struct ehr_sweep_folder *folder;
    size_t pack, tasks;
    char job[JOB_BYTES]; /* the array's number, before it is known "JOB" */
};

static struct submission submission_of(const struct ehr_sweep_slurm *slurm,
                                       const struct ehr_sweep_folder *folder, size_t count)
{
    size_t pack = slurm->pack;
    if (pack == 0)
        pack = (count + TASKS_MAX - 1) / TASKS_MAX;
    if (slurm->pack == 0 && pack < slurm->at_once)
        pack = slurm->at_once;
    return (struct submission){.slurm = slurm,
                               .folder = folder,
                               .pack = pack,
                               .tasks = (count + pack - 1) / pack,
                               .job = "JOB"};
}

/* ---- the scripts ---- */

static void folder_enter(FILE *out, const struct submission *submission)
{
    fputs("cd", out);
    ehr_shell_word(out, submission->folder->path);
    fputs(" || exit\n", out);
}

/* Names of log files are relative, so that nothing in the folder's own is to be quoted for Slurm:
 * sbatch is called there. */
static enum ehr_exit array_write(const struct submission *submission, FILE *out)
{
    fprintf(out,
            "#!/bin/sh\n"
            "# A sweep of ehrgrid: each task of the array runs up to %zu lines of jobs.txt.\n"
            "#SBATCH --job-name=%s\n"
            "#SBATCH --array=1-%zu\n"
            "#SBATCH --cpus-per-task=%u\n"
            "#SBATCH --output=slurm/%%A_%%a.log\n",
            submission->pack, submission->folder->design->setup.scenario->name, submission->tasks,
            submission->slurm->at_once);
    folder_enter(out, submission);
    fprintf(out,
            "if ! command -v parallel >/dev/null; then\n"
            "    echo \"GNU parallel is not installed on $(hostname)\" >&2\n"
            "    exit 3\n"
            "fi\n"
            "first=$(((SLURM_ARRAY_TASK_ID - 1) * %zu + 1))\n"
            "export PARALLEL_SHELL=/bin/sh\n"
            "sed -n \"$first,$((first + %zu - 1))p\" jobs.txt |\n"
            "    parallel --plain --will-cite -j \"${SLURM_CPUS_PER_TASK:-1}\" \\\n"
            "        --termseq TERM,10000,KILL,25 \\\n"
            "        --joblog \"+slurm/joblog_${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID.tsv\"\n",
            submission->pack, submission->pack);
    return EHR_EXIT_DONE;
}

static enum ehr_exit gather_write(const struct submission *submission, FILE *out)
{
    fprintf(out,
            "#!/bin/sh\n"
            "# After the array: collects what is there in summary.csv, and lists what failed.\n"
            "#SBATCH --job-name=%s-gather\n"
            "#SBATCH --output=slurm/gather_%%j.log\n",
            submission->folder->design->setup.scenario->name);
    folder_enter(out, submission);
    return ehr_sweep_jobs_gather_write(submission->folder, out);
}

typedef enum ehr_exit script_writer(const struct submission *submission, FILE *out);

static enum ehr_exit script_keep(const struct submission *submission, const char *name,
                                 script_writer *write)
{
    struct ehr_whole_file whole = {0};
    char *path = ehr_app_text("%s/%s", submission->folder->path, name);
    enum ehr_exit status = ehr_whole_file_open(&whole, "sweep", path);
    if (status == EHR_EXIT_DONE)
        status = write(submission, whole.file);
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    free(path);
    return status;
}

/* ---- sbatch ---- */

/* The words of the command that submits one of the two scripts: ended by NULL, and with the caller
 * to free the array and the text `*dependency`, which they hold. */
static const char **command_make(const struct submission *submission, bool gathers,
                                 char **dependency)
{
    const struct ehr_sweep_slurm *slurm = submission->slurm;
    const char **words = ehr_app_zeroed(slurm->option_count + 5, sizeof *words);
    size_t count = 0;
    words[count++] = "sbatch";
    words[count++] = "--parsable";
    for (size_t i = 0; i < slurm->option_count; i++) {
        const char *option = slurm->options[i];
        bool of_array = strncmp(option, "--array", 7) == 0 || strncmp(option, "-a", 2) == 0;
        if (!gathers || !of_array)
            words[count++] = option;
    }
    *dependency = NULL;
    if (gathers)
        words[count++] = *dependency = ehr_app_text("--dependency=afterany:%s", submission->job);
    words[count++] = gathers ? "slurm-gather.sh" : "slurm.sh";
    return words;
}

static void command_print(const struct submission *submission, bool gathers, FILE *out)
{
    char *dependency;
    const char **words = command_make(submission, gathers, &dependency);
    fputs(words[0], out);
    for (size_t i = 1; words[i] != NULL; i++)
        ehr_shell_word(out, words[i]);
    fputc('\n', out);
    free(dependency);
    free(words);
}

/* The number of the job; sbatch says "12", or "12;cluster". */
static enum ehr_exit command_run(const struct submission *submission, bool gathers, char *job)
{
    char *dependency;
    const char **words = command_make(submission, gathers, &dependency);
    int exit = ehr_child_line(words, submission->folder->path, false, job, JOB_BYTES);
    free(dependency);
    free(words);
    job[strspn(job, "0123456789")] = '\0';
    if (exit == 0 && *job != '\0')
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid sweep: sbatch did not take the %s\n",
            gathers ? "job that gathers the results" : "array");
    return EHR_EXIT_ENVIRONMENT;
}

enum ehr_exit ehr_sweep_slurm_check(void)
{
    static const char *const words[] = {"sbatch", "--version", NULL};
    char line[JOB_BYTES];
    if (ehr_child_line(words, NULL, true, line, sizeof line) != EHR_CHILD_NOT_STARTED)
        return EHR_EXIT_DONE;
    fputs("ehrgrid sweep: Slurm's sbatch is not in PATH (Debian: apt install slurm-client); "
          "--dry-run shows the jobs\n",
          stderr);
    return EHR_EXIT_ENVIRONMENT;
}

/* Slurm puts the path before the names of log files, and only then looks for patterns in it. */
enum ehr_exit ehr_sweep_slurm_path_check(const struct ehr_sweep_folder *folder)
{
    if (strpbrk(folder->path, "%\\") == NULL)
        return EHR_EXIT_DONE;
    return ehr_command_usage("sweep", "--out: %s: with --slurm a path without %% and \\",
                             folder->path);
}

/* ---- the jobs of a folder ---- */

static char *jobs_path(const struct ehr_sweep_folder *folder)
{
    return ehr_app_text("%s/slurm/jobs", folder->path);
}

static enum ehr_exit jobs_keep(const struct submission *submission, const char *gather)
{
    struct ehr_whole_file whole = {0};
    char *path = jobs_path(submission->folder);
    enum ehr_exit status = ehr_whole_file_open(&whole, "sweep", path);
    if (status == EHR_EXIT_DONE) {
        fprintf(whole.file, "%s\n%s\n", submission->job, gather);
        status = ehr_whole_file_commit(&whole);
    }
    ehr_whole_file_close(&whole);
    free(path);
    return status;
}

enum ehr_exit ehr_sweep_slurm_idle(const struct ehr_sweep_folder *folder)
{
    char job[JOB_BYTES] = "", line[JOB_BYTES] = "", *path = jobs_path(folder);
    FILE *file = fopen(path, "r");
    if (file != NULL && fgets(job, sizeof job, file) == NULL)
        job[0] = '\0';
    if (file != NULL)
        fclose(file);
    free(path);
    job[strspn(job, "0123456789")] = '\0';
    if (*job == '\0')
        return EHR_EXIT_DONE;
    char *jobs = ehr_app_text("--jobs=%s", job);
    const char *const words[] = {"squeue", "--noheader", "--format=%i", jobs, NULL};
    /* it fails when Slurm has forgotten the job */
    int exit = ehr_child_line(words, NULL, true, line, sizeof line);
    free(jobs);
    if (exit != 0 || line[0] == '\0')
        return EHR_EXIT_DONE;
    return ehr_command_usage("sweep", "--out: %s: Slurm's job %s is not through (scancel %s)",
                             folder->path, job, job);
}

/* ---- all ---- */

enum ehr_exit ehr_sweep_slurm_print(const struct ehr_sweep_slurm *slurm,
                                    const struct ehr_sweep_folder *folder, size_t count, FILE *out)
{
    const struct submission submission = submission_of(slurm, folder, count);
    fputs("# slurm.sh\n", out);
    enum ehr_exit status = array_write(&submission, out);
    fputs("\n# slurm-gather.sh\n", out);
    if (status == EHR_EXIT_DONE)
        status = gather_write(&submission, out);
    fputs("\n# how they are submitted\n", out);
    folder_enter(out, &submission);
    command_print(&submission, false, out);
    command_print(&submission, true, out);
    return status;
}

enum ehr_exit ehr_sweep_slurm_submit(const struct ehr_sweep_slurm *slurm,
                                     const struct ehr_sweep_folder *folder, size_t count)
{
    struct submission submission = submission_of(slurm, folder, count);
    char gather[JOB_BYTES] = "";
    char *logs = ehr_app_text("%s/slurm", folder->path);
    enum ehr_exit status = EHR_EXIT_DONE;
    if (mkdir(logs, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "ehrgrid sweep: %s: %s\n", logs, strerror(errno));
        status = EHR_EXIT_ENVIRONMENT;
    }
    free(logs);
    if (status == EHR_EXIT_DONE)
        status = script_keep(&submission, "slurm.sh", array_write);
    if (status == EHR_EXIT_DONE)
        status = script_keep(&submission, "slurm-gather.sh", gather_write);
    if (status == EHR_EXIT_DONE)
        status = command_run(&submission, false, submission.job);
    if (status != EHR_EXIT_DONE)
        return status;
    status = command_run(&submission, true, gather);
    enum ehr_exit kept = jobs_keep(&submission, gather);
    if (status != EHR_EXIT_DONE)
        fprintf(stderr, "ehrgrid sweep: job %s is submitted; when it is through, use --gather\n",
                submission.job);
    else if (!slurm->quiet)
        printf("job %s: %zu task%s of up to %zu run%s; job %s then writes %s/summary.csv\n",
               submission.job, submission.tasks, submission.tasks == 1 ? "" : "s", submission.pack,
               submission.pack == 1 ? "" : "s", gather, folder->path);
    return status == EHR_EXIT_DONE ? kept : status;
}
