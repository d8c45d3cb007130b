#include "sim/app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/app/memory.h"

static void descriptor_open(const char *path, int flags, int number)
{
    int opened = open(path, flags);
    if (opened >= 0 && opened != number) {
        dup2(opened, number);
        close(opened);
    }
}

_Noreturn void ehr_child_become(char *const *words)
{
    descriptor_open("/dev/null", O_RDONLY, STDIN_FILENO);
    execvp(words[0], words);
    _exit(EHR_CHILD_NOT_STARTED);
}

/* execvp asks for texts that may be written to. */
static char **words_copy(const char *const *words)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    char **copies = ehr_app_zeroed(count + 1, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = ehr_app_text("%s", words[i]);
    return copies;
}

static void words_free(char **words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        free(words[i]);
    free(words);
}

static void line_read(int from, char *line, int bytes)
{
    FILE *out = fdopen(from, "r");
    if (out == NULL) {
        close(from);
        return;
    }
    if (fgets(line, bytes, out) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    while (fgetc(out) != EOF) /* so that it need not die of a broken pipe */
        continue;
    fclose(out);
}

int ehr_child_line(const char *const *words, const char *folder, bool mute, char *line, int bytes)
{
    int ends[2], status = 0;
    line[0] = '\0';
    if (pipe(ends) != 0)
        return EHR_CHILD_FAILED;
    char **copies = words_copy(words);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (mute)
            descriptor_open("/dev/null", O_WRONLY, STDERR_FILENO);
        if (folder != NULL && chdir(folder) != 0)
            _exit(EHR_CHILD_FAILED);
        ehr_child_become(copies);
    }
    close(ends[1]);
    line_read(ends[0], line, bytes);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    words_free(copies);
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EHR_CHILD_FAILED;
}
