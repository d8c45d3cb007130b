#include "sim/app/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"

static enum ehr_exit failed(const struct ehr_whole_file *whole, const char *name)
{
    ehr_said_line("ehrgrid %s: %s: %s", whole->verb, name, strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

enum ehr_exit ehr_whole_file_open(struct ehr_whole_file *whole, const char *verb, const char *path)
{
    struct stat there;
    *whole = (struct ehr_whole_file){.verb = verb, .path = path};
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return ehr_command_usage(verb, "--out: %s: there is something that is no file", path);
    whole->temporary = ehr_app_text("%s.%ld.tmp", path, (long)getpid());
    whole->file = fopen(whole->temporary, "wx");
    return whole->file != NULL ? EHR_EXIT_DONE : failed(whole, whole->temporary);
}

enum ehr_exit ehr_whole_file_commit(struct ehr_whole_file *whole)
{
    FILE *file = whole->file;
    if (ferror(file) != 0 || fflush(file) != 0 || fsync(fileno(file)) != 0)
        return failed(whole, whole->temporary); /* close removes it */
    whole->file = NULL;
    if (fclose(file) == 0 && rename(whole->temporary, whole->path) == 0)
        return EHR_EXIT_DONE;
    enum ehr_exit status = failed(whole, whole->path);
    unlink(whole->temporary);
    return status;
}

void ehr_whole_file_close(struct ehr_whole_file *whole)
{
    if (whole->file != NULL) {
        fclose(whole->file);
        unlink(whole->temporary);
    }
    free(whole->temporary);
    *whole = (struct ehr_whole_file){0};
}
