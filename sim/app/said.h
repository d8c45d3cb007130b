/* What a verb says is wrong: lines on stderr, and, if --json was given, also kept for an object on
 * stdout. One verb at a time; the messages of a run are not among them, nor is progress.
 *
 * Every object of --json has `ok`, `status` (the exit status) and `problems`: docs/command.md. */
#ifndef EHR_APP_SAID_H
#define EHR_APP_SAID_H

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "include/ehrgrid.h"
#include "sim/scenario/problem.h"

/* Forgets what was said; `json`: whether it is kept from now on. */
void ehr_said_open(bool json);

/* Prints text and a line break. */
void ehr_said_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same of what is not wrong, but to be known: a warning. */
void ehr_said_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `ehrgrid VERB: message`, and on stderr how to get help; EHR_EXIT_INPUT. */
enum ehr_exit ehr_said_usage(const char *verb, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Lines that are ended, or nothing. */
void ehr_said_lines(const char *text);

/* One line each; on a terminal the word of a warning has a colour. */
void ehr_said_problems(const struct ehr_problem_list *list);

/* An object to add to, with `ok` and `status`; it goes to ehr_said_print. */
cJSON *ehr_said_object(enum ehr_exit status);

/* A number that a double may not hold. */
void ehr_said_count(cJSON *object, const char *name, uint64_t count);

/* Adds `problems`, prints the object on stdout and deletes it. */
void ehr_said_print(cJSON *take_root);

/* At the end of the verb: if JSON was asked for and no object was printed, one without more. */
void ehr_said_close(enum ehr_exit status);

#endif /* EHR_APP_SAID_H */
