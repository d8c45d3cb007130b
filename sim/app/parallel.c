#include "sim/app/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/app/interrupt.h"
#include "sim/app/memory.h"

enum { NOT_STARTED = 127, FAILED = 255 }; /* exit statuses; below 102 they count failed jobs */

static void descriptor_open(const char *path, int flags, int number)
{
    int opened = open(path, flags);
    if (opened >= 0 && opened != number) {
        dup2(opened, number);
        close(opened);
    }
}

/* In the child. */
static _Noreturn void program_start(char *const *words)
{
    descriptor_open("/dev/null", O_RDONLY, STDIN_FILENO);
    setenv("PARALLEL_SHELL", "/bin/sh", 1); /* jobs are quoted for it */
    execvp(words[0], words);
    _exit(NOT_STARTED);
}

/* The first line of `parallel --version`, "" if there is no such program. */
static void version_read(char *line, int bytes)
{
    static char program[] = "parallel", option[] = "--version";
    static char *const words[] = {program, option, NULL};
    int ends[2];
    line[0] = '\0';
    if (pipe(ends) != 0)
        return;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        program_start(words);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    if (out == NULL) {
        close(ends[0]);
    } else {
        if (fgets(line, bytes, out) == NULL)
            line[0] = '\0';
        while (fgetc(out) != EOF) /* so that it need not die of a broken pipe */
            continue;
        fclose(out);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

enum ehr_exit ehr_parallel_check(const char *verb)
{
    char first[64];
    version_read(first, sizeof first);
    /* moreutils has a program of this name, too */
    if (strncmp(first, "GNU parallel", strlen("GNU parallel")) == 0)
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid %s: GNU parallel is not installed (Debian: apt install parallel)\n",
            verb);
    return EHR_EXIT_ENVIRONMENT;
}

/* Waits for the child; passes on, once, that we are to end. Polls, as a signal could come just
 * before a call that waits. */
static int child_wait(pid_t child)
{
    static const struct timespec while_ = {.tv_nsec = 20000000};
    bool passed_on = false;
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
        if (ehr_interrupt_signal() != 0 && !passed_on) {
            kill(child, SIGTERM);
            passed_on = true;
        }
        nanosleep(&while_, NULL);
    }
}

enum ehr_exit ehr_parallel_run(const char *verb, const char *jobs, const char *log,
                               uint32_t at_once, bool progress)
{
    char *number = at_once > 0 ? ehr_app_text("-j%u", at_once) : ehr_app_text("-j100%%");
    char *appended = ehr_app_text("+%s", log);
    /* --plain: no options of the user's that change what is meant. --will-cite: the notice is in
     * the manual. A run that is told to end takes its time to remove what it wrote. */
    const char *const words[] = {"parallel",
                                 "--plain",
                                 "--will-cite",
                                 number,
                                 "--termseq",
                                 "TERM,10000,KILL,25",
                                 "--joblog",
                                 appended,
                                 "-a",
                                 jobs,
                                 progress ? "--bar" : NULL,
                                 NULL};
    char *copies[sizeof words / sizeof *words] = {NULL};
    for (size_t i = 0; words[i] != NULL; i++)
        copies[i] = ehr_app_text("%s", words[i]);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        program_start(copies);
    int status = child > 0 ? child_wait(child) : FAILED;
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        free(copies[i]);
    free(appended);
    free(number);
    if ((status != FAILED && status != NOT_STARTED) || ehr_interrupt_signal() != 0)
        return EHR_EXIT_DONE;
    fprintf(stderr, "ehrgrid %s: GNU parallel failed\n", verb);
    return EHR_EXIT_ENVIRONMENT;
}
