#include "sim/figures/gnuplot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/measure/error.h"

#define ARGUMENTS_MAX 9u
#define LOG_NAME      "gnuplot.log"

/* In the child: becomes gnuplot, or writes errno to the pipe. */
static _Noreturn void become_gnuplot(const char *folder, char *const *words, int report)
{
    bool ready = chdir(folder) == 0;
    int input = ready ? open("/dev/null", O_RDONLY) : -1;
    int log = input < 0 ? -1 : open(LOG_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ready = log >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
            dup2(log, STDERR_FILENO) >= 0 && setenv("LC_ALL", "C", 1) == 0 &&
            setenv("TZ", "UTC", 1) == 0 && setenv("SOURCE_DATE_EPOCH", "0", 1) == 0;
    if (ready)
        execvp(words[0], words);
    int reason = errno;
    ssize_t written = write(report, &reason, sizeof(reason));
    (void)written; /* nobody is left to tell */
    _exit(127);
}

/* Waits for the child; its wait status, or -1. */
static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}

/* The line of the log that says what is wrong: `"phases.gp" line 7: undefined variable`. Without
 * one, the last line that is not empty. */
static void find_complaint(const char *folder, char *line, size_t size)
{
    char path[4096], read_line[512];
    snprintf(line, size, "no message");
    snprintf(path, sizeof(path), "%s/" LOG_NAME, folder);
    FILE *log = fopen(path, "r");
    if (log == NULL)
        return;
    bool found = false;
    while (!found && fgets(read_line, sizeof(read_line), log) != NULL) {
        read_line[strcspn(read_line, "\n")] = '\0';
        found = strstr(read_line, "\" line ") != NULL && strstr(read_line, "warning") == NULL;
        if (read_line[strspn(read_line, " \t^")] != '\0')
            snprintf(line, size, "%s", read_line);
    }
    fclose(log);
}

static enum ehr_measure_status start_failure(int reason, struct ehr_measure_error *error)
{
    if (reason == ENOENT)
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT,
                                "gnuplot is not installed; it is in the package gnuplot-nox "
                                "(Debian, Ubuntu) or gnuplot");
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "cannot start gnuplot: %s",
                            strerror(reason));
}

static enum ehr_measure_status run(const char *folder, char *const *words, int report[2],
                                   struct ehr_measure_error *error)
{
    pid_t child = fork();
    if (child == 0)
        become_gnuplot(folder, words, report[1]);
    close(report[1]);
    report[1] = -1;
    if (child < 0)
        return start_failure(errno, error);
    /* The pipe closes on a successful exec, and carries errno on a failed one. */
    int reason = 0;
    ssize_t received;
    do {
        received = read(report[0], &reason, sizeof(reason));
    } while (received < 0 && errno == EINTR);
    int status = wait_for(child);
    if (received == (ssize_t)sizeof(reason))
        return start_failure(reason, error);
    if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return EHR_MEASURE_DONE;
    char line[512];
    find_complaint(folder, line, sizeof(line));
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "gnuplot failed: %s", line);
}

enum ehr_measure_status ehr_gnuplot_run(const char *folder, const char *script,
                                        const char *const *arguments,
                                        struct ehr_measure_error *error)
{
    /* execvp takes char *const *, but does not write to the words. */
    union {
        const char *borrowed[ARGUMENTS_MAX + 5];
        char *words[ARGUMENTS_MAX + 5];
    } command = {.borrowed = {"gnuplot", "-d", "-c", script}};
    for (size_t i = 0; arguments[i] != NULL; i++) {
        assert(i < ARGUMENTS_MAX);
        command.borrowed[4 + i] = arguments[i];
    }
    int report[2];
    if (pipe(report) != 0)
        return start_failure(errno, error);
    enum ehr_measure_status status;
    if (fcntl(report[1], F_SETFD, FD_CLOEXEC) != 0)
        status = start_failure(errno, error);
    else
        status = run(folder, command.words, report, error);
    close(report[0]);
    if (report[1] >= 0)
        close(report[1]);
    return status;
}
