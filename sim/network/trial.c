#include "sim/network/trial.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/network/memory.h"

enum { TEXT_MAX = 64 * 1024 };

static void child_run(void (*attempt)(void *context), void *context, int error_fd)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    dup2(error_fd, STDERR_FILENO);
    dup2(error_fd, STDOUT_FILENO);
    attempt(context);
    _exit(0);
}

static size_t read_all(int fd, char *text, size_t size)
{
    size_t length = 0;
    for (;;) {
        char waste[512];
        bool room = length + 1 < size;
        ssize_t n =
            room ? read(fd, text + length, size - 1 - length) : read(fd, waste, sizeof waste);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += room ? (size_t)n : 0;
    }
    text[length] = '\0';
    return length;
}

bool ehr_trial_run(void (*attempt)(void *context), void *context, char **text)
{
    int ends[2], status = -1;
    *text = ehr_zeroed(TEXT_MAX, 1);
    fflush(NULL);
    if (pipe(ends) != 0) {
        snprintf(*text, TEXT_MAX, "pipe: %s", strerror(errno));
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_run(attempt, context, ends[1]);
    }
    if (child < 0)
        dprintf(ends[1], "fork: %s\n", strerror(errno));
    close(ends[1]);
    read_all(ends[0], *text, TEXT_MAX);
    close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The line without SimGrid's prefix, which ends with "[category/LEVEL] ". */
static const char *without_prefix(const char *line)
{
    static const char *const levels[] = {"/CRITICAL] ", "/ERROR] ", "/WARNING] ", "/INFO] "};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const char *at = strstr(line, levels[i]);
        if (at != NULL)
            return at + strlen(levels[i]);
    }
    return line;
}

const char *ehr_trial_line(const char *line)
{
    static const char *const chatter[] = {"Backtrace", "->",           "Aborted",
                                          "[xbt_cfg",  "Switching to", "Configuration change"};
    line = without_prefix(line);
    const char *word = line;
    while (isspace((unsigned char)*word))
        word++;
    bool nothing = *word == '\0';
    for (size_t i = 0; i < sizeof chatter / sizeof chatter[0]; i++)
        nothing = nothing || strncmp(word, chatter[i], strlen(chatter[i])) == 0;
    return nothing ? NULL : line;
}
