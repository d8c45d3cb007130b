/* Words for a POSIX shell: what it is to read back as it stands. */
#ifndef EHR_APP_SHELL_H
#define EHR_APP_SHELL_H

#include <stdio.h>

/* A blank and the text, in quotes where it holds more than letters, digits and _ . / = : @ % + , -
 * Line breaks stay as they are. */
void ehr_shell_word(FILE *out, const char *text);

/* Prints what may be done next with a folder: `next: ehrgrid VERB FOLDER`, and another verb unless
 * `other` is NULL. */
void ehr_shell_next(const char *verb, const char *other, const char *folder);

#endif /* EHR_APP_SHELL_H */
