/* Programs that are run as children. */
#ifndef EHR_APP_CHILD_H
#define EHR_APP_CHILD_H

#include <stdbool.h>

enum { EHR_CHILD_NOT_STARTED = 127, EHR_CHILD_FAILED = 255 }; /* exit statuses */

/* In a child: becomes the program words[0], found in PATH, with nothing to read. */
_Noreturn void ehr_child_become(char *const *words);

/* Runs a program to its end in `folder` (NULL: here), and keeps the first line of what it prints,
 * without its line break, "" if there is none. What it says on stderr is dropped if it is to be
 * `mute`. Its exit status, EHR_CHILD_FAILED if a signal ended it. */
int ehr_child_line(const char *const *words, const char *folder, bool mute, char *line, int bytes);

#endif /* EHR_APP_CHILD_H */
