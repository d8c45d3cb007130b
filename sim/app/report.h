/* What a finished run leaves: the description for its files, the table and the JSON that the
 * command prints. The files themselves are written by sim/measure. */
#ifndef EHR_APP_REPORT_H
#define EHR_APP_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/app/setup.h"
#include "sim/app/world.h"
#include "sim/measure/measure.h"

enum { EHR_RUN_ID_BYTES = 17 }; /* 16 hexadecimal digits and NUL */

/* run_id = H(scenario file, overrides, seed, replication), the first 64 bits; a folder of records
 * given on the command line counts as an override. */
void ehr_run_id(char id[EHR_RUN_ID_BYTES], const struct ehr_setup *setup,
                const struct ehr_setup_request *request, uint32_t replication);

struct ehr_report;

/* Collects the description; reads the input files again for their hashes. `command` has
 * `command_count` words; all borrowed. */
struct ehr_report *ehr_report_new(const struct ehr_setup *setup,
                                  const struct ehr_setup_request *request, uint32_t replication,
                                  const char *const *command, size_t command_count);
void ehr_report_free(struct ehr_report *report);
/* As far as it is known: whole after ehr_report_finish. */
const struct ehr_measure_meta *ehr_report_meta(const struct ehr_report *report);
const char *ehr_report_run_id(const struct ehr_report *report);
/* "real", "modelled". Static. */
const char *ehr_report_crypto(const struct ehr_report *report);
/* What a reader of the results has to be told first; NULL: nothing. Static. */
const char *ehr_report_warning(const struct ehr_report *report);

/* Adds what is known once the world has run. The description borrows from report and world. */
const struct ehr_measure_meta *ehr_report_finish(struct ehr_report *report, struct ehr_world *world,
                                                 double wall_s);

/* Prints "WHO: error" on stderr; the exit status of results that could not be read or written. */
enum ehr_exit ehr_report_failed(const char *who, enum ehr_measure_status status,
                                const struct ehr_measure_error *error);
/* Seconds of the machine's clock since some instant: differences are the wall_s of a run. */
double ehr_report_clock_s(void);

/* After ehr_measure_write: a table of flows for people; the summary as JSON on
 * stdout (said.h). */
void ehr_report_table(const struct ehr_report *report, struct ehr_world *world, FILE *out);
void ehr_report_json(const struct ehr_report *report, struct ehr_world *world, const char *folder);

#endif /* EHR_APP_REPORT_H */
