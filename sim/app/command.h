/* The verbs of the command: one function each, argv[0] being the verb. They return exit statuses.
 * docs/command.md is the page for people. */
#ifndef EHR_APP_COMMAND_H
#define EHR_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "include/ehrgrid.h"
#include "sim/app/options.h"

enum ehr_exit ehr_command_run(int argc, char **argv);
enum ehr_exit ehr_command_validate(int argc, char **argv);
enum ehr_exit ehr_command_expand(int argc, char **argv);
enum ehr_exit ehr_command_sweep(int argc, char **argv);
enum ehr_exit ehr_command_aggregate(int argc, char **argv);
enum ehr_exit ehr_command_plot(int argc, char **argv);
enum ehr_exit ehr_command_report(int argc, char **argv);
enum ehr_exit ehr_command_calibrate(int argc, char **argv);
enum ehr_exit ehr_command_import(int argc, char **argv);
enum ehr_exit ehr_command_regions(int argc, char **argv);
enum ehr_exit ehr_command_generate(int argc, char **argv);

/* Prints `ehrgrid VERB: message` and how to get help; EHR_EXIT_INPUT. */
enum ehr_exit ehr_command_usage(const char *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The usages of the verbs (options.h). */
extern const struct ehr_usage ehr_command_run_usage, ehr_command_validate_usage,
    ehr_command_expand_usage, ehr_command_sweep_usage, ehr_command_aggregate_usage,
    ehr_command_plot_usage, ehr_command_report_usage, ehr_command_calibrate_usage;

/* The versions of ehrgrid and SimGrid. */
void ehr_command_version(FILE *out);

/* Decimal digits only, up to 2^64 - 1. */
bool ehr_command_number(const char *text, uint64_t *number);

/* Flushes stdout; EHR_EXIT_ENVIRONMENT with a message if anything was lost, else `status`. */
enum ehr_exit ehr_command_stdout_close(enum ehr_exit status);

#endif /* EHR_APP_COMMAND_H */
