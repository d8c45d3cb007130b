/* A file that appears under its name when it is whole: written beside it under a temporary one,
 * then renamed; one that exists is replaced. Messages go to stderr. */
#ifndef EHR_APP_WHOLE_FILE_H
#define EHR_APP_WHOLE_FILE_H

#include <stdio.h>

#include "include/ehrgrid.h"

struct ehr_whole_file {
    const char *verb; /* for messages */
    const char *path; /* borrowed */
    char *temporary;
    FILE *file; /* NULL when it is closed */
};

/* EHR_EXIT_INPUT: there is something that is no file; EHR_EXIT_ENVIRONMENT: it cannot be made.
 * `verb` and `path` are borrowed until it is closed. */
enum ehr_exit ehr_whole_file_open(struct ehr_whole_file *whole, const char *verb, const char *path);

/* Gives the file its name; EHR_EXIT_ENVIRONMENT if anything since it was opened failed: then
 * nothing is left of it. */
enum ehr_exit ehr_whole_file_commit(struct ehr_whole_file *whole);

/* Removes what was not committed. After any end of open. */
void ehr_whole_file_close(struct ehr_whole_file *whole);

#endif /* EHR_APP_WHOLE_FILE_H */
