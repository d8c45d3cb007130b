/* GNU parallel, run as a child: it schedules the jobs of a list, shows how far they are and keeps a
 * log of them. https://www.gnu.org/software/parallel/; Debian: package parallel. */
#ifndef EHR_APP_PARALLEL_H
#define EHR_APP_PARALLEL_H

#include <stdint.h>
#include <stdio.h>

#include "include/ehrgrid.h"

/* Whether it is there; else EHR_EXIT_ENVIRONMENT, after a message that names the package. */
enum ehr_exit ehr_parallel_check(const char *verb);

/* Runs the commands of the file `jobs`, one a line, `at_once` at a time (0: one per core), and adds
 * a line to the file `log` for each. Jobs that fail do not stop the others, and are not told here.
 * With `labels`, which has a line for each command, what is done and the time that is left are
 * shown on the terminal, beside the label of the last job that was started.
 * Between ehr_interrupt_open and _close: a signal ends the jobs, and this returns when all have
 * ended. EHR_EXIT_ENVIRONMENT, after a message, if parallel itself failed. */
enum ehr_exit ehr_parallel_run(const char *verb, const char *jobs, const char *log,
                               uint32_t at_once, FILE *labels);

#endif /* EHR_APP_PARALLEL_H */
