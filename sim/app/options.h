/* The command line of a verb, as one table: what getopt_long(3) reads, what --help prints, and, by
 * way of the help, what completions/ehrgrid offers and what the test of the manual page compares.
 *
 * To add an option: a row in the verb's table, a case in its `take`, and a line in docs/command.md
 * and docs/man/ehrgrid.1. Every verb has --help (-h) and --version without a row of their own.
 * Conventions: https://www.gnu.org/prep/standards/html_node/Command_002dLine-Interfaces.html */
#ifndef EHR_APP_OPTIONS_H
#define EHR_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "include/ehrgrid.h"

enum { EHR_OPTION_OPERAND = 0 }; /* the id of a word that is no option */

struct ehr_option {
    int id;           /* what `take` gets; from 1 */
    char letter;      /* 'j' for -j; 0: none */
    const char *name; /* "jobs", without its dashes; NULL: `help` is a heading */
    /* "N": how help calls the value. "svg|png|pdf": one of these words, "svg|png|pdf,...": some,
     * between commas; both are checked here. "[N]": it may be left out, --name[=N]. NULL: no value.
     */
    const char *argument;
    const char *help; /* one text, which help breaks into lines */
};

struct ehr_usage {
    const char *verb;                 /* "run", "platform import"; "": the command itself */
    const char *synopsis;             /* behind the verb: "SCENARIO [options]" */
    const char *about;                /* whole sentences; help breaks them into lines */
    const struct ehr_option *options; /* up to a row of zeros */
    const char *operand; /* "SCENARIO": how messages call a word that is no option; NULL: none */
    int operands_least, operands_most;
    const char *examples;    /* lines, each with its line break; NULL: none */
    void (*help)(FILE *out); /* prints it; NULL: ehr_options_help makes it of the above */
    /* EHR_EXIT_DONE, or what ends the verb, after a message (ehr_options_wrong). `value` is NULL
     * where there is none; it lives as long as argv. Operands come last, in their order. */
    enum ehr_exit (*take)(void *context, int id, const char *value);
};

/* Reads argv, whose first word is the verb. False: the verb ends with *status, as help was printed
 * (EHR_EXIT_DONE) or what is wrong was said on stderr (EHR_EXIT_INPUT, or what `take` returned).
 * argv is permuted: operands last. */
bool ehr_options_read(const struct ehr_usage *usage, void *context, int argc, char **argv,
                      enum ehr_exit *status);

/* The same up to the first word that is no option, which is a verb: its place in argv. 0: the
 * command ends with *status. The usage has no options of its own. */
int ehr_options_verb(const struct ehr_usage *usage, int argc, char **argv, enum ehr_exit *status);

/* Prints `ehrgrid VERB: message` and how to get help; EHR_EXIT_INPUT. */
enum ehr_exit ehr_options_wrong(const struct ehr_usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal digits only, from `least` to `most`; else the message of `--name`, and EHR_EXIT_INPUT. */
enum ehr_exit ehr_options_number(const struct ehr_usage *usage, const char *name, const char *text,
                                 uint64_t least, uint64_t most, uint64_t *number);

/* Usage, what it does, options and examples, in lines of at most 80 columns where words permit. */
void ehr_options_help(const struct ehr_usage *usage, FILE *out);

/* Which of the names, ended by NULL, `text` may have been meant to be; NULL: none is near. */
const char *ehr_options_nearest(const char *text, const char *const *names);

#endif /* EHR_APP_OPTIONS_H */
