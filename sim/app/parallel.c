#include "sim/app/parallel.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/app/child.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"

enum ehr_exit ehr_parallel_check(const char *verb)
{
    static const char *const words[] = {"parallel", "--version", NULL};
    char first[64];
    (void)ehr_child_line(words, NULL, true, first, sizeof first);
    /* moreutils has a program of this name, too */
    if (strncmp(first, "GNU parallel", strlen("GNU parallel")) == 0)
        return EHR_EXIT_DONE;
    ehr_said_line("ehrgrid %s: GNU parallel is not installed (Debian: apt install parallel)", verb);
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
            return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : EHR_CHILD_FAILED;
        if (ehr_interrupt_signal() != 0 && !passed_on) {
            kill(child, SIGTERM);
            passed_on = true;
        }
        nanosleep(&while_, NULL);
    }
}

enum { WORDS_MAX = 16 };

/* Adds where the commands come from. The bar shows what a job is made of: its label, then its
 * command, of which alone it consists (uq: as it is, without quotes). */
static void labelled_words(const char **words, const char *jobs, const char *labels)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    if (labels == NULL) {
        words[count++] = "-a";
        words[count++] = jobs;
        return;
    }
    const char *const more[] = {"--bar", "--link", "-a", labels, "-a", jobs, "{=2 uq() =}"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        words[count++] = more[i];
    assert(count < WORDS_MAX);
}

enum ehr_exit ehr_parallel_run(const char *verb, const char *jobs, const char *log,
                               uint32_t at_once, FILE *labels)
{
    char *number = at_once > 0 ? ehr_app_text("-j%u", at_once) : ehr_app_text("-j100%%");
    char *appended = ehr_app_text("+%s", log);
    /* --plain: no options of the user's that change what is meant. --will-cite: the notice is in
     * the manual. A run that is told to end takes its time to remove what it wrote. */
    const char *words[WORDS_MAX] = {"parallel", "--plain",   "--will-cite",
                                    number,     "--termseq", "TERM,10000,KILL,25",
                                    "--joblog", appended};
    char *shown = labels != NULL ? ehr_app_text("/dev/fd/%d", fileno(labels)) : NULL;
    labelled_words(words, jobs, shown);
    char *copies[WORDS_MAX] = {NULL};
    for (size_t i = 0; words[i] != NULL; i++)
        copies[i] = ehr_app_text("%s", words[i]);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        setenv("PARALLEL_SHELL", "/bin/sh", 1); /* jobs are quoted for it */
        ehr_child_become(copies);
    }
    int status = child > 0 ? child_wait(child) : EHR_CHILD_FAILED;
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        free(copies[i]);
    free(shown);
    free(appended);
    free(number);
    if ((status != EHR_CHILD_FAILED && status != EHR_CHILD_NOT_STARTED) ||
        ehr_interrupt_signal() != 0)
        return EHR_EXIT_DONE;
    ehr_said_line("ehrgrid %s: GNU parallel failed", verb);
    return EHR_EXIT_ENVIRONMENT;
}
